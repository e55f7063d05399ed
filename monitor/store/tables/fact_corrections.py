"""Corrections of facts that a hearing brought, one row each; only ever added to.

What would surprise: which record a correction is about lies sealed in `details`, as an override of the registry does.
"""

from datetime import datetime

from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers, sealed
from monitor.store.times import UtcMicros


class FactCorrectionRow(Row, table=True):
    """One correction by a person; `undoes` takes an earlier one back."""

    __tablename__ = "fact_corrections"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    kind: str  # CorrectionKind, also of one that undoes: what it undoes
    by: str
    why: str
    at: datetime = Field(sa_type=UtcMicros)
    letter_id: int | None = Field(default=None, sa_column=refers("letters.id", optional=True))
    undoes: int | None = Field(default=None, sa_column=refers("fact_corrections.id", optional=True))
    details: bytes | None = Field(default=None, sa_column=sealed(optional=True))  # JSON: the record, what holds instead
