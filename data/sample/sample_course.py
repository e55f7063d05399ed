"""What becomes of one Target: phases of its life, and the checks that the hotline recorded of it.

In: a quirk (what is special about this Target), the hours until it goes, an address. Out: `Course`, and from it the
check rows. Hours count from the notice, negative ones lie before it. What would surprise: the checks are thinned (the
real schedule makes some 36 a Target), but never where that would hide a change of state.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

NEVER = math.inf
SCHEDULE = (
    *(0.02, 1, 2, 4, 8, 11.5, 12.5, 18, 23.5, 24.5, 36, 47.5, 48.5, 72),
    *(24.0 * day for day in range(4, 15)),
    *(24.0 * day for day in range(21, 92, 7)),
)
"""Hours after the notice: both sides of 12, 24 and 48 h, daily to day 14, weekly to day 90."""
JITTER_HOURS = 0.08


class Quirk(StrEnum):
    """What is special about one report. The values are counted in the README of the sample."""

    PLAIN = "plain"
    GONE_BEFORE = "gone before the notice"
    GAP = "no check between the notice and the removal"
    TAIL = "inconclusive from some time on"
    BACK_SOON = "back within seven days"
    BACK_LATE = "back after more than seven days"
    SERVER_GONE = "server switched off"
    DOMAIN_GONE = "domain name gone"
    MOVED = "moved to another provider while online"
    FLAP = "elsewhere for some hours, then back"
    PAGE = "a page that answers"


@dataclass(frozen=True, slots=True)
class Phase:
    """From that hour on, until the next phase, a check reads this."""

    from_hours: float
    outcome: str
    reason: str
    ip: str


@dataclass(frozen=True, slots=True)
class Course:
    """Phases in order, with what the provider's figure should know: when it went for good, and by which end."""

    phases: tuple[Phase, ...]
    end_hours: float
    end: str  # takedown, domain, move, censored, before_notice
    silent: tuple[float, float] = (0.0, 0.0)  # no check is made in this stretch
    extra: tuple[float, ...] = ()  # checks beside the schedule

    def at(self, hours: float) -> Phase:
        return [p for p in self.phases if p.from_hours <= hours][-1]


@dataclass(frozen=True, slots=True)
class Reading:
    """One recorded check, hours from the notice."""

    hours: float
    outcome: str
    reason: str
    ip: str


def make_course(quirk: Quirk, gone_hours: float, ip: str, elsewhere: str, before_hours: float, rng: Random) -> Course:
    """The life of a Target that would go after `gone_hours`, reported `before_hours` before its notice."""
    online = Phase(-NEVER, "online", "http-200", ip)
    gone = Phase(gone_hours, "offline", "http-404" if rng.random() < 0.8 else "http-410", ip)
    plain = Course((online, gone), gone_hours, "takedown" if gone_hours < NEVER else "censored")
    u = rng.random()
    if quirk in (Quirk.GONE_BEFORE, Quirk.GAP):
        return _around_notice(quirk, online, gone, before_hours, u)
    if quirk in (Quirk.TAIL, Quirk.PAGE):
        return _unclear(quirk, plain, u)
    if quirk in (Quirk.BACK_SOON, Quirk.BACK_LATE):
        return _comes_back(quirk, online, gone, u)
    if quirk in (Quirk.SERVER_GONE, Quirk.DOMAIN_GONE):
        return _by_other_means(quirk, plain, u)
    if quirk in (Quirk.MOVED, Quirk.FLAP):
        return _goes_elsewhere(quirk, plain, elsewhere, u)
    return plain


def _around_notice(quirk: Quirk, online: Phase, gone: Phase, before_hours: float, u: float) -> Course:
    """Gone, and seen to be gone, before the notice; or right after it, with no check in between."""
    if quirk is Quirk.GAP:
        at = 0.3 + 3 * u
        return Course((online, replace(gone, from_hours=at)), at, "takedown", silent=(-0.2, at))
    at = -before_hours * (0.15 + 0.5 * u)
    return Course((online, replace(gone, from_hours=at)), at, "before_notice", extra=(at * 0.7, at * 0.3))


