"""Scorecards and their order: one Provider each, worst responsiveness first.

In: the EpisodeTable, the norm, the minimums, the registry. Out: a Ranking with everyone in it. Method `bounds-1`:
no estimate is made; every share is a worst and a best case, the order goes by their midpoint, and what would be
estimated is None. What would surprise: a Provider without a single Episode has a Scorecard too (its notices
bounced, or Targets moved there), and never a rank.

Method: `measurement.md` sections 3 and 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from math import isnan
from typing import Any

from monitor.model.episode import EpisodeTable
from monitor.model.period import Period
from monitor.model.provider import Provider
from monitor.model.scorecard import Minimums, Norm, Ranking, Scorecard
from monitor.model.words import ClassLabel, Role
from monitor.ranking.bounds import bounds_of_norm, intervals
from monitor.ranking.curves import curves_of
from monitor.ranking.limits import wilson
from monitor.ranking.selection import Selection, select
from monitor.ranking.tallies import COUNTED, Tallies, as_numbers, tally, totals
from monitor.ranking.trend import trend_points

METHOD = "bounds-1"
TIE = 1e-9
NO_EPISODES, FEW_EPISODES, FEW_CLUSTERS = "no-episodes", "few-episodes", "few-clusters"


def make_ranking(
    episodes: EpisodeTable,
    *,
    period: Period,
    cutoff: datetime,
    norm: Norm,
    role: Role,
    minimums: Minimums,
    providers: Mapping[str, Provider],
    labels: Mapping[str, str],
    freeze: str,
) -> Ranking:
    """Rank the Providers of one Period for one role and the clock of `norm`.

    `providers` and `labels` go by provider id; a Provider that is in neither is shown by its id. On the order
    clock each order's own deadline stands in for the norm's hours. The result holds the curves and this Period's
    points of the trend. In the role `site` a Provider is a site, shown as "site 17".
    """
    chosen = select(episodes, clock=norm.clock, role=role)
    rows = intervals(chosen.rows)
    counts = tally(chosen, bounds_of_norm(rows, norm.hours))
    identities = _sites(chosen.ids) if role is Role.SITE else _identities(chosen, providers, labels)
    cards = [_scorecard(who, counts, place, norm, minimums) for place, who in enumerate(identities)]
    ranking = Ranking(
        period=period,
        cutoff=cutoff,
        norm=norm,
        role=role,
        method=METHOD,
        freeze=freeze,
        minimums=minimums,
        totals=totals(episodes, chosen, clock=norm.clock),
        scorecards=_ordered(cards),
        curves=curves_of(chosen, rows, minimums),
    )
    return replace(ranking, trend=trend_points(ranking))


@dataclass(frozen=True, slots=True)
class _Identity:
    provider_id: str
    label: str
    country: str | None
    asns: tuple[int, ...]


def _sites(ids: Sequence[str]) -> list[_Identity]:
    """Sites go by their number in the frozen table: no name, no country, no AS number."""
    return [_Identity(provider_id, provider_id.replace("site", "site "), None, ()) for provider_id in ids]


def _identities(chosen: Selection, providers: Mapping[str, Provider], labels: Mapping[str, str]) -> list[_Identity]:
    return [
        _identity(provider_id, seen, providers, labels)
        for provider_id, seen in zip(chosen.ids, as_numbers(chosen), strict=True)
    ]


def _identity(
    provider_id: str, seen: tuple[int, ...], providers: Mapping[str, Provider], labels: Mapping[str, str]
) -> _Identity:
    known = providers.get(provider_id)
    name = labels.get(provider_id) or (known.name if known else provider_id)
    asns = sorted({*seen, *(known.asns if known else ())})
    return _Identity(provider_id, name, known.country if known else None, tuple(asns))


def _scorecard(who: _Identity, counts: Tallies, place: int, norm: Norm, minimums: Minimums) -> Scorecard:
    """One Provider's figures, not ranked yet. Every share has all its Episodes for denominator."""
    n = int(counts.n_episodes[place])
    worst, best = int(counts.within_worst[place]), int(counts.within_best[place])
    any_worst, any_best = int(counts.within_any_end_worst[place]), int(counts.within_any_end_best[place])
    low, high = wilson(worst, n), wilson(best, n)
    reason = _unranked_reason(n, int(counts.n_clusters[place]), minimums)
    delay = float(counts.delay_median_hours[place])
    known: dict[str, Any] = {
        "provider_id": who.provider_id,
        "provider": who.label,
        "country": who.country,
        "asns": who.asns,
        **{name: int(getattr(counts, name)[place]) for name in COUNTED},
        "within_norm_low": low[0] if low else None,
        "within_norm_high": high[1] if high else None,
        "within_norm_worst": _share(worst, n),
        "within_norm_best": _share(best, n),
        "within_norm_any_end_worst": _share(any_worst, n),
        "within_norm_any_end_best": _share(any_best, n),
        "exposure_hours_low": float(counts.exposure_low_hours[place]),
        "exposure_hours_high": float(counts.exposure_high_hours[place]),
        "report_to_notice_median_hours": None if isnan(delay) else delay,
        "class_": (ClassLabel.TOO_FEW if reason else classify(worst, best, any_best, n, norm.target)).value,
        "unranked_reason": reason,
    }
    return Scorecard(**{**_NOT_KNOWN, **known})


_NOT_KNOWN: dict[str, Any] = dict.fromkeys(field.name for field in fields(Scorecard))
"""`bounds-1` leaves every estimate, rank interval and comparison with another Period unknown."""


def classify(worst: int, best: int, any_end_best: int, n: int, target: float) -> ClassLabel:
    """The class of `n` Episodes of which so many were within the norm, case by case.

    `below` only when not even the best case reaches the target, by takedown or by any end: a quick eviction is not
    ignoring the notice. `meets` only when the worst case does.
    """
    low, high, any_high = wilson(worst, n), wilson(best, n), wilson(any_end_best, n)
    if low is None or high is None or any_high is None:
        return ClassLabel.TOO_FEW
    if low[0] >= target:
        return ClassLabel.MEETS
    if high[1] < target and any_high[1] < target:
        return ClassLabel.BELOW
    return ClassLabel.NOT_PROVEN


def _share(count: int, n: int) -> float | None:
    return count / n if n else None


def _unranked_reason(n_episodes: int, n_clusters: int, minimums: Minimums) -> str | None:
    if n_episodes == 0:
        return NO_EPISODES
    if n_episodes < minimums.episodes:
        return FEW_EPISODES
    return FEW_CLUSTERS if n_clusters < minimums.clusters else None


def _midpoint(card: Scorecard) -> float:
    return ((card.within_norm_worst or 0.0) + (card.within_norm_best or 0.0)) / 2


def _ordered(cards: Sequence[Scorecard]) -> tuple[Scorecard, ...]:
    """Ranked Scorecards by rank and id, then the others by Episodes, most first, and id."""
    eligible = sorted((card for card in cards if card.unranked_reason is None), key=_midpoint)
    others = sorted((card for card in cards if card.unranked_reason), key=lambda c: (-c.n_episodes, c.provider_id))
    ranked: list[Scorecard] = []
    rank, shared = 0, float("-inf")
    for place, card in enumerate(eligible, start=1):
        if _midpoint(card) - shared > TIE:
            rank, shared = place, _midpoint(card)
        ranked.append(replace(card, rank=rank))
    ranked.sort(key=lambda card: (card.rank or 0, card.provider_id))
    return (*ranked, *others)
