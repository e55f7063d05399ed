"""One role and clock of one Period, measured: a Selected in, a Measurement out.

The stage's top function: bounds, fits, estimates, limits, in that order. What would surprise: Episodes without a
Provider are fitted too, as one group behind the last Provider, because the curve of all Episodes together stands on
the same hours; and on the order clock the norm is read from a second fit, of time divided by deadline.

Method: `measurement.md` section 3; docs/decisions/010-intervals.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import Codes, Columns, Flags, Floats, Ints, Small
from monitor.model.episode import CAP_HOURS
from monitor.model.measurement import Estimates, Measurement
from monitor.model.previous import ENOUGH_CLUSTERS
from monitor.model.scorecard import PUBLISHED_HOURS, Curve, Minimums, Norm
from monitor.model.selected import Selected
from monitor.model.words import NoticeKind
from monitor.survival import bootstrap, limits
from monitor.survival.bounds import (
    ORDER_LONGEST_HOURS,
    Bounds,
    Intervals,
    bounds_at,
    bounds_of_norm,
    intervals_of,
)
from monitor.survival.curves import HOURS, Incidences, curves_of
from monitor.survival.design_effect import DesignEffects, design_effects
from monitor.survival.incidence import IDENTIFIED_RANGE, IDENTIFIED_WIDTH, incidence
from monitor.survival.membership import membership
from monitor.survival.moments import median, restricted_mean, widths90
from monitor.survival.npmle import Fits, fit_groups

COMPLYING, OTHER, OPEN = 0, 1, -1
"""Causes of the estimator: an end that complies with the notice, any other end, none seen."""
TAKEN, ANY = (COMPLYING,), (COMPLYING, OTHER)
MOST_LOST = 0.1
"""Of a figure that is identified at most this part of the Episodes was lost from view before its hour."""


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeRows(Columns):
    """The Episodes alone, as the estimator reads them; `group` is the Provider's place, behind the last for nobody."""

    group: Codes
    left: Floats
    right: Floats
    cause: Small
    weight: Floats
    day: Codes  # cluster: Provider x UTC day of notice
    site: Codes


@dataclass(frozen=True, slots=True, eq=False)
class _Share:
    """The share at the norm and its design effects."""

    fits: Fits
    limit: float  # hours, or 1 deadline
    value: Floats  # (Providers, 1), as low and high: range over the maximisers
    low: Floats
    high: Floats
    identified: Flags
    by_day: DesignEffects
    by_site: DesignEffects
    n_day: Floats  # effective number of Episodes
    n_site: Floats


def measure(
    chosen: Selected,
    norm: Norm,
    *,
    minimums: Minimums | None = None,
    seed: int = 0,
    with_curves: bool = True,
    resamples: int = bootstrap.REPLICATES,
) -> Measurement:
    """Everything that is estimated of each Provider of `chosen`, against `norm`.

    `minimums` say who has a curve. `resamples`: draws of the bootstrap, for Providers with enough clusters; 0: none.
    """
    cases = intervals_of(chosen)
    by_deadline = chosen.clock is NoticeKind.ORDER and norm.is_primary
    bounds = bounds_of_norm(cases, norm.hours) if by_deadline else bounds_at(cases, norm.hours)
    rows, kept = episode_rows(chosen, cases)
    fits = fit(rows, len(chosen.ids))
    if by_deadline:
        on_norm = _by_deadline(rows, chosen.rows.deadline_hours[kept])
        unrecorded = chosen.is_episode & np.isnan(chosen.rows.deadline_hours)
        share = _share(chosen, on_norm, fit(on_norm, len(chosen.ids)), 1.0, bounds, unrecorded)
    else:
        share = _share(chosen, rows, fits, norm.hours, bounds)
    estimates = Estimates(
        **_counts(chosen, bounds, share),
        **_published(chosen, cases, rows, fits),
        **_at_norm(share, len(chosen.ids)),
        **_limits(bounds, rows, kept, share, norm.target),
        **_times(rows, fits, share.by_day.n_clusters, seed, resamples),
    )
    return Measurement(
        norm=norm,
        ids=chosen.ids,
        estimates=estimates,
        clusters=share.by_day.clusters,
        rho=share.by_day.rho,
        site_rho=share.by_site.rho,
        curves=_curves(chosen, cases, minimums or Minimums(), fits, share) if with_curves else (),
    )


