"""What live checks need, tried: each resolver, each canary from each vantage, and the clock.

In: settings, with a mandate in force. Out: Findings, in which resolvers and canaries have numbers and no names. What
would surprise: the clock is compared with the `Date` header of our own canary, asked by HEAD, and with no other host;
where every vantage goes through a proxy it is not compared at all, because that would go past the proxy.
"""

import asyncio
import random
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit

import dns.name
import dns.rdatatype

from monitor import resolution
from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.loopback import check_mandate_place
from monitor.model.observation import DIRECT, CanaryReading
from monitor.model.operation import Finding, Mark
from monitor.observation.crawl import Crawl
from monitor.observation.messages import CanaryAsk, CrawlSettings, crawl_settings
from monitor.resolution.question import Client, Reply
from monitor.rounds import canary_asks

_OFF_BY, _FAR_OFF = timedelta(seconds=5), timedelta(minutes=1)
_ANSWER_SECONDS = 5.0
_SET_CLOCK = "Let the machine keep its time (systemd-timesyncd, chrony), then start `monitor run` again"


def live_findings(settings: Settings, digest_key: bytes) -> Iterator[Finding]:
    """Ask what the configuration names. `digest_key`: of header values, for the crawl process."""
    try:
        check_mandate_place(settings)
        if not (settings.canary.ipv4 or settings.canary.ipv6):
            yield Finding("canary", Mark.ACT, "none is configured", "Name URLs of yours in [canary] ipv4 and ipv6")
        yield from _resolvers(settings)
        asks = canary_asks(settings)
    except MonitorError as error:
        yield Finding("resolvers", Mark.ACT, error.message, error.hint or "See docs/checks.md")
        return
    if not asks:
        return
    told = crawl_settings(settings, digest_key)
    try:
        with Crawl(told) as crawl:
            readings = crawl.canaries(asks, after=False)
    except MonitorError as error:
        yield Finding("canary", Mark.ACT, error.message, error.hint)
        return
    yield from _canaries(readings)
    yield _clock(told, [ask for ask, reading in zip(asks, readings, strict=True) if reading.healthy])


def running(settings: Settings) -> Iterator[Finding]:
    """Whether `monitor run` says on its port that it is well; nothing where no port is configured."""
    operation = settings.operation
    if not operation.metrics_port:
        return
    line = HTTPConnection(operation.metrics_host, operation.metrics_port, timeout=_ANSWER_SECONDS)
    try:
        line.request("GET", "/healthz")
        word = line.getresponse().read(20).decode("ascii", "replace").strip()
    except (OSError, HTTPException):
        todo = "Start it (systemctl start hosting-monitor), or look at its log"
        yield Finding("run", Mark.LOOK, "`monitor run` does not answer on [operation] metrics_port", todo)
        return
    finally:
        line.close()
    if word == "ok":
        yield Finding("run", Mark.OK, "`monitor run` is at work")
    else:
        todo = "`monitor status` says what is late; the log of `monitor run` says why"
        yield Finding("run", Mark.ACT, f"`monitor run` says: {word if word.isalpha() else 'nothing of use'}", todo)


def _resolvers(settings: Settings) -> Iterator[Finding]:
    """One question to each: the canary's name, or where it has none the root's name servers, which any resolver knows.

    Raises ConfigError where fewer than two are configured.
    """
    asked = resolution.parse_resolvers(settings.resolvers)
    clients = [Client(each, settings.resolvers, 0.5, random.SystemRandom()) for each in asked]
    name, kind = _question(settings)

    async def ask_all() -> list[Reply]:
        return await asyncio.gather(*(client.ask(name, kind, patient=False) for client in clients))

    replies = asyncio.run(ask_all())
    for number, reply in enumerate(replies, 1):
        if reply.failure is None:
            yield Finding(f"resolver {number}", Mark.OK, f"answers ({reply.rcode})")
        else:
            todo = f"Look at number {number} of [resolvers] servers, and whether it answers this machine"
            yield Finding(f"resolver {number}", Mark.ACT, f"no answer of use: {reply.failure.value}", todo)


