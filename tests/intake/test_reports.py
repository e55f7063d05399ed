"""Every column of the report format, read and validated."""

from datetime import UTC, datetime

import pytest

from monitor.errors import UsageError
from monitor.intake import read_reports
from monitor.intake.columns import COLUMNS
from monitor.intake.problems import IntakeProblem
from monitor.intake.reports import ReportConverter
from monitor.model.report import Notice, Report
from monitor.model.words import (
    Assessment,
    Capacity,
    HostKind,
    InputKind,
    NoticeChannel,
    NoticeKind,
    NoticeStatus,
    SiteType,
)

LEAST = {"record_id": "R1", "url": "http://a.example/x", "reported_at": "2026-01-01T00:00:00Z"}
NOTIFIED = {**LEAST, "notified_at": "2026-01-02T00:00:00Z"}


def at(day, hour=0):
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def convert(row=1, **cells):
    return ReportConverter("default", None)(row, tuple(cells.get(name, "") for name in COLUMNS[InputKind.REPORTS]))


def problem(**cells):
    with pytest.raises(IntakeProblem) as caught:
        convert(**cells)
    return caught.value.code.value, caught.value.field


def test_the_least_row_has_the_stated_defaults():
    """Record, URL and time suffice: source default, assessment illegal, no Notice, the rest not known."""
    report = convert(row=7, **LEAST)
    assert report == Report(7, "default", "R1", report.target, at(1))
    assert (report.target.url, report.target.host.name, report.target.userinfo_dropped) == (
        "http://a.example/x",
        "a.example",
        False,
    )
    assert report.assessment is Assessment.ILLEGAL


def test_every_column_is_taken():
    """Nothing of a full row is lost."""
    report = convert(
        **NOTIFIED,
        host="A.EXAMPLE",
        source="hotline-1",
        notice_ref="ref 1",
        notice_kind="order",
        notice_status="delivered",
        notice_channel="email",
        notice_sender="Authority One",
        notified_party="Invented Hosting, abuse@a.example",
        notified_capacity="hosting",
        deadline_hours="1",
        assessment="not_illegal",
        assessed_at="2026-01-01T01:00:00Z",
        withdrawn_at="2026-01-03T00:00:00Z",
        ip="192.0.2.1",
        origin_ip="2001:db8::1",
        site_type="image-host",
        known_material="true",
        last_online_at="2026-01-04T00:00:00Z",
        first_offline_at="2026-01-05T00:00:00Z",
    )
    assert report.source == "hotline-1"
    assert report.notice == Notice(
        kind=NoticeKind.ORDER,
        status=NoticeStatus.DELIVERED,
        notified_at=at(2),
        reference="ref 1",
        channel=NoticeChannel.EMAIL,
        sender="Authority One",
        party="Invented Hosting, abuse@a.example",
        capacity=Capacity.HOSTING,
        deadline_hours=1.0,
    )
    assert (report.assessment, report.assessed_at, report.withdrawn_at) == (Assessment.NOT_ILLEGAL, at(1, 1), at(3))
    assert (report.address, report.origin_address) == (
        bytes([192, 0, 2, 1]),
        bytes.fromhex("20010db8" + "0" * 23 + "1"),
    )
    assert (report.site_type, report.known_material) == (SiteType.IMAGE_HOST, True)
    assert (report.last_online_at, report.first_offline_at) == (at(4), at(5))


def test_a_notice_without_kind_is_a_request_of_unknown_status():
    """notified_at alone makes a request whose delivery is not known, to the party attributed, in unknown capacity."""
    assert convert(**NOTIFIED).notice == Notice(NoticeKind.REQUEST, NoticeStatus.UNKNOWN, at(2))


def test_words_are_read_in_any_case():
    """Spreadsheets capitalise."""
    assert convert(**LEAST, assessment="Illegal", site_type="FORUM").site_type is SiteType.FORUM


def test_a_host_alone_is_a_target_whose_path_is_withheld():
    """Without a URL the host suffices, and the Target has no URL."""
    report = convert(record_id="R1", host="192.0.2.9", reported_at=LEAST["reported_at"])
    assert report.target.url is None
    assert report.target.host.kind is HostKind.IPV4


def test_dropped_userinfo_is_flagged():
    """The login in a URL is not kept, but that there was one is."""
    assert convert(**{**LEAST, "url": "http://u:p@a.example/"}).target.userinfo_dropped


def test_an_unknown_word_is_answered_with_the_allowed_ones_only():
    """The reason lists the words of the column and not the word of the row."""
    with pytest.raises(IntakeProblem) as caught:
        convert(**NOTIFIED, notice_status="leaked-word")
    assert (
        caught.value.reason == "The value is none of: sent, delivered, bounced, refused, no-contact, failed, unknown."
    )


