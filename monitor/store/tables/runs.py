"""Tier 3, what our own checks saw, run by run; and tier 4, what is derived from it.

What would surprise: `outcomes` and `schedule` are conclusions, kept because every round needs them; both can be made
again from runs, canaries, observations and exchanges without asking the network anything.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, SmallInteger
from sqlmodel import Field

from monitor.store.tables.base import KEY, Row, hash_value, key, refers
from monitor.store.times import UtcMicros


class RunRow(Row, table=True):
    """One run of checks between two canaries. Without `ended_at` it goes on or was broken off."""

    __tablename__ = "runs"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    worker: str
    started_at: datetime = Field(sa_type=UtcMicros)
    ended_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    broken_off: bool = False  # found unended by a later start: it has no closing canary
    n_due: int
    mandate: str  # JSON of the Mandate under which it was made
    code_version: str
    worker_id: int | None = Field(default=None, sa_column=Column(KEY, nullable=True, index=True))  # null: before 0007
    late: bool = False  # what a worker saw whose run others had ended meanwhile: kept, and no rule reads it


class CanaryRow(Row, table=True):
    """One known-good URL asked in a run; which one is not kept."""

    __tablename__ = "canaries"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    run_id: int = Field(sa_column=refers("runs.id", index=True))
    vantage_id: int = Field(sa_column=refers("vantages.id"))
    asked_at: datetime = Field(sa_type=UtcMicros)
    family: int = Field(sa_type=SmallInteger)
    after: bool
    healthy: bool
    phase: str | None = None  # Phase; null: its name did not resolve
    error: str | None = None  # ExchangeError
    status: int | None = Field(default=None, sa_type=SmallInteger)


class ObservationRow(Row, table=True):
    """What one Check saw. Its key comes from the counter of `checks`, so that no key means two things."""

    __tablename__ = "observations"
    __table_args__ = (Index(None, "target_id", "observed_at"),)

    id: int | None = Field(default=None, sa_column=key())
    run_id: int = Field(sa_column=refers("runs.id", index=True))
    target_id: int = Field(sa_column=refers("targets.id"))
    vantage_id: int = Field(sa_column=refers("vantages.id"))
    observed_at: datetime = Field(sa_type=UtcMicros)
    answers: str  # DnsStatus of each resolver, in their order, joined by " "; empty for an IP literal
    address_id: int | None = Field(default=None, sa_column=refers("addresses.id", optional=True))  # booked on
    seconds: float


class ExchangeRow(Row, table=True):
    """One request of an Observation and how far it came; header values as keyed digests, nothing of a body."""

    __tablename__ = "exchanges"

    observation_id: int = Field(sa_column=refers("observations.id", primary=True))
    place: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))  # from 0
    purpose: str  # Purpose
    method: str  # Method
    get_reason: str | None = None  # GetReason
    address_id: int | None = Field(default=None, sa_column=refers("addresses.id", optional=True))
    phase: str  # Phase
    error: str | None = None  # ExchangeError
    tls: str  # TlsState
    status: int | None = Field(default=None, sa_type=SmallInteger)
    content_type: str | None = None
    length: int | None = Field(default=None, sa_type=BigInteger)
    etag: str | None = None
    etag_weak: bool
    last_modified: str | None = None
    server: str | None = None
    location: str | None = None  # LocationKind
    leads_to: str | None = None  # digest of the URL that it leads to
    challenge: bool
    retry_after_seconds: int | None = Field(default=None, sa_type=BigInteger)
    connect_ms: int | None = None
    tls_ms: int | None = None
    headers_ms: int | None = None
    n_bytes_in: int = Field(sa_type=BigInteger)


class ObservationLinkRow(Row, table=True):
    """One batch of Observations in the hash chain (`chains.py`): which they are, and their digest."""

    __tablename__ = "observation_links"

    id: int | None = Field(default=None, sa_column=key())  # 1, 2, 3, ... without a gap
    run_id: int = Field(sa_type=KEY)
    first_id: int = Field(sa_type=KEY)
    last_id: int = Field(sa_type=KEY)
    n_rows: int
    digest: bytes = Field(sa_column=hash_value())
    link: bytes = Field(sa_column=hash_value())


class OutcomeRow(Row, table=True):
    """What a rule makes of an Observation: derived, and derived again when the rules change."""

    __tablename__ = "outcomes"

    observation_id: int = Field(sa_column=refers("observations.id", primary=True))
    outcome: int = Field(sa_type=SmallInteger)  # Outcome
    cause: int = Field(sa_type=SmallInteger)  # Cause
    rule: str
    rules_version: str
    void: bool
    low_confidence: bool
    page: bool


class ScheduleRow(Row, table=True):
    """When a Target is due, and what judging remembers of it: derived from Notices and Observations."""

    __tablename__ = "schedule"

    target_id: int = Field(sa_column=refers("targets.id", primary=True))
    due_at: datetime | None = Field(default=None, sa_column=Column(UtcMicros, nullable=True, index=True))
    why: str | None = None  # DueReason
    anchors: str  # JSON list of Anchors, so that planning the next Check reads no Notice again
    standing: str  # JSON of the Standing


class ScheduleStateRow(Row, table=True):
    """At most one row: the fingerprint of reports, notices, live sources and rules that the schedule was made from."""

    __tablename__ = "schedule_state"

    id: int | None = Field(default=None, sa_column=key())
    fingerprint: str
