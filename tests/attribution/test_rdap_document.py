"""RDAP answers: what they say, what is stripped of them, and files of them, on made-up and on ten real ones."""

import ipaddress
import json
import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.attribution.rdap_document import covered_by, parse_network, without_queried
from monitor.attribution.rdap_recorded import read_recorded, registry_of
from monitor.attribution.rdap_types import kind_of
from monitor.errors import ReferenceDataError
from monitor.model.registration import RegisteredNetwork
from monitor.model.report import Address

ANALOGUE = Path(__file__).parents[3] / "shared" / "analogue" / "rdap"
MARKED = "192.0.2.77"


def packed(text: str) -> Address:
    return Address(ipaddress.ip_address(text).packed)


def entity(
    handle: str | None, *roles: str, kind: str | None = "org", fn: str | None = None, **said: Any
) -> dict[str, Any]:
    card: list[Any] = [["version", {}, "text", "4.0"]]
    card += [["kind", {}, "text", kind]] if kind else []
    card += [["fn", {}, "text", fn]] if fn else []
    card += [["org", {}, "text", said.pop("org")]] if "org" in said else []
    card += [["email", {}, "text", email] for email in said.pop("emails", ())]
    made: dict[str, Any] = {"objectClassName": "entity", "vcardArray": ["vcard", card], **said}
    made |= {"handle": handle} if handle else {}
    return made | ({"roles": list(roles)} if roles else {})


def document(**said: Any) -> dict[str, Any]:
    made = {
        "objectClassName": "ip network",
        "handle": "192.0.2.0 - 192.0.2.255",
        "startAddress": "192.0.2.0",
        "endAddress": "192.0.2.255",
        **said,
    }
    return {name: value for name, value in made.items() if value is not None}


def registrant(
    *entities: Any, registry: str = "ripencc", **said: Any
) -> tuple[str | None, str | None, bool | None] | None:
    """(key, name, natural person) of the organisation."""
    found = parse_network(document(entities=list(entities), **said), registry).organisation
    return None if found is None else (found.key, found.name, found.natural_person)


# The range


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ({}, "192.0.2.0", "192.0.2.255"),
        ({"startAddress": "192.0.2.0/32", "endAddress": "192.0.2.255/32"}, "192.0.2.0", "192.0.2.255"),
        ({"startAddress": "192.000.002.000", "endAddress": "192.000.002.127"}, "192.0.2.0", "192.0.2.127"),
        ({"startAddress": "2001:0DB8:0000::", "endAddress": "2001:DB8:FFFF::1"}, "2001:db8::", "2001:db8:ffff::1"),
        ({"startAddress": "::ffff:192.0.2.0", "endAddress": "::ffff:192.0.2.7"}, "192.0.2.0", "192.0.2.7"),
        ({"startAddress": "192.0.2.64/26", "endAddress": None}, "192.0.2.64", "192.0.2.127"),
        ({"startAddress": None}, "192.0.2.0", "192.0.2.255"),
        ({"startAddress": None, "handle": "2001:0db8::/33"}, "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"),
        (
            {
                "endAddress": None,
                "handle": "NET-1",
                "cidr0_cidrs": [{"v4prefix": "192.0.2.128", "length": 26}, {"v4prefix": "192.0.2.0", "length": 25}],
            },
            "192.0.2.0",
            "192.0.2.191",
        ),
        (
            {"startAddress": None, "handle": None, "cidr0_cidrs": [{"v6prefix": "2001:db8::", "length": 127}]},
            "2001:db8::",
            "2001:db8::1",
        ),
    ],
)
def test_a_range_is_read_as_registries_write_it(said: dict[str, Any], first: str, last: str) -> None:
    """With lengths, padded, in capitals, mapped, as one prefix, as prefixes side by side, or in the handle alone."""
    network = parse_network(document(**said), "ripencc")
    assert (network.first, network.last) == (packed(first), packed(last))


