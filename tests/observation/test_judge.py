"""What judging remembers of a Target from one Check to the next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.model.method import Thresholds
from monitor.model.observation import Exchange, Fingerprint, Observation, Standing, Surroundings
from monitor.model.words import DnsStatus, ExchangeError, Method, Outcome, Phase, Purpose
from monitor.observation import judge, replay

START = datetime(2026, 3, 28, 22, tzinfo=UTC)
ADDRESS = b"\xcb\x00\x71\x01"
PICTURE = Fingerprint("image/jpeg", 1000, "e" * 16, False, "d" * 16)
OTHER = Fingerprint("image/jpeg", 70, "f" * 16)
PAGE = Fingerprint("text/html", 500, "a" * 16)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
THRESHOLDS = Thresholds()
WELL, VOID = Surroundings(), Surroundings(void=True)


def answered(status, fingerprint=Fingerprint(), **more):  # noqa: B008 - frozen
    more = {"purpose": Purpose.TARGET, **more}
    return (
        Exchange(method=Method.HEAD, phase=Phase.DONE, address=ADDRESS, status=status, fingerprint=fingerprint, **more),
    )


def failed(error, phase=Phase.CONNECT):
    return (Exchange(Purpose.TARGET, Method.HEAD, phase, ADDRESS, error),)


ONLINE = answered(200, PICTURE)
GONE = answered(404)
BUSY = answered(503)
SILENT = failed(ExchangeError.TIMEOUT)
OURS = failed(ExchangeError.OWN_NETWORK)
NAMED = (DnsStatus.ANSWERED, DnsStatus.ANSWERED)
SERVFAIL = (DnsStatus.SERVFAIL, DnsStatus.SERVFAIL)


def seen(after, exchanges, answers=NAMED, seconds=0.0):
    return Observation(1, 1, START + after, "direct", answers, exchanges, seconds)


def course(*steps, standing=None, around=WELL):
    """Fold (time after the start, exchanges[, surroundings]) and give the last Verdict and Standing."""
    standing, verdict = standing or Standing(), None
    for after, exchanges, *other in steps:
        verdict, standing = judge(seen(after, exchanges), standing, *other or [around], THRESHOLDS)
    return verdict, standing


def test_three_offline_readings_over_thirty_minutes_are_confirmed():
    """The run begins with the first of them; it is confirmed at the last one's time."""
    _, standing = course((0 * MINUTE, GONE), (15 * MINUTE, GONE), (30 * MINUTE, GONE))
    assert (standing.offline_since, standing.n_stretch) == (START, 3)
    assert standing.confirmed_at == START + 30 * MINUTE


@pytest.mark.parametrize("minutes", [(0, 30), (0, 10, 29), (0, 1, 2, 3)])
def test_fewer_readings_or_a_shorter_span_confirm_nothing(minutes):
    """Both are needed: three readings, and thirty minutes."""
    _, standing = course(*[(n * MINUTE, GONE) for n in minutes])
    assert standing.confirmed_at is None
    assert standing.offline_since == START


def test_a_run_is_dated_by_the_ends_of_its_checks():
    """What was asked before it was gone was answered when it was: the answer's time is the reading's."""
    first = seen(0 * MINUTE, GONE, seconds=7.25)
    assert first.ended_at == START + timedelta(seconds=7.25)
    verdict, standing = judge(first, Standing(), WELL, THRESHOLDS)
    assert verdict.outcome is Outcome.OFFLINE
    assert (standing.offline_since, standing.stretch_since) == (first.ended_at, first.ended_at)
    assert standing.last_checked_at == START
    _, standing = judge(seen(15 * MINUTE, GONE, seconds=1.0), standing, WELL, THRESHOLDS)
    assert (standing.offline_since, standing.stretch_since) == (first.ended_at, first.ended_at)
    _, standing = judge(seen(31 * MINUTE, GONE, seconds=2.5), standing, WELL, THRESHOLDS)
    assert standing.confirmed_at == START + 31 * MINUTE + timedelta(seconds=2.5)


def test_the_thirty_minutes_lie_between_the_ends_of_the_first_and_the_last_check():
    """A slow first answer and a quick last one: half an hour between the questions is too little."""
    _, standing = judge(seen(0 * MINUTE, GONE, seconds=20.0), Standing(), WELL, THRESHOLDS)
    _, standing = judge(seen(15 * MINUTE, GONE, seconds=0.1), standing, WELL, THRESHOLDS)
    _, standing = judge(seen(30 * MINUTE, GONE, seconds=19.999999), standing, WELL, THRESHOLDS)
    assert standing.confirmed_at is None
    _, standing = judge(seen(30 * MINUTE, GONE, seconds=20.0), standing, WELL, THRESHOLDS)
    assert standing.confirmed_at == START + 30 * MINUTE + timedelta(seconds=20)


