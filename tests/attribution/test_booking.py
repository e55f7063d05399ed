"""Who held a Target at a reading and at a notice: the attribution rule of `measurement.md` section 2.

Of each notice's rows the one in role network or proxy is looked at here; `test_booking_roles.py` has the others.

Addresses are small integers, as in the store. In `WORLD`: 1 and 2 at P, 3 at Q, 4 and 5 behind the reverse
proxies C and D (5 is D's), 6 announced by nobody, 7 at P until day 10 and at Q from then on, 9 without a table.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.attribution import booking
from monitor.model.columns import (
    UNKNOWN,
    UNKNOWN_AT,
    AttributionColumns,
    Facts,
    NoticeColumns,
    ReadingColumns,
    ReportColumns,
    TargetColumns,
)
from monitor.model.method import Thresholds
from monitor.model.provider import Provider, Registry
from monitor.model.words import Outcome, Role

P, Q, C, D = 64496, 64497, 64500, 64501
DAY = 86_400_000_000
WORLD = [  # address, day of the table, AS number, reason, proxy
    (1, 0, P, None, None),
    (2, 0, P, None, None),
    (3, 0, Q, None, None),
    (4, 0, C, None, "Invented Shield"),
    (5, 0, D, None, "Invented Veil"),
    (6, 0, UNKNOWN, "no-prefix", None),
    (7, None, UNKNOWN, "no-table", None),
    (7, 0, P, None, None),
    (7, 10, Q, None, None),
]
KINDS = {"on": Outcome.ONLINE, "off": Outcome.OFFLINE, "?": Outcome.INCONCLUSIVE}


def registry():
    providers = {f"as{asn}": Provider(f"as{asn}", f"Invented {asn}", asns=(asn,), country="NL") for asn in (P, Q, C, D)}
    by_name = {"peppermint": f"as{P}", "quince": f"as{Q}"}
    return Registry(providers, {asn: f"as{asn}" for asn in (P, Q, C, D)}, by_name)


@dataclass
class World:
    """One Target; times in days. `asked` gives what is booked for its notices."""

    ip: int = UNKNOWN
    origin: int = UNKNOWN
    literal: int = UNKNOWN
    readings: list = field(default_factory=list)
    notices: list = field(default_factory=list)
    attributions: list = field(default_factory=lambda: WORLD)

    def facts(self) -> Facts:
        n, m = len(self.notices), len(self.readings)
        zeros, words = np.zeros(n, np.int64), np.full(n, None, object)
        at, address, outcome = (np.array([r[i] for r in self.readings]) for i in range(3)) if m else ([], [], [])
        return Facts(
            TargetColumns(_ints([1]), _ints([1]), _ints([self.literal]), np.zeros(1, bool)),
            ReportColumns(
                _ints([1]),
                _texts(["hotline"]),
                _texts(["r1"]),
                _ints([1]),
                _ints([0]),
                np.ones(1, bool),
                _ints([self.ip]),
                _ints([self.origin]),
                _texts([None]),
                np.zeros(1, np.int8),
            ),
            NoticeColumns(
                np.arange(n),
                zeros + 1,
                zeros + 1,
                words,
                words,
                _ints([round(day * DAY) for day, _ in self.notices]),
                words,
                _texts([party for _, party in self.notices]),
                words,
                np.full(n, np.nan),
            ),
            ReadingColumns(
                np.arange(m),
                np.ones(m, np.int64),
                _ints([round(day * DAY) for day in at]),
                np.array([KINDS[word] for word in outcome], np.int8),
                np.zeros(m, np.int8),
                _ints(address),
                np.ones(m, bool),
                np.zeros(m, bool),
                np.zeros(m, bool),
            ),
            AttributionColumns(
                _ints([entry[0] for entry in self.attributions]),
                _ints([UNKNOWN_AT if entry[1] is None else entry[1] * DAY for entry in self.attributions]),
                _ints([entry[2] for entry in self.attributions]),
                _texts([entry[3] for entry in self.attributions]),
                _texts([entry[4] for entry in self.attributions]),
                _texts([None] * len(self.attributions)),
                *[np.full(len(self.attributions), UNKNOWN_AT, np.int64)] * 2,
            ),
        )

    def asked(self, *days, party=None):
        """One tuple a notice: provider, role, basis, reason."""
        self.notices = [(day, party) for day in days]
        found = book(self.facts(), registry())
        ids = (*found.provider_ids, None)
        booked = found.notices
        return [(ids[booked.provider[i]], booked.role[i], booked.basis[i], booked.reason[i]) for i in range(len(days))]


def book(facts, known):
    """What is booked, with the rows in role network or proxy alone: one a notice."""
    booked = booking.book(facts, known, Thresholds())
    rows = np.flatnonzero(np.isin(booked.notices.role.astype(str), (Role.NETWORK, Role.PROXY)))
    assert booked.notices.notice[rows].tolist() == list(range(len(facts.notices)))
    return replace(booked, notices=booked.notices.take(rows))


def _ints(values):
    return np.array(values, np.int64).reshape(-1)


def _texts(values):
    return np.array([*values, None], object)[:-1]


def test_the_last_conclusive_reading_at_or_before_the_notice_decides():
    """At its instant included, after it not; before the first one the fallbacks count."""
    world = World(readings=[(2, 1, "on"), (4, 3, "off")])
    nobody = (None, "network", "none", "no-address")
    p, q = (f"as{P}", "network", "reading", None), (f"as{Q}", "network", "reading", None)
    assert world.asked(1.9, 2, 3.9, 4, 9) == [nobody, p, p, q, q]


def test_inconclusive_readings_and_those_without_an_address_are_passed_over():
    """The last conclusive reading that has one speaks."""
    world = World(readings=[(2, 1, "on"), (3, 3, "?"), (4, UNKNOWN, "off")])
    assert world.asked(5) == [(f"as{P}", "network", "reading", None)]


@pytest.mark.parametrize(
    ("ip", "literal", "provider", "basis"),
    [(1, 3, P, "report"), (1, UNKNOWN, P, "report"), (UNKNOWN, 3, Q, "literal")],
)
def test_without_a_reading_the_reports_ip_and_then_the_literal_decide(ip, literal, provider, basis):
    """In this order."""
    assert World(ip=ip, literal=literal).asked(5) == [(f"as{provider}", "network", basis, None)]


def test_a_reading_goes_before_the_reports_ip():
    """The fallbacks count only where there is no reading at or before the notice."""
    world = World(ip=3, literal=3, readings=[(2, 1, "on")])
    assert [provider for provider, *_ in world.asked(1, 2)] == [f"as{Q}", f"as{P}"]


@pytest.mark.parametrize(
    ("address", "reason"), [(UNKNOWN, "no-address"), (6, "no-prefix"), (9, "no-table")], ids=["none", "prefix", "table"]
)
def test_unknown_is_unattributed_with_its_reason(address, reason):
    """Never AS 0, never a guess; the confidence is none and the number not known."""
    world = World(ip=address)
    assert world.asked(5)[0][0::3] == (None, reason)
    booked = book(world.facts(), registry()).notices
    assert (booked.confidence[0], booked.asn[0], booked.provider[0]) == ("none", UNKNOWN, UNKNOWN)


def test_without_any_table_nothing_is_attributed():
    """Every reading and notice is unknown, with the reason."""
    world = World(ip=1, readings=[(2, 1, "on")], attributions=[])
    assert world.asked(1, 3) == [(None, "network", "report", "no-table"), (None, "network", "reading", "no-table")]


def test_a_table_counts_from_its_date_on():
    """The newest table not after the event: the provider of one address changes, and none before the first."""
    assert [row[0] for row in World(ip=7).asked(-1, 0, 9.99, 10, 50)] == [None, *[f"as{P}"] * 2, *[f"as{Q}"] * 2]
    assert World(ip=7).asked(-1)[0][3] == "no-table"


def test_the_table_of_the_notice_counts_not_that_of_the_reading():
    """Attribution is the one at the notice: the address read on day 9 belongs to somebody else on day 11."""
    assert [row[0] for row in World(readings=[(9, 7, "on")]).asked(9, 11)] == [f"as{P}", f"as{Q}"]


def test_addresses_of_several_providers_are_unattributed():
    """Whichever reading was stored first; two addresses of one Provider are that Provider's."""
    for addresses in ((1, 3), (3, 1)):
        world = World(readings=[(2, address, "on") for address in addresses])
        assert world.asked(3) == [(None, "network", "reading", "several")]
    assert World(readings=[(2, 1, "on"), (2, 2, "on")]).asked(3)[0][0] == f"as{P}"


