"""Rows -> EpisodeTable: what the notice, its report and its Target say, beside what became of it.

What would surprise: the dense integers (`target_id`, `site_id`, `cluster_id`) are numbered in the table's own
order, so that two stores with other keys give the same table; and in the role `site` the number is the name.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, Booking, Facts, Ints, Texts, positions
from monitor.model.episode import CAP_HOURS, EpisodeTable
from monitor.model.words import EpisodeStatus, Role
from monitor.survival.clocks import Entry
from monitor.survival.course import Course
from monitor.survival.lanes import MATCHES, Lanes, report_places

RULE_VERSION = "episodes-3"
NAN = float("nan")
DAY = 24 * MICROS_PER_HOUR


class Rows:
    """The rows to be, as they are gathered lane by lane; `settle` makes arrays of what was gathered so far."""

    def __init__(self, n_lanes: int) -> None:
        self._first = np.zeros(n_lanes, np.int64)
        self._number = np.zeros(n_lanes, np.int64)
        self._settled: list[dict[str, NDArray[Any]]] = []
        self._n_settled = 0
        self._position: list[int] = []
        self._status: list[str] = []
        self._course: list[CourseValues] = []

    def add(self, lane: int, made: list[tuple[Entry, int]]) -> None:
        """The rows of one lane, each with the number of returns after it."""
        self._first[lane], self._number[lane] = self._n_settled + len(self._course), len(made)
        for entry, n_recurrences in made:
            self._position.append(entry.notice.position)
            self._status.append(entry.status.value)
            self._course.append(course_values(entry, n_recurrences))

    def settle(self) -> None:
        """Tuples take several times the room of arrays: to be called after every so many lanes, and at the end."""
        transposed = zip(*self._course, strict=True) if self._course else ((),) * len(CourseValues._fields)
        part: dict[str, NDArray[Any]] = {
            name: np.array(values, _DTYPES.get(name, np.float64))
            for name, values in zip(CourseValues._fields, transposed, strict=True)
        }
        part["position"] = np.array(self._position, np.int64)
        part["status"] = np.array(self._status, object)
        self._settled.append(part)
        self._n_settled += len(self._course)
        self._position, self._status, self._course = [], [], []

    def of_all(self, lanes: Lanes) -> tuple[Ints, Ints]:
        """The rows of every lane, also of those that are like another: place in the lanes, and what is shared."""
        number = self._number[lanes.like]
        lane = np.repeat(np.arange(len(lanes)), number)
        within = np.arange(len(lane)) - np.repeat(np.cumsum(number) - number, number)
        shared = self._first[lanes.like][lane] + within
        return lanes.borders[lane] + self._column("position")[shared], shared

    def columns(self, booking: Booking, shared: Ints) -> dict[str, NDArray[Any]]:
        """Status and what became of it, of the rows `shared`."""
        columns = {name: self._column(name)[shared] for name in ("status", *CourseValues._fields)}
        columns["moved_to"] = np.array([*booking.provider_ids, None], object)[columns["moved_to"]]
        return columns

    def _column(self, name: str) -> NDArray[Any]:
        """One column of all that was settled."""
        return np.concatenate([part[name] for part in self._settled] or [np.empty(0, _DTYPES.get(name, np.float64))])


def _dense(values: Ints) -> Ints:
    """Integers from 0 in order of first appearance."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse] if len(values) else values


def _rank(values: Texts) -> Ints:
    """Each text's place among the distinct ones, by code point."""
    items = [str(value) for value in values.tolist()]
    place = {text: n for n, text in enumerate(sorted(set(items)))}
    return np.fromiter(map(place.__getitem__, items), np.int64, len(items))


def _hours(at: int | None, zero: int) -> float:
    return NAN if at is None else (at - zero) / MICROS_PER_HOUR


def episode_table(rows: Rows, lanes: Lanes, facts: Facts, booking: Booking, paged: Ints) -> EpisodeTable:
    """The rows in the order of the frozen table: source, record_id, role, clock, time of notice.

    `paged`: the Targets of which a page was seen to answer.
    """
    place, shared = rows.of_all(lanes)
    report = report_places(facts)
    order = _order(facts, lanes, place, report)
    place, shared = place[order], shared[order]
    return EpisodeTable(
        **_notice_columns(facts, lanes, place, report[lanes.notice[place]], paged),
        **_booked_columns(facts, booking, lanes.entry[place]),
        **rows.columns(booking, shared),
        addressee_match=np.array([match.value for match in MATCHES], object)[lanes.match[place]],
        rule_version=np.full(len(place), RULE_VERSION, object),
    )


def _order(facts: Facts, lanes: Lanes, place: Ints, report: Ints) -> Ints:
    reports, notices, notice = facts.reports, facts.notices, lanes.notice[place]
    source, record = _rank(reports.source)[report], _rank(reports.record_id)[report]
    roles = _rank(np.array([role.value for role in Role], object))
    keys = (notices.at[notice], _rank(notices.kind)[notice], roles[lanes.role[place]], record[notice], source[notice])
    return np.lexsort(keys)


