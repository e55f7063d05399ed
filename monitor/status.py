"""How the work stands, for whoever runs it: one Finding for each thing that can go wrong over the years.

In: the data folder and the configuration, the clock. Out: Findings, in the order of the line. What would surprise:
no server but the database's is asked anything, nothing is unsealed but the register of Letters and what concerns
orders, and a store of recorded reports alone is well without a single check. What cannot be looked at is a Finding too:
a full disk, a lost key or a server that is away is when somebody looks.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path

from monitor.clock import now
from monitor.config import Operation, Settings
from monitor.errors import MandateMissing, MonitorError, StoreBusy
from monitor.machine import disk_room, is_there, modes
from monitor.model.operation import Finding, Mark
from monitor.opening import failed, secret_files, settings_of, store_of
from monitor.remains import last_backup, left_behind
from monitor.status_data import (
    attribution,
    documents,
    hearing,
    inputs,
    orders,
    reference_tables,
    registrations,
    sealed_data,
)
from monitor.status_live import Part, live_parts
from monitor.status_retention import retention
from monitor.status_vault import vault
from monitor.store import Store, overview
from monitor.store.database import DATABASE_FILE

_MANDATE_ENDS = timedelta(days=30)
_NOT_LIVE = "no source is live: nothing is checked by us"


def survey(data_dir: Path, config: Path | None) -> tuple[Finding, ...]:
    """Every Finding that there can be as things are. Raises nothing."""
    said, settings = settings_of(data_dir, config)
    found = [each for each in (*said, *modes(data_dir, *secret_files(data_dir, config, settings))) if each.todo]
    if settings is None:
        found.append(disk_room(data_dir, _file_bytes(data_dir), Operation().least_free_gb))
        return (*found, _unseen(["everything else"], "Put the settings right first"))
    with ExitStack() as held:
        db = store_of(data_dir, settings, held)
        if isinstance(db, Store):
            return (*found, *collect(db, settings))
        return (*found, db, *_without_store(data_dir, settings))


def collect(db: Store, settings: Settings) -> tuple[Finding, ...]:
    """Every Finding of an open store. Raises nothing: a part that cannot be looked at says why."""
    moment = now()
    size = _bytes(db)
    found = chain(
        tried(_parts(db, settings, moment)), _beside(db.data_dir, settings, moment, size, on_server=db.on_server)
    )
    live = any(source.live for source in settings.sources.values())
    if not live:
        return (*found, Finding("checks", Mark.OK, _NOT_LIVE))
    return (*found, mandate(settings, moment), *tried(live_parts(db, settings, moment)))


def mandate(settings: Settings, moment: datetime) -> Finding:
    """Whether checks may be made today, and for how long."""
    try:
        settings.checked_sources(moment.date())
    except MandateMissing as error:
        return failed("mandate", error)
    expires = settings.mandate.expires
    said, figures = f"in force until {expires}", {"expires": str(expires)}
    if expires is not None and expires - moment.date() < _MANDATE_ENDS:
        return Finding("mandate", Mark.LOOK, said, "Have it renewed in time, then set [mandate] expires", figures)
    return Finding("mandate", Mark.OK, said, figures=figures)


def _parts(db: Store, settings: Settings, moment: datetime) -> Iterator[Part]:
    gaps = cache(lambda: overview.gaps(db, moment - timedelta(days=7)))
    yield "store", lambda: iter([sealed_data(db, overview.database_bytes(db))])
    yield "inputs, rejects, waiting", lambda: inputs(db, gaps(), moment)
    yield "tables", lambda: iter([reference_tables(db, settings, moment.date())])
    yield "attribution", lambda: iter([attribution(gaps())])
    yield "registries", lambda: iter([registrations(gaps())])
    yield "hearing", lambda: iter([hearing(db, moment.date())])
    yield "orders", lambda: iter([orders(db, settings, moment)])
    yield "retention", lambda: retention(db, settings, moment)
    yield "vault", lambda: vault(db)


def _beside(
    data_dir: Path, settings: Settings, moment: datetime, n_bytes: int, *, on_server: bool
) -> Iterator[Finding]:
    """What the data folder says without the store. `n_bytes`: of the database, as far as that is known."""
    yield disk_room(data_dir, n_bytes, settings.operation.least_free_gb)
    yield from documents(data_dir)
    yield last_backup(data_dir, moment)
    yield from left_behind(data_dir, on_server=on_server)


def _without_store(data_dir: Path, settings: Settings) -> Iterator[Finding]:
    """What can be known all the same."""
    moment = now()
    if is_there(data_dir):
        yield from _beside(data_dir, settings, moment, _file_bytes(data_dir), on_server=False)
    unseen = ["inputs", "rejects", "waiting", "tables", "attribution", "registries", "hearing", "retention"]
    if any(source.live for source in settings.sources.values()):
        yield mandate(settings, moment)
        unseen += ["checks", "workers", "runs", "canaries", "names"]
    yield _unseen(unseen, "Put the store right first")


def tried(parts: Iterator[Part]) -> Iterator[Finding]:
    """Each part; once the store does not answer, the others are not waited for one by one."""
    unseen, gone = list[str](), False
    for name, look in parts:
        if gone:
            unseen.append(name)
            continue
        try:
            yield from look()
        except MonitorError as error:
            gone = isinstance(error, StoreBusy)
            yield failed(name, error)
    if unseen:
        yield _unseen(unseen, "Put the store right first")


def _unseen(names: list[str], todo: str) -> Finding:
    return Finding("not seen", Mark.LOOK, ", ".join(names), todo, {"parts": names})


def _bytes(db: Store) -> int:
    try:
        return overview.database_bytes(db)
    except MonitorError:
        return _file_bytes(db.data_dir)


def _file_bytes(data_dir: Path) -> int:
    try:
        return (data_dir / DATABASE_FILE).stat().st_size
    except OSError:
        return 0
