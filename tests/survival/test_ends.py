"""How an Episode ends: each sentence of `measurement.md` sections 1 and 2 about the end, as a hand-made course."""

import math

import pytest

INF = math.inf
WEEK = 168


@pytest.mark.parametrize(
    ("lines", "end", "interval"),
    [
        (["-1 on", "1 on", "5 off"], "takedown", (1, 5)),
        (["-1 on", "1 on", "5 off host"], "takedown", (1, 5)),  # a refused connection is the hoster's doing
        (["-1 on", "1 on", "5 off domain"], "domain", (1, 5)),  # a name that is gone is not
        (["-1 on", "1 on", "5 off -"], "takedown", (1, 5)),  # where it was read from is not known: still here
        (["0 on", "5 off"], "takedown", (0, 5)),  # ONLINE at the very moment of the notice
        (["1 on", "2 ?", "3 ?", "5 off"], "takedown", (1, 5)),  # INCONCLUSIVE moves neither bound
        (["1 on", "4 ?"], "censored", (1, INF)),
        (["1 on", "4 on"], "censored", (4, INF)),
        ([], "censored", (0, INF)),
        (["-3 on"], "censored", (0, INF)),
        (["1 on", "3 on Q"], "move", (1, 3)),
        (["1 on", "3 off Q"], "move", (1, 3)),  # also when the first reading there is OFFLINE
        (["1 on", "2 ? Q", "3 on Q"], "move", (1, 3)),  # an INCONCLUSIVE reading moves nothing
        (["1 on", "4 on", "9 on Q", "12 off Q"], "move", (4, 9)),
        (["1 on", "2 off untrusted", "3 on Q"], "move", (1, 3)),  # from the last ONLINE at the old one
        (["1 on", "3 on -", "4 off"], "takedown", (3, 4)),  # unknown is never a move
        (["1 on", "3 on -"], "censored", (3, INF)),
        (["1 on", "2 off", "3 on Q"], "takedown", (1, 2)),  # (b) taken down here, and online there
        (["1 on", "2 off host", "3 on Q"], "takedown", (1, 2)),
        (["1 on", "2 off - domain", "3 on Q"], "move", (1, 3)),  # (b) the name came back elsewhere
        (["1 on", "2 off - domain", "3 off Q", "5 on Q"], "move", (1, 3)),
        (["1 on", "2 off - domain", "3 off Q"], "domain", (1, 2)),  # never answered again
        (["1 on", "2 off - domain", "170 on Q"], "move", (1, 170)),  # 168 hours after its first OFFLINE
        (["1 on", "2 off - domain", "170.1 on Q"], "domain", (1, 2)),
    ],
)
def test_the_end_lies_between_the_last_online_and_the_first_offline_or_elsewhere(course, lines, end, interval):
    """The end and its interval follow from the readings as the specification words it."""
    row = course(*lines)
    assert (row.status, row.end, row.interval) == ("episode", end, interval)


def test_an_end_exactly_at_the_notice_is_gone_before_notice(course):
    """R = 0 is no Episode: half-open intervals have no length left, and the row has none."""
    row = course("-1 on", "0 off")
    assert (row.status, row.interval, row.end, row.weight) == ("before_notice", (None, None), None, None)


def test_an_end_right_after_the_notice_is_an_episode(course):
    """R just above 0 counts."""
    assert course("-1 on", "0.001 off").status == "episode"


def test_offline_before_the_notice_that_was_undone_before_it_is_an_episode(course):
    """What was back by the time of the notice was not gone."""
    row = course("-5 off", "-1 on", "2 off")
    assert (row.status, row.interval, row.interrupted) == ("episode", (0, 2), False)
    assert course("-5 off", "0 on", "2 off").interval == (0, 2)


def test_gone_before_notice_holds_when_the_material_returns_after_seven_days(course):
    """The return is a recurrence; an Episode it has only from a new notice."""
    row = course("-100 off", "100 on")
    assert (row.status, row.recurrence) == ("before_notice", 1)
    assert course("-100 off", "60 on").status == "episode"  # within seven days of the first OFFLINE: undone


def test_an_unconfirmed_offline_before_the_notice_counts_once_it_is_confirmed(course):
    """R is the first OFFLINE of the run, also when the confirmation came after the notice."""
    lines = ["-0.2 off untrusted", "0.1 off untrusted", "0.4 off untrusted"]
    assert course(*lines).status == "before_notice"
    assert course(*lines[:2]).status == "episode"


