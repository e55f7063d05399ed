"""Host names and addresses in one spelling each: text -> Host, text -> Address.

In: the host part of a URL as the WHATWG parser leaves it (lower case, A-labels, dotted IPv4), or an address.
Out: `Host`, packed `Address`. Surprise: the WHATWG parser lets any ASCII label through that starts with `xn--`;
it is decoded and checked against UTS #46 here, so that a label nobody could have registered is rejected.
"""

import ipaddress
import re
import unicodedata
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

from monitor.intake.problems import Code, IntakeProblem
from monitor.model.report import Address, Host
from monitor.model.words import HostKind

KNOWN_HOSTS = 65_536
"""Hosts kept in memory between rows; beyond this the least recently used is worked out again."""

_LONGEST_NAME = 253
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_DOTTED_QUAD = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_RESERVED_TLDS = frozenset({"alt", "example", "i2p", "internal", "invalid", "local", "localhost", "onion", "test"})


@cache
def _suffixes() -> PublicSuffixList:
    """Read when the first host needs it: it takes as long as loading the rest of intake."""
    return PublicSuffixList()


@lru_cache(maxsize=KNOWN_HOSTS)
def host_of(name: str) -> Host:
    """The Host for a name, IPv4 or bracketed IPv6 as the WHATWG parser writes it. Raises IntakeProblem."""
    if name.startswith("["):
        return _literal(name[1:-1])
    if _DOTTED_QUAD.fullmatch(name):
        return Host(name, HostKind.IPV4, name, parse_address(name))
    name = name.removesuffix(".")
    labels = name.split(".")
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise IntakeProblem(Code.BAD_HOST, "The host name has an empty, over-long or impossible label.")
    if not all(_valid_a_label(label) for label in labels if label.startswith("xn--")):
        raise IntakeProblem(Code.BAD_HOST, "The host name has an internationalised label that is not valid.")
    return Host(name, HostKind.NAME, _suffixes().privatesuffix(name) or name, None)


def parse_address(text: str, field: str | None = None) -> Address:
    """An IPv4 or IPv6 address in its usual notation, packed. A zone is dropped, IPv4-mapped IPv6 becomes IPv4."""
    address = _packed(text)
    if address is None:
        raise IntakeProblem(Code.BAD_ADDRESS, "The value is not an IPv4 or IPv6 address.", field)
    return address


def is_top_level(label: str) -> bool:
    """Whether names can end in this label: a suffix of the public suffix list, or a reserved one such as `example`."""
    label = label.casefold()
    if not label.isascii():
        try:
            label = idna.encode(label, uts46=True).decode()
        except idna.IDNAError:
            return False
    return label in _RESERVED_TLDS or _suffixes().publicsuffix(f"x.{label}", accept_unknown=False) is not None


@lru_cache(maxsize=KNOWN_HOSTS)
def _packed(text: str) -> Address | None:
    if _DOTTED_QUAD.fullmatch(text):  # ten times faster than ipaddress, and nearly every row has one
        return Address(bytes(map(int, text.split("."))))
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return Address(address.packed)


def _literal(text: str) -> Host:
    packed = _packed(text)
    if packed is None:
        raise IntakeProblem(Code.BAD_HOST, "The host is an IP address that is not valid.")
    name = str(ipaddress.ip_address(packed))
    return Host(name, HostKind.IPV4 if len(packed) == 4 else HostKind.IPV6, name, packed)


def _valid_a_label(label: str) -> bool:
    """UTS #46, non-transitional: the label decodes, is in its mapped form, and encodes to itself again."""
    try:
        text = label.removeprefix("xn--").encode().decode("punycode")
        if text.isascii() or unicodedata.category(text[0]).startswith("M"):
            return False
        idna.check_bidi(text)
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        return mapped == text and f"xn--{text.encode('punycode').decode()}" == label
    except UnicodeError:  # idna's errors are among these
        return False
