"""One SCART file: which form it is, what becomes of its columns, and its rows as cells in the order of its form.

In: a path. Out: `ScartFile`, whose `rows()` can be read more than once. What would surprise: names of columns that
are not known are repeated to a person only where they are plain words, because a header without quotes can hold
anything.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Self

from monitor.intake.columns import PLAIN_NAME, fold
from monitor.intake.detect import Container, container_of
from monitor.intake.files import InputFile
from monitor.intake.problems import Code, IntakeProblem
from monitor.intake.rows import decoded, text_lines
from monitor.intake.scart.fields import Form, FormSpec, Quoting
from monitor.intake.scart.forms import FORMS, form_of, known_names
from monitor.intake.scart.repair import repaired
from monitor.intake.scart.text import Fields, Records, quoted, unquoted
from monitor.intake.scart.vocabulary import set_value

Cells = tuple[str, ...]
Item = Cells | IntakeProblem

_QUESTION = "the answer to a question, free text"
_UNKNOWN = "not a column of SCART that is known here"
_AFTER_BASE = frozenset({Form.REPORTS, Form.CLASSIFIED, Form.ALL})
"""Forms that end with the labels of questions."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first row, matched with its form."""

    form: Form
    delimiter: str
    names: tuple[str, ...]  # folded

    @property
    def spec(self) -> FormSpec:
        return FORMS[self.form]

    @property
    def taken(self) -> tuple[tuple[str, str], ...]:
        """Column and what it becomes."""
        return tuple((name, self.spec.takes[name].value) for name in self.names if name in self.spec.takes)

    @property
    def left(self) -> tuple[tuple[str, str], ...]:
        """Column, as it can be shown, and why it is not taken."""
        return tuple(
            (_shown(name, n), self._why(name, n)) for n, name in enumerate(self.names) if not self._takes(name)
        )

    @property
    def unknown(self) -> tuple[str, ...]:
        """Columns that no table of ours names, as they can be shown; labels of questions are not among them."""
        return tuple(name for name, why in self.left if why is _UNKNOWN)

    def _takes(self, name: str) -> bool:
        return name in self.spec.takes

    def _why(self, name: str, n: int) -> str:
        why = self.spec.leaves.get(name)
        if why is not None:
            return why
        known = [at for at, other in enumerate(self.names) if other in known_names(self.form)]
        return _QUESTION if self.form in _AFTER_BASE and n > max(known) else _UNKNOWN


class ScartFile:
    """An open SCART file. `position` is its place on the command line, from 1. Raises InputError where it is none."""

    def __init__(self, path: Path, position: int | None = None) -> None:
        self.path, self.position = path, position
        self.file = InputFile(path, position)
        try:
            self.header = self._header()
            self._pick = self._picker()
        except BaseException:
            self.file.raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.raw.close()

    @property
    def form(self) -> Form:
        return self.header.form

    def rows(self) -> Iterator[Item]:
        """Cells in the order of the form's fields, or the problem that stands for the row, in the file's order."""
        lines = text_lines(self.file)
        next(lines, None)
        match self.header.spec.quoting:
            case Quoting.NONE:
                yield from map(self._unquoted, lines)
            case Quoting.BACKSLASH:
                yield from map(self._quoted, lines)
            case Quoting.ANY:
                records = Records(lines, self.header.delimiter)
                for fields in records:
                    item = self._checked(fields)
                    if isinstance(item, IntakeProblem) and records.n_lines > 1:
                        records.give_back()
                    yield item

    def _unquoted(self, line: bytes | None) -> Item:
        text = decoded(line)
        if isinstance(text, IntakeProblem):
            return text
        fields: Fields | None = unquoted(text)
        width = len(self.header.names)
        if fields is not None and len(fields) > width:
            n_fields, fields = len(fields), repaired(fields, self.header.names)
            if fields is None:
                reason = (
                    f"The row has {n_fields} fields, the header {width}: a cell holds a semicolon, and which one "
                    "cannot be told for certain."
                )
                return IntakeProblem(Code.WRONG_FIELD_COUNT, reason)
        return self._checked(fields or ())

    def _quoted(self, line: bytes | None) -> Item:
        text = decoded(line)
        return text if isinstance(text, IntakeProblem) else self._checked(quoted(text, ";"))

    def _checked(self, fields: Fields | IntakeProblem) -> Item:
        """Cells in the form's order. A final delimiter is no field; the exports leave out answers at the end."""
        if isinstance(fields, IntakeProblem):
            return fields
        width = len(self.header.names)
        if self.header.spec.quoting is not Quoting.NONE and len(fields) == width + 1 and not fields[-1].strip():
            fields = fields[:-1]
        if len(fields) > width or len(fields) < self._least:
            reason = f"The row has {len(fields)} fields, the header {width}."
            return IntakeProblem(Code.WRONG_FIELD_COUNT, reason)
        padded = (*map(set_value, fields), *("" for _ in range(width - len(fields))), "")
        return self._pick(padded)

    def _header(self) -> Header:
        found = read_header(self.file)
        if found is not None and any("\r" in name for name in found.names):
            raise self.file.error("has lines that end in CR alone", "Save it with line ends of LF or CRLF")
        if found is None:
            raise self.file.error(
                "is not in a form that SCART writes",
                "Known: the reports CSV, the exports and the tables of docs/scart.md",
            )
        lacks = [name for name in found.spec.requires if name not in found.names]
        if lacks:
            raise self.file.error(
                f"is SCART's {found.form.value}, and lacks the column {lacks[0]!r}",
                f"Export it again with {', '.join(found.spec.requires)}",
            )
        doubled = [name for name in found.spec.takes if found.names.count(name) > 1]
        if doubled:
            raise self.file.error(f"has two columns of the same name: {doubled[0]!r}", "Remove one of them")
        return found

    def _picker(self) -> Callable[[Sequence[str]], Cells]:
        names, spec = self.header.names, self.header.spec
        column = {field: name for name, field in spec.takes.items() if name in names}
        absent = len(names)  # the index of the empty cell
        order = [names.index(column[field]) if field in column else absent for field in spec.fields]
        last = max(names.index(name) for name in names if name in known_names(self.header.form))
        self._least = last + 1 if spec.quoting is Quoting.BACKSLASH else len(names)
        pick: Callable[[Sequence[str]], Cells] = itemgetter(*order)
        return pick


def read_header(file: InputFile) -> Header | None:
    """The header of a SCART file; None where it is not one."""
    if container_of(file) is not Container.CSV:
        return None
    text = decoded(next(text_lines(file), None))
    if isinstance(text, IntakeProblem):
        return None
    for delimiter in (";", ",", "\t"):
        for fields in (quoted(text, delimiter), tuple(text.split(delimiter))):
            header = None if isinstance(fields, IntakeProblem) else _matched(fields, delimiter)
            if header is not None:
                return header
    return None


def _matched(fields: Fields, delimiter: str) -> Header | None:
    names = tuple(map(fold, fields))
    form = form_of(names)
    if form is None or (delimiter != ";" and FORMS[form].quoting is not Quoting.ANY):
        return None
    while FORMS[form].quoting is not Quoting.NONE and not names[-1]:
        names = names[:-1]
    return Header(form, delimiter, names)


def _shown(name: str, n: int) -> str:
    return name if PLAIN_NAME.fullmatch(name) else f"column {n + 1}"
