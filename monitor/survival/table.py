"""Rows -> EpisodeTable: what the notice, its report and its Target say, beside what became of it.

What would surprise: the dense integers (`target_id`, `site_id`, `cluster_id`) are numbered in the table's own
order, so that two stores with other keys give the same table.
"""

from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, Booking, Facts, Ints, Texts, positions
from monitor.model.episode import CAP_HOURS, EpisodeTable
from monitor.model.words import EpisodeStatus, NoticeKind
from monitor.survival.clocks import Entry
from monitor.survival.course import Course

RULE_VERSION = "episodes-1"
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Row:
    kind: NoticeKind
    entry: Entry
    clock_starts: list[int]

    @property
    def recurrences(self) -> int:
        """Returns after this end, up to the next notice that started a clock."""
        if self.entry.course is None:
            return 0
        later = [at for at in self.clock_starts if at > self.entry.notice.at]
        return sum(1 for at in self.entry.course.recurrences_at if not later or at < min(later))


def report_places(facts: Facts) -> Ints:
    """Where each notice's report stands in the report columns."""
    return positions(facts.reports.report_id, facts.notices.report_id)


def _dense(values: Ints) -> Ints:
    """Integers from 0 in order of first appearance."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse] if len(values) else values


def _hours(at: int | None, zero: int) -> float:
    return NAN if at is None else (at - zero) / MICROS_PER_HOUR


def episode_table(rows: list[Row], facts: Facts, booking: Booking) -> EpisodeTable:
    """The rows in the order of the frozen table: source, record_id, role, clock, time of notice."""
    places = np.array([row.entry.notice.position for row in rows], np.int64)
    report = report_places(facts)[places] if len(rows) else places
    clock: Texts = np.array([row.kind.value for row in rows], object)
    role: Texts = np.array([row.entry.notice.role.value for row in rows], object)
    sort = _order(facts, report, clock, role, facts.notices.at[places])
    rows = [rows[i] for i in sort.tolist()]
    places, report, clock, role = places[sort], report[sort], clock[sort], role[sort]
    return EpisodeTable(
        **_notice_columns(facts, booking, places, report, clock, role, rows),
        **_course_columns(rows, booking),
    )


def _order(facts: Facts, report: Ints, clock: Texts, role: Texts, notified_at: Ints) -> Ints:
    keys = (facts.reports.source[report], facts.reports.record_id[report], role, clock)
    codes = [np.unique(key.astype(str), return_inverse=True)[1] for key in keys]
    return np.lexsort((notified_at, *reversed(codes)))


def _notice_columns(
    facts: Facts, booking: Booking, places: Ints, report: Ints, clock: Texts, role: Texts, rows: list[Row]
) -> dict[str, Any]:
    notices, reports, booked = facts.notices, facts.reports, booking.notices
    target = notices.target_id[places]
    site = facts.targets.site[positions(facts.targets.target_id, target)]
    code = booked.provider[places]
    ids, countries = (np.array([*values, None], object) for values in (booking.provider_ids, booking.countries))
    day = notices.at[places] // (24 * MICROS_PER_HOUR)
    paged = np.unique(facts.readings.target_id[facts.readings.page])
    return {
        "record_id": reports.record_id[report],
        "source": reports.source[report],
        "target_id": _dense(target),
        "site_id": _dense(site),
        "provider_id": ids[code],
        "asn": booked.asn[places],
        "role": role,
        "clock": clock,
        "status": np.array([row.entry.status.value for row in rows], object),
        "site_type": reports.site_type[report],
        "reported_at": reports.reported_at[report],
        "notified_at": notices.at[places],
        "notice_sender": notices.sender[places],
        "notice_status": notices.status[places],
        "addressee_match": np.array([row.entry.notice.match.value for row in rows], object),
        "fronted": booked.fronted[places],
        "attribution_confidence": booked.confidence[places],
        "known_material": reports.known_material[report],
        "country": countries[code],
        "page_target": np.isin(target, paged),
        "deadline_hours": notices.deadline_hours[places],
        "cluster_id": _dense(code.astype(np.int64) + (day - day.min(initial=0)) * (len(ids) + 1)),
        "rule_version": np.full(len(rows), RULE_VERSION, object),
        "unattributed_reason": booked.reason[places],
        "attribution_basis": booked.basis[places],
    }


def _course_columns(rows: list[Row], booking: Booking) -> dict[str, Any]:
    columns = zip(*(_course_values(row, booking) for row in rows), strict=True) if rows else repeat(())
    return {
        name: np.array(values, _DTYPES.get(name, np.float64))
        for name, values in zip(_CourseValues._fields, columns, strict=False)
    }


class _CourseValues(NamedTuple):  # a tuple, because one is made for each row and only transposed
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
    moved_to: str | None = None
    exposure_low_hours: float = NAN
    exposure_high_hours: float = NAN
    recurrence: int = 0
    provisional: bool = False
    interrupted: bool = False
    gap_at_notice: bool = False


_DTYPES: dict[str, Any] = {
    "n_checks": np.int64,
    "end": object,
    "last_outcome": object,
    "moved_to": object,
    "recurrence": np.int64,
    "provisional": bool,
    "interrupted": bool,
    "gap_at_notice": bool,
}


def _course_values(row: Row, booking: Booking) -> _CourseValues:
    course, zero = row.entry.course, row.entry.notice.at
    if course is None:
        return _CourseValues()
    last = course.last_outcome.word if course.last_outcome is not None else None
    if row.entry.status is not EpisodeStatus.EPISODE:
        return _CourseValues(n_checks=course.n_checks, last_outcome=last, recurrence=row.recurrences)
    first, gap = course.first_takedown, course.gap_from_at
    right = float("inf") if course.right_at is None else _hours(course.right_at, zero)
    lower0 = _hours(gap, zero)
    return _CourseValues(
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
        moved_to=None if course.moved_to == UNKNOWN else booking.provider_ids[course.moved_to],
        exposure_low_hours=_exposure(course, certain=True),
        exposure_high_hours=_exposure(course, certain=False),
        recurrence=row.recurrences,
        provisional=course.provisional,
        interrupted=course.interrupted,
        gap_at_notice=gap is not None,
    )


def _exposure(course: Course, *, certain: bool) -> float:
    """Hours online after the notice, summed over the OnlineIntervals, at most 720."""
    stretches = course.intervals
    hours = sum(i.certain_end - i.certain_start if certain else i.possible_end - i.possible_start for i in stretches)
    return min(max(hours, 0.0), CAP_HOURS)
