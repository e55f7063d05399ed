"""How far the judgements depend on choices: what the sensitivity page and its tables show.

In: a Ranking with its readings under other choices. Out: how many classes change under each, and which. What would
surprise: the counts are over every Provider, those too small to be shown included; the changes name only those that
the release shows, and the rest of them is a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.model.scorecard import Ranking, Scorecard
from monitor.model.sensitivity import SensitivityReading, SensitivitySummary
from monitor.model.words import ClassLabel

_NO_CLASS = ClassLabel.TOO_FEW.value


@dataclass(frozen=True, slots=True)
class ClassChange:
    """A Provider that is shown, as published and under a choice that gives it another class."""

    card: Scorecard
    reading: SensitivityReading | None  # None: it has no Episode under that choice
    class_: str  # under the choice


@dataclass(frozen=True, slots=True)
class ChoiceRead:
    """One choice: the counts over all, the changes among those shown, and the number of those that are not."""

    summary: SensitivitySummary
    changes: tuple[ClassChange, ...]
    n_hidden: int


def summaries(ranking: Ranking) -> tuple[SensitivitySummary, ...]:
    """Every choice that the Ranking was read under, in its order, over all Providers."""
    published = {card.provider_id: card.class_ for card in ranking.scorecards}
    return tuple(_summary(choice, published, read) for choice, read in _by_choice(ranking).items())


def choices(ranking: Ranking, counted: tuple[SensitivitySummary, ...]) -> tuple[ChoiceRead, ...]:
    """`ranking` as shown, `counted` over all Providers: those judged first, in the order of the ranking."""
    readings = _by_choice(ranking)
    made = []
    for summary in counted:
        read = readings.get(summary.choice, {})
        changes = tuple(change for card in ranking.scorecards if (change := _change(card, read)))
        made.append(ChoiceRead(summary, changes, summary.changed - len(changes)))
    return tuple(made)


def _by_choice(ranking: Ranking) -> dict[str, dict[str, SensitivityReading]]:
    found: dict[str, dict[str, SensitivityReading]] = {}
    for reading in ranking.sensitivity:
        found.setdefault(reading.choice, {})[reading.provider_id] = reading
    return found


def _change(card: Scorecard, read: Mapping[str, SensitivityReading]) -> ClassChange | None:
    reading = read.get(card.provider_id)
    class_ = reading.class_ if reading else _NO_CLASS
    return None if class_ == card.class_ else ClassChange(card, reading, class_)


def _summary(choice: str, published: Mapping[str, str], read: Mapping[str, SensitivityReading]) -> SensitivitySummary:
    """A Provider without Episodes in one of the two readings has no class there."""
    turned = gained = lost = n_classes = 0
    for provider_id in published.keys() | read.keys():
        before = published.get(provider_id, _NO_CLASS)
        after = read[provider_id].class_ if provider_id in read else _NO_CLASS
        n_classes += before != _NO_CLASS or after != _NO_CLASS
        if before != after:
            turned += _NO_CLASS not in (before, after)
            gained += before == _NO_CLASS
            lost += after == _NO_CLASS
    return SensitivitySummary(choice, n_classes, turned + gained + lost, turned, gained, lost)
