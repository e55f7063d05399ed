"""A store moved from its SQLite file into PostgreSQL: copied in one transaction, proved by digests, then locked.

In: a data folder whose database is a file, and the URL of an empty database. Out: the same rows there. What would
surprise: the file is held against writers from before the first row until it is closed for good, by triggers that
refuse every change: a process that has it open would else go on writing where nobody looks. And a move that was killed
left nothing on the server, or everything: the same command finds out which, and goes on.
"""

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect

from monitor.disk import sync
from monitor.errors import StoreError, StoreMissing
from monitor.judging import alone
from monitor.store.any_schema import check_seals
from monitor.store.copying import Progress, TableDigest, copy_into, digest_of_all, table_digests
from monitor.store.database import MOVED, holds_anything, place_of
from monitor.store.engines import Work, is_server, parse_url, transaction
from monitor.store.problems import MOVED_WORDS, engine_at, store_error
from monitor.store.schema import check_revision, revision_of
from monitor.store.sealing import load_key

_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Moved:
    """A store on a server. `place`: its URL without password; `left`: what the file is called now."""

    place: str
    left: Path
    tables: tuple[TableDigest, ...]

    @property
    def n_rows(self) -> int:
        return sum(table.n_rows for table in self.tables)

    @property
    def digest(self) -> str:
        """SHA-256 in hex over the digests of all tables, the same on both sides."""
        return digest_of_all(self.tables)


def move(data_dir: Path, source_url: str | None, url: str, busy_seconds: float, progress: Progress) -> Moved:
    """Copy the store into the empty database that `url` names, and close the file.

    Raises StoreMissing, StoreBusy (somebody checks or writes), KeyProblem, StoreError.
    """
    file, target = _file(data_dir, source_url, busy_seconds), parse_url(url)
    if not is_server(target):
        raise StoreError("A store is moved to PostgreSQL only", "Write the URL as postgresql+psycopg://host/name")
    sealer, source = load_key(data_dir), URL.create("sqlite", database=str(file))
    with alone(data_dir), engine_at(target, busy_seconds) as to:
        with engine_at(source, busy_seconds) as from_, transaction(from_, Work.WRITE) as connection:
            check_revision(connection)
            check_seals(connection, sealer)
            tables = _copied(connection, to, progress)
            _close_for_writing(connection)
        left = _put_aside(file)
    return Moved(_shown(target), left, tables)


def _file(data_dir: Path, url: str | None, busy_seconds: float) -> Path:
    """The store to move; what a move left that was killed when only its last words were missing will do too."""
    source = place_of(data_dir, url)
    if not is_server(source):
        for file in (Path(str(source.database)), _aside(Path(str(source.database)))):
            if holds_anything(source.set(database=str(file)), busy_seconds):
                return file
    raise StoreMissing("There is no SQLite store in the data folder to move", "Name the folder with --data-dir")


def _copied(source: Connection, target: Engine, progress: Progress) -> tuple[TableDigest, ...]:
    """The rows on the server: copied there now, or by an earlier try that was killed after it."""
    with transaction(target, Work.READ) as connection:
        empty = not inspect(connection).get_table_names()
        there = () if empty or revision_of(connection) != revision_of(source) else table_digests(connection)
    if empty:
        return copy_into(source, target, progress)
    if there != table_digests(source, progress):
        raise StoreError("The database on the server is not empty, and does not hold these rows", "Name an empty one")
    return there


def _close_for_writing(connection: Connection) -> None:
    """Whoever has the file open is refused from now on, in words that `problems.py` knows."""
    for table in inspect(connection).get_table_names():
        for verb in _WRITES:
            connection.exec_driver_sql(
                f"CREATE TRIGGER IF NOT EXISTS moved_{table}_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{MOVED_WORDS}'); END"
            )


def _put_aside(file: Path) -> Path:
    """The file under a name that no command opens; all that it holds is in the file itself, not in its log."""
    aside = _aside(file)
    if file.name.endswith(MOVED):
        return file
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise store_error(error) from None
    file.rename(aside)
    for end in ("-wal", "-shm"):  # there where another process has it open; empty by now
        with suppress(FileNotFoundError):
            file.with_name(file.name + end).rename(aside.with_name(aside.name + end))
    sync(file.parent)
    return aside


def _aside(file: Path) -> Path:
    return file.with_name(file.name + MOVED)


def _shown(place: URL) -> str:
    """The URL without anything that lets somebody in."""
    query = {name: value for name, value in place.query.items() if "pass" not in name}
    shown = URL.create(place.drivername, place.username, None, place.host, place.port, place.database, query=query)
    return shown.render_as_string()