def episode_rows(chosen: Selected, cases: Intervals) -> tuple[EpisodeRows, Flags]:
    """The Episodes, and which of the rows they are."""
    kept = chosen.is_episode
    rows = chosen.rows
    provider = rows.provider[kept]
    complying, open_ = cases.complying[kept], cases.open[kept]
    return EpisodeRows(
        group=np.where(provider >= 0, provider, len(chosen.ids)).astype(np.int32),
        left=cases.left[kept],
        right=np.where(open_, np.inf, cases.right[kept]),
        cause=np.where(open_, OPEN, np.where(complying, COMPLYING, OTHER)).astype(np.int8),
        weight=rows.weight[kept],
        day=rows.cluster_id[kept],
        site=rows.site_id[kept],
    ), kept


def _by_deadline(rows: EpisodeRows, deadline: Floats) -> EpisodeRows:
    """Hours as parts of each order's own deadline; the longest that there may be stands in for one not recorded."""
    hours = np.where(np.isnan(deadline), ORDER_LONGEST_HOURS, deadline)
    return EpisodeRows(rows.group, rows.left / hours, rows.right / hours, rows.cause, rows.weight, rows.day, rows.site)


def fit(rows: EpisodeRows, n_providers: int) -> Fits:
    return fit_groups(rows.group, n_providers + 1, rows.left, rows.right, rows.cause, rows.weight)


def _share(
    chosen: Selected, rows: EpisodeRows, fits: Fits, limit: float, bounds: Bounds, unrecorded: Flags | None = None
) -> _Share:
    """The share within `limit`. At a share of 0 or 1 no more Episodes count than the checks followed up to it: there

    the data have no spread from which the design effect could see how many were lost from view.
    """
    n = len(chosen.ids)
    value, low, high = (each[:n] for each in incidence(fits, TAKEN, [limit]))
    seen = _seen(chosen, bounds)
    if unrecorded is not None:  # in the worst case each of these deadlines was missed
        some = np.maximum(_count(chosen, chosen.is_episode), 1)
        low = np.where(_count(chosen, unrecorded) > 0, _count(chosen, bounds.worst) / some, low[:, 0])[:, None]
    identified = _identified(chosen, rows, high - low, [limit], [bounds])
    inside = membership(fits, rows.group, rows.left, rows.right, rows.cause, TAKEN, limit)
    provider = np.where(rows.group < n, rows.group, -1)
    by_day = design_effects(provider, rows.day, rows.weight, inside, n)
    by_site = design_effects(provider, rows.site, rows.weight, inside, n)
    flat = (value[:, 0] <= 0) | (value[:, 0] >= 1)
    n_day, n_site = (np.where(flat, np.fmin(of.n_effective, seen), of.n_effective) for of in (by_day, by_site))
    return _Share(fits, limit, value, low, high, identified, by_day, by_site, n_day, n_site)


def _seen(chosen: Selected, bounds: Bounds) -> Floats:
    """By Provider: Episodes of which the checks say for certain whether they were within; (Providers,)."""
    sure = chosen.is_episode & (bounds.best == bounds.worst)
    return _count(chosen, sure).astype(np.float64)


def _identified(
    chosen: Selected, rows: EpisodeRows, spread: Floats, hours: list[float], bounds: Sequence[Bounds]
) -> Flags:
    """(Providers, hours): whether one figure may be given: by range and widths, or because the bounds say it alone."""
    n = len(chosen.ids)
    widths = widths90(rows.group, n + 1, rows.left, rows.right, hours, rows.cause)[:n]
    narrow = np.isnan(widths) | (widths <= IDENTIFIED_WIDTH * np.asarray(hours))
    some = np.maximum(_count(chosen, chosen.is_episode), 1)
    lost = [np.bincount(rows.group[(rows.cause == OPEN) & (rows.left < at)], minlength=n + 1)[:n] for at in hours]
    followed = np.stack(lost, axis=1) <= MOST_LOST * some[:, None]
    between = np.stack([_count(chosen, case.best) - _count(chosen, case.worst) for case in bounds], axis=1)
    certain = between <= IDENTIFIED_RANGE * some[:, None]
    identified: Flags = (spread <= IDENTIFIED_RANGE) & ((narrow & followed) | certain)
    return identified


def _count(chosen: Selected, mask: Flags) -> Ints:
    """Rows of `mask` by Provider."""
    codes = chosen.rows.provider[mask & (chosen.rows.provider >= 0)]
    return np.bincount(codes, minlength=len(chosen.ids)).astype(np.int64)


def _counts(chosen: Selected, bounds: Bounds, share: _Share) -> dict[str, NDArray[Any]]:
    return {
        "n_episodes": share.by_day.n,
        "n_clusters": share.by_day.n_clusters,
        "worst": _count(chosen, bounds.worst),
        "best": _count(chosen, bounds.best),
        "any_end_worst": _count(chosen, bounds.any_end_worst),
        "any_end_best": _count(chosen, bounds.any_end_best),
    }


