"""What judging a run asks about other runs: who answered lately, and since when none has given any outcome.

What would surprise: both go back from the newest run by its number and stop as soon as they can, so that they cost the
same in a store of years. Nothing sealed is opened.
"""

from datetime import datetime

from sqlalchemy import Connection

from monitor.model.words import Purpose
from monitor.store.bulk import names_by_id, select_by
from monitor.store.database import Store
from monitor.store.runs import StoredRun
from monitor.store.tables import AddressRow, AttributionRow, VantageRow, table_of
from monitor.store.times import from_micros, to_micros

_ADDRESSES, _ATTRIBUTIONS, _VANTAGES = table_of(AddressRow), table_of(AttributionRow), table_of(VantageRow)


def answered_before(store: Store, run: StoredRun, since: datetime) -> frozenset[tuple[str, int, int, int]]:
    """Vantage, AS, IP version and host of those that answered with a status in earlier runs that began from `since` on.

    The AS is that of the address at the run's start. Without void readings; and only of runs that had ended by then: of
    those that other workers had under way, judging again would know more than judging first did.
    """
    started, key, purpose = to_micros(run.started_at), run.run_id, Purpose.TARGET.value
    with store.read() as connection:
        before = connection.exec_driver_sql(
            f"SELECT id FROM runs WHERE id < {key:d} AND started_at < {to_micros(since):d} ORDER BY id DESC LIMIT 1"  # noqa: S608
        ).scalar()
        found = connection.exec_driver_sql(
            f"""SELECT DISTINCT o.vantage_id, e.address_id, t.host_id
                FROM runs r JOIN observations o ON o.run_id = r.id
                JOIN outcomes c ON c.observation_id = o.id
                JOIN exchanges e ON e.observation_id = o.id
                JOIN targets t ON t.id = o.target_id
                WHERE r.id > {before or 0:d} AND r.id < {key:d} AND r.ended_at <= {started:d} AND NOT c.void
                  AND e.purpose = '{purpose}' AND e.status IS NOT NULL AND e.address_id IS NOT NULL"""  # noqa: S608
        ).all()
        vantages, addresses = names_by_id(connection, _VANTAGES), {row[1] for row in found}
        asns = _asns(connection, addresses, started)
        families: dict[int, int] = dict(select_by(connection, _ADDRESSES, ("id", "family"), "id", addresses))
    return frozenset(
        (vantages[vantage], asns[address], families[address], host)
        for vantage, address, host in found
        if address in asns
    )


def void_since(store: Store) -> datetime | None:
    """When the newest runs began to give no outcome, or void ones alone; None where the newest gave any other.

    A run counts when it has ended, also one in which nothing was asked.
    """
    with store.read() as connection:
        good = connection.exec_driver_sql(
            """SELECT r.id FROM runs r
               WHERE EXISTS (SELECT 1 FROM observations o JOIN outcomes c ON c.observation_id = o.id
                             WHERE o.run_id = r.id AND NOT c.void)
               ORDER BY r.id DESC LIMIT 1"""
        ).scalar()
        first = connection.exec_driver_sql(
            f"""SELECT started_at FROM runs
                WHERE id > {good or 0:d} AND ended_at IS NOT NULL AND NOT late ORDER BY id LIMIT 1"""  # noqa: S608
        ).scalar()
    return None if first is None else from_micros(first)


def _asns(connection: Connection, addresses: set[int], until: int) -> dict[int, int]:
    """The origin AS of each address by the newest attribution up to then, where it is known."""
    newest: dict[int, tuple[int, int | None]] = {}
    columns, held = ("address_id", "valid_from", "asn"), f"valid_from <= {until:d}"
    for key, since, asn in select_by(connection, _ATTRIBUTIONS, columns, "address_id", addresses, held):
        if key not in newest or since > newest[key][0]:
            newest[key] = since, asn
    return {key: asn for key, (_, asn) in newest.items() if asn is not None}
