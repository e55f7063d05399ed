"""Whom to ask: the setting `[resolvers] servers` in, `Resolver`s out.

What would surprise: one resolver is refused, and so is the same one twice. A finding that rests on DNS alone must
not rest on one server's word.
"""

from dataclasses import dataclass
from ipaddress import ip_address

from monitor.config import Resolvers
from monitor.errors import ConfigError

_PORT = 53
_HINT = "Write [resolvers] servers as two addresses or more, such as 192.0.2.1 or [2001:db8::1]:5353"


@dataclass(frozen=True, slots=True)
class Resolver:
    """One recursive resolver; `str` is the spelling that Resolutions carry."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def parse_resolvers(settings: Resolvers) -> tuple[Resolver, ...]:
    """The configured resolvers, in order. Raises ConfigError for fewer than two, a repeated or an unreadable one."""
    resolvers = tuple(_parsed(text, place) for place, text in enumerate(settings.servers, 1))
    if len(set(resolvers)) != len(resolvers):
        raise ConfigError("[resolvers] servers names one resolver twice", _HINT)
    if len(resolvers) < 2:
        named = "one resolver" if resolvers else "no resolver"
        raise ConfigError(f"[resolvers] servers names {named}, and two are needed", _HINT)
    return resolvers


def _parsed(text: str, place: int) -> Resolver:
    """`192.0.2.1`, `192.0.2.1:53`, `2001:db8::1` or `[2001:db8::1]:53`."""
    address, port = text.strip(), str(_PORT)
    if address.startswith("["):
        address, _, rest = address[1:].partition("]")
        port = rest.removeprefix(":") if rest else port
    elif address.count(":") == 1:
        address, _, port = address.partition(":")
    try:
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
            raise ValueError("port")
        return Resolver(str(ip_address(address)), int(port))
    except ValueError:
        raise ConfigError(f"[resolvers] servers: number {place} is not the address of a resolver", _HINT) from None
