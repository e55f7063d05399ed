"""Tier 3, what registries answered: documents as received (sealed), each question and its outcome, and organisations.

What would surprise: one document can answer many questions; a question that came to nothing is a row too, so that
it is not asked again at once.
"""

from datetime import datetime

from sqlmodel import Field

from monitor.store.tables.base import Row, blind_index, key, refers, sealed
from monitor.store.times import UtcMicros


class RegistrationRow(Row, table=True):
    """One RDAP document, without the fields that repeat the queried address; zstd over JSON, sealed."""

    __tablename__ = "registrations"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    document: bytes = Field(sa_column=sealed())
    document_index: bytes = Field(sa_column=blind_index(unique=True))
    registry_name: str
    first_received_at: datetime = Field(sa_type=UtcMicros)


class RegistrationAnswerRow(Row, table=True):
    """One question and what it came to."""

    __tablename__ = "registration_answers"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    asked_at: datetime = Field(sa_type=UtcMicros)
    server: str
    status: str  # RegistrationStatus
    recorded: bool  # imported from a file
    registration_id: int | None = Field(default=None, sa_column=refers("registrations.id", optional=True))
    address_id: int | None = Field(default=None, sa_column=refers("addresses.id", optional=True, index=True))
    covers: bytes | None = Field(default=None, sa_column=sealed(optional=True))  # first and last address, packed


class OrganisationRow(Row, table=True):
    """One registered organisation; its id is that of its Provider. A natural person has no handle and no name."""

    __tablename__ = "organisations"

    provider_id: str = Field(primary_key=True)  # org-...
    registry_name: str
    handle: str | None = None
    natural_person: bool | None = None
    first_seen_at: datetime = Field(sa_type=UtcMicros)


class OrganisationNameRow(Row, table=True):
    """One name of an organisation, with the time of the last answer that gave it: the latest is the present one."""

    __tablename__ = "organisation_names"

    provider_id: str = Field(primary_key=True, foreign_key="organisations.provider_id")
    name: str = Field(primary_key=True)
    last_said_at: datetime = Field(sa_type=UtcMicros)