@pytest.mark.parametrize(
    "said",
    [
        {"objectClassName": "entity"},
        {"objectClassName": "autnum"},
        {"errorCode": 404},
        {"startAddress": None, "handle": None},
        {"startAddress": None, "handle": "NET-1"},
        {"startAddress": "192.0.2.9", "endAddress": "192.0.2.8"},
        {"startAddress": "192.0.2.0", "endAddress": "2001:db8::"},
        {"startAddress": "192.0.2.256", "handle": None},
        {"startAddress": "0.0.0.0", "endAddress": "255.255.255.255"},
        {"startAddress": "::", "endAddress": "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {
            "startAddress": None,
            "handle": None,
            "cidr0_cidrs": [{"v4prefix": "192.0.2.0", "length": 26}, {"v4prefix": "192.0.2.128", "length": 26}],
        },
    ],
)
def test_what_is_no_registered_range_is_refused_without_repeating_it(said: dict[str, Any]) -> None:
    """Other objects, errors, gaps, ends before beginnings, and the whole address space."""
    with pytest.raises(ReferenceDataError) as raised:
        parse_network(document(**said), "ripencc")
    assert "192.0" not in str(raised.value)


def test_an_answer_speaks_for_its_range_unless_it_is_wide_and_divided() -> None:
    """Of an allocation wider than a /24 (IPv6: /48) it speaks for that much around the address, or for nothing."""
    bounds = {"startAddress": "192.0.0.0", "endAddress": "192.0.2.99"}
    whole = parse_network(document(type="ASSIGNED PI", **bounds), "ripencc")
    assert covered_by(whole, None) == (packed("192.0.0.0"), packed("192.0.2.99"))
    allocation = parse_network(document(type="ALLOCATED PA", **bounds), "ripencc")
    assert covered_by(allocation, packed("192.0.1.5")) == (packed("192.0.1.0"), packed("192.0.1.255"))
    assert covered_by(allocation, packed("192.0.2.5")) == (packed("192.0.2.0"), packed("192.0.2.99"))
    for asked in (None, packed("192.0.9.1"), packed("2001:db8::")):
        assert covered_by(allocation, asked) is None
    small = parse_network(document(type="ALLOCATED PA"), "ripencc")
    assert covered_by(small, None) == (packed("192.0.2.0"), packed("192.0.2.255"))
    bounds = {"startAddress": "2001:db8::", "endAddress": "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"}
    six = parse_network(document(type="ALLOCATED-BY-RIR", **bounds), "ripencc")
    around = packed("2001:db8:5::"), packed("2001:db8:5:ffff:ffff:ffff:ffff:ffff")
    assert covered_by(six, packed("2001:db8:5::9")) == around


# The organisation


def test_the_registrant_is_the_organisation() -> None:
    """Its handle makes the key; without a handle a digest of its name does; without both there is none."""
    assert registrant(entity("ORG-AC1-RIPE", "registrant", fn="Acme Example")) == (
        "org-ripencc-org-ac1-ripe", "Acme Example", False,
    )  # fmt: skip
    assert registrant(entity(None, "registrant", fn="Acme Example")) == (
        f"org-ripencc-name-{sha256(b'acme example').hexdigest()[:16]}", "Acme Example", False,
    )  # fmt: skip
    assert registrant(entity(None, "registrant", fn="©")) is None
    assert registrant(entity("ACME", "REGISTRANT", kind="ORG", fn="A\u202ecme\n Example")) == (
        "org-ripencc-acme", "Acme Example", False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        entity("ACME-MNT", "registrant", fn="Acme maintainer"),
        entity("MNT-ACME", "registrant", kind="individual", fn="MNT-ACME"),
        entity("MAINT-EX-ACME", "registrant", kind=None),
        entity("ACME-NOC", "registrant", kind="individual", fn="ACME-NOC"),
        entity("IRT-ACME", "registrant", "abuse", kind="group", fn="IRT-ACME"),
        entity("AD1-EX", "registrant", "abuse", kind="group", fn="Acme abuse desk"),
        {"handle": "ACME-MNT", "roles": ["registrant"]},
    ],
)
def test_maintainers_and_abuse_desks_are_no_organisations(other: dict[str, Any]) -> None:
    """Neither alone nor beside the organisation, nor nested in it."""
    organisation = entity("ORG-AC1-RIPE", "registrant", fn="Acme Example", entities=[other])
    assert registrant(other) is None
    assert registrant(other, organisation) == ("org-ripencc-org-ac1-ripe", "Acme Example", False)


