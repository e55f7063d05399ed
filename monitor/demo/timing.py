"""The demonstration's clock: it stands still until somebody waits, and then jumps; meanwhile the post comes.

In: when it starts, and what happens at which time (`Event`). What would surprise: work takes no time at all on this
clock, but for what the crawl process adds within one run; and an Event happens in the thread that waits,
which is when the monitor has nothing to do. A wait ends at the next even minute by day, at the next
tenth by night and once the norms are over: checks that are due close together make one run.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import JumpingClock

_FINE, _COARSE = 2, 10
"""Minutes between two instants at which the clock may stop."""
_FINE_HOURS = range(9, 16)
"""When a day's notices and orders come, and when the hours of their norms are over on later days."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at an instant of the demonstration's time."""

    at: datetime
    act: Callable[[], None]


class PostingClock(JumpingClock):
    """A clock that jumps from wait to wait, and stops on the way wherever an Event lies."""

    longest_wait = timedelta(days=40)

    def __init__(self, starts_at: datetime, events: Sequence[Event], fine_until: datetime | None = None) -> None:
        """`fine_until`: from then on the clock takes long steps by day too; None: never."""
        super().__init__(starts_at)
        self._at = starts_at
        self._fine_until = fine_until
        self._events = deque(sorted(events, key=lambda event: event.at))

    def now(self) -> datetime:
        """The instant at which it stands."""
        return self._at

    def wait_until(self, at: datetime, stop: threading.Event) -> bool:
        """Jump to the stop after `at`, or to the next Event if that is earlier; says whether `stop` is set."""
        if stop.is_set():
            return True
        target = max(self._stop_after(at), self._at + timedelta(seconds=1))
        if self._events and self._events[0].at <= target:
            event = self._events.popleft()
            self._at = max(self._at, event.at)
            event.act()
        else:
            self._at = target
        return stop.is_set()

    def _stop_after(self, at: datetime) -> datetime:
        """`at` itself where the clock may stop there, else the next such instant."""
        fine = at.hour in _FINE_HOURS and (self._fine_until is None or at < self._fine_until)
        step = _FINE if fine else _COARSE
        whole = at.replace(minute=at.minute - at.minute % step, second=0, microsecond=0)
        return whole if whole == at else whole + timedelta(minutes=step)
