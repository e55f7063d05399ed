"""The lives of workers: begun under a name, held by a heartbeat, ended by themselves or by others when it stops.

In: a name and for how many seconds a heartbeat holds. Out: keys of workers. What would surprise: whether a worker has
lapsed goes by the database server's clock, so that hosts whose clocks differ agree; and while the server itself has not
been up for long enough nobody has lapsed, because nobody could send a heartbeat.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from monitor import clock
from monitor.errors import StoreBusy
from monitor.store.database import Store
from monitor.store.tables import ClaimRow, LeaseRow, RunRow, WorkerRow, table_of
from monitor.store.times import from_micros, to_micros

_WORKERS, _LEASES, _CLAIMS, _RUNS = (table_of(row) for row in (WorkerRow, LeaseRow, ClaimRow, RunRow))
_NOW = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_UP_SINCE = "SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint"


@dataclass(frozen=True, slots=True)
class StoredWorker:
    """One life of a worker as it is on record."""

    worker_id: int
    name: str
    vantage: str | None
    started_at: datetime
    seen_at: datetime
    lapses_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewWorker:
    """A worker about to begin. `token`: drawn anew; `former`: those of lives of this name that are over."""

    name: str
    vantage: str | None
    token: str
    former: tuple[str, ...] = ()
    alone: bool = False  # no other process can be at work: whoever seems to live has ended (SQLite)


def server_micros(connection: Connection) -> int:
    """Now, by the clock that all workers of this store share."""
    if connection.dialect.name == "postgresql":
        return int(connection.exec_driver_sql(_NOW).scalar_one())
    return to_micros(clock.now())


def register_worker(store: Store, new: NewWorker, lease_seconds: float) -> int:
    """Begin a life; returns its key. Raises StoreBusy where a worker of that name lives."""
    with store.write() as connection:
        now = server_micros(connection)
        for other in connection.execute(select(_WORKERS).where(_WORKERS.c.ended_at.is_(None))).all():
            if new.alone or (other.name == new.name and (other.token in new.former or _has_lapsed(other, now, 0))):
                _end(connection, other.id, now)
            elif other.name == new.name:
                raise StoreBusy(
                    f"Another process checks for this store as worker {new.name} already",
                    "Let it work, stop it first, or start this one by another name: `monitor run --name`",
                )
        row = {"name": new.name, "vantage": new.vantage, "token": new.token, "settled": False}
        times = {"started_at": from_micros(now), "seen_at": from_micros(now)}
        until = from_micros(now + _micros(lease_seconds))
        made = insert(_WORKERS).values(**row, **times, lapses_at=until).returning(_WORKERS.c.id)
        return int(connection.execute(made).scalar_one())


def beat(store: Store, worker_id: int, lease_seconds: float) -> bool:
    """A heartbeat: it holds for so many seconds more. False: the worker has been ended meanwhile."""
    with store.take() as connection:
        now = server_micros(connection)
        living = (_WORKERS.c.id == worker_id) & _WORKERS.c.ended_at.is_(None)
        until = from_micros(now + _micros(lease_seconds))
        return (
            connection.execute(
                update(_WORKERS).where(living).values(seen_at=from_micros(now), lapses_at=until)
            ).rowcount
            == 1
        )


def lapsed_workers(store: Store) -> tuple[int, ...]:
    """Those whose heartbeat has ended, or who ended themselves, and of whom something may be left."""
    with store.read() as connection:
        now, up_since = server_micros(connection), _up_since(connection)
        found = connection.execute(select(_WORKERS).where(~_WORKERS.c.settled).order_by(_WORKERS.c.id)).all()
    return tuple(each.id for each in found if each.ended_at is not None or _has_lapsed(each, now, up_since))


def end_lapsed(store: Store, worker_id: int) -> bool:
    """End a worker whose heartbeat has ended; says whether it has ended now. One that beats again is left alone."""
    with store.write() as connection:
        found = connection.execute(select(_WORKERS).where(_WORKERS.c.id == worker_id).with_for_update()).one()
        if found.ended_at is not None:
            return True
        now = server_micros(connection)
        if not _has_lapsed(found, now, _up_since(connection)):
            return False
        _end(connection, worker_id, now)
        return True


def end_worker(store: Store, worker_id: int, free_after_seconds: float) -> None:
    """End a life in good order: what it held is free, its claims after so long. A run left open is for others."""
    with store.write() as connection:
        now = server_micros(connection)
        _end(connection, worker_id, now)
        if not open_runs_within(connection, worker_id):
            _settle(connection, worker_id, now + _micros(free_after_seconds))


def settle(store: Store, worker_id: int, free_after_seconds: float) -> None:
    """After the runs of a worker that has ended are judged: its Targets are free, its claims after so many seconds."""
    with store.write() as connection:
        _settle(connection, worker_id, server_micros(connection) + _micros(free_after_seconds))


def open_runs_of(store: Store, worker_id: int) -> tuple[int, ...]:
    """The runs of one worker that have no end, oldest first."""
    with store.read() as connection:
        return open_runs_within(connection, worker_id)


def open_runs_within(connection: Connection, worker_id: int) -> tuple[int, ...]:
    """`open_runs_of` within a transaction."""
    of_worker = (_RUNS.c.worker_id == worker_id) & _RUNS.c.ended_at.is_(None)
    return tuple(int(key) for key in connection.scalars(select(_RUNS.c.id).where(of_worker).order_by(_RUNS.c.id)))


def list_workers(store: Store) -> tuple[StoredWorker, ...]:
    """Every life on record, oldest first."""
    with store.read() as connection:
        found = connection.execute(select(_WORKERS).order_by(_WORKERS.c.id)).all()
    return tuple(
        StoredWorker(row.id, row.name, row.vantage, row.started_at, row.seen_at, row.lapses_at, row.ended_at)
        for row in found
    )


def clock_differs_by(store: Store) -> float:
    """By how many seconds this host's clock is ahead of the database server's; 0 on SQLite."""
    with store.read() as connection:
        return (to_micros(clock.now()) - server_micros(connection)) / 1_000_000 if store.on_server else 0.0


def lives(connection: Connection, worker_id: int) -> bool:
    """Whether the worker has not been ended; it cannot be before this transaction is over."""
    living = select(_WORKERS.c.id).where(_WORKERS.c.id == worker_id, _WORKERS.c.ended_at.is_(None))
    return connection.scalar(living.with_for_update(key_share=True, read=True)) is not None


def living_within(connection: Connection, now: int) -> list[int]:
    """The keys of the workers that have a heartbeat, ascending."""
    living = _WORKERS.c.ended_at.is_(None) & (_WORKERS.c.lapses_at > from_micros(now))
    return [int(key) for key in connection.scalars(select(_WORKERS.c.id).where(living).order_by(_WORKERS.c.id))]


def free_claims_within(connection: Connection, held: ColumnElement[bool], free_at: int) -> None:
    """Let go of these claims; locked in ascending order, as who asks for them does, so that neither waits for both."""
    c = _CLAIMS.c
    connection.execute(select(c.key).where(held).order_by(c.kind, c.key).with_for_update()).all()
    connection.execute(update(_CLAIMS).where(held).values(worker_id=None, free_at=from_micros(free_at)))


def _has_lapsed(row: "Row[tuple[object, ...]]", now: int, up_since: int) -> bool:
    until, holds = to_micros(row.lapses_at), to_micros(row.lapses_at) - to_micros(row.seen_at)
    return until < now and up_since + holds < now


def _up_since(connection: Connection) -> int:
    return int(connection.exec_driver_sql(_UP_SINCE).scalar_one()) if connection.dialect.name == "postgresql" else 0


def _end(connection: Connection, worker_id: int, now: int) -> None:
    living = (_WORKERS.c.id == worker_id) & _WORKERS.c.ended_at.is_(None)
    connection.execute(select(_WORKERS.c.id).where(living).with_for_update()).all()  # what it is taking comes first
    connection.execute(update(_WORKERS).where(living).values(ended_at=from_micros(now)))


def _settle(connection: Connection, worker_id: int, free_at: int) -> None:
    connection.execute(delete(_LEASES).where(_LEASES.c.worker_id == worker_id))
    free_claims_within(connection, _CLAIMS.c.worker_id == worker_id, free_at)
    connection.execute(update(_CLAIMS).where(_CLAIMS.c.wanted_by == worker_id).values(wanted_by=None))
    connection.execute(update(_WORKERS).where(_WORKERS.c.id == worker_id).values(settled=True))


def _micros(seconds: float) -> int:
    return round(seconds * 1_000_000)