def test_a_natural_person_is_known_as_one_and_never_named() -> None:
    """Nothing of the name is in the organisation or its key, with and without a handle, also under ARIN's words."""
    person = entity("ZZ1-EX", "registrant", kind="individual", fn="Zzmarked Person", org="Zzmarked Person")
    assert registrant(person) == ("org-ripencc-zz1-ex", None, True)
    del person["handle"]
    assert registrant(person) == ("org-ripencc-person", None, True)
    private = entity("C1", "registrant", fn="Private Customer")
    assert registrant(private, registry="arin") == ("org-arin-c1", None, True)
    network = parse_network(document(entities=[person]), "ripencc")
    assert "zzmarked" not in repr(network).lower()


def test_an_organisation_goes_before_the_person_nested_in_it() -> None:
    """LACNIC names the contact as registrant too, inside the organisation or beside it."""
    person = entity("PE1", "administrative", "registrant", kind="individual", fn="A Person", org="Acme Example")
    organisation = entity("EX-ACME-LACNIC", "registrant", fn="Acme Example", entities=[person])
    for entities in (
        [organisation],
        [person, organisation],
        [entity("X", "technical", entities=[organisation]), person],
    ):
        assert registrant(*entities, registry="lacnic") == ("org-lacnic-ex-acme-lacnic", "Acme Example", False)


def test_without_a_registrant_an_entity_called_org_is_the_organisation() -> None:
    """AFRINIC gives no roles; a name that repeats the handle is none; any other entity is no registrant."""
    assert registrant(entity("AD1-EX", kind="group", fn="Desk"), entity("ORG-EX1", fn="ORG-EX1")) == (
        "org-ripencc-org-ex1", None, False,
    )  # fmt: skip
    assert registrant({"handle": "ORG-EX1", "roles": ["sponsor"]}) == ("org-ripencc-org-ex1", None, None)
    assert registrant(entity("AD1-EX", "technical", fn="Acme Example")) is None
    assert registrant() is None


def test_an_entity_of_unknown_kind_is_called_by_its_organisation_alone() -> None:
    """A vcard without kind describes a person: neither its formatted name nor its handle is taken for a company's."""
    for kind in (None, "something"):
        assert registrant(entity("AC1", "registrant", kind=kind, fn="A Person")) is None
    bare = entity("ORG-AC1-EX", "registrant", kind="something", fn="ORG-AC1-EX")
    assert registrant(bare) == ("org-ripencc-org-ac1-ex", None, None)
    named = entity("AC1", "registrant", kind=None, fn="A Person", org=["Acme Example", "Abuse"])
    assert registrant(named) == ("org-ripencc-ac1", "Acme Example", None)


def test_space_that_another_registry_looks_after_has_no_holder() -> None:
    """A registry is never booked as the holder of what it handed out."""
    registry = entity("RIPE", "registrant", fn="Another Registry")
    assert registrant(registry, registry="arin") is None
    assert registrant(entity("AC1", "registrant", fn="Acme"), registry="arin", type="Allocated to EX NCC") is None
    assert parse_network(document(type="Early Registrations, Maintained by EX"), "arin").is_divided


# The rest


