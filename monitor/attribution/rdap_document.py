"""One RDAP answer for an address range (RFC 9083, 5.4) in, as parsed JSON of any shape; a RegisteredNetwork out.

Of ipwhois 1.3 nothing is used here: `_RDAPNetwork` refuses RIPE's ranges (`62.239.237.0/32` as a startAddress) and
answers without a handle, drops `org` and events without actor, raises AttributeError and IndexError on broken vcards,
and writes whole documents to its log. What else was met in real answers:
- ARIN pads octets (`074.125.000.000`), writes IPv6 in full and capitals, and adds `arin_originas0` and `cidr0_cidrs`;
- startAddress or endAddress can be missing: then `cidr0_cidrs`, else a handle like `192.0.2.0 - 192.0.2.255`;
- LACNIC gives the queried address as start, end and handle; AFRINIC and the older ARIN answers bear no type or date.
What would surprise: of a sub-allocation the organisation is the customer, not the holder (`registered.py`).
"""

import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise

from monitor.attribution.rdap_entities import (
    abuse_contacts_of,
    entities_of,
    organisation_of,
    roles_of,
    text_of,
)
from monitor.attribution.rdap_strip import without_queried
from monitor.attribution.rdap_types import is_registrys_own, kind_of
from monitor.errors import ReferenceDataError
from monitor.model.registration import RegisteredNetwork
from monitor.model.report import Address

__all__ = ["covered_by", "parse_network", "without_queried"]

_EARLIEST, _AFTER_LATEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
_OCTETS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_ALONE_BITS = {4: 24, 16: 48}  # in a divided range an answer speaks for no more than a /24 or /48
_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
_Net = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_network(document: Mapping[str, object], registry: str) -> RegisteredNetwork:
    """The registration in an answer. Raises ReferenceDataError (and nothing else) where it is none of a range."""
    if not isinstance(document, Mapping) or "errorCode" in document:
        raise ReferenceDataError("The answer is no RDAP answer for an address range")
    if (text_of(document.get("objectClassName")) or "ip network").lower() != "ip network":
        raise ReferenceDataError("The answer is about something else than an address range")
    first, last = _range(document)
    entities = entities_of(document)
    word = text_of(document.get("type"))
    kind = kind_of(word, registry)
    registered_at, changed_at = _event(document, "registration"), _event(document, "last changed")
    if registered_at and changed_at and changed_at < registered_at:
        changed_at = None  # of one registration: it cannot have been changed before it was made
    return RegisteredNetwork(
        registry,
        text_of(document.get("handle")),
        text_of(document.get("name")),
        first,
        last,
        word,
        kind.is_sub_allocation,
        kind.is_divided,
        _country(document.get("country")),
        None if is_registrys_own(word) else organisation_of(entities, registry),
        abuse_contacts_of(entities),
        roles_of(entities),
        registered_at,
        changed_at,
        text_of(document.get("parentHandle")),
        kind.is_known,
    )


def covered_by(network: RegisteredNetwork, asked: Address | None) -> tuple[Address, Address] | None:
    """What an answer is held to speak for: its range, or of a wide divided range the /24 (IPv6: /48) around `asked`.

    None where the range is wide and divided and nobody knows which address in it was asked about.
    """
    size = len(network.first)
    width = 8 * size - _ALONE_BITS[size]
    first, last = int.from_bytes(network.first), int.from_bytes(network.last)
    if not network.is_divided or last - first < 1 << width:
        return network.first, network.last
    if asked is None or len(asked) != size or not network.first <= asked <= network.last:
        return None
    low = int.from_bytes(asked) >> width << width
    high = low + (1 << width) - 1
    return Address(max(low, first).to_bytes(size)), Address(min(high, last).to_bytes(size))


def _range(document: Mapping[str, object]) -> tuple[Address, Address]:
    """First and last address. Raises ReferenceDataError where there is no range, or it is the whole address space."""
    found = _from_bounds(document) or _from_cidrs(document) or _from_handle(document)
    if found is None:
        raise ReferenceDataError("The answer names no address range")
    first, last = (_unmapped(each) for each in found)
    if first.version != last.version or int(first) > int(last):
        raise ReferenceDataError("The answer names an address range that ends before it begins")
    if int(last) - int(first) == 2**first.max_prefixlen - 1:
        raise ReferenceDataError("The answer is about the whole address space")
    return Address(first.packed), Address(last.packed)


def _from_bounds(document: Mapping[str, object]) -> tuple[_Ip, _Ip] | None:
    start, end = document.get("startAddress"), document.get("endAddress")
    if end is None and isinstance(start, str) and "/" in start:
        return _prefix(start)
    first, last = _address(start), _address(end)
    return None if first is None or last is None else (first, last)


def _from_cidrs(document: Mapping[str, object]) -> tuple[_Ip, _Ip] | None:
    """The prefixes of `cidr0_cidrs`, where they lie one behind the other."""
    cidrs = document.get("cidr0_cidrs")
    found: list[tuple[_Ip, _Ip]] = []
    for each in cidrs if isinstance(cidrs, list) else ():
        start = each.get("v4prefix", each.get("v6prefix")) if isinstance(each, Mapping) else None
        length = each.get("length") if isinstance(each, Mapping) else None
        prefix = _prefix(f"{start}/{length}") if isinstance(start, str) and isinstance(length, int | str) else None
        if prefix is None:
            return None
        found.append(prefix)
    found.sort(key=lambda pair: (pair[0].version, int(pair[0])))
    if any(
        after[0].version != before[1].version or int(after[0]) != int(before[1]) + 1
        for before, after in pairwise(found)
    ):
        return None
    return (found[0][0], found[-1][1]) if found else None


def _from_handle(document: Mapping[str, object]) -> tuple[_Ip, _Ip] | None:
    handle = text_of(document.get("handle")) or ""
    if "/" in handle:
        return _prefix(handle)
    first, _, last = handle.partition(" - ")
    start, end = _address(first), _address(last)
    return None if start is None or end is None else (start, end)


def _address(value: object) -> _Ip | None:
    """An address as registries write it: with a length behind it, octets padded with zeros."""
    if not isinstance(value, str) or len(value) > 60 or "%" in value:
        return None
    text = value.strip().partition("/")[0]
    if _OCTETS.fullmatch(text) and text.isascii():
        text = ".".join(str(int(octet)) for octet in text.split("."))
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _prefix(text: str) -> tuple[_Ip, _Ip] | None:
    start, _, length = text.partition("/")
    address = _address(start)
    if address is None or not (length.strip().isascii() and length.strip().isdigit()):
        return None
    try:
        network: _Net = ipaddress.ip_network(f"{address}/{int(length[:9])}", strict=False)
    except ValueError:
        return None
    return network.network_address, network.broadcast_address


def _unmapped(address: _Ip) -> _Ip:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _event(document: Mapping[str, object], action: str) -> datetime | None:
    """The time of an event; of several the first registration and the last change. None where it is nonsense."""
    events = document.get("events")
    found = [
        at
        for each in (events if isinstance(events, list) else ())
        if isinstance(each, Mapping) and (text_of(each.get("eventAction")) or "").lower() == action
        if (at := _time(each.get("eventDate"))) is not None
    ]
    return (min if action == "registration" else max)(found, default=None)


def _time(value: object) -> datetime | None:
    """A time with its offset, in UTC; one without would have to be guessed."""
    try:
        at = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        at = at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
    return at if at is not None and _EARLIEST <= at < _AFTER_LATEST else None


def _country(value: object) -> str | None:
    text = text_of(value) or ""
    return text.upper() if _COUNTRY.fullmatch(text) else None
