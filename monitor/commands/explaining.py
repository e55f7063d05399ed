"""`monitor explain` and `monitor doubts`: why a record is booked as it is, and which attributions are not sure."""

import getpass
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from monitor import pipeline, present_explanation
from monitor.clock import now
from monitor.errors import UsageError
from monitor.model.explanation import Doubtful, Reveal
from monitor.model.period import Period
from monitor.model.words import Role
from monitor.present import aligned
from monitor.session import Session, instant, plain, word


def explain(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="The hotline's reference of the record.")],
    source: Annotated[str | None, typer.Option(help="Whose record, where several sources have that id.")] = None,
    cutoff: Annotated[str | None, typer.Option(help="Only facts before it count. Default: now.")] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show URL and addresses; goes on the audit log.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why they are shown; needed with --reveal.")] = None,
    by: Annotated[str | None, typer.Option(help="Who asks for them. Default: the user of this machine.")] = None,
) -> None:
    """Why one record is booked as it is, in words."""
    session: Session = context.obj
    if reveal and not (reason and reason.strip()):
        raise UsageError("--reveal needs a reason", "Write --reason TEXT; it goes on the audit log")
    asked = Reveal(plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")) if reveal and reason else None
    until = instant(cutoff, "--cutoff") if cutoff else now()
    with session.store() as (opened, settings):
        found = pipeline.explain(opened, settings, record, source, until, asked)
    session.result(present_explanation.explanation(found), present_explanation.explanation_text(found))


def doubts(
    context: typer.Context,
    period: Annotated[str, typer.Argument(help="The period of a frozen dataset.")],
    role: Annotated[str, typer.Option(help="network, as, customer or proxy.")] = "network",
    reason: Annotated[str | None, typer.Option(help="Only those with this reason, each with its record.")] = None,
    freeze: Annotated[
        str | None, typer.Option(help="First 8 characters of a freeze's digest. Default: the newest.")
    ] = None,
) -> None:
    """Every attribution with less than full confidence, by reason."""
    session: Session = context.obj
    found = pipeline.doubts(session.data_dir, Period.parse(period), word(Role, role, "--role"), freeze)
    counts = Counter(why for row in found for why in row.reasons)
    chosen = [row for row in found if reason is None or reason in row.reasons]
    ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    fields = {"doubtful": len(found), "reasons": ordered, "records": [asdict(row) for row in chosen]}
    session.result(fields, _text(found, ordered, chosen if reason else []))


def _text(found: tuple[Doubtful, ...], counts: dict[str, int], chosen: list[Doubtful]) -> str:
    lines = [f"{len(found)} attributions with less than full confidence"]
    lines.append(aligned(["reason", "rows"], [[why, str(n)] for why, n in counts.items()]))
    if chosen:
        rows = [
            [row.source, row.record_id, row.clock, row.status, row.provider_id or "nobody", ", ".join(row.reasons)]
            for row in chosen
        ]
        lines += ["", aligned(["source", "record", "clock", "status", "provider", "reasons"], rows)]
    else:
        lines.append("--reason WORD lists the records of one; --json lists them all.")
    return "\n".join(lines)
