"""The checks that the real schedule would make of all Targets of a Market, side by side, and what each of them sees.

In: a Market and a generator. Out: `Checks`, one entry per check in order of Target and time. What would surprise: the
schedule's rules are written here a second time, over arrays, because asking `next_due` four hundred thousand times
takes minutes; a test lets both make the checks of the same Targets and compares them to the microsecond.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from monitor.model.columns import Columns, Flags, Floats, Ints, Small
from monitor.model.words import Cause, NoticeKind, Outcome
from monitor.observation.offsets import Course, course, watch
from monitor.observation.schedule import AGAIN, CONFIRMATIONS, MOST_AGAIN
from monitor.simulation.market import DAYS, NORM_HOURS, Market

SECONDS = 3600.0
VOID = -1
"""Beside the numbers of `Outcome`: our own network failed."""
FOLLOW_UP_DAYS = 31
N_SEEDS = 4096
"""Targets are drawn from so many jitters: each is the number of a Target to the schedule."""
_MASK = (1 << 64) - 1
_CONFIRMATIONS = np.array([each.total_seconds() for each in CONFIRMATIONS])
_AGAIN = np.array([0.0, *(each.total_seconds() for each in AGAIN)])


@dataclass(frozen=True, slots=True, eq=False)
class Checks(Columns):
    """One entry per check. `at` in seconds after the notice; `outcome` of `Outcome`, or VOID."""

    target: Ints  # place in Market.targets
    at: Floats
    outcome: Small
    cause: Small
    elsewhere: Flags  # the Target was at another Provider by then


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A Course with the place of each check for each seed."""

    done_from: Floats
    starts: Floats
    following: Floats  # (seeds, entries + 1): the first check that is not done, by the number of entries done

    @classmethod
    def of(cls, line: Course, seeds: Ints) -> "_Line":
        place = np.array(line.first)[None, :] + np.array(line.width)[None, :] * _jitter(seeds, len(line))
        done_from = np.array(line.done_from)
        following = np.full((len(seeds), len(line) + 1), np.inf)
        for n in range(len(line)):
            at = place[:, n].copy()
            for k in range(n + 1, len(line)):
                serves = done_from[k] <= at
                if not serves.any():
                    break
                at = np.where(serves, np.minimum(at, place[:, k]), at)
            following[:, n] = at
        return cls(done_from, np.array(line.starts), following)

    def planned(self, row: Ints, elapsed: Floats) -> Floats:
        return self.following[row, np.searchsorted(self.done_from, elapsed, side="right")]

    def reached(self, elapsed: Floats) -> Floats:
        """When the last entry was due; minus infinity before the first one."""
        return np.concatenate(([-np.inf], self.starts))[np.searchsorted(self.starts, elapsed, side="right")]


def _jitter(seeds: Ints, n: int) -> Floats:
    """As the schedule spreads its checks: a number from 0 to 1 of each seed and entry."""
    with np.errstate(over="ignore"):
        mixed = seeds.astype(np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15) + np.arange(n, dtype=np.uint64)[
            None, :
        ] * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0x94D049BB133111EB)
        mixed = (mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)
    jitter: Floats = mixed.astype(np.float64) / float(1 << 53)
    return jitter


@lru_cache(maxsize=1)
def _lines() -> tuple[_Line, _Line, _Line, _Line]:
    """From a notice, the same once it is gone, from the first OFFLINE of what is gone, and from a report."""
    seeds, norms = np.arange(N_SEEDS), (NORM_HOURS,)
    request = NoticeKind.REQUEST
    courses = (
        course(request, None, norms),
        course(request, None, norms, gone=True),
        watch(),
        course(None, None, norms),
    )
    return tuple(_Line.of(each, seeds) for each in courses)  # type: ignore[return-value]  # four of them


