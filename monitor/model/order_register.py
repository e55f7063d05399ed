"""One row of an authority's own register of orders: which material, what was ordered, what happened since.

What would surprise: a row may name its report, the URL, the host or nothing but the order's reference; which record it
is about is decided where the store is.
"""

from dataclasses import dataclass
from datetime import datetime

from monitor.model.order import OrderDetails, OrderFactKind
from monitor.model.report import Notice, Target


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """What the register says happened to the order."""

    kind: OrderFactKind
    at: datetime
    details: OrderDetails


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One order about one Target to one party; `facts` as they happened. `notice` has reference, party and times."""

    row: int
    notice: Notice
    source: str | None = None
    record_id: str | None = None
    target: Target | None = None
    facts: tuple[RegisterFact, ...] = ()
