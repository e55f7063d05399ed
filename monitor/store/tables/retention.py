"""Holds, and what an archive was given; only ever added to.

What would surprise: a release of a hold is a row of its own, so that who held what, until when and why stays on record.
"""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers
from monitor.store.times import UtcMicros


class HoldRow(Row, table=True):
    """One hold by a person; `releases` ends an earlier one."""

    __tablename__ = "holds"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    kind: str  # HoldKind, also of one that releases
    subject: str
    record_key: int | None = Field(default=None, sa_column=refers("records.id", optional=True))
    by: str
    why: str
    at: datetime = Field(sa_type=UtcMicros)
    until: datetime | None = Field(default=None, sa_column=Column(UtcMicros, nullable=True))
    releases: int | None = Field(default=None, sa_column=refers("holds.id", optional=True))


class ArchivedRow(Row, table=True):
    """One Letter as it went into an archive."""

    __tablename__ = "archived"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    letter_id: int = Field(sa_column=refers("letters.id", index=True))
    digest: str  # SHA-256 over its files and steps as they were then: what came later is not in that archive
    manifest: str  # SHA-256 of the archive's manifest
    at: datetime = Field(sa_type=UtcMicros)
