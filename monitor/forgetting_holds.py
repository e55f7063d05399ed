"""What a run of `forget` may not touch, by the keys of what it removes: Targets, addresses, records, letters, files.

In: the transaction that removes. Out: keys. What would surprise: whatever follows from what is held is worked out again
only when that changed; a report that came since is no reason, for nothing new is past its term.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from monitor import store
from monitor.config import Settings
from monitor.model.retention import Held, RetentionClass
from monitor.orders.standing import survey
from monitor.store import Store
from monitor.store.forgetting import addresses_of_targets, targets_of_records
from monitor.store.holds_now import HoldsNow
from monitor.store.records import records_of_targets

Keys = set[int]


@dataclass(slots=True)
class HeldKeys:
    """Each method raises FreezeError where it cannot be told."""

    db: Store
    settings: Settings
    moment: datetime
    holds: HoldsNow
    _made: dict[str, tuple[Held, Keys]] = field(default_factory=dict)
    _told: tuple[Held, set[str]] | None = None

    def targets(self, connection: Connection) -> Keys:
        return self._once("targets", connection, lambda held: targets_of_records(connection, held.records))

    def addresses(self, connection: Connection) -> Keys:
        targets = self.targets(connection)
        return self._once("addresses", connection, lambda _: addresses_of_targets(connection, targets))

    def records(self, connection: Connection) -> Keys:
        """With every other record about the same Targets."""
        targets = self.targets(connection)
        return self._once("records", connection, lambda held: records_of_targets(connection, targets) | held.records)

    def letters(self, connection: Connection) -> Collection[int]:
        return self.holds.held(connection).letters

    def providers(self, connection: Connection, kind: RetentionClass) -> Collection[str]:
        """Whose own files stay: held, or an order to them is not decided, of which the file may be asked for."""
        held = self.holds.held(connection)
        if kind is not RetentionClass.ORDER_FILE:
            return held.providers
        if self._told is None or self._told[0] is not held:
            still = [order for order in store.list_orders(self.db) if store.is_open(order)]
            told = (each.addressed_to for each in survey(self.db, self.settings, still, self.moment).standings)
            self._told = held, {provider for provider in told if provider is not None}
        return held.providers | self._told[1]

    def _once(self, name: str, connection: Connection, make: Callable[[Held], Keys]) -> Keys:
        held, seen = self.holds.held(connection), self._made.get(name)
        if seen is None or seen[0] is not held:
            seen = self._made[name] = held, make(held)
        return seen[1]
