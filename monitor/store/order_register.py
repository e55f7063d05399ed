"""An authority's register of orders in: each row's order, and what happened to it since, a transaction a batch.

In: RegisterRows. Out: how many brought something, were known, or were refused and why. What would surprise: a row is
taken whole or not at all (a savepoint each), and goes the ways that are there: its order as a notice of an import, what
happened since as facts that a person records. What is on record already, undone facts too, is not recorded again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from monitor.clock import now
from monitor.errors import OrderError
from monitor.model.order import Order
from monitor.model.order_register import RegisterRow
from monitor.model.order_term import stated_hours
from monitor.model.provider import fold_name
from monitor.model.report import Notice, Reject
from monitor.model.words import Capacity, InputKind
from monitor.store.database import Store
from monitor.store.fact_sums import Sums
from monitor.store.inputs import BatchResult, add_accepted, input_begun
from monitor.store.merging import notice_index
from monitor.store.order_facts import put_order_fact
from monitor.store.order_places import CONFLICT, Place, RowRefused, place_of, same_reference
from monitor.store.orders import read_orders
from monitor.store.report_rows import ReportRows
from monitor.store.sealing import Sealer

_REFUSED = "order-fact"


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who records the facts of a register, and from what; both on the audit log in the clear."""

    by: str
    why: str


class _TriedAlone(Exception):
    """Ends the transaction of a dry run, so that nothing of it stays."""


def add_orders(store: Store, input_id: int, rows: Sequence[RegisterRow], recorder: Recorder) -> BatchResult:
    """Store a batch: every row that can be, or, when this raises, nothing. Raises StoreError, StoreBusy, KeyProblem."""
    with store.write() as connection:
        return _add(connection, store.sealer, input_id, rows, recorder)


def try_orders(store: Store, sha256: str, rows: Sequence[RegisterRow], recorder: Recorder) -> BatchResult:
    """What `add_orders` would do, in a transaction that is taken back."""
    result = BatchResult(0, 0, 0, ())
    try:
        with store.write() as connection:
            input_id = input_begun(connection, sha256, InputKind.ORDERS, 0)
            result = _add(connection, store.sealer, input_id, rows, recorder)
            raise _TriedAlone
    except _TriedAlone:
        return result


def _add(
    connection: Connection, sealer: Sealer, input_id: int, rows: Sequence[RegisterRow], recorder: Recorder
) -> BatchResult:
    total, accepted, rejects = Sums(sealer), set[int](), list[Reject]()
    for row in rows:
        try:
            with connection.begin_nested():
                sums, brought = _put(connection, sealer, input_id, row, recorder)
        except RowRefused as refused:
            rejects.append(Reject(row.row, refused.code, refused.message, refused.field))
            continue
        except OrderError as refused:
            rejects.append(Reject(row.row, _REFUSED, f"{refused.message}."))
            continue
        total.join(sums)
        if brought:
            accepted.add(row.row)
    add_accepted(connection, input_id, len(accepted), total)
    duplicate = len(rows) - len(accepted) - len(rejects)
    return BatchResult(len(accepted), 0, duplicate, tuple(rejects), frozenset(accepted))


def _put(
    connection: Connection, sealer: Sealer, input_id: int, row: RegisterRow, recorder: Recorder
) -> tuple[Sums, bool]:
    """What the row adds to the sums, and whether it brought anything. Raises RowRefused, OrderError."""
    if row.notice.notified_at > now():
        raise RowRefused(_REFUSED, "The order was served in the future.", "served_at")
    place = place_of(connection, sealer, row)
    before = read_orders(connection, sealer, {place.record_key})
    sums, stated = Sums(sealer), _statement(before, row.notice)
    fresh = stated is not None
    if stated is not None:
        sums = _insert(connection, sealer, input_id, place, replace(row, notice=stated))
    order = _mine(read_orders(connection, sealer, {place.record_key}) if fresh else before, row.notice)
    for fact in row.facts:
        said = (fact.kind, fact.at, fact.details)
        if any((known.kind, known.at, known.details) == said for known in order.facts):
            continue
        why = f"{recorder.why}, row {row.row}"
        made = put_order_fact(connection, sealer, order, *said, by=recorder.by, why=why)
        order, fresh = replace(order, facts=(*order.facts, made)), True
    return sums, fresh


def _insert(connection: Connection, sealer: Sealer, input_id: int, place: Place, row: RegisterRow) -> Sums:
    """The order as one more notice of its record; a URL that was forgotten and is named again is put back."""
    record, rows = (place.source, place.record_id), ReportRows()
    if place.forgotten and (row.target is None or row.target.url is None):
        raise RowRefused(_REFUSED, "The URL of that record was forgotten: name it, or leave the order out.", "url")
    if row.target is not None and row.target.url is not None:
        rows.targets[place.url_index] = row.target
    rows.notices.append((record, notice_index(sealer, row.notice), row.notice, row.row))
    return rows.insert(connection, sealer, input_id, {record: place.record_key})


def _statement(orders: Sequence[Order], notice: Notice) -> Notice | None:
    """What is to be stored of the order; None where all is known. Raises RowRefused where it says another thing."""
    same = _told(orders, notice)
    if not same:
        return notice
    known = next((order for order in same if order.stated_at == notice.notified_at), None)
    if known is None:
        raise RowRefused(CONFLICT, "This order is on record here with another time of service.", "served_at")
    hours = notice.deadline_hours
    if None not in (hours, known.stated_hours) and hours not in (known.stated_hours, stated_hours(known)):
        raise RowRefused(CONFLICT, "This order is on record here with another deadline.", "deadline_hours")
    if Capacity.UNKNOWN not in (notice.capacity, known.capacity) and notice.capacity is not known.capacity:
        raise RowRefused(CONFLICT, "This order is on record here in another capacity.", "capacity")
    fuller = _fuller(known, notice)
    said = (fuller.status, fuller.party, fuller.capacity, fuller.deadline_hours)
    return None if said == (known.status, known.party, known.capacity, known.stated_hours) else fuller


def _fuller(known: Order, notice: Notice) -> Notice:
    """Both together, in the words of what is known: then it is one message to whoever reads the store."""
    keep_status = known.status.starts_clock == notice.status.starts_clock or not known.status.starts_clock
    return replace(
        notice,
        reference=known.reference,
        party=known.party or notice.party,
        status=known.status if keep_status else notice.status,
        channel=known.channel or notice.channel,
        sender=known.sender or notice.sender,
        capacity=notice.capacity if known.capacity is Capacity.UNKNOWN else known.capacity,
        deadline_hours=notice.deadline_hours if known.stated_hours is None else known.stated_hours,
    )


def _told(orders: Sequence[Order], notice: Notice) -> list[Order]:
    """The orders under this reference to this party, or whose party nobody wrote down."""
    mine = fold_name(notice.party or "")
    same = same_reference(orders, notice.reference)
    return [order for order in same if order.party is None or fold_name(order.party) == mine]


def _mine(orders: Sequence[Order], notice: Notice) -> Order:
    return next(order for order in _told(orders, notice) if order.stated_at == notice.notified_at)