def _published(chosen: Selected, cases: Intervals, rows: EpisodeRows, fits: Fits) -> dict[str, NDArray[Any]]:
    hours = [float(hours) for hours in PUBLISHED_HOURS]
    value, low, high = (each[: len(chosen.ids)] for each in incidence(fits, TAKEN, hours))
    bounds = [bounds_at(cases, at) for at in hours]
    return {
        "within": value,
        "within_range_low": low,
        "within_range_high": high,
        "within_identified": _identified(chosen, rows, high - low, hours, bounds),
    }


def _at_norm(share: _Share, n_providers: int) -> dict[str, NDArray[Any]]:
    one = slice(None, n_providers), 0
    return {
        "norm": share.value[one],
        "norm_range_low": share.low[one],
        "norm_range_high": share.high[one],
        "identified": share.identified[one],
    }


def _limits(bounds: Bounds, rows: EpisodeRows, kept: Flags, share: _Share, target: float) -> dict[str, NDArray[Any]]:
    """Intervals of the share, and the one-sided limits that classes are judged by; by day of notice and by site."""
    n = len(share.by_day.n)
    low, high = share.low[:n, 0], share.high[:n, 0]
    ended, ended_low, ended_high = (each[:n, 0] for each in incidence(share.fits, ANY, [share.limit]))
    worst, best = bounds.worst[kept], bounds.any_end_best[kept]
    by_day, by_site = share.n_day, share.n_site
    under = _certain(rows, rows.day, best, n)
    return {
        "any_end": ended,
        "any_end_range_low": ended_low,
        "any_end_range_high": ended_high,
        "design_effect": share.by_day.design_effect,
        "n_effective": by_day,
        "norm_low": _or_nothing(limits.wilson(low, by_day)[0], by_day, 0.0),
        "norm_high": _or_nothing(limits.wilson(high, by_day)[1], by_day, 1.0),
        "meets_limit": limits.clopper_pearson_lower(*_certain(rows, rows.day, worst, n)),
        "below_limit": limits.clopper_pearson_upper(*under),
        "below_p": limits.p_under(*under, target),
        "site_low": _or_nothing(limits.wilson(low, by_site)[0], by_site, 0.0),
        "site_high": _or_nothing(limits.wilson(high, by_site)[1], by_site, 1.0),
        "site_meets_limit": limits.clopper_pearson_lower(*_certain(rows, rows.site, worst, n)),
        "site_below_limit": limits.clopper_pearson_upper(*_certain(rows, rows.site, best, n)),
    }


def _or_nothing(limit: Floats, n_effective: Floats, end: float) -> Floats:
    """Where no Episode was followed to the hour, the interval is all of 0 to 1."""
    return np.where(n_effective == 0, end, limit)


def _certain(rows: EpisodeRows, cluster: Codes, within: Flags, n_providers: int) -> tuple[Floats, Floats]:
    """Share and effective number of Episodes of a bound: every Episode counts one, and each is in or out."""
    provider = np.where(rows.group < n_providers, rows.group, -1)
    found = design_effects(provider, cluster, np.ones(len(rows)), within.astype(np.float64), n_providers)
    return found.share, found.n_effective


def _times(rows: EpisodeRows, fits: Fits, n_clusters: Ints, seed: int, resamples: int) -> dict[str, NDArray[Any]]:
    """Median and restricted mean with the range over the maximisers; from enough clusters on, with 95% limits."""
    n = len(n_clusters)
    middle, earliest, latest, status = median(fits, TAKEN)
    mean, least, most = restricted_mean(fits, CAP_HOURS)
    named: dict[str, NDArray[Any]] = {
        "median": middle[:n],
        "median_low": earliest[:n],
        "median_high": latest[:n],
        "median_status": status[:n],
        "mean": mean[:n],
        "mean_low": least[:n],
        "mean_high": most[:n],
    }
    enough = n_clusters >= ENOUGH_CLUSTERS
    if not resamples or not enough.any():
        return named
    mine = np.append(enough, False)[rows.group]
    drawn = bootstrap.time_limits(
        np.where(mine, rows.group, -1),
        rows.day,
        rows.left,
        rows.right,
        rows.cause,
        rows.weight,
        n,
        seed=seed,
        replicates=resamples,
    )
    return named | {name: np.where(enough, limit, named[name]) for name, limit in drawn.arrays().items()}


def _curves(chosen: Selected, cases: Intervals, minimums: Minimums, fits: Fits, share: _Share) -> tuple[Curve, ...]:
    value, low, high = incidence(fits, TAKEN, [float(hours) for hours in HOURS])
    return curves_of(chosen, cases, minimums, Incidences(value, low, high, share.by_day.n_effective))
