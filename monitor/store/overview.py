"""How the store stands, in counts that take an index or a few thousand rows each: for `status` and for metrics.

In: the store and the present moment. Out: figures without any URL, host, address or record's id; nothing is unsealed.
What would surprise: what was void, and how canaries answered, is said of the newest runs alone, because the whole
history has no index for it and grows for years.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Table, case, func, select, text

from monitor.model.words import HostKind, Outcome, RegistrationStatus
from monitor.store.database import Store
from monitor.store.schema import revision_of
from monitor.store.tables import (
    AddressRow,
    AttributionRow,
    CanaryRow,
    InputRow,
    ObservationRow,
    OutcomeRow,
    RecordRow,
    RegistrationAnswerRow,
    ReportRow,
    RunRow,
    ScheduleRow,
    SourceRow,
    WorkerRow,
    table_of,
)
from monitor.store.times import from_micros
from monitor.store.workers import server_micros

_SCHEDULE, _RUNS, _CANARIES = table_of(ScheduleRow), table_of(RunRow), table_of(CanaryRow)
_OBSERVATIONS, _OUTCOMES = table_of(ObservationRow), table_of(OutcomeRow)
_INPUTS, _RECORDS, _REPORTS = table_of(InputRow), table_of(RecordRow), table_of(ReportRow)
_ADDRESSES, _ATTRIBUTIONS = table_of(AddressRow), table_of(AttributionRow)
_ANSWERS, _WORKERS, _SOURCES = table_of(RegistrationAnswerRow), table_of(WorkerRow), table_of(SourceRow)
_DIGITS = 12
NEWEST_RUNS = 20
FEWEST = 10
"""Of so many checks one comes to an outcome, unless something is wrong with us."""
_NEVER = f"""SELECT h.id FROM hosts h
    WHERE h.kind = '{HostKind.NAME.value}' AND NOT EXISTS (SELECT 1 FROM resolutions r WHERE r.host_id = h.id)"""  # noqa: S608 (a constant)
_NEVER_ASKED = f"""WITH never AS MATERIALIZED ({_NEVER})
    SELECT count(DISTINCT t.host_id) FROM targets t LEFT JOIN schedule s ON s.target_id = t.id
    WHERE t.host_id IN (SELECT id FROM never) AND NOT t.withheld AND t.url IS NOT NULL
    AND (s.due_at IS NOT NULL OR (s.target_id IS NULL AND t.id IN (
        SELECT r.target_id FROM reports r JOIN records k ON k.id = r.record_key WHERE k.source_id IN (%s))))"""  # noqa: S608 (a constant)
"""Planned, or not planned yet though a live source has reported it; a Target that is done with has no `due_at`."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Targets: planned at all, due now, due for longer than allowed, and since when the first of them is due."""

    n_watched: int
    n_due: int
    n_late: int
    oldest_due_at: datetime | None  # None: nothing is due


@dataclass(frozen=True, slots=True)
class RunsLately:
    """The newest runs, at most `NEWEST_RUNS`; what was seen in them and how canaries answered."""

    n_runs: int
    n_open: int  # without an end: going on, or broken off
    n_broken_off: int
    n_unanswered: int  # runs of ten checks and more, not all void, of which not one came to online or offline
    newest_started_at: datetime | None
    newest_ended_at: datetime | None
    n_observations: int
    n_void: int
    n_concluded: int  # with an outcome that says online or offline, and not void
    n_without_observation: int  # runs that saw nothing, such as those in which no canary answered
    canaries: tuple[tuple[int, int, int], ...]  # (IP version, asked, healthy)