@pytest.mark.parametrize(
    ("registry", "word", "handed_on", "divided"),
    [
        ("ripencc", "ASSIGNED PA", True, False),
        ("ripencc", "assigned  pa", True, False),
        ("ripencc", "SUB-ALLOCATED PA", True, True),
        ("ripencc", "Sub Allocated PA", True, True),
        ("ripencc", "AGGREGATED-BY-LIR", True, False),
        ("ripencc", "LIR-PARTITIONED PA", True, True),
        ("ripencc", "Assigned", True, False),
        ("lacnic", "assigned", False, False),
        ("elsewhere", "assigned", False, True),
        ("lacnic", "reassigned", True, False),
        ("lacnic", "allocated", False, True),
        ("arin", "REASSIGNMENT", True, False),
        ("arin", "Reallocated", True, True),
        ("arin", "DIRECT ALLOCATION", False, True),
        ("arin", "DIRECT ASSIGNMENT", False, False),
        ("apnic", "ASSIGNED NON-PORTABLE", True, False),
        ("apnic", "ALLOCATED NON-PORTABLE", True, True),
        ("apnic", "ALLOCATED PORTABLE", False, True),
        ("apnic", "ASSIGNED PORTABLE", False, False),
        ("ripencc", "ASSIGNED PI", False, False),
        ("ripencc", "ALLOCATED PA", False, True),
        ("ripencc", "ALLOCATED-BY-RIR", False, True),
        ("ripencc", "LEGACY", False, True),
        ("ripencc", "SOMETHING NEW", False, True),
        ("ripencc", "", False, True),
        ("ripencc", None, False, True),
    ],
)
def test_the_registries_words_say_what_was_handed_on(
    registry: str, word: str | None, handed_on: bool, divided: bool
) -> None:
    """Case, blanks and hyphens do not count; an unknown word is divided; LACNIC's `assigned` is not RIPE's."""
    kind = kind_of(word, registry)
    assert (kind.is_sub_allocation, kind.is_divided) == (handed_on, divided)
    network = parse_network(document(type=word), registry)
    assert (network.is_sub_allocation, network.is_divided) == (handed_on, divided)


@pytest.mark.parametrize(("word", "is_known"), [("ASSIGNED PI", True), ("SOMETHING NEW", False), (None, False)])
def test_a_range_of_unknown_kind_is_asked_about_like_an_allocation_and_says_so(
    word: str | None, is_known: bool
) -> None:
    """Smaller ranges may be registered in it: the answer speaks for the /24 around the queried address alone."""
    wide = parse_network(document(type=word, startAddress="192.0.0.0", endAddress="192.0.255.255"), "arin")
    around = (packed("192.0.7.0"), packed("192.0.7.255"))
    assert wide.is_kind_known == is_known
    assert covered_by(wide, packed("192.0.7.9")) == ((wide.first, wide.last) if is_known else around)
    assert covered_by(wide, None) == ((wide.first, wide.last) if is_known else None)


def test_no_id_holds_a_name() -> None:
    """An organisation without handle can be a person: its id is the same however the name is spelt, and tells none."""
    found = {registrant(entity(None, "registrant", fn=name)) for name in ("Zz Marked, Hosting", "ZZ  marked hosting.")}
    (key,) = {each[0] for each in found if each}
    assert "marked" not in key
    assert registrant(entity(None, "registrant", fn="Хостинг"))[0].startswith("org-ripencc-name-")


@pytest.mark.parametrize(
    ("registration", "changed", "expected"),
    [
        ("2013-10-29T19:26:00Z", "2014-01-01T00:30:00+01:00", ("2013-10-29T19:26+00:00", "2013-12-31T23:30+00:00")),
        ("2013-10-29T19:26:00", "yesterday", (None, None)),
        ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", (None, None)),
        ("1970-01-01T00:00:00Z", 5, (None, None)),
        ("2014-01-01T00:00:00Z", "2013-01-01T00:00:00Z", ("2014-01-01T00:00+00:00", None)),
        (None, "2013-01-01T00:00:00Z", (None, "2013-01-01T00:00+00:00")),
    ],
)
def test_dates_are_utc_and_nonsense_is_no_date(
    registration: object, changed: object, expected: tuple[str | None, str | None]
) -> None:
    """Without offset, out of range, or a change before the registration: not known."""
    events = [
        {"eventAction": "registration", "eventDate": registration},
        {"eventAction": "last changed", "eventDate": changed},
    ]
    network = parse_network(document(events=events), "ripencc")
    found = tuple(at and at.isoformat(timespec="minutes") for at in (network.registered_at, network.changed_at))
    assert found == expected


def test_of_several_changes_the_last_counts_and_events_of_entities_do_not() -> None:
    """An entity that changed later says nothing about the range."""
    events = [{"eventAction": "last changed", "eventDate": f"20{year}-01-01T00:00:00Z"} for year in (12, 14, 13)]
    later = [{"eventAction": "last changed", "eventDate": "2020-01-01T00:00:00Z"}]
    network = parse_network(document(events=events, entities=[entity("A", events=later)]), "ripencc")
    assert network.changed_at == datetime(2014, 1, 1, tzinfo=UTC)


