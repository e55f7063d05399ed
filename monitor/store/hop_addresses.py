"""Where the redirects of Targets led when they were last checked, so that these addresses too are asked by one worker.

In: Targets. Out: their hops' addresses. What would surprise: a redirect that is new leads to an address nobody has
claimed; it is known from the next check on.
"""

from collections import defaultdict
from collections.abc import Collection

from monitor.model.report import Address
from monitor.model.words import Purpose
from monitor.store.bulk import chunks, select_by
from monitor.store.database import Store
from monitor.store.due import opened_addresses
from monitor.store.tables import ExchangeRow, table_of

_EXCHANGES = table_of(ExchangeRow)
_NEWEST = """SELECT o.id, o.target_id FROM observations o
JOIN (SELECT target_id, max(observed_at) AS at FROM observations WHERE target_id IN ({listed}) GROUP BY target_id) last
ON last.target_id = o.target_id AND last.at = o.observed_at"""


def hop_addresses(store: Store, target_ids: Collection[int]) -> dict[int, frozenset[Address]]:
    """By Target, where there was a redirect that was followed. Raises KeyProblem."""
    found = defaultdict[int, set[int]](set)
    with store.read() as connection:
        for some in chunks(sorted(target_ids)):
            statement = _NEWEST.format(listed=", ".join(f"{key:d}" for key in some))
            target_of: dict[int, int] = {key: target for key, target in connection.exec_driver_sql(statement)}  # noqa: C416 (rows, not pairs)
            columns, of_hops = ("observation_id", "address_id"), f"purpose = '{Purpose.REDIRECT.value}'"
            rows = select_by(connection, _EXCHANGES, columns, "observation_id", target_of.keys(), of_hops)
            for observation, address in rows:
                if address is not None:
                    found[target_of[observation]].add(address)
        opened = opened_addresses(connection, store.sealer, set().union(*found.values()))
    return {target: frozenset(opened[key] for key in keys) for target, keys in found.items()}
