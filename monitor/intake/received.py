"""A Provider's own list of received notices: a CSV, JSON lines or Parquet file -> `ReceivedList`.

Columns `notice_ref`, `url`, `received_at` and, where there is one, `resolved_at`, or their other names (`ALIASES`).
What would surprise: a URL that was made harmless for mail (`hxxp`, `[.]`) is read as the URL that it stands for; and
the same row twice is a duplicate, because an export of a mailbox often has a mail twice.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.intake.columns import Cells, Layout, fold
from monitor.intake.detect import Container, container_of
from monitor.intake.files import InputFile
from monitor.intake.normalise import normalise_url
from monitor.intake.problems import Code, IntakeProblem
from monitor.intake.reports import required
from monitor.intake.rows import Item, parse_csv_line, read_header, read_object, text_lines
from monitor.intake.times import TimeReader
from monitor.intake.values import sealed_text
from monitor.model.reconciliation import ReceivedList, ReceivedNotice
from monitor.model.report import Reject, Target

COLUMNS = ("notice_ref", "url", "received_at", "resolved_at")
ALIASES = {
    "notice_reference": "notice_ref",
    "reference": "notice_ref",
    "kenmerk": "notice_ref",
    "uri": "url",
    "received": "received_at",
    "ontvangen_op": "received_at",
    "resolved": "resolved_at",
    "removed_at": "resolved_at",
    "afgehandeld_op": "resolved_at",
}
_KNOWN = frozenset((*COLUMNS, *ALIASES))
_DEFANGED = re.compile(r"hxxp(?=s?:)", re.IGNORECASE)


def read_received(path: Path, *, timezone: ZoneInfo | None, ignore_unknown: bool = False) -> ReceivedList:
    """The whole list, with a Reject for every row not taken. `timezone`: of times without an offset.

    Raises InputError for a wrong file, wrong columns and damage.
    """
    convert = _Converter(timezone)
    notices: list[ReceivedNotice] = []
    rejects: list[Reject] = []
    seen: set[tuple[object, ...]] = set()
    n_read = 0
    with InputFile(path) as file:
        for n_read, item in enumerate(_rows(file, ignore_unknown=ignore_unknown), start=1):
            try:
                notice = convert(n_read, item)
            except IntakeProblem as problem:
                rejects.append(problem.at_row(n_read))
                continue
            said = (notice.reference, notice.url, notice.received_at, notice.resolved_at)
            if said not in seen:
                seen.add(said)
                notices.append(notice)
    return ReceivedList(tuple(notices), tuple(rejects), n_read, n_read - len(notices) - len(rejects))


class _Converter:
    """Cells in the order of `COLUMNS` to a ReceivedNotice, or IntakeProblem."""

    def __init__(self, timezone: ZoneInfo | None) -> None:
        self._times = TimeReader(timezone)

    def __call__(self, row: int, item: Item) -> ReceivedNotice:
        if isinstance(item, IntakeProblem):
            raise item
        reference, url, received_at, resolved_at = item
        url = _armed(url)
        return ReceivedNotice(
            row=row,
            reference=sealed_text(reference, "notice_ref"),
            url=url or None,
            target=_target(url) if url else None,
            received_at=self._times.read(required(received_at, "received_at"), "received_at"),
            resolved_at=self._times.read_optional(resolved_at, "resolved_at"),
        )


def _armed(url: str) -> str:
    return _DEFANGED.sub("http", url, count=1).replace("[.]", ".")


def _target(url: str) -> Target:
    try:
        return normalise_url(url)
    except IntakeProblem as problem:
        problem.field = "url"
        raise


def _rows(file: InputFile, *, ignore_unknown: bool) -> Iterator[Item]:
    match container_of(file):
        case Container.PARQUET:
            yield from _parquet_rows(file, ignore_unknown=ignore_unknown)
        case Container.JSONL:
            for line in text_lines(file):
                yield _json_cells(line, ignore_unknown=ignore_unknown)
        case Container.CSV:
            found = text_lines(file)
            header = read_header(file, next(found, None), _KNOWN)
            layout = _layout(file, header.names, ignore_unknown=ignore_unknown)
            for line in found:
                yield parse_csv_line(line, header.delimiter, layout)


def _parquet_rows(file: InputFile, *, ignore_unknown: bool) -> Iterator[Cells]:
    from monitor.intake.parquet import as_text, open_table  # noqa: PLC0415 (it loads duckdb)

    with open_table(file) as table:
        types = table.types()
        layout = _layout(file, list(types), ignore_unknown=ignore_unknown)
        wanted = [as_text(file, name, types[name]) if fold(name) in _KNOWN else "NULL" for name in types]
        for rows in table.batches(", ".join(wanted)):
            for row in rows:
                yield layout.pick((*(cell.strip() if cell else "" for cell in row), ""))


def _json_cells(line: bytes | None, *, ignore_unknown: bool) -> Item:
    record = read_object(line)
    if isinstance(record, IntakeProblem):
        return record
    cells: dict[str, str] = {}
    for name, value in record.items():
        column = _column(name)
        if column is None and ignore_unknown:
            continue
        if column is None:
            return IntakeProblem(Code.UNKNOWN_KEY, f"The row has a key that is not one of {', '.join(COLUMNS)}.")
        if column in cells:
            return IntakeProblem(Code.DUPLICATE_KEY, "The row has a column under two names.", column)
        if not isinstance(value, str | None) or any("\ud800" <= char <= "\udfff" for char in value or ""):
            return IntakeProblem(Code.WRONG_TYPE, "The value is not text, a number or null.", column)
        cells[column] = (value or "").strip()
    return tuple(cells.get(name, "") for name in COLUMNS)


def _layout(file: InputFile, names: Sequence[str], *, ignore_unknown: bool) -> Layout:
    """The header matched with `COLUMNS`. Raises InputError that names no text of the file."""
    columns = [_column(fold(name)) for name in names]
    if not ignore_unknown and None in columns and any(columns):
        place = columns.index(None) + 1
        raise file.error(
            f"has a column that is not known: column {place}",
            f"Columns: {', '.join(COLUMNS)}. Rename it, or use --ignore-unknown",
        )
    _refuse_unusable(file, [column for column in columns if column is not None])
    order = [columns.index(name) if name in columns else len(columns) for name in COLUMNS]
    return Layout(len(columns), tuple(column or "" for column in columns), itemgetter(*order))


def _refuse_unusable(file: InputFile, columns: Iterable[str]) -> None:
    there = list(columns)
    if len(set(there)) < len(there):
        raise file.error("has a column under two names", "Remove or rename one of them")
    if "received_at" not in there or not {"notice_ref", "url"} & set(there):
        raise file.error(
            "has no header row with the columns of a list of received notices",
            "Required: received_at, and notice_ref or url",
        )


def _column(name: str) -> str | None:
    return name if name in COLUMNS else ALIASES.get(name)
