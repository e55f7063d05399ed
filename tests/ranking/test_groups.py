"""Figures of site types and countries against a plain reading of the rows."""

from dataclasses import replace
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import ranked
from monitor.model.columns import UNKNOWN_AT
from monitor.model.method import Method
from monitor.model.period import Period
from monitor.model.provider import Provider
from monitor.model.scorecard import Minimums, Norm
from monitor.model.selected import encode, select
from monitor.model.words import NoticeKind, Role

PERIOD = Period.parse("2026H1")
REQUEST, ORDER = Norm(NoticeKind.REQUEST, 24.0, 0.8), Norm(NoticeKind.ORDER, 12.0, 1.0)
METHOD = Method("npmle-1", (), (REQUEST, ORDER, replace(REQUEST, hours=48.0, name="sector-48")), Minimums())
PROVIDERS = {key: Provider(key, key, country=land) for key, land in (("as64500", "NL"), ("as64501", "DE"))}
BASIS = ranked.Basis(METHOD, PERIOD, PERIOD.default_cutoff, PROVIDERS)
COUNTRY = {"as64500": "NL", "as64501": "DE", "as64502": ""}


def of(table, rows):
    episodes = table(rows)
    episodes = episodes.take((episodes.role == "network") & (episodes.clock == "request"))
    chosen = select(episodes, clock=NoticeKind.REQUEST, role=Role.NETWORK)
    words = tuple(sorted({word for word in episodes.site_type.tolist() if word}))
    return chosen, ranked.groups(chosen, (encode(episodes.site_type, words).astype(np.int32), words), BASIS)


def naive(rows, chosen_by):
    """By group: counts by plain loops over the rows of one role and clock."""
    made = {}
    for row in rows:
        if row["provider_id"] is not None and row["role"] == "network" and row["clock"] == "request":
            made.setdefault(chosen_by(row), []).append(row)
    return {group: counts(mine) for group, mine in made.items()}


def counts(rows):
    episodes = [row for row in rows if row["status"] == "episode"]
    delays = [row["notified_at"] - row["reported_at"] for row in episodes if row["reported_at"] != UNKNOWN_AT]
    told = {(row["provider_id"], row["target_id"]) for row in rows if row["status"] in ("episode", "before_notice")}
    return {
        "n_providers": len({row["provider_id"] for row in episodes}),
        "n_notices": len(told),
        "n_episodes": len(episodes),
        "taken_down": sum(row["end"] == "takedown" for row in episodes),
        "exposure_hours_low": pytest.approx(sum(row["exposure_low_hours"] for row in episodes), abs=1e-5),
        "exposure_hours_high": pytest.approx(sum(row["exposure_high_hours"] for row in episodes), abs=1e-5),
        "report_to_notice_median_hours": round(median(delays) / 3.6e9, 9) if delays else None,
    }


@given(data=st.data())
@settings(derandomize=True, max_examples=30, deadline=None)
def test_groups_equal_a_row_by_row_reading(table, random_rows, data):
    """Every count of every site type and country equals plain loops; a group that nobody was told of is left out."""
    kinds = st.sampled_from([None, "forum", "blog"])
    rows = [{**row, "site_type": data.draw(kinds)} for row in data.draw(random_rows)]
    columns = {name: column.tolist() for name, column in table(rows).arrays().items()}
    whole = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    _, found = of(table, rows)
    readings = {"site-type": lambda row: row["site_type"] or "", "country": lambda row: COUNTRY[row["provider_id"]]}
    for dimension, by in readings.items():
        expected = {group: each for group, each in naive(whole, by).items() if each["n_notices"]}
        mine = {each.group: each for each in found if each.dimension == dimension}
        assert mine.keys() == expected.keys()
        for group, each in expected.items():
            assert {name: getattr(mine[group], name) for name in each} == each


