"""Whether the tables of one command fit together: which are missing, and which rows are of another dump.

In: the forms and headers that were given, the ids and filenumbers of `input`. Out: warnings in words, or
IntakeProblem. What would surprise: ids of two dumps look alike, so a message of one would start a clock for a report
of the other; that is why an id may stand for one report alone, and an `ntd_url` has to name the URL of its report.
"""

from collections.abc import Iterable, Sequence

from monitor.errors import InputError
from monitor.intake.problems import IntakeProblem, ScartCode
from monitor.intake.scart.fields import Field, Form
from monitor.intake.scart.file import Header

_WITHOUT = {
    Form.TABLE_NTD: "no message is known: only `firstntd_at`, which is never set for hosters told through the API",
    Form.TABLE_NTD_URL: "no message finds its report: only `firstntd_at` says who was told",
    Form.TABLE_CONTACT: "the addressees of the messages have no names, and no hoster is known to be abroad",
    Form.TABLE_HISTORY: "nothing says when a report was closed, and its address is that of the day of the dump",
}
_TWICE = "Another row of this command has the same id and says something else: give the tables of one dump alone."


def check_tables(forms: Iterable[Form]) -> tuple[str, ...]:
    """What is not known for want of a table. Raises InputError where there is nothing to complete."""
    given = set(forms)
    if not given & {Form.TABLE_INPUT, *_WITHOUT}:
        return ()
    if Form.TABLE_INPUT not in given:
        raise InputError(
            "Tables of SCART are given without `input`, which the others complete",
            "Give input, ntd, ntd_url, abusecontact and input_history of one dump in one command",
        )
    return tuple(
        f"The {form.value} is not among the files: {what}" for form, what in _WITHOUT.items() if form not in given
    )


def without_grade(headers: Iterable[Header]) -> tuple[str, ...]:
    """A warning for each form of reports that has no column for the grade."""
    return tuple(
        f"The {header.form.value} has no column for the grade: its reports come in as not assessed, and none counts"
        for header in headers
        if header.spec.of_reports and Field.GRADE.value not in dict(header.taken).values()
    )


def not_among(form: Form, n: int) -> tuple[str, ...]:
    """A warning about `n` reports that the table tells of and `input` does not have."""
    if not n:
        return ()
    reports = "1 report that is" if n == 1 else f"{n} reports that are"
    return (f"The {form.value} tells of {reports} not in `input`: are all tables of the same dump?",)


def id_twice(field: str = "id") -> IntakeProblem:
    return IntakeProblem(ScartCode.ID_TWICE, _TWICE, field)


class Inputs:
    """The reports of `input` that were read: their ids, and a number made of the filenumber of each."""

    def __init__(self) -> None:
        self._records: dict[int, int] = {}
        self._taken: set[int] = set()

    def see(self, input_id: int, record_id: str) -> None:
        """Raises IntakeProblem where the id stood for another report before."""
        if self._records.setdefault(input_id, hash(record_id)) != hash(record_id):
            raise id_twice()

    def take(self, input_id: int) -> None:
        """The history of this report has been given out: it is not given twice."""
        self._taken.add(input_id)

    def has_taken(self, input_id: int) -> bool:
        return input_id in self._taken

    def n_without(self, input_ids: Sequence[int]) -> int:
        """How many of these (each once) are no report of `input`."""
        return sum(one not in self._records for one in set(input_ids))
