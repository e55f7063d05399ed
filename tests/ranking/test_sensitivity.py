"""The same Period read in other ways: each reading by hand, and what must hold of all of them."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.episode import EpisodeTable
from monitor.model.measurement import ClusterSums, Estimates, Measurement
from monitor.model.period import Period
from monitor.model.scorecard import Minimums, Norm
from monitor.model.selected import ENDS, Selected, select
from monitor.model.sensitivity import SensitivityChoice, SensitivityReading, SensitivitySummary, summaries
from monitor.model.words import NoticeKind, Role
from monitor.ranking.sensitivity import (
    first_takedown,
    readings,
    site_clusters,
    tail_online,
    tail_removed,
    variants,
    week_earlier,
    without_pages,
)
from monitor.survival.bounds import bounds_of_norm, intervals_of

CUTOFF = datetime(2026, 3, 11, 12, tzinfo=UTC)  # 240 hours after the notice of the plain row
NOBODY = ClusterSums(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0))
Table = Callable[[Sequence[dict[str, Any]]], EpisodeTable]


def chosen(table: Table, *rows: dict[str, Any], clock: NoticeKind = NoticeKind.REQUEST) -> Selected:
    return select(table(rows), clock=clock, role=Role.NETWORK)


def course(one: Selected, place: int = 0) -> tuple[str, float, float, float, bool]:
    rows = one.rows
    end = ENDS[rows.end[place]]
    return end, rows.left_hours[place], rows.right_hours[place], rows.weight[place], bool(rows.gap_at_notice[place])


def open_end(**changed: Any) -> dict[str, Any]:
    """An Episode whose end was not seen, inconclusive since 8 hours after the notice."""
    plain = {"end": "censored", "left_hours": 5.0, "right_hours": inf, "tail_from_hours": 8.0}
    return {**plain, "last_outcome": "inconclusive", **changed}


def test_the_first_takedown_ends_an_episode_that_came_back(table: Table) -> None:
    """Whatever ended it later: another takedown, a move, or nothing that was seen."""
    first = {"first_left_hours": 3.0, "first_right_hours": 4.0, "left_hours": 50.0}
    later = [("takedown", 60.0), ("move", 60.0), ("domain", 60.0), ("censored", inf)]
    for end, right in later:
        one = first_takedown(chosen(table, {**first, "end": end, "right_hours": right}))
        assert course(one) == ("takedown", 3.0, 4.0, 1.0, False)


def test_an_end_before_the_first_takedown_stays(table: Table) -> None:
    """The name went first; what was taken down later, when it was back, is another story."""
    row = {
        "end": "domain",
        "left_hours": 1.0,
        "right_hours": 2.0,
        "first_left_hours": 400.0,
        "first_right_hours": 401.0,
    }
    assert course(first_takedown(chosen(table, row))) == ("domain", 1.0, 2.0, 1.0, False)


def test_a_gap_whose_only_takedown_is_the_end_keeps_its_weight(table: Table) -> None:
    """The same takedown is no earlier one."""
    row = {"left_hours": 0.0, "right_hours": 4.0, "first_left_hours": 0.0, "first_right_hours": 4.0}
    gap = {**row, "gap_at_notice": True, "weight": 0.5, "lower0_hours": -4.0}
    assert course(first_takedown(chosen(table, gap))) == ("takedown", 0.0, 4.0, 0.5, True)


def test_an_inconclusive_tail_is_removed_at_its_first_reading(table: Table) -> None:
    """Taken down in (last ONLINE, first reading of the tail]."""
    assert course(tail_removed(chosen(table, open_end()))) == ("takedown", 5.0, 8.0, 1.0, False)


def test_an_inconclusive_tail_is_held_online_to_the_cut_off(table: Table) -> None:
    """Not seen to end, with the last ONLINE at the cut-off."""
    assert course(tail_online(chosen(table, open_end()), CUTOFF)) == ("censored", 240.0, inf, 1.0, False)


@pytest.mark.parametrize(
    "row",
    [
        open_end(last_outcome="online", tail_from_hours=nan),
        open_end(tail_from_hours=nan),
        {"end": "takedown"},
        {"status": "undelivered", "tail_from_hours": 8.0},
    ],
    ids=["online to the last", "nothing after the last reading", "ended", "no Episode"],
)
def test_what_has_no_tail_is_left_as_it_is(table: Table, row: dict[str, Any]) -> None:
    """Neither reading of the tail touches it."""
    before = chosen(table, row)
    for after in (tail_removed(before), tail_online(before, CUTOFF)):
        np.testing.assert_equal(course(after), course(before))


def test_page_targets_are_no_episodes_without_pages(table: Table) -> None:
    """The other rows are what they were, and the published rows are not touched."""
    before = chosen(table, {"page_target": True}, {}, {"page_target": True, "status": "undelivered"})
    after = without_pages(before)
    assert after.is_episode.tolist() == [False, True, False]
    assert before.is_episode.tolist() == [True, True, False]


def shares(one: Selected, hours: float) -> tuple[int, int, int, int]:
    bounds = bounds_of_norm(intervals_of(one), hours)
    return tuple(int(each.sum()) for each in bounds.arrays().values())  # type: ignore[return-value]


@given(data=st.data())
@settings(derandomize=True, max_examples=150, deadline=None)
def test_the_published_bounds_lie_between_the_two_tails(data: st.DataObject, table: Table, random_rows: Any) -> None:
    """Held online, as published, removed: no bound goes down from one to the next, at any hour, on either clock."""
    rows = data.draw(random_rows)
    for row in rows:
        if row.get("end") == "censored" and data.draw(st.booleans()):
            row["tail_from_hours"] = row["left_hours"] + data.draw(st.sampled_from([0.0, 0.5, 12.0, 30.0]))
    clock = data.draw(st.sampled_from(NoticeKind))
    published = chosen(table, *rows, clock=clock)
    for hours in (1.0, 12.0, 24.0, 168.0):
        readings_of_tail = (tail_online(published, CUTOFF), published, tail_removed(published))
        online, as_is, removed = (shares(each, hours) for each in readings_of_tail)
        assert all(a <= b <= c for a, b, c in zip(online, as_is, removed, strict=True))


@given(data=st.data())
@settings(derandomize=True, max_examples=60, deadline=None)
def test_every_variant_keeps_rows_providers_and_intervals_in_order(
    data: st.DataObject, table: Table, random_rows: Any
) -> None:
    """As many rows for the same Providers, each interval's left end not after its right end."""
    published = chosen(table, *data.draw(random_rows))
    for _, one in variants(published, CUTOFF):
        assert one.ids == published.ids
        assert len(one.rows) == len(published.rows)
        episodes = one.rows.take(one.is_episode)
        assert bool((episodes.left_hours <= episodes.right_hours).all())


