"""The text of a SCART file -> rows of stripped cells, for each of its three ways of quoting.

In: physical lines. Out: the fields of each row, or the IntakeProblem that stands for it. What would surprise: a table
dump can hold line ends inside a cell (a note, the body of a message), so there a row goes on while a quote is open;
but one that then does not fit the header gives up its first line alone, and the others are read again, so that a
quote which is never closed costs one row and not the file.
"""

import re
from collections import deque
from collections.abc import Iterator

from monitor.intake.problems import Code, IntakeProblem
from monitor.intake.rows import decoded

MOST_LINES = 2_000
"""Lines of one row of a table dump."""

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "0": "", "Z": "", "\n": "\n", '"': '"', "'": "'", "\\": "\\"}
"""After a backslash; before anything else the backslash is itself a character of the cell."""
_NULL = r"\N"
_BAD_QUOTING = "The row has a quote that is not closed, or text after a quote."

_CELLS = {
    delimiter: re.compile(
        rf' *"([^"\\]*(?:(?:\\.|"")[^"\\]*)*)" *(?={delimiter}|\Z)|([^"{delimiter}][^{delimiter}]*|(?={delimiter}|\Z))',
        re.DOTALL,
    )
    for delimiter in (",", ";", "\t")
}

Fields = tuple[str, ...]


def unquoted(text: str) -> Fields:
    """The fields of a row that knows no quotes."""
    return tuple(text.split(";"))


def quoted(text: str, delimiter: str) -> Fields | IntakeProblem:
    """The fields of a row in which a cell may be quoted, its inner quotes doubled or behind a backslash."""
    if '"' not in text and "\\" not in text:
        return tuple(text.split(delimiter))
    fields, at = list[str](), 0
    cell = _CELLS[delimiter]
    while True:
        found = cell.match(text, at)
        if found is None:
            return IntakeProblem(Code.BAD_QUOTING, _BAD_QUOTING)
        inner, bare = found.groups()
        fields.append(_unescaped(bare if inner is None else inner.replace('""', '"')))
        at = found.end()
        if at >= len(text):
            return tuple(fields)
        at += 1  # the delimiter; at the end of the text an empty cell follows it


def _unescaped(cell: str) -> str:
    if "\\" not in cell or cell == _NULL:
        return cell
    return _ESCAPED.sub(lambda found: _PLAIN.get(found[0][1], found[0]), cell)


def open_quote(text: str) -> bool:
    """Whether a quote is still open at the end of the text."""
    return '"' in text and (_ESCAPED.sub("", text) if "\\" in text else text).count('"') % 2 == 1


class Records:
    """The rows of a table dump. `give_back` makes the first line of the last row a row, and reads the others again."""

    def __init__(self, lines: Iterator[bytes | None], delimiter: str) -> None:
        self._lines, self._delimiter = lines, delimiter
        self._again: deque[bytes | None] = deque()
        self._taken: list[bytes | None] = []

    def __iter__(self) -> Iterator[Fields | IntakeProblem]:
        while (text := self._next()) is not None:
            yield text if isinstance(text, IntakeProblem) else quoted(text, self._delimiter)

    @property
    def n_lines(self) -> int:
        """Of the row that was last given."""
        return len(self._taken)

    def give_back(self) -> None:
        """The row that was last given does not fit: its first line is that row, the others are read anew."""
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    def _next(self) -> str | IntakeProblem | None:
        self._taken = []
        text = self._line()
        if text is None or isinstance(text, IntakeProblem):
            return text
        while open_quote(text):
            more = self._line() if len(self._taken) < MOST_LINES else None
            if more is None or isinstance(more, IntakeProblem):
                self.give_back()
                return IntakeProblem(Code.BAD_QUOTING, _BAD_QUOTING)
            text = f"{text}\n{more}"
        return text

    def _line(self) -> str | IntakeProblem | None:
        try:
            line = self._again.popleft() if self._again else next(self._lines)
        except StopIteration:
            return None
        self._taken.append(line)
        return decoded(line)