@pytest.mark.parametrize(
    "cells",
    [
        {"notice_ref": "x"},
        {"notice_status": "bounced"},
        {"notice_kind": "request"},
        {"notice_channel": "email"},
        {"notice_sender": "x"},
        {"notified_party": "x"},
        {"notified_capacity": "hosting"},
        {"deadline_hours": "1"},
    ],
)
def test_any_notice_field_without_its_time_is_refused(cells):
    """A bounced notice without a time is neither dropped nor given a time."""
    assert problem(**LEAST, **cells) == ("notice-without-time", "notified_at")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"record_id": ""}, ("missing-value", "record_id")),
        ({"reported_at": ""}, ("missing-value", "reported_at")),
        ({"url": ""}, ("missing-value", "url")),
        ({"record_id": "http://a.example/"}, ("looks-like-url", "record_id")),
        ({"source": "a.example"}, ("looks-like-url", "source")),
        ({"source": "x" * 201}, ("bad-text", "source")),
        ({"url": "a.example/x"}, ("no-scheme", "url")),
        ({"host": "a.example/x"}, ("bad-host", "host")),
        ({"host": "b.example"}, ("host-mismatch", "host")),
        ({"notice_kind": "demand"}, ("unknown-word", "notice_kind")),
        ({"notice_channel": "fax"}, ("unknown-word", "notice_channel")),
        ({"notified_capacity": "owner"}, ("unknown-word", "notified_capacity")),
        ({"assessment": "maybe"}, ("unknown-word", "assessment")),
        ({"site_type": "cdn"}, ("unknown-word", "site_type")),
        ({"known_material": "perhaps"}, ("unknown-word", "known_material")),
        ({"notice_sender": "192.0.2.1"}, ("looks-like-url", "notice_sender")),
        ({"notice_ref": "x" * 501}, ("bad-text", "notice_ref")),
        ({"notified_party": "x\x00"}, ("bad-text", "notified_party")),
        ({"deadline_hours": "1"}, ("deadline-without-order", "deadline_hours")),
        ({"notice_kind": "order", "deadline_hours": "13"}, ("deadline-too-long", "deadline_hours")),
        ({"notice_kind": "order", "deadline_hours": "-1"}, ("bad-number", "deadline_hours")),
        ({"notice_kind": "order", "notified_at": ""}, ("order-without-time", "notified_at")),
        ({"ip": "192.0.2"}, ("bad-address", "ip")),
        ({"origin_ip": "a.example"}, ("bad-address", "origin_ip")),
        (
            {"first_offline_at": "2026-01-01T00:00:00Z", "last_online_at": "2026-01-02T00:00:00Z"},
            ("bracket-reversed", "last_online_at"),
        ),
        *(
            ({column: "1989-01-01T00:00:00Z"}, ("time-out-of-range", column))
            for column in (
                "reported_at",
                "notified_at",
                "assessed_at",
                "withdrawn_at",
                "last_online_at",
                "first_offline_at",
            )
        ),
    ],
)
def test_each_column_refuses_what_it_cannot_hold(cells, expected):
    """The code says what is wrong, the field says where."""
    assert problem(**{**NOTIFIED, **cells}) == expected


def test_a_bracket_may_be_half_open_or_a_single_moment():
    """One end of the hotline's own bracket suffices, and both may be the same time."""
    assert convert(**LEAST, last_online_at="2026-01-02T00:00:00Z").first_offline_at is None
    same = {"last_online_at": "2026-01-02T00:00:00Z", "first_offline_at": "2026-01-02T01:00:00+01:00"}
    assert convert(**LEAST, **same).first_offline_at == at(2)


@pytest.mark.parametrize("notified_at", ["2025-06-01T00:00:00Z", "2025-12-31T23:59:30Z", "2026-01-01T00:00:00Z"])
def test_a_notice_before_its_report_is_kept_as_it_was_given(notified_at):
    """One of the two times may be wrong, but a notice is never dropped for it: the freeze tells how many there are."""
    report = convert(**{**NOTIFIED, "notified_at": notified_at})
    assert (report.notice.notified_at, report.reported_at) == (datetime.fromisoformat(notified_at), at(1))


def test_a_source_column_wins_over_the_given_source(write, csv_text, reports_of):
    """--source is for rows without a source of their own."""
    path = write(
        csv_text(
            "record_id,url,reported_at,source",
            *(f"R{n},http://a.example/,2026-01-01T00:00:00Z,{s}" for n, s in enumerate(("own", ""))),
        )
    )
    assert [report.source for report in reports_of(path, source="given")[0]] == ["own", "given"]


def test_a_given_source_that_looks_like_a_host_is_wrong_usage(write, csv_text):
    """The source is stored and published unsealed, so the option is checked as the column is."""
    path = write(csv_text("record_id,url,reported_at"))
    with pytest.raises(UsageError) as caught:
        list(read_reports(path, source="leak.example", timezone=None))
    assert "leak" not in str(caught.value)