def test_an_address_of_nobody_beside_one_of_a_provider_is_several():
    """Who holds the other one cannot be said, so nobody is held to account."""
    assert World(readings=[(2, 1, "on"), (2, 6, "on")]).asked(3) == [(None, "network", "reading", "several")]


def test_several_providers_are_over_with_the_next_reading():
    """Only the readings of the last instant count."""
    assert World(readings=[(2, 1, "on"), (2, 3, "on"), (4, 3, "on")]).asked(5)[0][0] == f"as{Q}"


def test_behind_a_reverse_proxy_the_proxy_is_booked_in_its_own_role():
    """Never on a hosting provider, and no reading there is one's either."""
    world = World(readings=[(2, 4, "on")])
    assert world.asked(3) == [(f"as{C}", "proxy", "reading", None)]
    found = book(world.facts(), registry())
    assert found.notices.fronted.tolist() == [True]
    assert (found.readings.network[0], found.provider_ids[found.readings.proxy[0]]) == (UNKNOWN, f"as{C}")


def test_with_a_known_origin_the_origins_network_is_booked():
    """Fronted it stays, and the confidence is reduced."""
    world = World(ip=4, origin=3)
    assert world.asked(3) == [(f"as{Q}", "network", "origin", None)]
    booked = book(world.facts(), registry()).notices
    assert (booked.fronted[0], booked.confidence[0], booked.asn[0]) == (True, "reduced", Q)


