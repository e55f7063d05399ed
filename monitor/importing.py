"""SCART's files of one command into the store: read together, stored as the Reports and recorded checks that they are.

In: paths, in the order of the command line. Out: counts of rows, and what stopped it. Reports and checks of a file
are two inputs of the same hash, as if they had come in two files of our own. What would surprise: a row is counted
once, whatever it brought: accepted where any of it was new, else rejected where any of it contradicts what is known,
else a duplicate.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from monitor import intake, store
from monitor.clock import now
from monitor.errors import MonitorError
from monitor.intake.scart import ScartBatch, ScartFile, ScartOptions, Told, read_scart
from monitor.model.counts import ImportCounts, ImportOptions
from monitor.model.provider import fold_name
from monitor.model.report import RecordedCheck, Reject, Report
from monitor.model.words import Addressees, InputKind
from monitor.pipeline import Progress, silent
from monitor.store import Store

Numbered = tuple[int, Path]
"""A file with its place on the command line, from 1."""


def scart_options(options: ImportOptions) -> ScartOptions:
    if options.timezone is None:
        raise ValueError("SCART's times have no zone of their own")
    return ScartOptions(options.source, options.timezone, options.exported_at)


def open_scart(stack: ExitStack, paths: Sequence[Numbered]) -> tuple[list[ScartFile], list[str]]:
    """The files and their hashes. Raises InputError for one that is not SCART's, and for one that is given twice."""
    files, hashes = list[ScartFile](), list[str]()
    for position, path in paths:
        sha256 = intake.sha256(path, position)
        file = stack.enter_context(ScartFile(path, position))
        if sha256 in hashes:
            first = paths[hashes.index(sha256)][0]
            raise file.file.error(f"has the same content as input file {first}", "Give each file once")
        files.append(file)
        hashes.append(sha256)
    return files, hashes


def why_nothing(scart: Sequence[Numbered], own: Sequence[Numbered], options: ImportOptions) -> list[MonitorError]:
    """Why nothing of this can be imported, as far as opening the files tells it; empty where something can."""
    groups = ([scart] if scart else []) + [(one,) for one in own]
    found = [_problem_of(group, options, scart=group is scart) for group in groups]
    problems = [problem for problem in found if problem is not None]
    return problems if len(problems) == len(groups) else []


def _problem_of(files: Sequence[Numbered], options: ImportOptions, *, scart: bool) -> MonitorError | None:
    """Of files that are read together."""
    try:
        for position, path in files:
            if scart:
                ScartFile(path, position).file.raw.close()
            elif options.kind is None:
                intake.detect(path, ignore_unknown=options.ignore_unknown, position=position)
            else:
                with intake.InputFile(path, position) as file:
                    intake.container_of(file)
    except MonitorError as problem:
        return problem
    return None


def import_scart(
    db: Store, paths: Sequence[Numbered], options: ImportOptions, progress: Progress = silent
) -> tuple[ImportCounts, MonitorError | None]:
    """All files in one go, a transaction a batch and kind; what stops it half-way comes back beside the counts."""
    with ExitStack() as stack:
        files, hashes = open_scart(stack, paths)
        names = _Addressees(db, options.addressees)
        sinks = [stack.enter_context(_Sink(db, file, sha, names)) for file, sha in zip(files, hashes, strict=True)]
        stack.enter_context(store.collection_paused())
        total, failure = sum(file.file.bytes_total for file in files), None
        done, warnings = [0] * len(files), list[str]()
        try:
            for batch in read_scart(files, scart_options(options)):
                _store_batch(sinks, batch)
                warnings += batch.warnings
                done[batch.place] = batch.bytes_done
                progress(sum(done), total)
        except MonitorError as error:
            failure = error
        counts = _closed(sinks, complete=failure is None)
        return replace(counts, n_unknown_addressees=len(names.unknown), warnings=tuple(warnings)), failure


def _closed(sinks: Sequence["_Sink"], *, complete: bool) -> ImportCounts:
    counts = ImportCounts()
    for sink in sinks:
        counts = counts.plus(sink.close(complete=complete))
    return counts


def _store_batch(sinks: Sequence["_Sink"], batch: ScartBatch) -> None:
    """Reports first: the checks of a report that is not taken are not taken either."""
    sink = sinks[batch.place]
    sink.reject(batch.rejects)
    sink.join(batch.n_joined)
    if not batch.told:
        return
    accepted, rejects = sink.add_reports(batch.told)
    refused = {reject.row for reject in rejects} - accepted
    checks: defaultdict[int, list[RecordedCheck]] = defaultdict(list)
    for told in batch.told:
        if told.row not in refused:
            for place, check in told.checks:
                checks[place].append(check)
    for place, some in checks.items():
        if place == batch.place:
            more, conflicts = sink.add_checks(some)
            accepted, rejects = accepted | more, [*rejects, *conflicts]
        else:
            sinks[place].take_out(some)
    sink.count_rows(batch.told, accepted, rejects)


