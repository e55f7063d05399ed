"""The Period before, as a freeze holds it: measured with the same method, so that change can be told from a break.

In: what was measured when the freeze was cut. Out: a `Previous`. What would surprise: the facts that a break is
judged by are kept of both Periods, because rows without their sources are all that a later `rank` reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from monitor.model.columns import Columns, Floats, Ints
from monitor.model.measurement import ClusterSums
from monitor.model.words import NoticeKind, Role

ENOUGH_CLUSTERS = 40
"""From so many clusters on a change is bootstrapped, which takes the clusters themselves."""


class Break(StrEnum):
    """Why figures of two Periods do not compare; the words stand in files."""

    METHOD = "method"
    SCHEDULE = "schedule"
    COVERAGE = "coverage"
    NORM = "norm"


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """How one Period was measured on one clock, over the Episodes of one role."""

    period: str
    cutoff: str  # ISO 8601, UTC
    clock: str  # NoticeKind
    method: str
    rule_version: str
    norm_hours: float
    n_episodes: int
    sources: tuple[tuple[str, int], ...]  # Episodes by source, most first
    bracket_hours: float | None  # median width of the intervals with a seen end around the norm's hours
    n_brackets: int
    n_checks: float | None  # median checks of an Episode


@dataclass(frozen=True, slots=True)
class PreviousShare:
    """One Provider in the Period before, in one role on one clock; shares within the norm, None = not known."""

    role: str
    clock: str
    provider_id: str
    n_episodes: int
    n_clusters: int
    n_effective: float | None
    share: float | None
    range_low: float | None  # over all maximisers
    range_high: float | None
    low: float | None  # 95% limits
    high: float | None
    worst: float | None  # bounds
    best: float | None


@dataclass(frozen=True, slots=True)
class PreviousCluster:
    """One cluster (Provider x day of notice) of a Provider with at least `ENOUGH_CLUSTERS` of them."""

    role: str
    clock: str
    provider_id: str
    n: int
    weight: float
    inside: float


@dataclass(frozen=True, slots=True)
class Previous:
    """The Period before, for every role and clock that was measured."""

    now: tuple[PeriodFacts, ...]  # of the frozen Period itself
    before: tuple[PeriodFacts, ...]
    shares: tuple[PreviousShare, ...]
    clusters: tuple[PreviousCluster, ...] = ()

    def facts(self, clock: NoticeKind) -> tuple[PeriodFacts, PeriodFacts] | None:
        """The frozen Period's and those of the one before, on that clock; None where one of them had no Episode."""
        now = next((facts for facts in self.now if facts.clock == clock.value), None)
        before = next((facts for facts in self.before if facts.clock == clock.value), None)
        return None if now is None or before is None else (now, before)

    def shares_of(self, role: Role, clock: NoticeKind) -> dict[str, PreviousShare]:
        """By provider id."""
        return {s.provider_id: s for s in self.shares if (s.role, s.clock) == (role.value, clock.value)}


@dataclass(frozen=True, slots=True, eq=False)
class Before(Columns):
    """The shares of the Period before, one entry per Provider of another measurement; NaN where it had no Episode."""

    n_clusters: Ints  # 0 without Episodes
    share: Floats
    range_low: Floats
    range_high: Floats
    low: Floats
    high: Floats


def aligned(previous: Previous, ids: Sequence[str], role: Role, clock: NoticeKind) -> tuple[Before, ClusterSums]:
    """The Period before by the place of each Provider in `ids`, and the clusters of those with enough of them."""
    places = {provider_id: place for place, provider_id in enumerate(ids)}
    found = [share for key, share in previous.shares_of(role, clock).items() if key in places]
    at = np.array([places[each.provider_id] for each in found], np.int64)
    n_clusters = np.zeros(len(ids), np.int64)
    n_clusters[at] = [each.n_clusters for each in found]
    columns = {name: np.full(len(ids), np.nan) for name in ("share", "range_low", "range_high", "low", "high")}
    for name, column in columns.items():
        column[at] = np.array([getattr(each, name) for each in found], np.float64)  # None is NaN
    mine = [
        each
        for each in previous.clusters
        if (each.role, each.clock) == (role.value, clock.value) and each.provider_id in places
    ]
    mine.sort(key=lambda each: places[each.provider_id])
    clusters = ClusterSums(
        provider=np.array([places[each.provider_id] for each in mine], np.int32),
        n=np.array([each.n for each in mine], np.int64),
        weight=np.array([each.weight for each in mine], np.float64),
        inside=np.array([each.inside for each in mine], np.float64),
    )
    return Before(n_clusters, **columns), clusters
