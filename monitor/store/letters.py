"""The register of Letters: what was written to Providers, what happened to each Letter, who is not to be named.

In: a Letter to be, a step, a decision. Out: Letters with their steps, and the register of a Period. Rows are only ever
added, each with its audit row in the same transaction. What would surprise: whoever adds hands over what has to be
looked at or written in that same transaction (`allow`, `write`): two clerks at once cannot close one Letter twice, and
a Letter whose files could not be written was never there.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, Connection, Select, func, select

from monitor.clock import now
from monitor.errors import LetterError
from monitor.model.letter import HearingRegister, Letter, LetterEvent, LetterStep, NamingDecision, Told
from monitor.store import contexts
from monitor.store.audit import append
from monitor.store.bulk import allocate
from monitor.store.database import Store
from monitor.store.letters_json import event_details, letter_details, read_event, read_letter_details
from monitor.store.sealing import Sealer
from monitor.store.tables import LetterEventRow, LetterRow, NamingDecisionRow, table_of

_LETTERS = table_of(LetterRow)
_EVENTS = table_of(LetterEventRow)
_DECISIONS = table_of(NamingDecisionRow)
Files = tuple[tuple[str, str], ...]
"""(file name, SHA-256) of each file of a Letter."""


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A Letter without number, reference and steps; the fields as in `Letter`. `by`: who drafted it."""

    provider_id: str
    provider: str
    period: str
    dated: date
    answer_by: date
    reply_days: int
    criteria: str
    told: Told
    reference_prefix: str
    by: str


def add_letter(
    store: Store,
    new: NewLetter,
    *,
    write: Callable[[Letter], Files] | None = None,
    allow: Callable[[HearingRegister], None] | None = None,
) -> Letter:
    """Put a drafted Letter on the register, with the next number and its reference, prefix + PERIOD-NNN.

    `write` gets the Letter as it will be and gives the files that it wrote; `allow` gets the register of the Period
    as it stands. Both run within the transaction, may raise, and then nothing was added and the number is free.
    """
    with store.write() as connection:
        letter_id = allocate(connection, _LETTERS, 1).start  # first: whoever drafts at the same time waits here
        if allow is not None:
            allow(_register(connection, store.sealer, new.period))
        moment = now()
        drafted = LetterEvent(LetterStep.DRAFTED, moment, new.by, moment)
        letter = _letter(letter_id, _next_reference(connection, new), new, drafted)
        if write is not None:
            drafted = replace(drafted, files=write(letter))
            letter = replace(letter, events=(drafted,))
        _insert_letter(connection, store.sealer, letter)
        _insert_event(connection, store.sealer, letter, drafted)
    return letter


def record_step(
    store: Store, letter_id: int, event: LetterEvent, *, allow: Callable[[Letter], None] | None = None
) -> Letter:
    """Add a step; the Letter with it. `allow` gets the Letter as it stands, in the same transaction, and may raise.

    Raises LetterError where there is no such Letter.
    """
    with store.write() as connection:
        connection.execute(select(_LETTERS.c.id).where(_LETTERS.c.id == letter_id).with_for_update())
        letter = _one(_read(connection, store.sealer, _LETTERS.c.id == letter_id))
        if allow is not None:
            allow(letter)
        _insert_event(connection, store.sealer, letter, event)
    return replace(letter, events=(*letter.events, event))


def record_decision(store: Store, provider_id: str, period: str, *, named: bool, by: str, why: str) -> NamingDecision:
    """Decide that a Provider is not named in the final report of a Period, or that it is after all.

    `why` is kept in the clear: whoever calls has seen to it that it holds no URL, host or address.
    """
    moment = now()
    with store.write() as connection:
        new = _DECISIONS.insert().values(provider_id=provider_id, period=period, named=named, by=by, why=why, at=moment)
        key = int(connection.execute(new.returning(_DECISIONS.c.id)).scalar_one())
        action = "letters name" if named else "letters withhold"
        append(connection, actor=by, action=action, subject=f"{provider_id} in {period}", reason=why)
    return NamingDecision(key, provider_id, period, named, by, why, moment)


def find_letter(store: Store, letter: int | str) -> Letter:
    """The Letter with this number or reference; case does not count. Raises LetterError where there is none."""
    text = str(letter).strip()
    is_number = text.isascii() and text.isdigit() and len(text) < 19  # it has to fit into 64 bits
    which = _LETTERS.c.id == int(text) if is_number else func.lower(_LETTERS.c.reference) == text.lower()
    with store.read() as connection:
        return _one(_read(connection, store.sealer, which))


def load_register(store: Store, period: str) -> HearingRegister:
    """Every Letter and decision of a Period (its label), oldest first; empty where there is none."""
    with store.read() as connection:
        return _register(connection, store.sealer, period)


