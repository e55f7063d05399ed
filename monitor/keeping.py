"""Patience with a store that does not answer: what is asked of it is asked again, and what was seen waits in memory.

In: calls of the store, Observations of one run. Out: what the calls give, once they do. What would surprise: a server
may have done what it was asked and gone before it said so; therefore, after a failure, it is looked up first which
Observations of the run it has.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from monitor import store
from monitor.errors import RunEnded, StoreBusy
from monitor.model.observation import Observation
from monitor.store import Store

FLUSH_ROWS = 500
FLUSH_SECONDS = 1.0
"""Observations are stored when so many have come, or after so long."""
MOST_WAITING = 20_000
"""So many are kept in memory while the store does not answer; then nothing more is asked until it does."""
_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between one try and the next; the last one from then on."""

Given = TypeVar("Given")
Warn = Callable[[str], None]


@dataclass(slots=True)
class Patience:
    """Asks again and again, until `stop`. Not patient: raises StoreBusy at once."""

    stop: threading.Event
    warn: Warn
    patient: bool
    waits: tuple[float, ...] = _WAITS
    _troubled: bool = False

    def ask(self, call: Callable[[], Given]) -> Given:
        """What the call gives. Raises StoreBusy where there is no patience, or the program is to stop."""
        n_tries = 0
        while True:
            try:
                given = call()
            except StoreBusy as trouble:
                if not self.patient:
                    raise
                self.troubled(trouble)
                if self.stop.wait(self.waits[min(n_tries, len(self.waits) - 1)]):
                    raise
                n_tries += 1
            else:
                self.well()
                return given

    def troubled(self, trouble: StoreBusy) -> None:
        """Say it, once until all is well again."""
        if not self._troubled:
            self._troubled = True
            self.warn(f"{trouble.message}: this worker waits for the database and goes on by itself")

    def well(self) -> None:
        """The store has answered."""
        if self._troubled:
            self._troubled = False
            self.warn("the database answers again")


@dataclass(slots=True)
class Seen:
    """What one run sees, stored as it comes. `stored`: key and Observation. Raises RunEnded where others ended it."""

    db: Store
    run_id: int
    patience: Patience
    stored: list[tuple[int, Observation]] = field(default_factory=list)
    waiting: list[Observation] = field(default_factory=list)
    doubtful: bool = False  # the last try failed, and may have succeeded all the same
    _tried_at: float = field(default_factory=time.monotonic)
    _pause: float = FLUSH_SECONDS

    def add(self, seen: Observation) -> None:
        """One more; from time to time they are stored, and where that fails they wait."""
        self.waiting.append(seen)
        due = time.monotonic() - self._tried_at > self._pause
        if len(self.waiting) >= MOST_WAITING:
            self.store_all()
        elif due or (len(self.waiting) >= FLUSH_ROWS and not self.doubtful):
            self._try()

    def store_all(self) -> None:
        """Store what waits, however long the store takes. Raises StoreBusy as `Patience.ask` does."""
        if self.waiting:
            self.patience.ask(self._store)

    def _try(self) -> None:
        try:
            self._store()
        except StoreBusy as trouble:
            if not self.patience.patient:
                raise
            self.patience.troubled(trouble)
            self._pause = min(2 * self._pause, _WAITS[-1])
        self._tried_at = time.monotonic()

    def _store(self) -> None:
        again, self.doubtful = self.doubtful, True
        batch = list(self.waiting)
        try:
            keys = store.add_observations(self.db, self.run_id, batch, again=again)
        except RunEnded:
            if again:
                self._take_out_stored()
            raise
        self.doubtful, self._pause = False, FLUSH_SECONDS
        self.stored.extend(zip(keys, batch, strict=True))
        del self.waiting[: len(batch)]
        self._tried_at = time.monotonic()
        self.patience.well()

    def _take_out_stored(self) -> None:
        keys = store.stored_of_run(self.db, self.run_id, {each.target_id for each in self.waiting})
        self.stored.extend((keys[each.target_id], each) for each in self.waiting if each.target_id in keys)
        self.waiting = [each for each in self.waiting if each.target_id not in keys]


def keep_late(
    db: Store, seen: Seen, live_anew: Callable[[], None], begin: Callable[[], int], end: Callable[[int], None]
) -> None:
    """Store what came too late in a run of its own, which no rule reads. Raises StoreBusy as `Patience.ask` does.

    As often as others end the worker once more meanwhile; what is not stored yet is left in `seen.waiting`.
    """
    live_anew()
    while seen.waiting:
        try:
            late = Seen(db, seen.patience.ask(begin), seen.patience, waiting=seen.waiting)
            try:
                late.store_all()
            finally:
                seen.waiting = late.waiting
        except RunEnded:
            live_anew()
        else:
            seen.patience.ask(lambda: end(late.run_id))  # noqa: B023 (called at once)
