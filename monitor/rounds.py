"""One run of checks: what is due is resolved, attributed and asked between two canaries, then stored and judged.

In: due Targets. Out: counts; everything else is in the store. What would surprise: Observations are stored as they
come, conclusions when the run has ended, so that a kill loses only the checks in flight, and these are due again; and
while our own network is not well nothing is asked at all.
"""

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import chain, count

from monitor import intake, judging, names, observation, resolution, store
from monitor.clock import now
from monitor.config import Settings, mandate_of
from monitor.errors import ConfigError, RunEnded
from monitor.keeping import Patience, Seen, keep_late
from monitor.method import version_of_the_code
from monitor.model.observation import DIRECT, CanaryReading, Check, CheckCounts, Due, Observation, Standing
from monitor.model.report import Address, Host
from monitor.model.words import DueReason
from monitor.observation.crawl import Crawl
from monitor.observation.messages import CanaryAsk, crawl_settings
from monitor.presence import CHILD_ENDS_SECONDS, Presence
from monitor.store import Store

LOST_AGAIN, FAULTY_AGAIN = timedelta(minutes=5), timedelta(hours=6)
"""When a check is made again that was lost with the crawl process, and one that a fault of ours broke off."""
_IN_A_MOMENT_SECONDS = 2.0
"""When a Target is tried again at whose address another worker was asking."""
Way = tuple[str, int]
"""A vantage and an IP version."""


class RunEnd(threading.Event):
    """Set when the program is to stop, or when the run has taken long enough: other Targets are due meanwhile."""

    def __init__(self, stop: threading.Event, seconds: float) -> None:
        super().__init__()
        self._stop, self._ends_at = stop, time.monotonic() + seconds

    def is_set(self) -> bool:
        return self._stop.is_set() or time.monotonic() >= self._ends_at