@dataclass(frozen=True, slots=True)
class InputsLately:
    """Input files, and rows rejected in those of the last days."""

    n_inputs: int
    n_unfinished: int  # begun and not read to the end
    n_unfinished_lately: int  # in the last days
    unfinished: str  # how the SHA-256 of the newest of those begins; empty where there is none
    newest_at: datetime | None
    n_rejected_lately: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is not known yet."""

    addresses_unattributed: int  # without any attribution made
    addresses_unknown: int  # attributed to nobody by the newest table
    records_waiting: int  # whose checks are here, and whose Report is not
    registrations_failed: int  # questions within the last days that came to nothing
    registrations_asked: int


@dataclass(frozen=True, slots=True)
class WorkersNow:
    """Workers that have not ended: with a heartbeat that holds, and without one."""

    n_alive: int
    n_silent: int
    newest_seen_at: datetime | None  # of the living and of those that have ended


def schema_revision(store: Store) -> str:
    """The revision that the database has; empty where it has none."""
    with store.read() as connection:
        return revision_of(connection) or ""


def database_bytes(store: Store) -> int:
    """How large the database is, with its log on SQLite."""
    with store.read() as connection:
        if store.on_server:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        file = connection.engine.url.database or ""
        n_bytes = int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        n_bytes *= int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    log = Path(f"{file}-wal")
    return n_bytes + (log.stat().st_size if log.is_file() else 0)


def backlog(store: Store, now: datetime, late: timedelta) -> Backlog:
    """What is to be checked; late is what has been due for longer than `late`."""
    c = _SCHEDULE.c
    with store.read() as connection:
        n_watched = connection.scalar(select(func.count()).where(c.due_at.is_not(None)))
        n_due = connection.scalar(select(func.count()).where(c.due_at <= now))
        n_late = connection.scalar(select(func.count()).where(c.due_at <= now - late))
        oldest: datetime | None = connection.scalar(select(func.min(c.due_at)))
    return Backlog(int(n_watched or 0), int(n_due or 0), int(n_late or 0), oldest if n_due else None)


def runs_lately(store: Store, most: int = NEWEST_RUNS) -> RunsLately:
    """Figures of the newest runs, at most so many, without those that only keep what came too late."""
    c = _RUNS.c
    wanted = select(c.id, c.started_at, c.ended_at, c.broken_off).where(~c.late).order_by(c.id.desc()).limit(most)
    with store.read() as connection:
        runs = connection.execute(wanted).all()
        keys = [run.id for run in runs]
        seen = _seen(connection, keys)
        canaries = _canaries(connection, keys)
    ended = [run.ended_at for run in runs if run.ended_at is not None]
    over = {run.id for run in runs if run.ended_at is not None}
    return RunsLately(
        n_runs=len(runs),
        n_open=sum(run.ended_at is None for run in runs),
        n_broken_off=sum(run.broken_off for run in runs),
        newest_started_at=runs[0].started_at if runs else None,
        newest_ended_at=max(ended, default=None),
        n_unanswered=sum(each.unanswered for each in seen if each.run_id in over),
        n_observations=sum(each.n for each in seen),
        n_void=sum(each.n_void for each in seen),
        n_concluded=sum(each.n_concluded for each in seen),
        n_without_observation=len(over - {each.run_id for each in seen}),
        canaries=canaries,
    )


def workers_now(store: Store) -> WorkersNow:
    """Who is at work, by the database's clock."""
    c = _WORKERS.c
    with store.read() as connection:
        moment = from_micros(server_micros(connection))
        alive = func.count(case((c.lapses_at > moment, 1)))
        n, n_alive = connection.execute(select(func.count(), alive).where(c.ended_at.is_(None))).one()
        newest: datetime | None = connection.scalar(select(func.max(c.seen_at)))
    return WorkersNow(int(n_alive), int(n) - int(n_alive), newest)


def inputs_lately(store: Store, since: datetime) -> InputsLately:
    """How many files came in; of those since then, what was rejected and which were not read to their end."""
    c = _INPUTS.c
    late = c.first_imported_at >= since
    lately = func.sum(case((late, func.coalesce(c.n_rejected, 0)), else_=0))
    open_ = late & c.finished_at.is_(None)
    with store.read() as connection:
        counts = (func.count(), func.count(c.finished_at), func.count(case((open_, 1))))
        n, finished, n_open, newest, rejected = connection.execute(
            select(*counts, func.max(c.first_imported_at), lately)
        ).one()
        begun = select(c.sha256).where(open_).order_by(c.first_imported_at.desc(), c.id.desc()).limit(1)
        unfinished = (connection.scalar(begun) or "")[:_DIGITS]
    return InputsLately(int(n), int(n) - int(finished), int(n_open), unfinished, newest, int(rejected or 0))


