"""Open the store of a data folder: key, engine and schema checked, or one line that says what is wrong.

In: the data folder and, for a server, its URL. Out: a `Store` with `read()` and `write()` transactions.
What would surprise: opening makes nothing unless `create` is given, and never a new key beside a database;
on SQLite a writing transaction takes the write lock at its start (BEGIN IMMEDIATE), so it cannot fail half-way.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import ArgumentError

from monitor.clock import now
from monitor.errors import KeyProblem, StoreError, StoreMissing
from monitor.store.problems import told_plainly
from monitor.store.schema import check_revision, head, migrate, revision_of
from monitor.store.sealing import KEY_FILE, Sealer, load_key, make_key
from monitor.store.tables import SealRow, table_of

DATABASE_FILE = "monitor.sqlite"
BUSY_SECONDS = 30.0
_CACHE_KIB = 65_536
_WAL_PAGES = 16_000
"""64 MB of write-ahead log before it is folded in: blind indexes are hit all over, and with SQLite's 4 MB each
batch would rewrite the same pages (imports take 1.4 to 2 times as long)."""
_WRITES = "monitor_writes"
_SEALS = table_of(SealRow)


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. Close it, or use it as a context manager."""

    data_dir: Path
    engine: Engine = field(repr=False)
    sealer: Sealer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database. Raises StoreError, StoreBusy."""
        with told_plainly(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: all of it or nothing. Raises StoreError, StoreBusy."""
        with told_plainly(), writing(self.engine) as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A writing transaction on any engine of `make_engine`; driver errors come as they are."""
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


def open_store(data_dir: Path, url: str | None = None, *, create: bool, busy_seconds: float = BUSY_SECONDS) -> Store:
    """Open the store of `data_dir`, with `create` making what is missing (folder 0700, key and database 0600).

    `url` names another database than `monitor.sqlite` in the folder. `busy_seconds`: how long to wait for another
    writer. Raises StoreMissing, KeyProblem, StoreNewer, StoreBusy, StoreError.
    """
    place = _place(data_dir, url)
    if create:
        with _alone_in(data_dir):
            _make_missing(data_dir, place, busy_seconds)
    else:
        _must_exist(data_dir, place, busy_seconds)
    store = Store(data_dir, make_engine(place, busy_seconds), load_key(data_dir))
    try:
        with store.read() as connection:
            check_revision(connection)
            _check_key(connection, store.sealer)
    except BaseException:
        store.close()
        raise
    return store


def upgrade(data_dir: Path, url: str | None = None) -> tuple[str, str]:
    """Bring an older schema to this version's: (revision before, revision after). Raises StoreMissing, StoreNewer."""
    place = _place(data_dir, url)
    _must_exist(data_dir, place, BUSY_SECONDS)
    engine = make_engine(place, BUSY_SECONDS)
    try:
        with told_plainly(), writing(engine) as connection:
            before = revision_of(connection)
            if before is None or before == head():
                check_revision(connection)
            else:
                _refuse_newer(connection)
                migrate(connection)
            return before or "", head()
    finally:
        engine.dispose()


def make_engine(place: URL, busy_seconds: float) -> Engine:
    """An engine whose errors show no parameters; SQLite in WAL mode with foreign keys on."""
    if place.get_backend_name() != "sqlite":
        return create_engine(place, hide_parameters=True)
    engine = create_engine(place, hide_parameters=True, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _begin_sqlite does
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"cache_size = -{_CACHE_KIB}",
        f"wal_autocheckpoint = {_WAL_PAGES}",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _place(data_dir: Path, url: str | None) -> URL:
    if url is None:
        return URL.create("sqlite", database=str(data_dir.absolute() / DATABASE_FILE))
    try:
        place = make_url(url)
        place.get_dialect().import_dbapi()
    except ImportError:
        raise StoreError("The driver of [database] url is not installed", "Install it, or leave url empty") from None
    except ArgumentError:  # its message repeats the URL, password included
        place = None
    if place is None or (place.get_backend_name() == "sqlite" and place.database in (None, "", ":memory:")):
        raise StoreError(
            "[database] url is not the address of a database", "Write it as postgresql+psycopg://host/name"
        )
    return place


def _file_of(place: URL) -> Path | None:
    return Path(str(place.database)) if place.get_backend_name() == "sqlite" else None


@contextmanager
def _alone_in(data_dir: Path) -> Iterator[None]:
    """Make the folder (0700) where it is missing, and keep other creating processes out while this runs."""
    try:
        if not data_dir.is_dir():
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(data_dir, os.O_RDONLY)
    except OSError as error:
        raise StoreError(f"The data folder cannot be made or read ({error.strerror})", "Check --data-dir") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _make_missing(data_dir: Path, place: URL, busy_seconds: float) -> None:
    has_key = (data_dir / KEY_FILE).exists()
    if _holds_anything(place, busy_seconds):
        return  # a missing key is said by load_key, and no new one is made
    try:
        sealer = load_key(data_dir) if has_key else make_key(data_dir)
        if file := _file_of(place):
            file.touch(mode=0o600)
    except OSError as error:
        raise StoreError(f"The store cannot be made ({error.strerror})", "Check the disk and --data-dir") from None
    engine = make_engine(place, busy_seconds)
    try:
        with told_plainly(), writing(engine) as connection:
            migrate(connection)
            connection.execute(
                _SEALS.insert().values(key_id=sealer.key_id, proof=sealer.proof(), made_at=now()),
            )
    finally:
        engine.dispose()


def _must_exist(data_dir: Path, place: URL, busy_seconds: float) -> None:
    if _holds_anything(place, busy_seconds):
        return
    if (data_dir / KEY_FILE).exists():
        raise StoreMissing(
            "The data folder holds a key but no database",
            f"Put {DATABASE_FILE} back from your backup, or run `monitor import` to begin anew with this key",
        )
    raise StoreMissing(
        "There is no store in the data folder",
        "Run `monitor import` or `monitor refdata import` to make one, or name another folder with --data-dir",
    )


def _holds_anything(place: URL, busy_seconds: float) -> bool:
    """Whether the database is there and has tables; an empty file is left by a crash right at the start."""
    file = _file_of(place)
    try:
        if file is not None and (not file.is_file() or file.stat().st_size == 0):
            return False
    except OSError as error:
        raise StoreError(f"The database cannot be read ({error.strerror})", "Check who owns the data folder") from None
    engine = make_engine(place, busy_seconds)
    try:
        with told_plainly(), engine.connect() as connection:
            return bool(inspect(connection).get_table_names())
    finally:
        engine.dispose()


def _refuse_newer(connection: Connection) -> None:
    try:
        check_revision(connection)
    except StoreError as error:
        if type(error) is not StoreError:
            raise


def _check_key(connection: Connection, sealer: Sealer) -> None:
    proof = connection.scalar(select(_SEALS.c.proof).where(_SEALS.c.key_id == sealer.key_id))
    if proof is None or not sealer.proves(proof):
        raise KeyProblem(
            f"The key in {KEY_FILE} is not the one that sealed this database",
            "Put the right key file back; nothing was changed",
        )
