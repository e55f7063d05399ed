"""`monitor check` and `monitor run`: live checks, for live sources and under the mandate."""

import threading
from dataclasses import asdict
from typing import Annotated

import typer

from monitor.commands.stopping import stopped_by_signals
from monitor.errors import UsageError
from monitor.model.observation import CheckCounts
from monitor.session import Session
from monitor.store import Store

GRACE_SECONDS = 9.0
"""A program that was asked to end is gone after so long, whatever it waits for."""


def check(context: typer.Context) -> None:
    """Make the checks that are due now. Needs [mandate], [resolvers], [canary] and a live source."""
    _watch(context.obj, forever=False, registrations=False)


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now and end: for timers.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Crawl processes; SQLite serves one.")] = 1,
) -> None:
    """Resolve, ask the registries, attribute and check whatever is due, and wait, until stopped (Ctrl-C, SIGTERM)."""
    if workers > 1:
        raise UsageError("More than one worker needs a database server", "Leave --workers at 1")
    _watch(context.obj, forever=not once, registrations=True)


def _watch(session: Session, *, forever: bool, registrations: bool) -> None:
    from monitor import watching  # noqa: PLC0415 (it loads dnspython, which no other command should wait for)

    stop = threading.Event()

    def progressed(progress: watching.WatchProgress) -> None:
        if session.verbose or forever:
            said = text(progress.last) if progress.last.due else "nothing is due"
            session.say(f"{progress.at:%Y-%m-%d %H:%M:%S} {said}{_next(progress)}")

    with session.store() as (opened, settings), stopped_by_signals(stop, GRACE_SECONDS):
        _warn(session, opened)
        counts = watching.watch(
            opened,
            settings,
            until=None,
            once=not forever,
            stop=stop,
            progress=progressed,
            warn=lambda warning: session.say(f"monitor: {warning}"),
            registrations=registrations,
        )
    session.result(asdict(counts), text(counts))
    if not forever and counts.due and counts.void == counts.due:
        raise typer.Exit(1)


def _warn(session: Session, opened: Store) -> None:
    from monitor import asking  # noqa: PLC0415

    for warning in asking.live_warnings(opened, session.settings()):
        session.say(f"monitor: {warning}")


def text(counts: CheckCounts) -> str:
    """One line of figures."""
    gets = f", with a GET of one byte {counts.gets}" if counts.gets else ""
    return (
        f"checks due {counts.due}: online {counts.online}, offline {counts.offline}, "
        f"inconclusive {counts.inconclusive}, void {counts.void}{gets}"
    )


def _next(progress: object) -> str:
    at = getattr(progress, "next_due_at", None)
    return f"; next due {at:%Y-%m-%d %H:%M:%S}" if at is not None else "; nothing is planned"
