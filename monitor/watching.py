"""`monitor check` and `monitor run`: take what is due, check it, store it, sleep, and begin again.

In: the store and the settings, a mandate among them. Out: counts, and a progress after each run. What would surprise:
only one process at a time may check for a store (a lock file says so), and waiting ends early when a person or the
machine asks the program to stop.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import asking, clock, judging, names, pipeline, store
from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.loopback import check_mandate_place
from monitor.model.observation import CheckCounts
from monitor.rounds import Rounds, added
from monitor.store import Store

AGAIN_SECONDS = 60.0
"""After a run in which no canary answered, the next try."""
_RDAP_EACH_SECONDS = 6.0
"""A question to a registry takes no longer than this, as a rule: so many fit before the next check."""
_MOST_QUESTIONS = 20
_SHORTEST_CHECK_SECONDS = 0.05
_NO_IPV6 = (
    "[canary] ipv6 is empty, so IPv6 addresses are not checked, "
    "and a host that has both and refuses on IPv4 stays inconclusive"
)
_REGISTRIES_AGAIN = timedelta(hours=1)
"""Where no new address has come, the registries are asked again about what failed."""
_VOID_FOR = timedelta(hours=1)
_OFF_BY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WatchProgress:
    """Where a round of checks stands. `last` is the run that has just ended."""

    at: datetime
    total: CheckCounts
    last: CheckCounts
    next_due_at: datetime | None


Watcher = Callable[[WatchProgress], None]
Warn = Callable[[str], None]


def unwatched(_progress: WatchProgress) -> None:
    """Nobody is watching."""


def check(
    db: Store, settings: Settings, *, stop: threading.Event, progress: Watcher = unwatched, warn: Warn = pipeline.quiet
) -> CheckCounts:
    """Check what is due now, and nothing later. Raises MandateMissing, ConfigError, StoreBusy, ObservationError."""
    return watch(db, settings, until=None, once=True, stop=stop, progress=progress, warn=warn, registrations=False)


def watch(
    db: Store,
    settings: Settings,
    *,
    until: datetime | None,
    stop: threading.Event,
    once: bool = False,
    progress: Watcher = unwatched,
    warn: Warn = pipeline.quiet,
    registrations: bool = True,
) -> CheckCounts:
    """Check what is due whenever it is due, until an instant (None: for ever) or until `stop` is set.

    `once`: what is due at the start, and nothing later. `registrations`: ask the registries about new addresses while
    nothing is due. Raises as `check` does.
    """
    settings.checked_sources(clock.now().date())
    check_mandate_place(settings)
    total, was_asked = CheckCounts(), True
    with judging.alone(db.data_dir), closing(Rounds.open(db, settings, stop)) as rounds:
        if not settings.canary.ipv6 and not settings.mandate.loopback:
            warn(_NO_IPV6)
        names.attribute(db)
        total = rounds.recover()
        if total.due:
            warn(
                f"the last run was broken off: of {total.due} checks that it left, {total.void} are void and due again "
                "within minutes"
            )
        judging.judge_again(db, settings)
        for last in _runs(db, settings, rounds, until, warn, once=once, registrations=registrations):
            if rounds.asked or was_asked:  # in an outage the same Targets come again and again: once is enough
                total = added(total, last)
            was_asked = rounds.asked
            progress(WatchProgress(clock.now(), total, last, store.next_due_at(db)))
    return total


def _runs(
    db: Store,
    settings: Settings,
    rounds: Rounds,
    until: datetime | None,
    warn: Warn,
    *,
    once: bool,
    registrations: bool,
) -> Iterator[CheckCounts]:
    """One run after the other, with a wait where nothing is due."""
    warned, started, voids = False, False, _Voids(db, warn)
    while not rounds.stop.is_set():
        now = clock.now()
        judging.plan(db, settings, settings.checked_sources(now.date()), now)
        if once and until is None:
            until = clock.now()
        before = now if until is None else min(now, until)
        if due := store.take_due(db, before, settings.checks.per_run, _of_one_site(settings)):
            yield (counts := rounds.run(due))
            started = True
            voids.look(counts)
            if not rounds.asked and not rounds.stop.is_set():
                warn(_unasked(rounds.unwell))
                if until is not None and clock.now() + timedelta(seconds=AGAIN_SECONDS) > until:
                    return
                clock.wait_until(clock.now() + timedelta(seconds=AGAIN_SECONDS), rounds.stop)
            continue
        if not started:
            started = True
            yield CheckCounts()  # nothing is due: whoever watches hears when something is
        if registrations:
            _fetch_registrations(db, settings, rounds, warn)
        if until is not None and clock.now() >= until:
            return
        if not warned and abs(clock.off_by()) > _OFF_BY:
            warned = True
            warn("the machine's clock was changed; checks go on by the old one until the next start")
        clock.wait_until(_next_look(db, until), rounds.stop)


def _of_one_site(settings: Settings) -> int:
    """So many checks of one site fit into a run with the pauses between them: more would keep others waiting."""
    return max(1, int(settings.checks.run_seconds / max(settings.checks.pause_seconds, _SHORTEST_CHECK_SECONDS)))


def _unasked(families: tuple[int, ...]) -> str:
    versions = " and ".join(f"IPv{family}" for family in families)
    return (
        f"no canary answered over {versions}, so nothing was checked: our own network, a resolver or the canary is not "
        f"well. Look at [canary]; the next try is {AGAIN_SECONDS:.0f} s later"
    )


class _Voids:
    """Says once an hour that no run has given an outcome for so long."""

    def __init__(self, db: Store, warn: Warn) -> None:
        self._db, self._warn, self._said_at = db, warn, clock.now()

    def look(self, counts: CheckCounts) -> None:
        if counts.void < counts.due or clock.now() - self._said_at < _VOID_FOR:
            return
        since = store.void_since(self._db)
        if since is not None and clock.now() - since >= _VOID_FOR:
            self._said_at = clock.now()
            self._warn(
                f"since {since:%Y-%m-%d %H:%M} UTC every run has been void: see docs/checks.md for what to look at"
            )


def _next_look(db: Store, until: datetime | None) -> datetime:
    """When something is due, or may have come in."""
    times = [clock.now() + clock.longest_wait(), store.next_due_at(db), until]
    return min(at for at in times if at is not None)


def _fetch_registrations(db: Store, settings: Settings, rounds: Rounds, warn: Warn) -> None:
    """Ask about new addresses, as many as fit before the next check is due. What fails is asked again later."""
    if clock.now() < rounds.ask_registries_at:
        return
    next_at = store.next_due_at(db)
    spare = _MOST_QUESTIONS if next_at is None else (next_at - clock.now()).total_seconds() / _RDAP_EACH_SECONDS
    if spare < 1:
        return
    rounds.ask_registries_at = clock.now() + _REGISTRIES_AGAIN
    try:
        counts = asking.fetch_registrations(db, settings, limit=min(_MOST_QUESTIONS, int(spare)))
    except MonitorError as error:
        warn(f"registration data: {error}")
    else:
        if counts.fetched and counts.left:
            rounds.ask_registries_at = clock.now()
