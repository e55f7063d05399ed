"""Facts about orders, added and undone by people; each with its audit row in the same transaction.

In: an order's number, what happened and when, who says so and why. Out: the fact with its number. Raises OrderError
before anything was changed. What would surprise: a fact that is on record already is refused, so that a command that is
given twice (or again after it was killed) leaves one.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.clock import now
from monitor.errors import OrderError
from monitor.model.fact_correction import Undoing
from monitor.model.order import (
    LONGEST_ORDER_HOURS,
    Order,
    OrderDetails,
    OrderFact,
    OrderFactKind,
    OrderState,
)
from monitor.model.order_term import stated_hours, term_of
from monitor.store.audit import append
from monitor.store.database import Store
from monitor.store.order_log import add_fact, add_undoing, facts_by_notice
from monitor.store.orders import order_named
from monitor.store.sealing import Sealer

_NOTHING = "Nothing was changed"
_LATER_THAN_SERVICE = frozenset(OrderFactKind) - {OrderFactKind.RECORDED, OrderFactKind.DEADLINE, OrderFactKind.REASONS}
_BELONGS = {
    "deadline_hours": OrderFactKind.DEADLINE,
    "deadline_at": OrderFactKind.RESUMED,
    "finding": OrderFactKind.CONFIRMED,
    "officer": OrderFactKind.CONFIRMED,
    "decision": OrderFactKind.DECIDED,
}
_NEEDED = {
    OrderFactKind.DEADLINE: ("deadline_hours",),
    OrderFactKind.CONFIRMED: ("finding", "officer"),
    OrderFactKind.DECIDED: ("decision",),
    OrderFactKind.REASONS: ("document",),
}


def record_order_fact(
    store: Store,
    order_id: int,
    kind: OrderFactKind,
    at: datetime,
    details: OrderDetails,
    *,
    by: str,
    why: str,
) -> OrderFact:
    """Write down what happened to an order at `at` (aware). Raises OrderError where that cannot be."""
    with store.write() as connection:
        order = order_named(connection, store.sealer, order_id)
        return put_order_fact(connection, store.sealer, order, kind, at, details, by=by, why=why)


def put_order_fact(
    connection: Connection,
    sealer: Sealer,
    order: Order,
    kind: OrderFactKind,
    at: datetime,
    details: OrderDetails,
    *,
    by: str,
    why: str,
) -> OrderFact:
    """As `record_order_fact`, of an order that was read in the caller's transaction."""
    new = OrderFact(0, order.order_id, kind, at, by, why, now(), details)
    _refuse(order, new)
    return _added(connection, sealer, new)


def undo_order_fact(store: Store, fact_id: int, *, by: str, why: str) -> OrderFact:
    """Take a fact back; it stays on the log. Raises OrderError where there is none, or it was undone before."""
    with store.write() as connection:
        log = facts_by_notice(connection, store.sealer)
        found = next((fact for facts in log.values() for fact in facts if fact.fact_id == fact_id), None)
        if found is None:
            raise OrderError(
                f"There is no fact {fact_id} about an order", "`monitor orders show ID` shows those of one"
            )
        if found.undone:
            raise OrderError(f"Fact {fact_id} was undone before", _NOTHING)
        undoing = Undoing(by, why, now())
        add_undoing(connection, store.sealer, found, undoing)
        append(connection, actor=by, action="orders undo", subject=f"fact {fact_id}: {found.kind.value}", reason=why)
        return replace(found, undone=True, undoing=undoing)


def _added(connection: Connection, sealer: Sealer, new: OrderFact) -> OrderFact:
    key = add_fact(connection, sealer, new)
    subject = f"order {new.order_id}, fact {key}: {new.kind.value}"
    append(connection, actor=new.by, action="orders", subject=subject, reason=new.why)
    return replace(new, fact_id=key)


def _refuse(order: Order, new: OrderFact) -> None:
    """Raises OrderError where the fact cannot be, says too little or too much, or is on record already."""
    if new.at > now():
        raise OrderError("The time lies in the future", "Give the time at which it happened")
    if new.kind in _LATER_THAN_SERVICE and new.at < order.served_at:
        raise OrderError("The time lies before the order was served", "Check --at, and the number of the order")
    _refuse_details(new)
    same = (new.kind, new.at, new.details)
    known = next((fact for fact in order.in_force_facts if (fact.kind, fact.at, fact.details) == same), None)
    if known is not None:
        raise OrderError(f"That is on record already, as fact {known.fact_id}", _NOTHING)
    _refuse_as_it_stands(order, new)


def _refuse_details(new: OrderFact) -> None:
    details = new.details
    for name, kind in _BELONGS.items():
        if getattr(details, name) is not None and new.kind is not kind:
            raise OrderError(f"{_option(name)} belongs to '{kind.value}'", "Leave it out")
    for name in _NEEDED.get(new.kind, ()):
        if getattr(details, name) is None:
            raise OrderError(f"'{new.kind.value}' needs {_option(name)}", _NOTHING)
    hours = details.deadline_hours
    if hours is not None and not 0 < hours <= LONGEST_ORDER_HOURS:
        raise OrderError("An order allows more than 0 and at most 12 hours", "Check the document; nothing was changed")
    if details.deadline_at is not None and details.deadline_at <= new.at:
        raise OrderError("The new deadline lies before the suspension was lifted", "Check --deadline-at and --at")
    if details.deadline_at is not None and details.deadline_at > new.at + timedelta(hours=LONGEST_ORDER_HOURS):
        raise OrderError("The new deadline lies more than 12 hours after the suspension was lifted", _NOTHING)


def _refuse_as_it_stands(order: Order, new: OrderFact) -> None:
    state = term_of(order).state
    if state is OrderState.WITHDRAWN and new.kind in {
        OrderFactKind.WITHDRAWN,
        OrderFactKind.SUSPENDED,
        OrderFactKind.RESUMED,
    }:
        raise OrderError("The order is withdrawn", "Where that is wrong, undo the fact that says so")
    if new.kind is OrderFactKind.SUSPENDED and state is OrderState.SUSPENDED:
        raise OrderError("The order is suspended already", _NOTHING)
    if new.kind is OrderFactKind.RESUMED:
        began = order.last(OrderFactKind.SUSPENDED)
        if state is not OrderState.SUSPENDED or began is None or new.at < began.at:
            raise OrderError("The order was not suspended at that time", "Record the suspension first, or check --at")
    if new.kind is OrderFactKind.OBJECTION and order.objection_open:
        raise OrderError("An objection is on record that is not decided yet", "Record its decision first")
    if new.kind is OrderFactKind.DECIDED:
        filed = order.last(OrderFactKind.OBJECTION)
        if filed is None or not order.objection_open:
            raise OrderError("There is no objection that waits for a decision", "Record the objection first")
        if new.at < filed.at:
            raise OrderError("The decision lies before its objection", "Check --at, and the time of the objection")
    if new.kind is OrderFactKind.DEADLINE and new.details.deadline_hours == stated_hours(order):
        raise OrderError("That is the deadline on record already", _NOTHING)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