def load_registers(store: Store) -> tuple[HearingRegister, ...]:
    """The register of each Period that has one, by label."""
    with store.read() as connection:
        periods = {*connection.scalars(select(_LETTERS.c.period)), *connection.scalars(select(_DECISIONS.c.period))}
        return tuple(_register(connection, store.sealer, period) for period in sorted(periods))


def _register(connection: Connection, sealer: Sealer, period: str) -> HearingRegister:
    c = _DECISIONS.c
    columns = (c.id, c.provider_id, c.period, c.named, c.by, c.why, c.at)
    found = connection.execute(select(*columns).where(c.period == period).order_by(c.id)).all()
    decisions = tuple(NamingDecision(*each) for each in found)
    return HearingRegister(period, tuple(_read(connection, sealer, _LETTERS.c.period == period)), decisions)


def _read(connection: Connection, sealer: Sealer, which: ColumnElement[bool]) -> list[Letter]:
    """The Letters that meet a condition on their table, with their steps."""
    events = _events(connection, sealer, select(_LETTERS.c.id).where(which))
    c = _LETTERS.c
    columns = (c.id, c.reference, c.provider_id, c.period, c.dated, c.answer_by, c.reply_days, c.details)
    letters = []
    for key, reference, provider_id, period, dated, answer_by, days, details in connection.execute(
        select(*columns).where(which).order_by(c.id)
    ):
        provider, criteria, told = read_letter_details(sealer.unseal(details, contexts.LETTER_DETAILS))
        on, by = date.fromisoformat(dated), date.fromisoformat(answer_by)
        letters.append(
            Letter(key, reference, provider_id, provider, period, on, by, days, criteria, told, tuple(events[key]))
        )
    return letters


def _events(connection: Connection, sealer: Sealer, letters: Select[tuple[int]]) -> dict[int, list[LetterEvent]]:
    c = _EVENTS.c
    columns = (c.letter_id, c.step, c.at, c.by, c.recorded_at, c.details)
    found: defaultdict[int, list[LetterEvent]] = defaultdict(list)
    for letter_id, step, at, by, recorded_at, details in connection.execute(
        select(*columns).where(c.letter_id.in_(letters)).order_by(c.id)
    ):
        opened = None if details is None else sealer.unseal(details, contexts.LETTER_EVENT_DETAILS)
        found[letter_id].append(read_event(step, at, by, recorded_at, opened))
    return found


def _one(found: Iterable[Letter]) -> Letter:
    letter = next(iter(found), None)
    if letter is None:
        raise LetterError("No letter has that number or reference", "See `monitor letters list`")
    return letter


def _next_reference(connection: Connection, new: NewLetter) -> str:
    """One more than the Period has; on, where an earlier prefix led to the same text."""
    c = _LETTERS.c
    number = 1 + int(connection.execute(select(func.count()).where(c.period == new.period)).scalar_one())
    while True:
        reference = f"{new.reference_prefix}{new.period}-{number:03d}"
        if connection.execute(select(c.id).where(func.lower(c.reference) == reference.lower())).first() is None:
            return reference
        number += 1


def _letter(letter_id: int, reference: str, new: NewLetter, drafted: LetterEvent) -> Letter:
    return Letter(
        letter_id,
        reference,
        new.provider_id,
        new.provider,
        new.period,
        new.dated,
        new.answer_by,
        new.reply_days,
        new.criteria,
        new.told,
        (drafted,),
    )


def _insert_letter(connection: Connection, sealer: Sealer, letter: Letter) -> None:
    details = letter_details(letter.provider, letter.criteria, letter.told)
    connection.execute(
        _LETTERS.insert().values(
            id=letter.letter_id,
            reference=letter.reference,
            provider_id=letter.provider_id,
            period=letter.period,
            dated=letter.dated.isoformat(),
            answer_by=letter.answer_by.isoformat(),
            reply_days=letter.reply_days,
            details=sealer.seal(details, contexts.LETTER_DETAILS),
        )
    )


def _insert_event(connection: Connection, sealer: Sealer, letter: Letter, event: LetterEvent) -> None:
    """The step and its audit row; what the step says stays sealed."""
    details = event_details(event)
    connection.execute(
        _EVENTS.insert().values(
            letter_id=letter.letter_id,
            step=event.step.value,
            at=event.at,
            by=event.by,
            recorded_at=event.recorded_at,
            details=None if details is None else sealer.seal(details, contexts.LETTER_EVENT_DETAILS),
        )
    )
    outcome = f", {event.outcome.value}" if event.outcome is not None else ""
    append(
        connection,
        actor=event.by,
        action=f"letters {event.step.value}",
        subject=f"letter {letter.letter_id} to {letter.provider_id} about {letter.period}",
        reason=f"at {event.at.isoformat(timespec='minutes')}{outcome}",
    )
