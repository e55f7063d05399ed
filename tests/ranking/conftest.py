"""Rankings of hand-made tables, measured by hand: from the bounds alone, with no estimator behind them.

In: a table. Out: an `Estimates` whose shares are the middles of their bounds, whose design effect is 1 and whose limits
are the exact binomial ones; so tests of the ranking do not wait for survival's estimators, nor break with them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from math import nan

import numpy as np
import pytest
from scipy import stats

from monitor.model.episode import EpisodeTable
from monitor.model.measurement import ClusterSums, Estimates, Measurement
from monitor.model.period import Period
from monitor.model.scorecard import PUBLISHED_HOURS, Minimums, Norm, Ranking
from monitor.model.selected import Selected, select
from monitor.model.words import NoticeKind, Role
from monitor.ranking import make_ranking
from monitor.survival.bounds import bounds_at, bounds_of_norm, intervals_of


def _shares(chosen: Selected, bounds, n):
    """Worst, best, worst of any end, best of any end: counts by Provider, and the shares."""
    masks = (bounds.worst, bounds.best, bounds.any_end_worst, bounds.any_end_best)
    known = chosen.rows.provider >= 0
    counts = [np.bincount(chosen.rows.provider[mask & known], minlength=len(chosen.ids)) for mask in masks]
    return counts, [np.divide(count, n, out=np.full(len(n), nan), where=n > 0) for count in counts]


def by_hand(chosen: Selected, norm: Norm) -> Measurement:
    """A Measurement of bounds alone."""
    rows, episode = intervals_of(chosen), chosen.is_episode & (chosen.rows.provider >= 0)
    n = np.bincount(chosen.rows.provider[episode], minlength=len(chosen.ids))
    days = {*zip(chosen.rows.provider[episode].tolist(), chosen.rows.cluster_id[episode].tolist(), strict=True)}
    n_clusters = np.bincount(np.array([code for code, _ in sorted(days)], int), minlength=len(chosen.ids))
    counts, (worst, best, any_worst, any_best) = _shares(chosen, bounds_of_norm(rows, norm.hours), n)
    hourly = [_shares(chosen, bounds_at(rows, float(hours)), n)[1] for hours in PUBLISHED_HOURS]
    low, high = (np.stack([each[case] for each in hourly], axis=1) for case in (0, 1))
    nothing = np.full(len(n), nan)
    x = counts[3]
    measured = Estimates(
        n_episodes=n, n_clusters=n_clusters, worst=counts[0], best=counts[1], any_end_worst=counts[2],
        any_end_best=x, within=(low + high) / 2, within_range_low=low, within_range_high=high,
        within_identified=high - low <= 0.005, norm=(worst + best) / 2, norm_range_low=worst, norm_range_high=best,
        identified=best - worst <= 0.005, any_end=(any_worst + any_best) / 2, any_end_range_low=any_worst,
        any_end_range_high=any_best, design_effect=np.ones(len(n)), n_effective=n.astype(float),
        norm_low=np.where(worst > 0, stats.beta.ppf(0.025, counts[0], n - counts[0] + 1), worst),
        norm_high=np.where(best < 1, stats.beta.ppf(0.975, counts[1] + 1, n - counts[1]), best),
        meets_limit=np.where(worst > 0, stats.beta.ppf(0.01, counts[0], n - counts[0] + 1), worst),
        below_limit=np.where(any_best < 1, stats.beta.ppf(0.99, x + 1, n - x), any_best),
        below_p=np.where(n > 0, stats.binom.cdf(x, n, norm.target), nan),
        median=nothing, median_low=nothing, median_high=nothing,
        median_status=np.where(n > 0, "not-reached", None), mean=nothing, mean_low=nothing, mean_high=nothing,
        site_low=nothing, site_high=nothing, site_meets_limit=nothing, site_below_limit=nothing,
    )  # fmt: skip
    none = np.empty(0, np.int64)
    return Measurement(
        norm, chosen.ids, measured, ClusterSums(none.astype(np.int32), none, none + 0.0, none + 0.0), None, None
    )


@pytest.fixture(scope="session")
def measured() -> Callable[[Selected, Norm], Measurement]:
    """Measured from the bounds alone."""
    return by_hand


@pytest.fixture(scope="session")
def rank() -> Callable[..., Ranking]:
    """make_ranking with the settings that a test leaves out."""

    def ranked(
        episodes: EpisodeTable,
        *,
        norm: Norm = Norm(NoticeKind.REQUEST, 24.0, 0.8),  # noqa: B008 (frozen)
        role: Role = Role.NETWORK,
        **changed: object,
    ) -> Ranking:
        settings: dict[str, object] = {
            "period": Period.parse("2026H1"),
            "cutoff": datetime(2026, 8, 1, tzinfo=UTC),
            "minimums": Minimums(),
            "providers": {},
            "labels": {},
            "freeze": "",
        }
        chosen = select(episodes, clock=norm.clock, role=role)
        return make_ranking(chosen, by_hand(chosen, norm), **{**settings, **changed})

    return ranked
