"""The registry: one Provider per AS number until a person merges, and every change on the audit log."""

from datetime import date

import pytest

from monitor.errors import RegistryError
from monitor.model.words import TableKind
from monitor.store import (
    Store,
    add_audit,
    add_reference_table,
    changes,
    ensure_providers,
    list_audit,
    load_registry,
    merge,
    undo,
)

TODAY = date(2026, 6, 1)


def _names(store: Store, day: date, *names: tuple[int, str], sha256: str = "aa") -> None:
    rows = [(asn, name, None) for asn, name in names]
    add_reference_table(
        store, TableKind.AS_NAMES, as_of=day, made_on=day, sha256=sha256, rows=len(rows), content=b"", names=rows
    )


def _merge(store: Store, subject: str, into: str) -> int:
    return merge(store, subject, into, by="clerk", why="one owner")


@pytest.fixture
def four(store: Store) -> Store:
    """AS64500 to AS64503, with names of two dates."""
    ensure_providers(store, range(64500, 64504))
    _names(store, date(2026, 1, 1), (64500, "Old Name"), (64501, "Lindenhof"), (64502, "Lindenhof"), (65000, "Nobody"))
    _names(store, date(2026, 5, 1), (64500, "New Name"), sha256="bb")
    return store


def test_a_provider_is_its_as_number_until_told_otherwise(four: Store) -> None:
    """Ids by AS number; names where known, else the AS number."""
    registry = load_registry(four, TODAY)
    assert list(registry.providers) == ["as64500", "as64501", "as64502", "as64503"]
    assert registry.providers["as64503"].name == "AS64503"
    assert registry.by_asn[64501] == "as64501"
    assert 65000 not in registry.by_asn


def test_names_are_the_newest_not_after_the_day_else_the_oldest(four: Store) -> None:
    """A dated name holds from its table's day on; before the first table the oldest stands in."""
    named = {
        day: load_registry(four, day).providers["as64500"].name for day in (date(2020, 1, 1), date(2026, 4, 30), TODAY)
    }
    assert list(named.values()) == ["Old Name", "Old Name", "New Name"]


def test_names_do_not_depend_on_the_order_of_import(store: Store) -> None:
    """An older table that is imported later does not win."""
    ensure_providers(store, [64500])
    _names(store, date(2026, 5, 1), (64500, "New Name"), sha256="bb")
    _names(store, date(2026, 1, 1), (64500, "Old Name"))
    assert load_registry(store, TODAY).providers["as64500"].name == "New Name"


def test_a_provider_is_found_by_id_number_and_unique_name_only(four: Store) -> None:
    """Equal names stand for nobody; they are shown with the AS number."""
    registry = load_registry(four, TODAY)
    for name in ("as64500", "AS64500", "new name", " New  Name "):
        assert registry.find(name) == "as64500"
    assert registry.find("Lindenhof") is None
    assert registry.label("as64501") == "Lindenhof (AS64501)"
    assert registry.label("as64500") == "New Name"


@pytest.mark.parametrize("name", ["64500", " 64500 ", "AS64500", "as64500"])
def test_a_provider_is_found_by_its_bare_as_number(four: Store, name: str) -> None:
    """With or without the letters, also once it is merged into another."""
    assert load_registry(four, TODAY).find(name) == "as64500"
    _merge(four, "as64500", "as64503")
    assert load_registry(four, TODAY).find(name) == "as64503"


def test_a_former_name_still_stands_for_its_provider(four: Store) -> None:
    """Notices are addressed to the old name for a while; before it was a former one it was the name."""
    registry = load_registry(four, TODAY)
    assert registry.find("Old Name") == registry.find("New Name") == "as64500"
    assert registry.providers["as64500"].aliases == ("Old Name",)
    assert load_registry(four, date(2026, 4, 30)).find("New Name") is None


def test_a_former_name_that_somebody_bears_now_is_theirs(four: Store) -> None:
    """Whoever bears it today is found by it; who bore it before is still known to have been named so."""
    _names(four, date(2026, 5, 2), (64503, "Old Name"), sha256="cc")
    registry = load_registry(four, TODAY)
    assert registry.find("Old Name") == "as64503"
    assert registry.is_named("Old Name", "as64500")
    assert not registry.is_named("Old Name", "as64501")


def test_a_former_name_of_two_stands_for_nobody(four: Store) -> None:
    """Two bore it and neither does now: it is known of both, and found for none."""
    _names(four, date(2026, 5, 2), (64501, "Other One"), (64502, "Other Two"), sha256="cc")
    registry = load_registry(four, TODAY)
    assert registry.find("Lindenhof") is None
    assert [registry.is_named("lindenhof", f"as6450{n}") for n in range(4)] == [False, True, True, False]


def test_an_id_stands_for_itself_even_where_another_is_named_like_it(store: Store) -> None:
    """A name cannot take over another Provider's id."""
    ensure_providers(store, [64500, 64501])
    _names(store, date(2026, 1, 1), (64500, "AS64501"))
    assert load_registry(store, TODAY).find("AS64501") == "as64501"


def test_a_merge_moves_as_numbers_names_and_ids(four: Store) -> None:
    """The surviving Provider answers for AS number, id and name of the merged one."""
    _merge(four, "AS64501", "as64502")
    registry = load_registry(four, TODAY)
    assert "as64501" not in registry.providers
    assert registry.providers["as64502"].asns == (64501, 64502)
    assert registry.by_asn[64501] == registry.find("as64501") == registry.find("Lindenhof") == "as64502"
    assert registry.label("as64502") == "Lindenhof"


