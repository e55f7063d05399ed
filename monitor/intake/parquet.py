"""Parquet as rows, read by DuckDB in record batches: memory is bounded by the batch.

In: `InputFile`. Out: the same `Cells` as for CSV. Times with a zone become UTC text with `Z`, times without one
stay local text. Surprise: DuckDB gets the open file by its descriptor, never by its path, so that neither a `*`
in a file name nor the path in a DuckDB message matters; a compressed Parquet file is unpacked in memory, not on disk.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import duckdb

from monitor.errors import InputError
from monitor.intake.columns import COLUMNS, Cells, fold, lay_out
from monitor.intake.files import InputFile
from monitor.model.words import InputKind

_FETCH = 5_000
LARGEST_UNPACKED = 2 << 30
"""Bytes of a compressed Parquet file once unpacked, which is in memory."""
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,  # rows in the file's order
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_ZONED = "TIMESTAMP WITH TIME ZONE"
_TEXT_TYPES = ("VARCHAR", "ENUM", "UUID", "BOOLEAN", "DECIMAL", "FLOAT", "DOUBLE", "DATE")
_ISO = "'%Y-%m-%dT%H:%M:%S.%f'"


class ParquetRows:
    """Iterates over the rows of an open Parquet file; `bytes_done` is the file's share that the rows so far make."""

    def __init__(self, file: InputFile, kind: InputKind, *, ignore_unknown: bool) -> None:
        self._file = file
        self._kind = kind
        self._ignore_unknown = ignore_unknown
        self._n_rows = 0
        self._n_done = 0

    @property
    def bytes_done(self) -> int:
        return self._file.bytes_total * self._n_done // max(self._n_rows, 1)

    def __iter__(self) -> Iterator[Cells]:
        with open_table(self._file) as table:
            types = table.types()
            layout = lay_out(self._file, self._kind, list(types), ignore_unknown=self._ignore_unknown)
            self._n_rows = table.count()
            known = [fold(name) in COLUMNS[self._kind] for name in types]
            wanted = [
                as_text(self._file, name, types[name]) if ours else "NULL"
                for name, ours in zip(types, known, strict=True)
            ]
            for rows in table.batches(", ".join(wanted)):
                for row in rows:
                    self._n_done += 1
                    yield layout.pick((*(cell.strip() if cell else "" for cell in row), ""))


def parquet_names(file: InputFile) -> list[str]:
    """The column names as the file spells them. Raises InputError."""
    with open_table(file) as table:
        return list(table.types())


class Table:
    """One Parquet file as DuckDB sees it. DuckDB's errors can hold values of the file: they become InputError."""

    def __init__(self, file: InputFile, connection: duckdb.DuckDBPyConnection, raw: IO[bytes]) -> None:
        self._file = file
        self._connection = connection
        self._path = f"/dev/fd/{raw.fileno()}"

    def types(self) -> dict[str, str]:
        """DuckDB's type of each column, in the file's order."""
        self._select("DESCRIBE SELECT *")
        return {str(name): str(type_) for name, type_, *_ in self._fetch()}

    def count(self) -> int:
        self._select("SELECT count(*)")
        return int(self._fetch()[0][0])

    def batches(self, columns: str) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a SELECT of `columns`, streamed."""
        self._select(f"SELECT {columns}")
        while rows := self._fetch():
            yield rows

    def _select(self, select: str) -> None:
        try:
            self._connection.execute(f"{select} FROM read_parquet(?)", [self._path])
        except duckdb.Error:
            pass
        else:
            return
        raise self._unreadable()

    def _fetch(self) -> list[tuple[Any, ...]]:
        try:
            return self._connection.fetchmany(_FETCH)
        except duckdb.Error:
            pass
        raise self._unreadable()

    def _unreadable(self) -> InputError:
        hint = "Write it again; text columns have to be UTF-8"
        return self._file.error("is damaged or is not readable as Parquet", hint)


@contextmanager
def open_table(file: InputFile) -> Iterator[Table]:
    """The file as a table, for as long as it is open. Raises InputError where it is not readable."""
    with _seekable(file) as raw, duckdb.connect(":memory:", config=_SETTINGS) as connection:
        yield Table(file, connection, raw)


@contextmanager
def _seekable(file: InputFile) -> Iterator[IO[bytes]]:
    if not file.compressed:
        yield file.raw
        return
    with _private_file() as copy:
        for chunk in file.chunks():
            copy.write(chunk)
            if copy.tell() > LARGEST_UNPACKED:
                hint = "Parquet is compressed inside: give the file as it is"
                raise file.error(f"is larger than {LARGEST_UNPACKED >> 30} GiB once unpacked", hint)
        copy.flush()
        yield copy


def _private_file() -> IO[bytes]:
    """In memory where the system can (Linux), else a nameless file that only this process sees."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("monitor-input"), "w+b")
    return tempfile.TemporaryFile()


def as_text(file: InputFile, name: str, type_: str) -> str:
    """The SQL that turns a column into text. Raises InputError for a nested or binary column."""
    column = '"' + name.replace('"', '""') + '"'
    if type_.startswith("TIMESTAMP"):
        suffix = "'Z'" if type_ == _ZONED else "''"
        moment = f"make_timestamp(epoch_us({column}))" if type_ == _ZONED else f"{column}::TIMESTAMP"
        text = f"strftime({moment}, {_ISO}) || {suffix}"
        return f"CASE WHEN isfinite({column}) THEN {text} WHEN {column} IS NOT NULL THEN 'infinite' END"
    if type_.endswith("]") or not (type_.startswith(_TEXT_TYPES) or type_.endswith("INT") or "INTEGER" in type_):
        raise file.error(f"has a column of a type that is not text, number or time: {fold(name)!r}")
    return f"{column}::VARCHAR"
