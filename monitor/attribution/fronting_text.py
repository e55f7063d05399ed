"""Text of a table of proxy ranges in (CSV or MISP warning list), parsed ranges and refused rows out.

The surprise: the title of a warning list is for people ("List of known Example Shield IP ranges (https://...)"), so
the proxy's name is what is left of it without the usual words and without anything that looks like a URL.
"""

import csv
import ipaddress
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.attribution.names import clean_text
from monitor.attribution.prefix_text import Fault
from monitor.attribution.tablefile import is_readable, lines_of
from monitor.errors import ReferenceDataError
from monitor.model.report import Reject

_HALF = 2**64 - 1
_LONGEST_NAME = 100
_HINT = "Write one `prefix,name` a row, or give a MISP warning list with `name` and `list`"
_URL = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|www\.)[^\s)]*", re.IGNORECASE)
_EMPTY_BRACKETS = re.compile(r"\(\s*\)")
_FROM = re.compile(r"\s+(?:from|by|based on|according to|as of)\s.*$", re.IGNORECASE)
_BEFORE = re.compile(r"the|a|lists?|of|all|known|public|official", re.IGNORECASE)
_AFTER = re.compile(
    r"ips?|ipv[46]|v[46]|and|address(?:es)?|ranges?|prefix(?:es)?|networks?|subnets?|blocks?|cidrs?|cdn|list",
    re.IGNORECASE,
)
_NAME_FAULT = ("bad-name", "The name is empty, a URL, or longer than 100 characters.", "name")


@dataclass(frozen=True, slots=True)
class ProxyRange:
    """One row. The first address as high and low 64 bits; an IPv4 one lies in `low`."""

    row: int
    is6: bool
    high: int
    low: int
    length: int
    name: str


@dataclass(frozen=True, slots=True)
class ParsedRanges:
    """The good rows, without the default routes (`n_ignored`), and the refused ones."""

    ranges: tuple[ProxyRange, ...]
    n_read: int
    n_ignored: int
    rejects: tuple[Reject, ...]


def parse_ranges(data: bytes) -> ParsedRanges:
    """All rows of a table. Raises ReferenceDataError where a warning list is broken or has no name."""
    is_list = data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    ranges: list[ProxyRange] = []
    rejects: list[Reject] = []
    n_read = n_ignored = 0
    for row, prefix, name in _rows_of_list(data) if is_list else _rows_of_csv(data):
        n_read += 1
        found = _range(row, prefix, name)
        if isinstance(found, Reject):
            rejects.append(found)
        elif found.length == 0:
            n_ignored += 1
        else:
            ranges.append(found)
    return ParsedRanges(tuple(ranges), n_read, n_ignored, tuple(rejects))


def proxy_name(title: str) -> str:
    """The short name of a proxy in the title of a list about it; "" where nothing is left."""
    plain = _EMPTY_BRACKETS.sub(" ", _URL.sub(" ", title))
    words = _FROM.sub("", clean_text(plain)).split()
    while words and _BEFORE.fullmatch(words[0]):
        words.pop(0)
    while words and _AFTER.fullmatch(words[-1]):
        words.pop()
    return " ".join(words).strip(" .,;:-")


def _rows_of_csv(data: bytes) -> Iterator[tuple[int, str | None, str]]:
    """(row, prefix, name) of each line; prefix None where the line does not have the two fields."""
    is_first = True
    for row, line in enumerate(lines_of(data), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            fields = [field.strip() for field in next(csv.reader([line], strict=True, skipinitialspace=True))]
        except csv.Error:
            fields = []
        is_header = is_first and bool(fields) and fields[0].lower() in ("prefix", "network", "cidr", "range")
        is_first = False
        if is_header:
            continue
        if len(fields) == 2 and is_readable(line):
            yield row, fields[0], clean_text(fields[1])
        else:
            yield row, None, ""


def _rows_of_list(data: bytes) -> Iterator[tuple[int, str | None, str]]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ReferenceDataError("The warning list is not valid JSON", "Fetch it again") from None
    entries = document.get("list")
    if not isinstance(entries, list):
        raise ReferenceDataError("The warning list has no `list` of ranges", _HINT)
    titles = [document.get(key) for key in ("name", "description")]
    name = next((short for title in titles if isinstance(title, str) and (short := proxy_name(title))), None)
    if name is None:
        raise ReferenceDataError("The warning list does not name its proxy", _HINT)
    for row, entry in enumerate(entries, start=1):
        yield row, entry.strip() if isinstance(entry, str) else None, name


def _range(row: int, prefix: str | None, name: str) -> ProxyRange | Reject:
    if prefix is None:
        return Fault.FIELDS.reject(row)
    if not 0 < len(name) <= _LONGEST_NAME or _URL.search(name):
        return Reject(row, *_NAME_FAULT)
    text, slash, bits = prefix.partition("/")
    address = _address(text)
    if address is None:
        return Fault.ADDRESS.reject(row)
    length = _length(bits if slash else str(address.max_prefixlen), address.max_prefixlen)
    if length is None:
        return Fault.LENGTH.reject(row)
    value = int(address)
    if value & ((1 << address.max_prefixlen - length) - 1):
        return Fault.HOST_BITS.reject(row)
    return ProxyRange(row, address.version == 6, value >> 64, value & _HALF, length, name)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text) if "%" not in text else None  # a zone is no part of a range
    except ValueError:
        return None


def _length(text: str, longest: int) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= 3
    return int(text) if is_number and int(text) <= longest else None
