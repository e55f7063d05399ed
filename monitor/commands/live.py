"""`monitor resolve` and `monitor rdap`: the commands that ask the network, for live sources and under the mandate."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from monitor import asking
from monitor.commands.groups import Group
from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.model.counts import FetchCounts, RegistrationImport
from monitor.model.words import DnsStatus
from monitor.session import REJECTED_SOME, Session
from monitor.store import Store

rdap = typer.Typer(
    cls=Group, help="Registration data: to whom networks are registered.", no_args_is_help=True, rich_markup_mode=None
)
_SILENT = (
    "{silent} of them speak for no address: of a wide allocation only the part around the address that was asked about "
    "counts, and the file does not name it"
)


def resolve(
    context: typer.Context,
    again: Annotated[bool, typer.Option("--all", help="Ask about every host, not only where answers ran out.")] = False,
) -> None:
    """Ask DNS about the hosts of live sources. Needs [mandate] and two [resolvers] servers."""
    session: Session = context.obj
    with session.store() as (opened, settings):
        _warn(session, opened, settings)
        with session.bar("resolve") as progress:
            counts = asking.resolve(opened, settings, again=again, progress=progress)
    others = {word: n for word, n in counts.statuses.items() if word != DnsStatus.ANSWERED.value}
    text = f"hosts with an address {counts.resolved}, without {counts.failed}{_listed(others)}"
    session.result(dataclasses.asdict(counts), text)


@rdap.command("fetch")
def rdap_fetch(
    context: typer.Context,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask at most so many questions.")] = None,
    again: Annotated[bool, typer.Option("--all", help="Ask again what was answered already.")] = False,
) -> None:
    """Ask the registries to whom the addresses of live sources are registered. Can be stopped and started again."""
    session: Session = context.obj
    with session.store() as (opened, settings):
        _warn(session, opened, settings)
        with session.bar("rdap fetch") as progress:
            counts = asking.fetch_registrations(opened, settings, limit=limit, again=again, progress=progress)
    session.result(dataclasses.asdict(counts), _fetched(counts, settings.rdap.retry_hours))


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
                made.append(asking.import_registrations(opened, path))
            except MonitorError as error:
                session.say(f"monitor: {f'file {number}: ' if len(files) > 1 else ''}{error}")
                failures.append(error)
    names = ("read", "accepted", "duplicate", "rejected", "silent")
    counts = {name: sum(getattr(one, name) for one in made) for name in names}
    rejects = [str(one.rejects_file) for one in made if one.rejects_file]
    text = "read {read}: accepted {accepted}, duplicate {duplicate}, rejected {rejected}".format(**counts)
    silent = [_SILENT.format(**counts)] if counts["silent"] else []
    session.result({**counts, "rejects_files": rejects}, "\n".join([text, *silent, *rejects]))
    if failures:
        raise typer.Exit(failures[0].exit_status)
    if counts["rejected"]:
        raise typer.Exit(REJECTED_SOME)


def _warn(session: Session, opened: Store, settings: Settings) -> None:
    for warning in asking.live_warnings(opened, settings):
        session.say(f"monitor: {warning}")


def _fetched(counts: FetchCounts, retry_hours: float) -> str:
    parts = [f"answered {counts.fetched}, not answered {counts.failed}{_listed(counts.reasons)}"]
    if counts.servers_left:
        parts.append(f"registries left for this run: {', '.join(counts.servers_left)}")
    if counts.waiting:
        parts.append(f"{counts.waiting} addresses not asked again before {retry_hours:g} h")
    return "; ".join([*parts, f"left for a later run {counts.left}"])


def _listed(reasons: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{word} {n}' for word, n in reasons.items())})" if reasons else ""