@dataclass(slots=True, eq=False)
class Standings:
    """What scheduling remembers of each Target, as arrays: `monitor.model.observation.Standing`. NaN: nothing."""

    last: Floats
    offline_since: Floats
    stretch_since: Floats
    n_stretch: Ints
    gone: Flags  # confirmed
    n_again: Ints

    @classmethod
    def new(cls, n: int) -> "Standings":
        nothing = np.full(n, np.nan)
        none = np.zeros(n, np.int64)
        return cls(nothing, nothing.copy(), nothing.copy(), none, np.zeros(n, np.bool_), none.copy())

    def since_notice(self, shift: Floats) -> None:
        """Count from the notice what was counted from the report, so many seconds before it."""
        self.last, self.offline_since = self.last - shift, self.offline_since - shift
        self.stretch_since = self.stretch_since - shift

    def see(self, here: Ints, at: Floats, outcome: Small) -> None:
        """Take in one check of each of the Targets `here`."""
        self.last[here] = at
        on, off, void = (here[outcome == word] for word in (Outcome.ONLINE, Outcome.OFFLINE, VOID))
        self.n_again[here] = np.where(outcome == VOID, self.n_again[here] + 1, 0)
        self.offline_since[on] = self.stretch_since[on] = np.nan
        self.n_stretch[on], self.gone[on] = 0, False
        self.stretch_since[void], self.n_stretch[void] = np.nan, 0
        time = at[outcome == Outcome.OFFLINE]
        for since in (self.offline_since, self.stretch_since):
            since[off] = np.where(np.isnan(since[off]), time, since[off])
        self.n_stretch[off] += 1
        self.gone[off] |= (self.n_stretch[off] >= 3) & (time - self.stretch_since[off] >= 1800.0 - 1e-6)


def next_checks(standings: Standings, here: Ints, seed: Ints, floor: Floats, *, from_report: bool = False) -> Floats:
    """When each of the Targets `here` is due, in seconds after its anchor; `floor`: not sooner."""
    notice, notice_gone, watching, report = _lines()
    line = report if from_report else notice
    last, gone = standings.last[here], standings.gone[here]
    since, again = standings.offline_since[here], standings.n_again[here]
    planned, reached = line.planned(seed, last), line.reached(last)
    if gone.any():
        row, elapsed, began = seed[gone], last[gone], since[gone]
        still = np.full(len(row), np.inf) if from_report else notice_gone.planned(row, elapsed)
        planned[gone] = np.minimum(still, began + watching.planned(row, elapsed - began))
    confirming = ~np.isnan(since) & ~gone
    repeated = np.isnan(since) & (again % len(_AGAIN) > 0) & (again < MOST_AGAIN)
    extra = np.where(repeated, last + _AGAIN[again % len(_AGAIN)], np.inf)
    part = np.flatnonzero(confirming)
    stretch = standings.stretch_since[here][part]
    extra[part] = _confirmations(last[part], since[part], stretch, again[part], reached[part])
    due = np.minimum(planned, extra)
    return np.maximum(np.where(np.isnan(last), 0.0, due), floor)


def _confirmations(last: Floats, since: Floats, stretch: Floats, again: Ints, reached: Floats) -> Floats:
    passed = last - np.maximum(since, reached)
    wanted = last + 300.0 * 2.0 ** np.clip(again - 1, 0, 4)
    plain = (again == 0) & ~np.isnan(stretch)
    first, second = stretch + _CONFIRMATIONS[0], stretch + _CONFIRMATIONS[1]
    planned = np.where(first > last, first, np.where(second > last, second, last))
    confirmation: Floats = np.maximum(np.where(plain, planned, wanted), last + np.maximum(300.0, passed / 2))
    return confirmation


