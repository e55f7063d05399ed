"""The small decisions of a run: whose turn it is, which address comes first, when a run is over."""

import threading
import time
from datetime import UTC, datetime
from typing import Any

from monitor.config import Settings
from monitor.keeping import Seen
from monitor.model.observation import CheckCounts, Observation, Standing
from monitor.model.report import Address, Host
from monitor.model.words import DueReason, HostKind
from monitor.rounds import Rounds, RunEnd, added, by_turns, family_of, turn_of
from monitor.store import DueTarget

AT = datetime(2026, 3, 2, tzinfo=UTC)


def due(target_id: int, host_id: int) -> DueTarget:
    host = Host(f"h{host_id}.example", HostKind.NAME, "example", None)
    return DueTarget(target_id, host_id, "http://h.example/", host, AT, DueReason.SCHEDULE, (), Standing())


def test_a_host_with_many_targets_keeps_nobody_waiting() -> None:
    """Every host's first Target comes before any host's second; among equals the longest due goes first."""
    ordered = by_turns([due(1, 7), due(2, 7), due(3, 7), due(4, 8), due(5, 9), due(6, 9)])
    assert [each.target_id for each in ordered] == [1, 4, 5, 2, 6, 3]


def test_the_same_address_is_asked_first_except_while_offline_is_to_be_confirmed() -> None:
    """A Target does not seem to move between its host's addresses, and is not held gone by one of them alone."""
    assert turn_of(Standing(n_checks=7)) == 0
    assert [turn_of(Standing(offline_since=AT, n_stretch=n)) for n in (1, 2)] == [1, 2]
    assert turn_of(Standing(offline_since=AT, n_stretch=3, confirmed_at=AT)) == 0


def test_a_run_is_over_after_its_time_or_when_the_program_is_to_stop() -> None:
    """Whichever comes first."""
    stop = threading.Event()
    short, long = RunEnd(stop, 0.05), RunEnd(stop, 3600)
    time.sleep(0.1)
    assert (short.is_set(), long.is_set()) == (True, False)
    stop.set()
    assert long.is_set()


def test_a_run_that_could_not_be_concluded_says_what_was_made() -> None:
    """Checks are counted as due, without an outcome; a run that was concluded counts as it came to."""
    nothing: Any = None
    rounds = Rounds(nothing, Settings(), nothing, threading.Event(), nothing, nothing)
    assert rounds.broken_off() == (CheckCounts(), "")
    seen = [Observation(n, n, AT, "direct", (), (), 0.25) for n in range(60)]
    rounds.seen = Seen(nothing, 1, nothing, stored=list(enumerate(seen[:45])), waiting=seen[45:])
    counts, said = rounds.broken_off()
    assert counts == CheckCounts(due=60) and "45 are stored" in said and "15 could not be stored" in said
    rounds.came_to = CheckCounts(60, 40, 20)
    assert rounds.broken_off() == (rounds.came_to, "")


def test_counts_of_two_runs_add_up() -> None:
    """Field by field."""
    one: Any = CheckCounts(6, 1, 2, 3, 0, 1)
    assert added(one, CheckCounts(5, 1, 1, 1, 2, 0)) == CheckCounts(11, 2, 3, 4, 2, 1)


def test_an_address_is_of_the_family_of_its_length() -> None:
    """Four bytes or sixteen."""
    assert [family_of(Address(bytes(n))) for n in (4, 16)] == [4, 6]
