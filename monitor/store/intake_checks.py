"""Recorded checks in, one transaction a batch: stored, waiting for their Report, known already, or in conflict.

Key of a check: (record, time, vantage). The same key with the same content is a duplicate, with another content
a conflict. What would surprise: a check makes its record when no Report has yet, so rows may come in any order.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from monitor.model.report import Address, RecordedCheck, Reject
from monitor.store import contexts
from monitor.store.bulk import allocate, insert_rows, look_up, names_by_id, select_by_pairs, word_ids
from monitor.store.database import Store
from monitor.store.fact_sums import CHECKS, Sums
from monitor.store.inputs import BatchResult, add_accepted
from monitor.store.interning import intern_addresses
from monitor.store.records import RecordId, add_records, find_records, reported
from monitor.store.sealing import Sealer
from monitor.store.tables import NOT_STATED, AddressRow, CheckOrigin, CheckRow, ReasonRow, VantageRow, table_of
from monitor.store.times import to_micros

_CHECKS = table_of(CheckRow)
_ADDRESSES = table_of(AddressRow)
_REASONS = table_of(ReasonRow)
_VANTAGES = table_of(VantageRow)
_ANOTHER = b""
"""Stands for a stored address that no row of the batch has."""

_Key = tuple[RecordId, int, str]  # record, time in microseconds, vantage
_Content = tuple[int, int, str | None, bytes | None]  # outcome, cause, reason, blind index of the address


def add_checks(store: Store, input_id: int, checks: Sequence[RecordedCheck]) -> BatchResult:
    """Store a batch: all of it or, when this raises, nothing. Raises StoreError, StoreBusy."""
    indexes = _address_indexes(store.sealer, checks)
    rows = [(_key(check), _content(check, indexes), check) for check in checks]
    with store.write() as connection:
        records = find_records(connection, {key[0] for key, _, _ in rows})
        known = _stored(connection, records, [key for key, _, _ in rows], indexes)
        new: list[tuple[_Key, _Content, RecordedCheck]] = []
        rejects: list[Reject] = []
        for key, content, check in rows:
            before = known.get(key)
            if before is None:
                known[key] = content
                new.append((key, content, check))
            elif before != content:
                rejects.append(_conflict(check.row))
        waiting, sums = _insert(connection, store.sealer, input_id, new, records, indexes)
        add_accepted(connection, input_id, len(new), sums)
    accepted = frozenset(check.row for _, _, check in new)
    return BatchResult(len(new), waiting, len(rows) - len(new) - len(rejects), tuple(rejects), accepted)


def _address_indexes(sealer: Sealer, checks: Sequence[RecordedCheck]) -> dict[Address | None, bytes | None]:
    """Blind index of each address of the batch, and None for None."""
    indexes: dict[Address | None, bytes | None] = {None: None}
    distinct = list({check.address for check in checks if check.address is not None})
    indexes.update(zip(distinct, sealer.indexes(distinct, contexts.ADDRESS), strict=True))
    return indexes


def _key(check: RecordedCheck) -> _Key:
    return (check.source, check.record_id), to_micros(check.checked_at), check.vantage or NOT_STATED


def _content(check: RecordedCheck, indexes: Mapping[Address | None, bytes | None]) -> _Content:
    return int(check.outcome), int(check.cause), check.reason, indexes[check.address]


def _stored(
    connection: Connection,
    records: Mapping[RecordId, int],
    keys: Sequence[_Key],
    indexes: Mapping[Address | None, bytes | None],
) -> dict[_Key, _Content]:
    """The content of each stored check of a log that has the key of a row of the batch."""
    wanted = {(records[key[0]], key[1]) for key in keys if key[0] in records}
    if not wanted:
        return {}
    columns = ("record_key", "checked_at", "vantage_id", "outcome", "cause", "reason_id", "address_id", "origin")
    found = list(select_by_pairs(connection, _CHECKS, columns, ("record_key", "checked_at"), wanted))
    if not found:
        return {}
    names = {record_key: record for record, record_key in records.items()}
    vantages, reasons = names_by_id(connection, _VANTAGES), names_by_id(connection, _REASONS)
    known_indexes = [index for index in indexes.values() if index is not None]
    addresses = {at: index for index, at in look_up(connection, _ADDRESSES, "address_index", known_indexes).items()}
    stored: dict[_Key, _Content] = {}
    for record_key, at, vantage, outcome, cause, reason, address, origin in found:
        if origin == CheckOrigin.LOG:
            content = (
                outcome,
                cause,
                reasons.get(reason),
                None if address is None else addresses.get(address, _ANOTHER),
            )
            stored[names[record_key], at, vantages[vantage]] = content
    return stored


def _insert(
    connection: Connection,
    sealer: Sealer,
    input_id: int,
    new: Sequence[tuple[_Key, _Content, RecordedCheck]],
    records: dict[RecordId, int],
    indexes: Mapping[Address | None, bytes | None],
) -> tuple[int, Sums]:
    """Insert the new checks; returns how many of them wait for their Report, and what they add to the input."""
    sums = Sums(sealer)
    if not new:
        return 0, sums
    records |= add_records(connection, list(dict.fromkeys(key[0] for key, _, _ in new if key[0] not in records)))
    wanted = {index: check.address for _, (_, _, _, index), check in new if index is not None and check.address}
    addresses = intern_addresses(connection, sealer, wanted)
    reasons: dict[str | None, int | None] = {None: None}
    reasons.update(word_ids(connection, _REASONS, {content[2] for _, content, _ in new if content[2] is not None}))
    vantages = word_ids(connection, _VANTAGES, {key[2] for key, _, _ in new})
    keys, same = allocate(connection, _CHECKS, len(new)), (int(CheckOrigin.LOG), input_id)
    columns = ("id", "record_key", "checked_at", "vantage_id", "outcome", "cause", "reason_id", "address_id", "row")
    values = [
        (
            at,
            records[record],
            when,
            vantages[vantage],
            outcome,
            cause,
            reasons[reason],
            addresses[index],
            check.row,
            *same,
        )
        for at, ((record, when, vantage), (outcome, cause, reason, index), check) in zip(keys, new, strict=True)
    ]
    insert_rows(connection, _CHECKS, (*columns, "origin", "input_id"), values)
    with_report = reported(connection, {records[key[0]] for key, _, _ in new})
    sums.add(
        input_id,
        CHECKS,
        (
            (records[record], when, vantage, *content, int(CheckOrigin.LOG), check.row)
            for (record, when, vantage), content, check in new
        ),
    )
    return sum(records[key[0]] not in with_report for key, _, _ in new), sums


def _conflict(row: int) -> Reject:
    return Reject(row, "conflict", "The same check was recorded before with another outcome, reason or address")
