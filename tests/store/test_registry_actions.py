"""Each action of the registry: what it moves, what it leaves, and what becomes of it when another is undone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from monitor.errors import RegistryError
from monitor.model.provider import Contact
from monitor.model.words import Capacity, TableKind
from monitor.store import Store, add_reference_table, ensure_providers, list_audit, load_registry
from monitor.store.registry_changes import (
    assign,
    changes,
    distinct,
    merge,
    natural_persons,
    override,
    set_traits_of,
    split,
    undo,
    void_changes,
)
from monitor.store.registry_log import SeenOrganisation, add_first_sight
from tests.engines import Engine

TODAY = date(2026, 6, 1)
WHO = {"by": "clerk", "why": "says the trade register"}
BETA, PERSON = "org-ripencc-beta", "org-ripencc-person"
MARK = "zq7xk9mw"


@pytest.fixture
def four(store: Store) -> Store:
    """AS64500 to AS64503 named Alpha to Delta, one organisation, and one that is a natural person."""
    ensure_providers(store, range(64500, 64504))
    names = [(64500, "Alpha", None), (64501, "Beta", None), (64502, "Gamma", None), (64503, "Delta", None)]
    day = date(2026, 1, 1)
    add_reference_table(
        store, TableKind.AS_NAMES, as_of=day, made_on=day, sha256="aa", rows=4, content=b"", names=names
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with store.write() as connection:
        seen = (
            SeenOrganisation(BETA, "ripencc", "ORG-BETA", "Beta GmbH", None, at),
            SeenOrganisation(PERSON, "ripencc", None, None, True, at),
        )
        add_first_sight(connection, (), seen)
    return store


def test_an_organisation_is_a_provider_at_first_sight(four: Store) -> None:
    """Under its own id and name; a natural person is never named."""
    registry = load_registry(four, TODAY)
    assert registry.by_organisation == {BETA: BETA, PERSON: PERSON}
    assert registry.find("beta gmbh") == registry.find(BETA.upper()) == BETA
    assert registry.providers[BETA].organisations == (BETA,)
    assert (registry.providers[PERSON].name, registry.providers[PERSON].natural_person) == ("natural person", True)


def test_a_merge_carries_organisations_and_claims(four: Store) -> None:
    """What was assigned to the merged one is the other's; the undoing gives it back."""
    assign(four, BETA, {"network": "192.0.2.0/24"}, **WHO)
    change = merge(four, BETA, "as64501", **WHO)
    merged = load_registry(four, TODAY)
    assert merged.by_organisation[BETA] == merged.find("Beta GmbH") == "as64501"
    assert merged.providers["as64501"].organisations == (BETA,)
    assert merged.providers["as64501"].aliases == ("Beta GmbH",)
    assert [claim.provider_id for claim in merged.dated] == ["as64501"]
    undo(four, change, **WHO)
    assert [claim.provider_id for claim in load_registry(four, TODAY).dated] == [BETA]


def test_an_as_number_without_days_is_its_new_holders_altogether(four: Store) -> None:
    """by_asn, the list of numbers and the names follow; the old id stays, without the number."""
    assign(four, "as64500", {"asn": "AS64501"}, **WHO)
    registry = load_registry(four, TODAY)
    assert registry.by_asn[64501] == registry.find("64501") == "as64500"
    assert registry.providers["as64500"].asns == (64500, 64501)
    assert registry.providers["as64501"].asns == ()
    assert registry.find("Beta") is None
    assert registry.is_named("Beta", "as64500") and registry.is_named("Beta", "as64501")


