"""Facts and their booking -> the EpisodeTable of one Period, everything that was notified in it, in every role.

What would surprise: readings of every Period before the cut-off are used, because a notice in this Period to a
party whose Episode began in an earlier one starts nothing here.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

import numpy as np

from monitor.model.columns import (
    UNKNOWN,
    BookedReadings,
    Booking,
    Codes,
    Facts,
    Flags,
    Ints,
    ReadingColumns,
    VoidColumns,
)
from monitor.model.episode import EpisodeTable, Span
from monitor.model.method import Thresholds
from monitor.model.words import NoticeStatus, Outcome, Role
from monitor.survival.clocks import BookedNotice, recurrences, reportable, run_clocks
from monitor.survival.history import History
from monitor.survival.lanes import MATCHES, ROLES, Lanes, by_role, make_lanes, report_places, word_codes
from monitor.survival.table import Rows, episode_table

STATUSES = tuple(NoticeStatus)
LANES_AT_ONCE = 20_000
"""So many are in lists at a time, and what became of them in tuples: what is kept of a lane is a row of arrays."""
PRECEDENCE = np.array([0, 2, 1])
"""By Outcome: at one instant INCONCLUSIVE, then OFFLINE, then ONLINE, so that one ONLINE prevails."""


def episodes(
    facts: Facts, booking: Booking, span: Span, thresholds: Thresholds, *, at_once: int = LANES_AT_ONCE
) -> EpisodeTable:
    """Derive the rows of the Period [span.start, span.end) from the facts before span.cutoff, in every role.

    The role `site` names the Target's site by its number in the table (`site17`), which is no key and no name.
    """
    start, end, cutoff = (_micros(at) for at in (span.start, span.end, span.cutoff))
    readings, held = readings_in_order(facts, booking, cutoff)
    lanes = make_lanes(facts, booking, readings, held, cutoff)
    whole = _Whole.of(facts, booking, lanes, readings, held)
    rows, own = Rows(len(lanes)), lanes.like == np.arange(len(lanes))
    for low in range(0, len(lanes), at_once):
        each = _Lists.of(whole, low, min(low + at_once, len(lanes)))
        for n in np.flatnonzero(own[low : low + at_once]).tolist():
            entries = run_clocks(each.notices(n), partial(each.history, n), cutoff, thresholds)
            rows.add(low + n, [(entry, recurrences(entry, entries)) for entry in reportable(entries, start, end)])
        rows.settle()
    paged = np.unique(readings.target_id[readings.page])
    del whole, readings, held  # of no use for the table, which takes as much room again
    return episode_table(rows, lanes, facts, booking, paged)


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def usable_readings(facts: Facts, cutoff: int) -> Flags:
    """Those before the cut-off; a report's own bracket only where no check log of its Target says anything by then."""
    readings = facts.readings
    early = readings.at < cutoff
    says = early & ~readings.bracket & (readings.outcome != Outcome.INCONCLUSIVE)
    logged = np.unique(readings.target_id[says])
    return early & ~(readings.bracket & np.isin(readings.target_id, logged))


def readings_in_order(facts: Facts, booking: Booking, cutoff: int) -> tuple[ReadingColumns, BookedReadings]:
    """The usable readings by Target and time.

    No store key breaks a tie: the same facts, imported in another order, give the same rows. Both sides of a
    bracket at one instant are a removal at that instant: there OFFLINE comes last.
    """
    keep = np.flatnonzero(usable_readings(facts, cutoff))
    readings, held = facts.readings.take(keep), booking.readings.take(keep)
    exact = readings.bracket & (readings.outcome == Outcome.OFFLINE)
    precedence = np.where(exact, len(PRECEDENCE), PRECEDENCE[readings.outcome])
    ties = (held.customer, held.as_, readings.confirmed, held.proxy, held.network, readings.cause, precedence)
    order = np.lexsort((*ties, readings.at, readings.target_id))
    return readings.take(order), held.take(order)


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    """What the lists are cut from, as arrays: by booked notice, by lane, by reading."""

    at: Ints
    status: Ints
    provider: Codes
    role: Ints
    match: Ints
    reported: Ints
    borders: Ints
    first: Ints  # reading of the lane's Target
    last: Ints
    readings: ReadingColumns
    held: dict[Role, Codes]
    void_at: Ints
    first_void: Ints  # of the lane's Target; empty where no check was void
    last_void: Ints

    @classmethod
    def of(
        cls, facts: Facts, booking: Booking, lanes: Lanes, readings: ReadingColumns, held: BookedReadings
    ) -> "_Whole":
        return cls(
            at=facts.notices.at[lanes.notice],
            status=word_codes(facts.notices.status, STATUSES)[lanes.notice],
            provider=booking.notices.provider[lanes.entry],
            role=lanes.role,
            match=lanes.match,
            reported=facts.reports.reported_at[report_places(facts)][lanes.notice],
            borders=lanes.borders,
            first=np.searchsorted(readings.target_id, lanes.target, side="left"),
            last=np.searchsorted(readings.target_id, lanes.target, side="right"),
            readings=readings,
            held=by_role(held),
            void_at=facts.voids.at,
            first_void=_sides(facts.voids, lanes.target, "left"),
            last_void=_sides(facts.voids, lanes.target, "right"),
        )