def test_abuse_contacts_and_roles_are_found_wherever_they_are_nested() -> None:
    """E-mail addresses of entities with the role abuse, once each; what is no address is passed over."""
    desk = entity(
        "AD1",
        "abuse",
        "technical",
        kind="group",
        emails=["abuse@acme.example", "not an address", "mailto:b@acme.example"],
    )
    outer = entity("ORG-1", "registrant", emails=["info@acme.example"], entities=[entity(None, "noc", entities=[desk])])
    network = parse_network(document(entities=[outer, desk]), "ripencc")
    assert network.abuse_contacts == ("abuse@acme.example", "b@acme.example")
    assert network.roles == (("ORG-1", "registrant"), ("AD1", "abuse"), ("AD1", "technical"))


@pytest.mark.parametrize(
    ("written", "country"), [("nl", "NL"), (" NL ", "NL"), ("NLD", None), ("", None), (None, None), (5, None)]
)
def test_a_country_is_two_letters_or_not_known(written: object, country: str | None) -> None:
    """As written, in capitals."""
    assert parse_network(document(country=written), "ripencc").country == country


# Anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(MARKED),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = (
    "startAddress", "endAddress", "handle", "objectClassName", "entities", "roles", "vcardArray", "events", "type",
    "eventAction", "eventDate", "cidr0_cidrs", "v4prefix", "v6prefix", "length", "country", "notices", "links",
    "port43",
)  # fmt: skip
SHAPED = st.recursive(
    JSON,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8),
    max_leaves=8,
)


def parse_or_refuse(value: Any) -> RegisteredNetwork | None:
    try:
        return parse_network(value, "ripencc")
    except ReferenceDataError:
        return None


@settings(derandomize=True, max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SHAPED, st.dictionaries(st.sampled_from(FIELDS), SHAPED, max_size=6))
def test_any_json_is_a_registration_or_refused(value: Any, changed: dict[str, Any]) -> None:
    """Whatever comes, in whatever place, nothing but ReferenceDataError is raised; stripping raises nothing."""
    parse_or_refuse(value)
    for broken in ({**document(), **changed}, {**document(), "entities": [changed, {"vcardArray": ["vcard", value]}]}):
        parse_or_refuse(broken)
        for address in (None, packed(MARKED), packed("2001:db8::1")):
            stripped = without_queried(broken, address)
            parse_or_refuse(stripped)
            registry_of(stripped)


def test_a_document_nested_as_deep_as_json_goes_is_read() -> None:
    """Entities within entities a thousand deep, and lists likewise, end in no recursion."""
    nested: dict[str, Any] = entity("LAST", "registrant")
    for _ in range(900):
        nested = {"entities": [nested], "remarks": [[nested.get("handle", MARKED)]]}
    assert parse_network(document(entities=[nested]), "ripencc").organisation is None
    assert MARKED not in str(without_queried(document(entities=[nested]), packed(MARKED)))


def test_long_texts_cost_no_more_than_their_length() -> None:
    """A hundred thousand hexadecimal letters, colons or digits are searched in a moment."""
    for letter in ("a", ":", "1.", "a:", "%25", "-1"):
        began = process_time()
        assert "remarks" in without_queried(document(remarks=letter * 100_000), packed("2001:db8::77"))
        assert process_time() - began < 5


# Stripping

