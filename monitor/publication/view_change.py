"""What changed since the Period before: all together over the Periods, and who changed by more than chance.

In: what is shown. Out: `Changes` and the values of the page about change. What would surprise: only ranked Providers
are sorted into better and worse, for a few URLs carry no judgement; the table of changes holds everybody.
"""

from dataclasses import dataclass

from monitor.model.scorecard import Scorecard, TrendPoint
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown


@dataclass(frozen=True, slots=True)
class Changes:
    """This Period against the one before. `before` and `now` are of all Providers together."""

    before: TrendPoint | None
    now: TrendPoint | None
    better: tuple[Scorecard, ...]  # ranked, the 95% interval of the change above 0
    worse: tuple[Scorecard, ...]  # below 0
    within_chance: tuple[Scorecard, ...]
    not_comparable: tuple[Scorecard, ...]  # a break, or not known whether there was one

    @property
    def any_compared(self) -> bool:
        return bool(self.better or self.worse or self.within_chance)

    @property
    def overlap(self) -> bool | None:
        """Whether the two 95% intervals of all together share a value; None where one of them is not known."""
        if self.before is None or self.now is None:
            return None
        low, high, earlier_low, earlier_high = self.now.low, self.now.high, self.before.low, self.before.high
        if low is None or high is None or earlier_low is None or earlier_high is None:
            return None
        return low <= earlier_high and earlier_low <= high


def changes(shown: Shown) -> Changes:
    ranking = shown.network.ranking
    overall = {point.period: point for point in overall_trend(shown)}
    sorted_out: dict[str, list[Scorecard]] = {"better": [], "worse": [], "within_chance": [], "not_comparable": []}
    for card in shown.network.ranked:
        if card.share_previous is not None:
            sorted_out[_sort(card)].append(card)
    return Changes(
        before=overall.get(ranking.period.previous().label),
        now=overall.get(ranking.period.label),
        **{name: tuple(cards) for name, cards in sorted_out.items()},
    )


def overall_trend(shown: Shown) -> tuple[TrendPoint, ...]:
    """All Providers together, Period by Period."""
    points = (point for point in shown.network.ranking.trend if point.provider_id is None)
    return tuple(sorted(points, key=lambda point: point.period))


def view(shown: Shown, _formats: Formats) -> dict[str, object]:
    ranking = shown.network.ranking
    return {
        "changes": changes(shown),
        "trend": overall_trend(shown),
        "previous": ranking.period.previous(),
        "compared": tuple(card for card in ranking.scorecards if card.share_previous is not None),
    }


def _sort(card: Scorecard) -> str:
    """`method_break` not known counts as a break: what cannot be shown to compare is not compared."""
    if card.method_break is not False or card.change_low is None or card.change_high is None:
        return "not_comparable"
    return "better" if card.change_low > 0 else "worse" if card.change_high < 0 else "within_chance"
