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
    # the weighted mean of separate samples: its variance is that of so many Episodes
    with np.errstate(divide="ignore", invalid="ignore"):
        n_together = 1.0 / float(np.nansum(weights**2 / estimated.n_effective[:n_providers]))
    together = _curve(
        None, worst.sum(axis=1), best.sum(axis=1), n_all, weights @ value, weights @ low, weights @ high, n_together
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
                low[place],
                high[place],
                float(estimated.n_effective[place]),
            )
            for place in shown
        ),
    )


def _count(chosen: Selected, mask: Flags) -> Ints:
    """Rows of `mask` by Provider."""
    codes = chosen.rows.provider[mask & (chosen.rows.provider >= 0)]
    return np.bincount(codes, minlength=len(chosen.ids)).astype(np.int64)


def _curve(
    provider_id: str | None,
    worst: Ints,
    best: Ints,
    n: int,
    value: Floats,
    low: Floats,
    high: Floats,
    n_effective: float,
) -> Curve:
    # no more Episodes than were followed to each hour
    sample = np.minimum(n_effective, n - (best - worst))
    # what is in the band at one hour cannot leave it backwards in time, nor forwards
    band_low = np.maximum.accumulate(np.where(sample > 0, wilson(low, sample)[0], 0.0))
    band_high = np.minimum.accumulate(np.where(sample > 0, wilson(high, sample)[1], 1.0)[::-1])[::-1]
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
