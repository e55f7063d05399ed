"""Moves, flaps and changes of address in simulated courses of known truth, from readings to Episodes, in every role.

A course is a list of stays: where the Target truly was, for how many hours, and whether we could see it. Readings are
made from it, no more than two hours apart, never two inconclusive ones in a row. The truth is told from the stays, in
continuous time, by one sentence: away from home for less than a day is a flap, for longer a Move. Absences that are
so near to a day that no reading could tell are left out.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monitor.attribution import book
from monitor.model.columns import (
    UNKNOWN,
    UNKNOWN_AT,
    AttributionColumns,
    Facts,
    NoticeColumns,
    ReadingColumns,
    RegistrationColumns,
    ReportColumns,
    TargetColumns,
)
from monitor.model.episode import Span
from monitor.model.provider import Provider, Registry
from monitor.model.words import Cause, Outcome
from monitor.survival import Thresholds, episodes

ZERO = datetime(2026, 3, 2, 9, tzinfo=UTC)
MICROS = 3_600_000_000
P, Q, C = 64496, 64497, 64500


@dataclass(frozen=True, slots=True)
class Place:
    """An address, who announces it, to whom its network is registered, and to which customer it was handed on."""

    address: int
    asn: int = UNKNOWN
    holder: str | None = None
    customer: str | None = None
    front: str | None = None

    def provider(self, role):
        """Its Provider's id in a role, None where that is not known; the same for all in the role site."""
        if role == "site":
            return "site"
        if self.asn == UNKNOWN or self.front:
            return None
        return {"as": f"as{self.asn}", "network": self.holder, "customer": self.customer}[role]


HOME = Place(1, P, "org-x-n1", "org-x-k1")
ELSEWHERE = (
    OTHER_ADDRESS := Place(2, P, "org-x-n1", "org-x-k1"),
    OTHER_CUSTOMER := Place(3, P, "org-x-n1", "org-x-k2"),
    OTHER_NETWORK := Place(4, P, "org-x-n2", "org-x-k3"),
    OTHER_AS := Place(5, Q, "org-x-n3", "org-x-k4"),
    SAME_CUSTOMER_OTHER_AS := Place(6, Q, "org-x-n3", "org-x-k1"),
)
PROXY = Place(7, C, "org-x-n4", "org-x-n4", "Invented Shield")
UNANNOUNCED = Place(8)
NO_ADDRESS = Place(UNKNOWN)
NOWHERE = (PROXY, UNANNOUNCED, NO_ADDRESS)
ROLES = ("as", "customer", "network", "site")
LEAST_STAY, LONGEST_FLAP, SHORTEST_MOVE = 5, 20, 28  # hours: seen for certain, and told apart from a day for certain


@dataclass(frozen=True, slots=True)
class Stay:
    place: Place
    hours: float
    visible: bool = True  # False: every reading of it is inconclusive
    online: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    at: float  # hours after the notice
    outcome: Outcome
    address: int


@dataclass(frozen=True, slots=True)
class Truth:
    end: str
    at: float | None  # the true hour of the end
    moved_to: str | None
    flaps: int


# --- the true course and its readings ----------------------------------------------------------------------


def starts(stays):
    """The hour at which each stay begins; the first one began three hours before the notice."""
    return [-3.0, *accumulate((stay.hours for stay in stays[:-1]), initial=-3.0)][1:]


def absences(stays, role):
    """(from, to, whereto) of each time that the Target was, to our knowledge, away from home; `to` None: never back."""
    home, away, found = HOME.provider(role), None, []
    for stay, start in zip(stays, starts(stays), strict=True):
        who = stay.place.provider(role) if stay.visible else None
        if away is None and who not in (None, home):
            away = (start, who)
        elif away is not None and who == home:
            found.append((away[0], start, away[1]))
            away = None
    return found if away is None else [*found, (away[0], None, away[1])]


def truth(stays, role):
    """What a witness who saw every stay would say of the Episode that began at hour 0."""
    gone = next((t for stay, t in zip(stays, starts(stays), strict=True) if not stay.online), None)
    flaps = 0
    for left, back, whereto in absences(stays, role):
        if gone is not None and gone < left:
            break
        if back is None or back - left > 24:
            return Truth("move", left, whereto, flaps)
        flaps += 1
    return Truth("censored" if gone is None else "takedown", gone, None, flaps)


