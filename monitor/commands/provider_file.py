"""`monitor provider-file`: all that a provider's engineer and counsel need to check its figures, sealed for them."""

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor import provider_files, reconciling
from monitor.errors import UsageError
from monitor.handover.seal import public_keys
from monitor.model.period import Period
from monitor.session import Session, plain


def provider_file(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="Id, name or AS number of the provider.", show_default=False)],
    period: Annotated[
        str | None, typer.Argument(help="The period of a frozen dataset. Default: that of the newest freeze.")
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(help="The receiver's public key (age1...); again for each further receiver. Needed."),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is made; goes on the audit log. Needed.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The sealed file; none may be there yet. Default: in provider-files of the data folder."),
    ] = None,
    period_option: Annotated[str | None, typer.Option("--period", help="The same as the argument PERIOD.")] = None,
    freeze: Annotated[
        str | None, typer.Option(help="First 8 characters of a freeze's digest. Default: the newest.")
    ] = None,
    final: Annotated[bool, typer.Option("--final", help="With the classes of a final release.")] = False,
    by: Annotated[str | None, typer.Option(help="Who makes it. Default: the user of this machine.")] = None,
) -> None:
    """Everything behind one provider's figures, sealed so that it alone can open it.

    URLs, notices, addresses and checks of its own rows, a line each, which add up to its Scorecard; nothing of any
    other provider. An age file with a ZIP in it. --json: path, digest, size, provider_id, period, freeze, the counts
    of rows, checks, addresses, moved_in, changed, missing, figures and figures_off, and keys (their fingerprints).
    """
    session: Session = context.obj
    if not (reason and reason.strip()):
        raise UsageError("A provider's file needs a reason", "Write --reason TEXT; it goes on the audit log")
    keys = public_keys(to or [])
    who, why = plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")
    with session.store() as (opened, settings):
        chosen = _period(session, period, period_option, freeze)
        asked = provider_files.Asked(provider, chosen, freeze, keys, who, why, out, final)
        with session.bar("provider-file") as progress:
            made = provider_files.provider_file(opened, settings, asked, progress)
    for warning in _warnings(made):
        session.say(f"monitor: {warning}")
    session.result(_fields(made), f"{made.sealed.path}\n{_summary(made)}")


def _period(session: Session, argument: str | None, option: str | None, freeze: str | None) -> Period:
    if argument and option:
        raise UsageError("The period was given twice", "Leave --period out")
    text = argument or option
    return Period.parse(text) if text else reconciling.newest_period(session.data_dir, freeze)


def _fields(made: provider_files.Made) -> dict[str, Any]:
    return {
        "path": str(made.sealed.path),
        "digest": made.sealed.sha256,
        "size": made.sealed.size,
        "provider_id": made.head.provider_id,
        "period": made.head.period,
        "freeze": made.head.freeze,
        "keys": [key.fingerprint for key in made.sealed.keys],
        **asdict(made.counts),
    }


def _summary(made: provider_files.Made) -> str:
    n = made.counts
    return (
        f"{n.rows} rows, {n.checks} checks, {n.addresses} addresses, {n.moved_in} moved in; "
        f"{n.figures} figures added up; SHA-256 {made.sealed.sha256}"
    )


def _warnings(made: provider_files.Made) -> list[str]:
    """What whoever sends the file should know first."""
    n, found = made.counts, []
    if n.changed:
        found.append(f"the facts of {n.changed} rows have changed since the freeze; the file says so on each")
    if n.missing:
        found.append(f"{n.missing} rows are no longer in the store; the file shows what was frozen of them, no more")
    if n.figures_off:
        found.append(f"{len(n.figures_off)} figures do not follow from the rows: {', '.join(n.figures_off)}")
    return found
