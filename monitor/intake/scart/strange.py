"""Words that SCART is not known to write, in columns whose words say who was told and what became of a report.

In: the rows of a file, on their way. Out: the same rows, and in the end a warning for each such column. What would
surprise: such a row is taken all the same, for the word is read as "not known"; but a whole column of them (the titles
that SCART shows, in place of its codes) would lose every notice or every removal without a word. The warning never
shows the word: in a column that slipped it can be a URL.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from monitor.intake.problems import IntakeProblem
from monitor.intake.scart.fields import Field, Form
from monitor.intake.scart.file import Cells, Header
from monitor.intake.scart.vocabulary import GRADES, MESSAGE_STATUSES, RECORD_TYPES, STATUS_TAG, STATUSES, TAGS

_KNOWN = {
    Field.STATUS: STATUSES | {""},
    Field.GRADE: GRADES | {""},
    Field.MESSAGE_STATUS: MESSAGE_STATUSES,
    Field.RECORD_TYPE: RECORD_TYPES,
    Field.TAG: frozenset({"", *TAGS}),
}
_READ_AS = {
    Field.STATUS: "nothing says that those reports are closed",
    Field.GRADE: "those reports come in as not assessed, and none counts",
    Field.MESSAGE_STATUS: "nobody counts as told by those messages",
    Field.RECORD_TYPE: "nobody counts as told by those rows",
    Field.TAG: "those rows are passed over",
    Field.NEW: "nothing says that those reports were closed",
}
_Row = tuple[int, Cells | IntakeProblem]


class StrangeWords:
    """Counts them while rows pass by."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Form, str, Field]] = Counter()

    def passing(self, header: Header, batches: Iterable[list[_Row]]) -> Iterator[list[_Row]]:
        columns = [(name, header.spec.takes.get(name)) for name in header.names]
        looked_at = [(name, field) for name, field in columns if field in _READ_AS]
        places = {field: n for n, field in enumerate(header.spec.fields)}
        for batch in batches:
            for _, cells in batch:
                if not isinstance(cells, IntakeProblem):
                    strange = ((name, field) for name, field in looked_at if _is_strange(field, cells, places))
                    self._counts.update((header.form, name, field) for name, field in strange)
            yield batch

    def warnings(self) -> tuple[str, ...]:
        return tuple(_said(n, *where) for where, n in sorted(self._counts.items()))


def _is_strange(field: Field, cells: Cells, places: Mapping[Field, int]) -> bool:
    word = cells[places[field]]
    if field is Field.NEW:
        return cells[places[Field.TAG]].upper() == STATUS_TAG and word not in STATUSES
    return (word.upper() if field is Field.TAG else word) not in _KNOWN[field]


def _said(n: int, form: Form, name: str, field: Field) -> str:
    rows = "1 row has" if n == 1 else f"{n} rows have"
    return (
        f"The {form.value}: {rows} a word in `{name}` that is not one of SCART's codes known here, so "
        f"{_READ_AS[field]}: give codes, not titles; they are in docs/scart.md"
    )
