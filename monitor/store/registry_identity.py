"""What makes two changes the same one, in whatever store they lie: a hash over all that a person decided.

In: the log. Out: one SHA-256 (64 hex digits) a change. What would surprise: there are two of them. The *full* one is
over action, subject, into, details, by, why, time (microseconds, UTC) and the full identity of the change that is
undone. The *bare* one leaves out the time, and of a split also `into`, which the store chooses: by it an entry that a
person wrote without a time is recognised. (A split written with its time but without `into` is recognised, too.)
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from monitor.model.provider import RegistryChange
from monitor.model.words import ChangeAction
from monitor.store.times import to_micros


@dataclass(slots=True)
class Identities:
    """The identities of a log, kept as it grows."""

    of_change: dict[int, str] = field(default_factory=dict)
    change_of: dict[str, int] = field(default_factory=dict)  # full identity -> change
    bare: set[str] = field(default_factory=set)

    @classmethod
    def of_log(cls, log: Iterable[RegistryChange]) -> "Identities":
        found = cls()
        for change in log:
            found.add(change)
        return found

    def add(self, change: RegistryChange) -> None:
        full = self.full(change)
        self.of_change[change.change_id] = full
        self.change_of.setdefault(full, change.change_id)
        self.bare.add(self.bare_of(change))
        if change.action == ChangeAction.SPLIT:
            self.bare.add(self.full(replace(change, into=None)))

    def full(self, change: RegistryChange) -> str:
        """The identity with the time."""
        return self._hash(change, change.into, to_micros(datetime.fromisoformat(change.at)))

    def bare_of(self, change: RegistryChange) -> str:
        """The identity without the time, and without the id that a split gives."""
        return self._hash(change, None if change.action == ChangeAction.SPLIT else change.into, None)

    def holds(self, change: RegistryChange) -> bool:
        """Whether the log holds this change, of which the time (and of a split perhaps not `into`) is known."""
        full = self.full(change)
        return full in self.change_of or full in self.bare

    def starting_with(self, prefix: str) -> list[int]:
        """The changes whose full identity begins so."""
        return [change for full, change in self.change_of.items() if full.startswith(prefix)]

    def _hash(self, change: RegistryChange, into: str | None, micros: int | None) -> str:
        undone = None if change.undoes is None else self.of_change[change.undoes]
        said = [change.action, change.subject, into, dict(change.details), change.by, change.why, micros, undone]
        return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
