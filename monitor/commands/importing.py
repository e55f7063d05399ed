"""`monitor import`: our own formats a file at a time, SCART's files together, or a dry run that writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from monitor import importing, pipeline, present, present_import, previewing
from monitor.errors import MonitorError, UsageError
from monitor.importing import Numbered
from monitor.intake import IntakeProblem
from monitor.intake.scart import is_scart
from monitor.intake.times import TimeReader
from monitor.model.counts import ImportCounts, ImportOptions
from monitor.model.words import Addressees, InputFormat, InputKind
from monitor.session import REJECTED_SOME, Session, word, zone
from monitor.store import Store

_KINDS = {InputFormat.REPORTS: InputKind.REPORTS, InputFormat.CHECKS: InputKind.CHECKS}


def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="CSV, JSONL or Parquet, also .gz and .zst.", show_default=False)],
    format: Annotated[str, typer.Option(help="auto, reports, checks or scart; auto goes by the columns.")] = "auto",  # noqa: A002 (the option's name is fixed)
    source: Annotated[str, typer.Option(help="For rows without a source column.")] = "default",
    timezone: Annotated[
        str | None,
        typer.Option(help="Of times without an offset, such as Europe/Amsterdam. SCART's files need it."),
    ] = None,
    ignore_unknown: Annotated[bool, typer.Option("--ignore-unknown", help="Pass over unknown columns.")] = False,
    exported_at: Annotated[
        str | None,
        typer.Option(
            help="When SCART made the files (in --timezone, or with an offset): what they say is gone by then."
        ),
    ] = None,
    addressees: Annotated[
        str,
        typer.Option(help="Of SCART's messages: named (all are kept), or known (other names: whoever is attributed)."),
    ] = "named",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be imported; nothing at all is written.")
    ] = False,
) -> None:
    """Read reports and recorded checks, SCART's too. A second import of the same file changes nothing."""
    session: Session = context.obj
    wanted = word(InputFormat, format, "--format")
    local = zone(timezone)
    exported = _time(exported_at, local) if exported_at else None
    told = word(Addressees, addressees, "--addressees")
    chosen = ImportOptions(_KINDS.get(wanted), source, local, ignore_unknown, exported, told)
    work = _sorted_out(files, wanted)
    if work.scart and chosen.timezone is None:
        raise UsageError(
            "SCART writes times without a zone, so --timezone is required", "Add --timezone Europe/Amsterdam"
        )
    if dry_run:
        _try(session, work, chosen)
    elif problems := importing.why_nothing(work.scart, work.own, chosen):
        _none_of_them(session, problems)
    else:
        _import(session, work, chosen, len(files))


@dataclass(frozen=True, slots=True)
class _Work:
    """The files of a command by how they are read, each with its place on the command line."""

    scart: tuple[Numbered, ...]
    own: tuple[Numbered, ...]


def _time(text: str, local: ZoneInfo | None) -> datetime:
    try:
        return TimeReader(local).read(text.strip(), "--exported-at")
    except IntakeProblem as problem:
        reason = problem.reason
    raise UsageError("--exported-at cannot be read", reason)


def _sorted_out(files: Sequence[Path], wanted: InputFormat) -> _Work:
    numbered = tuple(enumerate(files, start=1))
    if wanted in _KINDS:
        return _Work((), numbered)
    if wanted is InputFormat.SCART:
        return _Work(numbered, ())
    scart = tuple(one for one in numbered if is_scart(one[1], one[0]))
    return _Work(scart, tuple(one for one in numbered if one not in scart))


def _try(session: Session, work: _Work, options: ImportOptions) -> None:
    with session.bar("dry run") as progress:
        made = previewing.preview(work.scart, work.own, options, progress)
    for said in (*made.failures, *made.warnings):
        session.say(f"monitor: {said}")
    session.result(present_import.trial(made), present_import.trial_text(made))
    if made.exit_status:
        raise typer.Exit(made.exit_status)


def _none_of_them(session: Session, problems: Sequence[MonitorError]) -> None:
    """No file can be read: said before a store is made."""
    for problem in problems:
        session.say(f"monitor: {problem}")
    counts = ImportCounts()
    session.result(present.import_counts(counts, None), present.import_text(counts, None))
    raise typer.Exit(problems[0].exit_status)


def _import(session: Session, work: _Work, options: ImportOptions, n_files: int) -> None:
    counts, failures = ImportCounts(), list[MonitorError]()
    with session.store(create=True) as (opened, _):
        for group in ([work.scart] if work.scart else []) + [(one,) for one in work.own]:
            more, failure = _group(session, opened, group, options, n_files, scart=group is work.scart)
            counts = counts.plus(more)
            if failure is not None:
                session.say(f"monitor: {failure}")
                failures.append(failure)
        rejects = present.rejects_place(counts.rejects_files, opened.data_dir / "rejects")
    for warning in counts.warnings:
        session.say(f"monitor: {warning}")
    if counts.n_unknown_addressees:
        session.say(f"monitor: {present_import.unknown_addressees(counts.n_unknown_addressees, options.addressees)}")
    session.result(present.import_counts(counts, rejects), present.import_text(counts, rejects))
    if failures:
        raise typer.Exit(failures[0].exit_status)
    if counts.rejected:
        raise typer.Exit(REJECTED_SOME)


def _group(
    session: Session, db: Store, group: Sequence[Numbered], options: ImportOptions, n_files: int, *, scart: bool
) -> tuple[ImportCounts, MonitorError | None]:
    """Files that are read together, and what was kept of them before something stopped it."""
    number, path = group[0]
    with session.bar("import scart" if scart else f"import {number}/{n_files}") as progress:
        try:
            if scart:
                return importing.import_scart(db, group, options, progress)
            return pipeline.import_file(db, path, options, number, progress)
        except MonitorError as error:
            return ImportCounts(), error
