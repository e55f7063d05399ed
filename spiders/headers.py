"""From the start of an answer to its headers: reads to the empty line and not past it, skips interim answers, parses.

What would surprise: over plain HTTP an answer to HEAD is peeked at in pieces of `PIECE` bytes, so a server that breaks
the rules by sending a body to HEAD shows at most `PIECE` - 1 bytes of it to the process; an answer to GET, which has a
body by right, is read by one and two bytes at a time, so that no byte of a body is ever received or seen. That is
twenty times as slow. With TLS a record is decrypted whole: at most 16 KB can be body.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import httptools

from monitor.model.words import ExchangeError
from spiders.seen import LONGEST_VALUE, Broken
from spiders.wire import Line

PIECE = 512
MOST_INTERIM = 8
_END = re.compile(rb"\n\r?\n")
_START = b"HTTP/"
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+([1-9]\d\d)(?!\d)")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SWITCHING = 101
"""An interim answer that no other answer follows."""


@dataclass(frozen=True, slots=True, repr=False)
class Head:
    """The final status and the first value of each header by its lower-case name."""

    status: int
    headers: Mapping[bytes, bytes]


class Source(Protocol):
    """Where an answer comes from. `started`: a byte of it came."""

    started: bool

    async def next(self, so_far: bytes) -> bytes:
        """The bytes after `so_far`, a part of the headers; may go past their end. Never empty."""

    def keep(self, n: int) -> None:
        """The first n of the bytes just given were headers; the rest, if any, has not been read."""


class Peeked:
    """Plain HTTP, HEAD: peek, then take what belongs to the headers."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.started = False

    async def next(self, so_far: bytes) -> bytes:
        piece = await self._line.show(PIECE)
        self.started = True
        return piece

    def keep(self, n: int) -> None:
        self._line.take(n)


class Exact:
    """Plain HTTP, GET: never as much as could go past the end. Inside a line that is two bytes (its line feed and the
    empty line's), after a line feed one."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.started = False

    async def next(self, so_far: bytes) -> bytes:
        piece = await self._line.some(1 if so_far.endswith((b"\n", b"\n\r")) else 2)
        self.started = True
        return piece

    def keep(self, n: int) -> None:
        """All of it was taken, none of it past the end."""


async def read_head(source: Source, largest: int) -> Head:
    """Read up to the end of the final headers. Raises Broken, and what the connection raises.

    `largest`: bytes of all header blocks together, interim ones included.
    """
    left = largest
    for _ in range(MOST_INTERIM + 1):
        block = await _read_block(source, left)
        left -= len(block)
        head = parse(block)
        if head.status >= 200 or head.status == _SWITCHING:
            return head
    raise Broken(ExchangeError.INTERIM_FLOOD)


async def _read_block(source: Source, largest: int) -> bytes:
    """One status line with its headers, to the empty line."""
    block = b""
    while True:
        before = len(block)
        block += await source.next(block)
        if not block.startswith(_START[: len(block)]):
            raise Broken(ExchangeError.NOT_HTTP)
        end = _END.search(block, max(0, before - 2))
        stop = end.end() if end else len(block)
        if stop > largest:
            raise Broken(ExchangeError.HEADERS_TOO_LARGE)
        source.keep(stop - before)
        if end:
            return block[:stop]


class _Collector:
    __slots__ = ("headers",)

    def __init__(self) -> None:
        self.headers: dict[bytes, bytes] = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.setdefault(name.lower(), value[:LONGEST_VALUE])


def parse(block: bytes) -> Head:
    """The headers of one block. What the strict parser refuses is read line by line, as browsers do, and what is no
    header is left out; a status line there must be: raises Broken(NOT_HTTP)."""
    collector = _Collector()
    parser = httptools.HttpResponseParser(collector)
    try:
        parser.feed_data(block)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return _by_line(block)
    status = parser.get_status_code()
    return Head(status, collector.headers) if status else _by_line(block)


def _by_line(block: bytes) -> Head:
    first, *lines = block.split(b"\n")
    match = _STATUS.match(first)
    if match is None:
        raise Broken(ExchangeError.NOT_HTTP)
    collector = _Collector()
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon and _NAME.fullmatch(name.strip()):
            collector.on_header(name.strip(), value.strip())
    return Head(int(match[1]), collector.headers)
