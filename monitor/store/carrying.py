"""Every row of a store, carried to another one under another key: opened on the way out, sealed on the way in.

In: a transaction and a Sealer on each side. Out: lines of JSON, one for each batch of rows, and a `TableDigest` of each
table made from the opened values, so that it is the same whichever key seals them, on SQLite and on PostgreSQL. What
would surprise: blind indexes are carried as they are, because the sums of imports and the digests of header values hang
on their key (decision 023), which therefore travels too. Which keys sealed, and which workers live, is not carried.
"""

from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Table

from monitor.errors import HandoverError, KeyProblem
from monitor.store.bulk import insert_rows, settle_keys
from monitor.store.copying import (
    ColumnDigests,
    Counting,
    Progress,
    TableDigest,
    ValueKind,
    batches,
    kinds_of,
    layout,
    plain,
)
from monitor.store.schema import migrate
from monitor.store.seal_counts import sealed_columns
from monitor.store.sealing import HEAD_BYTES, Sealer

STAY = frozenset({"seals", "workers", "leases", "claims"})
"""Tables of which nothing is carried: they are about the keys and processes of one machine."""
_OPENED, _AS_IT_IS = b"+", b"="
_DAMAGED = HandoverError("Rows in the bundle cannot be read", "Ask for it again; nothing was changed")


@dataclass(slots=True)
class Carried:
    """One batch as a line of JSON; with the last one of a table also `table`, its rows and digest."""

    name: str
    line: bytes | None
    table: TableDigest | None = None


def opened_rows(connection: Connection, sealer: Sealer, progress: Progress | None = None) -> Iterator[Carried]:
    """Every table, as the open transaction sees it. Raises KeyProblem where a value does not open."""
    tables = [table for table in layout(connection) if table.name not in STAY]
    counted, sealed = Counting(connection, tables, progress), _sealed()
    for table in tables:
        kinds, n_rows = kinds_of(table), 0
        digest = ColumnDigests(kinds)
        for rows in batches(connection, table, counted.at_once[table.name]):
            columns = _opened(table, list(zip(*rows, strict=True)), sealed[table.name], sealer)
            digest.add(columns)
            n_rows += len(rows)
            counted.done(len(rows))
            yield Carried(table.name, _line(table.name, list(kinds), sealed[table.name], columns))
        yield Carried(table.name, None, TableDigest(table.name, n_rows, digest.hexdigest()))


def opened_digests(connection: Connection, sealer: Sealer, progress: Progress | None = None) -> tuple[TableDigest, ...]:
    """The digests alone, to be held against those of the other side."""
    found = (each.table for each in opened_rows(connection, sealer, progress))
    return tuple(table for table in found if table is not None)


class RowsInto:
    """Lines of `opened_rows` into an empty database, in the caller's transaction. Raises HandoverError."""

    def __init__(self, connection: Connection, sealer: Sealer, revision: str) -> None:
        migrate(connection, revision)
        self._connection, self._sealer, self._sealed = connection, sealer, _sealed()
        self._tables = {table.name: table for table in layout(connection)}
        for table in reversed(self._tables.values()):  # what the migrations themselves put in, such as the counters
            connection.execute(table.delete())

    def add(self, line: bytes) -> None:
        table, rows = self._read(line)
        insert_rows(self._connection, table, list(kinds_of(table)), rows)

    def end(self) -> None:
        """Once every row is there."""
        for table in self._tables.values():
            settle_keys(self._connection, table)

    def _read(self, line: bytes) -> tuple[Table, list[tuple[Any, ...]]]:
        try:
            said = from_json(line)
            table = self._tables[said["table"]]
            kinds, sealed, given = (
                kinds_of(table),
                set(said["sealed"]),
                dict(zip(said["columns"], said["values"], strict=True)),
            )
            if table.name in STAY or set(given) != set(kinds) or not self._sealed[table.name] & set(kinds) <= sealed:
                raise _DAMAGED
            columns = [self._values(table, name, given[name], kind, sealed) for name, kind in kinds.items()]
            return table, list(zip(*columns, strict=True))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _DAMAGED from None

    def _values(self, table: Table, name: str, values: list[Any], kind: ValueKind, sealed: set[str]) -> Sequence[Any]:
        if kind is not ValueKind.BYTES:
            return values
        found = [None if value is None else urlsafe_b64decode(value) for value in values]
        if name not in sealed:
            return found
        context, seal = f"{table.name}.{name}", self._sealer.seal
        return [
            None if value is None else seal(value[1:], context) if value[:1] == _OPENED else value[1:]
            for value in found
        ]


def _sealed() -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for table, column in sealed_columns():
        found[table.name].add(column.name)
    return found


def _opened(table: Table, columns: list[Any], sealed: set[str], sealer: Sealer) -> list[Any]:
    return [
        _unsealed(values, f"{table.name}.{name}", sealer) if name in sealed else plain(values, kind)
        for values, (name, kind) in zip(columns, kinds_of(table).items(), strict=True)
    ]


def _unsealed(values: Sequence[bytes | None], context: str, sealer: Sealer) -> list[bytes | None]:
    """What is shorter than a sealed value can be was never sealed (a value that was forgotten): it stays as it is."""
    unseal = sealer.unseal
    try:
        return [
            None
            if value is None
            else _OPENED + unseal(bytes(value), context)
            if len(value) > HEAD_BYTES
            else _AS_IT_IS + bytes(value)
            for value in values
        ]
    except KeyProblem as problem:
        raise KeyProblem(f"A value of {context} does not open: {problem.message}", problem.hint) from None


def _line(name: str, columns: list[str], sealed: set[str], values: list[Any]) -> bytes:
    record = {"table": name, "columns": columns, "sealed": sorted(sealed & set(columns)), "values": values}
    return to_json(record, bytes_mode="base64") + b"\n"
