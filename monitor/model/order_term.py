"""An order's facts in, its term out: whether it binds, and between which instants its deadline lies.

What would surprise: where a suspension is lifted and nobody says whether the time was extended, the deadline is not
known: it lies between the one first stated and the latest that can be meant (docs/decisions/021-orders.md). A
suspension that began when every reading of the deadline was over changes nothing about it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model.order import LONGEST_ORDER_HOURS, Order, OrderFact, OrderFactKind, OrderState, OrderTerm


def term_of(order: Order) -> OrderTerm:
    """What holds now, by the facts that were not undone."""
    hours = stated_hours(order)
    allowed = timedelta(hours=LONGEST_ORDER_HOURS if hours is None else hours)
    latest = order.served_at + allowed
    term = _Course(None if hours is None else latest, latest, allowed)
    for fact in order.in_force_facts:
        term = term.after(fact)
    return OrderTerm(_state(order, suspended=term.suspended_at is not None), term.earliest_at, term.latest_at)


def stated_hours(order: Order) -> float | None:
    """The hours that the order allows: as a later fact states them, else as the notice does."""
    said = order.last(OrderFactKind.DEADLINE)
    return order.stated_hours if said is None else said.details.deadline_hours


def counted_hours(order: Order) -> float | None:
    """The deadline as the figures read it: in hours after service where it is certain, else not known."""
    at = term_of(order).deadline_at
    return None if at is None else (at - order.served_at) / timedelta(hours=1)


def _state(order: Order, *, suspended: bool) -> OrderState:
    if order.last(OrderFactKind.WITHDRAWN) is not None:
        return OrderState.WITHDRAWN
    return OrderState.SUSPENDED if suspended else OrderState.IN_FORCE


@dataclass(frozen=True, slots=True)
class _Course:
    """The term as it stands after some of the facts."""

    earliest_at: datetime | None
    latest_at: datetime
    allowed: timedelta
    suspended_at: datetime | None = None

    def after(self, fact: OrderFact) -> "_Course":
        if fact.kind is OrderFactKind.SUSPENDED:
            began = self.suspended_at or fact.at
            return _Course(self.earliest_at, self.latest_at, self.allowed, began)
        if fact.kind is OrderFactKind.RESUMED and self.suspended_at is not None:
            return self._lifted(self.suspended_at, fact)
        return self

    def _lifted(self, began: datetime, fact: OrderFact) -> "_Course":
        new = fact.details.deadline_at
        if new is not None:
            return _Course(new, new, self.allowed)
        if began >= self.latest_at:
            return _Course(self.earliest_at, self.latest_at, self.allowed)
        latest = max(self.latest_at + (fact.at - began), fact.at + self.allowed)
        return _Course(self.earliest_at, latest, self.allowed)
