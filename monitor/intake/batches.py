"""The stage's top: an input file -> batches of Reports or RecordedChecks, with a Reject for every row not taken.

In: a path. Out: `Batch`, in the file's order; in each, rows read = values + rejects. Surprise: rows are read
before a batch is given, so damage in the file raises InputError after the last *whole* batch; the rows between that
batch and the damage are not handed over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from monitor.errors import UsageError
from monitor.intake.checks import CheckConverter
from monitor.intake.columns import Cells
from monitor.intake.detect import Container, container_of
from monitor.intake.files import InputFile
from monitor.intake.orders import OrderConverter
from monitor.intake.problems import IntakeProblem
from monitor.intake.reports import ReportConverter
from monitor.intake.rows import Item, csv_rows, jsonl_rows
from monitor.intake.values import clear_text
from monitor.model.order_register import RegisterRow
from monitor.model.report import RecordedCheck, Reject, Report
from monitor.model.words import InputKind

BATCH_ROWS = 5_000

T = TypeVar("T", Report, RecordedCheck, RegisterRow)


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """Neighbouring rows of one file. `bytes_done` of `bytes_total` (of the file as it lies) have been taken in."""

    values: tuple[T, ...]
    rejects: tuple[Reject, ...]
    n_read: int
    bytes_done: int
    bytes_total: int


def read_reports(
    path: Path,
    *,
    source: str,
    timezone: ZoneInfo | None,
    ignore_unknown: bool = False,
    batch_rows: int = BATCH_ROWS,
    position: int | None = None,
) -> Iterator[Batch[Report]]:
    """Reports of a CSV, JSON lines or Parquet file, plain, .gz or .zst.

    `source` is for rows without that column or value, `timezone` for times without an offset; `position` is the
    file's place on the command line. Raises InputError at the first batch for a wrong file or wrong columns, later
    for damage; UsageError where `source` is not a plain name.
    """
    convert = ReportConverter(checked_source(source), timezone)
    yield from _batches(path, InputKind.REPORTS, convert, ignore_unknown, batch_rows, position)


def read_checks(
    path: Path,
    *,
    source: str,
    timezone: ZoneInfo | None,
    ignore_unknown: bool = False,
    batch_rows: int = BATCH_ROWS,
    position: int | None = None,
) -> Iterator[Batch[RecordedCheck]]:
    """Recorded checks; parameters and errors as for `read_reports`."""
    convert = CheckConverter(checked_source(source), timezone)
    yield from _batches(path, InputKind.CHECKS, convert, ignore_unknown, batch_rows, position)


def read_orders(
    path: Path,
    *,
    timezone: ZoneInfo | None,
    sender: str | None = None,
    ignore_unknown: bool = False,
    batch_rows: int = BATCH_ROWS,
    position: int | None = None,
) -> Iterator[Batch[RegisterRow]]:
    """Rows of an authority's register of orders; parameters and errors as for `read_reports`."""
    yield from _batches(path, InputKind.ORDERS, OrderConverter(timezone, sender), ignore_unknown, batch_rows, position)


def _batches(
    path: Path,
    kind: InputKind,
    convert: Callable[[int, Cells], T],
    ignore_unknown: bool,
    batch_rows: int,
    position: int | None,
) -> Iterator[Batch[T]]:
    with InputFile(path, position) as file:
        rows, bytes_done = _rows(file, kind, ignore_unknown)
        n_before = 0
        while items := list(islice(rows, batch_rows)):
            values, rejects = _convert(items, n_before, convert)
            n_before += len(items)
            yield Batch(values, rejects, len(items), bytes_done(), file.bytes_total)


def _rows(file: InputFile, kind: InputKind, ignore_unknown: bool) -> tuple[Iterator[Item], Callable[[], int]]:
    match container_of(file):
        case Container.PARQUET:
            from monitor.intake.parquet import ParquetRows  # noqa: PLC0415 (it loads duckdb)

            rows = ParquetRows(file, kind, ignore_unknown=ignore_unknown)
            return iter(rows), lambda: rows.bytes_done
        case Container.JSONL:
            return jsonl_rows(file, kind, ignore_unknown=ignore_unknown), lambda: file.bytes_done
        case Container.CSV:
            return csv_rows(file, kind, ignore_unknown=ignore_unknown), lambda: file.bytes_done


def _convert(
    items: list[Item], n_before: int, convert: Callable[[int, Cells], T]
) -> tuple[tuple[T, ...], tuple[Reject, ...]]:
    values: list[T] = []
    rejects: list[Reject] = []
    for row, item in enumerate(items, n_before + 1):
        if isinstance(item, IntakeProblem):
            rejects.append(item.at_row(row))
            continue
        try:
            values.append(convert(row, item))
        except IntakeProblem as problem:
            rejects.append(problem.at_row(row))
    return tuple(values), tuple(rejects)


def checked_source(source: str) -> str:
    """The name, or UsageError where it cannot be kept in the clear."""
    try:
        return clear_text(source, "source")
    except IntakeProblem as problem:
        reason = problem.reason
    raise UsageError("The source name cannot be used", reason)
