"""The readings of an order's Target in, an `OrderCase` out: the same course that the figures are derived from.

What would surprise: an answer of 401 or 403 is inconclusive to the figures; here it is told apart, because whoever has
to enforce an order wants to know that the server answered.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from monitor.model.columns import UNKNOWN, Booking, Facts, Flags, Ints
from monitor.model.method import Thresholds
from monitor.model.order import Order
from monitor.model.order_term import term_of
from monitor.model.words import End, NoticeKind, Outcome, Role
from monitor.survival.course import Course, Start, follow
from monitor.survival.derive import readings_in_order
from monitor.survival.history import History
from monitor.survival.order_rules import OrderCase


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """The readings of one Target, each with the Provider of its address, and which of them were 401 or 403."""

    history: History
    provider: int = UNKNOWN  # at the order's service
    reported_at: int = 0  # microseconds UTC
    closed_at: Collection[int] = ()  # times of the readings that were 401 or 403, likewise
    check_ids: tuple[int, ...] = ()  # of the readings, as they lie in the history


def order_histories(
    facts: Facts, booking: Booking, moment: datetime, closed: Collection[int]
) -> Iterator[tuple[int, OrderHistory]]:
    """Of each notice of kind order in the facts: its key, and what was seen of its Target before `moment`.

    Providers are those of the role network, behind a reverse proxy without known origin those of the role proxy.
    `closed`: keys of the readings that were 401 or 403.
    """
    readings, held = readings_in_order(facts, booking, _micros(moment))
    was_closed: Flags = np.isin(readings.check_id, sorted(closed))
    reports = dict(zip(facts.reports.report_id.tolist(), facts.reports.reported_at.tolist(), strict=True))
    for place in np.flatnonzero(facts.notices.kind == NoticeKind.ORDER.value).tolist():
        target = int(facts.notices.target_id[place])
        first, last = (int(np.searchsorted(readings.target_id, target, side=side)) for side in ("left", "right"))
        part = slice(first, last)
        provider, role = _booked(booking, place)
        codes = held.proxy if role is Role.PROXY else held.network
        at = readings.at[part]
        yield (
            int(facts.notices.notice_id[place]),
            OrderHistory(
                History(
                    at.tolist(),
                    readings.outcome[part].tolist(),
                    readings.cause[part].tolist(),
                    codes[part].tolist(),
                    readings.confirmed[part].tolist(),
                    _voids(facts, target),
                ),
                provider,
                int(reports[int(facts.notices.report_id[place])]),
                at[was_closed[part]].tolist(),
                tuple(readings.check_id[part].tolist()),
            ),
        )


def _booked(booking: Booking, notice: int) -> tuple[int, Role]:
    """Who held the Target at the notice, in the role that goes first."""
    mine: Ints = np.flatnonzero(booking.notices.notice == notice)
    for role in (Role.NETWORK, Role.PROXY):
        for entry in mine.tolist():
            if booking.notices.role[entry] == role.value:
                return int(booking.notices.provider[entry]), role
    return UNKNOWN, Role.NETWORK


def _voids(facts: Facts, target: int) -> list[int]:
    mine: list[int] = facts.voids.at[facts.voids.target_id == target].tolist()
    return mine


def case_of(order: Order, seen: OrderHistory, moment: datetime, thresholds: Thresholds) -> OrderCase:
    """What is known of an order at `moment` (aware): readings from then on are not looked at."""
    until, served = _micros(moment), _micros(order.served_at)
    history = seen.history.until(until)
    course = follow(history, Start(served, seen.provider, seen.reported_at), until, thresholds)
    return OrderCase(
        moment=moment,
        served_at=order.served_at,
        told=order.status.starts_clock,
        term=term_of(order),
        end=course.end,
        last_online_at=_last_online(history, course, served),
        end_at=None if course.right_at is None else _instant(course.right_at),
        gone_before=course.before_notice,
        closed=_closed(history, served, seen.closed_at),
        offline_unconfirmed=course.end is End.CENSORED and _last_conclusive(history) == Outcome.OFFLINE,
    )


def _last_online(history: History, course: Course, served: int) -> datetime | None:
    """The last ONLINE from the service on up to the end; None where there is none, also where it was gone before."""
    if course.before_notice or course.gap_from_at is not None:
        return None
    seen = history.online_between(served, course.left_at)
    return _instant(seen[-1]) if seen else None


def _closed(history: History, served: int, closed_at: Collection[int]) -> bool:
    """Whether 401 or 403 came after the service and no conclusive reading after it."""
    last = max((at for at in closed_at if at >= served and (not history.at or at <= history.at[-1])), default=None)
    return last is not None and not any(history.at[i] > last for i in history.conclusive())


def _last_conclusive(history: History) -> int | None:
    return next((history.outcome[i] for i in reversed(list(history.conclusive()))), None)


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def _instant(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1e6, UTC)


def no_history() -> OrderHistory:
    """Nothing was seen."""
    return OrderHistory(History([], [], [], [], []))