@pytest.mark.parametrize("origin", [5, 6, 9])
def test_an_origin_that_is_a_proxy_or_nobodys_is_no_origin(origin):
    """The proxy stays booked, in its own role."""
    assert World(ip=4, origin=origin).asked(3) == [(f"as{C}", "proxy", "report", None)]


@pytest.mark.parametrize("readings", [[], [(2, 1, "on")], [(2, 1, "on"), (2, 4, "on")]])
def test_a_stated_origin_wins_although_no_table_lists_the_proxy(readings):
    """The hotline says that `ip` is a proxy, be it read there or not, beside a listed proxy too: fronted."""
    world = World(ip=1, origin=3, readings=readings)
    assert world.asked(3) == [(f"as{Q}", "network", "origin", None)]
    assert book(world.facts(), registry()).notices.fronted.tolist() == [True]


def test_a_stated_origin_is_about_the_reports_own_address():
    """Read elsewhere, the address that answers decides; an origin that is the address itself says nothing."""
    assert World(ip=1, origin=3, readings=[(2, 2, "on")]).asked(3) == [(f"as{P}", "network", "reading", None)]
    assert World(ip=1, origin=3, readings=[(2, 1, "on"), (2, 2, "on")]).asked(3)[0][2] == "reading"
    assert World(ip=1, origin=1).asked(3) == [(f"as{P}", "network", "report", None)]
    assert World(literal=1, origin=3).asked(3) == [(f"as{P}", "network", "literal", None)]


@pytest.mark.parametrize("origin", [4, 6, 9])
def test_where_a_stated_origin_cannot_be_booked_the_address_is_with_a_doubt(origin):
    """Whose proxy it would be no table says."""
    world = World(ip=1, origin=origin)
    assert world.asked(3) == [(f"as{P}", "network", "report", None)]
    booked = book(world.facts(), registry()).notices
    assert booked.doubts[0] == "stated-address;stated-proxy;as-stands-in"
    assert not booked.fronted[0]


def test_two_proxies_with_a_known_origin_are_the_origins():
    """Several proxies before one origin leave no doubt about the network; without it they do."""
    readings = [(2, 4, "on"), (2, 5, "on")]
    assert World(readings=readings, origin=3).asked(3) == [(f"as{Q}", "network", "origin", None)]
    assert World(readings=readings).asked(3) == [(None, "proxy", "reading", "several")]


