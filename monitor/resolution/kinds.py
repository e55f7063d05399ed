"""What an address can be used for: packed address in, AddressKind out.

What would surprise: an address that embeds an IPv4 address (IPv4-mapped, 6to4, NAT64) is what that one is, and
`ipaddress.is_global` alone would let multicast and unallocated IPv6 through: both are bogons here.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from monitor.model.report import Address
from monitor.model.words import AddressKind
from monitor.resolution.options import Networks

_PRIVATE: Networks = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
    )
)
"""RFC 1918, loopback, link-local, shared (RFC 6598), unique local, and the site-local of old."""
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052
_UNICAST = ip_network("2000::/3")
"""The only IPv6 space from which the registries have ever given out."""


def packed(text: str) -> Address:
    """An address of an A or AAAA record, packed; IPv4-mapped IPv6 becomes IPv4."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return Address(address.packed)


def kind_of(address: Address, treat_as_global: Networks = ()) -> AddressKind:
    """The kind of a packed address. Networks in `treat_as_global` count as global whatever they are."""
    whole = ip_address(address)
    seen = _embedded(whole)
    if any(one in network for network in treat_as_global for one in (whole, seen)):
        return AddressKind.GLOBAL
    if any(seen in network for network in _PRIVATE):
        return AddressKind.PRIVATE
    allocated = seen.version == 4 or seen in _UNICAST
    if allocated and seen.is_global and not seen.is_multicast and not seen.is_reserved:
        return AddressKind.GLOBAL
    return AddressKind.BOGON


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address