def test_the_variants_are_the_four_that_the_same_rows_give(table: Table) -> None:
    """Each with its word; the other three choices come from elsewhere."""
    found = [choice for choice, _ in variants(chosen(table, {}), CUTOFF)]
    assert found == ["first-takedown", "tail-removed", "tail-online", "without-pages"]
    assert set(SensitivityChoice) - set(found) == {"site-clusters", "role-as", "cutoff-week-earlier"}


def test_a_week_before_the_cut_off_is_warned_of_where_it_is_early() -> None:
    """From 73 hours after the Period on there is nothing to say; the default cut-off leaves 24 days."""
    period = Period.parse("2026H1")
    week = timedelta(days=7)
    assert week_earlier(period, period.default_cutoff) == (period.default_cutoff - week, None)
    limit = period.end + timedelta(hours=73) + week
    assert week_earlier(period, limit)[1] is None
    early = week_earlier(period, limit - timedelta(seconds=1))[1]
    assert early is not None and "73 hours" in early


def measured(ids: Sequence[str], **columns: Sequence[float]) -> Measurement:
    """A Measurement of which only the given columns are known."""
    n = len(ids)
    blank = {field.name: np.full(n, nan) for field in fields(Estimates)}
    whole = ("n_episodes", "n_clusters", "worst", "best")
    known = {name: np.array(column, np.int64 if name in whole else np.float64) for name, column in columns.items()}
    return Measurement(
        Norm(NoticeKind.REQUEST, 24.0, 0.8), tuple(ids), Estimates(**{**blank, **known}), NOBODY, None, None
    )


THREE = measured(
    ["as64500", "as64501", "as64502"],
    n_episodes=[40, 0, 3],
    n_clusters=[10, 0, 1],
    worst=[10, 0, 1],
    best=[30, 0, 3],
    norm=[0.5, nan, 2 / 3],
    norm_low=[0.4, nan, nan],
    norm_high=[0.6, nan, nan],
    site_low=[0.1, nan, nan],
    site_high=[0.9, nan, nan],
    meets_limit=[0.2, nan, 0.9],
    below_limit=[0.7, nan, 0.95],
    site_meets_limit=[0.1, nan, 0.9],
    site_below_limit=[0.85, nan, 0.95],
)


def test_a_reading_gives_shares_limits_and_class_of_each_provider_with_episodes() -> None:
    """One without Episodes has none; one below the minimums has figures and no class."""
    found = readings(SensitivityChoice.TAIL_REMOVED, THREE, Minimums())
    assert found == (
        SensitivityReading("tail-removed", "as64500", 40, 0.5, 0.4, 0.6, 0.25, 0.75, "below"),
        SensitivityReading("tail-removed", "as64502", 3, 0.666667, None, None, 0.333333, 1.0, "too-few"),
    )


def test_sites_as_clusters_change_limits_and_class_and_no_share() -> None:
    """The site-clustered limits take the place of the published ones."""
    first = site_clusters(THREE, Minimums())[0]
    assert first == SensitivityReading("site-clusters", "as64500", 40, 0.5, 0.1, 0.9, 0.25, 0.75, "not-proven")


def test_classes_that_differ_are_counted_by_how() -> None:
    """Turned into another, gained, lost; too few is no class, and who is nowhere judged does not count."""
    published = {"a": "below", "b": "meets", "c": "not-proven", "d": "too-few", "e": "too-few", "f": "meets"}
    now = {"a": "below", "b": "not-proven", "c": "too-few", "d": "meets", "e": "too-few"}
    one = SensitivityReading("role-as", "", 10, None, None, None, None, None, "")
    found = [replace(one, provider_id=name, class_=class_) for name, class_ in now.items()]
    assert summaries(published, found) == (SensitivitySummary("role-as", 5, 4, 1, 1, 2),)
