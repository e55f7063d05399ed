"""What a record's report says of itself, to be said once more beside a new notice: nothing of it changes by that."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from monitor.model.words import Assessment
from monitor.store.database import Store
from monitor.store.lookup import FoundRecord
from monitor.store.records import find_records
from monitor.store.tables import AssessmentRow, ReportRow, table_of

_ASSESSMENTS, _REPORTS = table_of(AssessmentRow), table_of(ReportRow)


@dataclass(frozen=True, slots=True)
class Stated:
    """When it was reported, and one of the assessments that it has."""

    reported_at: datetime
    assessment: Assessment
    assessed_at: datetime | None
    withdrawn_at: datetime | None


def stated_of(store: Store, record: FoundRecord) -> Stated:
    """Of a record that `find_record` found."""
    name = (record.source, record.record_id)
    with store.read() as connection:
        key = find_records(connection, [name])[name]
        reported_at = connection.scalar(select(_REPORTS.c.reported_at).where(_REPORTS.c.record_key == key))
        c = _ASSESSMENTS.c
        assessed = connection.execute(
            select(c.assessment, c.assessed_at, c.withdrawn_at).where(c.record_key == key).order_by(c.id)
        ).first()
    assert reported_at is not None
    if assessed is None:
        return Stated(reported_at, Assessment.ILLEGAL, None, None)
    return Stated(reported_at, Assessment(assessed.assessment), assessed.assessed_at, assessed.withdrawn_at)
