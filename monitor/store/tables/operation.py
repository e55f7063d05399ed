"""How the store runs: which keys sealed it, the counters that give keys, and the audit log.

What would surprise: `seals` holds no key, only a known text sealed with it, so that a wrong key shows at once. The
newest row that is not retired names the key that seals now.
"""

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field

from monitor.store.tables.base import KEY, Row, hash_value, key
from monitor.store.times import UtcMicros


class SealRow(Row, table=True):
    """One key that seals values of this store, and a known text sealed with it."""

    __tablename__ = "seals"

    key_id: str = Field(primary_key=True)
    proof: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # by its own key, never resealed
    made_at: datetime = Field(sa_type=UtcMicros)
    retired_at: datetime | None = Field(default=None, sa_type=UtcMicros)  # since then it seals nothing


class CounterRow(Row, table=True):
    """The next free key of a bulk table."""

    __tablename__ = "counters"

    table_name: str = Field(primary_key=True)
    next_key: int = Field(sa_type=KEY)


class AuditRow(Row, table=True):
    """Who did what to what, and why; only ever added, and chained (`chains.py`)."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    at: datetime = Field(sa_type=UtcMicros)
    actor: str
    action: str
    subject: str
    reason: str
    link: bytes = Field(sa_column=hash_value())
