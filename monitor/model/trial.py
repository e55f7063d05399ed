"""What an import would take in, said without taking it in: one `TrialFile` for each input file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UsedColumn:
    """A column by the name that can be shown, and what it becomes or why it is passed over."""

    name: str
    what: str


@dataclass(slots=True)
class TrialFile:
    """What one file holds. `accepted` rows state facts; whether the store has them already is not known here."""

    position: int
    kind: str
    cannot_say: str = ""
    used: tuple[UsedColumn, ...] = ()
    passed_over: tuple[UsedColumn, ...] = ()
    unknown: tuple[str, ...] = ()
    n_accepted: int = 0
    n_joined: int = 0
    n_reports: int = 0
    n_without_notice: int = 0
    n_closed_sometime: int = 0  # closed offline, and nothing says when
    rejected: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # column, code, reason
    notices: Counter[str] = field(default_factory=Counter)  # by status
    checks: Counter[str] = field(default_factory=Counter)  # by outcome
    assessments: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def n_rejected(self) -> int:
        return sum(self.rejected.values())

    @property
    def n_read(self) -> int:
        return self.n_accepted + self.n_rejected

    def see(self, at: datetime | None) -> None:
        """Widen the time from the first fact to the last."""
        if at is not None:
            self.first_at = at if self.first_at is None else min(self.first_at, at)
            self.last_at = at if self.last_at is None else max(self.last_at, at)


@dataclass(frozen=True, slots=True)
class Trial:
    """What all files of one command hold; `failures` (files that cannot be read) and `warnings` in a sentence each."""

    files: tuple[TrialFile, ...]
    failures: tuple[str, ...]
    exit_status: int
    warnings: tuple[str, ...] = ()

    @property
    def totals(self) -> Mapping[str, int]:
        return {
            "read": sum(file.n_read for file in self.files),
            "accepted": sum(file.n_accepted for file in self.files),
            "rejected": sum(file.n_rejected for file in self.files),
            "joined": sum(file.n_joined for file in self.files),
        }
