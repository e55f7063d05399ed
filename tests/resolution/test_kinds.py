"""What an address can be used for."""

from ipaddress import ip_address, ip_network

import pytest

from monitor.model.report import Address
from monitor.model.words import AddressKind
from monitor.resolution.kinds import kind_of, packed

GLOBAL, PRIVATE, BOGON = AddressKind.GLOBAL, AddressKind.PRIVATE, AddressKind.BOGON
# Global ones are the neighbours of special blocks, by their first or last address: nobody is meant by them.
KINDS = [
    ("126.255.255.255", GLOBAL),
    ("223.255.255.255", GLOBAL),
    ("2fff:ffff::", GLOBAL),
    ("10.0.0.1", PRIVATE),
    ("172.31.255.255", PRIVATE),
    ("172.32.0.0", GLOBAL),
    ("192.168.1.1", PRIVATE),
    ("127.0.0.53", PRIVATE),
    ("169.254.169.254", PRIVATE),
    ("100.64.0.1", PRIVATE),
    ("100.128.0.0", GLOBAL),
    ("::1", PRIVATE),
    ("fd12::1", PRIVATE),
    ("fe80::1", PRIVATE),
    ("fec0::1", PRIVATE),
    ("0.0.0.0", BOGON),
    ("0.1.2.3", BOGON),
    ("192.0.2.1", BOGON),
    ("198.18.0.1", BOGON),
    ("203.0.113.1", BOGON),
    ("224.0.0.1", BOGON),
    ("224.0.1.1", BOGON),  # "globally reachable" multicast is no host
    ("240.0.0.1", BOGON),
    ("255.255.255.255", BOGON),
    ("::", BOGON),
    ("2001:db8::1", BOGON),
    ("2001::1", BOGON),  # Teredo
    ("4000::1", BOGON),  # never given out
    ("ff0e::1", BOGON),
    ("::10.0.0.1", BOGON),
    # Seen through the IPv4 address inside.
    ("2002:a01:203::1", PRIVATE),
    ("2002:ac20::1", GLOBAL),
    ("2002:c000:201::1", BOGON),
    ("64:ff9b::10.1.2.3", PRIVATE),
    ("64:ff9b::172.32.0.0", GLOBAL),
    ("64:ff9b::192.0.2.1", BOGON),
    ("64:ff9b:1::1", BOGON),
]


@pytest.mark.parametrize(("text", "kind"), KINDS, ids=[text for text, _ in KINDS])
def test_each_special_range_has_its_kind(text: str, kind: AddressKind) -> None:
    """Private ones tempt a checker into its own network, bogons cannot be announced, the rest is global."""
    assert kind_of(Address(ip_address(text).packed)) is kind


def test_mapped_addresses_are_packed_as_ipv4() -> None:
    """An AAAA record with an IPv4-mapped address is that IPv4 address; other spellings of IPv6 are one."""
    assert packed("::ffff:10.1.2.3") == bytes([10, 1, 2, 3])
    assert packed("2001:DB8:0::1") == packed("2001:db8::1")


def test_documentation_addresses_count_as_global_only_where_a_parameter_says_so() -> None:
    """The named network does, also inside an IPv6 address; its neighbour does not."""
    named = (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))
    kinds = [kind_of(packed(text), named) for text in ("192.0.2.1", "2002:c000:201::1", "2001:db8::1", "203.0.113.1")]
    assert kinds == [GLOBAL, GLOBAL, GLOBAL, BOGON]
