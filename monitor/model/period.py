"""Periods: half-open spans of UTC, written `2026H1`, `2026Q1`, `2026-03`, `2026` or `2026-01-01..2026-06-30`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from monitor.errors import UsageError

_FORMS = "2026H1, 2026Q1, 2026-03, 2026, or 2026-01-01..2026-06-30 (both days included)"
DEFAULT_CUTOFF_AFTER_END = timedelta(days=31)
SHORTEST_FOLLOW_UP = timedelta(hours=73)


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end) in UTC; `label` is the canonical way to write it and is safe in a file name."""

    label: str
    start: datetime
    end: datetime

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read a Period as a person writes it. Raises UsageError with the accepted forms."""
        text = text.strip().upper()
        try:
            if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)\.\.(\d{4})-(\d\d)-(\d\d)", text):
                y, m, d, y2, m2, d2 = map(int, match.groups())
                return cls._of(text, date(y, m, d), date(y2, m2, d2) + timedelta(days=1))
            if match := re.fullmatch(r"(\d{4})(?:([HQ])(\d)|-(\d\d))?", text):
                return cls._calendar(text, *match.groups())
        except (ValueError, OverflowError):
            pass
        raise UsageError("That is not a period", f"Write {_FORMS}")

    @classmethod
    def _calendar(cls, text: str, year: str, letter: str | None, part: str | None, month: str | None) -> "Period":
        months = {"H": 6, "Q": 3, None: 1 if month else 12}[letter]
        nth = int(part or month or 1)
        if not 1 <= nth <= 12 // months:
            raise ValueError(text)
        first = (nth - 1) * months
        start = date(int(year), first + 1, 1)
        after = first + months
        end = date(int(year) + after // 12, after % 12 + 1, 1)
        return cls._of(text, start, end)

    @classmethod
    def _of(cls, label: str, start: date, end: date) -> "Period":
        if start >= end:
            raise ValueError(label)
        midnight = datetime.min.time()
        return cls(label, datetime.combine(start, midnight, UTC), datetime.combine(end, midnight, UTC))

    @property
    def default_cutoff(self) -> datetime:
        """31 days after the end."""
        return self.end + DEFAULT_CUTOFF_AFTER_END

    def contains(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def previous(self) -> "Period":
        """The Period of the same form right before this one (for a span of days: as many days)."""
        if ".." in self.label:
            start = self.start - (self.end - self.start)
            last = self.start - timedelta(days=1)
            return Period(f"{start:%Y-%m-%d}..{last:%Y-%m-%d}", start, self.start)
        last = self.start - timedelta(days=1)
        if "H" in self.label:
            return Period.parse(f"{last.year}H{(last.month - 1) // 6 + 1}")
        if "Q" in self.label:
            return Period.parse(f"{last.year}Q{(last.month - 1) // 3 + 1}")
        return Period.parse(f"{last:%Y-%m}" if "-" in self.label else f"{last.year}")
