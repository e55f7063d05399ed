"""Facts out: everything known before a cut-off, as the numpy columns that Episodes are derived from.

In: the cut-off and who is trusted. Out: `Facts`, without any URL, host or address; only the addressee's name is
opened. What would surprise: rows are ordered by content (times, record ids, words), never by the order in which
they were imported, so that two stores with the same facts give the same figures.
"""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime

import numpy as np
from sqlalchemy import Connection, select

from monitor.model.columns import (
    UNKNOWN,
    UNKNOWN_AT,
    AttributionColumns,
    Facts,
    Flags,
    Ints,
    NoticeColumns,
    ReportColumns,
    RoutingDays,
    TargetColumns,
    Texts,
)
from monitor.model.words import NoticeKind, NoticeStatus, TableKind
from monitor.store import contexts
from monitor.store.assessments import ASSESSMENTS, newest
from monitor.store.bulk import names_by_id
from monitor.store.corrected_facts import CorrectionsInForce, read_in_force, repeated
from monitor.store.database import Store
from monitor.store.fetching import collection_paused, fetch_columns, fetch_ints, fetch_rows, ints, ranks, texts
from monitor.store.orders_in_force import OrdersInForce, read_orders_in_force
from monitor.store.readings import all_readings, by_report
from monitor.store.resolutions import resolution_columns
from monitor.store.restated import opened, restated, told_by_message
from monitor.store.scope import Scope
from monitor.store.sealing import Sealer
from monitor.store.tables import ReferenceTableRow, SourceRow, table_of
from monitor.store.times import to_micros

_TABLES = table_of(ReferenceTableRow)
_REQUEST = NoticeKind.REQUEST.value


def load_facts(
    store: Store,
    *,
    cutoff: datetime,
    trusted: Callable[[str], bool],
    target: int | None = None,
    targets: Collection[int] | None = None,
    every_order: bool = False,
) -> Facts:
    """Every fact earlier than `cutoff` (aware). `trusted` says of a source whether its checks count as confirmed.

    Reports are ordered by (source, record id), Notices and readings by Target, time and content. Checks without
    a Report are left out; corrections in force are applied, whatever the cut-off; our own checks are never confirmed
    by themselves, and those of void runs are in `voids`. With `target` (its key) the facts of that Target alone.
    Withdrawn and suspended orders are left out, unless `every_order` (which gives deadlines as they were stated).
    Registrations are not in them: they are worked out from answers and addresses. Raises StoreError, and KeyProblem
    where an addressee's name does not open.
    """
    if target is not None:
        targets = (target,)
    scope = Scope(to_micros(cutoff), None if targets is None else tuple(sorted(targets)))
    with collection_paused(), store.read() as connection:
        corrected = read_in_force(connection, store.sealer)
        orders = OrdersInForce() if every_order else read_orders_in_force(connection, store.sealer)
        reports = _reports(connection, scope, corrected)
        readings, voids = all_readings(connection, reports, trusted, scope)
        return Facts(
            targets=_targets(connection, reports, scope),
            reports=reports,
            notices=_notices(connection, store.sealer, reports, scope, corrected, orders),
            readings=readings,
            attributions=_attributions(connection, scope),
            resolutions=resolution_columns(connection, scope.before, scope.targets),
            routing=_routing_days(connection),
            voids=voids,
        )


def _reports(connection: Connection, scope: Scope, corrected: CorrectionsInForce) -> ReportColumns:
    key, target, at, address, origin, known, source, record_id, site_type = fetch_columns(
        connection,
        f"""SELECT r.record_key, r.target_id, r.reported_at, coalesce(r.address_id, -1),
                   coalesce(r.origin_address_id, -1),
                   CASE WHEN r.known_material IS NULL THEN -1 WHEN r.known_material THEN 1 ELSE 0 END,
                   k.source_id, k.record_id, r.site_type
            FROM reports r JOIN records k ON k.id = r.record_key
            WHERE r.reported_at < {scope.before:d}{scope.of_target}""",  # noqa: S608
        "iiiiiiiot",
    )
    names = names_by_id(connection, table_of(SourceRow))
    sources = texts([names[source_id] for source_id in source.tolist()])
    return ReportColumns(
        report_id=key,
        source=sources,
        record_id=record_id,
        target_id=target,
        reported_at=at,
        eligible=corrected.left(key, _eligible(connection, key, scope)),
        address=address,
        origin=origin,
        site_type=site_type,
        known_material=known.astype(np.int8),
    ).take(np.lexsort((ranks(record_id), ranks(sources))))


def _eligible(connection: Connection, report_ids: Ints, scope: Scope) -> Flags:
    """Whether each Report's newest assessment before the cut-off says illegal and not withdrawn."""
    known = f"WHERE (assessed_at IS NULL OR assessed_at < {scope.before:d}){scope.of_records}"
    record, holds = newest(fetch_ints(connection, f"{ASSESSMENTS} {known}", 5), scope.before)
    size = int(max(record.max(initial=0), report_ids.max(initial=0))) + 1
    eligible = np.zeros(size, dtype=np.bool_)
    eligible[record] = holds  # of several for one record, numpy keeps the last: the newest
    return eligible[report_ids]


