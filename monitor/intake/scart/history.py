"""The table `input_history`, kept as columns of numbers, and what it says of one report.

In: rows, in any order. Out: `Course` of a report: its events in order of time. What would surprise: nothing here is
the time of a failed check but the last; SCART closes after three failures at least 15 minutes apart, so the material
was gone half an hour or more before its `close_offline`, and the interval (last seen, closed] holds the truth and is
never too narrow.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from monitor.intake.hosts import parse_address
from monitor.intake.problems import Code, IntakeProblem
from monitor.intake.reports import required
from monitor.intake.scart.file import Cells
from monitor.intake.scart.vocabulary import (
    GRADE_TAG,
    HOSTER_TAG,
    ICCAM_MOVED,
    ICCAM_TAG,
    IP_TAG,
    STATUS_TAG,
    is_final,
    status_of,
)
from monitor.intake.times import EARLIEST, TimeReader
from monitor.model.report import Address

_MICRO = timedelta(microseconds=1)
_WIDTH = 7
_LONGEST_ID = 18


class EventKind(IntEnum):
    CLOSE_OFFLINE = 0
    CLOSE_OFFLINE_MANUAL = 1
    CLOSE = 2
    HOSTER_CHANGED = 3  # SCART's `abusecontact_changed`
    ADDRESS = 4  # the first address, or another
    HOSTER = 5  # who it is from then on
    REGRADED = 6  # from one assessment to another
    ICCAM_MOVED = 7


_OF_STATUS = {
    "close_offline": EventKind.CLOSE_OFFLINE,
    "close_offline_manual": EventKind.CLOSE_OFFLINE_MANUAL,
    "close": EventKind.CLOSE,
    "abusecontact_changed": EventKind.HOSTER_CHANGED,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the history that is kept. `old` and `new` are addresses, or None."""

    row: int
    place: int  # of its file among those of the history
    kind: EventKind
    at: datetime
    old: Address | None
    new: Address | None
    hoster: int


class History:
    """All histories. `add` every row, then `settle` once, then `of` for each report."""

    def __init__(self, times: TimeReader) -> None:
        self._times = times
        self._flat = array("q")  # of each row: input, microseconds, kind, row, old, new, place
        self._addresses: dict[str, int] = {"": -1}
        self._packed: list[Address] = []
        self._sorted: NDArray[np.int64] = np.empty((0, _WIDTH), np.int64)
        self._ids: NDArray[np.int64] = np.empty(0, np.int64)

    def add(self, row: int, place: int, cells: Cells) -> bool:
        """Take one row; False where it says nothing that is used. Raises IntakeProblem."""
        input_id, tag, old, new, at, deleted = cells
        kind = _kind(tag.upper(), old, new)
        if deleted or kind is None:
            return False
        moment = (self._times.read(required(at, "created_at"), "created_at") - EARLIEST) // _MICRO
        before, after = -1, -1
        if kind is EventKind.ADDRESS:
            before, after = self._address(old), self._address(new)
        elif kind is EventKind.HOSTER:
            after = number(new, "new")
        self._flat.extend((number(input_id, "input_id"), moment, int(kind), row, before, after, place))
        return True

    def settle(self) -> None:
        """Sort by report and time: from here on `of` answers."""
        rows = np.array(self._flat, np.int64).reshape(-1, _WIDTH)
        self._sorted = rows[np.lexsort((rows[:, 3], rows[:, 6], rows[:, 1], rows[:, 0]))]
        self._ids = np.ascontiguousarray(self._sorted[:, 0])
        self._flat = array("q")

    def of(self, input_id: int) -> "Course":
        """The events of one report, in order of time."""
        first, last = np.searchsorted(self._ids, [input_id, input_id + 1])
        return Course(tuple(self._events(self._sorted[first:last])))

    @property
    def inputs(self) -> list[int]:
        """The ids of `input` that it tells of."""
        return [int(one) for one in np.unique(self._ids)]

    def __len__(self) -> int:
        return len(self._sorted)

    def _events(self, rows: NDArray[np.int64]) -> Iterator[Event]:
        for _, micros, kind, row, old, new, place in rows.tolist():
            of_address = kind == EventKind.ADDRESS
            yield Event(
                row,
                place,
                EventKind(kind),
                EARLIEST + micros * _MICRO,
                self._packed[old] if of_address and old >= 0 else None,
                self._packed[new] if of_address and new >= 0 else None,
                new if kind == EventKind.HOSTER else -1,
            )

    def _address(self, text: str) -> int:
        known = self._addresses.get(text)
        if known is None:
            packed = _packed(text)
            known = -1 if packed is None else len(self._packed)
            if packed is not None:
                self._packed.append(packed)
            self._addresses[text] = known
        return known


@dataclass(frozen=True, slots=True)
class Course:
    """What the history says of one report."""

    events: tuple[Event, ...]

    def of_kind(self, *kinds: EventKind) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.kind in kinds)

    def address_at(self, at: datetime) -> Address | None:
        """The address by the last change before, else the one that the first change names first."""
        found: Address | None = None
        changes = self.of_kind(EventKind.ADDRESS)
        if changes:
            found = changes[0].old or changes[0].new
        for event in changes:
            if event.at <= at:
                found = event.new or found
        return found

    def moved_to(self, at: datetime) -> Address | None:
        """The address at that time where it is another than the first one known; else None."""
        return self.address_at(at) if self.changes_before(at) else None

    def changes_before(self, at: datetime) -> tuple[Event, ...]:
        """Real changes of the address, from one to another, up to that time."""
        changes = self.of_kind(EventKind.ADDRESS)
        return tuple(
            event for event in changes if event.at <= at and event.old and event.new and event.old != event.new
        )

    def hoster_at(self, at: datetime) -> int | None:
        found = None
        for event in self.of_kind(EventKind.HOSTER):
            if event.at <= at:
                found = event.hoster
        return found

    @property
    def regraded_at(self) -> datetime | None:
        """When the assessment last changed from one to another."""
        changes = self.of_kind(EventKind.REGRADED)
        return changes[-1].at if changes else None


def number(text: str, field: str) -> int:
    """An id of the database. Raises IntakeProblem."""
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_ID:
        raise IntakeProblem(Code.BAD_NUMBER, "The value is not the number of a row.", field)
    return int(text)


def _kind(tag: str, old: str, new: str) -> EventKind | None:
    if tag == STATUS_TAG:
        return _OF_STATUS.get(new) if status_of(new) else None
    if tag == IP_TAG:
        return EventKind.ADDRESS if new else None
    if tag == HOSTER_TAG:
        return EventKind.HOSTER if new.isdigit() else None
    if tag == GRADE_TAG:
        return EventKind.REGRADED if is_final(old) and is_final(new) and old != new else None
    return EventKind.ICCAM_MOVED if tag == ICCAM_TAG and new == ICCAM_MOVED else None


def _packed(text: str) -> Address | None:
    """An address that cannot be read is one that is not known."""
    try:
        return parse_address(text)
    except IntakeProblem:
        return None
