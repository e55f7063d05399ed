"""Tier 3, what was seen: checks, and DNS resolutions.

What would surprise: a hotline's bracket becomes two checks of their own origin, ONLINE at its last online time
and OFFLINE at its first offline time, and never collides with a check log.
"""

from datetime import datetime
from enum import IntEnum

from sqlalchemy import SmallInteger, UniqueConstraint
from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers, sealed
from monitor.store.times import UtcMicros


class CheckOrigin(IntEnum):
    """Where a check came from: a check log, or one side of a Report's bracket."""

    LOG = 0
    BRACKET_ONLINE = 1
    BRACKET_OFFLINE = 2


class CheckRow(Row, table=True):
    """One check of one record, as recorded. Its record need not have a Report yet."""

    __tablename__ = "checks"
    __table_args__ = (UniqueConstraint("record_key", "checked_at", "vantage_id", "origin"),)

    id: int | None = Field(default=None, sa_column=key())
    record_key: int = Field(sa_column=refers("records.id"))
    checked_at: datetime = Field(sa_type=UtcMicros)
    outcome: int = Field(sa_type=SmallInteger)  # Outcome
    cause: int = Field(sa_type=SmallInteger)  # Cause
    origin: int = Field(sa_type=SmallInteger)  # CheckOrigin
    reason_id: int | None = Field(default=None, sa_column=refers("reasons.id", optional=True))
    address_id: int | None = Field(default=None, sa_column=refers("addresses.id", optional=True))
    vantage_id: int = Field(sa_column=refers("vantages.id"))
    input_id: int = Field(sa_column=refers("inputs.id"))
    row: int


class ResolutionRow(Row, table=True):
    """One resolver's answer for a host; a failure is one too. Resolvers asked together share `resolved_at`."""

    __tablename__ = "resolutions"
    __table_args__ = (UniqueConstraint("host_id", "resolved_at", "resolver"),)

    id: int | None = Field(default=None, sa_column=key())
    host_id: int = Field(sa_column=refers("hosts.id"))
    resolved_at: datetime = Field(sa_type=UtcMicros)
    resolver: str
    status: str  # DnsStatus
    rcode_a: str | None = None
    rcode_aaaa: str | None = None
    ttl_seconds: int
    cname_chain: bytes | None = Field(default=None, sa_column=sealed(optional=True))  # JSON list of names
    wildcard: bool | None = None
    n_questions: int
    seconds: float


class ResolutionAddressRow(Row, table=True):
    """One address of a Resolution."""

    __tablename__ = "resolution_addresses"

    resolution_id: int = Field(sa_column=refers("resolutions.id", primary=True))
    address_id: int = Field(sa_column=refers("addresses.id", primary=True))
    kind: str  # AddressKind
    ttl_seconds: int
