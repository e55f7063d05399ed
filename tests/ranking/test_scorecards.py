"""Scorecards and their order, on hand-made tables."""

from math import inf

import pytest

from monitor.model.period import Period
from monitor.model.provider import Provider
from monitor.model.scorecard import Minimums, Norm
from monitor.model.selected import select
from monitor.model.words import NoticeKind, Role
from monitor.ranking import make_ranking

PERIOD = Period.parse("2026H1")
HOUR = 3_600_000_000
NOON = 1_772_366_400_000_000
FAST = {"left_hours": 1.0, "right_hours": 2.0}
SLOW = {"left_hours": 100.0, "right_hours": 120.0}
OPEN = {"end": "censored", "left_hours": 5.0, "right_hours": inf}


def of(provider, row, n, clusters=3):
    return [{**row, "provider_id": provider, "cluster_id": i % clusters} for i in range(n)]


def cards(ranking):
    return {card.provider_id: card for card in ranking.scorecards}


def test_the_share_counts_every_episode_in_its_denominator(table, rank):
    """Moves, domains gone and open Episodes are in the denominator of every share."""
    rows = [FAST, SLOW, OPEN, {"end": "move", "moved_to": "as64501"}, {"end": "domain"}]
    card = cards(rank(table(rows)))["as64500"]
    assert (card.n_episodes, card.taken_down, card.moved, card.domain_gone, card.online_at_cutoff) == (5, 2, 1, 1, 1)
    assert (card.within_norm_worst, card.within_norm_best) == (0.2, 0.4)
    assert (card.within_norm_any_end_worst, card.within_norm_any_end_best) == (0.6, 0.8)


def test_notices_count_targets_once_and_those_gone_before(table, rank):
    """A Target notified twice is one notice; one gone before its notice is a notice and no Episode."""
    rows = [
        {"target_id": 1, "site_id": 7},
        {"target_id": 1, "site_id": 7, "notified_at": NOON + HOUR},
        {"target_id": 2, "status": "before_notice"},
        {"target_id": 3, "status": "undelivered", "notice_status": "bounced"},
    ]
    card = cards(rank(table(rows)))["as64500"]
    assert (card.n_notices, card.n_episodes, card.n_sites, card.gone_before_notice) == (2, 2, 1, 1)


def test_undelivered_notices_are_told_apart_and_counted_nowhere_else(table, rank):
    """Bounced, refused, no contact and our own fault each have a count; the Provider has no rank and no share."""
    statuses = ["bounced", "bounced", "refused", "no-contact", "failed", "failed", "failed"]
    rows = [{"status": "undelivered", "notice_status": status} for status in statuses]
    card = cards(rank(table(rows)))["as64500"]
    assert (card.undelivered_bounced, card.undelivered_refused) == (2, 1)
    assert (card.undelivered_no_contact, card.undelivered_our_fault) == (1, 3)
    assert (card.n_notices, card.n_episodes, card.within_norm_worst, card.within_norm_high) == (0, 0, None, None)
    assert (card.rank, card.class_, card.unranked_reason) == (None, "too-few", "no-episodes")


def test_an_open_episode_not_last_seen_online_is_inconclusive_too(table, rank):
    """`inconclusive` is the part of `online_at_cutoff` whose last reading was not ONLINE."""
    rows = [{**OPEN, "last_outcome": "online"}, {**OPEN, "last_outcome": "inconclusive"}]
    card = cards(rank(table(rows)))["as64500"]
    assert (card.online_at_cutoff, card.inconclusive) == (2, 1)


def test_sums_and_flags_are_of_episodes_only(table, rank):
    """Exposure, recurrences, provisional, interrupted and gaps add up over the Episodes."""
    row = {"exposure_low_hours": 1 / 3, "exposure_high_hours": 0.5, "recurrence": 2, "provisional": True}
    row |= {"interrupted": True, "gap_at_notice": True}
    card = cards(rank(table([row, row, row, {**row, "status": "misaddressed"}])))["as64500"]
    assert (card.exposure_hours_low, card.exposure_hours_high) == pytest.approx((1.0, 1.5))
    assert (card.recurrences, card.provisional, card.interrupted, card.gap_at_notice) == (6, 3, 3, 3)
    assert card.misaddressed == 1


def test_the_hotlines_delay_is_the_median_from_report_to_notice(table, rank):
    """An even number of Episodes takes the mean of the middle two."""
    rows = [{"reported_at": NOON - hours * HOUR} for hours in (1, 2, 5, 100)]
    assert cards(rank(table(rows)))["as64500"].report_to_notice_median_hours == 3.5


