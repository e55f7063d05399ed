"""A mandate for demonstrations and tests is valid on loopback alone: every server that would be asked has to be there.

In: the settings. Out: the ranges that count as public, or MandateMissing. What would surprise: under such a mandate
nothing else is connected to, and under a real one loopback never is.
"""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from monitor.config import Settings
from monitor.errors import MandateMissing
from monitor.model.report import DOCUMENTATION

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def public_ranges(settings: Settings) -> tuple[IPv4Network | IPv6Network, ...]:
    """What counts as globally routable besides what is: documentation, and loopback under a mandate for it."""
    return (*DOCUMENTATION, *(LOOPBACK if settings.mandate.loopback else ()))


def check_mandate_place(settings: Settings) -> None:
    """Raise MandateMissing where a mandate for loopback meets a server that is elsewhere."""
    if not settings.mandate.loopback:
        return
    for what, server in _servers(settings):
        if not _is_loopback(server):
            raise MandateMissing(
                f"The mandate is valid on loopback alone, and a server of {what} is elsewhere",
                "Name servers on 127.0.0.0/8 or ::1, or take [mandate] loopback away",
            )


def _servers(settings: Settings) -> Iterator[tuple[str, str]]:
    for server in settings.resolvers.servers:
        yield "[resolvers]", f"//{server}" if server.count(":") < 2 or "]" in server else f"//[{server}]"
    for base in settings.rdap.servers.values():
        yield "[rdap]", base
    for url in (*settings.canary.ipv4, *settings.canary.ipv6):
        if _is_literal(url):  # a name is looked up, and what it leads to is held against the policy
            yield "[canary]", url
    for vantage in settings.vantages.values():
        if vantage.proxy:
            yield "[vantages]", vantage.proxy


def _is_literal(url: str) -> bool:
    try:
        return bool(ip_address(urlsplit(url).hostname or ""))
    except ValueError:
        return False


def _is_loopback(url: str) -> bool:
    try:
        address = ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return any(address in network for network in LOOPBACK)
