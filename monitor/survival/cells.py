"""Where the likelihood can put mass: the candidate cells of one group, and the cells that each row covers.

In: intervals (left, right] of one group with a cause (0, 1, or -1: the end was not seen). Out: a `Layout`.
What would surprise: an interval is kept as the closed range of floating-point numbers in it (an exact time is one
number), so that half-open and exact intervals sort together without a special case; and the cells stand in one
chain, those of cause 0 by time, those of cause 1 by time, then the "never" cell, so that what a row covers is one
stretch of the chain, or two where the end was not seen.

Source of the cells: Turnbull (1976) for one cause, Hudgens, Satten and Longini (2001) for competing ones.
"""

from typing import NamedTuple

import numpy as np

from monitor.model.columns import Floats, Ints, Small
from monitor.survival.compiled import compiled


class Layout(NamedTuple):
    """Cells and distinct rows of one group. `lo` to `hi` is a half-open stretch of the chain.

    A *part* is a stretch of time that no seen interval leaves: ends before and after it are separate problems, so
    that exact times (each a part of its own) need no iteration.
    """

    first: Floats  # (n_cells,) smallest number in the cell
    last: Floats  # (n_cells,) largest number in it; infinite for the never cell
    n_zero: int  # cells of cause 0, at the front of the chain
    n_one: int  # cells of cause 1, behind them
    lo: Ints  # (n_distinct,) first stretch
    hi: Ints
    lo2: Ints  # second stretch, empty (0, 0) for a seen end
    hi2: Ints
    row_of: Ints  # (n_rows,) the distinct row of each row
    zero_at: Ints  # (n_parts + 1,) where the parts begin among the cells of cause 0
    one_at: Ints  # (n_parts + 1,) among the cells of cause 1, as places in the chain
    rows_zero: Ints  # (n_parts + 1,) where the parts begin among the distinct rows of cause 0
    rows_one: Ints
    rows_open: Ints  # (n_parts + 2,) rows without a seen end, by the first part of which they cover a cell


@compiled
def smallest_in(left: float, right: float) -> float:
    """The smallest number in (left, right], or in {left} where both are the same."""
    return left if left == right else np.nextafter(left, np.inf)


@compiled
def at_least(values: Floats, start: int, stop: int, bound: float) -> int:
    """The first place in values[start:stop] (sorted) whose value is at least `bound`."""
    while start < stop:
        middle = (start + stop) // 2
        if values[middle] < bound:
            start = middle + 1
        else:
            stop = middle
    return start


@compiled
def above(values: Floats, start: int, stop: int, bound: float) -> int:
    """The first place in values[start:stop] (sorted) whose value is above `bound`."""
    while start < stop:
        middle = (start + stop) // 2
        if values[middle] <= bound:
            start = middle + 1
        else:
            stop = middle
    return start


@compiled
def lay_out(left: Floats, right: Floats, cause: Small) -> Layout:
    """Cells, distinct rows and parts of one group of at least one row; hours, shapes (n_rows,)."""
    n = len(left)
    first = np.empty(n)
    for i in range(n):
        first[i] = np.nextafter(left[i], np.inf) if cause[i] < 0 else smallest_in(left[i], right[i])
    open_lefts = np.sort(first[cause < 0])
    lefts0, rights0 = np.sort(first[cause == 0]), np.sort(right[cause == 0])
    lefts1, rights1 = np.sort(first[cause == 1]), np.sort(right[cause == 1])
    # 1. The cells of each cause, one chain, and the never cell where no other cell holds all that it would.
    n_seen = len(lefts0) + len(lefts1)
    cell_first, cell_last = np.empty(n_seen + 1), np.empty(n_seen + 1)
    n_zero = _innermost(lefts0, open_lefts, rights0, cell_first, cell_last, 0)
    n_cells = _innermost(lefts1, open_lefts, rights1, cell_first, cell_last, n_zero)
    n_one = n_cells - n_zero
    if len(open_lefts) > 0:
        latest = open_lefts[-1]
        over = (n_zero > 0 and cell_first[n_zero - 1] >= latest) or (n_one > 0 and cell_first[n_cells - 1] >= latest)
        if not over:
            cell_first[n_cells], cell_last[n_cells] = latest, np.inf
            n_cells += 1
    cell_first, cell_last = cell_first[:n_cells].copy(), cell_last[:n_cells].copy()
    # 2. What each row covers, and which rows cover the same.
    starts, stops = np.empty(n, np.int64), np.empty(n, np.int64)
    seen = n_zero + n_one
    for i in range(n):
        if cause[i] < 0:
            starts[i] = n_cells + at_least(cell_first, 0, n_zero, first[i])
            stops[i] = at_least(cell_first, n_zero, seen, first[i])
        else:
            low, high = (0, n_zero) if cause[i] == 0 else (n_zero, seen)
            starts[i] = at_least(cell_first, low, high, first[i])
            stops[i] = above(cell_last, starts[i], high, right[i])
    lo, hi, row_of = _distinct(starts, stops, n_cells)
    lo2, hi2 = np.zeros(len(lo), np.int64), np.zeros(len(lo), np.int64)
    n_rows_seen = 0
    for i in range(len(lo)):
        if lo[i] < n_cells:
            n_rows_seen += 1
        else:
            lo[i], hi[i], lo2[i], hi2[i] = lo[i] - n_cells, n_zero, hi[i], n_cells
    # 3. The parts.
    ends = _parts(_merged(lefts0, lefts1), _merged(rights0, rights1))
    zero_at = _begins(cell_last[:n_zero], ends, 0)
    one_at = _begins(cell_last[n_zero:seen], ends, n_zero)
    rows_zero = _first_rows(lo, 0, n_rows_seen, zero_at)
    rows_one = _first_rows(lo, rows_zero[-1], n_rows_seen, one_at)
    rows_open = _first_open_rows(lo, lo2, n_rows_seen, zero_at, one_at)
    return Layout(
        cell_first, cell_last, n_zero, n_one, lo, hi, lo2, hi2, row_of, zero_at, one_at, rows_zero, rows_one, rows_open
    )