def hosts_never_resolved(store: Store, live: Sequence[str]) -> int:
    """Named hosts of planned Targets, and of those that a live source reported, about which nobody ever asked."""
    sources = select(_SOURCES.c.id).where(_SOURCES.c.name.in_(list(live)))
    with store.read() as connection:
        if connection.exec_driver_sql(f"{_NEVER} LIMIT 1").first() is None:
            return 0  # as a rule
        keys = ", ".join(str(int(key)) for key in (*connection.scalars(sources), -1))
        return int(connection.exec_driver_sql(_NEVER_ASKED % keys).scalar_one())


def gaps(store: Store, asked_since: datetime) -> Gaps:
    """What is not known yet; of registrations, what was asked since then."""
    c = _ANSWERS.c
    failed = c.status.not_in((RegistrationStatus.FOUND.value, RegistrationStatus.NOT_FOUND.value))
    with store.read() as connection:
        asked, n_failed = connection.execute(
            select(func.count(), func.count(case((failed, 1)))).where(c.asked_at >= asked_since, ~c.recorded)
        ).one()
        return Gaps(
            addresses_unattributed=_never_attributed(connection),
            addresses_unknown=_attributed_to_nobody(connection),
            records_waiting=_count(connection, _RECORDS) - _count(connection, _REPORTS),
            registrations_failed=int(n_failed),
            registrations_asked=int(asked),
        )


def newest_answer(store: Store) -> int:
    """The number of the newest answer of a registry; 0 where there is none."""
    with store.read() as connection:
        return int(connection.scalar(select(func.max(_ANSWERS.c.id))) or 0)


def answers_after(store: Store, newest: int) -> dict[str, int]:
    """How many questions to registries came after that number, by what they came to (`RegistrationStatus`)."""
    c = _ANSWERS.c
    with store.read() as connection:
        found = connection.execute(select(c.status, func.count()).where(c.id > newest, ~c.recorded).group_by(c.status))
        return {status: int(n) for status, n in found}


@dataclass(frozen=True, slots=True)
class _SeenIn:
    """What one run saw. What is not judged yet is neither void nor concluded."""

    run_id: int
    n: int
    n_void: int
    n_concluded: int

    @property
    def unanswered(self) -> bool:
        return self.n - self.n_void >= FEWEST and not self.n_concluded


def _seen(connection: Connection, runs: list[int]) -> list[_SeenIn]:
    """Of the runs that saw anything."""
    c = _OUTCOMES.c
    void = func.count(case((c.void, 1)))
    concluded = func.count(case((~c.void & (c.outcome != Outcome.INCONCLUSIVE.value), 1)))
    wanted = (
        select(_OBSERVATIONS.c.run_id, func.count(), void, concluded)
        .select_from(_OBSERVATIONS.outerjoin(_OUTCOMES, _OUTCOMES.c.observation_id == _OBSERVATIONS.c.id))
        .where(_OBSERVATIONS.c.run_id.in_(runs))
        .group_by(_OBSERVATIONS.c.run_id)
    )
    return [_SeenIn(*map(int, row)) for row in connection.execute(wanted)]


def _canaries(connection: Connection, runs: list[int]) -> tuple[tuple[int, int, int], ...]:
    c = _CANARIES.c
    wanted = select(c.family, func.count(), func.count(case((c.healthy, 1)))).where(c.run_id.in_(runs))
    found = connection.execute(wanted.group_by(c.family).order_by(c.family))
    return tuple((int(family), int(n), int(healthy)) for family, n, healthy in found)


def _never_attributed(connection: Connection) -> int:
    made = select(_ATTRIBUTIONS.c.address_id).where(_ATTRIBUTIONS.c.address_id == _ADDRESSES.c.id).exists()
    known = _ADDRESSES.c.forgotten_at.is_(None)
    return int(connection.scalar(select(func.count()).select_from(_ADDRESSES).where(~made, known)) or 0)


def _attributed_to_nobody(connection: Connection) -> int:
    """Addresses whose newest attribution names no AS."""
    c = _ATTRIBUTIONS.c
    later = _ATTRIBUTIONS.alias()
    replaced = select(later.c.address_id).where(later.c.address_id == c.address_id, later.c.valid_from > c.valid_from)
    wanted = select(func.count()).select_from(_ATTRIBUTIONS).where(c.asn.is_(None), ~replaced.exists())
    return int(connection.scalar(wanted) or 0)


def _count(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)
