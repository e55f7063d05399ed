"""A Layout over the cells with mass alone, so that refits of drawn clusters cost a quarter.

In: a Layout and the masses of its fit. Out: the same with fewer cells and rows. What would surprise: on a schedule
with jitter nearly every interval is different, and yet most cover the same cells with mass; those become one row. A
refit can then no longer move mass to a cell that the whole sample leaves empty, which lies between two that have
some: measured on 2,000 Episodes, limits moved by less than a twentieth of the interval's width.
"""

import numpy as np

from monitor.model.columns import Floats, Ints
from monitor.survival.cells import Layout
from monitor.survival.compiled import compiled


@compiled
def narrowed(layout: Layout, mass: Floats) -> tuple[Layout, Floats]:
    """The layout over the cells with mass, and their masses, shape (n_cells_left,); parts stay as they are."""
    kept = np.nonzero(mass > 0.0)[0]
    place = np.zeros(len(mass) + 1, np.int64)  # cells with mass before each place in the chain
    for j in range(len(mass)):
        place[j + 1] = place[j] + (1 if mass[j] > 0.0 else 0)
    lo, hi, lo2, hi2 = place[layout.lo], place[layout.hi], place[layout.lo2], place[layout.hi2]
    merged = np.empty(len(lo), np.int64)  # the new row of each distinct row
    first = np.empty(len(lo), np.int64)  # a row that stands for each new one
    rows_zero, count = _merge(layout.rows_zero, lo, hi, len(mass), merged, first, 0)
    rows_one, count = _merge(layout.rows_one, lo, hi, len(mass), merged, first, count)
    rows_open, count = _merge(layout.rows_open, lo, lo2, len(mass), merged, first, count)
    chosen = first[:count]
    n_zero = place[layout.n_zero]
    n_one = place[layout.n_zero + layout.n_one] - n_zero
    return Layout(
        layout.first[kept], layout.last[kept], n_zero, n_one,
        lo[chosen], hi[chosen], lo2[chosen], hi2[chosen], merged[layout.row_of],
        place[layout.zero_at], place[layout.one_at], rows_zero, rows_one, rows_open,
    ), mass[kept]  # fmt: skip


@compiled
def _merge(begins: Ints, one: Ints, other: Ints, most: int, merged: Ints, first: Ints, count: int) -> tuple[Ints, int]:
    """Number the rows of one kind anew, part by part, equal ones alike; returns where parts begin, and the count."""
    out = np.empty(len(begins), np.int64)
    for part in range(len(begins) - 1):
        out[part] = count
        stretch = slice(begins[part], begins[part + 1])
        key = one[stretch] * (most + 1) + other[stretch]
        before = np.int64(-1)
        for o in np.argsort(key, kind="mergesort"):
            if key[o] != before:
                first[count] = begins[part] + o
                before = key[o]
                count += 1
            merged[begins[part] + o] = count - 1
    out[-1] = count
    return out, count