@compiled
def _innermost(
    lefts: Floats, open_lefts: Floats, rights: Floats, cell_first: Floats, cell_last: Floats, place: int
) -> int:
    """Write the cells of one cause from `place` on: each a left end with no end of either kind up to a right end."""
    own = other = 0
    before = -np.inf
    for right in rights:
        while own < len(lefts) and lefts[own] <= right:
            own += 1
        while other < len(open_lefts) and open_lefts[other] <= right:
            other += 1
        nearest = lefts[own - 1]
        if other > 0 and open_lefts[other - 1] > nearest:
            nearest = open_lefts[other - 1]
        if nearest > before:
            cell_first[place], cell_last[place] = nearest, right
            place += 1
        before = right
    return place


@compiled
def _distinct(starts: Ints, stops: Ints, n_cells: int) -> tuple[Ints, Ints, Ints]:
    """Different (start, stop) in order, and which of them each row is: two passes of counting sort."""
    n = len(starts)
    order = np.empty(n, np.int64)
    count = np.zeros(n_cells + 2, np.int64)
    for i in range(n):
        count[stops[i] + 1] += 1
    for j in range(n_cells + 1):
        count[j + 1] += count[j]
    for i in range(n):
        order[count[stops[i]]] = i
        count[stops[i]] += 1
    begins = np.zeros(2 * n_cells + 2, np.int64)
    for i in range(n):
        begins[starts[i] + 1] += 1
    for j in range(2 * n_cells + 1):
        begins[j + 1] += begins[j]
    sorted_order = np.empty(n, np.int64)
    for row in order:
        sorted_order[begins[starts[row]]] = row
        begins[starts[row]] += 1
    lo, hi, row_of = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    place = -1
    for row in sorted_order:
        if place < 0 or lo[place] != starts[row] or hi[place] != stops[row]:
            place += 1
            lo[place], hi[place] = starts[row], stops[row]
        row_of[row] = place
    return lo[: place + 1].copy(), hi[: place + 1].copy(), row_of


@compiled
def _merged(one: Floats, other: Floats) -> Floats:
    """Two sorted arrays as one."""
    made = np.empty(len(one) + len(other))
    i = j = 0
    for place in range(len(made)):
        if j == len(other) or (i < len(one) and one[i] <= other[j]):
            made[place] = one[i]
            i += 1
        else:
            made[place] = other[j]
            j += 1
    return made


@compiled
def _parts(lefts: Floats, rights: Floats) -> Floats:
    """The last number of each part: as many intervals have begun as have ended, and the next begins later."""
    ends = np.empty(len(rights))
    n_parts = 0
    for i in range(len(rights)):
        if i + 1 == len(rights) or rights[i] < lefts[i + 1]:
            ends[n_parts] = rights[i]
            n_parts += 1
    return ends[:n_parts].copy()


@compiled
def _begins(last: Floats, ends: Floats, offset: int) -> Ints:
    """Where the cells of each part begin (places in the chain), and where the last part's stop."""
    begins = np.empty(len(ends) + 1, np.int64)
    begins[0] = offset
    for part in range(len(ends)):
        begins[part + 1] = offset + above(last, 0, len(last), ends[part])
    return begins


@compiled
def _first_rows(lo: Ints, start: int, stop: int, begins: Ints) -> Ints:
    """Where the rows of each part begin among the rows of one cause (sorted by `lo`)."""
    rows = np.empty(len(begins), np.int64)
    place = start
    for part in range(len(begins)):
        while place < stop and lo[place] < begins[part]:
            place += 1
        rows[part] = place
    return rows


@compiled
def _first_open_rows(lo: Ints, lo2: Ints, start: int, zero_at: Ints, one_at: Ints) -> Ints:
    """Where the rows without a seen end begin whose first covered cell lies in each part, or in none."""
    n_parts = len(zero_at) - 1
    rows = np.empty(n_parts + 2, np.int64)
    place = start
    for part in range(n_parts + 1):
        rows[part] = place
        if part < n_parts:
            while place < len(lo) and (lo[place] < zero_at[part + 1] or lo2[place] < one_at[part + 1]):
                place += 1
    rows[n_parts + 1] = len(lo)
    return rows
