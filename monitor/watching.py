"""`monitor check` and `monitor run`: take what is due, check it, store it, sleep, and begin again.

In: the store and the settings, a mandate among them. Out: counts, and a progress after each run. What would surprise:
only one process at a time may check for a store (a lock file says so), and waiting ends early when a person or the
machine asks the program to stop.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from monitor import asking, clock, judging, names, pipeline, store
from monitor.config import Settings, Vantage
from monitor.errors import MonitorError, StoreBusy, UsageError
from monitor.keeping import Patience
from monitor.loopback import check_mandate_place
from monitor.model.observation import DIRECT, CheckCounts
from monitor.presence import DEFAULT_NAME, present
from monitor.rounds import Rounds, added
from monitor.store import Store

AGAIN_SECONDS = 60.0
"""After a run in which no canary answered, the next try."""
_RDAP_EACH_SECONDS = 6.0
"""A question to a registry takes no longer than this, as a rule: so many fit before the next check."""
_MOST_QUESTIONS = 20
_SHORTEST_CHECK_SECONDS = 0.05
_LOOK_SECONDS = 1.0
"""Where others have what is due, the next look."""
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


@dataclass(frozen=True, slots=True)
class Worker:
    """As what a process checks: its name among the workers of the store, and the one way out that it uses, if any."""

    name: str = DEFAULT_NAME
    vantage: str | None = None


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
    worker: Worker | None = None,
) -> CheckCounts:
    """Check what is due whenever it is due, until an instant (None: for ever) or until `stop` is set.

    `once`: what is due at the start, and nothing later. `registrations`: ask the registries about new addresses while
    nothing is due. Who checks for ever waits for a store that does not answer, and told to stop meanwhile says what was
    made; else raises as `check` does.
    """
    worker = worker or Worker()
    settings = seen_from(settings, worker.vantage)
    settings.checked_sources(clock.now().date())
    check_mandate_place(settings)
    total, was_asked = CheckCounts(), True
    patience = Patience(stop, warn, patient=until is None and not once)
    with ExitStack() as held:
        if not db.on_server:
            held.enter_context(judging.alone(db.data_dir))
        me = held.enter_context(present(db, settings, worker.name, worker.vantage))
        rounds = held.enter_context(closing(Rounds.open(db, settings, me, patience)))
        try:
            total = _prepare(rounds, warn)
            for last in _runs(rounds, until, warn, once=once, registrations=registrations):
                if rounds.asked or was_asked:  # in an outage the same Targets come again and again: once is enough
                    total = added(total, last)
                was_asked = rounds.asked
                progress(WatchProgress(clock.now(), total, last, patience.ask(lambda: store.next_due_at(db))))
        except StoreBusy as trouble:
            if not (patience.patient and stop.is_set()):
                raise
            last, left = rounds.broken_off()
            total = added(total, last)
            warn(f"stopped while the store could not be used ({trouble.message}){left}")
    return total


def seen_from(settings: Settings, vantage: str | None) -> Settings:
    """The settings with one way out alone. Raises UsageError for one that is not configured."""
    known = settings.vantages or {DIRECT: Vantage()}
    if vantage is None:
        return settings
    if vantage not in known:
        raise UsageError("--vantage names none of [vantages]", f"Use one of: {', '.join(sorted(known))}")
    return settings.model_copy(update={"vantages": {vantage: known[vantage]}})


def _prepare(rounds: Rounds, warn: Warn) -> CheckCounts:
    """What goes before the first run; the counts of what was left behind."""
    db, settings, patience = rounds.db, rounds.settings, rounds.patience
    if not settings.canary.ipv6 and not settings.mandate.loopback:
        warn(_NO_IPV6)
    if abs(ahead := patience.ask(lambda: store.clock_differs_by(db))) > _OFF_BY.total_seconds():
        warn(f"this machine's clock differs from the database server's by {ahead:+.0f} s: set both by the same time")
    patience.ask(lambda: judging.refuse_newer(db))
    patience.ask(lambda: names.attribute(db, rounds.me.worker_id))
    total = patience.ask(rounds.recover)
    if total.due:
        warn(
            f"the last run was broken off: of {total.due} checks that it left, {total.void} are void and due again "
            "within minutes"
        )
    warned = False
    while not patience.ask(lambda: judging.judge_again_alone(db, settings, rounds.me.worker_id)):
        if not warned:
            warned = True
            warn("Outcomes are derived anew by the rules of this version as soon as no other worker checks")
        if rounds.stop.wait(_LOOK_SECONDS):
            break
        patience.ask(rounds.renew)
        total = added(total, patience.ask(rounds.recover))  # who has what this worker waits for may be gone
    return total


def _runs(
    rounds: Rounds, until: datetime | None, warn: Warn, *, once: bool, registrations: bool
) -> Iterator[CheckCounts]:
    """One run after the other, with a wait where nothing is due."""
    db, settings, ask = rounds.db, rounds.settings, rounds.patience.ask
    warned, started, voids, of_one_site = False, False, _Voids(db, warn), _of_one_site(settings)
    while not rounds.stop.is_set():
        planned = ask(lambda: _tidy(rounds, warn))
        if once and until is None:
            until = clock.now()
        before = clock.now() if until is None else min(clock.now(), until)
        if due := ask(partial(rounds.take, before, of_one_site)):
            yield (counts := rounds.run(due))
            started = True
            ask(partial(voids.look, counts))
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
            _fetch_registrations(rounds, warn)
        if planned and until is not None and clock.now() >= until and not ask(partial(_others_left, db, until)):
            return
        if not warned and abs(clock.off_by()) > _OFF_BY:
            warned = True
            warn("the machine's clock was changed; checks go on by the old one until the next start")
        clock.wait_until(ask(partial(_next_look, db, until if planned else clock.now())), rounds.stop)


def _tidy(rounds: Rounds, warn: Warn) -> bool:
    """Before anything is taken: this worker lives, what ended workers left is judged, and what is new is planned.

    False: another worker is planning just now.
    """
    db, settings, now = rounds.db, rounds.settings, clock.now()
    judging.refuse_newer(db)
    if db.on_server:
        rounds.renew()
        if (counts := rounds.recover()).due:
            warn(f"a worker was gone: of {counts.due} checks that it left, {counts.void} are void and due again soon")
        names.attribute(db, rounds.me.worker_id)
    sources = settings.checked_sources(now.date())
    with store.task(db, rounds.me.worker_id, "plan") as given:
        if given:
            judging.plan(db, settings, sources, now)
        return given


def _others_left(db: Store, until: datetime) -> bool:
    """Whether anything that is due is in nobody's hands, only not to be had just now (a site or address is taken)."""
    return db.on_server and store.count_untaken(db, until) > 0


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
    """When something is due, or may have come in. What is due already is in other workers' hands: look in a moment."""
    soon = clock.now() + timedelta(seconds=_LOOK_SECONDS)
    times = [clock.now() + clock.longest_wait(), store.next_due_at(db), until]
    at = min(at for at in times if at is not None)
    return max(at, soon) if db.on_server else at


def _fetch_registrations(rounds: Rounds, warn: Warn) -> None:
    """Ask about new addresses, as many as fit before the next check is due. What fails is asked again later."""
    db = rounds.db
    if clock.now() < rounds.ask_registries_at:
        return
    try:
        next_at = store.next_due_at(db)
        spare = _MOST_QUESTIONS if next_at is None else (next_at - clock.now()).total_seconds() / _RDAP_EACH_SECONDS
        if spare < 1:
            return
        rounds.ask_registries_at = clock.now() + _REGISTRIES_AGAIN
        with store.task(db, rounds.me.worker_id, "registrations") as given:
            if not given:
                return
            counts = asking.fetch_registrations(db, rounds.settings, limit=min(_MOST_QUESTIONS, int(spare)))
    except MonitorError as error:
        warn(f"registration data: {error}")
    else:
        if counts.fetched and counts.left:
            rounds.ask_registries_at = clock.now()
