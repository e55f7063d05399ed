"""When a Target is checked: simulated workers that make each check when it is due, or up to a minute late."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.observation import Anchor, Standing
from monitor.model.words import DueReason, NoticeKind
from monitor.observation.offsets import PUBLISHED_HOURS, tolerance
from monitor.observation.schedule import most_checks, next_due

ZERO = datetime(2026, 3, 28, 12, tzinfo=UTC)  # the night of a change to summer time lies ahead
NORMS = {NoticeKind.REQUEST: 24.0, NoticeKind.ORDER: 12.0}
NOTICE = Anchor(ZERO, NoticeKind.REQUEST)
MINUTE = timedelta(minutes=1)
HORIZON = timedelta(days=200)


def hours(n):
    return timedelta(hours=n)


def after(standing, at, word):
    """What judging makes of a check: "on", "off", "void", "nothing" or "page" (inconclusive: no use asking again)."""
    standing = replace(standing, n_checks=standing.n_checks + 1, last_checked_at=at)
    if word == "on":
        return Standing(n_checks=standing.n_checks, last_checked_at=at, last_online_at=at)
    if word == "off":
        stretch, n = standing.stretch_since or at, standing.n_stretch + 1
        done = standing.confirmed_at or (at if n >= 3 and at - stretch >= 30 * MINUTE else None)
        since = standing.offline_since or at
        return replace(standing, offline_since=since, stretch_since=stretch, n_stretch=n, confirmed_at=done, n_again=0)
    if word == "void":
        return replace(standing, stretch_since=None, n_stretch=0, n_again=standing.n_again + 1)
    return replace(standing, n_again=standing.n_again + 1 if word == "nothing" else 0)


def checked(anchors, see=lambda at: "on", *, seed=1, norms=NORMS, late=lambda n: 0.0, until=HORIZON, most=9999):
    """The time, reason and Standing of each check from the first anchor on, as `see` reads them."""
    now, standing, made = min(each.at for each in anchors), Standing(), []
    end = now + until
    while (due := next_due(anchors, standing, norms, now, seed)) is not None and due.at <= end:
        assert len(made) < most
        assert due.at >= now
        at = due.at + timedelta(seconds=late(len(made)))
        assert standing.last_checked_at is None or at > standing.last_checked_at
        standing = after(standing, at, see(at))
        made.append((at, due.why, standing))
        now = at + timedelta(seconds=5)
    return made


def offsets(made, zero=ZERO):
    return [(at - zero).total_seconds() / 3600 for at, *_ in made]


def assert_surrounded(made, boundary, zero=ZERO):
    """Each boundary (hours) has a check within its tolerance before it and one after it."""
    seconds, room = [x * 3600 for x in offsets(made, zero)], tolerance(boundary * 3600)
    edge = boundary * 3600
    assert any(edge - room <= s < edge for s in seconds), boundary
    assert any(edge < s <= edge + room for s in seconds), boundary


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    seed=st.integers(0, 2**40),
    deadline=st.none() | st.floats(0.25, 12) | st.just(1.0),
    norms=st.lists(st.floats(0.5, 400), min_size=1, max_size=2),
    late=st.lists(st.floats(0, 60), min_size=1, max_size=20),
    words=st.sampled_from((("on",), ("off",), ("page",), ("nothing",), ("on", "off"), ("void", "off", "page"))),
)
def test_every_norm_published_hour_and_deadline_has_a_check_before_and_after(seed, deadline, norms, late, words):
    """Within 5 minutes or 5%, whatever the jitter, a worker up to a minute late, and whatever is seen."""
    norm_hours = dict(zip(NoticeKind, norms, strict=False))
    anchor, turn = Anchor(ZERO, NoticeKind.ORDER, deadline), iter(range(10**6))
    made = checked(
        [anchor],
        lambda at: words[next(turn) % len(words)],
        seed=seed,
        norms=norm_hours,
        late=lambda n: late[n % len(late)],
        until=hours(600),
    )
    for boundary in {*PUBLISHED_HOURS, *norms, *((deadline,) if deadline else ())}:
        assert_surrounded(made, boundary)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**40), gap=st.floats(0, 100), order=st.sampled_from((1.0, 4.0, 12.0)))
def test_two_notices_each_keep_their_promise(seed, gap, order):
    """The union of both schedules surrounds the boundaries of both, with no more checks than both have alone."""
    second = Anchor(ZERO + hours(gap), NoticeKind.ORDER, order)
    made = checked([NOTICE, second], seed=seed)
    for boundary in (*PUBLISHED_HOURS, order):
        assert_surrounded(made, boundary, second.at)
    for boundary in PUBLISHED_HOURS:
        assert_surrounded(made, boundary)
    assert len(made) <= len(checked([NOTICE], seed=seed)) + len(checked([second], seed=seed))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    words=st.lists(st.sampled_from(("on", "off", "void", "nothing", "page")), min_size=1, max_size=60), data=st.data()
)
def test_the_number_of_checks_in_90_days_is_bounded_whatever_is_seen(words, data):
    """Any row of readings, repeated for 90 days, stays below the stated bound."""
    order, turn = data.draw(st.sampled_from((None, 1.0, 3.0))), iter(range(10**6))
    anchor, bound = Anchor(ZERO, NoticeKind.ORDER, order), most_checks(NORMS, [order] if order else [])
    seed = data.draw(st.integers(0, 10**6))
    checked([anchor], lambda at: words[next(turn) % len(words)], seed=seed, until=hours(24 * 90), most=bound)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(seed=st.integers(0, 2**31), flips=st.lists(st.floats(0.01, 90), max_size=30), step=st.integers(2, 9))
def test_a_target_that_comes_and_goes_at_the_worst_moments_stays_below_the_bound(seed, flips, step):
    """Truth changes at any time; a fixed share of the checks is void."""
    turn = iter(range(10**6))

    def see(at):
        days = (at - ZERO) / timedelta(days=1)
        return "void" if next(turn) % step == 0 else ("on", "off")[sum(f < days for f in flips) % 2]

    checked([NOTICE], see, seed=seed, until=hours(24 * 90), most=most_checks(NORMS))


def test_the_usual_numbers_are_those_that_the_documentation_states():
    """Beside the bound, docs/schedule.md states how many checks ordinary courses bring."""
    always, gone = checked([NOTICE]), checked([NOTICE], lambda at: "on" if at < ZERO + hours(5) else "off")
    reported = checked([Anchor(ZERO)])
    counts = [len(always), len(gone), len(reported), most_checks(NORMS, [1.0])]
    table = (Path(__file__).parents[2] / "docs" / "schedule.md").read_text(encoding="utf-8")
    assert counts == [int(n) for n in re.findall(r"^\|[^|]+\| (\d+) \|$", table, re.MULTILINE)]


def test_a_target_that_stays_is_checked_daily_for_two_weeks_and_weekly_for_ninety_days():
    """The hours of the schedule, to within their jitter."""
    found = offsets(checked([NOTICE]))
    wanted = [0, 0.93, 1.02, 2, 4, 8, 11.6, 12.1, 18, 23.6, 24.1, 36, 47.6, 48.1, 72, 96, 120, 144, 167.6, 168.1]
    wanted += [24 * day for day in (*range(8, 15), *range(21, 90, 7), 90)]
    assert len(found) == len(wanted)
    assert all(abs(a - b) <= 0.51 for a, b in zip(found, wanted, strict=True))


def test_jitter_spreads_the_targets_of_one_notice_batch():
    """Of a thousand Targets told of at once no minute gets more than a tenth at the 12 hours' check."""
    places = [offsets(checked([NOTICE], seed=seed, until=hours(12)))[-1] for seed in range(1000)]
    assert max(sum(m <= (p - 11.5) * 60 < m + 1 for p in places) for m in range(15)) < 100
    assert min(places) >= 11.5
    assert max(places) <= 11.75


