"""Leases on Targets and claims on sites, addresses and tasks: who may ask whom, where several workers share a store.

In: a living worker. Out: what it was given. What would surprise: a lease or a claim has no end of its own. It lasts
until its worker lets go, or until that worker has ended and what it left behind is judged, so that no Target is
checked by another one before that. All keys go in ascending order, so that two workers never wait for each other.
On SQLite, which one worker serves alone, everything is given at once and nothing is written.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from monitor.model.report import Address
from monitor.store import contexts
from monitor.store.database import Store
from monitor.store.tables import ClaimRow, LeaseRow, ScheduleRow, table_of
from monitor.store.workers import free_claims_within, lives, living_within, server_micros

_LEASES, _CLAIMS, _SCHEDULE = table_of(LeaseRow), table_of(ClaimRow), table_of(ScheduleRow)
_RESERVED_MICROS = 5_000_000
"""What another worker asked for in vain is kept for it so long once it is free: else who lets go has it again."""
_SITE, _ADDRESS, _TASK = "site", "address", "task"
JUDGE = "judge"
"""The task of deriving every Outcome anew: while anybody has it nothing is taken."""
_TAKE_LOCK = int.from_bytes(b"judging")
"""The key of the advisory lock that who takes Targets shares, so that who is to judge sees what was just taken."""

_LEASE = """INSERT INTO leases (target_id, worker_id) SELECT key, %s FROM unnest(%s::bigint[]) AS key ORDER BY key
ON CONFLICT (target_id) DO UPDATE SET worker_id = excluded.worker_id, free_at = NULL
WHERE leases.worker_id IS NULL AND leases.free_at <= %s RETURNING target_id"""
_FREE = """(claims.worker_id = excluded.worker_id OR claims.worker_id IS NULL AND claims.free_at <= {now:d}
 AND (claims.wanted_by IS NULL OR claims.wanted_by = excluded.worker_id OR claims.free_at + {reserved:d} < {now:d}))"""
_CLAIM = """INSERT INTO claims (kind, key, worker_id) SELECT %s, key, %s FROM unnest(%s::bytea[]) AS key ORDER BY key
ON CONFLICT (kind, key) DO UPDATE SET
 worker_id = CASE WHEN {free} THEN excluded.worker_id ELSE claims.worker_id END,
 free_at = CASE WHEN {free} THEN NULL ELSE claims.free_at END,
 wanted_by = CASE WHEN {free} THEN NULL ELSE coalesce(claims.wanted_by, excluded.worker_id) END
RETURNING key, worker_id"""
_GIVE_BACK = "UPDATE leases SET worker_id = NULL, free_at = %s WHERE worker_id = %s AND target_id = ANY(%s)"
_SWEEP = """DELETE FROM {table} WHERE ({key}) IN (
 SELECT {key} FROM {table} WHERE worker_id IS NULL AND free_at < {before:d}
 ORDER BY {key} FOR UPDATE SKIP LOCKED)"""


@dataclass(frozen=True, slots=True)
class Share:
    """Which sites are a worker's to take first: those whose blind index leaves `place` when divided by `of`."""

    place: int
    of: int


def share_within(connection: Connection, worker_id: int, now: int, turn: int) -> Share | None:
    """The worker's share of the sites, another one each `turn`; None: it has been ended, or nothing is to be taken."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_TAKE_LOCK:d})").close()
    if not lives(connection, worker_id):
        return None
    task = (_CLAIMS.c.kind == _TASK) & (_CLAIMS.c.key == _task_key(JUDGE)) & _CLAIMS.c.worker_id.is_not(None)
    if connection.scalar(select(_CLAIMS.c.worker_id).where(task)) is not None:
        return None
    living = sorted({*living_within(connection, now), worker_id})
    return Share((living.index(worker_id) + turn) % len(living), len(living))


def lease_within(connection: Connection, worker_id: int, targets: Collection[int], now: int) -> set[int]:
    """Those of the Targets that are the worker's from now on."""
    if not targets:
        return set()
    return {int(key) for (key,) in connection.exec_driver_sql(_LEASE, (worker_id, sorted(targets), now))}


def claim_within(connection: Connection, worker_id: int, kind: str, keys: Collection[bytes], now: int) -> set[bytes]:
    """Those of the keys that are the worker's from now on; the others are marked as wanted."""
    if not keys:
        return set()
    statement = _CLAIM.format(free=_FREE.format(now=now, reserved=_RESERVED_MICROS))
    found = connection.exec_driver_sql(statement, (kind, worker_id, sorted(set(keys)))).all()
    return {bytes(key) for key, holder in found if holder == worker_id}


