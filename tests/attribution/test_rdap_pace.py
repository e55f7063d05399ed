"""How gently registries are asked, and what needs no question."""

import ipaddress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.attribution.rdap_coverage import Coverage
from monitor.attribution.rdap_pace import Pacer, Timing, retry_after_seconds
from monitor.model.report import Address

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class ManualClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.seconds += seconds

    def timing(self) -> Timing:
        return Timing(monotonic=lambda: self.seconds, sleep=self.sleep)


@settings(derandomize=True, deadline=None)
@given(
    per_minute=st.sampled_from([0.5, 1.0, 7.0, 20.0, 60.0, 150.0]),
    pauses=st.lists(st.floats(0, 45), min_size=30, max_size=30),
)
def test_no_minute_sees_more_questions_than_allowed(per_minute, pauses):
    """Whatever the pauses in between, any 60 seconds hold at most `per_minute` questions (one at least)."""
    clock = ManualClock()
    pacer = Pacer(per_minute, 60, clock.timing())
    asked = []
    for pause in pauses:
        for _ in range(6):
            pacer.take("alpha")
            asked.append(clock.seconds)
        clock.seconds += pause
    allowed = max(1, int(per_minute))
    assert all(late - early >= 60 - 1e-3 for early, late in zip(asked, asked[allowed:], strict=False))


def test_waiting_is_no_longer_than_the_limit_needs():
    """200 questions at 20 a minute take at least nine and a half and at most twelve minutes."""
    clock = ManualClock()
    pacer = Pacer(20, 60, clock.timing())
    for _ in range(200):
        pacer.take("alpha")
    assert 9.5 * 60 <= clock.seconds - 1000 <= 12 * 60


def test_registries_are_paced_apart():
    """What one registry has to wait for does not keep another waiting."""
    clock = ManualClock()
    pacer = Pacer(1, 60, clock.timing())
    pacer.take("alpha")
    assert pacer.ready_at("alpha") == pytest.approx(clock.seconds + 60)
    assert pacer.ready_at("beta") <= clock.seconds


def test_a_pause_is_kept_and_a_longer_one_than_allowed_leaves_the_registry():
    """60 seconds are waited for; 61 are not, and the registry is left."""
    clock = ManualClock()
    pacer = Pacer(600, 60, clock.timing())
    assert pacer.hold("alpha", 60)
    assert pacer.ready_at("alpha") == clock.seconds + 60
    pacer.take("alpha")
    assert clock.seconds == 1060
    assert not pacer.has_left("alpha")
    assert not pacer.hold("alpha", 61)
    assert pacer.has_left("alpha")
    assert not pacer.has_left("beta")


def test_a_shorter_pause_never_cuts_a_longer_one_short():
    """The later end of two pauses holds."""
    clock = ManualClock()
    pacer = Pacer(600, 60, clock.timing())
    pacer.hold("alpha", 50)
    pacer.hold("alpha", 1)
    assert pacer.ready_at("alpha") == clock.seconds + 50


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("0", 0),
        (" 120 ", 120),
        ("9" * 400, 999999999999),
        ("Mon, 02 Mar 2026 12:00:30 GMT", 30),
        ("Mon, 02 Mar 2026 12:00:30 -0000", 30),
        ("Monday, 02-Mar-26 12:00:30 GMT", 30),
        ("Mon, 02 Mar 2026 13:00:30 +0100", 30),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("Mon, 99 Mar 2026 11:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    """Both forms of RFC 9110 are read; a date that is over means no pause; nonsense means that none was asked for."""
    assert retry_after_seconds(text, NOW) == seconds


def packed(text: str) -> Address:
    return Address(ipaddress.ip_address(text).packed)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted), max_size=25), st.integers(0, 25))
def test_coverage_knows_exactly_the_addresses_in_its_ranges(ranges, n_given):
    """Against a plain set, in both families, whether the ranges were there from the start or added later."""
    base4, base6 = int(ipaddress.ip_address("198.51.100.0")), int(ipaddress.ip_address("2001:db8::"))
    four = [(Address((base4 + a).to_bytes(4)), Address((base4 + b).to_bytes(4))) for a, b in ranges]
    six = [(Address((base6 + a).to_bytes(16)), Address((base6 + b).to_bytes(16))) for a, b in ranges]
    coverage = Coverage(four[:n_given] + six[:n_given])
    for first, last in four[n_given:] + six[n_given:]:
        coverage.add(first, last)
    held = {number for a, b in ranges for number in range(a, b + 1)}
    for number in range(-1, 63):
        assert (Address((base4 + number).to_bytes(4)) in coverage) == (number in held)
        assert (Address((base6 + number).to_bytes(16)) in coverage) == (number in held)
    n_runs = sum(number - 1 not in held for number in held)
    assert len(coverage) == 2 * n_runs


def test_coverage_takes_in_the_ends_of_the_address_space():
    """The first and the last address of each family are ranges like any other."""
    coverage = Coverage([(packed("0.0.0.0"), packed("0.0.0.0")), (packed("ffff::"), packed("ffff" + ":ffff" * 7))])
    coverage.add(packed("255.255.255.255"), packed("255.255.255.255"))
    assert packed("0.0.0.0") in coverage
    assert packed("0.0.0.1") not in coverage
    assert packed("255.255.255.255") in coverage
    assert packed("ffff::1") in coverage
    assert packed("::") not in coverage
