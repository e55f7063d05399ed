"""Median and restricted mean of the time to an end, with their ranges over all maximisers; widths of the intervals.

In: `Fits` (or rows). Out: one entry per group, hours, NaN for a group without rows. What would surprise: an end that
nobody saw may still come, so the restricted mean has a range, and a median is "not reached" only where the checks
went on for long enough (720 hours) to say so; before that it is "not identified".
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import Flags, Floats, Ints, Small, Texts
from monitor.model.episode import CAP_HOURS
from monitor.model.measurement import MedianStatus
from monitor.survival.compiled import compiled
from monitor.survival.npmle import Fits, by_group

HALF = 0.5 - 1e-9
"""Half, less what rounding may lose of a sum of ten halves of a tenth."""


def median(fits: Fits, causes: Sequence[int], horizon: float = CAP_HOURS) -> tuple[Floats, Floats, Floats, Texts]:
    """Hours until half of the rows have ended by one of `causes`: value, low, high and status, each (n_groups,).

    value: the incidence (linear within cells) reaches one half; NaN where it does not. low, high: the earliest and
    the latest over all maximisers; NaN where there is none. Status, None without rows: `reached` in every maximiser;
    `not-reached` in none of them within `horizon` hours (`low`, if there is one, is later); `not-identified` else.
    """
    n = len(fits.start) - 1
    value, low, high, total = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan), np.zeros(n)
    wanted = np.isin(fits.cause, causes)
    _medians(fits.start, wanted, fits.cause, fits.left, fits.right, fits.mass, value, low, high, total)
    status = np.full(n, MedianStatus.NOT_IDENTIFIED.value, object)
    status[~(low < horizon)] = MedianStatus.NOT_REACHED.value
    status[total >= HALF] = MedianStatus.REACHED.value
    status[np.diff(fits.start) == 0] = None
    return value, low, high, status


@compiled
def _medians(
    start: Ints,
    wanted: Flags,
    cause: Small,
    left: Floats,
    right: Floats,
    mass: Floats,
    value: Floats,
    low: Floats,
    high: Floats,
    total: Floats,
) -> None:
    for g in range(len(start) - 1):
        here = slice(start[g], start[g + 1])
        low[g], high[g], value[g], total[g] = _medians_of(
            wanted[here], cause[here], left[here], right[here], mass[here]
        )


@compiled
def _medians_of(
    wanted: Flags, cause: Small, left: Floats, right: Floats, mass: Floats
) -> tuple[float, float, float, float]:
    """Low, high, value, and the mass of all cells that count, of one group."""
    mine = (mass > 0.0) & wanted
    possible = (mass > 0.0) & (wanted | (cause < 0))
    lefts, rights, masses = left[mine], right[mine], mass[mine]
    low = _reaches_half(left[possible], mass[possible])
    return low, _reaches_half(rights, masses), _half(lefts, rights, masses), masses.sum()


@compiled
def _reaches_half(ends: Floats, masses: Floats) -> float:
    """The end at which the masses, summed in order of their ends, reach one half; NaN where they never do."""
    total = 0.0
    for j in np.argsort(ends):
        total += masses[j]
        if total >= HALF:
            return ends[j] if ends[j] < np.inf else np.nan
    return np.nan


@compiled
def _linear(lefts: Floats, rights: Floats, masses: Floats, at: float, just_before: bool) -> float:
    """The incidence at a time, linear within cells; `just_before` leaves out what lies exactly there."""
    total = 0.0
    for j in range(len(lefts)):
        if rights[j] < at or (rights[j] == at and not (just_before and lefts[j] == at)):
            total += masses[j]
        elif lefts[j] < at and rights[j] < np.inf:
            total += masses[j] * (at - lefts[j]) / (rights[j] - lefts[j])
    return total


@compiled
def _half(lefts: Floats, rights: Floats, masses: Floats) -> float:
    ends = np.sort(np.concatenate((lefts, rights[rights < np.inf])))
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if _linear(lefts, rights, masses, ends[middle], False) < HALF:
            low = middle + 1
        else:
            high = middle
    if low == len(ends):
        return np.nan
    end: float = ends[low]
    if low == 0:
        return end
    then = _linear(lefts, rights, masses, end, True)
    if then < HALF:
        return end
    before: float = ends[low - 1]
    now = _linear(lefts, rights, masses, before, False)
    return before + (end - before) * min((0.5 - now) / (then - now), 1.0)


def restricted_mean(fits: Fits, cap: float) -> tuple[Floats, Floats, Floats]:
    """Hours until any end, each counted up to `cap`: value, low, high, each (n_groups,).

    The integral of 1 - incidence of any end over [0, cap] (Irwin 1949). low, high: with every mass at the earliest
    and at the latest time that fits the data equally well.
    """
    early, late = np.minimum(fits.left, cap), np.minimum(fits.right, cap)
    value, low, high = (_summed(fits, each) for each in (_mean_within(fits.left, fits.right, cap), early, late))
    return value, low, high


def _mean_within(left: Floats, right: Floats, cap: float) -> Floats:
    """The mean of min(time, cap) for a time spread evenly over (left, right]; `cap` where it has no finite end."""
    stop = np.minimum(right, cap)
    width = np.where(np.isfinite(right), right - left, 1.0)
    spread = (stop * stop - left * left) / 2 + (right - stop) * cap
    with np.errstate(invalid="ignore"):
        mean = np.where(width > 0.0, spread / np.where(width > 0.0, width, 1.0), stop)
    return np.where(np.isfinite(right) & (left < cap), mean, cap)


def _summed(fits: Fits, figure: Floats) -> Floats:
    sizes = np.diff(fits.start)
    group = np.repeat(np.arange(len(sizes)), sizes)
    sums = np.bincount(group, weights=fits.mass * figure, minlength=len(sizes))
    return np.where(sizes > 0, sums, np.nan)


def widths90(
    group: NDArray[Any],
    n_groups: int,
    left: Floats,
    right: Floats,
    hours: Sequence[float] | Floats,
    cause: Small | None = None,
) -> Floats:
    """90th percentile of right - left over the rows with a seen end and left < t <= right, (n_groups, len(hours)).

    Linear between order statistics, as `numpy.percentile`; NaN where no interval contains t. Without `cause` (-1: not
    seen) an infinite right end is an end that was not seen.
    """
    cause = np.where(np.isfinite(right), 0, -1) if cause is None else cause
    order, start = by_group(group, n_groups)
    at = np.ascontiguousarray(hours, np.float64)
    out = np.full((n_groups, len(at)), np.nan)
    _widths90(
        order, start, np.ascontiguousarray(left, np.float64), np.ascontiguousarray(right, np.float64),
        np.ascontiguousarray(cause, np.int8), at, out,
    )  # fmt: skip
    return out


@compiled
def _widths90(order: Ints, start: Ints, left: Floats, right: Floats, cause: Small, hours: Floats, out: Floats) -> None:
    for g in range(len(start) - 1):
        rows = order[start[g] : start[g + 1]]
        for h in range(len(hours)):
            out[g, h] = _width90(rows, left, right, cause, hours[h])


@compiled
def _width90(rows: Ints, left: Floats, right: Floats, cause: Small, hours: float) -> float:
    width = np.empty(len(rows))
    n = 0
    for i in rows:
        if cause[i] >= 0 and left[i] < hours <= right[i]:
            width[n] = right[i] - left[i]
            n += 1
    if n == 0:
        return np.nan
    ordered = np.sort(width[:n])
    place = 0.9 * (n - 1)
    below = int(np.floor(place))
    low: float = ordered[below]
    high: float = ordered[min(below + 1, n - 1)]
    return low + (place - below) * (high - low) if high > low and place > below else low
