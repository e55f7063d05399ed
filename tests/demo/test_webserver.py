"""The web servers on loopback do, byte for byte, what their Behaviour says: seen by a plain socket."""

import gc
import gzip
import http.client
import socket
import ssl
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.demo import behaviours as b
from monitor.demo.certificates import CertificateKind, Certificates, by_name
from monitor.demo.webserver import Webserver, refused_port

MARK = b"<<marked body>>"
HEAD = b"HEAD /a HTTP/1.1\r\nHost: site.example\r\n\r\n"
GET = HEAD.replace(b"HEAD", b"GET")
RANGE = GET[:-2] + b"Range: bytes=0-0\r\n\r\n"


def seen(port: int, request: bytes = GET, *, at_most: int = 1 << 20, address: str = "127.0.0.1") -> bytes:
    """All that comes back, up to so many bytes. A reset raises ConnectionResetError, silence TimeoutError."""
    with socket.create_connection((address, port), timeout=1) as connection:
        connection.sendall(request)
        received = b""
        while len(received) < at_most and (more := connection.recv(65_536)):
            received += more
        return received


def by(behaviour: b.Behaviour, request: bytes = GET, **said) -> bytes:
    with Webserver(lambda asked: behaviour) as server:
        return seen(server.port, request[:-2] + b"Connection: close\r\n\r\n", **said)


def test_a_well_behaved_answer_has_a_body_for_get_and_none_for_head():
    """HEAD gets the same headers, and the connection stays where the asker wants it."""
    to_get, to_head = by(b.image()), by(b.image(), HEAD)
    assert to_get == to_head + b.PIXELS
    assert to_head.startswith(b"HTTP/1.1 200 OK\r\nServer: invented/1\r\nContent-Type: image/png\r\nETag:")


def test_a_range_of_the_first_byte_is_honoured_by_an_image():
    """206, one byte, and the whole's length in Content-Range."""
    head, _, body = by(b.image(), RANGE).partition(b"\r\n\r\n")
    assert (head.split(b"\r\n")[0], len(body)) == (b"HTTP/1.1 206 Partial Content", 1)
    assert b"Content-Range: bytes 0-0/2048" in head


