"""Records: (source, record id) in, keys out. A Report or a check makes its record, whichever comes first."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection

from monitor.store.bulk import allocate, insert_rows, look_up, select_by, word_ids
from monitor.store.tables import RecordRow, ReportRow, SourceRow, table_of

_SOURCES = table_of(SourceRow)
_RECORDS = table_of(RecordRow)
_REPORTS = table_of(ReportRow)

RecordId = tuple[str, str]
"""(source, record id): the key of a Report."""


def find_records(connection: Connection, wanted: Collection[RecordId]) -> dict[RecordId, int]:
    """The keys of those that are there."""
    by_source: defaultdict[str, list[str]] = defaultdict(list)
    for source, record_id in wanted:
        by_source[source].append(record_id)
    sources = look_up(connection, _SOURCES, "name", by_source.keys())
    found: dict[RecordId, int] = {}
    for source, source_id in sources.items():
        where = f"source_id = {source_id:d}"
        for key, record_id in select_by(
            connection, _RECORDS, ("id", "record_id"), "record_id", by_source[source], where
        ):
            found[source, record_id] = key
    return found


def add_records(connection: Connection, new: Collection[RecordId]) -> dict[RecordId, int]:
    """The keys of these new records, in their order."""
    if not new:
        return {}
    sources = word_ids(connection, _SOURCES, {source for source, _ in new})
    keys = allocate(connection, _RECORDS, len(new))
    rows = [(key, sources[source], record_id) for key, (source, record_id) in zip(keys, new, strict=True)]
    insert_rows(connection, _RECORDS, ("id", "source_id", "record_id"), rows)
    return dict(zip(new, keys, strict=True))


def reported(connection: Connection, record_keys: Collection[int]) -> set[int]:
    """Those of the records that have a Report."""
    return {found[0] for found in select_by(connection, _REPORTS, ("record_key",), "record_key", record_keys)}


def records_of_targets(connection: Connection, target_ids: Collection[int]) -> set[int]:
    """Every record with a Report about one of these Targets."""
    return {found[0] for found in select_by(connection, _REPORTS, ("record_key",), "target_id", target_ids)}