@pytest.mark.parametrize("exchanges", [ONLINE, BUSY, SILENT])
def test_any_other_reading_is_dated_by_the_beginning_of_its_check(exchanges):
    """It was online when it was asked, and not for certain when the answer was in."""
    _, standing = judge(seen(HOUR, exchanges, seconds=30.0), Standing(), WELL, THRESHOLDS)
    dated = {standing.last_online_at, standing.silent_since, standing.server_error_since, standing.last_checked_at}
    assert dated - {None} == {START + HOUR}


def test_a_run_stays_confirmed_at_the_instant_when_it_was():
    """Later readings, inconclusive and void ones too, do not move it."""
    steps = [(n * 15 * MINUTE, GONE) for n in range(5)]
    _, standing = course(*steps, (2 * HOUR, BUSY), (3 * HOUR, GONE, VOID), (4 * HOUR, GONE))
    assert standing.confirmed_at == START + 30 * MINUTE


def test_one_online_undoes_a_run_whether_confirmed_or_not():
    """The next OFFLINE begins a run of its own."""
    first = [(n * 15 * MINUTE, GONE) for n in range(3)]
    _, standing = course((-HOUR, ONLINE), *first, (HOUR, ONLINE))
    assert (standing.offline_since, standing.stretch_since, standing.n_stretch) == (None, None, 0)
    assert standing.confirmed_at is None
    assert standing.last_online_at == START + HOUR
    _, standing = course((2 * HOUR, GONE), standing=standing)
    assert standing.offline_since == START + 2 * HOUR


def test_an_inconclusive_reading_neither_makes_nor_ends_a_run():
    """A server in trouble between two 404s leaves the run as it is, and adds no reading to it."""
    _, standing = course((0 * MINUTE, GONE), (15 * MINUTE, BUSY), (30 * MINUTE, GONE))
    assert (standing.offline_since, standing.n_stretch, standing.confirmed_at) == (START, 2, None)


def test_a_void_run_ends_the_stretch_and_not_the_run():
    """The takedown's time stays; the confirmation starts over."""
    verdict, standing = course((0 * MINUTE, GONE), (15 * MINUTE, GONE), (30 * MINUTE, GONE, VOID))
    assert (verdict.rule, verdict.void, verdict.outcome) == ("void-1", True, Outcome.INCONCLUSIVE)
    assert (standing.offline_since, standing.stretch_since, standing.n_stretch) == (START, None, 0)
    _, standing = course((31 * MINUTE, GONE), (50 * MINUTE, GONE), standing=standing)
    assert standing.confirmed_at is None
    _, standing = course((61 * MINUTE, GONE), standing=standing)
    assert (standing.offline_since, standing.confirmed_at) == (START, START + 61 * MINUTE)


def test_a_void_reading_changes_nothing_but_the_counters_and_the_stretch():
    """Not even ONLINE is read from a void run."""
    before = Standing(PICTURE, 5, START, START - DAY, START, START, 2, None, START, START, START, 1, START, True)
    _, after = course((HOUR, ONLINE, VOID), standing=before)
    changed = {"n_checks": 6, "last_checked_at": START + HOUR, "n_again": 2, "stretch_since": None, "n_stretch": 0}
    assert after == replace(before, **changed)


def test_our_own_network_breaks_no_row_and_adds_to_none():
    """Silence goes on being counted from its first reading, and no stretch ends."""
    before = Standing(PICTURE, 5, START, None, START, START, 2, None, START, START, START, 0, START, True)
    verdict, after = course((HOUR, OURS), standing=before)
    assert verdict.rule == "own-network-1"
    assert after == replace(before, n_checks=6, last_checked_at=START + HOUR, n_again=1)


def test_silence_is_offline_after_a_day_beside_neighbours_that_were_reached():
    """Without neighbours, or sooner, it is inconclusive; the row goes on meanwhile."""
    beside = Surroundings(neighbours_reached=True)
    verdict, standing = course((0 * HOUR, SILENT, beside), (23 * HOUR, SILENT, beside), (24 * HOUR, SILENT))
    assert (verdict.rule, standing.silent_since) == ("silent-1", START)
    verdict, standing = course((25 * HOUR, SILENT, beside), standing=standing)
    assert (verdict.rule, standing.offline_since) == ("silent-2", START + 25 * HOUR)


@pytest.mark.parametrize("between", [GONE, BUSY, ONLINE, failed(ExchangeError.RESET, Phase.REQUEST)])
def test_any_sign_of_the_server_breaks_the_row_of_silence(between):
    """The day starts anew."""
    _, standing = course((0 * HOUR, SILENT), (12 * HOUR, between))
    assert standing.silent_since is None
    _, standing = course((24 * HOUR, SILENT), standing=standing)
    assert standing.silent_since == START + DAY


