"""What a briefing advises: where each Provider stands in the hearing, and what has to happen next, by stated rules.

In: the Scorecards that a report shows, the register of the Period, what the registry says, the day. Out: a Case each,
and the advice in order. What would surprise: the advice asks more than the naming gate. An objection that nobody has
decided on, or an answer that nobody has dealt with, does not stop `publish`, but it stops the advice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from monitor.correspondence.gate import is_worse, not_heard
from monitor.correspondence.hearing_steps import open_objection
from monitor.model.briefing import Advice, Advised, Case, Standing
from monitor.model.letter import HearingOutcome, HearingRegister, Letter, LetterStep
from monitor.model.scorecard import Scorecard
from monitor.model.words import ReleaseKind

_NOT_ARRIVED = {
    LetterStep.DRAFTED: Standing.DRAFTED,
    LetterStep.APPROVED: Standing.APPROVED,
    LetterStep.RETURNED: Standing.RETURNED,
}
_NEXT: Mapping[Standing, Advised] = {
    Standing.NO_LETTER: Advised.DRAFT,
    Standing.IMPOSSIBLE: Advised.COMPLETE,
    Standing.NOT_CHOSEN: Advised.DECIDE_NAMING,
    Standing.DRAFTED: Advised.APPROVE,
    Standing.APPROVED: Advised.DELIVER,
    Standing.RETURNED: Advised.DELIVER_AGAIN,
    Standing.WORSE: Advised.WRITE_AGAIN,
    Standing.OBJECTED: Advised.DECIDE_OBJECTIONS,
    Standing.ANSWERED: Advised.CLOSE_ANSWERS,
    Standing.CORRECTED: Advised.FREEZE_AGAIN,
    Standing.RUNNING: Advised.WAIT,
}
"""What each standing asks for; the others ask for nothing."""


def cases(
    cards: Iterable[Scorecard],
    register: HearingRegister,
    today: date,
    freeze: str,
    *,
    persons: Collection[str] = (),
    chosen: Collection[str] = (),
    impossible: Collection[str] = (),
) -> tuple[Case, ...]:
    """In the order of the cards. `persons`, `chosen` (by the criteria for letters) and `impossible` (to write to) are
    ids; `freeze` is the full digest that the cards are of."""
    withheld = register.withheld()
    found = []
    for card in cards:
        key, letters = card.provider_id, _alive(register.letters_to(card.provider_id))
        letter = letters[-1] if letters else None
        if key in persons or key in withheld:
            where = Standing.PERSON if key in persons else Standing.WITHHELD
        elif letter is None:
            where = _unwritten(key, chosen, impossible)
        else:
            where = _NOT_ARRIVED.get(letter.status) or _arrived(card, letters, register, today, freeze)
        found.append(Case(key, card.provider, card.class_, where, letter, letters[:-1]))
    return tuple(found)


def advice(kind: ReleaseKind, found: Sequence[Case], *, norm_is_set: bool) -> tuple[Advice, ...]:
    """What to do, in the order of `Advised`; of a final report the last one says whether to publish it."""
    counts = {what: [case for case in found if _NEXT.get(case.standing) is what] for what in Advised}
    steps = [
        Advice(what, len(mine), _last_day(mine) if what is Advised.WAIT else None)
        for what, mine in counts.items()
        if mine
    ]
    if not norm_is_set:
        steps.insert(0, Advice(Advised.SET_NORM))
    if kind is ReleaseKind.INTERIM:
        return (Advice(Advised.PUBLISH_INTERIM, len(found)), *steps)
    if steps:
        return (*steps, Advice(Advised.HOLD_FINAL, day=_first_day(steps)))
    return (Advice(Advised.PUBLISH_FINAL, sum(case.may_be_named for case in found)),)


def default_kind(register: HearingRegister) -> ReleaseKind:
    """The final report is what a note is about from the first Letter that arrived."""
    arrived = any(letter.delivered_on is not None for letter in register.letters)
    return ReleaseKind.FINAL if arrived else ReleaseKind.INTERIM


def _alive(letters: Iterable[Letter]) -> tuple[Letter, ...]:
    """In the order in which they count: arrived ones by the day of their arrival, those under way after them."""
    kept = [letter for letter in letters if letter.status is not LetterStep.WITHDRAWN]
    return tuple(sorted(kept, key=lambda each: (each.delivered_on or date.max, each.letter_id)))


def _unwritten(key: str, chosen: Collection[str], impossible: Collection[str]) -> Standing:
    if key not in chosen:
        return Standing.NOT_CHOSEN
    return Standing.IMPOSSIBLE if key in impossible else Standing.NO_LETTER


def _arrived(
    card: Scorecard, letters: Sequence[Letter], register: HearingRegister, today: date, freeze: str
) -> Standing:
    letter = letters[-1]
    if any(open_objection(each) for each in letters):
        return Standing.OBJECTED
    if any(each.status is LetterStep.ANSWERED for each in letters):
        return Standing.ANSWERED
    if any(each.outcome is HearingOutcome.CORRECTED and each.told.freeze == freeze for each in letters):
        return Standing.CORRECTED
    if is_worse(card.class_, letter.told.class_):
        return Standing.WORSE
    return Standing.RUNNING if not_heard((card,), register, today) else Standing.HEARD


def _last_day(running: Iterable[Case]) -> date | None:
    days = [case.letter.due_on for case in running if case.letter is not None and case.letter.due_on is not None]
    return max(days, default=None)


def _first_day(steps: Iterable[Advice]) -> date | None:
    """On which the terms that run have all passed; None where none runs, or a new letter starts another one."""
    day = next((each.day for each in steps if each.what is Advised.WAIT), None)
    return None if day is None else day + timedelta(days=1)
