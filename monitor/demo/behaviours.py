"""How a web server behaves: bytes, waits, resets. One function or constant per behaviour, for `Webserver`.

What would surprise: nothing is checked or completed. A Behaviour sends exactly its steps, also where that breaks HTTP;
only what HEAD and a ranged GET get can differ from what a GET gets. Bodies are invented and hold nothing.
"""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

PIXELS = b"\x89PNG\r\n\x1a\n" + bytes(2040)
"""Stands for an image: a signature and zeros."""
_MIB = 1_048_576


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came. Header names are lower case; `host` is the Host header with its port."""

    method: str
    host: str
    path: str
    address: str  # of ours, at which it came in
    headers: Mapping[str, str]
    peer_port: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing more, until the asker goes away."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (RST), not closed."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The same bytes again and again, `times` or without end, as fast as they are taken or with a pause."""

    chunk: bytes
    times: int | None = None
    pause_seconds: float = 0.0


Steps = tuple[bytes | Wait | Hang | Reset | Stream, ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is sent, in order; then the connection is closed, unless it `stays` for another request."""

    steps: Steps
    to_head: Steps | None = None  # what HEAD gets; None: the same
    to_range: Steps | None = None  # what a GET with a Range gets; None: the same as any GET
    stays: bool = False

    def steps_for(self, asked: Asked) -> Steps:
        if asked.method == "HEAD" and self.to_head is not None:
            return self.to_head
        if asked.method == "GET" and self.to_range is not None and "range" in asked.headers:
            return self.to_range
        return self.steps


def head(status: str, headers: Sequence[tuple[str, str]] = (), *, version: str = "HTTP/1.1") -> bytes:
    """The status line (`200 OK`), the header lines and the empty line."""
    lines = [f"{version} {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def answer(status: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b"") -> Behaviour:
    """A well-behaved answer: framed by Content-Length (as the last header), no body to HEAD, the connection stays."""
    start = head(status, [*headers, ("Content-Length", str(len(body)))])
    return Behaviour((start + body,), to_head=(start,), stays=True)


def by_method(to_get: Behaviour, to_head: Behaviour) -> Behaviour:
    """One thing to GET and another to HEAD, such as 404 to HEAD alone."""
    return replace(to_get, to_head=to_head.to_head if to_head.to_head is not None else to_head.steps)


def after(seconds: float, behaviour: Behaviour) -> Behaviour:
    """The same, but nothing is sent before that time is over."""
    wait: Steps = (Wait(seconds),)
    return replace(
        behaviour,
        steps=wait + behaviour.steps,
        to_head=None if behaviour.to_head is None else wait + behaviour.to_head,
        to_range=None if behaviour.to_range is None else wait + behaviour.to_range,
    )


# What sites do while the material is there, and once it is gone.


def image(etag: str | None = '"v1"', length: int = len(PIXELS), modified: str | None = None) -> Behaviour:
    """An image that honours a Range of its first byte. `modified`: an HTTP date."""
    validators = [("ETag", etag)] if etag else []
    validators += [("Last-Modified", modified)] if modified else []
    headers = [("Server", "invented/1"), ("Content-Type", "image/png"), *validators]
    body = (PIXELS * (length // len(PIXELS) + 1))[:length] if length <= _MIB else PIXELS
    whole = head("200 OK", [*headers, ("Content-Length", str(length))])
    part = head("206 Partial Content", [*headers, ("Content-Range", f"bytes 0-0/{length}"), ("Content-Length", "1")])
    return Behaviour((whole + body,), to_head=(whole,), to_range=(part + body[:1],), stays=len(body) == length)


def without_validators(content_type: str = "image/png") -> Behaviour:
    """A medium of which nothing says whether it changed: chunked, no length."""
    start = head("200 OK", [("Content-Type", content_type), ("Transfer-Encoding", "chunked")])
    return Behaviour((start + b"5\r\nhello\r\n0\r\n\r\n",), to_head=(start,), stays=True)


def page(text: str = "A page.", headers: Sequence[tuple[str, str]] = ()) -> Behaviour:
    """HTML without validators. Given to every path, it is the soft 404."""
    html = f"<!DOCTYPE html><title>{text}</title>".encode()
    return answer("200 OK", [("Content-Type", "text/html; charset=utf-8"), *headers], html)


def placeholder() -> Behaviour:
    """One and the same small picture for everything that is gone: 200, equal headers, also on paths made up."""
    return image('"removed"', 807)


def parked() -> Behaviour:
    """What a registrar shows where a site was."""
    return page("This domain is for sale.", [("Server", "parking.example"), ("X-Redirect", "skenzo")])


def status(code: int, *headers: tuple[str, str]) -> Behaviour:
    """Any status with an empty body."""
    return answer(f"{code} Invented", headers)


def redirect(location: str, code: int = 302) -> Behaviour:
    """To anywhere: home, login, another site, itself, a private address, another port, `file:`, `javascript:`."""
    return answer(f"{code} Found", [("Location", location)])


def rate_limited(retry_after: str | None = None) -> Behaviour:
    """429. `retry_after`: seconds or an HTTP date, as the header has it."""
    return status(429, *([("Retry-After", retry_after)] if retry_after is not None else []))


def challenge(code: int = 403) -> Behaviour:
    """A page that wants to see a person first."""
    body = b"<!DOCTYPE html><title>Just a moment...</title>"
    headers = [("Server", "cloudflare"), ("Content-Type", "text/html"), ("cf-mitigated", "challenge")]
    return answer(f"{code} Invented", headers, body)


NOT_FOUND = status(404)
GONE = status(410)
LEGAL_REASONS = status(451)
UNAUTHORIZED = status(401)
FORBIDDEN = status(403)
UNAVAILABLE = status(503)
NOT_ALLOWED_TO_HEAD = by_method(image(), status(405))
NOT_IMPLEMENTED_TO_HEAD = by_method(image(), status(501))
NOT_FOUND_TO_HEAD = by_method(image(), NOT_FOUND)

# Connections that come to nothing.

RESET = Behaviour((Reset(),))
CLOSE = Behaviour(())
HANG = Behaviour((Hang(),))
HANG_IN_HEADERS = Behaviour((b"HTTP/1.1 200 OK\r\nContent-Ty", Hang()))
HANG_AFTER_HEADERS = Behaviour((head("200 OK", [("Content-Type", "image/png"), ("Content-Length", "100")]), Hang()))
DROP_IN_HEADERS = Behaviour((b"HTTP/1.1 200 OK\r\nContent-Ty",))
RESET_IN_HEADERS = Behaviour((b"HTTP/1.1 200 OK\r\nContent-Ty", Wait(0.1), Reset()))
GARBAGE = Behaviour((b"\x00\xff\xfe garbage \x80" * 20,))
HTTP_0_9 = Behaviour((b"<html>a page without a head</html>\r\n",))
HTTP_2 = Behaviour((b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80",))  # a SETTINGS frame
HTTP_2_PREFACE = Behaviour((b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",))
TLS_ALERT = Behaviour((b"\x15\x03\x01\x00\x02\x02\x28",))
SSH_BANNER = Behaviour((b"SSH-2.0-invented\r\n",))

# Odd, and still HTTP.

HTTP_1_0 = Behaviour((head("200 OK", [("Content-Type", "image/png"), ("ETag", '"v1"')], version="HTTP/1.0"),))
BARE_LINE_FEEDS = Behaviour((b'HTTP/1.1 200 OK\nContent-Type: image/png\nETag: "v1"\nContent-Length: 0\n\n',))
TWO_LENGTHS = Behaviour((head("200 OK", [("Content-Length", "5"), ("Content-Length", "7")]), b"hello"))
NOT_MODIFIED = answer("304 Not Modified", [("ETag", '"v1"')])
EARLY_HINTS = Behaviour((head("103 Early Hints", [("Link", "</a.css>")]), head("204 No Content", [("ETag", '"v1"')])))

# Servers that send more than anybody should take. `marked` stands where a body would be; HEAD gets all of it too.


def early_body(marked: bytes) -> Behaviour:
    """The body in the same write as the headers: the same segment, the same TLS record."""
    return Behaviour((_media(("Content-Length", str(len(marked)))) + marked,))


def endless_body(marked: bytes) -> Behaviour:
    return Behaviour((_media(), Stream(_filled(marked))))


def large_image(marked: bytes, n_mib: int = 100) -> Behaviour:
    """As many MiB as Content-Length says."""
    return Behaviour((_media(("Content-Length", str(n_mib * _MIB))), Stream(_filled(marked, _MIB), n_mib)))


def gzip_bomb(marked: bytes) -> Behaviour:
    """Members of a few KB, each of which unpacks to the marked body and 4 MiB of zeros; again and again."""
    member = gzip.compress(marked + bytes(4 * _MIB), 9, mtime=0)
    return Behaviour((_media(("Content-Encoding", "gzip")), Stream(member)))


def trailers(marked: bytes) -> Behaviour:
    """Chunked, with the marked text in the trailers, which come again and again."""
    start = _media(("Transfer-Encoding", "chunked"), ("Trailer", "X-Marked"))
    return Behaviour((start, b"5\r\nhello\r\n0\r\n", Stream(b"X-Marked: " + marked + b"\r\n")))


def interim_flood(marked: bytes, code: int = 103) -> Behaviour:
    """1xx answers without end."""
    return Behaviour((Stream(head(f"{code} Interim", [("Link", marked.decode("latin-1"))])),))


def interim_then(n: int, then: Behaviour) -> Behaviour:
    """So many 1xx answers, then the real one."""
    return replace(then, steps=(Stream(head("102 Processing"), n), *then.steps), to_head=None, to_range=None)


def huge_headers(marked: bytes, n_mib: int = 1024) -> Behaviour:
    """So many MiB of header lines."""
    line = b"X-Large: " + _filled(marked, 1024) + b"\r\n"
    return Behaviour((b"HTTP/1.1 200 OK\r\n", Stream(line * 64, n_mib * _MIB // (64 * len(line)))))


def endless_header_line(marked: bytes) -> Behaviour:
    return Behaviour((b"HTTP/1.1 200 OK\r\nX-Large: ", Stream(_filled(marked))))


def dripping_headers(text: bytes, pause_seconds: float = 1.0) -> Behaviour:
    """A byte at a time."""
    each: list[bytes | Wait | Hang | Reset | Stream] = []
    for byte in text:
        each += [bytes([byte]), Wait(pause_seconds)]
    return Behaviour(tuple(each))


def dripping_body(pause_seconds: float = 1.0) -> Behaviour:
    """The headers at once, the body a byte at a time, without end."""
    return Behaviour((_media(), Stream(b"a", None, pause_seconds)))


def _media(*headers: tuple[str, str]) -> bytes:
    return head("200 OK", [("Content-Type", "image/jpeg"), ("ETag", '"v1"'), *headers])


def _filled(marked: bytes, n_bytes: int = 65_536) -> bytes:
    """The marked text over and over, cut at that many bytes."""
    return (marked * (n_bytes // len(marked) + 1))[:n_bytes]
