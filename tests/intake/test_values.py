"""Words, clear and sealed text, hours and flags of single cells."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.intake.hosts import parse_address
from monitor.intake.problems import Code, IntakeProblem
from monitor.intake.values import clear_text, flag, looks_like_url, order_hours, sealed_text


def code_of(call, *args):
    with pytest.raises(IntakeProblem) as caught:
        call(*args)
    assert caught.value.__context__ is None
    return caught.value.code


@pytest.mark.parametrize(
    "text",
    [
        "http://a.example/",
        "see http://a.example/",
        "www.something",
        "a.example",
        "A.EXAMPLE",
        "a.example.",
        "a.example:8080",
        "img.a.co.uk",
        "seen at a.example yesterday",
        "user@a.example",
        "a.example/b",
        "x/b.jpg",
        "/secret/path",
        "192.0.2.1",
        "192.0.2.1:80",
        "host 192.0.2.1 down",
        "2001:db8::1",
        "[2001:db8::1]:80",
        "fe80::1%eth0",
        "http%3A%2F%2Fa.example",
        "http%253A%252F%252Fa.example",
        "hxxp[:]//a[.]example",
        "a[.]example",
        "a\u3002example",
        "\uff41\uff0eexample",
        "b\u00fccher.example",
        "xn--bcher-kva.example",
        "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
        "name.xn--p1ai",
    ],
)
def test_what_looks_like_a_url_is_refused_in_a_clear_column(text):
    """URLs, hosts and addresses do not get into a column that is stored unsealed, however they are written."""
    assert looks_like_url(text)
    assert code_of(clear_text, text, "record_id") is Code.LOOKS_LIKE_URL


@pytest.mark.parametrize(
    "text",
    [
        "2021.01.17-003",
        "R-12.3",
        "R012a24873b68",
        "2021/123",
        "v1.2.3",
        "1.2.3.4.5",
        "2021.01.17.003",
        "Meldpunt Invented (NL)",
        "HTTP 404 Not Found",
        "connection reset. tried again",
        "12:30:45",
        "no-address",
        "a_b#c-d",
        "999.999.999.999",
        "50% gone",
        "M\u00fcnchen",
    ],
)
def test_ordinary_references_pass_as_clear_text(text):
    """Case numbers with dots, slashes and colons are not taken for hosts."""
    assert clear_text(text, "record_id") == text


@pytest.mark.parametrize("text", ["", " R1", "R1 ", "R\t1", "R\x001", "R\u20281", "x" * 201])
def test_clear_text_has_to_be_short_and_printable(text):
    """Empty, over-long, padded or unprintable text is refused."""
    assert code_of(clear_text, text, "source") is Code.BAD_TEXT


def test_sealed_text_may_hold_anything_printable():
    """Sealed columns take URLs and addresses, up to 500 characters, and empty becomes None."""
    assert (
        sealed_text(" abuse@a.example, see http://a.example/ ", "notified_party")
        == "abuse@a.example, see http://a.example/"
    )
    assert sealed_text("  ", "notice_ref") is None
    assert sealed_text("x" * 500, "notice_ref") == "x" * 500
    assert code_of(sealed_text, "x" * 501, "notice_ref") is Code.BAD_TEXT
    assert code_of(sealed_text, "a\x00b", "notice_ref") is Code.BAD_TEXT


@pytest.mark.parametrize(("text", "hours"), [("12", 12.0), ("1.5", 1.5), ("0.25", 0.25), ("12.0", 12.0), ("", None)])
def test_deadlines_up_to_twelve_hours_are_taken(text, hours):
    """An order states at most 12 hours; none stated is unknown."""
    assert order_hours(text, "deadline_hours") == hours


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1e1", "1_0", "1,5", "two", "\u0661", "0.0"])
def test_a_deadline_that_is_no_positive_number_is_refused(text):
    """Zero, negative, non-finite and foreign notations are no number of hours."""
    assert code_of(order_hours, text, "deadline_hours") is Code.BAD_NUMBER


@pytest.mark.parametrize("text", ["12.01", "24", "999999999"])
def test_a_deadline_over_twelve_hours_is_refused(text):
    """No order allows more than 12 hours."""
    assert code_of(order_hours, text, "deadline_hours") is Code.DEADLINE_TOO_LONG


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("YES", True), ("1", True), ("False", False), ("0", False), ("", None)]
)
def test_flags(text, value):
    """True and false in the spellings that spreadsheets write; empty is not known."""
    assert flag(text, "known_material") is value


@pytest.mark.parametrize(
    ("text", "packed"),
    [
        ("192.0.2.1", "c0000201"),
        ("::ffff:192.0.2.1", "c0000201"),
        ("2001:DB8:0::1", "20010db8000000000000000000000001"),
        ("fe80::1%eth0", "fe800000000000000000000000000001"),
    ],
)
def test_addresses_are_packed(text, packed):
    """4 bytes for IPv4 and IPv4-mapped IPv6, 16 for IPv6, zones dropped."""
    assert parse_address(text) == bytes.fromhex(packed)


@pytest.mark.parametrize(
    "text",
    ["192.0.2", "192.0.2.256", "192.0.02.1", "0x7f.1", "a.example", "2001:db8::g", "192.0.2.1/24", "\u0661.0.0.1"],
)
def test_what_is_no_address_is_refused(text):
    """Address columns take the usual notation only."""
    assert code_of(parse_address, text, "ip") is Code.BAD_ADDRESS


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.text(max_size=30))
def test_any_text_gives_a_value_or_an_intake_problem(text):
    """No cell makes a reader raise anything else."""
    for read in (clear_text, sealed_text, order_hours, flag, parse_address):
        try:
            read(text, "record_id")
        except IntakeProblem as problem:
            assert problem.field == "record_id"


@pytest.mark.parametrize("text", ["::%00", "see 2001:db8::1%00", "2001:db8::1%7f", "[2001:db8::1%25eth0]"])
def test_an_ipv6_address_with_a_zone_gives_an_address_away(text):
    """The zone's sign is not taken for the beginning of an escape."""
    assert looks_like_url(text)
