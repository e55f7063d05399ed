"""Runs of our own checks: begun, with their canaries, and ended; and the key under which header values are digested.

What would surprise: a run that has no end was broken off, or goes on in another process; which canary was asked is
not kept, only how it went.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from monitor import __version__
from monitor.errors import RunEnded, StoreError
from monitor.model.observation import CanaryReading, Exchange, Mandate
from monitor.model.words import ExchangeError, Method, Phase, Purpose
from monitor.store import audit, contexts
from monitor.store.bulk import insert_rows, names_by_id, word_ids
from monitor.store.database import Store
from monitor.store.tables import CanaryRow, ObservationRow, RunRow, VantageRow, table_of
from monitor.store.times import to_micros
from monitor.store.workers import lives

_RUNS, _CANARIES = table_of(RunRow), table_of(CanaryRow)
_OBSERVATIONS, _VANTAGES = table_of(ObservationRow), table_of(VantageRow)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run as it is on record. `canaries` in the order in which they were stored."""

    run_id: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    broken_off: bool
    n_due: int
    mandate: Mandate
    canaries: tuple[CanaryReading, ...]
    late: bool = False


def begin_run(
    store: Store,
    *,
    worker: str,
    mandate: Mandate,
    n_due: int,
    at: datetime,
    code_version: str = __version__,
    worker_id: int | None = None,
    late: bool = False,
) -> int:
    """Record that a run begins; returns its key. Raises StoreError, StoreBusy, RunEnded where its worker was ended.

    `late`: it only keeps what was seen in a run that others have ended meanwhile, and no rule will read it.
    """
    row = {
        "worker": worker,
        "started_at": at,
        "broken_off": False,
        "n_due": n_due,
        "mandate": json.dumps(asdict(mandate), sort_keys=True),
        "code_version": code_version,
        "worker_id": worker_id,
        "late": late,
    }
    with store.write() as connection:
        if worker_id is not None and not lives(connection, worker_id):
            raise RunEnded("Others have ended this worker", "It goes on under a new life")
        return int(connection.execute(insert(_RUNS).values(row).returning(_RUNS.c.id)).scalar_one())


def add_canaries(store: Store, run_id: int, readings: Sequence[CanaryReading]) -> None:
    """Store how known-good URLs answered, in one transaction. Raises RunEnded where others have ended the run."""
    columns = ("run_id", "vantage_id", "asked_at", "family", "after", "healthy", "phase", "error", "status")
    with store.write() as connection:
        keep_open(connection, run_id)  # a canary that came later would make it another run, when it is judged again
        vantages = word_ids(connection, _VANTAGES, {each.vantage for each in readings})
        rows = [
            (
                run_id,
                vantages[each.vantage],
                to_micros(each.asked_at),
                each.family,
                each.after,
                each.healthy,
                *_of_exchange(each.exchange),
            )
            for each in readings
        ]
        insert_rows(connection, _CANARIES, columns, rows)


def end_run(store: Store, run_id: int, at: datetime, broken_off: bool = False, gets: str = "") -> None:
    """Record that a run has ended; one that has ended already stays as it is. `gets`: see `close_run`."""
    with store.write() as connection:
        close_run(connection, run_id, at, broken_off=broken_off, gets=gets)


def close_run(connection: Connection, run_id: int, at: datetime, *, broken_off: bool, gets: str = "") -> None:
    """`end_run` within a writing transaction. `gets`: why GETs were made in it; goes on the audit log with its end."""
    open_one = (_RUNS.c.id == run_id) & _RUNS.c.ended_at.is_(None)
    ended = connection.execute(update(_RUNS).where(open_one).values(ended_at=at, broken_off=broken_off)).rowcount == 1
    if ended and gets:
        audit.append(connection, actor="monitor", action="get-one-byte", subject=f"run {run_id}", reason=gets)


