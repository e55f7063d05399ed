"""Numbers, shares, hours and dates as a reader of one language writes them (Babel).

In: values of the model, None = not known. Out: text. None becomes "not known", never 0 and never blank; a share that
rounds to 0% or 100% without being it is written "<0.1%" or ">99.9%".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from monitor.model.period import Period
from monitor.model.scorecard import Norm
from monitor.model.words import NoticeKind
from monitor.publication.texts import Texts


@lru_cache(maxsize=200_000)
def _decimal(value: float, pattern: str, locale: str) -> str:
    return str(format_decimal(value, pattern, locale=locale))


@lru_cache(maxsize=20_000)
def _percent(tenths: int, locale: str) -> str:
    return format_percent(tenths / 1000, "#,##0.0%", locale=locale)


@lru_cache(maxsize=20_000)
def _target(share: float, locale: str) -> str:
    return format_percent(share, "#,##0.#%", locale=locale)


@dataclass(frozen=True, slots=True)
class Formats:
    """How one language writes values. Every method takes None for "not known"."""

    texts: Texts

    @property
    def unknown(self) -> str:
        return self.texts.gettext("not known")

    def number(self, value: float | None) -> str:
        """A count or a rounded quantity, with thousands separated."""
        return self.unknown if value is None else _decimal(round(value), "#,##0", self.texts.locale)

    def decimal(self, value: float | None) -> str:
        """At most one decimal."""
        return self.unknown if value is None else _decimal(round(value, 1), "#,##0.#", self.texts.locale)

    def percent(self, share: float | None) -> str:
        """A share from 0 to 1 with one decimal, as 12.5% or 12,5%."""
        if share is None:
            return self.unknown
        locale = self.texts.locale
        tenths = round(share * 1000)
        if tenths == 0 and share > 0:
            return "<" + _percent(1, locale)
        if tenths == 1000 and share < 1:
            return ">" + _percent(999, locale)
        return _percent(tenths, locale)

    def target(self, share: float) -> str:
        """A norm as people say it: 80%, without a decimal that is not there."""
        return _target(share, self.texts.locale)

    def percents(self, low: float | None, high: float | None) -> str:
        """A range of shares; one figure where both ends read the same."""
        return self._range(low, high, self.percent(low), self.percent(high))

    def at_least_at_most(self, low: float | None, high: float | None) -> str:
        """A range of shares within a sentence."""
        low_text, high_text = self.percent(low), self.percent(high)
        if low is None or high is None:
            return self.unknown
        one, two = self.texts.gettext("exactly %(low)s"), self.texts.gettext("at least %(low)s and at most %(high)s")
        return (one if low_text == high_text else two) % {"low": low_text, "high": high_text}

    def short_percents(self, low: float, high: float) -> str:
        """A range of shares where there is little room: 51.2–60.4%."""
        low_text, high_text = self.percent(low), self.percent(high)
        return low_text if low_text == high_text else "–".join((low_text.rstrip("%"), high_text))

    def points(self, share: float | None) -> str:
        """A difference of shares in percentage points, with its sign."""
        if share is None:
            return self.unknown
        text = _decimal(abs(round(share * 100, 1)), "#,##0.0", self.texts.locale)
        sign = "" if round(share * 100, 1) == 0 else "+" if share > 0 else "−"
        return self.texts.gettext("%(n)s points") % {"n": sign + text}

    def points_range(self, low: float | None, high: float | None) -> str:
        """An interval of such a difference."""
        low_text, high_text = self.points(low), self.points(high)
        if low is not None and high is not None:  # the unit once
            low_text = low_text.removesuffix(self.texts.gettext("%(n)s points") % {"n": ""})
        return self._range(low, high, low_text, high_text)

    def short_numbers(self, low: int, high: int) -> str:
        """A range of whole numbers where there is little room: 3–7."""
        return self.number(low) if low == high else f"{self.number(low)}–{self.number(high)}"

    def hours_range(self, low: float | None, high: float | None) -> str:
        """A range of durations, the unit once; an end that is not known is said."""
        if low is None and high is None:
            return self.unknown
        if low is not None and high is not None:
            if self.decimal(low) == self.decimal(high):
                return self.hours(high)
            return self.texts.gettext("%(low)s to %(high)s") % {"low": self.decimal(low), "high": self.hours(high)}
        if high is None:
            return self.texts.gettext("%(low)s or more") % {"low": self.hours(low)}
        return self.texts.gettext("at most %(high)s") % {"high": self.hours(high)}

    def numbers(self, low: float | None, high: float | None) -> str:
        """A range of quantities."""
        return self._range(low, high, self.number(low), self.number(high))

    def _range(self, low: float | None, high: float | None, low_text: str, high_text: str) -> str:
        if low is None and high is None:
            return self.unknown
        if low_text == high_text:
            return low_text
        return self.texts.gettext("%(low)s to %(high)s") % {"low": low_text, "high": high_text}

    def hours(self, value: float | None) -> str:
        """A duration in hours, with the unit."""
        if value is None:
            return self.unknown
        one = round(value, 1) == 1
        return self.texts.ngettext("%(n)s hour", "%(n)s hours", 1 if one else 2) % {"n": self.decimal(value)}

    def since(self, hours: float) -> str:
        """Hours since a notice; from two days on with the days as well."""
        if hours < 48 or hours % 24:
            return self.hours(hours)
        days = self.texts.ngettext("%(n)s day", "%(n)s days", round(hours / 24)) % {"n": self.number(hours / 24)}
        return f"{self.hours(hours)} ({days})"

    def tick(self, hours: float) -> str:
        """Hours on an axis; long ones in days."""
        return self.texts.gettext("%(n)s d") % {"n": self.number(hours / 24)} if hours >= 168 else self.number(hours)

    def day(self, value: date | datetime) -> str:
        """A day, in words and in UTC."""
        return format_date(value, "long", locale=self.texts.locale)

    def iso_day(self, value: str) -> str:
        """An ISO day in words; other text stays as it is, nothing is "not known"."""
        try:
            return self.day(date.fromisoformat(value))
        except ValueError:
            return value or self.unknown

    def country(self, code: str | None) -> str:
        """An ISO 3166 code as the country is called; a code without a name stays as it is."""
        names: Mapping[str, str] = Locale.parse(self.texts.locale).territories
        return names.get(code, code) if code else self.unknown

    def period(self, period: Period) -> str:
        """Both days of a Period included, as people say it."""
        last = period.end - timedelta(days=1)
        return self.texts.gettext("%(first)s to %(last)s") % {"first": self.day(period.start), "last": self.day(last)}

    def norm(self, norm: Norm) -> str:
        """The hours allowed and the clock they run on."""
        if norm.clock is NoticeKind.ORDER:
            message = self.texts.gettext("within %(hours)s of the order")
        else:
            message = self.texts.gettext("within %(hours)s of the notice")
        return message % {"hours": self.hours(norm.hours)}
