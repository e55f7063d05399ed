"""Cluster bootstrap: who has limits, what they are, and what must not change them."""

from dataclasses import fields

import numba
import numpy as np
import pytest

from monitor.model.measurement import ClusterSums, Estimates, Measurement
from monitor.model.previous import Before
from monitor.model.scorecard import Norm
from monitor.model.words import NoticeKind
from monitor.survival.bootstrap import change_interval, time_limits
from monitor.survival.cells import lay_out
from monitor.survival.limits import difference, wilson
from monitor.survival.narrowing import narrowed
from monitor.survival.parts import maximise

NAMES = ("median_low", "median_high", "mean_low", "mean_high")


def rows(n_clusters, *, size=5, group=0, seed=0, censored=0.1, moves=0.1, weight=1.0):
    """Episodes of days on which removal is quick or slow, seen within a twentieth of the hour."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n_clusters), size)
    time = rng.lognormal(3, 1, len(cluster)) * rng.lognormal(0, 0.7, n_clusters)[cluster]
    kind = rng.random(len(cluster))
    cause = np.where(kind < censored, -1, np.where(kind < censored + moves, 1, 0)).astype(np.int8)
    right = np.where(cause < 0, np.inf, time * 1.05)
    return np.full(len(cluster), group), cluster, time, right, cause, np.full(len(cluster), weight)


def joined(*parts):
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]


def limits_of(columns, n_groups=1, **more):
    found = time_limits(*columns, n_groups, **{"replicates": 100, **more})
    return np.array([getattr(found, name) for name in NAMES])


def test_too_few_clusters_have_no_limits():
    """39 days: none. 40 days: limits. A Provider without an Episode: none."""
    found = limits_of(joined(rows(39), rows(40, group=1)), 3)
    assert np.isnan(found[:, 0]).all()
    assert np.isfinite(found[:, 1]).all()
    assert np.isnan(found[:, 2]).all()


def test_without_replicates_there_are_no_limits():
    """Asked for none, it draws none."""
    assert np.isnan(limits_of(rows(50), replicates=0)).all()


def test_one_thread_and_two_give_the_same_bytes(monkeypatch):
    """Each Provider's draws are its own, whoever makes them."""
    columns = joined(*(rows(45, group=g, seed=g) for g in range(5)))
    results = []
    for threads in (1, 2):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", threads)
        results.append(limits_of(columns, 5).tobytes())
    assert len(set(results)) == 1


def test_other_providers_do_not_change_the_limits():
    """The first Provider's limits are the same with and without the Episodes of others."""
    alone, among = limits_of(rows(45)), limits_of(joined(rows(45), rows(60, group=1, seed=3)), 2)
    assert alone[:, 0].tobytes() == among[:, 0].tobytes()


def test_the_seed_changes_the_draws():
    """Another seed, other limits; the same seed, the same."""
    assert limits_of(rows(45), seed=1).tobytes() == limits_of(rows(45), seed=1).tobytes()
    assert limits_of(rows(45), seed=1).tobytes() != limits_of(rows(45), seed=2).tobytes()


def test_exact_times_give_the_limits_of_a_bootstrap_written_out():
    """One cause, exact times, nothing censored: percentiles of the means of drawn days, by numpy's own draws."""
    group, cluster, time, _, cause, weight = rows(80, censored=0, moves=0)
    found = limits_of((group, cluster, time, time, cause, weight), replicates=2000, cap=1e9)[:, 0]
    draws = np.random.default_rng(1).integers(0, 80, (4000, 80))
    days = time.reshape(80, 5)
    low, high = np.quantile(days.mean(axis=1)[draws].mean(axis=1), (0.025, 0.975))
    assert found[2:] == pytest.approx((low, high), rel=0.03)
    medians = np.sort(days[draws].reshape(4000, -1), axis=1)[:, 199]
    assert found[:2] == pytest.approx(np.quantile(medians, (0.025, 0.975)), rel=0.05)


def test_intervals_widen_both_limits():
    """The lower limit goes with the earliest times that fit, the upper with the latest: never inside the exact ones."""
    group, cluster, time, _, cause, weight = rows(60, censored=0)
    exact = limits_of((group, cluster, time, time, cause, weight))[:, 0]
    seen = limits_of((group, cluster, np.floor(time / 4) * 4, np.ceil(time / 4) * 4, cause, weight))[:, 0]
    assert exact[0] - 4 < seen[0] < exact[0] < exact[1] < seen[1] < exact[1] + 4
    assert exact[2] - 4 < seen[2] < exact[2] < exact[3] < seen[3] < exact[3] + 4


def test_a_median_that_many_samples_do_not_reach_has_no_upper_limit():
    """About half still online at the end: the upper limit is infinite, told as NaN; the lower one is known."""
    rng = np.random.default_rng(4)
    cluster = np.repeat(np.arange(60), 4)
    ended = rng.permutation(240) < 120
    time = rng.uniform(1, 48, 240)
    left, right = np.where(ended, time, 700.0), np.where(ended, time, np.inf)
    cause = np.where(ended, 0, -1).astype(np.int8)
    found = limits_of((np.zeros(240, int), cluster, left, right, cause, np.ones(240)))[:, 0]
    assert 1 < found[0] < 48
    assert np.isnan(found[1])