def keep_open(connection: Connection, run_id: int) -> None:
    """Within a writing transaction: the run goes on. Raises RunEnded where it has ended."""
    found = connection.execute(select(_RUNS.c.ended_at).where(_RUNS.c.id == run_id)).one_or_none()
    if found is not None and found.ended_at is not None:
        raise RunEnded("Another worker has ended this run", "What came too late is kept, and no rule reads it")


def open_runs(store: Store, *, unowned: bool = False) -> tuple[int, ...]:
    """The runs without an end, oldest first. `unowned`: those alone of which no worker is on record (before 0007)."""
    without_end = _RUNS.c.ended_at.is_(None)
    wanted = without_end & _RUNS.c.worker_id.is_(None) if unowned else without_end
    with store.read() as connection:
        return tuple(int(key) for key in connection.scalars(select(_RUNS.c.id).where(wanted).order_by(_RUNS.c.id)))


def run_ids(store: Store) -> tuple[int, ...]:
    """The runs that have ended, oldest first, without those that only keep what came too late."""
    with store.read() as connection:
        judged = _RUNS.c.ended_at.is_not(None) & ~_RUNS.c.late
        found = connection.scalars(select(_RUNS.c.id).where(judged).order_by(_RUNS.c.id))
        return tuple(int(key) for key in found)


def run_of(store: Store, run_id: int) -> StoredRun:
    """A run and its canaries; of a canary's exchange, phase, error and status are known. Raises StoreError."""
    with store.read() as connection:
        run = connection.execute(select(_RUNS).where(_RUNS.c.id == run_id)).one_or_none()
        if run is None:
            raise StoreError("There is no run of that number")
        canaries = connection.execute(
            select(_CANARIES).where(_CANARIES.c.run_id == run_id).order_by(_CANARIES.c.id)
        ).all()
        vantages = names_by_id(connection, _VANTAGES) if canaries else {}
    return StoredRun(
        run_id=run.id,
        worker=run.worker,
        started_at=run.started_at,
        ended_at=run.ended_at,
        broken_off=run.broken_off,
        n_due=run.n_due,
        mandate=_mandate(run.mandate),
        canaries=tuple(_canary(row, vantages[row.vantage_id]) for row in canaries),
        late=run.late,
    )


def mandates_until(store: Store, before: datetime) -> tuple[Mandate, ...]:
    """The different mandates of the runs that observed anything before an instant, in the order of their first use."""
    observed = (_OBSERVATIONS.c.run_id == _RUNS.c.id) & (_OBSERVATIONS.c.observed_at < before)
    wanted = select(_RUNS.c.mandate).where(select(_OBSERVATIONS.c.id).where(observed).exists())
    with store.read() as connection:
        found = connection.scalars(wanted.order_by(_RUNS.c.started_at, _RUNS.c.mandate)).all()
    return tuple(_mandate(text) for text in dict.fromkeys(found))


def digest_key(store: Store) -> bytes:
    """32 bytes for keyed digests of header values: two blind indexes of constants, so nothing new is to be kept.

    The same for the life of the store's key, and no way back to it. What was digested under another store's key does
    not compare: after a change of keys every Target looks changed until it has a new baseline.
    """
    return b"".join(store.sealer.indexes((b"1", b"2"), contexts.HEADER_DIGEST))


def _of_exchange(exchange: Exchange | None) -> tuple[str | None, str | None, int | None]:
    if exchange is None:
        return None, None, None
    return exchange.phase.value, None if exchange.error is None else exchange.error.value, exchange.status


def _canary(row: "Row[Any]", vantage: str) -> CanaryReading:
    exchange = None
    if row.phase is not None:
        error = None if row.error is None else ExchangeError(row.error)
        exchange = Exchange(Purpose.CANARY, Method.HEAD, Phase(row.phase), error=error, status=row.status)
    return CanaryReading(row.asked_at, vantage, row.family, row.after, row.healthy, exchange)


def _mandate(text: str) -> Mandate:
    return Mandate(**json.loads(text))
