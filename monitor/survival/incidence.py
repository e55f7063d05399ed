"""Cumulative incidence with its range, of many groups (`incidence`) or of one data set (`cumulative_incidence`).

In: `Fits`, or arrays of one data set. Out: shares; NaN for a group without rows. What would
surprise: `low` and `high` are no confidence limits but the range over all masses that fit the data equally well:
within cells nobody looked, and what is censored may end at any later time.

The value is linear within its cell; a cell without a finite right end, and the never cell, add nothing to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitor.model.columns import Flags, Floats, Ints, Small
from monitor.model.episode import CAP_HOURS
from monitor.model.measurement import MedianStatus
from monitor.survival.compiled import compiled
from monitor.survival.membership import fitted_values
from monitor.survival.moments import median, restricted_mean, widths90
from monitor.survival.npmle import Fits, fit_groups

IDENTIFIED_RANGE = 0.005
IDENTIFIED_WIDTH = 0.1
"""Widest range of a share, and of the intervals around an hour as part of it, at which one figure may be given."""


def incidence(fits: Fits, causes: Sequence[int], hours: Sequence[float] | Floats) -> tuple[Floats, Floats, Floats]:
    """Share ended by one of `causes` within `hours`: value, low, high, each of shape (n_groups, len(hours))."""
    at = np.ascontiguousarray(hours, np.float64)
    shape = (len(fits.start) - 1, len(at))
    value, low, high = np.empty(shape), np.empty(shape), np.empty(shape)
    wanted = np.isin(fits.cause, causes)
    _incidence(fits.start, wanted, fits.cause, fits.left, fits.right, fits.mass, at, value, low, high)
    return value, low, high


@compiled
def _incidence(
    start: Ints,
    wanted: Flags,
    cause: Small,
    left: Floats,
    right: Floats,
    mass: Floats,
    hours: Floats,
    value: Floats,
    low: Floats,
    high: Floats,
) -> None:
    for g in range(len(start) - 1):
        for h in range(len(hours)):
            at = hours[h]
            sure = inner = possible = 0.0
            for j in range(start[g], start[g + 1]):
                if mass[j] > 0.0 and (wanted[j] or cause[j] < 0):
                    if wanted[j] and right[j] <= at:
                        sure += mass[j]
                    elif left[j] < at:
                        possible += mass[j]
                        if wanted[j] and right[j] < np.inf:
                            inner += mass[j] * (at - left[j]) / (right[j] - left[j])
            empty = start[g] == start[g + 1]
            low[g, h] = np.nan if empty else sure
            value[g, h] = np.nan if empty else min(sure + inner, 1.0)
            high[g, h] = np.nan if empty else min(sure + possible, 1.0)


class Cells(NamedTuple):
    """Candidate cells of one data set: (left, right] in hours, an exact time where both are the same."""

    cause: Small  # 0, 1, or -1: not seen by `left`
    left: Floats
    right: Floats
    mass: Floats  # sums to 1


class Median(NamedTuple):
    """Hours until half have ended; `low` and `high` over all maximisers; NaN where there is none."""

    value: float
    low: float
    high: float
    status: MedianStatus


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """Nonparametric maximum likelihood of one data set. Made by `cumulative_incidence`, `turnbull`, `kaplan_meier`.

    `hours` may be a number or an array; figures come in its shape.
    """

    fits: Fits
    left: Floats
    right: Floats
    cause: Small
    weights: Floats

    def at(self, hours: ArrayLike, causes: Sequence[int] = (0,)) -> NDArray[np.float64]:
        """Share ended by one of `causes` within `hours`, linear within cells."""
        return self._shares(hours, causes)[0]

    def range_at(self, hours: ArrayLike, causes: Sequence[int] = (0,)) -> tuple[Floats, Floats]:
        """The least and the greatest share over all maximisers of the likelihood."""
        return self._shares(hours, causes)[1:]

    def identified(self, hours: ArrayLike, causes: Sequence[int] = (0,)) -> Flags:
        """Whether the data pin the share down: a range of at most 0.005, and narrow intervals around the hour.

        Narrow: the 90th percentile of the widths of the intervals with a seen end that hold it is at most 10% of it.
        """
        low, high = self.range_at(hours, causes)
        at = np.asarray(hours, np.float64)
        width = widths90(np.zeros(len(self.left), np.int64), 1, self.left, self.right, at.ravel(), self.cause)
        narrow = ~(width.reshape(at.shape) > IDENTIFIED_WIDTH * at)
        return np.asarray((high - low <= IDENTIFIED_RANGE) & narrow)

    def median(self, causes: Sequence[int] = (0,)) -> Median:
        """Hours until half have ended by one of `causes`."""
        value, low, high, status = median(self.fits, causes)
        return Median(float(value[0]), float(low[0]), float(high[0]), MedianStatus(status[0]))

    def restricted_mean(self, cap: float = CAP_HOURS) -> tuple[float, float, float]:
        """Mean hours until any end, each counted up to `cap`: value, and its range over all maximisers."""
        value, low, high = restricted_mean(self.fits, cap)
        return float(value[0]), float(low[0]), float(high[0])

    @property
    def cells(self) -> Cells:
        return Cells(self.fits.cause, self.fits.left, self.fits.right, self.fits.mass)

    @property
    def log_likelihood(self) -> float:
        """Sum of weight x log of the mass of each row's cells."""
        group = np.zeros(len(self.left), np.int64)
        return float(self.weights @ np.log(fitted_values(self.fits, group, self.left, self.right, self.cause)))

    @property
    def gap(self) -> float:
        """max_j d_j / W - 1: how far the Karush-Kuhn-Tucker conditions are from met; 1e-9 or less where it ended."""
        return float(self.fits.gap[0])

    def _shares(self, hours: ArrayLike, causes: Sequence[int]) -> tuple[Floats, Floats, Floats]:
        at = np.asarray(hours, np.float64)
        value, low, high = (each.reshape(at.shape)[()] for each in incidence(self.fits, causes, at.ravel()))
        return value, low, high