def read(stays, gaps, misses):
    """Readings at the given gaps, over and over, until the course is over; `misses`: which of them are inconclusive."""
    begin, end = starts(stays), starts(stays)[-1] + stays[-1].hours
    at, readings, n = begin[0] + 0.5, [], 0
    while at < end:
        stay = stays[max(i for i, start in enumerate(begin) if start <= at)]
        missed = misses[n % len(misses)] and not (readings and readings[-1].outcome is Outcome.INCONCLUSIVE)
        seen = Outcome.ONLINE if stay.online else Outcome.OFFLINE
        readings.append(Reading(at, Outcome.INCONCLUSIVE if missed or not stay.visible else seen, stay.place.address))
        at += gaps[n % len(gaps)]
        n += 1
    return readings


def bracket(stays, readings, found, role):
    """(left, right): the last ONLINE reading before the first conclusive one that shows the end, and that one."""
    begin = starts(stays)
    shows = [r for r in readings if r.outcome is not Outcome.INCONCLUSIVE and found.at is not None and r.at >= found.at]
    if found.end == "move":
        place = {r.at: stays[max(i for i, start in enumerate(begin) if start <= r.at)].place for r in shows}
        shows = [r for r in shows if place[r.at].provider(role) not in (None, HOME.provider(role))]
    right = shows[0].at if found.at is not None else float("inf")
    return max(r.at for r in readings if r.outcome is Outcome.ONLINE and r.at < right), right


# --- from readings to rows ---------------------------------------------------------------------------------


def registry():
    places = (HOME, *ELSEWHERE, PROXY)
    by_asn = {asn: f"as{asn}" for asn in (P, Q, C)}
    organisations = {name: name for place in places for name in (place.holder, place.customer)}
    providers = {key: Provider(key, f"Invented {key}") for key in (*by_asn.values(), *organisations)}
    return Registry(providers, by_asn, by_organisation=organisations)


def micros(hours):
    return round(ZERO.timestamp() * 1e6) + round(hours * MICROS)


def ints(values):
    return np.array(values, np.int64)


def texts(values):
    return np.array([*values, None], object)[:-1]


def facts(readings):
    """One Target, reported and notified once at hour 0, with these readings."""
    n = len(readings)
    flags = np.ones(n, bool)
    known = (HOME, *ELSEWHERE, PROXY, UNANNOUNCED)
    registered = [place for place in known if place.holder]
    return Facts(
        TargetColumns(ints([1]), ints([1]), ints([UNKNOWN]), ~np.ones(1, bool)),
        ReportColumns(
            ints([1]),
            texts(["hotline"]),
            texts(["r1"]),
            ints([1]),
            ints([micros(-4)]),
            np.ones(1, bool),
            ints([UNKNOWN]),
            ints([UNKNOWN]),
            texts([None]),
            np.zeros(1, np.int8),
        ),
        NoticeColumns(
            ints([1]),
            ints([1]),
            ints([1]),
            texts(["request"]),
            texts(["sent"]),
            ints([micros(0)]),
            texts([None]),
            texts([None]),
            texts(["unknown"]),
            np.full(1, np.nan),
        ),
        ReadingColumns(
            ints(range(n)),
            ints([1] * n),
            ints([micros(r.at) for r in readings]),
            np.array([r.outcome for r in readings], np.int8),
            np.array([Cause.CONTENT if r.outcome is Outcome.OFFLINE else Cause.NONE for r in readings], np.int8),
            ints([r.address for r in readings]),
            flags,
            ~flags,
            ~flags,
        ),
        AttributionColumns(
            ints([place.address for place in known]),
            ints([UNKNOWN_AT] * len(known)),
            ints([place.asn for place in known]),
            texts(["no-prefix" if place.asn == UNKNOWN else None for place in known]),
            texts([place.front for place in known]),
            texts([None] * len(known)),
            ints([UNKNOWN_AT] * len(known)),
            ints([UNKNOWN_AT] * len(known)),
        ),
        registrations=RegistrationColumns(
            ints([place.address for place in registered]),
            ints([UNKNOWN_AT] * len(registered)),
            texts([place.holder for place in registered]),
            texts([place.customer if place.customer != place.holder else None for place in registered]),
            texts([None] * len(registered)),
            texts([None] * len(registered)),
            ints(range(len(registered))),
        ),
    )


