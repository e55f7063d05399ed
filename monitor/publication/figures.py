"""The few figures at the top of the report, taken from the Scorecards and totals, never typed.

In: what is shown. Out: `Figures`. Overall figures come from the trend's point for this Period where it has an
estimate; else bounds from the Scorecards and the estimate from the curve of all together. None of them holds the
unattributed URLs, which are counted apart.
"""

from dataclasses import dataclass

from monitor.model.scorecard import Scorecard, TrendPoint
from monitor.model.words import ClassLabel
from monitor.publication.shown import Shown, ShownRanking, unestimated


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ranked Providers of one class, those with most URLs first."""

    class_: str
    cards: tuple[Scorecard, ...]
    most: int = 6  # names in the summary


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts are of this Period; `worst`, `best`, `share`, `low` and `high` are shares of `n_counted` URLs."""

    n_counted: int
    worst: float | None
    best: float | None
    share: float | None  # the estimate
    low: float | None  # its 95% interval
    high: float | None
    n_undecided: int | None  # URLs for which nobody can say whether they stayed within the norm
    n_rows: int  # everything notified: counted, not arrived, told to another party, gone before
    n_ranked: int
    n_at_ranked: int
    n_at_unranked: int
    verdicts: tuple[Verdict, ...]
    any_otherwise: bool
    any_unpinned: bool  # a ranked Provider whose estimate the checks do not pin down
    n_no_end_seen: int
    n_gaps: int
    n_inconclusive: int
    most_notices: int
    most_exposure: float
    unreachable: tuple[Scorecard, ...]
    periods: tuple[str, ...]
    compared: tuple[Scorecard, ...]  # with a share in the previous Period
    breaks: tuple[str, ...]  # why this Period does not compare with the one before


def figures(shown: Shown) -> Figures:
    part = shown.network
    point = _overall(part)
    n, worst, best = point.n_episodes, point.worst, point.best
    rows, totals = part.rows, part.ranking.totals
    return Figures(
        n_counted=n,
        worst=worst,
        best=best,
        share=point.share,
        low=point.low,
        high=point.high,
        n_undecided=None if worst is None or best is None else round((best - worst) * n),
        n_rows=totals.episodes + totals.undelivered + totals.misaddressed + totals.gone_before_notice,
        n_ranked=len(part.ranked),
        n_at_ranked=sum(card.n_episodes for card in part.ranked),
        n_at_unranked=sum(card.n_episodes for card in rows if card.rank is None),
        verdicts=_verdicts(part),
        any_otherwise=any(ended_otherwise(card, part.ranking.norm.target) for card in part.ranked),
        any_unpinned=any(card.identified is False and card.within_norm is not None for card in part.ranked),
        n_no_end_seen=sum(card.online_at_cutoff for card in part.summed),
        n_gaps=sum(card.gap_at_notice for card in part.summed),
        n_inconclusive=sum(card.inconclusive for card in part.summed),
        most_notices=max((card.n_notices for card in part.ranked), default=0),
        most_exposure=max((card.exposure_hours_high for card in part.ranked), default=0.0),
        unreachable=_unreachable(rows),
        periods=tuple(sorted({point.period for point in part.ranking.trend})),
        compared=tuple(card for card in part.ranking.scorecards if card.share_previous is not None),
        breaks=_breaks(part),
    )


def ended_otherwise(card: Scorecard, target: float) -> bool:
    """Under the norm by takedowns alone, best case and chance included; other ends keep it from "below"."""
    best, any_end, high = card.within_norm_best, card.within_norm_any_end_best, card.within_norm_high
    if card.class_ != ClassLabel.NOT_PROVEN or best is None or any_end is None or high is None:
        return False
    return max(best, high) < target and any_end > best


def _verdicts(part: ShownRanking) -> tuple[Verdict, ...]:
    cards = sorted(part.ranked, key=lambda card: (-card.n_notices, card.provider_id))
    codes = (ClassLabel.MEETS, ClassLabel.BELOW, ClassLabel.NOT_PROVEN)
    return tuple(Verdict(code.value, tuple(card for card in cards if card.class_ == code)) for code in codes)


def _breaks(part: ShownRanking) -> tuple[str, ...]:
    points = (point for point in part.ranking.trend if point.period == part.ranking.period.label)
    return tuple(sorted({code for point in points for code in point.breaks}))


def _overall(part: ShownRanking) -> TrendPoint:
    label = part.ranking.period.label
    for point in part.ranking.trend:
        if point.provider_id is None and point.period == label and not unestimated(point):
            return point
    n, worst, best = _bounds(part)
    return TrendPoint(label, None, n, worst, best, *_estimate(part))


def _estimate(part: ShownRanking) -> tuple[float | None, float | None, float | None]:
    """The share and its limits at the norm's hours, from the curve of all together where that has them."""
    norm = part.ranking.norm
    for curve in part.ranking.curves:
        if curve.provider_id is None and curve.share and norm.hours in curve.hours:
            at = curve.hours.index(norm.hours)
            low = 1 - curve.band_high[at] if curve.band_high else None
            return 1 - curve.share[at], low, 1 - curve.band_low[at] if curve.band_low else None
    return None, None, None


def _bounds(part: ShownRanking) -> tuple[int, float | None, float | None]:
    cards = [card for card in part.summed if card.n_episodes]
    n = sum(card.n_episodes for card in cards)
    known = [card for card in cards if card.within_norm_worst is not None and card.within_norm_best is not None]
    if not n or len(known) < len(cards):
        return n, None, None
    worst = sum((card.within_norm_worst or 0.0) * card.n_episodes for card in cards) / n
    best = sum((card.within_norm_best or 0.0) * card.n_episodes for card in cards) / n
    return n, worst, best


def undelivered(card: Scorecard) -> int:
    """Notices that the Provider's side did not take."""
    return card.undelivered_bounced + card.undelivered_refused + card.undelivered_no_contact


def _unreachable(rows: tuple[Scorecard, ...]) -> tuple[Scorecard, ...]:
    """Most undelivered first; "other" stays last."""
    with_any = [card for card in rows if undelivered(card)]
    return tuple(sorted(with_any, key=lambda card: (card.provider_id == "other", -undelivered(card), card.provider_id)))
