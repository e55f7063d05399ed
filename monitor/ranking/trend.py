"""Trend: one Period's points, to be put beside those of other Periods that were made with the same method.

In: a Ranking. Out: the point of all Providers together (provider_id None), then one for each Provider with an
Episode. What would surprise: the overall point weighs each Episode alike, not each Provider.
"""

from collections.abc import Sequence

from monitor.model.scorecard import Ranking, Scorecard, TrendPoint


def trend_points(ranking: Ranking) -> tuple[TrendPoint, ...]:
    """The Period's bounds of compliance: all together first, then each Provider by id. Empty without Episodes."""
    cards = sorted((c for c in ranking.scorecards if c.n_episodes), key=lambda c: c.provider_id)
    if not cards:
        return ()
    period = ranking.period.label
    return (
        _together(period, cards),
        *(
            TrendPoint(period, c.provider_id, c.n_episodes, worst=c.within_norm_worst, best=c.within_norm_best)
            for c in cards
        ),
    )


def _together(period: str, cards: Sequence[Scorecard]) -> TrendPoint:
    n = sum(c.n_episodes for c in cards)
    worst = sum(round((c.within_norm_worst or 0.0) * c.n_episodes) for c in cards)
    best = sum(round((c.within_norm_best or 0.0) * c.n_episodes) for c in cards)
    return TrendPoint(period, None, n, worst=worst / n, best=best / n)