def test_dated_claims_do_not_touch_what_holds_without_a_day(four: Store) -> None:
    """They stand in `dated`, in the order in which they were made, with their days."""
    assign(four, "as64500", {"asn": ["64501"], "valid_from": "2026-02-01", "until": "2026-03-01"}, **WHO)
    assign(four, "as64502", {"organisation": [BETA], "valid_from": "2026-02-15"}, **WHO)
    registry = load_registry(four, TODAY)
    assert (registry.by_asn[64501], registry.by_organisation[BETA]) == ("as64501", BETA)
    first, second = registry.dated
    assert (first.asn, first.valid_from, first.until) == (64501, date(2026, 2, 1), date(2026, 3, 1))
    assert (second.organisation, second.provider_id, second.until) == (BETA, "as64502", None)
    assert registry.providers["as64502"].claims == (second,)


def test_an_as_number_that_is_assigned_counts_as_seen(four: Store) -> None:
    """An unknown number gets its id, so that another store replays the same."""
    assign(four, "as64500", {"asn": "64510"}, **WHO)
    registry = load_registry(four, TODAY)
    assert registry.by_asn[64510] == "as64500"
    assert registry.providers["as64510"].asns == ()


def test_a_split_gives_an_as_number_its_own_id_back(four: Store) -> None:
    """Only what is named goes: whoever was merged into that id stays."""
    merge(four, "as64502", "as64501", **WHO)
    merge(four, "as64501", "as64500", **WHO)
    assign(four, "as64500", {"asn": "64503"}, **WHO)
    split(four, "as64500", {"asn": ["64501", "64503"]}, **WHO)
    registry = load_registry(four, TODAY)
    assert registry.by_asn == {64500: "as64500", 64501: "as64501", 64502: "as64500", 64503: "as64503"}


def test_a_split_from_a_day_on_leaves_the_days_before(four: Store) -> None:
    """Without a day the number is still the old Provider's; the claim is the own id's."""
    merge(four, "as64501", "as64500", **WHO)
    change = split(four, "as64500", {"asn": "64501", "valid_from": "2026-03-01"}, **WHO)
    registry = load_registry(four, TODAY)
    assert registry.by_asn[64501] == "as64500"
    assert [(claim.provider_id, claim.asn, claim.change_id) for claim in registry.dated] == [("as64501", 64501, change)]
    undo(four, change, **WHO)
    assert load_registry(four, TODAY).dated == ()


def test_networks_and_named_parts_get_a_new_id_each_time(four: Store) -> None:
    """-2, then -3; an id is never given twice, also after the split was undone; of an organisation with two dashes."""
    first = split(four, "as64500", {"network": ["192.0.2.0/24"], "name": "Alpha Cloud"}, **WHO)
    registry = load_registry(four, TODAY)
    assert registry.providers["as64500-2"].name == "Alpha Cloud"
    assert registry.dated[0].network == "192.0.2.0/24"
    undo(four, first, **WHO)
    assert "as64500-2" not in load_registry(four, TODAY).providers
    split(four, "as64500", {"asn": ["64500"], "name": "Alpha Lines"}, **WHO)
    split(four, BETA, {"network": ["2001:db8::/32"]}, **WHO)
    registry = load_registry(four, TODAY)
    assert registry.by_asn[64500] == "as64500-3"
    assert registry.providers[f"{BETA}--2"].name == f"{BETA}--2".upper()


def test_what_needs_an_undone_change_is_without_effect_until_it_is_made_again(four: Store) -> None:
    """It stays on the log, changes nothing, and is said with its reason."""
    made = split(four, "as64500", {"network": ["192.0.2.0/24"], "name": "Alpha Cloud"}, **WHO)
    renamed = set_traits_of(four, "as64500-2", {"name": "Cloud"}, **WHO)
    before = load_registry(four, TODAY)
    assert before.providers["as64500-2"].name == "Cloud"
    undo(four, made, **WHO)
    assert list(void_changes(four)) == [renamed]
    assert "as64500-2" not in load_registry(four, TODAY).providers
    assert len(changes(four)) == 3


