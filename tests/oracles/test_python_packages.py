"""The same random data sets beside lifelines and surpyval, asked in the test itself.

What would surprise: lifelines jitters tied times in Aalen-Johansen, so ties are taken out before; surpyval's default is
not the maximum likelihood ("Kaplan-Meier" has to be asked for), and its steps stand at the right ends of the cells.
"""

import numpy as np
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from surpyval import Turnbull

from monitor.survival.incidence import cumulative_incidence

HOURS = np.array([1.0, 12, 24, 48, 168])


def test_kaplan_meier_is_that_of_lifelines(kaplan_meier_set):
    """One cause, every end exact: lifelines' survival at the published hours."""
    peer = KaplanMeierFitter().fit(kaplan_meier_set.left, kaplan_meier_set.cause == 0)
    expected = 1 - peer.survival_function_at_times(HOURS).to_numpy()
    assert kaplan_meier_set.fit.at(HOURS, causes=(0,)) == pytest.approx(expected, abs=1e-9)


def test_aalen_johansen_is_that_of_lifelines(aalen_johansen_set):
    """Two causes, every end exact, no ties: lifelines' cumulative incidence of each cause."""
    time, first = np.unique(aalen_johansen_set.left, return_index=True)
    cause = aalen_johansen_set.cause[first]
    fit = cumulative_incidence(time, time, cause)
    for wanted in (0, 1):
        peer = AalenJohansenFitter(calculate_variance=False).fit(time, cause + 1, event_of_interest=wanted + 1)
        steps = peer.cumulative_density_.iloc[:, 0]
        expected = [steps[steps.index <= hours].iloc[-1] for hours in HOURS]
        assert fit.at(HOURS, causes=(wanted,)) == pytest.approx(expected, abs=1e-9)


def test_turnbull_is_that_of_surpyval(turnbull_set):
    """One cause, weights of 1: survival at every end point, and a likelihood not below surpyval's."""
    peer = Turnbull.fit(xl=turnbull_set.left, xr=turnbull_set.right, turnbull_estimator="Kaplan-Meier", tol=1e-10)
    last = np.append(np.diff(peer.x) > 0, True) & np.isfinite(peer.x)  # an exact time is there twice: before and at it
    time, gone = peer.x[last], 1 - peer.R[last]
    low, _ = turnbull_set.fit.range_at(time, causes=(0,))
    assert low == pytest.approx(gone, abs=1e-4)
    assert turnbull_set.log_likelihood >= _log_likelihood(turnbull_set, time, gone) - 1e-6


def _log_likelihood(rows, time, gone) -> float:
    """Of surpyval's steps: what it puts into each row's interval."""

    def by(hours, side):
        place = np.searchsorted(time, hours, side=side) - 1
        return np.where(np.isinf(hours), 1.0, np.where(place < 0, 0.0, gone[np.maximum(place, 0)]))

    exact = rows.left == rows.right
    before = np.where(exact, by(rows.left, "left"), by(rows.left, "right"))
    return float(np.log(by(rows.right, "right") - before).sum())
