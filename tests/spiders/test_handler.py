"""What the download handler sees of servers that behave and misbehave, over plain HTTP."""

import errno
import socket
from pathlib import Path

import pytest
from scrapy.http import Response

from monitor.demo import behaviours
from monitor.demo.webserver import Webserver
from monitor.model.words import ExchangeError, Phase, TlsState
from spiders.handler import HeadersOnlyHandler
from spiders.headers import PIECE, parse
from spiders.seen import Broken, Order, Seen
from spiders.wire import error_of
from tests.spiders.wire import Ask, fetch, fetch_one, packed, patience

MARK = b"INVENTED-BODY-MARK"


def see(behaviour, method="HEAD", **settings):
    with Webserver(lambda _: behaviour) as server:
        return fetch_one(Ask(f"http://site.example:{server.port}/a", method=method), **settings)


def test_the_request_goes_to_the_given_address_under_the_name_of_the_url():
    """Two hosts on two addresses; the names resolve nowhere."""
    asked = []

    def note(what):
        asked.append(what)
        return behaviours.image()

    with Webserver(note, addresses=("127.0.0.1", "127.0.0.2")) as server:
        seen = fetch(
            [
                Ask(f"http://one.example:{server.port}/a;b?c=d%20e#f", "127.0.0.2"),
                Ask(f"http://two.example:{server.port}", "127.0.0.1", "GET", headers={"User-Agent": "other/1"}),
            ]
        )
    assert [each.phase for each in seen] == [Phase.DONE, Phase.DONE]
    first, second = asked
    assert (first.method, first.host, first.path) == ("HEAD", f"one.example:{server.port}", "/a;b?c=d%20e")
    assert (first.address, second.address) == ("127.0.0.2", "127.0.0.1")
    assert first.headers["user-agent"] == "monitor-under-test"
    assert first.headers["accept"] == "*/*"
    assert first.headers["accept-encoding"] == "identity"
    assert first.headers["connection"] == "close"
    assert "range" not in first.headers
    assert (second.path, second.headers["range"], second.headers["user-agent"]) == ("/", "bytes=0-0", "other/1")


def test_an_answer_is_told_with_the_first_value_of_each_header():
    """Names in lower case, values as they came, durations, no TLS."""
    seen = see(behaviours.image(etag='"v1"'))
    assert (seen.phase, seen.error, seen.status, seen.tls) == (Phase.DONE, None, 200, TlsState.NONE)
    assert seen.headers[b"etag"] == b'"v1"'
    assert seen.headers[b"content-type"] == b"image/png"
    assert seen.connect_ms is not None
    assert seen.headers_ms is not None
    assert seen.tls_ms is None
    assert see(behaviours.TWO_LENGTHS).headers[b"content-length"] == b"5"


def test_a_long_value_is_cut():
    """At 4 KB."""
    seen = see(behaviours.status(200, ("X-Long", "v" * 10_000)))
    assert seen.headers[b"x-long"] == b"v" * 4096


@pytest.mark.parametrize(
    ("behaviour", "phase", "error"),
    [
        (behaviours.RESET, Phase.REQUEST, ExchangeError.RESET),
        (behaviours.CLOSE, Phase.REQUEST, ExchangeError.CLOSED),
        (behaviours.HANG, Phase.REQUEST, ExchangeError.TIMEOUT),
        (behaviours.HANG_IN_HEADERS, Phase.HEADERS, ExchangeError.TIMEOUT),
        (behaviours.DROP_IN_HEADERS, Phase.HEADERS, ExchangeError.CLOSED),
        (behaviours.RESET_IN_HEADERS, Phase.HEADERS, ExchangeError.RESET),
        (behaviours.GARBAGE, Phase.HEADERS, ExchangeError.NOT_HTTP),
        (behaviours.SSH_BANNER, Phase.HEADERS, ExchangeError.NOT_HTTP),
        (behaviours.interim_flood(MARK), Phase.HEADERS, ExchangeError.INTERIM_FLOOD),
        (behaviours.interim_then(9, behaviours.image()), Phase.HEADERS, ExchangeError.INTERIM_FLOOD),
        (behaviours.huge_headers(MARK), Phase.HEADERS, ExchangeError.HEADERS_TOO_LARGE),
        (behaviours.endless_header_line(MARK), Phase.HEADERS, ExchangeError.HEADERS_TOO_LARGE),
        (behaviours.dripping_headers(b"HTTP/1.1 200 OK\r\nA: b\r\n", 0.1), Phase.HEADERS, ExchangeError.TIMEOUT),
    ],
)
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_each_misbehaviour_is_told_apart(behaviour, phase, error, method):
    """In the phase in which it happened, without a status."""
    seen = see(behaviour, method, MONITOR_HEADERS_SECONDS=patience(error))
    assert (seen.phase, seen.error, seen.status) == (phase, error, None)


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (behaviours.HANG_AFTER_HEADERS, 200),
        (behaviours.BARE_LINE_FEEDS, 200),
        (behaviours.EARLY_HINTS, 204),
        (behaviours.interim_then(8, behaviours.NOT_FOUND), 404),
        (behaviours.NOT_MODIFIED, 304),
        (behaviours.GONE, 410),
    ],
)
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_what_real_servers_do_is_understood(behaviour, status, method):
    """The final status, whatever came before it and whatever does not come after it."""
    seen = see(behaviour, method)
    assert (seen.phase, seen.error, seen.status) == (Phase.DONE, None, status)


