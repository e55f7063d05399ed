"""Times of the input: ISO 8601 text -> aware UTC datetime.

Surprise: a local time that a clock change makes happen twice, or not at all, is rejected, never guessed: an
hour is what some orders allow.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.intake.problems import Code, IntakeProblem

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AFTER_LATEST = datetime(2101, 1, 1, tzinfo=UTC)

_CACHED_TIMES = 8_192
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


class TimeReader:
    """Reads times; those without an offset are local to `timezone` (None: they are rejected).

    Neighbouring rows share times, so the last few thousand answers are kept.
    """

    def __init__(self, timezone: ZoneInfo | None) -> None:
        self._timezone = timezone
        self._known: dict[str, datetime] = {}

    def read(self, text: str, field: str) -> datetime:
        """`text` in UTC. Raises IntakeProblem that names `field`."""
        at = self._known.get(text)
        if at is None:
            at = self._parse(text, field)
            if len(self._known) >= _CACHED_TIMES:
                self._known.clear()
            self._known[text] = at
        return at

    def read_optional(self, text: str, field: str) -> datetime | None:
        """None where the cell is empty."""
        return self.read(text, field) if text else None

    def _parse(self, text: str, field: str) -> datetime:
        text = text.upper()
        match = _ISO.fullmatch(text)
        parsed = _from_iso(text) if match else None
        if match is None or parsed is None:
            raise IntakeProblem(Code.BAD_TIME, "The time is not ISO 8601, such as 2026-01-31T13:05:00+01:00.", field)
        if not EARLIEST.year - 1 <= parsed.year <= AFTER_LATEST.year:  # keeps the conversion from overflowing
            raise _out_of_range(field)
        at = (parsed if match[1] else self._localise(parsed, field)).astimezone(UTC)
        if not EARLIEST <= at < AFTER_LATEST:
            raise _out_of_range(field)
        return at

    def _localise(self, naive: datetime, field: str) -> datetime:
        if self._timezone is None:
            raise IntakeProblem(
                Code.TIME_WITHOUT_OFFSET, "The time has no offset: add one to the file or give --timezone.", field
            )
        before = naive.replace(tzinfo=self._timezone, fold=0)
        after = naive.replace(tzinfo=self._timezone, fold=1)
        offset, offset_after = before.utcoffset() or timedelta(), after.utcoffset() or timedelta()
        # PEP 495: in a gap the offset grows from fold 0 to fold 1, in a repeated hour it shrinks.
        if offset < offset_after:
            reason = "The clock change skips this local time: give it with its offset."
            raise IntakeProblem(Code.TIME_NONEXISTENT, reason, field)
        if offset > offset_after:
            reason = "The clock change makes this local time happen twice: give it with its offset."
            raise IntakeProblem(Code.TIME_AMBIGUOUS, reason, field)
        return before


def _from_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # a 30th of February, 25 o'clock
        return None


def _out_of_range(field: str) -> IntakeProblem:
    return IntakeProblem(Code.TIME_OUT_OF_RANGE, "The time lies before 1990 or after 2100.", field)
