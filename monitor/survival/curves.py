"""Curves: bounds of the share of Episodes still online, hour by hour since the notice.

In: the rows of one role and clock. Out: one Curve for all Providers together and one for each with enough
Episodes. What would surprise: a Target that moved, or whose domain went, counts as still online here (on the order
clock a domain that is gone counts as an end), and the best case can begin under 1: a gap at the notice may have
been a removal before it.
"""

import numpy as np

from monitor.model.columns import Flags, Ints
from monitor.model.episode import EpisodeTable
from monitor.model.scorecard import Curve, Minimums
from monitor.model.words import NoticeKind, Role
from monitor.ranking.bounds import Intervals, bounds_at, intervals
from monitor.ranking.selection import Selection, select

HOURS = (0, 1, 2, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 144, 168, 240, 336, 480, 720)


def curves(episodes: EpisodeTable, *, clock: NoticeKind, role: Role, minimums: Minimums) -> tuple[Curve, ...]:
    """The Curves of one role and clock: all Providers first, then each with `minimums.named` Episodes, by id.

    Episodes without a Provider are in none of them. Empty without Episodes.
    """
    chosen = select(episodes, clock=clock, role=role)
    return curves_of(chosen, intervals(chosen.rows), minimums)


def curves_of(chosen: Selection, rows: Intervals, minimums: Minimums) -> tuple[Curve, ...]:
    """As `curves`, from a Selection and the intervals of its rows."""
    sizes = chosen.count(chosen.is_episode)
    n_all = int(sizes.sum())
    if n_all == 0:
        return ()
    cases = [bounds_at(rows, float(hours)) for hours in HOURS]
    worst = _counts(chosen, [case.worst for case in cases])
    best = _counts(chosen, [case.best for case in cases])
    together = _curve(None, worst.sum(axis=1), best.sum(axis=1), n_all)
    shown = np.flatnonzero(sizes >= max(1, minimums.named))
    return (
        together,
        *(_curve(chosen.ids[place], worst[:, place], best[:, place], int(sizes[place])) for place in shown),
    )


def _counts(chosen: Selection, within: list[Flags]) -> Ints:
    """Episodes within each number of hours, as (hours, Providers)."""
    return np.stack([chosen.count(flags) for flags in within])


def _curve(provider_id: str | None, worst: Ints, best: Ints, n: int) -> Curve:
    return Curve(
        provider_id=provider_id,
        hours=tuple(float(hours) for hours in HOURS),
        low=tuple(((n - best) / n).tolist()),
        high=tuple(((n - worst) / n).tolist()),
        n_episodes=n,
    )
