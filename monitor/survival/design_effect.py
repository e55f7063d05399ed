"""How many independent Episodes a Provider's Episodes are worth: many URLs share one notice and one fate.

In: one entry per Episode: its Provider, its cluster (the UTC day of notice, or the site), its weight and whether it
ended within the norm (0 or 1, or the expected membership in between under the fitted incidence). Out: per Provider
the share, its design effect D and n / D; per cluster the sums that a bootstrap needs; the intra-cluster correlation
pooled over Providers. What would surprise: sums are made of whole numbers (parts of 2^-36), so that the order of the
rows cannot show in the last digit; and a membership between 0 and 1 makes D larger, because an end that nobody saw
is an Episode that says less.

Method: `measurement.md` section 3 and docs/decisions/010-intervals.md.
D = max(1, 1 + rho (sum m^2 / n - 1), own jackknife), m the sizes of the clusters (Kish 1965), rho by the analysis of
variance (Donner and Koval 1980, Biometrics 36:19), each in its weighted form.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from monitor.model.columns import Codes, Columns, Floats, Ints
from monitor.model.measurement import ClusterSums
from monitor.survival.compiled import compiled

PARTS = 2.0**36
"""Sums of up to 67 million numbers between 0 and 1, each in whole parts of this size, fit into 63 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class DesignEffects:
    """One entry per Provider in each array; NaN where there is nothing to say (no Episode).

    `pooled` and `own` are what the two estimates of the design effect say, before the largest is taken: `own` (of the
    Provider's own clusters, delete-one jackknife) is NaN with one cluster and at shares of 0 and 1.
    """

    n: Ints  # Episodes
    n_clusters: Ints
    share: Floats  # sum of weight x inside over sum of weight
    design_effect: Floats  # at least 1
    n_effective: Floats  # n / design_effect
    pooled: Floats
    own: Floats
    clusters: ClusterSums  # ordered by Provider, then cluster
    rho: float | None  # intra-cluster correlation; None: nothing varies, or no Provider has two clusters


@dataclass(frozen=True, slots=True, eq=False)
class _Sums(Columns):
    """One entry per cluster, ordered by Provider, then cluster; w = weight, y = inside."""

    provider: Codes
    n: Ints
    w: Floats
    ww: Floats
    wy: Floats
    wyy: Floats


def design_effects(
    provider: ArrayLike, cluster: ArrayLike, weight: ArrayLike, inside: ArrayLike, n_providers: int
) -> DesignEffects:
    """Design effects of one entry per Episode: Provider (-1: left out), cluster, weight in (0, 1], inside in [0, 1].

    `cluster` numbers need only differ within a Provider. Columns have the same length; the time grows with it.
    """
    each = _cluster_sums(provider, cluster, weight, inside, n_providers)
    n_clusters = np.bincount(each.provider, minlength=n_providers).astype(np.int64)
    n = _total(each, each.n, n_providers).astype(np.int64)
    w, wy, wyy = (_total(each, column, n_providers) for column in (each.w, each.wy, each.wyy))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.minimum(wy / w, 1.0)
        varies = (share > 0) & (share < 1)
        seen = np.where(varies, _seen(n, w, wy, wyy, share), 1.0)
        rho = _rho(each, n_providers)
        pooled = _pooled(each, n, w, n_providers, rho or 0.0) / seen
        own = _own(each, n, w, share, n_clusters) / seen**2
        effect = np.where(n > 0, np.fmax(np.fmax(1.0, pooled), own), np.nan)
        n_effective = n / effect
    clusters = ClusterSums(each.provider, each.n, each.w, each.wy)
    return DesignEffects(n, n_clusters, share, effect, n_effective, pooled, own, clusters, rho)


def _seen(n: Ints, w: Floats, wy: Floats, wyy: Floats, share: Floats) -> Floats:
    """The part of fully seen Episodes' information that memberships carry (Louis 1982, J. R. Stat. Soc. B 44:226).

    At least one Episode's worth: where all memberships are equal, the range over the maximisers says the rest.
    """
    seen: Floats = np.clip((wyy - wy * share) / (w * share * (1 - share)), 1 / np.maximum(n, 1), 1.0)
    return seen


def _pooled(each: _Sums, n: Ints, w: Floats, n_providers: int, rho: float) -> Floats:
    """What rho makes of each Provider's cluster sizes: n times the variance of its share over that of one Episode."""
    ww, squares = _total(each, each.ww, n_providers), _total(each, each.w**2, n_providers)
    pooled: Floats = n * (ww + rho * np.maximum(squares - ww, 0.0)) / w**2
    return pooled


def _own(each: _Sums, n: Ints, w: Floats, share: Floats, n_clusters: Ints) -> Floats:
    """Delete-one-cluster jackknife variance of the share (linearised ratio) over the binomial variance."""
    residual = _total(each, (each.wy - share[each.provider] * each.w) ** 2, len(n))
    variance = residual / w**2 * n_clusters / np.maximum(n_clusters - 1, 1)
    said = (n_clusters > 1) & (share > 0) & (share < 1)
    return np.where(said, variance * n / (share * (1 - share)), np.nan)


