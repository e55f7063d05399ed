"""One row for each role: who is reached by a notice in it, what is a Move in it, and what a site's row tells."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTING = {"as": "P", "customer": "P"}
EVERY_ROLE = {"as": "P", "customer": "P", "site": "own"}


def by_role(made, **period):
    return {row.role: row for row in made.rows(**period)}


def test_each_role_that_a_notice_is_booked_in_has_a_row(world):
    """With the same interval where the same party held the Target in all of them."""
    rows = by_role(world().report().notice(also=EVERY_ROLE).seen("1 on", "5 off"))
    assert set(rows) == {"network", "as", "customer", "site"}
    assert {row.interval for row in rows.values()} == {(1, 5)}


def test_a_move_between_two_customers_of_one_as_is_one_in_role_customer_alone(world):
    """The AS and the network held it throughout."""
    made = world().report().notice(also={"as": "P", "customer": "Q"})
    rows = by_role(made.seen("1 on customer:Q", "5 on customer:R", "9 on customer:R"))
    assert (rows["customer"].end, rows["customer"].interval, rows["customer"].moved_to) == ("move", (1, 5), "R")
    for role in ("network", "as"):
        assert (rows[role].end, rows[role].interval, rows[role].moved_to) == ("censored", (9, float("inf")), None)


def test_a_move_between_two_networks_of_one_as_is_none_in_role_as(world):
    """Each role follows its own Provider."""
    rows = by_role(world().report().notice(also={"as": "R"}).seen("1 on P as:R", "5 on Q as:R", "9 off Q as:R"))
    assert (rows["network"].end, rows["as"].end) == ("move", "takedown")
    assert (rows["network"].interval, rows["as"].interval) == ((1, 5), (5, 9))


@pytest.mark.parametrize(
    ("lines", "flaps"),
    [
        (["1 on", "5 on Q", "9 on", "90 off"], 1),
        (["1 on", "5 on Q", "6 off R", "9 on", "90 off"], 1),  # one stretch, wherever it was
        (["1 on", "5 on Q", "9 on", "30 on Q", "31 on -", "40 ? P", "50 on", "90 off"], 2),
        (["1 on", "5 on", "5 on Q", "90 off"], 1),  # at the same instant
        (["1 on", "5 ? Q", "9 on", "90 off"], 0),  # an inconclusive reading is nowhere
        (["-5 on", "-3 on Q", "1 on", "90 off"], 0),  # before the notice
    ],
)
def test_a_flap_is_shown_and_is_no_move(course, lines, flaps):
    """`flaps` counts the stretches elsewhere, up to the end, that were over within a day."""
    row = course(*lines)
    assert (row.end, row.interval[1], row.flaps) == ("takedown", 90, flaps)


def test_a_flap_after_the_end_is_not_this_episodes(course):
    """Nor is one after a Move."""
    row = course("1 on", "5 off", "500 on", "501 on Q", "502 on")
    assert (row.end, row.interval, row.flaps, row.recurrence) == ("takedown", (1, 5), 0, 1)
    row = course("1 on", "5 on Q", "100 on P", "101 on Q", "102 on P")
    assert (row.end, row.interval, row.flaps) == ("move", (1, 5), 0)


def test_a_longer_stretch_elsewhere_is_a_move_and_no_flap(course):
    """More than a day."""
    row = course("1 on", "5 on Q", "29.1 on")
    assert (row.end, row.moved_to, row.flaps) == ("move", "Q", 0)


def test_a_change_of_address_within_one_provider_is_neither(course):
    """Readings are compared by their Provider, whatever the address."""
    row = course("1 on P", "5 on P", "9 on P", "90 off P")
    assert (row.end, row.flaps, row.moved_to) == ("takedown", 0, None)


def test_a_flap_counts_in_the_role_in_which_it_is_one(world):
    """Away from the customer for four hours, never from the AS."""
    rows = by_role(world().report().notice(also=HOSTING).seen("1 on", "5 on customer:R", "9 on", "90 off"))
    assert {role: row.flaps for role, row in rows.items()} == {"network": 0, "as": 0, "customer": 1}
    assert {row.end for row in rows.values()} == {"takedown"}


@pytest.mark.parametrize("status", ["bounced", "sent"])
def test_what_is_no_episode_has_no_flaps(course, status):
    """Gone before the notice, or not delivered."""
    row = course("-9 on", "-8 off", "-7 off", "-6 off", status=status)
    assert (row.status == "episode", row.flaps) == (False, 0)


@pytest.mark.parametrize(
    ("capacity", "reached"),
    [
        ("unknown", {"network", "as", "customer", "site"}),
        ("hosting", {"network", "as", "customer"}),
        ("site", {"site"}),
        ("proxy", set()),
        ("registrar", set()),
    ],
)
def test_the_capacity_says_which_roles_a_notice_reaches(world, capacity, reached):
    """Told as a site is not told as a hoster, and the other way round."""
    rows = by_role(world().report().notice(capacity=capacity, also=EVERY_ROLE).seen("1 on", "5 off"))
    assert {role for role, row in rows.items() if row.status == "episode"} == reached
    others = [row for row in rows.values() if row.status != "episode"]
    assert {(row.status, row.addressee_match) for row in others} <= {("misaddressed", "other-capacity")}


def test_an_addressee_in_words_reaches_no_site(world):
    """A name is no site: nobody can say that the site was told."""
    rows = by_role(world().report().notice(party="P", also=EVERY_ROLE).seen("1 on", "5 off"))
    assert (rows["site"].status, rows["site"].addressee_match) == ("misaddressed", "unrecognised")
    assert (rows["network"].status, rows["network"].addressee_match) == ("episode", "same")


def test_the_addressee_is_compared_with_the_party_of_each_role(world):
    """Told by name: the customer, not the network that it sits in."""
    rows = by_role(world().report().notice(party="Q", provider="P", also={"as": "P", "customer": "Q"}).seen("1 on Q"))
    assert {role: row.addressee_match for role, row in rows.items()} == {
        "network": "other",
        "as": "other",
        "customer": "same",
    }


def test_an_empty_addressee_is_the_party_attributed_in_that_role(world):
    """Known in one role and not in another."""
    rows = by_role(world().report().notice(also={"as": None}))
    assert (rows["network"].addressee_match, rows["as"].addressee_match) == ("attributed", "unknown")
    assert (rows["as"].status, rows["as"].provider_id) == ("episode", None)


def test_a_site_never_moves_and_is_named_by_its_number_in_the_table(world):
    """No name, no country; the number is the row's `site_id`."""
    rows = by_role(world().report().notice(also=EVERY_ROLE).seen("1 on", "50 on Q", "90 off Q"))
    site = rows["site"]
    assert (site.provider_id, site.site_id, site.country) == ("site0", 0, None)
    assert (site.end, site.interval, site.moved_to, site.flaps) == ("takedown", (50, 90), None, 0)
    assert (rows["network"].end, rows["network"].country) == ("move", "NL")


