"""What DNS said: which hosts to ask about, the answers in, and what they come to.

Between runs the store is the cache: a host is left out while every answer of its newest asking may still be used.
What would surprise: as soon as one resolver's answer has run out (a failure has at once) the host is asked about
again, and then all resolvers are asked, so that their answers stay side by side under one time.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, select

from monitor.model.columns import Ints, ResolutionColumns
from monitor.model.report import Address, Host
from monitor.model.resolution import LONGEST_USE_SECONDS, Resolution
from monitor.model.words import AddressKind, DnsStatus, HostKind
from monitor.store import contexts
from monitor.store.bulk import allocate, chunks, insert_rows, select_by, select_by_pairs
from monitor.store.database import Store
from monitor.store.fetching import fetch_ints
from monitor.store.interning import intern_addresses
from monitor.store.scope import Scope
from monitor.store.sealing import Sealer
from monitor.store.tables import (
    HostRow,
    RecordRow,
    ReportRow,
    ResolutionAddressRow,
    ResolutionRow,
    SourceRow,
    TargetRow,
    table_of,
)
from monitor.store.times import to_micros
from monitor.store.vaulting import NAMES, openable

_HOSTS_AT_ONCE = 5_000
_HOSTS, _TARGETS, _SOURCES = table_of(HostRow), table_of(TargetRow), table_of(SourceRow)
_RECORDS, _REPORTS = table_of(RecordRow), table_of(ReportRow)
_RESOLUTIONS, _ADDRESSES = table_of(ResolutionRow), table_of(ResolutionAddressRow)
_NEWEST = """resolutions r JOIN (SELECT host_id, max(resolved_at) AS resolved_at FROM resolutions GROUP BY host_id) n
             ON n.host_id = r.host_id AND n.resolved_at = r.resolved_at"""
"""The rows of each host's newest asking."""


@dataclass(frozen=True, slots=True, repr=False)
class HostBatch:
    """Hosts to ask about, aligned with their keys. `site` is sealed for look-ups only, so it is empty here."""

    host_ids: tuple[int, ...]
    hosts: tuple[Host, ...]


@dataclass(frozen=True, slots=True)
class ResolutionLine:
    """One Resolution in figures, for `explain`: nothing of it is secret."""

    resolved_at: datetime
    resolver: str
    status: DnsStatus
    rcode_a: str | None
    rcode_aaaa: str | None
    ttl_seconds: int
    wildcard: bool | None
    n_cnames: int
    n_global: int
    n_private: int
    n_bogon: int


def hosts_to_resolve(
    store: Store, sources: Sequence[str], *, now: datetime, again: bool = False, batch: int = _HOSTS_AT_ONCE
) -> Iterator[HostBatch]:
    """The named hosts of these sources' Targets whose answers have run out at `now`; all of them with `again`.

    Which ones is decided once, at the start; answers may be written while this runs. Raises KeyProblem.
    """
    with store.read() as connection:
        wanted = _named_hosts(connection, store.sealer, sources)
        if not again and len(wanted):
            wanted = np.setdiff1d(wanted, _fresh_hosts(connection, to_micros(now)), assume_unique=True)
    for some in chunks(wanted.tolist(), batch):
        with store.read() as connection:
            names = {row[0]: bytes(row[1]) for row in select_by(connection, _HOSTS, ("id", "name"), "id", some)}
        hosts = (store.sealer.unseal(names[key], contexts.HOST_NAME).decode() for key in some)
        yield HostBatch(tuple(some), tuple(Host(name, HostKind.NAME, "", None) for name in hosts))


def add_resolutions(store: Store, host_ids: Sequence[int], resolutions: Sequence[Resolution]) -> int:
    """Store a batch (aligned) in one transaction; returns how many were new, by host, time and resolver.

    Raises StoreError, StoreBusy.
    """
    given = {
        (host_id, to_micros(each.resolved_at), each.resolver): each
        for host_id, each in zip(host_ids, resolutions, strict=True)
    }
    with store.write() as connection:
        columns, pair = ("host_id", "resolved_at", "resolver"), ("host_id", "resolved_at")
        known = set(select_by_pairs(connection, _RESOLUTIONS, columns, pair, {key[:2] for key in given}))
        new = {key: each for key, each in given.items() if key not in known}
        if new:
            _insert(connection, store, new)
    return len(new)


