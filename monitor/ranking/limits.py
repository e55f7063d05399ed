"""Wilson's 95% limits of a share (Wilson 1927, J. Am. Stat. Assoc. 22:209, without continuity correction).

In: how many of how many. Out: low and high, or None without a sample. What would surprise: at 0 and at n of n the
outer limit is exactly 0 and 1, not off by a rounding error, because classes compare limits with a target.
"""

from math import sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)


def wilson(count: int, n: int) -> tuple[float, float] | None:
    """Two-sided 95% limits of the share `count / n`; None where n is 0."""
    if n == 0:
        return None
    share, z2 = count / n, _Z * _Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if count == 0 else max(0.0, centre - half)
    high = 1.0 if count == n else min(1.0, centre + half)
    return low, high
