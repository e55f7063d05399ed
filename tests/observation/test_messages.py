"""The lines on the pipe: what goes in comes out, and errors quote nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import Mandate, Resolvers, Settings, Vantage
from monitor.model.observation import CanaryReading, Check, Exchange, Fingerprint, Observation
from monitor.model.report import Address, Host
from monitor.model.words import (
    DnsStatus,
    ExchangeError,
    GetReason,
    HostKind,
    LocationKind,
    Method,
    Phase,
    Purpose,
    TlsState,
)
from monitor.observation import message_values as values
from monitor.observation import messages
from monitor.observation.messages import CanaryAsk, Say, crawl_settings, line, parsed

addresses = st.builds(Address, st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16))
text = st.text(max_size=30)
whole = st.integers(0, 2**40)
fingerprints = st.builds(
    Fingerprint, st.none() | text, st.none() | whole, st.none() | text, st.booleans(), st.none() | text
)
hosts = st.builds(Host, text, st.sampled_from(HostKind), text, st.none() | addresses)
exchanges = st.builds(
    Exchange,
    st.sampled_from(Purpose),
    st.sampled_from(Method),
    st.sampled_from(Phase),
    st.none() | addresses,
    st.none() | st.sampled_from(ExchangeError),
    st.none() | st.sampled_from(GetReason),
    st.sampled_from(TlsState),
    st.none() | st.integers(100, 999),
    fingerprints,
    st.none() | st.sampled_from(LocationKind),
    st.none() | text,
    st.booleans(),
    st.none() | whole,
    st.none() | whole,
    st.none() | whole,
    st.none() | whole,
    whole,
)
times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
answers = st.lists(st.sampled_from(DnsStatus), max_size=3).map(tuple)
several = st.lists(addresses).map(tuple)
families = st.sampled_from([(4,), (6,), (4, 6), ()])
checks = st.builds(
    Check, whole, whole, text, hosts, several, answers, text, st.none() | fingerprints, several, families
)
observations = st.builds(
    Observation,
    whole,
    whole,
    times,
    text,
    answers,
    st.lists(exchanges, max_size=4).map(tuple),
    st.integers(0, 10**9).map(lambda n: n / 10**6),
)
ours = settings(derandomize=True, max_examples=100, deadline=None)


def over(told: list) -> list:
    """Through the line."""
    written = line(Say.CHECK, *told)
    assert written.count(b"\n") == 1
    return parsed(written)[1]


@ours
@given(checks)
def test_a_check_comes_out_as_it_went_in(check):
    """Also with text that JSON has to escape: one line, nothing lost."""
    assert values.check_in(over(values.check_out(check))) == check


@ours
@given(observations)
def test_an_observation_comes_out_as_it_went_in(observation):
    """Every field of every exchange."""
    assert values.observation_in(over(values.observation_out(observation))) == observation


@ours
@given(st.builds(CanaryReading, times, text, st.sampled_from([4, 6]), st.booleans(), st.booleans(), exchanges))
def test_a_canary_reading_comes_out_as_it_went_in(reading):
    """With its exchange."""
    assert values.reading_in(over(values.reading_out(reading))) == reading


@ours
@given(st.builds(CanaryAsk, text, hosts, st.sampled_from([4, 6]), text, st.lists(addresses).map(tuple)))
def test_a_canary_ask_comes_out_as_it_went_in(ask):
    """Without addresses too."""
    assert values.ask_in(over(values.ask_out(ask))) == ask


def test_settings_come_out_as_they_went_in():
    """With key, proxies and resolvers."""
    given_settings = Settings(
        mandate=Mandate(organisation="Stichting Ø", contact="post@us.example", permit_get=True),
        vantages={"nl": Vantage(proxy="socks5://192.0.2.1:1080")},
        resolvers=Resolvers(servers=("192.0.2.1", "192.0.2.2")),
    )
    told = crawl_settings(given_settings, b"key")
    assert messages.settings_in(over([messages.settings_out(told)])[0]) == told
    assert told.vantages == {"nl": "socks5://192.0.2.1:1080"}
    assert told.user_agent.endswith(" (Stichting ?; post@us.example)")
    assert crawl_settings(Settings(), b"").vantages == {"direct": None}


def test_a_check_may_take_no_longer_than_a_run():
    """What outlives its run is never seen."""
    assert crawl_settings(Settings(checks={"check_seconds": 60, "run_seconds": 120}), b"").check_seconds == 60
    assert crawl_settings(Settings(checks={"check_seconds": 60, "run_seconds": 30}), b"").check_seconds == 30


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"3", b'["marked-secret"]', b"\xff marked-secret", b'"check"'])
def test_a_line_that_is_no_message_is_an_error_without_its_text(text):
    """Neither the message nor a chained exception quotes it."""
    with pytest.raises(ValueError, match="no message") as caught:
        parsed(text)
    assert "marked" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_nothing_secret_shows_in_a_repr():
    """Settings hold the key, asks hold a URL."""
    told = crawl_settings(Settings(), b"marked-secret")
    ask = CanaryAsk("http://marked-secret.example/", Host("a", HostKind.NAME, "a", None), 4, "direct", ())
    assert "marked" not in repr(told) + repr(ask)
