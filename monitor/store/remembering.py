"""What was forgotten and is named again: a new report, check or DNS answer puts the text back where it was.

In: what a batch names, by blind index. Out: the same rows, Targets and hosts and addresses, with their text. What would
surprise: attributions of an address that comes back are dropped, because tables may have come in meanwhile of which
nobody asked about it; it is attributed anew by the next `attribute` or `freeze`.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, Table

from monitor.model.report import Address, Target
from monitor.store import contexts
from monitor.store.bulk import delete_rows, select_by, update_rows
from monitor.store.sealing import Sealer
from monitor.store.tables import AddressRow, AttributionRow, HostRow, TargetRow, table_of
from monitor.store.vaulting import live_rows

_ADDRESSES, _HOSTS, _TARGETS = table_of(AddressRow), table_of(HostRow), table_of(TargetRow)
_ATTRIBUTIONS = table_of(AttributionRow)


def remember_addresses(connection: Connection, sealer: Sealer, addresses: Mapping[bytes, Address]) -> None:
    """Those of the addresses (by blind index) that were forgotten."""
    gone = _forgotten(connection, _ADDRESSES, "address_index", addresses)
    if gone:
        rows = [(sealer.seal(addresses[index], contexts.ADDRESS), None, key) for index, key in gone.items()]
        update_rows(connection, _ADDRESSES, ("address", "forgotten_at", "id"), rows)
        delete_rows(connection, _ATTRIBUTIONS, "address_id", gone.values())


def remember_targets(
    connection: Connection, sealer: Sealer, targets: Mapping[bytes, Target], live: Collection[bytes]
) -> None:
    """Those of the Targets (by blind index) that were forgotten, and of their hosts; `live`: not for the vault."""
    gone = _forgotten(connection, _TARGETS, "url_index", targets)
    others = live_rows(connection, sealer, _TARGETS, gone.values())  # a live source named it before
    rows = [
        (
            None if url is None else _seal(sealer, url, contexts.TARGET_URL, live=index in live or key in others),
            None,
            key,
        )
        for index, key in gone.items()
        for url in (targets[index].url,)
    ]
    update_rows(connection, _TARGETS, ("url", "forgotten_at", "id"), rows)
    _remember_hosts(connection, sealer, targets, live)


def _remember_hosts(
    connection: Connection, sealer: Sealer, targets: Mapping[bytes, Target], live: Collection[bytes]
) -> None:
    """Also of Targets that are new: their host may have been forgotten with the Targets it had."""
    hosts = {each.host.name: each.host for each in targets.values()}
    names = dict(zip(sealer.indexes((name.encode() for name in hosts), contexts.HOST_NAME), hosts, strict=True))
    gone = _forgotten(connection, _HOSTS, "name_index", names)
    if not gone:
        return
    live_names = {targets[index].host.name for index in live}
    others = live_rows(connection, sealer, _HOSTS, gone.values())
    rows = [
        (_seal(sealer, names[index], contexts.HOST_NAME, live=names[index] in live_names or key in others), None, key)
        for index, key in gone.items()
    ]
    update_rows(connection, _HOSTS, ("name", "forgotten_at", "id"), rows)
    literals = [address for index in gone if (address := hosts[names[index]].address) is not None]
    remember_addresses(connection, sealer, {sealer.index(each, contexts.ADDRESS): each for each in literals})


def _forgotten(connection: Connection, table: Table, by: str, indexes: Collection[bytes]) -> dict[bytes, int]:
    found = select_by(connection, table, (by, "id"), by, indexes, "forgotten_at IS NOT NULL")
    return {bytes(index): key for index, key in found}


def _seal(sealer: Sealer, text: str, context: str, *, live: bool) -> bytes:
    return (sealer.seal if live else sealer.seal_away)(text.encode(), context)
