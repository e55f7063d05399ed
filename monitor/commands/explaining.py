"""`monitor explain` and `monitor doubts`: why a record is booked as it is, and which attributions are not sure."""

import getpass
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from monitor import inquiry, present_explanation
from monitor.attribution.explain_words import DOUBTS, REASONS
from monitor.clock import now
from monitor.errors import UsageError
from monitor.model.explanation import Doubtful, Reveal
from monitor.model.period import Period
from monitor.model.words import Role
from monitor.present import aligned
from monitor.session import Session, instant, plain, word

_ROLES = (Role.NETWORK, Role.AS, Role.CUSTOMER, Role.PROXY)


def explain(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="The hotline's reference of the record.")],
    source: Annotated[str | None, typer.Option(help="Whose record, where several sources have that id.")] = None,
    period: Annotated[str | None, typer.Option(help="Rows as a freeze of this period has them.")] = None,
    cutoff: Annotated[
        str | None, typer.Option(help="Only facts before it count. Default: that of --period, else now.")
    ] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show URL and addresses; goes on the audit log.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why they are shown; needed with --reveal.")] = None,
    by: Annotated[str | None, typer.Option(help="Who asks for them. Default: the user of this machine.")] = None,
) -> None:
    """Why one record is booked as it is, in words.

    The fields of --json are those of `monitor.model.explanation.Explanation`.
    """
    session: Session = context.obj
    asked = _asked(reveal=reveal, reason=reason, by=by)
    chosen = Period.parse(period) if period else None
    until = instant(cutoff, "--cutoff") if cutoff else (chosen.default_cutoff if chosen else now())
    with session.store() as (opened, settings):
        found = inquiry.explain(opened, settings, record, source, until, asked, chosen)
    session.result(present_explanation.explanation(found), present_explanation.explanation_text(found))


def _asked(*, reveal: bool, reason: str | None, by: str | None) -> Reveal | None:
    """Who wants to see what is sealed, and why. Raises UsageError for one without the other."""
    if not reveal:
        if reason or by:
            raise UsageError("--reason and --by go with --reveal", "Add --reveal, or leave them out")
        return None
    if not (reason and reason.strip()):
        raise UsageError("--reveal needs a reason", "Write --reason TEXT; it goes on the audit log")
    return Reveal(plain(by or getpass.getuser(), "--by"), plain(reason, "--reason"))


def doubts(
    context: typer.Context,
    period: Annotated[str, typer.Argument(help="The period of a frozen dataset.")],
    role: Annotated[str, typer.Option(help="network, as, customer or proxy.")] = "network",
    reason: Annotated[str | None, typer.Option(help="Only those with this reason, each with its record.")] = None,
    freeze: Annotated[
        str | None, typer.Option(help="First 8 characters of a freeze's digest. Default: the newest.")
    ] = None,
) -> None:
    """Every attribution with less than full confidence, by reason.

    --json: `doubtful` (rows), `reasons` (word -> rows; a row can have several), `records` (those with --reason, else
    all: record_id, source, clock, status, provider_id, confidence, reasons).
    """
    session: Session = context.obj
    chosen_role = word(Role, role, "--role")
    if chosen_role not in _ROLES:
        raise UsageError("--role has no attributions in that role", f"Use one of: {', '.join(_ROLES)}")
    if reason is not None and reason not in (*DOUBTS, *REASONS):
        raise UsageError("--reason does not know that word", f"Use one of: {', '.join((*DOUBTS, *REASONS))}")
    found = inquiry.doubts(session.data_dir, Period.parse(period), chosen_role, freeze)
    counts = Counter(why for row in found for why in row.reasons)
    chosen = [row for row in found if reason is None or reason in row.reasons]
    ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    fields = {"doubtful": len(found), "reasons": ordered, "records": [asdict(row) for row in chosen]}
    session.result(fields, _text(found, ordered, chosen, reason))


def _text(found: tuple[Doubtful, ...], counts: dict[str, int], chosen: list[Doubtful], reason: str | None) -> str:
    lines = [f"{len(found)} rows whose attribution has less than full confidence; one can have several reasons"]
    if reason is None:
        rows = [[why, str(n), DOUBTS.get(why) or REASONS.get(why, "")] for why, n in counts.items()]
        lines += [aligned(["reason", "rows", "meaning"], rows)] if rows else []
        lines.append("--reason WORD lists the records of one; --json lists them all.")
        return "\n".join(lines)
    lines.append(f"{len(chosen)} of them for {reason}: {DOUBTS.get(reason) or REASONS.get(reason, '')}")
    if chosen:
        cells = [
            [row.source, row.record_id, row.clock, row.status, row.provider_id or "nobody", ", ".join(row.reasons)]
            for row in chosen
        ]
        lines.append(aligned(["source", "record", "clock", "status", "provider", "reasons"], cells))
    return "\n".join(lines)
