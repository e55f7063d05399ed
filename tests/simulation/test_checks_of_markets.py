"""The checks of a simulated Market are those that the real schedule would make, and see what is true at that moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from monitor.model.observation import Anchor, Standing
from monitor.model.words import NoticeKind, Outcome
from monitor.observation.schedule import next_due
from monitor.simulation.checks import VOID, Standings, next_checks, observe
from monitor.simulation.market import draw_market
from monitor.simulation.scenarios import SCENARIOS

ZERO = datetime(2026, 3, 2, 9, tzinfo=UTC)
NORMS = {NoticeKind.REQUEST: 24.0}
PATTERNS = (
    (1,),
    (2,),
    (1, 1, 1, 2),
    (1, 2, 0, 2, 2, 2, 2, 2, 1),
    (VOID, 1, VOID, VOID, 2, VOID, 2, 2, 2, 2),
    (0, 2, 0, 0, 2, 2, 1),
    (VOID,),
    (2, 2, 2, 2, 2, 2, 2, 1, 1, 2),
)


def judged(standing: Standing, at: datetime, outcome: int) -> Standing:
    """What judging remembers after one check (monitor.observation.judge), in the words of this study."""
    standing = replace(standing, n_checks=standing.n_checks + 1, last_checked_at=at)
    if outcome == Outcome.ONLINE:
        return Standing(n_checks=standing.n_checks, last_checked_at=at, last_online_at=at)
    if outcome == Outcome.OFFLINE:
        stretch, n = standing.stretch_since or at, standing.n_stretch + 1
        confirmed = n >= 3 and at - stretch >= timedelta(minutes=30)
        done = standing.confirmed_at or (at if confirmed else None)
        since = standing.offline_since or at
        return replace(standing, offline_since=since, stretch_since=stretch, n_stretch=n, confirmed_at=done, n_again=0)
    if outcome == VOID:
        return replace(standing, stretch_since=None, n_stretch=0, n_again=standing.n_again + 1)
    return replace(standing, n_again=0)


def asked_one_by_one(anchor: Anchor, pattern: tuple[int, ...], seed: int, late: list[float], n: int) -> list[float]:
    """Seconds after the anchor of `n` checks, each asked of the real schedule."""
    standing, now, made = Standing(), anchor.at, list[float]()
    for number in range(n):
        due = next_due([anchor], standing, NORMS, now, seed)
        assert due is not None
        at = due.at + timedelta(seconds=late[number % len(late)])
        standing, now = judged(standing, at, pattern[number % len(pattern)]), at
        made.append((at - anchor.at).total_seconds())
    return made


@pytest.mark.parametrize("kind", [NoticeKind.REQUEST, None])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_many_targets_at_once_are_checked_when_the_real_schedule_checks_each_of_them(pattern, kind):
    """Whatever is seen: online, offline, void, nothing; from a notice and from a report; to the microsecond."""
    seeds, late, n = np.array([0, 1, 7, 1234, 4095]), [3.0, 17.25, 39.0], 24
    standings, here, ours = Standings.new(len(seeds)), np.arange(len(seeds)), []
    last = np.zeros(len(seeds))
    for number in range(n):
        due = next_checks(standings, here, seeds, last, from_report=kind is None)
        last = due + late[number % len(late)]
        standings.see(here, last, np.full(len(seeds), pattern[number % len(pattern)], np.int8))
        ours.append(last)
    for place, seed in enumerate(seeds.tolist()):
        real = asked_one_by_one(Anchor(ZERO, kind), pattern, seed, late, n)
        np.testing.assert_allclose([at[place] for at in ours], real, rtol=0, atol=2e-5)


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_a_conclusive_reading_is_the_truth_of_its_moment(name):
    """ONLINE exactly while it is there, OFFLINE while it is not, and elsewhere once it has moved."""
    rng = np.random.default_rng(5)
    market = draw_market(SCENARIOS[name], rng)
    checks, truth = observe(market, rng), market.targets
    hours = checks.at / 3600
    removed, back, again, gone = (
        column[checks.target] for column in (truth.removed, truth.back, truth.removed_again, truth.gone)
    )
    there = ((hours < removed) | ((hours >= back) & (hours < again))) & (hours < gone)
    assert there[checks.outcome == Outcome.ONLINE].all()
    assert not there[checks.outcome == Outcome.OFFLINE].any()
    np.testing.assert_array_equal(checks.elsewhere, hours >= truth.moved[checks.target])


def test_outages_are_void_or_silent_over_all_targets():
    """From the first to the last void check of an outage every check is void; other stretches have no check at all."""
    rng = np.random.default_rng(6)
    market = draw_market(SCENARIOS["outages"], rng)
    checks = observe(market, rng)
    at = market.targets.notified[checks.target] + checks.at / 3600
    order = np.argsort(at)
    at, void = at[order], checks.outcome[order] == VOID
    times = at[void]
    outages = np.split(times, np.flatnonzero(np.diff(times) > 1.5) + 1)
    assert len(outages) > 3
    for outage in outages:
        inside = (at >= outage[0]) & (at <= outage[-1])
        assert void[inside].all()
    assert np.diff(at[(at > 240) & (at < 2000)]).max() > 1.5


def test_the_same_number_gives_the_same_market_and_checks():
    """A run can be repeated from its number alone."""
    made = []
    for _ in range(2):
        rng = np.random.default_rng(9)
        market = draw_market(SCENARIOS["all"], rng)
        made.append((market.targets.ended, observe(market, rng).at))
    np.testing.assert_array_equal(made[0][0], made[1][0])
    np.testing.assert_array_equal(made[0][1], made[1][1])
