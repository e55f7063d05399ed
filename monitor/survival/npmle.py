"""Nonparametric maximum likelihood for interval-censored data with competing ends, for many groups at once.

In: rows (left, right] in hours with a group, a cause (0 the complying end, 1 any other, -1 not seen) and a weight.
Out: `Fits`, the mass of each candidate cell of each group. What would surprise: the masses are the only ones with
this likelihood. Each cell ends where a row of its cause ends, and that row covers no cell behind it: over these rows
the equations A p = fitted values are triangular, and all maximisers share the fitted values (Gentleman and Vandal
2002). What differs between maximisers is only where in its cell a mass lies, and what the never cell holds.

Source: Turnbull (1976); Hudgens, Satten and Longini (2001) for competing ends. Method: `cells` and `ascent`.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import Floats, Ints, Small
from monitor.survival.cells import Layout, lay_out
from monitor.survival.compiled import compiled, for_each_group
from monitor.survival.parts import maximise, self_consistent

MOST_STEPS = 5_000
_ROWS_AT_A_TIME = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Every group's cells, flattened, groups in order; in a group the cells of cause 0, of cause 1, the never cell.

    A cell is (left, right] in hours, or the exact time where both are the same; `right` may be infinite.
    """

    start: Ints  # (n_groups + 1,) places into the cells
    cause: Small  # per cell: 0, 1, or -1 = never cell
    left: Floats
    right: Floats
    mass: Floats  # sums to 1 in each group with rows
    gap: Floats  # per group: max_j d_j / W - 1 at the end; at most the tolerance where it converged
    steps: Ints  # per group


def fit_groups(
    group: NDArray[Any],
    n_groups: int,
    left: Floats,
    right: Floats,
    cause: Small,
    weight: Floats,
    *,
    tolerance: float = 1e-9,
    most_steps: int = MOST_STEPS,
) -> Fits:
    """Fit each group 0 .. n_groups - 1 on its rows (any order; `right` is ignored where cause is -1).

    Raises ValueError for a row that is no interval, has a negative left end or a weight that is not above 0.
    """
    left, right = np.ascontiguousarray(left, np.float64), np.ascontiguousarray(right, np.float64)
    cause, weight = np.ascontiguousarray(cause, np.int8), np.ascontiguousarray(weight, np.float64)
    _check(left, right, cause, weight)
    order, start = by_group(group, n_groups)
    rows = (left, right, cause, weight)
    return _joined([_fit_portion(order, start[a : b + 1], *rows, tolerance, most_steps) for a, b in _portions(start)])


def by_group(group: NDArray[Any], n_groups: int) -> tuple[Ints, Ints]:
    """The rows in the order of their groups (stable), and where each group begins, shape (n_groups + 1,).

    Raises ValueError where a group is not one of 0 .. n_groups - 1.
    """
    if len(group) > 0 and not (group.min() >= 0 and group.max() < n_groups):
        raise ValueError(f"each row needs a group of 0 to {n_groups - 1}")
    return _by_group(np.ascontiguousarray(group, np.int64), n_groups)


@compiled
def _by_group(group: Ints, n_groups: int) -> tuple[Ints, Ints]:
    start = np.zeros(n_groups + 1, np.int64)
    for each in group:
        start[each + 1] += 1
    for each in range(n_groups):
        start[each + 1] += start[each]
    place = start.copy()
    order = np.empty(len(group), np.int64)
    for i in range(len(group)):
        order[place[group[i]]] = i
        place[group[i]] += 1
    return order, start


def _check(left: Floats, right: Floats, cause: Small, weight: Floats) -> None:
    if not _sound(left, right, cause, weight):
        raise ValueError("each row needs 0 <= left <= right, a finite left end, a cause of 0, 1 or -1 and a weight > 0")


