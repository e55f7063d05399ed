"""Rows that an import must reject, one for each reason, and four rows that it has seen before.

In: the columns, and good rows of the sample as text. Out: the lines of `rejected.csv`. What would surprise: some lines
are no valid CSV on purpose; every name and address in them is still a documentation one.
"""

import csv
import io
from collections.abc import Mapping, Sequence

Row = Mapping[str, str]

SPOILED: tuple[tuple[str, Row], ...] = (
    ("a date that does not exist", {"reported_at": "2026-02-30T10:00:00Z"}),
    ("a time without an offset", {"reported_at": "2026-02-03 10:00:00"}),
    ("no time of report", {"reported_at": ""}),
    ("a URL without a scheme", {"url": "beeldkade96.example/i/zonder/schema.jpg"}),
    ("a scheme other than http and https", {"url": "ftp://beeldkade96.example/i/ander.jpg"}),
    ("neither URL nor host", {"url": "", "host": ""}),
    ("a URL without a host", {"url": "http://:80/i/geen-host.jpg"}),
    ("no record id", {"record_id": ""}),
    ("a URL where the record id should be", {"record_id": "https://beeldkade96.example/i/verschoven.jpg"}),
    ("a deadline over twelve hours", {"notice_kind": "order", "deadline_hours": "24"}),
    ("a deadline below zero", {"notice_kind": "order", "deadline_hours": "-3"}),
    ("an unknown word for the status", {"notice_status": "verzonden"}),
    ("an unknown word for the kind of site", {"site_type": "plaatjes"}),
    ("an address that is none", {"ip": "192.0.2.999"}),
    ("a flag that is neither true nor false", {"known_material": "misschien"}),
    ("a removal before the last time online", {
        "last_online_at": "2026-03-05T10:00:00Z", "first_offline_at": "2026-03-04T10:00:00Z",
    }),
)  # fmt: skip
"""Each spoils one thing in an otherwise good row."""


def rejected_lines(columns: Sequence[str], good: Sequence[Row]) -> list[str]:
    """The header, twenty lines to reject, four to recognise as duplicates."""
    spoiled = [
        _line(columns, {**good[10 * nth], "record_id": f"HL-2026-00{8001 + nth}", **change})
        for nth, (_, change) in enumerate(SPOILED)
    ]
    conflicts = [
        _line(columns, {**good[300], "url": "https://beeldkade96.example/i/andere/plek.jpg"}),
        _line(columns, {**good[310], "reported_at": "2026-03-01T00:00:00Z"}),
    ]
    whole = _line(columns, {**good[320], "record_id": "HL-2026-008101"})
    broken = [whole.replace("https://", '"https://', 1), whole.replace("\n", ",een veld te veel\n")]
    seen = [_line(columns, good[nth]) for nth in (1, 2, 3, 400)]
    return [",".join(columns) + "\n", *spoiled, *conflicts, *broken, *seen]


def _line(columns: Sequence[str], row: Row) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([row[name] for name in columns])
    return text.getvalue()
