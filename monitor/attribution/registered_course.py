"""The answers and claims that bear on one stretch of addresses in, to whom it was registered from when on out.

1. The answers about one registered range follow one another in the order in which they were asked. The first holds
   from its `registered_at`; between that and its `changed_at` nobody knows what was changed (doubt). A later one takes
   over where it says so: at its `registered_at`, else its `changed_at`, if that is after the last answer to the
   contrary; else at its `asked_at`. An answer that says the same again changes nothing.
2. At every instant the smallest range in force decides; of equally small ones the one asked about last.
3. If that is a sub-allocation, its organisation is the customer, and the smallest range in force that is none names
   the holder.
4. Of the claims the one of the latest change wins, however wide its network.
What would surprise: times after the question (`registered_at`, `changed_at`) are taken for the time of the question;
and a registration that was given up and not asked about again holds on.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
        )

    def says_the_same(self, other: "Reading") -> bool:
        """Whether both say the same of the same range, dates included."""
        return _statement(self) == _statement(other)

    def takes_over_at(self, last_asked_at: int) -> int:
        """When this answer takes over from an earlier one about its range, which was confirmed at `last_asked_at`."""
        if self.registered_at > last_asked_at:
            return self.registered_at
        if self.changed_at is not None and self.changed_at > last_asked_at:
            return self.changed_at
        return self.asked_at

    def doubt_at(self, at: int) -> str | None:
        if not self.is_dated:
            return Doubt.UNDATED.value
        return Doubt.CHANGED_SINCE.value if self.changed_at is not None and at < self.changed_at else None


@dataclass(frozen=True, slots=True)
class ClaimedNetwork:
    """A claim's Provider and time: microseconds UTC, `until` excluded."""

    change_id: int
    provider_id: str
    valid_from: int
    until: int

    @classmethod
    def of(cls, claim: Claim) -> "ClaimedNetwork":
        start = UNKNOWN_AT if claim.valid_from is None else _midnight(claim.valid_from)
        return cls(
            claim.change_id, claim.provider_id, start, _FOR_EVER if claim.until is None else _midnight(claim.until)
        )


Course = list[tuple[int, State]]
"""(instant from which it holds, what holds): ascending, the first at UNKNOWN_AT, neighbours different."""


def course_of(covering: Sequence[Reading], around: Sequence[Reading], claims: Sequence[ClaimedNetwork]) -> Course:
    """What holds when, where the answers `covering` speak for the stretch and the claims are about it.

    `around`: the answers whose registered range holds the stretch, whatever they speak for; of sub-allocations at least
    those about a range that another answer says to be none (one of them can have taken over).
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
    for each in sorted(readings, key=lambda each: (each.asked_at, each.answer)):
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
        doubt = Doubt.PERSON.value if found.is_person else found.doubt_at(at)
        return State(found.organisation, None, None, doubt, found.answer)
    holder = next((reading for each in holders if (reading := each.at(at)) and not reading.is_sub_allocation), None)
    doubt = found.doubt_at(at)
    if holder is not None:
        doubt = Doubt.PERSON.value if holder.is_person else doubt or holder.doubt_at(at)
    return State(holder.organisation if holder else None, found.organisation, None, doubt, found.answer)


def _claimed(at: int, claims: Sequence[ClaimedNetwork]) -> str | None:
    valid = [claim for claim in claims if claim.valid_from <= at < claim.until]
    return max(valid, key=lambda claim: claim.change_id).provider_id if valid else None


def _statement(reading: Reading) -> tuple[object, ...]:
    return (
        reading.range,
        reading.organisation,
        reading.is_person,
        reading.is_sub_allocation,
        reading.registered_at,
        reading.changed_at,
    )


def _registrant(organisation: Organisation | None) -> tuple[str | None, bool]:
    if organisation is None:
        return None, False
    return (None, True) if organisation.natural_person else (organisation.key, False)


def micros(at: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware time."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _midnight(day: date) -> int:
    return micros(datetime(day.year, day.month, day.day, tzinfo=UTC))