def _rho(each: _Sums, n_providers: int) -> float | None:
    """Moment estimate of the intra-cluster correlation, pooled over Providers, in [0, 1].

    Sums of squares within clusters and between the clusters of a Provider, each set to its expectation under
    variance components s_within and s_between; with weights of 1 it is the one-way analysis of variance. A Provider
    with one cluster adds only to the part within.
    """
    w, wy, ww = (_total(each, column, n_providers) for column in (each.w, each.wy, each.ww))
    within = float((each.wyy - each.wy**2 / each.w).sum())
    freedom_within = float((each.w - each.ww / each.w).sum())
    between = float((each.wy**2 / each.w).sum() - np.nansum(wy**2 / w))
    freedom_between = float((each.ww / each.w).sum() - np.nansum(ww / w))
    size = float(each.w.sum() - np.nansum(_total(each, each.w**2, n_providers) / w))
    if freedom_within <= NOTHING or freedom_between <= NOTHING or size <= NOTHING:
        return None
    s_within = max(within, 0.0) / freedom_within
    s_between = max(between - freedom_between * s_within, 0.0) / size
    if s_within + s_between <= NOTHING:
        return None
    return s_between / (s_within + s_between)


NOTHING = 1e-9
"""Sums of squares and degrees of freedom under this are rounding."""


def _total(each: _Sums, column: Floats | Ints, n_providers: int) -> Floats:
    return np.bincount(each.provider, column, n_providers).astype(np.float64)


def _cluster_sums(
    provider: ArrayLike, cluster: ArrayLike, weight: ArrayLike, inside: ArrayLike, n_providers: int
) -> _Sums:
    who = np.ascontiguousarray(provider, np.int32)
    where = _dense(np.ascontiguousarray(cluster, np.int64))
    w, y = np.ascontiguousarray(weight, np.float64), np.ascontiguousarray(inside, np.float64)
    if not len(who) == len(where) == len(w) == len(y):
        raise ValueError("provider, cluster, weight and inside have different lengths")
    if len(who) and who.max() >= n_providers:
        raise ValueError(f"a Provider's place is at least n_providers = {n_providers}")
    order = _order(who, where, n_providers, int(where.max(initial=-1)) + 1)
    return _Sums(*_sums(order, who, where, w, y))


def _dense(cluster: Ints) -> Codes:
    """Cluster numbers from 0, without large holes, in the same order."""
    if not len(cluster):
        return cluster.astype(np.int32)
    low, high = int(cluster.min()), int(cluster.max())
    if high - low <= 4 * len(cluster) + 1024:
        return (cluster - low).astype(np.int32)
    return np.unique(cluster, return_inverse=True)[1].astype(np.int32)


@compiled
def _order(who: Codes, where: Codes, n_providers: int, n_clusters: int) -> Codes:
    """Places of the rows that have a Provider, by Provider, then cluster: two counting sorts, linear in the rows."""
    start = np.zeros(n_clusters + 1, np.int64)
    for i in range(len(who)):
        if who[i] >= 0:
            start[where[i] + 1] += 1
    for j in range(n_clusters):
        start[j + 1] += start[j]
    by_cluster = np.empty(start[n_clusters], np.int32)
    for i in range(len(who)):
        if who[i] >= 0:
            by_cluster[start[where[i]]] = i
            start[where[i]] += 1
    first = np.zeros(n_providers + 1, np.int64)
    for i in by_cluster:
        first[who[i] + 1] += 1
    for j in range(n_providers):
        first[j + 1] += first[j]
    order = np.empty(len(by_cluster), np.int32)
    for i in by_cluster:
        order[first[who[i]]] = i
        first[who[i]] += 1
    return order


@compiled
def _sums(
    order: Codes, who: Codes, where: Codes, weight: Floats, inside: Floats
) -> tuple[Codes, Ints, Floats, Floats, Floats, Floats]:
    """The sums of each cluster, in whole parts: the order of the rows within it does not matter."""
    n_clusters = 0
    for k in range(len(order)):
        if k == 0 or who[order[k]] != who[order[k - 1]] or where[order[k]] != where[order[k - 1]]:
            n_clusters += 1
    provider, n = np.empty(n_clusters, np.int32), np.zeros(n_clusters, np.int64)
    sums = np.zeros((4, n_clusters), np.int64)
    at = -1
    for k in range(len(order)):
        i = order[k]
        if k == 0 or who[i] != who[order[k - 1]] or where[i] != where[order[k - 1]]:
            at += 1
            provider[at] = who[i]
        w, y = weight[i], inside[i]
        n[at] += 1
        sums[0, at] += np.int64(np.rint(w * PARTS))
        sums[1, at] += np.int64(np.rint(w * w * PARTS))
        sums[2, at] += np.int64(np.rint(w * y * PARTS))
        sums[3, at] += np.int64(np.rint(w * y * y * PARTS))
    return provider, n, sums[0] / PARTS, sums[1] / PARTS, sums[2] / PARTS, sums[3] / PARTS
