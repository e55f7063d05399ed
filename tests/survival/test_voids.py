"""Void checks: they break a confirmation off, and change neither when a run began nor whether it lasts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.columns import VoidColumns
from monitor.model.episode import Span
from monitor.model.method import Thresholds
from monitor.model.words import Outcome
from monitor.survival import episodes
from monitor.survival.history import History

ZERO = datetime(2026, 3, 2, 9, tzinfo=UTC)


def voids(*entries):
    """(target, hours after the notice), in order."""
    base = round(ZERO.timestamp() * 1e6)
    return VoidColumns(
        np.array([target for target, _ in entries], np.int64),
        np.array([base + round(at * 3_600_000_000) for _, at in entries], np.int64),
    )


def derived(a_world, *entries):
    """The ends and intervals of its Episodes, with these void checks."""
    span = Span(*(ZERO + timedelta(hours=x) for x in (-1000, 1000, 3000)))
    table = episodes(replace(a_world.facts(), voids=voids(*entries)), a_world.booking(), span, Thresholds())
    return [
        (str(end), float(left), float(right))
        for end, left, right in zip(table.end, table.left_hours, table.right_hours, strict=True)
    ]


OURS = ("1 on", "5 off untrusted", "5.25 off untrusted", "5.6 off untrusted")


@pytest.mark.parametrize("place", [5.1, 5.25, 5.5, 5.6])
def test_readings_on_both_sides_of_a_void_check_do_not_confirm_each_other(world, place):
    """Three OFFLINE over half an hour, a void check between: nothing is confirmed yet."""
    course = world().report().notice().seen(*OURS)
    assert derived(course) == [("takedown", 1, 5)]
    assert derived(course, (1, place)) == [("censored", 1, np.inf)]


@pytest.mark.parametrize("place", [4, 5.7])
def test_a_void_check_before_or_after_the_three_readings_does_no_harm(world, place):
    """One stretch without a void check is enough, wherever it lies in the run."""
    assert derived(world().report().notice().seen(*OURS), (1, place)) == [("takedown", 1, 5)]


def test_the_run_still_begins_with_its_first_reading(world):
    """Our own outage makes no provider look slower: the end is at 5 h although it was confirmed at 9 h."""
    course = world().report().notice().seen(*OURS[:3], *(f"{at} off untrusted" for at in (8, 8.25, 9)))
    assert derived(course, (1, 5.3)) == [("takedown", 1, 5)]


def test_what_a_trusted_source_recorded_needs_no_confirmation(world):
    """Its one OFFLINE ends the Episode, void checks of ours or not."""
    assert derived(world().report().notice().seen("1 on", "5 off"), (1, 5.1)) == [("takedown", 1, 5)]


def test_void_checks_of_another_target_do_not_count(world):
    """Each Target has its own."""
    both = world().report().notice().seen(*OURS).report("r2", target=2).notice(record="r2").seen(*OURS, target=2)
    assert derived(both, (2, 5.5), (3, 5.5)) == [("takedown", 1, 5), ("censored", 1, np.inf)]


def test_no_void_check_is_the_same_as_none_given(world):
    """The default of Facts."""
    course = world().report().notice().seen(*OURS)
    assert derived(course) == [(r.end, *r.interval) for r in course.rows()]


@settings(derandomize=True, deadline=None)
@given(
    minutes=st.lists(st.integers(0, 200), unique=True, max_size=25).map(sorted),
    words=st.lists(st.sampled_from((*Outcome, Outcome.OFFLINE, Outcome.OFFLINE, None)), min_size=25, max_size=25),
)
def test_runs_are_confirmed_exactly_where_one_stretch_proves_them(minutes, words):
    """Against a slow definition: some three OFFLINE over 30 minutes with neither ONLINE nor void between."""
    seen = list(zip(minutes, words, strict=False))
    at = [m for m, word in seen if word is not None]
    history = History(
        [m * 60_000_000 for m in at],
        [int(word) for _, word in seen if word is not None],
        [0] * len(at),
        [0] * len(at),
        [False] * len(at),
        [m * 60_000_000 for m, word in seen if word is None],
    )
    runs = history.offline_runs(Thresholds())
    proofs = set()
    for i, (start, _) in enumerate(seen):
        for j in range(i, len(seen)):
            part = [word for _, word in seen[i : j + 1]]
            if Outcome.ONLINE in part or None in part:
                break
            if part[0] is part[-1] is Outcome.OFFLINE and part.count(Outcome.OFFLINE) >= 3 and seen[j][0] - start >= 30:
                before = [m for m, word in seen[:i] if word is Outcome.ONLINE]
                proofs.add(min(m for m, word in seen if word is Outcome.OFFLINE and m > max(before, default=-1)))
    assert {run.first_at // 60_000_000 for run in runs} == proofs
