"""Change against the Period before, and whether the two compare at all.

In: both Periods measured with the same method. Out: what a freeze keeps of the one before (`previous_of`), how each
was measured (`period_facts`), why they do not compare (`breaks`), and Scorecards with the change (`with_changes`).
What would surprise: a break does not hide the change, it is shown beside it; only under another norm is there none,
because the difference of two questions is no change.

Method: `measurement.md` section 3 (change); the interval is made by survival and handed in.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite

import numpy as np

from monitor.model.columns import Flags, Floats
from monitor.model.episode import EpisodeTable
from monitor.model.measurement import ClusterSums, Measurement
from monitor.model.method import Method
from monitor.model.period import Period
from monitor.model.previous import (
    ENOUGH_CLUSTERS,
    Before,
    Break,
    PeriodFacts,
    Previous,
    PreviousCluster,
    PreviousShare,
    aligned,
)
from monitor.model.scorecard import Norm, Ranking, Scorecard
from monitor.model.words import End, EpisodeStatus, NoticeKind, Role

Interval = Callable[[Measurement, Before, ClusterSums], tuple[Floats, Floats]]
"""95% limits of the share now minus the share before, one entry per Provider of the Measurement."""

CARRIES, GONE = 0.05, 0.01
"""A source that carries this part of the Episodes of one Period and less than that of the other changed coverage."""
SHIFT = 0.2
FACTOR = 2.0
FEWEST_BRACKETS = 10
"""Of fewer intervals around the norm the median says nothing about the schedule."""
_DECIMALS = 6  # what enters the digest of a freeze, on every machine


def period_facts(
    episodes: EpisodeTable, *, period: Period, cutoff: datetime, method: Method, norm: Norm
) -> PeriodFacts | None:
    """How the Period was measured on the norm's clock, by the rows of role network; None without Episodes."""
    mask = (episodes.clock == norm.clock.value) & (episodes.role == Role.NETWORK.value)
    mask &= episodes.status == EpisodeStatus.EPISODE.value
    if not mask.any():
        return None
    sources, counts = np.unique(episodes.source[mask].astype(str), return_counts=True)
    widths = _brackets(episodes, mask, norm)
    by_source = sorted(zip(sources.tolist(), counts.tolist(), strict=True), key=lambda item: (-item[1], item[0]))
    return PeriodFacts(
        period=period.label,
        cutoff=cutoff.astimezone(UTC).isoformat(),
        clock=norm.clock.value,
        method=method.method,
        rule_version=method.rule_version,
        norm_hours=norm.hours,
        n_episodes=int(mask.sum()),
        sources=tuple(by_source),
        bracket_hours=_known(float(np.median(widths))) if len(widths) else None,
        n_brackets=len(widths),
        n_checks=float(np.median(episodes.n_checks[mask])),
    )


def _brackets(episodes: EpisodeTable, mask: Flags, norm: Norm) -> Floats:
    """Widths of the intervals with a seen end that hold the norm's hours; of an order, its own deadline."""
    on_order = norm.clock is NoticeKind.ORDER
    hours = episodes.deadline_hours if on_order else np.full(len(episodes), norm.hours)
    seen = mask & (episodes.end != End.CENSORED.value) & ~episodes.gap_at_notice
    held = seen & (episodes.left_hours < hours) & (hours <= episodes.right_hours)
    widths: Floats = episodes.right_hours[held] - episodes.left_hours[held]
    return widths


def breaks(now: PeriodFacts, before: PeriodFacts) -> tuple[Break, ...]:
    """Why figures of the two Periods do not compare, in the order of the words; empty where they do."""
    found = {
        Break.METHOD: (now.method, now.rule_version) != (before.method, before.rule_version),
        Break.SCHEDULE: _other_schedule(now, before),
        Break.COVERAGE: _other_coverage(now, before),
        Break.NORM: now.norm_hours != before.norm_hours,
    }
    return tuple(why for why, holds in found.items() if holds)


def _other_schedule(now: PeriodFacts, before: PeriodFacts) -> bool:
    """Checks around the norm more than twice as far apart, or as close; exact times beside brackets are another."""
    one, other = now.bracket_hours, before.bracket_hours
    if one is None or other is None or min(now.n_brackets, before.n_brackets) < FEWEST_BRACKETS:
        return False
    return max(one, other) > FACTOR * min(one, other)


