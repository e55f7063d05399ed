"""Lanes: the Notices of one Target on one clock, as one role books them.

In: facts and their booking. Out: `Lanes`, the booked notices so ordered that each lane is one stretch. What would
surprise: network and proxy share a lane, because a notice is in one of the two, and a Target that goes behind a
reverse proxy keeps its clock; and where one party holds a Target throughout, what became of it depends on times and
outcomes alone: it is the same in every role and derived once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from monitor.model.columns import (
    UNKNOWN,
    BookedNotices,
    BookedReadings,
    Booking,
    Codes,
    Facts,
    Flags,
    Ints,
    ReadingColumns,
    Texts,
    positions,
)
from monitor.model.words import AddresseeMatch, Capacity, NoticeKind, Outcome, Role
from monitor.survival.clocks import STARTS, addressee_match

ROLES, KINDS, CAPACITIES, MATCHES = tuple(Role), tuple(NoticeKind), tuple(Capacity), tuple(AddresseeMatch)
LANES = {Role.NETWORK: 0, Role.PROXY: 0, Role.AS: 1, Role.CUSTOMER: 2, Role.SITE: 3}
NOBODY = np.iinfo(np.int32).max
"""Above every Provider code: the lowest code where none is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """Arrays of booked notices in order of lanes (`entry` to `match`), then one entry per lane (`target` on)."""

    entry: Ints  # place in BookedNotices
    notice: Ints  # place in NoticeColumns
    role: Ints  # place in ROLES
    match: Ints  # place in MATCHES
    borders: Ints  # where each lane begins, and the end of the last one
    target: Ints  # target_id
    like: Ints  # the lane whose rows are this one's too: itself, or an earlier one

    def __len__(self) -> int:
        return len(self.target)


def report_places(facts: Facts) -> Ints:
    """Where each notice's report stands in the report columns."""
    return positions(facts.reports.report_id, facts.notices.report_id)


def word_codes(values: Texts, words: tuple[str, ...]) -> Ints:
    """The place of each word in `words`: a dict is several times faster than an enum's own call."""
    place: Mapping[str, int] = {str(word): n for n, word in enumerate(words)}
    return np.fromiter(map(place.__getitem__, values.tolist()), np.int64, len(values))


def make_lanes(facts: Facts, booking: Booking, readings: ReadingColumns, held: BookedReadings, cutoff: int) -> Lanes:
    """The lanes of all Targets with an eligible notice before `cutoff`. `readings`, by Target, are `held` so."""
    asked = _asked(facts, cutoff)
    rank = np.full(len(facts.notices), UNKNOWN, np.int64)
    rank[asked] = np.arange(len(asked))
    entry = np.flatnonzero(rank[booking.notices.notice] >= 0)
    notice = booking.notices.notice[entry]
    role = word_codes(booking.notices.role[entry], ROLES)
    kind = word_codes(facts.notices.kind, KINDS)[notice]
    lane = np.array([LANES[word] for word in ROLES], np.int64)[role]
    target = facts.notices.target_id[notice]
    order = np.lexsort((rank[notice], lane, kind, target))
    entry, notice, role, kind, lane, target = (x[order] for x in (entry, notice, role, kind, lane, target))
    keys = np.stack((target, kind, lane))
    borders = np.flatnonzero(np.r_[True, (keys[:, 1:] != keys[:, :-1]).any(axis=0), True])
    borders = borders if len(entry) else borders[:1]
    first = borders[:-1]
    provider = booking.notices.provider[entry]
    settled = _settled(provider, role, borders, target[first], readings, held)
    match = _matches(facts, booking.notices, entry, notice, role)
    like = _alike(notice, match, borders, settled)
    return Lanes(entry, notice, role, match, borders, target[first], like)


