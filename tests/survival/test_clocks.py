"""Whose clock runs: which notice starts an Episode, against whom, and what the others are counted as."""

import pytest

from monitor.model.words import AddresseeMatch, Capacity, Role
from monitor.survival.clocks import addressee_match

UNTOLD = ["bounced", "refused", "no-contact", "failed"]


def told(rows):
    """Each row as clock, provider, status and hours of its interval."""
    return [(row.clock, row.provider_id, row.status, row.interval) for row in rows]


@pytest.mark.parametrize("status", ["sent", "delivered", "unknown"])
def test_a_notice_that_was_sent_delivered_or_unknown_starts_the_clock(course, status):
    """`unknown` counts as sent."""
    row = course("1 on", "5 off", status=status)
    assert (row.status, row.notice_status, row.interval) == ("episode", status, (1, 5))


@pytest.mark.parametrize("status", UNTOLD)
def test_a_notice_that_told_nobody_is_a_finding_of_its_own(course, status):
    """No compliance figure: the row has no end, and says in which way it failed."""
    row = course("1 on", "5 off", status=status)
    assert (row.status, row.notice_status, row.end, row.interval) == ("undelivered", status, None, (None, None))
    assert (row.provider_id, row.n_checks) == ("P", 0)


@pytest.mark.parametrize("status", UNTOLD)
def test_the_clock_starts_at_the_notice_that_arrived(world, status):
    """A failed attempt before it is no row (d), and the hours run from the one that told the party."""
    told_at_2 = world().report().notice(0, status=status).notice(2, status="delivered").seen("1 on", "3 on", "5 off")
    assert told(told_at_2.rows()) == [("request", "P", "episode", (1, 3))]
    assert told_at_2.row().notice_status == "delivered"


def test_a_failed_reminder_beside_a_running_clock_is_no_row(world):
    """(d) Also where the clock began in an earlier Period."""
    made = world().report().notice(0).notice(50, status="bounced").seen("1 on", "90 off")
    assert told(made.rows()) == [("request", "P", "episode", (1, 90))]
    assert made.rows(start=40) == []


def test_a_failed_notice_after_the_end_in_a_later_period_is_a_row(world):
    """No clock ran beside it, neither in that Period nor at that moment."""
    made = world().report().notice(0).notice(500, status="bounced").seen("1 on", "90 off", "400 on")
    assert [row.status for row in made.rows(start=450)] == ["undelivered"]


@pytest.mark.parametrize("wrong", [{"status": "bounced"}, {"party": "Q"}])
def test_a_notice_after_the_period_hides_no_failed_or_misaddressed_one_in_it(world, wrong):
    """The clock that starts in the next Period ran beside nothing in this one."""
    made = world().report().notice(3, **wrong).notice(500).seen("1 on", "520 on")
    assert [(row.status, row.clock) for row in made.rows(end=400)] == [
        ("undelivered" if "status" in wrong else "misaddressed", "request")
    ]
    assert told(made.rows(start=400)) == [("request", "P", "episode", (20, float("inf")))]


def test_of_several_failed_notices_to_one_party_the_first_stands_for_all(world):
    """One row for each Target, clock and Provider."""
    made = world().report().notice(3, status="refused").notice(1, status="bounced").notice(2, status="bounced")
    assert [(row.status, row.notice_status) for row in made.rows()] == [("undelivered", "bounced")]


def test_a_notice_to_another_provider_starts_no_clock_for_either(course):
    """Misaddressed: counted with the attributed Provider, without any figure."""
    row = course("1 on", "5 off", party="Q")
    assert (row.status, row.provider_id, row.addressee_match) == ("misaddressed", "P", "other")
    assert (row.end, row.interval, row.exposure_high_hours) == (None, (None, None), None)


@pytest.mark.parametrize("status", UNTOLD)
def test_what_another_party_refused_is_not_held_against_this_one(course, status):
    """A notice to somebody else that failed is misaddressed, not this Provider's bounce or refusal."""
    assert course("1 on", party="Q", status=status).status == "misaddressed"


def test_a_notice_to_a_name_that_the_registry_does_not_know_starts_no_clock(course):
    """(c) Nobody can say that it told the attributed Provider."""
    row = course("1 on", party="Nobody knows")
    assert (row.status, row.addressee_match) == ("misaddressed", "unrecognised")