def _other_coverage(now: PeriodFacts, before: PeriodFacts) -> bool:
    one, other = ({source: n / facts.n_episodes for source, n in facts.sources} for facts in (now, before))
    pairs = [(one.get(source, 0.0), other.get(source, 0.0)) for source in one.keys() | other.keys()]
    return any(round(abs(a - b), _DECIMALS) > SHIFT or (max(a, b) >= CARRIES and min(a, b) < GONE) for a, b in pairs)


def previous_of(
    now: Iterable[PeriodFacts], before: Iterable[PeriodFacts], measured: Iterable[tuple[Role, Measurement]]
) -> Previous:
    """What a freeze keeps of the Period before: each role and clock of it that was measured."""
    each = tuple(measured)
    return Previous(
        tuple(now),
        tuple(before),
        shares=tuple(share for role, one in each for share in _shares(role, one)),
        clusters=tuple(cluster for role, one in each for cluster in _clusters(role, one)),
    )


def _shares(role: Role, measured: Measurement) -> Iterable[PreviousShare]:
    found, clock = measured.estimates, measured.norm.clock.value
    for place in np.flatnonzero(found.n_episodes).tolist():
        n = int(found.n_episodes[place])
        yield PreviousShare(
            role=role.value,
            clock=clock,
            provider_id=measured.ids[place],
            n_episodes=n,
            n_clusters=int(found.n_clusters[place]),
            n_effective=_known(found.n_effective[place]),
            share=_known(found.norm[place]),
            range_low=_known(found.norm_range_low[place]),
            range_high=_known(found.norm_range_high[place]),
            low=_known(found.norm_low[place]),
            high=_known(found.norm_high[place]),
            worst=_known(found.worst[place] / n),
            best=_known(found.best[place] / n),
        )


def _clusters(role: Role, measured: Measurement) -> Iterable[PreviousCluster]:
    clock, enough = measured.norm.clock.value, measured.estimates.n_clusters >= ENOUGH_CLUSTERS
    sums = measured.clusters.take(enough[measured.clusters.provider])
    weights, insides = (np.round(column, _DECIMALS).tolist() for column in (sums.weight, sums.inside))
    for place, n, weight, inside in zip(sums.provider.tolist(), sums.n.tolist(), weights, insides, strict=True):
        yield PreviousCluster(role.value, clock, measured.ids[place], n, weight, inside)


def with_changes(ranking: Ranking, measured: Measurement, previous: Previous, interval: Interval) -> Ranking:
    """The Ranking with the share of the Period before, the change and its 95% limits, and whether there is a break.

    `measured` is what the Ranking was made from. Without anything measured of the Period before on this clock, the
    Ranking is as it was.
    """
    facts = previous.facts(ranking.norm.clock)
    if facts is None:
        return ranking
    now = replace(facts[0], method=ranking.method, norm_hours=ranking.norm.hours)
    why = breaks(now, facts[1])
    before, clusters = aligned(previous, measured.ids, ranking.role, ranking.norm.clock)
    nothing = np.full(len(measured.ids), np.nan)
    low, high = (nothing, nothing) if Break.NORM in why else interval(measured, before, clusters)
    change = nothing if Break.NORM in why else measured.estimates.norm - before.share
    places = {provider_id: place for place, provider_id in enumerate(measured.ids)}
    cards = tuple(
        _changed(card, before.share[at], change[at], low[at], high[at], bool(why))
        if (at := places.get(card.provider_id)) is not None
        else card
        for card in ranking.scorecards
    )
    return replace(ranking, scorecards=cards)


def _changed(card: Scorecard, share: float, change: float, low: float, high: float, broken: bool) -> Scorecard:
    if not isfinite(share):
        return card
    return replace(
        card,
        share_previous=_known(share),
        change=_known(change),
        change_low=_known(low),
        change_high=_known(high),
        method_break=broken,
    )


def _known(value: float) -> float | None:
    return round(float(value), _DECIMALS) if isfinite(value) else None
