"""Which record a row of a register of orders is about: by its record id, else its URL, host or reference, blindly.

In: a transaction, a row. Out: the record, or RowRefused. What would surprise: no URL is opened; what the row names is
found by the index that an import gave it. Where several records fit, one that has an order under this reference already
is meant; else, of one Target, the last that was reported before the service.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from monitor.errors import MonitorError
from monitor.model.order import Order
from monitor.model.order_register import RegisterRow
from monitor.model.provider import fold_name
from monitor.model.report import Target
from monitor.store import contexts
from monitor.store.interning import target_index
from monitor.store.orders import read_orders
from monitor.store.sealing import Sealer
from monitor.store.tables import HostRow, RecordRow, ReportRow, SourceRow, TargetRow, table_of
from monitor.store.times import to_micros

_HOSTS, _RECORDS, _REPORTS = table_of(HostRow), table_of(RecordRow), table_of(ReportRow)
_SOURCES, _TARGETS = table_of(SourceRow), table_of(TargetRow)
NO_REPORT, AMBIGUOUS, CONFLICT = "no-report", "ambiguous", "conflict"


class RowRefused(MonitorError):
    """A row cannot be taken, for `message`; `field` is its column at fault."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code, self.field = code, field


@dataclass(frozen=True, slots=True)
class Place:
    """A record, and the Target of its report."""

    record_key: int
    target_id: int
    reported_at: int
    source: str
    record_id: str
    url_index: bytes
    host_index: bytes
    forgotten: bool


def place_of(connection: Connection, sealer: Sealer, row: RegisterRow) -> Place:
    """The record that the row is about. Raises RowRefused."""
    if row.record_id is not None:
        place = _named(connection, row)
        _refuse_other_target(sealer, place, row)
        return place
    if row.target is not None:
        return _on_target(connection, sealer, row, row.target)
    return _by_reference(connection, sealer, row)


def same_reference(orders: Iterable[Order], reference: str | None) -> list[Order]:
    """Case and spaces do not count."""
    return [order for order in orders if order.reference is not None and fold_name(order.reference) == _fold(reference)]


def _fold(reference: str | None) -> str:
    return fold_name(reference or "")


def _named(connection: Connection, row: RegisterRow) -> Place:
    where = _RECORDS.c.record_id == row.record_id
    found = _places(connection, where if row.source is None else where & (_SOURCES.c.name == row.source))
    if not found:
        raise RowRefused(NO_REPORT, "No report here has that record id: import the reports first.", "record_id")
    if len(found) > 1:
        raise RowRefused(AMBIGUOUS, "Several sources have a record of that id: fill the column source.", "source")
    return found[0]


def _refuse_other_target(sealer: Sealer, place: Place, row: RegisterRow) -> None:
    if row.target is None:
        return
    if row.target.url is None:
        same = sealer.index(row.target.host.name.encode(), contexts.HOST_NAME) == place.host_index
    else:
        same = target_index(sealer, row.target, place.source, place.record_id) == place.url_index
    if not same:
        raise RowRefused(CONFLICT, "The record was reported with another URL or host.", "url")


def _on_target(connection: Connection, sealer: Sealer, row: RegisterRow, target: Target) -> Place:
    if target.url is None:
        where = _HOSTS.c.name_index == sealer.index(target.host.name.encode(), contexts.HOST_NAME)
    else:
        where = _TARGETS.c.url_index == sealer.index(target.url.encode(), contexts.TARGET_URL)
    found = _places(connection, where)
    if not found:
        what = "host" if target.url is None else "url"
        raise RowRefused(NO_REPORT, f"No report here is about that {what}: import it as a report of kind order.", what)
    known = _with_reference(connection, sealer, found, row)
    if len(known) == 1 or len({place.target_id for place in known or found}) == 1:
        return _best(known or found, row)
    raise RowRefused(AMBIGUOUS, "Several reports are about that host: fill record_id or url.", "host")


def _by_reference(connection: Connection, sealer: Sealer, row: RegisterRow) -> Place:
    orders = same_reference(read_orders(connection, sealer), row.notice.reference)
    keys = {order.record_key for order in orders}
    if not keys:
        reason = "The row names no report, URL or host, and no order here has its reference."
        raise RowRefused(NO_REPORT, reason, "reference")
    if len(keys) > 1:
        reason = "Orders on several reports have that reference: fill record_id, url or host."
        raise RowRefused(AMBIGUOUS, reason, "reference")
    return _places(connection, _RECORDS.c.id.in_(keys))[0]


def _with_reference(connection: Connection, sealer: Sealer, found: Sequence[Place], row: RegisterRow) -> list[Place]:
    if len(found) == 1:
        return list(found)
    orders = read_orders(connection, sealer, {place.record_key for place in found})
    keys = {order.record_key for order in same_reference(orders, row.notice.reference)}
    return [place for place in found if place.record_key in keys]


def _best(found: Collection[Place], row: RegisterRow) -> Place:
    """The last that was reported by the service, else the first after it."""
    served = to_micros(row.notice.notified_at)
    before = [place for place in found if place.reported_at <= served]
    if before:
        return max(before, key=lambda place: (place.reported_at, place.source, place.record_id))
    return min(found, key=lambda place: (place.reported_at, place.source, place.record_id))


def _places(connection: Connection, where: object) -> list[Place]:
    wanted = (
        select(
            _RECORDS.c.id,
            _REPORTS.c.target_id,
            _REPORTS.c.reported_at,
            _SOURCES.c.name,
            _RECORDS.c.record_id,
            _TARGETS.c.url_index,
            _HOSTS.c.name_index,
            _TARGETS.c.forgotten_at,
        )
        .join(_SOURCES, _SOURCES.c.id == _RECORDS.c.source_id)
        .join(_REPORTS, _REPORTS.c.record_key == _RECORDS.c.id)
        .join(_TARGETS, _TARGETS.c.id == _REPORTS.c.target_id)
        .join(_HOSTS, _HOSTS.c.id == _TARGETS.c.host_id)
        .where(where)  # type: ignore[arg-type]  # a column expression
        .order_by(_SOURCES.c.name, _RECORDS.c.record_id)
    )
    return [
        Place(key, target, to_micros(at), source, record, bytes(url), bytes(host), forgotten is not None)
        for key, target, at, source, record, url, host, forgotten in connection.execute(wanted)
    ]