@pytest.mark.parametrize(
    "behaviour",
    [
        behaviours.early_body(MARK),
        behaviours.endless_body(MARK),
        behaviours.large_image(MARK),
        behaviours.gzip_bomb(MARK),
        behaviours.trailers(MARK),
    ],
)
def test_of_an_answer_to_get_no_byte_of_body_is_taken_in_or_seen(behaviour):
    """The count is that of the headers to the byte, also where the body comes in the same segment."""
    head = behaviour.steps[0].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert see(behaviour, "GET").n_bytes_in == len(head)


def test_of_a_forbidden_body_after_head_less_than_a_piece_is_seen():
    """A server that breaks the rules; what is peeked at is counted."""
    behaviour = behaviours.early_body(MARK)
    seen = see(behaviours.Behaviour((behaviour.steps[0] + b"x" * 100_000,)))
    assert seen.status == 200
    assert seen.n_bytes_in <= PIECE


def test_headers_up_to_the_limit_are_read():
    """And not one byte more than the limit, however they come."""
    behaviour = behaviours.Behaviour((behaviours.head("200 OK", [("X-Long", "v" * 2000)]),))
    size = len(behaviour.steps[0])
    for method in ("HEAD", "GET"):
        assert see(behaviour, method, MONITOR_LARGEST_HEADERS=size).status == 200
        assert see(behaviour, method, MONITOR_LARGEST_HEADERS=size - 1).error is ExchangeError.HEADERS_TOO_LARGE


def test_a_closed_port_refuses():
    """A port that was free a moment ago, over both versions of IP."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as sock:
            sock.bind((address, 0))
            port = sock.getsockname()[1]
            seen = fetch_one(Ask(f"http://site.example:{port}/", address))
        assert (seen.phase, seen.error) == (Phase.CONNECT, ExchangeError.REFUSED)


def test_a_full_queue_of_connections_times_out():
    """Nobody accepts: the system drops what comes after the first few."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        where = sock.getsockname()
        with socket.create_connection(where), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(where)
            seen = fetch_one(Ask(f"http://site.example:{where[1]}/"), MONITOR_CONNECT_SECONDS=0.3)
    assert (seen.phase, seen.error) == (Phase.CONNECT, ExchangeError.TIMEOUT)


@pytest.mark.parametrize("address", ["10.0.0.1", "192.0.2.1", "0.0.0.0", "::ffff:127.0.0.1", "fe80::1", "8.8.8.8"])
def test_a_forbidden_address_is_refused_before_there_is_a_socket(address, monkeypatch):
    """No socket is made, so none connects."""
    made = []
    monkeypatch.setattr("spiders.connect.new_socket", made.append)
    seen = fetch_one(Ask("http://site.example:8080/", address))
    assert (seen.phase, seen.error, made) == (Phase.NOT_TRIED, ExchangeError.ADDRESS_FORBIDDEN, [])


def test_without_the_switch_loopback_is_forbidden_too():
    """The server is there and is not asked."""
    with Webserver(lambda _: behaviours.image()) as server:
        seen = fetch_one(Ask(f"http://127.0.0.1:{server.port}/"), MONITOR_LOOPBACK=False)
        assert seen.error is ExchangeError.ADDRESS_FORBIDDEN
        assert server.n_connections == 0


def test_the_other_end_is_asked_who_it_is(monkeypatch):
    """A system that led us elsewhere (a translating firewall) is found out before anything is sent."""
    with Webserver(lambda _: behaviours.image()) as server:
        monkeypatch.setattr("spiders.wire.Line.peer", lambda _: ("127.0.0.9", server.port))
        seen = fetch_one(Ask(f"http://site.example:{server.port}/"))
        assert (seen.phase, seen.error) == (Phase.CONNECT, ExchangeError.ADDRESS_FORBIDDEN)
        assert not server.asked