def test_the_first_offline_brings_confirmations_after_15_and_30_minutes():
    """Three readings over at least half an hour, with the reason for each."""
    made = checked([NOTICE], lambda at: "on" if at < ZERO + hours(3) else "off", until=hours(6))
    first = next(i for i, (at, *_) in enumerate(made) if at > ZERO + hours(3))
    times, reasons, standings = zip(*made[first : first + 3], strict=True)
    assert reasons == (DueReason.SCHEDULE, DueReason.CONFIRMATION, DueReason.CONFIRMATION)
    assert (times[1] - times[0], times[2] - times[0]) == (15 * MINUTE, timedelta(minutes=30, seconds=5))
    assert standings[2].confirmed_at == times[2]


@pytest.mark.parametrize("word", ["void", "nothing"])
def test_a_confirmation_that_gave_nothing_is_made_again_after_five_minutes(word):
    """And one that was void starts the half hour anew."""
    standing = after(after(after(Standing(), ZERO, "on"), ZERO + hours(2), "off"), ZERO + hours(2.25), word)
    due = next_due([NOTICE], standing, NORMS, ZERO + hours(2.25), 1)
    assert timedelta(minutes=5) <= due.at - ZERO - hours(2.25) <= timedelta(minutes=8)
    assert due.why is DueReason.CONFIRMATION


