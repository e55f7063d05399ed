"""Which small cells go into "other", so that no figure of a small Provider follows from the rows around it.

In: the Episodes of every Provider, or every group. Out: who is not shown, and whether a sum over all may be. What would
surprise: a Provider of the minimum or more can go into "other" too, where "other" would else show one or two Providers
alone; and where nobody is left to join it, sums over all Providers are withheld. docs/decisions/013-disclosure.md says
why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from monitor.model.breakdown import Dimension, GroupFigures
from monitor.model.scorecard import Minimums, Ranking, Scorecard, TrendPoint

FEWEST_PROVIDERS = 3  # of two, each knows its own figures, and so the other's
FOLDED = "*"  # the group of several that are each too small to show; "other" is a site type of its own
_ALWAYS = frozenset(
    {"n_notices", "n_episodes", "gone_before_notice", "misaddressed", "undelivered_bounced", "undelivered_refused",
     "undelivered_no_contact", "undelivered_our_fault"}
)  # fmt: skip
OUTCOMES = (
    *(f.name for f in fields(Scorecard) if f.type is int and f.name not in _ALWAYS),
    "exposure_hours_low",
    "exposure_hours_high",
    "within_norm_worst",
    "within_norm_best",
    "within_norm_any_end_worst",
    "within_norm_any_end_best",
)
"""What "other" does not say where it is withheld; what it has beside them is never an outcome."""


@dataclass(frozen=True, slots=True)
class Split:
    """Providers that are not shown; not `safe`: what is over all Providers would show what they did."""

    hidden: frozenset[str]
    safe: bool


def split(episodes: Mapping[str, int], minimums: Minimums) -> Split:
    """Those below `named`, and of those without a rank the smallest as long as they would show the others."""
    hidden = {key for key, n in episodes.items() if n < minimums.named}
    small = frozenset(hidden)
    joining = sorted((n, key) for key, n in episodes.items() if minimums.named <= n < minimums.episodes)
    while not is_safe([episodes[key] for key in hidden], minimums):
        if not joining:
            return Split(small, False)
        hidden.add(joining.pop(0)[1])
    return Split(frozenset(hidden), True)


def is_safe(episodes: Iterable[int], minimums: Minimums) -> bool:
    """Whether Providers of these Episodes may be added up: enough of both, or nothing to hide."""
    sizes = [n for n in episodes if n]
    return not sizes or (len(sizes) >= FEWEST_PROVIDERS and sum(sizes) >= minimums.named)


def of_ranking(ranking: Ranking) -> Split:
    return split({card.provider_id: card.n_episodes for card in ranking.scorecards}, ranking.minimums)


def without_outcomes(other: Scorecard) -> Scorecard:
    """Nobody reads there how a single Provider did; notices and Episodes stay."""
    nothing: dict[str, Any] = dict.fromkeys(OUTCOMES)  # counts are None nowhere else
    return replace(other, **nothing)


def past(ranking: Ranking) -> dict[str, Split]:
    """By Period of the trend before this one: who was too small then, as the release of that Period had it."""
    sizes: dict[str, dict[str, int]] = {}
    for point in ranking.trend:
        if point.period != ranking.period.label and point.provider_id is not None:
            sizes.setdefault(point.period, {})[point.provider_id] = point.n_episodes
    return {period: split(episodes, ranking.minimums) for period, episodes in sizes.items()}


def safe_trend(ranking: Ranking, now: Split) -> tuple[TrendPoint, ...]:
    """The points without those of small Providers, and without that of all where it would show them."""
    splits = {**past(ranking), ranking.period.label: now}
    kept = []
    for point in ranking.trend:
        at = splits.get(point.period)
        if at is None or (at.safe if point.provider_id is None else point.provider_id not in at.hidden):
            kept.append(point)
    return tuple(kept)


def safe_change(cards: Iterable[Scorecard], ranking: Ranking) -> tuple[Scorecard, ...]:
    """Without the previous share of a Provider that was too small in the previous Period."""
    splits = past(ranking)
    hidden = splits[max(splits)].hidden if splits else frozenset()
    return tuple(without_change(card) if card.provider_id in hidden else card for card in cards)


def without_change(card: Scorecard) -> Scorecard:
    """Without what it says of the previous Period."""
    blank: dict[str, Any] = dict.fromkeys(("share_previous", "change", "change_low", "change_high", "method_break"))
    return replace(card, **blank)


def safe_groups(
    groups: Iterable[GroupFigures], hidden: Sequence[Scorecard], minimums: Minimums
) -> tuple[GroupFigures, ...]:
    """Each dimension with its small groups added up; nothing of one of which even that would show a Provider."""
    by_dimension: dict[str, list[GroupFigures]] = {}
    for each in groups:
        by_dimension.setdefault(each.dimension, []).append(each)
    return tuple(new for mine in by_dimension.values() for new in _folded(mine, hidden, minimums))


def _folded(
    groups: Sequence[GroupFigures], hidden: Sequence[Scorecard], minimums: Minimums
) -> tuple[GroupFigures, ...]:
    small = [each for each in groups if not _may_stand([each], hidden, minimums)]
    rest = sorted((each for each in groups if each not in small), key=lambda each: (each.n_episodes, each.group))
    while not _may_be_added_up(small, hidden, minimums):
        if not rest:
            return ()
        small.append(rest.pop(0))
    kept = tuple(each for each in groups if each in rest)
    return (*kept, _sum(small)) if small else kept


def _may_stand(groups: Sequence[GroupFigures], hidden: Sequence[Scorecard], minimums: Minimums) -> bool:
    """Enough Episodes; of countries also enough Providers, and enough of them that are not shown, or none."""
    if sum(each.n_episodes for each in groups) < minimums.named:
        return False
    if groups[0].dimension != Dimension.COUNTRY:
        return True
    names = {each.group for each in groups}
    there = [card.n_episodes for card in hidden if (card.country or "") in names]
    return sum(each.n_providers or 0 for each in groups) >= FEWEST_PROVIDERS and is_safe(there, minimums)


def _may_be_added_up(small: Sequence[GroupFigures], hidden: Sequence[Scorecard], minimums: Minimums) -> bool:
    """One group under another name would still be shown, by what is left of the total."""
    filled = [each for each in small if each.n_episodes]
    return not filled or (len(filled) > 1 and _may_stand(filled, hidden, minimums))


def _sum(groups: Sequence[GroupFigures]) -> GroupFigures:
    """Counts and exposure added, bounds weighted by Episodes; estimates cannot be added."""
    n = sum(each.n_episodes for each in groups)
    by_country = groups[0].dimension == Dimension.COUNTRY
    return GroupFigures(
        dimension=groups[0].dimension,
        group=FOLDED,
        # A Provider has one country, but Episodes of several site types.
        n_providers=sum(each.n_providers or 0 for each in groups) if by_country else None,
        n_notices=sum(each.n_notices for each in groups),
        n_episodes=n,
        taken_down=sum(each.taken_down for each in groups),
        within_norm=None,
        within_norm_low=None,
        within_norm_high=None,
        within_norm_worst=_weighted([(each.within_norm_worst, each.n_episodes) for each in groups]),
        within_norm_best=_weighted([(each.within_norm_best, each.n_episodes) for each in groups]),
        median_hours=None,
        median_status=None,
        exposure_hours_low=round(sum(each.exposure_hours_low for each in groups), 9),
        exposure_hours_high=round(sum(each.exposure_hours_high for each in groups), 9),
        report_to_notice_median_hours=None,
    )


def _weighted(shares: Sequence[tuple[float | None, int]]) -> float | None:
    known = [(share, n) for share, n in shares if n and share is not None]
    total = sum(n for _, n in shares)
    if not total or sum(n for _, n in known) < total:
        return None
    return round(sum(round(share * n) for share, n in known) / total, 9)


def told(count: int, whole: int, fewest: int) -> int | None:
    """A count of evidence where neither it nor what is left of the whole is small, else None."""
    return None if 0 < count < fewest or 0 < whole - count < fewest else count


def told_parts(parts: Sequence[int], whole: int, fewest: int) -> list[int | None]:
    """Counts that exclude one another: those that may be told, so that what is not told is not small altogether."""
    said = [told(part, whole, fewest) for part in parts]
    while 0 < whole - sum(part or 0 for part in said) < fewest and any(said):
        said[said.index(min(part for part in said if part))] = None
    return said
