"""The one place that asks for the time, so that the whole program shares one clock."""

from datetime import UTC, datetime

MICROS_PER_HOUR = 3_600_000_000


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)
