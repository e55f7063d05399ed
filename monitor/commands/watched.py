"""What whoever watches `monitor run` gets: its log, and figures over HTTP on this machine where they are wanted.

In: the session, the store and the settings. Out: `Watched`, whose `progress` and `warn` are handed to the loop. What
would surprise: an error that ends the program is written to the log too, so that a collector has it as an object.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer

from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.logs import Log, libraries_through
from monitor.model.observation import CheckCounts
from monitor.session import Session
from monitor.store import Store

if TYPE_CHECKING:
    from monitor.metrics import Metrics
    from monitor.watching import WatchProgress


@dataclass(frozen=True, slots=True)
class Watched:
    """Hears what the loop says. `shown`: whether rounds are, too."""

    log: Log
    metrics: "Metrics | None"
    shown: bool
    quiet: bool

    def progress(self, seen: "WatchProgress") -> None:
        """A round has ended."""
        if self.metrics is not None:
            self.metrics.ended(seen.last, seen.at)
        if self.shown and not self.quiet:
            said = text(seen.last) if seen.last.due else "nothing is due"
            due = seen.next_due_at
            later = f"; next due {due:%Y-%m-%d %H:%M:%S}" if due is not None else "; nothing is planned"
            fields = {**asdict(seen.last), "next_due_at": None if due is None else due.isoformat()}
            self.log.tell("round", f"{seen.at:%Y-%m-%d %H:%M:%S} {said}{later}", **fields)

    def warn(self, warning: str) -> None:
        """Something that somebody should look at."""
        if self.metrics is not None:
            self.metrics.warned()
        if not self.quiet:
            self.log.alert("warning", warning)


@contextmanager
def watched(session: Session, opened: Store, settings: Settings, *, forever: bool, worker: str) -> Iterator[Watched]:
    """Log in the configured form, and serve figures where the command runs for ever and a port is configured."""
    operation = settings.operation
    log = Log(operation.log_format, sys.stderr, worker=worker)
    with ExitStack() as held:
        held.enter_context(_errors_in(log, as_json=operation.log_format == "json"))
        held.enter_context(libraries_through(log))
        metrics = None
        if forever and operation.metrics_port:
            from monitor.metrics import Metrics, served  # noqa: PLC0415 (only who wants figures waits for it)

            metrics = Metrics(opened, settings)
            held.enter_context(served(metrics, operation.metrics_host, operation.metrics_port))
        yield Watched(log, metrics, forever or session.verbose, session.quiet)


@contextmanager
def _errors_in(log: Log, *, as_json: bool) -> Iterator[None]:
    """In JSON, the error that ends the command is the log's last line; as text, the program prints it as always."""
    try:
        yield
    except MonitorError as error:
        if not as_json:
            raise
        log.fail("error", str(error), kind=type(error).__name__, exit_status=error.exit_status)
        raise typer.Exit(error.exit_status) from None


def text(counts: CheckCounts) -> str:
    """One line of figures."""
    gets = f", with a GET of one byte {counts.gets}" if counts.gets else ""
    return (
        f"checks due {counts.due}: online {counts.online}, offline {counts.offline}, "
        f"inconclusive {counts.inconclusive}, void {counts.void}{gets}"
    )
