"""One run of checks: what is due is resolved, attributed and asked between two canaries, then stored and judged.

In: due Targets. Out: counts; everything else is in the store. What would surprise: Observations are stored as they
come, conclusions when the run has ended, so that a kill loses only the checks in flight, and these are due again; and
while our own network is not well nothing is asked at all.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import chain

from monitor import intake, judging, observation, pipeline, resolution, store
from monitor.clock import now
from monitor.config import Settings, mandate_of
from monitor.errors import ConfigError
from monitor.loopback import public_ranges
from monitor.method import version_of_the_code
from monitor.model.observation import DIRECT, CanaryReading, Check, CheckCounts, Due, Observation, Standing
from monitor.model.report import Address, Host
from monitor.model.words import AddressKind, DueReason, HostKind
from monitor.observation.crawl import Crawl
from monitor.observation.messages import CanaryAsk, crawl_settings
from monitor.store import Store

FLUSH_ROWS = 500
FLUSH_SECONDS = 1.0
"""Observations are stored when so many have come, or after so long."""
LOST_AGAIN = timedelta(minutes=5)


class RunEnd(threading.Event):
    """Set when the program is to stop, or when the run has taken long enough: other Targets are due meanwhile."""

    def __init__(self, stop: threading.Event, seconds: float) -> None:
        super().__init__()
        self._stop, self._ends_at = stop, time.monotonic() + seconds

    def is_set(self) -> bool:
        return self._stop.is_set() or time.monotonic() >= self._ends_at


@dataclass(slots=True)
class Rounds:
    """Everything that lasts from run to run: the store, the crawl process, the answers about canaries."""

    db: Store
    settings: Settings
    crawl: Crawl
    stop: threading.Event
    worker: str = "1"
    asked: bool = False  # whether the last run asked anything: not where no canary answered
    ask_registries_at: datetime = field(default_factory=now)  # from when on registration data is worth a look
    _cache: resolution.Cache = field(default_factory=resolution.Cache)

    @classmethod
    def open(cls, db: Store, settings: Settings, stop: threading.Event) -> "Rounds":
        """Raises ConfigError without a canary or two resolvers, ObservationError where no crawl process starts."""
        if not (settings.canary.ipv4 or settings.canary.ipv6):
            raise ConfigError(
                "There is no canary, so nobody would notice that our own network is down",
                "Name URLs of yours in [canary] ipv4, and in ipv6 where IPv6 is to be checked",
            )
        resolution.parse_resolvers(settings.resolvers)
        return cls(db, settings, Crawl(crawl_settings(settings, store.digest_key(db))), stop)

    def close(self) -> None:
        self.crawl.close()

    # --- one run -----------------------------------------------------------------------------------------------

    def recover(self) -> CheckCounts:
        """Judge what runs that were broken off have left behind."""
        counts = CheckCounts()
        for run_id in store.open_runs(self.db):
            counts = added(counts, judging.recover(self.db, self.settings, run_id, now()))
        return counts

    def run(self, due: Sequence[store.DueTarget]) -> CheckCounts:
        """Check these Targets. Where no canary answers, none of them is asked, and they stay due."""
        self._resolve(due)
        if self.stop.is_set():
            return CheckCounts()
        if not store.attribution_is_current(self.db):
            pipeline.attribute(self.db)
            self.ask_registries_at = now()
        mandate = mandate_of(self.settings)
        run_id = store.begin_run(
            self.db,
            worker=self.worker,
            mandate=mandate,
            n_due=len(due),
            at=now(),
            code_version=version_of_the_code(),
        )
        before = self._ask_canaries(after=False)
        store.add_canaries(self.db, run_id, before)
        healthy = observation.ways_out(before)
        self.asked = bool(healthy) and not self.stop.is_set()
        if not self.asked:
            store.end_run(self.db, run_id, now())
            return CheckCounts(due=len(due), void=len(due))
        end = RunEnd(self.stop, self.settings.checks.run_seconds)
        with store.collection_paused():  # what a run holds is bounded, and nothing of it is in a cycle
            return self._checked(run_id, due, healthy, end)

    def _checked(
        self, run_id: int, due: Sequence[store.DueTarget], healthy: set[tuple[str, int]], end: RunEnd
    ) -> CheckCounts:
        """From the first check to the conclusions."""
        stored = self._observe(run_id, self._checks(due, healthy), end)
        if not end.is_set():
            self._postpone(due, {each.target_id for _, each in stored})
        if not self.stop.is_set():
            store.add_canaries(self.db, run_id, self._ask_canaries(after=True))
        known = {each.target_id: each for each in due}
        seen = [_judged(run_id, each, known[each[1].target_id]) for each in stored]
        return judging.conclude_run(self.db, self.settings, run_id, seen, now())

    def _postpone(self, due: Sequence[store.DueTarget], seen: set[int]) -> None:
        """A check that was lost (a fault of ours, a crawl process that died) is made again, but not at once."""
        at = now() + LOST_AGAIN
        lost = [each for each in due if each.target_id not in seen]
        plans = [store.Plan(each.target_id, Due(at, DueReason.AGAIN), each.anchors, each.standing) for each in lost]
        store.plan_targets(self.db, plans)

    def _observe(self, run_id: int, checks: Iterable[Check], end: threading.Event) -> list[tuple[int, Observation]]:
        """Store what comes as it comes; beside each its key."""
        waiting, stored, stored_at = list[Observation](), list[tuple[int, Observation]](), time.monotonic()

        def store_waiting() -> None:
            stored.extend(zip(store.add_observations(self.db, run_id, waiting), waiting, strict=True))
            waiting.clear()

        try:
            for seen in self.crawl.observe(checks, end, now):
                waiting.append(seen)
                if len(waiting) >= FLUSH_ROWS or time.monotonic() - stored_at > FLUSH_SECONDS:
                    store_waiting()
                    stored_at = time.monotonic()
        finally:
            if waiting:
                store_waiting()
        return stored

    # --- what is asked, and where ------------------------------------------------------------------------------

    def _resolve(self, due: Sequence[store.DueTarget]) -> None:
        """Ask about the hosts whose answers have run out."""
        hosts = {each.host_id: each.host for each in due if each.host.kind is HostKind.NAME}
        known = store.newest_answers(self.db, list(hosts), now())
        stale = [(key, host) for key, host in hosts.items() if key not in known or not known[key].fresh]
        if not stale:
            return
        options = resolution.Options(public_ranges(self.settings), batch=100)
        for answers in resolution.resolve(stale, self.settings.resolvers, options=options):
            store.add_resolutions(self.db, answers.host_ids, answers.resolutions)
            if self.stop.is_set():
                return

    def _checks(self, due: Sequence[store.DueTarget], healthy: set[tuple[str, int]]) -> Iterator[Check]:
        answers = store.newest_answers(self.db, [each.host_id for each in due], now())
        vantages = sorted({vantage for vantage, _ in healthy})
        for place, each in enumerate(by_turns(due)):
            vantage = vantages[(each.target_id + each.standing.n_checks) % len(vantages)]
            families = {family for name, family in healthy if name == vantage}
            found = answers.get(each.host_id)
            literal = (each.host.address,) if each.host.address is not None else ()
            addresses = found.addresses if found else literal
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
            )

    # --- canaries ----------------------------------------------------------------------------------------------

    def _ask_canaries(self, *, after: bool) -> tuple[CanaryReading, ...]:
        return self.crawl.canaries(self._canaries(), after)

    def _canaries(self) -> list[CanaryAsk]:
        chosen = self.settings.canary
        urls = [(4, url) for url in chosen.ipv4] + [(6, url) for url in chosen.ipv6]
        hosts = {url: _canary_host(url) for _, url in urls}
        addresses = self._addresses_of(hosts)
        vantages = sorted(self.settings.vantages) or [DIRECT]
        return [
            CanaryAsk(url, hosts[url], family, name, tuple(a for a in addresses[url] if family_of(a) == family))
            for name in vantages
            for family, url in urls
        ]

    def _addresses_of(self, hosts: dict[str, Host]) -> dict[str, tuple[Address, ...]]:
        """By URL: the addresses that the resolvers give today. An outage of DNS makes a canary fail too."""
        urls = list(hosts)
        found: dict[str, tuple[Address, ...]] = {
            url: (host.address,) if host.address is not None else () for url, host in hosts.items()
        }
        named = [(place, hosts[url]) for place, url in enumerate(urls) if hosts[url].kind is HostKind.NAME]
        if not named:
            return found
        options = resolution.Options(public_ranges(self.settings), wildcards=False)
        for answers in resolution.resolve(named, self.settings.resolvers, options=options, cache=self._cache):
            for place, answer in zip(answers.host_ids, answers.resolutions, strict=True):
                usable = (one.address for one in answer.addresses if one.kind is AddressKind.GLOBAL)
                found[urls[place]] = tuple(dict.fromkeys(chain(found[urls[place]], usable)))
        return found


def _judged(run_id: int, stored: tuple[int, Observation], known: store.DueTarget) -> judging.Judged:
    key, seen = stored
    return judging.Judged(store.StoredObservation(key, run_id, known.host_id, seen), known.anchors, known.standing)


def by_turns(due: Sequence[store.DueTarget]) -> list[store.DueTarget]:
    """Every host's first Target, then every host's second: a host with many keeps nobody waiting."""
    turns: Counter[int] = Counter()
    ranked = list[tuple[int, int, store.DueTarget]]()
    for each in due:
        ranked.append((turns[each.host_id], len(ranked), each))
        turns[each.host_id] += 1
    return [each for _, _, each in sorted(ranked, key=lambda one: one[:2])]


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


def _canary_host(url: str) -> Host:
    try:
        return intake.normalise_url(url).host
    except intake.IntakeProblem:
        raise ConfigError("A URL in [canary] cannot be read", "Write it as https://host/path") from None
