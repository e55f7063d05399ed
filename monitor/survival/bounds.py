"""Worst and best case of each Episode: did its end lie within the hours allowed, surely or possibly.

In: rows (an EpisodeTable, or a Selected) and the hours allowed. Out: one flag per row and case; rows that are no
Episodes are in none. What would surprise: an interval (L, R] that ends exactly at the limit is within it, one that
begins there is not, and an end that is known to the moment (L == R) is within when it is at the limit. A gap at the
notice is within in the best case, however it ended: it may have ended before the notice.

Method: `measurement.md` sections 2 and 3 (bounds are facts, no model).
"""

from dataclasses import dataclass

import numpy as np

from monitor.model.columns import Columns, Flags, Floats
from monitor.model.episode import EpisodeTable
from monitor.model.selected import CENSORED, DOMAIN, MOVE, TAKEDOWN, Selected
from monitor.model.words import End, EpisodeStatus, NoticeKind

ORDER_LONGEST_HOURS = 12.0
"""No order may allow more, so an order whose deadline was not recorded allowed at most this."""


@dataclass(frozen=True, slots=True, eq=False)
class Intervals(Columns):
    """What the bounds need of each row. A row that is no Episode neither complies, ends nor is open."""

    left: Floats
    right: Floats
    complying: Flags  # ended in the way that the clock asks for
    ended: Flags  # ended in any way
    open: Flags  # the end was not seen
    gap: Flags  # may have ended before the notice: nobody looked in between
    own_limit: Flags  # an order: its own deadline counts, not the norm's hours
    deadline: Floats  # hours; NaN where not known


@dataclass(frozen=True, slots=True, eq=False)
class Bounds(Columns):
    """One flag per row: within the hours in the worst and in the best case, by a complying end and by any end."""

    worst: Flags
    best: Flags
    any_end_worst: Flags
    any_end_best: Flags


def intervals(episodes: EpisodeTable) -> Intervals:
    """The interval and kind of end of each row of a whole table, aligned with it.

    On the request clock only a takedown complies. An order asks that the material be inaccessible by any means:
    a domain that is gone complies too; a move never does.
    """
    is_episode = episodes.status == EpisodeStatus.EPISODE.value
    is_order = episodes.clock == NoticeKind.ORDER.value
    takedown, domain, move, open_ = (
        is_episode & (episodes.end == end.value) for end in (End.TAKEDOWN, End.DOMAIN, End.MOVE, End.CENSORED)
    )
    return Intervals(
        left=episodes.left_hours,
        right=episodes.right_hours,
        complying=takedown | (domain & is_order),
        ended=takedown | domain | move,
        open=open_,
        gap=is_episode & episodes.gap_at_notice,
        own_limit=is_order,
        deadline=episodes.deadline_hours,
    )


def intervals_of(chosen: Selected) -> Intervals:
    """The same for the rows of one role and clock, aligned with `chosen.rows`."""
    rows, is_episode = chosen.rows, chosen.is_episode
    is_order = chosen.clock is NoticeKind.ORDER
    takedown, domain, move, open_ = (is_episode & (rows.end == end) for end in (TAKEDOWN, DOMAIN, MOVE, CENSORED))
    return Intervals(
        left=rows.left_hours,
        right=rows.right_hours,
        complying=takedown | domain if is_order else takedown,
        ended=takedown | domain | move,
        open=open_,
        gap=is_episode & rows.gap_at_notice,
        own_limit=np.full(len(rows), is_order),
        deadline=rows.deadline_hours,
    )


def bounds_of_norm(rows: Intervals, hours: float) -> Bounds:
    """The four cases for the norm: `hours` for a request, each order's own deadline for an order.

    An order without a recorded deadline: never within it in the worst case, in the best case within the longest
    deadline that an order may have.
    """
    shortest = np.where(rows.own_limit, np.where(np.isnan(rows.deadline), -np.inf, rows.deadline), hours)
    longest = np.where(rows.own_limit, np.where(np.isnan(rows.deadline), ORDER_LONGEST_HOURS, rows.deadline), hours)
    return _bounds(rows, shortest, longest)


def bounds_at(rows: Intervals, hours: float) -> Bounds:
    """The four cases at `hours` after the notice, whatever the norm or deadline."""
    return _bounds(rows, hours, hours)


def _bounds(rows: Intervals, shortest: Floats | float, longest: Floats | float) -> Bounds:
    surely = (rows.right <= shortest) & ~rows.gap
    # the last term holds an end known to the moment, exactly at the limit
    possibly = (rows.left < longest) | rows.gap | (rows.right <= longest)
    return Bounds(
        worst=rows.complying & surely,
        # a gap may have ended before the notice, in whichever way: then nothing was left to take down
        best=((rows.complying | rows.open) & possibly) | rows.gap,
        any_end_worst=rows.ended & surely,
        any_end_best=(rows.ended | rows.open) & possibly,
    )
