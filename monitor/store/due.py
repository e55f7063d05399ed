"""What is due, opened for a round of checks; and what DNS and the routing tables say about where it is.

What would surprise: `DueTarget` and `HostAnswer` hold what is secret in clear, so neither shows anything of it in its
repr. A host's site is not stored in clear: it is found as the end of the name that has the site's blind index.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from monitor.model.columns import UNKNOWN
from monitor.model.observation import Anchor, Standing
from monitor.model.report import Address, Host
from monitor.model.resolution import LONGEST_USE_SECONDS
from monitor.model.words import AddressKind, DnsStatus, DueReason, HostKind
from monitor.store import contexts
from monitor.store.bulk import chunks, look_up, select_by, select_by_pairs
from monitor.store.database import Store
from monitor.store.sealing import Sealer
from monitor.store.tables import (
    AddressRow,
    AttributionRow,
    HostRow,
    ResolutionAddressRow,
    ResolutionRow,
    ScheduleRow,
    TargetRow,
    table_of,
)
from monitor.store.times import to_micros

_SCHEDULE, _TARGETS, _HOSTS, _ADDRESSES = (table_of(row) for row in (ScheduleRow, TargetRow, HostRow, AddressRow))
_RESOLUTIONS, _RESOLVED = table_of(ResolutionRow), table_of(ResolutionAddressRow)
_ATTRIBUTIONS = table_of(AttributionRow)
_MICROS = 1_000_000


@dataclass(frozen=True, slots=True, repr=False)
class DueTarget:
    """A Target that is to be checked. Secret: it holds the URL."""

    target_id: int
    host_id: int
    url: str
    host: Host
    due_at: datetime
    why: DueReason
    anchors: tuple[Anchor, ...]
    standing: Standing


@dataclass(frozen=True, slots=True, repr=False)
class HostAnswer:
    """What the resolvers said of a host when last asked. Secret: it holds addresses."""

    answers: tuple[DnsStatus, ...]  # by resolver, in the order in which they were asked
    addresses: tuple[Address, ...]  # globally routable ones, each once, IPv4 first, by their bytes
    fresh: bool  # no resolver's answer has run out; a failure has at once


def next_due_at(store: Store) -> datetime | None:
    """When the next Target is due, be it past; None where nothing is planned."""
    with store.read() as connection:
        at: datetime | None = connection.scalar(select(func.min(_SCHEDULE.c.due_at)))
        return at


def count_due(store: Store, now: datetime) -> int:
    """How many Targets are due at `now`."""
    with store.read() as connection:
        wanted = select(func.count()).select_from(_SCHEDULE).where(_SCHEDULE.c.due_at <= now)
        return int(connection.execute(wanted).scalar_one())


def newest_answers(store: Store, host_ids: Sequence[int], now: datetime) -> dict[int, HostAnswer]:
    """By host, of those that were ever asked about: the answers of the newest asking. Raises KeyProblem."""
    columns = ("host_id", "id", "status", "resolved_at", "ttl_seconds")
    with store.read() as connection:
        newest = _newest_askings(connection, host_ids)
        asked = sorted(select_by_pairs(connection, _RESOLUTIONS, columns, ("host_id", "resolved_at"), newest))
        host_of = {row[1]: row[0] for row in asked}
        pairs = [
            (host_of[key], address)
            for key, address in select_by(
                connection,
                _RESOLVED,
                ("resolution_id", "address_id"),
                "resolution_id",
                host_of.keys(),
                f"kind = '{AddressKind.GLOBAL.value}'",
            )
        ]
        opened = opened_addresses(connection, store.sealer, {address for _, address in pairs})
    return _answers(asked, [(host, opened[address]) for host, address in pairs], to_micros(now))


def in_order(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """IPv4 first, by their bytes: always the same one leads, whatever order a name server gives today."""
    return tuple(sorted(addresses, key=lambda address: (len(address), address)))


def asns_of(store: Store, addresses: Iterable[Address], at: datetime) -> dict[Address, int]:
    """The origin AS of each address by the newest attribution up to `at`; -1 where it is not known."""
    distinct = list(dict.fromkeys(addresses))
    indexes, until = store.sealer.indexes(distinct, contexts.ADDRESS), to_micros(at)
    newest: dict[int, tuple[int, int]] = {}
    with store.read() as connection:
        keys = look_up(connection, _ADDRESSES, "address_index", indexes)
        columns, held = ("address_id", "valid_from", "asn"), f"valid_from <= {until:d}"
        for key, since, asn in select_by(connection, _ATTRIBUTIONS, columns, "address_id", set(keys.values()), held):
            if key not in newest or since > newest[key][0]:
                newest[key] = since, UNKNOWN if asn is None else asn
    known = {index: newest[key][1] for index, key in keys.items() if key in newest}
    return {address: known.get(index, UNKNOWN) for address, index in zip(distinct, indexes, strict=True)}


def _newest_askings(connection: Connection, host_ids: Iterable[int]) -> list[tuple[int, int]]:
    """(host, microseconds) of those that were ever asked about."""
    found: list[tuple[int, int]] = []
    for some in chunks(sorted(set(host_ids))):
        listed = ", ".join(f"{host:d}" for host in some)
        statement = f"SELECT host_id, max(resolved_at) FROM resolutions WHERE host_id IN ({listed}) GROUP BY host_id"  # noqa: S608
        found += [(row[0], row[1]) for row in connection.exec_driver_sql(statement)]
    return found


def _answers(
    asked: Sequence[tuple[Any, ...]], found: Iterable[tuple[int, Address]], now_micros: int
) -> dict[int, HostAnswer]:
    """`asked`: (host, key, status, time, seconds), by host and key."""
    words: dict[int, list[DnsStatus]] = {}
    runs_out: dict[int, int] = {}
    for host, _, status, at, ttl in asked:
        words.setdefault(host, []).append(DnsStatus(status))
        ends = at + min(ttl, LONGEST_USE_SECONDS) * _MICROS
        runs_out[host] = min(ends, runs_out.get(host, ends))
    addresses: dict[int, set[Address]] = {host: set() for host in words}
    for host, address in found:
        addresses[host].add(address)
    return {
        host: HostAnswer(
            tuple(said),
            in_order(addresses[host]),
            runs_out[host] > now_micros,
        )
        for host, said in words.items()
    }


def opened_addresses(connection: Connection, sealer: Sealer, keys: Collection[int]) -> dict[int, Address]:
    return {
        key: Address(sealer.unseal(bytes(sealed), contexts.ADDRESS))
        for key, sealed in select_by(connection, _ADDRESSES, ("id", "address"), "id", keys)
    }


def host_of(
    sealer: Sealer, sealed: bytes, kind: str, site_index: bytes, address_id: int | None, literals: dict[int, Address]
) -> Host:
    name = sealer.unseal(sealed, contexts.HOST_NAME).decode()
    site = _site(sealer, name, bytes(site_index)) if kind == HostKind.NAME else name
    return Host(name, HostKind(kind), site, None if address_id is None else literals[address_id])


def _site(sealer: Sealer, name: str, site_index: bytes) -> str:
    """The end of the name that has the site's blind index; the name itself where a changed suffix list left none."""
    labels = name.split(".")
    ends = (".".join(labels[place:]) for place in range(len(labels)))
    return next((end for end in ends if sealer.index(end.encode(), contexts.SITE) == site_index), name)