SIX = "2001:db8:0:5::77"
SPELLINGS = [
    (MARKED, MARKED),
    (MARKED, "192.000.002.077"),
    (MARKED, f"https://rdap.example/ip/{MARKED}"),
    (MARKED, f"https://rdap.example/ip/{MARKED}/32"),
    (MARKED, "https://rdap.example/ip/192%2E0%2E2%2E77"),
    (MARKED, f"%{MARKED}"),
    (MARKED, f"a%25{MARKED}"),
    (MARKED, "NET-192-0-2-77-1"),
    (MARKED, "77.2.0.192.in-addr.arpa"),
    (MARKED, f"::ffff:{MARKED}"),
    (MARKED, f"see {MARKED}, please"),
    (SIX, SIX),
    (SIX, SIX.upper()),
    (SIX, "2001:0db8:0000:0005:0000:0000:0000:0077"),
    (SIX, "2001:db8:0:5:0:0:0:77"),
    (SIX, "2001:db8::5:0:0:0:77"),
    (SIX, quote(f"https://rdap.example/ip/{SIX}")),
    (SIX, quote(quote(SIX, safe=""), safe="")),
    (SIX, f"%{SIX}"),
    (SIX, f"[{SIX}]:443"),
    (SIX, f"at {SIX}."),
    (SIX, "https://rdap.example/ip/2001:DB8:0:5::77/128"),
]


@pytest.mark.parametrize(("address", "text"), SPELLINGS)
def test_the_queried_address_goes_in_any_spelling(address: str, text: str) -> None:
    """From links, values, notices, remarks, vcards and names of fields, however deep; other fields stay."""
    planted = document(
        name=text,
        links=[
            {"rel": "self", "href": text, "type": "a"},
            {"rel": "up", "href": "https://rdap.example/x", "value": text},
        ],
        notices=[{"title": "kept", "description": ["kept", text], "links": [{"value": text, "href": "kept"}]}],
        entities=[{"handle": "ACME", "vcardArray": ["vcard", [["fn", {}, "text", text]]], text: 1}],
    )
    stripped = without_queried(planted, packed(address))
    assert text not in json.dumps(stripped)
    assert stripped["links"] == [{"rel": "up", "href": "https://rdap.example/x"}]
    assert stripped["notices"] == [{"title": "kept", "description": ["kept"], "links": [{"href": "kept"}]}]
    assert (stripped["startAddress"], stripped["handle"]) == ("192.0.2.0", "192.0.2.0 - 192.0.2.255")
    assert planted["name"] == text


def test_other_addresses_stay() -> None:
    """An address that merely begins or ends alike is another one, and so is the range's own link."""
    texts = ["192.0.2.7", "192.0.2.177", "192.0.2.770", "1192.0.2.77", "https://rdap.example/ip/192.0.2.0/24"]
    assert without_queried(document(remarks=texts), packed(MARKED))["remarks"] == texts


def test_without_a_known_address_every_question_goes() -> None:
    """Links to `/ip/` are dropped, whatever stands behind them."""
    links = [{"href": "https://rdap.example/IP/198.51.100.7"}, {"href": "https://rdap.example/entity/ACME"}]
    assert without_queried(document(links=links), None)["links"] == links[1:]


def test_a_range_of_one_address_keeps_its_bounds_and_nothing_else() -> None:
    """Without start and end an answer could not be read again; handle and links go, be the address given or not."""
    single = document(
        handle=MARKED,
        startAddress=MARKED,
        endAddress=MARKED,
        links=[{"href": f"https://rdap.example/{MARKED}"}],
        name=MARKED,
    )
    for address in (packed(MARKED), None):
        stripped = without_queried(single, address)
        assert stripped == {"objectClassName": "ip network", "startAddress": MARKED, "endAddress": MARKED, "links": []}
        assert parse_network(stripped, "lacnic").first == packed(MARKED)
    elsewhere = without_queried(document(handle="NET-192-0-2-77-1"), packed(MARKED))
    assert elsewhere["handle"] == "NET-192-0-2-77-1"


# Files


def write(path: Path, *values: Any, lines: bool = False) -> Path:
    text = "\n".join(json.dumps(value) for value in values) if lines else json.dumps(values[0])
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_holds_one_answer_a_list_or_one_a_line(tmp_path: Path) -> None:
    """All three, bare or wrapped, give the same answers; rows count from 1."""
    one = document(port43="whois.ripe.net", entities=[entity("ORG-1", "registrant", fn="Acme")])
    wrapped = {"asked_at": "2026-02-01T12:00:00+01:00", "server": "https://rdap.example/ip/192.0.2.77", "answer": one}
    assert len(read_recorded(write(tmp_path / "one", one)).answers) == 1
    for lines in (False, True):
        values = (one, wrapped) if lines else ([one, wrapped],)
        read = read_recorded(write(tmp_path / "many", *values, lines=lines))
        bare, full = read.answers
        assert (read.n_read, read.rejects) == (2, ())
        assert (bare.row, bare.asked_at, bare.server, bare.registry) == (1, None, "recorded", "ripencc")
        assert (full.row, full.asked_at, full.server) == (2, datetime(2026, 2, 1, 11, tzinfo=UTC), "rdap.example")
        assert bare.network.organisation is not None
        assert bare.covers == (packed("192.0.2.0"), packed("192.0.2.255"))


