"""Open the store of a data folder: key, engine and schema checked, or one line that says what is wrong.

In: the data folder and, for a server, its URL. Out: a `Store` with its three kinds of transaction (`engines.py`).
What would surprise: opening makes nothing unless `create` is given, and never a new key beside a database; the data
folder with the key is there also where the database is a server.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL, Connection, Engine, inspect

from monitor.clock import now
from monitor.errors import StoreError, StoreMissing
from monitor.store.engines import Work, is_server, make_engine, parse_url, transaction
from monitor.store.key_file import remove_drafts
from monitor.store.problems import told_plainly
from monitor.store.schema import check_revision, head, migrate, revision_of
from monitor.store.sealing import KEY_FILE, Sealer, load_key, make_key
from monitor.store.seals import check_key, keep_up
from monitor.store.tables import SealRow, table_of

DATABASE_FILE = "monitor.sqlite"
MOVED = ".moved"
"""What the name of the file ends in when its store is on a server now (`monitor db move`)."""
BUSY_SECONDS = 30.0
_SEALS = table_of(SealRow)
_NO_FILE = (
    "The data folder holds a key but no database",
    f"Put {DATABASE_FILE} back from your backup, or run `monitor import` to begin anew with this key",
)
_TWO_STORES = (
    f"The database that [database] url names is empty, and a store lies in the data folder ({DATABASE_FILE})",
    f"Run `monitor db move` to bring it there. To begin anew on the server, take {DATABASE_FILE} away first",
)
_LOST_SERVER = (
    f"The store was moved to a server ({DATABASE_FILE}{MOVED}), and the database that [database] url names is empty",
    "Check the name in the URL, or restore your backup into it. To begin anew, take that file away first",
)
_NO_TABLES = (
    "The data folder holds a key, and the database that [database] url names is empty",
    "Check the name in the URL, restore your backup into it, or run `monitor import` to begin anew with this key",
)


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. Close it, or use it as a context manager."""

    data_dir: Path
    engine: Engine = field(repr=False)
    sealer: Sealer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database. Raises StoreError, StoreBusy."""
        with told_plainly(self.engine), transaction(self.engine, Work.READ) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes, alone: all of it or nothing. Raises StoreError, StoreBusy, KeyProblem."""
        with told_plainly(self.engine), transaction(self.engine, Work.WRITE) as connection:
            keep_up(connection, self.sealer)
            yield connection

    @contextmanager
    def take(self) -> Iterator[Connection]:
        """A short transaction that writes beside others on a server, locking row by row; on SQLite as `write`.

        Only for tables that nothing else writes without such locks: leases, claims, heartbeats.
        """
        with told_plainly(self.engine), transaction(self.engine, Work.TAKE) as connection:
            yield connection

    @property
    def on_server(self) -> bool:
        """Whether the database is a server, which several hosts may share."""
        return is_server(self.engine)

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_store(data_dir: Path, url: str | None = None, *, create: bool, busy_seconds: float = BUSY_SECONDS) -> Store:
    """Open the store of `data_dir`, with `create` making what is missing (folder 0700, key and database 0600).

    `url` names another database than `monitor.sqlite` in the folder. `busy_seconds`: how long to wait for another
    writer. Raises StoreMissing, KeyProblem, StoreNewer, StoreBusy, StoreError.
    """
    engine = make_engine(place_of(data_dir, url), busy_seconds)
    try:
        if create:
            with alone_in(data_dir):
                _make_missing(data_dir, engine)
        else:
            must_exist(data_dir, engine)
        store = Store(data_dir, engine, load_key(data_dir))
        with store.read() as connection:
            check_revision(connection)
            check_key(connection, store.sealer)
    except BaseException:
        engine.dispose()
        raise
    return store


def upgrade(data_dir: Path, url: str | None = None) -> tuple[str, str]:
    """Bring an older schema to this version's: (revision before, revision after). Raises StoreMissing, StoreNewer."""
    engine = make_engine(place_of(data_dir, url), BUSY_SECONDS)
    try:
        must_exist(data_dir, engine)
        load_key(data_dir)  # nobody works on a store whose key is lost without being told
        with told_plainly(engine), transaction(engine, Work.WRITE) as connection:
            before = revision_of(connection)
            if before is None or before == head():
                check_revision(connection)
            else:
                refuse_newer(connection)
                migrate(connection)
            return before or "", head()
    finally:
        engine.dispose()


