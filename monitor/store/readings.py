"""Readings out: recorded checks and our own together, as columns ordered by Target, time and content.

What would surprise: no key of the store enters the order, so that two stores with the same facts give the same rows;
recorded checks without a Report are left out.
"""

from collections.abc import Callable

import numpy as np
from sqlalchemy import Connection

from monitor.model.columns import UNKNOWN, Ints, ReadingColumns, ReportColumns, VoidColumns
from monitor.store.bulk import names_by_id
from monitor.store.fetching import by_key, fetch_ints
from monitor.store.own_readings import own_readings, vantage_ranks
from monitor.store.scope import Scope
from monitor.store.tables import CheckOrigin, ReasonRow, table_of

_PAGE_ANSWERS = "page answers"


def all_readings(
    connection: Connection, reports: ReportColumns, trusted: Callable[[str], bool], scope: Scope
) -> tuple[ReadingColumns, VoidColumns]:
    """Recorded and own readings together, by Target, time and content; and our own void checks."""
    recorded, *of_recorded = _recorded_readings(connection, reports, trusted, scope)
    own = own_readings(connection, reports.target_id, scope)
    of_own = (own.code, own.vantage, np.full(len(own.readings), len(reports), np.int64))  # after every Report's
    readings = _joined(recorded, own.readings)
    keys = [np.concatenate(pair) for pair in zip(of_recorded, of_own, strict=True)]
    return readings.take(np.lexsort((*keys, readings.at, readings.target_id))), own.voids


def _joined(first: ReadingColumns, second: ReadingColumns) -> ReadingColumns:
    theirs = second.arrays()
    return ReadingColumns(**{name: np.concatenate((column, theirs[name])) for name, column in first.arrays().items()})


def _recorded_readings(
    connection: Connection, reports: ReportColumns, trusted: Callable[[str], bool], scope: Scope
) -> tuple[ReadingColumns, Ints, Ints, Ints]:
    """In no order, with what orders those of one Target and instant, the least first: origin, vantage, Report."""
    check, record, at, outcome, cause, address, origin, reason, vantage = fetch_ints(
        connection,
        f"""SELECT id, record_key, checked_at, outcome, cause, coalesce(address_id, -1), origin,
                   coalesce(reason_id, -1), vantage_id
            FROM checks WHERE checked_at < {scope.before:d}{scope.of_records}""",  # noqa: S608 (a number)
        9,
    )
    target, rank = by_report(reports, record)
    trust = {source: trusted(source) for source in dict.fromkeys(reports.source.tolist())}
    confirmed = np.array([trust[source] for source in reports.source], dtype=np.bool_)
    pages = [key for key, name in names_by_id(connection, table_of(ReasonRow)).items() if _is_page(name)]
    known = np.flatnonzero(target != UNKNOWN)
    readings = ReadingColumns(
        check_id=check[known],
        target_id=target[known],
        at=at[known],
        outcome=outcome[known].astype(np.int8),
        cause=cause[known].astype(np.int8),
        address=address[known],
        confirmed=confirmed[rank[known]] if len(reports) else np.empty(0, dtype=np.bool_),
        bracket=origin[known] != CheckOrigin.LOG,
        page=np.isin(reason[known], pages),
    )
    return readings, origin[known], vantage_ranks(connection)[vantage[known]], rank[known]


def by_report(reports: ReportColumns, record: Ints) -> tuple[Ints, Ints]:
    """Target and place of the Report of each record, -1 where it has none (yet)."""
    size = int(max(record.max(initial=0), reports.report_id.max(initial=0))) + 1
    target = by_key(reports.report_id, reports.target_id, size, UNKNOWN)
    place = by_key(reports.report_id, np.arange(len(reports), dtype=np.int64), size, UNKNOWN)
    return target[record], place[record]


def _is_page(reason: str) -> bool:
    return reason.strip().casefold().replace("-", " ").replace("_", " ") == _PAGE_ANSWERS
