"""A whole database copied into an empty one, on whatever engines, and what proves it: a digest of each table.

In: a connection on each side, inside a transaction. Out: rows in the target, and a `TableDigest` for each table, made
from the values alone: equal facts give equal digests on SQLite and on PostgreSQL, also after years. What would
surprise: tables are taken as the database has them, not as this version declares them, so that a store with an older
schema is copied too; and the target is written in one transaction, so that a copy that was broken off left nothing.

The digest of a table is SHA-256 over a line for each column, in order of the names: name, kind, and the SHA-256 over
that column's values in order of the primary key (texts by their bytes). A number is its decimal or shortest exact text,
a boolean 0 or 1, an instant microseconds, a day YYYY-MM-DD; texts and bytes stand behind their length and a colon; each
value ends with a line feed; what is not known is `None`.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import Enum
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Boolean, Connection, Date, Engine, Float, Integer, LargeBinary, MetaData, Table, inspect

from monitor.errors import StoreError
from monitor.store.bulk import insert_rows, settle_keys
from monitor.store.engines import Work, is_server, make_engine, transaction
from monitor.store.problems import store_error, told_plainly
from monitor.store.schema import migrate, revision_of

ROWS_AT_ONCE = 5_000
BYTES_AT_ONCE = 8 << 20
"""What a batch may weigh: one reference table can be tens of megabytes, one check is a hundred bytes."""
_ROW_BYTES = 200
_VERSION_TABLE = "alembic_version"
_SNAPSHOT_SECONDS = 30.0

Progress = Callable[[int, int], None]
Column = Sequence[Any]


class ValueKind(Enum):
    """How the values of a column are written for the digest."""

    NUMBER = "number"
    REAL = "real"
    BOOLEAN = "boolean"
    DAY = "day"
    TEXT = "text"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class TableDigest:
    """One table as it was read: rows, and SHA-256 in hex over all its values."""

    name: str
    n_rows: int
    digest: str


def digest_of_all(tables: Sequence[TableDigest]) -> str:
    """One SHA-256 in hex over the digests of all tables, whatever their order."""
    lines = sorted(f"{table.name} {table.n_rows} {table.digest}\n" for table in tables)
    return sha256("".join(lines).encode()).hexdigest()


def table_digests(connection: Connection, progress: Progress | None = None) -> tuple[TableDigest, ...]:
    """Of every table that the database has, in the transaction that is open."""
    counted = Counting(connection, layout(connection), progress)
    return tuple(_read(connection, table, counted, lambda _: None) for table in counted.tables)


def copy_into(source: Connection, target: Engine, progress: Progress | None = None) -> tuple[TableDigest, ...]:
    """Make the source's schema in the empty `target` and copy every row; all of it, verified, or nothing.

    The source's transaction decides what is seen of it. Raises StoreError where the target holds anything, or where
    what arrived is not what was sent, StoreBusy.
    """
    with told_plainly(target), transaction(target, Work.WRITE) as connection:
        if inspect(connection).get_table_names():
            raise StoreError("The database to copy into is not empty", "Name an empty one; nothing was changed")
        migrate(connection, revision_of(source) or "head")
        sent = _copy_rows(source, connection, progress)
        if table_digests(connection) != sent:
            raise StoreError("What arrived in the other database is not what was sent", "Nothing was kept of it")
    return sent


def snapshot(engine: Engine, path: Path, progress: Progress | None = None) -> tuple[TableDigest, ...]:
    """The database as a new SQLite file at `path`, as of one moment, while others go on writing; its digests.

    Raises StoreError, StoreBusy.
    """
    path.touch(mode=0o600, exist_ok=False)
    if not is_server(engine):
        _vacuum_into(Path(str(engine.url.database)), path)
        with opened_file(path) as copied, told_plainly(copied), transaction(copied, Work.READ) as connection:
            return table_digests(connection, progress)
    with opened_file(path) as copied, told_plainly(engine), transaction(engine, Work.READ) as source:
        return copy_into(source, copied, progress)


@contextmanager
def opened_file(path: Path) -> Iterator[Engine]:
    """A SQLite file as a database; nothing but the file itself is left when it is closed."""
    engine = make_engine(URL.create("sqlite", database=str(path.absolute())), _SNAPSHOT_SECONDS)
    try:
        yield engine
    finally:
        engine.dispose()


def _vacuum_into(database: Path, path: Path) -> None:
    """By SQLite itself: one moment of the database, and without what lies deleted in its pages."""
    try:
        connection = sqlite3.connect(database, isolation_level=None, timeout=_SNAPSHOT_SECONDS)
        try:
            connection.execute("VACUUM INTO ?", (str(path),))
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise store_error(error) from None


def layout(connection: Connection) -> list[Table]:
    """Every table, those first to which others refer."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _VERSION_TABLE]


def _copy_rows(source: Connection, target: Connection, progress: Progress | None) -> tuple[TableDigest, ...]:
    counted, there = Counting(source, layout(source), progress), {table.name: table for table in layout(target)}
    if {table.name: set(table.columns.keys()) for table in counted.tables} != {
        name: set(table.columns.keys()) for name, table in there.items()
    }:
        raise StoreError("The two databases are not laid out alike", "Run `monitor db upgrade`; nothing was changed")
    for table in reversed(there.values()):  # what the migrations themselves put in, such as the counters
        target.execute(table.delete())

    def copied(table: Table) -> TableDigest:
        names = table.columns.keys()
        return _read(source, table, counted, lambda rows: insert_rows(target, there[table.name], names, rows))

    sent = tuple(copied(table) for table in counted.tables)
    for table in there.values():
        settle_keys(target, table)
    return sent


