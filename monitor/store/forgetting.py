"""URLs, hosts and addresses past their term: which they are, and how their text goes while everything else stays.

In: an instant, keys. Out: keys that are due, and how many went. The row, its key and its blind index stay, so that sums
of imports, chains, sites, attributions and frozen datasets are what they were, and a new report of the same URL finds
its Target (`remembering.py` puts the text back then). What would surprise: an address is not emptied but
becomes the first one of a stretch of network on which nothing that we know tells addresses apart, because to whom
networks were registered is worked out anew at each freeze.
"""

import ipaddress
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from monitor.model.report import Address
from monitor.store import contexts
from monitor.store.bulk import chunks, select_by, update_rows
from monitor.store.database import Store
from monitor.store.erasing import overwrite
from monitor.store.fetching import fetch_ints
from monitor.store.holds_now import Kept, nothing_held
from monitor.store.tables import AddressRow, HostRow, ResolutionRow, ScheduleRow, TargetRow, table_of
from monitor.store.times import from_micros, to_micros

AT_ONCE = 2_000
_ADDRESSES, _HOSTS, _TARGETS = table_of(AddressRow), table_of(HostRow), table_of(TargetRow)
_RESOLUTIONS, _SCHEDULE = table_of(ResolutionRow), table_of(ScheduleRow)
PREFIX = {4: 24, 16: 48}
"""An address is coarsened to this length at least; networks announced on the internet are no smaller."""

StandIn = Callable[[Address], Address]


@dataclass(frozen=True, slots=True)
class Gone:
    """How many went."""

    n_targets: int = 0
    n_hosts: int = 0
    n_held: int = 0  # Targets that somebody holds since the run began


def due_targets(store: Store, before: datetime) -> list[int]:
    """The Targets whose newest report, notice and check are all from before that, ascending."""
    with store.read() as connection:
        return _due_targets(connection, to_micros(before), "")


def _due_targets(connection: Connection, cut: int, among: str) -> list[int]:
    statement = f"""SELECT t.id FROM targets t WHERE t.forgotten_at IS NULL {among}
        AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.target_id = t.id AND r.reported_at >= {cut:d})
        AND NOT EXISTS (SELECT 1 FROM observations o WHERE o.target_id = t.id AND o.observed_at >= {cut:d})
        AND NOT EXISTS (SELECT 1 FROM reports r JOIN notices n ON n.record_key = r.record_key
                        WHERE r.target_id = t.id AND n.notified_at >= {cut:d})
        AND NOT EXISTS (SELECT 1 FROM reports r JOIN checks c ON c.record_key = r.record_key
                        WHERE r.target_id = t.id AND c.checked_at >= {cut:d}) ORDER BY t.id"""  # noqa: S608 (numbers)
    keys: list[int] = fetch_ints(connection, statement, 1)[0].tolist()
    return keys


def due_addresses(store: Store, before: datetime) -> list[int]:
    """The addresses that no report, check or DNS answer since then names, nor a URL that is still here.

    A host that is an address is checked there: a stand-in would lead its checks to another machine.
    """
    cut = to_micros(before)
    statement = f"""SELECT a.id FROM addresses a WHERE a.forgotten_at IS NULL AND a.id NOT IN (
        SELECT address_id FROM reports WHERE reported_at >= {cut:d} AND address_id IS NOT NULL UNION
        SELECT origin_address_id FROM reports WHERE reported_at >= {cut:d} AND origin_address_id IS NOT NULL UNION
        SELECT address_id FROM checks WHERE checked_at >= {cut:d} AND address_id IS NOT NULL UNION
        SELECT address_id FROM observations WHERE observed_at >= {cut:d} AND address_id IS NOT NULL UNION
        SELECT e.address_id FROM exchanges e JOIN observations o ON o.id = e.observation_id
            WHERE o.observed_at >= {cut:d} AND e.address_id IS NOT NULL UNION
        SELECT d.address_id FROM resolution_addresses d JOIN resolutions s ON s.id = d.resolution_id
            WHERE s.resolved_at >= {cut:d} UNION
        SELECT address_id FROM hosts WHERE forgotten_at IS NULL AND address_id IS NOT NULL) ORDER BY a.id"""  # noqa: S608 (numbers)
    with store.read() as connection:
        keys: list[int] = fetch_ints(connection, statement, 1)[0].tolist()
    return keys


def forget_targets(
    store: Store, keys: Collection[int], before: datetime, at: datetime, kept: Kept = nothing_held
) -> Gone:
    """The URLs of these Targets, as far as they still are due and not held, and hosts without any; one batch."""
    cut, moment = to_micros(before), to_micros(at)
    with store.write() as connection:
        overwrite(connection, store)
        due = _due_targets(connection, cut, f"AND t.id IN ({listed(keys)})")
        held = kept(connection) if due else ()
        still = [key for key in due if key not in held]
        update_rows(connection, _TARGETS, ("url", "forgotten_at", "id"), [(None, moment, key) for key in still])
        update_rows(connection, _SCHEDULE, ("due_at", "why", "target_id"), [(None, None, key) for key in still])
        hosts = _empty_hosts(connection, still)
        rows = [(store.sealer.seal(b"", contexts.HOST_NAME), moment, key) for key in hosts]
        update_rows(connection, _HOSTS, ("name", "forgotten_at", "id"), rows)
        update_rows(connection, _RESOLUTIONS, ("cname_chain", "host_id"), [(None, key) for key in hosts])
    return Gone(len(still), len(hosts), len(due) - len(still))