def test_an_undoing_that_would_close_a_circle_leaves_the_later_merge_without_effect(four: Store) -> None:
    """A into B, A split off, B into A: with the split undone, only the first merge stands."""
    merge(four, "as64501", "as64500", **WHO)
    cut = split(four, "as64500", {"asn": "64501"}, **WHO)
    back = merge(four, "as64500", "as64501", **WHO)
    assert load_registry(four, TODAY).by_asn[64500] == "as64501"
    undo(four, cut, **WHO)
    assert list(void_changes(four)) == [back]
    assert load_registry(four, TODAY).by_asn[64501] == "as64500"


def test_the_latest_set_wins_and_lists_add_up(four: Store) -> None:
    """Legal identity, group, aliases, capacities and contacts; the country comes with its source."""
    given = {"name": "Alpha B.V.", "alias": ["Alfa", "Al"], "country": "nl", "country_source": "trade register"}
    given |= {"contact": ["abuse=desk@alpha.example"], "contact_source": "RDAP", "capacity": "hosting"}
    set_traits_of(four, "as64500", given, **WHO)
    later = {"name": "Alpha N.V.", "remove_alias": "Al", "alias": "Alpha Group", "capacity": "access", "group": "G"}
    later |= {"contact": "legal=law@alpha.example", "contact_source": "letter", "postal_address": "Street 1\nTown"}
    set_traits_of(four, "as64500", later, **WHO)
    registry = load_registry(four, TODAY)
    found = registry.providers["as64500"]
    assert (found.name, found.group, found.country) == ("Alpha N.V.", "G", "NL")
    assert found.aliases == ("Alfa", "Alpha", "Alpha B.V.", "Alpha Group")
    assert found.identity.country_source == "trade register"
    assert found.identity.postal_address == "Street 1\nTown"
    assert found.identity.capacities == (Capacity.HOSTING, Capacity.ACCESS)
    rdap, letter = Contact("abuse", "desk@alpha.example", "RDAP"), Contact("legal", "law@alpha.example", "letter")
    assert found.contacts == (rdap, letter)
    for name in ("Alpha", "Alpha B.V.", "alfa"):
        assert registry.find(name) == "as64500"
    assert registry.find("Al") is None
    gone = {"remove_contact": "abuse=desk@alpha.example", "remove_capacity": "hosting", "country": "", "name": ""}
    set_traits_of(four, "as64500", gone, **WHO)
    found = load_registry(four, TODAY).providers["as64500"]
    assert (found.name, found.country, found.contacts) == ("Alpha", None, (letter,))
    assert (found.identity.country_source, found.identity.capacities) == (None, (Capacity.ACCESS,))


def test_a_natural_person_is_found_by_name_and_never_named(four: Store) -> None:
    """Neither as name nor alias, nor as an alias of whoever it is merged into."""
    set_traits_of(four, "as64503", {"name": "Pat Person", "natural_person": "yes"}, **WHO)
    registry = load_registry(four, TODAY)
    assert registry.find("Pat Person") == "as64503"
    assert registry.label("as64503") == f"natural person (P{sha256(b'as64503').hexdigest()[:8]})"
    assert (registry.providers["as64503"].name, registry.providers["as64503"].aliases) == ("natural person", ())
    merge(four, "as64503", "as64500", **WHO)
    registry = load_registry(four, TODAY)
    assert registry.find("Pat Person") == "as64500"
    assert registry.providers["as64500"].aliases == ()


def test_an_override_books_one_record_and_the_latest_wins(four: Store) -> None:
    """By source and record id; a merge of its Provider is followed."""
    override(four, "as64500", "R1", source="hotline", **WHO)
    override(four, "as64501", "R1", source="hotline", **WHO)
    override(four, "as64502", "R1", **WHO)
    merge(four, "as64501", "as64503", **WHO)
    assert load_registry(four, TODAY).overrides == {("hotline", "R1"): "as64503", ("default", "R1"): "as64502"}


