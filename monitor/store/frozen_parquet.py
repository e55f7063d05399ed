"""`episodes.parquet` of a freeze, through DuckDB from numpy and back.

In: an EpisodeTable in canonical order. Out: the file. What would surprise: one thread writes, so
that the same rows give the same bytes; and nothing is ever fetched, an extension that DuckDB misses is an error.
A reader that needs some columns only opens the file with `opened`; its rows always come in the file's order.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from monitor.errors import FreezeError
from monitor.model.columns import Flags, Floats, Texts
from monitor.model.episode import EpisodeTable
from monitor.model.words import EpisodeStatus
from monitor.store.frozen_columns import EPISODE_COLUMNS, SCHEME, SCHEMES, ColumnKind, FrozenColumn
from monitor.store.frozen_records import copy_rows, in_memory

_DTYPES: dict[ColumnKind, type] = {
    ColumnKind.TEXT: np.object_,
    ColumnKind.NUMBER: np.float64,
    ColumnKind.FLAG: np.bool_,
    ColumnKind.TERNARY: np.int8,
}
READING_THREADS = 2
"""Rows come in the file's order with any number of threads; each takes memory of its own."""


def write_episodes(path: Path, episodes: EpisodeTable) -> None:
    """Write `episodes.parquet`. Raises FreezeError for a number that would not read back as it is."""
    check_numbers(episodes)
    columns = {column.name: getattr(episodes, column.name) for column in EPISODE_COLUMNS}
    for column in EPISODE_COLUMNS:
        if column.kind is ColumnKind.TEXT:
            columns[column.name] = _plain(columns[column.name])
    with in_memory() as connection:
        connection.register("episodes", columns)
        copy_rows(connection, [column.to_file for column in EPISODE_COLUMNS], "episodes", path)


@dataclass(frozen=True, slots=True)
class EpisodesFile:
    """An open `episodes.parquet`. The place of the file is a variable of the connection, never part of a query."""

    connection: duckdb.DuckDBPyConnection
    scheme: int  # which list of columns it has: SCHEMES
    n_rows: int

    def query(self, expressions: str, rest: str = "") -> duckdb.DuckDBPyConnection:
        """`SELECT expressions FROM the file rest`; both are our own words, no input."""
        return self.connection.execute(f"SELECT {expressions} FROM read_parquet(getvariable('place')) {rest}")  # noqa: S608

    def columns(self, columns: Sequence[FrozenColumn], rest: str = "") -> dict[str, NDArray[Any]]:
        """The columns as the table has them, but infinite hours as NaN."""
        found = self.query(", ".join(column.from_file for column in columns), rest).fetchnumpy()
        return {
            column.name: _shared_text(found[column.name])
            if column.kind is ColumnKind.TEXT
            else np.array(np.ma.getdata(found[column.name]), dtype=_DTYPES.get(column.kind, np.int64))
            for column in columns
        }


@contextmanager
def opened(path: Path) -> Iterator[EpisodesFile]:
    """`episodes.parquet`, to be read. Raises FreezeError, also for whatever DuckDB says while it is open."""
    try:
        with in_memory(READING_THREADS) as connection:
            connection.execute("SET VARIABLE place = ?", [str(path)])
            found = connection.execute("DESCRIBE SELECT * FROM read_parquet(getvariable('place'))").fetchall()
            names = {str(row[0]) for row in found}
            scheme = next((n for n, known in SCHEMES.items() if names == {column.name for column in known}), SCHEME)
            count = connection.execute("SELECT count(*) FROM read_parquet(getvariable('place'))").fetchone()
            yield EpisodesFile(connection, scheme, int(count[0]) if count else 0)
    except duckdb.Error:
        raise FreezeError(f"{path.name} cannot be read") from None


def read_episodes(path: Path) -> tuple[EpisodeTable, int]:
    """Read `episodes.parquet` back, in its order, as the table that was written, and which scheme wrote it.

    What an earlier scheme did not write is not known: no doubts and no flaps are shown.
    """
    with opened(path) as file:
        columns = file.columns([c for c in SCHEMES[file.scheme] if c.kind is not ColumnKind.TEXT])
        for column in SCHEMES[file.scheme]:
            if column.kind is ColumnKind.TEXT:  # one at a time, for the memory that unshared texts take
                columns |= file.columns([column])
    return as_table(columns, file.scheme), file.scheme


def as_table(columns: dict[str, NDArray[Any]], scheme: int) -> EpisodeTable:
    """The columns of a file of that scheme as the table that was written."""
    unseen = columns["status"] == EpisodeStatus.EPISODE.value
    _restore_infinity(columns["right_hours"], unseen)
    _restore_infinity(columns["first_right_hours"], ~np.isnan(columns["first_left_hours"]))
    if scheme == 1:
        n = len(unseen)
        columns |= {"attribution_doubts": np.full(n, None, np.object_), "flaps": np.zeros(n, np.int64)}
    return EpisodeTable(**columns)


def _shared_text(found: NDArray[Any]) -> Texts:
    """Equal texts as one object: a fraction of the memory, and faster to compare."""
    known: dict[str, str] = {}
    values = np.empty(len(found), dtype=np.object_)
    values[:] = [known.setdefault(text, text) for text in np.ma.getdata(found).tolist()]
    values[np.ma.getmaskarray(found)] = None
    return values


def _restore_infinity(hours: Floats, where: Flags) -> None:
    hours[where & np.isnan(hours)] = np.inf


def check_numbers(episodes: EpisodeTable) -> None:
    """Raises FreezeError, naming the column, where null in the file could mean more than one thing."""
    is_episode = episodes.status == EpisodeStatus.EPISODE.value
    infinite_allowed = {"right_hours": is_episode, "first_right_hours": ~np.isnan(episodes.first_left_hours)}
    for column in EPISODE_COLUMNS:
        if column.kind is ColumnKind.NUMBER:
            values, allowed = getattr(episodes, column.name), infinite_allowed.get(column.name)
            wrong = np.isinf(values) & ~((values > 0) & allowed if allowed is not None else np.False_)
            missing = np.isnan(values) & allowed if allowed is not None else np.False_
            if np.any(wrong) or np.any(missing):
                raise FreezeError(
                    f"Episodes cannot be frozen: {column.name} is infinite or missing where it may not be"
                )


def _plain(values: Texts) -> Texts:
    """Text as `str`: words of an enum are written as the text that they are."""
    items = values.tolist()
    if set(map(type, items)) <= {str, NoneType}:
        return values
    return np.array([None if item is None else str(item) for item in items], dtype=np.object_)
