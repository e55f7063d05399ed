"""`monitor hold`: nothing of it is forgotten until somebody releases it."""

import getpass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

import typer

from monitor import holding
from monitor.clock import now
from monitor.errors import UsageError
from monitor.model.retention import Hold, HoldKind
from monitor.present import aligned
from monitor.session import Session, day, plain, word
from monitor.store.holds import held, list_holds, release_hold

_LIST, _RELEASE = "list", "release"


def hold(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A record, letter, order or provider; or `list`, or `release`.")
    ],
    number: Annotated[int | None, typer.Argument(help="After `release`: the number of the hold.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="record, letter, order or provider, where an id could be several.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Whose record, where several sources have one.")] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day of the hold, such as 2027-06-30. Default: until it is released.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; goes on the audit log. Needed, but for `list`.")] = None,
    by: Annotated[str | None, typer.Option(help="Who does it. Default: the user of this machine.")] = None,
) -> None:
    """Keep a record, letter, order or provider from being forgotten: during a hearing, an objection, an order.

    `hold list` shows every hold; `hold release NUMBER` ends one. A letter that is not closed, and an order or objection
    that is not decided, need none. --json: holds (number, kind, subject, by, why, at, until, released_at, released_by,
    released_why, stands), and of `list` held (why: how many records).
    """
    session: Session = context.obj
    if name == _LIST and kind is None:
        _show(session)
        return
    if not (reason and reason.strip()):
        raise UsageError("A hold needs a reason", "Write --reason TEXT; it goes on the audit log")
    who, why = plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")
    with session.store() as (opened, _):
        if name == _RELEASE and kind is None:
            if number is None:
                raise UsageError("Which hold is released was not said", "Write `monitor hold release NUMBER`")
            done = release_hold(opened, number, by=who, why=why)
        else:
            which = None if kind is None else word(HoldKind, kind, "--kind")
            done = holding.hold(opened, name, which, source, by=who, why=why, until=_until(until))
    said = "released" if done.released_at is not None else f"holds {done.kind.value} {done.subject}"
    session.result({"holds": [_fields(done)]}, f"hold {done.hold_id}: {said}")


def _show(session: Session) -> None:
    with session.store() as (opened, _):
        found, why = list_holds(opened), held(opened, now()).why
    head = ("number", "what", "by", "since", "until", "stands", "why")
    rows = [
        (
            str(each.hold_id),
            f"{each.kind.value} {each.subject}",
            each.by,
            f"{each.at:%Y-%m-%d}",
            f"{each.until - timedelta(days=1):%Y-%m-%d}" if each.until else "",
            "yes" if each.stands(now()) else "no",
            each.why,
        )
        for each in found
    ]
    lines = [f"held: {n} records by {said}" for said, n in why.items()]
    session.result({"holds": [*map(_fields, found)], "held": why}, "\n".join([aligned(head, rows), *lines]))


def _until(text: str | None) -> datetime | None:
    """The first instant after that day, in UTC."""
    if text is None:
        return None
    end = datetime.combine(day(text, "--until") + timedelta(days=1), time(), UTC)
    if end <= now():
        raise UsageError("--until is over already", "Give a day to come, or leave it out")
    return end


def _fields(each: Hold) -> dict[str, Any]:
    return {
        "number": each.hold_id,
        "kind": each.kind.value,
        "subject": each.subject,
        "by": each.by,
        "why": each.why,
        "at": each.at.isoformat(),
        "until": each.until.isoformat() if each.until else None,
        "released_at": each.released_at.isoformat() if each.released_at else None,
        "released_by": each.released_by,
        "released_why": each.released_why,
        "stands": each.stands(now()),
    }