@pytest.mark.parametrize("addresses", [(4, 1), (1, 4)])
def test_a_proxy_beside_a_direct_address_is_several(addresses):
    """In either order of import, with an origin or without: the direct address answers too."""
    readings = [(2, address, "on") for address in addresses]
    expected = [(None, "network", "reading", "several")]
    assert World(readings=readings).asked(3) == World(readings=readings, origin=3).asked(3) == expected


def test_confidence_tells_readings_and_literals_from_hearsay():
    """What the report says of the address is worth less than what was seen."""
    found = []
    for world in (World(readings=[(2, 1, "on")]), World(literal=1), World(ip=1)):
        world.asked(3)
        booked = booking.book(world.facts(), registry(), Thresholds()).notices
        found += booked.confidence[booked.role == Role.AS].tolist()
    assert found == ["full", "full", "reduced"]


def test_the_addressee_is_looked_up_in_the_registry():
    """By name as a person writes it; an unknown or empty one is -1."""
    world = World(ip=1)
    codes = []
    for party in ("Peppermint,", "QUINCE", "nobody", None):
        world.asked(3, party=party)
        codes.append(int(book(world.facts(), registry()).notices.party[0]))
    assert codes == [0, 1, UNKNOWN, UNKNOWN]


def shared_registry():
    """`Twin` is borne by P and Q; `Once` is C's name now, and was P's."""
    known = registry()
    claims = {"twin": frozenset({f"as{P}", f"as{Q}"}), "once": frozenset({f"as{C}", f"as{P}"})}
    return Registry(known.providers, known.by_asn, {**known.by_name, "once": f"as{C}"}, claims)


@pytest.mark.parametrize(
    ("party", "ip", "found"),
    [
        ("Twin", 1, P),
        ("TWIN,", 3, Q),
        ("Twin", 4, None),  # the proxy C is not named so
        ("Twin", 6, None),  # nobody is booked: it cannot be said which of the two
        ("Once", 1, C),  # its former name, which is another's now
        ("Once", 4, C),
        ("Once", 3, C),
        ("Quince", 1, Q),  # a name of one only is that one's
    ],
)
def test_a_name_of_several_is_the_booked_ones_if_it_is_one_of_them(party, ip, found):
    """Else it is unrecognised, who was told is never guessed; a name of one alone now is that one's."""
    world = World(ip=ip)
    world.asked(3, party=party)
    booked = book(world.facts(), shared_registry())
    assert (*booked.provider_ids, None)[booked.notices.party[0]] == (found and f"as{found}")


def test_each_notice_is_compared_with_its_own_booking():
    """One name in two notices of one Target, which changed hands between them, is each time the booked one's."""
    world = World(ip=7)
    world.asked(9, 11, party="Twin")
    found = book(world.facts(), shared_registry())
    assert [found.provider_ids[code] for code in found.notices.party] == [f"as{P}", f"as{Q}"]


@pytest.mark.parametrize("entry", [(8, 0, UNKNOWN, "no-prefix", "Invented Shield"), (8, 0, 64999, None, "Shield")])
def test_behind_a_proxy_without_a_known_network_the_reason_is_the_proxy(entry):
    """Neither the proxy's own network nor the origin is known: unattributed because it is fronted."""
    world = World(ip=8, attributions=[*WORLD, entry])
    assert world.asked(3) == [(None, "proxy", "report", "fronted")]
    world.origin = 3
    assert world.asked(3) == [(f"as{Q}", "network", "origin", None)]


def test_merged_as_numbers_are_one_provider():
    """Two addresses of two numbers of one Provider are not several; the number is the one seen."""
    merged = Registry({"as64496": Provider("as64496", "Invented", asns=(P, Q))}, {P: "as64496", Q: "as64496"})
    world = World(readings=[(2, 3, "on"), (2, 1, "on")])
    world.asked(3)
    booked = book(world.facts(), merged).notices
    assert (booked.provider[0], booked.reason[0], booked.asn[0]) == (0, None, Q)
    world.readings.reverse()
    assert book(world.facts(), merged).notices.asn[0] == Q  # whichever was stored first


# --- beside a naive loop -----------------------------------------------------------------------------------


