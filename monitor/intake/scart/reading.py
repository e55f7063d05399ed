"""The files of one command, joined: SCART's exports and tables -> batches of `Told`, with a Reject for each bad row.

In: open files, in any order. Out: `ScartBatch`, each of one file. First the tables that complete a report, whole and
small (ids, times, codes), then the reports as a stream; URLs are held for a batch alone, and otherwise as digests
under a key of this run. What would surprise: a good row of a table that only completes reports is `joined`: it is no
fact of its own, so it is not among the rows read; a row of the history becomes one with the report that it tells of.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from monitor.intake.batches import BATCH_ROWS, checked_source
from monitor.intake.problems import Code, IntakeProblem, ScartCode
from monitor.intake.reports import required
from monitor.intake.scart.convert import ReportRows, Told, closed_by
from monitor.intake.scart.fields import Form
from monitor.intake.scart.file import Cells, ScartFile
from monitor.intake.scart.history import History
from monitor.intake.scart.messages import Messages
from monitor.intake.scart.strange import StrangeWords
from monitor.intake.scart.together import Inputs, check_tables, not_among, without_grade
from monitor.intake.scart.vocabulary import CLOSED_OFFLINE, status_of
from monitor.intake.times import TimeReader
from monitor.intake.values import clear_text
from monitor.model.report import Reject

_NO_REPORT = (
    "No report of this command has the row's URL: give the export with `classified` or `whois` of the same days."
)
_OTHER_URL = (
    "The row names another URL than the report with this id, so nobody was told of that report by it: are all tables "
    "of the same dump?"
)
_WHEN = "The row says that the material is gone, not since when: give --exported-at, the time of the export."


@dataclass(frozen=True, slots=True)
class ScartOptions:
    """`exported_at`: when the files were made, for closings whose time no file says."""

    source: str
    timezone: ZoneInfo
    exported_at: datetime | None = None
    batch_rows: int = BATCH_ROWS


@dataclass(frozen=True, slots=True)
class ScartBatch:
    """Rows of the file at `place` of the sequence. `n_joined` rows only complete others; `warnings` are of all."""

    place: int
    told: tuple[Told, ...]
    rejects: tuple[Reject, ...]
    n_joined: int
    bytes_done: int
    warnings: tuple[str, ...] = ()


def read_scart(files: Sequence[ScartFile], options: ScartOptions) -> Iterator[ScartBatch]:
    """Every row of every file once. Raises InputError for damage, after what lies before it."""
    source, times = checked_source(options.source), TimeReader(options.timezone)
    missing = check_tables(file.form for file in files)
    messages, history, inputs = Messages(times), History(times), Inputs()
    words = StrangeWords()
    for place, file in enumerate(files):
        take = _taker(place, file.form, messages, history)
        if take is not None:
            for items in words.passing(file.header, _items(file, options.batch_rows)):
                yield _joined(place, file, items, take)
    messages.settle()
    history.settle()
    for place, file in enumerate(files):
        convert: Callable[[int, Cells], Told]
        if file.header.spec.of_reports:
            convert = ReportRows(place, source, times, (messages, history, inputs), options.exported_at)
        elif file.form is Form.NTD_CLOSED:
            convert = _ClosedRows(place, source, options.exported_at)
        else:
            continue
        for items in words.passing(file.header, _items(file, options.batch_rows)):
            yield _told(place, file, items, convert)
    yield from _in_the_end(files, messages.without_report(), IntakeProblem(ScartCode.NO_REPORT, _NO_REPORT, "url"))
    yield from _in_the_end(files, messages.of_another_url(), IntakeProblem(ScartCode.OTHER_URL, _OTHER_URL, "url"))
    strange = (
        *not_among(Form.TABLE_NTD_URL, inputs.n_without(messages.told_inputs)),
        *not_among(Form.TABLE_HISTORY, inputs.n_without(history.inputs)),
    )
    warnings = (*missing, *strange, *words.warnings(), *without_grade(file.header for file in files))
    if warnings:
        yield ScartBatch(0, (), (), 0, files[0].file.bytes_done, warnings)


class _ClosedRows:
    """Rows of the export `ntdclosed`: a report that is known elsewhere, offline by the time of the export."""

    def __init__(self, place: int, source: str, exported_at: datetime | None) -> None:
        self._place, self._source, self._exported_at = place, source, exported_at

    def __call__(self, row: int, cells: Cells) -> Told:
        record, status = cells
        record_id = clear_text(required(record, "filenumber"), "filenumber")
        closed = status_of(status)
        if closed not in CLOSED_OFFLINE:
            raise IntakeProblem(Code.UNKNOWN_WORD, "The value is no status of a report that is offline.", "status")
        if self._exported_at is None:
            raise IntakeProblem(ScartCode.TIME_NOT_SAID, _WHEN, "status")
        return Told(row, (), ((self._place, closed_by(row, self._source, record_id, closed, self._exported_at)),))


_Row = tuple[int, Cells | IntakeProblem]


def _items(file: ScartFile, n: int) -> Iterator[list[_Row]]:
    rows = enumerate(file.rows(), start=1)
    while items := list(islice(rows, n)):
        yield items


def _taker(place: int, form: Form, messages: Messages, history: History) -> Callable[[int, Cells], object] | None:
    """What takes in a row of a table that completes reports; None for the other forms."""
    match form:
        case Form.TABLE_NTD:
            return lambda _, cells: messages.add_message(cells)
        case Form.TABLE_NTD_URL:
            return lambda row, cells: messages.add_url(place, row, cells)
        case Form.TABLE_CONTACT:
            return lambda _, cells: messages.add_contact(cells)
        case Form.NTD:
            return lambda row, cells: messages.add_export(place, row, cells)
        case Form.TABLE_HISTORY:
            return lambda row, cells: history.add(row, place, cells)
    return None


def _joined(place: int, file: ScartFile, items: list[_Row], take: Callable[[int, Cells], object]) -> ScartBatch:
    rejects: list[Reject] = []
    for row, item in items:
        try:
            take(row, _good(item))
        except IntakeProblem as problem:
            rejects.append(problem.at_row(row))
    return ScartBatch(place, (), tuple(rejects), len(items) - len(rejects), file.file.bytes_done)


def _told(place: int, file: ScartFile, items: list[_Row], convert: Callable[[int, Cells], Told]) -> ScartBatch:
    told: list[Told] = []
    rejects: list[Reject] = []
    for row, item in items:
        try:
            told.append(convert(row, _good(item)))
        except IntakeProblem as problem:
            rejects.append(problem.at_row(row))
    return ScartBatch(place, tuple(told), tuple(rejects), 0, file.file.bytes_done)


def _good(item: Cells | IntakeProblem) -> Cells:
    if isinstance(item, IntakeProblem):
        raise item
    return item


def _in_the_end(
    files: Sequence[ScartFile], rows: Sequence[tuple[int, int]], problem: IntakeProblem
) -> Iterator[ScartBatch]:
    """Rows that were taken for joined until every report had been read."""
    for place, file in enumerate(files):
        rejects = tuple(problem.at_row(row) for at, row in rows if at == place)
        if rejects:
            yield ScartBatch(place, (), rejects, -len(rejects), file.file.bytes_done)
