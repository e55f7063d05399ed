"""A store copied without its secrets: every row that figures follow from, with stand-ins for what it names.

In: a store, an empty one with a key of its own, the stand-ins. Out: the rows of the copy. What would surprise: a table
that is not named here is left out, so that a table of tomorrow gives nothing away; its audit log begins anew, since the
old one sums up values that are gone, and says from which entry of the other one it was made.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from monitor.store import contexts
from monitor.store.database import Store
from monitor.store.fetching import collection_paused, streamed
from monitor.store.pseudonyms import Pseudonyms
from monitor.store.records import RecordId
from monitor.store.tables import METADATA, CounterRow, NoticeRow, RecordRow, SourceRow, table_of

AS_THEY_ARE = frozenset({
    "assessments", "attribution_state", "attributions", "canaries", "checks", "exchanges", "inputs",
    "observation_links", "observations", "organisation_names", "organisations", "outcomes", "provider_names",
    "providers", "reasons", "records", "reference_tables", "reports", "resolution_addresses", "runs", "sources",
    "vantages",
})  # fmt: skip
"""Tables without anything sealed, which figures follow from."""
_AT_ONCE = 5000
_COUNTERS, _NOTICES = table_of(CounterRow), table_of(NoticeRow)
_RECORDS, _SOURCES = table_of(RecordRow), table_of(SourceRow)

Progress = Callable[[int, int], None]


def addressees(store: Store) -> set[str]:
    """Every party that a notice names, opened."""
    with store.read() as connection:
        sealed = connection.scalars(select(_NOTICES.c.party).where(_NOTICES.c.party.is_not(None)))
        return {store.sealer.unseal(bytes(each), contexts.NOTICE_PARTY).decode() for each in sealed}


def record_ids(store: Store) -> set[RecordId]:
    """(source, record id) of every record."""
    both = select(_SOURCES.c.name, _RECORDS.c.record_id).join(_RECORDS, _RECORDS.c.source_id == _SOURCES.c.id)
    with store.read() as connection:
        return {(source, record) for source, record in connection.execute(both)}


def copy_rows(store: Store, copy: Store, pseudonyms: Pseudonyms, progress: Progress) -> int:
    """All rows of the copy, in one transaction on each side; how many. Raises KeyProblem, StoreError."""
    made = pseudonyms.made
    tables = [table for table in METADATA.sorted_tables if table.name in AS_THEY_ARE or table.name in made]
    with collection_paused(), store.read() as source, copy.write() as target:
        total = sum(source.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
        done = 0
        for table in tables:
            change = _renamed(source, pseudonyms) if table is _RECORDS else made.get(table.name)
            for rows in _batches(source, table):
                target.execute(table.insert(), rows if change is None else [change(row) for row in rows])
                done += len(rows)
                progress(done, total)
        for name, key in source.execute(select(_COUNTERS.c.table_name, _COUNTERS.c.next_key)):
            target.execute(update(_COUNTERS).where(_COUNTERS.c.table_name == name).values(next_key=key))
    return done


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """In the order of the keys: a correction may refer to an earlier one."""
    with streamed(connection, select(table).order_by(*table.primary_key.columns)) as rows:
        while some := list(islice(rows, _AT_ONCE)):
            yield [dict(row._mapping) for row in some]


def _renamed(connection: Connection, pseudonyms: Pseudonyms) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """Records under the ids that they have in the copy; None where ids stay."""
    if not pseudonyms.records:
        return None
    names = {row.id: row.name for row in connection.execute(select(_SOURCES.c.id, _SOURCES.c.name))}

    def renamed(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "record_id": pseudonyms.records[names[row["source_id"]], row["record_id"]]}

    return renamed
