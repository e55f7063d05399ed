"""The crawl process as its parent sees it: Checks in, Observations out, over a pipe, from plain synchronous code.

The child is started once and kept between batches. At most `window` checks are with it at a time, so that it always
reads what it is told and memory does not grow with a batch. What would surprise: if the child dies, a fresh one goes
on with the checks not handed out yet; those in flight have no Observation, so they are due again.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from monitor import clock
from monitor.errors import ObservationError
from monitor.model.observation import CanaryReading, Check, Observation
from monitor.observation.crawl_process import Child
from monitor.observation.message_values import ask_out, check_out, observation_in, reading_in
from monitor.observation.messages import CanaryAsk, CrawlSettings, Say, line, settings_out

_START_SECONDS = 30.0
_DRAIN_SECONDS = 6.0  # the child gives up what is under way after 5
_LOOK_SECONDS = 0.1  # how soon a stop is noticed


class Crawl:
    """One crawl process. Not to be shared between threads; `stop` events may be set from any."""

    def __init__(self, settings: CrawlSettings) -> None:
        self._hello = line(Say.HELLO, settings_out(settings))
        self._window = 2048 + 16 * settings.concurrency
        patience = settings.connect_seconds + settings.tls_seconds + settings.headers_seconds
        self._canary_seconds = 60 + settings.addresses * patience
        self._silence_seconds = 60 + settings.pause_seconds + settings.check_seconds
        self._child: Child | None = None
        self.n_lost = 0  # checks that an internal error broke off
        self.n_late = 0  # checks that were not made, because their turn came after `until`
        self.n_started = 0  # children

    def __enter__(self) -> Self:
        self._ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return None if self._child is None else self._child.pid

    def observe(
        self,
        checks: Iterable[Check],
        stop: threading.Event,
        now: Callable[[], datetime] = clock.now,
        until: Callable[[], float] = lambda: float("inf"),
    ) -> Iterator[Observation]:
        """What the checks saw, as it comes. After `stop` none is handed out, and those that end within 6 s still come.

        `until`: the machine's uptime after which no check begins, looked at all the time; the child keeps to the last
        one that it was told even while its parent is suspended. A check without an Observation is simply not observed.
        Raises ObservationError if no child can be started.
        """
        source, out_of_checks = iter(checks), False
        in_flight: set[int] = set()
        try:
            while not out_of_checks and not stop.is_set():
                in_flight.clear()  # those of a child that died
                child = self._ready()
                child.send(line(Say.CLOCK, now().isoformat(), clock.uptime()))
                heard, told = time.monotonic(), float("inf")
                while not stop.is_set():
                    told = _told(child, told, until())
                    out_of_checks = out_of_checks or self._hand_out(source, child, in_flight)
                    if not in_flight and out_of_checks:
                        return
                    messages = child.receive(_LOOK_SECONDS)
                    heard = time.monotonic() if messages else heard
                    if messages is None or time.monotonic() - heard > self._silence_seconds:
                        self._bury()
                        in_flight.clear()
                        break
                    yield from self._seen(messages, in_flight)
                else:
                    yield from self._drained(child, in_flight)
        finally:
            if in_flight:  # given up by the caller: what this child still says belongs to no batch
                self._bury()

    def canaries(
        self, wanted: Sequence[CanaryAsk], after: bool, now: Callable[[], datetime] = clock.now
    ) -> tuple[CanaryReading, ...]:
        """A reading of each, in their order. Raises ObservationError if the child dies over it twice."""
        for _ in range(2):
            child = self._ready()
            child.send(line(Say.CLOCK, now().isoformat(), clock.uptime()))
            child.send(line(Say.CANARIES, after, [ask_out(each) for each in wanted]))
            answer = child.wait_for(Say.CANARIES, self._canary_seconds)
            if answer is not None:
                return tuple(reading_in(each) for each in answer[0])
            self._bury()
        raise ObservationError("The crawl process ended twice while it asked the canaries", "Try again")

    def close(self) -> None:
        """End the child: it goes when its input ends, and is killed after 2 s."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _ready(self) -> Child:
        """The child, started where there is none. Raises ObservationError after two failures in a row."""
        if self._child is not None and not self._child.alive:
            self._bury()
        for _ in range(2):
            if self._child is None:
                self._child = Child(self._hello)
                self.n_started += 1
                if self._child.wait_for(Say.READY, _START_SECONDS) is None:
                    self._bury()
                    continue
            return self._child
        raise ObservationError(
            "The crawl process does not start", "`python -c 'import spiders.availability'` says what is missing"
        )

    def _bury(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _hand_out(self, source: Iterator[Check], child: Child, in_flight: set[int]) -> bool:
        """Fill the window; says whether there are no more checks."""
        lines: list[bytes] = []
        while len(in_flight) < self._window and len(lines) < 256:
            check = next(source, None)
            if check is None:
                child.send(b"".join(lines))
                return True
            in_flight.add(check.check_id)
            lines.append(line(Say.CHECK, *check_out(check)))
        child.send(b"".join(lines))
        return False

    def _seen(self, messages: list[tuple[Say, list[Any]]], in_flight: set[int]) -> Iterator[Observation]:
        for kind, values in messages:
            if kind is Say.SEEN:
                in_flight.discard(values[0])
                yield observation_in(values)
            elif kind is Say.LOST:
                in_flight.discard(values[0])
                self.n_lost += 1
            elif kind is Say.LATE:
                in_flight.discard(values[0])
                self.n_late += 1

    def _drained(self, child: Child, in_flight: set[int]) -> Iterator[Observation]:
        """Those under way when the stop came. A child that does not answer in time is not used again."""
        child.send(line(Say.DRAIN))
        until = time.monotonic() + _DRAIN_SECONDS
        while (left := until - time.monotonic()) > 0:
            messages = child.receive(left)
            if messages is None:
                break
            yield from self._seen(messages, in_flight)
            if any(kind is Say.DRAINED for kind, _ in messages):
                in_flight.clear()
                return
        self._bury()


def _told(child: Child, before: float, until: float) -> float:
    """Tell the child until when checks may begin, where that has changed."""
    if until != before:
        child.send(line(Say.UNTIL, until))
    return until
