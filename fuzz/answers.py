"""Harnesses of what strangers' servers say (heads of HTTP answers, Location, headers, DNS) and of the crawl's pipe.

What must hold: a head is read or Broken, never past its end; whatever the headers hold makes an Exchange with values
in their range; where a redirect leads is in normal form; any DNS message comes to one status.
"""

from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from fuzz.target import Draws, Target
from monitor.intake.normalise import normalise_url
from monitor.model.report import Address
from monitor.model.words import DnsStatus, LocationKind, Method, Phase, Purpose
from monitor.observation.messages import Say, line, parsed
from monitor.resolution.chain import find
from monitor.resolution.combine import combine
from monitor.resolution.question import _FAILURES, Client, Reply, _parsed
from spiders.exchanges import LONGEST_WAIT_SECONDS, Reader
from spiders.headers import PIECE, Head, parse, read_head
from spiders.hops import hop, is_home, made_up, place_of
from spiders.seen import LONGEST_VALUE, Broken, Seen

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ADDRESS = Address(bytes((192, 0, 2, 1)))
_LARGEST = 1024
_PLACES = ("http://site.example/a/b.jpg?q=1", "https://[2001:db8::1]:8443/", "http://sub.site.example/login")
_NAME = dns.name.from_text("site.example.")


_T = TypeVar("_T")


class Given:
    """A source of given bytes; what is past the end of the headers must not be taken."""

    def __init__(self, data: bytes, sizes: bytes) -> None:
        self.started = False
        self.taken = 0
        self._data, self._sizes, self._n = data, sizes or b"\xff", 0

    async def next(self, so_far: bytes) -> bytes:
        """The next piece, which is peeked at."""
        size = 1 + self._sizes[self._n % len(self._sizes)] % PIECE
        self._n += 1
        piece = self._data[self.taken : self.taken + size]
        if not piece:
            raise EOFError
        self.started = True
        return piece

    def keep(self, n: int) -> None:
        self.taken += n


def heads(data: bytes) -> None:
    draws = Draws(data)
    sizes, content = draws.raw(2), draws.rest()
    source = Given(content, sizes)
    try:
        head = _run(read_head(source, _LARGEST))
    except (Broken, EOFError):
        return
    _is_sound(head)
    assert source.taken <= _LARGEST
    assert content[: source.taken].endswith((b"\n\n", b"\n\r\n"))
    assert _run(read_head(Given(content, b"\xff"), _LARGEST)) == head  # however the pieces fall


def _is_sound(head: Head) -> None:
    assert 100 <= head.status <= 999
    assert all(name == name.lower() and len(value) <= LONGEST_VALUE for name, value in head.headers.items())


def exchanges(data: bytes) -> None:
    """Headers as the parser gives them, and as bytes that it would not have let through."""
    draws = Draws(data)
    status = draws.one_of((200, 206, 302, 304, 403, 404, 429, 503, draws.integer(100, 999)))
    block = b"HTTP/1.1 " + str(status).encode() + b" X\r\n" + draws.rest() + b"\r\n\r\n"
    try:
        head = parse(block)
    except Broken:
        return
    _is_sound(head)
    for headers in (head.headers, dict.fromkeys(head.headers, block[-LONGEST_VALUE:])):
        seen = Seen(Phase.DONE, None, head.status, headers)
        made = Reader(b"k" * 32).exchange(seen, Purpose.TARGET, Method.HEAD, ADDRESS, NOW)
        wait, print_ = made.retry_after_seconds, made.fingerprint
        assert wait is None or 0 <= wait <= LONGEST_WAIT_SECONDS
        assert print_.length is None or 0 <= print_.length < 10**18
        assert print_.content_type is None or (print_.content_type.isascii() and len(print_.content_type) <= 100)
        assert all(each is None or len(each) == 16 for each in (print_.etag, print_.last_modified, print_.server))


def locations(data: bytes) -> None:
    draws = Draws(data)
    origin, current = (place_of(draws.one_of(_PLACES)) for _ in range(2))
    assert origin is not None and current is not None
    found = hop(origin, current, draws.rest())
    if found is None:
        return
    place = found.place
    assert normalise_url(place.url).url == place.url
    assert place.scheme in ("http", "https")
    assert 0 < place.port < 65_536
    assert place.url.endswith(place.path + place.query)
    if found.kind is LocationKind.HOME:
        assert is_home(place)
    sibling = normalise_url(made_up(place, "abc"))
    assert sibling.host == place.host


