"""Change against the Period before: what is kept of it, how it is joined to the Scorecards, and every kind of break."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from math import nan
from typing import Any

import numpy as np
import pytest

from monitor.model.columns import Floats
from monitor.model.episode import EpisodeTable
from monitor.model.measurement import ClusterSums, Estimates, Measurement
from monitor.model.method import Method
from monitor.model.period import Period
from monitor.model.previous import Before, Break, PeriodFacts, Previous, PreviousCluster, aligned
from monitor.model.scorecard import Minimums, Norm, Ranking, Scorecard, Totals
from monitor.model.words import NoticeKind, Role
from monitor.ranking.change import breaks, period_facts, previous_of, with_changes
from monitor.ranking.trend import trend_points

Table = Callable[[Sequence[dict[str, Any]]], EpisodeTable]
NORM = Norm(NoticeKind.REQUEST, 24.0, 0.8)
METHOD = Method("npmle-1", (), (NORM,), rule_version="episodes-2")
FACTS = PeriodFacts(
    "2025H2",
    "2026-02-01",
    "request",
    "npmle-1",
    "episodes-2",
    24.0,
    100,
    (("hotline", 90), ("other", 10)),
    1.0,
    40,
    9.0,
)


def sums(*rows: tuple[int, int, float, float]) -> ClusterSums:
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    kinds = (np.int32, np.int64, np.float64, np.float64)
    return ClusterSums(*(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)))


def measured(ids: Sequence[str], clusters: ClusterSums, **columns: Sequence[float]) -> Measurement:
    """A Measurement of which only the given columns are known."""
    blank = {field.name: np.full(len(ids), nan) for field in fields(Estimates)}
    counts = {name: np.zeros(len(ids), np.int64) for name in ("n_episodes", "n_clusters", "worst", "best")}
    known = {name: np.array(column, counts.get(name, blank["norm"]).dtype) for name, column in columns.items()}
    return Measurement(NORM, tuple(ids), Estimates(**{**blank, **counts, **known}), clusters, None, None)


LAST = measured(
    ["as64500", "as64501", "as64502"],
    sums(*[(0, 1, 1.0, 0.5)] * 40, (1, 6, 5.5, 3.0), (1, 4, 4.0, 1.0)),
    n_episodes=[40, 10, 0],
    n_clusters=[40, 2, 0],
    worst=[10, 3, 0],
    best=[30, 5, 0],
    norm=[0.5, 0.4, nan],
    norm_range_low=[0.5, 0.3, nan],
    norm_range_high=[0.5, 0.45, nan],
    norm_low=[0.35, 0.2, nan],
    norm_high=[0.65, 0.7, nan],
    n_effective=[40.0, 8.0, nan],
)
NOW = measured(
    ["as64499", "as64500", "as64501"],
    sums((0, 5, 5.0, 5.0), (1, 5, 5.0, 4.0), (2, 5, 5.0, 1.0)),
    n_episodes=[5, 5, 5],
    n_clusters=[1, 1, 1],
    norm=[1.0, 0.8, 0.2],
)
PREVIOUS = previous_of([replace(FACTS, period="2026H1")], [FACTS], [(Role.NETWORK, LAST)])


def ranking(*ids: str, norm: Norm = NORM, **changed: Any) -> Ranking:
    blank: dict[str, Any] = dict.fromkeys((field.name for field in fields(Scorecard)), None)
    cards = tuple(Scorecard(**{**blank, "provider_id": one, "provider": one, "n_episodes": 5}) for one in ids)
    period, cutoff = Period.parse("2026H1"), datetime(2026, 8, 1, tzinfo=UTC)
    totals = Totals(5, 5, 0, 0, 0, 0, 0, len(ids))
    made = Ranking(period, cutoff, norm, Role.NETWORK, "npmle-1", "", Minimums(), totals, cards)
    return replace(made, **changed)


def interval(now: Measurement, before: Before, clusters: ClusterSums) -> tuple[Floats, Floats]:
    """Stands for the interval that survival makes: a tenth around the change."""
    change = now.estimates.norm - before.share
    return change - 0.1, change + 0.1


def shown(card: Scorecard) -> tuple[float | bool | None, ...]:
    return (card.share_previous, card.change, card.change_low, card.change_high, card.method_break)


def test_each_scorecard_gets_the_share_before_and_the_change() -> None:
    """By provider id, whatever the order; one without Episodes before, or not measured now, gets nothing."""
    found = with_changes(ranking("as64501", "as64499", "as64500", "as64503"), NOW, PREVIOUS, interval)
    by_id = {card.provider_id: shown(card) for card in found.scorecards}
    assert by_id["as64500"] == (0.5, 0.3, 0.2, 0.4, False)
    assert by_id["as64501"] == (0.4, -0.2, -0.3, -0.1, False)
    assert by_id["as64499"] == by_id["as64503"] == (None,) * 5
    assert [card.provider_id for card in found.scorecards] == ["as64501", "as64499", "as64500", "as64503"]


def test_the_interval_is_asked_for_with_the_period_before_in_the_order_of_now() -> None:
    """Shares, ranges and limits by the places of this Period's Providers; clusters of those with 40 of them."""
    asked: list[tuple[Before, ClusterSums]] = []

    def spied(now: Measurement, before: Before, clusters: ClusterSums) -> tuple[Floats, Floats]:
        asked.append((before, clusters))
        return interval(now, before, clusters)

    with_changes(ranking("as64500"), NOW, PREVIOUS, spied)
    before, clusters = asked[0]
    assert before.n_clusters.tolist() == [0, 40, 2]
    np.testing.assert_equal(before.share, [nan, 0.5, 0.4])
    np.testing.assert_equal(before.range_low, [nan, 0.5, 0.3])
    np.testing.assert_equal(before.range_high, [nan, 0.5, 0.45])
    np.testing.assert_equal(before.low, [nan, 0.35, 0.2])
    np.testing.assert_equal(before.high, [nan, 0.65, 0.7])
    assert (clusters.provider.tolist(), clusters.n.tolist()) == ([1] * 40, [1] * 40)
    assert (clusters.weight.sum(), clusters.inside.sum()) == (40.0, 20.0)


