"""An address and a port -> a connected socket to exactly these, straight or through a vantage's proxy.

What would surprise: the policy is asked before there is a socket, and again about the other end that the system names
once connected. A proxy is handed the address, never a name, and is itself the operator's choice, not under the policy;
what it says about the way to the target (refused, unreachable) is the target's, everything else is the proxy's failure.
"""

import asyncio
import socket

from python_socks import ProxyError
from python_socks.async_.asyncio import Proxy

from monitor.model.report import Address
from monitor.model.words import ExchangeError
from monitor.observation.policy import Policy
from spiders.seen import Broken, Order
from spiders.wire import Line, new_socket

_IPV4_LENGTH = 4
_SOCKS5 = "socks5"
_TOLD = {
    3: ExchangeError.UNREACHABLE,  # network unreachable
    4: ExchangeError.UNREACHABLE,  # host unreachable
    5: ExchangeError.REFUSED,
    6: ExchangeError.UNREACHABLE,  # time to live ran out
}
"""Replies of a SOCKS 5 proxy that are about the target (RFC 1928)."""


def check(order: Order, port: int | None, policy: Policy) -> ExchangeError | None:
    """What our own rules have against it; None: nothing. `port` None: the URL's was no number that a port can be."""
    if port is None or not policy.port_allowed(port):
        return ExchangeError.PORT_FORBIDDEN
    return None if policy.address_allowed(order.address) else ExchangeError.ADDRESS_FORBIDDEN


async def direct(address: Address, port: int, policy: Policy, seconds: float, loop: asyncio.AbstractEventLoop) -> Line:
    """Connect without a proxy. Raises Broken and OSError."""
    family = socket.AF_INET if len(address) == _IPV4_LENGTH else socket.AF_INET6
    where = (socket.inet_ntop(family, address), port)
    line = Line(new_socket(family), loop)
    try:
        line.until(seconds)
        await line.connect(where)
        peer = line.peer()
        if peer != where:
            at = Address(socket.inet_pton(family, peer[0]))
            if at != address or not policy.address_allowed(at):
                raise Broken(ExchangeError.ADDRESS_FORBIDDEN)
    except BaseException:
        line.close()
        raise
    return line


async def through(proxy: str, address: Address, port: int, seconds: float, loop: asyncio.AbstractEventLoop) -> Line:
    """Connect through a SOCKS or HTTP proxy. Raises Broken alone."""
    family = socket.AF_INET if len(address) == _IPV4_LENGTH else socket.AF_INET6
    way = _Way()
    try:
        vantage = Proxy.from_url(proxy, forward=way)
        async with asyncio.timeout(seconds):
            sock = await vantage.connect(socket.inet_ntop(family, address), port, timeout=seconds + 1)
    except TimeoutError:  # the proxy's exception for it is one too
        raise Broken(ExchangeError.TIMEOUT if way.reached else ExchangeError.PROXY_FAILED) from None
    except ProxyError as error:
        told = _TOLD.get(error.error_code or 0) if proxy.lower().startswith(_SOCKS5) else None
        raise Broken(told or ExchangeError.PROXY_FAILED) from None
    except (OSError, ValueError, RuntimeError, AssertionError):
        raise Broken(ExchangeError.PROXY_FAILED) from None
    return Line(sock, loop)


class _Way(Proxy):
    """The first step, to the proxy itself: a socket with our small buffer, and a note that the proxy was reached, so
    that its silence about the target can be told from its own."""

    def __init__(self) -> None:
        self.reached = False

    async def connect(self, dest_host: str, dest_port: int, timeout: float | None = None, **_: object) -> socket.socket:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(dest_host, dest_port, type=socket.SOCK_STREAM)
        family, *_rest, where = found[0]
        sock = new_socket(family)
        try:
            await loop.sock_connect(sock, where)
        except BaseException:
            sock.close()
            raise
        self.reached = True
        return sock
