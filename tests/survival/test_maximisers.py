"""The range over all maximisers of the likelihood, against linear programs that know nothing of candidate cells."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from monitor.survival.cells import lay_out
from monitor.survival.incidence import cumulative_incidence

ENDS = st.integers(0, 5).map(float)
HOURS = (0.0, 1.0, 2.0, 2.5, 4.0, 9.0)


@st.composite
def rows(draw):
    """Few rows on a coarse grid: cells of both causes overlap, and much is not seen to end."""
    n = draw(st.integers(1, 10))
    left = np.array(draw(st.lists(ENDS, min_size=n, max_size=n)))
    width = np.array(draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, inf]), min_size=n, max_size=n)))
    cause = np.array(draw(st.lists(st.sampled_from([0, 0, 1, 1, -1]), min_size=n, max_size=n)), np.int8)
    return left, left + width, cause


def all_places(left, right, cause):
    """Times on a fine grid for each cause, with which rows hold them: nothing is known of candidate cells here."""
    times = np.append(np.arange(0, 12, 0.25), 1e6)
    time, kind = np.tile(times, 2), np.repeat([0, 1], len(times))
    time, kind = np.append(time, inf), np.append(kind, -1)  # and never
    inside = np.where(
        (left == right)[:, None], time == left[:, None], (time > left[:, None]) & (time <= right[:, None])
    )
    inside &= kind == cause[:, None]
    return time, kind, np.where((cause == -1)[:, None], time > left[:, None], inside).astype(float)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(rows(), st.sampled_from([(0,), (1,), (0, 1)]))
def test_the_range_is_what_any_masses_with_the_same_fit_reach(data, causes):
    """Least and greatest incidence over all times that give each row its fitted likelihood, 1e-4 apart at most."""
    fit = cumulative_incidence(*data)
    time, kind, covers = all_places(*data)
    fitted = np.exp([_log_fit(fit, data, i) for i in range(len(data[0]))])
    equations = np.vstack([covers, np.ones(len(time))])
    low, high = fit.range_at(HOURS, causes)
    value = fit.at(HOURS, causes)
    for h, hours in enumerate(HOURS):
        objective = (np.isin(kind, causes) & (time <= hours)).astype(float)
        ends = [
            linprog(sign * objective, A_eq=equations, b_eq=np.append(fitted, 1.0), bounds=(0, 1), method="highs")
            for sign in (1, -1)
        ]
        assert [low[h], high[h]] == pytest.approx([ends[0].fun, -ends[1].fun], abs=1e-4), hours
        assert low[h] - 1e-9 <= value[h] <= high[h] + 1e-9


def _log_fit(fit, data, i):
    """The log-likelihood of one row, from the cells' ends alone."""
    left, right, cause = (column[i] for column in data)
    cells = fit.cells
    point = cells.left == cells.right
    if cause == -1:
        held = (cells.left > left) | ((cells.left == left) & ~point)
    elif left == right:
        held = (cells.cause == cause) & point & (cells.left == left)
    else:
        held = (cells.cause == cause) & (cells.right <= right)
        held &= (cells.left > left) | ((cells.left == left) & ~point)
    return np.log(cells.mass[held].sum())


@settings(derandomize=True, max_examples=150, deadline=None)
@given(rows())
def test_the_masses_are_the_only_ones(data):
    """Rows and cells make equations of full rank, and all maximisers share the fitted values: one answer."""
    fits = cumulative_incidence(*data).fits
    layout = lay_out(*data)
    place = np.arange(len(fits.mass))
    lo, hi, lo2, hi2 = (column[:, None] for column in (layout.lo, layout.hi, layout.lo2, layout.hi2))
    covers = ((place >= lo) & (place < hi)) | ((place >= lo2) & (place < hi2))
    assert np.linalg.matrix_rank(np.vstack([covers, np.ones(len(place))])) == len(place)


def test_what_nobody_saw_end_may_be_of_either_kind():
    """One takedown, one move, one not seen after 3 h: a third to two thirds were taken down by 8 h."""
    fit = cumulative_incidence([1, 2, 3], [1, 2, inf], [0, 1, -1])
    assert fit.range_at(8) == pytest.approx((1 / 3, 2 / 3))
    assert fit.range_at(8, causes=(1,)) == pytest.approx((1 / 3, 2 / 3))
    assert fit.range_at(8, causes=(0, 1)) == pytest.approx((2 / 3, 1))
