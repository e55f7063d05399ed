"""Tier 4, dated reference tables, and what they say about each address.

What would surprise: attributions can be made again from addresses and reference tables at any time; they are
kept because every freeze needs them. `attribution_state` remembers which tables they were made from.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, UniqueConstraint
from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers
from monitor.store.times import UtcMicros


class ReferenceTableRow(Row, table=True):
    """One imported reference table with its content, as the stage that reads it packed it."""

    __tablename__ = "reference_tables"
    __table_args__ = (UniqueConstraint("kind", "as_of", "sha256"),)

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    kind: str  # TableKind
    as_of: date  # the day whose events it is held to describe
    made_on: date  # the day on which it was made
    n_rows: int
    sha256: str  # of the input file
    imported_at: datetime = Field(sa_type=UtcMicros)
    content: bytes = Field(sa_type=LargeBinary)


class AttributionRow(Row, table=True):
    """What holds of an address from `valid_from` on: microseconds UTC, int64's lowest = before the first table."""

    __tablename__ = "attributions"

    address_id: int = Field(sa_column=refers("addresses.id", primary=True))
    valid_from: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    asn: int | None = Field(default=None, sa_type=BigInteger)
    reason: str | None = None  # Unattributed, where asn is null
    front: str | None = None  # name of the reverse proxy whose range holds the address
    prefix_length: int | None = Field(default=None, sa_type=SmallInteger)
    table_id: int | None = Field(default=None, sa_column=refers("reference_tables.id", optional=True))
    origins: str | None = None  # "64500_64501" where the prefix has several


class AttributionStateRow(Row, table=True):
    """At most one row: the fingerprint of the reference tables that every attribution was made from."""

    __tablename__ = "attribution_state"

    id: int | None = Field(default=None, sa_column=key())
    fingerprint: str
