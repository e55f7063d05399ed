"""What a batch of Reports brings, and its insertion: reports, Notices, assessments and bracket checks.

What would surprise: a bracket becomes checks of an origin of its own (ONLINE at its last online time, OFFLINE at
its first offline time), so that it never meets a check log.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from monitor.clock import now
from monitor.model.report import Address, Notice, Reject, Target
from monitor.model.words import Cause, Outcome
from monitor.store import contexts
from monitor.store.bulk import Values, allocate, insert_rows, look_up, update_rows, word_ids
from monitor.store.fact_sums import ASSESSMENTS, CHECKS, NOTICES, REPORTS, Sums, inputs_of, sum_reports
from monitor.store.forgetting_messages import remember_messages
from monitor.store.interning import intern_addresses, intern_targets
from monitor.store.merging import AssessmentKey, BracketKey, Known
from monitor.store.records import RecordId, add_records
from monitor.store.sealing import Sealer
from monitor.store.tables import (
    NOT_STATED,
    AddressRow,
    AssessmentRow,
    CheckOrigin,
    CheckRow,
    NoticeRow,
    ReportRow,
    VantageRow,
    table_of,
)
from monitor.store.times import to_micros

_ADDRESSES = table_of(AddressRow)
_ASSESSMENTS = table_of(AssessmentRow)
_CHECKS = table_of(CheckRow)
_NOTICES = table_of(NoticeRow)
_REPORTS = table_of(ReportRow)
_VANTAGES = table_of(VantageRow)
_FILLED = ("address_id", "origin_address_id", "site_type", "known_material", "userinfo_dropped")
_READ_AS = {
    int(CheckOrigin.BRACKET_ONLINE): (int(Outcome.ONLINE), int(Cause.NONE)),
    int(CheckOrigin.BRACKET_OFFLINE): (int(Outcome.OFFLINE), int(Cause.CONTENT)),
}
_NOTICE_COLUMNS = (
    "id",
    "record_key",
    "content_index",
    "kind",
    "status",
    "notified_at",
    "channel",
    "sender",
    "capacity",
    "deadline_hours",
    "reference",
    "party",
    "input_id",
    "row",
)

_AddressKeys = Mapping[bytes | None, int | None]


@dataclass(slots=True)
class ReportRows:
    """What a batch brings; the last value of each entry is the row that brought it."""

    new: dict[RecordId, tuple[Known, int]] = field(default_factory=dict)
    changed: dict[RecordId, Known] = field(default_factory=dict)
    notices: list[tuple[RecordId, bytes, Notice, int]] = field(default_factory=list)
    assessments: list[tuple[RecordId, AssessmentKey]] = field(default_factory=list)
    brackets: list[tuple[RecordId, BracketKey, int]] = field(default_factory=list)
    targets: dict[bytes, Target] = field(default_factory=dict)
    addresses: dict[bytes, Address] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    accepted_rows: list[int] = field(default_factory=list)

    def insert(self, connection: Connection, sealer: Sealer, input_id: int, records: Mapping[RecordId, int]) -> Sums:
        """Write all of it; `records` are the keys of the batch's records that are there already.

        Returns what that adds to the sums of this input, and of others whose reports it fills in.
        """
        sums, before = Sums(sealer), dict(records)
        records = {**records, **add_records(connection, [record for record in self.new if record not in records])}
        addresses = self._address_keys(connection, sealer)
        live = {known.target for (source, _), (known, _) in self.new.items() if source in sealer.spared}
        targets = intern_targets(connection, sealer, self.targets, live)
        reports = [
            (records[record], targets[known.target], known.reported_at, *_filled(known, addresses), input_id, row)
            for record, (known, row) in self.new.items()
        ]
        columns = ("record_key", "target_id", "reported_at", *_FILLED, "input_id", "row")
        insert_rows(connection, _REPORTS, columns, reports)
        changes = [(*_filled(known, addresses), records[record]) for record, known in self.changed.items()]
        changed = [records[record] for record in self.changed]
        sum_reports(connection, sums, changed, -1)
        update_rows(connection, _REPORTS, (*_FILLED, "record_key"), changes)
        sum_reports(connection, sums, changed, 1)
        sums.add(input_id, REPORTS, self._summed_reports(sealer, records))
        sums.add(input_id, NOTICES, self._insert_notices(connection, sealer, input_id, records))
        remember_messages(connection, sealer, {before[record] for record, *_ in self.notices if record in before})
        told_before = inputs_of(connection, {before[record] for record, _ in self.assessments if record in before})
        assessed = self._insert_assessments(connection, records)
        sums.add_stored(ASSESSMENTS, [(told_before.get(row[0], input_id), *row) for row in assessed])
        sums.add(input_id, CHECKS, self._insert_brackets(connection, input_id, records))
        return sums

    def _address_keys(self, connection: Connection, sealer: Sealer) -> _AddressKeys:
        keys = intern_addresses(connection, sealer, self.addresses)
        kept = {index for known in self.changed.values() for index in (known.address, known.origin)} - keys.keys()
        return {**keys, **look_up(connection, _ADDRESSES, "address_index", kept)}

    def _summed_reports(self, sealer: Sealer, records: Mapping[RecordId, int]) -> list[Values]:
        names = {target.host.name for target in self.targets.values()}
        indexes = dict(zip(names, sealer.indexes((name.encode() for name in names), contexts.HOST_NAME), strict=True))
        hosts = {index: indexes[target.host.name] for index, target in self.targets.items()}
        return [
            (
                records[record],
                *record,
                known.target,
                hosts[known.target],
                known.reported_at,
                known.address,
                known.origin,
                known.site_type,
                None if known.known_material is None else int(known.known_material),
                int(known.userinfo_dropped),
                row,
            )
            for record, (known, row) in self.new.items()
        ]

    def _insert_notices(
        self, connection: Connection, sealer: Sealer, input_id: int, records: Mapping[RecordId, int]
    ) -> Iterator[Values]:
        """Returns them as they are summed."""
        keys = allocate(connection, _NOTICES, len(self.notices))
        rows = [
            (key, records[record], index, *_said(sealer, notice), input_id, row)
            for key, (record, index, notice, row) in zip(keys, self.notices, strict=True)
        ]
        insert_rows(connection, _NOTICES, _NOTICE_COLUMNS, rows)
        return ((row[1], *row[3:10], row[2], row[-1]) for row in rows)

    def _insert_assessments(self, connection: Connection, records: Mapping[RecordId, int]) -> list[Values]:
        """Returns them as they are summed."""
        keys, imported_at = allocate(connection, _ASSESSMENTS, len(self.assessments)), to_micros(now())
        rows = [
            (key, records[record], *assessment, imported_at)
            for key, (record, assessment) in zip(keys, self.assessments, strict=True)
        ]
        columns = ("id", "record_key", "assessment", "assessed_at", "withdrawn_at", "imported_at")
        insert_rows(connection, _ASSESSMENTS, columns, rows)
        return [row[1:] for row in rows]

    def _insert_brackets(
        self, connection: Connection, input_id: int, records: Mapping[RecordId, int]
    ) -> Iterator[Values]:
        """Returns them as they are summed."""
        if not self.brackets:
            return iter(())
        vantage = word_ids(connection, _VANTAGES, {NOT_STATED})[NOT_STATED]
        keys = allocate(connection, _CHECKS, len(self.brackets))
        rows = [
            (key, records[record], at, *_READ_AS[origin], origin, vantage, input_id, row)
            for key, (record, (origin, at), row) in zip(keys, self.brackets, strict=True)
        ]
        columns = ("id", "record_key", "checked_at", "outcome", "cause", "origin", "vantage_id", "input_id", "row")
        insert_rows(connection, _CHECKS, columns, rows)
        return ((row[1], row[2], NOT_STATED, row[3], row[4], None, None, row[5], row[-1]) for row in rows)


def _filled(known: Known, addresses: _AddressKeys) -> Values:
    own = (known.site_type, known.known_material, known.userinfo_dropped)
    return (addresses[known.address], addresses[known.origin], *own)


def _said(sealer: Sealer, notice: Notice) -> Values:
    return (
        notice.kind.value,
        notice.status.value,
        to_micros(notice.notified_at),
        None if notice.channel is None else notice.channel.value,
        notice.sender,
        notice.capacity.value,
        None if notice.deadline_hours is None else float(notice.deadline_hours),
        _sealed(sealer, notice.reference, contexts.NOTICE_REFERENCE),
        _sealed(sealer, notice.party, contexts.NOTICE_PARTY),
    )


def _sealed(sealer: Sealer, text: str | None, context: str) -> bytes | None:
    return None if text is None else sealer.seal(text.encode(), context)
