"""What survival measures of each Provider of a Selected, and hands to the ranking: estimates, bounds, limits.

Conventions: one entry per Provider, in the order of `Selected.ids`; shares 0 to 1, hours since the notice; NaN where
there is nothing to say (no Episode, no limit). Counts of Episodes are whole numbers.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from monitor.model.columns import Codes, Columns, Flags, Floats, Ints, Texts
from monitor.model.scorecard import PUBLISHED_HOURS, Curve, Norm


class MedianStatus(StrEnum):
    """Whether half of the Episodes were taken down, as far as the data say."""

    REACHED = "reached"
    NOT_REACHED = "not-reached"
    NOT_IDENTIFIED = "not-identified"  # reached under some maximisers and not under others


@dataclass(frozen=True, slots=True, eq=False)
class Estimates(Columns):
    """One entry per Provider. `range` = over all maximisers of the likelihood; `limit` = of an interval.

    `within*` have the shape (Providers, hours), hours as in `Measurement.hours`. `norm` is the cumulative incidence of
    takedown (of any complying end, on the order clock) at the norm; `any_end` that of every end.
    """

    n_episodes: Ints
    n_clusters: Ints
    worst: Ints  # Episodes within the norm in the worst case, by a complying end
    best: Ints
    any_end_worst: Ints
    any_end_best: Ints
    within: Floats
    within_range_low: Floats
    within_range_high: Floats
    within_identified: Flags
    norm: Floats
    norm_range_low: Floats
    norm_range_high: Floats
    identified: Flags
    any_end: Floats
    any_end_range_low: Floats
    any_end_range_high: Floats
    design_effect: Floats  # D of `norm`, at least 1
    n_effective: Floats  # n_episodes / D
    norm_low: Floats  # 95% interval of the share, clusters = Provider x day
    norm_high: Floats
    meets_limit: Floats  # one-sided 99% lower limit of the worst-case complying share
    below_limit: Floats  # one-sided 99% upper limit of the best-case share of any end
    below_p: Floats  # p of "the best-case share of any end is at least the target", against "is under it"
    median: Floats  # hours; NaN where it is not reached
    median_low: Floats
    median_high: Floats  # NaN where no upper limit is known
    median_status: Texts  # MedianStatus; None without Episodes
    mean: Floats  # restricted mean hours until any end, to CAP_HOURS
    mean_low: Floats
    mean_high: Floats
    site_low: Floats  # 95% interval of the share, clusters = sites
    site_high: Floats
    site_meets_limit: Floats
    site_below_limit: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSums(Columns):
    """One entry per cluster (Provider x UTC day of notice): enough for jackknife and bootstrap of the share."""

    provider: Codes
    n: Ints  # Episodes
    weight: Floats  # sum of their weights
    inside: Floats  # sum of weight x expected membership in [0, norm]; sum(inside) / sum(weight) is the share


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """One role and clock of one Period, measured."""

    norm: Norm
    ids: tuple[str, ...]
    estimates: Estimates
    clusters: ClusterSums
    rho: float | None  # intra-cluster correlation pooled over Providers, by day of notice; None: cannot be said
    site_rho: float | None  # the same by site
    hours: tuple[float, ...] = tuple(float(hours) for hours in PUBLISHED_HOURS)
    curves: tuple[Curve, ...] = field(default=())
