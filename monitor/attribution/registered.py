"""Addresses, registries' answers and claims in; to whom each address was registered from when on, as columns, out.

1. The ranges (what answers speak for, what they are about, claimed networks) cut each family into stretches.
2. Each address falls into one stretch, by binary search; stretches without addresses are passed over.
3. For each stretch that is left, the answers and claims that bear on it give its course (`registered_course.py`);
   equal ones are worked out once.
4. Every address gets the course of its stretch.
What would surprise: an answer bears only on what it `covers`, but as the holder of a sub-allocation on its whole range.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.attribution.packed import PackedAddresses
from monitor.attribution.registered_course import ClaimedNetwork, Course, Reading, course_of
from monitor.attribution.timeline import entry_at
from monitor.model.columns import UNKNOWN, Ints, RegistrationColumns, Texts, no_registrations
from monitor.model.provider import Claim
from monitor.model.registration import RegistrationAnswer
from monitor.model.report import Address
from monitor.model.words import RegistrationStatus

_COVERING, _AROUND, _CLAIMED = range(3)


@dataclass(frozen=True, slots=True)
class _Bearing:
    """A range [first, last] of one family (4 or 16 bytes) and what bears on it: its place in a list."""

    size: int
    first: int
    last: int
    kind: int
    item: int


@dataclass(frozen=True, slots=True, eq=False)
class _Courses:
    """Every different course, one after the other: course i has the entries from `start[i]` to `start[i + 1]`."""

    start: Ints
    as_of: Ints
    holder: Texts
    customer: Texts
    claimed: Texts
    doubt: Texts
    answer: Ints

    @classmethod
    def of(cls, courses: Sequence[Course]) -> "_Courses":
        lengths = np.array([len(course) for course in courses], np.int64)
        flat = [entry for course in courses for entry in course]
        states = [state for _, state in flat]
        return cls(
            np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths))),
            np.array([at for at, _ in flat], np.int64),
            _texts(state.holder for state in states),
            _texts(state.customer for state in states),
            _texts(state.claimed for state in states),
            _texts(state.doubt for state in states),
            np.array([state.answer for state in states], np.int64),
        )


def register(
    address_ids: Ints, addresses: Sequence[Address], answers: Sequence[RegistrationAnswer], claims: Sequence[Claim]
) -> RegistrationColumns:
    """To whom each address is registered, by instant; ids and packed addresses are aligned, ids in any order.

    Of `claims` those of a network count. Raises ValueError where a claimed network is no prefix.
    """
    found = [
        (Reading.of(each, each.network), each.covers)
        for each in answers
        if each.status is RegistrationStatus.FOUND and each.network is not None
    ]
    readings = [reading for reading, _ in found]
    claimed = [claim for claim in claims if claim.network is not None]
    bearings = [*_of_readings(found), *_of_claims(claimed)]
    courses = _CourseBook(readings, [ClaimedNetwork.of(claim) for claim in claimed])
    packed = PackedAddresses.of(addresses)
    course = np.full(packed.n, UNKNOWN, np.int64)
    four = _Stretches.of([each for each in bearings if each.size == 4], np.dtype(np.int64))
    course[packed.at4] = four.courses(packed.value4.astype(np.int64), courses)
    six = _Stretches.of([each for each in bearings if each.size == 16], np.dtype("S16"))
    course[packed.at6] = six.courses(_bytes16(packed), courses)
    return _columns(address_ids, course, _Courses.of(courses.found)) if courses.found else no_registrations()


def registration_at(registrations: RegistrationColumns, address: Ints, at: Ints) -> Ints:
    """For each (address id, instant) the index of the entry that holds, -1 where there is none (`timeline.py`)."""
    return entry_at(registrations, address, at)


class _CourseBook:
    """Courses by what bears on them, each worked out once and numbered."""

    def __init__(self, readings: Sequence[Reading], claims: Sequence[ClaimedNetwork]) -> None:
        self._readings = readings
        self._claims = claims
        self._numbers: dict[tuple[frozenset[int], ...], int] = {}
        self.found: list[Course] = []

    def number(self, active: tuple[set[int], ...]) -> int:
        """The number of the course, UNKNOWN where nothing bears on the stretch."""
        covering, around, claimed = active
        if not covering and not claimed:
            return UNKNOWN
        if not any(self._readings[each].is_sub_allocation for each in covering):
            around = set()
        key = (frozenset(covering), frozenset(around), frozenset(claimed))
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.found)
            self.found.append(
                course_of(
                    [self._readings[each] for each in covering],
                    [self._readings[each] for each in around],
                    [self._claims[each] for each in claimed],
                )
            )
        return number


@dataclass(frozen=True, slots=True, eq=False)
class _Stretches:
    """Stretch i of one family runs from bound i to the next; `changes[i]` says what begins (True) or ends there."""

    bounds: NDArray[np.int64] | NDArray[np.bytes_]
    changes: list[list[tuple[bool, _Bearing]]]

    @classmethod
    def of(cls, bearings: Sequence[_Bearing], dtype: np.dtype[np.int64] | np.dtype[np.bytes_]) -> "_Stretches":
        changes: dict[int, list[tuple[bool, _Bearing]]] = {}
        for each in bearings:
            changes.setdefault(each.first, []).append((True, each))
            changes.setdefault(each.last + 1, []).append((False, each))
        bounds = sorted(bound for bound in changes if dtype.kind == "i" or bound < 1 << 128)
        listed = [changes[bound] for bound in bounds]
        if dtype.kind == "i":
            return cls(np.array(bounds, np.int64), listed)
        return cls(np.array([bound.to_bytes(16) for bound in bounds], np.dtype("S16")), listed)

    def courses(self, values: NDArray[np.int64] | NDArray[np.bytes_], book: _CourseBook) -> Ints:
        """The number of each address's course."""
        order = np.argsort(values)  # in ascending order the search stays in the caches
        stretch = np.empty(len(values), np.int64)
        stretch[order] = np.searchsorted(self.bounds, values[order], side="right") - 1
        used = np.zeros(len(self.bounds) + 1, np.bool_)
        used[stretch] = True  # -1, before the first bound, marks the last place
        numbers = np.full(len(self.bounds) + 1, UNKNOWN, np.int64)
        active: tuple[set[int], ...] = (set(), set(), set())
        for place, changes in enumerate(self.changes):
            for begins, each in changes:
                if begins:
                    active[each.kind].add(each.item)
                else:
                    active[each.kind].remove(each.item)
            if used[place]:
                numbers[place] = book.number(active)
        return numbers[stretch]


