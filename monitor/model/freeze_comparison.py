"""What differs between two frozen datasets of one Period: rows, rules, tables, and each Provider's Scorecard.

A row is one of `episodes.parquet`: a Target at a Provider on one clock in one role, so one notice is in several roles.
What would surprise: numbers that only count rows (`target_id`, `site_id`, `cluster_id`, the id of a site) are not
compared, because they shift with every row that comes or goes; and a Scorecard can differ without any row of its own,
since the spread of results and the ranking are estimated over all Providers together.
"""

from dataclasses import dataclass
from datetime import datetime

from monitor.model.breakdown import CorrectedFacts
from monitor.model.period import Period
from monitor.model.release import ReferenceTableInfo
from monitor.model.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class RoleRows:
    """The rows of one role and clock: how many there are, are in one dataset alone, or differ in a field."""

    role: str
    clock: str
    n_before: int
    n_after: int
    n_only_before: int
    n_only_after: int
    n_changed: int

    @property
    def n_differing(self) -> int:
        return self.n_only_before + self.n_only_after + self.n_changed


@dataclass(frozen=True, slots=True)
class FieldRows:
    """In how many of the rows that are in both a field differs: in role network, and in every role."""

    name: str
    n_network: int
    n_rows: int


@dataclass(frozen=True, slots=True)
class RowDifferences:
    """`of_provider`: by id, the rows of role network and the request clock that differ and are or were its own."""

    roles: tuple[RoleRows, ...]
    fields: tuple[FieldRows, ...]  # most rows first
    of_provider: dict[str, int]


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One entry of `method.json`, as text; None where the dataset does not have it."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ComparedFreeze:
    """Which dataset was compared."""

    name: str  # of its folder
    digest: str
    cutoff: datetime
    n_providers: int
    corrected: tuple[CorrectedFacts, ...]


@dataclass(frozen=True, slots=True)
class ScorecardChange:
    """One Provider whose Scorecard is another one, or is in one dataset alone. `n_rows`: its own rows that differ."""

    provider_id: str
    provider: str
    n_rows: int
    before: Scorecard | None
    after: Scorecard | None
    fields: tuple[str, ...]  # the Scorecard's fields that differ, in its order; empty where one is missing

    @property
    def class_changed(self) -> bool:
        return (self.before and self.before.class_) != (self.after and self.after.class_)


@dataclass(frozen=True, slots=True)
class FreezeComparison:
    """Two frozen datasets of one Period."""

    period: Period
    before: ComparedFreeze
    after: ComparedFreeze
    rows: RowDifferences
    settings: tuple[SettingChange, ...]
    tables_only_before: tuple[ReferenceTableInfo, ...]
    tables_only_after: tuple[ReferenceTableInfo, ...]
    providers: tuple[ScorecardChange, ...]  # class changes first, then by own rows

    @property
    def is_same(self) -> bool:
        return self.before.digest == self.after.digest