def test_a_check_that_gave_nothing_is_made_again_three_times_and_then_waits_for_the_schedule():
    """After 5, 15 and 60 minutes, never beyond the next scheduled check."""
    standing, now, waits = after(Standing(), ZERO + hours(25), "on"), ZERO + hours(36.5), []
    for _ in range(4):
        standing = after(standing, now, "void")
        due = next_due([NOTICE], standing, NORMS, now, 1)
        waits.append((due.why, round((due.at - now) / MINUTE)))
        now = due.at
    assert waits[:3] == [(DueReason.AGAIN, 5), (DueReason.AGAIN, 15), (DueReason.AGAIN, 60)]
    assert waits[3][0] is DueReason.SCHEDULE


def test_retry_after_is_honoured_and_the_check_comes_right_after_it():
    """What was due meanwhile comes down to one check when the wait is over."""
    wait = ZERO + hours(1.5)
    standing = replace(after(Standing(), ZERO, "nothing"), not_before=wait)
    due = next_due([NOTICE], standing, NORMS, ZERO + MINUTE, 1)
    assert (due.at, due.why) == (wait, DueReason.RETRY_AFTER)
    following = next_due([NOTICE], after(standing, wait, "on"), NORMS, wait, 1)
    assert following.at >= ZERO + hours(2)


def test_a_worker_that_was_down_makes_one_check_for_all_that_it_missed():
    """At once, and then goes on with the schedule."""
    back = ZERO + hours(30)
    due = next_due([NOTICE], after(Standing(), ZERO + hours(2), "on"), NORMS, back, 1)
    assert due.at == back
    assert next_due([NOTICE], after(Standing(), back, "on"), NORMS, back, 1).at >= ZERO + hours(36)


def test_a_report_without_a_notice_is_checked_daily_until_a_notice_takes_over():
    """So that what is gone before the notice is known as such; the notice brings a check at once."""
    report, notice = Anchor(ZERO), Anchor(ZERO + hours(30), NoticeKind.REQUEST)
    assert [round(x) for x in offsets(checked([report], until=hours(80)))] == [0, 24, 48, 72]
    seen = after(Standing(), ZERO + hours(24), "on")
    assert next_due([report, notice], seen, NORMS, ZERO + hours(29), 1).at == notice.at


def test_what_is_confirmed_offline_is_watched_ever_more_rarely_for_ninety_days():
    """At least daily in the first week, weekly after two, and last 90 days after it went; the norms stay surrounded."""
    gone = ZERO + hours(24 * 40)
    made = checked([NOTICE], lambda at: "on" if at < gone else "off", until=hours(24 * 300))
    first = next(standing.offline_since for *_, standing in made if standing.offline_since)
    days = [(at - first) / timedelta(days=1) for at, *_ in made if at >= first]
    steps = [b - a for a, b in pairwise(days)]
    assert max(step for day, step in zip(days, steps, strict=False) if day < 6) <= 1.03
    assert max(steps) <= 7.03
    assert 90 <= days[-1] <= 90.03


def test_what_comes_back_is_on_the_ordinary_schedule_again():
    """One ONLINE after a confirmed run, and the next check is the schedule's."""
    made = checked([NOTICE], lambda at: "off" if hours(30) < at - ZERO < hours(100) else "on", until=hours(200))
    assert {24 * 5, 24 * 6} <= {round(x) for x in offsets(made) if x > 110}


@pytest.mark.parametrize("standing", [Standing(), after(Standing(), ZERO, "on"), after(Standing(), ZERO, "off")])
def test_what_was_reported_long_ago_is_not_checked_any_more(standing):
    """More than 90 days after the last anchor there is nothing to do, nor without an anchor."""
    assert next_due([NOTICE], standing, NORMS, ZERO + hours(24 * 92), 1) is None
    assert next_due([], standing, NORMS, ZERO, 1) is None


def test_a_missed_first_check_is_due_at_once():
    """A notice that arrives here late is no reason to wait."""
    due = next_due([NOTICE], Standing(), NORMS, ZERO + hours(7), 1)
    assert (due.at, due.why) == (ZERO + hours(7), DueReason.FIRST)


def test_local_time_changes_nothing():
    """Anchors in another zone, across a change to summer time, give the same instants."""
    local = [Anchor(ZERO.astimezone(ZoneInfo("Europe/Amsterdam")), NoticeKind.REQUEST)]
    assert [at for at, *_ in checked(local, until=hours(80))] == [at for at, *_ in checked([NOTICE], until=hours(80))]
