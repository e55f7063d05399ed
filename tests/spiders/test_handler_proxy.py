"""Exchanges through a vantage's proxy: what is the proxy's failure and what is the target's."""

import socket

import pytest

from monitor.demo import behaviours
from monitor.demo.certificates import Certificates
from monitor.demo.webserver import Webserver
from monitor.model.words import ExchangeError, Phase, TlsState
from tests.spiders.proxies import GRANTED, Connect, Socks, proxy
from tests.spiders.wire import Ask, fetch_one, patience

NOBODY = "http://site.example:8080/"


@pytest.mark.parametrize(("kind", "scheme", "reply"), [(Socks, "socks5", GRANTED), (Connect, "http", 200)])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_proxy_is_given_the_address_and_never_a_name(kind, scheme, reply, address):
    """Over both kinds of proxy and both versions of IP."""
    with Webserver(lambda _: behaviours.image(), addresses=(address,)) as server, proxy(kind, reply) as way:
        where = f"{scheme}://127.0.0.1:{way.server_address[1]}"
        for method, status in (("HEAD", 200), ("GET", 206)):
            seen = fetch_one(Ask(f"http://site.example:{server.port}/a", address, method, where))
            assert (seen.phase, seen.status) == (Phase.DONE, status)
        assert way.asked == [(address, server.port)] * 2


def test_tls_goes_through_a_proxy(tmp_path):
    """The certificate is the target's."""
    context = Certificates(tmp_path).context(["site.example"])
    with Webserver(lambda _: behaviours.image(), tls=context) as server, proxy(Socks, GRANTED) as way:
        where = f"socks5://127.0.0.1:{way.server_address[1]}"
        seen = fetch_one(Ask(f"https://site.example:{server.port}/", proxy=where))
    assert (seen.phase, seen.tls) == (Phase.DONE, TlsState.UNTRUSTED)


@pytest.mark.parametrize(("password", "error"), [("right", None), ("wrong", ExchangeError.PROXY_FAILED)])
def test_a_proxy_may_want_a_password(password, error):
    """From the configured URL; a wrong one is the proxy's failure, not the target's."""
    with Webserver(lambda _: behaviours.image()) as server, proxy(Socks, GRANTED, b"right") as way:
        where = f"socks5://user:{password}@127.0.0.1:{way.server_address[1]}"
        assert fetch_one(Ask(f"http://site.example:{server.port}/", proxy=where)).error is error


@pytest.mark.parametrize(
    ("kind", "scheme", "reply", "error"),
    [
        (Socks, "socks5", 1, ExchangeError.PROXY_FAILED),
        (Socks, "socks5", 2, ExchangeError.PROXY_FAILED),
        (Socks, "socks5", 3, ExchangeError.UNREACHABLE),
        (Socks, "socks5", 4, ExchangeError.UNREACHABLE),
        (Socks, "socks5", 5, ExchangeError.REFUSED),
        (Socks, "socks5", 8, ExchangeError.PROXY_FAILED),
        (Socks, "socks5", None, ExchangeError.TIMEOUT),
        (Connect, "http", 403, ExchangeError.PROXY_FAILED),
        (Connect, "http", 502, ExchangeError.PROXY_FAILED),
        (Connect, "socks5", 200, ExchangeError.TIMEOUT),
        (Connect, "nonsense", 200, ExchangeError.PROXY_FAILED),
    ],
)
def test_what_the_proxy_says_of_the_target_is_told_apart_from_its_own_failure(kind, scheme, reply, error):
    """A CONNECT proxy's refusals do not say whose they are, so they count as its own."""
    with proxy(kind, reply) as way:
        where = f"{scheme}://127.0.0.1:{way.server_address[1]}"
        seen = fetch_one(Ask(NOBODY, proxy=where), MONITOR_CONNECT_SECONDS=patience(error))
    assert (seen.phase, seen.error) == (Phase.CONNECT, error)


def test_a_proxy_that_cannot_be_reached_has_failed():
    """Nothing of it counts against the target."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        where = f"socks5://127.0.0.1:{sock.getsockname()[1]}"
        seen = fetch_one(Ask(NOBODY, proxy=where))
    assert (seen.phase, seen.error) == (Phase.CONNECT, ExchangeError.PROXY_FAILED)


def test_a_forbidden_address_is_not_asked_of_a_proxy_either():
    """The policy is about the target, whatever the way."""
    with proxy(Socks, GRANTED) as way:
        where = f"socks5://127.0.0.1:{way.server_address[1]}"
        assert fetch_one(Ask(NOBODY, "10.0.0.1", proxy=where)).error is ExchangeError.ADDRESS_FORBIDDEN
        assert way.asked == []