def test_what_was_declared_distinct_cannot_be_merged(four: Store) -> None:
    """Also after one of the two was merged into a third; the pair is listed by the ids of today."""
    change = distinct(four, "as64500", "as64501", **WHO)
    merge(four, "as64501", "as64502", **WHO)
    assert load_registry(four, TODAY).apart == {frozenset({"as64500", "as64502"})}
    with pytest.raises(RegistryError, match="distinct"):
        merge(four, "as64500", "as64502", **WHO)
    undo(four, change, **WHO)
    merge(four, "as64500", "as64502", **WHO)
    with pytest.raises(RegistryError, match="one provider"):
        distinct(four, "as64502", "as64500", **WHO)


def test_a_declaration_of_being_distinct_joins_nobodys_history(four: Store) -> None:
    """It is listed for both, and the other's changes are not, also after it is undone."""
    change = distinct(four, "as64500", "as64501", **WHO)
    other = assign(four, "as64501", {"asn": "64502"}, **WHO)
    undone = undo(four, change, **WHO)
    assert [c.change_id for c in changes(four, "as64500")] == [change, undone]
    assert [c.change_id for c in changes(four, "as64502")] == [change, other, undone]


@pytest.mark.parametrize(
    ("subject", "given", "said"),
    [
        ("as64500", {"network": "192.0.2.1/32"}, "would name a host"),
        ("as64500", {"network": "192.0.2.0/30"}, "would name a host"),
        ("as64500", {"network": "2001:db8::/65"}, "would name a host"),
        ("as64500", {"network": "192.0.2.1/24"}, "no prefix"),
        ("as64500", {"network": "192.0.2.0"}, "no prefix"),
        ("as64500", {"network": MARK}, "no prefix"),
        ("as64500", {"asn": "0"}, "no AS number"),
        ("as64500", {"asn": MARK}, "no AS number"),
        ("as64500", {"asn": "4294967296"}, "no AS number"),
        ("as64500", {"organisation": f"org-{MARK}"}, "not in the registry"),
        ("as64500", {"asn": "64501", "valid_from": "yesterday"}, "not a day"),
        ("as64500", {"asn": "64501", "valid_from": "2026-02-01", "until": "2026-02-01"}, "not after"),
        ("as64500", {}, "Neither asn, organisation nor network"),
        ("as64500", {"nmae": MARK}, "no field"),
        (MARK, {"asn": "64501"}, "This id is not a provider"),
    ],
)
def test_an_assignment_that_makes_no_sense_is_refused(
    four: Store, subject: str, given: dict[str, str], said: str
) -> None:
    """One line that does not repeat what was written; nothing changed."""
    with pytest.raises(RegistryError, match=said) as raised:
        assign(four, subject, given, **WHO)
    assert MARK not in str(raised.value)
    assert changes(four) == () and list_audit(four) == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"country": "NL"}, "without country_source"),
        ({"country": "UK", "country_source": "x"}, "ISO 3166"),
        ({"country": "EU", "country_source": "x"}, "ISO 3166"),
        ({"contact": "abuse=a@b.example"}, "without contact_source"),
        ({"contact": "abuse", "contact_source": "x"}, "no kind"),
        ({"natural_person": "maybe"}, "neither yes nor no"),
        ({"capacity": "king"}, "Use one of"),
        ({"legal_name": "x" * 501}, "500"),
        ({"legal_name": "two\nlines"}, "no plain text"),
        ({"name": ["a", "b"]}, "more than once"),
        ({}, "Nothing was given"),
    ],
)
def test_a_set_that_makes_no_sense_is_refused(four: Store, given: dict[str, str], said: str) -> None:
    """Values that belong together, codes, words and lengths."""
    with pytest.raises(RegistryError, match=said):
        set_traits_of(four, "as64500", given, **WHO)