def test_a_move_shows_at_the_new_provider_until_it_is_told(table, rank):
    """A Target that moved in counts there once, and no more when its new Provider was notified itself."""
    move = {"end": "move", "moved_to": "as64501"}
    rows = [
        {**move, "target_id": 1},
        {**move, "target_id": 1, "clock": "request", "notified_at": NOON + HOUR},
        {**move, "target_id": 2},
        {"target_id": 2, "provider_id": "as64501", "notified_at": NOON + 5 * HOUR},
        {**move, "target_id": 3},
        {"target_id": 3, "provider_id": "as64501", "notified_at": NOON - HOUR},  # told before: not about this stay
        {**move, "target_id": 5},
        {"target_id": 5, "provider_id": "as64501", "notified_at": NOON},  # told at the same moment
        {**move, "target_id": 4},
        {"target_id": 4, "provider_id": "as64501", "status": "undelivered", "notified_at": NOON + HOUR},
    ]
    assert cards(rank(table(rows)))["as64501"].moved_in == 3


def test_a_provider_known_from_moves_alone_has_a_scorecard(table, rank):
    """It is listed without a rank, with its reason and nothing known about its shares."""
    card = cards(rank(table([{"end": "move", "moved_to": "as64507"}])))["as64507"]
    assert (card.moved_in, card.n_episodes, card.unranked_reason) == (1, 0, "no-episodes")
    assert card.report_to_notice_median_hours is None


def test_rows_without_a_provider_are_in_the_totals_only(table, rank):
    """Unattributed Episodes are counted with their reasons and make no Provider."""
    rows = [
        {},
        {"provider_id": None, "unattributed_reason": "no-prefix"},
        {"provider_id": None, "unattributed_reason": "no-table"},
        {"provider_id": None, "unattributed_reason": "no-table"},
        {"provider_id": None, "status": "undelivered", "unattributed_reason": "no-address"},
        {"provider_id": "as64501", "role": "proxy", "target_id": 2},
        {"provider_id": "as64501", "role": "proxy", "target_id": 9},
        {"provider_id": "as64500", "clock": "order"},
    ]
    ranking = rank(table(rows))
    assert list(cards(ranking)) == ["as64500"]
    t = ranking.totals
    assert (t.targets, t.episodes, t.unattributed, t.undelivered, t.providers) == (5, 4, 3, 1, 1)
    assert t.unattributed_reasons == (("no-table", 2), ("no-prefix", 1))
    assert t.fronted == 2


def test_role_and_clock_choose_the_rows(table, rank):
    """A ranking of proxies or of orders holds no row of another role or clock."""
    rows = [{}, {"role": "proxy", "provider_id": "as64505"}, {"clock": "order", "deadline_hours": 1.5}]
    proxies = rank(table(rows), role=Role.PROXY)
    orders = rank(table(rows), norm=Norm(NoticeKind.ORDER, 12.0, 1.0))
    assert [(c.provider_id, c.n_episodes) for c in proxies.scorecards] == [("as64505", 1)]
    assert proxies.totals.fronted == 1
    assert [(c.n_episodes, c.within_norm_worst, c.within_norm_best) for c in orders.scorecards] == [(1, 0.0, 1.0)]


def test_names_countries_and_as_numbers_come_from_the_registry_and_the_rows(table, rank):
    """The label is shown, AS numbers are those of the registry and those seen, ascending."""
    known = {"as64500": Provider("as64500", "Polder", asns=(64500, 64499), country="NL")}
    rows = [{"asn": 64511}, {"asn": -1}, {"provider_id": "as64501", "asn": 64501}]
    rows = [{"attribution_doubts": "stated-address;as-stands-in", **row} for row in rows]
    ranking = rank(table(rows), providers=known, labels={"as64500": "Polder (AS64500)"})
    first, other = cards(ranking)["as64500"], cards(ranking)["as64501"]
    assert (first.provider, first.country, first.asns) == ("Polder (AS64500)", "NL", (64499, 64500, 64511))
    assert (other.provider, other.country, other.asns) == ("as64501", None, (64501,))


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({}, False),
        ({"role": "customer", "attribution_doubts": "no-customer"}, False),
        ({"attribution_doubts": "old-table;as-stands-in"}, True),
        ({"role": "customer", "attribution_doubts": "as-stands-in;no-customer"}, True),
        ({"role": "as"}, True),
        ({"role": "proxy"}, True),
        ({"rule_version": "episodes-1"}, True),
    ],
)
def test_the_number_of_somebody_elses_as_is_not_shown_as_the_providers(table, rank, row, shown):
    """A registrant's or customer's row keeps its address's number; rows of old freezes know holders of an AS alone."""
    ranking = rank(table([{"asn": 64511, **row}]), role=Role(row.get("role", "network")))
    assert [card.asns for card in ranking.scorecards] == [(64511,) if shown else ()]


