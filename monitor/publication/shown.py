"""What a release may show: small Providers summed into "other", and code letters where names are not allowed.

In: ReleaseInput. Out: `Shown`; everything that writes a byte works from it and never sees the input again. A Provider
below `minimums.named` Episodes loses its name here also where only its undelivered notices would be shown. What would
surprise: a natural person's id and AS numbers go too, for either can name them.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import count

from monitor.model.provider import neutral_id, person_label
from monitor.model.release import MethodInfo, ReleaseInput
from monitor.model.scorecard import Curve, Ranking, Scorecard, TrendPoint
from monitor.model.sensitivity import SensitivityReading, SensitivitySummary
from monitor.model.words import ClassLabel, ReleaseKind
from monitor.publication.sensitivity import summaries

OTHER = "other"
_DECIMALS = 9  # as every figure of a Scorecard
_SUMMED = tuple(
    f.name for f in fields(Scorecard) if f.type is int or f.name in {"exposure_hours_low", "exposure_hours_high"}
)
_AVERAGED = ("within_norm_worst", "within_norm_best", "within_norm_any_end_worst", "within_norm_any_end_best")


@dataclass(frozen=True, slots=True)
class ShownRanking:
    """A Ranking with only those Scorecards, curves, points and readings that are shown; the rest is in `other`."""

    ranking: Ranking
    other: Scorecard | None
    n_other: int
    sensitivity: tuple[SensitivitySummary, ...] = ()  # over every Provider
    sensitivity_others: tuple[tuple[str, int], ...] = ()  # by choice: Episodes of those whose reading is not shown

    @property
    def rows(self) -> tuple[Scorecard, ...]:
        """What the tables hold: everyone shown, then "other"."""
        return (*self.ranking.scorecards, *((self.other,) if self.other else ()))

    @property
    def ranked(self) -> tuple[Scorecard, ...]:
        return tuple(card for card in self.ranking.scorecards if card.rank is not None)

    @property
    def unranked(self) -> tuple[Scorecard, ...]:
        return tuple(card for card in self.ranking.scorecards if card.rank is None)


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that a release shows, and nothing else."""

    kind: ReleaseKind
    named: bool
    network: ShownRanking
    proxies: ShownRanking | None
    method: MethodInfo
    code_version: str
    contact: str
    notices: Mapping[str, str]  # by language: a notice on top of every page, "" for none


def shown(release: ReleaseInput) -> Shown:
    """Fold the small Providers, then put letters for names where the release may not name."""
    network = _fold(release.ranking)
    proxies = _fold(release.proxies) if release.proxies and release.proxies.scorecards else None
    if not release.named:
        letters = _letters((*network.ranking.scorecards, *(proxies.ranking.scorecards if proxies else ())))
        network = _masked(network, letters)
        proxies = _masked(proxies, letters) if proxies else None
    return Shown(
        kind=release.kind,
        named=release.named,
        network=network,
        proxies=proxies,
        method=release.method,
        code_version=release.code_version,
        contact=_clean(release.contact),
        notices={"en": _clean(release.notice_en), "nl": _clean(release.notice_nl)},
    )


def unestimated(point: TrendPoint) -> bool:
    """Whether a freeze was cut before there were estimates: its trend has bounds alone."""
    return point.share is None and point.worst is not None


