"""What is measured of each Provider, from rows to limits."""

from itertools import pairwise
from math import inf, nan

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model.scorecard import Norm
from monitor.model.selected import select
from monitor.model.words import NoticeKind, Role
from monitor.survival import measure
from monitor.survival.bounds import bounds_at, intervals_of
from monitor.survival.curves import HOURS

CLOSE = 1e-7


def measured(episodes, clock=NoticeKind.REQUEST, hours=24.0, role=Role.NETWORK, **options):
    chosen = select(episodes, clock=clock, role=role)
    return chosen, measure(chosen, Norm(clock, hours, 0.8), resamples=0, **options)


def takedown(left, right, **more):
    return {"left_hours": left, "right_hours": right, **more}


def test_the_two_examples_of_the_issue_have_the_ranges_that_it_states(table):
    """Ten takedowns in (0, 30] beside ten moves in (4, 8] give [0, 0.5]; twenty censored at 5 h give [0, 1]."""
    rows = [takedown(0, 30)] * 10 + [takedown(4, 8, end="move")] * 10
    rows += [takedown(5, inf, end="censored", provider_id="as64501")] * 20
    _, found = measured(table(rows))
    each = found.estimates
    assert each.norm_range_low == pytest.approx([0, 0])
    assert each.norm_range_high == pytest.approx([0.5, 1.0])
    assert each.norm == pytest.approx([0.5 * 24 / 30, 0.0])  # linear within its cell; never adds nothing
    assert each.any_end == pytest.approx([0.5 + 0.5 * 24 / 30, 0.0])
    assert not each.identified.any()
    assert each.norm_low[1] == 0 and each.norm_high[1] == 1  # the interval covers the range


def test_takedowns_known_to_the_minute_give_their_share_and_an_interval_around_it(table):
    """Eighteen of twenty Episodes on as many days: 0.9, identified, with Wilson's limits of 18 in 20."""
    rows = [takedown(2, 2.1, cluster_id=n) for n in range(18)]
    rows += [takedown(100, inf, end="censored", cluster_id=18 + n) for n in range(2)]
    _, found = measured(table(rows))
    each = found.estimates
    assert each.norm == pytest.approx([0.9])
    assert each.identified.all()
    assert each.design_effect[0] == pytest.approx(1.0, abs=0.06)  # the jackknife's C / (C - 1)
    assert (each.norm_low[0], each.norm_high[0]) == pytest.approx((0.699, 0.972), abs=0.01)


def test_a_figure_that_the_facts_alone_give_is_identified(table):
    """Four taken down at once and six moved in wide intervals: 40% in the worst case and in the best."""
    rows = [takedown(1, 2, cluster_id=n) for n in range(4)]
    rows += [takedown(10, 40, end="move", cluster_id=4 + n) for n in range(6)]
    each = measured(table(rows))[1].estimates
    assert (each.worst[0], each.best[0], each.norm[0]) == (4, 4, pytest.approx(0.4))
    assert each.identified[0] and each.within_identified[0].all()


def test_moves_are_ends_and_no_takedowns(table):
    """A Provider whose customers all left at once took nothing down; counting any end it was quick."""
    _, found = measured(table([takedown(1, 2, end="move", cluster_id=n) for n in range(12)]))
    each = found.estimates
    assert (each.norm[0], each.any_end[0]) == (0, 1)
    assert (each.worst[0], each.best[0], each.any_end_worst[0], each.any_end_best[0]) == (0, 0, 12, 12)
    assert each.below_limit[0] == 1  # so no class `below`


def test_an_order_is_measured_against_its_own_deadline(table):
    """Taken down in (2, 3]: within a deadline of 4 hours, not within one of 1; one not recorded was 12 at most."""
    rows = [
        takedown(2, 3, clock="order", deadline_hours=hours, provider_id=f"as6450{n}")
        for n, hours in enumerate((4.0, 1.0, nan))
    ]
    _, found = measured(table(rows), NoticeKind.ORDER, 12.0)
    each = found.estimates
    assert each.norm == pytest.approx([1, 0, 1])  # what was not written down does not read as slowness
    assert each.norm_range_low == pytest.approx([1, 0, 0])
    assert each.norm_range_high == pytest.approx([1, 0, 1])
    assert list(each.identified) == [True, True, False]
    assert each.within[:, 1] == pytest.approx([1, 1, 1])  # hours on the clock, whatever the deadline


def test_a_further_norm_for_orders_counts_its_own_hours(table):
    """Within one hour of the order, by the clock, although the order allowed twelve."""
    rows = [takedown(*at, clock="order", deadline_hours=12.0) for at in ((0.2, 0.5), (2, 3), (2, 3), (2, 3))]
    chosen = select(table(rows), clock=NoticeKind.ORDER, role=Role.NETWORK)
    each = measure(chosen, Norm(NoticeKind.ORDER, 1.0, 0.8, name="order-fast"), resamples=0).estimates
    assert (each.norm[0], each.worst[0], each.best[0]) == (0.25, 1, 1)


