"""The naming gate: nobody is named in a final report before they were told their figures and could answer.

In: the Scorecards that would be shown with a name, the register of the Period, the day. Out: those who cannot be named
yet, each with why and what to do; empty: all may be. What would surprise: an answer does not end the term, for a second
one may follow; and a Letter that told a better class than the final ranking gives counts for nothing.
"""

from collections.abc import Iterable
from datetime import date

from monitor.model.letter import HearingOutcome, HearingRegister, Letter, LetterStep, NotHeard
from monitor.model.scorecard import Scorecard
from monitor.model.words import ClassLabel

_SEVERITY = {
    ClassLabel.MEETS.value: 0,
    ClassLabel.NOT_PROVEN.value: 1,
    ClassLabel.TOO_FEW.value: 1,
    ClassLabel.BELOW.value: 2,
}
"""How much a class says against a Provider. `not-proven` and `too-few` draw no conclusion: neither is the worse."""


def not_heard(to_be_named: Iterable[Scorecard], register: HearingRegister, today: date) -> tuple[NotHeard, ...]:
    """Those of the Scorecards whose Provider cannot be named on that day (UTC), in their order, each Provider once.

    A Provider with several Scorecards (two norms) is held to the worst of their classes. The class counts of the norm
    that Letters tell alone; pass no Scorecard of another norm unless its class is blank.
    """
    worst: dict[str, Scorecard] = {}
    for card in to_be_named:
        known = worst.get(card.provider_id)
        if known is None or _severity(card.class_) > _severity(known.class_):
            worst[card.provider_id] = card
    found = (_why_not(card, register.letters_to(card.provider_id), today) for card in worst.values())
    return tuple(each for each in found if each is not None)


def not_corrected(to_be_named: Iterable[Scorecard], register: HearingRegister, freeze: str) -> tuple[NotHeard, ...]:
    """Those whose objection led to a correction that the dataset to be published (its digest) does not hold.

    It cannot where it is the very one that the Letter told.
    """
    found = []
    for key, name in {card.provider_id: card.provider for card in to_be_named}.items():
        for letter in register.letters_to(key):
            if letter.outcome is HearingOutcome.CORRECTED and letter.told.freeze == freeze:
                why = f"letter {letter.reference} led to a correction, and these are the figures from before it"
                found.append(NotHeard(key, name, why, "Freeze again, or name the newer dataset with --freeze"))
    return tuple(found)


def is_worse(class_: str, told: str) -> bool:
    """Whether a class says more against a Provider than the one that its Letter told."""
    return _severity(class_) > _severity(told)


def _severity(class_: str) -> int:
    """Of no class (reverse proxies bear none): nothing."""
    return _SEVERITY.get(class_, 0)


def _why_not(card: Scorecard, letters: tuple[Letter, ...], today: date) -> NotHeard | None:
    """The newest Letter that arrived speaks; one that is only drafted or was withdrawn changes nothing."""
    arrived = [letter for letter in letters if letter.delivered_on is not None]
    if not arrived:
        why, hint = _nothing_arrived(letters)
        return NotHeard(card.provider_id, card.provider, why, hint)
    letter = max(arrived, key=lambda each: (each.delivered_on, each.letter_id))
    if is_worse(card.class_, letter.told.class_):
        why = f"letter {letter.reference} told the class {letter.told.class_}; it is {card.class_} now"
        return NotHeard(card.provider_id, card.provider, why, _new_letter(letters, letter))
    if letter.due_on is None or letter.due_on >= today:
        why = f"the term of letter {letter.reference} runs until {letter.due_on}"
        return NotHeard(card.provider_id, card.provider, why, f"Publish after {letter.due_on}")
    return None


def _new_letter(letters: tuple[Letter, ...], told: Letter) -> str:
    """What to do about a class that got worse: a newer Letter may be under way already."""
    newer = tuple(each for each in letters if each.letter_id > told.letter_id and each.delivered_on is None)
    if all(letter.status is LetterStep.WITHDRAWN for letter in newer):
        return f"Draft a new letter: `monitor letters draft {told.period} --again --provider {told.provider_id}`"
    why, hint = _nothing_arrived(newer)
    return f"A new letter has to reach it: {why}. {hint}"


def _nothing_arrived(letters: tuple[Letter, ...]) -> tuple[str, str]:
    """What is next for the newest Letter that was not taken back."""
    alive = [letter for letter in letters if letter.status is not LetterStep.WITHDRAWN]
    if not alive:
        return "no letter was drafted", "Draft one with `monitor letters draft`, or decide `monitor letters withhold`"
    letter = alive[-1]
    if letter.status is LetterStep.RETURNED:
        return f"letter {letter.reference} came back", "Deliver it in another way, then `monitor letters delivered`"
    if letter.status is LetterStep.APPROVED:
        return f"letter {letter.reference} was not delivered yet", "When it is, write `monitor letters delivered`"
    return (
        f"letter {letter.reference} was not approved yet",
        "Have it approved, then deliver it",
    )
