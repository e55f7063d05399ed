"""The rows of a Period to its Ranking: survival measures them, ranking orders what was measured.

The join that a freeze, `rank` and a release share, so that all three give the same figures. In: Selected rows and a
`Basis` (method, Period, names). Out: Measurement, Ranking, sensitivity readings, the Period before, and what a release
shows beside the Ranking. What would surprise: a Scorecard of a frozen dataset is measured again from its rows whenever
it is asked for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from monitor.model.breakdown import Dimension, GroupFigures
from monitor.model.columns import Codes
from monitor.model.episode import EpisodeTable
from monitor.model.measurement import Measurement
from monitor.model.method import Method
from monitor.model.period import Period
from monitor.model.previous import PeriodFacts, Previous
from monitor.model.provider import Provider
from monitor.model.scorecard import Norm, Ranking, TrendPoint
from monitor.model.selected import Selected, select
from monitor.model.sensitivity import SensitivityChoice, SensitivityReading
from monitor.model.words import NoticeKind, Role
from monitor.ranking.change import breaks, period_facts, previous_of, with_changes
from monitor.ranking.evidence import evidence
from monitor.ranking.groups import by_country, by_word, group_figures
from monitor.ranking.scorecards import make_ranking
from monitor.ranking.sensitivity import readings, site_clusters, variants
from monitor.ranking.trend import trend_points
from monitor.survival.bootstrap import REPLICATES, change_interval
from monitor.survival.measuring import measure
from monitor.survival.together import measure_groups

_TIMES = ("median_low", "median_high", "mean_hours_30d_low", "mean_hours_30d_high")
"""What a bootstrap gives, and no norm enters."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What the figures of one Period rest on beside its rows."""

    method: Method
    period: Period
    cutoff: datetime
    providers: Mapping[str, Provider]  # by id, with the names to show
    digest: str = ""


def measured(
    chosen: Selected, norm: Norm, basis: Basis, *, with_curves: bool = False, resamples: int = REPLICATES
) -> Measurement:
    """The rows of one role and clock, against one norm of that clock."""
    return measure(
        chosen,
        norm,
        minimums=basis.method.minimums,
        seed=basis.method.seed,
        with_curves=with_curves,
        resamples=resamples,
    )


def ranked(
    chosen: Selected, found: Measurement, basis: Basis, *, previous: Previous | None = None, final: bool = False
) -> Ranking:
    """The Ranking of what was measured; with the change where the Period before is known."""
    made = make_ranking(
        chosen,
        found,
        period=basis.period,
        cutoff=basis.cutoff,
        minimums=basis.method.minimums,
        providers=basis.providers,
        labels={key: each.name for key, each in basis.providers.items()},
        freeze=basis.digest,
        seed=basis.method.seed,
        final=final,
    )
    if previous is None or not found.norm.is_primary:
        return made
    return with_changes(made, found, previous, change_interval)


def under_norms(
    norms: Sequence[Norm], chosen: Selected, basis: Basis, previous: Previous | None = None, like: Ranking | None = None
) -> Iterator[Ranking]:
    """The Rankings of the same rows under several norms of their clock, without curves and trend.

    The limits of median and mean are drawn once, for they are the same under each norm: with the first of them, or
    taken over from `like`, a Ranking of these rows that has them.
    """
    for norm in norms:
        found = measured(chosen, norm, basis, resamples=0 if like else REPLICATES)
        made = replace(ranked(chosen, found, basis, previous=previous), trend=())
        made = _with_times_of(made, like) if like else made
        like = like or made
        yield made


def _with_times_of(made: Ranking, like: Ranking) -> Ranking:
    times = {card.provider_id: {name: getattr(card, name) for name in _TIMES} for card in like.scorecards}
    cards = tuple(replace(card, **times[card.provider_id]) for card in made.scorecards)
    return replace(made, scorecards=cards)


def groups(chosen: Selected, site_types: tuple[Codes, tuple[str, ...]], basis: Basis) -> tuple[GroupFigures, ...]:
    """By site type (a code for each row, and the words) and by country, against the primary norm of the clock."""
    norm = basis.method.norm(chosen.clock)
    divided = (
        (Dimension.SITE_TYPE, *by_word(chosen, *site_types)),
        (Dimension.COUNTRY, *by_country(chosen, basis.providers)),
    )
    figures = (
        group_figures(dimension, chosen, group, words, measure_groups(chosen, group, len(words), norm))
        for dimension, group, words in divided
    )
    return tuple(chain.from_iterable(figures))