def test_servfail_is_offline_after_three_days():
    """The row is of the name's readings; an answer ends it."""
    standing = Standing()
    for day in (0, 1, 2):
        verdict, standing = judge(seen(day * DAY, (), SERVFAIL), standing, WELL, THRESHOLDS)
        assert verdict.rule == "servfail-1"
    verdict, standing = judge(seen(3 * DAY, (), SERVFAIL), standing, WELL, THRESHOLDS)
    assert (verdict.rule, standing.servfail_since) == ("servfail-2", START)
    _, standing = course((4 * DAY, ONLINE), standing=standing)
    assert standing.servfail_since is None


def test_a_week_of_server_errors_is_flagged_until_it_ends():
    """The flag goes when the server gives another answer; our own outage leaves it."""
    _, standing = course((0 * DAY, BUSY), (6 * DAY, BUSY))
    assert not standing.flagged
    _, standing = course((7 * DAY, BUSY), (8 * DAY, OURS), (8 * DAY, BUSY, VOID), standing=standing)
    assert standing.flagged
    _, standing = course((9 * DAY, GONE), standing=standing)
    assert not standing.flagged
    assert standing.server_error_since is None


def test_retry_after_is_kept_for_seven_days_at_most():
    """The next reading that tells anything ends it."""
    _, standing = course((0 * DAY, answered(429, retry_after_seconds=120)))
    assert standing.not_before == START + 2 * MINUTE
    _, standing = course((0 * DAY, answered(503, retry_after_seconds=10**9)), (HOUR, OURS), (HOUR, ONLINE, VOID))
    assert standing.not_before == START + 7 * DAY
    _, standing = course((2 * DAY, BUSY), standing=standing)
    assert standing.not_before is None
    _, standing = course((2 * DAY, answered(404, retry_after_seconds=60)), standing=standing)
    assert standing.not_before is None


def test_checks_that_gave_nothing_are_counted_until_one_gives_something():
    """Void, our own network, silence and resets can pass in minutes; an answer, whatever it is, ends the count."""
    _, standing = course((0 * HOUR, SILENT), (1 * HOUR, OURS), (2 * HOUR, ONLINE, VOID))
    assert standing.n_again == 3
    _, standing = course((3 * HOUR, BUSY), standing=standing)
    assert standing.n_again == 0
    assert standing.n_checks == 4


def test_the_first_media_reading_makes_the_baseline_for_good():
    """A changed answer is held against it and never takes its place."""
    verdict, standing = course((0 * HOUR, ONLINE))
    assert (verdict.outcome, verdict.low_confidence, standing.baseline) == (Outcome.ONLINE, True, PICTURE)
    verdict, standing = course((1 * HOUR, ONLINE), standing=standing)
    assert (verdict.rule, verdict.low_confidence) == ("unchanged-1", False)
    verdict, standing = course((2 * HOUR, answered(200, OTHER)), standing=standing)
    assert (verdict.rule, standing.baseline) == ("changed-1", PICTURE)


def test_a_page_makes_the_baseline_only_with_a_strong_validator_of_its_own():
    """Its first answer is inconclusive; an unchanged one later is ONLINE, and marked as a page's."""
    verdict, standing = course((0 * HOUR, answered(200, PAGE)))
    assert (verdict.rule, verdict.page, standing.baseline) == ("page-answers-1", True, PAGE)
    assert standing.last_online_at is None
    verdict, _ = course((1 * HOUR, answered(200, PAGE)), standing=standing)
    assert (verdict.rule, verdict.page, verdict.outcome) == ("page-unchanged-1", True, Outcome.ONLINE)
    alike = answered(200, PAGE) + answered(200, PAGE, purpose=Purpose.SIBLING)
    for nothing_to_hold_on_to in (answered(200, Fingerprint("text/html", 500)), alike):
        _, standing = course((0 * HOUR, nothing_to_hold_on_to))
        assert standing.baseline is None


@pytest.mark.parametrize(
    "exchanges",
    [
        GONE,
        BUSY,
        answered(200, Fingerprint("application/json", 3, "a" * 16)),
        answered(200, PICTURE) + answered(200, PICTURE, purpose=Purpose.SIBLING),
        answered(200, PICTURE, challenge=True),
    ],
)
def test_nothing_else_makes_a_baseline(exchanges):
    """What a made-up path gets too was never the material."""
    _, standing = course((0 * HOUR, exchanges))
    assert standing.baseline is None


def test_replaying_all_observations_gives_the_same_verdicts():
    """Outcomes can be derived again from what was stored."""
    steps = [(ONLINE, WELL), (GONE, WELL), (GONE, VOID), (SILENT, WELL), (ONLINE, WELL), (OURS, WELL), (BUSY, WELL)]
    stored = [(seen(n * HOUR, exchanges), around) for n, (exchanges, around) in enumerate(steps)]
    one_by_one, standing = [], Standing()
    for observation, around in stored:
        verdict, standing = judge(observation, standing, around, THRESHOLDS)
        one_by_one.append(verdict)
    assert replay(stored, THRESHOLDS) == one_by_one
