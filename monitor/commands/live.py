"""`monitor resolve` and `monitor rdap`: the commands that ask the network, for live sources and under the mandate."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from monitor import pipeline
from monitor.errors import MonitorError
from monitor.model.counts import RegistrationImport
from monitor.session import REJECTED_SOME, Session

rdap = typer.Typer(help="Registration data: to whom networks are registered.", no_args_is_help=True)


def resolve(
    context: typer.Context,
    again: Annotated[bool, typer.Option("--all", help="Ask about every host, not only where answers ran out.")] = False,
) -> None:
    """Ask DNS about the hosts of live sources. Needs [mandate] and two [resolvers] servers."""
    session: Session = context.obj
    with session.store() as (opened, settings), session.bar("resolve") as progress:
        counts = pipeline.resolve(opened, settings, again=again, progress=progress)
    session.result(dataclasses.asdict(counts), f"hosts with an address {counts.resolved}, without {counts.failed}")


@rdap.command("fetch")
def rdap_fetch(
    context: typer.Context,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask at most so many questions.")] = None,
    again: Annotated[bool, typer.Option("--all", help="Ask again what was answered already.")] = False,
) -> None:
    """Ask the registries to whom the addresses of live sources are registered. Can be stopped and started again."""
    session: Session = context.obj
    with session.store() as (opened, settings), session.bar("rdap fetch") as progress:
        counts = pipeline.fetch_registrations(opened, settings, limit=limit, again=again, progress=progress)
    text = f"answered {counts.fetched}, not answered {counts.failed}, addresses left for a later run {counts.left}"
    session.result(dataclasses.asdict(counts), text)


@rdap.command("import")
def rdap_import(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="RDAP answers as JSON: one, a list, or one a line.")],
) -> None:
    """Take in answers that were recorded elsewhere. A second import of the same file changes nothing."""
    session: Session = context.obj
    made, failures = list[RegistrationImport](), list[MonitorError]()
    with session.store() as (opened, _):
        for number, path in enumerate(files, start=1):
            try:
                made.append(pipeline.import_registrations(opened, path))
            except MonitorError as error:
                session.say(f"monitor: {f'file {number}: ' if len(files) > 1 else ''}{error}")
                failures.append(error)
    counts = {name: sum(getattr(one, name) for one in made) for name in ("read", "accepted", "duplicate", "rejected")}
    rejects = [str(one.rejects_file) for one in made if one.rejects_file]
    text = "read {read}: accepted {accepted}, duplicate {duplicate}, rejected {rejected}".format(**counts)
    session.result({**counts, "rejects_files": rejects}, "\n".join([text, *rejects]))
    if failures:
        raise typer.Exit(failures[0].exit_status)
    if counts["rejected"]:
        raise typer.Exit(REJECTED_SOME)
