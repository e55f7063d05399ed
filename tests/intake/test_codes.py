"""Every reject code comes out of a real file, and none of them repeats the row."""

import base64
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from monitor.intake import Code
from monitor.intake.rows import LONGEST_LINE

MARK = "zqx-leak-marker"
URL = f"http://{MARK}.example/{MARK}?{MARK}"
DATE = "2026-01-01T00:00:00Z"
REPORT = (
    "record_id,url,host,reported_at,notified_at,notice_kind,notice_status,deadline_hours,"
    "ip,last_online_at,first_offline_at"
)


def report(record_id="R1", url=URL, host="", reported_at=DATE, **rest):
    names = REPORT.split(",")[4:]
    return ",".join([record_id, url, host, reported_at, *(rest.get(name, "") for name in names)])


CSV_ROWS = {
    Code.NOT_UTF8: report().encode() + b"\xff",
    Code.NUL: report().encode() + b"\0",
    Code.LINE_TOO_LONG: report(url=URL + "x" * LONGEST_LINE),
    Code.BAD_QUOTING: '"' + report(),
    Code.WRONG_FIELD_COUNT: URL,
    Code.MISSING_VALUE: report(reported_at=""),
    Code.UNKNOWN_WORD: report(notified_at=DATE, notice_status=URL),
    Code.BAD_TEXT: report(record_id=MARK * 20),
    Code.LOOKS_LIKE_URL: report(record_id=URL),
    Code.BAD_ADDRESS: report(ip=URL),
    Code.BAD_NUMBER: report(notified_at=DATE, notice_kind="order", deadline_hours=URL),
    Code.BAD_TIME: report(reported_at=URL),
    Code.TIME_OUT_OF_RANGE: report(reported_at="1970-01-01T00:00:00Z"),
    Code.TIME_AMBIGUOUS: report(reported_at="2026-10-25T02:30:00"),
    Code.TIME_NONEXISTENT: report(reported_at="2026-03-29T02:30:00"),
    Code.NO_SCHEME: report(url=URL.removeprefix("http://")),
    Code.BAD_SCHEME: report(url=URL.replace("http", "ftp")),
    Code.BAD_URL: report(url=URL.replace(".example", " .example")),
    Code.BAD_HOST: report(url=URL.replace(".example", "..example")),
    Code.BAD_PORT: report(url=URL.replace(".example", ".example:0")),
    Code.CONTROL_CHARACTER: report(url=URL + "\x01x"),
    Code.URL_TOO_LONG: report(url=URL + "x" * 20_000),
    Code.HOST_MISMATCH: report(host=f"{MARK}2.example"),
    Code.NOTICE_WITHOUT_TIME: report(notice_status="bounced"),
    Code.ORDER_WITHOUT_TIME: report(notice_kind="order"),
    Code.DEADLINE_WITHOUT_ORDER: report(notified_at=DATE, deadline_hours="1"),
    Code.DEADLINE_TOO_LONG: report(notified_at=DATE, notice_kind="order", deadline_hours="24"),
    Code.BRACKET_REVERSED: report(last_online_at="2026-01-02T00:00:00Z", first_offline_at=DATE),
}
JSON_ROWS = {
    Code.BAD_JSON: f'{{"url": "{URL}"',
    Code.NOT_AN_OBJECT: f'["{URL}"]',
    Code.DUPLICATE_KEY: f'{{"url": "{URL}", "url": "{URL}"}}',
    Code.UNKNOWN_KEY: f'{{"{URL}": "{URL}"}}',
    Code.WRONG_TYPE: f'{{"url": ["{URL}"]}}',
}
WITHOUT_ZONE = {Code.TIME_WITHOUT_OFFSET: report(reported_at="2026-01-01T00:00:00")}
FORMS = (MARK, quote(URL, safe=""), base64.b64encode(URL.encode()).decode()[:24], MARK.encode().hex())


def test_every_code_has_its_row_here():
    """A new code needs a row that shows it."""
    assert {*CSV_ROWS, *JSON_ROWS, *WITHOUT_ZONE} == set(Code)


def as_bytes(row):
    return row if isinstance(row, bytes) else row.encode()


@pytest.mark.parametrize("code", Code)
def test_each_code_is_given_for_its_row_and_leaks_nothing(write, reports_of, code):
    """The row between two good ones is rejected with this code, and its text is in neither the Reject nor its repr."""
    zone = None if code in WITHOUT_ZONE else ZoneInfo("Europe/Amsterdam")
    if code in JSON_ROWS:
        good = f'{{"record_id": "R0", "url": "http://a.example/", "reported_at": "{DATE}"}}'
        lines = [good, JSON_ROWS[code], good]
    else:
        lines = [REPORT, report(record_id="R0"), {**CSV_ROWS, **WITHOUT_ZONE}[code], report(record_id="R9")]
    values, rejects = reports_of(write(b"\n".join(map(as_bytes, lines))), timezone=zone)
    assert [(reject.row, reject.code) for reject in rejects] == [(2, code.value)]
    assert [value.row for value in values] == [1, 3]
    assert not any(form in repr(rejects) for form in FORMS)
    assert rejects[0].reason.endswith(".")
