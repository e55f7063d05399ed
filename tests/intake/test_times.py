"""ISO 8601 text becomes aware UTC, or a problem with a stable code."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.intake.problems import Code, IntakeProblem
from monitor.intake.times import AFTER_LATEST, EARLIEST, TimeReader

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def code_of(text, zone=None):
    with pytest.raises(IntakeProblem) as caught:
        TimeReader(zone).read(text, "reported_at")
    assert caught.value.field == "reported_at"
    assert caught.value.__context__ is None
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T13:05:00Z", "2026-01-31T13:05:00+00:00"),
        ("2026-01-31t13:05:00z", "2026-01-31T13:05:00+00:00"),
        ("2026-01-31 13:05:00+01:00", "2026-01-31T12:05:00+00:00"),
        ("2026-01-31T13:05:00+0130", "2026-01-31T11:35:00+00:00"),
        ("2026-01-31 13:05:00-05", "2026-01-31T18:05:00+00:00"),
        ("2026-01-31T13:05Z", "2026-01-31T13:05:00+00:00"),
        ("2026-01-31T13:05:00.5Z", "2026-01-31T13:05:00.500000+00:00"),
        ("2026-01-31T13:05:00,123456789Z", "2026-01-31T13:05:00.123456+00:00"),
        ("1990-01-01T00:00:00Z", "1990-01-01T00:00:00+00:00"),
        ("2100-12-31T23:59:59Z", "2100-12-31T23:59:59+00:00"),
    ],
)
def test_iso_times_become_utc(text, expected):
    """T or a space, Z or an offset, seconds and fractions or none."""
    at = TimeReader(None).read(text, "reported_at")
    assert at.isoformat() == expected
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-31",
        "20260131T130500Z",
        "2026-W05-1T00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T13:05:60Z",
        "2026-01-31T13:05:00+99:00",
        "31-01-2026 13:05",
        "1767225600",
        "2026-01-31T13:05:00 CET",
        "\u0662\u0660\u0662\u0666-01-31T13:05:00Z",
        "infinite",
        "0000-01-01T00:00:00Z",
    ],
)
def test_what_is_no_iso_time_is_refused(text):
    """A date alone, another notation or an impossible moment is no time."""
    assert code_of(text) is Code.BAD_TIME


@pytest.mark.parametrize(
    "text",
    [
        "1989-12-31T23:59:59Z",
        "1990-01-01T00:30:00+01:00",
        "2101-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_times_before_1990_or_after_2100_are_refused(text):
    """The range is judged in UTC, and the ends of the calendar do not overflow."""
    assert code_of(text) is Code.TIME_OUT_OF_RANGE


def test_a_time_without_offset_needs_a_timezone():
    """Without --timezone a local time is refused, with it it is read there; an own offset always wins."""
    assert code_of("2026-07-01 12:00:00") is Code.TIME_WITHOUT_OFFSET
    local = TimeReader(AMSTERDAM)
    assert local.read("2026-07-01 12:00:00", "x") == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert local.read("2026-01-01 12:00:00", "x") == datetime(2026, 1, 1, 11, tzinfo=UTC)
    assert local.read("2026-07-01 12:00:00Z", "x") == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_local_times_around_a_clock_change_are_refused_not_guessed():
    """The hour that comes twice and the hour that is skipped have codes of their own; their neighbours are fine."""
    assert code_of("2026-10-25T02:30:00", AMSTERDAM) is Code.TIME_AMBIGUOUS
    assert code_of("2026-03-29T02:30:00", AMSTERDAM) is Code.TIME_NONEXISTENT
    local = TimeReader(AMSTERDAM)
    assert local.read("2026-10-25T03:00:00", "x") == datetime(2026, 10, 25, 2, tzinfo=UTC)
    assert local.read("2026-10-25T01:59:59", "x") == datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC)
    assert local.read("2026-03-29T03:00:00", "x") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert local.read("2026-10-25T02:30:00+02:00", "x") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_optional_time_may_be_empty():
    """An empty cell is not known, not a bad time."""
    assert TimeReader(None).read_optional("", "assessed_at") is None


@settings(derandomize=True, max_examples=300, deadline=None)
@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 30)),  # noqa: DTZ001 the offset is drawn apart
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
)
def test_a_written_time_is_read_back(naive, minutes, separator):
    """Any moment with any offset comes back as the same moment."""
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert TimeReader(None).read(moment.isoformat(separator), "x") == moment


@settings(derandomize=True, max_examples=600, deadline=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.text("0123456789-:T Z+.,", max_size=30),
        st.from_regex(
            r"\A[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?(Z|[+-][0-9]{2}:?[0-9]{2})?\Z"
        ),
    ),
    st.sampled_from([None, AMSTERDAM, ZoneInfo("Pacific/Apia")]),
)
def test_any_text_is_a_time_in_range_or_an_intake_problem(text, zone):
    """No cell makes the reader raise anything else, and whatever it gives is aware UTC within the range."""
    try:
        at = TimeReader(zone).read(text, "reported_at")
    except IntakeProblem:
        return
    assert at.tzinfo is UTC
    assert EARLIEST <= at < AFTER_LATEST
