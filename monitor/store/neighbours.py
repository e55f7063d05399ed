"""What else is known at the site and the addresses of a Target: counts alone, before anybody blocks them.

In: a Target. Out: how many other Targets, Hosts and sites of the store share its site or one of its addresses. What
would surprise: the store knows what was reported and nothing else, so every count is a lower bound of what is there.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from monitor.store.database import Store


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What shares one thing with a Target, the Target itself left out of `n_targets`; its own Host and site are in."""

    n_targets: int
    n_hosts: int
    n_sites: int
    n_reports: int
    n_networks: int  # different origin AS numbers of their addresses, over all time


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Around one Target. `addresses`: the keys of all that it was found at, the newest check's last."""

    same_site: Neighbours
    same_address: Neighbours
    addresses: tuple[int, ...]


def surroundings(store: Store, target_id: int) -> Surroundings:
    """Count around a Target. Nothing is opened."""
    with store.read() as connection:
        addresses = tuple(sorted(_addresses(connection, f"{target_id:d}")))
        site = f"""SELECT t.id FROM targets t JOIN hosts h ON h.id = t.host_id WHERE h.site_index =
                   (SELECT o.site_index FROM hosts o JOIN targets x ON x.host_id = o.id WHERE x.id = {target_id:d})"""  # noqa: S608
        listed = ", ".join(f"{key:d}" for key in addresses) or "NULL"
        return Surroundings(
            _counted(connection, site, target_id), _counted(connection, _at(listed), target_id), addresses
        )


def _counted(connection: Connection, targets: str, target_id: int) -> Neighbours:
    found = connection.exec_driver_sql(
        f"""SELECT count(DISTINCT CASE WHEN t.id <> {target_id:d} THEN t.id END), count(DISTINCT t.host_id),
                   count(DISTINCT h.site_index), count(DISTINCT r.record_key)
            FROM targets t JOIN hosts h ON h.id = t.host_id LEFT JOIN reports r ON r.target_id = t.id
            WHERE t.id IN ({targets})"""  # noqa: S608 (numbers)
    ).one()
    networks = connection.exec_driver_sql(
        f"""SELECT count(DISTINCT asn) FROM attributions WHERE asn IS NOT NULL
            AND address_id IN ({_addresses_of(targets)})"""  # noqa: S608 (numbers)
    ).scalar_one()
    n_targets, hosts, sites, reports = map(int, found)
    return Neighbours(n_targets, hosts, sites, reports, int(networks))


def _addresses(connection: Connection, target: str) -> set[int]:
    return {row[0] for row in connection.exec_driver_sql(_addresses_of(target)).all() if row[0] is not None}


def _addresses_of(targets: str) -> str:
    """Every address at which some Targets were found; `targets` is a list of keys, or a query for them."""
    return f"""SELECT address_id FROM reports WHERE target_id IN ({targets}) UNION
               SELECT origin_address_id FROM reports WHERE target_id IN ({targets}) UNION
               SELECT c.address_id FROM checks c JOIN reports r ON r.record_key = c.record_key
                   WHERE r.target_id IN ({targets}) UNION
               SELECT address_id FROM observations WHERE target_id IN ({targets}) UNION
               SELECT h.address_id FROM hosts h JOIN targets t ON t.host_id = h.id WHERE t.id IN ({targets}) UNION
               SELECT a.address_id FROM resolution_addresses a JOIN resolutions s ON s.id = a.resolution_id
                   JOIN targets t ON t.host_id = s.host_id WHERE t.id IN ({targets})"""  # noqa: S608 (numbers)


def _at(listed: str) -> str:
    """The Targets that were found at one of these addresses."""
    return f"""SELECT target_id FROM reports WHERE address_id IN ({listed}) OR origin_address_id IN ({listed}) UNION
               SELECT r.target_id FROM checks c JOIN reports r ON r.record_key = c.record_key
                   WHERE c.address_id IN ({listed}) UNION
               SELECT target_id FROM observations WHERE address_id IN ({listed}) UNION
               SELECT t.id FROM targets t JOIN hosts h ON h.id = t.host_id WHERE h.address_id IN ({listed}) UNION
               SELECT t.id FROM targets t JOIN resolutions s ON s.host_id = t.host_id
                   JOIN resolution_addresses a ON a.resolution_id = s.id WHERE a.address_id IN ({listed})"""  # noqa: S608
