"""CSV and JSON lines: every line that is not blank is accounted for, on its own."""

import io
import json
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.intake import read_reports
from monitor.intake.columns import COLUMNS, lay_out
from monitor.intake.problems import Code, IntakeProblem
from monitor.intake.rows import LONGEST_LINE, lines, parse_csv_line, parse_json_line
from monitor.model.words import InputKind

HEADER = "record_id,url,reported_at"
GOOD = "R{},http://a.example/{},2026-01-01T00:00:00Z"
CHECK_LAYOUT = lay_out(SimpleNamespace(), InputKind.CHECKS, COLUMNS[InputKind.CHECKS], ignore_unknown=False)


def codes(rejects):
    return [(reject.row, reject.code) for reject in rejects]


def test_one_broken_line_costs_one_row_and_row_numbers_stay_right(write, reports_of):
    """Rows after a bad quote, a wrong count, NUL, bad UTF-8 or an endless line are read, with their own numbers."""
    broken = [
        b'R2,"http://a.example/2,2026-01-01T00:00:00Z',
        b"R3,http://a.example/3",
        b"R4,http://a.example/4,2026-01-01T00:00:00Z,surplus",
        b"R5,http://a.example/\0,2026-01-01T00:00:00Z",
        b"R6,http://a.example/\xff,2026-01-01T00:00:00Z",
        b"R7,http://a.example/" + b"x" * 3 * LONGEST_LINE + b",2026-01-01T00:00:00Z",
        b'R8,"http://a.example/8"x,2026-01-01T00:00:00Z',
        b"R9,http://a.ex\rample/,2026-01-01T00:00:00Z",
    ]
    good = [GOOD.format(n, n).encode() for n in (1, 10)]
    path = write(b"\n".join([HEADER.encode(), good[0], *broken, good[1]]))
    values, rejects = reports_of(path)
    assert [(report.row, report.record_id) for report in values] == [(1, "R1"), (10, "R10")]
    assert codes(rejects) == [
        (2, "bad-quoting"),
        (3, "wrong-field-count"),
        (4, "wrong-field-count"),
        (5, "nul"),
        (6, "not-utf8"),
        (7, "line-too-long"),
        (8, "bad-quoting"),
        (9, "bad-quoting"),
    ]


def test_a_byte_order_mark_windows_line_ends_and_blank_lines_do_not_matter(write, reports_of):
    """Blank lines are no rows: they are not counted."""
    text = "\ufeff\r\n" + HEADER + "\r\n\r\n" + GOOD.format(1, 1) + "\r\n \r\n\r\n" + GOOD.format(2, 2)
    values, rejects = reports_of(write(text))
    assert [(report.row, report.record_id) for report in values] == [(1, "R1"), (2, "R2")]
    assert rejects == []


def test_header_case_and_spaces_do_not_matter(write, reports_of):
    """Column names are compared without case and surrounding spaces, quoted or not."""
    values, rejects = reports_of(write(' Record_ID ,"URL", Reported_At\n' + GOOD.format(1, 1)))
    assert len(values) == 1 and not rejects


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_are_recognised_from_the_header(write, reports_of, delimiter):
    """The delimiter that finds most known columns is the file's; commas may then stand in a URL."""
    rows = [HEADER.split(","), ["R1", "http://a.example/1,2", "2026-01-01T00:00:00Z"]]
    values, rejects = reports_of(write("\n".join(delimiter.join(row) for row in rows)))
    assert [report.target.url for report in values] == ["http://a.example/1,2"]
    assert rejects == []


def test_quoted_cells_may_hold_delimiters_and_doubled_quotes(write, reports_of):
    """Quoting is that of RFC 4180."""
    values, rejects = reports_of(write(HEADER + '\nR1,"http://a.example/a,b""c",2026-01-01T00:00:00Z\n'))
    assert values[0].target.url == "http://a.example/a,b%22c"
    assert rejects == []


def test_columns_may_come_in_any_order(write, reports_of):
    """Cells are taken by the header, not by place."""
    values, _ = reports_of(write("reported_at,record_id,url\n2026-01-01T00:00:00Z,R1,http://a.example/\n"))
    assert (values[0].record_id, values[0].target.url) == ("R1", "http://a.example/")


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (b'{"record_id": "R1"', Code.BAD_JSON, None),
        (b'{"deadline_hours": NaN}', Code.BAD_JSON, None),
        (b"[" * 5000, Code.BAD_JSON, None),
        (b'["R1"]', Code.NOT_AN_OBJECT, None),
        (b"[[1, 2]]", Code.NOT_AN_OBJECT, None),
        (b'"R1"', Code.NOT_AN_OBJECT, None),
        (b"null", Code.NOT_AN_OBJECT, None),
        (b'{"ip": "192.0.2.1", "ip": "192.0.2.2"}', Code.DUPLICATE_KEY, None),
        (b'{"ip": "192.0.2.1", " IP ": "192.0.2.2"}', Code.DUPLICATE_KEY, None),
        (b'{"recordid": "R1"}', Code.UNKNOWN_KEY, "record_id"),
        (b'{"http://a.example/": "R1"}', Code.UNKNOWN_KEY, None),
        (b'{"url": {"href": "x"}}', Code.WRONG_TYPE, "url"),
        (b'{"url": ["x"]}', Code.WRONG_TYPE, "url"),
        (b'{"url": true}', Code.WRONG_TYPE, "url"),
        (b'{"url": "\\ud800"}', Code.NOT_UTF8, "url"),
        (b'{"url": "\xff"}', Code.NOT_UTF8, None),
        (b'{"url": "\x00"}', Code.NUL, None),
        (None, Code.LINE_TOO_LONG, None),
    ],
)
def test_bad_json_lines(line, code, field):
    """Each way in which a line is no flat object has its code; an unknown key is answered with the nearest column."""
    problem = parse_json_line(line, InputKind.REPORTS, ignore_unknown=False)
    assert isinstance(problem, IntakeProblem)
    assert (problem.code, problem.field) == (code, field)


