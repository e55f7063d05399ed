"""`monitor orders import`: an authority's own register of orders, in bulk."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor import present
from monitor.errors import MonitorError
from monitor.model.counts import ImportCounts
from monitor.session import REJECTED_SOME, Session, plain, zone

if TYPE_CHECKING:
    from monitor.orders.importing import Taken


def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="CSV, JSONL or Parquet, also .gz and .zst.", show_default=False)],
    sender: Annotated[str | None, typer.Option(help="The authority, for rows without a sender.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Of times without an offset, such as Europe/Amsterdam.")] = None,
    ignore_unknown: Annotated[bool, typer.Option("--ignore-unknown", help="Pass over unknown columns.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be taken; nothing at all is written.")
    ] = False,
    by: Annotated[str | None, typer.Option(help="Who records it. Default: the user of this machine.")] = None,
    why: Annotated[str, typer.Option(help="From what it is known. No URL, host or address.")] = "register of orders",
) -> None:
    """Read a register of orders and what happened to each since. A second import changes nothing.

    Columns: reference, served_at, addressee (required), record_id and source or url or host, capacity, deadline_hours,
    reasons_ref, status, channel, sender, suspended_at, resumed_at, new_deadline_at, withdrawn_at, objection_at,
    decided_at, decision, claimed_at, confirmed_at, finding, officer. The reports have to be here already.
    """
    from monitor.orders.importing import RegisterOptions, Taken, import_orders  # noqa: PLC0415 (it loads the freeze)

    session: Session = context.obj
    options = RegisterOptions(
        by=plain(by or getpass.getuser(), "--by"),
        why=plain(why, "--why"),
        sender=None if sender is None else plain(sender, "--sender"),
        timezone=zone(timezone),
        ignore_unknown=ignore_unknown,
        dry_run=dry_run,
    )
    total, failures = Taken(), list[MonitorError]()
    with session.store() as (opened, _):
        for n, path in enumerate(files, start=1):
            with session.bar(f"orders import {n}/{len(files)}") as progress:
                try:
                    made = import_orders(opened, path, options, n, progress)
                except MonitorError as error:
                    made = Taken(failure=error)
            total.counts = total.counts.plus(made.counts)
            total.reasons += made.reasons
            if made.failure is not None:
                session.say(f"monitor: {made.failure}")
                failures.append(made.failure)
        rejects = present.rejects_place(total.counts.rejects_files, opened.data_dir / "rejects")
    session.result(_fields(total, rejects, dry_run), _text(total, rejects, dry_run))
    if failures:
        raise typer.Exit(failures[0].exit_status)
    if total.counts.rejected:
        raise typer.Exit(REJECTED_SOME)


def _fields(taken: "Taken", rejects: Path | None, dry_run: bool) -> dict[str, Any]:
    counts: ImportCounts = taken.counts
    return {
        "dry_run": dry_run,
        "read": counts.read,
        "accepted": counts.accepted,
        "duplicate": counts.duplicate,
        "rejected": counts.rejected,
        "rejects_file": str(rejects) if rejects else None,
        "rejected_by_reason": [
            {"field": field or None, "code": code, "reason": reason, "rows": n}
            for (field, code, reason), n in sorted(taken.reasons.items())
        ],
    }


def _text(taken: "Taken", rejects: Path | None, dry_run: bool) -> str:
    counts = taken.counts
    reasons = [
        f"  {n} x {code}{f' ({field})' if field else ''}: {reason}"
        for (field, code, reason), n in sorted(taken.reasons.items())
    ]
    if dry_run:
        said = f"would take {counts.accepted}, know {counts.duplicate}, reject {counts.rejected}"
        return "\n".join([f"read {counts.read}: {said}", *reasons, "dry run: nothing was written"])
    return "\n".join([present.import_text(counts, rejects), *reasons])
