"""What the page of one Provider shows beside its Scorecard, curve and trend.

In: what is shown, once for all pages. Out: by Provider its evidence in words, its answers, its figures under other
norms and the choices that change its judgement. What would surprise: a small part of a whole is not given as a
number, and neither is all but a small part, which would give it away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.model.breakdown import ProviderAnswer, ProviderEvidence
from monitor.model.heard import HeardLetter
from monitor.model.scorecard import Curve, Scorecard
from monitor.model.words import ClassLabel, Doubt
from monitor.publication import drawing
from monitor.publication.formats import Formats
from monitor.publication.sensitivity import ClassChange, choices
from monitor.publication.shown import Shown
from monitor.publication.small_cells import told, told_parts
from monitor.publication.view_norms import NormPart, norm_parts

HOURS = (1, 12, 24, 48, 168, 720)
"""At these the table beside the curve gives its values."""


@dataclass(frozen=True, slots=True)
class AtHour:
    """Shares taken offline so many hours after the notice."""

    hours: float
    share: float | None
    worst: float
    best: float


@dataclass(frozen=True, slots=True)
class NormFigures:
    """The Provider under another norm, or on the clock of orders."""

    norm: NormPart
    card: Scorecard
    bar: drawing.Bar | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """`ProviderEvidence` with its counts as text; `doubts` as (Doubt, count)."""

    facts: ProviderEvidence
    full: str
    by_network: str
    by_as: str
    asns: tuple[tuple[int, str], ...]
    doubts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a Provider replied, by paragraph."""

    facts: ProviderAnswer
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands on one Provider's page beside its own figures; `n_choices` were read."""

    hours: tuple[AtHour, ...]
    evidence: Evidence | None
    answers: tuple[Answer, ...]
    norms: tuple[NormFigures, ...]
    changes: tuple[tuple[str, ClassChange], ...]
    n_choices: int
    letters: tuple[HeardLetter, ...] = ()  # of a final release


@dataclass(frozen=True, slots=True)
class ProviderViews:
    """Everything by Provider, gathered once: there can be hundreds of pages."""

    hours: Mapping[str, tuple[AtHour, ...]]
    evidence: Mapping[str, Evidence]
    answers: Mapping[str, tuple[Answer, ...]]
    norms: Mapping[str, tuple[NormFigures, ...]]
    changes: Mapping[str, tuple[tuple[str, ClassChange], ...]]
    n_choices: int
    letters: tuple[HeardLetter, ...]

    def of(self, provider_id: str) -> Beside:
        return Beside(
            self.hours.get(provider_id, ()),
            self.evidence.get(provider_id),
            self.answers.get(provider_id, ()),
            self.norms.get(provider_id, ()),
            self.changes.get(provider_id, ()),
            self.n_choices,
            tuple(letter for letter in self.letters if letter.provider_id == provider_id),
        )


def provider_views(shown: Shown, formats: Formats) -> ProviderViews:
    letters = shown.hearing.letters if shown.hearing else ()
    read = choices(shown.network.ranking, shown.network.sensitivity)
    changes: dict[str, tuple[tuple[str, ClassChange], ...]] = {}
    for choice in read:
        for change in choice.changes:
            key = change.card.provider_id
            changes[key] = (*changes.get(key, ()), (choice.summary.choice, change))
    fewest = shown.network.ranking.minimums.named
    evidence = {each.provider_id: _evidence(each, fewest, formats) for each in shown.evidence}
    hours = {curve.provider_id: _hours(curve) for curve in shown.network.ranking.curves if curve.provider_id}
    norms = _norms(shown, formats)
    return ProviderViews(hours, evidence, answers_by_provider(shown), norms, changes, len(read), letters)


def answers_by_provider(shown: Shown) -> dict[str, tuple[Answer, ...]]:
    """Oldest first."""
    answers: dict[str, tuple[Answer, ...]] = {}
    for each in sorted(shown.answers, key=lambda answer: (answer.answered_on, answer.text)):
        answers[each.provider_id] = (*answers.get(each.provider_id, ()), Answer(each, paragraphs(each.text)))
    return answers


def paragraphs(text: str) -> tuple[str, ...]:
    """Parts of a text between empty lines."""
    blocks = "\n".join(line.strip() for line in text.splitlines()).split("\n\n")
    return tuple(block.strip() for block in blocks if block.strip())


def parts(counts: Sequence[int], whole: int, fewest: int, formats: Formats) -> tuple[str, ...]:
    """Counts that exclude one another, each as `part`: one more is left out where the small one would be the rest."""
    safe = told_parts(counts, whole, fewest)
    alone = [told(count, whole, fewest) for count in counts]
    hidden = formats.texts.gettext("not told")
    return tuple(
        hidden if shown is None and each is not None else part(count, whole, fewest, formats)
        for count, shown, each in zip(counts, safe, alone, strict=True)
    )


def part(count: int, whole: int, fewest: int, formats: Formats) -> str:
    """`count` of `whole` in words where it, or what is left, is too small to be told."""
    values = {"n": formats.number(fewest)}
    if 0 < count < fewest:
        return formats.texts.gettext("fewer than %(n)s") % values
    if 0 < whole - count < fewest:
        return formats.texts.gettext("all but fewer than %(n)s") % values
    return formats.number(count)


def _hours(curve: Curve) -> tuple[AtHour, ...]:
    shares = drawing.taken(curve)
    return tuple(
        AtHour(hour, shares.share[at] if shares.share else None, shares.worst[at], shares.best[at])
        for at, hour in enumerate(shares.hours)
        if hour in HOURS
    )


def _evidence(each: ProviderEvidence, fewest: int, formats: Formats) -> Evidence:
    whole, doubts = each.n_episodes, dict(each.doubts)
    texts = {code: part(count, whole, fewest, formats) for code, count in each.doubts if count}
    booked = (each.by_network, each.by_as, doubts.get(Doubt.OVERRIDDEN.value, 0))
    by_network, by_as, decided = parts(booked, whole, fewest, formats)
    if Doubt.OVERRIDDEN.value in texts:
        texts[Doubt.OVERRIDDEN.value] = decided
    announced = parts([count for _, count in each.asns], whole, fewest, formats)
    asns = tuple((asn, text) for (asn, _), text in zip(each.asns, announced, strict=True))
    return Evidence(each, part(each.n_full, whole, fewest, formats), by_network, by_as, asns, tuple(texts.items()))


def _bar(norm: NormPart, card: Scorecard) -> drawing.Bar | None:
    """Of orders in the colour of no judgement: whether one was complied with is not for us to say."""
    return drawing.bar(replace(card, class_=ClassLabel.NOT_PROVEN) if norm.is_order else card, norm.norm.target)


def _norms(shown: Shown, formats: Formats) -> dict[str, tuple[NormFigures, ...]]:
    found: dict[str, tuple[NormFigures, ...]] = {}
    for norm in norm_parts(shown, formats):
        for card in norm.part.ranking.scorecards:
            figures = NormFigures(norm, card, _bar(norm, card))
            found[card.provider_id] = (*found.get(card.provider_id, ()), figures)
    return found