@dataclass(frozen=True, slots=True)
class _Lists:
    """Lists of some lanes, which a loop reads several times faster than arrays, and which take several times the room.

    A lane's number here, and every place in a list, counts from the first of these lanes.
    """

    at: list[int]
    status: list[int]
    provider: list[int]
    role: list[int]
    match: list[int]
    reported: list[int]
    borders: list[int]
    first: list[int]
    last: list[int]
    read_at: list[int]
    outcome: list[int]
    cause: list[int]
    confirmed: list[bool]
    held: dict[Role, list[int]]  # Provider codes
    void_at: list[int]
    first_void: list[int]
    last_void: list[int]

    @classmethod
    def of(cls, whole: _Whole, low: int, high: int) -> "_Lists":
        """Those of the lanes from `low` to `high`: ordered by Target, so their readings are one stretch too."""
        borders = whole.borders[low : high + 1]
        booked = slice(borders[0], borders[-1])
        first, last = whole.first[low:high], whole.last[low:high]
        read = slice(first[0], last[-1])
        readings = whole.readings
        voids = whole.first_void[low:high], whole.last_void[low:high]
        first_void = int(voids[0][0]) if len(voids[0]) else 0
        return cls(
            at=whole.at[booked].tolist(),
            status=whole.status[booked].tolist(),
            provider=whole.provider[booked].tolist(),
            role=whole.role[booked].tolist(),
            match=whole.match[booked].tolist(),
            reported=whole.reported[booked].tolist(),
            borders=(borders - borders[0]).tolist(),
            first=(first - first[0]).tolist(),
            last=(last - first[0]).tolist(),
            read_at=readings.at[read].tolist(),
            outcome=readings.outcome[read].tolist(),
            cause=readings.cause[read].tolist(),
            confirmed=readings.confirmed[read].tolist(),
            held={role: codes[read].tolist() for role, codes in whole.held.items()},
            void_at=whole.void_at[first_void : int(voids[1][-1])].tolist() if len(voids[1]) else [],
            first_void=(voids[0] - first_void).tolist(),
            last_void=(voids[1] - first_void).tolist(),
        )

    def notices(self, n: int) -> list[BookedNotice]:
        """Those of lane `n`."""
        low, high = self.borders[n], self.borders[n + 1]
        return [
            BookedNotice(
                i - low,
                self.at[i],
                STATUSES[self.status[i]],
                self.provider[i],
                ROLES[self.role[i]],
                MATCHES[self.match[i]],
                self.reported[i],
            )
            for i in range(low, high)
        ]

    def history(self, n: int, role: Role) -> History:
        """The readings of the Target of lane `n`, as a role sees them: a site's own are all at home."""
        part = slice(self.first[n], self.last[n])
        at = self.read_at[part]
        provider = self.held[role][part] if role in self.held else [UNKNOWN] * len(at)
        voids = self.void_at[self.first_void[n] : self.last_void[n]] if self.void_at else ()
        return History(at, self.outcome[part], self.cause[part], provider, self.confirmed[part], voids)


def _sides(voids: VoidColumns, targets: Ints, side: Literal["left", "right"]) -> Ints:
    """Where the void checks of each Target begin or end."""
    return np.searchsorted(voids.target_id, targets, side=side) if len(voids) else np.empty(0, np.int64)
