"""Instants and hours as the file writes them."""

from datetime import UTC, datetime, timedelta

import numpy as np

from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN_AT

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(micros: int) -> str:
    """Microseconds UTC in ISO 8601, exactly; whole seconds without a fraction."""
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")


def known_instant(micros: int) -> str | None:
    return None if micros == UNKNOWN_AT else instant(micros)


def number(hours: float) -> float | None:
    """None for what is not known and for what was not seen."""
    return float(hours) if np.isfinite(hours) else None


def after(zero: int, hours: float) -> str | None:
    """The instant so many hours after another."""
    return instant(zero + round(float(hours) * MICROS_PER_HOUR)) if np.isfinite(hours) else None
