"""How long what is secret is kept, what stops its removal, and what a run of `forget` found and did.

What would surprise: a term is a decision of the controller, so none has a default; months and years are those of the
calendar, and the last day of a month stays the last one.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class RetentionClass(StrEnum):
    """What has a term of its own."""

    URL = "url"  # URLs, hosts and the names on the way to them
    ADDRESS = "address"  # IP addresses, but for the network that they are in
    NOTICE = "notice"  # references and addressees of requests
    ORDER = "order"  # those of orders, and what people wrote down about orders since
    EXCHANGE = "exchange"  # what documents of other organisations, and ours to them, say of cases
    LETTER = "letter"  # documents of letters, replies, notes and quotes; the register stays
    ORDER_FILE = "order-file"  # files that were made for one receiver: providers' files, orders, exchanges
    LOG = "log"  # logs that somebody puts into the data folder, and notes on what was refused or has to be told
    REJECTS = "rejects"


class Unit(StrEnum):
    """What a term is counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


KEEP = "keep"
"""The word for no term."""
TERM_HELP = "Write it like 18 months, 5 years or 90 days"
STAND_IN = "\0"
"""No text that comes in holds it: what has it stands in for a reference or an addressee that was forgotten."""
GONE = "[forgotten / gewist]"
"""What a person reads in its place."""
_TERM = re.compile(r"\s*([1-9]\d{0,3})\s*(day|week|month|year)s?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """So long something is kept."""

    n: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Term":
        """Raises ValueError for what is no term."""
        found = _TERM.fullmatch(text)
        if found is None:
            raise ValueError("a term is a number with days, weeks, months or years")
        return cls(int(found[1]), Unit(f"{found[2].lower()}s"))

    def __str__(self) -> str:
        return f"{self.n} {self.unit.value if self.n > 1 else self.unit.value[:-1]}"

    def before(self, moment: datetime) -> datetime:
        """What is older than this instant is past the term at `moment`."""
        if self.unit in {Unit.DAYS, Unit.WEEKS}:
            return moment - timedelta(days=self.n * (7 if self.unit is Unit.WEEKS else 1))
        months = moment.year * 12 + moment.month - 1 - self.n * (12 if self.unit is Unit.YEARS else 1)
        year, month = divmod(months, 12)
        day = min(moment.day, monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day)


def shown(text: str | None) -> str | None:
    """A reference or an addressee as a person may read it."""
    return GONE if text is not None and STAND_IN in text else text


class HoldKind(StrEnum):
    """What a person can hold."""

    RECORD = "record"
    LETTER = "letter"
    ORDER = "order"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Hold:
    """A person's decision that something is not forgotten. `until`: it ends by itself then; None: when released."""

    hold_id: int
    kind: HoldKind
    subject: str  # "RECORD of SOURCE", the letter's or order's number, the provider's id
    by: str
    why: str
    at: datetime
    until: datetime | None = None
    released_at: datetime | None = None
    released_by: str | None = None
    released_why: str | None = None

    def stands(self, moment: datetime) -> bool:
        return self.released_at is None and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that may not be forgotten now. `why`: reason in words -> how many records or letters it holds."""

    records: frozenset[int] = frozenset()
    letters: frozenset[int] = frozenset()
    providers: frozenset[str] = frozenset()
    why: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassCount:
    """What of one class a run found. `n_due`: past the term; `n_held` of them stay; `n_forgotten` went."""

    kind: RetentionClass
    term: str  # "keep" where there is none
    n_due: int = 0
    n_held: int = 0
    n_forgotten: int = 0
    n_not_archived: int = 0  # letters that stay because no archive has them
