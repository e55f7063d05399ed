"""Facts -> the addresses of each Target at each of its notices, and from where they are known.

The order (`measurement.md` section 2): the last conclusive reading at or before the notice, the report's `ip`, the IP
literal, our own Resolution (the last one before, else the first one soon after). What would surprise: the readings of
one instant, and all addresses of one Resolution, count together.
"""

from dataclasses import dataclass

import numpy as np

from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, UNKNOWN_AT, Facts, Ints, NoticeColumns, Small, positions
from monitor.model.method import Thresholds
from monitor.model.words import AttributionBasis, Outcome

BASES = tuple(AttributionBasis)
READING, REPORT, LITERAL, RESOLUTION, LATER_RESOLUTION, ORIGIN, OVERRIDE, NONE = range(len(BASES))


@dataclass(frozen=True, slots=True, eq=False)
class NoticeAddresses:
    """Pairs (place of a notice, address) ordered by notice: at least one for each, of -1 where none is known."""

    notice: Ints
    address: Ints
    first: Ints  # place of each notice's first pair
    basis: Small  # of each notice, a place in BASES
    read_at: Ints  # of each notice, the instant of the reading; UNKNOWN_AT on another basis


@dataclass(frozen=True, slots=True, eq=False)
class _Sightings:
    """Addresses seen, ordered by (target, time), as one number a (target, time)."""

    key: Ints  # target x (number of times + 1) + place of the time
    times: Ints
    target: Ints
    at: Ints
    address: Ints

    @classmethod
    def make(cls, target: Ints, at: Ints, address: Ints) -> "_Sightings":
        times = np.unique(at)
        key = target * (len(times) + 1) + np.searchsorted(times, at)
        order = np.argsort(key, kind="stable")
        return cls(key[order], times, target[order], at[order], address[order])

    def last(self, target: Ints, at: Ints) -> tuple[Ints, Ints, Ints]:
        """Of each asked (target, time) with a sighting up to it: its place, where the last instant begins and ends."""
        stop = np.searchsorted(self.key, self._asked(target, at), side="right")
        asked = np.flatnonzero(stop > 0)
        asked = asked[self.target[stop[asked] - 1] == target[asked]]
        stop = stop[asked]
        return asked, np.searchsorted(self.key, self.key[stop - 1], side="left"), stop

    def next(self, target: Ints, at: Ints, within: int) -> tuple[Ints, Ints, Ints]:
        """Likewise of the first instant after each asked time, at most `within` microseconds later."""
        start = np.searchsorted(self.key, self._asked(target, at), side="right")
        asked = np.flatnonzero(start < len(self.key))
        here = start[asked]
        asked = asked[(self.target[here] == target[asked]) & (self.at[here] - at[asked] <= within)]
        start = start[asked]
        return asked, start, np.searchsorted(self.key, self.key[start], side="right")

    def _asked(self, target: Ints, at: Ints) -> Ints:
        return target * (len(self.times) + 1) + np.searchsorted(self.times, at, side="right") - 1


def addresses_at_notices(facts: Facts, thresholds: Thresholds) -> NoticeAddresses:
    """The addresses by the rule, for every notice."""
    notices = facts.notices
    basis = np.full(len(notices), NONE, np.int8)
    places = np.arange(len(notices))
    pairs: list[tuple[Ints, Ints]] = []

    def take(asked: Ints, start: Ints, stop: Ints, seen: _Sightings, name: int) -> None:
        basis[asked] = name
        pairs.append(_spread(asked, start, stop, seen.address))

    def still_open() -> tuple[Ints, NoticeColumns]:
        left = places[basis == NONE]
        return left, notices.take(left)

    readings = facts.readings
    usable = np.flatnonzero((readings.outcome != Outcome.INCONCLUSIVE) & (readings.address >= 0))
    read = _Sightings.make(readings.target_id[usable], readings.at[usable], readings.address[usable])
    asked, start, stop = read.last(notices.target_id, notices.at)
    take(asked, start, stop, read, READING)
    read_at = np.full(len(notices), UNKNOWN_AT, np.int64)
    read_at[asked] = read.at[start]
    for name, address in ((REPORT, reported(facts, facts.reports.address)), (LITERAL, _literal(facts))):
        stated = np.flatnonzero((basis == NONE) & (address >= 0))
        basis[stated] = name
        pairs.append((stated, address[stated]))
    resolved = facts.resolutions
    seen = _Sightings.make(resolved.target_id, resolved.at, resolved.address)
    left, mine = still_open()
    asked, start, stop = seen.last(mine.target_id, mine.at)
    take(left[asked], start, stop, seen, RESOLUTION)
    left, mine = still_open()
    within = round(thresholds.later_resolution_hours * MICROS_PER_HOUR)
    asked, start, stop = seen.next(mine.target_id, mine.at, within)
    take(left[asked], start, stop, seen, LATER_RESOLUTION)
    left, _ = still_open()
    pairs.append((left, np.full(len(left), UNKNOWN, np.int64)))
    return _ordered(pairs, basis, read_at)


def reported(facts: Facts, column: Ints) -> Ints:
    """A report's column, for each notice by the report it came with."""
    return column[positions(facts.reports.report_id, facts.notices.report_id)]


def _literal(facts: Facts) -> Ints:
    return facts.targets.literal[positions(facts.targets.target_id, facts.notices.target_id)]


def _spread(asked: Ints, start: Ints, stop: Ints, address: Ints) -> tuple[Ints, Ints]:
    """One pair for each sighting in [start, stop) of each that asked."""
    n = stop - start
    place = np.repeat(stop - np.cumsum(n), n) + np.arange(n.sum())
    return np.repeat(asked, n), address[place]


def _ordered(pairs: list[tuple[Ints, Ints]], basis: Small, read_at: Ints) -> NoticeAddresses:
    notice = np.concatenate([notice for notice, _ in pairs])
    address = np.concatenate([address for _, address in pairs])
    order = np.argsort(notice, kind="stable")
    notice = notice[order]
    return NoticeAddresses(notice, address[order], np.searchsorted(notice, np.arange(len(basis))), basis, read_at)
