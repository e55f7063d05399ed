"""What a release may show: small Providers summed into "other", and code letters where names are not allowed.

In: ReleaseInput. Out: `Shown`; everything that writes a byte works from it and never sees the input again. A Provider
below `minimums.named` Episodes loses its name here also where only its undelivered notices would be shown; who else
goes into "other" is the rule of `small_cells`. What would surprise: of whom a release that names does not name (natural
persons, and `unnamed`) the id and AS numbers go too; of `unnamed` also what an earlier report, which may have named
them, already showed.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, fields, replace
from itertools import count
from typing import Any

from monitor.model.breakdown import CorrectedFacts, GroupFigures, ProviderAnswer, ProviderEvidence
from monitor.model.heard import Hearing
from monitor.model.release import Correction, MethodInfo, ReleaseInput
from monitor.model.scorecard import Curve, Ranking, Scorecard, TrendPoint
from monitor.model.sensitivity import SensitivityReading, SensitivitySummary
from monitor.model.words import ClassLabel, ReleaseKind
from monitor.publication import small_cells
from monitor.publication.corrected_facts import shown_corrections
from monitor.publication.hidden import hidden_numbers, without_name
from monitor.publication.sensitivity import summaries

OTHER = "other"
FOLDED = small_cells.FOLDED
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
    withheld: bool = False  # the outcomes of `other`, and every sum over all Providers from which they would follow

    @property
    def rows(self) -> tuple[Scorecard, ...]:
        """What the tables hold: everyone shown, then "other"."""
        return (*self.ranking.scorecards, *((self.other,) if self.other else ()))

    @property
    def summed(self) -> tuple[Scorecard, ...]:
        """The rows over which outcomes may be added up."""
        return self.ranking.scorecards if self.withheld else self.rows

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
    further: tuple[ShownRanking, ...] = ()  # the other norms, orders among them
    groups: tuple[GroupFigures, ...] = ()
    evidence: tuple[ProviderEvidence, ...] = ()  # of Providers that are shown
    hearing: Hearing | None = None  # of a final release: Letters to those who are named here
    answers: tuple[ProviderAnswer, ...] = ()
    corrected: tuple[CorrectedFacts, ...] = ()  # a reason that may not be shown is ""
    correction: Correction | None = None
    licence: str = ""  # "" where none is stated


def shown(release: ReleaseInput) -> Shown:
    """Fold the small Providers, then put letters for names where the release may not name."""
    numbers = hidden_numbers(release)
    network = _fold(release.ranking, numbers)
    proxies = _unjudged(_fold(release.proxies, numbers)) if release.proxies and release.proxies.scorecards else None
    further = tuple(_fold(ranking, numbers) for ranking in release.further)
    ids = {card.provider_id: numbers.get(card.provider_id, card.provider_id) for card in release.ranking.scorecards}
    if not release.named:
        parts = (network, *((proxies,) if proxies else ()), *further)
        letters = _letters(card for part in parts for card in part.ranking.scorecards)
        ids = {key: letters[new] for key, new in ids.items() if new in letters}
        network = _masked(network, letters)
        proxies = _masked(proxies, letters) if proxies else None
        further = tuple(_masked(part, letters) for part in further)
    seen = {card.provider_id for card in network.ranking.scorecards}
    return Shown(
        further=further,
        groups=_groups(release, network),
        evidence=tuple(_evidence(release, ids, seen)),
        hearing=_hearing(release, (network, *((proxies,) if proxies else ()), *further)),
        answers=tuple(_answers(release, ids, seen)),
        corrected=shown_corrections(release),
        correction=release.correction,
        kind=release.kind,
        named=release.named,
        network=network,
        proxies=proxies,
        method=release.method,
        code_version=release.code_version,
        contact=_clean(release.contact),
        licence=_clean(release.licence),
        notices={"en": _clean(release.notice_en), "nl": _clean(release.notice_nl)},
    )


def _groups(release: ReleaseInput, network: ShownRanking) -> tuple[GroupFigures, ...]:
    """None where sums over all Providers are withheld: all groups of a dimension are one."""
    if network.withheld:
        return ()
    # Of `unnamed` the country is hidden as well: it must not be what is left of a country's row.
    hidden_ids = small_cells.of_ranking(release.ranking).hidden | release.unnamed
    hidden = [card for card in release.ranking.scorecards if card.provider_id in hidden_ids]
    return small_cells.safe_groups(release.groups, hidden, release.ranking.minimums)


def _evidence(release: ReleaseInput, ids: Mapping[str, str], seen: Set[str]) -> Iterator[ProviderEvidence]:
    """Of Providers that are shown, under their new ids; the AS numbers, which name, only with the names."""
    numbers = hidden_numbers(release)
    of_hidden = {asn for card in release.ranking.scorecards if card.provider_id in numbers for asn in card.asns}
    for each in release.evidence:
        if (key := ids.get(each.provider_id)) in seen and key is not None:
            known = release.named and key == each.provider_id  # another id: never named
            asns = tuple((asn, n) for asn, n in each.asns if asn not in of_hidden) if known else ()
            yield replace(each, provider_id=key, asns=asns)


def _answers(release: ReleaseInput, ids: Mapping[str, str], seen: Set[str]) -> Iterator[ProviderAnswer]:
    """Where Providers are named: who wrote an answer can be told from its words."""
    for each in release.answers if release.named else ():
        if ids.get(each.provider_id) == each.provider_id and each.provider_id in seen:
            yield replace(each, text="\n".join(map(_clean, each.text.splitlines())))


def _hearing(release: ReleaseInput, parts: Iterable[ShownRanking]) -> Hearing | None:
    """Letters to those who are named; how many others there are is all that is said of them."""
    if release.hearing is None or not release.named:
        return None
    letters = release.hearing.letters
    named = {card.provider_id for part in parts for card in part.ranking.scorecards}  # numbers stand in no letter
    listed = tuple(replace(each, reference=_clean(each.reference)) for each in letters if each.provider_id in named)
    n_unlisted = len({each.provider_id for each in letters} - named)
    return replace(release.hearing, letters=listed, n_unlisted=n_unlisted)


def unestimated(point: TrendPoint) -> bool:
    """Whether a freeze was cut before there were estimates: its trend has bounds alone."""
    return point.share is None and point.worst is not None


_NO_LETTERS = frozenset({"AS", "ASN", "NA", "NAN", "AUX", "CON", "NUL", "PRN"})
"""Not given: beside a figure they read as an AS number, in R and pandas as missing, and Windows makes no such file."""


def code_letter(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, last = divmod(index - 1, 26)
        text = chr(65 + last) + text
    return text


def _fold(ranking: Ranking, numbers: Mapping[str, str]) -> ShownRanking:
    now = small_cells.of_ranking(ranking)
    small = [card for card in ranking.scorecards if card.provider_id in now.hidden]
    large = [card for card in ranking.scorecards if card.provider_id not in now.hidden]
    cards = small_cells.safe_change(large, ranking)
    kept = tuple(without_name(replace(card, provider=_clean(card.provider)), numbers) for card in cards)
    ids = {card.provider_id: new.provider_id for card, new in zip(large, kept, strict=True)}
    counted, others = summaries(ranking), _hidden(ranking.sensitivity, ids)
    curves = ranking.curves if now.safe else tuple(curve for curve in ranking.curves if curve.provider_id is not None)
    unnamed = {key for key, number in numbers.items() if number.startswith("N")}
    trend = tuple(
        point
        for point in small_cells.safe_trend(ranking, now)
        if point.provider_id not in unnamed or point.period == ranking.period.label
    )
    shown_alone = _only(replace(ranking, scorecards=kept, curves=curves, trend=trend), ids)
    return ShownRanking(shown_alone, _other(small, now.safe), len(small), counted, others, not now.safe)


def _unjudged(part: ShownRanking) -> ShownRanking:
    """Reverse proxies, which host nothing, are not held against a norm for those who do; most notified first."""
    blank: dict[str, Any] = dict.fromkeys(("rank", "rank_low", "rank_high", "class_", "unranked_reason"))
    ordered = sorted(part.ranking.scorecards, key=lambda card: (-card.n_notices, card.provider_id))
    cards = tuple(replace(card, **blank) for card in ordered)
    other = replace(part.other, **blank) if part.other else None
    return replace(part, ranking=replace(part.ranking, scorecards=cards), other=other)


def _other(cards: list[Scorecard], safe: bool) -> Scorecard | None:
    if not cards:
        return None
    return _sum(cards) if safe else small_cells.without_outcomes(_sum(cards))


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
    free = (letter for letter in map(code_letter, count()) if letter not in _NO_LETTERS)
    for card in cards:
        if card.provider_id not in letters:
            letters[card.provider_id] = next(free)
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
