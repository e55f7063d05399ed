"""`monitor orders record|fact|undo`: an order that no import brought, and what happened to one, written down by hand.

In: numbers, times, who and why. Out: facts with their numbers.
"""

from datetime import datetime
from typing import Annotated

import typer

from monitor import store
from monitor.errors import OrderError, UsageError
from monitor.intake import IntakeProblem
from monitor.intake.values import sealed_text
from monitor.model.order import ObjectionDecision, OfficerFinding, OrderDetails, OrderFact, OrderFactKind
from monitor.model.words import Capacity, NoticeChannel, NoticeStatus
from monitor.session import Session, instant, plain, word

_KINDS = tuple(kind for kind in OrderFactKind if kind is not OrderFactKind.RECORDED)

Number = Annotated[int, typer.Argument(help="Of the order, as `orders list` shows it.")]
By = Annotated[str, typer.Option(help="Who says so.")]
Why = Annotated[str, typer.Option(help="Why, or from what it is known. No URL, no host, no address.")]
Document = Annotated[str | None, typer.Option(help="Reference of the document that it comes from; kept sealed.")]


def record(
    context: typer.Context,
    record_id: Annotated[str, typer.Argument(metavar="RECORD", help="The hotline's reference of the report.")],
    served_at: Annotated[str, typer.Option(help="When it was served: ISO 8601 with an offset.")],
    by: By,
    why: Why,
    source: Annotated[str | None, typer.Option(help="Whose record, where several sources have that id.")] = None,
    deadline_hours: Annotated[
        float | None, typer.Option(help="Hours that it allows, at most 12. Left out: not known.")
    ] = None,
    ref: Annotated[str | None, typer.Option(help="Reference of the order; kept sealed.")] = None,
    party: Annotated[
        str | None, typer.Option(help="The addressee, a name of the registry; kept sealed. Left out: who held it then.")
    ] = None,
    capacity: Annotated[
        str, typer.Option(help="hosting, communication, access, proxy, registrar, site or unknown.")
    ] = "unknown",
    status: Annotated[
        str, typer.Option(help="sent, delivered, bounced, refused, no-contact, failed, unknown.")
    ] = "sent",
    channel: Annotated[str | None, typer.Option(help="email, api, form or post.")] = None,
    sender: Annotated[str | None, typer.Option(help="The authority.")] = None,
    document: Document = None,
) -> None:
    """Write down an order that no import brought."""
    from monitor.orders.recording import NewOrder, record_order  # noqa: PLC0415 (loads what cuts a freeze)

    session: Session = context.obj
    new = NewOrder(
        served_at=_time(served_at, "--served-at"),
        deadline_hours=deadline_hours,
        reference=_sealed(ref, "--ref"),
        sender=None if sender is None else plain(sender, "--sender"),
        party=_sealed(party, "--party"),
        capacity=word(Capacity, capacity, "--capacity"),
        status=word(NoticeStatus, status, "--status"),
        channel=None if channel is None else word(NoticeChannel, channel, "--channel"),
    )
    who, reason, of = plain(by, "--by"), plain(why, "--why"), _sealed(document, "--document")
    with session.store() as (opened, _):
        made = record_order(opened, record_id, source, new, of, by=who, why=reason)
    session.result({"order": made.order_id, "record_id": made.record_id}, f"order {made.order_id}")


def fact(
    context: typer.Context,
    number: Number,
    kind: Annotated[str, typer.Argument(help=f"What happened: {', '.join(_KINDS)}.")],
    at: Annotated[str, typer.Option(help="When it happened: ISO 8601 with an offset.")],
    by: By,
    why: Why,
    document: Document = None,
    finding: Annotated[str | None, typer.Option(help="confirmed: removed, still-there or cannot-tell.")] = None,
    officer: Annotated[str | None, typer.Option(help="confirmed: who looked; kept sealed.")] = None,
    decision: Annotated[
        str | None, typer.Option(help="decided: upheld, partly-upheld, dismissed, inadmissible or withdrawn.")
    ] = None,
    deadline_hours: Annotated[float | None, typer.Option(help="deadline: hours that the order allows.")] = None,
    deadline_at: Annotated[
        str | None, typer.Option(help="resumed: the new deadline, where the decision states one.")
    ] = None,
) -> None:
    """Record what happened to an order: suspended, resumed, withdrawn, an objection, what an officer found."""
    session: Session = context.obj
    chosen = word(OrderFactKind, kind, "KIND")
    if chosen not in _KINDS:
        raise UsageError("'recorded' is what `orders record` writes down by itself", f"Use one of: {', '.join(_KINDS)}")
    details = OrderDetails(
        document=_sealed(document, "--document"),
        deadline_hours=deadline_hours,
        deadline_at=None if deadline_at is None else _time(deadline_at, "--deadline-at"),
        finding=None if finding is None else word(OfficerFinding, finding, "--finding"),
        officer=_sealed(officer, "--officer"),
        decision=None if decision is None else word(ObjectionDecision, decision, "--decision"),
    )
    when, who, reason = _time(at, "--at"), plain(by, "--by"), plain(why, "--why")
    with session.store() as (opened, _):
        made = store.record_order_fact(opened, number, chosen, when, details, by=who, why=reason)
    _show(session, made)


def undo(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Of the fact, as `orders show` shows it.")],
    by: By,
    why: Why,
) -> None:
    """Take a fact back that was wrong; it stays on the log."""
    session: Session = context.obj
    with session.store() as (opened, _):
        undone = store.undo_order_fact(opened, number, by=plain(by, "--by"), why=plain(why, "--why"))
    _show(session, undone)


def _time(text: str, option: str) -> datetime:
    at = instant(text, option)
    if datetime.fromisoformat(text).tzinfo is None:
        raise UsageError(f"{option} is not a time with an offset", "Write it like 2026-03-02T14:05:00+01:00")
    return at


def _sealed(text: str | None, option: str) -> str | None:
    """Text for a sealed column. Raises OrderError for control characters, or more than 500 of any."""
    try:
        return None if text is None else sealed_text(text, option)
    except IntakeProblem:
        raise OrderError(f"{option} cannot be kept as it is", "Write up to 500 printable characters") from None


def _show(session: Session, made: OrderFact) -> None:
    state = f"undone: {made.kind.value}" if made.undone else made.kind.value
    text = f"fact {made.fact_id} of order {made.order_id}: {state}\nFreeze again to see it in figures."
    fields = {"fact": made.fact_id, "order": made.order_id, "kind": made.kind.value, "undone": made.undone}
    session.result(fields, text)