def test_merges_are_followed_through_chains(four: Store) -> None:
    """A into B, then B into C: C answers for all, with their names, former ones too, as aliases."""
    _merge(four, "as64500", "as64501")
    _merge(four, "as64501", "as64503")
    registry = load_registry(four, TODAY)
    assert registry.providers["as64503"].asns == (64500, 64501, 64503)
    assert registry.providers["as64503"].aliases == ("Lindenhof", "New Name", "Old Name")
    assert set(registry.by_asn.values()) == {"as64502", "as64503"}


def test_undoing_a_merge_brings_back_what_was(four: Store) -> None:
    """The registry after merge and undo equals the one before; both changes stay on record."""
    before = load_registry(four, TODAY)
    change = _merge(four, "as64500", "as64501")
    undone = undo(four, change, by="lead", why="mistake")
    assert load_registry(four, TODAY) == before
    assert [(c.change_id, c.action, c.undoes) for c in changes(four)] == [
        (change, "merge", None),
        (undone, "undo", change),
    ]
    _merge(four, "as64500", "as64501")
    assert load_registry(four, TODAY) != before


def test_undoing_the_middle_of_a_chain_leaves_the_rest(four: Store) -> None:
    """A into B stands when B into C is undone."""
    _merge(four, "as64500", "as64501")
    undo(four, _merge(four, "as64501", "as64502"), by="lead", why="mistake")
    assert load_registry(four, TODAY).by_asn == {64500: "as64501", 64501: "as64501", 64502: "as64502", 64503: "as64503"}


@pytest.mark.parametrize(
    ("subject", "into", "said"),
    [
        ("as64599", "as64500", "not a provider"),
        ("as64500", "as64599", "not a provider"),
        ("as64500", "AS64500", "into itself"),
        ("as64501", "as64500", "already merged"),
        ("as64502", "as64501", "is itself merged"),
        ("https://secret.example/", "as64500", "not a provider"),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused(four: Store, subject: str, into: str, said: str) -> None:
    """Unknown, itself, twice, in a circle: one line, nothing changed."""
    _merge(four, "as64501", "as64502")
    with pytest.raises(RegistryError, match=said) as raised:
        _merge(four, subject, into)
    assert "secret" not in str(raised.value)
    assert len(changes(four)) == len(list_audit(four)) == 1


def test_an_undo_that_makes_no_sense_is_refused(four: Store) -> None:
    """Unknown, twice, or of an undoing: one line, nothing changed."""
    change = _merge(four, "as64500", "as64501")
    undone = undo(four, change, by="lead", why="mistake")
    for number, said in ((change, "undone before"), (undone, "itself an undoing"), (99, "no change 99")):
        with pytest.raises(RegistryError, match=said):
            undo(four, number, by="lead", why="again")
    assert len(changes(four)) == 2


def test_changes_are_listed_for_those_who_take_part(four: Store) -> None:
    """By subject and by what it went into; an unknown id is an error."""
    _merge(four, "as64500", "as64501")
    assert len(changes(four, "as64500")) == len(changes(four, "AS64501")) == 1
    assert changes(four, "as64502") == ()
    with pytest.raises(RegistryError):
        changes(four, "as1")


@pytest.mark.parametrize("provider", ["as64500", "as64501", "as64502"])
def test_every_change_of_a_family_is_listed_for_each_of_it(four: Store, provider: str) -> None:
    """Whoever is, or ever was, one with a Provider: a chain, and what was undone, from either end."""
    first, second = _merge(four, "as64500", "as64501"), _merge(four, "as64501", "as64502")
    listed = [first, second]
    assert [change.change_id for change in changes(four, provider)] == listed
    listed += [undo(four, first, by="lead", why="mistake"), undo(four, second, by="lead", why="mistake")]
    assert [change.change_id for change in changes(four, provider)] == listed
    assert changes(four, "as64503") == ()


@pytest.mark.parametrize("said", [{"by": ""}, {"why": ""}, {"by": " "}, {"why": "\t"}])
def test_a_change_without_who_or_why_is_refused(four: Store, said: dict[str, str]) -> None:
    """Neither a merge nor an undoing goes on record without a person and grounds."""
    change = _merge(four, "as64500", "as64501")
    given = {"by": "clerk", "why": "one owner", **said}
    with pytest.raises(RegistryError, match="who decided it and why"):
        merge(four, "as64502", "as64503", **given)
    with pytest.raises(RegistryError, match="who decided it and why"):
        undo(four, change, **given)
    assert len(changes(four)) == len(list_audit(four)) == 1


def test_every_change_is_on_the_audit_log_with_who_and_why(four: Store) -> None:
    """One entry a change, in order; limit gives the newest."""
    change = _merge(four, "as64500", "as64501")
    undo(four, change, by="lead", why="mistake")
    add_audit(four, actor="clerk", action="reveal", subject="record", reason="court order")
    said = [(entry.actor, entry.action, entry.subject, entry.reason) for entry in list_audit(four)]
    assert said == [
        ("clerk", "providers merge", "as64500 into as64501", "one owner"),
        ("lead", "providers undo", f"as64500 into as64501 (change {change})", "mistake"),
        ("clerk", "reveal", "record", "court order"),
    ]
    assert [entry.action for entry in list_audit(four, 1)] == ["reveal"]
    assert list_audit(four)[0].at.tzinfo is not None