def test_a_notice_to_the_attributed_provider_by_name_starts_its_clock(course):
    """The addressee in words and the attribution agree."""
    row = course("1 on", "5 off", party="P")
    assert (row.status, row.addressee_match) == ("episode", "same")


def test_a_misaddressed_notice_beside_a_clock_is_no_row(world):
    """(d) Before it, after it, in either order of time."""
    made = world().report().notice(0, party="Q").notice(2).notice(4, party="Q").seen("3 on", "9 off")
    assert told(made.rows()) == [("request", "P", "episode", (1, 7))]


@pytest.mark.parametrize(
    ("role", "capacity", "match"),
    [
        ("network", "hosting", "attributed"),
        ("network", "unknown", "attributed"),
        ("network", "proxy", "other-capacity"),
        ("network", "registrar", "other-capacity"),
        ("network", "site", "other-capacity"),
        ("network", "access", "other-capacity"),
        ("network", "communication", "other-capacity"),
        ("proxy", "proxy", "attributed"),
        ("proxy", "hosting", "attributed"),
        ("proxy", "unknown", "attributed"),
        ("proxy", "registrar", "other-capacity"),
    ],
)
def test_only_a_notice_in_a_capacity_of_the_role_starts_its_clock(course, role, capacity, match):
    """(c) A registrar that also hosts was not told as hoster."""
    row = course("1 on", "5 off", role=role, capacity=capacity)
    status = "episode" if match == "attributed" else "misaddressed"
    assert (row.role, row.status, row.addressee_match) == (role, status, match)


def test_a_named_party_cannot_be_compared_with_nobody(course):
    """(i) An unattributed Target has a row as any other, without a Provider."""
    row = course("1 on", "5 off", provider=None, party="Q")
    assert (row.provider_id, row.status, row.addressee_match, row.interval) == (None, "episode", "unknown", (1, 5))


def test_an_unattributed_notice_reached_nobody_that_is_known(course):
    """Without an addressee too: nobody was attributed, so `attributed` would claim too much; the clock runs."""
    row = course("1 on", "5 off", provider=None)
    assert (row.provider_id, row.status, row.addressee_match, row.interval) == (None, "episode", "unknown", (1, 5))


def test_the_capacity_is_looked_at_before_the_name():
    """What told somebody as registrar told nobody as hoster, whatever the name."""
    match = addressee_match(1, "P", 1, Capacity.REGISTRAR, Role.NETWORK)
    assert match is AddresseeMatch.OTHER_CAPACITY


def test_two_reports_of_one_target_make_one_episode(world):
    """The Target is the unit; the first notice's report gives the row its record."""
    made = world().report("r2", reported=-1).report("r1", reported=1)
    made.notice(0, record="r2").notice(2, record="r1").seen("1 on", "5 off")
    row = made.row()
    assert (row.record_id, row.interval) == ("r2", (1, 5))


@pytest.mark.parametrize("first", ["r1", "r2"])
def test_notices_at_one_instant_are_told_apart_by_their_record(world, first):
    """Of equal times the first record stands for both, whichever came into the store first."""
    second = "r1" if first == "r2" else "r2"
    made = world().report(first).report(second).notice(0, record=first).notice(0, record=second).seen("1 on", "5 off")
    assert made.row().record_id == "r1"


@pytest.mark.parametrize("reverse", [False, True])
def test_failed_notices_at_one_instant_give_the_same_row_in_either_order(world, reverse):
    """Nothing but what the notices say decides which one stands for both."""
    made = world().report()
    for status in sorted(["bounced", "refused"], reverse=reverse):
        made.notice(0, status=status)
    assert made.row().notice_status == "bounced"


def test_a_report_that_is_withdrawn_or_not_illegal_has_no_row(world):
    """Its notice starts no clock; another report of the same Target has its own."""
    made = world().report("r1", eligible=False).report("r2").notice(0, record="r1").notice(2, record="r2")
    row = made.seen("1 on", "3 on", "5 off").row()
    assert (row.record_id, row.interval) == ("r2", (1, 3))


def test_the_order_has_its_own_clock_beside_the_request(world):
    """One Episode per clock, each from its own notice, the order with its deadline."""
    made = world().report().notice(0).notice(10, kind="order", deadline=6.0, sender="authority")
    order, request = made.seen("1 on", "12 on", "14 off").rows()
    assert (order.clock, order.interval, order.deadline_hours) == ("order", (2, 4), 6)
    assert (request.clock, request.interval, request.deadline_hours) == ("request", (12, 14), None)
    assert (order.target_id, order.notice_sender) == (request.target_id, "authority")


