"""Reports in, one transaction a batch: stored, added to what the record said before, known already, or in conflict.

A record's URL, host and time never change: another one is a conflict. A further Notice, assessment or bracket
is added, and what was left empty before is filled in. What would surprise: nothing of a rejected row is stored,
not even its Target.
"""

from collections.abc import Sequence

from monitor.model.report import Reject, Report
from monitor.store.database import Store
from monitor.store.inputs import BatchResult, add_accepted
from monitor.store.known import load_known
from monitor.store.merging import Added, Known, Said, conflict, difference, merge, read_report
from monitor.store.records import RecordId, find_records
from monitor.store.report_rows import ReportRows


def add_reports(store: Store, input_id: int, reports: Sequence[Report]) -> BatchResult:
    """Store a batch: all of it or, when this raises, nothing. Raises StoreError, StoreBusy."""
    said = [((report.source, report.record_id), read_report(store.sealer, report), report) for report in reports]
    with store.write() as connection:
        records = find_records(connection, {record for record, _, _ in said})
        rows = _merge_all(said, load_known(connection, records))
        accepted = len(rows.accepted_rows)
        if accepted:
            sums = rows.insert(connection, store.sealer, input_id, records)
            add_accepted(connection, input_id, accepted, sums)
    duplicate = len(reports) - accepted - len(rows.rejects)
    return BatchResult(accepted, 0, duplicate, tuple(rows.rejects), frozenset(rows.accepted_rows))


def _merge_all(said: Sequence[tuple[RecordId, Said, Report]], known: dict[RecordId, Known]) -> ReportRows:
    rows = ReportRows()
    for record, row, report in said:
        before = known.get(record)
        if before is None:
            before = known[record] = row.begin()
            rows.new[record] = (before, report.row)
            rows.targets[row.target] = report.target
        elif contradiction := conflict(before, row):
            rows.rejects.append(_conflict(report, contradiction))
            continue
        other = difference(before, row)
        added = merge(before, row)
        if other and not added:
            rows.rejects.append(_conflict(report, other))
        elif added:  # a withdrawal or a notice holds, whatever side fact the row gets wrong
            _put_down(rows, record, added, row, report)
            if added.fields and before.stored:
                rows.changed[record] = before
    return rows


def _conflict(report: Report, contradiction: tuple[str, str]) -> Reject:
    column, reason = contradiction
    return Reject(report.row, "conflict", reason, column)


def _put_down(rows: ReportRows, record: RecordId, added: Added, row: Said, report: Report) -> None:
    """Note an accepted row and what it brought."""
    rows.accepted_rows.append(report.row)
    if row.address is not None and report.address is not None:
        rows.addresses[row.address] = report.address
    if row.origin is not None and report.origin_address is not None:
        rows.addresses[row.origin] = report.origin_address
    if added.notice and row.notice is not None and report.notice is not None:
        rows.targets[row.target] = (
            report.target
        )  # its text is put back, where it was forgotten: something happens to it
        rows.notices.append((record, row.notice, report.notice, report.row))
    if added.assessment:
        rows.assessments.append((record, row.assessment))
    rows.brackets.extend((record, bracket, report.row) for bracket in added.brackets)