@pytest.mark.parametrize(
    ("lines", "lower0", "right", "weight"),
    [
        (["-3 on", "4 off"], -1, 4, 0.8),  # the report, an hour before the notice, is later than the reading
        (["-0.25 on", "0.75 off"], -0.25, 0.75, 0.75),  # the reading is later than the report
        (["4 off"], -1, 4, 0.8),  # no reading at all before the notice
        (["-3 on", "2 ?", "4 off"], -1, 4, 0.8),
        (["-3 on", "4 off domain"], -1, 4, 0.8),
        (["-3 on", "4 on Q"], -1, 4, 0.8),  # a move may have been before the notice as well
    ],
)
def test_gap_at_notice_has_the_interval_from_zero_and_a_weight(course, lines, lower0, right, weight):
    """Without ONLINE at or after the notice the end may have come before it: (0, R], weight R / (R - L0)."""
    row = course(*lines)
    assert (row.gap_at_notice, row.lower0_hours, row.interval, row.weight) == (True, lower0, (0, right), weight)


def test_a_report_later_than_its_notice_leaves_the_whole_weight(world):
    """L0 is never after the notice."""
    row = world().report(reported=2).notice().seen("4 off").row()
    assert (row.gap_at_notice, row.lower0_hours, row.weight) == (True, 0, 1)


@pytest.mark.parametrize("lines", [["0 on", "4 off"], ["3 on", "4 off"], ["-3 on", "4 ?"], []])
def test_no_gap_where_it_was_seen_online_or_no_end_was_seen(course, lines):
    """Seen ONLINE at or after the notice, or no end seen: weight 1 and no L0 (e)."""
    row = course(*lines)
    assert (row.gap_at_notice, row.lower0_hours, row.weight) == (False, None, 1)


@pytest.mark.parametrize(
    ("lines", "tail", "last"),
    [
        (["1 on", "4 ?", "5 ?"], 4, "inconclusive"),
        (["1 on", "4 off untrusted", "5 ?"], 4, "inconclusive"),
        (["1 ?", "2 on", "4 off untrusted"], 4, "offline"),
        (["1 ?", "2 on"], None, "online"),
        (["0 ?"], 0, "inconclusive"),
        (["-2 on", "-1 ?", "3 ?"], 3, "inconclusive"),
        (["-2 on"], None, "online"),
        ([], None, None),
    ],
)
def test_a_censored_episode_tells_where_its_inconclusive_tail_begins(course, lines, tail, last):
    """The tail begins at the first reading after the last ONLINE; the last reading decides `inconclusive`."""
    row = course(*lines)
    assert (row.end, row.tail_from_hours, row.last_outcome) == ("censored", tail, last)


def test_readings_at_one_instant_end_with_online(course):
    """One ONLINE at the same instant undoes an OFFLINE and is the last word."""
    for lines in (["1 off", "1 on", "1 ?"], ["1 ?", "1 on", "1 off"]):
        row = course(*lines)
        assert (row.end, row.last_outcome, row.tail_from_hours, row.interval) == ("censored", "online", None, (1, INF))


@pytest.mark.parametrize(
    ("lines", "confirmed"),
    [
        (["1 off untrusted", "1.25 off untrusted", "1.5 off untrusted"], True),  # exactly 30 minutes
        (["1 off untrusted", "1.25 off untrusted", "1.49 off untrusted"], False),
        (["1 off untrusted", "9 off untrusted"], False),  # two readings
        (["1 off untrusted", "1.2 ?", "1.3 off untrusted", "2 off untrusted"], True),
        (["1 off untrusted", "1.2 on untrusted", "1.3 off untrusted", "2 off untrusted"], False),
        (["1 off untrusted", "2 off"], True),  # one from a trusted source is enough
    ],
)
def test_confirmed_offline_takes_three_readings_over_thirty_minutes(course, lines, confirmed):
    """Three OFFLINE over at least 30 minutes without ONLINE between; a trusted source needs one."""
    row = course("0 on", *lines)
    assert row.end == ("takedown" if confirmed else "censored")
    assert row.right_hours == (1 if confirmed else INF)


def test_one_online_undoes_an_unconfirmed_run(course):
    """The time of the undone run leaves no trace: no end, no interruption, no first takedown."""
    row = course("0 on", "1 off untrusted", "2 off untrusted", "3 on", "9 off")
    assert (row.interval, row.interrupted, row.first) == ((3, 9), False, (3, 9))


def test_online_again_within_seven_days_is_an_interruption(course):
    """The end is the last confirmed run, and the first takedown is kept."""
    row = course("1 on", "5 off", "100 on", "120 off")
    assert (row.end, row.interval, row.interrupted, row.first) == ("takedown", (100, 120), True, (1, 5))
    assert row.recurrence == 0


def test_an_interrupted_episode_without_a_further_end_is_censored(course):
    """Online again and never seen offline since: no end was seen, the first takedown stays a figure."""
    row = course("1 on", "5 off", "100 on")
    assert (row.end, row.interval, row.interrupted, row.first) == ("censored", (100, INF), True, (1, 5))


