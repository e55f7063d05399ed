"""The vectorised counts against a plain reading of the rules, row by row, on random tables."""

from dataclasses import fields
from math import isnan
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.columns import UNKNOWN_AT
from monitor.model.scorecard import Minimums, Norm, Scorecard
from monitor.model.words import NoticeKind, Role

REQUEST, ORDER = Norm(NoticeKind.REQUEST, 24.0, 0.8), Norm(NoticeKind.ORDER, 12.0, 1.0)
SEVERAL = settings(derandomize=True, max_examples=80, deadline=None)


def as_rows(episodes):
    columns = {name: column.tolist() for name, column in episodes.arrays().items()}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def naive_case(row, norm, ends, case):
    """Whether the row's end is within its limit; written from section 2, one row at a time."""
    limit = norm.hours
    if row["clock"] == "order":
        limit = row["deadline_hours"]
        if isnan(limit):
            if case == "worst":
                return False
            limit = 12.0
    left, right = row["left_hours"], row["right_hours"]
    if row["gap_at_notice"]:
        return case == "best"
    if row["end"] not in ends:
        return case == "best" and row["end"] == "censored" and left < limit
    if left == right:
        return left <= limit
    return right <= limit if case == "worst" else left < limit


def booked_by_as(row):
    """Whether the row's AS number is that of whom it names."""
    return (
        row["role"] in ("as", "proxy")
        or row["rule_version"] == "episodes-1"
        or "as-stands-in" in (row["attribution_doubts"] or "").split(";")
    )


def naive(rows, norm, provider):
    """A Provider's counts and shares, by plain loops."""
    mine = [r for r in rows if r["provider_id"] == provider]
    episodes = [r for r in mine if r["status"] == "episode"]
    n = len(episodes)

    def many(condition, among=episodes):
        return sum(1 for r in among if condition(r))

    def share(ends, case):
        return round(many(lambda r: naive_case(r, norm, ends, case)) / n, 9) if n else None

    def returned(status):
        return many(lambda r: r["status"] == "undelivered" and r["notice_status"] == status, mine)

    moved_here = {
        r["target_id"]
        for r in rows
        if r["status"] == "episode" and r["end"] == "move" and r["moved_to"] == provider
        and not any(e["target_id"] == r["target_id"] and e["notified_at"] >= r["notified_at"] for e in episodes)
    }  # fmt: skip
    takedown = {"takedown", "domain"} if norm.clock is NoticeKind.ORDER else {"takedown"}
    every = {"takedown", "domain", "move"}
    delays = [r["notified_at"] - r["reported_at"] for r in episodes if r["reported_at"] != UNKNOWN_AT]
    return {
        "asns": tuple(sorted({r["asn"] for r in mine if r["asn"] >= 0 and booked_by_as(r)})),
        "n_notices": len({r["target_id"] for r in mine if r["status"] in ("episode", "before_notice")}),
        "n_episodes": n,
        "n_sites": len({r["site_id"] for r in episodes}),
        "n_clusters": len({r["cluster_id"] for r in episodes}),
        "gone_before_notice": many(lambda r: r["status"] == "before_notice", mine),
        "gap_at_notice": many(lambda r: r["gap_at_notice"]),
        "undelivered_bounced": returned("bounced"),
        "undelivered_refused": returned("refused"),
        "undelivered_no_contact": returned("no-contact"),
        "undelivered_our_fault": returned("failed"),
        "misaddressed": many(lambda r: r["status"] == "misaddressed", mine),
        "taken_down": many(lambda r: r["end"] == "takedown"),
        "moved": many(lambda r: r["end"] == "move"),
        "moved_in": len(moved_here),
        "domain_gone": many(lambda r: r["end"] == "domain"),
        "online_at_cutoff": many(lambda r: r["end"] == "censored"),
        "inconclusive": many(lambda r: r["end"] == "censored" and r["last_outcome"] != "online"),
        "provisional": many(lambda r: r["provisional"]),
        "interrupted": many(lambda r: r["interrupted"]),
        "recurrences": sum(r["recurrence"] for r in episodes),
        "within_norm_worst": share(takedown, "worst"),
        "within_norm_best": share(takedown, "best"),
        "within_norm_any_end_worst": share(every, "worst"),
        "within_norm_any_end_best": share(every, "best"),
        "exposure_hours_low": pytest.approx(sum(r["exposure_low_hours"] for r in episodes), abs=1e-5),
        "exposure_hours_high": pytest.approx(sum(r["exposure_high_hours"] for r in episodes), abs=1e-5),
        "report_to_notice_median_hours": round(median(delays) / 3.6e9, 9) if delays else None,
    }


