"""Scrapy's download handler for checks: a Request with an Order in, an empty Response and a Seen out, headers alone.

`meta["order"]` says where to connect to, `meta["seen"]` what was seen there. What would surprise: it never raises for
trouble on the network, so no exception of Scrapy's (they quote URLs) ever comes of it; a Response without an answer has
status 0; and of a Request only the method, the URL and the User-Agent go on the wire.
"""

import asyncio
import re
from dataclasses import dataclass
from math import inf
from urllib.parse import ParseResult

from OpenSSL import SSL
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.httpobj import urlparse_cached

from monitor.model.words import ExchangeError, Phase, TlsState
from monitor.observation.policy import Policy
from spiders import connect
from spiders.headers import Exact, Head, Peeked, Source, read_head
from spiders.seen import NO_HEADERS, Broken, Order, Seen
from spiders.tls import Tls, trusting
from spiders.wire import Line, error_of

_METHODS = ("HEAD", "GET")
_PORTS = {"http": 80, "https": 443}
_FIXED = "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
_PARTS = re.compile(r"https?://(?:[^/?#@]*@)*([^/?#@]*)([^#]*)(?:#.*)?", re.I | re.S)
_NEVER_SENT = re.compile(r"[\x00-\x20\x7f]")
"""In a URL these would end the line that holds it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds each phase may take and bytes the headers may have. `headers_seconds` runs from the request's end."""

    connect_seconds: float
    tls_seconds: float
    headers_seconds: float
    largest_headers: int

    @classmethod
    def of(cls, settings: BaseSettings) -> "Limits":
        return cls(
            settings.getfloat("MONITOR_CONNECT_SECONDS", 10.0),
            settings.getfloat("MONITOR_TLS_SECONDS", 10.0),
            settings.getfloat("MONITOR_HEADERS_SECONDS", 20.0),
            settings.getint("MONITOR_LARGEST_HEADERS", 65_536),
        )