def test_the_address_that_was_asked_about_is_used_and_not_kept(tmp_path: Path) -> None:
    """A wide allocation speaks for what lies around it; where no link tells, for nothing; the links are gone."""
    wide = document(type="ALLOCATED PA", startAddress="192.0.0.0", endAddress="192.0.255.255", handle="NET-1")
    told = {
        **wide,
        "links": [{"rel": "self", "value": f"https://rdap.example/ip/{MARKED}", "href": "https://rdap.example/x"}],
    }
    told_nothing, with_links = read_recorded(write(tmp_path / "f", [wide, told])).answers
    assert told_nothing.covers is None
    assert with_links.covers == (packed("192.0.2.0"), packed("192.0.2.255"))
    assert MARKED not in json.dumps(with_links.document)


def test_rejected_rows_are_told_by_place_and_reason_alone(tmp_path: Path) -> None:
    """What is no JSON, no answer, or badly wrapped is named by row and code; nothing of its text is repeated."""
    rows = [
        document(),
        [MARKED],
        {"objectClassName": "entity", "handle": MARKED},
        {"answer": document(), "zzmarked": MARKED},
        {"answer": document(), "asked_at": MARKED},
        {"answer": document(), "asked_at": "2026-01-01T00:00:00"},
        {"answer": document(), "server": f"{MARKED} zzmarked"},
        {"answer": MARKED},
    ]
    path = write(tmp_path / "zzmarked", *rows, lines=True)
    path.write_text(path.read_text() + '\n{"zzmarked": "' + MARKED, encoding="utf-8")
    read = read_recorded(path)
    assert [(each.row, each.code) for each in read.rejects] == [
        (2, "no-answer"), (3, "no-answer"), (4, "unknown-field"), (5, "bad-time"), (6, "bad-time"), (7, "bad-server"),
        (8, "no-answer"), (9, "bad-json"),
    ]  # fmt: skip
    assert (read.n_read, len(read.answers)) == (9, 1)
    assert MARKED not in repr(read.rejects)
    assert "zzmarked" not in repr(read.rejects)


@pytest.mark.parametrize("content", [b"", b"  \n", b"[]", b"{}", b"\xff\xfe", b"not json", b"[[[[", b"[" * 100_000])
def test_a_file_without_any_answer_is_an_error_that_names_no_file(tmp_path: Path, content: bytes) -> None:
    """Empty, broken or full of other things: one line that says so."""
    path = tmp_path / "zzmarked.json"
    path.write_bytes(content)
    with pytest.raises(ReferenceDataError) as raised:
        read_recorded(path)
    assert "zzmarked" not in str(raised.value)


@pytest.mark.parametrize(
    ("said", "registry"),
    [
        ({"port43": "whois.apnic.net"}, "apnic"),
        ({"port43": " WHOIS.LACNIC.NET "}, "lacnic"),
        ({"notices": [{"title": "Source", "description": ["Objects returned came from source", "RIPE"]}]}, "ripencc"),
        ({"links": [{"href": "https://rdap.arin.net/registry/ip/192.0.2.0"}]}, "arin"),
        ({"links": [{"href": "https://afrinic.net.example/"}], "port43": "ripe.net.example"}, "unknown"),
        ({"port43": 5, "links": {"href": "x"}, "notices": [5]}, "unknown"),
    ],
)
def test_the_registry_is_guessed_from_the_answer(said: dict[str, Any], registry: str) -> None:
    """By its port43, its notice of the source, or its links; a name that looks alike is not it."""
    assert registry_of(document(**said)) == registry