def test_a_coarser_stop_moves_no_limit():
    """Replicates stopped at the gap in use and a thousandth of it agree to a hundredth of an hour."""
    columns = rows(60, seed=7)
    assert limits_of(columns) == pytest.approx(limits_of(columns, tolerance=1e-8), abs=0.01)


def measurement(share, n_clusters, size=5, rho=0.1, *, seed=0, slack=0.0):
    """One Provider with days of equal size whose number within the norm scatters around `share`."""
    rng = np.random.default_rng(seed)
    inside = rng.binomial(size, share, n_clusters).astype(float)
    n = n_clusters * size
    value = inside.sum() / n
    effective = n / (1 + rho * (size - 1))
    known = {
        "n_episodes": n,
        "n_clusters": n_clusters,
        "n_effective": effective,
        "norm": value,
        "norm_range_low": max(value - slack, 0),
        "norm_range_high": min(value + slack, 1),
        "norm_low": wilson(max(value - slack, 0), effective)[0],
        "norm_high": wilson(min(value + slack, 1), effective)[1],
    }
    estimates = Estimates(**{each.name: np.array([known.get(each.name, np.nan)]) for each in fields(Estimates)})
    clusters = ClusterSums(
        np.zeros(n_clusters, np.int32), np.full(n_clusters, size), np.full(n_clusters, 1.0 * size), inside
    )
    return Measurement(Norm(NoticeKind.REQUEST, 24.0, 0.8), ("org-1",), estimates, clusters, None, None)


def before_of(measured):
    found = measured.estimates
    columns = (found.norm, found.norm_range_low, found.norm_range_high, found.norm_low, found.norm_high)
    return Before(found.n_clusters.astype(np.int64), *columns), measured.clusters


def test_a_narrowed_layout_has_the_same_maximum():
    """Refitted on the cells with mass alone, from nothing, the whole sample gives the masses that it had."""
    _, _, left, right, cause, weight = rows(60, censored=0.2, moves=0.3, seed=9)
    left, right = left * 0.6, right * 1.4
    layout = lay_out(left, right, cause)
    mass = np.zeros(len(layout.first))
    maximise(layout, np.bincount(layout.row_of, weight), mass, 1e-9, 5000)
    narrow, kept = narrowed(layout, mass)
    again = np.zeros(len(kept))
    maximise(narrow, np.bincount(narrow.row_of, weight), again, 1e-9, 5000)
    assert len(kept) < len(mass)
    assert len(narrow.lo) < len(layout.lo)
    assert again == pytest.approx(kept, abs=1e-6)


def test_few_clusters_change_by_the_hybrid_score():
    """Under 40 days in one Period: the limits are those of Newcombe's method from the two Wilson intervals."""
    now, then = measurement(0.8, 60), measurement(0.6, 39, seed=1)
    sides = [(m.estimates.norm, m.estimates.norm_low, m.estimates.norm_high) for m in (now, then)]
    assert np.array(change_interval(now, *before_of(then))) == pytest.approx(np.array(difference(*sides)))


def test_many_clusters_change_by_drawn_days():
    """From 40 days on in both: percentiles of drawn differences, close to the normal approximation."""
    now, then = measurement(0.8, 200), measurement(0.6, 150, seed=1)
    low, high = change_interval(now, *before_of(then))
    variance = sum(np.var(m.clusters.inside / 5, ddof=1) / len(m.clusters) for m in (now, then))
    change = now.estimates.norm - then.estimates.norm
    assert low == pytest.approx(change - 1.96 * np.sqrt(variance), abs=0.01)
    assert high == pytest.approx(change + 1.96 * np.sqrt(variance), abs=0.01)


def test_shares_near_none_or_all_are_not_drawn():
    """All within the norm in both Periods: the limits are not 0 to 0."""
    low, high = change_interval(measurement(1.0, 60), *before_of(measurement(1.0, 50)))
    assert low < -0.01
    assert high > 0.01


@pytest.mark.parametrize("n_clusters", [20, 60])
def test_the_range_over_the_maximisers_widens_a_change(n_clusters):
    """What the data leave open in either Period is added on both sides."""
    sharp = change_interval(measurement(0.7, n_clusters), *before_of(measurement(0.6, n_clusters, seed=1)))
    loose = change_interval(
        measurement(0.7, n_clusters, slack=0.1), *before_of(measurement(0.6, n_clusters, seed=1, slack=0.1))
    )
    assert loose[0] < sharp[0] - 0.1
    assert loose[1] > sharp[1] + 0.1


def test_without_a_share_before_there_is_no_change():
    """A Provider that had no Episode in the Period before: NaN on both sides."""
    nothing = np.array([np.nan])
    before = Before(np.array([0]), *[nothing] * 5)
    none = ClusterSums(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0))
    assert np.isnan(change_interval(measurement(0.7, 60), before, none)).all()
