"""Curves: the share of Episodes not taken down, hour by hour since the notice: estimate, 95% band and bounds.

In: the rows of one role and clock, and the fit of each Provider. Out: one Curve for all Providers together and one
for each with enough Episodes. What would surprise: a Target that moved, or whose domain went, counts as not taken
down here (on the order clock a domain that is gone counts as an end), and the best case can begin under 1: a gap at
the notice may have been a removal before it. All together: the mean over Episodes of their Providers' estimates.
"""

from dataclasses import dataclass

import numpy as np

from monitor.model.columns import Flags, Floats, Ints
from monitor.model.scorecard import Curve, Minimums
from monitor.model.selected import Selected
from monitor.survival.bounds import Intervals, bounds_at
from monitor.survival.limits import wilson

HOURS = (0, 1, 2, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 144, 168, 240, 336, 480, 720)


@dataclass(frozen=True, slots=True, eq=False)
class Incidences:
    """Cumulative incidence of takedown at HOURS: (groups, hours); the last group holds the Episodes of nobody."""

    value: Floats
    low: Floats
    high: Floats
    n_effective: Floats  # (groups,)


def curves_of(chosen: Selected, rows: Intervals, minimums: Minimums, estimated: Incidences) -> tuple[Curve, ...]:
    """All Providers first, then each with `minimums.named` Episodes, by id. Empty without Episodes.

    `rows` and `chosen.rows` are aligned. Episodes without a Provider are in none of the Curves.
    """
    n_providers = len(chosen.ids)
    sizes = _count(chosen, chosen.is_episode)
    n_all = int(sizes.sum())
    if n_all == 0:
        return ()
    cases = [bounds_at(rows, float(hours)) for hours in HOURS]
    worst = np.stack([_count(chosen, case.worst) for case in cases])
    best = np.stack([_count(chosen, case.best) for case in cases])
    weights = np.where(sizes > 0, sizes, 0) / n_all
    value, low, high = (np.nan_to_num(each[:n_providers]) for each in (estimated.value, estimated.low, estimated.high))
    followed = (sizes - (best - worst)).T
    n_effective = np.nan_to_num(estimated.n_effective[:n_providers])
    limits = _limits_of_each(value, low, high, n_effective, followed)
    together = _curve(
        None, worst.sum(axis=1), best.sum(axis=1), n_all, weights @ value, mean_limits(weights, value, *limits)
    )
    shown = np.flatnonzero(sizes >= max(1, minimums.named)).tolist()
    return (
        together,
        *(
            _curve(
                chosen.ids[place],
                worst[:, place],
                best[:, place],
                int(sizes[place]),
                value[place],
                _limits(low[place], high[place], np.minimum(n_effective[place], followed[place])),
            )
            for place in shown
        ),
    )


def _count(chosen: Selected, mask: Flags) -> Ints:
    """Rows of `mask` by Provider."""
    codes = chosen.rows.provider[mask & (chosen.rows.provider >= 0)]
    return np.bincount(codes, minlength=len(chosen.ids)).astype(np.int64)


def mean_limits(weights: Floats, value: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Limits of the weighted means `weights @ value` of separate samples, from the limits of each (samples, hours).

    MOVER: Zou and Donner 2008, Statistics in Medicine 27:1693. The trend's point of all together is made alike.
    """
    middle = weights @ value
    down = np.sqrt(weights**2 @ (value - lower) ** 2)
    up = np.sqrt(weights**2 @ (upper - value) ** 2)
    return np.maximum(middle - down, 0.0), np.minimum(middle + up, 1.0)


def _limits_of_each(
    value: Floats, low: Floats, high: Floats, n_effective: Floats, followed: Floats
) -> tuple[Floats, Floats]:
    """As a Scorecard has them: at a share of 0 or 1 only Episodes count that were followed to the hour."""
    flat = (value <= 0) | (value >= 1)
    every = np.broadcast_to(n_effective[:, None], value.shape)
    return _limits(low, high, np.where(flat, np.minimum(every, followed), every))


def _limits(low: Floats, high: Floats, sample: Floats) -> tuple[Floats, Floats]:
    """95% limits; anything from 0 to 1 where nobody was followed."""
    known = np.where(sample > 0, sample, 1.0)
    return np.where(sample > 0, wilson(low, known)[0], 0.0), np.where(sample > 0, wilson(high, known)[1], 1.0)


def _curve(
    provider_id: str | None, worst: Ints, best: Ints, n: int, value: Floats, limits: tuple[Floats, Floats]
) -> Curve:
    # what is in the band at one hour cannot leave it backwards in time, nor forwards
    band_low = np.maximum.accumulate(limits[0])
    band_high = np.minimum.accumulate(limits[1][::-1])[::-1]
    return Curve(
        provider_id=provider_id,
        hours=tuple(float(hours) for hours in HOURS),
        low=_rounded((n - best) / n),
        high=_rounded((n - worst) / n),
        n_episodes=n,
        share=_rounded(1.0 - value),
        band_low=_rounded(1.0 - band_high),
        band_high=_rounded(1.0 - band_low),
    )


def _rounded(shares: Floats) -> tuple[float, ...]:
    """To 9 decimals, so that another processor's last digit is never written."""
    return tuple(np.round(shares, 9).tolist())