def naive_entry(address, day):
    """(AS number or -1, reason, proxy) of an address on a day."""
    entries = [entry for entry in WORLD if entry[0] == address and (entry[1] is None or entry[1] <= day)]
    return entries[-1][2:] if entries and address != UNKNOWN else (UNKNOWN, "no-table", None)


def naive(world, day):
    """Provider, role, basis and reason of a notice on a day, address by address."""
    seen = [r for r in world.readings if r[2] != "?" and r[1] != UNKNOWN and r[0] <= day]
    last = [r[1] for r in seen if r[0] == max(s[0] for s in seen)]
    basis, addresses = "none", []
    for name, found in (("literal", [world.literal]), ("report", [world.ip]), ("reading", last)):
        if any(address != UNKNOWN for address in found):
            basis, addresses = name, found
    if not addresses:
        return None, "network", "none", "no-address"
    entries = [naive_entry(address, day) for address in addresses]
    holders = {entry[0] for entry in entries}
    fronted = all(entry[2] is not None for entry in entries)
    origin = naive_entry(world.origin, day)
    own_proxy = world.ip if world.origin not in (UNKNOWN, world.ip) else None
    behind = all(a == own_proxy or entry[2] is not None for a, entry in zip(addresses, entries, strict=True))
    if behind and origin[0] != UNKNOWN and origin[2] is None:
        return f"as{origin[0]}", "network", "origin", None
    role = "proxy" if fronted else "network"
    if len(holders) > 1:
        return None, role, basis, "several"
    asn, reason, _ = entries[0]
    return (f"as{asn}", role, basis, None) if asn != UNKNOWN else (None, role, basis, reason)


ADDRESSES = st.sampled_from([UNKNOWN, 1, 2, 3, 4, 5, 6, 7])
DAYS = st.integers(-2, 14)
READINGS = st.lists(st.tuples(DAYS, ADDRESSES, st.sampled_from(list(KINDS))), max_size=8).map(
    lambda readings: sorted(readings, key=lambda reading: reading[0])
)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(READINGS, ADDRESSES, ADDRESSES, ADDRESSES, st.lists(DAYS, min_size=1, max_size=6))
def test_the_bulk_result_equals_a_loop_over_the_addresses(readings, ip, origin, literal, days):
    """On random readings, dates and fallbacks, several addresses at one instant included."""
    world = World(ip, origin, literal, readings)
    assert world.asked(*days) == [naive(world, day) for day in days]


@settings(derandomize=True, max_examples=100, deadline=None)
@given(READINGS, st.lists(DAYS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_import_does_not_change_who_is_booked(readings, days, random):
    """Readings of one instant may come in any order."""
    shuffled = random.sample(readings, len(readings))
    assert World(readings=shuffled).asked(*days) == World(readings=readings).asked(*days)


def joined(worlds) -> Facts:
    """The facts of several Targets, each world's own, side by side in one set of columns."""
    parts = []
    for n, world in enumerate(worlds):
        facts = world.facts()
        for columns in (facts.targets, facts.reports, facts.notices, facts.readings):
            for name in {"target_id", "report_id"} & columns.arrays().keys():
                getattr(columns, name)[:] += 10 * n
        parts.append(facts)

    def together(tier):
        arrays = [getattr(facts, tier).arrays() for facts in parts]
        return type(getattr(parts[0], tier))(**{name: np.concatenate([a[name] for a in arrays]) for name in arrays[0]})

    tiers = [together(tier) for tier in ("targets", "reports", "notices", "readings")]
    return Facts(*tiers, parts[0].attributions)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(st.tuples(READINGS, ADDRESSES, st.lists(DAYS, max_size=3)), min_size=2, max_size=5))
def test_targets_side_by_side_are_booked_as_each_alone(stories):
    """No reading and no fallback of one Target enters another's booking."""
    worlds = [World(ip, readings=readings, notices=[(day, None) for day in days]) for readings, ip, days in stories]
    expected = [naive(world, day) for world in worlds for day, _ in world.notices]
    found = book(joined(worlds), registry())
    ids, booked = (*found.provider_ids, None), found.notices
    rows = zip([ids[code] for code in booked.provider], booked.role, booked.basis, booked.reason, strict=True)
    assert list(rows) == expected