def test_what_is_kept_of_the_period_before_is_one_share_a_provider_with_episodes() -> None:
    """With bounds over the same denominator; clusters only of those with at least 40."""
    assert [share.provider_id for share in PREVIOUS.shares] == ["as64500", "as64501"]
    assert (PREVIOUS.shares[1].worst, PREVIOUS.shares[1].best, PREVIOUS.shares[1].n_effective) == (0.3, 0.5, 8.0)
    assert PREVIOUS.clusters == (PreviousCluster("network", "request", "as64500", 1, 1.0, 0.5),) * 40


def test_another_role_or_clock_has_its_own_period_before() -> None:
    """Shares by network are none of the holder of the AS."""
    before, clusters = aligned(PREVIOUS, ["as64500"], Role.AS, NoticeKind.REQUEST)
    assert (before.n_clusters.tolist(), len(clusters)) == ([0], 0)
    found = with_changes(ranking("as64500", role=Role.AS), NOW, PREVIOUS, interval)
    assert shown(found.scorecards[0]) == (None,) * 5


def test_without_anything_before_the_ranking_is_as_it_was() -> None:
    """No facts of the Period before on this clock: nothing to compare with."""
    made = ranking("as64500")
    assert with_changes(made, NOW, Previous(PREVIOUS.now, (), PREVIOUS.shares), interval) == made


def test_a_break_is_shown_beside_the_change() -> None:
    """The reader sees both."""
    other = replace(PREVIOUS, before=(replace(FACTS, bracket_hours=24.0),))
    found = with_changes(ranking("as64500"), NOW, other, interval)
    assert shown(found.scorecards[0]) == (0.5, 0.3, 0.2, 0.4, True)


def test_a_ranking_by_a_later_method_breaks_with_what_was_measured_before() -> None:
    """The Period before was measured by the method of the freeze, whatever is in force now."""
    found = with_changes(ranking("as64500", method="npmle-2"), NOW, PREVIOUS, interval)
    assert found.scorecards[0].method_break is True


def test_under_another_norm_there_is_no_change() -> None:
    """Shares within 24 and within 48 hours answer different questions."""
    found = with_changes(ranking("as64500", norm=replace(NORM, hours=48.0)), NOW, PREVIOUS, interval)
    assert shown(found.scorecards[0]) == (0.5, None, None, None, True)


BREAKS = {
    "nothing": ({}, ()),
    "another method": ({"method": "bounds-1"}, (Break.METHOD,)),
    "other rules": ({"rule_version": "episodes-1"}, (Break.METHOD,)),
    "checks twice as far apart": ({"bracket_hours": 2.0}, ()),
    "checks further apart than that": ({"bracket_hours": 2.1}, (Break.SCHEDULE,)),
    "checks closer than half": ({"bracket_hours": 0.4}, (Break.SCHEDULE,)),
    "exact times": ({"bracket_hours": 0.0}, (Break.SCHEDULE,)),
    "checks of which too few tell": ({"bracket_hours": 9.0, "n_brackets": 9}, ()),
    "no check that tells": ({"bracket_hours": None, "n_brackets": 0}, ()),
    "a source less": ({"sources": (("hotline", 100),)}, (Break.COVERAGE,)),
    "a source more": ({"sources": (("hotline", 85), ("other", 10), ("new", 5))}, (Break.COVERAGE,)),
    "a small source more": ({"sources": (("hotline", 86), ("other", 10), ("new", 4))}, ()),
    "a source that shrank": ({"sources": (("hotline", 98), ("other", 2))}, ()),
    "a source with 20 points more": ({"sources": (("hotline", 70), ("other", 30))}, ()),
    "a source with 21 points more": ({"sources": (("hotline", 69), ("other", 31))}, (Break.COVERAGE,)),
    "other hours": ({"norm_hours": 12.0}, (Break.NORM,)),
    "all of it": (
        {"method": "x", "bracket_hours": 9.0, "sources": (("new", 100),), "norm_hours": 1.0},
        (Break.METHOD, Break.SCHEDULE, Break.COVERAGE, Break.NORM),
    ),
}