def count_resolved(store: Store, sources: Sequence[str]) -> dict[str, int]:
    """Hosts of these sources by what their newest asking came to; a host never asked about is not among them.

    `answered` where any resolver gave an address; else the resolvers' words, joined by " + " where they differ.
    """
    bits = [(status, 1 << place) for place, status in enumerate(DnsStatus)]
    cases = " ".join(f"WHEN '{status.value}' THEN {bit}" for status, bit in bits)
    statement = f"""SELECT r.host_id, sum(DISTINCT CASE r.status {cases} ELSE 0 END)
                    FROM {_NEWEST} GROUP BY r.host_id"""  # noqa: S608 (constants)
    with store.read() as connection:
        host, found = fetch_ints(connection, statement, 2)
        found = found[np.isin(host, _named_hosts(connection, store.sealer, sources))]
    counts: Counter[str] = Counter()
    for mask, n in zip(*np.unique(found, return_counts=True), strict=True):
        words = [status.value for status, bit in bits if int(mask) & bit]
        counts[DnsStatus.ANSWERED.value if DnsStatus.ANSWERED.value in words else " + ".join(words)] += int(n)
    return dict(sorted(counts.items()))


def sources_with_reports(store: Store) -> tuple[str, ...]:
    """The names of the sources that a report is of, in order."""
    reported = select(_RECORDS.c.source_id).where(_RECORDS.c.id.in_(select(_REPORTS.c.record_key)))
    with store.read() as connection:
        names = connection.scalars(select(_SOURCES.c.name).where(_SOURCES.c.id.in_(reported))).all()
    return tuple(sorted(names))


def resolution_columns(
    connection: Connection, before_micros: int, targets: tuple[int, ...] | None = None
) -> ResolutionColumns:
    """Every global address that a Target's host answered to before a cut-off, once for all resolvers of an asking.

    With `targets` (keys) those of these Targets alone.
    """
    of_target = "" if targets is None else f"AND t.id IN ({Scope(before_micros, targets).listed})"
    target, at, address = fetch_ints(
        connection,
        f"""SELECT DISTINCT t.id, r.resolved_at, a.address_id
            FROM resolutions r JOIN resolution_addresses a ON a.resolution_id = r.id
                               JOIN targets t ON t.host_id = r.host_id
            WHERE r.status = '{DnsStatus.ANSWERED.value}' AND a.kind = '{AddressKind.GLOBAL.value}'
              AND r.resolved_at < {before_micros:d} {of_target}
            ORDER BY t.id, r.resolved_at, a.address_id""",  # noqa: S608 (constants and numbers)
        3,
    )
    return ResolutionColumns(target_id=target, at=at, address=address)


def resolutions_of_host(store: Store, target_id: int) -> tuple[ResolutionLine, ...]:
    """Every Resolution of the Target's host, by time and resolver. Raises KeyProblem."""
    c = _RESOLUTIONS.c
    wanted = select(_RESOLUTIONS).join(_TARGETS, _TARGETS.c.host_id == c.host_id).where(_TARGETS.c.id == target_id)
    with store.read() as connection:
        rows = connection.execute(wanted.order_by(c.resolved_at, c.resolver)).all()
        kinds: dict[int, list[str]] = {row.id: [] for row in rows}
        for key, kind in select_by(connection, _ADDRESSES, ("resolution_id", "kind"), "resolution_id", list(kinds)):
            kinds[key].append(kind)
    return tuple(
        ResolutionLine(
            resolved_at=row.resolved_at,
            resolver=row.resolver,
            status=DnsStatus(row.status),
            rcode_a=row.rcode_a,
            rcode_aaaa=row.rcode_aaaa,
            ttl_seconds=row.ttl_seconds,
            wildcard=row.wildcard,
            n_cnames=_n_cnames(store, row.cname_chain),
            n_global=kinds[row.id].count(AddressKind.GLOBAL.value),
            n_private=kinds[row.id].count(AddressKind.PRIVATE.value),
            n_bogon=kinds[row.id].count(AddressKind.BOGON.value),
        )
        for row in rows
    )


