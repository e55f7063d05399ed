"""The answers and claims that bear on one stretch of addresses in, to whom it was registered from when on out.

1. The answers about one registered range follow one another in the order in which they were asked (of equal times in
   an order that what they say makes, never the order in which they came here). The first holds
   from its `registered_at`; between that and its `changed_at` nobody knows what was changed (doubt). A later one takes
   over where it says so: at its `registered_at`, else its `changed_at`, if that is after the last answer to the
   contrary; else at its `asked_at`. An answer that says the same again changes nothing.
2. At every instant the smallest range in force decides; of equally small ones the one asked about last.
3. If that is a sub-allocation, its organisation is the customer, and its parent names the holder: the range in force
   of the handle that the answer gives, through other sub-allocations by theirs; the smallest range in force that is
   none where the answer gives no handle. A parent that nobody was asked about leaves the holder open.
4. Of the claims that of the longest prefix wins, of equal ones that of the latest change.
5. What a registry does not say the kind of is taken for its registrant's, with a doubt.
What would surprise: times after the question (`registered_at`, `changed_at`) are taken for the time of the question;
and a registration that was given up and not asked about again holds on.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from typing import NamedTuple

from monitor.model.columns import UNKNOWN, UNKNOWN_AT
from monitor.model.provider import Claim
from monitor.model.registration import Organisation, RegisteredNetwork, RegistrationAnswer
from monitor.model.words import Doubt

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOR_EVER = 2**63 - 1


class State(NamedTuple):
    """To whom a stretch is registered at an instant; the fields are those of RegistrationColumns."""

    holder: str | None
    customer: str | None
    claimed: str | None
    doubt: str | None
    answer: int


NOT_KNOWN = State(None, None, None, None, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer says, and from when: microseconds UTC, `registered_at` UNKNOWN_AT where that is not known."""

    answer: int
    asked_at: int
    size: int  # addresses of the registered range, less one
    range: tuple[bytes, bytes]
    organisation: str | None
    is_person: bool
    is_sub_allocation: bool
    registered_at: int
    changed_at: int | None
    is_dated: bool
    is_kind_known: bool
    handle: str | None  # this and the next one as they are compared: without case and blanks
    parent: str | None

    @classmethod
    def of(cls, answer: RegistrationAnswer, network: RegisteredNetwork) -> "Reading":
        asked = micros(answer.asked_at)
        registered = None if network.registered_at is None else min(micros(network.registered_at), asked)
        changed = None if network.changed_at is None else min(micros(network.changed_at), asked)
        if registered is not None and changed is not None and changed <= registered:
            changed = None
        key, is_person = _registrant(network.organisation)
        return cls(
            answer.answer_id,
            asked,
            int.from_bytes(network.last) - int.from_bytes(network.first),
            (network.first, network.last),
            key,
            is_person,
            network.is_sub_allocation,
            UNKNOWN_AT if registered is None else registered,
            changed,
            not (registered is None and changed is None),
            network.is_kind_known,
            _folded(network.handle),
            _folded(network.parent_handle),
        )

    def says_the_same(self, other: "Reading") -> bool:
        """Whether both say the same of the same range, dates and parent included."""
        return self.statement() == other.statement()

    def statement(self) -> tuple[object, ...]:
        """All that it says, without when and by which answer."""
        return (
            self.range,
            self.organisation,
            self.is_person,
            self.is_sub_allocation,
            self.registered_at,
            self.changed_at,
            self.is_kind_known,
            self.handle,
            self.parent,
        )

    def takes_over_at(self, last_asked_at: int) -> int:
        """When this answer takes over from an earlier one about its range, which was confirmed at `last_asked_at`."""
        if self.registered_at > last_asked_at:
            return self.registered_at
        if self.changed_at is not None and self.changed_at > last_asked_at:
            return self.changed_at
        return self.asked_at

    def doubts_at(self, at: int) -> set[Doubt]:
        found = set() if self.is_kind_known else {Doubt.KIND_UNKNOWN}
        if not self.is_dated:
            found.add(Doubt.UNDATED)
        elif self.changed_at is not None and at < self.changed_at:
            found.add(Doubt.CHANGED_SINCE)
        return found


@dataclass(frozen=True, slots=True)
class ClaimedNetwork:
    """A claim's Provider and time: microseconds UTC, `until` excluded."""

    change_id: int
    provider_id: str
    valid_from: int
    until: int
    length: int  # of the prefix

    @classmethod
    def of(cls, claim: Claim) -> "ClaimedNetwork":
        start = UNKNOWN_AT if claim.valid_from is None else _midnight(claim.valid_from)
        until = _FOR_EVER if claim.until is None else _midnight(claim.until)
        length = 0 if claim.network is None else ip_network(claim.network, strict=False).prefixlen
        return cls(claim.change_id, claim.provider_id, start, until, length)


