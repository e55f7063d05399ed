"""What a file is, by its content: CSV, JSON lines or Parquet; reports or checks.

In: a path. Out: `Container` and `InputKind`. Surprise: neither suffix nor name counts, and a JSON lines file is
judged by the keys of its first rows, because a row may leave out what it does not know.
"""

from enum import StrEnum
from itertools import islice
from pathlib import Path

from monitor.intake.columns import COLUMNS, PLAIN_NAME, kind_of, lay_out
from monitor.intake.columns import fold as fold_name
from monitor.intake.files import InputFile
from monitor.intake.problems import IntakeProblem
from monitor.intake.rows import read_header, read_object, text_lines
from monitor.model.words import InputKind

_ROWS_LOOKED_AT = 100
_PARQUET = b"PAR1"


class Container(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


def detect(path: Path, *, ignore_unknown: bool = False, position: int | None = None) -> tuple[Container, InputKind]:
    """Container and kind of an input file. Raises InputError for an unreadable file and for wrong columns.

    `position` is the file's place on the command line, from 1: messages name the file by it.
    """
    with InputFile(path, position) as file:
        container = container_of(file)
        names = _names(file, container)
        kind = kind_of([fold_name(name) for name in names])
        if kind is None:
            raise file.error("has no column of reports or checks", f"Columns of reports: {_listed(InputKind.REPORTS)}")
        if kind is InputKind.ORDERS:
            raise file.error("is a register of orders", "Use `monitor orders import`")
        if container is not Container.JSONL:
            lay_out(file, kind, names, ignore_unknown=ignore_unknown)
        return container, kind


def column_names(path: Path, kind: InputKind, position: int | None = None) -> tuple[tuple[str, bool], ...]:
    """The columns of an input file (JSON lines: of its first rows) as they can be shown; whether each is known."""
    with InputFile(path, position) as file:
        names = [fold_name(name) for name in _names(file, container_of(file))]
    return tuple(
        (name if name in COLUMNS[kind] or PLAIN_NAME.fullmatch(name) else f"column {n}", name in COLUMNS[kind])
        for n, name in enumerate(names, start=1)
    )


def container_of(file: InputFile) -> Container:
    """By the first bytes of the decompressed content. Raises InputError where there is none, or a JSON array."""
    head = b""
    for chunk in file.chunks():
        head = head + chunk if head.strip() else chunk  # nothing but blanks, however many, is not kept
        if head.strip() and len(head) > len(_PARQUET):
            break
    if head.startswith(_PARQUET):
        return Container.PARQUET
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise file.error("is empty")
    if start.startswith(b"["):
        raise file.error("is a JSON array", "Write one JSON object a line")
    return Container.JSONL if start.startswith(b"{") else Container.CSV


def _names(file: InputFile, container: Container) -> list[str]:
    if container is Container.PARQUET:
        from monitor.intake.parquet import parquet_names  # noqa: PLC0415 (it loads duckdb)

        return parquet_names(file)
    found = text_lines(file)
    if container is Container.CSV:
        return list(read_header(file, next(found, None)).names)
    objects = (read_object(line) for line in islice(found, _ROWS_LOOKED_AT))
    return list(dict.fromkeys(name for record in objects if not isinstance(record, IntakeProblem) for name in record))


def _listed(kind: InputKind) -> str:
    return ", ".join(COLUMNS[kind])
