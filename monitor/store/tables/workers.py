"""Who is checking just now, and what it holds: workers, leases on Targets, claims on sites, addresses and tasks.

What would surprise: nothing here is a fact about a Target. All of it may be thrown away while no worker runs; on
SQLite, which one worker serves alone, leases and claims stay empty.
"""

from datetime import datetime

from sqlalchemy import Column, LargeBinary, String
from sqlmodel import Field

from monitor.store.tables.base import KEY, Row, key, refers
from monitor.store.times import UtcMicros


class WorkerRow(Row, table=True):
    """One life of a worker, from its start to its end. Of the living, each name is there once."""

    __tablename__ = "workers"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    name: str
    vantage: str | None = None  # the one way out that it uses; null: any that is configured
    token: str  # drawn at its start, and kept in its lock file: who holds the file knows that it has ended
    started_at: datetime = Field(sa_type=UtcMicros)
    seen_at: datetime = Field(sa_type=UtcMicros)  # its last heartbeat, by the database's clock
    lapses_at: datetime = Field(sa_type=UtcMicros)  # without a heartbeat until then it counts as ended
    ended_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    settled: bool = False  # it has ended, and nothing that it began or held is left


class LeaseRow(Row, table=True):
    """A Target in the hands of a worker; or given back (no worker) and to be left alone until `free_at`."""

    __tablename__ = "leases"

    target_id: int = Field(sa_column=refers("targets.id", primary=True))
    worker_id: int | None = Field(default=None, sa_column=refers("workers.id", optional=True, index=True))
    free_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class ClaimRow(Row, table=True):
    """A site, an address or a task that one worker has for itself; or let go (no worker) and free from `free_at`."""

    __tablename__ = "claims"

    kind: str = Field(sa_column=Column(String, primary_key=True))  # "site", "address", "task"
    key: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))  # blind index; of a task its name
    worker_id: int | None = Field(default=None, sa_column=refers("workers.id", optional=True, index=True))
    free_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    wanted_by: int | None = Field(default=None, sa_type=KEY)  # who asked for it meanwhile, and is to have it next
