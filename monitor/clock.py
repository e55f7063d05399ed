"""The one place that asks for the time, so that the whole program shares one clock.

What would surprise: the clock is read once, at the start, and then goes on with the machine's uptime, so that a jump of
the wall clock moves nothing while the program runs. `jumping` puts another clock in its place for a whole program: the
demonstration's, where waiting takes no time. Threads share the clock; the crawl process gets it with every batch.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_SLICE_SECONDS = 30.0
"""A wait is looked at again so often: the machine may have slept."""


class SteadyClock:
    """The wall clock as it was when this was made, plus the time since. Suspended time counts."""

    longest_wait = timedelta(seconds=30)
    """So long one may wait without looking whether something came in."""

    def __init__(self, started_at: datetime | None = None, at_uptime: float | None = None) -> None:
        """`started_at` (aware): where it starts; None: the machine's time. `at_uptime`: when that was; None: now."""
        self._origin = started_at or datetime.now(UTC)
        self._begun = uptime() if at_uptime is None else at_uptime

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return self._origin + timedelta(seconds=uptime() - self._begun)

    def wait_until(self, at: datetime, stop: threading.Event) -> bool:
        """Return at `at`, or as soon as `stop` is set; says whether it was set."""
        while (left := (at - self.now()).total_seconds()) > 0:
            if stop.wait(min(left, _SLICE_SECONDS)):
                return True
        return stop.is_set()

    def off_by(self) -> timedelta:
        """How far the machine's clock has moved away: a jump, or a drift that was put right."""
        return datetime.now(UTC) - self.now()


class JumpingClock(SteadyClock):
    """A steady clock on which waiting takes no time: it jumps. For demonstrations and tests."""

    longest_wait = timedelta(days=1)

    def wait_until(self, at: datetime, stop: threading.Event) -> bool:
        """Jump to `at` unless that is past; says whether `stop` is set."""
        self._origin += max(at - self.now(), timedelta(0))
        return stop.is_set()

    def off_by(self) -> timedelta:
        """Never: this clock goes its own way."""
        return timedelta(0)


def uptime() -> float:
    """Seconds since the machine started, suspended time among them: one count for all its processes."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class _Shared:
    """The clock that is in force."""

    clock = SteadyClock()


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _Shared.clock.now()


def wait_until(at: datetime, stop: threading.Event) -> bool:
    """Wait on the clock in force; see `SteadyClock.wait_until`."""
    return _Shared.clock.wait_until(at, stop)


def longest_wait() -> timedelta:
    """See `SteadyClock.longest_wait`."""
    return _Shared.clock.longest_wait


def off_by() -> timedelta:
    """See `SteadyClock.off_by`."""
    return _Shared.clock.off_by()


@contextmanager
def replaced(clock: SteadyClock) -> Iterator[SteadyClock]:
    """Let the whole program go by another clock meanwhile."""
    before, _Shared.clock = _Shared.clock, clock
    try:
        yield clock
    finally:
        _Shared.clock = before
