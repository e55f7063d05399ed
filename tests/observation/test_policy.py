"""What may be connected to, and the many forms in which something else can be asked for."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.report import Address
from monitor.observation.policy import Policy

OUT = Policy(loopback=False)
IN = Policy(loopback=True)

HOSTILE = (
    *("0.0.0.0", "0.1.2.3", "0.255.255.255", "10.0.0.0", "10.0.0.1", "10.255.255.255"),
    *("100.64.0.0", "100.64.0.1", "100.127.255.255", "127.0.0.0", "127.0.0.1", "127.1.2.3", "127.255.255.255"),
    *("169.254.0.1", "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.20.1.1", "172.31.255.255"),
    *("192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1"),
    *("192.168.0.0", "192.168.1.1", "192.168.255.255", "192.175.48.1", "198.18.0.1", "198.19.255.255"),
    *("198.51.100.7", "203.0.113.9", "224.0.0.1", "224.0.0.251", "232.1.2.3", "239.255.255.250"),
    *("240.0.0.1", "254.1.2.3", "255.255.255.254", "255.255.255.255"),
    *("::", "::1", "::2", "::10.0.0.1", "::127.0.0.1", "::8.8.8.8", "::ffff:0:8.8.8.8"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::ffff:0.0.0.0"),
    *("64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:ffff::1"),
    *("100::1", "100:0:0:1::1", "200::1", "400::1", "1000::1", "1fff::1"),
    *("2001::1", "2001:0:5ef5:79fd:1:2:3:4", "2001:2::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:1ff::1"),
    *("2001:db8::1", "2001:db8:ffff::1", "2002::1", "2002:7f00:1::", "2002:808:808::1", "2002:a00:1::1"),
    *("2620:4f:8000::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "8000::1"),
    *("2a00:1450:4001:800::5efe:808:808", "2a00:1450:4001:800:0:5efe:7f00:1", "2a00:1450:4001:800:200:5efe:a00:1"),
    *("fc00::1", "fd00::1", "fdff:ffff::1", "fe80::1", "fe80::5efe:7f00:1", "febf::1", "fec0::1", "feff::1"),
    *("ff00::1", "ff02::1", "ff02::fb", "ff05::2", "ff0e::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
)
PUBLIC = (
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255", "203.0.114.0"),
    *("223.255.255.255", "2000::1", "2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1", "2606:4700::1111"),
    *("2a00:1450:4001:800::200e", "2a00::5efe:1:1:1", "3ffe::1"),
)


def packed(text: str) -> Address:
    return Address(ip_address(text).packed)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_address_that_is_not_globally_routable_unicast_is_allowed(text):
    """Private, reserved, documentation, multicast, and whatever carries an IPv4 address inside."""
    assert not OUT.address_allowed(packed(text))


def test_the_list_of_hostile_forms_is_long():
    """At least sixty, none twice."""
    assert len({packed(text) for text in HOSTILE}) == len(HOSTILE) >= 60


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_allowed_right_up_to_the_borders(text):
    """The first and last address beside each forbidden range too."""
    assert OUT.address_allowed(packed(text))


@given(st.ip_addresses())
@settings(derandomize=True, max_examples=500)
def test_nothing_is_allowed_that_the_standard_library_calls_not_global(address):
    """Ours is the stricter one, and with `loopback` the two sets never meet."""
    given_packed = Address(address.packed)
    if OUT.address_allowed(given_packed):
        assert address.is_global
        assert not address.is_multicast
        assert not IN.address_allowed(given_packed)


@given(st.ip_addresses(v=4))
@settings(derandomize=True)
def test_no_ipv4_address_comes_in_by_way_of_ipv6(inner):
    """Mapped, compatible, 6to4, Teredo, NAT64, ISATAP: whatever the inner address is."""
    raw = inner.packed
    forms = (
        bytes(10) + b"\xff\xff" + raw,
        bytes(12) + raw,
        b"\x20\x02" + raw + bytes(10),
        b"\x20\x01" + bytes(10) + bytes(255 - byte for byte in raw),
        b"\x00\x64\xff\x9b" + bytes(8) + raw,
        b"\x00\x64\xff\x9b\x00\x01" + bytes(6) + raw,
        b"\x2a\x00\x14\x50\x00\x00\x00\x00\x00\x00\x5e\xfe" + raw,
        b"\x2a\x00\x14\x50\x00\x00\x00\x00\x02\x00\x5e\xfe" + raw,
    )
    for form in forms:
        assert IPv6Address(form)
        assert not OUT.address_allowed(Address(form))
        if inner != IPv4Address("0.0.0.1"):
            assert not IN.address_allowed(Address(form))


def test_bytes_that_are_no_address_are_never_allowed():
    """A length that is neither family's."""
    for wrong in (b"", b"\x08\x08\x08", b"\x08" * 5, b"\x20" * 15, b"\x20" * 17, b"8.8.8.8"):
        assert not OUT.address_allowed(Address(wrong))
        assert not IN.address_allowed(Address(wrong))
    assert not IN.address_allowed(Address(b"\x7f"))


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        *(("127.0.0.1", True), ("127.255.255.254", True), ("::1", True)),
        *(("8.8.8.8", False), ("10.0.0.1", False), ("203.0.113.5", False), ("2a00::1", False)),
        *(("::ffff:127.0.0.1", False), ("::", False), ("fe80::1", False), ("0.0.0.0", False), ("::127.0.0.1", False)),
    ],
)
def test_the_switch_for_loopback_allows_loopback_and_nothing_else(text, allowed):
    """A demonstration can never reach the world."""
    assert IN.address_allowed(packed(text)) is allowed


def test_the_ports_of_other_protocols_are_blocked():
    """80, 443 and the unreserved ones, but for those that browsers block."""
    assert all(OUT.port_allowed(port) for port in (80, 443, 1024, 3000, 8000, 8080, 8443, 65_535))
    blocked = (-1, 0, 1, 22, 25, 53, 81, 110, 444, 587, 1023, 1720, 2049, 4190, 5060, 5061, 6000, 6666, 6697, 10_080)
    assert not any(OUT.port_allowed(port) for port in (*blocked, 65_536, 10**9))


def test_a_list_of_ports_takes_the_place_of_the_rule():
    """Both ways: it allows what the rule blocks and blocks what the rule allows."""
    policy = Policy(loopback=False, ports=frozenset({81}))
    assert policy.port_allowed(81)
    assert not policy.port_allowed(80)
