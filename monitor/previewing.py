"""`import --dry-run`: every row is read as an import would read it, and nothing is written: no store, no rejects file.

In: paths and the options of the import. Out: `Trial`. What would surprise: whether a row is new cannot be said
without a store, so `accepted` are the rows that state facts, the ones that are known already among them.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack

from monitor import intake
from monitor.errors import MonitorError
from monitor.importing import Numbered, open_scart, scart_options
from monitor.intake.batches import Batch
from monitor.intake.scart import FORMS, ScartBatch, ScartFile, Told, read_scart
from monitor.model.counts import ImportOptions
from monitor.model.report import RecordedCheck, Reject, Report
from monitor.model.trial import Trial, TrialFile, UsedColumn
from monitor.model.words import InputKind
from monitor.pipeline import Progress, silent

_REJECTED_SOME = 3
_TAKEN = "taken as it is"
_IGNORED = "not a column of this format (--ignore-unknown)"


def preview(
    scart: Sequence[Numbered], own: Sequence[Numbered], options: ImportOptions, progress: Progress = silent
) -> Trial:
    """What an import of these files would take in."""
    found: list[TrialFile] = []
    failures: list[MonitorError] = []
    warnings: list[str] = []
    for path in own:
        _guarded(lambda path=path: found.append(_own(path, options, progress)), failures)  # type: ignore[misc]
    if scart:
        _guarded(lambda: found.extend(_scart(scart, options, progress, warnings)), failures)
    found.sort(key=lambda file: file.position)
    rejected = _REJECTED_SOME if any(file.n_rejected for file in found) else 0
    status = failures[0].exit_status if failures else rejected
    return Trial(tuple(found), tuple(map(str, failures)), status, tuple(warnings))


def _guarded(act: Callable[[], object], failures: list[MonitorError]) -> None:
    try:
        act()
    except MonitorError as error:
        failures.append(error)


# --- our own formats ------------------------------------------------------------------------------------------


def _own(numbered: Numbered, options: ImportOptions, progress: Progress) -> TrialFile:
    position, path = numbered
    found = intake.detect(path, ignore_unknown=options.ignore_unknown, position=position)
    kind = options.kind or found[1]
    names = intake.column_names(path, kind, position)
    file = TrialFile(
        position,
        kind.value,
        used=tuple(UsedColumn(name, _TAKEN) for name, known in names if known),
        passed_over=tuple(UsedColumn(name, _IGNORED) for name, known in names if not known),
    )
    read = intake.read_reports if kind is InputKind.REPORTS else intake.read_checks
    batches: Iterable[Batch[Report]] | Iterable[Batch[RecordedCheck]] = read(
        path,
        source=options.source,
        timezone=options.timezone,
        ignore_unknown=options.ignore_unknown,
        position=position,
    )
    for batch in batches:
        for value in batch.values:
            _count(file, value)
        file.n_accepted += len(batch.values)
        _reject(file, batch.rejects)
        progress(batch.bytes_done, batch.bytes_total)
    return file


# --- SCART ----------------------------------------------------------------------------------------------------


def _scart(
    paths: Sequence[Numbered], options: ImportOptions, progress: Progress, warnings: list[str]
) -> list[TrialFile]:
    with ExitStack() as stack:
        opened, _ = open_scart(stack, paths)
        files = [_empty(file) for file in opened]
        total, done = sum(file.file.bytes_total for file in opened), [0] * len(opened)
        for batch in read_scart(opened, scart_options(options)):
            _batch(files, batch)
            warnings += batch.warnings
            done[batch.place] = batch.bytes_done
            progress(sum(done), total)
        return files


def _empty(file: ScartFile) -> TrialFile:
    header = file.header
    return TrialFile(
        file.position or 0,
        f"SCART {file.form.value}",
        FORMS[file.form].cannot_say,
        tuple(UsedColumn(name, what) for name, what in header.taken),
        tuple(UsedColumn(name, why) for name, why in header.left),
        header.unknown,
    )


def _batch(files: Sequence[TrialFile], batch: ScartBatch) -> None:
    file = files[batch.place]
    file.n_joined += batch.n_joined
    file.n_accepted += len(batch.told)
    _reject(file, batch.rejects)
    for told in batch.told:
        _told(files, batch.place, told)


def _told(files: Sequence[TrialFile], place: int, told: Told) -> None:
    files[place].n_closed_sometime += not told.closed_when
    for n, report in enumerate(told.reports):
        _count(files[place], report, further=n > 0)
    for at, check in told.checks:
        _count(files[at], check)
        if at != place:  # a row of the history
            files[at].n_accepted += 1
            files[at].n_joined -= 1


# --- both -----------------------------------------------------------------------------------------------------


def _count(file: TrialFile, value: Report | RecordedCheck, *, further: bool = False) -> None:
    if isinstance(value, RecordedCheck):
        file.checks[value.outcome.word] += 1
        file.see(value.checked_at)
        return
    if value.notice is not None:
        file.notices[value.notice.status.value] += 1
        file.see(value.notice.notified_at)
    if further:
        return
    file.n_reports += 1
    file.n_without_notice += value.notice is None
    file.assessments[value.assessment.value] += 1
    file.see(value.reported_at)
    file.checks["online"] += value.last_online_at is not None
    file.checks["offline"] += value.first_offline_at is not None
    for at in (value.last_online_at, value.first_offline_at):
        file.see(at)


def _reject(file: TrialFile, rejects: Sequence[Reject]) -> None:
    for reject in rejects:
        file.rejected[reject.field or "", reject.code, reject.reason] += 1
