"""Our notices for a comparison with somebody's own list: records of a freeze in, their Targets' notices out, by index.

No URL is opened: Targets and hosts are the keyed indexes by which the store finds them, and what somebody wrote is
indexed with the same key (`TheirIndexes`). What would surprise: references are opened, one by one, because they have no
index; and a message that was stated twice (a status that came later) is one notice.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from monitor.model.reconciliation import ReceivedNotice, TheirNotice
from monitor.model.retention import STAND_IN
from monitor.model.words import NoticeKind
from monitor.store import contexts
from monitor.store.audit import append
from monitor.store.bulk import look_up, names_by_id, select_by
from monitor.store.corrected_facts import read_in_force
from monitor.store.database import Store
from monitor.store.records import RecordId, find_records
from monitor.store.sealing import Sealer
from monitor.store.tables import HostRow, NoticeRow, RecordRow, ReportRow, SourceRow, TargetRow, table_of
from monitor.store.times import to_micros

_HOSTS = table_of(HostRow)
_NOTICES = table_of(NoticeRow)
_RECORDS = table_of(RecordRow)
_REPORTS = table_of(ReportRow)
_SOURCES = table_of(SourceRow)
_TARGETS = table_of(TargetRow)


@dataclass(frozen=True, slots=True)
class ToldTarget:
    """A Target: its key, and the indexes of its URL (None where the path was withheld) and host."""

    target_id: int
    url_index: bytes | None
    host_index: bytes


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """A notice about a Target; `reference` as it was written. Times in microseconds UTC."""

    source: str
    record_id: str
    kind: NoticeKind
    at: int  # as it holds now
    stated_at: int  # as the hotline stated it; another one where it was corrected
    reference: str | None
    target_id: int


@dataclass(frozen=True, slots=True)
class Told:
    """Some records with the key of the Target of each, these Targets, and every notice on them, of any record."""

    target_of: dict[RecordId, int]
    targets: dict[int, ToldTarget]
    notices: tuple[ToldNotice, ...]


def fold_reference(text: str) -> str:
    """A reference as it is compared: case and the number of spaces do not count."""
    return " ".join(text.split()).casefold()


def told_on(store: Store, records: Collection[RecordId]) -> Told:
    """What was told about the Targets of these records; those that are not in the store are left out."""
    with store.read() as connection:
        keys = find_records(connection, records)
        of_record = _target_of(connection, "record_key", keys.values())
        targets = _targets(connection, set(of_record.values()))
        target_of = _target_of(connection, "target_id", targets.keys())
        names = _record_names(connection, target_of.keys())
        corrected = read_in_force(connection, store.sealer)
        columns = ("record_key", "kind", "notified_at", "reference", "status")
        found = []
        for key, kind, at, ref, status in select_by(connection, _NOTICES, columns, "record_key", target_of.keys()):
            holds, _ = corrected.holds(key, kind, at, ref, status)
            words = _opened(store.sealer, ref)
            found.append(ToldNotice(*names[key], NoticeKind(kind), holds, at, words, target_of[key]))
    by_record = {record: of_record[key] for record, key in keys.items() if key in of_record}
    return Told(by_record, targets, tuple(dict.fromkeys(found)))


def _target_of(connection: Connection, by: str, keys: Collection[int]) -> dict[int, int]:
    """Record -> Target of the Reports whose column `by` is one of the keys."""
    return dict(select_by(connection, _REPORTS, ("record_key", "target_id"), by, keys))


def _targets(connection: Connection, ids: Collection[int]) -> dict[int, ToldTarget]:
    rows = list(select_by(connection, _TARGETS, ("id", "host_id", "url_index", "withheld"), "id", ids))
    found = select_by(connection, _HOSTS, ("id", "name_index"), "id", {host for _, host, _, _ in rows})
    hosts = {host: bytes(index) for host, index in found}
    return {
        key: ToldTarget(key, None if withheld else bytes(index), hosts[host]) for key, host, index, withheld in rows
    }


def _record_names(connection: Connection, keys: Collection[int]) -> dict[int, RecordId]:
    sources = names_by_id(connection, _SOURCES)
    found = select_by(connection, _RECORDS, ("id", "source_id", "record_id"), "id", keys)
    return {key: (sources[source], record) for key, source, record in found}


def their_notices(store: Store, received: Iterable[ReceivedNotice]) -> Iterator[TheirNotice]:
    """Rows of a list with every URL as the indexes that ours have."""
    sealer = store.sealer
    for each in received:
        target = each.target
        url = None if target is None else target.url
        yield TheirNotice(
            row=each.row,
            reference=None if each.reference is None else fold_reference(each.reference),
            text_index=None if each.url is None else sealer.index(each.url.encode(), contexts.TARGET_URL),
            url_index=None if url is None else sealer.index(url.encode(), contexts.TARGET_URL),
            host_index=None if target is None else sealer.index(target.host.name.encode(), contexts.HOST_NAME),
            received_at=to_micros(each.received_at),
            resolved_at=None if each.resolved_at is None else to_micros(each.resolved_at),
        )


def known_urls(store: Store, indexes: Collection[bytes]) -> set[bytes]:
    """Those of the indexes that are of a Target in the store, whoever was told of it."""
    with store.read() as connection:
        return {bytes(index) for index in look_up(connection, _TARGETS, "url_index", set(indexes))}


def known_references(store: Store, folded: Collection[str]) -> set[str]:
    """Those of the references that are of any notice in the store. Opens all of them, a microsecond or two each."""
    wanted, found = set(folded), set[str]()
    if not wanted:
        return found
    with store.read() as connection:
        for (sealed,) in connection.execute(select(_NOTICES.c.reference).where(_NOTICES.c.reference.is_not(None))):
            found |= {fold_reference(_opened(store.sealer, sealed) or "")} & wanted
    return found


def log_reconciliation(store: Store, *, actor: str, provider_id: str, sha256: str, counts: str) -> None:
    """The audit row: which Provider's list, by its hash, and what came of it."""
    with store.write() as connection:
        append(
            connection,
            actor=actor,
            action="reconcile",
            subject=f"provider {provider_id}, list {sha256}",
            reason=counts,
        )


def _opened(sealer: Sealer, sealed: bytes | None) -> str | None:
    """None also for one that was forgotten: it compares with nothing."""
    text = None if sealed is None else sealer.unseal(bytes(sealed), contexts.NOTICE_REFERENCE).decode()
    return None if text is not None and STAND_IN in text else text
