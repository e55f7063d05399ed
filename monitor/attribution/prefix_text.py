"""Text of a prefix table in, parsed entries and refused rows out, with whole-column operations only.

1. Tokens: runs of bytes between blanks, tabs, quotes, slashes (and commas, where the table is comma-separated).
2. Each line's layout by its number of tokens and by where its slash stands.
3. Numbers digit by digit over all rows at once, addresses by `inet_pton`, checks by masks.
The surprise: only origins that are not plain digits (`AS64500`, `1.10`, `64500_64501`, `{64500,64501}`) are read one
by one.
"""

import re
import socket
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from monitor.attribution.entries import Entries
from monitor.attribution.tokens import Tokens, tokenise
from monitor.model.columns import UNKNOWN, Flags, Ints
from monitor.model.report import Reject

_ORIGIN = re.compile(r"(?:AS)?([0-9]{1,10})", re.IGNORECASE)
_DOTTED = re.compile(r"(?:AS)?([0-9]{1,5})\.([0-9]{1,5})", re.IGNORECASE)  # RFC 5396
_HEADER = re.compile(rb"prefix|asn|network|cidr|origin|route", re.IGNORECASE)
LAST_ASN = 2**32 - 1
_LAST_HALF = 2**16 - 1
_BITS4, _BITS6 = 32, 128
_FIELDS_WITH_PEERS = 4  # origin, address, length, peers
HOST_HIGH = np.array([(2**128 - 1 >> n) >> 64 for n in range(129)], np.uint64)
HOST_LOW = np.array([(2**128 - 1 >> n) & (2**64 - 1) for n in range(129)], np.uint64)
"""The bits behind a prefix of each length, as high and low half of an IPv6 address."""


class Fault(IntEnum):
    """What is wrong with a row; the first fault that applies is told."""

    NONE = 0
    FIELDS = 1
    ADDRESS = 2
    LENGTH = 3
    HOST_BITS = 4
    ORIGIN = 5

    def reject(self, row: int) -> Reject:
        code, field, reason = _WORDS[self]
        return Reject(row, code, reason, field)


_WORDS = {
    Fault.FIELDS: ("fields", None, "The row is not prefix and AS number in any known layout."),
    Fault.ADDRESS: ("bad-address", "prefix", "The prefix does not begin with an IPv4 or IPv6 address."),
    Fault.LENGTH: ("bad-length", "prefix", "The prefix length is not a number from 0 to 32 (IPv4) or 128 (IPv6)."),
    Fault.HOST_BITS: ("host-bits", "prefix", "The address has bits set behind the prefix length."),
    Fault.ORIGIN: ("bad-asn", "asn", "The origin is not one or several AS numbers from 0 to 4294967295."),
}


@dataclass(frozen=True, slots=True, eq=False)
class ParsedPrefixes:
    """The good entries, and the line numbers and faults of the others."""

    entries: Entries
    n_read: int
    n_ignored: int
    fault_rows: Ints
    faults: NDArray[np.int8]

    def rejects(self) -> tuple[Reject, ...]:
        pairs = zip(self.fault_rows.tolist(), self.faults.tolist(), strict=True)
        return tuple(Fault(fault).reject(row) for row, fault in pairs)


def parse_prefixes(data: bytes, fewest_peers: int = 1) -> ParsedPrefixes:
    """All rows of a prefix table's text. Never raises for a broken row.

    Good rows that say that fewer than `fewest_peers` peers saw the prefix are ignored, as default routes are; rows
    that do not say a number of peers are kept.
    """
    tokens = tokenise(data)
    lines = tokens.data_lines()
    if len(lines) and _HEADER.search(tokens.line(lines[0])):
        lines = lines[1:]
    address, length, origin, peers, fault = _layouts(tokens, lines)
    sound = np.flatnonzero(fault == Fault.NONE)
    prefix, fault[sound] = _prefixes(tokens, address[sound], length[sound])
    asn, place, bad = _origins(tokens, origin[sound])
    fault[sound[bad & (fault[sound] == Fault.NONE)]] = Fault.ORIGIN
    good = fault[sound] == Fault.NONE
    ignored = good & ((prefix.length == 0) | _seen_by_fewer(tokens, peers[sound], fewest_peers))
    keep = (good & ~ignored)[place]
    place = place[keep]
    row = lines[sound[place]] + 1
    entries = Entries(row, prefix.is6[place], prefix.high[place], prefix.low[place], prefix.length[place], asn[keep])
    faulty = fault != Fault.NONE
    return ParsedPrefixes(entries, len(lines), int(ignored.sum()), lines[faulty] + 1, fault[faulty])


def _layouts(tokens: Tokens, lines: Ints) -> tuple[Ints, Ints, Ints, Ints, NDArray[np.int8]]:
    """Which token of each line is the address, the length, the origin and the number of peers (-1: no such token).

    Fault.FIELDS where no layout fits.
    """
    first, n, n_slashes = tokens.first[lines], tokens.n[lines], tokens.n_slashes[lines]
    one = (n_slashes == 1) & (n >= 3)
    prefix_first = one & (n == 3) & tokens.joined(first)
    origin_first = one & (n <= 4) & tokens.joined(np.where(one, first + 1, first))
    spread = (n_slashes == 0) & (n == 3)
    address = first + origin_first
    origin = np.where(origin_first, first, first + 2)
    fault = np.where(prefix_first | origin_first | spread, Fault.NONE, Fault.FIELDS).astype(np.int8)
    peers = np.where(origin_first & (n == _FIELDS_WITH_PEERS), first + 3, UNKNOWN)
    return address, address + 1, origin, peers, fault


