"""Curves: bounds, estimate and band, hour by hour."""

from math import inf

import pytest

from monitor.model.scorecard import Minimums, Norm
from monitor.model.selected import select
from monitor.model.words import NoticeKind, Role
from monitor.survival import measure
from monitor.survival.curves import HOURS


def at(curve, hours):
    place = curve.hours.index(hours)
    return curve.low[place], curve.high[place]


def drawn(episodes, named=5):
    chosen = select(episodes, clock=NoticeKind.REQUEST, role=Role.NETWORK)
    norm = Norm(NoticeKind.REQUEST, 24.0, 0.8)
    return measure(chosen, norm, minimums=Minimums(named=named), resamples=0).curves


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
    """The share not taken down goes down with the hours, in both cases, in the estimate and in its band."""
    rows = [{"left_hours": h, "right_hours": h * 1.7 + 0.1} for h in (0.3, 1.0, 5.0, 23.0, 24.0, 100.0, 700.0)]
    for curve in drawn(table(rows)):
        for column in (curve.low, curve.share, curve.high, curve.band_low, curve.band_high):
            assert list(column) == sorted(column, reverse=True)
        assert all(low <= high for low, high in zip(curve.low, curve.high, strict=True))


def test_all_together_is_the_mean_over_episodes(table):
    """A Provider with three times the Episodes weighs three times as much, and nobody's Episodes weigh nothing."""
    fast = {"left_hours": 1.0, "right_hours": 1.5, "provider_id": "as1"}
    slow = {"left_hours": 400.0, "right_hours": 401.0, "provider_id": "as2"}
    nobody = {"left_hours": 1.0, "right_hours": 1.5, "provider_id": None}
    together, *_ = drawn(table([fast] * 15 + [slow] * 5 + [nobody] * 10))
    assert together.share[together.hours.index(24)] == pytest.approx(0.25)


def test_without_episodes_there_is_no_curve(table):
    """Notices that were not delivered have no course."""
    assert drawn(table([{"status": "undelivered"}])) == ()
