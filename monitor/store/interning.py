"""Addresses, hosts and Targets: the values of one batch in, their keys out, the missing ones sealed and added.

Everything is found by blind index, a batch at a time. What would surprise: a Target whose path was withheld is
never shared: its index is over its record and its host.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from monitor.model.report import Address, Host, Target
from monitor.store import contexts
from monitor.store.bulk import allocate, insert_rows, look_up
from monitor.store.sealing import Sealer
from monitor.store.tables import AddressRow, HostRow, TargetRow, table_of

_ADDRESSES = table_of(AddressRow)
_HOSTS = table_of(HostRow)
_TARGETS = table_of(TargetRow)


def target_index(sealer: Sealer, target: Target, source: str, record_id: str) -> bytes:
    """The blind index of a Target; of the record's own where the path was withheld."""
    if target.url is not None:
        return sealer.index(target.url.encode(), contexts.TARGET_URL)
    return sealer.index("\0".join((source, record_id, target.host.name)).encode(), contexts.WITHHELD_TARGET)


def intern_addresses(
    connection: Connection, sealer: Sealer, addresses: Mapping[bytes, Address]
) -> dict[bytes | None, int | None]:
    """Blind index -> key of these addresses (given by blind index); None -> None, for rows without an address."""
    keys: dict[bytes | None, int | None] = {None: None}
    for index, key in look_up(connection, _ADDRESSES, "address_index", addresses.keys()).items():
        keys[index] = key
    missing = [index for index in addresses if index not in keys]
    if missing:
        new = allocate(connection, _ADDRESSES, len(missing))
        rows = [
            (key, sealer.seal(addresses[index], contexts.ADDRESS), index, 4 if len(addresses[index]) == 4 else 6)
            for key, index in zip(new, missing, strict=True)
        ]
        insert_rows(connection, _ADDRESSES, ("id", "address", "address_index", "family"), rows)
        keys.update(zip(missing, new, strict=True))
    return keys


def intern_targets(connection: Connection, sealer: Sealer, targets: Mapping[bytes, Target]) -> dict[bytes, int]:
    """Blind index -> key of these Targets (given by blind index), their hosts included."""
    known = look_up(connection, _TARGETS, "url_index", targets.keys())
    missing = [index for index in targets if index not in known]
    if missing:
        hosts = _intern_hosts(connection, sealer, {targets[index].host.name: targets[index].host for index in missing})
        keys = allocate(connection, _TARGETS, len(missing))
        rows = [
            (
                key,
                hosts[targets[index].host.name],
                _sealed_url(sealer, targets[index]),
                index,
                targets[index].url is None,
            )
            for key, index in zip(keys, missing, strict=True)
        ]
        insert_rows(connection, _TARGETS, ("id", "host_id", "url", "url_index", "withheld"), rows)
        known.update(zip(missing, keys, strict=True))
    return known


def _sealed_url(sealer: Sealer, target: Target) -> bytes | None:
    return None if target.url is None else sealer.seal(target.url.encode(), contexts.TARGET_URL)


def _intern_hosts(connection: Connection, sealer: Sealer, hosts: Mapping[str, Host]) -> dict[str, int]:
    names = dict(zip(sealer.indexes((name.encode() for name in hosts), contexts.HOST_NAME), hosts, strict=True))
    known = look_up(connection, _HOSTS, "name_index", names.keys())
    missing = [index for index in names if index not in known]
    if missing:
        keys = allocate(connection, _HOSTS, len(missing))
        known.update(zip(missing, keys, strict=True))
        literals = _intern_literals(connection, sealer, [hosts[names[index]] for index in missing])
        rows = [_host_row(sealer, known[index], index, hosts[names[index]], literals) for index in missing]
        columns = ("id", "name", "name_index", "kind", "site_index", "address_id")
        insert_rows(connection, _HOSTS, columns, rows)
    return {names[index]: key for index, key in known.items()}


def _intern_literals(connection: Connection, sealer: Sealer, hosts: list[Host]) -> dict[Address, int | None]:
    packed = {sealer.index(host.address, contexts.ADDRESS): host.address for host in hosts if host.address is not None}
    keys = intern_addresses(connection, sealer, packed)
    return {address: keys[index] for index, address in packed.items()}


def _host_row(
    sealer: Sealer, key: int, index: bytes, host: Host, literals: Mapping[Address, int | None]
) -> tuple[int, bytes, bytes, str, bytes, int | None]:
    name, site = sealer.seal(host.name.encode(), contexts.HOST_NAME), sealer.index(host.site.encode(), contexts.SITE)
    return key, name, index, host.kind.value, site, None if host.address is None else literals[host.address]