def _notice_columns(facts: Facts, lanes: Lanes, place: Ints, report: Ints, paged: Ints) -> dict[str, NDArray[Any]]:
    """What the notice, its report and its Target say, whoever is booked."""
    notices, reports, notice = facts.notices, facts.reports, lanes.notice[place]
    target = notices.target_id[notice]
    return {
        "record_id": reports.record_id[report],
        "source": reports.source[report],
        "target_id": _dense(target),
        "clock": notices.kind[notice],
        "site_type": reports.site_type[report],
        "reported_at": reports.reported_at[report],
        "notified_at": notices.at[notice],
        "notice_sender": notices.sender[notice],
        "notice_status": notices.status[notice],
        "known_material": reports.known_material[report],
        "page_target": np.isin(target, paged),
        "deadline_hours": notices.deadline_hours[notice],
    }


def _booked_columns(facts: Facts, booking: Booking, entry: Ints) -> dict[str, NDArray[Any]]:
    """Who is booked in the row's role, and how that is known."""
    booked = booking.notices.take(entry)
    notices = facts.notices
    sites = facts.targets.site[positions(facts.targets.target_id, notices.target_id[booked.notice])]
    site = _dense(sites)
    is_site = booked.role == Role.SITE.value
    ids, countries = (np.array([*values, None], object) for values in (booking.provider_ids, booking.countries))
    names = np.array([f"site{n}" for n in range(int(site.max(initial=-1)) + 1)], object)
    provider, country = ids[booked.provider], countries[booked.provider]
    provider[is_site], country[is_site] = names[site[is_site]], None
    return {
        "site_id": site,
        "provider_id": provider,
        "asn": booked.asn,
        "role": booked.role,
        "fronted": booked.fronted,
        "attribution_confidence": booked.confidence,
        "country": country,
        "cluster_id": _clusters(np.where(is_site, len(ids) + site, booked.provider), notices.at[booked.notice]),
        "unattributed_reason": booked.reason,
        "attribution_basis": booked.basis,
        "attribution_doubts": booked.doubts,
    }


def _clusters(party: Ints, at: Ints) -> Ints:
    """One number for each party (-1: nobody) and UTC day of notice."""
    day = at // DAY
    return _dense(party + (day - day.min(initial=0)) * (int(party.max(initial=0)) + 2))


class CourseValues(NamedTuple):
    """What became of a row's Target. A tuple, because many are made and only transposed."""

    n_checks: int = 0
    left_hours: float = NAN
    right_hours: float = NAN
    end: str | None = None
    lower0_hours: float = NAN
    weight: float = NAN
    first_left_hours: float = NAN
    first_right_hours: float = NAN
    tail_from_hours: float = NAN
    last_outcome: str | None = None
    moved_to: int = UNKNOWN
    exposure_low_hours: float = NAN
    exposure_high_hours: float = NAN
    recurrence: int = 0
    provisional: bool = False
    interrupted: bool = False
    gap_at_notice: bool = False
    flaps: int = 0


_DTYPES: dict[str, Any] = {
    "position": np.int64,
    "status": object,
    "n_checks": np.int64,
    "end": object,
    "last_outcome": object,
    "moved_to": np.int64,
    "flaps": np.int64,
    "recurrence": np.int64,
    "provisional": bool,
    "interrupted": bool,
    "gap_at_notice": bool,
}


NOTHING = CourseValues()
"""Of a notice that started no clock."""


def course_values(entry: Entry, recurrence: int) -> CourseValues:
    """The values of one row, from the Course and the number of returns after it."""
    course, zero = entry.course, entry.notice.at
    if course is None:
        return NOTHING
    last = course.last_outcome.word if course.last_outcome is not None else None
    if entry.status is not EpisodeStatus.EPISODE:
        return CourseValues(n_checks=course.n_checks, last_outcome=last, recurrence=recurrence)
    first, gap = course.first_takedown, course.gap_from_at
    right = float("inf") if course.right_at is None else _hours(course.right_at, zero)
    lower0 = _hours(gap, zero)
    return CourseValues(
        n_checks=course.n_checks,
        left_hours=_hours(course.left_at, zero),
        right_hours=right,
        end=course.end.value,
        lower0_hours=lower0,
        weight=1.0 if gap is None else right / (right - lower0),
        first_left_hours=NAN if first is None else max(_hours(first.last_online_at or zero, zero), 0.0),
        first_right_hours=NAN if first is None else _hours(first.first_at, zero),
        tail_from_hours=_hours(course.tail_from_at, zero),
        last_outcome=last,
        moved_to=course.moved_to,
        exposure_low_hours=_exposure(course, certain=True),
        exposure_high_hours=_exposure(course, certain=False),
        recurrence=recurrence,
        provisional=course.provisional,
        interrupted=course.interrupted,
        gap_at_notice=gap is not None,
        flaps=course.n_flaps,
    )


def _exposure(course: Course, *, certain: bool) -> float:
    """Hours online after the notice, summed over the OnlineIntervals, at most 720."""
    stretches = course.intervals
    hours = sum(i.certain_end - i.certain_start if certain else i.possible_end - i.possible_start for i in stretches)
    return min(max(hours, 0.0), CAP_HOURS)
