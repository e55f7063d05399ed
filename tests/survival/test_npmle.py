"""The fit of `monitor.survival.npmle`: closed forms by hand, the conditions of a maximum, an independent optimiser."""

from math import inf

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from monitor.survival.incidence import cumulative_incidence, incidence, kaplan_meier, turnbull
from monitor.survival.membership import membership
from monitor.survival.npmle import fit_groups

ENDS = st.integers(0, 8).map(float)


@st.composite
def rows(draw, least=1, most=25):
    """Left, right, cause, weight: a coarse grid of hours, so that ends coincide, exact times and infinite ends too."""
    n = draw(st.integers(least, most))
    left = np.array(draw(st.lists(ENDS, min_size=n, max_size=n)))
    width = np.array(draw(st.lists(st.sampled_from([0.0, 1.0, 1.0, 2.0, 4.0, 9.0, inf]), min_size=n, max_size=n)))
    cause = np.array(draw(st.lists(st.sampled_from([0, 0, 0, 1, 1, -1, -1]), min_size=n, max_size=n)), np.int8)
    weight = np.array(draw(st.lists(st.sampled_from([1.0, 1.0, 1.0, 0.5, 0.01]), min_size=n, max_size=n)))
    return left, left + width, cause, weight


def atoms(left, right, cause):
    """Every time and cause at which mass could lie, finely: (times, causes, which rows hold them)."""
    grid = np.unique(np.concatenate([left, right[np.isfinite(right)]]))
    times = np.sort(np.concatenate([grid, grid + 0.5, [1e6]]))
    time, kind = np.tile(times, 2), np.repeat([0, 1], len(times))
    exact = left == right
    inside = np.where(exact[:, None], time == left[:, None], (time > left[:, None]) & (time <= right[:, None]))
    inside &= kind == cause[:, None]
    alive = time[None, :] > left[:, None]
    return time, kind, np.where((cause == -1)[:, None], alive, inside)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(rows())
def test_no_place_for_mass_would_raise_the_likelihood(data):
    """The KKT conditions hold over every time and cause, not only over the candidate cells."""
    left, right, cause, weight = data
    fit = cumulative_incidence(*data)
    assert fit.gap <= 1e-8
    covers = atoms(left, right, cause)[2]
    likelihood = _likelihoods(fit, data)
    slope = (weight / likelihood) @ covers
    assert slope.max() <= weight.sum() * (1 + 1e-7)


def _likelihoods(fit, data):
    """The mass that each row's own set holds, from the cells as published, by their ends alone."""
    cells = fit.cells
    out = []
    for left, right, cause, _ in zip(*data, strict=True):
        if cause == -1:
            held = (cells.left >= left) & ~((cells.left == cells.right) & (cells.left == left))
        else:
            held = (cells.cause == cause) & (cells.left >= left) & (cells.right <= right)
            if left < right:
                held &= ~((cells.left == cells.right) & (cells.left == left))
        out.append(cells.mass[held].sum())
    return np.array(out)


@settings(derandomize=True, max_examples=80, deadline=None)
@given(rows())
def test_the_fit_is_self_consistent(data):
    """The masses sum to 1, and the incidence is the mean of what each row expects, for one cause and for any end."""
    left, right, cause, weight = data
    fit = cumulative_incidence(*data)
    assert fit.cells.mass.sum() == pytest.approx(1.0, abs=1e-12)
    group = np.zeros(len(left), np.int64)
    for causes in ((0,), (1,), (0, 1)):
        for hours in (0.0, 0.5, 1.0, 3.0, 7.3, 40.0):
            expected = membership(fit.fits, group, left, right, cause, causes, hours)
            mean = (weight @ expected) / weight.sum()
            assert fit.at(hours, causes) == pytest.approx(mean, abs=1e-9)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(rows(most=9))