@dataclass(slots=True)
class Rounds:
    """Everything that lasts from run to run: the store, the crawl process."""

    db: Store
    settings: Settings
    crawl: Crawl
    stop: threading.Event
    me: Presence
    patience: Patience
    asked: bool = False  # whether the last run asked anything: not where no canary answered
    unwell: tuple[int, ...] = ()  # the IP versions whose canaries did not answer before it
    seen: Seen | None = None  # of the run under way, from its first check on
    came_to: CheckCounts | None = None  # the run under way, once it is concluded
    ask_registries_at: datetime = field(default_factory=now)  # from when on registration data is worth a look

    @classmethod
    def open(cls, db: Store, settings: Settings, me: Presence, patience: Patience) -> "Rounds":
        """Raises ConfigError without a canary or two resolvers, ObservationError where no crawl process starts."""
        if not (settings.canary.ipv4 or settings.canary.ipv6):
            raise ConfigError(
                "There is no canary, so nobody would notice that our own network is down",
                "Name URLs of yours in [canary] ipv4, and in ipv6 where IPv6 is to be checked",
            )
        resolution.parse_resolvers(settings.resolvers)
        crawl = Crawl(crawl_settings(settings, store.digest_key(db)))
        return cls(db, settings, crawl, patience.stop, me, patience)

    def close(self) -> None:
        self.crawl.close()

    # --- one run -----------------------------------------------------------------------------------------------

    def recover(self) -> CheckCounts:
        """Judge what was left behind: by workers that have ended, and by tries of this one that came to nothing."""
        counts, mine = CheckCounts(), self.me.worker_id
        runs = store.open_runs(self.db, unowned=self.db.on_server)
        gone = [each for each in store.lapsed_workers(self.db) if each != mine and store.end_lapsed(self.db, each)]
        for run_id in (*runs, *chain.from_iterable(store.open_runs_of(self.db, each) for each in (*gone, mine))):
            counts = added(counts, judging.recover(self.db, self.settings, run_id, now()))
        for each in gone:
            store.settle(self.db, each, CHILD_ENDS_SECONDS + self.settings.checks.pause_seconds)
        return counts

    def renew(self) -> None:
        """Begin another life where others have ended this worker. Raises StoreBusy where its name is taken by now."""
        if self.me.lost:
            self.me.renew()
            self.patience.warn("this worker was not heard of for too long, and others took its checks; it goes on anew")

    def take(self, before: datetime, of_one_site: int) -> tuple[store.DueTarget, ...]:
        """What is due, for this worker; of a server's store, nothing else has it until the run is over."""
        taker = store.Taker(self.me.worker_id, before.hour)
        due = store.take_due(self.db, before, self.settings.checks.per_run, of_one_site, taker)
        kept = self._claimed(due, None)
        if due and not kept:
            store.let_go(self.db, self.me.worker_id, 0.0)
        return kept

    def run(self, due: Sequence[store.DueTarget]) -> CheckCounts:
        """Check these Targets. Where no canary answers, nothing else is asked, not even DNS, and they stay due."""
        try:
            self.came_to = counts = self._run(due)
        except RunEnded:  # and all that was seen in it is stored
            self._live_anew()
            counts = CheckCounts()
        pause = self.settings.checks.pause_seconds
        self.patience.ask(lambda: store.let_go(self.db, self.me.worker_id, pause))
        self.seen = self.came_to = None
        return counts

    def broken_off(self) -> tuple[CheckCounts, str]:
        """What the run under way came to where the program ends before the store answers, and what became of it."""
        if self.came_to is not None or self.seen is None:
            return self.came_to or CheckCounts(), ""
        n_stored, n_lost = len(self.seen.stored), len(self.seen.waiting)
        return CheckCounts(due=n_stored + n_lost), (
            f"; at least {n_stored + n_lost} checks of the last round have no outcome yet: {n_stored} are stored "
            f"and judged at the next start, {n_lost} could not be stored and are due again"
        )

    def _run(self, due: Sequence[store.DueTarget]) -> CheckCounts:
        """Raises RunEnded where others took this worker for gone while nothing was left to store."""
        run_id = self._begin(len(due))
        before = self._ask_canaries(run_id, after=False)
        healthy = observation.ways_out(before)
        self.unwell = tuple(sorted({each.family for each in before} - {family for _, family in healthy}))
        self.asked = bool(healthy) and not self.stop.is_set()
        if not self.asked:
            self.patience.ask(lambda: store.end_run(self.db, run_id, now()))
            return CheckCounts(due=len(due), void=len(due))
        said = self.patience.ask(lambda: names.ask(self.db, self.settings, due, self.stop))
        due = self.patience.ask(lambda: self._claimed(due, said.answers))
        end = RunEnd(self.stop, self.settings.checks.run_seconds)
        with store.collection_paused():  # what a run holds is bounded, and nothing of it is in a cycle
            self.seen = Seen(self.db, run_id, self.patience)
            return self._checked(self.seen, due, said, healthy, end)

    def _begin(self, n_due: int, *, late: bool = False) -> int:
        mandate, code = mandate_of(self.settings), version_of_the_code()
        of = {"worker": self.me.name, "code_version": code}
        return self.patience.ask(
            lambda: store.begin_run(
                self.db, mandate=mandate, n_due=n_due, at=now(), worker_id=self.me.worker_id, late=late, **of
            )
        )

    def _claimed(
        self, due: Sequence[store.DueTarget], answers: Mapping[int, store.HostAnswer] | None
    ) -> tuple[store.DueTarget, ...]:
        """Those at whose addresses no other worker is asking; the others are given back, and due again in a moment.

        Its addresses: its host's, and those that its redirects led to last time. `answers`: what is known of their
        hosts; None: to be looked up.
        """
        if not self.db.on_server or not due:
            return tuple(due)
        if answers is None:
            answers = store.newest_answers(self.db, [each.host_id for each in due], now())
        hops = store.hop_addresses(self.db, [each.target_id for each in due])
        wanted = {key: {*addresses_of(each, answers), *hops.get(key, ())} for each in due for key in (each.target_id,)}
        given = store.claim_addresses(self.db, self.me.worker_id, chain.from_iterable(wanted.values()))
        kept = tuple(each for each in due if given.issuperset(wanted[each.target_id]))
        left = wanted.keys() - {each.target_id for each in kept}
        store.give_back(self.db, self.me.worker_id, left, _IN_A_MOMENT_SECONDS)
        return kept

    def _checked(
        self, seen: Seen, due: Sequence[store.DueTarget], said: names.Said, healthy: set[Way], end: RunEnd
    ) -> CheckCounts:
        """From the first check to the conclusions."""
        n_started, known = self.crawl.n_started, {each.target_id: each for each in due}
        try:
            in_time = self._observe(seen, self._checks(due, said, healthy), end)
        except RunEnded:
            self._keep_late(seen)
            return CheckCounts()
        if in_time and not end.is_set():
            soon = self.crawl.pid is None or self.crawl.n_started > n_started  # it died, and other checks with it
            self._postpone(known.keys() - {each.target_id for _, each in seen.stored}, soon=soon)
        if not self.stop.is_set():
            after = self._ask_canaries(seen.run_id, after=True)
            if still_well(after, healthy) and self.patience.ask(lambda: names.keep(self.db, said, self.me.worker_id)):
                self.ask_registries_at = now()
        self.patience.ask(lambda: judging.refuse_newer(self.db))  # the run is then judged by who has that version
        judged, tries = [_judged(seen.run_id, each, known[each[1].target_id]) for each in seen.stored], count()
        counts = self.patience.ask(
            lambda: judging.conclude_run(self.db, self.settings, seen.run_id, judged, now(), again=next(tries) > 0)
        )
        return counts or CheckCounts()  # None: others took this worker for gone, and have judged the same

    def _postpone(self, lost: Collection[int], *, soon: bool) -> None:
        """A check that was lost (a fault of ours, a crawl process that died) is made again, but not at once."""
        due = Due(now() + (LOST_AGAIN if soon else FAULTY_AGAIN), DueReason.AGAIN)
        if lost:
            self.patience.ask(lambda: store.postpone(self.db, lost, due))

    def _observe(self, seen: Seen, checks: Iterable[Check], end: threading.Event) -> bool:
        """Store what comes as it comes; says whether every check could begin while the Targets were this worker's.

        It may be again by now, after the store did not answer for a while: what was not made meanwhile was not lost.
        """
        n_late = self.crawl.n_late
        try:
            for each in self.crawl.observe(checks, end, now, self.me.may_begin_until):
                seen.add(each)
        finally:
            seen.store_all()
        return self.me.may_begin() and self.crawl.n_late == n_late

    def _keep_late(self, seen: Seen) -> None:
        """Others took this worker for gone and have judged its run: what came since is kept as it is."""
        keep_late(
            self.db,
            seen,
            self._live_anew,
            lambda: self._begin(len(seen.waiting), late=True),
            lambda run_id: judging.end_late(self.db, run_id, now()),
        )

    def _live_anew(self) -> None:
        """Others have ended this worker's run, so as a rule the worker too."""
        self.patience.ask(self.me.beat)
        self.patience.ask(self.renew)

    # --- what is asked, and where ------------------------------------------------------------------------------

    def _checks(self, due: Sequence[store.DueTarget], said: names.Said, healthy: set[Way]) -> Iterator[Check]:
        vantages = sorted({vantage for vantage, _ in healthy})
        for place, each in enumerate(by_turns(due)):
            vantage = vantages[(each.target_id + each.standing.n_checks) % len(vantages)]
            families = {family for name, family in healthy if name == vantage}
            found = said.answers.get(each.host_id)
            addresses = addresses_of(each, said.answers)
            usable = tuple(address for address in addresses if family_of(address) in families)
            turn = turn_of(each.standing) % len(usable) if usable else 0
            yield Check(
                check_id=place,
                target_id=each.target_id,
                url=each.url,
                host=each.host,
                addresses=usable[turn:] + usable[:turn],
                answers=found.answers if found else (),
                vantage=vantage,
                baseline=each.standing.baseline,
                left_out=tuple(address for address in addresses if address not in usable),
                families=tuple(sorted(families)),
            )

    # --- canaries ----------------------------------------------------------------------------------------------

    def _ask_canaries(self, run_id: int, *, after: bool) -> tuple[CanaryReading, ...]:
        readings = self.crawl.canaries(canary_asks(self.settings), after)
        self.patience.ask(lambda: store.add_canaries(self.db, run_id, readings))
        return readings


