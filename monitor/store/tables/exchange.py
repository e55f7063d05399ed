"""Other organisations with which single cases are exchanged, and what was sent and received; only links change.

What would surprise: names of cases are keyed pseudonyms and lie in the clear; without the shared key, which is sealed,
they say nothing.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, UniqueConstraint
from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers, sealed
from monitor.store.times import UtcMicros


class ExchangeLinkRow(Row, table=True):
    """One organisation; `public` and `age` are its public keys."""

    __tablename__ = "exchange_links"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    name: str = Field(unique=True)
    public: str = Field(unique=True)
    age: str | None = None
    linked_at: datetime = Field(sa_type=UtcMicros)
    key_digest: str | None = None
    shared_key: bytes | None = Field(default=None, sa_column=sealed(optional=True))


class ExchangeDocumentRow(Row, table=True):
    """One document, sent or received; `sequence` is its sender's number, `digest` the SHA-256 of its bytes."""

    __tablename__ = "exchange_documents"
    __table_args__ = (UniqueConstraint("link_id", "received", "sequence"),)

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    link_id: int = Field(sa_column=refers("exchange_links.id"))
    received: bool
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    digest: str
    made_at: datetime = Field(sa_type=UtcMicros)
    recorded_at: datetime = Field(sa_type=UtcMicros)
    key_digest: str
    n_cases: int


class ExchangeCaseRow(Row, table=True):
    """What one document said of one case. `url` has a column of its own, so that it can be forgotten."""

    __tablename__ = "exchange_cases"
    __table_args__ = (UniqueConstraint("document_id", "case_name"),)

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    document_id: int = Field(sa_column=refers("exchange_documents.id"))
    case_name: str
    target_name: str
    has_url: bool
    details: bytes = Field(sa_column=sealed())  # JSON: the case without its URL; of one that was sent, our record
    url: bytes | None = Field(default=None, sa_column=sealed(optional=True))
    forgotten_at: datetime | None = Field(default=None, sa_type=UtcMicros)  # what was said of it went
    url_forgotten_at: datetime | None = Field(default=None, sa_type=UtcMicros)
