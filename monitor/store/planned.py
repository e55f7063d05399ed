"""What the schedule was made from, and which Targets something was told about since then.

In: the settings that plans rest on. Out: a fingerprint in which facts and settings can be told apart, so that after an
import only its own Targets are planned anew. What would surprise: where anything else differs (a setting, a correction,
a fact that is gone, the day) the answer is None, which is all of them; and a new Report needs no look of its own,
because each brings an assessment.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import delete, insert, select

from monitor.model.words import NoticeKind
from monitor.store.bulk import select_by
from monitor.store.database import Store
from monitor.store.fetching import fetch_ints
from monitor.store.tables import (
    AssessmentRow,
    FactCorrectionRow,
    NoticeRow,
    ReportRow,
    ScheduleStateRow,
    table_of,
)

_REPORTS, _NOTICES, _ASSESSMENTS = table_of(ReportRow), table_of(NoticeRow), table_of(AssessmentRow)
_CORRECTIONS, _STATE = table_of(FactCorrectionRow), table_of(ScheduleStateRow)
_COUNTED = ", ".join(
    f"(SELECT count(*) FROM {table.name}), (SELECT coalesce(max({key}), 0) FROM {table.name})"  # noqa: S608 (own names)
    for table, key in ((_REPORTS, "record_key"), (_NOTICES, "id"), (_ASSESSMENTS, "id"), (_CORRECTIONS, "id"))
)
_FACTS = f"SELECT {_COUNTED}"
"""Asked at every turn of the loop: how many facts there are, and the newest."""


class _Facts(NamedTuple):
    """In the order of the statement: of each table the number of rows and the largest key, 0 without any."""

    n_reports: int
    last_report: int
    n_notices: int
    last_notice: int
    n_assessments: int
    last_assessment: int
    n_corrections: int
    last_correction: int


def schedule_fingerprint(
    store: Store,
    sources: Sequence[str],
    rules_version: str,
    norms: Mapping[NoticeKind, float],
    day: date | None = None,
) -> str:
    """Changes when a report, notice, assessment, correction, live source, norm, the rules' version or the day does.

    Facts are only ever added, or taken away whole: counts and largest keys are enough.
    """
    with store.read() as connection:
        facts = [int(column[0]) for column in fetch_ints(connection, _FACTS, len(_Facts._fields))]
    hours = sorted((kind.value, float(norm)) for kind, norm in norms.items())
    settings = sha256(repr((sorted(sources), rules_version, hours)).encode()).hexdigest()
    return " ".join((settings, "" if day is None else day.isoformat(), *map(str, facts)))


def is_planned(store: Store, fingerprint: str) -> bool:
    """Whether the schedule was made from exactly what the fingerprint stands for."""
    return planned_from(store) == fingerprint


def planned_from(store: Store) -> str | None:
    """The fingerprint of what the schedule was made from; None where there is none."""
    with store.read() as connection:
        found: str | None = connection.scalar(select(_STATE.c.fingerprint))
        return found


def mark_planned(store: Store, fingerprint: str) -> None:
    """Remember what the schedule was made from."""
    with store.write() as connection:
        connection.execute(delete(_STATE))
        connection.execute(insert(_STATE).values(id=1, fingerprint=fingerprint))


def told_since(store: Store, before: str | None, now: str) -> list[int] | None:
    """The Targets, by key, whose Reports were told of between two fingerprints; None: any Target may be another's.

    Keys of one table are given in the order in which transactions end, so what is new lies above the largest one.
    """
    old, new = _parts(before), _parts(now)
    if old is None or new is None or old[0] != new[0] or old[1][-2:] != new[1][-2:]:
        return None
    then, by_now = old[1], new[1]
    with store.read() as connection:
        (told,) = fetch_ints(connection, _newer("notices", then.last_notice, by_now.last_notice), 1)
        (assessed,) = fetch_ints(connection, _newer("assessments", then.last_assessment, by_now.last_assessment), 1)
        grown = (by_now.n_notices - then.n_notices, by_now.n_assessments - then.n_assessments)
        records = {*told.tolist(), *assessed.tolist()}
        if grown != (len(told), len(assessed)) or not 0 <= by_now.n_reports - then.n_reports <= len(records):
            return None
        found = select_by(connection, _REPORTS, ("target_id",), "record_key", sorted(records))
        return sorted({target for (target,) in found})


def _newer(table: str, after: int, last: int) -> str:
    return f"SELECT record_key FROM {table} WHERE id > {after:d} AND id <= {last:d}"  # noqa: S608 (own names, numbers)


def _parts(fingerprint: str | None) -> tuple[list[str], _Facts] | None:
    """Settings and day, and the facts; None for what another version wrote."""
    words = (fingerprint or "").split(" ")
    numbers = words[2:]
    if len(numbers) != len(_Facts._fields) or not all(number.isdigit() for number in numbers):
        return None
    return words[:2], _Facts(*map(int, numbers))