def code_letter(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, last = divmod(index - 1, 26)
        text = chr(65 + last) + text
    return text


def _fold(ranking: Ranking) -> ShownRanking:
    small = [card for card in ranking.scorecards if card.n_episodes < ranking.minimums.named]
    large = [card for card in ranking.scorecards if card.n_episodes >= ranking.minimums.named]
    kept = tuple(_without_person(replace(card, provider=_clean(card.provider))) for card in large)
    ids = {card.provider_id: new.provider_id for card, new in zip(large, kept, strict=True)}
    counted, others = summaries(ranking), _hidden(ranking.sensitivity, ids)
    ranking = _only(replace(ranking, scorecards=kept), ids)
    return ShownRanking(ranking, _sum(small) if small else None, len(small), counted, others)


def _hidden(readings: Iterable[SensitivityReading], ids: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """Episodes by choice of Providers that are not shown, in the order of the choices."""
    sums: dict[str, int] = {}
    for reading in readings:
        if reading.provider_id not in ids:
            sums[reading.choice] = sums.get(reading.choice, 0) + reading.n_episodes
    return tuple(sums.items())


def _only(ranking: Ranking, new_ids: Mapping[str, str]) -> Ranking:
    """Curves, trend and readings of these Providers, curves and trend of all together, under their new ids.

    Trend points of few Episodes are left out; a reading of few keeps its class and loses its shares.
    """
    ids: dict[str | None, str | None] = {None: None}
    ids.update(new_ids)
    curves: tuple[Curve, ...] = tuple(
        replace(curve, provider_id=ids[curve.provider_id]) for curve in ranking.curves if curve.provider_id in ids
    )
    trend: tuple[TrendPoint, ...] = tuple(
        replace(point, provider_id=ids[point.provider_id])
        for point in ranking.trend
        if point.provider_id in ids and (point.provider_id is None or point.n_episodes >= ranking.minimums.named)
    )
    readings: tuple[SensitivityReading, ...] = tuple(
        replace(_without_shares(reading, ranking.minimums.named), provider_id=new_ids[reading.provider_id])
        for reading in ranking.sensitivity
        if reading.provider_id in new_ids
    )
    return replace(ranking, curves=curves, trend=trend, sensitivity=readings)


def _without_shares(reading: SensitivityReading, fewest: int) -> SensitivityReading:
    if reading.n_episodes >= fewest:
        return reading
    return replace(reading, share=None, low=None, high=None, worst=None, best=None)


def _without_person(card: Scorecard) -> Scorecard:
    """A natural person (who bears the label of their id) under a number that says nothing of who that is."""
    if card.provider != person_label(card.provider_id):
        return card
    return replace(card, provider_id=neutral_id(card.provider_id), asns=())


def _sum(cards: list[Scorecard]) -> Scorecard:
    """One row for all of them: counts and exposure added, bounds weighted by Episodes, everything else not known."""
    n = sum(card.n_episodes for card in cards)
    values: dict[str, object] = {f.name: None for f in fields(Scorecard)}
    values.update({name: round(sum(getattr(card, name) for card in cards), _DECIMALS) for name in _SUMMED})
    for name in _AVERAGED:
        known = [(getattr(card, name), card.n_episodes) for card in cards if card.n_episodes]
        if n and all(share is not None for share, _ in known):
            # Back to whole Episodes: the shares are rounded, and their sum would show it.
            values[name] = round(sum(round(share * weight) for share, weight in known) / n, _DECIMALS)
    names = f"Other ({len(cards)} providers)" if len(cards) > 1 else "Other (1 provider)"
    values.update(provider_id=OTHER, provider=names, asns=(), class_=ClassLabel.TOO_FEW.value, unranked_reason=OTHER)
    return Scorecard(**values)  # type: ignore[arg-type]  # every field by its name, from the lists above


def _letters(cards: Iterable[Scorecard]) -> dict[str, str]:
    letters: dict[str, str] = {}
    free = count()
    for card in cards:
        if card.provider_id not in letters:
            letters[card.provider_id] = code_letter(next(free))
    return letters


def _masked(part: ShownRanking, letters: Mapping[str, str]) -> ShownRanking:
    cards = tuple(
        replace(card, provider_id=letters[card.provider_id], provider=letters[card.provider_id], asns=(), country=None)
        for card in part.ranking.scorecards
    )
    return replace(part, ranking=_only(replace(part.ranking, scorecards=cards), letters))


def _clean(name: str) -> str:
    """A name without control characters, which no HTML or SVG may hold."""
    return "".join(" " if unicodedata.category(char).startswith("C") else char for char in name).strip()