def test_an_independent_optimiser_finds_no_higher_likelihood(data):
    """SLSQP over all times and causes ends at the same log-likelihood."""
    left, right, cause, weight = data
    covers = np.unique(atoms(left, right, cause)[2].astype(float), axis=1)
    start = np.full(covers.shape[1], 1 / covers.shape[1])

    def loss(mass):
        return -weight @ np.log(np.maximum(covers @ mass, 1e-300))

    def slope(mass):
        return -(weight / np.maximum(covers @ mass, 1e-300)) @ covers

    total = {"type": "eq", "fun": lambda mass: mass.sum() - 1, "jac": lambda mass: np.ones(len(mass))}
    found = minimize(
        loss, start, jac=slope, bounds=[(1e-12, 1)] * len(start), constraints=total, options={"ftol": 1e-12}
    )
    fit = cumulative_incidence(*data)
    assert fit.log_likelihood >= -found.fun - 1e-6
    assert fit.log_likelihood == pytest.approx(weight @ np.log(_likelihoods(fit, data)), abs=1e-9)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(rows(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(data, random):
    """The same rows in another order give the same masses, to rounding."""
    order = np.array(random.sample(range(len(data[0])), len(data[0])))
    one, other = cumulative_incidence(*data), cumulative_incidence(*(column[order] for column in data))
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-9)
    for causes in ((0,), (0, 1)):
        assert one.range_at(3.0, causes) == pytest.approx(other.range_at(3.0, causes), abs=1e-6)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(rows(), st.sampled_from([0.125, 1 / 3, 60.0]))
def test_the_unit_of_time_changes_nothing(data, factor):
    """Minutes or days instead of hours give the same incidence at the same moment."""
    left, right, cause, weight = data
    one, other = cumulative_incidence(*data), cumulative_incidence(left * factor, right * factor, cause, weight)
    at = np.array([1.0, 2.5, 7.0])
    assert np.array(other.range_at(at * factor)) == pytest.approx(np.array(one.range_at(at)), abs=1e-6)
    assert other.at(at * factor) == pytest.approx(one.at(at), abs=1e-7)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(rows(), st.integers(1, 5))
def test_a_whole_weight_is_as_many_rows(data, times):
    """A row of weight k is k rows of weight 1."""
    left, right, cause, _ = data
    number = np.arange(len(left)) % times + 1
    one = cumulative_incidence(left, right, cause, number.astype(float))
    other = cumulative_incidence(*(np.repeat(column, number) for column in (left, right, cause)))
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-8)
    assert np.array(one.range_at([1.0, 5.0])) == pytest.approx(np.array(other.range_at([1.0, 5.0])), abs=1e-6)


def test_kaplan_meier_by_hand_with_ties_and_censoring_at_an_event():
    """Six rows: 2 of 6 at 1 h, one censored there, 1 of 3 at 4 h, then one censored at 6 h, the last gone at 9 h."""
    fit = kaplan_meier([1, 1, 1, 4, 6, 9], [True, True, False, True, False, True])
    assert fit.at([0.5, 1, 3.9, 4, 8, 9]) == pytest.approx([0, 1 / 3, 1 / 3, 5 / 9, 5 / 9, 1])
    assert fit.fits.steps[0] == 0


def test_aalen_johansen_by_hand():
    """Exact times with two ends: each end's share of those at risk, times the share still there."""
    fit = cumulative_incidence([1, 2, 2, 3, 5], [1, 2, 2, inf, 5], [0, 1, 0, -1, 1])
    assert fit.at([1, 2, 5]) == pytest.approx([0.2, 0.4, 0.4])
    assert fit.at([1, 2, 5], causes=(1,)) == pytest.approx([0, 0.2, 0.6])