# The ten real answers


def real_answers() -> list[tuple[str, dict[str, Any], str]]:
    """(queried address, document, registry). They are read where they lie and never copied."""
    if not ANALOGUE.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared/analogue/rdap is missing")
        pytest.skip("../shared/analogue/rdap is not here")
    files = sorted(path for path in ANALOGUE.glob("*.json") if "asn_data" not in path.name)
    registries = [json.loads(path.with_suffix(".asn_data.json").read_text())["asn_registry"] for path in files]
    addresses = [path.stem.replace("_", ":") for path in files]
    return [
        (address, json.loads(path.read_text()), registry)
        for address, path, registry in zip(addresses, files, registries, strict=True)
    ]


@pytest.mark.analogue
def test_every_real_answer_is_read_and_reads_the_same_when_stripped() -> None:
    """Each holds the queried address, comes from the registry that is guessed, and loses no fact by stripping."""
    answers = real_answers()
    assert len(answers) == 10
    for address, document, registry in answers:
        network = parse_network(document, registry)
        assert network.first <= packed(address) <= network.last
        assert registry_of(document) == registry
        stripped = without_queried(document, packed(address))
        again = parse_network(stripped, registry)
        single = network.first == network.last
        assert again == network or (single and again.organisation == network.organisation and again.handle is None)


@pytest.mark.analogue
def test_no_real_answer_keeps_the_queried_address() -> None:
    """Searched in every text of the stripped documents, outside the bounds and handle of their ranges."""
    for address, document, _ in real_answers():
        exploded = ipaddress.ip_address(address).exploded
        assert address in json.dumps(document)  # the search can find it
        stripped = without_queried(document, packed(address))
        rest = {name: value for name, value in stripped.items() if name not in ("startAddress", "endAddress", "handle")}
        text = json.dumps(rest).lower()
        assert address.lower() not in text
        assert exploded not in text
        without = without_queried(document, None)
        rest = {name: value for name, value in without.items() if name not in ("startAddress", "endAddress", "handle")}
        assert f"/ip/{address.lower()}" not in json.dumps(rest).lower()


@pytest.mark.analogue
def test_real_answers_name_organisations_and_never_maintainers_or_persons() -> None:
    """Six name one, all of kind org; RIPE's two name a maintainer alone, APNIC's two nobody."""
    networks = [parse_network(document, registry) for _, document, registry in real_answers()]
    by_registry: dict[str, list[bool]] = {}
    for network in networks:
        by_registry.setdefault(network.registry, []).append(network.organisation is not None)
        assert network.organisation is None or network.organisation.natural_person is False
    assert by_registry == {
        "afrinic": [True, True], "lacnic": [True, True], "apnic": [False, False], "arin": [True, True],
        "ripencc": [False, False],
    }  # fmt: skip
    assert sum(network.is_sub_allocation for network in networks) == 2
    assert sum(bool(network.abuse_contacts) for network in networks) == 7


@pytest.mark.analogue
def test_real_answers_with_a_part_broken_are_read_or_refused() -> None:
    """Each field of each answer in turn missing, null, a number, a text, a list and an object."""
    for address, document, registry in real_answers():
        for field in document:
            without = {name: kept for name, kept in document.items() if name != field}
            values = (None, 5, "x", [], {}, [None], [[]], [{}], {"a": [1]}, ["vcard", [["fn"]]])
            for broken in (without, *({**without, field: value} for value in values)):
                try:
                    parse_network(broken, registry)
                except ReferenceDataError as error:
                    assert address not in str(error)
            without_queried(without, packed(address))


@pytest.mark.analogue
@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.data())
def test_real_answers_with_any_part_exchanged_are_read_or_refused(data: st.DataObject) -> None:
    """Some value, however deep, is replaced by any JSON."""
    _, document, _ = data.draw(st.sampled_from(real_answers()))
    part: Any = document
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if not isinstance(part[key], dict | list) or data.draw(st.booleans()):
            part[key] = data.draw(JSON)
            break
        part = part[key]
    parse_or_refuse(document)
    without_queried(document, None)
