"""What is held at this very instant: asked inside each transaction that removes something.

In: the transaction. Out: Held. What would surprise: what holds are made from is read again only where a row that could
make another one has come since; writers wait for one another, so nobody can place a hold between this and the removal.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from monitor.model.retention import Held
from monitor.store.database import Store
from monitor.store.frozen_manifest import freezes
from monitor.store.holds import held
from monitor.store.tables import (
    FactCorrectionRow,
    HoldRow,
    LetterEventRow,
    LetterRow,
    NoticeRow,
    OrderFactRow,
    RegistryChangeRow,
    table_of,
)

Kept = Callable[[Connection], Collection[int]]
"""Keys of what may not go now, asked in the transaction that removes."""
_MAKE_HOLDS = [
    table_of(row)
    for row in (HoldRow, LetterRow, LetterEventRow, NoticeRow, OrderFactRow, FactCorrectionRow, RegistryChangeRow)
]
"""Tables that are only added to, from which it follows what is held."""
_Mark = tuple[object, ...]


def nothing_held(_connection: Connection) -> Collection[int]:
    return ()


@dataclass(slots=True)
class HoldsNow:
    """What is held, as of `moment` and of the newest decision."""

    store: Store
    moment: datetime
    _seen: tuple[_Mark, Held] | None = field(default=None)

    def held(self, connection: Connection) -> Held:
        """Raises FreezeError where that cannot be told."""
        mark = self._mark(connection)
        if self._seen is None or self._seen[0] != mark:
            self._seen = mark, held(self.store, self.moment)
        return self._seen[1]

    def _mark(self, connection: Connection) -> _Mark:
        newest = (select(func.max(table.c.id)).scalar_subquery() for table in _MAKE_HOLDS)
        rows = connection.execute(select(*newest)).one()
        return (*rows, *(path.name for path in freezes(self.store.data_dir)))
