"""The same facts in three containers and three compressions are the same values."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.errors import InputError
from monitor.intake import read_checks

COMPRESSIONS = ["plain", "gz", "zst"]
REPORT_ROWS = [
    {"record_id": "R1", "url": "http://a.example/1", "reported_at": "2026-01-01T00:00:00Z", "ip": "192.0.2.1"},
    {
        "record_id": "R2",
        "url": "https://b\u00fccher.example/?x=1",
        "reported_at": "2026-01-02T03:04:05.678901Z",
        "ip": "",
    },
    {"record_id": "R3", "url": "no scheme", "reported_at": "2026-01-03T00:00:00Z", "ip": ""},
    {"record_id": "R4", "url": "http://[2001:db8::1]/", "reported_at": "2026-01-04T00:00:00Z", "ip": "2001:db8::1"},
]
CHECK_ROWS = [
    {"record_id": "R1", "checked_at": "2026-01-01T00:00:00Z", "outcome": "online", "reason": "", "ip": "192.0.2.1"},
    {"record_id": "R1", "checked_at": "2026-01-02T00:00:00Z", "outcome": "offline", "reason": "nxdomain", "ip": ""},
    {"record_id": "R1", "checked_at": "soon", "outcome": "offline", "reason": "", "ip": ""},
]


def in_each_container(rows, csv_text, jsonl, parquet):
    names = list(rows[0])
    columns = {name: ("VARCHAR", [row[name] or None for row in rows]) for name in names}
    return {
        "csv": csv_text(",".join(names), *(",".join(row.values()) for row in rows)),
        "jsonl": jsonl(*({name: value for name, value in row.items() if value} for row in rows)),
        "parquet": parquet(columns),
    }


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_nine_kinds_of_file_give_equal_values(write, csv_text, jsonl, parquet, reports_of, checks_of, compression):
    """CSV, JSON lines and Parquet, plain, gzip and zstd: equal Reports, RecordedChecks and Rejects."""
    reports = in_each_container(REPORT_ROWS, csv_text, jsonl, parquet)
    results = [reports_of(write(content, compression)) for content in reports.values()]
    assert results[0] == results[1] == results[2]
    values, rejects = results[0]
    assert [report.row for report in values] == [1, 2, 4]
    assert [(reject.row, reject.code) for reject in rejects] == [(3, "no-scheme")]
    assert values[1].reported_at == datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)

    checks = in_each_container(CHECK_ROWS, csv_text, jsonl, parquet)
    results = [checks_of(write(content, compression)) for content in checks.values()]
    assert results[0] == results[1] == results[2]
    assert [check.row for check in results[0][0]] == [1, 2]
    assert [(reject.row, reject.code) for reject in results[0][1]] == [(3, "bad-time")]


def test_typed_parquet_columns_are_read(write, parquet, reports_of):
    """Zoned timestamps are moments, booleans flags, whole numbers identifiers, doubles hours; NULL is empty."""
    zoned = datetime(2026, 1, 1, 12, 0, 0, 250, ZoneInfo("Europe/Amsterdam"))
    columns = {
        "record_id": ("BIGINT", [7, 8]),
        "url": ("VARCHAR", ["http://a.example/", "http://b.example/"]),
        "Reported_At": ("TIMESTAMPTZ", [zoned, zoned]),
        "notified_at": ("TIMESTAMPTZ", [zoned, None]),
        "notice_kind": ("VARCHAR", ["order", None]),
        "deadline_hours": ("DOUBLE", [1.5, None]),
        "known_material": ("BOOLEAN", [True, None]),
    }
    values, rejects = reports_of(write(parquet(columns)))
    assert rejects == []
    first, second = values
    assert (first.record_id, first.known_material, first.notice.deadline_hours) == ("7", True, 1.5)
    assert first.reported_at == zoned
    assert first.reported_at.microsecond == 250
    assert (second.notice, second.known_material) == (None, None)


@pytest.mark.parametrize("type_", ["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_NS"])
def test_parquet_timestamps_without_zone_need_a_timezone(write, parquet, checks_of, type_):
    """A naive timestamp is local time, as a naive text is; infinity is no time."""
    columns = {
        "record_id": ("VARCHAR", ["R1"]),
        "checked_at": (type_, ["2026-07-01 12:00:00"]),
        "outcome": ("VARCHAR", ["online"]),
    }
    path = write(parquet(columns))
    assert [reject.code for reject in checks_of(path)[1]] == ["time-without-offset"]
    values, _ = checks_of(path, timezone=ZoneInfo("Europe/Amsterdam"))
    assert values[0].checked_at == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_dates_and_infinite_times_in_parquet_are_rejected_by_row(write, parquet, checks_of):
    """A date has no hour and infinity no place on the clock: bad times, not errors."""
    for type_, value in (("DATE", "2026-07-01"), ("TIMESTAMPTZ", "infinity")):
        columns = {"record_id": ("VARCHAR", ["R1"]), "checked_at": (type_, [value]), "outcome": ("VARCHAR", ["online"])}
        assert [reject.code for reject in checks_of(write(parquet(columns)))[1]] == ["bad-time"]


@pytest.mark.parametrize("type_", ["VARCHAR[]", "STRUCT(a VARCHAR)", "MAP(VARCHAR, VARCHAR)", "BLOB", "INTERVAL"])
def test_parquet_columns_of_other_types_are_an_error_that_names_the_column(write, parquet, checks_of, type_):
    """Nested and binary columns are not turned into text silently; a column that is ignored may have any type."""
    columns = {name: ("VARCHAR", ["online"]) for name in ("record_id", "checked_at", "outcome")}
    with pytest.raises(InputError, match="'reason'"):
        checks_of(write(parquet({**columns, "reason": (type_, [None])})))
    checks_of(write(parquet({**columns, "other": (type_, [None])})), ignore_unknown=True)


def test_parquet_progress_reaches_the_size_of_the_file(write, parquet):
    """Parquet has no place in the file to report, so the share of its rows stands in."""

    n = 40
    columns = {
        "record_id": ("VARCHAR", ["R1"] * n),
        "checked_at": ("VARCHAR", ["x"] * n),
        "outcome": ("VARCHAR", ["online"] * n),
    }
    path = write(parquet(columns))
    batches = list(read_checks(path, source="default", timezone=None, batch_rows=10))
    size = path.stat().st_size
    assert [batch.bytes_done for batch in batches] == [size * share // 4 for share in (1, 2, 3, 4)]
    assert {batch.bytes_total for batch in batches} == {size}


def test_a_file_name_is_no_pattern(tmp_path, parquet, checks_of):
    """A star in the name of a Parquet file does not make DuckDB read its neighbours."""
    columns = {
        "record_id": ("VARCHAR", ["R1"]),
        "checked_at": ("VARCHAR", ["2026-01-01T00:00:00Z"]),
        "outcome": ("VARCHAR", ["online"]),
    }
    for name in ("a*.parquet", "ab.parquet"):
        (tmp_path / name).write_bytes(parquet(columns))
    assert len(checks_of(tmp_path / "a*.parquet")[0]) == 1