def test_several_requests_go_over_one_connection_and_are_counted():
    """By method, Host and path; one connection."""
    with Webserver(lambda asked: b.status(200)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for path in ("/a", "/a", "/b"):
            connection.request("HEAD", path, headers={"Host": "site.example"})
            connection.getresponse().read()
        connection.close()
    assert server.asked == {("HEAD", "site.example", "/a"): 2, ("HEAD", "site.example", "/b"): 1}
    assert server.n_connections == 1


def test_the_answer_can_depend_on_all_that_was_asked():
    """Method, host, path, address and headers are there."""
    asked: list[b.Asked] = []

    def answer(each: b.Asked) -> b.Behaviour:
        asked.append(each)
        return b.CLOSE

    with Webserver(answer) as server:
        assert seen(server.port, HEAD[:-2] + b"User-Agent: x/1\r\n\r\n") == b""
    (one,) = asked
    assert (one.method, one.host, one.path, one.address) == ("HEAD", "site.example", "/a", "127.0.0.1")
    assert one.headers["user-agent"] == "x/1"


def test_one_port_serves_many_addresses_of_both_families():
    """Hundreds of hosts on one server object."""
    addresses = [f"127.7.{high}.{low}" for high in range(2) for low in range(1, 101)] + ["::1"]
    with Webserver(lambda asked: b.answer("200 OK", body=asked.address.encode()), addresses) as server:
        for address in (addresses[0], addresses[150], "::1"):
            request = GET[:-2] + b"Connection: close\r\n\r\n"
            assert seen(server.port, request, address=address).endswith(address.encode())


def test_the_most_connections_open_at_a_time_are_counted_by_address():
    """Three at one address at once, one at another."""
    with Webserver(lambda asked: b.HANG, ("127.0.0.1", "127.0.0.2")) as server:
        open_ones = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        open_ones.append(socket.create_connection(("127.0.0.2", server.port)))
        for each in open_ones:
            each.sendall(HEAD)
        while server.asked.total() < 4:
            threading.Event().wait(0.005)
        for each in open_ones:
            each.close()
    assert server.most_open == {"127.0.0.1": 3, "127.0.0.2": 1}


@pytest.mark.parametrize(
    ("behaviour", "bytes_seen"),
    [
        (b.CLOSE, b""),
        (b.DROP_IN_HEADERS, b"HTTP/1.1 200 OK\r\nContent-Ty"),
        (b.HTTP_1_0, b'HTTP/1.0 200 OK\r\nContent-Type: image/png\r\nETag: "v1"\r\n\r\n'),
        (b.HTTP_0_9, b"<html>a page without a head</html>\r\n"),
        (b.TLS_ALERT, bytes.fromhex("15030100020228")),
        (b.early_body(MARK), b"HTTP/1.1 200 OK"),
        (b.TWO_LENGTHS, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello"),
        (b.redirect("javascript:alert(1)"), b"HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\n"),
        (b.rate_limited("120"), b"HTTP/1.1 429 Invented\r\nRetry-After: 120\r\n"),
        (b.BARE_LINE_FEEDS, b"HTTP/1.1 200 OK\nContent-Type"),
        (b.EARLY_HINTS, b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 204 No Content\r\n"),
    ],
)
def test_a_behaviour_sends_exactly_its_bytes_and_ends(behaviour, bytes_seen):
    """And closes the connection."""
    assert by(behaviour).startswith(bytes_seen)


@pytest.mark.parametrize("behaviour", [b.RESET, b.RESET_IN_HEADERS])
def test_a_reset_is_a_reset(behaviour):
    """RST and not an orderly end."""
    with pytest.raises(ConnectionResetError):
        by(behaviour)


@pytest.mark.parametrize("behaviour", [b.HANG, b.HANG_IN_HEADERS, b.HANG_AFTER_HEADERS])
def test_a_hang_sends_no_more_and_does_not_close(behaviour):
    """Until the asker goes."""
    with pytest.raises(TimeoutError):
        by(behaviour)


def test_a_greeting_comes_before_anything_is_read():
    """A reset right after the connection, at one address and not at another."""
    greeting = {"127.0.0.1": b.RESET}.get
    with Webserver(lambda asked: b.CLOSE, ("127.0.0.1", "127.0.0.2"), greeting=greeting) as server:
        with pytest.raises(ConnectionResetError):
            seen(server.port, b"")
        assert seen(server.port, GET, address="127.0.0.2") == b""


def test_a_port_that_refuses_refuses():
    """And nobody else can take it meanwhile."""
    with refused_port() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_head_and_get_can_get_different_things():
    """404 or 405 to HEAD, an image to GET."""
    assert by(b.NOT_FOUND_TO_HEAD, HEAD).startswith(b"HTTP/1.1 404")
    assert by(b.NOT_FOUND_TO_HEAD).startswith(b"HTTP/1.1 200")
    assert by(b.NOT_ALLOWED_TO_HEAD, HEAD).startswith(b"HTTP/1.1 405")
    assert by(b.NOT_FOUND_TO_HEAD, RANGE).startswith(b"HTTP/1.1 206")


def test_a_late_answer_is_late():
    """Nothing comes before the time is over."""
    with pytest.raises(TimeoutError):
        by(b.after(5, b.image()))
    assert by(b.after(0.1, b.image()), HEAD).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "behaviour",
    [
        b.endless_body(MARK),
        b.large_image(MARK),
        b.gzip_bomb(MARK),
        b.trailers(MARK),
        b.interim_flood(MARK),
        b.huge_headers(MARK),
        b.endless_header_line(MARK),
    ],
)
def test_a_flood_goes_on_and_holds_the_marked_text(behaviour):
    """Well over two megabytes, to HEAD as well."""
    with Webserver(lambda asked: behaviour) as server:
        received = seen(server.port, HEAD, at_most=2_000_000)
    assert len(received) >= 2_000_000
    assert server.n_bytes_sent >= 2_000_000
    if b"gzip" in received[:200]:
        assert received.partition(b"\r\n\r\n")[2].startswith(gzip.compress(MARK + bytes(1 << 22), 9, mtime=0))
    else:
        assert received.count(MARK) > 10


def test_a_large_image_is_as_large_as_it_says():
    """Content-Length and the bytes agree."""
    head, _, body = by(b.large_image(MARK, 3), at_most=4 << 20).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert len(body) == 3 << 20


def test_dripping_comes_a_byte_at_a_time():
    """Each after its pause."""
    with pytest.raises(TimeoutError):
        by(b.dripping_headers(b"HTTP/1.1", 1.5))
    assert by(b.dripping_headers(b"HTTP/1.1", 0.01)) == b"HTTP/1.1"


def test_a_certificate_is_right_or_wrong_as_its_kind_says(tmp_path):
    """OpenSSL gives each its own reason."""
    certificates = Certificates(tmp_path)
    trusting = ssl.create_default_context(cafile=certificates.authority_file)
    reasons = {}
    for kind in CertificateKind:
        with (
            Webserver(lambda asked: b.CLOSE, tls=certificates.context(["site.example"], kind)) as server,
            socket.create_connection(("127.0.0.1", server.port)) as connection,
        ):
            try:
                trusting.wrap_socket(connection, server_hostname="site.example").close()
            except ssl.SSLCertVerificationError as error:
                reasons[kind] = error.verify_code
    assert reasons == {
        CertificateKind.EXPIRED: 10,
        CertificateKind.NOT_YET_VALID: 9,
        CertificateKind.SELF_SIGNED: 18,
        CertificateKind.WRONG_NAME: 62,
    }
    assert all(path.parent == tmp_path for path in tmp_path.rglob("*"))


def test_each_name_can_have_a_certificate_of_its_own(tmp_path):
    """Chosen by SNI; a name nobody knows gets the other one."""
    made = Certificates(tmp_path)
    context = by_name({"a.example": made.context(["a.example"])}, made.context(["b.example"]))
    trusting = ssl.create_default_context(cafile=made.authority_file)
    with Webserver(lambda asked: b.image(), tls=context) as server:
        for name in ("a.example", "b.example"):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                secure = trusting.wrap_socket(connection, server_hostname=name)
                secure.sendall(HEAD)
                assert secure.recv(100).startswith(b"HTTP/1.1 200")
                secure.close()


def test_many_askers_at_a_time_are_all_answered():
    """200 connections, 2,000 requests."""
    addresses = [f"127.8.0.{n}" for n in range(1, 101)]
    with Webserver(lambda asked: b.NOT_FOUND, addresses) as server:

        def ask(address: str) -> int:
            connection = http.client.HTTPConnection(address, server.port)
            for _ in range(10):
                connection.request("HEAD", "/")
                connection.getresponse().read()
            connection.close()
            return 1

        with ThreadPoolExecutor(20) as pool:
            assert sum(pool.map(ask, addresses * 2)) == 200
    assert server.asked.total() == 2000


def test_a_connection_that_is_being_accepted_while_the_server_ends_is_closed():
    """Made and given up at once, many times: nothing is left for the collector of garbage to find open."""
    left_open = []
    before, sys.unraisablehook = sys.unraisablehook, left_open.append
    try:
        for _ in range(60):
            with Webserver(lambda asked: b.image()) as server:
                socket.create_connection(("127.0.0.1", server.port)).close()
        gc.collect()
    finally:
        sys.unraisablehook = before
    assert not [found for found in left_open if found.exc_type is ResourceWarning]
