"""The hearing: what a clerk records of a Letter, held against the rules of `correspondence/hearing_steps.py`.

In: an open store, the number or reference of a Letter, and what happened. Out: the Letter with that step. What would
surprise: rules are checked in the transaction that adds the step, so two clerks at once cannot both close one Letter;
and the texts of a Provider's answer go nowhere but into the register, sealed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from hashlib import sha256

from monitor import pipeline, store
from monitor.clock import now
from monitor.correspondence.hearing_steps import check_step
from monitor.correspondence.officials import names_an_official
from monitor.errors import LetterError, RegistryError
from monitor.model.letter import (
    Answer,
    HearingOutcome,
    HearingRegister,
    Letter,
    LetterEvent,
    LetterStep,
    NamingDecision,
)
from monitor.model.period import Period
from monitor.store import Store
from monitor.store.letter_files import LARGEST_DOCUMENT, keep_document, open_document


@dataclass(frozen=True, slots=True)
class Opened:
    """A reply as it was received, and the Letter that it belongs to."""

    letter: Letter
    sha256: str
    content: bytes


def delivered(db: Store, which: str, *, by: str, at: datetime | None = None, note: str = "") -> Letter:
    """It reached the Provider (`at`, aware; None: now). Raises LetterError."""
    return _step(db, which, LetterStep.DELIVERED, by, at, note)


def returned(db: Store, which: str, *, by: str, note: str, at: datetime | None = None) -> Letter:
    """It did not reach the Provider after all: whatever term ran is void. Raises LetterError."""
    return _step(db, which, LetterStep.RETURNED, by, at, note)


def withdraw(db: Store, which: str, *, by: str, note: str) -> Letter:
    """Take it back before it was answered; it counts for nothing from then on. Raises LetterError."""
    return _step(db, which, LetterStep.WITHDRAWN, by, None, note)


def close(db: Store, which: str, *, by: str, outcome: HearingOutcome, note: str) -> Letter:
    """Close it with what came of it and why. Raises LetterError."""
    letter = store.find_letter(db, which)
    moment = now()
    event = LetterEvent(LetterStep.CLOSED, moment, by, moment, note, outcome=outcome)
    return _record(db, letter, event)


def answer(
    db: Store,
    which: str,
    *,
    by: str,
    given: Answer,
    document: bytes | None = None,
    note: str = "",
    officials: Iterable[str] = (),
) -> Letter:
    """Record what the Provider replied, late or not; `document` is kept sealed beside it. Raises LetterError.

    The quote is published, so it names none of the `officials`, nor whoever recorded a step of the Letter.
    """
    if document is not None and not 0 < len(document) <= LARGEST_DOCUMENT:
        raise LetterError(
            "The document is empty or larger than 100 MB", "Keep it elsewhere and say in --note where it lies"
        )
    letter = store.find_letter(db, which)
    if names_an_official(given.quote, (*officials, by, *(event.by for event in letter.events))):
        raise LetterError(
            "The quote names an official, and it is published", "Say it in other words, and tell the provider so"
        )
    received_at = datetime.combine(given.received_on, time(), UTC)
    if document is not None:
        given = replace(given, document=sha256(document).hexdigest())
    event = LetterEvent(LetterStep.ANSWERED, received_at, by, now(), note, answer=given)

    def keep() -> None:
        if document is not None:
            keep_document(db, letter.letter_id, document)

    return _record(db, letter, event, keep)


def open_reply(db: Store, which: str, digest: str | None, *, by: str, reason: str) -> Opened:
    """A reply as it was received (`digest`: its SHA-256; None: the last one), with a line on the audit log."""
    letter = store.find_letter(db, which)
    kept = [given.document for given in letter.answers if given.document]
    if not kept or (digest is not None and digest not in kept):
        raise LetterError("No such document was kept with this letter", "See `monitor letters show`")
    chosen = kept[-1] if digest is None else digest
    content = open_document(db, letter.letter_id, chosen)
    store.add_audit(db, actor=by, action="letters document", subject=f"letter {letter.letter_id}", reason=reason)
    return Opened(letter, chosen, content)


def decide(db: Store, provider: str, period: Period, *, named: bool, by: str, why: str) -> NamingDecision:
    """Decide that a Provider (id, name or AS number) is not named in the final report, or that it is after all."""
    registry = pipeline.registry(db, now().date())
    found = registry.find(provider)
    if found is None:
        raise RegistryError(
            "No provider has that id, name or AS number, or several have", "See `monitor providers list`"
        )
    if named and registry.providers[found].natural_person:
        raise LetterError("A natural person is never named", "Nothing was changed")
    return store.record_decision(db, found, period.label, named=named, by=by, why=why)


def registers(db: Store, period: Period | None = None) -> tuple[HearingRegister, ...]:
    """The register of one Period, or of each that has one."""
    return store.load_registers(db) if period is None else (store.load_register(db, period.label),)


def today() -> date:
    """The day by which terms are counted (UTC)."""
    return now().date()


def _step(db: Store, which: str, step: LetterStep, by: str, at: datetime | None, note: str) -> Letter:
    letter = store.find_letter(db, which)
    moment = now()
    return _record(db, letter, LetterEvent(step, at or moment, by, moment, note))


def _record(db: Store, letter: Letter, event: LetterEvent, then: Callable[[], None] | None = None) -> Letter:
    """Add a step if the rules allow it; `then` is done in the same transaction, before it is added."""

    def allow(current: Letter) -> None:
        check_step(current, event, now())
        if then is not None:
            then()

    return store.record_step(db, letter.letter_id, event, allow=allow)
