"""What the figures take of orders: withdrawn and suspended ones are no notices, and which deadline of the others holds.

In: a transaction, columns of notices as they lie. Out: the same with what was recorded since applied. What would
surprise: as a correction does, a withdrawal holds for every dataset that is cut afterwards, whatever its cut-off; and
where nothing was recorded about any order, this costs one question to an empty table.
"""

from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Connection

from monitor.model.columns import Flags, Ints, Texts
from monitor.model.order import Order, OrderState
from monitor.model.order_term import counted_hours, term_of
from monitor.store.bulk import select_by
from monitor.store.order_log import notices_with_facts
from monitor.store.orders import read_orders
from monitor.store.sealing import Sealer
from monitor.store.tables import NoticeRow, table_of

_NOTICES = table_of(NoticeRow)


@dataclass(frozen=True, slots=True)
class OrdersInForce:
    """By the notice's key; empty where nothing was recorded. `hours` None: the deadline is not known."""

    out: frozenset[int] = frozenset()
    hours: dict[int, float | None] = field(default_factory=dict)

    def dropped(self, notices: Ints) -> Flags:
        """Which of these notices are orders that do not count."""
        if not self.out:
            return np.zeros(len(notices), np.bool_)
        dropped: Flags = np.isin(notices, sorted(self.out))
        return dropped

    def put_right(self, notices: Ints, deadlines: Texts) -> None:
        """Deadlines, aligned with their notices, corrected in place."""
        if self.hours:
            pairs = zip(notices.tolist(), deadlines.tolist(), strict=True)
            deadlines[:] = [self.hours.get(key, stated) for key, stated in pairs]


def read_orders_in_force(connection: Connection, sealer: Sealer) -> OrdersInForce:
    """What holds now. Raises KeyProblem where a fact does not open."""
    notices = notices_with_facts(connection)
    if not notices:
        return OrdersInForce()
    records = {record for (record,) in select_by(connection, _NOTICES, ("record_key",), "id", notices)}
    orders = [order for order in read_orders(connection, sealer, records) if order.facts]
    out = frozenset(key for order in orders if not _binds(order) for key in order.notice_ids)
    hours = {key: counted_hours(order) for order in orders if _binds(order) for key in order.notice_ids}
    return OrdersInForce(out, hours)


def _binds(order: Order) -> bool:
    return term_of(order).state is OrderState.IN_FORCE
