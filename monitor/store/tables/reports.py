"""Tier 2, what a hotline said: Reports, their assessments over time, and Notices.

What would surprise: a Report's key is its record's key. Assessments and Notices are only ever added.
"""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers, sealed
from monitor.store.times import UtcMicros


class ReportRow(Row, table=True):
    """One Report. What a first row left empty, a later row of the same record may fill in."""

    __tablename__ = "reports"

    record_key: int = Field(sa_column=refers("records.id", primary=True))
    target_id: int = Field(sa_column=refers("targets.id", index=True))
    reported_at: datetime = Field(sa_type=UtcMicros)
    address_id: int | None = Field(default=None, sa_column=refers("addresses.id", optional=True))
    origin_address_id: int | None = Field(default=None, sa_column=refers("addresses.id", optional=True))
    site_type: str | None = None  # SiteType
    known_material: bool | None = None
    userinfo_dropped: bool
    input_id: int = Field(sa_column=refers("inputs.id"))
    row: int


class AssessmentRow(Row, table=True):
    """One statement about the material. The one with the latest time in it holds (`facts.py`)."""

    __tablename__ = "assessments"

    id: int | None = Field(default=None, sa_column=key())
    record_key: int = Field(sa_column=refers("records.id", index=True))
    assessment: str  # Assessment
    assessed_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    imported_at: datetime = Field(sa_type=UtcMicros)


class NoticeRow(Row, table=True):
    """One Notice; reference and party are sealed. `content_index` is keyed and finds repeats."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("record_key", "content_index"),)

    id: int | None = Field(default=None, sa_column=key())
    record_key: int = Field(sa_column=refers("records.id"))
    kind: str  # NoticeKind
    status: str  # NoticeStatus
    notified_at: datetime = Field(sa_type=UtcMicros)
    reference: bytes | None = Field(default=None, sa_column=sealed(optional=True))
    channel: str | None = None  # NoticeChannel
    sender: str | None = None
    party: bytes | None = Field(default=None, sa_column=sealed(optional=True))
    capacity: str  # Capacity
    deadline_hours: float | None = None
    content_index: bytes = Field(sa_type=LargeBinary(16))
    input_id: int = Field(sa_column=refers("inputs.id"))
    row: int
    forgotten_at: datetime | None = Field(default=None, sa_type=UtcMicros)  # stand-ins are left of reference and party
