"""`monitor refdata`: dated reference tables in, from files or from the public ones."""

import dataclasses
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor import pipeline, present
from monitor.attribution import PrefixSummary, age_warnings
from monitor.clock import now
from monitor.commands.groups import Group
from monitor.config import Settings
from monitor.errors import ConfigError, UsageError
from monitor.model.release import ReferenceTableInfo
from monitor.model.words import TableKind
from monitor.session import REJECTED_SOME, Session, date_in_name, day

if TYPE_CHECKING:
    from monitor.attribution.updating import UpdateOutcome

app = typer.Typer(
    cls=Group,
    help="Dated reference tables: prefixes, AS names, proxy ranges.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("import")
def refdata_import(
    context: typer.Context,
    as_of: Annotated[str, typer.Option(help="The day from which the tables hold, YYYY-MM-DD.")],
    prefixes: Annotated[list[Path] | None, typer.Option(help="prefix<TAB>asn and others. Several make one.")] = None,
    as_names: Annotated[list[Path] | None, typer.Option(help="asn,name[,source]. May be given again.")] = None,
    fronting: Annotated[list[Path] | None, typer.Option(help="prefix,name or a MISP list. May be given again.")] = None,
    made_on: Annotated[str | None, typer.Option(help="The day on which the tables were made, if another.")] = None,
) -> None:
    """Import dated reference tables. The newest one that is not younger than an event counts for it."""
    session: Session = context.obj
    valid_from = day(as_of, "--as-of")
    wanted = [(TableKind.PREFIXES, prefixes), (TableKind.AS_NAMES, as_names), (TableKind.FRONTING, fronting)]
    if not any(paths for _, paths in wanted):
        raise UsageError("No table was named", "Give --prefixes, --as-names or --fronting")
    given = [(kind, files) for kind, paths in wanted for files in _tables(kind, paths or [])]
    with session.bar("read tables"):  # all of them, before a store is made or anything is changed
        read = [pipeline.read_reference_table(session.settings(), kind, files) for kind, files in given]
    made = []
    with session.store(create=True) as (opened, _):
        for (kind, files), table in zip(given, read, strict=True):
            named = [found for path in files if (found := date_in_name(path))]
            date_made = day(made_on, "--made-on") if made_on else max([valid_from, *named])
            with session.bar(f"import {kind.value}"):
                made.append(pipeline.keep_reference_table(opened, kind, table, valid_from, date_made))
            if date_made > valid_from:
                session.say(
                    f"monitor: the {kind.value} table was made on {date_made}, later than its date {valid_from}; "
                    "reports will say so"
                )
    session.result(present.imported_tables(made), present.imported_tables_text(made))
    if any(table.rejects for table in made):
        raise typer.Exit(REJECTED_SOME)


@app.command("list")
def refdata_list(context: typer.Context) -> None:
    """The reference tables in the store."""
    session: Session = context.obj
    with session.store() as (opened, settings):
        tables = pipeline.reference_tables(opened)
        summaries = pipeline.prefix_summaries(opened)
        say_age(session, tables, settings)
    fields = [{**dataclasses.asdict(t), **_summary(summaries.get((t.as_of, t.sha256)))} for t in tables]
    session.result({"tables": fields}, present.tables_text(tables, summaries))


@app.command("update")
def refdata_update(
    context: typer.Context,
    if_configured: Annotated[
        bool, typer.Option("--if-configured", help="Where the configuration names no table, do nothing: for timers.")
    ] = False,
) -> None:
    """Fetch the public tables that the configuration names; a broken or shrunken one is refused, the old one kept."""
    session: Session = context.obj
    if not pipeline.has_tables_to_fetch(session.settings()):  # said before a store is made for nothing
        if not if_configured:
            raise ConfigError(
                "The configuration names no table to fetch", "Set [refdata] prefixes, as_names or fronting"
            )
        session.result({"tables": []}, "the configuration names no table to fetch ([refdata]): nothing was done")
        return
    with session.store(create=True) as (opened, settings), session.bar("refdata update"):
        outcomes = pipeline.update_reference_tables(opened, settings)
    session.result(
        {"tables": [_outcome(outcome) for outcome in outcomes]},
        "\n".join(f"{outcome.kind.value}: {outcome.status.value}: {outcome.message}" for outcome in outcomes),
    )
    refused = [outcome.kind.value for outcome in outcomes if outcome.status.value == "refused"]
    if refused:
        session.say(f"monitor: refused: {', '.join(refused)}. What was kept before stays; each reason stands above")
        raise typer.Exit(1)


def say_age(
    session: Session, tables: Sequence[ReferenceTableInfo], settings: Settings, day: date | None = None
) -> None:
    """Say on standard error where the routing table in force (on `day`; None: today) is older than configured."""
    today = now().date()
    before = "at the cut-off " if day is not None and day < today else ""
    for warning in age_warnings(tables, min(day or today, today), settings.refdata.oldest_days):
        session.say(f"monitor: {before}{warning}")


def _tables(kind: TableKind, paths: list[Path]) -> list[list[Path]]:
    """The files of each table: those of prefixes make one (IPv4 and IPv6 come apart), the others one each."""
    if kind is TableKind.PREFIXES:
        return [paths] if paths else []
    return [[path] for path in paths]


def _outcome(outcome: "UpdateOutcome") -> dict[str, object]:
    info = dataclasses.asdict(outcome.info) if outcome.info else {}
    return {"kind": outcome.kind.value, "status": outcome.status.value, "message": outcome.message, **info}


def _summary(summary: PrefixSummary | None) -> dict[str, int]:
    return dataclasses.asdict(summary) if summary else {}
