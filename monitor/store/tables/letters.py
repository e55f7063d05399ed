"""Letters to Providers, what happened to each, and decisions on naming; only ever added to.

What would surprise: who did what and when lies in the clear, so that the register can be watched without the key; what
a Letter told, notes and answers are sealed.
"""

from datetime import datetime

from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers, sealed
from monitor.store.times import UtcMicros


class LetterRow(Row, table=True):
    """One Letter as it was drafted. Days are written YYYY-MM-DD."""

    __tablename__ = "letters"

    id: int | None = Field(default=None, sa_column=key())  # from the counters: two who draft at once wait for it
    reference: str = Field(unique=True)
    provider_id: str
    period: str = Field(index=True)
    dated: str
    answer_by: str
    reply_days: int
    details: bytes = Field(sa_column=sealed())  # JSON: the name it was addressed to, criteria, the figures it told
    forgotten_at: datetime | None = Field(default=None, sa_type=UtcMicros)  # documents, replies, notes and quotes went


class LetterEventRow(Row, table=True):
    """One step of a Letter's life."""

    __tablename__ = "letter_events"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    letter_id: int = Field(sa_column=refers("letters.id", index=True))
    step: str  # LetterStep
    at: datetime = Field(sa_type=UtcMicros)
    by: str
    recorded_at: datetime = Field(sa_type=UtcMicros)
    details: bytes | None = Field(default=None, sa_column=sealed(optional=True))  # JSON: note, answer, outcome, files


class NamingDecisionRow(Row, table=True):
    """One decision that a Provider is not named in the final report of a Period, or that it is after all."""

    __tablename__ = "naming_decisions"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    provider_id: str
    period: str = Field(index=True)
    named: bool
    by: str
    why: str
    at: datetime = Field(sa_type=UtcMicros)