def _of_readings(found: Sequence[tuple[Reading, tuple[Address, Address] | None]]) -> Iterator[_Bearing]:
    parents = {reading.parent for reading, _ in found if reading.parent is not None}
    # By their ranges: of one range every answer counts, for any of them can have taken over.
    around = {reading.range for reading, _ in found if not reading.is_sub_allocation or reading.handle in parents}
    for item, (reading, covers) in enumerate(found):
        if covers is not None:
            yield _bearing(covers, _COVERING, item)
        if reading.range in around:
            yield _bearing(reading.range, _AROUND, item)


def _of_claims(claims: Sequence[Claim]) -> Iterator[_Bearing]:
    for item, claim in enumerate(claims):
        try:
            network = ipaddress.ip_network(claim.network or "", strict=False)
        except ValueError:
            raise ValueError("a claimed network is no prefix") from None
        yield _bearing((network.network_address.packed, network.broadcast_address.packed), _CLAIMED, item)


def _bearing(bounds: tuple[bytes, bytes], kind: int, item: int) -> _Bearing:
    first, last = bounds
    return _Bearing(len(first), int.from_bytes(first), int.from_bytes(last), kind, item)


def _columns(address_ids: Ints, course: Ints, courses: _Courses) -> RegistrationColumns:
    has = np.flatnonzero(course != UNKNOWN)
    has = has[np.argsort(address_ids[has], kind="stable")]
    start = courses.start[course[has]]
    n_entries = courses.start[course[has] + 1] - start
    before = np.cumsum(n_entries) - n_entries
    entry = np.repeat(start - before, n_entries) + np.arange(int(n_entries.sum()))
    return RegistrationColumns(
        np.repeat(address_ids[has], n_entries),
        courses.as_of[entry],
        courses.holder[entry],
        courses.customer[entry],
        courses.claimed[entry],
        courses.doubt[entry],
        courses.answer[entry],
    )


def _bytes16(packed: PackedAddresses) -> NDArray[np.bytes_]:
    """IPv6 addresses as 16 bytes each, which numpy orders as numbers (it pads with zeros where zeros end them)."""
    halves = np.empty((len(packed.high6), 2), ">u8")
    halves[:, 0], halves[:, 1] = packed.high6, packed.low6
    return halves.view("S16").ravel()


def _texts(values: Iterator[str | None]) -> Texts:
    listed = list(values)
    column = np.empty(len(listed), np.object_)
    column[:] = listed
    return column