def test_episodes_that_nobody_could_follow_are_no_evidence(table):
    """Thirty-nine of forty lost from view after an hour, one seen online for days: 0 is no more than a guess."""
    rows = [takedown(0.9, inf, end="censored", last_outcome="inconclusive", cluster_id=n) for n in range(39)]
    lost = [*rows, takedown(500, inf, end="censored", last_outcome="online", cluster_id=39)]
    each = measured(table(lost))[1].estimates
    assert not each.identified[0] and not each.within_identified[0, 1:].any()
    assert each.n_effective[0] == 1  # was followed to 24 hours
    assert each.norm_high[0] > 0.75


def test_a_domain_that_is_gone_complies_with_an_order_alone(table):
    """An order asks that material be inaccessible by any means; a request asks for a takedown."""
    rows = [takedown(1, 2, end="domain", clock=clock, deadline_hours=12.0) for clock in ("request", "order")]
    assert measured(table(rows))[1].estimates.norm[0] == 0
    assert measured(table(rows), NoticeKind.ORDER, 12.0)[1].estimates.norm[0] == 1


def test_without_episodes_everything_is_not_known(table):
    """A Provider whose notices bounced has no share, no limit and no median: not known, never 0."""
    _, found = measured(table([{"status": "undelivered", "notice_status": "bounced"}]))
    each = found.estimates
    assert each.n_episodes[0] == 0
    for name in ("norm", "norm_low", "norm_high", "meets_limit", "below_limit", "any_end", "median", "mean"):
        assert np.isnan(getattr(each, name)[0]), name
    assert each.median_status[0] is None


@settings(
    derandomize=True, max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_estimate_lies_outside_its_bounds(table, random_rows, data):
    """Worst case <= range <= best case, for takedown and any end, at every hour, gaps and weights included."""
    rows = data.draw(random_rows)
    weights = data.draw(st.lists(st.sampled_from([0.05, 0.3, 0.9]), min_size=len(rows), max_size=len(rows)))
    for row, weight in zip(rows, weights, strict=True):
        row["weight"] = weight if row.get("gap_at_notice") else 1.0
    for clock, hours in ((NoticeKind.REQUEST, 24.0), (NoticeKind.ORDER, 12.0)):
        chosen, found = measured(table(rows), clock, hours)
        each, n = found.estimates, np.maximum(found.estimates.n_episodes, 1)
        some = each.n_episodes > 0
        inside(each.worst / n, each.norm_range_low, each.norm, each.norm_range_high, each.best / n, some)
        ends = (each.any_end_range_low, each.any_end, each.any_end_range_high)
        inside(each.any_end_worst / n, *ends, each.any_end_best / n, some)
        assert np.all(each.norm[some] <= each.any_end[some] + CLOSE)
        for place, at in enumerate(found.hours):
            case = bounds_at(intervals_of(chosen), at)
            worst, best = (count(chosen, flags) / n for flags in (case.worst, case.best))
            of_hour = (column[:, place] for column in (each.within_range_low, each.within, each.within_range_high))
            inside(worst, *of_hour, best, some)


def count(chosen, flags):
    codes = chosen.rows.provider[flags & (chosen.rows.provider >= 0)]
    return np.bincount(codes, minlength=len(chosen.ids))


def inside(worst, low, value, high, best, some):
    """In this order, for each Provider with Episodes."""
    columns = [column[some] for column in (worst, low, value, high, best)]
    for smaller, larger in pairwise(columns):
        assert np.all(smaller <= larger + CLOSE), columns


@settings(derandomize=True, max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_order_of_rows_changes_nothing(table, random_rows, data):
    """The same rows in another order give the same figures, to the last bit."""
    rows = data.draw(random_rows)
    episodes = table(rows)
    shuffled = episodes.take(np.array(data.draw(st.permutations(range(len(rows)))), np.int64))
    one, other = (measured(each)[1].estimates.arrays() for each in (episodes, shuffled))
    for name, column in one.items():
        np.testing.assert_array_equal(column, other[name], err_msg=name)


def test_curves_have_the_estimate_between_the_bounds_and_inside_its_band(table):
    """Low <= share <= high at each hour, the band around it, and all together the mean over Episodes."""
    rows = [takedown(h, h * 1.5 + 1, cluster_id=n % 7, provider_id=f"as6450{n % 2}") for n, h in enumerate(range(60))]
    _, found = measured(table(rows), with_curves=True)
    together, *each = found.curves
    assert [curve.provider_id for curve in found.curves] == [None, "as64500", "as64501"]
    for curve in found.curves:
        assert len(curve.share) == len(curve.band_low) == len(curve.band_high) == len(HOURS)
        for low, share, high in zip(curve.low, curve.share, curve.high, strict=True):
            assert low - CLOSE <= share <= high + CLOSE
        for low, share, high in zip(curve.band_low, curve.share, curve.band_high, strict=True):
            assert low - CLOSE <= share <= high + CLOSE
    assert together.share[5] == pytest.approx(np.mean([curve.share[5] for curve in each]))
