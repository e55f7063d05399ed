"""The few figures at the top of the report, taken from the Scorecards and totals, never typed.

In: what is shown. Out: `Figures`. Overall bounds come from the trend's point for this Period where there is one,
else from the Scorecards; neither holds the unattributed URLs, which are counted apart.
"""

from dataclasses import dataclass

from monitor.model.scorecard import Scorecard
from monitor.model.words import ClassLabel
from monitor.publication.shown import Shown, ShownRanking


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ranked Providers of one class, those with most URLs first."""

    class_: str
    cards: tuple[Scorecard, ...]
    most: int = 6  # names in the summary


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts are of this Period; `worst` and `best` are shares of `n_counted` URLs."""

    n_counted: int
    worst: float | None
    best: float | None
    n_undecided: int | None  # URLs for which nobody can say whether they stayed within the norm
    n_rows: int  # everything notified: counted, not arrived, told to another party, gone before
    n_ranked: int
    n_at_ranked: int
    n_at_unranked: int
    verdicts: tuple[Verdict, ...]
    any_otherwise: bool
    n_no_end_seen: int
    n_gaps: int
    n_inconclusive: int
    most_notices: int
    most_exposure: float
    unreachable: tuple[Scorecard, ...]
    periods: tuple[str, ...]


def figures(shown: Shown) -> Figures:
    part = shown.network
    n, worst, best = _overall(part)
    rows, totals = part.rows, part.ranking.totals
    return Figures(
        n_counted=n,
        worst=worst,
        best=best,
        n_undecided=None if worst is None or best is None else round((best - worst) * n),
        n_rows=totals.episodes + totals.undelivered + totals.misaddressed + totals.gone_before_notice,
        n_ranked=len(part.ranked),
        n_at_ranked=sum(card.n_episodes for card in part.ranked),
        n_at_unranked=sum(card.n_episodes for card in rows if card.rank is None),
        verdicts=_verdicts(part),
        any_otherwise=any(ended_otherwise(card, part.ranking.norm.target) for card in part.ranked),
        n_no_end_seen=sum(card.online_at_cutoff for card in rows),
        n_gaps=sum(card.gap_at_notice for card in rows),
        n_inconclusive=sum(card.inconclusive for card in rows),
        most_notices=max((card.n_notices for card in part.ranked), default=0),
        most_exposure=max((card.exposure_hours_high for card in part.ranked), default=0.0),
        unreachable=_unreachable(rows),
        periods=tuple(sorted({point.period for point in part.ranking.trend})),
    )


def ended_otherwise(card: Scorecard, target: float) -> bool:
    """Under the norm by takedowns alone; only moves and lost domain names keep it from "below"."""
    return card.class_ == ClassLabel.NOT_PROVEN and card.within_norm_high is not None and card.within_norm_high < target


def _verdicts(part: ShownRanking) -> tuple[Verdict, ...]:
    cards = sorted(part.ranked, key=lambda card: (-card.n_notices, card.provider_id))
    codes = (ClassLabel.MEETS, ClassLabel.BELOW, ClassLabel.NOT_PROVEN)
    return tuple(Verdict(code.value, tuple(card for card in cards if card.class_ == code)) for code in codes)


def _overall(part: ShownRanking) -> tuple[int, float | None, float | None]:
    for point in part.ranking.trend:
        if point.provider_id is None and point.period == part.ranking.period.label:
            return point.n_episodes, point.worst, point.best
    cards = [card for card in part.rows if card.n_episodes]
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
