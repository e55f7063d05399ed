"""What is said of a fit: shares, the rule for one figure, median, restricted mean, widths, expected membership."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.survival.incidence import cumulative_incidence, incidence, kaplan_meier, turnbull
from monitor.survival.membership import membership
from monitor.survival.moments import median, restricted_mean, widths90
from monitor.survival.npmle import fit_groups


@st.composite
def rows(draw):
    """Episodes with two ends, some not seen; hours in tenths."""
    n = draw(st.integers(1, 40))
    tenth = st.integers(0, 300).map(lambda number: number / 10)
    left = np.array(draw(st.lists(tenth, min_size=n, max_size=n)))
    right = left + np.array(draw(st.lists(tenth, min_size=n, max_size=n)))
    cause = np.array(draw(st.lists(st.sampled_from([0, 0, 1, -1]), min_size=n, max_size=n)), np.int8)
    return left, right, cause


@settings(derandomize=True, max_examples=200, deadline=None)
@given(rows(), st.floats(0, 70))
def test_no_share_lies_outside_its_bounds(data, hours):
    """What is certain within the hours <= value <= what is possible; a takedown is an end, and both only grow."""
    left, right, cause = data
    fit = cumulative_incidence(*data)
    seen = cause >= 0
    sure, possible = seen & (right <= hours), (left < hours) | (seen & (right <= hours))
    value, any_end = fit.at(hours), fit.at(hours, causes=(0, 1))
    assert (sure & (cause == 0)).mean() - 1e-9 <= value <= (possible & (cause <= 0)).mean() + 1e-9
    assert sure.mean() - 1e-9 <= any_end <= possible.mean() + 1e-9
    assert value <= any_end + 1e-12
    low, high = fit.range_at(hours)
    assert low - 1e-9 <= value <= high + 1e-9
    assert fit.at(hours + 1) >= value - 1e-9


def test_the_figure_grows_evenly_within_its_cell():
    """One end in (4, 8]: nothing at 4 h, half at 6 h, all at 8 h; anything between 0 and 1 fits at 6 h."""
    fit = turnbull([4], [8])
    assert fit.at([4, 5, 6, 8]) == pytest.approx([0, 0.25, 0.5, 1])
    assert np.array(fit.range_at([4, 6, 8])) == pytest.approx(np.array([[0, 0, 1], [0, 1, 1]]))


@pytest.mark.parametrize(
    ("what", "left", "right", "expected"),
    [
        ("nothing is seen around the hour, and the range is narrow", [1, 2], [1.5, 2.5], True),
        ("narrow intervals hold it, but too much of the mass", [23.5] * 2, [24.5] * 2, False),
        ("narrow intervals hold it, with little of the mass", [23.5] + [1] * 999, [24.5] + [1.1] * 999, True),
        ("a wide interval holds it, with little of the mass", [12.0] + [1] * 999, [36.0] + [1.1] * 999, False),
        ("censored early beside exact times, as in Kaplan-Meier", [3, 20, 90], [inf, 20, 90], True),
        ("censored early and nothing after it", [3, 2], [inf, 2], False),
    ],
)
def test_one_figure_is_given_only_where_the_data_pin_it_down(what, left, right, expected):
    """A range of half a point at most, and intervals around 24 h no wider than 2.4 h."""
    assert bool(turnbull(left, right).identified(24)) is expected, what


def test_the_median_of_exact_times_is_the_first_at_which_half_are_gone():
    """As Kaplan-Meier: not the middle between two, and with its status."""
    found = kaplan_meier([1, 2, 3, 4], [True] * 4).median()
    assert found == (2, 2, 2, "reached")


def test_the_median_of_an_interval_is_within_it():
    """One cell (2, 6]: anywhere in it; the figure is its middle."""
    assert turnbull([2, 2], [6, 6]).median() == (4, 2, 6, "reached")


@pytest.mark.parametrize(
    ("last_check", "status"), [(10, "not-identified"), (719, "not-identified"), (720, "not-reached")]
)
def test_a_median_beyond_the_last_check_is_not_reached_only_after_720_hours(last_check, status):
    """One of four gone, the others not seen to end: later than the last check, if ever."""
    found = turnbull([1, *[last_check] * 3], [2, inf, inf, inf]).median()
    assert (found.low, found.status) == (last_check, status)
    assert np.isnan(found.value)
    assert np.isnan(found.high)


def test_a_median_that_other_ends_rule_out_is_not_reached():
    """Three of four moved away: half can never be taken down."""
    found = cumulative_incidence([1, 2, 3, 4], [1, 2, 3, 4], [0, 1, 1, 1]).median()
    assert found.status == "not-reached"
    assert np.isnan([found.value, found.low, found.high]).all()


def test_the_restricted_mean_by_hand():
    """Ends at 10 h, in (20, 40] and one online at 100 h: to 720 h (10 + 30 + 720) / 3, 20 and 40 at the ends."""
    value, low, high = cumulative_incidence([10, 20, 100], [10, 40, inf], [0, 1, -1]).restricted_mean(720)
    assert (value, low, high) == (
        pytest.approx((10 + 30 + 720) / 3),
        pytest.approx((10 + 20 + 100) / 3),
        pytest.approx((10 + 40 + 720) / 3),
    )


def test_the_restricted_mean_cuts_a_cell_at_the_cap():
    """One cell (0, 40] with the cap at 20: half of it counts 20, the other half 10 on average."""
    assert turnbull([0], [40]).restricted_mean(20) == (pytest.approx(15), 0, 20)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(rows())
def test_the_restricted_mean_is_the_area_above_any_end(data):
    """The integral of 1 - incidence of any end, by the trapezium rule on a fine grid."""
    fit = cumulative_incidence(*data)
    grid = np.arange(0, 100, 0.005) + 0.0025
    assert fit.restricted_mean(100)[0] == pytest.approx((1 - fit.at(grid, causes=(0, 1))).sum() * 0.005, abs=0.02)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(rows())
def test_the_median_is_where_the_incidence_reaches_half(data):
    """Below it less than half, at it half or more."""
    fit = cumulative_incidence(*data)
    found = fit.median((0, 1))
    if found.status == "reached" and np.isfinite(found.value):
        assert fit.at(found.value + 1e-6, (0, 1)) >= 0.5 - 1e-8
        assert fit.at(np.nextafter(found.value - 1e-6, 0), (0, 1)) <= 0.5 + 1e-8
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9


def test_widths_are_those_of_the_seen_intervals_that_hold_the_hour():
    """numpy's 90th percentile by group; a row that was not seen to end has no width, nor has another hour's."""
    random = np.random.default_rng(2)
    group, left = random.integers(0, 4, 500), random.uniform(0, 30, 500)
    right = np.where(random.random(500) < 0.2, inf, left + random.uniform(0, 20, 500))
    found = widths90(group, 5, left, right, [24.0, 100.0])
    for g in range(4):
        mine = (group == g) & (left < 24) & (right >= 24) & np.isfinite(right)
        assert found[g, 0] == pytest.approx(np.percentile((right - left)[mine], 90), abs=1e-12)
    assert np.isnan(found[4]).all()
    assert np.isnan(found[:, 1]).all()
    assert widths90(np.zeros(1, int), 1, [3.0], [inf], [24.0], np.zeros(1, np.int8)).tolist() == [[inf]]


def test_membership_is_what_each_row_expects():
    """A certain row 1 or 0, an interval its part of the masses in it, a censored row its part of what is left."""
    left, right = np.array([1.0, 30, 20, 0, 5]), np.array([2.0, 31, 40, inf, 6])
    cause = np.array([0, 0, 0, -1, 1], np.int8)
    fits = fit_groups(np.zeros(5, int), 1, left, right, cause, np.ones(5))
    found = membership(fits, np.zeros(5, int), left, right, cause, (0,), 24.0)
    assert found == pytest.approx([1, 0, 0, incidence(fits, (0,), [24.0])[0][0, 0], 0], abs=1e-9)
    own = membership(fits, np.zeros(5, int), left, right, cause, (0, 1), np.array([1.5, 40, 31, 0, 5.5]))
    assert own == pytest.approx([0.5, 1, 1, 0, 0.5], abs=1e-9)


def test_figures_of_many_groups_are_those_of_each_alone():
    """Empty groups between them have none."""
    random = np.random.default_rng(9)
    group = random.integers(0, 6, 200) * 2
    left = random.exponential(10, 200).round(1)
    right = left + random.exponential(5, 200).round(1)
    cause = random.integers(-1, 2, 200).astype(np.int8)
    fits = fit_groups(group, 12, left, right, cause, np.ones(200))
    shares, medians, means = incidence(fits, (0,), [5.0, 24.0]), median(fits, (0,)), restricted_mean(fits, 720.0)
    for g in range(12):
        if g % 2:
            assert np.isnan([*shares[0][g], *shares[1][g], medians[0][g], means[0][g]]).all()
            assert medians[3][g] is None
            continue
        one = cumulative_incidence(*(column[group == g] for column in (left, right, cause)))
        assert shares[0][g] == pytest.approx(one.at([5, 24]), abs=1e-12)
        assert (shares[1][g], shares[2][g]) == tuple(pytest.approx(each, abs=1e-12) for each in one.range_at([5, 24]))
        assert [each[g] for each in medians[:3]] == pytest.approx(list(one.median()[:3]), nan_ok=True)
        assert medians[3][g] == one.median().status
        assert tuple(each[g] for each in means) == pytest.approx(one.restricted_mean())


@pytest.mark.parametrize(("left", "right", "cause"), [([], [], []), ([1], [2, 3], [0]), ([[1]], [[2]], [[0]])])
def test_columns_that_do_not_fit_together_are_refused(left, right, cause):
    """No rows, different lengths, tables."""
    with pytest.raises(ValueError, match="one length"):
        cumulative_incidence(left, right, cause)


def test_an_unknown_right_end_is_one_that_was_not_seen():
    """NaN as infinity, as lifelines and R write it."""
    assert turnbull([1, 4], [2, nan]).cells.cause.tolist() == [0, -1]
