"""The demonstration from beginning to end: a small internet, reports about it, the real loop, a release of one month.

In: an empty folder (or a former demonstration's). Out: the release's index.html. What would surprise: nothing here
checks, judges or counts; that is the same code that works in earnest, under a clock that jumps. Files with URLs lie in
a temporary folder while it runs, and are gone afterwards.
"""

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import select

from monitor import clock, freezing, pipeline, publishing, store, watching
from monitor.config import CONFIG_NAME, Settings, load_settings
from monitor.demo.internet import Internet
from monitor.demo.live_table import Tallies, Tally, Viewer, nobody
from monitor.demo.reports import settings_toml, write_deliveries, write_tables
from monitor.demo.timing import Event, PostingClock
from monitor.demo.world import NORMS_OVER_AT, PERIOD, STARTS_AT, TABLES_AS_OF, Case, World
from monitor.disk import scratch
from monitor.errors import InputError, UsageError
from monitor.model.counts import ImportOptions
from monitor.model.observation import CheckCounts
from monitor.model.words import ReleaseKind
from monitor.store import Store
from monitor.store.tables import ReportRow, table_of

MARKER = "demonstration.txt"
_MARK = "A demonstration of the monitor, with invented providers. `monitor demo` makes this folder anew.\n"
_REPORTS = table_of(ReportRow)


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """What came of it."""

    index: Path
    counts: CheckCounts
    episodes: int
    freeze: Path


@dataclass(slots=True)
class _Hotline:
    """Takes in what the hotline sends, and knows which Target is whose for the table."""

    db: Store
    world: World
    cases: dict[int, Case] = field(default_factory=dict)  # by Target

    def take_in(self, path: Path) -> None:
        """Raises InputError where a file is not taken in whole: then the demonstration is broken."""
        counts, failure = pipeline.import_file(self.db, path, ImportOptions(), 1)
        if failure is not None:
            raise failure
        if counts.accepted != counts.read:
            raise InputError("The demonstration's own reports were rejected", "Please report this defect")
        with self.db.read() as connection:
            wanted = select(_REPORTS.c.target_id).order_by(_REPORTS.c.input_id, _REPORTS.c.row)
            targets = connection.execute(wanted).scalars().all()
        self.cases = dict(zip(targets, self.world.cases, strict=False))

    def tallies(self) -> Tallies:
        """How everything that was reported stands, by provider."""
        plans = store.plans_of(self.db, list(self.cases))
        found: dict[str, Tally] = {}
        for target, case in self.cases.items():
            name, plan = case.provider.name, plans.get(target)
            found[name] = found.get(name, Tally()).plus(plan[1] if plan else None)
        return found


def demonstrate(folder: Path, stop: threading.Event, viewer: Viewer = nobody) -> Demonstrated | None:
    """Run it all in `folder`; None where it was stopped on the way. Raises UsageError, MonitorError."""
    _prepare(folder)
    world = World.made()
    with ExitStack() as held:
        files = held.enter_context(scratch(prefix="monitor-demo-"))
        internet = held.enter_context(Internet(world))
        (folder / CONFIG_NAME).write_text(settings_toml(internet), encoding="utf-8")
        settings = load_settings(folder, None)
        db = held.enter_context(store.open_store(folder, create=True))
        hotline = _Hotline(db, world)
        post = write_deliveries(world, files, internet.web_port)
        events = [Event(each.at, partial(hotline.take_in, each.path)) for each in post]
        held.enter_context(clock.replaced(PostingClock(STARTS_AT, events, NORMS_OVER_AT)))
        _import_tables(db, settings, files)
        return _observe_and_publish(db, settings, stop, partial(_show, viewer, hotline.tallies))


def _observe_and_publish(
    db: Store, settings: Settings, stop: threading.Event, progress: watching.Watcher
) -> Demonstrated | None:
    """The real loop up to the cut-off, then the real freeze and release."""
    cutoff = PERIOD.default_cutoff
    counts = watching.watch(db, settings, until=cutoff, stop=stop, progress=progress)
    if stop.is_set():
        return None
    frozen = freezing.freeze(db, settings, PERIOD, cutoff)
    release = publishing.publish(db.data_dir, settings, PERIOD, ReleaseKind.INTERIM)
    return Demonstrated(release.path.resolve() / "index.html", counts, frozen.n_episodes, frozen.path)


def _show(viewer: Viewer, tallies: Callable[[], Tallies], seen: watching.WatchProgress) -> None:
    viewer(seen, tallies)


def _import_tables(db: Store, settings: Settings, files: Path) -> None:
    for kind, path in write_tables(files).items():
        pipeline.import_reference_table(db, settings, kind, [path], TABLES_AS_OF, TABLES_AS_OF)


def _prepare(folder: Path) -> None:
    """Make the folder, empty but for the marker. Raises UsageError where it holds anything else than a demonstration.

    A setting in the environment could lead the demonstration to a real database or a real network: refused too.
    """
    if any(name.startswith("MONITOR_") and "__" in name for name in os.environ):
        raise UsageError("The demonstration takes no setting from the environment", "Unset MONITOR_SECTION__NAME")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError("The demonstration needs a folder of its own", "Name a new one with --data-dir")
    held = sorted(folder.iterdir()) if folder.exists() else []
    if held and not (folder / MARKER).is_file():
        raise UsageError(
            "The data folder holds something else than a demonstration, and is left as it is",
            "Name a new or empty folder with --data-dir",
        )
    for path in held:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / MARKER).write_text(_MARK, encoding="utf-8")
