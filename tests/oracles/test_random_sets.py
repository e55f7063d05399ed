"""70 random data sets, the incidence beside R's `survfit` and `npsurv`, and beside the conditions of a maximum.

The R session is `random.R` (its functions in `common.R`); what it said is `random.csv`:

    survfit(Surv(left, cause >= 0) ~ 1, weights)              one cause, every end exact: Kaplan-Meier
    survfit(Surv(left, factor(cause)) ~ 1, weights)           two causes, every end exact: Aalen-Johansen
    npsurv(cbind(left, right), w = weight, tol = 1e-15)       one cause: Turnbull
    by_atoms(rows)                                            two causes: Newton over every atom, for no package has it
"""

import numpy as np
import pytest

HOURS = (1.0, 12.0, 24.0, 48.0, 168.0)


def test_the_fit_is_a_maximum_over_every_place_where_an_end_can_lie(random_set):
    """The KKT gap over all atoms, not only the candidate cells, is at most 1e-6."""
    assert random_set.gap <= 1e-6
    assert random_set.fit.cells.mass.sum() == pytest.approx(1, abs=1e-9)


def test_the_likelihood_is_that_of_r_or_more(random_set):
    """Our log-likelihood is at least R's, less 1e-6, and says itself what it is."""
    said = [line.loglik for line in random_set.lines if line.source != "survfit"]
    assert said
    assert random_set.log_likelihood >= max(said) - 1e-6
    assert random_set.fit.log_likelihood == pytest.approx(random_set.log_likelihood, abs=1e-8)


def test_kaplan_meier_and_aalen_johansen_are_those_of_survfit(random_set):
    """Where every end is exact, the incidence is the survival package's, to its last recorded digits."""
    steps = [line for line in random_set.lines if line.source == "survfit"]
    assert bool(steps) == random_set.is_exact
    for line in steps:
        assert random_set.fit.at(line.hours, causes=(line.cause,)) == pytest.approx(line.value, abs=1e-8), line


def test_value_and_range_are_those_of_r(random_set):
    """1e-4 on the value, identified or not, and on both ends of the range.

    The masses are the only maximiser: each cell of a cause is the last that some row of that cause covers, so these
    rows make a triangular system. Only where in its cell a mass lies is open, and which cause the never cell holds.
    """
    for line in (line for line in random_set.lines if line.source != "survfit"):
        cause = (line.cause,)
        assert random_set.fit.at(line.hours, causes=cause) == pytest.approx(line.value, abs=1e-4), line
        assert random_set.fit.range_at(line.hours, causes=cause) == pytest.approx((line.low, line.high), abs=1e-4), line


def test_the_range_is_over_all_maximisers(small_set):
    """Least and largest incidence equal a linear program over every atom with the rows' likelihoods as they are."""
    for hours, cause in ((h, c) for h in (12.0, 24.0, 48.0) for c in small_set.causes):
        expected = small_set.range_at(hours, cause)
        assert small_set.fit.range_at(hours, causes=(cause,)) == pytest.approx(expected, abs=1e-5), (hours, cause)


def test_the_figures_stand_in_order(random_set):
    """low <= value <= high, nothing falls with time, and takedown is never above any end."""
    fit = random_set.fit
    hours = np.linspace(0, 300, 61)
    takedown = fit.at(hours, causes=(0,))
    assert np.all(np.diff(takedown) >= -1e-12)
    assert np.all(takedown <= fit.at(hours, causes=tuple(random_set.causes)) + 1e-12)
    low, high = fit.range_at(hours, causes=(0,))
    assert np.all(low <= takedown + 1e-12)
    assert np.all(takedown <= high + 1e-12)
    assert all(np.diff(ends).min() >= -1e-9 for ends in (low, high))


def test_the_sets_are_the_ones_that_r_saw(random_set):
    """Each cause of the recorded lines is in the set, and R was asked at every published hour."""
    assert {line.cause for line in random_set.lines} == set(random_set.causes)
    assert tuple(dict.fromkeys(line.hours for line in random_set.lines)) == HOURS