class _Addressees:
    """Which addressees of SCART's messages are kept: all, or those of the registry."""

    def __init__(self, db: Store, keep: Addressees) -> None:
        self._registry, self._keep = store.load_registry(db, now().date()), keep
        self.unknown: set[str] = set()

    def told(self, report: Report) -> Report:
        """The report; with KNOWN without a name that nobody here knows, which is then the party attributed."""
        notice = report.notice
        if notice is None or notice.party is None or self._knows(fold_name(notice.party)):
            return report
        self.unknown.add(fold_name(notice.party))
        if self._keep is Addressees.NAMED:
            return report
        return replace(report, notice=replace(notice, party=None))

    def _knows(self, name: str) -> bool:
        return name in self._registry.claims or self._registry.find(name) is not None


@dataclass(slots=True)
class _Sink:
    """One file on its way into the store: its inputs, its rejects, its counts."""

    db: Store
    file: ScartFile
    sha256: str
    names: "_Addressees"
    counts: ImportCounts = field(default_factory=ImportCounts)
    _inputs: dict[InputKind, int] = field(default_factory=dict)
    _values: dict[InputKind, tuple[int, int]] = field(default_factory=dict)  # read, rejected
    _n_unread: int = 0  # rows that came to no value
    _rejects: intake.RejectsFile = field(init=False)

    def __post_init__(self) -> None:
        self._rejects = intake.RejectsFile(self.db.data_dir / "rejects", self.sha256)

    def __enter__(self) -> "_Sink":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._rejects.close(complete=kind is None)

    def add_reports(self, told: Sequence[Told]) -> tuple[set[int], list[Reject]]:
        """The rows that brought something, and why others did not."""
        reports = [self.names.told(report) for one in told for report in one.reports]
        if not reports:
            return set(), []
        result = store.add_reports(self.db, self._input(InputKind.REPORTS), reports)
        accepted, rejects = set(result.accepted_rows), list(result.rejects)
        moved = {reject.row for reject in rejects if reject.field == "ip"} & {
            one.row for one in told if not one.address_of_then
        }
        if moved:  # an export gives the address of its own day: where the one of the report is known, that one stands
            again = [replace(report, address=None) for report in reports if report.row in moved]
            result = store.add_reports(self.db, self._input(InputKind.REPORTS), again)
            accepted |= result.accepted_rows
            rejects = [*(reject for reject in rejects if reject.row not in moved), *result.rejects]
        self._note(InputKind.REPORTS, len(reports), len(rejects))
        return accepted, rejects

    def add_checks(self, checks: Sequence[RecordedCheck]) -> tuple[set[int], list[Reject]]:
        result = store.add_checks(self.db, self._input(InputKind.CHECKS), checks)
        self._note(InputKind.CHECKS, len(checks), len(result.rejects))
        self._count(ImportCounts(waiting=result.waiting))
        return set(result.accepted_rows), list(result.rejects)

    def take_out(self, checks: Sequence[RecordedCheck]) -> None:
        """Rows of the history that a report of another file gave a meaning: from here on they are rows read."""
        accepted, rejects = self.add_checks(checks)
        duplicate = len(checks) - len(accepted) - len(rejects)
        self._rejects.add(rejects)
        read = ImportCounts(len(checks), len(accepted), 0, duplicate, len(rejects), joined=-len(checks))
        self._count(read)

    def count_rows(self, told: Sequence[Told], accepted: set[int], rejects: Iterable[Reject]) -> None:
        refused = {reject.row: reject for reject in reversed(list(rejects)) if reject.row not in accepted}
        self._rejects.add(refused.values())
        duplicate = len(told) - len(accepted) - len(refused)
        self._count(ImportCounts(len(told), len(accepted), 0, duplicate, len(refused)))

    def reject(self, rejects: Sequence[Reject]) -> None:
        self._rejects.add(rejects)
        self._n_unread += len(rejects)
        self._count(ImportCounts(read=len(rejects), rejected=len(rejects)))

    def join(self, n: int) -> None:
        self._count(ImportCounts(joined=n))

    def close(self, *, complete: bool) -> ImportCounts:
        """Put the rejects in place and, where the file was read to its end, finish its inputs."""
        self._rejects.close(complete=complete)
        if complete:
            if not self._inputs:  # a table that only completes others is an input too
                self._input(InputKind.REPORTS)
            for kind, input_id in self._inputs.items():
                read, rejected = self._values.get(kind, (0, 0))
                unread = self._n_unread if kind is next(iter(self._inputs)) else 0
                store.finish_input(self.db, input_id, store.InputCounts(read + unread, rejected + unread))
        written = self._rejects.path
        return replace(self.counts, rejects_files=(written,) if written else ())

    def _input(self, kind: InputKind) -> int:
        if kind not in self._inputs:
            size = self.file.file.bytes_total
            self._inputs[kind] = store.begin_input(self.db, self.sha256, kind, size)
        return self._inputs[kind]

    def _note(self, kind: InputKind, read: int, rejected: int) -> None:
        n_read, n_rejected = self._values.get(kind, (0, 0))
        self._values[kind] = n_read + read, n_rejected + rejected

    def _count(self, more: ImportCounts) -> None:
        self.counts = self.counts.plus(more)
