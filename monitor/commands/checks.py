"""`monitor check` and `monitor run`: live checks, for live sources and under the mandate."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.stopping import stopped_by_signals
from monitor.config import Settings
from monitor.errors import (
    ConfigError,
    KeyProblem,
    MandateMissing,
    RefusedForNow,
    StoreMissing,
    StoreNewer,
    UsageError,
)
from monitor.presence import DEFAULT_NAME
from monitor.session import Session

if TYPE_CHECKING:
    from monitor.watching import Worker
    from monitor.workers import Told

GRACE_SECONDS = 9.0
"""A program that was asked to end is gone after so long, whatever it waits for."""
_SUPERVISOR_SECONDS = 0.7
"""So much longer a supervisor waits for its workers, and kills those that are left."""
NEEDS_SOMEBODY = 4
"""Exit status of a `run` that only a person can put right, so that nothing starts it again (the unit knows it)."""


def check(context: typer.Context) -> None:
    """Make the checks that are due now. Needs [mandate], [resolvers], [canary] and a live source."""
    _watch(context.obj, None, forever=False, registrations=False)


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now and end: for timers.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes; SQLite serves one.")] = 1,
    name: Annotated[
        str, typer.Option(help="Of this worker, unlike that of any other of the store; several: NAME-1 and so on.")
    ] = DEFAULT_NAME,
    vantage: Annotated[str, typer.Option(help="Check from this one of [vantages] alone.")] = "",
) -> None:
    """Resolve, ask the registries, attribute and check whatever is due, and wait, until stopped (Ctrl-C, SIGTERM).

    Without --once, exit status 4: only a person can put it right (no mandate in force, no live source, no resolver or
    canary, no store, no key, a store of a newer version), so do not start it again.
    """
    from monitor.watching import Worker, seen_from  # noqa: PLC0415 (see `_watch`)

    session: Session = context.obj
    worker = Worker(name, vantage or None)
    if workers > 1:
        settings = seen_from(session.settings(), worker.vantage)
        with _told_apart(forever=not once):
            _supervise(session, settings, _told(session, settings, worker, workers, once=once), once=once)
    else:
        _watch(session, worker, forever=not once, registrations=True)


def _watch(session: Session, worker: "Worker | None", *, forever: bool, registrations: bool) -> None:
    from monitor import asking, watching  # noqa: PLC0415 (it loads dnspython, which no other command should wait for)
    from monitor.commands.watched import text, watched  # noqa: PLC0415 (same reason: structlog)
    from monitor.workers import ended_with_supervisor, is_supervised  # noqa: PLC0415

    stop = threading.Event()
    with (
        _told_apart(forever=forever),
        session.store() as (opened, settings),
        stopped_by_signals(stop, GRACE_SECONDS),
        ended_with_supervisor(stop),
        watched(session, opened, settings, forever=forever, worker=worker.name if worker else DEFAULT_NAME) as seen,
        _told_apart(forever=forever),  # again: `watched` logs the status
    ):
        for warning in asking.live_warnings(opened, settings):
            seen.warn(warning)
        counts = watching.watch(
            opened,
            settings,
            until=None,
            once=not forever,
            stop=stop,
            progress=seen.progress,
            warn=lambda warning: seen.warn(
                f"worker {worker.name}: {warning}" if worker and is_supervised() else warning
            ),
            registrations=registrations,
            worker=worker,
        )
    session.result(asdict(counts), text(counts))
    if not forever and counts.due and counts.void == counts.due:
        raise typer.Exit(1)


@contextmanager
def _told_apart(*, forever: bool) -> Iterator[None]:
    """Gives what only a person can put right an exit status of its own, where the command would be started again."""
    try:
        yield
    except (ConfigError, KeyProblem, MandateMissing, StoreMissing, StoreNewer) as error:
        if forever and error.exit_status == 1 and not isinstance(error, RefusedForNow):
            error.exit_status = NEEDS_SOMEBODY
        raise


def _supervise(session: Session, settings: Settings, told: "list[Told]", *, once: bool) -> None:
    """Refused before anything is started: a store that serves one, no mandate."""
    from monitor import clock, workers  # noqa: PLC0415 (see `_watch`)
    from monitor.commands.watched import Watched, text  # noqa: PLC0415
    from monitor.logs import Log  # noqa: PLC0415
    from monitor.model.observation import CheckCounts  # noqa: PLC0415
    from monitor.rounds import added  # noqa: PLC0415

    refused = UsageError("More than one worker needs a database server", "Leave --workers at 1, or move: `db move`")
    if settings.database.url is None:
        raise refused
    settings.checked_sources(clock.now().date())
    with session.store() as (opened, _):
        if not opened.on_server:
            raise refused
    stop = threading.Event()
    with stopped_by_signals(stop, GRACE_SECONDS + 2 * _SUPERVISOR_SECONDS):
        warn = Watched(Log(settings.operation.log_format, sys.stderr), None, False, session.quiet).warn
        ended = workers.supervise(told, stop, GRACE_SECONDS + _SUPERVISOR_SECONDS, warn, once=once)
    counts = CheckCounts()
    for printed in filter(None, ended.printed):
        counts = added(counts, CheckCounts(**json.loads(printed)))
    session.result(asdict(counts), text(counts))
    statuses = [each if each >= 0 else 1 for each in ended.statuses.values()]  # below 0: killed
    final = [each for each in statuses if each in workers.NOT_AGAIN]  # for which the others were ended
    if (status := max(final or statuses, default=0)) and (once or not stop.is_set()):
        raise typer.Exit(status)


def _told(session: Session, settings: Settings, worker: "Worker", n: int, *, once: bool) -> "list[Told]":
    """Each worker as a command line. The port of figures goes up by one from worker to worker."""
    from monitor.workers import Told  # noqa: PLC0415 (see `_watch`)

    chosen = ["--data-dir", str(session.data_dir), *(["--config", str(session.config)] if session.config else [])]
    flags = ["--json", *(["-q"] if session.quiet else []), *(["-v"] if session.verbose else [])]
    more = [*(["--once"] if once else []), *(["--vantage", worker.vantage] if worker.vantage else [])]
    port, told = settings.operation.metrics_port, []
    for place in range(n):
        name = f"{worker.name}-{place + 1}" if worker.name != DEFAULT_NAME else str(place + 1)
        ports = {"MONITOR_OPERATION__METRICS_PORT": str(port + place)} if port else {}
        told.append(Told(name, [*chosen, *flags, "run", "--name", name, *more], ports))
    return told
