"""What is known of a record's Report besides its notices: when it came, and what was said of the material.

In: keys of records. Out: a Reported for each. What would surprise: of several assessments the newest holds, by the
times that they state; a report that was withdrawn, or assessed otherwise, keeps its orders and what was seen of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.model.words import Assessment
from monitor.store.bulk import select_by
from monitor.store.database import Store
from monitor.store.tables import AssessmentRow, ReportRow, table_of
from monitor.store.times import from_micros

_ASSESSMENTS, _REPORTS = table_of(AssessmentRow), table_of(ReportRow)


@dataclass(frozen=True, slots=True)
class Assessed:
    """The newest word on the material. `at` None: no time was stated."""

    assessment: Assessment = Assessment.ILLEGAL
    at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """One report as it holds now."""

    reported_at: datetime
    assessed: Assessed


def reported(store: Store, records: Collection[int]) -> dict[int, Reported]:
    """By the key of the record."""
    with store.read() as connection:
        times = select_by(connection, _REPORTS, ("record_key", "reported_at"), "record_key", records)
        return {key: Reported(from_micros(at), newest_assessment(connection, key)) for key, at in times}


def newest_assessment(connection: Connection, record: int) -> Assessed:
    """The one with the latest time in it; of two, the one against nobody. Where none is stated, as an import has it."""
    c = _ASSESSMENTS.c
    found = connection.execute(select(c.assessment, c.assessed_at, c.withdrawn_at).where(c.record_key == record)).all()

    def newness(row: tuple[str, datetime | None, datetime | None]) -> tuple[float, bool]:
        times = [at.timestamp() for at in row[1:] if at is not None]
        cleared_without_time = row[0] == Assessment.NOT_ILLEGAL and row[1] is None
        newest = float("inf") if cleared_without_time else max(times, default=float("-inf"))
        return newest, row[0] != Assessment.ILLEGAL or row[2] is not None

    if not found:
        return Assessed()
    word, at, withdrawn_at = max((tuple(row) for row in found), key=newness)
    return Assessed(Assessment(word), at, withdrawn_at)
