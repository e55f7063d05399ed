"""The schedule: which Targets are to be planned, from which points in time, and the plans in.

Idempotent by a fingerprint (`planned.py`), as attributions are. What would surprise: a Target is live if the source of
any of its Reports is, and then the notices of all its Reports count; one whose path was withheld is never planned.
`mark_planned` must be called last, with the fingerprint taken before the Targets were read.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from sqlalchemy import Connection, select

from monitor.model.observation import Anchor, Due, Standing
from monitor.model.words import NoticeKind, NoticeStatus
from monitor.store.assessments import ASSESSMENTS, newest
from monitor.store.bulk import chunks, select_by, update_rows, upsert_rows
from monitor.store.corrected_facts import CorrectionsInForce, read_in_force
from monitor.store.database import Store
from monitor.store.fetching import fetch_ints, ints
from monitor.store.sealing import Sealer
from monitor.store.standings import read_anchors, read_standing, write_anchors, write_standing
from monitor.store.tables import (
    AssessmentRow,
    FactCorrectionRow,
    NoticeRow,
    ReportRow,
    ScheduleRow,
    ScheduleStateRow,
    SourceRow,
    table_of,
)
from monitor.store.times import from_micros, to_micros
from monitor.store.vaulting import URLS, openable

_REPORTS, _NOTICES, _ASSESSMENTS = table_of(ReportRow), table_of(NoticeRow), table_of(AssessmentRow)
_CORRECTIONS, _SOURCES = table_of(FactCorrectionRow), table_of(SourceRow)
_SCHEDULE, _STATE = table_of(ScheduleRow), table_of(ScheduleStateRow)
_TELLING = [status.value for status in NoticeStatus if status.starts_clock]
_TARGETS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class TargetToPlan:
    """A live Target: the points from which its schedule runs, by time, and what is remembered of it, if anything."""

    target_id: int
    anchors: tuple[Anchor, ...]
    standing: Standing | None


PlanBatch = tuple[TargetToPlan, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """When a Target is due (None: nothing more to do), and all that planning its next Check needs."""

    target_id: int
    due: Due | None
    anchors: tuple[Anchor, ...]
    standing: Standing


def targets_to_plan(
    store: Store,
    sources: Sequence[str],
    *,
    batch: int = _TARGETS_AT_ONCE,
    only: Collection[int] | None = None,
    among: Collection[int] | None = None,
) -> Iterator[PlanBatch]:
    """Every Target with a URL that a Report of these sources names, by key. Plans may be written while this runs.

    `only`: these Targets alone, whatever names them. `among`: of these alone those that are named so.

    Anchors are the Notices that told anybody (sent, delivered, unknown) about a Report assessed illegal and not
    withdrawn; the first such Report where there is none; nothing, and so no check, where there is no such Report.
    """
    with store.read() as connection:
        live = sorted(only) if only is not None else _live_targets(connection, store.sealer, sources, among)
    for some in chunks(live, batch):
        with store.read() as connection:
            anchors = _anchors_of(connection, some, read_in_force(connection, store.sealer))
            standings: dict[int, str] = dict(
                select_by(connection, _SCHEDULE, ("target_id", "standing"), "target_id", some)
            )
        yield tuple(
            TargetToPlan(key, anchors[key], read_standing(standings[key]) if key in standings else None) for key in some
        )


def plan_targets(store: Store, plans: Sequence[Plan], known: Mapping[int, Standing | None] | None = None) -> set[int]:
    """Put plans in place of those that were there, in one transaction. Raises StoreError, StoreBusy.

    `known`: what each Target's Standing was when its plan was made (None: it had no plan). Those of which more is
    remembered by now, because a worker has checked them meanwhile, are left as they are and returned.
    """
    columns = ("target_id", "due_at", "why", "anchors", "standing")
    with store.write() as connection:
        passed = set() if known is None else _changed(connection, known)
        rows = [
            (each.target_id, *_due(each.due), write_anchors(each.anchors), write_standing(each.standing))
            for each in plans
            if each.target_id not in passed
        ]
        upsert_rows(connection, _SCHEDULE, columns, rows)
    return passed


def postpone(store: Store, target_ids: Iterable[int], due: Due) -> None:
    """Have Targets wait until then, whatever else is planned of them."""
    with store.write() as connection:
        rows = [(*_due(due), key) for key in sorted(set(target_ids))]
        update_rows(connection, _SCHEDULE, ("due_at", "why", "target_id"), rows)


def _changed(connection: Connection, known: Mapping[int, Standing | None]) -> set[int]:
    """The Targets whose Standing is not the one that is known."""
    held = select_by(connection, _SCHEDULE, ("target_id", "standing"), "target_id", sorted(known))
    found = {key: read_standing(text) for key, text in held}
    return {key for key, standing in known.items() if found.get(key) != standing}


def _due(due: Due | None) -> tuple[int | None, str | None]:
    return (None, None) if due is None else (to_micros(due.at), due.why.value)


def plans_of(store: Store, target_ids: Iterable[int]) -> dict[int, tuple[tuple[Anchor, ...], Standing]]:
    """Anchors and Standing of the Targets that were ever planned."""
    wanted, columns = sorted(set(target_ids)), ("target_id", "anchors", "standing")
    with store.read() as connection:
        found = list(select_by(connection, _SCHEDULE, columns, "target_id", wanted))
    return {key: (read_anchors(anchors), read_standing(standing)) for key, anchors, standing in found}


def drop_plans_of_others(store: Store, sources: Sequence[str]) -> int:
    """Take from the schedule the Targets that no live source names any more; says how many. They stay on record."""
    with store.write() as connection:
        (due,) = fetch_ints(connection, "SELECT target_id FROM schedule WHERE due_at IS NOT NULL", 1)
        others = np.setdiff1d(due, ints(_live_targets(connection, store.sealer, sources)))
        update_rows(
            connection,
            _SCHEDULE,
            ("due_at", "why", "target_id"),
            [(None, None, key) for key in others.tolist()],
        )
    return len(others)


def _live_targets(
    connection: Connection, sealer: Sealer, sources: Sequence[str], among: Collection[int] | None = None
) -> list[int]:
    """The keys of the Targets with a URL that a Report of these sources names, ascending; of `among`, if given.

    Without those in the vault, for a key file that cannot open it: one of them would end the whole round.
    """
    found = connection.scalars(select(_SOURCES.c.id).where(_SOURCES.c.name.in_(list(sources)))).all()
    if not found:
        return []
    keys = ", ".join(str(int(key)) for key in found)
    parts = [""] if among is None else [f"AND t.id IN ({_listed(some)})" for some in chunks(sorted(among))]
    live = [
        fetch_ints(
            connection,
            f"""SELECT DISTINCT t.id FROM records k JOIN reports r ON r.record_key = k.id
                                                    JOIN targets t ON t.id = r.target_id
                WHERE k.source_id IN ({keys}) AND NOT t.withheld AND t.url IS NOT NULL {part} ORDER BY t.id""",  # noqa: S608 (numbers)
            1,
        )[0]
        for part in parts
    ]
    return list(chain.from_iterable(openable(connection, sealer, URLS, some).tolist() for some in live))


def _listed(keys: Collection[int]) -> str:
    return ", ".join(f"{key:d}" for key in keys)


def _anchors_of(
    connection: Connection, targets: Collection[int], corrected: CorrectionsInForce
) -> dict[int, tuple[Anchor, ...]]:
    """From eligible Reports alone: a Target whose every Report is withdrawn or not illegal has none."""
    reports = list(select_by(connection, _REPORTS, ("record_key", "target_id", "reported_at"), "target_id", targets))
    eligible = set(_eligible(connection, {record for record, _, _ in reports})) - corrected.excluded
    first: dict[int, int] = {}
    for record, target, at in reports:
        if record in eligible:
            first[target] = min(at, first.get(target, at))
    target_of = {record: target for record, target, _ in reports}
    told: defaultdict[int, set[tuple[int, str, float | None]]] = defaultdict(set)
    columns = ("record_key", "notified_at", "kind", "status", "deadline_hours", "reference")
    for record, at, kind, status, deadline, ref in select_by(connection, _NOTICES, columns, "record_key", eligible):
        at, status = corrected.holds(record, kind, at, ref, status)  # noqa: PLW2901 (what was stated is of no use)
        if status in _TELLING:
            told[target_of[record]].add((at, kind, deadline))
    anchors: dict[int, tuple[Anchor, ...]] = {key: (Anchor(from_micros(at)),) for key, at in first.items()}
    for target, notices in told.items():
        anchors[target] = tuple(
            Anchor(from_micros(at), NoticeKind(kind), deadline)
            for at, kind, deadline in sorted(notices, key=lambda one: (one[0], one[1], one[2] or 0.0))
        )
    return {target: anchors.get(target, ()) for target in targets}


def _eligible(connection: Connection, records: Collection[int]) -> list[int]:
    """Those of the records that are assessed illegal and not withdrawn."""
    eligible: dict[int, bool] = {}
    for some in chunks(records):
        columns = fetch_ints(connection, f"{ASSESSMENTS} WHERE record_key IN ({_listed(some)})", 5)
        eligible.update(zip(*(column.tolist() for column in newest(columns)), strict=True))
    return [record for record, held in eligible.items() if held]
