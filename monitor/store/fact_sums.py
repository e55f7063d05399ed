"""What each import brought, as counts and sums that show any later change; kept on the audit log, which is chained.

In: rows of a batch as they are stored, in the transaction that stores them. Out: an entry of the audit log with all
that holds of the input from then on, and, for `monitor verify`, the same from what is there. A sum adds up one keyed
digest of 512 bits for each row (MSet-Add-Hash: Clarke and others, ASIACRYPT 2003), so it needs no order, and a row that
is filled in later is taken out and put in again. What would surprise: no sealed value is in it but its blind index,
whose key no rotation changes; and an input from before there were sums has none: it is counted as not covered.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection

from monitor.store import audit
from monitor.store.bulk import Values, chunks, select_by
from monitor.store.fetching import fetch_rows
from monitor.store.sealing import Sealer
from monitor.store.tables import ReportRow, table_of

ACTION = "import"
"""The action of an entry; its subject is `input N`, its reason the JSON of `Brought`."""
REPORTS, ASSESSMENTS, NOTICES, CHECKS = "reports", "assessments", "notices", "checks"
SUMMED = (REPORTS, ASSESSMENTS, NOTICES, CHECKS)
_BYTES = 64
_MODULUS = 1 << (8 * _BYTES)
_CONTEXT = "inputs.sums"
_REPORTS = table_of(ReportRow)

_STORED = {
    REPORTS: """SELECT r.input_id, r.record_key, s.name, k.record_id, t.url_index, h.name_index, r.reported_at,
            a.address_index, o.address_index, r.site_type, CAST(r.known_material AS INTEGER),
            CAST(r.userinfo_dropped AS INTEGER), r.row
        FROM reports r LEFT JOIN records k ON k.id = r.record_key LEFT JOIN sources s ON s.id = k.source_id
        LEFT JOIN targets t ON t.id = r.target_id LEFT JOIN hosts h ON h.id = t.host_id
        LEFT JOIN addresses a ON a.id = r.address_id LEFT JOIN addresses o ON o.id = r.origin_address_id""",
    ASSESSMENTS: """SELECT r.input_id, a.record_key, a.assessment, a.assessed_at, a.withdrawn_at, a.imported_at
        FROM assessments a LEFT JOIN reports r ON r.record_key = a.record_key""",
    NOTICES: """SELECT input_id, record_key, kind, status, notified_at, channel, sender, capacity, deadline_hours,
            content_index, row
        FROM notices""",
    CHECKS: """SELECT c.input_id, c.record_key, c.checked_at, v.name, c.outcome, c.cause, w.name, a.address_index,
            c.origin, c.row
        FROM checks c LEFT JOIN vantages v ON v.id = c.vantage_id LEFT JOIN reasons w ON w.id = c.reason_id
        LEFT JOIN addresses a ON a.id = c.address_id""",
}
"""The rows of each table as they are summed, behind the input that they count for; another order is another sum.