def _asked(facts: Facts, cutoff: int) -> Ints:
    """Places of the eligible reports' notices, by Target, time and, where these are equal, by what they say."""
    notices, reports = facts.notices, facts.reports
    place = report_places(facts)
    asked = np.flatnonzero(reports.eligible[place] & (notices.at < cutoff))
    asked = asked[np.lexsort((notices.at[asked], notices.target_id[asked]))]
    pairs = np.stack((notices.target_id[asked], notices.at[asked]))
    borders = np.flatnonzero(np.r_[True, (pairs[:, 1:] != pairs[:, :-1]).any(axis=0), True]).tolist()
    said = (notices.status, notices.party, notices.capacity, notices.sender, notices.deadline_hours)

    def words(i: int) -> list[str]:
        return [str(reports.source[place[i]]), str(reports.record_id[place[i]]), *(str(column[i]) for column in said)]

    for low, high in pairwise(borders):
        if high - low > 1:
            asked[low:high] = sorted(asked[low:high].tolist(), key=words)
    return asked


def _matches(facts: Facts, booked: BookedNotices, entry: Ints, notice: Ints, role: Ints) -> Ints:
    """The addressee match of each booked notice: asked once for each way in which notices differ there."""
    capacity = word_codes(facts.notices.capacity, CAPACITIES)[notice]
    written = np.array([party is not None for party in facts.notices.party.tolist()], bool)[notice]
    provider, party = booked.provider[entry], booked.party[entry]
    known, recognised, same = provider != UNKNOWN, party != UNKNOWN, party == provider
    ways = (role * len(CAPACITIES) + capacity) * 16 + known * 8 + written * 4 + recognised * 2 + same
    kinds, first, inverse = np.unique(ways, return_index=True, return_inverse=True)
    found = [
        addressee_match(
            int(provider[i]),
            facts.notices.party[notice[i]],
            int(party[i]),
            CAPACITIES[capacity[i]],
            ROLES[role[i]],
        )
        for i in first.tolist()
    ]
    codes = np.array([MATCHES.index(match) for match in found], np.int64)
    return codes[inverse] if len(kinds) else ways


def _alike(notice: Ints, match: Ints, borders: Ints, settled: Flags) -> Ints:
    """The first lane that has the same rows: of one notice, settled, and either both start a clock or neither does."""
    like = np.arange(len(settled))
    single = np.flatnonzero(settled & (np.diff(borders) == 1))
    starts = np.array([word in STARTS for word in MATCHES], np.int64)[match[borders[single]]]
    keys = notice[borders[single]] * 2 + starts
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    like[single] = single[first[inverse]] if len(single) else single
    return like


def _settled(
    provider: Codes, role: Ints, borders: Ints, target: Ints, readings: ReadingColumns, held: BookedReadings
) -> Flags:
    """Whether each lane is of one role, and all Providers known in it, by notices and readings, are one."""
    if not len(target):
        return np.zeros(0, bool)
    first = borders[:-1]
    of_one_role = np.minimum.reduceat(role, first) == np.maximum.reduceat(role, first)
    lowest = np.minimum.reduceat(np.where(provider == UNKNOWN, NOBODY, provider), first)
    highest = np.maximum.reduceat(provider, first)
    starts = np.flatnonzero(np.r_[True, readings.target_id[1:] != readings.target_id[:-1]][: len(readings)])
    if len(starts):
        place = np.searchsorted(readings.target_id[starts], target)
        place = np.where(place < len(starts), place, 0)
        has_readings = readings.target_id[starts][place] == target
        for word, held_by in by_role(held).items():
            mine = np.flatnonzero(has_readings & (role[first] == ROLES.index(word)))
            codes = np.where(readings.outcome == Outcome.INCONCLUSIVE, UNKNOWN, held_by)
            least = np.minimum.reduceat(np.where(codes == UNKNOWN, NOBODY, codes), starts)
            most = np.maximum.reduceat(codes, starts)
            lowest[mine] = np.minimum(lowest[mine], least[place[mine]])
            highest[mine] = np.maximum(highest[mine], most[place[mine]])
    settled: Flags = of_one_role & (highest <= lowest)
    return settled


def by_role(held: BookedReadings) -> dict[Role, Codes]:
    """The columns by role; a Target's site never changes, so the role `site` has none."""
    return {Role.NETWORK: held.network, Role.AS: held.as_, Role.CUSTOMER: held.customer, Role.PROXY: held.proxy}