def _question(settings: Settings) -> tuple[dns.name.Name, dns.rdatatype.RdataType]:
    for url in (*settings.canary.ipv4, *settings.canary.ipv6):
        host = urlsplit(url).hostname or ""
        if host and not _is_literal(host):
            return dns.name.from_text(host), dns.rdatatype.A
    return dns.name.root, dns.rdatatype.NS


def _canaries(readings: Sequence[CanaryReading]) -> Iterator[Finding]:
    """By vantage and IP version, as every run does it: through the crawl process."""
    of_way: dict[tuple[str, int], list[CanaryReading]] = {}
    for reading in readings:
        of_way.setdefault((reading.vantage, reading.family), []).append(reading)
    for (vantage, family), found in sorted(of_way.items()):
        n_healthy = sum(each.healthy for each in found)
        name = f"canary IPv{family}" + ("" if vantage == DIRECT else f" from {vantage}")
        said = f"{n_healthy} of {len(found)} answered as they should"
        if n_healthy == len(found):
            yield Finding(name, Mark.OK, said)
        else:
            why = "; ".join(dict.fromkeys(_why(each) for each in found if not each.healthy))
            todo = "Look at the line of this machine (or the proxy of this vantage), then at the server"
            yield Finding(name, Mark.ACT if not n_healthy else Mark.LOOK, f"{said}: {why}", todo)


def _why(reading: CanaryReading) -> str:
    seen = reading.exchange
    if seen is None:
        return "its name gave no address of this kind"
    if seen.error is not None:
        return f"{seen.phase.value}: {seen.error.value}"
    return f"status {seen.status}" if seen.status is not None else f"only came to {seen.phase.value}"


def _clock(told: CrawlSettings, asks: Sequence[CanaryAsk]) -> Finding:
    """By how much the machine's clock differs from that of a canary that has just answered."""
    todo = "Compare it with another clock: `timedatectl` says whether the machine keeps its time"
    direct = [ask for ask in asks if told.vantages.get(ask.vantage) is None and ask.addresses]
    if not direct:
        return Finding("clock", Mark.LOOK, "not compared: no canary answered without a proxy", todo)
    off = next((off for ask in direct if (off := _off_by(told, ask)) is not None), None)
    if off is None:
        return Finding("clock", Mark.LOOK, "not compared: no canary gives the time (a Date header)", todo)
    seconds = off.total_seconds()
    figures = {"off_by_seconds": round(seconds, 1)}
    said = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} the canary's"
    if abs(off) > _FAR_OFF:
        return Finding("clock", Mark.ACT, said, _SET_CLOCK, figures)
    if abs(off) > _OFF_BY:
        return Finding("clock", Mark.LOOK, said, _SET_CLOCK, figures)
    return Finding("clock", Mark.OK, "the canary's clock says the same", figures=figures)


def _off_by(told: CrawlSettings, ask: CanaryAsk) -> timedelta | None:
    """Our clock minus the server's, at the middle of the exchange; None where it does not say."""
    parts = urlsplit(ask.url)
    line = _connection(str(ip_address(ask.addresses[0])), parts.hostname or "", parts.port, parts.scheme)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    begun_at = datetime.now(UTC)
    try:
        line.request("HEAD", path, headers={"Host": parts.netloc.rpartition("@")[2], "User-Agent": told.user_agent})
        said = line.getresponse().getheader("Date")
        middle = begun_at + (datetime.now(UTC) - begun_at) / 2
        server = parsedate_to_datetime(said) if said else None
    except (OSError, HTTPException, ValueError, TypeError):
        return None
    finally:
        line.close()
    if server is None or server.tzinfo is None:
        return None
    return middle - server - timedelta(seconds=0.5)  # the header names whole seconds


def _connection(address: str, host: str, port: int | None, scheme: str) -> HTTPConnection:
    """To the address that our resolvers gave, under the canary's name. A certificate is not what is asked about."""
    if scheme != "https":
        return HTTPConnection(address, port, timeout=_ANSWER_SECONDS)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    line = _Named(address, port, timeout=_ANSWER_SECONDS, context=context)
    line.server_name = host
    return line


class _Named(HTTPSConnection):
    """Connects to an address and asks for a name."""

    server_name = ""

    def connect(self) -> None:
        HTTPConnection.connect(self)
        name = self.server_name or None
        self.sock = self._context.wrap_socket(self.sock, server_hostname=name)  # type: ignore[attr-defined]


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
