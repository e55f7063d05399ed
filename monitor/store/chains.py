"""Hash chains: what was observed and who did what, each bound to all that came before it.

In: rows as they are stored, in the transaction that stores them. Out: links, and the heads of both chains to write
down. A link of the audit log covers one entry; one of observations covers a batch, with its exchanges. What would
surprise: no sealed value is in it, so that a new key, and an address that was forgotten, break no chain; and whoever
can write the database can make a whole chain anew, which only a head that was written down elsewhere shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, Table

from monitor.store.bulk import insert_rows
from monitor.store.database import Store
from monitor.store.tables import AuditRow, ObservationLinkRow, table_of

AUDIT_START = sha256(b"monitor audit 1").digest()
OBSERVATIONS_START = sha256(b"monitor observations 1").digest()
"""What the first link of each chain is linked to."""
OF_AUDIT = ("id", "at", "actor", "action", "subject", "reason")
OF_OBSERVATION = ("id", "run_id", "target_id", "vantage_id", "observed_at", "answers", "address_id", "seconds")
OF_EXCHANGE = (
    *("observation_id", "place", "purpose", "method", "get_reason", "address_id", "phase", "error", "tls", "status"),
    *("content_type", "length", "etag", "etag_weak", "last_modified", "server", "location", "leads_to", "challenge"),
    *("retry_after_seconds", "connect_ms", "tls_ms", "headers_ms", "n_bytes_in"),
)
OF_LINK = ("id", "run_id", "first_id", "last_id", "n_rows", "digest", "link")
"""The columns that are hashed, in this order; another order, or one more, is another chain."""
_WEAK, _CHALLENGE = OF_EXCHANGE.index("etag_weak"), OF_EXCHANGE.index("challenge")
_AUDIT, _LINKS = table_of(AuditRow), table_of(ObservationLinkRow)

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ChainHeads:
    """The last link of each chain in hex; of an empty chain, what its first link will be linked to."""

    observations: str
    audit: str


def chain_heads(store: Store) -> ChainHeads:
    """The heads as they are now: to be written down elsewhere, and given to `monitor verify --head`."""
    with store.read() as connection:
        return heads_in(connection)


def heads_in(connection: Connection) -> ChainHeads:
    """The heads that a transaction sees."""
    observations, audit = _last(connection, _LINKS), _last(connection, _AUDIT)
    return ChainHeads(
        (observations[1] if observations else OBSERVATIONS_START).hex(), (audit[1] if audit else AUDIT_START).hex()
    )


def next_audit(connection: Connection, values: Sequence[object]) -> tuple[int, bytes]:
    """Key and link of an entry with these `values` (`OF_AUDIT` after its key), within its writing transaction."""
    key, before = _last(connection, _AUDIT) or (0, AUDIT_START)
    return key + 1, linked(before, (key + 1, *values))


def link_observations(
    connection: Connection, run_id: int, observations: Sequence[Values], exchanges: Sequence[Values]
) -> None:
    """Link a batch of a run, rows of `OF_OBSERVATION` and `OF_EXCHANGE` in the order of their keys.

    Within the transaction that stores them, whose lock no other writer has: that makes the order of the links plain.
    """
    key, before = _last(connection, _LINKS) or (0, OBSERVATIONS_START)
    first, last = observations[0][0], observations[-1][0]
    digest = digest_of(observations, exchanges)
    said = (key + 1, run_id, first, last, len(observations), digest)
    insert_rows(connection, _LINKS, OF_LINK, [(*said, linked(before, said))])


def digest_of(observations: Sequence[Values], exchanges: Sequence[Values]) -> bytes:
    """The digest of a batch of `OF_OBSERVATION` and `OF_EXCHANGE`, with truth values as such.

    Seconds, the one fraction, count as Python writes them: then no two writers of JSON differ.
    """
    return sha256(_canonical([[(*row[:-1], repr(row[-1])) for row in observations], exchanges])).digest()


def with_truth_values(row: Values) -> Values:
    """A row of `OF_EXCHANGE` as it was, from one in which an engine keeps yes and no as 1 and 0."""
    values = list(row)
    for place in (_WEAK, _CHALLENGE):
        if values[place] in (0, 1):
            values[place] = bool(values[place])
    return tuple(values)


def linked(before: bytes, values: Sequence[object]) -> bytes:
    """The link after `before`."""
    return sha256(before + _canonical(list(values))).digest()


def _last(connection: Connection, table: Table) -> tuple[int, bytes] | None:
    """Key and link of the last row; in words of the driver, because every batch asks."""
    found = connection.exec_driver_sql(f"SELECT id, link FROM {table.name} ORDER BY id DESC LIMIT 1").first()  # noqa: S608
    return None if found is None else (found[0], bytes(found[1]))


def _canonical(value: object) -> bytes:
    """JSON in UTF-8 without spaces. What no such column holds, unless somebody meddled, is told as what it is."""
    return to_json(value, bytes_mode="hex", serialize_unknown=True)
