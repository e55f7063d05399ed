"""Candidate cells and what rows cover, by hand and against a definition that looks at every pair of ends."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.survival.cells import lay_out


def cells(left, right, cause):
    """(cause, left, right) of each cell, with an exact time as the same number twice."""
    layout = lay_out(np.array(left, float), np.array(right, float), np.array(cause, np.int8))
    causes = [0] * layout.n_zero + [1] * layout.n_one + [-1] * (len(layout.first) - layout.n_zero - layout.n_one)
    begins = np.where(layout.first == layout.last, layout.last, np.nextafter(layout.first, -inf))
    return list(zip(causes, begins.tolist(), layout.last.tolist(), strict=True))


@pytest.mark.parametrize(
    ("what", "left", "right", "cause", "expected"),
    [
        ("an interval alone is its own cell", [1], [3], [0], [(0, 1, 3)]),
        ("two that overlap have one cell", [0, 1], [2, 3], [0, 0], [(0, 1, 2)]),
        ("two that touch have two", [0, 2], [2, 3], [0, 0], [(0, 0, 2), (0, 2, 3)]),
        ("an exact time at a right end is in the interval", [0, 2], [2, 2], [0, 0], [(0, 2, 2)]),
        ("an exact time at a left end is not", [2, 2], [2, 3], [0, 0], [(0, 2, 2), (0, 2, 3)]),
        ("a censored left end cuts a cell", [0, 1], [3, inf], [0, -1], [(0, 1, 3)]),
        ("censored at the right end: a cell before, and never", [0, 3], [3, inf], [0, -1], [(0, 0, 3), (-1, 3, inf)]),
        ("an end at the moment of a censoring comes first", [3, 3], [3, inf], [0, -1], [(0, 3, 3), (-1, 3, inf)]),
        ("the other cause cuts nothing", [0, 4], [30, 8], [0, 1], [(0, 0, 30), (1, 4, 8)]),
        ("only censored rows: the never cell alone", [5, 7], [inf, inf], [-1, -1], [(-1, 7, inf)]),
        ("a seen end without a latest time", [3], [inf], [0], [(0, 3, inf)]),
    ],
)
def test_cells_by_hand(what, left, right, cause, expected):
    """Left ends of the cause and of censored rows, right ends of the cause, nothing between."""
    assert cells(left, right, cause) == expected, what


@st.composite
def rows(draw):
    """Ends on a coarse grid, exact times included."""
    n = draw(st.integers(1, 20))
    left = np.array(draw(st.lists(st.integers(0, 9).map(float), min_size=n, max_size=n)))
    width = np.array(draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0, inf]), min_size=n, max_size=n)))
    return left, left + width, np.array(draw(st.lists(st.sampled_from([0, 1, -1]), min_size=n, max_size=n)), np.int8)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(rows())
def test_cells_are_the_innermost_pairs_of_ends(data):
    """A cell of a cause begins at a left end, stops at a right end, and holds no other end."""
    left, right, cause = data
    low = np.where((cause >= 0) & (left == right), left, np.nextafter(left, inf))
    expected = []
    for k in (0, 1):
        begins, stops = set(low[(cause == k) | (cause == -1)]), set(right[cause == k])
        for begin in begins:
            for stop in stops:
                inner = any(begin < other <= stop for other in begins) or any(begin <= other < stop for other in stops)
                if begin <= stop and not inner:
                    expected.append((k, begin if begin == stop else np.nextafter(begin, -inf), stop))
    assert [cell for cell in cells(*data) if cell[0] >= 0] == sorted(expected)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(rows())
def test_a_row_covers_the_cells_that_lie_within_it(data):
    """By the ends of row and cell alone; a censored row covers the later cells of both causes and the never cell."""
    left, right, cause = data
    layout = lay_out(*data)
    kind = np.repeat([0, 1, -1], [layout.n_zero, layout.n_one, len(layout.first) - layout.n_zero - layout.n_one])
    place = np.arange(len(kind))
    for i, row in enumerate(layout.row_of):
        covered = (place >= layout.lo[row]) & (place < layout.hi[row])
        covered |= (place >= layout.lo2[row]) & (place < layout.hi2[row])
        exact = cause[i] >= 0 and left[i] == right[i]
        after = layout.first >= (left[i] if exact else np.nextafter(left[i], inf))
        expected = after if cause[i] < 0 else after & (kind == cause[i]) & (layout.last <= right[i])
        assert covered.tolist() == expected.tolist()
        assert covered.any()


@settings(derandomize=True, max_examples=200, deadline=None)
@given(rows())
def test_no_seen_interval_leaves_its_part(data):
    """Each distinct row with a seen end covers cells of one part only; the parts hold all cells, in order."""
    layout = lay_out(*data)
    for begins, rows_at in ((layout.zero_at, layout.rows_zero), (layout.one_at, layout.rows_one)):
        for part in range(len(begins) - 1):
            for row in range(rows_at[part], rows_at[part + 1]):
                assert begins[part] <= layout.lo[row] < layout.hi[row] <= begins[part + 1]
    assert (layout.zero_at[0], layout.zero_at[-1]) == (0, layout.n_zero)
    assert (layout.one_at[0], layout.one_at[-1]) == (layout.n_zero, layout.n_zero + layout.n_one)
    assert layout.rows_open[-1] == len(layout.lo)