def test_a_forbidden_port_is_not_tried():
    """By the rule, by the list, and port 0 is not the default one."""
    assert fetch_one(Ask("http://site.example:25/")).error is ExchangeError.PORT_FORBIDDEN
    assert fetch_one(Ask("http://site.example:8080/"), MONITOR_PORTS=[80]).error is ExchangeError.PORT_FORBIDDEN
    assert fetch_one(Ask("http://site.example:0/")).error is ExchangeError.PORT_FORBIDDEN


def test_nothing_that_a_url_holds_can_add_a_line_to_the_request():
    """Line feeds arrive escaped, user and password not at all."""
    asked = []

    def note(what):
        asked.append(what)
        return behaviours.image()

    with Webserver(note) as server:
        url = f"http://user:secret@site.example:{server.port}/a%0d%0aX-Evil: 1\r\nX-Evil: 2?b=\r\n\r\nGET /"
        fetch_one(Ask(url))
    assert len(asked) == 1
    assert not any("evil" in name or "secret" in value for name, value in asked[0].headers.items())


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (errno.ECONNREFUSED, ExchangeError.REFUSED),
        (errno.EHOSTUNREACH, ExchangeError.UNREACHABLE),
        (errno.ETIMEDOUT, ExchangeError.TIMEOUT),
        (errno.ECONNRESET, ExchangeError.RESET),
        (errno.EPIPE, ExchangeError.RESET),
        *(
            (code, ExchangeError.OWN_NETWORK)
            for code in (errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EMFILE, errno.EAFNOSUPPORT)
        ),
        *((code, ExchangeError.OWN_NETWORK) for code in (errno.EACCES, errno.EPERM, errno.ENFILE, errno.ENOBUFS, 9999)),
    ],
)
def test_errors_of_the_system_are_the_servers_only_where_they_must_be(code, error):
    """What is not known counts as our own network's."""
    assert error_of(OSError(code, "")) is error


@pytest.mark.parametrize(
    ("block", "status", "headers"),
    [
        (b"HTTP/1.1 404\r\n\r\n", 404, {}),
        (b"HTTP/1.1 302 \xff\r\nLocation: /\xe9\r\n\r\n", 302, {b"location": b"/\xe9"}),
        (b"HTTP/1.1 200 OK\r\nno header\r\nA : b\r\nX Y: c\r\n\r\n", 200, {b"a": b"b"}),
        (b"HTTP/2 200\r\nA: b\r\n\r\n", 200, {b"a": b"b"}),
        (b"HTTP/1.0 200 OK\nA: b\nA: c\n\n", 200, {b"a": b"b"}),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\nA: b\r\n\r\n", 200, {b"content-length": b"x", b"a": b"b"}),
    ],
)
def test_headers_are_read_leniently(block, status, headers):
    """As browsers do."""
    head = parse(block)
    assert (head.status, dict(head.headers)) == (status, headers)


@pytest.mark.parametrize("block", [b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 20\r\n\r\n", b"HTTP/1.1 2000\r\n\r\n", b"\r\n"])
def test_without_a_status_line_it_is_not_http(block):
    """A status there must be."""
    with pytest.raises(Broken) as caught:
        parse(block)
    assert caught.value.error is ExchangeError.NOT_HTTP


def test_neither_order_nor_seen_can_be_printed():
    """They hold addresses, passwords of proxies and values of headers."""
    order = Order(packed("127.0.0.77"), "socks5://user:secret@127.0.0.1:1080")
    seen = Seen(Phase.DONE, headers={b"etag": b"secret"})
    assert "secret" not in repr(order) + str(order) + repr(seen) + str(seen)


def test_no_socket_stays_open():
    """The system counts the descriptors."""
    with Webserver(lambda _: behaviours.image()) as server:
        ask = Ask(f"http://site.example:{server.port}/")
        fetch([ask])
        before = len(list(Path("/proc/self/fd").iterdir()))
        fetch([ask] * 200)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before + 3


def test_other_methods_than_head_and_get_are_never_asked():
    """A mistake of ours, not of the network's: it raises."""
    caught = []

    class Handler(HeadersOnlyHandler):
        async def download_request(self, request):
            try:
                return await super().download_request(request)
            except ValueError as error:
                caught.append(str(error))
                request.meta["seen"] = Seen(Phase.NOT_TRIED)
                return Response(request.url, status=0)

    with Webserver(lambda _: behaviours.image()) as server:
        fetch_one(Ask(f"http://site.example:{server.port}/", method="POST"), DOWNLOAD_HANDLERS={"http": Handler})
        assert server.n_connections == 0
    assert caught == ["only HEAD and GET are ever asked"]
