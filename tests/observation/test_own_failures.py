"""No failure of our own network ends an Episode: the whole chain, from what is due to the runs of a History.

A made-up world: Targets that are there until they are taken down, and a network of ours that fails in any way during
any stretch of time. A canary fails whenever the network is broken at the moment in which it is asked.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import Canary
from monitor.model.method import Thresholds
from monitor.model.observation import Anchor, CanaryReading, Exchange, Fingerprint, Observation, Standing
from monitor.model.report import Address
from monitor.model.words import DnsStatus, ExchangeError, Method, NoticeKind, Outcome, Phase, Purpose
from monitor.observation.canary import Probed, survey
from monitor.observation.judge import judge
from monitor.observation.schedule import next_due
from monitor.survival.history import History

ZERO = datetime(2026, 3, 2, 9, tzinfo=UTC)
NORMS = {NoticeKind.REQUEST: 24.0, NoticeKind.ORDER: 12.0}
V4, V6 = Address(bytes((192, 0, 2, 1))), Address(bytes.fromhex("20010db8000000000000000000000001"))
IMAGE = Fingerprint("image/jpeg", 4711, "0123456789abcdef")
HORIZON, TROUBLE = 14.0, 10.0
"""Days that are simulated, and how many of them our network can fail on."""
FAMILIES = ((V4,), (V6,), (V4, V6))
FAILURES = ("silent", "no-route", "captive-resolver", "firewall", "ipv6-refused", "portal")


@dataclass(frozen=True)
class Trouble:
    """Our network between two times (days), and in which way it fails."""

    kind: str
    start: float
    days: float

    def hits(self, at: datetime, family: int) -> bool:
        inside = self.start <= (at - ZERO) / timedelta(days=1) <= self.start + self.days
        return inside and (self.kind != "ipv6-refused" or family == 6)


@dataclass
class Watched:
    """A Target: where it is, when it goes, and all that was seen and concluded."""

    number: int
    addresses: tuple[Address, ...]
    gone_after: float | None
    standing: Standing = field(default_factory=Standing)
    readings: list[tuple[datetime, Outcome]] = field(default_factory=list)
    voids: list[datetime] = field(default_factory=list)

    def is_there(self, at: datetime) -> bool:
        return self.gone_after is None or (at - ZERO) / timedelta(days=1) < self.gone_after

    def history(self) -> History:
        n = len(self.readings)
        times = [_micros(at) for at, _ in self.readings]
        outcomes = [int(outcome) for _, outcome in self.readings]
        return History(times, outcomes, [1] * n, [0] * n, [False] * n, [_micros(at) for at in self.voids])


def _micros(at):
    return round(at.timestamp() * 1e6)


def _exchange(watched, address, at, troubles):
    family = 4 if len(address) == 4 else 6
    kind = next((each.kind for each in troubles if each.hits(at, family)), None)
    errors = {"silent": ExchangeError.TIMEOUT, "no-route": ExchangeError.OWN_NETWORK}
    errors |= dict.fromkeys(("firewall", "ipv6-refused"), ExchangeError.REFUSED)
    if kind in errors:
        return Exchange(Purpose.TARGET, Method.HEAD, Phase.CONNECT, address, errors[kind])
    there = watched.is_there(at) and kind != "portal"
    return Exchange(
        Purpose.TARGET,
        Method.HEAD,
        Phase.DONE,
        address,
        status=200 if there else 404,
        fingerprint=IMAGE if there else Fingerprint("text/html"),
    )


def _observe(watched, at, troubles):
    if any(each.kind == "captive-resolver" and each.hits(at, 4) for each in troubles):
        answers = (DnsStatus.NXDOMAIN,) * 2
        return Observation(watched.number, watched.number, at, "direct", answers, (), 0.1)
    exchanges = []
    for address in watched.addresses:
        exchanges.append(_exchange(watched, address, at, troubles))
        if exchanges[-1].status is not None:
            break
    return Observation(watched.number, watched.number, at, "direct", (DnsStatus.ANSWERED,) * 2, tuple(exchanges), 0.1)


def _ask_canaries(at, after, troubles):
    return [
        CanaryReading(at, "direct", family, after, not any(each.hits(at, family) for each in troubles), None)
        for family in (4, 6)
    ]


def simulate(targets, troubles, broken=(False,), broken_days=HORIZON, seconds=20.0):
    """Runs of what is due, until the horizon.

    `broken`: which runs, over and over, are broken off before their closing canary in the first `broken_days`.
    """
    anchors, end = [Anchor(ZERO, NoticeKind.REQUEST)], ZERO + timedelta(days=HORIZON)
    now, n_runs = ZERO, 0
    while True:
        dues = {w.number: next_due(anchors, w.standing, NORMS, now, w.number) for w in targets}
        now = max(now, min(due.at for due in dues.values()))
        if now >= end:
            return targets
        due = [w for w in targets if dues[w.number].at <= now]
        readings, probed = _ask_canaries(now, False, troubles), []
        for watched in due:
            now += timedelta(seconds=seconds)
            probed.append(Probed(_observe(watched, now, troubles), watched.number, watched.number))
        now += timedelta(seconds=seconds)
        broken_off = broken[n_runs % len(broken)] and now < ZERO + timedelta(days=broken_days)
        readings += [] if broken_off else _ask_canaries(now, True, troubles)
        for watched, one, around in zip(due, probed, survey(probed, readings, broken_off, Canary()), strict=True):
            _conclude(watched, one.observation, around)
        n_runs += 1


def _conclude(watched, observation, around):
    verdict, watched.standing = judge(observation, watched.standing, around, Thresholds())
    if verdict.void:
        watched.voids.append(observation.observed_at)
    else:
        offline = verdict.outcome is Outcome.OFFLINE
        watched.readings.append((observation.ended_at if offline else observation.observed_at, verdict.outcome))


def runs_of(watched):
    """The confirmed runs, which have to be those that the Standing knows of too."""
    runs = watched.history().offline_runs(Thresholds())
    lasting = runs[-1] if runs and runs[-1].next_online_at is None else None
    assert (watched.standing.confirmed_at is not None) == (lasting is not None)
    assert lasting is None or _micros(watched.standing.offline_since) == lasting.first_at
    return runs


places = st.lists(st.sampled_from(FAMILIES), min_size=1, max_size=4)
broken_runs = st.lists(st.booleans(), min_size=1, max_size=5)
days = st.floats(0, TROUBLE - 1)
long_troubles = st.lists(
    st.builds(Trouble, st.sampled_from(FAILURES), days, st.floats(0.01, 1) | st.floats(0.01, 0.05)), max_size=12
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(places=places, troubles=long_troubles, broken=broken_runs)
def test_no_failure_of_our_own_network_ends_an_episode(places, troubles, broken):
    """Whatever failed, for however long, at whatever moment of a run: what is there is never confirmed offline."""
    for watched in simulate([Watched(n, at, None) for n, at in enumerate(places)], troubles, broken):
        assert runs_of(watched) == []
        assert Outcome.OFFLINE not in {outcome for _, outcome in watched.readings}


@settings(derandomize=True, deadline=None, max_examples=150)
@given(place=st.sampled_from(FAMILIES), starts=st.lists(st.integers(0, 40), max_size=2), kind=st.sampled_from(FAILURES))
def test_two_failures_that_fit_between_two_canaries_each_end_no_episode(place, starts, kind):
    """The hard case: neither canary sees it. Three readings of three runs are needed, half an hour apart."""
    target = Watched(0, place, None)
    calm = simulate([Watched(0, place, None)], [])[0]
    seen = [at for at, _ in calm.readings]
    second = 1 / 86_400
    troubles = [Trouble(kind, (seen[n % len(seen)] - ZERO) / timedelta(days=1) - second, 2 * second) for n in starts]
    assert runs_of(simulate([target], troubles)[0]) == []


@settings(derandomize=True, deadline=None, max_examples=150)
@given(places=places, troubles=long_troubles, gone=st.floats(0, TROUBLE - 0.1), broken=broken_runs)
def test_a_takedown_is_found_once_the_network_is_well_and_never_dated_too_early(places, troubles, gone, broken):
    """Confirmed within a day and three hours of both; the run lies after the last ONLINE and after the truth."""
    targets = [Watched(n, at, gone) for n, at in enumerate(places)]
    simulate(targets, troubles, broken, broken_days=3)
    calm = max([gone, 3, *(each.start + each.days for each in troubles)])
    found_by = ZERO + timedelta(days=calm + 1, hours=3)
    for watched in targets:
        (run,) = runs_of(watched)
        assert run.first_at >= _micros(ZERO + timedelta(days=gone)) - 1
        assert all(at < _micros(ZERO + timedelta(days=gone)) + 1 for at in [run.last_online_at] if at is not None)
        assert watched.standing.confirmed_at <= found_by


def test_one_online_undoes_an_unconfirmed_run():
    """Two OFFLINE readings that no canary saw through, then the truth: nothing is left of them."""
    second = 1 / 86_400
    first = simulate([Watched(0, (V4,), None)], [])[0].readings[7][0]
    hits = [first, first + timedelta(minutes=15, seconds=20)]
    troubles = [Trouble("firewall", (at - ZERO) / timedelta(days=1) - 5 * second, 10 * second) for at in hits]
    watched = simulate([Watched(0, (V4,), None)], troubles)[0]
    assert [outcome for _, outcome in watched.readings].count(Outcome.OFFLINE) == 2
    assert (runs_of(watched), watched.standing.offline_since) == ([], None)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    steps=st.lists(st.tuples(st.integers(1, 60), st.sampled_from((200, 404, 404, 404, 503, None))), max_size=40),
)
def test_the_standing_and_the_history_agree_on_what_is_confirmed(steps):
    """One is kept check by check, the other derived from all readings: the same at every moment. None: a void run."""
    watched, at = Watched(0, (V4,), None), ZERO
    for minutes, status in steps:
        at += timedelta(minutes=minutes)
        print_of = IMAGE if status == 200 else Fingerprint()
        one = Exchange(Purpose.TARGET, Method.HEAD, Phase.DONE, V4, status=status or 404, fingerprint=print_of)
        observation = Observation(0, 0, at, "direct", (DnsStatus.ANSWERED,), (one,), 0.1)
        probed = [Probed(observation, 0, 0)]
        readings = [CanaryReading(at, "direct", 4, after, status is not None, None) for after in (False, True)]
        _conclude(watched, observation, survey(probed, readings, False, Canary())[0])
        runs_of(watched)