def _unclear(quirk: Quirk, plain: Course, u: float) -> Course:
    """Nothing certain is seen any more; or a page answers, which does not show that the material is there."""
    online, gone = plain.phases
    if quirk is Quirk.PAGE:
        return replace(plain, phases=(online, Phase(0.0, "inconclusive", "page answers", online.ip), gone))
    tail = Phase(2 + 38 * u, "inconclusive", "timeout" if u < 0.5 else "http-403", online.ip)
    return Course((online, tail), NEVER, "censored")


def _by_other_means(quirk: Quirk, plain: Course, u: float) -> Course:
    """The server is switched off (a takedown by the host), or the name is gone (not one)."""
    online, gone = plain.phases
    if quirk is Quirk.SERVER_GONE:
        return replace(plain, phases=(online, replace(gone, reason="refused")))
    away = replace(gone, reason="nxdomain" if u < 0.8 else "no-address", ip="")
    return replace(plain, phases=(online, away), end="domain" if plain.end_hours < NEVER else "censored")


def _comes_back(quirk: Quirk, online: Phase, gone: Phase, u: float) -> Course:
    """Gone, online again; within seven days that undoes the end, after them it is a recurrence."""
    first = min(gone.from_hours, 100.0)
    wait = 24 + 100 * u if quirk is Quirk.BACK_SOON else 24 * (10 + 20 * u)
    again = first + wait
    stays = 30.0 + 60 * u if quirk is Quirk.BACK_SOON else 24 * 14.0
    phases = (
        online,
        replace(gone, from_hours=first),
        replace(online, from_hours=again),
        replace(gone, from_hours=again + stays),
    )
    end = again + stays if quirk is Quirk.BACK_SOON else first
    return Course(phases, end, "takedown", extra=(again + 1.0, again + 20.0))


def _goes_elsewhere(quirk: Quirk, plain: Course, elsewhere: str, u: float) -> Course:
    online, gone = plain.phases
    away = replace(online, from_hours=4 + 30 * u, ip=elsewhere)
    if quirk is Quirk.MOVED:
        return Course((online, away), away.from_hours, "move")
    back = replace(online, from_hours=away.from_hours + 8)
    late = max(gone.from_hours, back.from_hours + 6)
    return Course((online, away, back, replace(gone, from_hours=late)), late, "takedown", extra=(back.from_hours - 1,))


def readings(course: Course, before_hours: float, rng: Random, *, upto: float = NEVER) -> Iterator[Reading]:
    """The recorded checks, in order of time; `before_hours` is when the hotline looked at it first."""
    first = -before_hours * (0.9 + 0.08 * rng.random())
    before = [first, *(h for h in (-72.0, -48.0, -24.0, -0.5) if h > first and rng.random() < 0.5)]
    after = [hours + JITTER_HOURS * rng.random() for hours in SCHEDULE]
    last: Phase | None = None
    kept_since_change = 0
    for hours in sorted([*before, *after, *course.extra]):
        if course.silent[0] <= hours < course.silent[1] or hours > upto:
            continue
        phase = course.at(hours)
        kept_since_change = kept_since_change if phase is last else 0
        if hours in course.extra or rng.random() < _share_kept(phase, hours, kept_since_change):
            kept_since_change += 1
            last = phase
            yield _read(phase, hours, rng, steady=kept_since_change > 1)


def _share_kept(phase: Phase, hours: float, kept_since_change: int) -> float:
    """All near the norms while it is online; after a change the first two; then ever fewer."""
    if kept_since_change < 2:
        return 1.0
    if phase.outcome == "offline":
        return 0.15
    if hours <= 72:
        return 0.5 if hours < 8 else 1.0
    return 0.35


def _read(phase: Phase, hours: float, rng: Random, *, steady: bool) -> Reading:
    """One in sixty checks in a steady phase times out; a name that is gone has no address."""
    if steady and hours > 0 and rng.random() < 1 / 60:
        return Reading(hours, "inconclusive", "timeout", phase.ip)
    return Reading(hours, phase.outcome, phase.reason, phase.ip)
