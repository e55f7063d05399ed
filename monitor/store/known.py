"""What the store knows of a batch's records: their Reports, Notices, assessments and brackets, in stored form."""

from collections.abc import Mapping

from sqlalchemy import Connection

from monitor.store.bulk import select_by
from monitor.store.merging import Known
from monitor.store.records import RecordId
from monitor.store.tables import (
    AddressRow,
    AssessmentRow,
    CheckOrigin,
    CheckRow,
    NoticeRow,
    ReportRow,
    TargetRow,
    table_of,
)

_ADDRESSES = table_of(AddressRow)
_ASSESSMENTS = table_of(AssessmentRow)
_CHECKS = table_of(CheckRow)
_NOTICES = table_of(NoticeRow)
_REPORTS = table_of(ReportRow)
_TARGETS = table_of(TargetRow)
_REPORT_COLUMNS = (
    "record_key",
    "target_id",
    "reported_at",
    "address_id",
    "origin_address_id",
    "site_type",
    "known_material",
    "userinfo_dropped",
)


def load_known(connection: Connection, records: Mapping[RecordId, int]) -> dict[RecordId, Known]:
    """What is known of those records that have a Report."""
    found = list(select_by(connection, _REPORTS, _REPORT_COLUMNS, "record_key", records.values()))
    if not found:
        return {}
    targets: dict[int, bytes] = dict(
        select_by(connection, _TARGETS, ("id", "url_index"), "id", {row[1] for row in found})
    )
    wanted = {at for row in found for at in row[3:5] if at is not None}
    addresses: dict[int | None, bytes] = dict(select_by(connection, _ADDRESSES, ("id", "address_index"), "id", wanted))
    by_key = {
        key: Known(
            targets[target],
            reported_at,
            addresses.get(address),
            addresses.get(origin),
            site_type,
            None if known_material is None else bool(known_material),
            bool(userinfo_dropped),
            stored=True,
        )
        for key, target, reported_at, address, origin, site_type, known_material, userinfo_dropped in found
    }
    _add_said(connection, by_key)
    return {record: by_key[key] for record, key in records.items() if key in by_key}


def _add_said(connection: Connection, by_key: Mapping[int, Known]) -> None:
    """Fill in the Notices, assessments and brackets."""
    for key, index in select_by(connection, _NOTICES, ("record_key", "content_index"), "record_key", by_key):
        by_key[key].notices.add(index)
    columns = ("record_key", "assessment", "assessed_at", "withdrawn_at")
    for key, *assessment in select_by(connection, _ASSESSMENTS, columns, "record_key", by_key):
        by_key[key].assessments.add((assessment[0], assessment[1], assessment[2]))
    brackets = f"origin <> {CheckOrigin.LOG:d}"
    for key, origin, at in select_by(
        connection, _CHECKS, ("record_key", "origin", "checked_at"), "record_key", by_key, brackets
    ):
        by_key[key].brackets.add((origin, at))
