"""Which step may follow which in the life of a letter, and when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.correspondence.hearing_steps import MAY_FOLLOW, check_step, is_late, open_objection
from monitor.errors import LetterError
from monitor.model.letter import Answer, HearingOutcome, Letter, LetterEvent, LetterStep, Told

TOLD = Told("ab" * 32, "below", 31, 27, 0.48, 0.3, 0.66, 0.44, 0.52, 2)
START = datetime(2026, 8, 1, 12, tzinfo=UTC)
"""Dated and drafted that day; an answer is asked by 29 August, 28 days from delivery."""
FIRST_DAY = START.date()
LIVES = {
    LetterStep.DRAFTED: "",
    LetterStep.APPROVED: "approved",
    LetterStep.DELIVERED: "approved delivered",
    LetterStep.RETURNED: "approved delivered returned",
    LetterStep.ANSWERED: "approved delivered answered",
    LetterStep.CLOSED: "approved delivered answered closed",
    LetterStep.WITHDRAWN: "withdrawn",
}


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def answer(days: float = 10, *, objection: bool = False) -> Answer:
    return Answer(at(days).date(), "nl", "Wij handelen snel.", objection)


def event(step: LetterStep, days: float = 0, **said: Any) -> LetterEvent:
    """A step with all that it needs, on that day."""
    if step is LetterStep.ANSWERED:
        said = {"answer": answer(days), **said}
    if step is LetterStep.CLOSED:
        said = {"outcome": HearingOutcome.NOTED, **said}
    return LetterEvent(step, at(days), "Jo", at(days), **{"note": "because", **said})


def letter(*events: LetterEvent, dated: date = FIRST_DAY) -> Letter:
    first = LetterEvent(LetterStep.DRAFTED, START, "Jo", START)
    return Letter(
        1, "MIN-2026H1-001", "as64500", "Alpha", "2026H1", dated, date(2026, 8, 29), 28, "c", TOLD, (first, *events)
    )


def after(life: str, **said: Any) -> Letter:
    """A letter to which that happened, a day each."""
    return letter(*(event(LetterStep(word), day, **said) for day, word in enumerate(life.split(), start=1)))


@pytest.mark.parametrize("stands", LetterStep)
@pytest.mark.parametrize("step", LetterStep)
def test_only_the_steps_of_the_table_may_follow(stands: LetterStep, step: LetterStep) -> None:
    """From each step to each: what the table holds is taken, all else is refused with what to do instead."""
    found = after(LIVES[stands])
    if step in MAY_FOLLOW[stands]:
        silent = {"outcome": HearingOutcome.NO_ANSWER} if step is LetterStep.CLOSED and not found.answers else {}
        check_step(found, event(step, 10, **silent), at(40))
        return
    with pytest.raises(LetterError, match=f"that is {stands.value} cannot be") as raised:
        check_step(found, event(step, 10), at(40))
    assert raised.value.hint


def test_the_table_is_the_one_that_the_procedure_describes() -> None:
    """Approved before delivered before answered before closed; nothing after withdrawn; answers reopen."""
    words = {stands.value: {step.value for step in steps} for stands, steps in MAY_FOLLOW.items()}
    assert words == {
        "drafted": {"approved", "withdrawn"},
        "approved": {"delivered", "withdrawn"},
        "delivered": {"returned", "answered", "closed", "withdrawn"},
        "returned": {"delivered", "withdrawn"},
        "answered": {"answered", "closed"},
        "closed": {"answered"},
        "withdrawn": set(),
    }


@pytest.mark.parametrize(
    ("life", "step", "now", "why"),
    [
        ("approved", event(LetterStep.DELIVERED, 3), 2.9, "future"),
        ("approved", event(LetterStep.DELIVERED, 0), 9, "approved on 2026-08-02"),
        ("approved delivered returned", event(LetterStep.DELIVERED, 2), 9, "returned on 2026-08-04"),
        ("approved delivered", event(LetterStep.RETURNED, 1), 9, "came back|come back"),
        ("approved delivered", event(LetterStep.RETURNED, 10), 9, "future"),
        ("approved delivered", event(LetterStep.ANSWERED, 1), 9, "delivered on 2026-08-03"),
        ("approved delivered", event(LetterStep.ANSWERED, 5, answer=answer(20)), 9, "future"),
        ("approved delivered", event(LetterStep.ANSWERED, 5, answer=None), 9, "no answer to record"),
        ("approved delivered", event(LetterStep.CLOSED, 9, note=""), 9, "what came of it"),
        ("approved delivered", event(LetterStep.CLOSED, 9, outcome=None), 9, "what came of it"),
        ("approved delivered", event(LetterStep.WITHDRAWN, 9, note=""), 9, "without a reason"),
    ],
)
def test_a_step_at_an_impossible_time_or_without_what_it_needs_is_refused(
    life: str, step: LetterEvent, now: float, why: str
) -> None:
    """In the future, before the step it follows, without answer, outcome or reason."""
    with pytest.raises(LetterError, match=why):
        check_step(after(life), step, at(now))


def test_a_letter_is_not_delivered_before_the_day_it_bears() -> None:
    """Dated ahead, approved before: it arrives on that day at the earliest."""
    found = letter(event(LetterStep.APPROVED, 1), dated=date(2026, 8, 5))
    with pytest.raises(LetterError, match="bears the date 2026-08-05"):
        check_step(found, event(LetterStep.DELIVERED, 2), at(20))
    check_step(found, event(LetterStep.DELIVERED, 4), at(20))


def test_delivery_on_the_day_of_approval_is_possible_whatever_the_hour() -> None:
    """A day alone stands for its first moment, which is before the approval that afternoon."""
    midnight = datetime(2026, 8, 2, tzinfo=UTC)
    found = after("approved")
    assert midnight < found.events[-1].at
    check_step(found, LetterEvent(LetterStep.DELIVERED, midnight, "Jo", at(2)), at(2))


@pytest.mark.parametrize(
    ("answers", "outcome", "days", "why"),
    [
        ((), "no-answer", 29, "until 2026-08-31"),
        ((), "no-answer", 30, "until 2026-08-31"),
        ((), "no-answer", 31, None),
        ((), "noted", 40, "not answered"),
        ((), "rejected", 40, "not answered"),
        ((False,), "no-answer", 40, "It was answered"),
        ((False,), "noted", 12, None),
        ((False,), "corrected", 40, "objection"),
        ((False,), "rejected", 40, "objection"),
        ((True,), "corrected", 12, None),
        ((True,), "rejected", 12, None),
        ((True,), "noted", 12, "decided"),
        ((True, False), "noted", 12, "decided"),
        ((False, True), "corrected", 12, None),
    ],
)
def test_a_letter_is_closed_with_what_fits_its_answers(
    answers: tuple[bool, ...], outcome: str, days: int, why: str | None
) -> None:
    """Delivered on 3 August, so the term ends on the 31st; an objection is decided on, silence is not closed early."""
    given_ = [event(LetterStep.ANSWERED, 10, answer=answer(10, objection=each)) for each in answers]
    found = letter(event(LetterStep.APPROVED, 1), event(LetterStep.DELIVERED, 2), *given_)
    closing = event(LetterStep.CLOSED, days, outcome=HearingOutcome(outcome))
    if why is None:
        check_step(found, closing, at(days))
        return
    with pytest.raises(LetterError, match=why):
        check_step(found, closing, at(days))


def test_a_late_answer_opens_a_closed_letter_again() -> None:
    """It says late, the letter has no outcome any more, and its objection is to be decided on."""
    closed = event(LetterStep.CLOSED, 40, outcome=HearingOutcome.NO_ANSWER)
    found = letter(event(LetterStep.APPROVED, 1), event(LetterStep.DELIVERED, 2), closed)
    assert (found.outcome, open_objection(found)) == (HearingOutcome.NO_ANSWER, False)
    late = event(LetterStep.ANSWERED, 50, answer=answer(50, objection=True))
    check_step(found, late, at(50))
    again = letter(*found.events[1:], late)
    assert (again.status, again.outcome, open_objection(again)) == (LetterStep.ANSWERED, None, True)
    assert is_late(again, late.answer or answer())
    with pytest.raises(LetterError):
        check_step(again, event(LetterStep.CLOSED, 51, outcome=HearingOutcome.NOTED), at(51))
    rejected = event(LetterStep.CLOSED, 51, outcome=HearingOutcome.REJECTED)
    check_step(again, rejected, at(51))
    assert not open_objection(letter(*again.events[1:], rejected))


@pytest.mark.parametrize(("day", "late"), [(date(2026, 8, 31), False), (date(2026, 9, 1), True)])
def test_an_answer_on_the_last_day_is_in_time(day: date, late: bool) -> None:
    """The last day of the term counts in full."""
    found = after("approved delivered")
    assert found.due_on == date(2026, 8, 31)
    assert is_late(found, Answer(day, "nl", "", objection=False)) is late


def test_after_a_return_the_term_runs_from_the_next_delivery() -> None:
    """Without one there is no term, and what was returned is not closed as unanswered."""
    found = after("approved delivered returned")
    assert (found.delivered_on, found.due_on) == (None, None)
    with pytest.raises(LetterError):
        check_step(found, event(LetterStep.CLOSED, 90, outcome=HearingOutcome.NO_ANSWER), at(90))
    again = after("approved delivered returned delivered")
    assert again.due_on == date(2026, 8, 5) + timedelta(days=28)


STEPS = st.builds(
    lambda step, days, objection, outcome: event(
        step,
        days,
        **({"answer": answer(days, objection=objection)} if step is LetterStep.ANSWERED else {}),
        **({"outcome": outcome} if step is LetterStep.CLOSED else {}),
    ),
    st.sampled_from(LetterStep),
    st.floats(0, 80),
    st.booleans(),
    st.sampled_from(HearingOutcome),
)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(STEPS, min_size=4, max_size=25), st.floats(0, 90))
def test_whatever_is_tried_in_whatever_order_the_life_of_a_letter_makes_sense(
    tried: list[LetterEvent], now: float
) -> None:
    """Steps that the rules refuse are left out; what remains was told, heard and decided in that order."""
    found = letter()
    for each in tried:
        try:
            check_step(found, each, at(now))
        except LetterError as error:
            assert error.hint or "future" not in error.message
            continue
        found = letter(*found.events[1:], each)
    steps = [each.step for each in found.events]
    assert all(each.at <= at(max(now, 0)) for each in found.events)
    for number, each in enumerate(found.events):
        before = steps[:number]
        if each.step is LetterStep.DELIVERED:
            assert LetterStep.APPROVED in before
        if each.step is LetterStep.ANSWERED and each.answer is not None:
            stood = letter(*found.events[1:number])
            assert stood.delivered_on is not None and each.answer.received_on >= stood.delivered_on
        if each.step is LetterStep.CLOSED:
            stood = letter(*found.events[1:number])
            assert stood.delivered_on is not None
            if each.outcome is HearingOutcome.NO_ANSWER:
                assert not stood.answers and stood.due_on is not None and stood.due_on < at(now).date()
            elif each.outcome is HearingOutcome.NOTED:
                assert not open_objection(stood)
            else:
                assert any(given_.objection for given_ in stood.answers)
        assert LetterStep.WITHDRAWN not in before
