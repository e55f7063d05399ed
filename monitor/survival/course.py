"""What became of one Target after one Notice that started a clock: the rules of `measurement.md` section 2.

In: the Target's History, the Notice's time and Provider. Out: a Course, from which an Episode's row is written.
What would surprise: a takedown at the Provider stays a takedown when the material turns up elsewhere later; a
name that stopped resolving and comes back at another Provider within seven days was a move.
"""

from bisect import bisect_left
from dataclasses import dataclass

from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN
from monitor.model.episode import OnlineInterval
from monitor.model.method import Thresholds
from monitor.model.words import End, Outcome
from monitor.survival.history import DOMAIN, ONLINE, History, OfflineRun


@dataclass(frozen=True, slots=True)
class Start:
    """A Notice that started a clock: its time, the Provider attributed at that moment (code), the Report's time."""

    at: int
    provider: int
    reported_at: int


@dataclass(frozen=True, slots=True)
class Course:
    """Times in microseconds UTC; None where there is none."""

    end: End
    left_at: int  # last ONLINE, not before the notice
    right_at: int | None  # None: the end was not seen
    gap_from_at: int | None = None  # L0 of a gap at notice
    moved_to: int = UNKNOWN
    first_takedown: OfflineRun | None = None
    tail_from_at: int | None = None
    last_outcome: Outcome | None = None
    n_checks: int = 0
    recurrences_at: tuple[int, ...] = ()
    provisional: bool = False
    interrupted: bool = False
    intervals: tuple[OnlineInterval, ...] = ()
    before_notice: bool = False
    n_flaps: int = 0  # stretches elsewhere before the end that were soon over


def follow(history: History, start: Start, cutoff: int, thresholds: Thresholds) -> Course:
    """Read the course of an Episode from the readings before `cutoff`."""
    history, flaps_at = history.without_flaps(start.provider, start.at, thresholds.flap_micros)
    # 1. Nothing after the first conclusive reading at another Provider is this Provider's.
    move = history.first_elsewhere(start.provider, start.at)
    here = history if move is None else history.until(history.at[move])
    runs = [_seen_from_elsewhere(run, history) for run in here.offline_runs(thresholds)]
    # 2. The end is the first confirmed run in force at the notice or later that no ONLINE follows soon.
    at_or_after = [run for run in runs if run.next_online_at is None or run.next_online_at > start.at]
    last = next((run for run in at_or_after if run.ends_episode(thresholds.reappear_micros)), None)
    undone = tuple(run for run in at_or_after if last is None or run.first_at < last.first_at)
    if last is not None:
        course = _ended(here, start, last, cutoff, thresholds)
    elif move is not None:
        course = _moved(here, start, history.at[move], history.provider[move])
    else:
        course = _censored(here, start)
    return _described(course, history, here, start, cutoff, runs, undone, flaps_at, thresholds)


def _seen_from_elsewhere(run: OfflineRun, history: History) -> OfflineRun:
    """A name that stopped resolving is back when it answers anywhere; removed material only when it is back here."""
    if run.cause != DOMAIN or run.next_online_at is not None:
        return run
    back = next((t for t, o in zip(history.at, history.outcome, strict=True) if o == ONLINE and t > run.last_at), None)
    return OfflineRun(run.first_at, run.last_at, run.cause, run.last_online_at, back)


def _left(here: History, start: Start, until: int) -> tuple[int, bool]:
    """The last ONLINE in [notice, until], or the notice itself where there is none."""
    online = here.online_between(start.at, until)
    return (online[-1], True) if online else (start.at, False)


def _gap_from(here: History, start: Start) -> int:
    """L0: the later of the last ONLINE before the notice and the report, never after the notice."""
    before = here.online_between(None, start.at)
    return min(max(before[-1] if before else start.reported_at, start.reported_at), start.at)


def _ended(here: History, start: Start, run: OfflineRun, cutoff: int, thresholds: Thresholds) -> Course:
    end = End.DOMAIN if run.cause == DOMAIN else End.TAKEDOWN
    if run.first_at <= start.at:  # gone before the notice
        return Course(end, start.at, run.first_at, before_notice=True)
    left, seen = _left(here, start, run.first_at)
    young = cutoff - run.first_at < thresholds.reappear_micros
    return Course(end, left, run.first_at, None if seen else _gap_from(here, start), provisional=young)


def _moved(here: History, start: Start, at: int, to: int) -> Course:
    left, seen = _left(here, start, at)
    return Course(End.MOVE, left, at, None if seen else _gap_from(here, start), moved_to=to)


def _censored(here: History, start: Start) -> Course:
    left, seen = _left(here, start, here.at[-1] if len(here) else start.at)
    tail = next((t for t in here.at if t > left or (t == left and not seen)), None)
    return Course(End.CENSORED, left, None, tail_from_at=tail)


def _described(
    course: Course,
    history: History,
    here: History,
    start: Start,
    cutoff: int,
    runs: list[OfflineRun],
    undone: tuple[OfflineRun, ...],
    flaps_at: list[int],
    thresholds: Thresholds,
) -> Course:
    """Add what does not decide the end: counts, first takedown, recurrences, the stretches online."""
    stop = cutoff if course.right_at is None else course.right_at  # what came after the end is no takedown of it
    taken = [run for run in runs if start.at < run.first_at <= stop and run.cause != DOMAIN]
    recurrences = () if course.end in (End.MOVE, End.CENSORED) else _recurrences(history, course, thresholds)
    return Course(
        course.end,
        course.left_at,
        course.right_at,
        course.gap_from_at,
        course.moved_to,
        taken[0] if taken else None,
        course.tail_from_at,
        Outcome(here.outcome[-1]) if len(here) else None,
        len(history) - bisect_left(history.at, start.at),
        recurrences,
        course.provisional,
        bool(undone),
        () if course.before_notice else online_intervals(course, here, start, cutoff, undone),
        course.before_notice,
        sum(1 for at in flaps_at if course.right_at is None or at < course.right_at),
    )


def _recurrences(history: History, course: Course, thresholds: Thresholds) -> tuple[int, ...]:
    """Times at which the Target was online again after an end (anywhere), each from a run that had ended it."""
    ended = course.right_at
    times = []
    for run in history.offline_runs(thresholds):
        if ended is None or run.first_at < ended or run.next_online_at is None:
            continue
        if run.first_at == ended or run.ends_episode(thresholds.reappear_micros):
            times.append(run.next_online_at)
    return tuple(times)


def online_intervals(
    course: Course, here: History, start: Start, cutoff: int, undone: tuple[OfflineRun, ...]
) -> tuple[OnlineInterval, ...]:
    """The stretches from notice to end, offline gaps left out, in hours after the notice."""
    stop = course.right_at if course.right_at is not None else cutoff
    borders = [(run.first_at, run.last_at) for run in undone if run.first_at < stop]
    starts = [start.at, *(last for _, last in borders)]
    stops = [*(first for first, _ in borders), stop]
    online_at_notice = not borders or borders[0][0] > start.at
    intervals = []
    for n, (earliest, latest) in enumerate(zip(starts, stops, strict=True)):
        if latest <= start.at:
            continue
        seen = here.online_between(max(earliest, start.at), latest)
        first = start.at if n == 0 and online_at_notice else (seen[0] if seen else latest)
        intervals.append(_interval(start.at, max(earliest, start.at), first, seen[-1] if seen else first, latest))
    return tuple(intervals)


def _interval(zero: int, earliest: int, first: int, last: int, latest: int) -> OnlineInterval:
    return OnlineInterval(*((t - zero) / MICROS_PER_HOUR for t in (earliest, first, last, latest)))