def _named_hosts(connection: Connection, sealer: Sealer, sources: Sequence[str]) -> Ints:
    """The keys of the hosts with a name on a Target that a Report of these sources names, ascending.

    Without those in the vault, for a key file that cannot open it.
    """
    found = connection.scalars(select(_SOURCES.c.id).where(_SOURCES.c.name.in_(list(sources)))).all()
    if not found:
        return np.empty(0, np.int64)
    keys = ", ".join(str(int(key)) for key in found)
    (hosts,) = fetch_ints(
        connection,
        f"""SELECT DISTINCT h.id FROM records k JOIN reports r ON r.record_key = k.id
                                   JOIN targets t ON t.id = r.target_id JOIN hosts h ON h.id = t.host_id
            WHERE k.source_id IN ({keys}) AND h.kind = '{HostKind.NAME.value}' AND h.forgotten_at IS NULL
            ORDER BY h.id""",  # noqa: S608 (numbers)
        1,
    )
    return openable(connection, sealer, NAMES, hosts)


def _fresh_hosts(connection: Connection, now_micros: int) -> Ints:
    """The hosts whose newest asking has run out at no resolver."""
    usable = f"CASE WHEN r.ttl_seconds > {LONGEST_USE_SECONDS} THEN {LONGEST_USE_SECONDS} ELSE r.ttl_seconds END"
    runs_out = f"min(r.resolved_at + CAST({usable} AS BIGINT) * 1000000)"
    statement = f"SELECT r.host_id FROM {_NEWEST} GROUP BY r.host_id HAVING {runs_out} > {now_micros:d}"  # noqa: S608
    (hosts,) = fetch_ints(connection, statement, 1)
    return hosts


def _insert(connection: Connection, store: Store, new: dict[tuple[int, int, str], Resolution]) -> None:
    seen = {one.address for each in new.values() for one in each.addresses}
    indexes = {address: store.sealer.index(address, contexts.ADDRESS) for address in seen}
    keys_of = intern_addresses(connection, store.sealer, {index: address for address, index in indexes.items()})
    address_ids: dict[Address, int | None] = {address: keys_of[index] for address, index in indexes.items()}
    keys = allocate(connection, _RESOLUTIONS, len(new))
    columns = ("id", "host_id", "resolved_at", "resolver", "status", "rcode_a", "rcode_aaaa", "ttl_seconds")
    rows = [
        (
            key,
            *found,
            each.status.value,
            each.rcode_a,
            each.rcode_aaaa,
            each.ttl_seconds,
            _sealed_chain(store, each.cname_chain),
            each.wildcard,
            each.n_questions,
            each.seconds,
        )
        for key, (found, each) in zip(keys, new.items(), strict=True)
    ]
    insert_rows(connection, _RESOLUTIONS, (*columns, "cname_chain", "wildcard", "n_questions", "seconds"), rows)
    of_each = [
        (key, address_ids[one.address], one.kind.value, one.ttl_seconds)
        for key, each in zip(keys, new.values(), strict=True)
        for one in each.addresses
    ]
    insert_rows(connection, _ADDRESSES, ("resolution_id", "address_id", "kind", "ttl_seconds"), of_each)


def _sealed_chain(store: Store, chain: tuple[str, ...]) -> bytes | None:
    return store.sealer.seal(json.dumps(chain).encode(), contexts.CNAME_CHAIN) if chain else None


def _n_cnames(store: Store, sealed: bytes | None) -> int:
    return 0 if sealed is None else len(json.loads(store.sealer.unseal(bytes(sealed), contexts.CNAME_CHAIN)))