@given(data=st.data())
@settings(derandomize=True, max_examples=30, deadline=None)
def test_the_groups_of_one_dimension_add_up_to_the_scorecards(table, random_rows, data):
    """Episodes, takedowns and bounds of all site types, and of all countries, are those of all Providers together."""
    rows = [{**row, "site_type": data.draw(st.sampled_from([None, "forum"]))} for row in data.draw(random_rows)]
    chosen, found = of(table, rows)
    cards = ranked.ranked(chosen, ranked.measured(chosen, REQUEST, BASIS, resamples=0), BASIS).scorecards
    for dimension in ("site-type", "country"):
        mine = [each for each in found if each.dimension == dimension]
        for name in ("n_episodes", "taken_down"):
            assert sum(getattr(each, name) for each in mine) == sum(getattr(card, name) for card in cards)
        for name in ("within_norm_worst", "within_norm_best"):
            parts = (sum((getattr(each, name) or 0.0) * each.n_episodes for each in of_all) for of_all in (mine, cards))
            assert next(parts) == pytest.approx(next(parts), abs=1e-6)


def test_a_country_is_the_mean_of_the_scorecards_of_its_providers(table):
    """Its share is theirs, weighted by their Episodes, and its notices are the sum of theirs."""
    rows = [{"provider_id": key, "target_id": n, "left_hours": n, "right_hours": n + step, "cluster_id": n}
            for key, step in (("as64500", 9.0), ("as64501", 30.0), ("as64502", 2.0)) for n in range(20)]  # fmt: skip
    both = {"as64500": Provider("as64500", "A", country="NL"), "as64501": Provider("as64501", "B", country="NL")}
    basis = replace(BASIS, providers=both)
    chosen = select(table(rows), clock=NoticeKind.REQUEST, role=Role.NETWORK)
    nothing = (np.full(len(rows), -1, np.int32), ())
    dutch = next(each for each in ranked.groups(chosen, nothing, basis) if each.group == "NL")
    cards = ranked.ranked(chosen, ranked.measured(chosen, REQUEST, basis, resamples=0), basis).scorecards
    mine = [card for card in cards if card.country == "NL"]
    assert dutch.n_notices == sum(card.n_notices for card in mine) == 40
    assert dutch.within_norm == pytest.approx(sum(card.within_norm for card in mine) / 2, abs=2e-9)


def test_most_episodes_come_first_and_what_is_not_known_last(table):
    """Ties go by the word."""
    kinds = [None] * 5 + ["forum"] * 2 + ["blog"] * 2 + ["archive"]
    _, found = of(table, [{"site_type": kind, "target_id": n} for n, kind in enumerate(kinds)])
    assert [each.group for each in found if each.dimension == "site-type"] == ["blog", "forum", "archive", ""]


def test_another_norm_takes_over_the_limits_of_median_and_mean(table):
    """With 45 days of notices they are drawn: once, and the Ranking under a norm of its own is then the same."""
    rng = np.random.default_rng(5)
    rows = [{"target_id": n, "cluster_id": n % 45, "left_hours": left, "right_hours": left + 12.0}
            for n, left in enumerate(rng.exponential(20.0, 60).tolist())]  # fmt: skip
    chosen = select(table(rows), clock=NoticeKind.REQUEST, role=Role.NETWORK)
    norms = (REQUEST, METHOD.norm("sector-48"))
    primary, other = ranked.under_norms(norms, chosen, BASIS)
    alone = next(ranked.under_norms(norms[1:], chosen, BASIS))
    again = next(ranked.under_norms(norms[1:], chosen, BASIS, like=primary))
    assert other == alone == again
    assert (other.norm.name, other.trend, other.curves) == ("sector-48", (), ())
    assert other.scorecards[0].within_norm > primary.scorecards[0].within_norm
    no_draws = ranked.ranked(chosen, ranked.measured(chosen, REQUEST, BASIS, resamples=0), BASIS)
    assert no_draws.scorecards[0].median_low != primary.scorecards[0].median_low
