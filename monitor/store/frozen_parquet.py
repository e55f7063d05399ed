"""The Parquet files of a freeze, through DuckDB from numpy and back.

In: an EpisodeTable in canonical order, or a Ranking. Out: the file. What would surprise: one thread writes, so
that the same rows give the same bytes; and nothing is ever fetched, an extension that DuckDB misses is an error.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import duckdb
import numpy as np
from numpy.typing import NDArray

from monitor.errors import FreezeError
from monitor.model.columns import Flags, Floats, Texts
from monitor.model.episode import EpisodeTable
from monitor.model.scorecard import Ranking, Scorecard
from monitor.model.words import EpisodeStatus
from monitor.store.frozen_columns import EPISODE_COLUMNS, SCHEME, SCHEMES, ColumnKind, FrozenColumn

_DTYPES: dict[ColumnKind, type] = {
    ColumnKind.TEXT: np.object_,
    ColumnKind.NUMBER: np.float64,
    ColumnKind.FLAG: np.bool_,
    ColumnKind.TERNARY: np.int8,
}
_SCORE_TYPES: dict[object, str] = {int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", str: "VARCHAR", tuple: "BIGINT[]"}


def write_episodes(path: Path, episodes: EpisodeTable) -> None:
    """Write `episodes.parquet`. Raises FreezeError for a number that would not read back as it is."""
    check_numbers(episodes)
    columns = {column.name: getattr(episodes, column.name) for column in EPISODE_COLUMNS}
    for column in EPISODE_COLUMNS:
        if column.kind is ColumnKind.TEXT:
            columns[column.name] = _plain(columns[column.name])
    with _connection() as connection:
        connection.register("episodes", columns)
        _copy(connection, [column.to_file for column in EPISODE_COLUMNS], "episodes", path)


def read_episodes(path: Path) -> tuple[EpisodeTable, int]:
    """Read `episodes.parquet` back, in its order, as the table that was written, and which scheme wrote it.

    What an earlier scheme did not write is not known: no doubts and no flaps are shown.
    """
    try:
        with _connection() as connection:
            connection.execute("SET VARIABLE place = ?", [str(path)])
            scheme = _scheme(connection)
            columns = _read_columns(connection, [c for c in SCHEMES[scheme] if c.kind is not ColumnKind.TEXT])
            for column in SCHEMES[scheme]:
                if column.kind is ColumnKind.TEXT:  # one at a time, for the memory that unshared texts take
                    columns |= _read_columns(connection, [column])
    except duckdb.Error:
        raise FreezeError(f"{path.name} cannot be read") from None
    unseen = columns["status"] == EpisodeStatus.EPISODE.value
    _restore_infinity(columns["right_hours"], unseen)
    _restore_infinity(columns["first_right_hours"], ~np.isnan(columns["first_left_hours"]))
    if scheme == 1:
        n = len(unseen)
        columns |= {"attribution_doubts": np.full(n, None, np.object_), "flaps": np.zeros(n, np.int64)}
    return EpisodeTable(**columns), scheme


def _scheme(connection: duckdb.DuckDBPyConnection) -> int:
    """By the columns that the file has; a file with others cannot be read."""
    found = connection.execute("DESCRIBE SELECT * FROM read_parquet(getvariable('place'))").fetchall()
    names = {str(row[0]) for row in found}
    return next((n for n, columns in SCHEMES.items() if names == {column.name for column in columns}), SCHEME)


def _read_columns(connection: duckdb.DuckDBPyConnection, columns: list[FrozenColumn]) -> dict[str, NDArray[Any]]:
    wanted = ", ".join(column.from_file for column in columns)
    query = f"SELECT {wanted} FROM read_parquet(getvariable('place'))"  # noqa: S608 names of our own columns
    found = connection.execute(query).fetchnumpy()
    return {
        column.name: _shared_text(found[column.name])
        if column.kind is ColumnKind.TEXT
        else np.array(np.ma.getdata(found[column.name]), dtype=_DTYPES.get(column.kind, np.int64))
        for column in columns
    }


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


def write_scorecards(path: Path, ranking: Ranking) -> None:
    """Write `scorecards.parquet`: every Scorecard in the Ranking's order, `asns` as a list.

    Each value goes in as text and is cast: exact (Python writes a float's shortest text that reads back the
    same), and a column of which nothing is known keeps its type.
    """
    records = [card.as_fields() for card in ranking.scorecards]
    types = {name.rstrip("_"): _SCORE_TYPES[_plain_type(hint)] for name, hint in get_type_hints(Scorecard).items()}
    names = [field.name.rstrip("_") for field in fields(Scorecard)]
    columns = {name: np.array([_text(record[name]) for record in records], dtype=np.object_) for name in names}
    with _connection() as connection:
        connection.register("scorecards", columns)
        chosen = [f'CAST(CAST("{name}" AS VARCHAR) AS {types[name]}) AS "{name}"' for name in names]
        _copy(connection, chosen, "scorecards", path)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _plain_type(hint: object) -> object:
    """The type in `T | None`; a tuple for `tuple[T, ...]`."""
    if isinstance(hint, UnionType):
        hint = next(part for part in get_args(hint) if part is not NoneType)
    return get_origin(hint) or hint


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:", config={"temp_directory": ""}) as connection:
        connection.execute("SET threads = 1")
        connection.execute("SET autoinstall_known_extensions = false")
        connection.execute("SET autoload_known_extensions = false")
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def _copy(connection: duckdb.DuckDBPyConnection, expressions: list[str], table: str, path: Path) -> None:
    name = str(path).replace("'", "''")
    query = f"SELECT {', '.join(expressions)} FROM {table}"  # noqa: S608 names of our own columns, no input
    try:
        connection.execute(f"COPY ({query}) TO '{name}' (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)")
    except duckdb.Error:
        # DuckDB's own words may hold the path or a value
        raise FreezeError(f"{path.name} cannot be written", "Is the disk full?") from None