def test_clusters_of_a_site_are_its_days_and_nobody_elses(world):
    """Two sites on one day are two clusters; a site and a Provider are never one."""
    made = world().report("a", target=1).report("b", target=2)
    for record in ("a", "b"):
        made.notice(0, record=record, also=EVERY_ROLE).notice(30, record=record, kind="order", also={"site": "own"})
    facts = made.facts()
    facts.targets.site[:] = [71, 70]
    made.facts = lambda: facts
    rows = made.rows()
    sites = [(row.site_id, row.cluster_id) for row in rows if row.role == "site"]
    assert len(set(sites)) == 4
    assert not {cluster for _, cluster in sites} & {row.cluster_id for row in rows if row.role == "network"}
    assert {row.provider_id for row in rows if row.role == "site"} == {"site0", "site1"}


def test_the_number_of_a_site_does_not_depend_on_the_stores_key(world):
    """Sites are numbered in the table's order."""
    tables = []
    for keys in ([71, 70, 9], [3, 400, 5]):
        made = world()
        for n in range(3):
            made.report(f"r{n}", target=n).notice(record=f"r{n}", also={"site": "own"})
        facts = made.facts()
        facts.targets.site[:] = keys
        made.facts = lambda facts=facts: facts
        tables.append([row.provider_id for row in made.rows()])
    assert tables[0] == tables[1]


def test_a_notice_behind_a_proxy_has_a_row_for_proxy_and_site_alone(world):
    """Never one for a hosting provider."""
    rows = by_role(
        world().report().notice(provider="C", role="proxy", also={"site": "own"}).seen("1 on >C", "5 off >C")
    )
    assert {role: (row.provider_id, row.interval) for role, row in rows.items()} == {
        "proxy": ("C", (1, 5)),
        "site": ("site0", (1, 5)),
    }


def test_a_target_that_goes_behind_a_proxy_keeps_its_clock_with_the_hoster(world):
    """Unknown is never a Move; the second notice told the proxy."""
    made = world().report().notice(also=HOSTING).notice(20, "C", role="proxy")
    rows = made.seen("1 on", "10 on >C", "30 on >C", "90 off >C").rows()
    assert [(row.role, row.interval) for row in rows] == [
        ("as", (30, 90)),
        ("customer", (30, 90)),
        ("network", (30, 90)),
        ("proxy", (10, 70)),
    ]


def test_the_doubts_of_the_booking_are_in_the_row(world):
    """As the booking says them, joined by semicolons."""
    assert world().report().notice(doubts="stated-address;old-table").row().attribution_doubts == (
        "stated-address;old-table"
    )
    assert world().report().notice().row().attribution_doubts is None


LINES = st.lists(
    st.tuples(
        st.integers(-30, 90), st.sampled_from(["on", "off", "?"]), st.sampled_from(["P", "P", "Q", "R", "-", ">C"])
    ),
    max_size=8,
)
TOLD = st.tuples(
    st.integers(0, 40),
    st.sampled_from(["sent", "bounced"]),
    st.sampled_from([None, "P"]),
    st.sampled_from(["P", "P", "Q", None]),
)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(LINES, st.lists(TOLD, min_size=1, max_size=3))
def test_a_role_has_the_rows_that_it_has_alone(world, lines, told):
    """Whatever is shared between roles, the rows of each are those of a booking in this role only."""
    roles = ("network", "as", "customer")
    together, alone = world().report(), [world().report() for _ in roles]
    for hours, status, party, who in told:
        words = {"status": status, "party": party}
        together.notice(hours, who, also={"as": who, "customer": "R" if who == "Q" else who}, **words)
        for made, role in zip(alone, roles, strict=True):
            made.notice(hours, "R" if (role, who) == ("customer", "Q") else who, role=role, **words)
    for made in (together, *alone):
        made.seen(*(f"{at} {word} {who}" for at, word, who in lines))
    rows = together.rows()
    for made, role in zip(alone, roles, strict=True):
        numbers = {"cluster_id"}  # dense over all rows
        mine = [{k: v for k, v in vars(row).items() if k not in numbers} for row in rows if row.role == role]
        assert mine == [{k: v for k, v in vars(row).items() if k not in numbers} for row in made.rows()]
    assert np.all([row.flaps == 0 or row.status == "episode" for row in rows])
