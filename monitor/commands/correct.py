"""`monitor correct`: a fact that a hearing showed to be wrong holds differently from now on, with who and why.

In: a record, what holds of it instead, who and why. Out: the correction with its number. What would surprise: a record
is named on the screen that asked for it alone; the reason is published, so it names neither a provider nor a record.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from monitor import store
from monitor.commands.groups import Group
from monitor.errors import UsageError
from monitor.model.fact_correction import FactCorrection
from monitor.model.words import NoticeStatus
from monitor.present import aligned
from monitor.session import Session, instant, plain, word

app = typer.Typer(
    cls=Group,
    help="Correct a notice, or leave a report out, after a hearing; every dataset that is cut afterwards follows. "
    "Whom a record is booked on is corrected in the registry instead: `providers override`, `assign`, `split`.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_AS_NUMBER = re.compile(r"\bASN?\s?\d", re.IGNORECASE)
_WHOLE_TIME = re.compile(r"T\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$")

Record = Annotated[str, typer.Argument(help="The hotline's reference of the report.")]
Source = Annotated[str | None, typer.Option(help="Whose record, where several sources have that id.")]
By = Annotated[str, typer.Option(help="Who decided it.")]
Why = Annotated[str, typer.Option(help="Why. Published as it is written: no provider, no record, no URL, no address.")]
LetterId = Annotated[
    str | None, typer.Option("--letter", help="Number or reference of the letter whose hearing brought it.")
]


@app.command()
def notice(
    context: typer.Context,
    record: Record,
    by: By,
    why: Why,
    source: Source = None,
    ref: Annotated[str | None, typer.Option(help="Which notice of the record, where it has several.")] = None,
    status: Annotated[
        str | None, typer.Option(help="sent, delivered, bounced, refused, no-contact, failed or unknown.")
    ] = None,
    at: Annotated[str | None, typer.Option(help="When it was sent: ISO 8601 with an offset.")] = None,
    letter: LetterId = None,
) -> None:
    """A notice has another delivery status than was stated, or was sent at another time."""
    session: Session = context.obj
    if (status is None) == (at is None):
        raise UsageError("A correction says one thing", "Give either --status or --at")
    if at is not None and not _WHOLE_TIME.search(at):
        raise UsageError("--at is not a time with an offset", "Write it like 2026-03-02T14:05:00+01:00")
    holds = word(NoticeStatus, status, "--status") if status is not None else instant(at or "", "--at")
    who, reason = _said(by, why, (record, ref))
    with session.store() as (opened, _):
        of = _letter_id(opened, letter)
        made = store.correct_notice(opened, record, source, ref, holds, by=who, why=reason, letter_id=of)
    _show(session, made)


@app.command()
def exclude(
    context: typer.Context, record: Record, by: By, why: Why, source: Source = None, letter: LetterId = None
) -> None:
    """A report enters no figure any more, as one that the hotline withdrew."""
    session: Session = context.obj
    who, reason = _said(by, why, (record,))
    with session.store() as (opened, _):
        of = _letter_id(opened, letter)
        made = store.exclude(opened, record, source, by=who, why=reason, letter_id=of)
    _show(session, made)


@app.command()
def undo(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Of the correction, as `correct list` shows it.")],
    by: By,
    why: Annotated[str, typer.Option(help="Why; kept on the log. No URL, no address.")],
) -> None:
    """Take a correction back: what was stated, or an earlier correction, holds again."""
    session: Session = context.obj
    with session.store() as (opened, _):
        undone = store.undo_correction(opened, number, by=plain(by, "--by"), why=plain(why, "--why"))
    _show(session, undone)


@app.command("list")
def list_(context: typer.Context) -> None:
    """Every correction with who and why, the undone ones too."""
    session: Session = context.obj
    with session.store() as (opened, _):
        found = store.list_corrections(opened)
    session.result({"corrections": [fields(each) for each in found]}, _text(found))


def fields(each: FactCorrection) -> dict[str, Any]:
    """One correction as JSON; a notice is told by its kind and the time that was stated, never by its reference."""
    undoing = each.undoing
    return {
        "correction": each.correction_id,
        "kind": each.kind.value,
        "source": each.source,
        "record_id": each.record_id,
        "notices": [{"kind": notice.kind.value, "notified_at": notice.at.isoformat()} for notice in each.notices],
        "status": each.status.value if each.status else None,
        "notified_at": each.notified_at.isoformat() if each.notified_at else None,
        "letter": each.letter_id,
        "by": each.by,
        "why": each.why,
        "at": each.at.isoformat(timespec="seconds"),
        "undone": each.undone,
        "undone_by": undoing.by if undoing else None,
        "undone_why": undoing.why if undoing else None,
        "undone_at": undoing.at.isoformat(timespec="seconds") if undoing else None,
    }


def _said(by: str, why: str, hidden: Sequence[str | None]) -> tuple[str, str]:
    """Who and why, as they may be kept; the reason as it may be published."""
    who, reason = plain(by, "--by"), plain(why, "--why")
    if _AS_NUMBER.search(reason) or any(each and each in reason for each in hidden):
        raise UsageError("--why names a network or the record", "It is published: say what was wrong, and of nobody")
    return who, reason


def _letter_id(opened: store.Store, letter: str | None) -> int | None:
    """Its number, where a reference was given. Raises LetterError where there is no such letter."""
    return None if letter is None else store.find_letter(opened, letter).letter_id


def _show(session: Session, made: FactCorrection) -> None:
    state = "undone" if made.undone else made.holds
    text = f"correction {made.correction_id}: {state}\nFreeze again to see it in figures, then `monitor compare`."
    session.result(fields(made), text)


def _text(found: Sequence[FactCorrection]) -> str:
    if not found:
        return "No fact was corrected."
    rows = [
        [
            str(each.correction_id),
            each.source,
            each.record_id,
            each.holds,
            "" if each.letter_id is None else str(each.letter_id),
            each.by,
            f"{each.at:%Y-%m-%d %H:%M}",
            each.why,
            f"undone by {each.undoing.by}: {each.undoing.why}" if each.undoing else "",
        ]
        for each in found
    ]
    return aligned(["no", "source", "record", "holds now", "letter", "by", "at (UTC)", "why", ""], rows)
