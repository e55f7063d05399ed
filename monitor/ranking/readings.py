"""The rows of one Provider read by other clocks: what its figures would be if the notices had come when it says.

In: Selected rows and, for each row, when the reading's clock starts; or the times that the Provider states. Out:
Selected rows to be measured, and `Figures`. What would surprise: the rows of everybody else stay as they are frozen, so
that what is pooled over Providers is pooled over the published ones; and a later start can take the last ONLINE out of
the Episode, which then is a gap at the notice with its weight.

Method: `measurement.md` section 2 (interval, gap at notice, GoneBeforeNotice); docs/reconcile.md.
"""

from dataclasses import replace
from math import isfinite

import numpy as np

from monitor.model.columns import MICROS_PER_HOUR, Codes, Flags, Floats, Ints
from monitor.model.measurement import Measurement
from monitor.model.reconciliation import Figures, Reading
from monitor.model.scorecard import Minimums
from monitor.model.selected import CENSORED, STATUSES, TAKEDOWN, Selected
from monitor.model.words import EpisodeStatus
from monitor.ranking.classes import classify, eligible

AS_IT_IS = -1
"""In the place of a time: the clock of this row starts when it does."""
_DAY = 24 * MICROS_PER_HOUR
_BEFORE = STATUSES.index(EpisodeStatus.BEFORE_NOTICE.value)
_UNDELIVERED = STATUSES.index(EpisodeStatus.UNDELIVERED.value)
_LEFT_OUT = -1  # a status that no row has
_NO_TIME = 1e-6  # hours: what rounding makes of two equal times


def restarted(chosen: Selected, starts: Ints) -> Selected:
    """The Episodes with their clocks started at `starts` (microseconds UTC, a row each, or AS_IT_IS).

    An end at or before the new start is GoneBeforeNotice. A row that is no Episode has no interval and stays as it is.
    """
    rows = chosen.rows
    moves = chosen.is_episode & (starts != AS_IT_IS)
    if not moves.any():
        return chosen
    shift = np.where(moves, (starts - rows.notified_at) / MICROS_PER_HOUR, 0.0)
    left, right = rows.left_hours - shift, rows.right_hours - shift
    gone = moves & (right <= 0)
    is_open = rows.end == CENSORED
    # 1. L0: where a gap began, or the last ONLINE that now lies before the start; the weight gives the former back
    since = np.where(rows.gap_at_notice, _gap_from(chosen) - shift, left)
    reported = (rows.reported_at.astype(np.float64) - starts) / MICROS_PER_HOUR
    seen = ~rows.gap_at_notice | (since > reported + _NO_TIME)  # else L0 is the report: nobody saw it ONLINE
    # 2. an ONLINE at or after the start bounds the end from below; without one it is a gap
    gap = ~is_open & ~(seen & (since >= 0))
    low = np.where(gap, 0.0, since)
    low = np.where(is_open, np.where(rows.left_hours > 0, np.maximum(left, 0.0), 0.0), low)
    lower0 = np.minimum(since, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(gap, right / (right - lower0), 1.0)
    return chosen.with_rows(
        replace(
            rows,
            status=np.where(gone, np.int8(_BEFORE), rows.status),
            notified_at=np.where(moves, starts, rows.notified_at),
            left_hours=np.where(moves, low, rows.left_hours),
            right_hours=np.where(moves, right, rows.right_hours),
            gap_at_notice=np.where(moves, gap, rows.gap_at_notice),
            weight=np.where(moves, weight, rows.weight),
            cluster_id=_days(chosen, moves, starts),
        )
    )


def _gap_from(chosen: Selected) -> Floats:
    """L0 in hours (negative or 0) of each gap: its weight is R / (R - L0)."""
    rows = chosen.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(rows.gap_at_notice, rows.right_hours - rows.right_hours / rows.weight, 0.0)
    return found


def _days(chosen: Selected, moves: Flags, starts: Ints) -> Codes:
    """Clusters of the Providers with a moved row, by the UTC day on which each clock starts now."""
    rows = chosen.rows
    mine = np.isin(rows.provider, np.unique(rows.provider[moves]))
    day = np.where(moves, starts, rows.notified_at)[mine] // _DAY
    keys = rows.provider[mine].astype(np.int64) * (int(day.max(initial=0)) + 1) + day
    _, dense = np.unique(keys, return_inverse=True)
    clusters: Codes = rows.cluster_id.copy()
    clusters[mine] = int(rows.cluster_id.max(initial=-1)) + 1 + dense
    return clusters


def not_delivered(chosen: Selected, rows: Flags) -> Selected:
    """These rows as notices that did not arrive: neither Episodes nor gone before the notice."""
    told = rows & (chosen.is_episode | (chosen.rows.status == _BEFORE))
    status = np.where(told, np.int8(_UNDELIVERED), chosen.rows.status)
    return chosen.with_rows(replace(chosen.rows, status=status))


def by_their_times(chosen: Selected, mine: Flags, received_at: Ints, resolved_at: Ints) -> Selected:
    """Of `mine` only the Episodes with both times (AS_IT_IS: none), each a takedown at the moment that is stated.

    What is said to be resolved before it was received is left out. No fact of ours is in it but which rows there are.
    """
    rows = chosen.rows
    stated = mine & chosen.is_episode & (received_at != AS_IT_IS) & (resolved_at != AS_IT_IS)
    stated &= resolved_at >= received_at
    hours = (resolved_at - received_at) / MICROS_PER_HOUR
    exact = chosen.with_rows(
        replace(
            rows,
            status=np.where(mine & ~stated, np.int8(_LEFT_OUT), rows.status),
            notified_at=np.where(stated, received_at, rows.notified_at),
            left_hours=np.where(stated, hours, rows.left_hours),
            right_hours=np.where(stated, hours, rows.right_hours),
            end=np.where(stated, np.int8(TAKEDOWN), rows.end),
            gap_at_notice=rows.gap_at_notice & ~stated,
            weight=np.where(stated, 1.0, rows.weight),
        )
    )
    return exact.with_rows(replace(exact.rows, cluster_id=_days(exact, stated, received_at)))


def figures(reading: Reading, chosen: Selected, measured: Measurement, place: int, minimums: Minimums) -> Figures:
    """What was measured of the Provider at that place of `chosen.ids`, as one reading."""
    found, rows = measured.estimates.take(np.array([place])), chosen.rows
    mine, n = rows.provider == place, int(found.n_episodes[0])
    labels = classify(found.meets_limit, found.below_limit, measured.norm.target, eligible(found, minimums))
    return Figures(
        reading=reading,
        n_episodes=n,
        gone_before_notice=int((mine & (rows.status == _BEFORE)).sum()),
        undelivered=int((mine & (rows.status == _UNDELIVERED)).sum()),
        within_norm=_known(found.norm[0]),
        within_norm_low=_known(found.norm_low[0]) if n else None,
        within_norm_high=_known(found.norm_high[0]) if n else None,
        within_norm_worst=_known(found.worst[0] / n) if n else None,
        within_norm_best=_known(found.best[0] / n) if n else None,
        within_norm_any_end=_known(found.any_end[0]),
        identified=bool(found.identified[0]) if n else None,
        median_hours=_known(found.median[0]),
        median_status=found.median_status[0],
        class_=str(labels[0]),
    )


def _known(value: float) -> float | None:
    return round(float(value), 9) if isfinite(value) else None