def observe(market: Market, rng: np.random.Generator) -> Checks:
    """Every check of every Target before the cut-off, from the notice on or, if the Scenario says so, the report."""
    world = _World.of(market, rng)
    standings, made = Standings.new(len(market.targets)), list[Checks]()
    if market.scenario.report_checks:
        shift = (market.targets.notified - market.targets.reported) * SECONDS
        _run(world, standings, made, until=world.known, shift=shift)
        standings.since_notice(shift)
    _run(world, standings, made, until=world.end, shift=None)
    together = {name: np.concatenate([getattr(each, name) for each in made]) for name in made[0].arrays()}
    return Checks(**together).take(np.lexsort((together["at"], together["target"])))


def _run(world: "_World", standings: Standings, made: list[Checks], *, until: Floats, shift: Floats | None) -> None:
    """Check after check, all Targets at once. `shift`: seconds from report to notice, as long as that is not known."""
    active = np.arange(len(until))
    floor = world.known if shift is None else np.zeros(len(until))
    while len(active):
        off = np.zeros(len(active)) if shift is None else shift[active]
        due = next_checks(standings, active, world.seed[active], floor[active], from_report=shift is not None) - off
        due = world.delayed(active, due)
        inside = due < until[active]
        active, due = active[inside], due[inside]
        seen = world.look(active, due)
        standings.see(active, due + off[inside], seen.outcome)
        made.append(seen)


@dataclass(frozen=True, slots=True, eq=False)
class _World:
    """What a check meets: the Targets' truth, our outages, and what answers nothing. Seconds after the notice."""

    market: Market
    rng: np.random.Generator
    seed: Ints
    known: Floats  # the notice is known to us
    end: Floats  # the cut-off
    silent: Floats  # (outages, 2), seconds after the Period's start: no check is made
    void: Floats  # likewise: the checks are void

    @classmethod
    def of(cls, market: Market, rng: np.random.Generator) -> "_World":
        n = len(market.targets)
        begin = np.sort(rng.uniform(0, DAYS * 24.0, market.scenario.outages))
        outages = np.stack((begin, begin + rng.uniform(2.0, 10.0, len(begin))), axis=1) * SECONDS
        return cls(
            market,
            rng,
            seed=rng.integers(0, N_SEEDS, n),
            known=rng.exponential(market.scenario.first_check_hours * SECONDS, n) + 1.0,
            end=(24.0 * (DAYS + FOLLOW_UP_DAYS) - market.targets.notified) * SECONDS,
            silent=outages[::2],
            void=outages[1::2],
        )

    def delayed(self, here: Ints, due: Floats) -> Floats:
        """A check comes some seconds late, and after an outage in which no worker ran."""
        at = due + self.rng.uniform(1.0, 40.0, len(due))
        zero = self.market.targets.notified[here] * SECONDS
        for begin, end in self.silent:
            out = (at + zero >= begin) & (at + zero < end)
            at[out] = end - zero[out] + self.rng.uniform(1.0, 600.0, int(out.sum()))
        return at

    def look(self, here: Ints, at: Floats) -> Checks:
        """What the checks see."""
        truth, scenario, hours = self.market.targets, self.market.scenario, at / SECONDS
        away = (hours >= truth.removed[here]) & (hours < truth.back[here]) | (hours >= truth.removed_again[here])
        no_name = hours >= truth.gone[here]
        offline = away | no_name
        outcome = np.where(offline, Outcome.OFFLINE, Outcome.ONLINE).astype(np.int8)
        unclear = self.rng.random(len(here)) < np.where(offline, scenario.unclear_offline, scenario.unclear_online)
        outcome[unclear | (away & truth.closed[here])] = Outcome.INCONCLUSIVE
        zero = truth.notified[here] * SECONDS
        for begin, end in self.void:
            outcome[(at + zero >= begin) & (at + zero < end)] = VOID
        cause = np.where(no_name, Cause.DOMAIN, Cause.CONTENT)
        cause = np.where(outcome == Outcome.OFFLINE, cause, Cause.NONE).astype(np.int8)
        return Checks(here, at, outcome, cause, hours >= truth.moved[here])
