"""What a matched list comes to: both sides and their pairs in; counts, delays, readings of the figures and lines out.

What would surprise: a row that is not listed, but of whose Target a later notice of ours is, was told by that one: the
readings start its clock there; and rows that are ambiguous keep their published clock in every reading.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitor.model.columns import MICROS_PER_HOUR, Flags, Floats, Ints
from monitor.model.reconciliation import (
    Delay,
    Level,
    Match,
    OurCounts,
    OurNotice,
    OurSide,
    Paired,
    PairLine,
    Reading,
    Resolved,
    Standing,
    TheirNotice,
    TheirSide,
)
from monitor.model.selected import STATUSES, Selected
from monitor.model.words import EpisodeStatus, NoticeKind
from monitor.ranking.readings import AS_IT_IS, by_their_times, not_delivered, restarted
from monitor.store.times import from_micros

CLASS_OF = {
    Standing.ROW: TheirSide.MATCHED,
    Standing.NO_CLOCK: TheirSide.NO_CLOCK,
    Standing.OUTSIDE: TheirSide.OUTSIDE,
    Standing.ELSEWHERE: TheirSide.ELSEWHERE,
}
"""Of a row of theirs that is matched: what the notice of ours is."""
_TOLD_LATER = (Standing.NO_CLOCK, Standing.OUTSIDE)
_NONE = -1


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides as they were matched, and what each row of theirs came to be; `classes` is aligned with `theirs`."""

    ours: tuple[OurNotice, ...]
    theirs: tuple[TheirNotice, ...]
    paired: Paired
    classes: tuple[TheirSide, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """The frozen rows of one clock beside the list: one entry a row, times in microseconds UTC, AS_IT_IS = none."""

    side: tuple[OurSide, ...]
    level: tuple[Level | None, ...]
    contradicting: Flags
    received_at: Ints  # of a listed row
    resolved_at: Ints
    told_at: Ints  # of a reminded row: when the later notice was sent
    told_received_at: Ints  # and received

    @property
    def not_listed(self) -> Flags:
        return self.is_(OurSide.NOT_LISTED)

    def is_(self, side: OurSide) -> Flags:
        return np.array([each is side for each in self.side], np.bool_)


def listed_of(sides: Sides, clock: NoticeKind, n_rows: int) -> Listed:
    """What became of each of the `n_rows` rows of this clock."""
    match_of = {match.our: match for match in sides.paired.matches}
    later = _later_listed(sides, match_of, clock)
    side, level = [OurSide.NOT_LISTED] * n_rows, list[Level | None]([None] * n_rows)
    times = np.full((4, n_rows), AS_IT_IS, np.int64)
    contradicting = np.zeros(n_rows, np.bool_)
    for n, our in enumerate(sides.ours):
        if our.clock is not clock or our.standing is not Standing.ROW:
            continue
        match = match_of.get(n)
        if match is not None:
            their = sides.theirs[match.their]
            side[our.place], level[our.place] = OurSide.LISTED, match.level
            contradicting[our.place] = match.contradicting
            times[0, our.place] = their.received_at
            times[1, our.place] = AS_IT_IS if their.resolved_at is None else their.resolved_at
        elif n in sides.paired.ambiguous_ours:
            side[our.place] = OurSide.AMBIGUOUS
        elif n in later:
            side[our.place] = OurSide.REMINDED
            times[2:, our.place] = later[n]
    return Listed(tuple(side), tuple(level), contradicting, *times)


def _later_listed(sides: Sides, match_of: dict[int, Match], clock: NoticeKind) -> dict[int, tuple[int, int]]:
    """Of rows without a match: when the first listed notice between it and the next row was sent, and was received."""
    on_target: defaultdict[int, list[int]] = defaultdict(list)
    for n, our in enumerate(sides.ours):
        if our.clock is clock:
            on_target[our.target].append(n)
    found = {}
    for notices in on_target.values():
        rows = sorted((sides.ours[n].at, n) for n in notices if sides.ours[n].standing is Standing.ROW)
        told = sorted(
            (sides.ours[n].at, sides.theirs[match_of[n].their].received_at)
            for n in notices
            if sides.ours[n].standing in _TOLD_LATER and n in match_of
        )
        starts, sent = [at for at, _ in rows], [at for at, _ in told]
        for at, n in rows:
            first, following = bisect_right(sent, at), bisect_right(starts, at)
            last = bisect_left(sent, starts[following]) if following < len(starts) else len(sent)
            if first < last and n not in match_of:
                found[n] = told[first]
    return found


def readings(chosen: Selected, mine: Ints, listed: Listed) -> Iterator[tuple[Reading, Selected]]:
    """The rows under each reading, to be measured. `mine`: places in `chosen` of the rows that `listed` is of."""
    received, told, told_received = (
        _spread(chosen, mine, times) for times in (listed.received_at, listed.told_at, listed.told_received_at)
    )
    unlisted = np.zeros(len(chosen.rows), np.bool_)
    unlisted[mine] = listed.not_listed
    yield Reading.AS_PUBLISHED, chosen
    yield Reading.UNLISTED_NOT_DELIVERED, not_delivered(restarted(chosen, told), unlisted)
    yield Reading.CLOCK_AT_RECEIPT, restarted(chosen, received)
    both = np.where(received != AS_IT_IS, received, told_received)
    yield Reading.BOTH, not_delivered(restarted(chosen, both), unlisted)
    own = np.zeros(len(chosen.rows), np.bool_)
    own[mine] = True
    if (listed.resolved_at != AS_IT_IS).any():
        yield Reading.THEIR_TIMES, by_their_times(chosen, own, received, _spread(chosen, mine, listed.resolved_at))


def _spread(chosen: Selected, mine: Ints, times: Ints) -> Ints:
    everywhere = np.full(len(chosen.rows), AS_IT_IS, np.int64)
    everywhere[mine] = times
    return everywhere


def our_counts(chosen: Selected, mine: Ints, listed: Listed) -> OurCounts:
    status = chosen.rows.status[mine]
    undelivered = status == STATUSES.index(EpisodeStatus.UNDELIVERED.value)
    sides, levels = Counter(listed.side), Counter(listed.level)
    return OurCounts(
        rows=len(mine),
        listed=sides[OurSide.LISTED],
        levels={level.value: levels[level] for level in Level},
        reminded=sides[OurSide.REMINDED],
        ambiguous=sides[OurSide.AMBIGUOUS],
        not_listed=sides[OurSide.NOT_LISTED],
        gone_before_notice=int((status == STATUSES.index(EpisodeStatus.BEFORE_NOTICE.value)).sum()),
        undelivered=int(undelivered.sum()),
        undelivered_listed=int((undelivered & listed.is_(OurSide.LISTED)).sum()),
        contradicting=int(listed.contradicting.sum()),
    )


def delay(chosen: Selected, mine: Ints, listed: Listed) -> Delay:
    """Over the listed rows, those that are no Episodes too."""
    there = listed.received_at != AS_IT_IS
    hours = (listed.received_at[there] - chosen.rows.notified_at[mine][there]) / MICROS_PER_HOUR
    if not len(hours):
        return Delay(0, None, None, None, None, 0)
    median, p90, shortest, longest = (round(float(each), 6) for each in np.percentile(hours, [50, 90, 0, 100]))
    return Delay(len(hours), median, p90, shortest, longest, int((hours < 0).sum()))


def resolved(chosen: Selected, mine: Ints, listed: Listed) -> Resolved:
    """Each Episode that they say they resolved in the first of the four that holds; hours of our clock."""
    rows = chosen.rows.take(mine)
    stated = (listed.resolved_at != AS_IT_IS) & chosen.is_episode[mine]
    hours: Floats = (listed.resolved_at - rows.notified_at) / MICROS_PER_HOUR
    impossible = stated & (listed.resolved_at < listed.received_at)
    online_later = stated & ~impossible & (rows.left_hours > 0) & (hours < rows.left_hours)
    after = stated & ~impossible & ~online_later & (hours > rows.right_hours)
    counts = [int(each.sum()) for each in (stated, impossible, online_later, after)]
    return Resolved(counts[0], counts[1], counts[2], counts[0] - sum(counts[1:]), counts[3])


def pair_lines(sides: Sides, listed: dict[NoticeKind, Listed]) -> tuple[PairLine, ...]:
    """Pairs, rows of theirs without one and rows of ours without one: by row of theirs, then by record of ours."""
    lines = [_line(_level_or_class(sides, match), sides, match) for match in sides.paired.matches]
    matched = {match.their for match in sides.paired.matches}
    lines += [
        _line(sides.classes[n].value, sides, Match(_NONE, n, Level.TIME, contradicting=False))
        for n in range(len(sides.theirs))
        if n not in matched
    ]
    for n, our in enumerate(sides.ours):
        if our.standing is Standing.ROW and our.clock in listed:
            side = listed[our.clock].side[our.place]
            if side is not OurSide.LISTED:
                lines.append(_line(side.value, sides, Match(n, _NONE, Level.TIME, contradicting=False)))
    return tuple(sorted(lines, key=_in_file))


def _in_file(line: PairLine) -> tuple[bool, int, str, str]:
    return line.row is None, line.row or 0, line.source or "", line.record_id or ""


def _level_or_class(sides: Sides, match: Match) -> str:
    standing = sides.ours[match.our].standing
    return match.level.value if standing is Standing.ROW else CLASS_OF[standing].value


def _line(standing: str, sides: Sides, match: Match) -> PairLine:
    our = None if match.our == _NONE else sides.ours[match.our]
    their = None if match.their == _NONE else sides.theirs[match.their]
    return PairLine(
        row=their.row if their else None,
        standing=standing,
        contradicting=match.contradicting,
        source=our.source if our else None,
        record_id=our.record_id if our else None,
        notice_ref=our.shown_reference if our else None,
        clock=our.clock.value if our else None,
        notified_at=from_micros(our.at) if our else None,
        received_at=from_micros(their.received_at) if their else None,
        resolved_at=from_micros(their.resolved_at) if their and their.resolved_at is not None else None,
    )