def _targets(connection: Connection, reports: ReportColumns, scope: Scope) -> TargetColumns:
    sites: dict[bytes, int] = {}
    only = "" if scope.targets is None else f"WHERE t.id IN ({scope.listed})"
    statement = f"""SELECT t.id, h.site_index, coalesce(h.address_id, -1), CASE WHEN t.withheld THEN 1 ELSE 0 END
                    FROM targets t JOIN hosts h ON h.id = t.host_id {only} ORDER BY t.id"""  # noqa: S608 (numbers)
    parts = [
        np.array(
            [(target, sites.setdefault(bytes(site), len(sites)), *others) for target, site, *others in rows], np.int64
        )
        for rows in fetch_rows(connection, statement)
    ]
    table = np.concatenate(parts) if parts else np.empty((0, 4), np.int64)
    table = table[np.isin(table[:, 0], reports.target_id)]
    return TargetColumns(
        target_id=table[:, 0], site=table[:, 1], literal=table[:, 2], withheld=table[:, 3].astype(np.bool_)
    )


def _notices(
    connection: Connection,
    sealer: Sealer,
    reports: ReportColumns,
    scope: Scope,
    corrected: CorrectionsInForce,
    orders: OrdersInForce,
) -> NoticeColumns:
    key, record, at, kind, status, sender, sealed_party, capacity, deadline, channel, reference = fetch_columns(
        connection,
        f"""SELECT id, record_key, notified_at, kind, status, sender, party, capacity, deadline_hours, channel,
                   reference
            FROM notices WHERE {_told_before(scope, corrected)}{scope.of_records}""",  # noqa: S608 (numbers)
        "iiitttototo",
    )
    party = texts(
        [
            None if sealed is None else sealer.unseal(bytes(sealed), contexts.NOTICE_PARTY).decode()
            for sealed in sealed_party.tolist()
        ]
    )
    orders.put_right(key, deadline)
    looked_at = corrected.put_right(record, kind, at, reference, status)
    replaced = _restated(sealer, record, kind, at, channel, reference, status, party, capacity)
    if looked_at:
        references = opened(sealer, reference.tolist())
        said = (record, kind, at, channel, references, status, sender, party, capacity, deadline)
        replaced[repeated((n for n in looked_at if not replaced[n]), *said)] = True
        replaced |= at >= scope.before
    replaced |= orders.dropped(key)
    target, rank = by_report(reports, record)
    hours = deadline.astype(np.float64)  # not known: NaN
    words = tuple(ranks(column) for column in (capacity, party, sender, status, kind))
    order = np.lexsort((np.nan_to_num(hours, nan=-1.0), *words, rank, at, target))
    return NoticeColumns(
        notice_id=key,
        report_id=record,
        target_id=target,
        kind=kind,
        status=status,
        at=at,
        sender=sender,
        party=party,
        capacity=capacity,
        deadline_hours=hours,
    ).take(order[(target[order] != UNKNOWN) & ~replaced[order]])


def _restated(
    sealer: Sealer, record: Ints, kind: Texts, at: Ints, channel: Texts, reference: Texts, *said: Texts
) -> Flags:
    """Of the notices that are not alone in their record, which another statement of the same message replaces."""
    replaced = np.zeros(len(record), np.bool_)
    several = np.flatnonzero(np.bincount(record)[record] > 1) if len(record) else np.empty(0, np.int64)
    messages = list(zip(*(column[several].tolist() for column in (record, kind, at, channel)), strict=True))
    references = opened(sealer, reference[several].tolist())
    status, party, capacity = (column[several].tolist() for column in said)
    arrived = (NoticeStatus(word).starts_clock for word in status)
    tells = [(on, word == _REQUEST and told) for (on, word, *_), told in zip(messages, arrived, strict=True)]
    restatements = restated(messages, references, status, party, capacity)
    replaced[several] = restatements | told_by_message(tells, references, capacity)
    return replaced


def _told_before(scope: Scope, corrected: CorrectionsInForce) -> str:
    """A notice that was corrected to another time counts from that time on, so it is looked at whatever was stated."""
    stated, others = f"notified_at < {scope.before:d}", corrected.retimed
    return f"({stated} OR record_key IN ({', '.join(map(str, others))}))" if others else stated


def _attributions(connection: Connection, scope: Scope) -> AttributionColumns:
    address, valid_from, asn, reason, front, origins, table = fetch_columns(
        connection,
        f"""SELECT address_id, valid_from, coalesce(asn, -1), reason, front, origins, coalesce(table_id, -1)
            FROM attributions WHERE valid_from < {scope.before:d}{scope.of_addresses}
            ORDER BY address_id, valid_from""",  # noqa: S608
        "iiittti",
    )
    as_of, made_on = _table_days(connection, table)
    return AttributionColumns(
        address=address,
        as_of=valid_from,
        asn=asn,
        reason=reason,
        front=front,
        origins=origins,
        table_as_of=as_of,
        table_made_on=made_on,
    )


def _table_days(connection: Connection, table: Ints) -> tuple[Ints, Ints]:
    """The day of each entry's routing table and the day on which that was made, 00:00 UTC in microseconds."""
    found = connection.execute(select(_TABLES.c.id, _TABLES.c.as_of, _TABLES.c.made_on)).all()
    size = max((row.id for row in found), default=0) + 2  # the last one stands for "no table"
    as_of, made_on = np.full(size, UNKNOWN_AT, np.int64), np.full(size, UNKNOWN_AT, np.int64)
    for row in found:
        as_of[row.id], made_on[row.id] = _start_of(row.as_of), _start_of(row.made_on)
    return as_of[table], made_on[table]


def _routing_days(connection: Connection) -> RoutingDays:
    """Of two tables of one day the one made later holds."""
    c = _TABLES.c
    wanted = select(c.as_of, c.made_on).where(c.kind == TableKind.PREFIXES.value).order_by(c.as_of, c.made_on)
    newest = {_start_of(row.as_of): _start_of(row.made_on) for row in connection.execute(wanted)}
    return RoutingDays(ints(list(newest)), ints(list(newest.values())))


def _start_of(day: date) -> int:
    return to_micros(datetime(day.year, day.month, day.day, tzinfo=UTC))