def test_json_numbers_flags_and_nulls_are_taken_as_written(write, reports_of, jsonl):
    """A number keeps its digits, true and false are flags, null is an empty cell."""
    record = {
        "record_id": 12345678901234567890,
        "url": "http://a.example/",
        "reported_at": "2026-01-01T00:00:00Z",
        "known_material": True,
        "notice_kind": "order",
        "notified_at": "2026-01-02T00:00:00Z",
        "deadline_hours": 1.5,
        "ip": None,
    }
    values, rejects = reports_of(write(jsonl(record)))
    assert rejects == []
    report = values[0]
    assert (report.record_id, report.known_material, report.address) == ("12345678901234567890", True, None)
    assert report.notice.deadline_hours == 1.5


def test_json_rows_may_leave_out_and_reorder_keys(write, checks_of, jsonl):
    """Every JSON row stands on its own."""
    path = write(
        jsonl(
            {"record_id": "R1", "checked_at": "2026-01-01T00:00:00Z", "outcome": "online"},
            {"outcome": "offline", "reason": "nxdomain", "checked_at": "2026-01-02T00:00:00Z", "record_id": "R1"},
            {"record_id": "R1"},
        )
    )
    values, rejects = checks_of(path)
    assert [check.row for check in values] == [1, 2]
    assert codes(rejects) == [(3, "missing-value")]


def test_unknown_json_keys_are_ignored_on_request(write, checks_of, jsonl):
    """--ignore-unknown drops the key, whatever it holds, and keeps the row."""
    record = {"record_id": "R1", "checked_at": "2026-01-01T00:00:00Z", "outcome": "online", "extra": {"a": [1]}}
    assert codes(checks_of(write(jsonl(record)))[1]) == [(1, "unknown-key")]
    assert len(checks_of(write(jsonl(record)), ignore_unknown=True)[0]) == 1


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 50))
def test_lines_do_not_depend_on_how_the_bytes_are_chunked(parts, size):
    """Splitting the same bytes elsewhere gives the same lines, and none is blank."""
    data = b"\n".join(parts)
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    found = list(lines(chunks))
    assert found == list(lines([data]))
    assert all(line.strip() for line in found)
    expected = [line.rstrip(b"\r") for line in data.split(b"\n")]
    assert found == [line for line in expected if line and not line.isspace()]


def test_an_endless_line_is_not_held_in_memory():
    """A line of any length gives one marker, also as the last one without a line end."""
    endless = (b"x" * 4096 for _ in range(100_000))
    assert list(lines(endless)) == [None]
    assert list(lines([b"a\n" + b"x" * (LONGEST_LINE + 1), b"x\nb"])) == [b"a", None, b"b"]


@settings(derandomize=True, max_examples=600, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text('a,"\r ;\\\x00\u00e9', max_size=40).map(str.encode)))
def test_any_csv_line_gives_cells_or_a_problem(line):
    """No line makes the CSV parser raise."""
    item = parse_csv_line(line, ",", CHECK_LAYOUT)
    assert isinstance(item, IntakeProblem) or len(item) == len(COLUMNS[InputKind.CHECKS])


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*COLUMNS[InputKind.REPORTS], "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(derandomize=True, max_examples=600, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60),
        _json.map(lambda value: json.dumps(value).encode()),
        st.text('{}[]":,ae1\\ud', max_size=30).map(str.encode),
    )
)
def test_any_json_line_gives_cells_or_a_problem(line):
    """No line makes the JSON parser raise."""
    item = parse_json_line(line, InputKind.REPORTS, ignore_unknown=False)
    assert isinstance(item, IntakeProblem) or len(item) == len(COLUMNS[InputKind.REPORTS])


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=50).filter(lambda b: b"\n" not in b), st.integers(0, 9)), max_size=12))
def test_every_row_of_any_file_is_a_value_or_a_reject(tmp_path_factory, rows):
    """Rows read = values + rejects, each row number once, whatever bytes the file holds."""

    content = io.BytesIO()
    content.write(HEADER.encode() + b"\n")
    for row in rows:
        content.write((row if isinstance(row, bytes) else GOOD.format(row, row).encode()) + b"\n")
    path = tmp_path_factory.mktemp("any") / "x"
    path.write_bytes(content.getvalue())
    batches = list(read_reports(path, source="default", timezone=None, batch_rows=3))
    numbers = [item.row for batch in batches for item in (*batch.values, *batch.rejects)]
    n_rows = sum(1 for row in rows if not isinstance(row, bytes) or (row.rstrip(b"\r") and not row.isspace()))
    assert sorted(numbers) == list(range(1, n_rows + 1))
    assert all(batch.n_read == len(batch.values) + len(batch.rejects) for batch in batches)
    assert sum(len(batch.values) for batch in batches) >= sum(isinstance(row, int) for row in rows)