class Saying(Client):
    """A resolver that gives one answer to everything, the A's question aside."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.n_asked = 0

    async def ask(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType, *, patient: bool = True) -> Reply:
        """The given bytes with the header and question of an answer to this question."""
        self.n_asked += 1
        query = dns.message.make_query(name, rdtype)
        message = _parsed(_answer(query, self._content), query, whole=True)
        if message is None:
            return Reply(None, DnsStatus.MALFORMED)
        return Reply(message, _FAILURES.get(message.rcode(), DnsStatus.REFUSED))


def _answer(query: dns.message.Message, content: bytes) -> bytes:
    """Flags and counts as given, the rest of the header and the question as asked."""
    wire = query.to_wire()
    question = wire[12:]
    flags = bytes([content[0] | 0x80, content[1]]) if len(content) > 1 else b"\x80\0"
    counts = content[2:5].ljust(3, b"\0")
    n_records = b"".join((each % 8).to_bytes(2, "big") for each in counts)
    return wire[:2] + flags + b"\0\1" + n_records + question[: len(_question(query))] + content[5:]


def _question(query: dns.message.Message) -> bytes:
    return query.question[0].name.to_wire() + bytes(4)


def dns_answers(data: bytes) -> None:
    client = Saying(data)
    a = _run(find(client, _NAME, dns.rdatatype.A, longest_chain=5))
    aaaa = _run(find(client, _NAME, dns.rdatatype.AAAA, longest_chain=5))
    made = combine("192.0.2.53:53", NOW, a, aaaa, treat_as_global=(), seconds=0.1)
    assert client.n_asked <= 14
    assert len(made.cname_chain) <= 5
    assert 0 <= made.ttl_seconds < 2**32
    assert all(len(each.address) in (4, 16) for each in made.addresses)
    assert (made.status is DnsStatus.ANSWERED) <= bool(made.addresses)
    "".join(made.cname_chain).encode()


def pipe(data: bytes) -> None:
    """A line is a message or none."""
    try:
        kind, values = parsed(data)
    except ValueError as error:
        assert str(error) == "a line on the pipe is no message"
        return
    assert parsed(line(kind, *values)) == (kind, values) or "NaN" in line(kind, *values).decode()


def _run(work: Coroutine[Any, Any, _T]) -> _T:
    """A coroutine that never waits for anything outside needs no event loop."""
    try:
        work.send(None)
    except StopIteration as done:
        found: _T = done.value
        return found
    work.close()
    raise AssertionError("it waits for something")


def _records(*texts: str, rcode: int = 0, section: int = 0) -> bytes:
    """A seed of `dns_answers`: what comes behind the question."""
    message = dns.message.make_response(dns.message.make_query(_NAME, dns.rdatatype.A))
    message.set_rcode(dns.rcode.Rcode(rcode))
    for text in texts:
        name, kind, value = text.split(" ", 2)
        (message.answer, message.authority)[section].append(dns.rrset.from_text(name, 300, "IN", kind, value))
    wire = message.to_wire()
    return wire[2:4] + bytes((wire[7], wire[9], wire[11])) + wire[12 + len(_question(message)) :]


_HEADERS = (
    b'Content-Type: image/jpeg; charset=x\r\nContent-Length: 1234\r\nETag: W/"a"\r\nRetry-After: 120\r\n',
    b"Content-Range: bytes 0-0/1234\r\nRetry-After: Sun, 01 Mar 2026 10:00:00 GMT\r\nServer: ddos-guard\r\n",
    b"cf-mitigated: challenge\r\nLocation: /login?next=%2F\r\nLast-Modified: x\r\n",
)
TARGETS = {
    "heads": Target(
        heads,
        (
            b"\xff\xffHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            b"\0\1HTTP/1.1 103 Early Hints\nLink: x\n\nHTTP/1.0 404\n\n",
            b"\3\3HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
            b"\x40\2HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nBad header\r\n: x\r\n\r\n",
        ),
        (b"HTTP/1.1 ", b"\r\n\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked", b"Upgrade: ", b"100 Continue"),
        2048,
    ),
    "exchanges": Target(
        exchanges,
        tuple(bytes([n, 0]) + each for n, each in enumerate(_HEADERS)),
        tuple(each.split(b":")[0] + b": " for block in _HEADERS for each in block.split(b"\r\n") if each),
        1024,
    ),
    "locations": Target(
        locations,
        (
            b"\0\0/login",
            b"\1\2//other.example/index.php?x",
            b"\2\0https://www.site.example:0443/%7e",
            b"\0\1?q",
            b"\0\0../\xe9",
        ),
        (b"//", b"http:", b"javascript:", b"\\", b"xn--", b"@", b"sign_in", b"[::1]", b"\0"),
        512,
    ),
    "dns": Target(
        dns_answers,
        (
            _records("site.example. A 192.0.2.1"),
            _records("site.example. CNAME a.example.", "a.example. A 192.0.2.1"),
            _records("site.example. CNAME site.example."),
            _records("site.example. AAAA ::ffff:192.0.2.1"),
            _records("example. SOA a.example. b.example. 1 2 3 4 5", rcode=3, section=1),
            _records("example. NS a.example.", section=1),
            _records(rcode=2),
        ),
        (b"\xc0\x0c", b"\0\5\0\1", b"\0\6\0\1", b"\0\x29", b"\0\1\0\1", b"\0\x1c\0\1", b"\0\xfa\0\xff"),
        512,
    ),
    "pipe": Target(
        pipe,
        (line(Say.READY), line(Say.LOST, 1), b'["seen",1,[null,1.5,"x"]]', b'[["seen"]]', b'{"seen":1}'),
        tuple(kind.value.encode() for kind in Say),
        256,
    ),
}
