"""The page of letters and answers, which only a final release has.

In: what is shown, with its Hearing. Out: who was written to, what came of it and what may be quoted. What would
surprise: who did not answer is told apart from whose answer is not quoted, and neither says anything of the figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.model.heard import HeardLetter, Hearing
from monitor.model.letter import HearingOutcome
from monitor.model.scorecard import Scorecard
from monitor.publication.formats import Formats
from monitor.publication.hidden import is_unnamed
from monitor.publication.phrases import OUTCOMES, phrase
from monitor.publication.shown import Shown, ShownRanking
from monitor.publication.texts import Texts
from monitor.publication.view_provider import Answer, answers_by_provider


@dataclass(frozen=True, slots=True)
class Quoted:
    """What one Provider answered, as it may be quoted."""

    card: Scorecard
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of Providers that are named; one that was written to twice counts once."""

    written: int
    answered: int
    objected: int
    corrected: int


def hearing_view(shown: Shown, formats: Formats) -> dict[str, object]:
    """Values for `hearing.html`."""
    hearing = shown.hearing or Hearing()
    hosts = (shown.network, *shown.further)  # of reverse proxies their own page says it
    cards = {card.provider_id: card for part in reversed(_parts(shown)) for card in part.ranking.scorecards}
    return {
        "has_page": frozenset(card.provider_id for card in shown.network.ranking.scorecards),
        "hearing": hearing,
        "counts": _counts(hearing.letters),
        "letters": [(cards[letter.provider_id], letter) for letter in hearing.letters],
        "quoted": tuple(_quoted(shown)),
        "criteria": [_criterion(dutch, english, formats.texts) for dutch, english in hearing.criteria],
        "n_unnamed": len({card.provider_id for part in hosts for card in part.ranking.scorecards if is_unnamed(card)}),
    }


def _parts(shown: Shown) -> tuple[ShownRanking, ...]:
    return (shown.network, *((shown.proxies,) if shown.proxies else ()), *shown.further)


def outcome_text(letter: HeardLetter, texts: Texts) -> str:
    """What came of a Letter, in words."""
    if letter.outcome is not None and not _is_contradicted(letter):
        return phrase(texts, OUTCOMES, letter.outcome.value)
    if letter.objected:
        return texts.gettext("the objection is not decided on yet")
    return texts.gettext("the answer was taken note of") if letter.answered_on else texts.gettext("no answer came")


def _is_contradicted(letter: HeardLetter) -> bool:
    """Closed without an answer, of a Letter that has one: a later answer opens it again, so this should not be."""
    return letter.outcome is HearingOutcome.NO_ANSWER and bool(letter.answered_on)


def _counts(letters: tuple[HeardLetter, ...]) -> Counts:
    def providers(chosen: Iterator[HeardLetter]) -> int:
        return len({letter.provider_id for letter in chosen})

    return Counts(
        providers(iter(letters)),
        providers(letter for letter in letters if letter.answered_on),
        providers(letter for letter in letters if letter.objected),
        providers(letter for letter in letters if letter.outcome is HearingOutcome.CORRECTED),
    )


def _quoted(shown: Shown) -> Iterator[Quoted]:
    """In the order of the ranking."""
    answers = answers_by_provider(shown)
    cards = shown.network.ranking.scorecards
    yield from (Quoted(card, answers[card.provider_id]) for card in cards if card.provider_id in answers)


def _criterion(dutch: str, english: str, texts: Texts) -> tuple[str, str]:
    """The sentence and its language: English where it is known."""
    return (english, "en") if texts.language == "en" and english else (dutch, "nl")