def test_the_worst_is_first_and_ties_share_a_rank(table, rank):
    """Ranks go 1, 2, 2, 4 by the shrunken share; equal ones stand by provider id."""
    half = [*of("as3", FAST, 5), *of("as3", SLOW, 5)]
    open_half = of("as2", {"end": "censored", "left_hours": 5.0, "right_hours": inf}, 10)
    ranking = rank(table([*of("as4", FAST, 10), *half, *open_half, *of("as1", SLOW, 10)]))
    assert [(c.rank, c.provider_id) for c in ranking.scorecards] == [(1, "as1"), (2, "as2"), (2, "as3"), (4, "as4")]


def test_a_share_that_is_not_identified_may_have_any_rank(table, rank):
    """The interval of a Provider whose Episodes are all open reaches from the first to the last rank."""
    others = [row for n in range(8) for row in [*of(f"as{n}", FAST, 3 + n), *of(f"as{n}", SLOW, 12 - n)]]
    ranking = rank(table([*others, *of("as9", OPEN, 20)]))
    card = cards(ranking)["as9"]
    assert (card.rank_low, card.rank_high) == (1, 9)
    sure = cards(rank(table([*others, *of("as9", FAST, 200)])))["as9"]
    assert (sure.rank_low, sure.rank_high) == (9, 9)


def test_the_draws_depend_on_the_seed_and_the_words_of_the_ranking_alone(table, rank):
    """The same rows give the same rank intervals, also under other provider names in the same order."""
    rows = [row for n in range(9) for row in [*of(f"as{n}", FAST, 8 + n), *of(f"as{n}", SLOW, 12 - n)]]
    renamed = [{**row, "provider_id": row["provider_id"].replace("as", "org-")} for row in rows]
    intervals = [
        [(c.rank, c.rank_low, c.rank_high) for c in rank(table(each), seed=seed).scorecards]
        for each, seed in ((rows, 0), (rows[::-1], 0), (renamed, 0), (rows, 7))
    ]
    assert intervals[0] == intervals[1] == intervals[2]
    assert [rank for rank, _, _ in intervals[3]] == [rank for rank, _, _ in intervals[0]]


def test_measured_rows_must_be_the_rows_that_are_ranked(table, rank, measured):
    """A Measurement of other Providers is refused, not put on the wrong Scorecards."""
    norm = Norm(NoticeKind.REQUEST, 24.0, 0.8)
    mine, other = (
        select(table(of(name, FAST, 10)), clock=NoticeKind.REQUEST, role=Role.NETWORK) for name in ("as1", "as2")
    )
    with pytest.raises(ValueError, match="same Providers"):
        make_ranking(
            mine,
            measured(other, norm),
            period=PERIOD,
            cutoff=PERIOD.default_cutoff,
            minimums=Minimums(),
            providers={},
            labels={},
            freeze="",
        )


def test_a_final_report_asks_below_of_all_ranked_providers_together(table, rank):
    """One of thirty that is just below alone is `below`, and not proven in the final; elsewhere nothing changes."""
    rows = [row for n in range(29) for row in of(f"as{n:02}", {**FAST, "role": "network"}, 20)]
    rows += [*of("bad", FAST, 7), *of("bad", SLOW, 13), *of("worst", SLOW, 20)]
    close = [*rows, *of("just", FAST, 11), *of("just", SLOW, 9)]
    assert {c.provider_id for c in rank(table(close)).scorecards if c.class_ == "below"} == {"bad", "worst", "just"}
    final = rank(table(close), final=True)
    assert {c.provider_id for c in final.scorecards if c.class_ == "below"} == {"bad", "worst"}
    descriptive = rank(table(close), final=True, norm=Norm(NoticeKind.REQUEST, 24.0, 0.8, name="sector"))
    assert cards(descriptive)["just"].class_ == "below"
    by_as = rank(table([{**row, "role": "as"} for row in close]), final=True, role=Role.AS)
    assert cards(by_as)["just"].class_ == "below"