class Counting:
    """How many rows there are and were read, and how many of a table fit in a batch."""

    def __init__(self, connection: Connection, tables: list[Table], progress: Progress | None) -> None:
        self.tables, self._progress, self._done, self._total = tables, progress, 0, 0
        self.at_once: dict[str, int] = {}
        for table in tables:
            n_rows, largest = _extent(connection, table)
            self.at_once[table.name] = min(ROWS_AT_ONCE, max(1, BYTES_AT_ONCE // (largest + _ROW_BYTES)))
            self._total += n_rows

    def done(self, n_rows: int) -> None:
        self._done += n_rows
        if self._progress is not None:
            self._progress(self._done, self._total)


def _extent(connection: Connection, table: Table) -> tuple[int, int]:
    """Rows of a table, and the bytes of the largest values of its columns of bytes together."""
    length = "octet_length" if connection.dialect.name == "postgresql" else "length"
    wide = [name for name, kind in kinds_of(table).items() if kind is ValueKind.BYTES]
    widths = "".join(f", coalesce(max({length}({_quoted(connection, name)})), 0)" for name in wide)
    statement = f"SELECT count(*){widths} FROM {_quoted(connection, table.name)}"  # noqa: S608 (own names)
    n_rows, *largest = connection.exec_driver_sql(statement).one()
    return n_rows, sum(largest)


def _read(connection: Connection, table: Table, counted: Counting, take: Callable[[list[Any]], None]) -> TableDigest:
    """Each batch of rows, as values that any driver takes, to `take`; the digest of all of them."""
    digest, n_rows, kinds = ColumnDigests(kinds_of(table)), 0, list(kinds_of(table).values())
    for rows in batches(connection, table, counted.at_once[table.name]):
        columns = [plain(values, kind) for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
        digest.add(columns)
        take(list(zip(*columns, strict=True)))
        n_rows += len(rows)
        counted.done(len(rows))
    return TableDigest(table.name, n_rows, digest.hexdigest())


def batches(connection: Connection, table: Table, at_once: int) -> Iterator[Sequence[Any]]:
    kinds = kinds_of(table)
    names = ", ".join(_quoted(connection, name) for name in kinds)
    by_bytes = ' COLLATE "C"' if connection.dialect.name == "postgresql" else ""
    order = ", ".join(
        _quoted(connection, name) + (by_bytes if kinds[name] is ValueKind.TEXT else "")
        for name in table.primary_key.columns.keys()  # noqa: SIM118 (a collection of columns, not a dict)
    )
    statement = f"SELECT {names} FROM {_quoted(connection, table.name)} ORDER BY {order}"  # noqa: S608 (own names)
    with connection.exec_driver_sql(statement, execution_options={"stream_results": True}) as found:
        while rows := found.fetchmany(at_once):
            yield rows


class ColumnDigests:
    """SHA-256 of each column as its values come, and of the table from those."""

    def __init__(self, kinds: dict[str, ValueKind]) -> None:
        self._kinds, self._hashes = kinds, {name: sha256() for name in kinds}

    def add(self, columns: Sequence[Column]) -> None:
        for values, (name, kind) in zip(columns, self._kinds.items(), strict=True):
            self._hashes[name].update(_written(values, kind))

    def hexdigest(self) -> str:
        lines = (f"{name} {self._kinds[name].value} {self._hashes[name].hexdigest()}\n" for name in sorted(self._kinds))
        return sha256("".join(lines).encode()).hexdigest()


def _written(values: Column, kind: ValueKind) -> bytes:
    if kind in (ValueKind.NUMBER, ValueKind.REAL, ValueKind.BOOLEAN):
        return "".join(chain.from_iterable((str(value), "\n") for value in values)).encode()
    raw = values if kind is ValueKind.BYTES else [None if value is None else value.encode() for value in values]
    return b"".join(b"None\n" if value is None else b"%d:%b\n" % (len(value), value) for value in raw)


def plain(values: Column, kind: ValueKind) -> Column:
    """Values alike on both engines, and such that both take them: booleans as numbers, days as texts, no minus zero."""
    if kind is ValueKind.REAL:
        return [None if value is None else value + 0.0 for value in values]
    if kind is ValueKind.BOOLEAN:
        return [None if value is None else int(value) for value in values]
    if kind is ValueKind.DAY:
        return [value.isoformat() if isinstance(value, date) else value for value in values]
    return values


def kinds_of(table: Table) -> dict[str, ValueKind]:
    return {column.name: _kind(column.type) for column in table.columns}


def _kind(of: object) -> ValueKind:
    if isinstance(of, Boolean):
        return ValueKind.BOOLEAN
    if isinstance(of, Date):
        return ValueKind.DAY
    if isinstance(of, LargeBinary):
        return ValueKind.BYTES
    if isinstance(of, Float):
        return ValueKind.REAL
    return ValueKind.NUMBER if isinstance(of, Integer) else ValueKind.TEXT


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
