"""Tier 0, provenance: input files by hash, and the clear words that rows share.

What would surprise: a record exists as soon as a Report *or* a check names it, so that rows may come in any
order; a record without a Report has waiting checks.
"""

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers
from monitor.store.times import UtcMicros

NOT_STATED = ""
"""The vantage of a check that names none."""


class InputRow(Row, table=True):
    """One input file, by its hash and never by its name. Counts of the whole file come when it is finished."""

    __tablename__ = "inputs"
    __table_args__ = (UniqueConstraint("sha256", "kind"),)

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    sha256: str
    kind: str  # InputKind
    size: int = Field(sa_type=BigInteger)
    n_accepted: int  # summed batch by batch: each row counts once, however often the file is read
    n_read: int | None = None
    n_rejected: int | None = None
    first_imported_at: datetime = Field(sa_type=UtcMicros)
    finished_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class SourceRow(Row, table=True):
    """Who handed over records: the name before each record id."""

    __tablename__ = "sources"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    name: str = Field(unique=True)


class VantageRow(Row, table=True):
    """Where a check was made from; the empty name stands for "not stated"."""

    __tablename__ = "vantages"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    name: str = Field(unique=True)


class ReasonRow(Row, table=True):
    """The words that a check gave for its outcome."""

    __tablename__ = "reasons"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    name: str = Field(unique=True)


class RecordRow(Row, table=True):
    """One record of one source; what Reports and checks hang on."""

    __tablename__ = "records"
    __table_args__ = (UniqueConstraint("source_id", "record_id"),)

    id: int | None = Field(default=None, sa_column=key())
    source_id: int = Field(sa_column=refers("sources.id"))
    record_id: str