def test_the_two_examples_of_the_specification():
    """Ten takedowns in (0, 30] and ten moves in (4, 8] give [0, 0.5] at 24 h; twenty censored at 5 h give [0, 1]."""
    left, right = np.repeat([0.0, 4.0], 10), np.repeat([30.0, 8.0], 10)
    fit = cumulative_incidence(left, right, np.repeat([0, 1], 10))
    assert fit.range_at(24) == pytest.approx((0, 0.5))
    assert fit.at(24) == pytest.approx(0.4)
    assert fit.range_at(24, causes=(0, 1)) == pytest.approx((0.5, 1))
    fit = turnbull(np.full(20, 5.0), np.full(20, inf))
    assert fit.range_at(24) == pytest.approx((0, 1))
    assert fit.range_at(5) == pytest.approx((0, 0))
    assert fit.at(24) == 0


def test_overlapping_intervals_meet_where_they_overlap():
    """(0, 2], (1, 3] and (1, inf) share (1, 2]: all mass lies there."""
    cells = turnbull([0, 1, 1], [2, 3, inf]).cells
    kept = cells.mass > 0
    assert (cells.left[kept], cells.right[kept], cells.mass[kept]) == (1, 2, pytest.approx(1))


def test_a_late_interval_takes_what_the_never_cell_could_hold():
    """An end seen after the last censored row holds their mass: there is no never cell."""
    fit = turnbull([5, 10], [inf, 12])
    assert fit.cells.cause.tolist() == [0]
    assert fit.range_at(12) == (1, 1)


def test_an_end_without_a_latest_time_counts_only_at_infinity():
    """(3, inf] with a seen end (an order without a known deadline) may be any time after 3."""
    fit = cumulative_incidence([3, 1], [inf, 2], [0, 0])
    assert fit.range_at([2, 3, 100]) == (pytest.approx([0.5, 0.5, 0.5]), pytest.approx([0.5, 0.5, 1]))
    assert fit.at(100) == pytest.approx(0.5)
    assert fit.range_at(inf) == (1, 1)


def test_exact_times_and_intervals_mix():
    """{2} lies in (0, 2] and not in (2, 4]: one cell at 2 with two of the three rows."""
    fit = cumulative_incidence([2, 0, 2], [2, 2, 4], [0, 0, 0])
    assert (fit.cells.left.tolist(), fit.cells.right.tolist()) == ([2, 2], [2, 4])
    assert fit.cells.mass == pytest.approx([2 / 3, 1 / 3])


def test_a_weight_below_one_counts_for_less():
    """A gap of weight 0.5 before 5 h beside one end at 10 h: a third."""
    fit = cumulative_incidence([0, 10], [5, 10], [0, 0], [0.5, 1.0])
    assert fit.at(5) == pytest.approx(1 / 3)


def test_a_very_small_weight_is_no_trouble():
    """A gap of a second after a report of weeks ago, beside overlapping rows that need steps."""
    left, right = [0, 0, 1, 1, 2, 0.5, 2, 3], [1e-4, 3, 4, 2.5, 6, 2.2, inf, inf]
    for weight in (1e-6, 1e-8, 1e-10):
        fit = cumulative_incidence(left, right, [0, 0, 0, 1, 1, 0, -1, -1], [weight] + [1.0] * 7)
        assert fit.gap <= 1e-8
        assert 0 < fit.at(1e-4) <= 2 * weight


def test_a_group_without_rows_has_no_figure():
    """Groups may be empty; the others are not affected, and no group at all is no error."""
    one = np.zeros(1)
    fits = fit_groups(np.array([1]), 3, one, one + 2, np.zeros(1, np.int8), one + 1)
    assert fits.start.tolist() == [0, 0, 1, 1]
    assert np.isnan(incidence(fits, (0,), [1.0])[0]).ravel().tolist() == [True, False, True]
    none = np.zeros(0)
    assert incidence(fit_groups(none, 0, none, none, none.astype(np.int8), none), (0,), [1.0])[0].shape == (0, 1)


