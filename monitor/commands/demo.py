"""`monitor demo`: a small internet on loopback, reports about it, the real loop in fast motion, and a release."""

import dataclasses
import os
import threading
from pathlib import Path

import typer
from rich.console import Console

from monitor.commands.stopping import stopped_by_signals
from monitor.errors import UsageError
from monitor.session import Session

DEFAULT_FOLDER = Path("data/demo")
GRACE_SECONDS = 2.0
"""A round in fast motion is over sooner; the world, the freeze and the release are not waited for."""
_INTERRUPTED = 130


def demo(context: typer.Context) -> None:
    """Show the whole line on invented providers on loopback, two months in two minutes. Contacts no real host."""
    from monitor.demo.live_table import viewer  # noqa: PLC0415 (it loads web, name and registration servers)
    from monitor.demo.run import demonstrate  # noqa: PLC0415 (as above)

    session: Session = context.obj
    if session.config is not None:
        raise UsageError("The demonstration writes a configuration of its own", "Leave --config out")
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"  # its servers are here: no question goes to a proxy
    stop = threading.Event()
    shown_by = viewer(Console(stderr=True), quiet=session.quiet)
    with stopped_by_signals(stop, GRACE_SECONDS), shown_by as shown:  # servers and temporary files go too
        done = demonstrate(_folder(context, session), stop, shown)
    if done is None:
        raise typer.Exit(_INTERRUPTED)
    counts = dataclasses.asdict(done.counts)
    session.result({"path": str(done.index), "episodes": done.episodes, **counts}, str(done.index))


def _folder(context: typer.Context, session: Session) -> Path:
    """The folder that was named, on the command line or in the environment; else one of its own, not data/local."""
    source = context.find_root().get_parameter_source("data_dir")
    if (source is None or source.name == "DEFAULT") and not os.environ.get("MONITOR_DATA_DIR"):
        return DEFAULT_FOLDER
    return session.data_dir
