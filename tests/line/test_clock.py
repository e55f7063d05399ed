"""The clock that the whole program shares: steady while it runs, replaced as one."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor import clock
from monitor.clock import JumpingClock, SteadyClock

START = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""Half an hour before Dutch summer time ends."""


def test_a_jump_of_the_wall_clock_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time goes on from where it was, and how far the machine's clock is off can be told."""
    steady = SteadyClock()

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Jumped":
            return cls.fromtimestamp(time.time() + 7200, UTC)

    before = steady.now()
    monkeypatch.setattr(clock, "datetime", Jumped)
    assert timedelta(0) <= steady.now() - before < timedelta(seconds=5)
    assert timedelta(hours=1, minutes=59) < steady.off_by() < timedelta(hours=2, minutes=1)


def test_a_steady_clock_waits_until_the_time_comes() -> None:
    """And says that nobody asked it to stop."""
    steady = SteadyClock(START)
    assert steady.wait_until(START + timedelta(seconds=0.2), threading.Event()) is False
    assert steady.now() >= START + timedelta(seconds=0.2)


def test_a_wait_ends_as_soon_as_somebody_stops_it() -> None:
    """However long it was to be."""
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    begun = time.monotonic()
    assert SteadyClock(START).wait_until(START + timedelta(days=1), stop) is True
    assert time.monotonic() - begun < 10


def test_on_a_jumping_clock_a_month_takes_no_time() -> None:
    """Waiting goes to the instant itself, and never back."""
    jumping, stop = JumpingClock(START), threading.Event()
    jumping.wait_until(START + timedelta(days=31), stop)
    assert timedelta(days=31) <= jumping.now() - START < timedelta(days=31, seconds=5)
    jumping.wait_until(START, stop)
    assert jumping.now() - START >= timedelta(days=31)


def test_every_thread_goes_by_the_clock_that_was_put_in_place() -> None:
    """And by the old one afterwards."""
    seen: list[datetime] = []
    with clock.replaced(JumpingClock(START)):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert abs(seen[0] - START) < timedelta(seconds=5)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=5)
