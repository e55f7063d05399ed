"""Rows of plain values (dataclasses of numbers, texts, flags and lists of whole numbers) as Parquet and back.

In: a sequence of one class. Out: a file with a column for each field, `class` for `class_`. What would surprise: every
value goes in as text and is cast, which is exact (Python writes a float's shortest text that reads back the same) and
gives a column of which nothing is known its type; and the hash is of the values, not of the file, because how Parquet
encodes them is no part of a digest.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, fields
from hashlib import sha256
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import duckdb
import numpy as np

from monitor.errors import FreezeError
from monitor.model.method import canonical_json

Record = TypeVar("Record")
_TYPES: dict[object, str] = {int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", str: "VARCHAR", tuple: "BIGINT[]"}


def write_records(path: Path, records: Sequence[Record], kind: type[Record]) -> None:
    """Write the records, in their order. Raises FreezeError where the disk does not allow it."""
    types = _columns(kind)
    columns = {
        column: np.array([_text(getattr(record, name)) for record in records], dtype=np.object_)
        for name, column in _names(kind).items()
    }
    chosen = [f'CAST(CAST("{column}" AS VARCHAR) AS {types[column]}) AS "{column}"' for column in columns]
    with in_memory() as opened:
        opened.register("records", columns)
        copy_rows(opened, chosen, "records", path)


def read_records(path: Path, kind: type[Record]) -> tuple[Record, ...]:
    """The records of a file, in its order. Raises FreezeError for a file with other columns.

    A field that the file does not have yet is not known, or what it is by default.
    """
    try:
        with in_memory() as opened:
            opened.execute("SET VARIABLE place = ?", [str(path)])
            found = opened.execute("SELECT * FROM read_parquet(getvariable('place'))")
            written = [str(column[0]) for column in found.description or ()]
            rows = found.fetchall()
        known = {column: name for name, column in _names(kind).items()}
        names = [known[column] for column in written]
        if "BIGINT[]" in _columns(kind).values():
            rows = [tuple(map(_value, row)) for row in rows]
        if names == list(known.values()):
            return tuple(itertools.starmap(kind, rows))  # half a million clusters: five times as fast as by name
        absent = dict.fromkeys(_without_default(kind))
        return tuple(kind(**{**absent, **dict(zip(names, row, strict=True))}) for row in rows)
    except (duckdb.Error, KeyError, TypeError):
        raise FreezeError(f"{path.name} cannot be read") from None


def records_hash(records: Iterable[Record], kind: type[Record]) -> str:
    """SHA-256, in hex, of the columns as JSON: of each its values in order, written as all JSON of a freeze."""
    each = tuple(records)
    columns = {column: [getattr(record, name) for record in each] for name, column in _names(kind).items()}
    return sha256(canonical_json(columns)).hexdigest()


def _names(kind: type[Any]) -> dict[str, str]:
    """The column of each field, in order."""
    return {field.name: field.name.rstrip("_") for field in fields(kind)}


def _columns(kind: type[Any]) -> dict[str, str]:
    return {name.rstrip("_"): _TYPES[_plain_type(hint)] for name, hint in get_type_hints(kind).items()}


def _plain_type(hint: object) -> object:
    """The type in `T | None`; a tuple for `tuple[T, ...]`."""
    if isinstance(hint, UnionType):
        hint = next(part for part in get_args(hint) if part is not NoneType)
    return get_origin(hint) or hint


def _without_default(kind: type[Any]) -> list[str]:
    """The fields of which None can say that a file does not have them; a field with a default takes that."""
    hints = get_type_hints(kind)
    return [f.name for f in fields(kind) if f.default is MISSING and isinstance(hints[f.name], UnionType)]


def _text(value: object) -> str | None:
    if isinstance(value, tuple):
        return str(list(value))
    return None if value is None else str(value)


def _value(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


@contextmanager
def in_memory(threads: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory that fetches nothing and writes nothing by itself; one thread gives the same bytes again."""
    with duckdb.connect(":memory:", config={"temp_directory": ""}) as opened:
        opened.execute(f"SET threads = {threads}")
        opened.execute("SET autoinstall_known_extensions = false")
        opened.execute("SET autoload_known_extensions = false")
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


def copy_rows(opened: duckdb.DuckDBPyConnection, expressions: Sequence[str], table: str, path: Path) -> None:
    """Write `SELECT expressions FROM table`, all our own words, to a file. Raises FreezeError without DuckDB's."""
    name = str(path).replace("'", "''")
    query = f"SELECT {', '.join(expressions)} FROM {table}"  # noqa: S608 names of our own columns, no input
    try:
        opened.execute(f"COPY ({query}) TO '{name}' (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)")
    except duckdb.Error:
        # DuckDB's own words may hold the path or a value
        raise FreezeError(f"{path.name} cannot be written", "Is the disk full?") from None


__all__ = ["copy_rows", "in_memory", "read_records", "records_hash", "write_records"]
