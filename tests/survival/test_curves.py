"""Curves and trend points."""

from math import inf

from monitor.model.scorecard import Minimums, TrendPoint
from monitor.model.words import NoticeKind, Role
from monitor.ranking import curves, trend_points
from monitor.ranking.curves import HOURS


def at(curve, hours):
    place = curve.hours.index(hours)
    return curve.low[place], curve.high[place]


def drawn(episodes, named=5):
    return curves(episodes, clock=NoticeKind.REQUEST, role=Role.NETWORK, minimums=Minimums(named=named))


def test_a_curve_holds_what_may_and_what_must_be_online(table):
    """High leaves out takedowns that surely happened, low those that possibly did; moves stay in both."""
    rows = [
        {"left_hours": 1.0, "right_hours": 3.0},
        {"end": "censored", "left_hours": 5.0, "right_hours": inf},
        {"end": "move", "left_hours": 1.0, "right_hours": 2.0},
        {"left_hours": 0.0, "right_hours": 3.0, "gap_at_notice": True},
    ]
    together = drawn(table(rows))[0]
    assert (together.provider_id, together.n_episodes) == (None, 4)
    assert at(together, 0) == (0.75, 1.0)  # the gap: perhaps gone before the notice
    assert at(together, 2) == (0.5, 1.0)
    assert at(together, 4) == (0.5, 0.75)
    assert at(together, 720) == (0.25, 0.75)


def test_curves_are_shown_from_enough_episodes_on(table):
    """All together first, then each Provider with `minimums.named` Episodes by id; none without a Provider."""
    rows = [{"provider_id": p} for p in ["as2"] * 5 + ["as1"] * 6 + ["as3"] * 4 + [None] * 9]
    shown = [(c.provider_id, c.n_episodes) for c in drawn(table(rows))]
    assert shown == [(None, 15), ("as1", 6), ("as2", 5)]
    assert len(HOURS) == 20


def test_a_curve_never_rises(table):
    """The share still online goes down with the hours, in both cases, and low stays under high."""
    rows = [{"left_hours": h, "right_hours": h * 1.7 + 0.1} for h in (0.3, 1.0, 5.0, 23.0, 24.0, 100.0, 700.0)]
    for curve in drawn(table(rows)):
        assert list(curve.low) == sorted(curve.low, reverse=True)
        assert list(curve.high) == sorted(curve.high, reverse=True)
        assert all(low <= high for low, high in zip(curve.low, curve.high, strict=True))


def test_trend_points_weigh_each_episode_alike(table, rank):
    """All together first, weighted by Episodes; a Provider without an Episode has no point."""
    slow = {"left_hours": 90.0, "right_hours": 99.0}
    rows = [{"provider_id": "as1"}] * 3 + [
        {"provider_id": "as2", **slow},
        {"provider_id": "as3", "status": "undelivered"},
    ]
    ranking = rank(table(rows))
    assert trend_points(ranking) == (
        TrendPoint("2026H1", None, 4, 0.75, 0.75),
        TrendPoint("2026H1", "as1", 3, 1.0, 1.0),
        TrendPoint("2026H1", "as2", 1, 0.0, 0.0),
    )
    assert ranking.trend == trend_points(ranking)
