"""Outcomes: what the rules made of Observations, and what that means for when a Target is due.

In: conclusions, many at a time, one transaction. What would surprise: nothing here is a fact. Outcomes and Standings
are put in place of earlier ones, and all of them can be made again from the Observations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection, func, select, update

from monitor.model.observation import Anchor, CheckCounts, Due, Standing, Verdict
from monitor.model.words import Outcome
from monitor.store.bulk import select_by, update_rows, upsert_rows
from monitor.store.database import Store
from monitor.store.fetching import fetch_ints
from monitor.store.runs import close_run
from monitor.store.standings import write_anchors, write_standing
from monitor.store.tables import ObservationRow, OutcomeRow, RunRow, ScheduleRow, table_of
from monitor.store.times import to_micros

_OUTCOMES, _SCHEDULE = table_of(OutcomeRow), table_of(ScheduleRow)
_OBSERVATIONS, _RUNS = table_of(ObservationRow), table_of(RunRow)
_COLUMNS = ("observation_id", "outcome", "cause", "rule", "rules_version", "void", "low_confidence", "page")


@dataclass(frozen=True, slots=True)
class Concluded:
    """What one Observation came to, and what is remembered of its Target after it. `due` None: nothing more to do."""

    observation_id: int
    target_id: int
    verdict: Verdict
    rules_version: str
    standing: Standing
    due: Due | None


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The end of a run, to be recorded in the transaction of its conclusions."""

    run_id: int
    at: datetime
    broken_off: bool = False
    n_seen: int | None = None  # how many Observations it has, as far as its judge knows; None: not to be compared
    gets: str = ""  # why GETs of one byte were made in it, for the audit log


class Conclusion(Enum):
    """What became of conclusions that were to be stored."""

    STORED = "stored"
    ENDED = "ended"  # the run had ended already: nothing was stored
    MORE_SEEN = "more seen"  # the run has Observations that nobody concluded from: nothing was stored
    TOLD_MORE = "told more"  # a Target's anchors have changed since it was taken: nothing was stored


def conclude(
    store: Store,
    concluded: Sequence[Concluded],
    end: RunEnd | None = None,
    anchors: Mapping[int, Sequence[Anchor]] | None = None,
) -> Conclusion:
    """Store Outcomes and when their Targets are due next, all of it or nothing; of one Target's the last counts.

    With `end` the run ends in the same transaction. `anchors`: by Target, what its next due time was reckoned from.
    Raises StoreError, StoreBusy.
    """
    last = {each.target_id: each for each in concluded}
    rows = [(*_due(each.due), write_standing(each.standing), target) for target, each in last.items()]
    with store.write() as connection:
        if (held_up := _held_up(connection, end, anchors or {})) is not None:
            return held_up
        _put(connection, concluded)
        update_rows(connection, _SCHEDULE, ("due_at", "why", "standing", "target_id"), rows)
        if end is not None:
            close_run(connection, end.run_id, end.at, broken_off=end.broken_off, gets=end.gets)
    return Conclusion.STORED


def _held_up(connection: Connection, end: RunEnd | None, anchors: Mapping[int, Sequence[Anchor]]) -> Conclusion | None:
    """Why these conclusions are not to be stored as they are."""
    if end is not None:
        run = connection.execute(select(_RUNS.c.ended_at).where(_RUNS.c.id == end.run_id)).one_or_none()
        if run is not None and run.ended_at is not None:
            return Conclusion.ENDED
        seen = select(func.count()).select_from(_OBSERVATIONS).where(_OBSERVATIONS.c.run_id == end.run_id)
        if end.n_seen is not None and connection.execute(seen).scalar_one() != end.n_seen:
            return Conclusion.MORE_SEEN
    found = select_by(connection, _SCHEDULE, ("target_id", "anchors"), "target_id", sorted(anchors))
    if any(write_anchors(anchors[target]) != held for target, held in found):
        return Conclusion.TOLD_MORE
    return None


def replace_outcomes(store: Store, concluded: Sequence[Concluded]) -> None:
    """Put Outcomes and Standings in place of earlier ones, in one transaction; `due` is left to the next planning."""
    last = {each.target_id: each for each in concluded}
    rows = [(write_standing(each.standing), target) for target, each in last.items()]
    with store.write() as connection:
        _put(connection, concluded)
        update_rows(connection, _SCHEDULE, ("standing", "target_id"), rows)


def forget_standings(store: Store) -> None:
    """Before every Outcome is derived anew: no Target is remembered. Due times stay as they are."""
    with store.write() as connection:
        connection.execute(update(_SCHEDULE).values(standing=write_standing(Standing())))


def outcomes_current(store: Store, rules_version: str) -> bool:
    """Whether every Outcome was made by this version of the rules. Looks at all of them: ask once a start."""
    with store.read() as connection:
        other = select(_OUTCOMES.c.observation_id).where(_OUTCOMES.c.rules_version != rules_version).limit(1)
        return connection.scalar(other) is None


def rules_of_first_outcome(store: Store) -> str | None:
    """The version of the rules that made the Outcome of the oldest Observation; None where there is no Outcome."""
    with store.read() as connection:
        first = select(_OUTCOMES.c.rules_version).order_by(_OUTCOMES.c.observation_id).limit(1)
        return connection.scalar(first)


def count_outcomes(store: Store, since: datetime) -> CheckCounts:
    """What the Observations since an instant came to; `due` is how many have an Outcome."""
    at = to_micros(since)
    # By way of the runs, because observations have no index over their time alone.
    lately = f"""observations o ON o.observed_at >= {at:d}
                 AND o.run_id IN (SELECT id FROM runs WHERE ended_at IS NULL OR ended_at >= {at:d})"""  # noqa: S608
    with store.read() as connection:
        outcome, void, counted = fetch_ints(
            connection,
            f"""SELECT c.outcome, CASE WHEN c.void THEN 1 ELSE 0 END AS is_void, count(*)
                FROM outcomes c JOIN {lately} AND o.id = c.observation_id GROUP BY c.outcome, is_void""",  # noqa: S608
            3,
        )
        ((gets,),) = fetch_ints(
            connection,
            f"""SELECT count(*) FROM exchanges e JOIN {lately} AND o.id = e.observation_id
                WHERE e.get_reason IS NOT NULL""",  # noqa: S608 (a number)
            1,
        )
    of = {(row, bool(empty)): int(times) for row, empty, times in zip(outcome, void, counted, strict=True)}
    return CheckCounts(
        due=int(counted.sum()),
        online=of.get((Outcome.ONLINE, False), 0),
        offline=of.get((Outcome.OFFLINE, False), 0),
        inconclusive=of.get((Outcome.INCONCLUSIVE, False), 0),
        void=sum(of.get((value, True), 0) for value in Outcome),
        gets=int(gets),
    )


def _put(connection: Connection, concluded: Sequence[Concluded]) -> None:
    rows = [
        (
            each.observation_id,
            int(each.verdict.outcome),
            int(each.verdict.cause),
            each.verdict.rule,
            each.rules_version,
            each.verdict.void,
            each.verdict.low_confidence,
            each.verdict.page,
        )
        for each in concluded
    ]
    upsert_rows(connection, _OUTCOMES, _COLUMNS, rows)


def _due(due: Due | None) -> tuple[int | None, str | None]:
    return (None, None) if due is None else (to_micros(due.at), due.why.value)
