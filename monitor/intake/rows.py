"""CSV and JSON lines as rows: decompressed chunks -> one item for each line that is not blank.

In: `InputFile`. Out: the `Cells` of a row, or the IntakeProblem that stands for it, in the file's order, so that
the n-th item is row n. Surprise: each physical line is parsed on its own. An unclosed quote therefore costs one
row and not the rest of the file, and a quoted line end inside a cell is not supported.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.intake.columns import COLUMNS, Cells, Layout, fold, lay_out, nearest
from monitor.intake.files import InputFile
from monitor.intake.problems import Code, IntakeProblem
from monitor.model.words import InputKind

LONGEST_LINE = 65_536
"""Bytes; a longer line is rejected without being held in memory."""

Item = Cells | IntakeProblem

_DELIMITERS = (",", ";", "\t")
_BOM = b"\xef\xbb\xbf"
_FLAG_COLUMNS = frozenset({"known_material"})
_KNOWN = frozenset(name for names in COLUMNS.values() for name in names)


@dataclass(frozen=True, slots=True)
class Header:
    """The first row of a CSV file."""

    names: tuple[str, ...]
    delimiter: str


def lines(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    """Lines without their ends and without blank ones; None stands for a line that is too long."""
    tail, skipping = b"", False
    for chunk in chunks:
        parts = (tail + chunk).split(b"\n")
        tail = parts.pop()
        for part in parts:
            if skipping or len(part) > LONGEST_LINE:
                skipping = False
                yield None
            elif (stripped := part.rstrip(b"\r")) and not stripped.isspace():
                yield stripped
        if skipping or len(tail) > LONGEST_LINE:
            skipping, tail = True, b""
    if skipping:
        yield None
    elif (stripped := tail.rstrip(b"\r")) and not stripped.isspace():
        yield stripped


def text_lines(file: InputFile) -> Iterator[bytes | None]:
    """`lines` of a file from its start, without a byte order mark. Raises InputError for UTF-16."""
    found = lines(file.chunks())
    for line in found:
        if line is not None and line.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise file.error("is UTF-16 text", "Save it as UTF-8")
        first = line.removeprefix(_BOM) if line is not None else None
        if first != b"":
            yield first
        break
    yield from found


def read_header(file: InputFile, line: bytes | None, known: frozenset[str] = _KNOWN) -> Header:
    """Names and delimiter (comma, semicolon or tab: the one that finds most of the `known` columns)."""
    parsed = [(delimiter, _parse(line, delimiter)) for delimiter in _DELIMITERS]
    headers = [Header(cells, delimiter) for delimiter, cells in parsed if not isinstance(cells, IntakeProblem)]
    if not headers:
        raise file.error("does not start with a header row", "It should be CSV, JSON lines or Parquet")
    return max(headers, key=lambda header: len(known.intersection(map(fold, header.names))))


def csv_rows(file: InputFile, kind: InputKind, *, ignore_unknown: bool) -> Iterator[Item]:
    """The data rows of a CSV file. Raises InputError for a wrong header and for damage."""
    found = text_lines(file)
    header = read_header(file, next(found, None))
    layout = lay_out(file, kind, header.names, ignore_unknown=ignore_unknown)
    for line in found:
        yield parse_csv_line(line, header.delimiter, layout)


def parse_csv_line(line: bytes | None, delimiter: str, layout: Layout) -> Item:
    """One line; never raises."""
    cells = _parse(line, delimiter)
    if isinstance(cells, IntakeProblem):
        return cells
    if len(cells) != layout.width:
        return IntakeProblem(Code.WRONG_FIELD_COUNT, f"The row has {len(cells)} fields, the header {layout.width}.")
    return layout.pick((*cells, ""))


def _parse(line: bytes | None, delimiter: str) -> Cells | IntakeProblem:
    text = decoded(line)
    if isinstance(text, IntakeProblem):
        return text
    if '"' not in text and "\r" not in text:  # then splitting is all that the csv module does
        return tuple(map(str.strip, text.split(delimiter)))
    try:
        return tuple(map(str.strip, next(csv.reader([text], delimiter=delimiter, strict=True))))
    except csv.Error:
        return IntakeProblem(
            Code.BAD_QUOTING, "The row has a quote that is not closed, text after a quote, or a line end in a cell."
        )


def decoded(line: bytes | None) -> str | IntakeProblem:
    """The text of a physical line, or why there is none."""
    if line is None:
        return IntakeProblem(Code.LINE_TOO_LONG, f"The row is longer than {LONGEST_LINE} bytes.")
    if b"\0" in line:
        return IntakeProblem(Code.NUL, "The row holds a NUL byte.")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return IntakeProblem(Code.NOT_UTF8, "The row is not UTF-8.")


def jsonl_rows(file: InputFile, kind: InputKind, *, ignore_unknown: bool) -> Iterator[Item]:
    """The rows of a JSON lines file. There is no header: a wrong key costs the rows that have it."""
    for line in text_lines(file):
        yield parse_json_line(line, kind, ignore_unknown=ignore_unknown)


def parse_json_line(line: bytes | None, kind: InputKind, *, ignore_unknown: bool) -> Item:
    """One line; never raises."""
    record = read_object(line)
    if isinstance(record, IntakeProblem):
        return record
    cells: dict[str, str] = {}
    for name, value in record.items():
        if name not in COLUMNS[kind]:
            if ignore_unknown:
                continue
            return _unknown_key(name, kind)
        cell = _cell(name, value)
        if cell is None:
            return IntakeProblem(Code.WRONG_TYPE, "The value is not text, a number or null.", name)
        if not cell.isascii() and any("\ud800" <= c <= "\udfff" for c in cell):
            return IntakeProblem(Code.NOT_UTF8, "The value holds half of a surrogate pair.", name)
        cells[name] = cell
    return tuple(cells.get(name, "") for name in COLUMNS[kind])


def read_object(line: bytes | None) -> dict[str, object] | IntakeProblem:
    """The JSON object of a line by folded key; numbers stay text, as they were written."""
    text = decoded(line)
    if isinstance(text, IntakeProblem):
        return text
    try:
        pairs = json.loads(
            text, object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        return IntakeProblem(Code.BAD_JSON, "The row is not valid JSON.")
    if not isinstance(pairs, _Pairs):
        return IntakeProblem(Code.NOT_AN_OBJECT, "The row is JSON, but not one object.")
    record = {fold(name): value for name, value in pairs}
    if len(record) < len(pairs):
        return IntakeProblem(Code.DUPLICATE_KEY, "The row has a key twice.")
    return record


class _Pairs(list[tuple[str, object]]):
    """The members of a JSON object, doubles included: unlike a list, it came from `{}`."""


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _cell(name: str, value: object) -> str | None:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower() if name in _FLAG_COLUMNS else None
    return value.strip() if isinstance(value, str) else None


def _unknown_key(name: str, kind: InputKind) -> IntakeProblem:
    """The key is text of the row, so only the column that was probably meant is named."""
    meant = nearest(name, kind)
    return IntakeProblem(Code.UNKNOWN_KEY, "The row has a key that is not a column.", meant)
