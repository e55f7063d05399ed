"""Every column of the check format, read and validated."""

from datetime import UTC, datetime

import pytest

from monitor.intake.checks import CheckConverter
from monitor.intake.columns import COLUMNS
from monitor.intake.problems import IntakeProblem
from monitor.model.report import RecordedCheck
from monitor.model.words import Cause, InputKind, Outcome

LEAST = {"record_id": "R1", "checked_at": "2026-01-01T00:00:00Z", "outcome": "online"}


def convert(row=1, **cells):
    return CheckConverter("default", None)(row, tuple(cells.get(name, "") for name in COLUMNS[InputKind.CHECKS]))


def test_the_least_and_the_full_row():
    """Record, time and outcome suffice; reason, address and vantage are kept."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert convert(row=3, **LEAST) == RecordedCheck(3, "default", "R1", moment, Outcome.ONLINE, Cause.NONE)
    full = {**LEAST, "source": "s", "outcome": "Offline", "reason": "gone", "ip": "192.0.2.1", "vantage": "nl-1"}
    assert convert(**full) == RecordedCheck(
        1, "s", "R1", moment, Outcome.OFFLINE, Cause.CONTENT, "gone", bytes([192, 0, 2, 1]), "nl-1"
    )


@pytest.mark.parametrize(
    ("outcome", "reason", "cause"),
    [
        ("offline", "nxdomain", Cause.DOMAIN),
        ("offline", "NXDOMAIN", Cause.DOMAIN),
        ("offline", "no-address", Cause.DOMAIN),
        ("offline", "refused", Cause.HOST),
        ("offline", "http-404", Cause.CONTENT),
        ("offline", "", Cause.CONTENT),
        ("online", "nxdomain", Cause.NONE),
        ("inconclusive", "refused", Cause.NONE),
    ],
)
def test_the_cause_follows_from_the_reason_of_an_offline_check(outcome, reason, cause):
    """A vanished name is not the hoster's removal; only offline has a cause."""
    assert convert(**{**LEAST, "outcome": outcome, "reason": reason}).cause is cause


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"record_id": ""}, ("missing-value", "record_id")),
        ({"checked_at": ""}, ("missing-value", "checked_at")),
        ({"outcome": ""}, ("missing-value", "outcome")),
        ({"outcome": "up"}, ("unknown-word", "outcome")),
        ({"checked_at": "2026-01-01T00:00:00"}, ("time-without-offset", "checked_at")),
        ({"record_id": "192.0.2.1"}, ("looks-like-url", "record_id")),
        ({"source": "www.x"}, ("looks-like-url", "source")),
        ({"reason": "redirect to http://b.example/"}, ("looks-like-url", "reason")),
        ({"vantage": "probe.b.example"}, ("looks-like-url", "vantage")),
        ({"vantage": "x" * 201}, ("bad-text", "vantage")),
        ({"ip": "192.0.2.300"}, ("bad-address", "ip")),
    ],
)
def test_each_column_refuses_what_it_cannot_hold(cells, expected):
    """The code says what is wrong, the field says where."""
    with pytest.raises(IntakeProblem) as caught:
        convert(**{**LEAST, **cells})
    assert (caught.value.code.value, caught.value.field) == expected