def _judged(run_id: int, stored: tuple[int, Observation], known: store.DueTarget) -> judging.Judged:
    key, seen = stored
    return judging.Judged(store.StoredObservation(key, run_id, known.host_id, seen), known.anchors, known.standing)


def addresses_of(due: store.DueTarget, answers: Mapping[int, store.HostAnswer]) -> tuple[Address, ...]:
    """Where its host is, as far as that is known."""
    if (found := answers.get(due.host_id)) is not None:
        return found.addresses
    return (due.host.address,) if due.host.address is not None else ()


def by_turns(due: Sequence[store.DueTarget]) -> list[store.DueTarget]:
    """Every host's first Target, then every host's second: a host with many keeps nobody waiting."""
    turns: Counter[int] = Counter()
    ranked = list[tuple[int, int, store.DueTarget]]()
    for each in due:
        ranked.append((turns[each.host_id], len(ranked), each))
        turns[each.host_id] += 1
    return [each for _, _, each in sorted(ranked, key=lambda one: one[:2])]


def still_well(after: Sequence[CanaryReading], ways: set[Way]) -> bool:
    """Whether more than half of the canaries of each way that was used are healthy after the checks."""
    of_way = {way: [each.healthy for each in after if (each.vantage, each.family) == way] for way in ways}
    return all(2 * sum(healthy) > len(healthy) for healthy in of_way.values())


def turn_of(standing: Standing) -> int:
    """Which of the host's addresses is asked first: always the same one, so that a Target does not seem to move between
    its host's providers; but while OFFLINE is to be confirmed each time another one, for it may still be there."""
    return standing.n_stretch if standing.offline_since is not None and standing.confirmed_at is None else 0


def family_of(address: Address) -> int:
    """4 or 6."""
    return ip_address(address).version


def added(one: CheckCounts, other: CheckCounts) -> CheckCounts:
    """The counts of both."""
    names = ("due", "online", "offline", "inconclusive", "void", "gets")
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in names})


def canary_asks(settings: Settings) -> list[CanaryAsk]:
    """Every canary from every vantage, its name resolved just now. Raises ConfigError where a URL cannot be read."""
    chosen = settings.canary
    urls = [(4, url) for url in chosen.ipv4] + [(6, url) for url in chosen.ipv6]
    hosts = {url: _canary_host(url) for _, url in urls}
    addresses = names.addresses_of(settings, hosts)
    vantages = sorted(settings.vantages) or [DIRECT]
    return [
        CanaryAsk(url, hosts[url], family, name, tuple(a for a in addresses[url] if family_of(a) == family))
        for name in vantages
        for family, url in urls
    ]


def _canary_host(url: str) -> Host:
    try:
        return intake.normalise_url(url).host
    except intake.IntakeProblem:
        raise ConfigError("A URL in [canary] cannot be read", "Write it as https://host/path") from None
