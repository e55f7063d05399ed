"""Cluster bootstrap of median, restricted mean and change, for Providers with enough clusters to draw from.

In: rows with their Provider and cluster, or the sums of clusters. Out: 95% percentile limits, NaN for a Provider with
fewer than `ENOUGH_CLUSTERS`. What would surprise: shares have no bootstrap (it covers 0% with one cluster, 60% with
three; docs/decisions/010-intervals.md); the lower limit is drawn from the earliest times that fit a sample and the
upper from the latest, so that what nobody saw widens both; and each Provider's draws come from numbers of its own,
made from the seed and its place, so that neither threads nor other Providers' Episodes can change them.

Source: Field and Welsh (2007), J. R. Stat. Soc. B 69:369 (whole clusters drawn with replacement); Efron (1981) for
censored data.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import Columns, Flags, Floats, Ints, Small
from monitor.model.episode import CAP_HOURS
from monitor.model.measurement import ClusterSums, Measurement
from monitor.model.previous import ENOUGH_CLUSTERS, Before
from monitor.survival import limits
from monitor.survival.cells import lay_out
from monitor.survival.compiled import compiled, for_each_group
from monitor.survival.draws import begin, draw, percentile
from monitor.survival.narrowing import narrowed
from monitor.survival.npmle import by_group
from monitor.survival.parts import maximise, self_consistent

REPLICATES = 400
"""Refits of each Provider for median and mean. The limits then scatter by about a seventh of a standard error from
seed to seed."""
SHARE_REPLICATES = 2_000
"""Draws of a share, which cost next to nothing."""
TOLERANCE = 1e-3
"""A replicate stops at this gap of the KKT conditions: against 1e-9 no limit moved by more than 0.0001 hours."""
FULL_TOLERANCE = 1e-9
MOST_STEPS = 500
EXTREME = 0.03
"""Under this share, and over 1 less this, clusters that differ are too few to draw from: the score method goes on."""
_LOW, _HIGH = 0.025, 0.975


@dataclass(frozen=True, slots=True, eq=False)
class TimeLimits(Columns):
    """95% limits in hours, one entry per Provider; NaN where there are too few clusters or the limit is infinite."""

    median_low: Floats
    median_high: Floats
    mean_low: Floats
    mean_high: Floats


def time_limits(
    group: NDArray[Any],
    cluster: NDArray[Any],
    left: Floats,
    right: Floats,
    cause: Small,
    weight: Floats,
    n_groups: int,
    *,
    seed: int = 0,
    replicates: int = REPLICATES,
    cap: float = CAP_HOURS,
    enough: int = ENOUGH_CLUSTERS,
    tolerance: float = TOLERANCE,
) -> TimeLimits:
    """Limits of the median of cause 0 and of the mean until any end up to `cap`, by whole clusters drawn again.

    Rows as for `npmle.fit_groups` (group -1 is left out), and a cluster number each, which need differ only within
    a group. No replicates: no limits.
    """
    out = np.full((4, n_groups), np.nan)
    known = np.ascontiguousarray(group, np.int64)
    rows = np.flatnonzero(known >= 0)
    order, start = by_group(known[rows], n_groups)
    if replicates > 0 and len(rows):
        left, right = np.ascontiguousarray(left, np.float64), np.ascontiguousarray(right, np.float64)
        cause, weight = np.ascontiguousarray(cause, np.int8), np.ascontiguousarray(weight, np.float64)

        def limits_of(g: int) -> None:
            mine = rows[order[start[g] : start[g + 1]]]
            names, which = np.unique(cluster[mine], return_inverse=True)
            if len(names) >= enough:
                out[:, g] = _times(
                    left[mine], right[mine], cause[mine], weight[mine], which.astype(np.int64), len(names),
                    seed, g, replicates, cap, tolerance, MOST_STEPS,
                )  # fmt: skip

        for_each_group(limits_of, n_groups, len(rows) * replicates)
    return TimeLimits(*np.where(np.isfinite(out), out, np.nan))


@compiled
def _times(
    left: Floats, right: Floats, cause: Small, weight: Floats, which: Ints, n_clusters: int,
    seed: int, place: int, replicates: int, cap: float, tolerance: float, most_steps: int,
) -> Floats:  # fmt: skip
    """Lower and upper limit of median and of mean; cells and what rows cover are made once, weights each time."""
    layout = lay_out(left, right, cause)
    whole = np.zeros(len(layout.lo))
    for i in range(len(left)):
        whole[layout.row_of[i]] += weight[i]
    full = np.zeros(len(layout.first))
    maximise(layout, whole, full, FULL_TOLERANCE, most_steps)
    layout, full = narrowed(layout, full)
    drawn = np.empty((4, replicates))
    state = begin(seed, place)
    times = np.empty(n_clusters)
    for b in range(replicates):
        state = draw(state, times)
        merged = np.zeros(len(layout.lo))
        for i in range(len(left)):
            merged[layout.row_of[i]] += weight[i] * times[which[i]]
        mass = full.copy()
        maximise(layout, merged, mass, tolerance, most_steps)
        self_consistent(layout, merged, mass)
        drawn[0, b], drawn[1, b] = _medians(layout.first, layout.last, mass, layout.n_zero, layout.n_one)
        drawn[2, b], drawn[3, b] = _means(layout.first, layout.last, mass, cap)
    out = np.empty(4)
    for figure in range(4):
        out[figure] = percentile(drawn[figure], _LOW if figure % 2 == 0 else _HIGH)
    return out


@compiled
def _medians(first: Floats, last: Floats, mass: Floats, n_zero: int, n_one: int) -> tuple[float, float]:
    """Earliest and latest hour at which cause 0 reaches one half; infinite where it does not."""
    half = 0.5 - 1e-9
    never = mass[n_zero + n_one] if len(mass) > n_zero + n_one else 0.0
    since = first[n_zero + n_one] if never > 0.0 else np.inf
    early = late = np.inf
    total = 0.0
    for j in range(n_zero):
        total += mass[j]
        possible = total + (never if since <= first[j] else 0.0)
        if possible >= half and early == np.inf:
            early = max(first[j], since) if total < half and total - mass[j] + never >= half else first[j]
        if total >= half:
            late = last[j]
            break
    if early == np.inf and total + never >= half:
        early = since
    return early, late


@compiled
def _means(first: Floats, last: Floats, mass: Floats, cap: float) -> tuple[float, float]:
    """The mean of the time up to `cap`, with every mass at the front of its cell and at its back."""
    early = late = 0.0
    for j in range(len(mass)):
        early += mass[j] * min(first[j], cap)
        late += mass[j] * min(last[j], cap)
    return early, late


def change_interval(
    measured: Measurement,
    before: Before,
    clusters_before: ClusterSums,
    *,
    seed: int = 0,
    replicates: int = SHARE_REPLICATES,
) -> tuple[Floats, Floats]:
    """95% limits of the share now minus the share before, one entry per Provider of `measured`; NaN without either.

    Newcombe's hybrid of the two Wilson intervals; with enough clusters in both Periods, and shares away from 0 and 1,
    the percentiles of the difference of drawn shares too, and of both the wider: drawing again what was expected of
    Episodes that nobody saw end does not know how little was seen. The range over the maximisers widens both.
    """
    now = measured.estimates
    sides = (now.norm_low, now.norm_high), (before.low, before.high)
    low = limits.difference((now.norm_range_low, *sides[0]), (before.range_high, *sides[1]))[0]
    high = limits.difference((now.norm_range_high, *sides[0]), (before.range_low, *sides[1]))[1]
    enough = (now.n_clusters >= ENOUGH_CLUSTERS) & (before.n_clusters >= ENOUGH_CLUSTERS)
    enough &= _inner(now.norm) & _inner(before.share)
    if enough.any() and replicates > 0:
        drawn = np.full((2, len(enough)), np.nan)
        _all_changes(enough, *_columns(measured.clusters, len(enough)), *_columns(clusters_before, len(enough)),
                     seed, replicates, drawn)  # fmt: skip
        down = now.norm - now.norm_range_low + before.range_high - before.share
        up = now.norm_range_high - now.norm + before.share - before.range_low
        said = enough & np.isfinite(drawn[0])
        low = np.where(said, np.fmin(np.maximum(drawn[0] - down, -1.0), low), low)
        high = np.where(said, np.fmax(np.minimum(drawn[1] + up, 1.0), high), high)
    return low, high


def _inner(share: Floats) -> Flags:
    inner: Flags = (share >= EXTREME) & (share <= 1 - EXTREME)
    return inner


def _columns(clusters: ClusterSums, n_providers: int) -> tuple[Ints, Floats, Floats]:
    """Where each Provider's clusters begin, and their weights and insides, ordered by Provider."""
    order, start = by_group(clusters.provider, n_providers)
    return start, clusters.weight[order], clusters.inside[order]


@compiled
def _all_changes(
    enough: Flags, start: Ints, weight: Floats, inside: Floats, start0: Ints, weight0: Floats, inside0: Floats,
    seed: int, replicates: int, out: Floats,
) -> None:  # fmt: skip
    for g in range(len(enough)):
        some = start[g + 1] > start[g] and start0[g + 1] > start0[g]
        if enough[g] and some:
            now, then = slice(start[g], start[g + 1]), slice(start0[g], start0[g + 1])
            state = begin(seed, g)
            times, times0 = np.empty(start[g + 1] - start[g]), np.empty(start0[g + 1] - start0[g])
            drawn = np.empty(replicates)
            for b in range(replicates):
                state = draw(state, times)
                state = draw(state, times0)
                one = (times * inside[now]).sum() / (times * weight[now]).sum()
                drawn[b] = one - (times0 * inside0[then]).sum() / (times0 * weight0[then]).sum()
            out[0, g], out[1, g] = percentile(drawn, _LOW), percentile(drawn, _HIGH)
