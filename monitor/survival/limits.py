"""Limits of shares: Wilson's interval, Clopper and Pearson's one-sided limits, and the p value that goes with them.

In: shares (0 to 1) and the number of Episodes that they count for, as arrays or numbers that broadcast; neither share
times n nor n has to be whole, because a design effect divides n. Out: arrays of the same shape, NaN where n is 0 or
the share is NaN. What would surprise: at shares of 0 and 1 the outer limit is exactly 0 and 1, not off by a rounding
error, because classes compare limits with a target.
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincc, betainccinv, betaincinv

from monitor.model.columns import Floats

ROUNDING = 1e-9
"""A share outside 0 to 1 by no more than this is one whose sum was rounded."""


def wilson(share: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Two-sided score limits of a share (Wilson 1927, J. Am. Stat. Assoc. 22:209), without continuity correction."""
    p, size = _aligned(share, n)
    z = NormalDist().inv_cdf((1 + level) / 2)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        slack = z * z / size
        centre = (p + slack / 2) / (1 + slack)
        half = z / (1 + slack) * np.sqrt(p * (1 - p) / size + slack / (4 * size))
        low = np.where(p == 0, 0.0, np.maximum(0.0, centre - half))
        high = np.where(p == 1, 1.0, np.minimum(1.0, centre + half))
    return _where_known(low, p, size), _where_known(high, p, size)


def clopper_pearson_lower(share: ArrayLike, n: ArrayLike, level: float = 0.99) -> Floats:
    """One-sided lower limit (Clopper and Pearson 1934, Biometrika 26:404), as a quantile of Beta(x, n - x + 1)."""
    p, size = _aligned(share, n)
    x = p * size
    limit = betaincinv(np.where(x > 0, x, 1.0), np.maximum(size - x, 0.0) + 1, 1 - level)
    return _where_known(np.where(p == 0, 0.0, np.minimum(limit, p)), p, size)


def clopper_pearson_upper(share: ArrayLike, n: ArrayLike, level: float = 0.99) -> Floats:
    """One-sided upper limit, as a quantile of Beta(x + 1, n - x)."""
    p, size = _aligned(share, n)
    x = p * size
    limit = betainccinv(x + 1, np.where(size - x > 0, size - x, 1.0), 1 - level)
    return _where_known(np.where(p == 1, 1.0, np.maximum(limit, p)), p, size)


def p_under(share: ArrayLike, n: ArrayLike, target: ArrayLike) -> Floats:
    """One-sided p value of "the share is at least the target", against "it is under the target".

    It is the p at which the upper limit of level 1 - p equals the target: the limit of level 0.99 is under the target
    exactly where p < 0.01. For whole numbers it is the binomial P(X <= x).
    """
    p, size = _aligned(share, n)
    x = p * size
    tail = betaincc(x + 1, np.where(size - x > 0, size - x, 1.0), np.asarray(target, np.float64))
    return _where_known(np.where(p == 1, 1.0, tail), p, size)


def difference(
    share: tuple[ArrayLike, ArrayLike, ArrayLike], before: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> tuple[Floats, Floats]:
    """Limits of `share - before`, each given as (share, its lower limit, its upper limit), from two separate samples.

    Newcombe's hybrid score method (Newcombe 1998, Statistics in Medicine 17:873, method 10), given Wilson's limits.
    """
    p2, low2, high2 = (np.asarray(each, np.float64) for each in share)
    p1, low1, high1 = (np.asarray(each, np.float64) for each in before)
    low = p2 - p1 - np.hypot(p2 - low2, high1 - p1)
    high = p2 - p1 + np.hypot(high2 - p2, p1 - low1)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def _aligned(share: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    p, size = np.broadcast_arrays(np.asarray(share, np.float64), np.asarray(n, np.float64))
    if np.any((p < -ROUNDING) | (p > 1 + ROUNDING)):
        raise ValueError("a share lies between 0 and 1")
    if np.any(size < 0):
        raise ValueError("a number of Episodes is not negative")
    return np.clip(p, 0.0, 1.0), size


def _where_known(limit: Floats, share: Floats, n: Floats) -> Floats:
    known: Floats = np.where((n > 0) & ~np.isnan(share), limit, np.nan)
    return known
