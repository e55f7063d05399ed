"""Addresses, hosts and Targets: the values of one batch in, their keys out, the missing ones sealed and added.

Everything is found by blind index, a batch at a time. What would surprise: a Target whose path was withheld is
never shared: its index is over its record and its host. And where there is a vault, URLs and host names go into it,
but for those that a live source names.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from monitor.model.report import Address, Host, Target
from monitor.store import contexts
from monitor.store.bulk import allocate, insert_rows, look_up
from monitor.store.remembering import remember_addresses, remember_targets
from monitor.store.sealing import Sealer
from monitor.store.tables import AddressRow, HostRow, TargetRow, table_of
from monitor.store.vaulting import take_out

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
    remember_addresses(connection, sealer, addresses)
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


def intern_targets(
    connection: Connection, sealer: Sealer, targets: Mapping[bytes, Target], live: Collection[bytes] = ()
) -> dict[bytes, int]:
    """Blind index -> key of these Targets (given by blind index), their hosts included; `live`: not for the vault."""
    remember_targets(connection, sealer, targets, live)
    known = look_up(connection, _TARGETS, "url_index", targets.keys())
    missing = [index for index in targets if index not in known]
    if sealer.vault is not None and live:
        _take_out(connection, sealer, {index: targets[index] for index in live}, known)
    if missing:
        live_names = {targets[index].host.name for index in live}
        named = {targets[index].host.name: targets[index].host for index in missing}
        hosts = _intern_hosts(connection, sealer, named, live_names)
        keys = allocate(connection, _TARGETS, len(missing))
        rows = [
            (
                key,
                hosts[targets[index].host.name],
                _sealed_url(sealer, targets[index], live=index in live),
                index,
                targets[index].url is None,
            )
            for key, index in zip(keys, missing, strict=True)
        ]
        insert_rows(connection, _TARGETS, ("id", "host_id", "url", "url_index", "withheld"), rows)
        known.update(zip(missing, keys, strict=True))
    return known


def _take_out(
    connection: Connection, sealer: Sealer, targets: Mapping[bytes, Target], known: Mapping[bytes, int]
) -> None:
    """A live source names these: those that are there already leave the vault, and their hosts too."""
    urls = {known[index]: each.url.encode() for index, each in targets.items() if index in known and each.url}
    take_out(connection, sealer, (_TARGETS, _TARGETS.c.url), urls)
    names = {sealer.index(name, contexts.HOST_NAME): name for name in {t.host.name.encode() for t in targets.values()}}
    found = look_up(connection, _HOSTS, "name_index", names.keys())
    take_out(connection, sealer, (_HOSTS, _HOSTS.c.name), {key: names[index] for index, key in found.items()})


def _sealed_url(sealer: Sealer, target: Target, *, live: bool) -> bytes | None:
    if target.url is None:
        return None
    return (sealer.seal if live else sealer.seal_away)(target.url.encode(), contexts.TARGET_URL)


def _intern_hosts(
    connection: Connection, sealer: Sealer, hosts: Mapping[str, Host], live: Collection[str]
) -> dict[str, int]:
    names = dict(zip(sealer.indexes((name.encode() for name in hosts), contexts.HOST_NAME), hosts, strict=True))
    known = look_up(connection, _HOSTS, "name_index", names.keys())
    missing = [index for index in names if index not in known]
    if missing:
        keys = allocate(connection, _HOSTS, len(missing))
        known.update(zip(missing, keys, strict=True))
        literals = _intern_literals(connection, sealer, [hosts[names[index]] for index in missing])
        rows = [
            (known[index], index, *_host(sealer, hosts[names[index]], literals, live=names[index] in live))
            for index in missing
        ]
        columns = ("id", "name_index", "name", "kind", "site_index", "address_id")
        insert_rows(connection, _HOSTS, columns, rows)
    return {names[index]: key for index, key in known.items()}


def _intern_literals(connection: Connection, sealer: Sealer, hosts: list[Host]) -> dict[Address, int | None]:
    packed = {sealer.index(host.address, contexts.ADDRESS): host.address for host in hosts if host.address is not None}
    keys = intern_addresses(connection, sealer, packed)
    return {address: keys[index] for index, address in packed.items()}


def _host(
    sealer: Sealer, host: Host, literals: Mapping[Address, int | None], *, live: bool
) -> tuple[bytes, str, bytes, int | None]:
    name = (sealer.seal if live else sealer.seal_away)(host.name.encode(), contexts.HOST_NAME)
    site = sealer.index(host.site.encode(), contexts.SITE)
    return name, host.kind.value, site, None if host.address is None else literals[host.address]
