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

from monitor import intake, judging, names, observation, resolution, store
from monitor.clock import now
from monitor.config import Settings, mandate_of
from monitor.errors import ConfigError
from monitor.method import version_of_the_code
from monitor.model.observation import DIRECT, CanaryReading, Check, CheckCounts, Due, Observation, Standing
from monitor.model.report import Address, Host
from monitor.model.words import DueReason
from monitor.observation.crawl import Crawl
from monitor.observation.messages import CanaryAsk, crawl_settings
from monitor.store import Store

FLUSH_ROWS = 500
FLUSH_SECONDS = 1.0
"""Observations are stored when so many have come, or after so long."""
LOST_AGAIN, FAULTY_AGAIN = timedelta(minutes=5), timedelta(hours=6)
"""When a check is made again that was lost with the crawl process, and one that a fault of ours broke off."""
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
    worker: str = "1"
    asked: bool = False  # whether the last run asked anything: not where no canary answered
    unwell: tuple[int, ...] = ()  # the IP versions whose canaries did not answer before it
    ask_registries_at: datetime = field(default_factory=now)  # from when on registration data is worth a look

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
        """Check these Targets. Where no canary answers, nothing else is asked, not even DNS, and they stay due."""
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
        self.unwell = tuple(sorted({each.family for each in before} - {family for _, family in healthy}))
        self.asked = bool(healthy) and not self.stop.is_set()
        if not self.asked:
            store.end_run(self.db, run_id, now())
            return CheckCounts(due=len(due), void=len(due))
        said = names.ask(self.db, self.settings, due, self.stop)
        end = RunEnd(self.stop, self.settings.checks.run_seconds)
        with store.collection_paused():  # what a run holds is bounded, and nothing of it is in a cycle
            return self._checked(run_id, due, said, healthy, end)

    def _checked(
        self, run_id: int, due: Sequence[store.DueTarget], said: names.Said, healthy: set[Way], end: RunEnd
    ) -> CheckCounts:
        """From the first check to the conclusions."""
        n_started = self.crawl.n_started
        stored = self._observe(run_id, self._checks(due, said, healthy), end)
        if not end.is_set():
            soon = self.crawl.pid is None or self.crawl.n_started > n_started  # it died, and other checks with it
            self._postpone(due, {each.target_id for _, each in stored}, LOST_AGAIN if soon else FAULTY_AGAIN)
        if not self.stop.is_set():
            after = self._ask_canaries(after=True)
            store.add_canaries(self.db, run_id, after)
            if still_well(after, healthy) and names.keep(self.db, said):
                self.ask_registries_at = now()
        known = {each.target_id: each for each in due}
        seen = [_judged(run_id, each, known[each[1].target_id]) for each in stored]
        return judging.conclude_run(self.db, self.settings, run_id, seen, now())

    def _postpone(self, due: Sequence[store.DueTarget], seen: set[int], wait: timedelta) -> None:
        """A check that was lost (a fault of ours, a crawl process that died) is made again, but not at once."""
        at = now() + wait
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

    def _checks(self, due: Sequence[store.DueTarget], said: names.Said, healthy: set[Way]) -> Iterator[Check]:
        vantages = sorted({vantage for vantage, _ in healthy})
        for place, each in enumerate(by_turns(due)):
            vantage = vantages[(each.target_id + each.standing.n_checks) % len(vantages)]
            families = {family for name, family in healthy if name == vantage}
            found = said.answers.get(each.host_id)
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
                families=tuple(sorted(families)),
            )

    # --- canaries ----------------------------------------------------------------------------------------------

    def _ask_canaries(self, *, after: bool) -> tuple[CanaryReading, ...]:
        return self.crawl.canaries(self._canaries(), after)

    def _canaries(self) -> list[CanaryAsk]:
        chosen = self.settings.canary
        urls = [(4, url) for url in chosen.ipv4] + [(6, url) for url in chosen.ipv6]
        hosts = {url: _canary_host(url) for _, url in urls}
        addresses = names.addresses_of(self.settings, hosts)
        vantages = sorted(self.settings.vantages) or [DIRECT]
        return [
            CanaryAsk(url, hosts[url], family, name, tuple(a for a in addresses[url] if family_of(a) == family))
            for name in vantages
            for family, url in urls
        ]


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


def _canary_host(url: str) -> Host:
    try:
        return intake.normalise_url(url).host
    except intake.IntakeProblem:
        raise ConfigError("A URL in [canary] cannot be read", "Write it as https://host/path") from None
