"""What a fit expects of each row: the share of its mass that lies within some hours.

In: `Fits` and the rows that they were made from. Out: one figure per row, 0 to 1. What would surprise: the weighted
mean over a group is the group's incidence, because the fit ends self-consistent; that is what lets a jackknife over
clusters use the rows' expectations in place of events that nobody saw.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import Floats, Ints, Small
from monitor.survival.cells import above, at_least, smallest_in
from monitor.survival.compiled import compiled
from monitor.survival.npmle import Fits, by_group


def membership(
    fits: Fits,
    group: NDArray[Any],
    left: Floats,
    right: Floats,
    cause: Small,
    causes: Sequence[int],
    hours: float | Floats,
) -> Floats:
    """For each row the share of its mass in [0, hours] by one of `causes`: what the fit expects of it, (n_rows,).

    `hours` is one figure or one per row. Where it is one figure, sum(weight x membership) / sum(weight) over a group
    is the incidence there.
    """
    return _shared(fits, group, left, right, cause, causes, hours)[0]


def fitted_values(fits: Fits, group: NDArray[Any], left: Floats, right: Floats, cause: Small) -> Floats:
    """The mass of the cells that each row covers, (n_rows,): its likelihood."""
    return _shared(fits, group, left, right, cause, (), 0.0)[1]


def _shared(
    fits: Fits,
    group: NDArray[Any],
    left: Floats,
    right: Floats,
    cause: Small,
    causes: Sequence[int],
    hours: float | Floats,
) -> tuple[Floats, Floats]:
    n = len(left)
    at = np.ascontiguousarray(np.broadcast_to(np.asarray(hours, np.float64), (n,)))
    second, seen = _blocks(fits)
    first = np.where(fits.left == fits.right, fits.left, np.nextafter(fits.left, np.inf))
    inside, whole = np.empty(n), np.empty(n)
    order, rows_at = by_group(group, len(fits.start) - 1)
    _membership(
        order, rows_at, fits.start, second, seen, first, fits.left, fits.right, fits.mass, _below(fits),
        np.ascontiguousarray(left, np.float64),
        np.ascontiguousarray(right, np.float64), np.ascontiguousarray(cause, np.int8),
        0 in causes, 1 in causes, at, inside, whole,
    )  # fmt: skip
    return inside, whole


def _blocks(fits: Fits) -> tuple[Ints, Ints]:
    """Where the cells of cause 1 begin in each group, and where they stop."""
    zeros = np.concatenate([[0], np.cumsum(fits.cause == 0)])
    nevers = np.concatenate([[0], np.cumsum(fits.cause < 0)])
    starts, stops = fits.start[:-1], fits.start[1:]
    return starts + zeros[stops] - zeros[starts], stops - (nevers[stops] - nevers[starts])


def _below(fits: Fits) -> Floats:
    """The mass below each cell in its group, and the group's whole, shape (n_cells + n_groups,)."""
    below = np.empty(len(fits.mass) + len(fits.start) - 1)
    _fill_below(fits.start, fits.mass, below)
    return below


@compiled
def _fill_below(start: Ints, mass: Floats, below: Floats) -> None:
    for g in range(len(start) - 1):
        total = 0.0
        for j in range(start[g], start[g + 1]):
            below[j + g] = total
            total += mass[j]
        below[start[g + 1] + g] = total


@compiled
def _membership(
    order: Ints,
    rows_at: Ints,
    start: Ints,
    second: Ints,
    seen: Ints,
    first: Floats,
    cell_left: Floats,
    cell_right: Floats,
    mass: Floats,
    below: Floats,
    left: Floats,
    right: Floats,
    cause: Small,
    with_zero: bool,
    with_one: bool,
    hours: Floats,
    share: Floats,
    whole_mass: Floats,
) -> None:
    for g in range(len(start) - 1):  # group by group: its cells stay near
        for i in order[rows_at[g] : rows_at[g + 1]]:
            at = hours[i]
            from_here = np.nextafter(left[i], np.inf) if cause[i] < 0 else smallest_in(left[i], right[i])
            whole = inside = 0.0
            for block in range(2):
                low = start[g] if block == 0 else second[g]
                high = second[g] if block == 0 else seen[g]
                if cause[i] == block or cause[i] < 0:
                    lo = at_least(first, low, high, from_here)
                    hi = high if cause[i] < 0 else above(cell_right, lo, high, right[i])
                    whole += below[hi + g] - below[lo + g]
                    if (block == 0 and with_zero) or (block == 1 and with_one):
                        full = above(cell_right, lo, hi, at)
                        inside += below[full + g] - below[lo + g]
                        if full < hi and cell_left[full] < at and cell_right[full] < np.inf:
                            width = cell_right[full] - cell_left[full]
                            inside += mass[full] * (at - cell_left[full]) / width
            if cause[i] < 0:
                whole += below[start[g + 1] + g] - below[seen[g] + g]
            share[i] = inside / whole if whole > 0.0 else np.nan
            whole_mass[i] = whole
