"""Harnesses of orders: what a clerk gives on the command line, and what the facts of an order add up to.

What must hold: a word is taken or refused in one line; and of the facts that were taken, no order of recording changes
the term, undoing all of them brings back the first one, and its end never lies before its beginning.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fuzz.target import Draws, Target
from fuzz.told import error_repeats_nothing
from monitor.commands.orders_facts import _sealed, _time
from monitor.errors import MonitorError, OrderError
from monitor.model.order import (
    ObjectionDecision,
    OfficerFinding,
    Order,
    OrderDetails,
    OrderFact,
    OrderFactKind,
    OrderState,
)
from monitor.model.order_term import counted_hours, term_of
from monitor.model.words import Capacity, NoticeStatus
from monitor.orders.recording import NewOrder, _refuse
from monitor.session import plain
from monitor.store.order_facts import _refuse as refuse_fact

_SERVED = datetime(2026, 3, 1, 9, tzinfo=UTC)
_HOURS = (None, 0.0, 0.5, 6.0, 12.0, 12.5, -1.0, float("nan"), float("inf"))
_KINDS = tuple(OrderFactKind)
_MOST = 12


def words(data: bytes) -> None:
    """A time, a sealed text, a plain text and the hours of an order, as somebody might write them."""
    draws = Draws(data)
    hours, text = draws.one_of(_HOURS), draws.rest().decode("utf-8", errors="replace")
    try:
        at = _time(text, "--at")
        assert at.utcoffset() == timedelta(0)
        _refuse(NewOrder(served_at=at, deadline_hours=hours))
        assert hours is None or 0 < hours <= 12
    except MonitorError as error:
        _in_one_line(error, data)
    for read in (_sealed, plain):
        try:
            kept = read(text, "--why")
            assert kept is None or kept.isprintable()
        except MonitorError as error:
            _in_one_line(error, data)


def _in_one_line(error: MonitorError, data: bytes) -> None:
    error_repeats_nothing(error, data)
    assert "\n" not in str(error)


def facts(data: bytes) -> None:
    """Facts as they come, each taken or refused as the store does it."""
    draws = Draws(data)
    order = _order(draws.one_of((None, 0.5, 6.0, 12.0)))
    first = term_of(order)
    for number in range(1, _MOST):
        if not draws.more:
            break
        new = _fact(draws, number)
        if draws.integer(0, 9) == 0 and order.facts:
            order = replace(order, facts=(replace(order.facts[0], undone=True), *order.facts[1:]))
        try:
            refuse_fact(order, new)
        except OrderError as error:
            _in_one_line(error, data)
            continue
        order = replace(order, facts=(*order.facts, new))
        _hold(order)
    undone = replace(order, facts=tuple(replace(fact, undone=True) for fact in order.facts))
    assert term_of(undone) == first


def _hold(order: Order) -> None:
    term = term_of(order)
    assert term == term_of(replace(order, facts=tuple(reversed(order.facts))))
    assert term.earliest_at is None or term.earliest_at <= term.latest_at
    assert term.latest_at > order.served_at
    withdrawn = any(fact.kind is OrderFactKind.WITHDRAWN for fact in order.in_force_facts)
    assert (term.state is OrderState.WITHDRAWN) == withdrawn
    hours = counted_hours(order)
    assert (hours is None) == (term.deadline_at is None)
    assert hours is None or hours > 0


def _fact(draws: Draws, number: int) -> OrderFact:
    kind, at = draws.one_of(_KINDS), _SERVED + timedelta(minutes=draws.integer(-60, 3000))
    details = OrderDetails(
        document=draws.maybe(("B-1",)),
        deadline_hours=draws.one_of(_HOURS),
        deadline_at=draws.maybe((at - timedelta(hours=1), at, at + timedelta(hours=3), at + timedelta(hours=13))),
        finding=draws.maybe(tuple(OfficerFinding)),
        officer=draws.maybe(("Jo",)),
        decision=draws.maybe(tuple(ObjectionDecision)),
    )
    if draws.flag():  # else most would be refused for what does not belong to their kind
        details = _fitting(kind, details)
    return OrderFact(number, 1, kind, at, "Jo", "x", at, details)


def _fitting(kind: OrderFactKind, given: OrderDetails) -> OrderDetails:
    match kind:
        case OrderFactKind.DEADLINE:
            return OrderDetails(given.document, deadline_hours=given.deadline_hours or 6.0)
        case OrderFactKind.RESUMED:
            return OrderDetails(given.document, deadline_at=given.deadline_at)
        case OrderFactKind.CONFIRMED:
            return OrderDetails(finding=given.finding or OfficerFinding.REMOVED, officer="Jo")
        case OrderFactKind.DECIDED:
            return OrderDetails(decision=given.decision or ObjectionDecision.UPHELD)
    return OrderDetails("B-1")


def _order(hours: float | None) -> Order:
    return Order(
        order_id=1,
        notice_ids=(1,),
        record_key=1,
        source="fuzz",
        record_id="R-1",
        target_id=1,
        served_at=_SERVED,
        stated_at=_SERVED,
        status=NoticeStatus.SENT,
        capacity=Capacity.HOSTING,
        reference=None,
        sender=None,
        channel=None,
        party=None,
        stated_hours=hours,
        input_sha256="0" * 64,
        row=1,
    )


def _one(kind: OrderFactKind, minutes: int, *rest: int) -> bytes:
    """A fact as `_fact` reads it."""
    return (
        bytes([_KINDS.index(kind)]) + (minutes + 60).to_bytes(2, "little") + bytes((*rest, *bytes(6 - len(rest)), 1, 1))
    )


_K = OrderFactKind
TARGETS = {
    "order-words": Target(
        words,
        (
            b"\0" + b"2026-03-02T14:05:00+01:00",
            b"\3" + b"2026-03-02",
            b"\4" + "Voorbeeldhosting, afdeling ëén".encode(),
            b"\0" + b"0001-01-01T00:00:00+00:00",
        ),
        (b"+23:59", b"-23:59", b"9999-12-31T23:59:59", b"24:00", b"W01-1", b"\xe2\x80\xa8", b"\xc2\x85", b".example"),
        256,
    ),
    "order-facts": Target(
        facts,
        (
            b"\2" + _one(_K.SUSPENDED, 60) + _one(_K.RESUMED, 120) + _one(_K.SUSPENDED, 500),
            b"\1" + _one(_K.OBJECTION, 60) + _one(_K.DECIDED, 90) + _one(_K.WITHDRAWN, 100),
            b"\0" + _one(_K.DEADLINE, 60) + _one(_K.SUSPENDED, 5) + _one(_K.RESUMED, 900) + _one(_K.CLAIMED, 950),
        ),
        longest=160,
    ),
}
