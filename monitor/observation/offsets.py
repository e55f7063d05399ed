"""The hours after an anchor at which a Target is checked, as windows into which jitter places each check.

In: an anchor's kind and deadline and the norms. Out: a `Course` of entries, made once for each combination. What would
surprise: an entry is also done by any other check from `done_from` on, so that schedules that overlap share checks;
and a check beside a boundary has its place well inside the tolerance, so that a worker may be a minute late.
"""

from dataclasses import dataclass
from functools import lru_cache

from monitor.model.words import NoticeKind

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
PUBLISHED_HOURS = (1.0, 12.0, 24.0, 48.0, 168.0)
"""The hours for which every figure is published."""

DAYS = 90
_EARLY = (0.0, 2.0, 4.0, 8.0, 18.0, 36.0, 72.0)
_DAILY = tuple(24.0 * day for day in range(4, 15))
_WEEKLY = tuple(24.0 * day for day in (*range(21, DAYS, 7), DAYS))
_REPORTED = (*(24.0 * day for day in range(15)), *_WEEKLY)
_GONE = (1.0, 2.0, 4.0, 8.0, 16.0, *(24.0 * day for day in range(1, 7)), 167.0, 169.0, 24.0 * 14, *_WEEKLY)


@dataclass(frozen=True, slots=True)
class Entry:
    """One check, in seconds after the anchor: between `first` and `last`. A later one than `done_from` serves too."""

    first: float
    last: float
    done_from: float


@dataclass(frozen=True, slots=True)
class Course:
    """Entries in order of `done_from`, as columns: reading them is the hot path of scheduling."""

    first: tuple[float, ...]
    width: tuple[float, ...]
    done_from: tuple[float, ...]
    starts: tuple[float, ...]  # `first` in its own order

    def __len__(self) -> int:
        return len(self.first)


def tolerance(seconds: float) -> float:
    """How near to a boundary the checks before and after it lie: 5 minutes, or 5% where that is more."""
    return max(5 * MINUTE, 0.05 * seconds)


@lru_cache(maxsize=4096)
def course(
    kind: NoticeKind | None, deadline_hours: float | None, norm_hours: tuple[float, ...], gone: bool = False
) -> Course:
    """The schedule from one anchor; `gone`: what is left of it once the Target is confirmed offline.

    `kind` None is a Report: it has no boundary, and of a Target that is gone nothing is left of it.
    """
    if kind is None:
        return _columns([Entry(0, 0, 0)] if gone else _loose(_REPORTED, []))
    boundaries = {hours * HOUR for hours in (*PUBLISHED_HOURS, *norm_hours)}
    if deadline_hours is not None:
        boundaries.add(deadline_hours * HOUR)
    tight = [entry for at in sorted(boundaries) if at > 0 for entry in _around(at)]
    loose = [Entry(0, 0, 0)] if gone else _loose((*_EARLY, *_DAILY, *_WEEKLY), sorted(boundaries))
    return _columns([*_without_doubles(tight), *loose])


@lru_cache(maxsize=1)
def watch() -> Course:
    """The schedule from the first OFFLINE of a confirmed run: does it come back? Ever more rarely, for 90 days."""
    return _columns(_loose(_GONE, []))


def _around(at: float) -> list[Entry]:
    """The check before a boundary lies early in its room, the one after it soon after it; half an hour off at most."""
    room = tolerance(at)
    near = min(room, HOUR / 2)
    before = Entry(max(0.0, at - near), max(0.0, at - near / 2), max(0.0, at - room))
    return [before, Entry(at + 10, at + near / 2, at + 1e-6)]


def _without_doubles(entries: list[Entry]) -> list[Entry]:
    """Leave out an entry whose room another one's place lies in, whatever the jitter."""
    kept: list[Entry] = []
    for entry in sorted(entries, key=lambda each: (each.last, each.done_from)):
        if not any(entry.done_from <= one.first and one.last <= entry.last for one in kept):
            kept.append(entry)
    return kept


def _loose(hours: tuple[float, ...], boundaries: list[float]) -> list[Entry]:
    """Checks that may lie a little later, never beyond a boundary; none where a boundary brings its own."""
    seconds = sorted({hour * HOUR for hour in hours})
    entries = []
    for n, at in enumerate(seconds):
        if at and any(abs(at - boundary) <= max(tolerance(at), tolerance(boundary)) for boundary in boundaries):
            continue
        spacing = min(at - seconds[n - 1] if n else 0.0, seconds[n + 1] - at if n + 1 < len(seconds) else DAY)
        width = min(0.05 * at, 0.1 * spacing, HOUR / 2)
        entries.append(Entry(at, at + width, at - min(0.1 * spacing, HOUR)))
    return entries


def _columns(entries: list[Entry]) -> Course:
    ordered = sorted(entries, key=lambda each: (each.done_from, each.first))
    return Course(
        tuple(each.first for each in ordered),
        tuple(each.last - each.first for each in ordered),
        tuple(each.done_from for each in ordered),
        tuple(sorted(each.first for each in ordered)),
    )
