"""Rows for every table of a database, whatever its schema: for copies and migrations, which must carry any of them.

In: a connection. Out: rows made from the tables as the database has them, with awkward values where a column takes
them. What would surprise: the rows mean nothing; references hold, and that is all.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Float, LargeBinary, MetaData, SmallInteger, String, Table

N_ROWS = 7
TEXTS = ("", "Zoë", "zoe", "Éen", "eén", "tab\tand\nline", "back\\slash \\N 'quote' \"double\"", "😀", "%s ? :x {0}")
NUMBERS = (0, -1, 1, 2**31 - 1, -(2**31), 7, 42)
LARGE = (0, -(2**63), 2**63 - 1, 2**40, -7, 1_772_366_400_000_000, 42)
REALS = (0.0, -0.0, 0.1, 5e-324, 1.7976931348623157e308, -2.5, float("inf"))
BYTES = (b"", b"\0", b"\\x00", b"\n\t\\.", bytes(range(256)), b"N", b"\xff" * 17)


def fill(connection: Connection, *, without: frozenset[str] = frozenset(), n: int = N_ROWS) -> None:
    """`n` rows in each table that has none (or only what migrations put there), but those of `without`."""
    found = MetaData()
    found.reflect(connection)
    keys: dict[tuple[str, str], list[Any]] = {}
    for table in found.sorted_tables:
        if table.name in {"alembic_version", *without}:
            continue
        connection.execute(table.delete())
        rows = [{column.name: _value(table, column, i, keys) for column in table.columns} for i in range(n)]
        connection.execute(table.insert(), rows)
        for column in table.columns:
            keys[table.name, column.name] = [row[column.name] for row in rows]


def _value(table: Table, column: Column[Any], i: int, keys: dict[tuple[str, str], list[Any]]) -> Any:
    for foreign in column.foreign_keys:
        if foreign.column.table is table:
            return None if i == 0 else i  # the row before, which has the key i
        return None if column.nullable and i % 3 == 1 else keys[foreign.column.table.name, foreign.column.name][i]
    if column.nullable and i % 3 == 2:
        return None
    if column.primary_key and not isinstance(column.type, (String, LargeBinary)):
        return i + 1
    return _plain(table, column, i)


def _plain(table: Table, column: Column[Any], i: int) -> Any:
    kind = column.type
    if isinstance(kind, Boolean):
        return i % 2 == 0
    if isinstance(kind, Date):
        return date(2026, 1, 1) + timedelta(days=i)
    if isinstance(kind, LargeBinary):
        return bytes([i]) + BYTES[i % len(BYTES)]
    if isinstance(kind, Float):
        return REALS[i % len(REALS)]
    if isinstance(kind, String):
        return f"{i} {TEXTS[i % len(TEXTS)]}" if i else TEXTS[0]
    if isinstance(kind, SmallInteger):
        return i
    wide = str(kind) == "BIGINT"
    unique = any(column.name in [each.name for each in index.columns] for index in table.constraints)
    return i if unique else (LARGE if wide else NUMBERS)[i % 7]
