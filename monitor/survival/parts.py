"""The maximum for one group, part by part, from its `Layout` and the weights of its distinct rows.

In: a Layout (made once) and weights (other ones for each bootstrap replicate). Out: the masses of the cells.
What would surprise: a part sees all that comes after it as one more cell, its tail, which holds every later row; the
mass of the tail is what the next part shares out. Exact times are parts of one cell each, and what comes out is
Kaplan-Meier (Aalen-Johansen with two causes) without an iteration.
"""

import numpy as np

from monitor.model.columns import Floats
from monitor.survival.ascent import Stretches, climb, derivative, fitted
from monitor.survival.cells import Layout
from monitor.survival.compiled import compiled


@compiled
def maximise(layout: Layout, weight: Floats, mass: Floats, tolerance: float, most_steps: int) -> int:
    """Fill `mass`, shape (n_cells,), from `weight`, shape (n_distinct,), at least one above 0; returns the steps.

    `mass` as it comes in is where the climb begins where it has a sum above 0 (the masses of the whole sample for a
    bootstrap replicate); zeros begin from nothing.
    """
    n_parts = len(layout.zero_at) - 1
    n_cells, seen = len(layout.first), layout.n_zero + layout.n_one
    warm = mass.sum() > 0.0
    before = mass.copy()
    mass[:] = 0.0
    later = _later(layout, weight)
    left = 1.0
    steps = 0
    for part in range(n_parts):
        zero, one = layout.zero_at[part], layout.one_at[part]
        n_zero, n_one = layout.zero_at[part + 1] - zero, layout.one_at[part + 1] - one
        tail = 1 if later[part] > 0.0 or part + 1 < n_parts or n_cells > seen else 0
        rows = _rows_of(layout, weight, part, later[part], n_zero + n_one + tail)
        if rows.weight.sum() <= 0.0:
            # No end of this replicate lies here or later: what is left belongs to rows that are open over all of it.
            if n_cells == seen:
                mass[zero : zero + n_zero] = left / (n_zero + n_one)
                mass[one : one + n_one] = left / (n_zero + n_one)
            break
        local = np.empty(n_zero + n_one + tail)
        if not _single(rows, local, n_zero + n_one):
            local[:] = 1.0 / len(local)
            if warm:
                _begin(layout, before, part, local)
            steps += climb(rows, local, tolerance * 0.1, most_steps)
        mass[zero : zero + n_zero] = left * local[:n_zero]
        mass[one : one + n_one] = left * local[n_zero : n_zero + n_one]
        left = left * local[-1] if tail == 1 else 0.0
        if left <= 0.0:
            break
    if n_cells > seen:
        mass[seen] = left
    return steps


@compiled
def self_consistent(layout: Layout, weight: Floats, mass: Floats) -> float:
    """One EM step over the whole chain, in place; returns the gap max_j d_j / W - 1 after it.

    The step makes each mass the mean of what the rows expect of it, so that no share lies outside its bounds.
    """
    rows = Stretches(layout.lo, layout.hi, layout.lo2, layout.hi2, weight)
    total = weight.sum()
    mass *= derivative(rows, fitted(rows, mass), len(mass)) / total
    slope = derivative(rows, fitted(rows, mass), len(mass))
    gap: float = slope.max() / total - 1.0
    return gap


@compiled
def _later(layout: Layout, weight: Floats) -> Floats:
    """The weight of the rows that lie wholly behind each part."""
    n_parts = len(layout.zero_at) - 1
    later = np.zeros(n_parts + 1)
    for part in range(n_parts, 0, -1):
        total = 0.0
        if part < n_parts:
            total = later[part]
            for i in range(layout.rows_zero[part], layout.rows_zero[part + 1]):
                total += weight[i]
            for i in range(layout.rows_one[part], layout.rows_one[part + 1]):
                total += weight[i]
        for i in range(layout.rows_open[part], layout.rows_open[part + 1]):
            total += weight[i]
        later[part - 1] = total
    return later


@compiled
def _rows_of(layout: Layout, weight: Floats, part: int, later: float, n_cells: int) -> Stretches:
    """The rows of one part on its own chain: its cells of cause 0, of cause 1, its tail."""
    zero, one = layout.zero_at[part], layout.one_at[part]
    n_zero = layout.zero_at[part + 1] - zero
    count = (
        layout.rows_zero[part + 1] - layout.rows_zero[part]
        + layout.rows_one[part + 1] - layout.rows_one[part]
        + layout.rows_open[part + 1] - layout.rows_open[part]
        + 1
    )  # fmt: skip
    lo, hi = np.zeros(count, np.int64), np.zeros(count, np.int64)
    lo2, hi2, own = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count)
    n = 0
    for i in range(layout.rows_zero[part], layout.rows_zero[part + 1]):
        if weight[i] > 0.0:
            lo[n], hi[n], own[n] = layout.lo[i] - zero, layout.hi[i] - zero, weight[i]
            n += 1
    for i in range(layout.rows_one[part], layout.rows_one[part + 1]):
        if weight[i] > 0.0:
            lo[n], hi[n], own[n] = layout.lo[i] - one + n_zero, layout.hi[i] - one + n_zero, weight[i]
            n += 1
    for i in range(layout.rows_open[part], layout.rows_open[part + 1]):
        start, start2 = layout.lo[i] - zero, layout.lo2[i] - one
        # a row that covers the whole part says nothing within it
        if weight[i] > 0.0 and (start > 0 or start2 > 0):
            lo[n], hi[n], own[n] = start, n_zero, weight[i]
            lo2[n], hi2[n] = start2 + n_zero, n_cells
            n += 1
    if later > 0.0:
        lo[n], hi[n], own[n] = n_cells - 1, n_cells, later
        n += 1
    return Stretches(lo[:n].copy(), hi[:n].copy(), lo2[:n].copy(), hi2[:n].copy(), own[:n].copy())


@compiled
def _single(rows: Stretches, local: Floats, n_seen: int) -> bool:
    """Where every row covers one cell and none is open, the masses are the shares of the weights."""
    for i in range(len(rows.lo)):
        if rows.hi[i] - rows.lo[i] != 1 or rows.hi2[i] > rows.lo2[i]:
            return False
    local[:] = 0.0
    for i in range(len(rows.lo)):
        local[rows.lo[i]] += rows.weight[i]
    local /= local.sum()
    return True


@compiled
def _begin(layout: Layout, before: Floats, part: int, local: Floats) -> None:
    """Begin from the masses that the part had before, a little spread over all its cells so that none is shut out."""
    zero, zero_end = layout.zero_at[part], layout.zero_at[part + 1]
    one, one_end = layout.one_at[part], layout.one_at[part + 1]
    n_zero, seen = zero_end - zero, zero_end - zero + one_end - one
    local[:n_zero] = before[zero:zero_end]
    local[n_zero:seen] = before[one:one_end]
    if len(local) > seen:
        local[seen] = before[zero_end : layout.n_zero].sum() + before[one_end:].sum()
    total = local.sum()
    if total > 0.0:
        local /= total
    else:
        local[:] = 0.0
    local += 1e-4 / len(local)
    local /= local.sum()
