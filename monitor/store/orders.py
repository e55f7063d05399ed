"""Orders out: notices of kind `order` as one message each, with everything that was recorded about them since.

In: the store. Out: Orders, and which of them are open. What would surprise: an order's number is that of the first
statement of its message; a later export that says of the same message that it bounced, or whom it addressed, is the
same order. Corrections in force are applied; names of addressees and references are opened, URLs are not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, select

from monitor.errors import OrderError
from monitor.model.order import OfficerFinding, Order, OrderFact, OrderFactKind, OrderState
from monitor.model.order_term import term_of
from monitor.model.words import Capacity, NoticeChannel, NoticeKind, NoticeStatus
from monitor.store import contexts
from monitor.store.bulk import names_by_id, select_by
from monitor.store.corrected_facts import CorrectionsInForce, read_in_force
from monitor.store.database import Store
from monitor.store.order_log import facts_by_notice
from monitor.store.restated import restated
from monitor.store.sealing import Sealer
from monitor.store.tables import InputRow, NoticeRow, OrderFactRow, RecordRow, ReportRow, SourceRow, table_of
from monitor.store.times import from_micros

_INPUTS, _NOTICES, _RECORDS = table_of(InputRow), table_of(NoticeRow), table_of(RecordRow)
_FACTS, _REPORTS, _SOURCES = table_of(OrderFactRow), table_of(ReportRow), table_of(SourceRow)
_COLUMNS = (
    "id",
    "record_key",
    "status",
    "notified_at",
    "reference",
    "channel",
    "sender",
    "party",
    "capacity",
    "deadline_hours",
    "input_id",
    "row",
)
_IS_ORDER = f"kind = '{NoticeKind.ORDER.value}'"


@dataclass(frozen=True, slots=True)
class _Statement:
    """One row of `notices`, as it was stated; `at` in microseconds UTC."""

    key: int
    record: int
    status: str
    at: int
    sealed_reference: bytes | None
    reference: str | None
    channel: str | None
    sender: str | None
    party: str | None
    capacity: str
    hours: float | None
    input_id: int
    row: int


def list_orders(store: Store) -> tuple[Order, ...]:
    """Every order, oldest number first. Raises KeyProblem where a reference, party or fact does not open."""
    with store.read() as connection:
        return read_orders(connection, store.sealer)


def find_order(store: Store, order_id: int) -> Order:
    """One order, by its number or that of any statement of its message. Raises OrderError."""
    with store.read() as connection:
        return order_named(connection, store.sealer, order_id)


def order_named(connection: Connection, sealer: Sealer, order_id: int) -> Order:
    """As `find_order`, inside a transaction of the caller's."""
    same = (_NOTICES.c.id == order_id) & (_NOTICES.c.kind == NoticeKind.ORDER.value)
    record = connection.scalar(select(_NOTICES.c.record_key).where(same))
    for order in () if record is None else read_orders(connection, sealer, {int(record)}):
        if order_id in order.notice_ids:
            return order
    raise OrderError(f"There is no order {order_id}", "`monitor orders list` shows them all")


def open_orders(store: Store) -> dict[int, int]:
    """Order id -> record key of those that are not closed: in force or suspended, or with an undecided objection.

    What the checks say plays no part: whether an order is settled is a decision of people, who say so by withdrawing
    it or by an officer's finding that the material was removed.
    """
    return {order.order_id: order.record_key for order in list_orders(store) if is_open(order)}


def last_order_fact(store: Store) -> int:
    """The number of the newest entry about any order, 0 where there is none: another one means that more is known."""
    with store.read() as connection:
        return connection.scalar(select(func.max(_FACTS.c.id))) or 0


def is_open(order: Order) -> bool:
    """Whether anything about the order still waits for somebody."""
    if order.objection_open:
        return True
    confirmed = order.last(OrderFactKind.CONFIRMED)
    if confirmed is not None and confirmed.details.finding is OfficerFinding.REMOVED:
        return False
    return order.status.starts_clock and term_of(order).state is not OrderState.WITHDRAWN


def read_orders(connection: Connection, sealer: Sealer, records: Collection[int] | None = None) -> tuple[Order, ...]:
    """Every order, or those of some records, inside a transaction of the caller's."""
    stated = list(_statements(connection, sealer, records))
    if not stated:
        return ()
    of = _Around.of(connection, sealer, stated)
    found = [_order(keys, held, of) for same in _messages(stated) for keys, held in _standing(same)]
    return tuple(sorted(found, key=lambda order: order.order_id))