def quickly_ranked(episodes: EpisodeTable, basis: Basis, clock: NoticeKind = NoticeKind.REQUEST) -> Ranking:
    """The Ranking of role network without what takes resampling: for a trend, or to hold choices side by side."""
    chosen = select(episodes, clock=clock, role=Role.NETWORK)
    return ranked(chosen, measured(chosen, basis.method.norm(clock), basis, resamples=0), basis)


def sensitivity(
    chosen: Selected, found: Measurement, others: Iterable[tuple[SensitivityChoice, Measurement]], basis: Basis
) -> tuple[SensitivityReading, ...]:
    """Every Provider under every other choice. `others`: of rows that do not follow from `chosen`."""
    minimums = basis.method.minimums
    each = [site_clusters(found, minimums)]
    varied = (
        (choice, measured(rows, found.norm, basis, resamples=0)) for choice, rows in variants(chosen, basis.cutoff)
    )
    for choice, again in chain(varied, others):
        each.append(readings(choice, again, minimums))
    return tuple(chain.from_iterable(each))


@dataclass(frozen=True, slots=True)
class Looked:
    """What is kept of a Period's rows for other Periods to be held against: the rows themselves can go."""

    facts: tuple[PeriodFacts, ...]  # by clock; none where there is no Episode
    ranking: Ranking  # of role network on the request clock
    measured: tuple[tuple[Role, Measurement], ...] = ()  # every role and clock, where the change is to be told


def looked_at(episodes: EpisodeTable, basis: Basis, *, every_role: bool = False) -> Looked:
    """`every_role`: the change of every role and clock is told by it; else rows of roles network and proxy will do."""
    facts = tuple(_facts(episodes, basis))
    found = tuple(_measured_roles(episodes, basis, facts)) if every_role else ()
    return Looked(facts, quickly_ranked(episodes, basis), found)


def _measured_roles(
    episodes: EpisodeTable, basis: Basis, facts: tuple[PeriodFacts, ...]
) -> Iterator[tuple[Role, Measurement]]:
    for norm in basis.method.norms:
        for role in Role:
            if norm.is_primary and any(each.clock == norm.clock.value for each in facts):
                chosen = select(episodes, clock=norm.clock, role=role)
                yield role, measured(chosen, norm, basis, resamples=0)


def previous_period(now: EpisodeTable, basis: Basis, before: Looked) -> Previous | None:
    """The Period before as the freeze of this one keeps it: every role and clock; None where it has no Episode."""
    return previous_of(tuple(_facts(now, basis)), before.facts, before.measured) if before.facts else None


def _facts(episodes: EpisodeTable, basis: Basis) -> Iterator[PeriodFacts]:
    for norm in basis.method.norms:
        facts = period_facts(episodes, period=basis.period, cutoff=basis.cutoff, method=basis.method, norm=norm)
        if norm.is_primary and facts is not None:
            yield facts


def trend_of(earlier: Iterable[Looked], now: EpisodeTable, basis: Basis, ranking: Ranking) -> tuple[TrendPoint, ...]:
    """Points of the Periods, oldest first, each marked where it does not compare with the one before it.

    `ranking`: of `now`, role network on the request clock.
    """
    points: list[TrendPoint] = []
    before: PeriodFacts | None = None
    for each in (*earlier, Looked(tuple(_facts(now, basis)), ranking)):
        facts = next((f for f in each.facts if f.clock == NoticeKind.REQUEST.value), None)
        why = breaks(facts, before) if facts is not None and before is not None else ()
        points += trend_points(each.ranking, why)
        before = facts or before
    return tuple(points)


__all__ = [
    "REPLICATES",
    "Basis",
    "Looked",
    "evidence",
    "groups",
    "looked_at",
    "measured",
    "previous_period",
    "quickly_ranked",
    "ranked",
    "sensitivity",
    "trend_of",
    "under_norms",
]
