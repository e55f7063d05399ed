"""`monitor reconcile`: a provider's own list of received notices held against ours."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from monitor import present_reconcile, reconciling
from monitor.errors import UsageError
from monitor.model.period import Period
from monitor.present_providers import write_private
from monitor.session import REJECTED_SOME, Session, plain, zone

LONGEST_TOLERANCE_HOURS = 168.0


def reconcile(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="Its list (CSV, JSONL, Parquet, also .gz, .zst): notice_ref, url, received_at, resolved_at.",
            show_default=False,
        ),
    ],
    period: Annotated[
        str | None, typer.Argument(help="The period of a frozen dataset. Default: that of the newest freeze.")
    ] = None,
    provider: Annotated[str, typer.Option(help="Whose list it is: the provider's id.")] = "",
    period_option: Annotated[str | None, typer.Option("--period", help="The same as the argument PERIOD.")] = None,
    freeze: Annotated[
        str | None, typer.Option(help="First 8 characters of a freeze's digest. Default: the newest.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="Of times without an offset, such as Europe/Amsterdam.")] = None,
    tolerance: Annotated[
        float, typer.Option(help="Hours between sending and receipt where only the time can tell.")
    ] = 1.0,
    ignore_unknown: Annotated[bool, typer.Option("--ignore-unknown", help="Pass over unknown columns.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the pairs to this file (CSV, 0600); no URL is in it.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that says something else.")] = False,
    by: Annotated[str | None, typer.Option(help="Who compares. Default: the user of this machine.")] = None,
) -> None:
    """Match a provider's own list of received notices with ours, and show its figures under each reading.

    Nothing of the list is stored but its hash and the counts, on the audit log. --json: counts and figures.
    """
    session: Session = context.obj
    if not provider:
        raise UsageError("No provider was given", "Write --provider ID; see `monitor providers list`")
    if not 0 <= tolerance <= LONGEST_TOLERANCE_HOURS:
        raise UsageError("--tolerance is not a number of hours from 0 to 168", "Write it like 1 or 0.5")
    options = reconciling.Options(zone(timezone), ignore_unknown, tolerance)
    who = plain(by or getpass.getuser(), "--by")
    with session.store() as (opened, _):
        chosen = _period(session, period, period_option, freeze)
        with session.bar("reconcile"):
            made = reconciling.reconcile(opened, file, plain(provider, "--provider"), chosen, freeze, options, who)
    if out is not None:
        write_private(out, present_reconcile.pairs_csv(made), force=force)
    session.result(present_reconcile.reconciliation(made), present_reconcile.reconciliation_text(made))
    if made.accepted and not any(each.ours.listed for each in made.clocks):
        session.say("monitor: no notice of ours is on this list; is it the list of that provider and period?")
    if made.rejected:
        session.say("monitor: rejected rows were not matched; correct them and compare again before you conclude")
        raise typer.Exit(REJECTED_SOME)


def _period(session: Session, argument: str | None, option: str | None, freeze: str | None) -> Period:
    if argument and option:
        raise UsageError("The period was given twice", "Leave --period out")
    text = argument or option
    return Period.parse(text) if text else reconciling.newest_period(session.data_dir, freeze)
