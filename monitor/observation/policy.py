"""Where a Check may connect to: a packed address or a port in, yes or no out.

What would surprise: an address that carries an IPv4 address inside it (mapped, compatible, 6to4, Teredo, NAT64, ISATAP)
is never allowed, whatever the inner one is, because a gateway would lead elsewhere than was attributed. With
`loopback` it is the other way round: loopback addresses are allowed and nothing else. Documentation ranges, which
samples and trials use for attribution, are never connected to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from monitor.model.report import Address

_IPV4_LENGTH, _IPV6_LENGTH = 4, 16


def _bounds(prefixes: Iterable[str]) -> tuple[tuple[bytes, bytes], ...]:
    """First and last packed address of each prefix: bytes in network order compare as the addresses do."""
    networks = [ip_network(prefix) for prefix in prefixes]
    return tuple((network[0].packed, network[-1].packed) for network in networks)


_FORBIDDEN4 = _bounds(
    (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared, carriers' NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112: sinks for stray queries
        "192.52.193.0/24",  # multicast tunnels (AMT)
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks of equipment
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_UNICAST6 = _bounds(("2000::/3",))
"""The only IPv6 space from which registries give out: loopback, mapped, compatible, NAT64, unique local, link-local and
multicast lie outside."""
_FORBIDDEN6 = _bounds(
    (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, overlays
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")
"""Bytes 8 to 11 of an address whose last four are an IPv4 address (RFC 5214)."""
_LOOPBACK6 = bytes(15) + b"\x01"

_WEB = frozenset({80, 443})
_FIRST_UNRESERVED = 1024
_BLOCKED = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6679, 6697, 10080} | set(range(6665, 6670))
)
"""The bad ports of the Fetch standard from 1024: other protocols, whose servers a request could mislead."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be connected to. `loopback`: loopback addresses alone. No `ports`: 80, 443, and those from 1024 but for
    the ones that browsers block."""

    loopback: bool
    ports: frozenset[int] = frozenset()

    def address_allowed(self, address: Address) -> bool:
        """Whether a packed address may be connected to; one of any other length than 4 or 16 bytes may not."""
        if self.loopback:
            return _is_loopback(address)
        if len(address) == _IPV4_LENGTH:
            return not _within(address, _FORBIDDEN4)
        if len(address) == _IPV6_LENGTH:
            return _within(address, _UNICAST6) and not _within(address, _FORBIDDEN6) and address[8:12] not in _ISATAP
        return False

    def port_allowed(self, port: int) -> bool:
        """Whether a TCP port may be connected to."""
        if self.ports:
            return port in self.ports
        return port in _WEB or (_FIRST_UNRESERVED <= port < 2**16 and port not in _BLOCKED)


def _is_loopback(address: Address) -> bool:
    return (len(address) == _IPV4_LENGTH and address[0] == 127) or address == _LOOPBACK6


def _within(address: Address, ranges: tuple[tuple[bytes, bytes], ...]) -> bool:
    return any(first <= address <= last for first, last in ranges)
