"""Trend: one Period's points, to be put beside those of other Periods that were made with the same method.

In: a Ranking, and why its Period does not compare with the one before. Out: the point of all Providers together
(provider_id None), then one for each Provider with an Episode. What would surprise: the overall point weighs each
Episode alike, not each Provider; its share is the mean of the Providers' shares, weighted by their Episodes.
"""

from collections.abc import Iterable, Sequence
from math import hypot

from monitor.model.previous import Break
from monitor.model.scorecard import Ranking, Scorecard, TrendPoint

_DECIMALS = 6  # what enters the digest of a freeze, on every machine


def trend_points(ranking: Ranking, breaks: Iterable[Break] = ()) -> tuple[TrendPoint, ...]:
    """The Period's shares and bounds: all together first, then each Provider by id. Empty without Episodes."""
    cards = sorted((c for c in ranking.scorecards if c.n_episodes), key=lambda c: c.provider_id)
    if not cards:
        return ()
    period, why = ranking.period.label, tuple(reason.value for reason in breaks)
    return (_together(period, cards, why), *(_point(period, card, why) for card in cards))


def _point(period: str, card: Scorecard, why: tuple[str, ...]) -> TrendPoint:
    return TrendPoint(
        period,
        card.provider_id,
        card.n_episodes,
        worst=card.within_norm_worst,
        best=card.within_norm_best,
        share=card.within_norm,
        low=card.within_norm_low if card.within_norm is not None else None,
        high=card.within_norm_high if card.within_norm is not None else None,
        breaks=why,
    )


def _together(period: str, cards: Sequence[Scorecard], why: tuple[str, ...]) -> TrendPoint:
    n = sum(c.n_episodes for c in cards)
    worst = sum(round((c.within_norm_worst or 0.0) * c.n_episodes) for c in cards)
    best = sum(round((c.within_norm_best or 0.0) * c.n_episodes) for c in cards)
    share, low, high = _mean(cards, n)
    return TrendPoint(period, None, n, worst=worst / n, best=best / n, share=share, low=low, high=high, breaks=why)


def _mean(cards: Sequence[Scorecard], n: int) -> tuple[float | None, float | None, float | None]:
    """The weighted mean of the shares and its limits, where every Provider with Episodes has an estimate.

    Providers are separate samples: the limits are recovered from theirs (MOVER; Zou and Donner 2008, Statistics in
    Medicine 27:1693).
    """
    found = [
        (c.n_episodes / n, c.within_norm, c.within_norm_low, c.within_norm_high)
        for c in cards
        if c.within_norm is not None and c.within_norm_low is not None and c.within_norm_high is not None
    ]
    if len(found) < len(cards):
        return None, None, None
    share = sum(weight * p for weight, p, _, _ in found)
    down = hypot(*(weight * (p - low) for weight, p, low, _ in found))
    up = hypot(*(weight * (high - p) for weight, p, _, high in found))
    return round(share, _DECIMALS), round(max(0.0, share - down), _DECIMALS), round(min(1.0, share + up), _DECIMALS)