An assessment counts for the input of its report. Times are microseconds.
"""


@dataclass(slots=True)
class Sums:
    """Rows and their sum, by input and table. `add` and `take_out` get rows without their input."""

    sealer: Sealer
    of: defaultdict[tuple[int | None, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, input_id: int | None, table: str, rows: Iterable[Values], sign: int = 1) -> None:
        """Count rows in, or out where `sign` is -1."""
        begun, total, lines = self.sealer.digester(_CONTEXT, table), 0, _lines(list(rows))
        for line in lines:
            digester = begun.copy()
            digester.update(line)
            total += int.from_bytes(digester.digest())
        if lines:
            known = self.of[input_id, table]
            known[0] += sign * len(lines)
            known[1] = (known[1] + sign * total) % _MODULUS

    def add_stored(self, table: str, rows: Iterable[Values], sign: int = 1) -> None:
        """The same for rows as `_STORED` gives them."""
        for input_id, some in groupby(rows, key=itemgetter(0)):
            self.add(input_id, table, (row[1:] for row in some), sign)

    def join(self, other: "Sums") -> None:
        """Count in what another one counted."""
        for name, (n, total) in other.of.items():
            known = self.of[name]
            known[0] += n
            known[1] = (known[1] + total) % _MODULUS

    @property
    def inputs(self) -> set[int | None]:
        return {input_id for input_id, _ in self.of}


@dataclass(slots=True)
class Brought:
    """All that holds of one input. `file`: kind and SHA-256; `tables`: how many facts of each kind, and their sum."""

    file: str
    accepted: int = 0
    tables: dict[str, tuple[int, int]] = field(default_factory=dict)
    read: int | None = None  # None: not to the end yet
    rejected: int | None = None

    def fact(self, table: str) -> tuple[int, int]:
        return self.tables.get(table, (0, 0))

    def grow(self, input_id: int, sums: Sums) -> None:
        for table in SUMMED:
            (n, total), (more, added) = self.fact(table), sums.of.get((input_id, table), (0, 0))
            if n + more:
                self.tables[table] = n + more, (total + added) % _MODULUS

    def written(self) -> str:
        facts = {table: [n, f"{total:0{2 * _BYTES}x}"] for table, (n, total) in self.tables.items()}
        finished = {} if self.read is None else {"read": self.read, "rejected": self.rejected}
        return to_json({"file": self.file, "accepted": self.accepted, **finished, **facts}).decode()

    @classmethod
    def parse(cls, written: str) -> "Brought":
        """Raises ValueError for what `written` did not write."""
        said: Any = from_json(written)
        try:
            tables = {name: (int(said[name][0]), int(said[name][1], 16)) for name in SUMMED if name in said}
            return cls(str(said["file"]), int(said["accepted"]), tables, said.get("read"), said.get("rejected"))
        except (TypeError, KeyError, IndexError, AttributeError) as error:
            raise ValueError("no counts of an import") from error


def _lines(rows: list[Values]) -> list[bytes]:
    """Each row as JSON without its brackets: written together and cut apart, which takes half the time."""
    lines = _json(rows)[2:-2].split(b"],[") if rows else []
    return lines if len(lines) == len(rows) else [_json(row)[1:-1] for row in rows]  # a text had brackets in it


def _json(value: object) -> bytes:
    return to_json(value, bytes_mode="hex", serialize_unknown=True)


def stored_rows(connection: Connection, table: str) -> Iterator[list[Values]]:
    """Every row of a table as it is summed, in chunks, behind its input."""
    return fetch_rows(connection, _STORED[table])


def sum_reports(connection: Connection, sums: Sums, records: Collection[int], sign: int) -> None:
    """Reports that are there already, before they are filled in (-1) and after (1)."""
    for keys in chunks(sorted(records)):
        listed = ", ".join(f"{key:d}" for key in keys)
        rows = connection.exec_driver_sql(f"{_STORED[REPORTS]} WHERE r.record_key IN ({listed})")
        sums.add_stored(REPORTS, map(tuple, rows), sign)


def inputs_of(connection: Connection, records: Collection[int]) -> dict[int, int]:
    """The input of each of these reports."""
    return dict(select_by(connection, _REPORTS, ("record_key", "input_id"), "record_key", records))


def note(connection: Connection, input_id: int, accepted: int, sums: Sums, new: Brought | None) -> None:
    """Say on the audit log what holds of the input from now on, and of others whose facts were filled in.

    `new`: where nothing was accepted of it before. Of an input from before there were sums nothing is said.
    """
    for each in sorted({input_id, *(key for key in sums.inputs if key is not None)}):
        brought = new if new is not None and each == input_id else brought_by(connection, each)
        if brought is not None:
            brought.accepted += accepted if each == input_id else 0
            brought.grow(each, sums)
            _append(connection, each, brought)


def note_end(connection: Connection, input_id: int, read: int, rejected: int, new: Brought | None) -> None:
    """The same once the file was read to its end."""
    brought = new or brought_by(connection, input_id)
    if brought is not None:
        brought.read, brought.rejected = read, rejected
        _append(connection, input_id, brought)


def brought_by(connection: Connection, input_id: int) -> Brought | None:
    """What the newest entry says; None: the input is not covered."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    statement = f"SELECT reason FROM audit WHERE action = {mark} AND subject = {mark} ORDER BY id DESC LIMIT 1"  # noqa: S608
    found = connection.exec_driver_sql(statement, (ACTION, _subject(input_id))).first()
    return None if found is None else Brought.parse(found[0])


def all_brought(connection: Connection) -> Iterator[tuple[str, str]]:
    """Subject and reason of every entry, oldest first."""
    for rows in fetch_rows(connection, f"SELECT subject, reason FROM audit WHERE action = '{ACTION}' ORDER BY id"):  # noqa: S608
        yield from ((str(subject), str(reason)) for subject, reason in rows)


def _append(connection: Connection, input_id: int, brought: Brought) -> None:
    audit.append(connection, actor="monitor", action=ACTION, subject=_subject(input_id), reason=brought.written())


def _subject(input_id: int) -> str:
    return f"input {input_id}"