def test_what_is_removed_after_the_end_is_no_first_takedown_of_the_episode(course):
    """The name was gone at 5 h: that it came back, and was removed at 320 h, is a recurrence."""
    row = course("1 on", "5 off domain", "300 on", "320 off")
    assert (row.end, row.interval, row.recurrence) == ("domain", (1, 5), 1)
    assert (row.first_left_hours, row.first_right_hours) == (None, None)


def test_seven_days_run_from_the_first_offline_and_include_their_end(course):
    """(a) 168 hours after the first OFFLINE is still within, a moment later it is not."""
    assert course("1 on", "5 off", f"{5 + WEEK} on").end == "censored"
    assert course("1 on", "5 off", "150 off", f"{5.01 + WEEK} on").interval == (1, 5)


def test_online_after_seven_days_is_a_recurrence(course):
    """The end stands, the return is counted, later returns as well; an interruption of a return is not."""
    row = course("1 on", "5 off", "200 on", "210 off", "220 on", "230 off", "500 on")
    assert (row.interval, row.interrupted, row.recurrence) == ((1, 5), False, 2)


def test_online_elsewhere_after_a_takedown_is_a_recurrence(course):
    """(b) Within seven days too: the takedown here stands."""
    row = course("1 on", "5 off", "9 on Q")
    assert (row.end, row.moved_to, row.recurrence) == ("takedown", None, 1)


@pytest.mark.parametrize(("cutoff", "provisional"), [(5 + WEEK - 1, True), (5 + WEEK, False)])
def test_a_run_younger_than_seven_days_at_the_cutoff_is_a_provisional_end(course, cutoff, provisional):
    """It counts as an end all the same."""
    row = course("1 on", "5 off", cutoff=cutoff)
    assert (row.end, row.provisional) == ("takedown", provisional)


def test_a_move_names_the_new_provider(course):
    """`moved_to` is where the Target was first read conclusively."""
    assert course("1 on", "3 on R", "4 on Q").moved_to == "R"
    assert course("1 on", "3 on").moved_to is None


@pytest.mark.parametrize(
    ("lines", "end", "interval"),
    [
        (["1 on", "3 on Q", "27 on", "30 off"], "takedown", (27, 30)),  # back within 24 hours
        (["1 on", "3 on Q", "27.1 on"], "move", (1, 3)),
        (["1 on", "3 on Q", "9 off"], "takedown", (3, 9)),  # an OFFLINE at the old one is back as well
        (["1 on", "3 on Q", "9 ?"], "move", (1, 3)),  # an INCONCLUSIVE reading is not
        (["1 on", "3 on Q", "9 on", "12 on Q"], "move", (9, 12)),  # the second time it stayed away
        (["1 on", "3 on Q", "4 on R", "9 on"], "censored", (9, INF)),
        (["1 on", "3 on", "3 on Q", "200 on Q"], "move", (3, 200)),  # at both at one instant: still here
        (["1 on", "3 on Q", "3 on", "200 on Q"], "move", (3, 200)),
    ],
)
def test_a_flap_is_no_move(course, lines, end, interval):
    """A conclusive reading back at the old Provider within 24 hours makes it a flap."""
    row = course(*lines)
    assert (row.end, row.interval) == (end, interval)


def test_readings_elsewhere_before_the_notice_are_no_flap_and_no_move(course):
    """(f) The Provider is the one booked at the notice; only what comes after counts."""
    row = course("-3 on Q", "-2 on", "-1 on Q", "2 on", "4 off")
    assert (row.end, row.interval, row.moved_to) == ("takedown", (2, 4), None)


def test_without_a_known_provider_there_is_no_move(course):
    """Unknown is never a move: not from there either."""
    row = course("1 on Q", "3 on R", "5 off Q", provider=None)
    assert (row.provider_id, row.status, row.end, row.interval) == (None, "episode", "takedown", (3, 5))
    assert row.unattributed_reason == "no-address"


def test_behind_a_reverse_proxy_the_network_is_unknown_and_the_proxy_booked(course):
    """A hosting provider's Target that goes behind a proxy did not move; the proxy's moves when it leaves it."""
    assert course("1 on", "3 on >C", "9 off >C").interval == (3, 9)
    fronted = course("1 on >C", "3 on >C", "9 on Q", provider="C", role="proxy")
    assert (fronted.role, fronted.provider_id, fronted.end, fronted.interval) == ("proxy", "C", "move", (3, 9))
    assert (fronted.fronted, fronted.moved_to) == (True, "Q")


def test_n_checks_counts_the_readings_from_the_notice_on(course):
    """(h) Also inconclusive ones and those after the end."""
    assert course("-2 on", "0 on", "1 ?", "3 off", "5 off").n_checks == 4


def test_page_targets_are_marked(course):
    """One reading of a page that answers marks the Target, so that figures can be given without it."""
    assert course("1 ? page", "2 on").page_target
    assert not course("2 on").page_target
