"""`monitor letters ...`: the register of letters and the hearing, as clerks keep it.

In: the number or reference of a letter, and what happened. Out: where it stands. What would surprise: `--by`, `--why`,
`--note` and the quote of an answer refuse whatever looks like a URL, host, address or e-mail address, because they are
read by others, and the quote is published.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from monitor import hearing, present_letters
from monitor.approving import approve, standing_of_files
from monitor.commands import letters_draft
from monitor.commands.groups import Group
from monitor.disk import to_read
from monitor.errors import LetterError, UsageError
from monitor.model.letter import Answer, HearingOutcome, Letter, LetterStep
from monitor.model.period import Period
from monitor.present_providers import write_private
from monitor.session import Session, day, instant, plain, prose, word
from monitor.store import find_letter
from monitor.store.letter_files import LARGEST_DOCUMENT, letter_folder

LONGEST_QUOTE = 4000
_LANGUAGES = ("nl", "en")

letters_app = typer.Typer(
    cls=Group,
    help="Letters to providers and the hearing: what was sent, when an answer is due, what was answered.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Id = Annotated[str, typer.Argument(help="Number or reference of a letter, from `letters list`.", show_default=False)]
By = Annotated[str, typer.Option(help="Who did it.")]
Note = Annotated[str | None, typer.Option(help="In a few words, such as how it was delivered.")]
NeededNote = Annotated[str, typer.Option(help="Why, in a few words.")]
At = Annotated[str | None, typer.Option(help="When, such as 2026-08-03 or 2026-08-03T10:00:00Z. Default: now.")]
Provider = Annotated[str, typer.Argument(help="Id, name or AS number of a provider.", show_default=False)]
PeriodLabel = Annotated[str, typer.Argument(help="The period of the final report.", show_default=False)]
Why = Annotated[str, typer.Option(help="On what grounds.")]


@letters_app.command("approve")
def approve_(context: typer.Context, letter: Id, by: By) -> None:
    """Approve a letter as its Word documents are now: makes the PDFs anew and puts all beyond change."""
    session: Session = context.obj
    who = plain(by, "--by")
    with session.store() as (opened, _), session.bar("approve"):
        made = approve(opened, letter, by=who)
    for warning in made.warnings:
        session.say(f"monitor: {warning}")
    _say(session, made.letter, {"folder": str(made.folder), "warnings": list(made.warnings)}, str(made.folder))


@letters_app.command()
def delivered(context: typer.Context, letter: Id, by: By, at: At = None, note: Note = None) -> None:
    """It reached the provider: from that day the term runs."""
    session: Session = context.obj
    who, when, said = plain(by, "--by"), instant(at, "--at") if at else None, _note(note)
    with session.store() as (opened, _):
        found = hearing.delivered(opened, letter, by=who, at=when, note=said)
    _say(session, found)


@letters_app.command()
def returned(context: typer.Context, letter: Id, by: By, note: NeededNote, at: At = None) -> None:
    """It did not reach the provider after all: the term that ran is void, and it has to be delivered again."""
    session: Session = context.obj
    who, when, said = plain(by, "--by"), instant(at, "--at") if at else None, prose(note, "--note")
    with session.store() as (opened, _):
        found = hearing.returned(opened, letter, by=who, at=when, note=said)
    _say(session, found)


@letters_app.command()
def answer(
    context: typer.Context,
    letter: Id,
    by: By,
    received: Annotated[str, typer.Option(help="The day on which the answer came, YYYY-MM-DD.")],
    quote: Annotated[
        Path | None, typer.Option(help="Text file with what the provider's page quotes.", show_default=False)
    ] = None,
    quote_text: Annotated[str | None, typer.Option(help="The same as text; without either nothing is quoted.")] = None,
    language: Annotated[str, typer.Option(help="Of the quote: nl or en.")] = "nl",
    objection: Annotated[bool, typer.Option("--objection", help="The provider objects to a figure or fact.")] = False,
    document: Annotated[
        Path | None, typer.Option(help="The reply as it was received; kept sealed.", show_default=False)
    ] = None,
    note: Note = None,
) -> None:
    """Record an answer, also a late one; a closed letter is opened again by it."""
    session: Session = context.obj
    who, on, said = plain(by, "--by"), day(received, "--received"), _note(note)
    if language not in _LANGUAGES:
        raise UsageError("--language does not know that word", f"Use one of: {', '.join(_LANGUAGES)}")
    given = Answer(on, language, _quote(quote, quote_text), objection)
    with session.store() as (opened, settings):
        people, kept = (settings.letters.contact_person, settings.letters.signatory), _bytes_of(document)
        found = hearing.answer(opened, letter, by=who, given=given, document=kept, note=said, officials=people)
    last = found.answers[-1]
    _say(
        session, found, {"document": last.document or None}, f"document kept: {last.document}" if last.document else ""
    )


@letters_app.command()
def close(
    context: typer.Context,
    letter: Id,
    by: By,
    outcome: Annotated[str, typer.Option(help="no-answer, noted, corrected or rejected.")],
    note: NeededNote,
) -> None:
    """Close a letter with what came of it, and why."""
    session: Session = context.obj
    who, what, said = plain(by, "--by"), word(HearingOutcome, outcome, "--outcome"), prose(note, "--note")
    with session.store() as (opened, _):
        found = hearing.close(opened, letter, by=who, outcome=what, note=said)
    _say(session, found)


@letters_app.command()
def withdraw(context: typer.Context, letter: Id, by: By, note: NeededNote) -> None:
    """Take a letter back before it was answered; it counts for nothing from then on."""
    session: Session = context.obj
    who, said = plain(by, "--by"), prose(note, "--note")
    with session.store() as (opened, _):
        found = hearing.withdraw(opened, letter, by=who, note=said)
    _say(session, found)


@letters_app.command()
def withhold(context: typer.Context, provider: Provider, period: PeriodLabel, by: By, why: Why) -> None:
    """Decide that a provider is not named in the final report of a period."""
    _decide(context, provider, period, named=False, by=by, why=why)


@letters_app.command()
def name(context: typer.Context, provider: Provider, period: PeriodLabel, by: By, why: Why) -> None:
    """Take such a decision back: the provider is named, if it was heard."""
    _decide(context, provider, period, named=True, by=by, why=why)


@letters_app.command("list")
def list_(
    context: typer.Context,
    period: Annotated[str | None, typer.Argument(help="Of one period. Default: all.", show_default=False)] = None,
    due: Annotated[bool, typer.Option("--due", help="Only those to which an answer is awaited.")] = False,
    status: Annotated[str | None, typer.Option(help="Only those that stand there, such as delivered.")] = None,
) -> None:
    """Every letter: where it stands, when an answer is due, and what it waits for."""
    session: Session = context.obj
    chosen = Period.parse(period) if period else None
    step = word(LetterStep, status, "--status") if status else None
    with session.store() as (opened, _):
        found = hearing.registers(opened, chosen)
    letters = [
        each
        for register in found
        for each in register.letters
        if (step is None or each.status is step) and (not due or present_letters.is_due(each))
    ]
    decisions = [] if due or step else [decision for register in found for decision in register.decisions]
    today = hearing.today()
    text = present_letters.listed_text(letters, decisions, today)
    session.result(present_letters.listed(found, letters, decisions, today), text)


@letters_app.command()
def show(context: typer.Context, letter: Id) -> None:
    """One letter: what it told, each step with who and when, answers, and whether its files are as they were."""
    session: Session = context.obj
    with session.store() as (opened, _):
        found = find_letter(opened, letter)
        folder = letter_folder(opened.data_dir, found.letter_id)
    files, today = standing_of_files(found, folder), hearing.today()
    session.result(
        present_letters.shown(found, files, str(folder), today),
        present_letters.shown_text(found, files, str(folder), today),
    )


@letters_app.command()
def document(
    context: typer.Context,
    letter: Id,
    out: Annotated[Path, typer.Option(help="The file to write (0600).", show_default=False)],
    by: By,
    reason: Annotated[str, typer.Option(help="Why it is opened; goes on the audit log.")],
    sha256: Annotated[str | None, typer.Option(help="Which one, from `letters show`. Default: the last.")] = None,
) -> None:
    """Open a reply that was kept sealed, as it was received."""
    session: Session = context.obj
    who, why = plain(by, "--by"), plain(reason, "--reason")
    with session.store() as (opened, _):
        found = hearing.open_reply(opened, letter, sha256, by=who, reason=why)
    write_private(out, found.content, force=False)
    session.result({"letter_id": found.letter.letter_id, "sha256": found.sha256, "path": str(out)}, str(out))


def _decide(context: typer.Context, provider: str, period: str, *, named: bool, by: str, why: str) -> None:
    session: Session = context.obj
    who, grounds, chosen = plain(by, "--by"), plain(why, "--why"), Period.parse(period)
    with session.store() as (opened, _):
        made = hearing.decide(opened, provider, chosen, named=named, by=who, why=grounds)
    word_ = "may be named" if named else "is not named"
    fields = {"decision": made.decision_id, "provider_id": made.provider_id, "period": made.period, "named": named}
    session.result(fields, f"decision {made.decision_id}: {made.provider_id} {word_} in {made.period}")


def _say(session: Session, found: Letter, more: dict[str, Any] | None = None, line: str = "") -> None:
    """Where the letter stands now."""
    today = hearing.today()
    text = f"letter {found.letter_id} ({found.reference}): {present_letters.standing(found, today)}"
    session.result(present_letters.letter(found, today) | (more or {}), f"{text}\n{line}" if line else text)


def _note(text: str | None) -> str:
    return prose(text, "--note") if text else ""


def _quote(path: Path | None, text: str | None) -> str:
    """What may be published of the answer; empty where nothing was given."""
    if path is not None and text is not None:
        raise UsageError("--quote and --quote-text say the same", "Give one of them")
    if path is not None:
        content = _bytes_of(path) or b""
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError("--quote is not a text file in UTF-8", "Save it as UTF-8, or give --quote-text") from None
    return "" if text is None else prose(text, "--quote", LONGEST_QUOTE)


def _bytes_of(path: Path | None) -> bytes | None:
    """What the file holds. Raises LetterError without its name, which can be anybody's."""
    if path is None:
        return None
    try:
        with to_read(path) as file:
            return file.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise LetterError(
            f"A file that you gave cannot be read ({error.strerror})", "Check its name and owner"
        ) from None


letters_app.command("draft")(letters_draft.draft)
letters_app.command("templates")(letters_draft.templates)
