"""What a monitor without this method would publish from the same rows: five figures, each wrong in its own way.

In: the Episodes of one Selected. Out: by name, the share within each published hour and a 95% interval at the norm, one
entry per Provider. What would surprise: they are computed with care; none is wrong by a slip.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm as normal

from monitor.model.columns import MICROS_PER_HOUR, Columns, Flags, Floats, Ints
from monitor.model.scorecard import PUBLISHED_HOURS
from monitor.model.selected import TAKEDOWN, Selected
from monitor.simulation.market import NORM_HOURS

Z = float(normal.ppf(0.975))


@dataclass(frozen=True, slots=True, eq=False)
class Naive(Columns):
    """One entry per Provider; NaN where there is nothing to say. `within` has the shape (Providers, hours)."""

    within: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Episodes(Columns):
    provider: Ints
    left: Floats
    right: Floats  # of a takedown; else the same as `left`
    taken: Flags  # a takedown was seen
    hour_of_day: Floats  # of the notice, UTC


def naive_figures(chosen: Selected) -> dict[str, Naive]:
    """Each naive figure by its name in METHODS."""
    rows, kept = chosen.rows, chosen.is_episode & (chosen.rows.provider >= 0)
    provider = rows.provider[kept].astype(np.int64)
    episodes = _Episodes(
        provider,
        rows.left_hours[kept],
        np.where(rows.end[kept] == TAKEDOWN, rows.right_hours[kept], rows.left_hours[kept]),
        rows.end[kept] == TAKEDOWN,
        (rows.notified_at[kept] / MICROS_PER_HOUR) % 24.0,
    )
    return {name: method(episodes, len(chosen.ids)) for name, (method, _) in METHODS.items()}


def mean_of_completed(chosen: Selected) -> Floats:
    """Hours from notice to first OFFLINE, on average over the takedowns that were seen; NaN without one."""
    rows = chosen.rows
    kept = chosen.is_episode & (rows.end == TAKEDOWN) & (rows.provider >= 0)
    n = len(chosen.ids)
    with np.errstate(invalid="ignore"):
        return np.bincount(rows.provider[kept], rows.right_hours[kept], n) / np.bincount(rows.provider[kept], None, n)


def plain_wilson(share: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Wilson's 95% interval as if every Episode had a fate of its own."""
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return centre - half, centre + half


def _completed(episodes: _Episodes, n: int) -> Naive:
    """Share of the takedowns seen that came within the hours: who is still online is left out."""
    return _counted(episodes.take(episodes.taken), n)


def _first_seen(episodes: _Episodes, n: int) -> Naive:
    """Share of all, with the first OFFLINE for the time of the takedown."""
    return _counted(episodes, n)


def _counted(episodes: _Episodes, n: int) -> Naive:
    total = np.bincount(episodes.provider, minlength=n).astype(np.float64)

    def share(hours: float) -> Floats:
        within = episodes.taken & (episodes.right <= hours)
        with np.errstate(invalid="ignore"):
            return np.bincount(episodes.provider[within], minlength=n) / total

    low, high = plain_wilson(share(NORM_HOURS), total)
    return Naive(np.stack([share(float(hours)) for hours in PUBLISHED_HOURS], axis=1), low, high)


def _daily(episodes: _Episodes, n: int) -> Naive:
    """The same as somebody sees it who looks once a day, at nine."""
    wait = (9.0 - episodes.hour_of_day - episodes.right) % 24.0
    seen = np.where(episodes.taken, episodes.right + wait, np.inf)
    return _counted(replace(episodes, right=seen), n)


def _km_first_seen(episodes: _Episodes, n: int) -> Naive:
    """Kaplan-Meier at the first OFFLINE; moves and domains that went count as censored."""
    return _kaplan_meier(episodes, episodes.right, n)


def _km_midpoint(episodes: _Episodes, n: int) -> Naive:
    """Kaplan-Meier at the middle of the interval; moves and domains that went count as censored."""
    return _kaplan_meier(episodes, (episodes.left + episodes.right) / 2, n)


def _kaplan_meier(episodes: _Episodes, time: Floats, n: int) -> Naive:
    """All Providers at once: in order of time, events first, each factor is 1 - event / at risk."""
    order = np.lexsort((~episodes.taken, time, episodes.provider))
    provider, time, event = episodes.provider[order], time[order], episodes.taken[order]
    total = np.bincount(provider, minlength=n)
    rank = np.arange(len(provider)) - np.repeat(np.cumsum(total) - total, total)
    at_risk = (total[provider] - rank).astype(np.float64)
    with np.errstate(divide="ignore"):
        factor = np.where(event, np.log1p(-1 / at_risk), 0.0)
        greenwood = np.where(event, 1 / (at_risk * (at_risk - 1)), 0.0)

    def at(hours: float) -> tuple[Floats, Floats]:
        within = time <= hours
        survival = np.exp(np.bincount(provider[within], factor[within], n))
        error = survival * np.sqrt(np.bincount(provider[within], greenwood[within], n))
        known = total > 0
        return np.where(known, 1 - survival, np.nan), np.where(known, np.nan_to_num(error), np.nan)

    with np.errstate(invalid="ignore"):
        within = np.stack([at(float(hours))[0] for hours in PUBLISHED_HOURS], axis=1)
        share, error = at(NORM_HOURS)
    return Naive(within, share - Z * error, share + Z * error)


METHODS: dict[str, tuple[Callable[[_Episodes, int], Naive], str]] = {
    "completed": (_completed, "share of the takedowns seen, plain binomial interval"),
    "first-seen": (_first_seen, "first OFFLINE as the time, share of all, plain binomial interval"),
    "daily": (_daily, "the same with one look a day"),
    "km-first-seen": (_km_first_seen, "Kaplan-Meier at the first OFFLINE, other ends as censored, Greenwood"),
    "km-midpoint": (_km_midpoint, "Kaplan-Meier at the middle of the interval, other ends as censored, Greenwood"),
}
"""Name: how it is computed, and in words."""
