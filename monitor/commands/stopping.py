"""How a long command ends when it is told to: SIGTERM and Ctrl-C, in good order where it can.

In: the event that the command's loop looks at. Out: nothing; inside the block the first signal sets the event, and what
has not ended by itself after the grace is ended. What would surprise: the signal itself raises nothing, because an
exception that is raised while Python collects garbage is lost.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stopped_by_signals(stop: threading.Event, grace_seconds: float) -> Iterator[None]:
    """A second Ctrl-C ends it at once; so does the end of the grace, by KeyboardInterrupt."""

    def asked(number: int, _frame: FrameType | None) -> None:
        if not stop.is_set():
            stop.set()
            signal.setitimer(signal.ITIMER_REAL, grace_seconds)
        elif number == signal.SIGINT:
            raise KeyboardInterrupt

    def too_long(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, too_long)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
