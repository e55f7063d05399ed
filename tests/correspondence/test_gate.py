"""The naming gate: nobody is named who did not have its own figures in a letter and the whole term to answer."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitor.correspondence.gate import is_worse, not_corrected, not_heard
from monitor.model.letter import HearingOutcome, HearingRegister, Letter, LetterEvent, LetterStep, Told
from monitor.model.scorecard import Scorecard
from monitor.model.words import ClassLabel

DAY = date(2026, 8, 1)
PERIOD = "2026H1"
FREEZE = "ab" * 32
CLASSES = [label.value for label in ClassLabel]
STEPS = [step for step in LetterStep if step is not LetterStep.DRAFTED]


def card(class_: str = "below", key: str = "as64500") -> Scorecard:
    values: dict[str, Any] = {f.name: None for f in fields(Scorecard)}
    return Scorecard(**(values | {"provider_id": key, "provider": "Alpha Hosting", "class_": class_}))


def event(step: LetterStep, days: int, outcome: HearingOutcome | None = None) -> LetterEvent:
    """So many days after DAY."""
    at = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC) + timedelta(days=days)
    return LetterEvent(step, at, "Jo", at, outcome=outcome)


def letter(*steps: LetterEvent, told: str = "below", number: int = 1, key: str = "as64500") -> Letter:
    """Dated on DAY, to be answered within 30 days, with 28 from delivery."""
    figures = Told(FREEZE, told, 31, 27, 0.4, 0.3, 0.6, 0.3, 0.5, 2)
    events = (event(LetterStep.DRAFTED, 0), *steps)
    reference = f"MIN-2026H1-{number:03d}"
    return Letter(number, reference, key, "Alpha", PERIOD, DAY, DAY + timedelta(30), 28, "all", figures, events)


def delivered(days: int = 1) -> tuple[LetterEvent, ...]:
    return event(LetterStep.APPROVED, 0), event(LetterStep.DELIVERED, days)


def why(*letters: Letter, day: int, class_: str = "below") -> str:
    """What stands in the way on that day after DAY, "" where nothing does."""
    found = not_heard([card(class_)], HearingRegister(PERIOD, letters), DAY + timedelta(days=day))
    return " ".join(each.why for each in found)


def test_without_a_letter_nobody_is_named() -> None:
    """Nor by one to somebody else; the hint says what to do."""
    found = not_heard([card()], HearingRegister(PERIOD, (letter(*delivered(), key="as64501"),)), DAY + timedelta(99))
    assert [(each.provider_id, each.provider, each.why) for each in found] == [
        ("as64500", "Alpha Hosting", "no letter was drafted")
    ]
    assert "letters draft" in found[0].hint


def test_each_place_where_a_letter_can_stand_has_its_own_reason() -> None:
    """Drafted, approved, returned; a letter that was taken back is as none."""
    back = (*delivered(), event(LetterStep.RETURNED, 3))
    assert "was not approved" in why(letter(), day=99)
    assert "was not delivered" in why(letter(event(LetterStep.APPROVED, 0)), day=99)
    assert "came back" in why(letter(*back), day=99)
    assert "no letter was drafted" in why(letter(*delivered(), event(LetterStep.WITHDRAWN, 3)), day=99)
    assert why(letter(*back, event(LetterStep.DELIVERED, 9)), day=99) == ""


def test_the_last_day_of_the_term_belongs_to_the_provider() -> None:
    """The stated day, or 28 days from a late delivery, counts in full; an answer does not shorten it."""
    assert "2026-08-31" in why(letter(*delivered(1)), day=30)
    assert why(letter(*delivered(1)), day=31) == ""
    assert "2026-09-07" in why(letter(*delivered(9)), day=37)
    assert why(letter(*delivered(9)), day=38) == ""
    assert why(letter(*delivered(1), event(LetterStep.ANSWERED, 5)), day=20) != ""


def test_a_new_letter_that_is_under_way_is_not_asked_for_again() -> None:
    """The hint says what is next for it; one that was taken back is as none."""
    first = letter(*delivered(), told="meets")
    hints = [
        not_heard([card()], HearingRegister(PERIOD, (first, *newer)), DAY + timedelta(99))[0].hint
        for newer in (
            (),
            (letter(event(LetterStep.WITHDRAWN, 5), number=2),),
            (letter(number=2),),
            (letter(event(LetterStep.APPROVED, 5), number=2),),
        )
    ]
    assert [("--again" in hint) for hint in hints] == [True, True, False, False]
    assert "MIN-2026H1-002 was not approved" in hints[2] and "MIN-2026H1-002 was not delivered" in hints[3]


def test_a_class_that_is_worse_than_told_needs_a_new_letter() -> None:
    """Too few to judge and not proven say the same; better than told, or none at all, is no surprise to anybody."""
    order = {"meets": 0, "not-proven": 1, "too-few": 1, "below": 2}
    for told in CLASSES:
        for now in CLASSES:
            assert is_worse(now, told) == (order[now] > order[told])
            assert bool(why(letter(*delivered(), told=told), day=99, class_=now)) == is_worse(now, told)
    assert why(letter(*delivered(), told="meets"), day=99, class_="") == ""


def test_the_newest_letter_that_arrived_speaks() -> None:
    """A newer one that is still on its way changes nothing; one that arrived starts a term of its own."""
    old = letter(*delivered(1), told="not-proven")
    assert "told the class not-proven" in why(old, letter(number=2), day=99)
    assert "letter MIN-2026H1-002 runs until" in why(old, letter(*delivered(80), number=2), day=99)
    assert why(old, letter(*delivered(80), number=2), day=109) == ""


def test_a_provider_is_held_to_the_worst_of_its_classes_and_listed_once() -> None:
    """It can stand in several rankings."""
    register = HearingRegister(PERIOD, (letter(*delivered(), told="meets"),))
    found = not_heard([card(""), card("below"), card("meets")], register, DAY + timedelta(99))
    assert [each.provider_id for each in found] == ["as64500"]


def test_a_correction_has_to_be_in_the_dataset_that_is_published() -> None:
    """The dataset that the letter told cannot hold what its answer corrected."""
    closed = letter(*delivered(), event(LetterStep.CLOSED, 40, HearingOutcome.CORRECTED))
    register = HearingRegister(PERIOD, (closed,))
    assert [each.provider_id for each in not_corrected([card()], register, FREEZE)] == ["as64500"]
    assert not_corrected([card()], register, "cd" * 32) == ()
    assert not_corrected([card(key="as64501")], register, FREEZE) == ()


@st.composite
def lives(draw: st.DrawFn) -> Letter:
    """A letter with any steps in any order, also ones that no rule allows."""
    days = draw(st.lists(st.integers(0, 60), max_size=6))
    steps = [event(draw(st.sampled_from(STEPS)), day) for day in sorted(days)]
    return letter(*steps, told=draw(st.sampled_from(CLASSES)), number=draw(st.integers(1, 5)))


@given(st.lists(lives(), max_size=4), st.integers(0, 120), st.sampled_from(CLASSES))
def test_whatever_was_written_down_no_name_passes_without_delivery_and_a_whole_term(letters, day, class_) -> None:
    """Who passes has a letter that is out, of which at least 28 days passed, that told this class or a worse one."""
    today = DAY + timedelta(days=day)
    if not_heard([card(class_)], HearingRegister(PERIOD, tuple(letters)), today):
        return
    arrived = [each for each in letters if each.delivered_on is not None]
    assert any(
        (today - each.delivered_on).days > 28 and today > each.answer_by and not is_worse(class_, each.told.class_)
        for each in arrived
    )