def cumulative_incidence(
    left: ArrayLike, right: ArrayLike, cause: ArrayLike, weights: ArrayLike | None = None
) -> Incidence:
    """Interval-censored data with competing ends (Hudgens, Satten and Longini 2001); arrays of shape (n,).

    left, right: hours; the end lies in (left, right], or at `left` where both are the same. cause: 0 for the end of
    interest, 1 for any other, -1 where none was seen by `left` (`right` is ignored). weights: above 0, 1 where not
    given. Raises ValueError for no rows, different lengths, or a row that is no interval.
    """
    lefts, rights, causes = np.asarray(left, np.float64), np.asarray(right, np.float64), np.asarray(cause, np.int8)
    each = np.ones(lefts.shape) if weights is None else np.asarray(weights, np.float64)
    if lefts.size == 0 or lefts.ndim != 1 or {rights.shape, causes.shape, each.shape} != {lefts.shape}:
        raise ValueError("left, right, cause and weights must be one-dimensional, of one length, with at least one row")
    return Incidence(
        fit_groups(np.zeros(len(lefts), np.int64), 1, lefts, rights, causes, each), lefts, rights, causes, each
    )


def turnbull(left: ArrayLike, right: ArrayLike, weights: ArrayLike | None = None) -> Incidence:
    """Interval-censored data with one kind of end (Turnbull 1976); `right` infinite (or NaN): not seen by `left`."""
    open_ = ~np.isfinite(np.asarray(right, np.float64))
    return cumulative_incidence(left, right, np.where(open_, -1, 0), weights)


def kaplan_meier(durations: ArrayLike, event_observed: ArrayLike, weights: ArrayLike | None = None) -> Incidence:
    """Exact times, right-censored where `event_observed` is False (Kaplan and Meier 1958); `at` gives 1 - S(t)."""
    return cumulative_incidence(durations, durations, np.where(np.asarray(event_observed, bool), 0, -1), weights)