def _empty_hosts(connection: Connection, targets: Collection[int]) -> list[int]:
    """The hosts of these Targets that have no Target with its text any more."""
    hosts = {host for (host,) in select_by(connection, _TARGETS, ("host_id",), "id", targets)}
    left = {host for (host,) in select_by(connection, _TARGETS, ("host_id",), "host_id", hosts, "forgotten_at IS NULL")}
    return sorted(hosts - left)


def forget_addresses(
    store: Store, keys: Collection[int], at: datetime, stand_in: StandIn, kept: Kept = nothing_held
) -> tuple[int, int]:
    """These addresses become their stand-ins, but for those held: (how many, how many held); one batch.

    Raises KeyProblem where one does not open.
    """
    moment, unseal, seal = to_micros(at), store.sealer.unseal, store.sealer.seal
    with store.write() as connection:
        overwrite(connection, store)
        held = set(kept(connection)) & set(keys)
        keys = [key for key in keys if key not in held]
        found = list(select_by(connection, _ADDRESSES, ("id", "address"), "id", keys, "forgotten_at IS NULL"))
        rows = [
            (seal(stand_in(Address(unseal(bytes(sealed), contexts.ADDRESS))), contexts.ADDRESS), moment, key)
            for key, sealed in found
        ]
        update_rows(connection, _ADDRESSES, ("address", "forgotten_at", "id"), rows)
    return len(rows), len(held)


def coarsened(ranges: Iterable[tuple[Address, Address]]) -> StandIn:
    """What stands in for an address: one that lies in exactly the same of these ranges, and in the same /24 or /48."""
    borders: dict[int, set[int]] = {4: set(), 16: set()}
    for first, last in ranges:
        borders[len(first)] |= {int.from_bytes(first), int.from_bytes(last) + 1}
    places = {size: sorted(found) for size, found in borders.items()}

    def stand_in(address: Address) -> Address:
        network = ipaddress.ip_network((bytes(address), PREFIX[len(address)]), strict=False)
        begins, among = int(network.network_address), places[len(address)]
        place = bisect_right(among, int.from_bytes(address))
        return Address(max(begins, among[place - 1] if place else begins).to_bytes(len(address)))

    return stand_in


def targets_of_records(connection: Connection, records: Collection[int]) -> set[int]:
    """The Targets that these records report."""
    return {
        target
        for some in chunks(sorted(records))
        for (target,) in connection.exec_driver_sql(
            f"SELECT target_id FROM reports WHERE record_key IN ({listed(some)})"  # noqa: S608 (numbers)
        )
    }


def addresses_of_targets(connection: Connection, targets: Collection[int]) -> set[int]:
    """Every address that a report, check, DNS answer or literal of these Targets names."""
    found: set[int] = set()
    for some in chunks(sorted(targets)):
        t = listed(some)
        statement = f"""SELECT address_id FROM reports WHERE target_id IN ({t}) UNION
            SELECT origin_address_id FROM reports WHERE target_id IN ({t}) UNION
            SELECT c.address_id FROM checks c JOIN reports r ON r.record_key = c.record_key
                WHERE r.target_id IN ({t}) UNION
            SELECT address_id FROM observations WHERE target_id IN ({t}) UNION
            SELECT e.address_id FROM exchanges e JOIN observations o ON o.id = e.observation_id
                WHERE o.target_id IN ({t}) UNION
            SELECT h.address_id FROM hosts h JOIN targets t ON t.host_id = h.id WHERE t.id IN ({t}) UNION
            SELECT a.address_id FROM resolution_addresses a JOIN resolutions s ON s.id = a.resolution_id
                JOIN targets t ON t.host_id = s.host_id WHERE t.id IN ({t})"""  # noqa: S608 (numbers)
        found.update(key for (key,) in connection.exec_driver_sql(statement) if key is not None)
    return found


def forgotten_addresses(store: Store, keys: Collection[int]) -> dict[int, datetime]:
    """Those of the addresses that were forgotten, and when: what opens of them is a stand-in, to be shown to nobody."""
    with store.read() as connection:
        found = select_by(connection, _ADDRESSES, ("id", "forgotten_at"), "id", keys, "forgotten_at IS NOT NULL")
        return {key: from_micros(at) for key, at in found}


def forgotten_targets(store: Store, keys: Collection[int]) -> dict[int, datetime]:
    """Those of the Targets that were forgotten, and when; nothing is opened."""
    with store.read() as connection:
        found = select_by(connection, _TARGETS, ("id", "forgotten_at"), "id", keys, "forgotten_at IS NOT NULL")
        return {key: from_micros(at) for key, at in found}


def listed(keys: Collection[int]) -> str:
    return ", ".join(f"{key:d}" for key in keys) or "NULL"
