"""Harnesses of intake: files of reports and checks, Parquet, a Provider's own list.

What must hold: every row read is a value, a duplicate or a reject; nothing is raised but InputError; no message and no
reason repeats text of the file; and what a value holds has passed its column (a host that its URL names, a UTC time).
"""

import gzip
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import zstandard

from fuzz.scratch import as_file, folder
from fuzz.target import Draws, Target
from fuzz.told import error_repeats_nothing, reasons_repeat_nothing
from monitor.errors import InputError
from monitor.intake import Batch, detect, read_checks, read_reports
from monitor.intake.columns import COLUMNS
from monitor.intake.files import InputFile
from monitor.intake.received import ALIASES, read_received
from monitor.model.report import RecordedCheck, Report
from monitor.model.words import InputKind

ZONE = ZoneInfo("Europe/Amsterdam")
LARGEST_PIECE = 64 << 20
"""Bytes that one step of decompression may give: a bomb must not fill the memory."""
Read = Callable[..., Iterator[Batch[Report]] | Iterator[Batch[RecordedCheck]]]

_REPORTS = (
    b"record_id,url,reported_at,notified_at,notice_kind,deadline_hours,ip,site_type\n"
    b"R-1,https://site.example/a.jpg,2026-03-01T09:00:00Z,2026-03-01T10:00:00+01:00,order,12,192.0.2.1,forum\n"
    b"R-2,http://[2001:db8::1]:8080/%7Ea,2026-03-01 09:00,,,,,\n"
)
_MORE_REPORTS = (
    b"record_id;host;reported_at;notice_kind;notified_party;last_online_at;first_offline_at;known_material\r\n"
    b'"R-3";site.example;2026-10-25T02:30:00;request;"Voorbeeld; BV";;;yes\r\n',
    b"record_id\turl\treported_at\nR-4\thttps://xn--bcher-kva.example/?q=1#f\t2026-03-29T02:30\n",
)
_CHECKS = b"record_id,checked_at,outcome,reason,ip,vantage\nR-1,2026-03-02T09:00:00Z,offline,nxdomain,192.0.2.1,v1\n"
_JSON_REPORT = b'{"record_id":"R-1","url":"https://site.example/a","reported_at":"2026-03-01T09:00:00Z"}\n'
_JSON_CHECK = b'{"record_id":"R-1","checked_at":"2026-03-02T09:00:00.5Z","outcome":"online"}\n'
_RECEIVED = (
    b"kenmerk,url,ontvangen_op,afgehandeld_op\nN-1,hxxps://site[.]example/a,2026-03-01T09:00Z,2026-03-02T09:00Z\n",
    b'{"notice_ref":"N-1","received_at":"2026-03-01T09:00:00Z","url":null}\n',
)


def reports(data: bytes) -> None:
    _rows(read_reports, data)


def checks(data: bytes) -> None:
    _rows(read_checks, data)


def _rows(read: Read, data: bytes) -> None:
    draws = Draws(data)
    zone, lenient = draws.one_of((None, ZONE)), draws.flag()
    content = draws.rest()
    path = as_file(content)
    try:
        detect(path, ignore_unknown=lenient)
    except InputError as error:
        error_repeats_nothing(error, content)
    try:
        for batch in read(path, source="fuzz", timezone=zone, ignore_unknown=lenient, batch_rows=7):
            _account(batch, content)
    except InputError as error:
        error_repeats_nothing(error, content)


def _account(batch: Batch[Report] | Batch[RecordedCheck], content: bytes) -> None:
    assert batch.n_read == len(batch.values) + len(batch.rejects)
    assert 0 <= batch.bytes_done <= batch.bytes_total == len(content)
    reasons_repeat_nothing((reject.reason for reject in batch.rejects), content)
    for value in batch.values:
        at = value.reported_at if isinstance(value, Report) else value.checked_at
        offset = at.utcoffset()
        assert offset is not None and not offset
        assert value.record_id == value.record_id.strip() != ""
        if isinstance(value, Report) and value.target.url is not None:
            assert value.target.host.name in value.target.url