@pytest.mark.parametrize(
    ("left", "right", "cause", "weight"),
    [(-1, 2, 0, 1), (3, 2, 0, 1), (inf, inf, 0, 1), (0, 2, 2, 1), (0, 2, 0, 0), (np.nan, 2, 0, 1), (0, np.nan, 0, 1)],
)
def test_what_is_no_interval_is_refused(left, right, cause, weight):
    """A negative or infinite left end, an end before it, an unknown cause, no weight."""
    with pytest.raises(ValueError, match="left"):
        cumulative_incidence([left], [right], [cause], [weight])


def many(n_groups, n, seed):
    """Checks with jitter: nearly all ends differ. Group, left, right, cause, weight."""
    random = np.random.default_rng(seed)
    schedule = np.array([0, 0.9, 1.1, 2, 4, 8, 11.5, 12.5, 18, 23.5, 24.5, 36, 47.5, 48.5, 72, 96, 168, 336])
    total = n_groups * n
    checks = np.sort(schedule * random.uniform(0.95, 1.05, (total, len(schedule))), axis=1)
    place = (checks <= random.weibull(0.7, total)[:, None] * 30).sum(axis=1)
    padded = np.column_stack([checks, np.full(total, inf)])
    left, right = padded[np.arange(total), place - 1], padded[np.arange(total), place]
    cause = np.where(np.isinf(right) | (random.random(total) < 0.05), -1, random.random(total) < 0.15).astype(np.int8)
    return np.repeat(np.arange(n_groups), n), left, right, cause, random.choice([1.0, 0.3], total)


def test_threads_and_neighbours_change_no_byte(monkeypatch):
    """One thread, two threads, and each group fitted alone give the same bytes."""
    group, *columns = many(12, 200, 1)
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 1)
    one = fit_groups(group, 12, *columns)
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 2)
    two = fit_groups(group, 12, *columns)
    alone = [fit_groups(group[group == g] - g, 1, *(column[group == g] for column in columns)) for g in range(12)]
    assert one.mass.tobytes() == two.mass.tobytes() == np.concatenate([fit.mass for fit in alone]).tobytes()


@pytest.mark.parametrize(("n_groups", "n"), [(200, 5), (100, 30), (10, 1000)])
def test_every_group_of_a_market_converges(n_groups, n):
    """Schedules with jitter, two ends, censoring and weights: the gap is 1e-9 or less in few steps."""
    group, *columns = many(n_groups, n, n)
    fits = fit_groups(group, n_groups, *columns)
    assert fits.gap.max() <= 1e-9
    assert fits.steps.max() < 500


def test_many_exact_times_under_wide_intervals_converge():
    """Six hundred exact times with wide intervals over them: too many cells for dense equations."""
    random = np.random.default_rng(4)
    exact = random.exponential(30, 600)
    start = random.exponential(20, 300)
    left, right = np.concatenate([exact, start]), np.concatenate([exact, start + random.exponential(40, 300)])
    fit = cumulative_incidence(left, right, random.integers(-1, 2, 900).astype(np.int8))
    assert fit.gap <= 1e-8


def test_a_group_of_two_hundred_thousand_distinct_ends_settles_in_few_steps():
    """Where rounding keeps the KKT conditions from the last digits, the climb stops at the best it found."""
    rng = np.random.default_rng(1)
    n = 200_000
    hours = np.array([0, 0.9, 1.1, 2, 4, 8, 11.5, 12.5, 18, 23.5, 24.5, 36, 47.5, 48.5, 72, 96, 120, 144, 168.5, 2160])
    times = np.exp(rng.normal(2.5, 1.2, n))
    place = np.clip(np.searchsorted(hours, times), 1, len(hours) - 1)
    jitter = 1 + rng.uniform(0, 0.06, (2, n))
    left, right = hours[place - 1] * jitter[0], hours[place] * jitter[1]
    cause = np.where(times > 150, -1, np.where(rng.uniform(size=n) < 0.05, 1, 0)).astype(np.int8)
    fits = fit_groups(np.zeros(n, np.int64), 1, left, np.maximum(right, left), cause, np.ones(n))
    assert fits.steps[0] < 500
    assert fits.gap[0] < 1e-6