def test_a_split_that_makes_no_sense_is_refused(four: Store) -> None:
    """What is not the Provider's, what is its own, and what is elsewhere."""
    merge(four, "as64501", "as64500", **WHO)
    for subject, given, said in (
        ("as64500", {"asn": "64502"}, "AS64502 is not as64500's"),
        ("as64500", {"asn": "64500"}, "as64500's own"),
        ("as64501", {"asn": "64501"}, "is merged into as64500"),
    ):
        with pytest.raises(RegistryError, match=said):
            split(four, subject, given, **WHO)
    assert len(changes(four)) == 1


def test_every_change_is_audited_by_ids_and_fields_and_sealed_in_its_texts(
    engine: Engine, new_store: Callable[[Path], Store], tmp_path: Path
) -> None:
    """Texts, networks and record ids stand in no byte of the database; the audit log names the fields."""
    with new_store(tmp_path / "data") as store:
        ensure_providers(store, [64500])
        given = {"name": MARK, "postal_address": MARK, "contact": f"abuse={MARK}@x.example", "contact_source": MARK}
        set_traits_of(store, "as64500", given, **WHO)
        override(store, "as64500", MARK, source=MARK, **WHO)
        split(store, "as64500", {"network": "203.0.113.0/24", "name": MARK}, **WHO)
        assert [(entry.action, entry.subject) for entry in list_audit(store)] == [
            ("providers set", "as64500: name, postal_address, contact, contact_source"),
            ("providers override", "as64500: record, source"),
            ("providers split", "as64500 into as64500-2: network, name"),
        ]
    for content in engine.files(tmp_path / "data").values():
        assert MARK.encode() not in content and b"203.0.113" not in content


def test_a_legal_name_stands_for_its_provider_like_an_alias_that_is_not_shown(four: Store) -> None:
    """Also a former one and that of a merged Provider; one that two bear stands for neither."""
    set_traits_of(four, "as64500", {"legal_name": "Alpha Holding B.V."}, **WHO)
    set_traits_of(four, "as64500", {"legal_name": "Alpha Group B.V."}, **WHO)
    registry = load_registry(four, TODAY)
    for name in ("alpha holding b v", "ALPHA GROUP B.V."):
        assert registry.find(name) == "as64500" and registry.is_named(name, "as64500")
    assert registry.providers["as64500"].aliases == ()
    set_traits_of(four, "as64501", {"legal_name": "Alpha Group B.V."}, **WHO)
    both = load_registry(four, TODAY)
    assert both.find("Alpha Group B.V.") is None
    assert both.is_named("Alpha Group B.V.", "as64500") and both.is_named("Alpha Group B.V.", "as64501")
    merge(four, "as64501", "as64500", **WHO)
    merged = load_registry(four, TODAY)
    assert merged.find("Alpha Group B.V.") == "as64500"
    assert merged.providers["as64500"].aliases == ("Beta",)


def test_a_natural_person_stays_one_for_lists_until_no_is_set(four: Store) -> None:
    """Registered, merged, marked, or a part without effect; an undone mark counts still, as its texts are there."""
    part = split(four, "as64500", {"network": "192.0.2.0/24", "name": "Pat"}, **WHO)
    set_traits_of(four, "as64500-2", {"natural_person": "yes"}, **WHO)
    undo(four, part, **WHO)
    mark = set_traits_of(four, "as64501", {"natural_person": "yes"}, **WHO)
    merge(four, "as64501", "as64502", **WHO)
    undo(four, mark, **WHO)
    assert natural_persons(four) == {PERSON, "as64500-2", "as64501"}
    set_traits_of(four, PERSON, {"natural_person": "no"}, **WHO)
    set_traits_of(four, "as64502", {"natural_person": "yes"}, **WHO)
    assert natural_persons(four) == {"as64500-2", "as64501", "as64502"}
    set_traits_of(four, "as64503", {"natural_person": "yes"}, **WHO)
    set_traits_of(four, "as64503", {"natural_person": "no"}, **WHO)
    assert "as64503" not in natural_persons(four)
