"""Tier 5, the registry's facts: Providers at first sight, dated AS names, and what people changed.

What would surprise: a merge deletes nothing; the registry is replayed from the changes that stand.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers, sealed
from monitor.store.times import UtcMicros


class ProviderRow(Row, table=True):
    """One Provider per AS number at first sight; the id stays."""

    __tablename__ = "providers"

    provider_id: str = Field(primary_key=True)  # as<ASN>
    first_asn: int = Field(sa_column=Column(BigInteger, unique=True, nullable=False))


class ProviderNameRow(Row, table=True):
    """The name of an AS number in one dated table of AS names."""

    __tablename__ = "provider_names"

    asn: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    table_id: int = Field(sa_column=refers("reference_tables.id", primary=True))
    name: str
    source: str | None = None


class RegistryChangeRow(Row, table=True):
    """One change by a person; only ever added. `undoes` takes an earlier one back."""

    __tablename__ = "registry_changes"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    action: str
    subject: str
    into: str | None = None
    by: str
    why: str
    at: datetime = Field(sa_type=UtcMicros)
    undoes: int | None = Field(default=None, sa_column=refers("registry_changes.id", optional=True))
    details: bytes | None = Field(default=None, sa_column=sealed(optional=True))  # JSON object of texts
