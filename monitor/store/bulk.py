"""Statements at the driver's own speed: look-ups by thousands of keys, inserts of thousands of rows, fresh keys.

In: tuples of what the driver takes (times as microseconds, sealed values as bytes). What would surprise: column
types (`UtcMicros`) are not consulted here. On PostgreSQL rows go in by COPY, and keys go as one array, not one by one.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, Table, select, update

from monitor.store.tables import CounterRow, table_of

KEYS_AT_ONCE = 10_000
"""Below SQLite's 32,766 and PostgreSQL's 65,535 parameters a statement."""
_COUNTERS = table_of(CounterRow)

Values = tuple[Any, ...]


def allocate(connection: Connection, table: Table, n: int) -> range:
    """`n` keys of `table` that nobody else gets, in order; waits for a writer that takes keys of it too."""
    taken = (
        update(_COUNTERS)
        .where(_COUNTERS.c.table_name == table.name)
        .values(next_key=_COUNTERS.c.next_key + n)
        .returning(_COUNTERS.c.next_key)
    )
    after: int = connection.execute(taken).scalar_one()
    return range(after - n, after)


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert tuples aligned with `columns`."""
    if not rows:
        return
    names = ", ".join(_quote(connection, name) for name in columns)
    into = f"{_quote(connection, table.name)} ({names})"
    if _by_copy(connection):
        _copy(connection, into, rows)
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", list(rows))  # noqa: S608 (own names)


def update_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Set all `columns` but the last, where the last is as given: tuples aligned with `columns`."""
    if not rows:
        return
    *changed, by = (f"{_quote(connection, name)} = {_mark(connection)}" for name in columns)
    statement = f"UPDATE {_quote(connection, table.name)} SET {', '.join(changed)} WHERE {by}"  # noqa: S608 (own names)
    connection.exec_driver_sql(statement, list(rows))


def upsert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert tuples aligned with `columns`, the first of which is the key; a row with that key takes the new values."""
    if not rows:
        return
    key, *others = (_quote(connection, name) for name in columns)
    marks = ", ".join([_mark(connection)] * len(columns))
    changed = ", ".join(f"{name} = excluded.{name}" for name in others)
    into = f"INSERT INTO {_quote(connection, table.name)} ({', '.join([key, *others])}) VALUES ({marks})"  # noqa: S608
    connection.exec_driver_sql(f"{into} ON CONFLICT ({key}) DO UPDATE SET {changed}", list(rows))


def delete_rows(connection: Connection, table: Table, column: str, keys: Collection[int]) -> None:
    """Delete the rows whose `column` is one of `keys`."""
    for some in chunks(keys):
        among, given = _among(connection, some)
        where = f"{_quote(connection, column)} {among}"
        connection.exec_driver_sql(f"DELETE FROM {_quote(connection, table.name)} WHERE {where}", given)  # noqa: S608


def select_by(
    connection: Connection, table: Table, columns: Sequence[str], by: str, keys: Collection[Any], where: str = "1 = 1"
) -> Iterator[Values]:
    """The `columns` of the rows whose column `by` is one of `keys`, and for which `where` (a constant) holds."""
    names = ", ".join(_quote(connection, name) for name in columns)
    for some in chunks(keys):
        among, given = _among(connection, some)
        statement = f"SELECT {names} FROM {_quote(connection, table.name)} WHERE {where} AND {by} {among}"  # noqa: S608
        yield from map(tuple, connection.exec_driver_sql(statement, given).all())


def select_by_pairs(
    connection: Connection, table: Table, columns: Sequence[str], by: tuple[str, str], keys: Collection[tuple[int, int]]
) -> Iterator[Values]:
    """The `columns` of the rows whose pair of columns `by` is one of `keys`."""
    quoted = _quote(connection, table.name)
    names = ", ".join(f"{quoted}.{_quote(connection, name)}" for name in columns)
    same = " AND ".join(f"{quoted}.{name} = wanted.{as_}" for name, as_ in zip(by, "ab", strict=True))
    for some in chunks(keys, KEYS_AT_ONCE // 2):
        pairs, given = _pairs(connection, some)
        statement = f"WITH wanted (a, b) AS ({pairs}) SELECT {names} FROM wanted JOIN {quoted} ON {same}"  # noqa: S608
        yield from map(tuple, connection.exec_driver_sql(statement, given).all())


def look_up(connection: Connection, table: Table, by: str, keys: Collection[Any]) -> dict[Any, int]:
    """`by` -> id of the rows whose column `by` is one of `keys`."""
    return {found[0]: found[1] for found in select_by(connection, table, (by, "id"), by, keys)}


def word_ids(connection: Connection, table: Table, words: Collection[str]) -> dict[str, int]:
    """word -> id in a table of shared words, the missing ones added."""
    known = look_up(connection, table, "name", words)
    missing = sorted(set(words) - known.keys())
    if missing:
        connection.execute(table.insert(), [{"name": word} for word in missing])
        known |= look_up(connection, table, "name", missing)
    return known


def names_by_id(connection: Connection, table: Table) -> dict[int, str]:
    """id -> word of a whole table of shared words."""
    return {found.id: found.name for found in connection.execute(select(table.c.id, table.c.name))}


def chunks(keys: Iterable[Any], size: int = KEYS_AT_ONCE) -> Iterator[list[Any]]:
    """`keys` in lists of at most `size`."""
    rest = iter(keys)
    while some := list(islice(rest, size)):
        yield some


def settle_keys(connection: Connection, table: Table) -> None:
    """After rows came in with their keys: the next automatic key is one that no row has (PostgreSQL; SQLite looks)."""
    key = table.autoincrement_column
    if key is None or not _by_copy(connection):
        return
    name, column = _quote(connection, table.name), _quote(connection, key.name)
    sequence = f"pg_get_serial_sequence('{name}', '{key.name}')"
    largest = f"(SELECT coalesce(max({column}), 0) FROM {name})"  # noqa: S608 (own names)
    connection.exec_driver_sql(f"SELECT setval({sequence}, {largest} + 1, false) WHERE {sequence} IS NOT NULL").close()


def _by_copy(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _mark(connection: Connection) -> str:
    return "%s" if _by_copy(connection) else "?"


def _copy(connection: Connection, into: str, rows: Sequence[Values]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _among(connection: Connection, keys: list[Any]) -> tuple[str, Values]:
    """The condition that a column is one of `keys`, with its parameters."""
    if _by_copy(connection):
        return "= ANY(%s)", (keys,)
    return f"IN ({', '.join('?' * len(keys))})", tuple(keys)


def _pairs(connection: Connection, pairs: list[tuple[int, int]]) -> tuple[str, Values]:
    """The pairs as rows of a statement, with its parameters."""
    if _by_copy(connection):
        first, second = zip(*pairs, strict=True)
        return "SELECT * FROM unnest(%s::bigint[], %s::bigint[])", (list(first), list(second))
    return f"VALUES {', '.join(['(?, ?)'] * len(pairs))}", tuple(chain.from_iterable(pairs))


def _quote(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