def claim_sites_within(connection: Connection, worker_id: int, sites: Collection[bytes], now: int) -> set[bytes]:
    """Those of the sites, by blind index, that are the worker's from now on."""
    return claim_within(connection, worker_id, _SITE, sites, now)


def claim_addresses(store: Store, worker_id: int, addresses: Iterable[Address]) -> set[Address]:
    """Those of the addresses that are the worker's until it lets go of them: none, once it has been ended.

    Raises StoreBusy.
    """
    distinct = list(dict.fromkeys(addresses))
    if not store.on_server or not distinct:
        return set(distinct)
    indexes = store.sealer.indexes(distinct, contexts.ADDRESS)
    with store.take() as connection:
        if not lives(connection, worker_id):
            return set()
        given = claim_within(connection, worker_id, _ADDRESS, indexes, server_micros(connection))
    return {address for address, index in zip(distinct, indexes, strict=True) if index in given}


def give_back(store: Store, worker_id: int, targets: Collection[int], seconds: float) -> None:
    """Let go of Targets that cannot be checked now; they stay due, and nobody takes them for so many seconds."""
    if not store.on_server or not targets:
        return
    with store.take() as connection:
        free_at = server_micros(connection) + round(seconds * 1_000_000)
        connection.exec_driver_sql(_GIVE_BACK, (free_at, worker_id, sorted(targets))).close()


def let_go(store: Store, worker_id: int, pause_seconds: float) -> None:
    """After a run: every Target that the worker has is free, and its sites and addresses after the pause."""
    if not store.on_server:
        return
    with store.take() as connection:
        let_go_within(connection, worker_id, server_micros(connection) + round(pause_seconds * 1_000_000))


def let_go_within(connection: Connection, worker_id: int, free_at: int) -> None:
    """`let_go` within a transaction; tasks stay."""
    connection.execute(delete(_LEASES).where(_LEASES.c.worker_id == worker_id))
    free_claims_within(connection, (_CLAIMS.c.worker_id == worker_id) & (_CLAIMS.c.kind != _TASK), free_at)


def sweep(store: Store) -> None:
    """Forget what was let go of long enough ago."""
    if store.on_server:
        with store.take() as connection:
            before = server_micros(connection) - 2 * _RESERVED_MICROS
            connection.exec_driver_sql(_SWEEP.format(table="leases", key="target_id", before=before)).close()
            connection.exec_driver_sql(_SWEEP.format(table="claims", key="kind, key", before=before)).close()


def count_untaken(store: Store, until: datetime) -> int:
    """How many Targets are due at an instant and in no worker's hands."""
    leased = select(_LEASES.c.target_id).where(
        _LEASES.c.target_id == _SCHEDULE.c.target_id, _LEASES.c.worker_id.is_not(None)
    )
    with store.read() as connection:
        wanted = select(func.count()).select_from(_SCHEDULE)
        due = wanted.where(_SCHEDULE.c.due_at <= until, ~leased.exists())
        return int(connection.execute(due).scalar_one())


def others_hold(store: Store, worker_id: int) -> bool:
    """Whether any other worker has a Target in its hands."""
    with store.read() as connection:
        held = select(_LEASES.c.target_id).where(_LEASES.c.worker_id.is_not(None), _LEASES.c.worker_id != worker_id)
        return connection.scalar(held.limit(1)) is not None


@contextmanager
def task(store: Store, worker_id: int, name: str) -> Iterator[bool]:
    """Work that one worker at a time does for all, by a name of at most 16 letters; says whether it is this one's."""
    if not store.on_server:
        yield True
        return
    with store.take() as connection:
        if name == JUDGE:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TAKE_LOCK:d})").close()
        now, key = server_micros(connection), _task_key(name)
        given = lives(connection, worker_id) and bool(claim_within(connection, worker_id, _TASK, [key], now))
    try:
        yield given
    finally:
        if given:
            drop_task(store, worker_id, name)


def drop_task(store: Store, worker_id: int, name: str) -> None:
    """Let go of a task, also of one that nobody knows whether it was let go of (the store did not answer)."""
    if store.on_server:
        with store.take() as connection:
            own = (_CLAIMS.c.kind == _TASK) & (_CLAIMS.c.key == _task_key(name))
            connection.execute(delete(_CLAIMS).where(own, _CLAIMS.c.worker_id == worker_id))


def _task_key(name: str) -> bytes:
    return name.encode().ljust(16, b"\0")[:16]
