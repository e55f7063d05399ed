"""The table as a whole: which readings count, how rows are ordered and numbered, and that no store key enters."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from monitor.model.columns import VoidColumns
from monitor.model.episode import Span
from monitor.model.method import Thresholds
from monitor.survival import episodes
from monitor.survival.table import RULE_VERSION
from tests.survival.conftest import ZERO


def test_a_bracket_counts_where_there_is_no_check_log(world):
    """The hotline's own last online and first offline are the only readings then."""
    made = world().report().notice().seen("2 on", "8 off", bracket=True)
    assert made.row().interval == (2, 8)


@pytest.mark.parametrize("line", ["3 on", "9 on"])
def test_a_bracket_does_not_count_beside_a_check_log(world, line):
    """One recorded check that says on or off is a log; another Target's log is none."""
    made = world().report().notice().seen("2 on", "8 off", bracket=True).seen(line)
    assert (made.row().end, made.row().n_checks) == ("censored", 1)
    other = world().report().report("r2", target=2).notice().seen("2 on", "8 off", bracket=True).seen(line, target=2)
    assert other.row().interval == (2, 8)


def test_inconclusive_checks_do_not_displace_a_bracket(world):
    """A log that says nothing must not take away what the hotline saw."""
    made = world().report().notice().seen("2 on", "8 off", bracket=True).seen("3 ?", "9 ?")
    row = made.row()
    assert (row.end, row.interval, row.n_checks) == ("takedown", (2, 8), 4)


@pytest.mark.parametrize("lines", [("5 on", "5 off"), ("5 off", "5 on")])
def test_an_exact_removal_is_a_takedown_at_that_instant(world, lines):
    """last_online_at = first_offline_at after the notice: the interval is one moment, and nothing was interrupted."""
    row = world().report().notice().seen(*lines, bracket=True).row()
    assert (row.status, row.end, row.interval, row.first) == ("episode", "takedown", (5, 5), (5, 5))
    assert (row.gap_at_notice, row.interrupted, row.recurrence, row.last_outcome) == (False, False, 0, "offline")
    assert (row.exposure_low_hours, row.exposure_high_hours) == (5, 5)


@pytest.mark.parametrize(("hours", "status"), [(0, "before_notice"), (-1, "before_notice"), (0.001, "episode")])
def test_an_exact_removal_at_or_before_the_notice_is_gone_before_it(world, hours, status):
    """Half-open as any other end: at the instant of the notice nothing is left to remove."""
    assert world().report().notice().seen(f"{hours} on", f"{hours} off", bracket=True).row().status == status


def test_an_exact_removal_that_was_undone_is_an_interruption(world):
    """Of two reports of one Target: gone at 5, and seen again by the other until 9."""
    made = world().report().report("r2").notice().seen("5 on", "5 off", "8 on", "9 off", bracket=True)
    row = made.row()
    assert (row.interval, row.first, row.interrupted) == ((8, 9), (5, 5), True)


def test_two_checks_of_one_instant_are_no_exact_removal(world):
    """Only a bracket says so: of a check log's readings the one that is online has the last word."""
    assert world().report().notice().seen("5 on", "5 off").row().end == "censored"


def test_each_target_has_its_own_readings(world):
    """Targets lie side by side in the columns, some without readings."""
    made = world()
    for n, hours in ((1, 3), (2, None), (3, 5)):
        made.report(f"r{n}", target=n).notice(0, record=f"r{n}")
        if hours:
            made.seen("1 on", f"{hours} off", target=n)
    assert [row.interval for row in made.rows()] == [(1, 3), (0, float("inf")), (1, 5)]


def test_rows_are_in_the_order_of_source_record_role_clock_and_time(world):
    """Dense numbers follow that order."""
    made = world().report("b", target=9).report("a", target=5, source="other").report("c", target=9)
    made.notice(30, record="b", kind="order").notice(0, record="a").notice(0, "Q", record="b").notice(1, record="c")
    rows = made.rows()
    assert [(row.source, row.record_id, row.clock) for row in rows] == [
        ("hotline", "b", "order"),
        ("hotline", "b", "request"),
        ("hotline", "c", "request"),
        ("other", "a", "request"),
    ]
    assert [row.target_id for row in rows] == [0, 0, 0, 1]
    assert [row.site_id for row in rows] == [0, 0, 0, 0]
    assert [row.cluster_id for row in rows] == [0, 1, 2, 2]  # P on the next day, Q, P on the first day


def test_an_empty_store_gives_an_empty_table(world):
    """No report, no notice, no reading."""
    assert world().rows() == []


def test_every_row_says_which_rules_made_it(course):
    """So that a table can be told from one of another version."""
    assert course("1 on").rule_version == RULE_VERSION


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_import_changes_nothing(world, seed):
    """Readings and notices at one instant, in any order of arrival, give the same rows."""
    lines = ["1 on", "1 on Q", "3 off", "3 off - domain", "3 off untrusted host", "3 ?", "5 on Q", "5 on R", "5 on -"]
    lines += ["90 on", "90 off Q", "95 off domain", "95 off host"]
    notices = [(0, {"party": "Q"}), (0, {}), (0, {"status": "bounced"}), (0, {"status": "unknown"}), (6, {})]
    pick = np.random.default_rng(seed)
    expected = world().report("r0").report("r1")
    shuffled = world().report("r1").report("r0")
    for made, shuffle in ((expected, list), (shuffled, lambda items: [items[i] for i in pick.permutation(len(items))])):
        for hours, words in shuffle(notices):
            made.notice(hours, record="r1", **words)
        made.notice(0, record="r0", kind="order").seen(*shuffle(lines))
    assert shuffled.rows() == expected.rows()
    assert len(expected.rows()) == 3


def test_facts_at_or_after_the_cutoff_are_not_used(world):
    """Not a reading, not a notice, not a check log that would displace a bracket."""
    made = world().report().notice(0).notice(60, "Q").seen("1 on", "5 off", bracket=True).seen("50 on", "60 off")
    row = made.row(cutoff=50)
    assert (row.interval, row.n_checks) == ((1, 5), 2)
    assert len(made.rows(cutoff=61)) == 2


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_how_many_lanes_are_taken_at_a_time_changes_no_row(world, at_once):
    """Targets with and without readings, in several roles and on both clocks, void checks: borders lie anywhere."""
    made = world()
    for n in range(9):
        made.report(f"r{n}", target=n)
        made.notice(0, record=f"r{n}", also={"as": "Q" if n % 2 else "P", "site": "P"})
        if n % 3:
            made.notice(n, record=f"r{n}", kind="order").notice(40, "Q", record=f"r{n}")
        if n % 4:
            offline = (f"{5 + n + part} off untrusted" for part in (0, 0.25, 0.6))
            made.seen("1 on", *offline, *([f"{30 + n} on Q"] if n % 2 else []), target=n)
    base = round(ZERO.timestamp() * 1e6)
    at = [base + round(hours * 3_600_000_000) for hours in (7.3, 10.3, 10.5, 13)]
    facts = replace(made.facts(), voids=VoidColumns(np.array([2, 5, 5, 8]), np.array(at)))
    span = Span(*(ZERO + timedelta(hours=hours) for hours in (-1000, 1000, 3000)))
    together = episodes(facts, made.booking(), span, Thresholds())
    parted = episodes(facts, made.booking(), span, Thresholds(), at_once=at_once)
    assert len(together) > 30
    for name, column in together.arrays().items():
        np.testing.assert_array_equal(parted.arrays()[name], column, err_msg=name)