def check_schema(store: Store) -> None:
    """What opening has looked at, for who has it open for long. Raises StoreNewer, StoreError."""
    with store.read() as connection:
        check_revision(connection)


def place_of(data_dir: Path, url: str | None) -> URL:
    """Where the database is: that of the URL, or the file in the data folder."""
    if url is None:
        return URL.create("sqlite", database=str(data_dir.absolute() / DATABASE_FILE))
    return parse_url(url)


def _file_of(place: URL) -> Path | None:
    return Path(str(place.database)) if place.get_backend_name() == "sqlite" else None


@contextmanager
def alone_in(data_dir: Path) -> Iterator[None]:
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


def _make_missing(data_dir: Path, engine: Engine) -> None:
    remove_drafts(data_dir)
    if _has_tables(engine):
        return  # a missing key is said by load_key, and no new one is made
    _refuse_moved(data_dir, engine)
    if (data_dir / KEY_FILE).exists():
        load_key(data_dir)  # a damaged one is said before anything is made
    if file := _file_of(engine.url):
        with _made():
            file.touch(mode=0o600)
    with told_plainly(engine), transaction(engine, Work.WRITE) as connection:
        if inspect(connection).get_table_names():
            return  # another host made it meanwhile, under its key
        with _made():
            sealer = load_key(data_dir) if (data_dir / KEY_FILE).exists() else make_key(data_dir)
        migrate(connection)
        connection.execute(_SEALS.insert().values(key_id=sealer.key_id, proof=sealer.proof(), made_at=now()))


@contextmanager
def _made() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"The store cannot be made ({error.strerror})", "Check the disk and --data-dir") from None


def must_exist(data_dir: Path, engine: Engine) -> None:
    """Raise StoreMissing where there is no database, or an empty one."""
    if _has_tables(engine):
        return
    _refuse_moved(data_dir, engine)
    if (data_dir / KEY_FILE).exists():
        raise StoreMissing(*(_NO_TABLES if is_server(engine) else _NO_FILE))
    raise StoreMissing(
        "There is no store in the data folder",
        "Run `monitor import` or `monitor refdata import` to make one, or name another folder with --data-dir",
    )


def _refuse_moved(data_dir: Path, engine: Engine) -> None:
    """Whoever forgot `db move`, or the URL after it, would begin a second store beside the one that is there."""
    if is_server(engine):
        if (data_dir / DATABASE_FILE).is_file() and (data_dir / DATABASE_FILE).stat().st_size:
            raise StoreMissing(*_TWO_STORES)
        if (data_dir / f"{DATABASE_FILE}{MOVED}").exists():
            raise StoreMissing(*_LOST_SERVER)
    file = _file_of(engine.url)
    if file is not None and file.with_name(file.name + MOVED).exists():
        raise StoreMissing(
            "The store was moved to a database server",
            "Write its URL in [database] url of monitor.toml (docs/backup.md)",
        )


def holds_anything(place: URL, busy_seconds: float) -> bool:
    """Whether the database is there and has tables."""
    engine = make_engine(place, busy_seconds)
    try:
        return _has_tables(engine)
    finally:
        engine.dispose()


def _has_tables(engine: Engine) -> bool:
    """An empty file is left by a crash right at the start; where there is none, none is made."""
    file = _file_of(engine.url)
    try:
        if file is not None and (not file.is_file() or file.stat().st_size == 0):
            return False
    except OSError as error:
        raise StoreError(f"The database cannot be read ({error.strerror})", "Check who owns the data folder") from None
    with told_plainly(engine), transaction(engine, Work.READ) as connection:
        return bool(inspect(connection).get_table_names())


def refuse_newer(connection: Connection) -> None:
    """Raise StoreNewer for a schema that this version does not know; an older one will do."""
    try:
        check_revision(connection)
    except StoreError as error:
        if type(error) is not StoreError:
            raise
