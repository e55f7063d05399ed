"""No figure of a Provider that is too small to be shown follows from what is shown."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model.breakdown import Dimension, GroupFigures
from monitor.model.scorecard import TrendPoint
from monitor.publication import small_cells
from monitor.publication.figures import figures
from monitor.publication.shown import FOLDED, shown

COUNTRIES = ("NL", "DE", None)
sizes = st.lists(st.tuples(st.integers(0, 14), st.sampled_from(COUNTRIES)), min_size=1, max_size=9)
past_sizes = st.lists(st.integers(0, 14), min_size=9, max_size=9)


@pytest.fixture(scope="module")
def of_sizes(make, helpers):
    """A release of Providers with these Episodes and countries, and with these Episodes in the Period before."""

    def made(now, before=(), named=True):
        cards = []
        for at, (n, country) in enumerate(now):
            share = 0.5 if n else None
            row = (f"Aanbieder {at}", 64500 + at, n, min(n, 4), share, share, 0.1, 0.9, "too-few")
            cards.append(replace(helpers["scorecard"](*row), country=country, taken_down=n // 2, rank=None))
        trend = [TrendPoint("2026H1", None, sum(n for n, _ in now) or 1, 0.5, 0.5, 0.5, 0.4, 0.6)]
        trend += [TrendPoint("2026H1", card.provider_id, card.n_episodes, 0.5, 0.5, 0.5) for card in cards]
        if sum(before):
            trend.append(TrendPoint("2025H2", None, sum(before), 0.5, 0.5, 0.5, 0.4, 0.6))
            trend += [TrendPoint("2025H2", f"as{64500 + at}", n, 0.5, 0.5, 0.5) for at, n in enumerate(before) if n]
        groups = tuple(
            country_group(country, cards) for country in COUNTRIES if any(c.country == country for c in cards)
        )
        ranking = helpers["ranking"](cards, trend=trend)
        return make(ranking=ranking, proxies=None, groups=groups, named=named)

    return made


def country_group(country, cards) -> GroupFigures:
    mine = [card for card in cards if card.country == country]
    n = sum(card.n_episodes for card in mine)
    return GroupFigures(
        Dimension.COUNTRY.value, country or "", sum(card.n_episodes > 0 for card in mine), n, n,
        sum(card.taken_down for card in mine), 0.5, 0.4, 0.6, 0.5, 0.5, 20.0, "reached", 10.0, 20.0, 1.0,
    )  # fmt: skip


def published_sums(release) -> tuple[list[set[str]], list[str], set[str]]:
    """Every set of Providers over which an outcome of this Period is published; those with Episodes; those hidden."""
    seen = shown(release)
    part, cards = seen.network, release.ranking.scorecards
    everyone = [card.provider_id for card in cards if card.n_episodes]
    visible = {card.provider_id for card in shown(replace(release, named=True)).network.ranking.scorecards}
    hidden = set(everyone) - visible
    sums = [{key} for key in visible & set(everyone)]
    if part.other is not None and part.other.taken_down is not None:
        sums.append(hidden)
    if any(curve.provider_id is None for curve in part.ranking.curves):
        sums.append(set(everyone))
    if any(point.provider_id is None and point.period == "2026H1" for point in part.ranking.trend):
        sums.append(set(everyone))
    kept = {group.group for group in seen.groups} - {FOLDED}
    for group in seen.groups:
        there = (kept and {group.group}) or set()
        mine = {c.provider_id for c in cards if (c.country or "") in there} if group.group != FOLDED else {
            c.provider_id for c in cards if (c.country or "") not in kept}  # fmt: skip
        sums.append(mine & set(everyone))
    sums.append(visible & set(everyone) if part.withheld else set(everyone))
    return [each for each in sums if each], everyone, hidden


def follows(wanted, sums, everyone) -> bool:
    """Whether the sum over `wanted` is a combination of published sums."""
    rows = np.array([[key in each for key in everyone] for each in sums], float).reshape(-1, len(everyone))
    more = np.vstack([rows, [key in wanted for key in everyone]])
    return bool(np.linalg.matrix_rank(more) == np.linalg.matrix_rank(rows))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(now=sizes, named=st.booleans())
def test_no_small_provider_follows_from_published_sums(of_sizes, now, named):
    """No sum over one or two Providers that are not shown is a combination of rows and totals that are."""
    sums, everyone, hidden = published_sums(of_sizes(now, named=named))
    for n in (1, 2):
        for wanted in combinations(sorted(hidden), n):
            assert not follows(set(wanted), sums, everyone)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(now=sizes, before=past_sizes)
def test_the_trend_of_a_past_period_keeps_its_own_small_cells(of_sizes, now, before):
    """Who was too small then stays hidden then, also against the release of that Period, and has no change."""
    release = of_sizes(now, before[: len(now)])
    seen = shown(release).network.ranking
    points = {p.provider_id: p for p in seen.trend if p.period == "2025H2"}
    then = {f"as{64500 + at}": n for at, n in enumerate(before[: len(now)]) if n}
    rule = small_cells.split(then, release.ranking.minimums)
    assert not rule.hidden & points.keys()
    assert (None in points) == (rule.safe and sum(before[: len(now)]) > 0)
    for card in seen.scorecards:
        if card.provider_id in rule.hidden:
            assert (card.share_previous, card.change) == (None, None)


def test_the_smallest_without_a_rank_joins_those_too_small(of_sizes):
    """Where "other" would be two Providers, the next smallest is added up with them; a larger one is not."""
    seen = shown(of_sizes([(3, "NL"), (4, "NL"), (6, "NL"), (8, "NL"), (40, "NL")]))
    assert [card.n_episodes for card in seen.network.ranking.scorecards] == [8, 40]
    assert (seen.network.n_other, seen.network.other.n_episodes, seen.network.other.taken_down) == (3, 13, 6)
    assert not seen.network.withheld


def test_where_nobody_can_join_outcomes_are_withheld(of_sizes):
    """One small Provider among large ones: its notices are counted, and no outcome of all together is shown."""
    seen = shown(of_sizes([(3, "NL"), (40, "NL"), (50, "DE")]))
    part = seen.network
    assert part.withheld
    assert (part.other.n_episodes, part.other.n_notices) == (3, 3)
    assert {getattr(part.other, name) for name in small_cells.OUTCOMES} == {None}
    assert all(curve.provider_id is not None for curve in part.ranking.curves)
    assert all(point.provider_id is not None for point in part.ranking.trend)
    assert seen.groups == ()
    assert figures(seen).n_counted == 90


def test_providers_without_an_episode_hide_nobody(of_sizes):
    """To be told of is no outcome: those without Episodes do not count as company for those with."""
    assert shown(of_sizes([(3, "NL"), (0, "NL"), (0, "NL"), (40, "NL")])).network.withheld
    assert not shown(of_sizes([(0, "NL"), (40, "NL")])).network.withheld


def test_a_country_of_few_providers_is_added_to_another(of_sizes):
    """A country of two Providers goes with the next smallest, so that what is left does not show it."""
    many = [(20, "NL")] * 4 + [(30, "DE")] * 2 + [(25, None)] * 3
    groups = {group.group: group for group in shown(of_sizes(many)).groups}
    assert groups.keys() == {"NL", FOLDED}
    assert (groups[FOLDED].n_providers, groups[FOLDED].n_episodes, groups[FOLDED].taken_down) == (5, 135, 66)
    assert (groups[FOLDED].within_norm, groups[FOLDED].within_norm_best) == (None, 0.503703704)


def test_a_country_whose_hidden_provider_would_follow_is_added_to_another(of_sizes):
    """A country's total less its shown Providers is never one small Provider."""
    several = [
        (20, "NL"),
        (20, "NL"),
        (20, "NL"),
        (4, "NL"),
        *[(20, "DE")] * 3,
        (2, "DE"),
        *[(30, None)] * 3,
        (3, None),
    ]
    assert {group.group for group in shown(of_sizes(several)).groups} == {FOLDED}


def test_small_site_types_are_added_up(make, named):
    """A site type of fewer than five URLs is no row of its own; that of several has no number of Providers."""

    def group(word, n):  # fmt: skip
        return replace(country_group(None, []), dimension=Dimension.SITE_TYPE.value, group=word, n_episodes=n)

    release = make(groups=(group("website", 90), group("forum", 3), group("blog", 4), group("other", 20)))
    seen = {each.group: each for each in shown(release).groups}
    assert {key: each.n_episodes for key, each in seen.items()} == {"website": 90, "other": 20, FOLDED: 7}
    assert seen[FOLDED].n_providers is None


def test_a_small_count_of_evidence_is_not_told():
    """Neither one to four, nor all but as many, is given as a number."""
    told = {count: small_cells.told(count, 20, 5) for count in (0, 1, 4, 5, 15, 16, 19, 20)}
    assert told == {0: 0, 1: None, 4: None, 5: 5, 15: 15, 16: None, 19: None, 20: 20}