def test_an_undelivered_order_is_a_row_beside_a_running_request(world):
    """The clocks know nothing of each other."""
    made = world().report().notice(0).notice(1, kind="order", status="bounced").seen("3 on")
    assert [(row.clock, row.status) for row in made.rows()] == [("order", "undelivered"), ("request", "episode")]


def test_a_repeated_notice_to_a_party_whose_episode_runs_is_no_row(world):
    """The clock starts at the first notice to that party."""
    made = world().report().notice(0).notice(2).notice(4).seen("1 on", "9 off")
    assert told(made.rows()) == [("request", "P", "episode", (1, 9))]


def test_a_notice_of_an_earlier_period_runs_on(world):
    """Its Episode belongs to the Period of its start: none in the later one, reminder or not."""
    made = world().report().notice(0).notice(200).seen("1 on", "300 off")
    assert told(made.rows(end=100)) == [("request", "P", "episode", (1, 300))]
    assert made.rows(start=100) == []


def test_an_episode_belongs_to_the_period_that_contains_its_start(world):
    """start <= t < end."""
    made = world().report().notice(0).seen("1 on")
    assert len(made.rows(start=0, end=1)) == 1
    assert made.rows(start=-1, end=0) == []


def test_a_recurrence_has_an_episode_from_a_new_notice(world):
    """The first Episode's end stands; returns after the second notice are the second's."""
    made = world().report().notice(0).notice(300)
    first, second = made.seen("1 on", "5 off", "290 on", "310 on", "320 off", "600 on").rows()
    assert (first.interval, first.recurrence) == ((1, 5), 1)
    assert (second.interval, second.recurrence) == ((10, 20), 1)


def test_a_reminder_about_material_that_is_gone_is_no_row(world):
    """Neither an Episode nor a second GoneBeforeNotice."""
    made = world().report().notice(0).notice(50).seen("1 on", "5 off")
    assert told(made.rows()) == [("request", "P", "episode", (1, 5))]
    gone = world().report().notice(0).notice(50).seen("-5 off")
    assert [row.status for row in gone.rows()] == ["before_notice"]


def test_the_new_provider_has_an_episode_only_from_a_notice_of_its_own(world):
    """A move ends the old one; without a notice nothing begins."""
    lines = ["1 on", "3 on Q", "20 on Q", "30 off Q"]
    assert told(world().report().notice(0).seen(*lines).rows()) == [("request", "P", "episode", (1, 3))]
    both = world().report().notice(0).notice(10, "Q").seen(*lines).rows()
    assert told(both) == [("request", "P", "episode", (1, 3)), ("request", "Q", "episode", (10, 20))]


def test_back_at_the_old_provider_a_new_notice_starts_a_new_episode(world):
    """The first one ended by moving away."""
    made = world().report().notice(0).notice(100).seen("1 on", "3 on Q", "90 on", "110 off").rows()
    assert [(row.end, row.interval) for row in made] == [("move", (1, 3)), ("takedown", (0, 10))]


def test_a_notice_at_the_moment_of_the_end_is_a_reminder(world):
    """The Episode that ends at that instant covers it."""
    made = world().report().notice(0).notice(5).seen("1 on", "5 off")
    assert told(made.rows()) == [("request", "P", "episode", (1, 5))]


def test_the_first_notice_booked_on_a_provider_starts_its_clock_though_an_unattributed_episode_runs(world):
    """Its clock starts at the first notice to that party; what was booked on nobody counts for nobody."""
    made = world().report().notice(0, None).notice(4, "P").seen("1 on", "9 off")
    assert told(made.rows()) == [("request", None, "episode", (1, 9)), ("request", "P", "episode", (0, 5))]


def test_a_notice_booked_on_nobody_while_an_episode_runs_is_no_row(world):
    """It may well be a reminder to the party that was told before."""
    made = world().report().notice(0, "P").notice(4, None).seen("1 on", "9 off")
    assert told(made.rows()) == [("request", "P", "episode", (1, 9))]


def test_a_return_behind_another_party_counts_for_the_first_end(world):
    """A Target of several Providers at the notice is an Episode of nobody, and ends like any other."""
    made = world().report().notice(0, None).seen("0 on P", "0 on Q", "5 off P", "200 on Q")
    row = made.row()
    assert (row.provider_id, row.end, row.interval, row.recurrence) == (None, "takedown", (0, 5), 1)