def rows(readings):
    """The Episode's row in each role, as a dict of plain values."""
    thresholds = Thresholds()
    known = facts(readings)
    last = ZERO + timedelta(hours=readings[-1].at + 1)
    span = Span(ZERO - timedelta(days=1), ZERO + timedelta(days=1), last)
    table = episodes(known, book(known, registry(), thresholds), span, thresholds)
    arrays = table.arrays()
    found = {}
    for i, role in enumerate(table.role):
        found[role] = {name: column[i] for name, column in arrays.items()}
    assert len(found) == len(table)
    return found


def ended(row):
    """What a row says that the truth says too."""
    return row["end"], row["moved_to"], int(row["flaps"])


def outcome_of(readings):
    return {role: ended(row) for role, row in rows(readings).items()}


# --- random courses ----------------------------------------------------------------------------------------

LENGTHS = st.integers(LEAST_STAY, 60)
AT_HOME = st.builds(Stay, st.sampled_from((HOME, OTHER_ADDRESS)), LENGTHS)
AWAY = st.builds(Stay, st.sampled_from(ELSEWHERE), st.integers(LEAST_STAY, 2 * LONGEST_FLAP))
UNSEEN = st.one_of(
    st.builds(Stay, st.sampled_from(NOWHERE), LENGTHS),
    st.builds(Stay, st.sampled_from((HOME, *ELSEWHERE, PROXY)), LENGTHS, visible=st.just(False)),
)
LAST = st.builds(
    Stay, st.sampled_from((HOME, *ELSEWHERE, *NOWHERE)), st.integers(SHORTEST_MOVE, 60), online=st.booleans()
)
GAPS = st.lists(st.sampled_from((0.5, 1.0, 1.5, 2.0)), min_size=1, max_size=7)
MISSES = st.lists(st.booleans(), min_size=1, max_size=11)


@st.composite
def courses(draw, *parts, last=LAST):
    """A home stay over the notice, some stays, and a last one of at least a day. Offline is only ever at home."""
    middle = draw(st.lists(st.one_of(*parts), max_size=6))
    final = draw(last)
    if not final.online and final.place not in (HOME, OTHER_ADDRESS):
        final = Stay(final.place, final.hours)
    stays = [Stay(HOME, 3 + draw(LENGTHS)), *middle, final]
    assume(all(tellable(stays, role) for role in ROLES))
    return stays


def tellable(stays, role):
    """Whether no absence is so near to 24 hours that readings two hours apart, one missing, could not tell."""
    end = starts(stays)[-1] + stays[-1].hours
    away = [(back or end) - left for left, back, _ in absences(stays, role)]
    return not any(LONGEST_FLAP < hours < SHORTEST_MOVE for hours in away)


def checked(test):
    return settings(derandomize=True, max_examples=120, deadline=None)(test)


@checked
@given(courses(AT_HOME, AWAY, UNSEEN), GAPS, MISSES)
def test_each_role_tells_the_true_end_of_any_course(stays, gaps, misses):
    """Whatever happened, each role's row says the true end, the new Provider, the flaps, and brackets the true hour."""
    readings = read(stays, gaps, misses)
    found = rows(readings)
    assert set(found) == set(ROLES)
    for role, row in found.items():
        true = truth(stays, role)
        assert ended(row) == (true.end, true.moved_to, true.flaps), role
        left, right = bracket(stays, readings, true, role)
        assert (row["left_hours"], row["right_hours"]) == pytest.approx((left, right)), role
        assert true.at is None or left < true.at <= right


@checked
@given(courses(AT_HOME, UNSEEN, last=st.builds(Stay, st.just(OTHER_ADDRESS), LENGTHS)), GAPS, MISSES)
def test_a_change_of_address_within_one_provider_is_nothing(stays, gaps, misses):
    """Addresses of one Provider, gone to and fro, unseen or seen, make no Move and no flap in any role."""
    assert set(outcome_of(read(stays, gaps, misses)).values()) == {("censored", None, 0)}


@checked
@given(st.lists(UNSEEN, min_size=1, max_size=5), GAPS, MISSES)
def test_what_is_not_known_is_never_a_move(unseen, gaps, misses):
    """Behind a proxy, unannounced, without an address, or inconclusive to the very end: neither Move nor flap."""
    stays = [Stay(HOME, 10), *unseen]
    assert set(outcome_of(read(stays, gaps, misses)).values()) == {("censored", None, 0)}


