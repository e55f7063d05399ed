"""How gently a registry is asked: its name and the clock go in, the time of the next question comes out.

One token bucket for each registry. What would surprise: the bucket is filled a little slower than `per_minute`, so
that the burst it holds at the start is part of the first minute and no minute ever sees more than `per_minute`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from monitor import clock


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks of a run; tests give their own. `monotonic` counts seconds, `now` is aware UTC."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = clock.now


@dataclass(slots=True)
class _Bucket:
    """Tokens as of `filled_at`; `held_until` is when the registry's own pause is over."""

    tokens: float
    filled_at: float
    held_until: float


class Pacer:
    """When each registry may be asked again, and which ones are left alone for the rest of the run."""

    def __init__(self, per_minute: float, longest_wait_seconds: float, timing: Timing) -> None:
        self._size = 1 + per_minute // 10
        self._per_second = (per_minute - (self._size - 1)) / 60
        self._longest_wait = longest_wait_seconds
        self._timing = timing
        self._buckets: dict[str, _Bucket] = {}
        self._left: set[str] = set()

    def ready_at(self, server: str) -> float:
        """The monotonic time from which `server` may be asked; in the past when it may be asked now."""
        bucket = self._filled(server)
        missing = max(0.0, 1 - bucket.tokens)
        return max(bucket.filled_at + missing / self._per_second, bucket.held_until)

    def take(self, server: str) -> None:
        """Wait for `server`'s turn and use up one question."""
        while (wait := self.ready_at(server) - self._timing.monotonic()) > 0:
            self._timing.sleep(wait)
        self._filled(server).tokens -= 1

    def hold(self, server: str, seconds: float) -> bool:
        """Leave `server` in peace for so long; False, and left for the whole run, if that is longer than allowed."""
        if seconds > self._longest_wait:
            self.leave(server)
            return False
        bucket = self._filled(server)
        bucket.held_until = max(bucket.held_until, self._timing.monotonic() + seconds)
        return True

    def leave(self, server: str) -> None:
        self._left.add(server)

    def has_left(self, server: str) -> bool:
        return server in self._left

    def _filled(self, server: str) -> _Bucket:
        at = self._timing.monotonic()
        bucket = self._buckets.setdefault(server, _Bucket(self._size, at, at))
        bucket.tokens = min(self._size, bucket.tokens + (at - bucket.filled_at) * self._per_second)
        # The sum of many small gains falls short of the whole token that was promised for this instant.
        if bucket.tokens > 1 - 1e-6:
            bucket.tokens = max(1.0, bucket.tokens)
        bucket.filled_at = at
        return bucket


def retry_after_seconds(text: str | None, now: datetime) -> float | None:
    """What a `Retry-After` header asks for (RFC 9110, 10.2.3: seconds or a date); None if it is missing or nonsense."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):  # a server writes it: any of them can come of it
        return None
    # A date "-0000" comes back naive; HTTP dates are always GMT.
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
