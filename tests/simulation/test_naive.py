"""The naive figures are computed as their users compute them, and the mistakes are theirs, not ours."""

import lifelines
import numpy as np
import pytest

from monitor.model.scorecard import PUBLISHED_HOURS
from monitor.model.selected import TAKEDOWN, select
from monitor.model.words import NoticeKind, Role
from monitor.simulation.naive import mean_of_completed, naive_figures, plain_wilson


@pytest.fixture(scope="module")
def chosen(derived):
    """The rows of a Market with moves, and its naive figures."""
    selected = select(derived("moves")[1].table, clock=NoticeKind.REQUEST, role=Role.NETWORK)
    return selected, naive_figures(selected)


@pytest.mark.parametrize("name", ["km-first-seen", "km-midpoint"])
def test_kaplan_meier_is_that_of_lifelines(chosen, name):
    """Provider by Provider at each published hour, ties and censoring included."""
    selected, figures = chosen
    rows = selected.rows
    for place in range(0, len(selected.ids), 17):
        mine = rows.provider == place
        taken = rows.end[mine] == TAKEDOWN
        time = np.where(taken, rows.right_hours[mine], rows.left_hours[mine])
        if name == "km-midpoint":
            time = (time + rows.left_hours[mine]) / 2
        fitted = lifelines.KaplanMeierFitter().fit(time, taken)
        np.testing.assert_allclose(
            figures[name].within[place], 1 - fitted.survival_function_at_times(PUBLISHED_HOURS).to_numpy(), atol=1e-9
        )


def test_shares_are_plain_counts(chosen):
    """Of all Episodes, or of the takedowns seen; one look a day sees everything later."""
    selected, figures = chosen
    rows = selected.rows
    for place in range(0, len(selected.ids), 31):
        mine = rows.provider == place
        taken = rows.end[mine] == TAKEDOWN
        for n, hours in enumerate(PUBLISHED_HOURS):
            within = (taken & (rows.right_hours[mine] <= hours)).sum()
            assert figures["first-seen"].within[place, n] == pytest.approx(within / mine.sum())
            if taken.any():
                assert figures["completed"].within[place, n] == pytest.approx(within / taken.sum())
    assert (figures["daily"].within <= figures["first-seen"].within).all()
    assert figures["daily"].within[:, 2].mean() < figures["first-seen"].within[:, 2].mean() - 0.1


def test_the_mean_of_completed_cases_leaves_out_who_is_still_online(chosen):
    """It is the plain average of the hours to the first OFFLINE."""
    selected, _ = chosen
    rows = selected.rows
    mine = (rows.provider == 3) & (rows.end == TAKEDOWN)
    assert mean_of_completed(selected)[3] == pytest.approx(rows.right_hours[mine].mean())


def test_wilson_is_the_published_example():
    """Newcombe (1998), Stat. Med. 17:857, table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611."""
    low, high = plain_wilson(np.array([81 / 263, 0.0]), np.array([263.0, 20.0]))
    np.testing.assert_allclose(low, [0.2553, 0.0], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1611], atol=5e-5)