def parquet(data: bytes) -> None:
    """A Parquet file of ours with some bytes changed, or bytes that only begin and end like one."""
    draws = Draws(data)
    made = draws.one_of(_parquet_files())
    if draws.flag():
        made = b"PAR1" + draws.rest() + b"PAR1"
    else:
        broken = bytearray(made)
        while draws.more:
            broken[draws.integer(0, len(broken) - 1)] = draws.integer(0, 255)
        made = bytes(broken)
    path = as_file(made)
    try:
        read_received(path, timezone=ZONE)
        for batch in (read_reports, read_checks)[len(data) % 2](path, source="fuzz", timezone=ZONE, batch_rows=7):
            assert batch.n_read == len(batch.values) + len(batch.rejects)
    except InputError as error:
        error_repeats_nothing(error, made)


@cache
def _parquet_files() -> tuple[bytes, ...]:
    tables = (
        "SELECT 'R-1' AS record_id, 'https://site.example/a' AS url, TIMESTAMPTZ '2026-03-01 09:00:00Z' AS reported_at,"
        " 1.5::DECIMAL(4, 2) AS deadline_hours, true AS known_material, '192.0.2.1' AS ip",
        "SELECT 'R-' || i AS record_id, TIMESTAMP '2026-03-01 09:00:00' AS checked_at, 'online' AS outcome,"
        " NULL::VARCHAR AS reason FROM range(20) t(i)",
        "SELECT 'N-1' AS notice_ref, DATE '2026-03-01' AS received_at, ['a', 'b'] AS url",
    )
    return tuple(_copied(table, folder() / "made") for table in tables)


def _copied(table: str, path: Path) -> bytes:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY ({table}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


def received(data: bytes) -> None:
    draws = Draws(data)
    zone, lenient = draws.one_of((None, ZONE)), draws.flag()
    content = draws.rest()
    try:
        made = read_received(as_file(content), timezone=zone, ignore_unknown=lenient)
    except InputError as error:
        error_repeats_nothing(error, content)
        return
    assert made.n_read == len(made.notices) + len(made.rejects) + made.n_duplicate
    reasons_repeat_nothing((reject.reason for reject in made.rejects), content)


def compressed(data: bytes) -> None:
    """Any bytes as a compressed file: whole, cut short or made to swell, what is held at a time stays small."""
    try:
        with InputFile(as_file(data or b"\0")) as file:
            total = 0
            for chunk in file.chunks():
                assert len(chunk) <= LARGEST_PIECE
                total += len(chunk)
                if total > 4 * LARGEST_PIECE:  # streamed, so it may go on for ever
                    break
    except InputError as error:
        error_repeats_nothing(error, data)


def swelling(n_blocks: int) -> bytes:
    """A Zstandard frame of n blocks of four bytes that each stand for 128 KiB of spaces (RFC 8878, 3.1.1)."""
    window = bytes([7 << 3])  # 2 to the power of 17: 128 KiB
    block = lambda last: (last | 1 << 1 | (128 << 10) << 3).to_bytes(3, "little") + b" "  # noqa: E731
    return b"\x28\xb5\x2f\xfd" + b"\0" + window + block(0) * (n_blocks - 1) + block(1)


def _named(kind: InputKind) -> tuple[bytes, ...]:
    return tuple(name.encode() for name in COLUMNS[kind])


_WORDS = (b"online", b"offline", b"inconclusive", b"https://", b"2026-03-01T09:00:00Z", b"order", b"\xef\xbb\xbf")
_SEEDS = (_REPORTS, *_MORE_REPORTS, _JSON_REPORT, gzip.compress(_REPORTS), zstandard.compress(_REPORTS))
TARGETS = {
    "reports": Target(reports, tuple(b"\1\0" + seed for seed in _SEEDS), (*_named(InputKind.REPORTS), *_WORDS), 2048),
    "checks": Target(checks, (b"\1\0" + _CHECKS, b"\0\1" + _JSON_CHECK), (*_named(InputKind.CHECKS), *_WORDS), 2048),
    "parquet": Target(parquet, (b"\0\0", b"\1\0" + bytes(9), b"\2\1\x15\0\x15"), longest=1024),
    "received": Target(
        received, tuple(b"\1\0" + seed for seed in _RECEIVED), tuple(name.encode() for name in ALIASES), 2048
    ),
    "compressed": Target(
        compressed, (gzip.compress(_CHECKS), zstandard.compress(_CHECKS), swelling(3), gzip.compress(bytes(99_999)))
    ),
}
