"""Which step may follow which in the life of a Letter, and when: the rules of the hearing, as a table.

In: a Letter as it stands, the step to be added and the present moment. Out: nothing, or `LetterError` that says what to
do instead. What would surprise: an answer is taken at any time after delivery, after the term and after the closing
too. It opens a closed Letter again, to be closed with what came of it; the earlier closing stays on the register.
"""

from collections.abc import Callable
from datetime import date, datetime

from monitor.errors import LetterError
from monitor.model.letter import Answer, HearingOutcome, Letter, LetterEvent, LetterStep

_DRAFTED, _APPROVED, _DELIVERED, _RETURNED, _ANSWERED, _CLOSED, _WITHDRAWN = LetterStep

MAY_FOLLOW: dict[LetterStep, frozenset[LetterStep]] = {
    _DRAFTED: frozenset({_APPROVED, _WITHDRAWN}),
    _APPROVED: frozenset({_DELIVERED, _WITHDRAWN}),
    _DELIVERED: frozenset({_RETURNED, _ANSWERED, _CLOSED, _WITHDRAWN}),
    _RETURNED: frozenset({_DELIVERED, _WITHDRAWN}),
    _ANSWERED: frozenset({_ANSWERED, _CLOSED}),
    _CLOSED: frozenset({_ANSWERED}),
    _WITHDRAWN: frozenset(),
}
"""Where a Letter stands -> what may happen to it next."""

_INSTEAD = {
    _DRAFTED: "It waits for its approval: `monitor letters approve`",
    _APPROVED: "It waits for its delivery: `monitor letters delivered`",
    _DELIVERED: "It waits for an answer: `monitor letters answer`, or `close` when the term has passed",
    _RETURNED: "It has to be delivered in another way: `monitor letters delivered`",
    _ANSWERED: "It waits to be closed with what came of the answer: `monitor letters close`",
    _CLOSED: "Only a late answer can be added: `monitor letters answer`",
    _WITHDRAWN: "Nothing can be added; `monitor letters draft` makes a new letter",
}


def check_step(letter: Letter, event: LetterEvent, now: datetime) -> None:
    """Raise LetterError unless `event` may be added to the Letter at `now` (aware)."""
    stands = letter.status
    if event.step not in MAY_FOLLOW[stands]:
        done = {_DRAFTED: "drafted again"}.get(event.step, event.step.value)
        raise LetterError(f"A letter that is {stands.value} cannot be {done}", _INSTEAD[stands])
    if event.at > now:
        raise LetterError("That lies in the future", "Record it when it has happened")
    if (check := _CHECKS.get(event.step)) is not None:
        check(letter, event, now.date())


def is_late(letter: Letter, answer: Answer) -> bool:
    """Whether the answer came after the last day of the term."""
    return letter.due_on is not None and answer.received_on > letter.due_on


def open_objection(letter: Letter) -> bool:
    """Whether an objection came that no closing has decided on yet."""
    is_open = False
    for event in letter.events:
        if event.answer is not None:
            is_open = is_open or event.answer.objection
        elif event.step is _CLOSED:
            is_open = False
    return is_open


def _check_delivery(letter: Letter, event: LetterEvent, today: date) -> None:
    before = letter.events[-1]
    if event.at.date() < before.at.date():
        raise LetterError(
            f"It was {before.step.value} on {before.at.date()}, so it was not delivered before that day",
            "Give the day on which it arrived as --at",
        )
    if event.at.date() < letter.dated:
        raise LetterError(
            f"The letter bears the date {letter.dated}, so it was not delivered before that day",
            "Give the day on which it arrived as --at, or withdraw the letter and draft it with another date",
        )


def _check_return(letter: Letter, event: LetterEvent, today: date) -> None:
    if letter.delivered_on is not None and event.at.date() < letter.delivered_on:
        raise LetterError(
            f"The delivery was recorded for {letter.delivered_on}, so it did not come back before that day",
            "Give the day on which it came back as --at",
        )


def _check_answer(letter: Letter, event: LetterEvent, today: date) -> None:
    if event.answer is None:
        raise LetterError("There is no answer to record", "Give --received and what was answered")
    if letter.delivered_on is None or event.answer.received_on < letter.delivered_on:
        raise LetterError(
            f"The letter was delivered on {letter.delivered_on}, so this is no answer to it",
            "Give the day on which the answer came as --received",
        )
    if event.answer.received_on > today:
        raise LetterError("That day lies in the future", "Give the day on which the answer came as --received")


def _check_closing(letter: Letter, event: LetterEvent, today: date) -> None:
    outcome, due = event.outcome, letter.due_on
    if outcome is None or not event.note:
        raise LetterError("A letter is closed with what came of it", "Give --outcome and --note")
    if outcome is HearingOutcome.NO_ANSWER:
        if letter.answers:
            raise LetterError("It was answered", "Close it as noted, corrected or rejected")
        if due is None or today <= due:
            raise LetterError(f"The provider has until {due} to answer", "Close it when that day has passed")
        return
    if not letter.answers:
        raise LetterError("It was not answered", "Record the answer first, or close it as no-answer after the term")
    objected = any(answer.objection for answer in letter.answers)
    if outcome is HearingOutcome.NOTED and open_objection(letter):
        raise LetterError("The provider objects, and that has to be decided", "Close it as corrected or as rejected")
    if outcome is not HearingOutcome.NOTED and not objected:
        raise LetterError(
            "No answer to it is an objection", "Close it as noted, or record the objection with `letters answer`"
        )


def _check_reason(letter: Letter, event: LetterEvent, today: date) -> None:
    if not event.note:
        raise LetterError("A letter is not withdrawn without a reason", "Give --note")


_CHECKS: dict[LetterStep, Callable[[Letter, LetterEvent, date], None]] = {
    _DELIVERED: _check_delivery,
    _RETURNED: _check_return,
    _ANSWERED: _check_answer,
    _CLOSED: _check_closing,
    _WITHDRAWN: _check_reason,
}