def test_the_unranked_follow_by_size_with_their_reason(table, rank):
    """Too few Episodes and too few clusters are told apart; the largest comes first, equal ones by id."""
    rows = [
        *of("as9", FAST, 10),
        *of("as8", FAST, 9),
        *of("as7", FAST, 40, clusters=2),
        *of("as6", FAST, 9),
        {"provider_id": "as5", "status": "before_notice"},
    ]
    listed = [(c.provider_id, c.rank, c.unranked_reason, c.class_) for c in rank(table(rows)).scorecards]
    assert listed == [
        ("as9", 1, None, "not-proven"),
        ("as7", None, "few-clusters", "too-few"),
        ("as6", None, "few-episodes", "too-few"),
        ("as8", None, "few-episodes", "too-few"),
        ("as5", None, "no-episodes", "too-few"),
    ]


def test_minimums_are_settings(table, rank):
    """Lower minimums rank a small Provider."""
    ranking = rank(table(of("as9", FAST, 2)), minimums=Minimums(episodes=2, clusters=1, named=1))
    assert ranking.scorecards[0].rank == 1


def test_a_scorecard_holds_every_figure_of_the_measurement_rounded(table, rank, measured):
    """Shares and hours to 9 decimals, what is not a number is not known, what compares Periods is not known yet."""
    made = table([*of("as9", FAST, 10), *of("as9", OPEN, 11)])
    norm = Norm(NoticeKind.REQUEST, 24.0, 0.8)
    estimates = measured(select(made, clock=NoticeKind.REQUEST, role=Role.NETWORK), norm).estimates
    ranking = rank(made)
    card = ranking.scorecards[0]
    assert ranking.method == "npmle-1"
    assert (card.within_norm_worst, card.within_norm_best, card.within_norm) == (0.476190476, 1.0, 0.738095238)
    assert (card.within_12h, card.within_12h_low, card.within_12h_high) == (0.738095238, 0.476190476, 1.0)
    assert (card.within_12h_identified, card.within_1h_identified, card.identified) == (False, True, False)
    assert (card.within_norm_low, card.within_norm_high) == (round(float(estimates.norm_low[0]), 9), 1.0)
    assert card.within_norm_shrunk == 0.738095238  # a single Provider is its own prior
    assert (card.rank, card.rank_low, card.rank_high) == (1, 1, 1)
    assert (card.median_hours, card.median_status, card.mean_hours_30d) == (None, "not-reached", None)
    later = {name for name in card.as_fields() if name.startswith(("change", "share_previous", "method_break"))}
    assert {name for name in later if card.as_fields()[name] is not None} == set()


def test_an_empty_period_gives_an_empty_ranking(table, rank):
    """No rows: no Scorecards, no curves, no trend, totals of 0."""
    ranking = rank(table([]))
    assert (ranking.scorecards, ranking.curves, ranking.trend, ranking.totals.targets) == ((), (), (), 0)


def test_sites_are_shown_by_their_number_without_as_number_or_country(table, rank):
    """Whatever a registry or the rows say: a site has no name here."""
    rows = [{"role": "site", "provider_id": f"site{n}", "site_id": n, "country": None} for n in (2, 17, 17)]
    ranking = rank(table(rows), role=Role.SITE, labels={"site2": "secret.example"})
    cards = [(c.provider_id, c.provider, c.asns, c.country, c.n_episodes) for c in ranking.scorecards]
    assert cards == [("site17", "site 17", (), None, 2), ("site2", "site 2", (), None, 1)]


def test_each_role_is_ranked_by_its_own_rows_and_fronted_counts_those_of_proxies(table, rank):
    """Rows of the other roles and of the other clock are in none of the counts."""
    roles = ["network", "network", "as", "customer", "site", "site", "site", "proxy"]
    orders = [{"role": "proxy", "clock": "order"}]
    made = table([{"role": role, "target_id": n} for n, role in enumerate(roles)] + orders)
    for role, n in (("network", 2), ("as", 1), ("customer", 1), ("site", 3), ("proxy", 1)):
        totals = rank(made, role=Role(role)).totals
        assert (totals.episodes, totals.targets, totals.fronted) == (n, n, 1)


def test_totals_count_doubts_of_episodes_one_by_one(table, rank):
    """An Episode with two is in both, and once in the number of those in doubt; other rows are in none."""
    doubts = ["undated;old-table", "old-table", None, "old-table", "undated"]
    rows = [{"attribution_doubts": doubt, "flaps": n} for n, doubt in enumerate(doubts)]
    totals = rank(table([*rows, {"status": "misaddressed", "attribution_doubts": "undated", "flaps": 0}])).totals
    assert (totals.doubted, totals.doubtful) == (4, (("old-table", 3), ("undated", 2)))
    assert (totals.flaps, totals.misaddressed) == (10, 1)
