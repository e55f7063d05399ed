"""What an exchange tells of a record: its Report, its Notices as they hold now, its orders; and every Target's text.

In: records, by source and id. Out: RecordFacts. What would surprise: URLs are opened here and no audit row is written:
they serve to make names of them, and whoever lets one out of the process writes that down first. References of notices
are left out, because a hotline writes its record ids into them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from monitor.errors import HandoverError
from monitor.model.exchange import CaseNotice, TargetKind
from monitor.model.order import Order
from monitor.model.words import Assessment, Capacity, NoticeChannel, NoticeKind, NoticeStatus
from monitor.store import contexts
from monitor.store.bulk import chunks, select_by
from monitor.store.corrected_facts import CorrectionsInForce, read_in_force
from monitor.store.database import Store
from monitor.store.lookup import FoundRecord
from monitor.store.orders import read_orders
from monitor.store.records import find_records
from monitor.store.reported_facts import newest_assessment
from monitor.store.restated import restated
from monitor.store.sealing import Sealer
from monitor.store.tables import HostRow, NoticeRow, RecordRow, ReportRow, SourceRow, TargetRow, table_of
from monitor.store.times import from_micros

_HOSTS, _NOTICES = table_of(HostRow), table_of(NoticeRow)
_RECORDS, _REPORTS = table_of(RecordRow), table_of(ReportRow)
_SOURCES, _TARGETS = table_of(SourceRow), table_of(TargetRow)
_STATED = ("kind", "status", "notified_at", "channel", "sender", "capacity", "deadline_hours", "reference", "party")
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class TargetText:
    """A Target as both sides would write it."""

    target_id: int
    kind: TargetKind
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """One record. `notices` hold each party as it was written."""

    source: str
    record_id: str
    target: TargetText
    reported_at: datetime
    assessment: Assessment
    withdrawn_at: datetime | None
    notices: tuple[CaseNotice, ...]
    orders: tuple[Order, ...]


def record_facts(store: Store, records: Sequence[FoundRecord]) -> tuple[RecordFacts, ...]:
    """What is known of each record. Raises HandoverError where a URL was forgotten, KeyProblem."""
    with store.read() as connection:
        keys = find_records(connection, [(record.source, record.record_id) for record in records])
        texts = {each.target_id: each for each in texts_of(connection, store.sealer, [r.target_id for r in records])}
        if len(texts) < len({record.target_id for record in records}):
            raise HandoverError(
                "The URL of one of the records was forgotten", "Leave out what is past its retention time"
            )
        orders = read_orders(connection, store.sealer, set(keys.values()))
        corrected = read_in_force(connection, store.sealer)
        return tuple(
            _facts(connection, corrected, record, keys[record.source, record.record_id], texts, orders)
            for record in records
        )


def _facts(
    connection: Connection,
    corrected: CorrectionsInForce,
    record: FoundRecord,
    key: int,
    texts: dict[int, TargetText],
    orders: Sequence[Order],
) -> RecordFacts:
    reported_at = connection.execute(select(_REPORTS.c.reported_at).where(_REPORTS.c.record_key == key)).scalar_one()
    assessed = newest_assessment(connection, key)
    return RecordFacts(
        record.source,
        record.record_id,
        texts[record.target_id],
        reported_at,
        assessed.assessment,
        assessed.withdrawn_at,
        tuple(_notices(connection, corrected, key)),
        tuple(order for order in orders if order.record_key == key),
    )


def _notices(connection: Connection, corrected: CorrectionsInForce, key: int) -> Iterator[CaseNotice]:
    """The messages as they hold now, oldest first, without statements that another one replaces."""
    sealer = corrected.sealer
    stated = list(select_by(connection, _NOTICES, _STATED, "record_key", [key]))
    opened = [
        None if row[-1] is None else sealer.unseal(bytes(row[-1]), contexts.NOTICE_PARTY).decode() for row in stated
    ]
    references = [
        None if row[-2] is None else sealer.unseal(bytes(row[-2]), contexts.NOTICE_REFERENCE) for row in stated
    ]
    messages = [(key, row[0], row[2], row[3]) for row in stated]
    gone = restated(messages, references, [row[1] for row in stated], opened, [row[5] for row in stated])
    found = []
    for row, party, replaced in zip(stated, opened, gone, strict=True):
        if replaced:
            continue
        kind, status, at, channel, sender, capacity, hours, reference, _ = row
        holds_at, holds_status = corrected.holds(key, kind, at, reference, status)
        found.append(
            CaseNotice(
                kind=NoticeKind(kind),
                status=NoticeStatus(holds_status),
                notified_at=from_micros(holds_at),
                channel=None if channel is None else NoticeChannel(channel),
                sender=sender,
                party=party,
                party_withheld=False,
                capacity=Capacity(capacity),
                deadline_seconds=None if hours is None else round(hours * 3600),
            )
        )
    yield from sorted(dict.fromkeys(found), key=lambda notice: (notice.notified_at, notice.kind, str(notice.party)))


def records_of(store: Store, target_ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """Our own records (source, record id) about each Target."""
    wanted = (
        select(_REPORTS.c.target_id, _SOURCES.c.name, _RECORDS.c.record_id)
        .join(_RECORDS, _RECORDS.c.id == _REPORTS.c.record_key)
        .join(_SOURCES, _SOURCES.c.id == _RECORDS.c.source_id)
        .order_by(_SOURCES.c.name, _RECORDS.c.record_id)
    )
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    with store.read() as connection:
        for some in chunks(target_ids):
            for target_id, source, record_id in connection.execute(wanted.where(_REPORTS.c.target_id.in_(some))):
                found[target_id].append((source, record_id))
    return dict(found)


def count_targets(store: Store) -> int:
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(_TARGETS)).scalar_one())


def target_texts(store: Store) -> Iterator[list[TargetText]]:
    """Every Target that was not forgotten, some thousand at a time. Raises KeyProblem where one does not open."""
    after = 0
    while True:
        with store.read() as connection:
            wanted = select(_TARGETS.c.id).where(_TARGETS.c.id > after).order_by(_TARGETS.c.id).limit(_AT_ONCE)
            keys = list(connection.scalars(wanted))
            found = list(texts_of(connection, store.sealer, keys))
        if not keys:
            return
        yield found
        after = keys[-1]


def texts_of(connection: Connection, sealer: Sealer, target_ids: Sequence[int]) -> Iterator[TargetText]:
    """Those of these Targets that were not forgotten. Raises KeyProblem where one does not open."""
    columns = ("id", "host_id", "url", "withheld", "forgotten_at")
    found = [row for row in select_by(connection, _TARGETS, columns, "id", target_ids) if row[4] is None]
    hosts: dict[int, bytes] = dict(
        select_by(connection, _HOSTS, ("id", "name"), "id", {row[1] for row in found if row[2] is None})
    )
    for key, host, url, _, _ in found:
        if url is not None:
            yield TargetText(key, TargetKind.URL, sealer.unseal(bytes(url), contexts.TARGET_URL).decode())
        elif name := sealer.unseal(bytes(hosts[host]), contexts.HOST_NAME).decode():
            yield TargetText(key, TargetKind.HOST, name)