class HeadersOnlyHandler(BaseDownloadHandler):
    """For http and https, on asyncio, without a Twisted reactor.

    Settings: MONITOR_CONNECT_SECONDS, MONITOR_TLS_SECONDS, MONITOR_HEADERS_SECONDS, MONITOR_LARGEST_HEADERS,
    MONITOR_LOOPBACK, MONITOR_PORTS, and MONITOR_AUTHORITIES (a PEM file to trust instead of the system's).
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._limits = Limits.of(settings)
        ports = frozenset(int(port) for port in settings.getlist("MONITOR_PORTS"))
        self._policy = Policy(settings.getbool("MONITOR_LOOPBACK"), ports)
        self._authorities: str | None = settings.get("MONITOR_AUTHORITIES")
        self._agent = " ".join(str(settings.get("USER_AGENT")).split())  # on one line

    async def download_request(self, request: Request) -> Response:
        """Make the exchange that `meta["order"]` asks for. Raises KeyError without one, ValueError for other methods
        than HEAD and GET."""
        if request.method not in _METHODS:
            raise ValueError("only HEAD and GET are ever asked")
        order: Order = request.meta["order"]
        parsed = urlparse_cached(request)
        try:
            port = _PORTS[parsed.scheme] if parsed.port is None else parsed.port
        except ValueError:
            port = None
        exchange = _Exchange(request.method, self._limits, self._policy)
        refused = connect.check(order, port, self._policy)
        asked = self._request(request, parsed)
        if refused is None and asked is None:
            refused = ExchangeError.BAD_LOCATION
        if refused is None and asked is not None and port is not None:
            secure = trusting(self._authorities) if parsed.scheme == "https" else None
            await exchange.run(order, port, secure, parsed.hostname or "", asked)
        else:
            exchange.error = refused
        seen = exchange.seen()
        request.meta["seen"] = seen
        return Response(request.url, status=seen.status or 0)

    async def close(self) -> None:
        """There is nothing that outlives a request."""

    def _request(self, request: Request, parsed: ParseResult) -> bytes | None:
        """The request as it goes on the wire, what it asks for byte for byte as in the URL (`urlparse` drops an empty
        query); None where the URL cannot stand in one."""
        parts = _PARTS.fullmatch(request.url)
        if parts is None or not parsed.hostname:
            return None
        host, target = parts[1], parts[2]
        if not target.startswith("/"):
            target = f"/{target}"
        if _NEVER_SENT.search(host) or _NEVER_SENT.search(target):
            return None
        own = request.headers.get(b"User-Agent")
        agent = own.decode("latin-1") if own else self._agent
        partly = "Range: bytes=0-0\r\n" if request.method == "GET" else ""
        text = f"{request.method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\n{partly}{_FIXED}"
        try:
            return text.encode("ascii")
        except UnicodeEncodeError:
            return None


class _Exchange:
    """How far one exchange has come."""

    __slots__ = (
        "_ends_at", "_limits", "_line", "_method", "_policy", "connect_ms", "error", "head", "headers_ms", "n_bytes_in",
        "phase", "tls", "tls_ms",
    )  # fmt: skip

    def __init__(self, method: str, limits: Limits, policy: Policy) -> None:
        self._method = method
        self._limits = limits
        self._policy = policy
        self._line: Line | None = None
        self._ends_at = inf
        self.phase = Phase.NOT_TRIED
        self.error: ExchangeError | None = None
        self.tls = TlsState.NONE
        self.head: Head | None = None
        self.connect_ms: int | None = None
        self.tls_ms: int | None = None
        self.headers_ms: int | None = None
        self.n_bytes_in = 0

    async def run(self, order: Order, port: int, secure: SSL.Context | None, host: str, asked: bytes) -> None:
        """Make it, and note what breaks it off."""
        try:
            await self._run(order, port, secure, host, asked)
        except Broken as broken:
            self.error = broken.error
        except OSError as error:
            self.error = error_of(error)
            if self.error is ExchangeError.RESET and self.phase is Phase.CONNECT:
                # Only an open connection can be reset: it was so before we looked.
                self.phase = Phase.REQUEST if secure is None else Phase.TLS
        finally:
            if self._line is not None:
                self.n_bytes_in = self._line.n_bytes_in
                self._line.close()

    async def _run(self, order: Order, port: int, secure: SSL.Context | None, host: str, asked: bytes) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        self._ends_at = order.ends_at
        line = await self._connect(order, port, loop)
        connected = loop.time()
        self.connect_ms = _ms(connected - begun)
        way: Tls | None = None
        agreed = connected
        if secure is not None:
            way = await self._agree(line, secure, host)
            agreed = loop.time()
            self.tls_ms = _ms(agreed - connected)
        await self._ask(line, way, asked)
        self.headers_ms = _ms(loop.time() - agreed)

    async def _connect(self, order: Order, port: int, loop: asyncio.AbstractEventLoop) -> Line:
        self.phase = Phase.CONNECT
        seconds = self._left(self._limits.connect_seconds)
        if order.proxy is None:
            self._line = await connect.direct(order.address, port, self._policy, seconds, loop)
        else:
            self._line = await connect.through(order.proxy, order.address, port, seconds, loop)
        return self._line

    def _left(self, seconds: float) -> float:
        """How long a phase that begins now may take."""
        return min(seconds, self._ends_at - asyncio.get_running_loop().time())

    async def _agree(self, line: Line, secure: SSL.Context, host: str) -> Tls:
        self.phase = Phase.TLS
        line.until(self._left(self._limits.tls_seconds))
        way = Tls(line, secure, host)
        self.tls = await way.handshake()
        return way

    async def _ask(self, line: Line, way: Tls | None, asked: bytes) -> None:
        """Send the request and read the headers, under one deadline."""
        self.phase = Phase.REQUEST
        line.until(self._left(self._limits.headers_seconds))
        await (way or line).send(asked)
        source: Source = way or (Peeked(line) if self._method == "HEAD" else Exact(line))
        try:
            self.head = await read_head(source, self._limits.largest_headers)
        finally:
            if source.started:
                self.phase = Phase.HEADERS
        self.phase = Phase.DONE

    def seen(self) -> Seen:
        head = self.head
        return Seen(
            self.phase,
            self.error,
            head.status if head else None,
            head.headers if head else NO_HEADERS,
            self.tls,
            self.connect_ms,
            self.tls_ms,
            self.headers_ms,
            self.n_bytes_in,
        )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
