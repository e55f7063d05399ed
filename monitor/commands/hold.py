"""`monitor hold`: nothing of it is forgotten until somebody releases it.

What would surprise: `hold ID` is `hold place ID`; any first word that is no command here is an id.
"""

import getpass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

import typer

from monitor import holding
from monitor.clock import now
from monitor.commands.groups import Group
from monitor.errors import UsageError
from monitor.model.retention import Hold, HoldKind
from monitor.present import aligned
from monitor.session import Session, day, plain, word
from monitor.store.holds import held, list_holds, release_hold

_PLACE, _KIND = "place", "--kind"


class _HoldGroup(Group):
    """`hold ID` without a command, and also an id that is called like one, where --kind says that it is an id."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (typer keeps click's types to itself)
        kind = any(word.partition("=")[0] == _KIND for word in args)
        if args and args[0] != "--help" and args[0] != _PLACE and (kind or args[0] not in self.commands):
            args = [_PLACE, *args]
        return list(super().parse_args(ctx, args))


app = typer.Typer(
    cls=_HoldGroup,
    help="Keep a record, letter, order or provider from being forgotten: during a hearing, an objection, an order. "
    "`monitor hold ID --reason TEXT` does it. A letter that is not closed, and an order or objection that is not "
    "decided, need no hold.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
By = Annotated[str | None, typer.Option(help="Who does it. Default: the user of this machine.")]


@app.command()
def place(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="A record, letter, order or provider.", show_default=False)],
    kind: Annotated[
        str | None, typer.Option(help="record, letter, order or provider, where an id could be several.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Whose record, where several sources have one.")] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day of the hold, such as 2027-06-30. Default: until it is released.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; goes on the audit log. Needed.")] = None,
    by: By = None,
) -> None:
    """Hold it; `hold ID` is short for this.

    --json: holds (number, kind, subject, by, why, at, until, released_at, released_by, released_why, stands).
    """
    session: Session = context.obj
    who, why = _signed(by, reason)
    with session.store() as (opened, _):
        which = None if kind is None else word(HoldKind, kind, _KIND)
        done = holding.hold(opened, name, which, source, by=who, why=why, until=_until(until))
    _done(session, done, f"holds {done.kind.value} {done.subject}")


@app.command()
def release(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(help="The number of the hold, from `hold list`.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; goes on the audit log. Needed.")] = None,
    by: By = None,
) -> None:
    """End a hold. --json: as of `place`."""
    session: Session = context.obj
    who, why = _signed(by, reason)
    if number is None:
        raise UsageError("Which hold is released was not said", "Write `monitor hold release NUMBER`")
    with session.store() as (opened, _):
        done = release_hold(opened, number, by=who, why=why)
    _done(session, done, "released")


@app.command("list")
def list_(context: typer.Context) -> None:
    """Every hold, and how many records are held by themselves.

    --json: holds, as of `place`, and held (why: how many records).
    """
    session: Session = context.obj
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


def _signed(by: str | None, reason: str | None) -> tuple[str, str]:
    if not (reason and reason.strip()):
        raise UsageError("A hold needs a reason", "Write --reason TEXT; it goes on the audit log")
    return plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")


def _done(session: Session, done: Hold, said: str) -> None:
    session.result({"holds": [_fields(done)]}, f"hold {done.hold_id}: {said}")


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
