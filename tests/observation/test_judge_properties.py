"""What holds for every sequence of readings, however they come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.columns import UNKNOWN
from monitor.model.method import Thresholds
from monitor.model.observation import Anchor, Exchange, Fingerprint, Observation, Standing, Surroundings
from monitor.model.words import DnsStatus, DueReason, ExchangeError, Method, NoticeKind, Outcome, Phase, Purpose
from monitor.observation import judge, next_due, replay, rule_by_id
from monitor.store.times import to_micros
from monitor.survival.history import History

START = datetime(2026, 10, 25, tzinfo=UTC)
PICTURE = Fingerprint("image/jpeg", 1000, "e" * 16, False, "d" * 16)
PAGE = Fingerprint("text/html", 500)
FEW = Thresholds(confirm_readings=3, confirm_minutes=30)
NAMED = (DnsStatus.ANSWERED, DnsStatus.ANSWERED)


def answered(status, fingerprint=PICTURE, purpose=Purpose.TARGET, **more):
    return Exchange(
        purpose, Method.HEAD, Phase.DONE, b"\xcb\x00\x71\x01", status=status, fingerprint=fingerprint, **more
    )


def failed(error, phase=Phase.CONNECT):
    return Exchange(Purpose.TARGET, Method.HEAD, phase, b"\xcb\x00\x71\x01", error)


OURS = [
    (NAMED, (failed(ExchangeError.OWN_NETWORK),)),
    (NAMED, (failed(ExchangeError.PROXY_FAILED),)),
    ((DnsStatus.UNREACHABLE, DnsStatus.UNREACHABLE), ()),
]
ONLINE = [(NAMED, (answered(200),)), (NAMED, (answered(304, Fingerprint(etag="e" * 16)),))]
OFFLINE = [
    (NAMED, (answered(404),)),
    (NAMED, (failed(ExchangeError.REFUSED),)),
    ((DnsStatus.NXDOMAIN, DnsStatus.NXDOMAIN), ()),
    (NAMED, (answered(200, PAGE), answered(200, PAGE, Purpose.SIBLING))),
]
UNCLEAR = [
    (NAMED, (answered(503, retry_after_seconds=60),)),
    (NAMED, (answered(403),)),
    (NAMED, (failed(ExchangeError.RESET, Phase.REQUEST),)),
    (NAMED, (failed(ExchangeError.TIMEOUT, Phase.REQUEST),)),
    (NAMED, (answered(200, PAGE),)),
    ((DnsStatus.NXDOMAIN, DnsStatus.TIMEOUT), ()),
]
SILENT = [(NAMED, (failed(ExchangeError.TIMEOUT),)), ((DnsStatus.SERVFAIL, DnsStatus.SERVFAIL), ())]
WELL = Surroundings(neighbours_reached=True)


def made(kinds, arounds):
    """Sequences of (Observation, Surroundings), minutes to days apart, up to half a minute long."""
    step = st.tuples(st.sampled_from(kinds), st.sampled_from(arounds), st.integers(1, 3000), st.floats(0, 30))
    return st.lists(step, max_size=30).map(_in_order)


def _in_order(steps):
    at, rows = START, []
    for number, ((answers, exchanges), around, minutes, seconds) in enumerate(steps):
        at += timedelta(minutes=minutes)
        rows.append((Observation(number, 1, at, "direct", answers, exchanges, seconds), around))
    return rows


def fold(rows, standing):
    """Each Verdict with the Standings before and after."""
    steps = []
    for observation, around in rows:
        verdict, after = judge(observation, standing, around, FEW)
        steps.append((observation, verdict, standing, after))
        standing = after
    return steps


ALL = [*OURS, *ONLINE, *OFFLINE, *UNCLEAR, *SILENT]
EVERYTHING = made(ALL, [WELL, WELL, Surroundings(), Surroundings(void=True, neighbours_reached=True)])
KNOWN = Standing(baseline=PICTURE)
property_test = settings(derandomize=True, max_examples=200, deadline=None)


@property_test
@given(EVERYTHING)
def test_one_online_undoes_every_run(rows):
    """After it nothing of a run is left, and the row of silence is broken."""
    for observation, verdict, _, after in fold(rows, KNOWN):
        if verdict.outcome is Outcome.ONLINE:
            assert after.last_online_at == observation.observed_at
            assert (after.offline_since, after.stretch_since, after.confirmed_at, after.n_stretch) == (
                None,
                None,
                None,
                0,
            )
            assert (after.silent_since, after.servfail_since, after.server_error_since) == (None, None, None)


@property_test
@given(EVERYTHING)
def test_void_readings_change_nothing_but_counters_and_stretch(rows):
    """Whatever they saw."""
    for observation, verdict, before, after in fold(rows, KNOWN):
        if verdict.void:
            kept = replace(before, n_checks=after.n_checks, last_checked_at=observation.observed_at,
                           n_again=before.n_again + 1, stretch_since=None, n_stretch=0)  # fmt: skip
            assert after == kept


@property_test
@given(made([*ALL], [Surroundings(void=True)]), st.booleans())
def test_a_network_that_is_void_throughout_never_gives_an_outcome(rows, known):
    """Not OFFLINE, and not ONLINE."""
    verdicts = replay(rows, FEW, KNOWN if known else Standing())
    assert all(verdict.void and verdict.outcome is Outcome.INCONCLUSIVE for verdict in verdicts)


@property_test
@given(made([*OURS, *ONLINE], [WELL, Surroundings(), Surroundings(void=True)]))
def test_no_failure_of_our_own_network_is_ever_offline(rows):
    """However long it lasts, and however neighbours fare."""
    steps = fold(rows, KNOWN)
    assert all(verdict.outcome is not Outcome.OFFLINE for _, verdict, _, _ in steps)
    assert all(after.offline_since is None for _, _, _, after in steps)


@property_test
@given(EVERYTHING, st.sampled_from([*OURS, *UNCLEAR]))
def test_an_inconclusive_reading_neither_makes_nor_ends_a_run(rows, unclear):
    """Put into any history, it leaves the run, its stretch and its confirmation as they are."""
    last = fold(rows, KNOWN)[-1][3] if rows else KNOWN
    observation = Observation(0, 1, START + timedelta(days=400), "direct", *unclear, 0.1)
    verdict, after = judge(observation, last, WELL, FEW)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    for name in ("offline_since", "stretch_since", "n_stretch", "confirmed_at", "last_online_at"):
        assert getattr(after, name) == getattr(last, name)


@property_test
@given(EVERYTHING)
def test_neutral_rows_break_no_row_and_add_to_none(rows):
    """Silence, SERVFAIL and 5xx are counted as if the reading had not been."""
    for _, verdict, before, after in fold(rows, KNOWN):
        if rule_by_id(verdict.rule).neutral:
            for name in ("silent_since", "servfail_since", "server_error_since", "flagged", "not_before"):
                assert getattr(after, name) == getattr(before, name)


@property_test
@given(EVERYTHING)
def test_a_run_is_confirmed_by_enough_readings_over_enough_time_in_one_stretch(rows):
    """Counted independently of the Standing: OFFLINE readings since the last ONLINE and the last void one."""
    stretch, run, confirmed = [], [], False
    for observation, verdict, _, after in fold(rows, KNOWN):
        if verdict.outcome is Outcome.ONLINE:
            stretch, run, confirmed = [], [], False
        elif verdict.void:
            stretch = []
        elif verdict.outcome is Outcome.OFFLINE:
            stretch.append(observation.ended_at)
            run.append(observation.ended_at)
            confirmed |= len(stretch) >= 3 and stretch[-1] - stretch[0] >= timedelta(minutes=30)
        assert (after.confirmed_at is not None) == confirmed
        assert after.offline_since == (run[0] if run else None)


@property_test
@given(EVERYTHING)
def test_judging_and_survival_confirm_the_same_runs(rows):
    """The readings as survival takes them (OFFLINE at its end, in whole microseconds) say what the Standing says."""
    read = fold(rows, KNOWN)
    for n in range(1, len(read) + 1):
        runs = history(read[:n]).offline_runs(FEW)
        lasting = [run for run in runs if run.next_online_at is None]
        standing = read[n - 1][3]
        assert bool(lasting) == (standing.confirmed_at is not None)
        if standing.offline_since is not None and lasting:
            assert lasting[0].first_at == to_micros(standing.offline_since)


def history(steps):
    """As `own_readings` gives it: voids apart, at their beginning."""
    kept = [(to_micros(_read_at(seen, verdict)), verdict) for seen, verdict, _, _ in steps if not verdict.void]
    voids = [to_micros(seen.observed_at) for seen, verdict, _, _ in steps if verdict.void]
    n = len(kept)
    at, outcome, cause = ([at for at, _ in kept], [int(v.outcome) for _, v in kept], [int(v.cause) for _, v in kept])
    return History(at, outcome, cause, [UNKNOWN] * n, [False] * n, voids)


def _read_at(seen, verdict):
    return seen.ended_at if verdict.outcome is Outcome.OFFLINE else seen.observed_at


@property_test
@given(
    lasted=st.lists(st.floats(0.1, 60), min_size=1, max_size=9),
    late=st.lists(st.floats(0, 90), min_size=1, max_size=9),
    hours=st.floats(0, 60),
    voids=st.sets(st.integers(0, 5), max_size=2),
    seed=st.integers(0, 2**40),
)
def test_a_target_that_is_gone_is_confirmed_however_long_its_checks_take(lasted, late, hours, voids, seed):
    """Checks of 0.1 to 60 s, planned by `next_due`: three are confirmed by judging and by survival alike, and where the
    last one came too early, or a void one came between, another is planned."""
    anchors = [Anchor(START, NoticeKind.REQUEST), Anchor(START + timedelta(hours=hours), NoticeKind.ORDER, 1.0)]
    standing, steps, now = KNOWN, [], anchors[1].at
    while standing.confirmed_at is None and len(steps) < 16:
        due = next_due(anchors, standing, {NoticeKind.REQUEST: 24.0}, now, seed)
        assert due is not None
        n = len(steps)
        at = due.at + timedelta(seconds=late[n % len(late)])
        seen = Observation(n, 1, at, "direct", *OFFLINE[0], lasted[n % len(lasted)])
        verdict, after = judge(seen, standing, Surroundings(void=n in voids), FEW)
        steps.append((seen, verdict, standing, after))
        standing, now = after, seen.ended_at
    (run,) = history(steps).offline_runs(FEW)
    assert run.first_at == to_micros(standing.offline_since)
    assert run.last_at == to_micros(standing.confirmed_at)
    assert not history(steps[:-1]).offline_runs(FEW)


def test_a_confirmation_that_came_too_early_is_followed_by_another():
    """Three OFFLINE readings a few minutes apart (a schedule of many notices, say) are not enough yet."""
    standing = KNOWN
    for minutes, seconds in ((0, 50.0), (6, 0.1), (12, 0.1)):
        seen = Observation(1, 1, START + timedelta(minutes=minutes), "direct", *OFFLINE[0], seconds)
        _, standing = judge(seen, standing, WELL, FEW)
    assert (standing.n_stretch, standing.confirmed_at) == (3, None)
    due = next_due([Anchor(START, NoticeKind.REQUEST)], standing, {}, seen.ended_at, 1)
    assert due.why is DueReason.CONFIRMATION
    assert standing.offline_since < due.at <= standing.offline_since + timedelta(minutes=31)


@property_test
@given(EVERYTHING, st.integers(0, 30))
def test_judging_again_from_the_start_or_from_the_middle_gives_the_same(rows, cut):
    """Nothing but the Standing is remembered."""
    steps = fold(rows, Standing())
    before = steps[cut][2] if cut < len(steps) else Standing()
    again = replay(rows, FEW)
    assert again == [verdict for _, verdict, _, _ in steps]
    if cut < len(steps):
        assert replay(rows[cut:], FEW, before) == again[cut:]


@property_test
@given(EVERYTHING)
def test_counters_and_times_only_go_forward(rows):
    """Every Check is counted once, and the baseline, once made, stays."""
    for number, (observation, _, before, after) in enumerate(fold(rows, Standing())):
        assert (after.n_checks, after.last_checked_at) == (number + 1, observation.observed_at)
        assert before.baseline in (None, after.baseline)
        assert after.not_before is None or after.not_before > START