@checked
@given(st.lists(st.integers(LEAST_STAY, LONGEST_FLAP), min_size=1, max_size=5), GAPS, MISSES)
def test_each_stretch_elsewhere_that_is_over_within_a_day_is_a_flap(lengths, gaps, misses):
    """N short stays at another AS, home between them, are N flaps and no Move; the time there counts as online here."""
    stays = [Stay(HOME, 10)]
    for hours in lengths:
        stays += [Stay(OTHER_AS, hours), Stay(HOME, 6)]
    readings = read(stays, gaps, misses)
    for role in ("as", "network", "customer"):
        row = rows(readings)[role]
        assert ended(row) == ("censored", None, len(lengths))
        assert row["left_hours"] == max(r.at for r in readings if r.outcome is Outcome.ONLINE)


@checked
@given(st.integers(LEAST_STAY, LONGEST_FLAP), st.integers(SHORTEST_MOVE, 90), GAPS, MISSES)
def test_whoever_comes_back_after_more_than_a_day_has_moved(flap, stay, gaps, misses):
    """A short stay elsewhere is a flap before the Move; coming home after the Move takes nothing back."""
    stays = [Stay(HOME, 10), Stay(OTHER_AS, flap), Stay(HOME, 6), Stay(OTHER_AS, stay), Stay(HOME, 40)]
    assert outcome_of(read(stays, gaps, misses))["network"] == ("move", "org-x-n3", 1)


@checked
@given(courses(AT_HOME, AWAY), GAPS, st.data())
def test_inconclusive_and_unplaced_readings_change_no_end(stays, gaps, data):
    """Readings that say nothing of where the Target is, put in after the notice, change nothing in how it ends."""
    readings = read(stays, gaps, [False])
    said = outcome_of(readings)
    extra = []
    for before, after in pairwise(readings):
        if before.at > 0 and data.draw(st.booleans()):  # before the notice they would say who is told
            address = data.draw(st.sampled_from([place.address for place in (HOME, OTHER_AS, *NOWHERE)]))
            extra.append(Reading((before.at + after.at) / 2, Outcome.INCONCLUSIVE, address))
            address = data.draw(st.sampled_from([place.address for place in NOWHERE]))
            extra.append(Reading((before.at + 2 * after.at) / 3, before.outcome, address))
    assert outcome_of(sorted([*readings, *extra], key=lambda r: r.at)) == said


@pytest.mark.parametrize(
    "place, moved",
    [
        (OTHER_ADDRESS, set()),
        (OTHER_CUSTOMER, {"customer"}),
        (OTHER_NETWORK, {"customer", "network"}),
        (OTHER_AS, {"customer", "network", "as"}),
        (SAME_CUSTOMER_OTHER_AS, {"network", "as"}),
    ],
)
@pytest.mark.parametrize("hours, end", [(48, "move"), (12, "censored")])
def test_a_move_is_one_in_those_roles_only_whose_provider_changes(place, moved, hours, end):
    """A customer's move inside one AS is none of the AS's; a customer who changes hosters does not move as customer."""
    back = [] if end == "move" else [Stay(HOME, 30)]
    found = outcome_of(read([Stay(HOME, 10), Stay(place, hours), *back], [1.0], [False]))
    assert {role for role, (what, _, _) in found.items() if what == "move"} == (moved if end == "move" else set())
    assert {role for role, (_, _, flaps) in found.items() if flaps} == (set() if end == "move" else moved)


@pytest.mark.parametrize("hours, expected", [(24.0, ("censored", None, 1)), (24.5, ("move", "as64497", 0))])
def test_the_line_between_flap_and_move_is_drawn_at_24_hours_from_the_first_reading_elsewhere(hours, expected):
    """Back exactly 24 hours after the first reading elsewhere is a flap; half an hour later it was a Move."""
    readings = [Reading(1.0, Outcome.ONLINE, HOME.address), Reading(2.0, Outcome.ONLINE, OTHER_AS.address)]
    back = [Reading(2.0 + hours, Outcome.ONLINE, HOME.address), Reading(40.0, Outcome.ONLINE, HOME.address)]
    before = [Reading(-1.0, Outcome.ONLINE, HOME.address)]
    assert outcome_of([*before, *readings, *back])["as"] == expected


def test_a_takedown_stays_one_when_the_material_turns_up_elsewhere():
    """Removed at home, then online at another AS: the home's takedown, no Move."""
    stays = [Stay(HOME, 10), Stay(HOME, 30, online=False), Stay(OTHER_AS, 40)]
    for role in ("as", "network", "customer"):
        assert outcome_of(read(stays, [1.0], [False]))[role] == ("takedown", None, 0)
