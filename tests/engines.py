"""The two databases that a store can lie in, for tests: whatever opens a store in a test does so through an `Engine`.

In: the path of a data folder. Out: its store, rows and copies, on the engine that the test runs on.
What would surprise: on PostgreSQL each data folder has a database of its own, made when it is first used; it is dropped
with the fixture, or at the end of the test, that named the folder first. `store_of`, `copied` and `rows_in` know from
the folder which engine it is on, so that a helper of a test needs the folder alone.
"""

import contextlib
import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg

from monitor.store import Store, open_store
from monitor.store.sealing import KEY_FILE
from tests.postgres import Server

SQLITE_FILE = "monitor.sqlite"
URL_VARIABLE = "MONITOR_DATABASE__URL"


FIRST_OID = 16_384
"""PostgreSQL's own tables have lower numbers."""
PACKED = (b"\x28\xb5", b"\x1f\x8b")  # zstd, gzip
_PLACES: dict[Path, "Engine"] = {}
"""The folders whose database is on a server."""


def engine_of(folder: Path) -> "Engine":
    return _PLACES.get(folder.absolute(), SQLITE)


def store_of(folder: Path) -> Store:
    """The store of a data folder, open; whoever asks closes it."""
    return open_store(folder, engine_of(folder).url(folder), create=False)


def environment(folder: Path) -> dict[str, str]:
    """The environment in which the program finds the database of a data folder."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    url = engine_of(folder).url(folder)
    return {**ours, URL_VARIABLE: url} if url else ours


def copied(source: Path, to: Path, *, dirs_exist_ok: bool = False) -> Path:
    """A data folder and its database a second time."""
    return engine_of(source).copy(source, to, dirs_exist_ok=dirs_exist_ok)


def rows_in(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query without parameters gives, past the store."""
    return engine_of(folder).rows(folder, query)


def elsewhere(folder: Path) -> dict[str, bytes]:
    """What lies outside of a folder for the stores in it or below it."""
    stores = [(place, engine) for place, engine in _PLACES.items() if place.is_relative_to(folder.absolute())]
    return {name: content for place, engine in stores for name, content in engine.elsewhere(place).items()}


class Engine(Protocol):
    """`name` is `sqlite` or `postgresql`; a folder is a data folder of the monitor."""

    name: str

    def place(self, folder: Path) -> str | None:
        """The URL that the folder's database will have; it is made by what uses it."""

    def url(self, folder: Path) -> str | None:
        """What `open_store` takes, of a database that is there; None: the file in the folder."""

    def exists(self, folder: Path) -> bool:
        """Whether the folder's database is there and has tables."""

    def drop(self, folder: Path) -> None:
        """The database is gone; the rest of the folder stays."""

    def copy(self, source: Path, to: Path, *, dirs_exist_ok: bool = False) -> Path:
        """The folder and its database a second time."""

    def rows(self, folder: Path, query: str) -> list[tuple[Any, ...]]:
        """What a query without parameters gives, past the store."""

    def change(self, folder: Path, statement: str) -> int:
        """Do one statement, past the store: how many rows it touched."""

    def tables(self, folder: Path) -> list[str]:
        """The names of all tables, sorted."""

    def files(self, folder: Path) -> dict[str, bytes]:
        """Every byte that lies on disk for it, by name: the folder's files but the key, the database, its log."""

    def log(self, folder: Path) -> bytes:
        """What was written since the database was made or copied, as it lies in the write-ahead log."""

    def elsewhere(self, folder: Path) -> dict[str, bytes]:
        """What lies on disk for it outside of the folder."""

    def written(self, folder: Path) -> bool:
        """Whether some writing has begun."""

    def held(self, folder: Path) -> contextlib.AbstractContextManager[None]:
        """While this lasts somebody else writes: nobody can write, everybody can read."""


