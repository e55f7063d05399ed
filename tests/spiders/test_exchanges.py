"""Headers in, facts out: fingerprints, challenges, Retry-After."""

from datetime import UTC, datetime

import pytest

from monitor.model.report import Address
from monitor.model.words import Method, Phase, Purpose
from spiders.exchanges import Reader
from spiders.seen import Seen

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
READER = Reader(b"one key")


def exchange(status: int | None, **headers: bytes):
    named = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    seen = Seen(Phase.DONE, None, status, named)
    return READER.exchange(seen, Purpose.TARGET, Method.HEAD, Address(bytes(4)), NOW)


def test_header_values_are_kept_as_digests_under_a_key():
    """Equal values have equal digests under one key and others under another; nothing of the value is left."""
    first = exchange(200, etag=b'"abc"', server=b"nginx", last_modified=b"today").fingerprint
    other = Reader(b"another key").fingerprint({b"etag": b'"abc"'}, 200)
    assert first == exchange(200, etag=b' "abc"', server=b"nginx", last_modified=b"today ").fingerprint
    assert first.etag is not None
    assert len(first.etag) == 16
    assert first.etag != other.etag
    assert "abc" not in repr(first) + repr(other)


def test_a_weak_validator_is_marked():
    """The same value, weak or strong."""
    weak, strong = exchange(200, etag=b'W/"abc"').fingerprint, exchange(200, etag=b'"abc"').fingerprint
    assert (weak.etag, weak.etag_weak, strong.etag_weak) == (strong.etag, True, False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"image/PNG", "image/png"),
        (b" text/html; charset=utf-8; secret=x", "text/html"),
        (b"image/jpeg,image/jpeg", "image/jpeg"),
        (b"nonsense", None),
        (b"", None),
        (b"a/" + b"b" * 200, None),
        (b"image/\xff", None),
    ],
)
def test_a_type_is_type_and_subtype_alone(value, expected):
    """Parameters can hold anything, so they go."""
    assert exchange(200, content_type=value).fingerprint.content_type == expected


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {"content_length": b"12"}, 12),
        (200, {"content_length": b"-1"}, None),
        (200, {"content_length": b"1, 1"}, None),
        (200, {"content_length": b"9" * 30}, None),
        (206, {"content_length": b"1", "content_range": b"bytes 0-0/4711"}, 4711),
        (206, {"content_length": b"1", "content_range": b"bytes 0-0/*"}, None),
        (206, {"content_length": b"1"}, None),
    ],
)
def test_the_length_is_that_of_the_whole(status, headers, expected):
    """Of a partial answer it stands in Content-Range."""
    assert exchange(status, **headers).fingerprint.length == expected


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (403, {"cf_mitigated": b"challenge"}, True),
        (202, {"x_amzn_waf_action": b"captcha"}, True),
        (503, {"server": b"ddos-guard"}, True),
        (200, {"server": b"ddos-guard"}, False),
        (403, {"server": b"nginx"}, False),
        (200, {}, False),
        (404, {"x_datadome": b"protected"}, False),
        (200, {"x_datadome": b"protected"}, False),
        (403, {"x_datadome": b"protected"}, True),
        (404, {"x_sucuri_block": b"XSS001"}, False),
        (403, {"x_sucuri_block": b"XSS001"}, True),
        (404, {"x_vercel_mitigated": b"deny"}, False),
        (403, {"x_vercel_mitigated": b"deny"}, True),
        (429, {"x_vercel_mitigated": b"challenge"}, True),
        (200, {"cf_mitigated": b"challenge"}, True),
        (410, {"cf_mitigated": b"none"}, False),
        (404, {"x_datadome": b"protected", "cf_mitigated": b"challenge"}, True),
        (404, {"server": b"DataDome"}, False),
    ],
)
def test_a_challenge_is_told_from_headers(status, headers, expected):
    """Of some services by a header that says so, of others by their mark or name beside a refusal: many mark what
    they let through as well."""
    assert exchange(status, **headers).challenge is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"120", 120),
        (b" 0 ", 0),
        (b"99999999999999", 604_800),
        (b"Sun, 01 Mar 2026 12:05:00 GMT", 300),
        (b"Sun, 01 Mar 2026 11:00:00 GMT", 0),
        (b"Fri, 01 Jan 2100 00:00:00 GMT", 604_800),
        (b"-5", None),
        (b"soon", None),
        (b"", None),
        (b"\xff\xfe", None),
        (b"Sun, 99 Mar 2026 99:99:99 GMT", None),
    ],
)
def test_a_retry_after_is_seconds_from_now_and_a_week_at_most(value, expected):
    """As a number or as a date; what cannot be read was not said."""
    assert exchange(429, retry_after=value).retry_after_seconds == expected


def test_without_an_answer_nothing_is_read_from_headers():
    """Also where some had begun to come."""
    seen = exchange(None, etag=b'"abc"', retry_after=b"5", cf_mitigated=b"challenge")
    assert (seen.fingerprint.etag, seen.retry_after_seconds, seen.challenge) == (None, None, False)