@pytest.mark.parametrize(("changed", "expected"), BREAKS.values(), ids=BREAKS)
def test_every_reason_why_two_periods_do_not_compare(changed: dict[str, Any], expected: tuple[Break, ...]) -> None:
    """Each by itself, at its limit and past it, and the same in either direction."""
    other = replace(FACTS, **changed)
    assert breaks(FACTS, other) == breaks(other, FACTS) == expected


def facts(rows: EpisodeTable, norm: Norm = NORM) -> PeriodFacts | None:
    period = Period.parse("2026H1")
    return period_facts(rows, period=period, cutoff=period.default_cutoff, method=METHOD, norm=norm)


def test_how_a_period_was_measured_is_counted_over_its_episodes(table: Table) -> None:
    """Sources, most first; the brackets around the norm; checks. Other clocks, roles and statuses do not count."""
    around = {"left_hours": 23.5, "right_hours": 24.5}
    rows = [
        {"source": "a", **around, "n_checks": 1},
        {"source": "b", "left_hours": 20.0, "right_hours": 24.0, "n_checks": 2},
        {"source": "b", "left_hours": 24.0, "right_hours": 30.0, "n_checks": 9},  # begins at the norm: after it
        {"source": "b", **around, "end": "censored", "n_checks": 4},
        {"source": "c", **around, "gap_at_notice": True, "n_checks": 5},
        {"source": "c", **around, "clock": "order"},
        {"source": "c", **around, "role": "as"},
        {"source": "c", **around, "status": "undelivered"},
    ]
    found = facts(table(rows))
    assert found is not None
    assert (found.sources, found.n_episodes) == ((("b", 3), ("a", 1), ("c", 1)), 5)
    assert (found.bracket_hours, found.n_brackets, found.n_checks) == (2.5, 2, 4.0)
    assert (found.period, found.method, found.rule_version, found.norm_hours) == ("2026H1", "npmle-1", "episodes-2", 24)


def test_around_an_order_the_brackets_are_those_of_its_own_deadline(table: Table) -> None:
    """Without a deadline that is known there is none."""
    rows = [
        {"clock": "order", "deadline_hours": 1.0, "left_hours": 0.5, "right_hours": 1.5},
        {"clock": "order", "deadline_hours": 12.0, "left_hours": 0.5, "right_hours": 1.5},
        {"clock": "order", "left_hours": 11.0, "right_hours": 13.0},
    ]
    found = facts(table(rows), Norm(NoticeKind.ORDER, 12.0, 1.0))
    assert found is not None and (found.bracket_hours, found.n_brackets) == (1.0, 1)


def test_a_period_without_episodes_has_no_facts(table: Table) -> None:
    """Nothing was measured."""
    assert facts(table([{"status": "undelivered"}])) is None


def card(provider_id: str, n: int, share: float | None, low: float | None, high: float | None) -> Scorecard:
    blank = ranking(provider_id).scorecards[0]
    bounds = {"within_norm_worst": 0.25, "within_norm_best": 0.75}
    limits = {"within_norm": share, "within_norm_low": low, "within_norm_high": high}
    return replace(blank, n_episodes=n, **bounds, **limits)  # type: ignore[arg-type]


def test_the_trend_of_all_is_the_mean_of_the_shares_by_episodes() -> None:
    """Shares 0.2 of 30 and 0.6 of 10: 0.3; limits a root of squares away, 0.75 x 0.1 and 0.25 x 0.4 down."""
    cards = (
        card("as64501", 10, 0.6, 0.2, 1.0),
        card("as64500", 30, 0.2, 0.1, 0.4),
        card("as64502", 0, None, None, None),
    )
    points = trend_points(ranking(scorecards=cards), (Break.SCHEDULE,))
    together = points[0]
    assert [point.provider_id for point in points] == [None, "as64500", "as64501"]
    assert (together.share, together.low, together.n_episodes) == (0.3, 0.175, 40)
    assert together.high == pytest.approx(0.3 + np.hypot(0.15, 0.1), abs=1e-6)
    assert (points[1].share, points[1].low, points[1].high) == (0.2, 0.1, 0.4)
    assert all(point.break_before and point.breaks == ("schedule",) for point in points)


def test_the_trend_of_scorecards_without_estimates_has_bounds_alone() -> None:
    """As a freeze of an earlier method gives them; and no break is said where none is known."""
    together, one = trend_points(ranking(scorecards=(card("as64500", 4, None, 0.1, 0.9),)))
    assert (together.worst, together.best, together.share, together.low) == (0.25, 0.75, None, None)
    assert (one.share, one.low, one.high, one.break_before) == (None, None, None, False)
