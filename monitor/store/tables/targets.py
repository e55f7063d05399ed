"""Tier 1, what is observed: addresses, hosts and Targets, sealed, each found by its blind index.

What would surprise: a Target whose path was withheld has no URL and belongs to one record alone; its blind
index is over (source, record id). And `forgotten_at` says that the text is gone (`store/forgetting.py`): a Target then
has no URL, a host's name opens to nothing, and an address is the first one of the stretch of network it was in.
"""

from datetime import datetime

from sqlmodel import Field

from monitor.store.tables.base import Row, blind_index, key, refers, sealed
from monitor.store.times import UtcMicros


class AddressRow(Row, table=True):
    """One IP address, packed and sealed."""

    __tablename__ = "addresses"

    id: int | None = Field(default=None, sa_column=key())
    address: bytes = Field(sa_column=sealed())
    address_index: bytes = Field(sa_column=blind_index(unique=True))
    family: int  # 4 or 6
    forgotten_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class HostRow(Row, table=True):
    """One FQDN or IP literal, sealed; hosts of one site share `site_index`."""

    __tablename__ = "hosts"

    id: int | None = Field(default=None, sa_column=key())
    name: bytes = Field(sa_column=sealed())
    name_index: bytes = Field(sa_column=blind_index(unique=True))
    kind: str  # HostKind
    site_index: bytes = Field(sa_column=blind_index())
    address_id: int | None = Field(default=None, sa_column=refers("addresses.id", optional=True))  # of a literal
    forgotten_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class TargetRow(Row, table=True):
    """One normalised URL, sealed; without one where the path was withheld."""

    __tablename__ = "targets"

    id: int | None = Field(default=None, sa_column=key())
    host_id: int = Field(sa_column=refers("hosts.id"))
    url: bytes | None = Field(default=None, sa_column=sealed(optional=True))
    url_index: bytes = Field(sa_column=blind_index(unique=True))
    withheld: bool
    forgotten_at: datetime | None = Field(default=None, sa_type=UtcMicros)
