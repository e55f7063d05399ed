"""Ranks, ties and rank intervals."""

import numpy as np
import pytest

from monitor.ranking import ranks as module
from monitor.ranking.ranks import Shares, generator, rank_intervals, ranks
from monitor.ranking.shrinkage import fit_prior, shrunken


def intervals(share, n, seed=0, n_draws=1000):
    """Rank, low and high of Providers with these shares."""
    prior = fit_prior(share, n)
    rank = ranks(shrunken(prior, share, n))
    return rank, *rank_intervals(Shares(share, share, share, n), prior, rank, np.random.default_rng(seed), n_draws)


def test_ranks_count_the_lower_ones_and_ties_share():
    """1, 2, 2, 4; a billionth apart is together; along the last axis."""
    assert ranks(np.array([0.5, 0.1, 0.9, 0.5])).tolist() == [2, 1, 4, 2]
    assert ranks(np.array([0.5 + 5e-10, 0.5])).tolist() == [1, 1]
    assert ranks(np.array([0.5 + 5e-9, 0.5])).tolist() == [2, 1]
    assert ranks(np.array([[0.2, 0.1], [0.1, 0.2]])).tolist() == [[2, 1], [1, 2]]


def test_the_interval_is_the_nearest_rank_of_the_draws(monkeypatch):
    """The same draws sorted whole give the same limits, however they are cut into blocks, and 95% lie within."""
    random = np.random.default_rng(3)
    n = random.uniform(10, 200, 12)
    share = np.round(random.beta(6, 2, 12), 2)
    given = Shares(share, share, share, n)
    prior = fit_prior(share, n)
    rank = ranks(shrunken(prior, share, n))
    source = np.random.default_rng(1)
    hyper = module._hyper_draws(given, prior, source, 1000)
    drawn = np.sort(ranks(module._share_draws(given, hyper, source)), axis=0)
    low, high = rank_intervals(given, prior, rank, np.random.default_rng(1), 1000)
    assert low.tolist() == np.minimum(drawn[24], rank).tolist()
    assert high.tolist() == np.maximum(drawn[-25], rank).tolist()
    assert (((drawn >= low) & (drawn <= high)).mean(axis=0) >= 0.95).all()
    monkeypatch.setattr(module, "_CELLS_AT_ONCE", 12 * 130)  # blocks of 130 draws, and a last one of 90
    cut_low, cut_high = rank_intervals(given, prior, rank, np.random.default_rng(1), 1000)
    assert np.abs(cut_low - low).max() <= 1  # other draws, the same distribution
    assert np.abs(cut_high - high).max() <= 1


def test_rank_intervals_cover_the_true_ranks():
    """40 Providers of a known prior, 60 times: 93 to 98% of the intervals hold the rank of the true share."""
    random = np.random.default_rng(11)
    held = []
    for seed in range(60):
        n = np.maximum(10, random.lognormal(3.3, 0.8, 40)).astype(int)
        true = random.beta(7, 2, 40)
        _, low, high = intervals(random.binomial(n, true) / n, n.astype(float), seed, 400)
        held.append((low <= ranks(true)) & (ranks(true) <= high))
    assert 0.93 < np.mean(held) < 0.98  # 2,400 intervals: a standard error of half a point


def test_clear_differences_have_narrow_intervals_and_chance_has_wide_ones():
    """Thousands of Episodes far apart fix every rank; equal providers may stand anywhere."""
    far = np.linspace(0.1, 0.9, 9)
    rank, low, high = intervals(far, np.full(9, 5000.0))
    assert low.tolist() == rank.tolist() == high.tolist() == list(range(1, 10))
    _, low, high = intervals(np.full(20, 0.8), np.linspace(20.0, 60.0, 20))
    assert low.max() <= 3
    assert high.min() >= 18


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_no_failure_and_no_success_can_be_drawn(share):
    """All at an end of the scale: every rank is in its interval and nothing is not a number."""
    rank, low, high = intervals(np.full(6, share), np.linspace(10.0, 30.0, 6))
    assert rank.tolist() == [1] * 6
    assert (low == 1).all()
    assert ((high >= 1) & (high <= 6)).all()


def test_an_unidentified_share_is_drawn_from_its_range():
    """A range from 0 to 1 spreads over the ranks that the others fix."""
    share, n = np.array([0.05, 0.3, 0.5, 0.7, 0.95]), np.full(5, 2000.0)
    prior = fit_prior(share, n)
    low, high = np.array([0.05, 0.0, 0.5, 0.7, 0.95]), np.array([0.05, 1.0, 0.5, 0.7, 0.95])
    given = Shares(share, low, high, n)
    found = rank_intervals(given, prior, ranks(share), np.random.default_rng(0), 2000)
    assert [each[1] for each in found] == [1, 5]


def test_the_source_of_draws_differs_by_method_role_clock_and_seed():
    """And is the same for the same words."""
    words = [("npmle-1", "network", "request", 0), ("npmle-1", "as", "request", 0), ("npmle-1", "network", "order", 0)]
    words += [("npmle-2", "network", "request", 0), ("npmle-1", "network", "request", 1)]
    assert len({generator(*each).random() for each in words}) == 5
    assert generator(*words[0]).random() == generator(*words[0]).random()