def _seen_by_fewer(tokens: Tokens, peers: Ints, fewest: int) -> Flags:
    """Which lines give a number of peers below `fewest`."""
    few = np.zeros(len(peers), np.bool_)
    told = np.flatnonzero(peers != UNKNOWN) if fewest > 1 else np.zeros(0, np.int64)
    value, is_number = tokens.numbers(peers[told])
    few[told] = is_number & (value < fewest)
    return few


@dataclass(frozen=True, slots=True, eq=False)
class _Prefixes:
    is6: Flags
    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    length: NDArray[np.uint8]


def _prefixes(tokens: Tokens, address: Ints, length: Ints) -> tuple[_Prefixes, NDArray[np.int8]]:
    """The prefixes at these tokens and their faults; where there is a fault, the prefix means nothing."""
    texts = tokens.texts(address)
    is6 = np.fromiter((":" in text for text in texts), np.bool_, len(texts))
    high, low, readable = _addresses(texts, is6)
    value, is_number = tokens.numbers(length)
    fits = is_number & (value <= np.where(is6, _BITS6, _BITS4))
    value = np.where(fits, value, 0)
    behind = np.where(is6, value, value + _BITS6 - _BITS4)
    host_bits = ((high & HOST_HIGH[behind]) | (low & HOST_LOW[behind])) != 0
    fault = np.select(
        [~readable, ~fits, host_bits], [Fault.ADDRESS, Fault.LENGTH, Fault.HOST_BITS], default=Fault.NONE
    ).astype(np.int8)
    return _Prefixes(is6, high, low, value.astype(np.uint8)), fault


def _addresses(texts: list[str], is6: Flags) -> tuple[NDArray[np.uint64], NDArray[np.uint64], Flags]:
    """High and low halves (IPv4 in the low one), and which texts are addresses at all."""
    high, low = np.zeros(len(texts), np.uint64), np.zeros(len(texts), np.uint64)
    readable = np.zeros(len(texts), np.bool_)
    at4, at6 = np.flatnonzero(~is6), np.flatnonzero(is6)
    packed, readable[at4] = _packed([texts[i] for i in at4.tolist()], socket.AF_INET, 4)
    low[at4] = np.frombuffer(packed, ">u4")
    packed, readable[at6] = _packed([texts[i] for i in at6.tolist()], socket.AF_INET6, 16)
    halves = np.frombuffer(packed, ">u8").reshape(-1, 2)
    high[at6], low[at6] = halves[:, 0], halves[:, 1]
    return high, low, readable


def _packed(texts: list[str], family: socket.AddressFamily, size: int) -> tuple[bytes, Flags]:
    """All addresses packed one after the other (zeros where a text is none), and which ones are."""
    try:
        return b"".join([socket.inet_pton(family, text) for text in texts]), np.ones(len(texts), np.bool_)
    except (OSError, ValueError):
        one_by_one = [_packed_or_none(text, family) for text in texts]
    readable = np.array([packed is not None for packed in one_by_one], np.bool_)
    return b"".join(packed or bytes(size) for packed in one_by_one), readable


def _packed_or_none(text: str, family: socket.AddressFamily) -> bytes | None:
    try:
        return socket.inet_pton(family, text)
    except (OSError, ValueError):  # ValueError: a zero byte in the text
        return None


def _origins(tokens: Tokens, at: Ints) -> tuple[NDArray[np.uint32], Ints, Flags]:
    """Origins with the place (index into `at`) each belongs to, and which places hold no readable origin."""
    value, is_number = tokens.numbers(at)
    is_number &= value <= LAST_ASN
    plain, other = np.flatnonzero(is_number), np.flatnonzero(~is_number)
    read = [_origin_set(text) for text in tokens.texts(at[other])]
    bad = np.zeros(len(at), np.bool_)
    bad[other] = [not origins for origins in read]
    several = np.array([origin for origins in read for origin in origins], np.int64)
    place = np.concatenate((plain, np.repeat(other, [len(origins) for origins in read]).astype(np.int64)))
    return np.concatenate((value[plain], several)).astype(np.uint32), place, bad


def _origin_set(text: str) -> tuple[int, ...]:
    """`AS64500`, `64500_64501` (several origins), `64500,64501` or `{64500,64501}` (AS set); () where it is none."""
    parts = re.split("[_,]", text.replace("{", "").replace("}", ""))
    numbers = tuple(number for part in parts if (number := asn_of(part)) is not None)
    return numbers if len(numbers) == len(parts) else ()


def asn_of(text: str) -> int | None:
    """The AS number in `64500`, `AS64500` or `1.10` (AS-dot, 65546); None where it is none."""
    if plain := _ORIGIN.fullmatch(text):
        return number if (number := int(plain[1])) <= LAST_ASN else None
    if dotted := _DOTTED.fullmatch(text):
        high, low = int(dotted[1]), int(dotted[2])
        return (high << 16) + low if max(high, low) <= _LAST_HALF else None
    return None