@dataclass(frozen=True, slots=True)
class _Around:
    """What belongs to the statements besides themselves, by key."""

    targets: dict[int, int]
    names: dict[int, tuple[str, str]]
    hashes: dict[int, str]
    facts: dict[int, list[OrderFact]]
    corrected: CorrectionsInForce

    @classmethod
    def of(cls, connection: Connection, sealer: Sealer, stated: Sequence[_Statement]) -> "_Around":
        records, inputs = {each.record for each in stated}, {each.input_id for each in stated}
        return cls(
            dict(select_by(connection, _REPORTS, ("record_key", "target_id"), "record_key", records)),
            _record_names(connection, records),
            dict(select_by(connection, _INPUTS, ("id", "sha256"), "id", inputs)),
            facts_by_notice(connection, sealer, {each.key for each in stated}),
            read_in_force(connection, sealer),
        )


def _statements(connection: Connection, sealer: Sealer, records: Collection[int] | None) -> Iterator[_Statement]:
    if records is None:
        records = {
            row.record_key
            for row in connection.execute(
                select(_NOTICES.c.record_key).where(_NOTICES.c.kind == NoticeKind.ORDER.value).distinct()
            )
        }
    for key, record, status, at, reference, channel, sender, party, capacity, hours, input_id, row in select_by(
        connection, _NOTICES, _COLUMNS, "record_key", records, _IS_ORDER
    ):
        sealed = None if reference is None else bytes(reference)
        yield _Statement(
            key=key,
            record=record,
            status=status,
            at=at,
            sealed_reference=sealed,
            reference=_text(sealer, sealed, contexts.NOTICE_REFERENCE),
            channel=channel,
            sender=sender,
            party=_text(sealer, party, contexts.NOTICE_PARTY),
            capacity=capacity,
            hours=hours,
            input_id=input_id,
            row=row,
        )


def _messages(stated: Sequence[_Statement]) -> Iterator[list[_Statement]]:
    """The statements of each message: one record, time and reference."""
    together: defaultdict[tuple[int, int, str | None], list[_Statement]] = defaultdict(list)
    for each in sorted(stated, key=lambda one: one.key):
        together[each.record, each.at, each.reference].append(each)
    yield from together.values()


def _standing(same: list[_Statement]) -> Iterator[tuple[tuple[int, ...], _Statement]]:
    """Every key, and the statement that holds, of each order that one message makes: one for each party."""
    replaced = restated(
        [(one.record,) for one in same],
        [None] * len(same),
        [one.status for one in same],
        [one.party for one in same],
        [one.capacity for one in same],
    )
    held = [one for one, gone in zip(same, replaced.tolist(), strict=True) if not gone]
    parties = list(dict.fromkeys(one.party for one in held))
    for n, party in enumerate(parties):
        mine = [one for one in held if one.party == party]
        keys = sorted(one.key for one in same if one.party == party or (n == 0 and one.party not in parties))
        yield tuple(keys), replace(mine[0], hours=_hours(mine))


def _hours(same: Sequence[_Statement]) -> float | None:
    """The deadline of statements that may differ: the longest, for what is doubtful is held against nobody."""
    return max((one.hours for one in same if one.hours is not None), default=None)


def _order(keys: tuple[int, ...], held: _Statement, of: _Around) -> Order:
    said = (held.record, NoticeKind.ORDER.value, held.at, held.sealed_reference)
    at, status = of.corrected.holds(*said, held.status)
    source, record_id = of.names[held.record]
    mine = [replace(fact, order_id=keys[0]) for key in keys for fact in of.facts.get(key, ())]
    return Order(
        order_id=keys[0],
        notice_ids=keys,
        record_key=held.record,
        source=source,
        record_id=record_id,
        target_id=of.targets[held.record],
        served_at=from_micros(at),
        stated_at=from_micros(held.at),
        status=NoticeStatus(status),
        capacity=Capacity(held.capacity),
        reference=held.reference,
        sender=held.sender,
        channel=None if held.channel is None else NoticeChannel(held.channel),
        party=held.party,
        stated_hours=held.hours,
        input_sha256=of.hashes[held.input_id],
        row=held.row,
        facts=tuple(sorted(mine, key=lambda fact: fact.fact_id)),
        why_corrected=of.corrected.instead(*said).why,
    )


def _record_names(connection: Connection, keys: Collection[int]) -> dict[int, tuple[str, str]]:
    sources = names_by_id(connection, _SOURCES)
    found = select_by(connection, _RECORDS, ("id", "source_id", "record_id"), "id", keys)
    return {key: (sources[source], record) for key, source, record in found}


def _text(sealer: Sealer, sealed: Any, context: str) -> str | None:  # noqa: ANN401 (bytes, or a driver's memoryview)
    return None if sealed is None else sealer.unseal(bytes(sealed), context).decode()
