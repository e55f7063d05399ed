"""Groups of Episodes across Providers (a site type, a country), measured: rows and the group of each in, estimates out.

The Episodes of each Provider in a group are estimated apart, and a group is their mean over its Episodes: as the curve
of all Providers together is made, so that a group of all of them says what that curve says. What would surprise: one
fit of a whole group would be no better and take minutes from a hundred thousand Episodes on, because its cells hang
together; and the median needs no second method, for a mean of fits is a list of cells as any fit is.

Method: `measurement.md` section 3; docs/decisions/010-intervals.md.
"""

from dataclasses import replace

import numpy as np

from monitor.model.breakdown import GroupEstimates
from monitor.model.columns import UNKNOWN, Codes, Floats, Ints, Texts
from monitor.model.measurement import Estimates
from monitor.model.scorecard import Norm
from monitor.model.selected import Selected
from monitor.survival.bounds import intervals_of
from monitor.survival.measuring import TAKEN, episode_rows, fit, measure
from monitor.survival.moments import median
from monitor.survival.npmle import Fits

_NO_EPISODE = -1  # a status that no row has


def measure_groups(chosen: Selected, group: Codes, n_groups: int, norm: Norm) -> GroupEstimates:
    """The share within `norm` and the median of each group 0 .. `n_groups` - 1; `group` is aligned with the rows.

    Rows without a Provider, and those whose group is -1, are in none. No bootstrap: no interval of a median is given.
    """
    strata, group_of = _strata(chosen, group, n_groups)
    middle, status = _medians(strata, group_of, n_groups)
    found = measure(strata, norm, with_curves=False, resamples=0).estimates
    n = _sums(found.n_episodes, group_of, n_groups)
    share, low, high = _shares(found, group_of, n)
    return GroupEstimates(
        n_providers=np.bincount(group_of, minlength=n_groups).astype(np.int64),
        n_episodes=n,
        worst=_sums(found.worst, group_of, n_groups),
        best=_sums(found.best, group_of, n_groups),
        norm=share,
        norm_low=low,
        norm_high=high,
        median=middle,
        median_status=status,
    )


def _strata(chosen: Selected, group: Codes, n_groups: int) -> tuple[Selected, Ints]:
    """The rows by group and Provider, as if each pair were a Provider, and the group of each pair; groups in order.

    Only pairs with an Episode have a number; other rows are no Episodes in what is given.
    """
    rows, n_providers = chosen.rows, len(chosen.ids)
    counted = chosen.is_episode & (rows.provider >= 0) & (group >= 0)
    keys = group[counted].astype(np.int64) * n_providers + rows.provider[counted]
    there = np.bincount(keys, minlength=n_groups * n_providers) > 0
    pairs = np.flatnonzero(there)
    place = np.cumsum(there) - 1
    stratum = np.full(len(rows), UNKNOWN, np.int32)
    stratum[counted] = place[keys]
    status = np.where(counted, rows.status, np.int8(_NO_EPISODE))
    nowhere = np.full(len(rows), UNKNOWN, np.int32)
    made = replace(rows, provider=stratum, moved_to=nowhere, status=status)
    ids = tuple(str(pair) for pair in range(len(pairs)))
    strata = Selected(made, ids, chosen.role, chosen.clock, chosen.reasons, chosen.doubts, chosen.n_fronted)
    return strata, pairs // max(n_providers, 1)


def _medians(strata: Selected, group_of: Ints, n_groups: int) -> tuple[Floats, Texts]:
    """Hours by which half of each group was taken down, by the mean of the incidences of its pairs."""
    rows, _ = episode_rows(strata, intervals_of(strata))
    fits = fit(rows, len(strata.ids))
    n = np.bincount(rows.group, minlength=len(strata.ids)).astype(np.float64)
    weight = n / _totals(n, group_of, n_groups)[group_of]
    cells = np.diff(fits.start)[: len(strata.ids)]
    first = fits.start[np.searchsorted(group_of, np.arange(n_groups + 1))]  # pairs are in the order of their groups
    mixed = Fits(
        start=first,
        cause=fits.cause,
        left=fits.left,
        right=fits.right,
        mass=fits.mass * np.repeat(weight, cells),
        gap=np.zeros(n_groups),
        steps=np.zeros(n_groups, np.int64),
    )
    middle, _, _, status = median(mixed, TAKEN)
    return middle, status


def _shares(found: Estimates, group_of: Ints, n: Ints) -> tuple[Floats, Floats, Floats]:
    """Share and 95% limits of each group: the mean of separate samples, its limits recovered from theirs (MOVER).

    A pair of which nobody was followed to the norm says nothing of it: its limits are 0 and 1.
    """
    weight = found.n_episodes / n[group_of]
    some = n > 0
    value = np.where(some, _totals(weight * found.norm, group_of, len(n)), np.nan)
    down = np.sqrt(_totals((weight * (found.norm - found.norm_low)) ** 2, group_of, len(n)))
    up = np.sqrt(_totals((weight * (found.norm_high - found.norm)) ** 2, group_of, len(n)))
    return value, np.maximum(value - down, 0.0), np.minimum(value + up, 1.0)


def _totals(values: Floats, group_of: Ints, n_groups: int) -> Floats:
    return np.bincount(group_of, values, n_groups).astype(np.float64)


def _sums(counts: Ints, group_of: Ints, n_groups: int) -> Ints:
    return np.rint(_totals(counts.astype(np.float64), group_of, n_groups)).astype(np.int64)
