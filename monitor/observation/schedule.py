"""When a Target is to be checked next: from its anchors and what is remembered of it. Pure, in UTC throughout.

What would surprise: nothing is planned ahead. Each call gives the first check that is not done yet, so a worker that
was down makes one check for all that it missed; and the jitter comes from the Target's number, so that the same call
gives the same time. `docs/schedule.md` says it in words.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from monitor.model.observation import Anchor, Due, Standing
from monitor.model.words import DueReason, NoticeKind
from monitor.observation.offsets import DAY, DAYS, MINUTE, Course, course, watch

LIFE = timedelta(days=DAYS)
"""So long after its last anchor, or after its first OFFLINE, a Target goes on being checked."""
GRACE = timedelta(days=1)
"""So much later the last checks may be made."""
CONFIRMATIONS = (timedelta(minutes=15), timedelta(minutes=30, seconds=5))
"""After the first OFFLINE of a stretch; the seconds see to it that the readings span half an hour for certain."""
AGAIN = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
"""Extra checks where a scheduled one was void or gave nothing."""
MOST_AGAIN = 12
"""After so many in a row there are no extra ones: what is silent so long is not silent by chance."""
_SHORTEST = timedelta(minutes=5)
_MASK = (1 << 64) - 1


def next_due(
    anchors: Sequence[Anchor], standing: Standing, norm_hours: Mapping[NoticeKind, float], now: datetime, seed: int
) -> Due | None:
    """The next check, `now` at the earliest; None: nothing more to do. `seed`: the Target's number."""
    anchors = [each for each in anchors if each.kind is not None] or anchors  # a Notice ends a Report's schedule
    last, gone = standing.last_checked_at, standing.confirmed_at is not None
    if not anchors or now > _ends_at(anchors, standing):
        return None
    if last is None:
        if now > max(each.at for each in anchors) + LIFE:  # recorded long ago: nothing to find out any more
            return None
        return Due(max(now, min(each.at for each in anchors)), DueReason.FIRST)
    planned, reached = _scheduled(anchors, standing, last, tuple(norm_hours.values()), gone, seed)
    at, why = planned, DueReason.SCHEDULE
    if not gone:
        extra, reason = _extra(standing, last, reached)
        if extra is not None and (at is None or extra < at) and extra <= _ends_at(anchors, standing):
            at, why = extra, reason
    if at is None:
        return None
    if standing.not_before is not None and at < standing.not_before:
        at, why = standing.not_before, DueReason.RETRY_AFTER
    return Due(max(at, now), why)


def _ends_at(anchors: Sequence[Anchor], standing: Standing) -> datetime:
    newest = max(each.at for each in anchors)
    if standing.confirmed_at is not None and standing.offline_since is not None:
        newest = max(newest, standing.offline_since)
    return newest + LIFE + GRACE


# --- the schedule


def _scheduled(
    anchors: Sequence[Anchor], standing: Standing, last: datetime, norms: tuple[float, ...], gone: bool, seed: int
) -> tuple[datetime | None, datetime | None]:
    """The first scheduled check that is not done, and since when the last one was due."""
    lines = [(each.at.astimezone(UTC), course(each.kind, each.deadline_hours, norms, gone)) for each in anchors]
    if gone and standing.offline_since is not None:
        lines.append((standing.offline_since, watch()))
    following: datetime | None = None
    reached: datetime | None = None
    for start, line in lines:
        elapsed = (last - start).total_seconds()
        after = _first_open(line, elapsed, seed)
        if after is not None and (following is None or start + timedelta(seconds=after) < following):
            following = start + timedelta(seconds=after)
        n = bisect_right(line.starts, elapsed)
        if n and (reached is None or start + timedelta(seconds=line.starts[n - 1]) > reached):
            reached = start + timedelta(seconds=line.starts[n - 1])
    return following, reached


def _first_open(line: Course, elapsed: float, seed: int) -> float | None:
    """When the next check is, in seconds after the anchor; None: all are done.

    The earliest of those that are open together: it serves all whose room it lies in, and the rest come after it.
    """
    n = bisect_right(line.done_from, elapsed)
    if n == len(line):
        return None
    at = _place(line, n, seed)
    for k in range(n + 1, len(line)):
        if line.done_from[k] > at:
            break
        at = min(at, _place(line, k, seed))
    return at


def _place(line: Course, n: int, seed: int) -> float:
    """Where in its window a Target's check lies: the same each time, and spread evenly over the Targets."""
    mixed = (seed * 0x9E3779B97F4A7C15 + n * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0x94D049BB133111EB) & _MASK
    return line.first[n] + line.width[n] * ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)


# --- beside the schedule


def _extra(standing: Standing, last: datetime, reached: datetime | None) -> tuple[datetime | None, DueReason]:
    if standing.offline_since is not None:
        return _confirmation(standing, standing.offline_since, last, reached), DueReason.CONFIRMATION
    step = standing.n_again % (len(AGAIN) + 1)
    if step and standing.n_again < MOST_AGAIN:
        return last + AGAIN[step - 1], DueReason.AGAIN
    return None, DueReason.AGAIN


def _confirmation(standing: Standing, since: datetime, last: datetime, reached: datetime | None) -> datetime:
    """At +15 and +30 minutes, and sooner again where a reading gave nothing; the longer it takes, the more rarely.

    Half the time that has passed since the last scheduled check, or since the first OFFLINE where that is later, is
    waited at least. So their number between two scheduled checks is bounded whatever is seen.
    """
    passed = last - (since if reached is None else max(since, reached))
    if standing.n_again == 0 and standing.stretch_since is not None:
        wanted = next(
            (standing.stretch_since + each for each in CONFIRMATIONS if standing.stretch_since + each > last), last
        )
    else:
        wanted = last + _SHORTEST * 2 ** min(max(standing.n_again - 1, 0), 4)
    return max(wanted, last + max(_SHORTEST, passed / 2))


# --- the bound


def most_checks(norm_hours: Mapping[NoticeKind, float], deadlines: Iterable[float] = ()) -> int:
    """More checks than these one Notice cannot bring within 90 days, whatever is seen and whatever breaks.

    Between two scheduled ones: the extra ones, the confirmations of one run (a second run begins with a scheduled
    check at the earliest) and, once it is confirmed, the checks whether it comes back.
    """
    norms = tuple(norm_hours.values())
    return max(_most(course(NoticeKind.ORDER, hours, norms)) for hours in (None, *deadlines))


def _most(line: Course) -> int:
    borders = (*line.starts, (DAYS + 1) * DAY)
    gaps = [end - start for start, end in pairwise(borders)]
    return sum(1 + len(AGAIN) + _most_confirmations(gap) + _most_returns(gap) for gap in gaps)


def _most_confirmations(gap: float) -> int:
    n, passed = 0, 0.0
    while (passed := passed + max(5 * MINUTE, passed / 2)) < gap:
        n += 1
    return n


def _most_returns(gap: float) -> int:
    return bisect_right(watch().done_from, gap)