Course = list[tuple[int, State]]
"""(instant from which it holds, what holds): ascending, the first at UNKNOWN_AT, neighbours different."""


def course_of(covering: Sequence[Reading], around: Sequence[Reading], claims: Sequence[ClaimedNetwork]) -> Course:
    """What holds when, where the answers `covering` speak for the stretch and the claims are about it.

    `around`: the answers whose registered range holds the stretch, whatever they speak for; of sub-allocations at least
    those about a range that another answer says to be none (one of them can have taken over), and those that another
    one's parent handle names.
    """
    ranges, holders = _by_range(covering), _by_range(around)
    instants = {UNKNOWN_AT, *(at for each in (*ranges, *holders) for at in each.instants())}
    instants |= {at for claim in claims for at in (claim.valid_from, claim.until) if at != _FOR_EVER}
    course: Course = []
    for at in sorted(instants):
        state = _state(at, ranges, holders)._replace(claimed=_claimed(at, claims))
        if not course or course[-1][1] != state:
            course.append((at, state))
    return course


@dataclass(frozen=True, slots=True)
class _Range:
    """The answers about one range, one after the other, each with the instant at which it takes over."""

    size: int
    last_asked_at: int
    starts: tuple[int, ...]
    readings: tuple[Reading, ...]

    def at(self, at: int) -> Reading | None:
        """The answer in force."""
        place = bisect_right(self.starts, at) - 1
        return self.readings[place] if place >= 0 else None

    def instants(self) -> Iterable[int]:
        yield from self.starts
        yield from (each.changed_at for each in self.readings if each.changed_at is not None)


def _by_range(readings: Sequence[Reading]) -> list[_Range]:
    """The ranges, the smallest first, of equal ones the one asked about last."""
    by_range: dict[tuple[bytes, bytes], list[Reading]] = {}
    for each in sorted(readings, key=lambda each: (each.asked_at, repr(each.statement()))):
        by_range.setdefault(each.range, []).append(each)
    found = [_one_range(some) for some in by_range.values()]
    return sorted(found, key=lambda each: (each.size, -each.last_asked_at, each.readings[0].range))


def _one_range(readings: list[Reading]) -> _Range:
    chain, starts = [readings[0]], [readings[0].registered_at]
    asked_at = readings[0].asked_at
    for each in readings[1:]:
        if not each.says_the_same(chain[-1]):
            chain.append(each)
            starts.append(each.takes_over_at(asked_at))
        asked_at = each.asked_at
    return _Range(readings[0].size, asked_at, tuple(starts), tuple(chain))


def _state(at: int, ranges: list[_Range], holders: list[_Range]) -> State:
    found = next((reading for each in ranges if (reading := each.at(at))), None)
    if found is None:
        return NOT_KNOWN
    if not found.is_sub_allocation:
        return State(found.organisation, None, None, _words(found, found.doubts_at(at)), found.answer)
    holder = _holder(found, [reading for each in holders if (reading := each.at(at))])
    doubts = found.doubts_at(at) | (holder.doubts_at(at) if holder else set())
    return State(
        holder.organisation if holder else None, found.organisation, None, _words(holder, doubts), found.answer
    )


def _holder(found: Reading, around: Sequence[Reading]) -> Reading | None:
    """To whom the range is registered that a sub-allocation was taken from. `around`: in force, the smallest first."""
    if found.parent is None:
        return next((each for each in around if not each.is_sub_allocation), None)
    parent: str | None = found.parent
    passed = {found.handle}
    while parent is not None and parent not in passed:
        passed.add(parent)
        named = [each for each in around if each.handle == parent]
        if holder := next((each for each in named if not each.is_sub_allocation), None):
            return holder
        parent = named[0].parent if named else None
    return None


def _words(holder: Reading | None, doubts: set[Doubt]) -> str | None:
    """Doubts in the order of the enum, joined by ";". That the holder is a person goes before all of them."""
    if holder is not None and holder.is_person:
        return Doubt.PERSON.value
    return ";".join(doubt.value for doubt in Doubt if doubt in doubts) or None


def _claimed(at: int, claims: Sequence[ClaimedNetwork]) -> str | None:
    valid = [claim for claim in claims if claim.valid_from <= at < claim.until]
    return max(valid, key=lambda claim: (claim.length, claim.change_id)).provider_id if valid else None


def _folded(handle: str | None) -> str | None:
    return "".join(handle.split()).casefold() or None if handle else None


def _registrant(organisation: Organisation | None) -> tuple[str | None, bool]:
    if organisation is None:
        return None, False
    return (None, True) if organisation.natural_person else (organisation.key, False)


def micros(at: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware time."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _midnight(day: date) -> int:
    return micros(datetime(day.year, day.month, day.day, tzinfo=UTC))