class Sqlite:
    name = "sqlite"

    def place(self, folder: Path) -> None:
        return None

    def url(self, folder: Path) -> None:
        return None

    def exists(self, folder: Path) -> bool:
        return (folder / SQLITE_FILE).is_file() and bool(self.tables(folder))

    def drop(self, folder: Path) -> None:
        for path in folder.glob(f"{SQLITE_FILE}*"):
            path.unlink()

    def copy(self, source: Path, to: Path, *, dirs_exist_ok: bool = False) -> Path:
        return shutil.copytree(source, to, dirs_exist_ok=dirs_exist_ok)

    def rows(self, folder: Path, query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(folder / SQLITE_FILE, timeout=30)) as connection:
            return connection.execute(query).fetchall()

    def change(self, folder: Path, statement: str) -> int:
        with contextlib.closing(sqlite3.connect(folder / SQLITE_FILE, timeout=30)) as connection, connection:
            return connection.execute(statement).rowcount

    def tables(self, folder: Path) -> list[str]:
        return sorted(name for (name,) in self.rows(folder, "SELECT name FROM sqlite_master WHERE type = 'table'"))

    def files(self, folder: Path) -> dict[str, bytes]:
        return _files_in(folder)

    def log(self, folder: Path) -> bytes:
        return (folder / f"{SQLITE_FILE}-wal").read_bytes()

    def elsewhere(self, folder: Path) -> dict[str, bytes]:
        return {}

    def written(self, folder: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return (folder / f"{SQLITE_FILE}-wal").stat().st_size > 0
        return False

    @contextlib.contextmanager
    def held(self, folder: Path) -> Iterator[None]:
        with contextlib.closing(sqlite3.connect(folder / SQLITE_FILE, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
            holder.execute("ROLLBACK")


SQLITE = Sqlite()


class Postgresql:
    """`made` is told each database that is made, so that somebody drops it."""

    name = "postgresql"

    def __init__(self, server: Server, made: Callable[[Callable[[], None]], None]) -> None:
        self.server = server
        self._made = made
        self._placed: set[str] = set()
        self._known: set[str] = set()  # those that are there
        self._since: dict[str, str] = {}  # where the server's log was when the database was made

    def place(self, folder: Path) -> str:
        name = self._name(folder)
        if name not in self._placed:
            self._placed.add(name)
            _PLACES[folder.absolute()] = self
            self._made(lambda: self._forget(folder))
        return self.server.url(name)

    def url(self, folder: Path) -> str:
        url = self.place(folder)
        if self._name(folder) not in self._known:
            self._make(self._name(folder))
        return url

    def exists(self, folder: Path) -> bool:
        return self._name(folder) in self._known and bool(self.tables(folder))

    def drop(self, folder: Path) -> None:
        """The database is there and empty, as where an operator has just made it."""
        name = self._name(folder)
        if name in self._known:
            self.server.drop(name)
            self.server.create(name)

    def copy(self, source: Path, to: Path, *, dirs_exist_ok: bool = False) -> Path:
        shutil.copytree(source, to, dirs_exist_ok=dirs_exist_ok)
        self.place(to)
        if self._name(to) in self._known:
            self.server.drop(self._name(to))
        self._make(self._name(to), self._name(source))
        return to

    def rows(self, folder: Path, query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(self.connect(folder)) as connection:
            return connection.execute(query.encode()).fetchall()

    def change(self, folder: Path, statement: str) -> int:
        with contextlib.closing(self.connect(folder)) as connection:
            return connection.execute(statement.encode()).rowcount

    def tables(self, folder: Path) -> list[str]:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return sorted(name for (name,) in self.rows(folder, query))

    def files(self, folder: Path) -> dict[str, bytes]:
        return _files_in(folder) | self.elsewhere(folder)

    def log(self, folder: Path) -> bytes:
        with contextlib.closing(self.connect(folder)) as connection:
            connection.execute("CHECKPOINT")
            asked = "SELECT * FROM pg_walfile_name_offset(%s) a, pg_walfile_name_offset(pg_current_wal_insert_lsn()) b"
            first, start, last, end = connection.execute(asked, [self._since[self._name(folder)]]).fetchall()[0]
        paths = sorted(path for path in (self.server.data / "pg_wal").iterdir() if first <= path.name <= last)
        written = [path.read_bytes()[: end if path.name == last else None] for path in paths if path.is_file()]
        return b"".join([written[0][start:], *written[1:]])

    def elsewhere(self, folder: Path) -> dict[str, bytes]:
        """Of the database the files of our own tables, each packed or long value by itself, and the log."""
        log = self.log(folder)
        ((oid,),) = self.rows(folder, "SELECT oid FROM pg_database WHERE datname = current_database()")
        files = (self.server.data / "base" / str(oid)).iterdir()
        ours = {path.name: path.read_bytes() for path in files if int(re.match(r"\d*", path.name)[0] or 0) >= FIRST_OID}
        values = {
            f"{table} {n} {m}": value.encode() if isinstance(value, str) else value
            for table in self.tables(folder)
            for n, row in enumerate(self.rows(folder, f'SELECT * FROM "{table}"'))
            for m, value in enumerate(row)
            if isinstance(value, bytes | str) and (len(value) > 1000 or value[:2] in PACKED)
        }
        return {"log": log, **ours, **values}

    def written(self, folder: Path) -> bool:
        """What was written and committed does not show: only a transaction that is writing now."""
        query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
        return bool(self.rows(folder, query))

    @contextlib.contextmanager
    def held(self, folder: Path) -> Iterator[None]:
        with open_store(folder, self.url(folder), create=False) as other, other.write():
            yield

    def connect(self, folder: Path) -> psycopg.Connection[tuple[Any, ...]]:
        self.url(folder)
        return self.server.connect(self._name(folder))

    def _name(self, folder: Path) -> str:
        return f"t{hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:20]}"

    def _make(self, name: str, template: str | None = None) -> None:
        self.server.create(name, template)
        self._known.add(name)
        with contextlib.closing(self.server.connect()) as connection:
            self._since[name] = str(connection.execute("SELECT pg_current_wal_insert_lsn()").fetchall()[0][0])

    def _forget(self, folder: Path) -> None:
        name = self._name(folder)
        del _PLACES[folder.absolute()]
        self._placed.discard(name)
        if name in self._known and self.server.runs:
            self.server.drop(name)
        self._known.discard(name)


def _files_in(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != KEY_FILE)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
