"""How a Ranking depends on a choice: what counts as changed, against counting by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from monitor.model.comparison import Compared, Comparison
from monitor.model.episode import EpisodeTable
from monitor.model.scorecard import Minimums, Ranking
from monitor.model.words import Role
from monitor.ranking.comparison import Reading, compare, compare_methods

SMALL = Minimums(episodes=2, clusters=1, named=1)


@pytest.fixture
def compared(table: Callable[..., EpisodeTable], rank: Callable[..., Ranking]) -> Callable[..., Comparison]:
    """A Comparison of readings given as lists of rows."""

    def made(*readings: list[dict[str, Any]], role: Role = Role.NETWORK) -> Comparison:
        tables = [table(rows) for rows in readings]
        return compare(
            Compared.REFDATA,
            [Reading(f"reading {n}", rows, rank(rows, role=role, minimums=SMALL)) for n, rows in enumerate(tables)],
        )

    return made


def test_a_reading_against_itself_changes_nothing(compared: Callable[..., Comparison]) -> None:
    """The first choice is held against itself: no attribution and no class differ, and the order is the same."""
    rows = [{"provider_id": "as64500"}] * 3 + [{"provider_id": "as64501", "right_hours": 100.0}] * 3
    first = compared(rows).choices[0]
    assert (first.n_attributions, first.n_changed, first.n_classes_changed) == (6, 0, 0)
    assert first.rank_correlation == pytest.approx(1.0)


def test_changed_attributions_are_counted_by_notified_target(compared: Callable[..., Comparison]) -> None:
    """Two of four Targets are booked on somebody else; one of them on nobody."""
    before = [{"provider_id": "as64500"}] * 4
    after = [{"provider_id": p} for p in ("as64500", "as64501", None, "as64500")]
    choice = compared(before, after).choices[1]
    assert (choice.n_attributions, choice.n_changed, choice.n_unattributed) == (4, 2, 1)


def test_a_target_booked_on_a_proxy_in_one_reading_counts_as_changed(compared: Callable[..., Comparison]) -> None:
    """The same provider id in the role proxy is another attribution than in the role network."""
    choice = compared([{}, {}], [{}, {"role": "proxy"}]).choices[1]
    assert (choice.n_changed, choice.n_proxied) == (1, 1)


def test_targets_of_one_reading_only_are_counted_apart(compared: Callable[..., Comparison]) -> None:
    """A row that the other reading lacks is neither equal nor changed."""
    choice = compared([{}, {}, {}], [{}, {}]).choices[1]
    assert (choice.n_attributions, choice.n_only_here, choice.n_only_there) == (2, 0, 1)


def test_classes_count_only_where_there_are_enough_episodes(compared: Callable[..., Comparison]) -> None:
    """A provider that is too small in both readings has no class that could change."""
    slow = [{"provider_id": "as64500", "left_hours": 90.0, "right_hours": 100.0, "cluster_id": n} for n in range(40)]
    quick = [{**row, "left_hours": 1.0, "right_hours": 2.0} for row in slow]
    lone = [{"provider_id": "as64501"}]
    found = compared(slow + lone, quick + lone)
    assert (found.choices[1].n_classes, found.choices[1].n_classes_changed) == (1, 1)
    assert found.choices[1].n_classes_turned == 1
    assert compared(slow, lone).choices[1].n_classes_turned == 0
    assert [(each.provider_id, each.changes_class) for each in found.providers] == [("as64500", True)]
    assert [standing.class_ for standing in found.providers[0].standings if standing] == ["below", "meets"]


def test_the_order_turned_round_has_correlation_minus_one(compared: Callable[..., Comparison]) -> None:
    """Kendall's tau-b of three providers in the opposite order."""
    shares = {"as64500": 0, "as64501": 5, "as64502": 10}

    def rows(within: dict[str, int]) -> list[dict[str, Any]]:
        return [
            {"provider_id": p, "left_hours": 1.0 if k < n else 90.0, "right_hours": 2.0 if k < n else 100.0}
            for p, n in within.items()
            for k in range(10)
        ]

    turned = dict(zip(shares, reversed(shares.values()), strict=True))
    assert compared(rows(shares), rows(turned)).choices[1].rank_correlation == pytest.approx(-1.0)


def test_rows_of_another_clock_or_role_do_not_count(compared: Callable[..., Comparison]) -> None:
    """Orders and the role site have no part in a comparison of requests by network."""
    choice = compared([{}, {"clock": "order"}, {"role": "site", "provider_id": "site1"}], [{}, {}, {}]).choices[0]
    assert choice.n_attributions == 1


def test_figures_of_two_methods_are_compared_over_the_same_rows(
    table: Callable[..., EpisodeTable], rank: Callable[..., Ranking]
) -> None:
    """No attribution differs; the class that the other method gave does, and both shares are shown."""
    rows = [{"provider_id": "as64500", "cluster_id": n} for n in range(40)]
    rows += [{"provider_id": "as64501"}, {"role": "proxy"}, {"status": "undelivered"}, {"clock": "order"}]
    again = rank(table(rows), minimums=SMALL)
    frozen = tuple(replace(card, class_="not-proven", within_norm=None) for card in again.scorecards)
    found = compare_methods(again, frozen, "bounds-1", n_proxied=1)
    first, second = found.choices
    assert (found.by, first.name, second.name) == ("method", "as frozen, bounds-1", f"measured again, {again.method}")
    assert (second.n_attributions, second.n_changed, second.n_proxied) == (43, 0, 1)
    assert (second.n_classes, second.n_classes_changed, second.n_classes_turned) == (2, 2, 1)
    standings = found.providers[0].standings
    assert [(each.class_, each.within_norm) for each in standings if each] == [("not-proven", None), ("meets", 1.0)]
