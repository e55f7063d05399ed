"""What the reference tables say of each address: which addresses to ask about, and the answers, in bulk.

Idempotent by a fingerprint of the reference tables: while it is the one that the attributions were made with,
only addresses without an answer are given; after any table came (older or newer), all of them are. What would
surprise: `mark_attributed` must be called last, with the fingerprint taken before the tables were read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from monitor.model.columns import AttributionColumns, Ints
from monitor.model.report import Address
from monitor.model.words import TableKind
from monitor.store import contexts
from monitor.store.bulk import chunks, delete_rows, insert_rows
from monitor.store.database import Store
from monitor.store.tables import (
    AddressRow,
    AttributionRow,
    AttributionStateRow,
    ProviderRow,
    ReferenceTableRow,
    table_of,
)

_ADDRESSES = table_of(AddressRow)
_ATTRIBUTIONS = table_of(AttributionRow)
_PROVIDERS = table_of(ProviderRow)
_STATE = table_of(AttributionStateRow)
_TABLES = table_of(ReferenceTableRow)
_KINDS = (TableKind.PREFIXES.value, TableKind.FRONTING.value)
_KNOWN = _ADDRESSES.c.forgotten_at.is_(None)
"""A forgotten address keeps the answers that it had: there is nothing left to look up."""
_MISSING = ~select(_ATTRIBUTIONS.c.address_id).where(_ATTRIBUTIONS.c.address_id == _ADDRESSES.c.id).exists() & _KNOWN
_ADDRESSES_AT_ONCE = 100_000
_ANSWERS = "2\n"  # what an answer holds; raised with it (2: the origins, where several), so that all are made again


@dataclass(frozen=True, slots=True)
class AddressBatch:
    """Addresses to attribute: keys, and packed addresses, aligned."""

    address_ids: Ints
    addresses: tuple[Address, ...]


def tables_fingerprint(store: Store) -> str:
    """A hash over kind, date and hash of every prefix and proxy table that is there now."""
    with store.read() as connection:
        return _fingerprint(connection)


def attribution_is_current(store: Store) -> bool:
    """Whether every address has its answer, made with exactly the tables that are there now."""
    with store.read() as connection:
        missing = connection.scalar(select(_ADDRESSES.c.id).where(_MISSING).limit(1))
        return missing is None and _made_with(connection) == _fingerprint(connection)


def addresses_to_attribute(
    store: Store, *, again: bool = False, batch: int = _ADDRESSES_AT_ONCE
) -> Iterator[AddressBatch]:
    """The addresses without an answer; all of them with `again`, or when the tables have changed since.

    Keys ascend. Answers may be written while this runs. Raises KeyProblem where an address does not open.
    """
    with store.read() as connection:
        everything = again or _made_with(connection) != _fingerprint(connection)
    after = 0
    while True:
        wanted = select(_ADDRESSES.c.id, _ADDRESSES.c.address).where(_ADDRESSES.c.id > after, _KNOWN)
        if not everything:
            wanted = wanted.where(_MISSING)
        with store.read() as connection:
            found = connection.execute(wanted.order_by(_ADDRESSES.c.id).limit(batch)).all()
        if not found:
            return
        keys, sealed = zip(*found, strict=True)
        after = keys[-1]
        opened = tuple(Address(store.sealer.unseal(address, contexts.ADDRESS)) for address in sealed)
        yield AddressBatch(np.array(keys, dtype=np.int64), opened)


def replace_attributions(
    store: Store,
    addresses: Ints,
    columns: AttributionColumns,
    prefix_length: NDArray[np.integer[Any]],
    table_id: NDArray[np.integer[Any]],
) -> None:
    """Put the answers for `addresses` (keys) in place of what was there, in one transaction.

    `prefix_length` and `table_id` (the routing table's, whose dates are not kept again) are aligned with `columns`;
    -1 = none. A length that would
    give an address away beside the public table (25 to 32, over 48) is not kept.
    """
    telling = ((prefix_length > 24) & (prefix_length <= 32)) | (prefix_length > 48)
    prefix_length = np.where(telling, -1, prefix_length)
    rows = list(
        zip(
            columns.address.tolist(),
            columns.as_of.tolist(),
            _or_none(columns.asn),
            columns.reason.tolist(),
            columns.front.tolist(),
            _or_none(prefix_length),
            _or_none(table_id),
            columns.origins.tolist(),
            strict=True,
        )
    )
    names = ("address_id", "valid_from", "asn", "reason", "front", "prefix_length", "table_id", "origins")
    with store.write() as connection:
        delete_rows(connection, _ATTRIBUTIONS, "address_id", addresses.tolist())
        insert_rows(connection, _ATTRIBUTIONS, names, rows)
        several = {int(asn) for text in set(columns.origins.tolist()) if text for asn in text.split("_")}
        _ensure_providers(connection, set(columns.asn.tolist()) | several)


def mark_attributed(store: Store, fingerprint: str) -> None:
    """Remember that every address has its answer from the tables of `fingerprint`."""
    with store.write() as connection:
        connection.execute(delete(_STATE))
        connection.execute(insert(_STATE).values(id=1, fingerprint=fingerprint))


def ensure_providers(store: Store, asns: Iterable[int]) -> int:
    """Register a Provider `as<ASN>` for each AS number that has none; returns how many are new."""
    with store.write() as connection:
        return _ensure_providers(connection, asns)


def _ensure_providers(connection: Connection, asns: Iterable[int]) -> int:
    wanted = sorted({int(asn) for asn in asns if asn > 0})
    known: set[int] = set()
    for some in chunks(wanted):
        known.update(connection.scalars(select(_PROVIDERS.c.first_asn).where(_PROVIDERS.c.first_asn.in_(some))))
    new = [(f"as{asn}", asn) for asn in wanted if asn not in known]
    insert_rows(connection, _PROVIDERS, ("provider_id", "first_asn"), new)
    return len(new)


def registered_asns(store: Store) -> Ints:
    """The AS numbers that have a Provider of their own, ascending."""
    with store.read() as connection:
        found = connection.scalars(select(_PROVIDERS.c.first_asn).order_by(_PROVIDERS.c.first_asn)).all()
    return np.array(found, dtype=np.int64)


def _fingerprint(connection: Connection) -> str:
    c = _TABLES.c
    found = connection.execute(
        select(c.kind, c.as_of, c.made_on, c.sha256)
        .where(c.kind.in_(_KINDS))
        .order_by(c.kind, c.as_of, c.made_on, c.sha256)
    )
    lines = _ANSWERS + "".join(f"{row.kind} {row.as_of} {row.made_on} {row.sha256}\n" for row in found)
    return sha256(lines.encode()).hexdigest()


def _made_with(connection: Connection) -> str | None:
    return connection.scalar(select(_STATE.c.fingerprint))


def _or_none(column: NDArray[np.integer[Any]]) -> list[int | None]:
    return [None if value == -1 else value for value in column.tolist()]