@compiled
def _sound(left: Floats, right: Floats, cause: Small, weight: Floats) -> bool:
    for i in range(len(left)):
        if not (0.0 <= left[i] < np.inf and -1 <= cause[i] <= 1 and 0.0 < weight[i] < np.inf):
            return False
        if cause[i] >= 0 and not right[i] >= left[i]:
            return False
    return True


def _portions(start: Ints) -> list[tuple[int, int]]:
    """Ranges of groups of about a million rows each, so that the space for their cells stays small."""
    cuts = [0]
    n_groups = len(start) - 1
    while cuts[-1] < n_groups:
        full = int(np.searchsorted(start, start[cuts[-1]] + _ROWS_AT_A_TIME, side="left"))
        cuts.append(min(max(full, cuts[-1] + 1), n_groups))
    return list(pairwise(cuts))


def _fit_portion(
    order: Ints,
    start: Ints,
    left: Floats,
    right: Floats,
    cause: Small,
    weight: Floats,
    tolerance: float,
    most_steps: int,
) -> Fits:
    n_groups = len(start) - 1
    room = int(start[-1] - start[0]) + n_groups  # a cell for each row and the never cells at most
    firsts, lasts, masses = np.empty(room), np.empty(room), np.empty(room)
    numbers = np.zeros((n_groups, 3), np.int64)
    gaps, steps = np.zeros(n_groups), np.zeros(n_groups, np.int64)
    columns = (left, right, cause, weight, tolerance, most_steps, firsts, lasts, masses, numbers, gaps, steps)
    for_each_group(lambda g: _fit_one(g, order, start, *columns), n_groups, room)
    sizes = numbers.sum(axis=1)
    from_place = start[:-1] - start[0] + np.arange(n_groups)
    begin = np.concatenate([[0], np.cumsum(sizes)])
    place = np.repeat(from_place - begin[:-1], sizes) + np.arange(begin[-1])
    causes = np.repeat(np.tile(np.array([0, 1, -1], np.int8), n_groups), numbers.ravel())
    first, last = firsts[place], lasts[place]
    lefts = np.where(first == last, last, np.nextafter(first, -np.inf))
    return Fits(begin, causes, lefts, last, masses[place], gaps, steps)


def _joined(parts: list[Fits]) -> Fits:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        none = np.zeros(0)
        return Fits(np.zeros(1, np.int64), none.astype(np.int8), none, none, none, none, none.astype(np.int64))
    sizes = np.concatenate([[0], *(np.diff(part.start) for part in parts)])
    names = ("cause", "left", "right", "mass", "gap", "steps")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Fits(np.cumsum(sizes), **columns)


@compiled
def _fit_one(
    g: int,
    order: Ints,
    start: Ints,
    left: Floats,
    right: Floats,
    cause: Small,
    weight: Floats,
    tolerance: float,
    most_steps: int,
    firsts: Floats,
    lasts: Floats,
    masses: Floats,
    numbers: Ints,
    gaps: Floats,
    steps: Ints,
) -> None:
    """Group g into its own places."""
    if start[g + 1] == start[g]:
        return
    rows = order[start[g] : start[g + 1]]
    layout = lay_out(left[rows], right[rows], cause[rows])
    merged = merged_weights(layout, weight[rows])
    n = len(layout.first)
    mass = np.zeros(n)
    steps[g] = maximise(layout, merged, mass, tolerance, most_steps)
    gaps[g] = self_consistent(layout, merged, mass)
    place = start[g] - start[0] + g
    firsts[place : place + n] = layout.first
    lasts[place : place + n] = layout.last
    masses[place : place + n] = mass
    numbers[g, 0], numbers[g, 1] = layout.n_zero, layout.n_one
    numbers[g, 2] = n - layout.n_zero - layout.n_one


@compiled
def merged_weights(layout: Layout, weight: Floats) -> Floats:
    """The sum of the weights of the rows (n_rows,) that cover the same, shape (n_distinct,)."""
    merged = np.zeros(len(layout.lo))
    for i in range(len(weight)):
        merged[layout.row_of[i]] += weight[i]
    return merged
