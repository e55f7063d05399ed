"""`monitor doctor`: what the monitor needs, tried one by one, and what to do where it is not there.

In: the data folder and the configuration file. Out: Findings. What would surprise: the network is used for what the
configuration names alone, and for that only under the mandate and where a source is live; a store is opened and written
to (the same value again), and never made.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_bytes

from sqlalchemy import text

from monitor import store
from monitor.clock import now
from monitor.config import Settings
from monitor.diagnosis_live import live_findings, running
from monitor.errors import MonitorError
from monitor.handover.signing import SIGNING_KEY, signing_key
from monitor.machine import disk_room, documents, modes, time_zones
from monitor.model.operation import Finding, Mark
from monitor.opening import STORE, failed, secret_files, settings_of, store_of
from monitor.status import mandate
from monitor.status_data import reference_tables
from monitor.store import KEY_FILE, Store, overview
from monitor.store.engines import is_server, parse_url

_CLOCKS_APART = 5.0
_OPENS = "it opens: key and schema are the right ones"
_NOT_LIVE = "no source is live: resolvers, canary and clock are not asked about"


def diagnose(data_dir: Path, config: Path | None) -> tuple[Finding, ...]:
    """Everything that was tried. Raises nothing: what cannot be looked at is a Finding too."""
    found, settings = settings_of(data_dir, config)
    found += modes(data_dir, *secret_files(data_dir, config, settings))
    found += [*_signing(data_dir), time_zones(), documents()]
    if settings is None:
        return (*found, failed(STORE, "not tried: the configuration comes first", "Put the settings right"))
    found += _password(settings)
    with ExitStack() as held:
        db = store_of(data_dir, settings, held)
        found.append(db if isinstance(db, Finding) else Finding(STORE, Mark.OK, _OPENS))
        found += _disk(data_dir, settings, db)
        if isinstance(db, Store):
            found += _database(db)
            found += _tables(db, settings)
        found += _network(settings, store.digest_key(db) if isinstance(db, Store) else token_bytes(32))
    return tuple(found)


def _signing(data_dir: Path) -> Iterator[Finding]:
    """The key by which others know us, where there is one; the first exchange or bundle makes it."""
    if not (data_dir / SIGNING_KEY).exists():
        return
    try:
        key = signing_key(data_dir, create=False)
    except MonitorError as error:
        yield failed("signing key", error)
    else:
        said = f"it opens, fingerprint {key.fingerprint}; no backup holds it: keep a copy beside that of {KEY_FILE}"
        yield Finding("signing key", Mark.OK, said)


def _disk(data_dir: Path, settings: Settings, db: Store | Finding) -> Iterator[Finding]:
    try:
        size = overview.database_bytes(db) if isinstance(db, Store) else 0
    except MonitorError as error:
        yield failed(STORE, error)
        size = 0
    yield disk_room(data_dir, size, settings.operation.least_free_gb)


def _tables(db: Store, settings: Settings) -> Iterator[Finding]:
    try:
        yield reference_tables(db, settings, now().date())
    except MonitorError as error:
        yield failed("tables", error)


def _password(settings: Settings) -> Iterator[Finding]:
    """A setting is copied into backups and shown to colleagues; what libpq reads for itself is not."""
    try:
        place = parse_url(settings.database.url) if settings.database.url else None
    except MonitorError:
        return  # `store` says so
    if place is None or not is_server(place):
        return
    if place.password or any("password" in name for name in place.query):
        todo = "Move it to the file that PGPASSFILE names, or ~/.pgpass (0600), and change it (docs/postgresql.md)"
        yield Finding("password", Mark.LOOK, "there is a password in [database] url", todo)


def _database(db: Store) -> Iterator[Finding]:
    try:
        with db.write() as connection:
            connection.execute(text("UPDATE counters SET next_key = next_key"))
    except MonitorError as error:
        yield failed("writing", error)
    else:
        yield Finding("writing", Mark.OK, "the database takes what is written")
    if db.on_server:
        try:
            yield _server_clock(store.clock_differs_by(db))
        except MonitorError as error:
            yield failed("server clock", error)
        return
    try:
        with db.read() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    except MonitorError as error:
        yield failed("integrity", error)
        return
    if said == "ok":
        yield Finding("integrity", Mark.OK, "SQLite finds the file whole")
    else:
        yield failed("integrity", "SQLite finds the file damaged", "Stop all work and put it back from your backup")


def _server_clock(seconds: float) -> Finding:
    """Leases go by the server's clock, observations by this machine's."""
    said, figures = f"{abs(seconds):.0f} s away from this machine's", {"off_by_seconds": round(seconds, 1)}
    if abs(seconds) < _CLOCKS_APART:
        return Finding("server clock", Mark.OK, "the database server's clock says the same", figures=figures)
    todo = "Let both machines keep their time (systemd-timesyncd, chrony)"
    return Finding("server clock", Mark.LOOK, said, todo, figures)


def _network(settings: Settings, digest_key: bytes) -> Iterator[Finding]:
    if not any(source.live for source in settings.sources.values()):
        yield Finding("network", Mark.OK, _NOT_LIVE)
        return
    allowed = mandate(settings, now())
    yield allowed
    if allowed.mark is Mark.ACT:
        yield failed("network", "not tried: nothing may be asked without a mandate", "Put the mandate right first")
        return
    yield from running(settings)
    yield from live_findings(settings, digest_key)