@given(data=st.data(), norm=st.sampled_from([REQUEST, ORDER]), role=st.sampled_from([Role.NETWORK, Role.PROXY]))
@SEVERAL
def test_scorecards_equal_a_row_by_row_reading(table, rank, random_rows, data, norm, role):
    """Every count and bound of every Provider equals the plain loops, and no Provider is missing or extra."""
    episodes = table(data.draw(random_rows))
    rows = [r for r in as_rows(episodes) if r["role"] == role.value and r["clock"] == norm.clock.value]
    cards = rank(episodes, norm=norm, role=role).scorecards
    expected = {r["provider_id"] for r in rows} | {r["moved_to"] for r in rows if r["end"] == "move"}
    assert {card.provider_id for card in cards} == expected - {None}
    for card in cards:
        for name, value in naive(rows, norm, card.provider_id).items():
            assert getattr(card, name) == value, name


@given(data=st.data())
@SEVERAL
def test_the_order_of_rows_changes_nothing(table, rank, random_rows, data):
    """Rows shuffled give the very same Ranking, exposure to the last bit."""
    rows = data.draw(random_rows)
    episodes = table(rows)
    shuffled = episodes.take(np.array(data.draw(st.permutations(range(len(rows)))), dtype=np.int64))
    assert rank(shuffled) == rank(episodes)


@given(data=st.data())
@SEVERAL
def test_counts_add_up(table, rank, random_rows, data):
    """Each Episode has one end; Episodes of the Providers and the unattributed are all Episodes."""
    ranking = rank(table(data.draw(random_rows)))
    for card in ranking.scorecards:
        assert card.n_episodes == card.taken_down + card.moved + card.domain_gone + card.online_at_cutoff
        assert card.inconclusive <= card.online_at_cutoff
    assert sum(card.n_episodes for card in ranking.scorecards) + ranking.totals.unattributed == ranking.totals.episodes
    assert sum(n for _, n in ranking.totals.unattributed_reasons) == ranking.totals.unattributed


@given(data=st.data())
@SEVERAL
def test_bounds_are_ordered(table, rank, random_rows, data):
    """Worst is at most best, limits enclose them, and any end is at least takedown, for each Provider."""
    for card in rank(table(data.draw(random_rows))).scorecards:
        if card.n_episodes:
            assert 0 <= card.within_norm_low <= card.within_norm_worst <= card.within_norm_best
            assert card.within_norm_best <= card.within_norm_high <= 1
            assert card.within_norm_worst <= card.within_norm_any_end_worst <= card.within_norm_any_end_best
            assert card.within_norm_best <= card.within_norm_any_end_best


@given(data=st.data())
@SEVERAL
def test_merging_two_providers_gives_the_weighted_mean(table, rank, random_rows, data):
    """After a merge each share is the mean of the two, weighted by Episodes."""
    rows = [r for r in data.draw(random_rows) if r["provider_id"] in ("as64500", "as64501")]
    merged = [{**r, "provider_id": "as64500"} for r in rows]
    apart = {c.provider_id: c for c in rank(table(rows)).scorecards if c.n_episodes}
    one = next((c for c in rank(table(merged)).scorecards if c.provider_id == "as64500" and c.n_episodes), None)
    assert (one is None) == (not apart)
    for name in (f.name for f in fields(Scorecard) if f.name.endswith(("_worst", "_best"))):
        if one:
            weighted = sum(getattr(c, name) * c.n_episodes for c in apart.values()) / one.n_episodes
            assert getattr(one, name) == pytest.approx(weighted, abs=2e-9), name


@given(data=st.data())
@SEVERAL
def test_ranks_follow_the_shrunken_share(table, rank, random_rows, data):
    """A rank is one more than the number of ranked Providers with a lower share, and lies within its interval."""
    ranking = rank(table(data.draw(random_rows)), minimums=Minimums(episodes=1, clusters=1, named=1))
    ranked = [c for c in ranking.scorecards if c.rank]
    assert list(ranking.scorecards[: len(ranked)]) == ranked
    for card in ranked:
        assert card.rank == 1 + sum(c.within_norm_shrunk < card.within_norm_shrunk for c in ranked)
        assert 1 <= card.rank_low <= card.rank <= card.rank_high <= len(ranked)
