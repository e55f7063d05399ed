"""An order that no import brought, written down by hand: one more Notice of a record that is here.

In: the record, what the order says, who writes it down and why. Out: the Order. What would surprise: it goes in the way
that an imported row goes, as an input of one row, so that sums, `verify` and duplicates treat it alike; and where the
program was killed before the entry of who recorded it, the same command given again adds that.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from monitor import store
from monitor.clock import now
from monitor.errors import OrderError
from monitor.intake import IntakeProblem, normalise_host, normalise_url
from monitor.model.order import LONGEST_ORDER_HOURS, Order, OrderDetails, OrderFactKind
from monitor.model.report import Notice, Report
from monitor.model.words import Capacity, InputKind, NoticeChannel, NoticeKind, NoticeStatus
from monitor.store import Store


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What the order says. `party` None: the party attributed at that moment."""

    served_at: datetime
    deadline_hours: float | None = None
    reference: str | None = None
    sender: str | None = None
    party: str | None = None
    capacity: Capacity = Capacity.UNKNOWN
    status: NoticeStatus = NoticeStatus.SENT
    channel: NoticeChannel | None = None


def record_order(
    db: Store, record_id: str, source: str | None, new: NewOrder, document: str | None, *, by: str, why: str
) -> Order:
    """Write an order down. Raises OrderError, RecordMissing before anything was changed."""
    _refuse(new)
    record = store.find_record(db, record_id, source)
    row = _row(db, record, _as_known(_on_record(db, record, new), new))
    text = _canonical(record, new)
    digest = sha256(db.sealer.index(text, "inputs.order")).hexdigest()  # keyed: the text could be guessed
    input_id = store.begin_input(db, digest, InputKind.REPORTS, len(text))
    done = store.add_reports(db, input_id, [row])
    store.finish_input(db, input_id, store.InputCounts(1, len(done.rejects)))
    order = _found(db, record, new)
    if any(fact.kind is OrderFactKind.RECORDED for fact in order.facts):
        raise OrderError(f"That order is on record already, as order {order.order_id}", "Nothing was changed")
    if not done.accepted and order.input_sha256 != digest:
        raise OrderError(f"An import brought that order, as order {order.order_id}", "Nothing was changed")
    details = OrderDetails(document=document)
    store.record_order_fact(db, order.order_id, OrderFactKind.RECORDED, now(), details, by=by, why=why)
    return store.find_order(db, order.order_id)


def _refuse(new: NewOrder) -> None:
    if new.served_at > now():
        raise OrderError("The time lies in the future", "Give the time at which the order was served")
    if new.deadline_hours is not None and not 0 < new.deadline_hours <= LONGEST_ORDER_HOURS:
        raise OrderError(
            "An order allows more than 0 and at most 12 hours", "Check the document; leave it out where none is stated"
        )


def _row(db: Store, record: store.FoundRecord, new: NewOrder) -> Report:
    """The record's own row once more, with the order beside it."""
    stated = store.stated_of(db, record)
    opened = store.open_targets(db, {record.target_id})[record.target_id]
    if opened.forgotten_at is not None:
        raise OrderError("The URL of that record was forgotten", "An order about it can no longer be recorded here")
    try:
        target = normalise_host(opened.text) if opened.withheld else normalise_url(opened.text)
    except IntakeProblem:  # stored by an older version with other rules
        raise OrderError(
            "The record's URL is not one that this version reads", "Import the order from a file"
        ) from None
    return Report(
        row=1,
        source=record.source,
        record_id=record.record_id,
        target=target,
        reported_at=stated.reported_at,
        notice=Notice(
            kind=NoticeKind.ORDER,
            status=new.status,
            notified_at=new.served_at,
            reference=new.reference,
            channel=new.channel,
            sender=new.sender,
            party=new.party,
            capacity=new.capacity,
            deadline_hours=new.deadline_hours,
        ),
        assessment=stated.assessment,
        assessed_at=stated.assessed_at,
        withdrawn_at=stated.withdrawn_at,
    )


def _canonical(record: store.FoundRecord, new: NewOrder) -> bytes:
    said = (
        record.source,
        record.record_id,
        new.served_at.isoformat(),
        new.deadline_hours,
        new.reference,
        new.sender,
        new.party,
        new.capacity.value,
        new.status.value,
        new.channel.value if new.channel else None,
    )
    return json.dumps(said).encode()


def _found(db: Store, record: store.FoundRecord, new: NewOrder) -> Order:
    """The order as it is in the store now."""
    found = _on_record(db, record, new)
    if found is None:
        raise OrderError(
            "The order could not be stored beside what the record says", "See `monitor explain` for its notices"
        )
    return found


def _on_record(db: Store, record: store.FoundRecord, new: NewOrder) -> Order | None:
    for order in store.list_orders(db):
        same = (order.source, order.record_id, order.stated_at, order.reference, order.party)
        if same == (record.source, record.record_id, new.served_at, new.reference, new.party):
            return order
    return None


def _as_known(known: Order | None, new: NewOrder) -> NewOrder:
    """A capacity that is not said is no other one than that on record."""
    if known is None or new.capacity is not Capacity.UNKNOWN:
        return new
    return replace(new, capacity=known.capacity)
