"""Corrections of facts as the facts are read: which reports are excluded, what holds of a notice instead.

In: the log, and columns or rows as they lie in the database. Out: the same with the corrections in force applied, and
how many there are in a Period, by kind and reason. What would surprise: where nobody corrected anything, one question
to an empty table is all that this costs, and no value is touched.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from monitor.model.breakdown import CorrectedFacts
from monitor.model.columns import Flags, Ints, Texts
from monitor.model.fact_correction import CorrectionKind, FactCorrection, StatedNotice
from monitor.store import contexts
from monitor.store.bulk import select_by
from monitor.store.database import Store
from monitor.store.fact_corrections import in_force, read_log
from monitor.store.records import RecordId, find_records
from monitor.store.sealing import Sealer
from monitor.store.tables import NoticeRow, ReportRow, table_of
from monitor.store.times import from_micros, to_micros

_REPORTS, _NOTICES = table_of(ReportRow), table_of(NoticeRow)
_Message = tuple[str, int, bytes | None]
"""A notice of a record: kind, time that was stated (microseconds), reference."""


@dataclass(frozen=True, slots=True)
class Instead:
    """What holds of a notice and why; None: what was stated. `at` in microseconds UTC."""

    status: str | None = None
    at: int | None = None
    status_why: str | None = None
    at_why: str | None = None

    @property
    def why(self) -> str | None:
        """Each reason once."""
        return "; ".join(dict.fromkeys(filter(None, (self.status_why, self.at_why)))) or None


_AS_STATED = Instead()


@dataclass(frozen=True, slots=True)
class CorrectionsInForce:
    """By the store's key of the record. Empty, and then false, where nothing is corrected."""

    excluded: frozenset[int]
    notices: dict[int, dict[_Message, Instead]]
    sealer: Sealer

    def __bool__(self) -> bool:
        return bool(self.excluded or self.notices)

    @property
    def retimed(self) -> list[int]:
        """The records of which a notice has another time than was stated, ascending."""
        return sorted(key for key, said in self.notices.items() if any(i.at is not None for i in said.values()))

    def left(self, report_ids: Ints, eligible: Flags) -> Flags:
        """Which of these reports still count."""
        if not self.excluded:
            return eligible
        left: Flags = eligible & ~np.isin(report_ids, sorted(self.excluded))
        return left

    def holds(self, record: int, kind: str, at: int, reference: bytes | None, status: str) -> tuple[int, str]:
        """The time (microseconds) and status that hold of a notice, given what was stated; `reference` sealed."""
        instead = self.instead(record, kind, at, reference)
        return (at if instead.at is None else instead.at), instead.status or status

    def instead(self, record: int, kind: str, at: int, reference: bytes | None) -> Instead:
        """What was corrected of a notice, given what was stated; `reference` sealed."""
        said = self.notices.get(record)
        if said is None:
            return _AS_STATED
        opened = None if reference is None else self.sealer.unseal(bytes(reference), contexts.NOTICE_REFERENCE)
        return said.get((kind, at, opened), _AS_STATED)

    def put_right(self, record: Ints, kind: Texts, at: Ints, reference: Texts, status: Texts) -> list[int]:
        """Aligned columns of notices, times and statuses corrected in place; gives the places that were looked at."""
        if not self.notices:
            return []
        places = np.flatnonzero(np.isin(record, list(self.notices))).tolist()
        for n in places:
            at[n], status[n] = self.holds(int(record[n]), kind[n], int(at[n]), reference[n], status[n])
        return list(places)


def read_in_force(connection: Connection, sealer: Sealer) -> CorrectionsInForce:
    """What is corrected now. Raises KeyProblem where a correction does not open."""
    found = in_force(read_log(connection, sealer))
    keys = find_records(connection, set(map(_about, found))) if found else {}
    notices: defaultdict[int, dict[_Message, Instead]] = defaultdict(dict)
    excluded = set()
    for each in found:
        key = keys.get(_about(each))
        if key is None:  # the record was forgotten
            continue
        if each.kind is CorrectionKind.EXCLUSION:
            excluded.add(key)
        for notice in each.notices:
            message = _message(notice)
            notices[key][message] = _changed(notices[key].get(message, _AS_STATED), each)
    return CorrectionsInForce(frozenset(excluded), dict(notices), sealer)


def repeated(places: Iterable[int], *columns: Sequence[Any] | NDArray[Any]) -> list[int]:
    """Those of the places whose values are all those of an earlier one: corrected statements can become alike."""
    seen: set[tuple[Any, ...]] = set()
    again = []
    for n in places:
        values = tuple(column[n] for column in columns)
        if values in seen:
            again.append(n)
        seen.add(values)
    return again


def corrections_of(store: Store, record: RecordId) -> tuple[FactCorrection, ...]:
    """The corrections in force on one record, oldest first; of several about the same thing the last one holds."""
    with store.read() as connection:
        found = in_force(read_log(connection, store.sealer))
    return tuple(each for each in found if _about(each) == record)


def corrected_in(store: Store, start: datetime, end: datetime) -> tuple[CorrectedFacts, ...]:
    """How many notices and reports of the half-open span (aware UTC) are corrected, by kind and reason.

    A notice belongs where it lies before or after its correction, a report where a notice of it does, or else the
    report itself. Ordered by kind and reason.
    """
    with store.read() as connection:
        found = in_force(read_log(connection, store.sealer))
        times = _times_of(connection, set(map(_about, found))) if found else {}
    last = {(each.kind, _about(each), notice): each for each in found for notice in each.notices or (None,)}
    moved: defaultdict[object, list[datetime]] = defaultdict(list)
    for (_, record, notice), each in last.items():
        if each.notified_at is not None:
            moved[record, notice].append(each.notified_at)
            times.setdefault(record, []).append(each.notified_at)
    counts: Counter[tuple[str, str]] = Counter()
    for (kind, record, notice), each in last.items():
        at = times.get(record, []) if notice is None else [notice.at, *moved[record, notice]]
        if any(start <= instant < end for instant in at):
            counts[kind.value, each.why] += 1
    return tuple(CorrectedFacts(kind, why, n) for (kind, why), n in sorted(counts.items()))


def _times_of(connection: Connection, records: set[RecordId]) -> dict[RecordId, list[datetime]]:
    """When each record was notified, or, where it never was, reported."""
    keys = find_records(connection, records)
    notified: defaultdict[int, list[datetime]] = defaultdict(list)
    for key, at in select_by(connection, _NOTICES, ("record_key", "notified_at"), "record_key", keys.values()):
        notified[key].append(from_micros(at))
    reported: dict[int, int] = dict(
        select_by(connection, _REPORTS, ("record_key", "reported_at"), "record_key", keys.values())
    )
    return {record: notified[key] or [from_micros(reported[key])] for record, key in keys.items() if key in reported}


def _about(each: FactCorrection) -> RecordId:
    return each.source, each.record_id


def _message(notice: StatedNotice) -> _Message:
    return notice.kind.value, to_micros(notice.at), None if notice.reference is None else notice.reference.encode()


def _changed(before: Instead, each: FactCorrection) -> Instead:
    if each.status is not None:
        return replace(before, status=each.status.value, status_why=each.why)
    return before if each.notified_at is None else replace(before, at=to_micros(each.notified_at), at_why=each.why)
