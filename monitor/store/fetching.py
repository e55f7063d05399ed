"""Whole columns out of the database: a statement in, aligned numpy arrays out.

Through the driver's own cursor, in chunks, because row objects and column types cost more than the reading.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain, count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, Select
from sqlalchemy.engine.interfaces import DBAPICursor

from monitor.model.columns import Ints, Texts

_ROWS_AT_ONCE = 50_000
_FEW = 2_000
_NUMBERS = count()
"""A cursor on the server has a name of its own, because several may be open in one transaction."""


@contextmanager
def collection_paused() -> Iterator[None]:
    """No garbage collection meanwhile: millions of short-lived tuples set it off again and again, for a third of
    the time, and none of them is in a cycle."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def fetch_rows(connection: Connection, statement: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a constant statement, in chunks; no more than a chunk is in memory, wherever the database is."""
    with closing(_cursor(connection)) as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield list(rows)


@contextmanager
def streamed(connection: Connection, wanted: Select[Any]) -> Iterator[Iterator[Row[Any]]]:
    """The rows of a statement over a whole table, a few thousand in memory at a time."""
    with connection.execute(wanted.execution_options(yield_per=_FEW)) as rows:
        yield iter(rows)


def _cursor(connection: Connection) -> DBAPICursor:
    """The driver's cursor; on PostgreSQL one that stays on the server (a cursor without a name fetches every row)."""
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        cursor: DBAPICursor = driver.cursor(f"rows_{next(_NUMBERS)}")
        return cursor
    return connection.connection.cursor()


def fetch_ints(connection: Connection, statement: str, n_columns: int) -> tuple[Ints, ...]:
    """The columns of a constant statement that gives whole numbers only (no nulls)."""
    parts = [
        np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * n_columns).reshape(-1, n_columns)
        for rows in fetch_rows(connection, statement)
    ]
    table = np.concatenate(parts) if parts else np.empty((0, n_columns), dtype=np.int64)
    return tuple(np.ascontiguousarray(table[:, column]) for column in range(n_columns))


def fetch_columns(connection: Connection, statement: str, kinds: str) -> list[NDArray[Any]]:
    """The columns of a constant statement, made into arrays chunk by chunk. A letter of `kinds` for each column:

    `i` whole numbers (no nulls), `t` texts, of which equal ones share one object, `o` whatever else the driver gives.
    """
    shared: dict[Any, Any] = {}
    parts = [
        [_column(kind, values, shared) for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)]
        for rows in fetch_rows(connection, statement)
    ]
    if not parts:
        return [np.empty(0, np.int64 if kind == "i" else np.object_) for kind in kinds]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _column(kind: str, values: tuple[Any, ...], shared: dict[Any, Any]) -> NDArray[Any]:
    if kind == "i":
        return np.array(values, dtype=np.int64)
    each = (shared.setdefault(value, value) for value in values) if kind == "t" else values
    return np.fromiter(each, np.object_, len(values))


def ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def texts(values: Sequence[str | None]) -> Texts:
    """An object array of text, equal texts sharing one object."""
    shared: dict[str | None, str | None] = {}
    column = np.empty(len(values), dtype=np.object_)
    column[:] = [shared.setdefault(value, value) for value in values]
    return column


def ranks(values: Sequence[str | None] | Texts) -> Ints:
    """The place of each text in the order of the distinct ones, None first: for sorting by content."""
    items = values.tolist() if isinstance(values, np.ndarray) else values
    places: dict[str | None, int] = {text: place for place, text in enumerate(sorted(set(items) - {None}))}
    places[None] = -1
    return np.fromiter(map(places.__getitem__, items), np.int64, len(items))


def by_key(keys: Ints, values: NDArray[Any], size: int, missing: int) -> NDArray[Any]:
    """An array of `size` that has `values` at `keys`, and `missing` elsewhere: a look-up table over dense keys."""
    table = np.full(size, missing, dtype=values.dtype)
    table[keys] = values
    return table
