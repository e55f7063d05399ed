"""Harnesses of reference data: routing tables, AS names, proxy ranges, packed tables, RDAP answers, Retry-After.

What must hold: ReferenceDataError and nothing else; n_read = accepted + duplicate + ignored + rejected; what was read
packs and unpacks to itself; and a kept RDAP answer no longer holds the address that was asked about.
"""

import gzip
import json
import unicodedata
from datetime import UTC, datetime
from email.utils import format_datetime
from ipaddress import ip_address

import zstandard

from fuzz.imports import LARGEST_PIECE, swelling
from fuzz.scratch import as_file
from fuzz.target import Draws, Target
from fuzz.told import error_repeats_nothing, reasons_repeat_nothing
from monitor.attribution.codec import pack_arrays, unpack_arrays
from monitor.attribution.fronting import FrontingTable, read_fronting
from monitor.attribution.lookup import PrefixIndex
from monitor.attribution.names import AsNames, read_names
from monitor.attribution.packed import PackedAddresses
from monitor.attribution.prefixes import PrefixTable, read_prefixes
from monitor.attribution.rdap_document import covered_by, parse_network, without_queried
from monitor.attribution.rdap_pace import retry_after_seconds
from monitor.attribution.rdap_recorded import read_recorded
from monitor.attribution.tablefile import TableCounts, read_table_file
from monitor.errors import ReferenceDataError
from monitor.model.report import Address

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ASKED = tuple(Address(ip_address(text).packed) for text in ("192.0.2.77", "2001:db8::77"))
_KIND = b"fuzz"
_UNCLEAN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _account(counts: TableCounts, data: bytes) -> None:
    assert counts.n_read == counts.n_accepted + counts.n_duplicate + counts.n_ignored + counts.n_rejected
    assert min(counts.n_accepted, counts.n_duplicate, counts.n_ignored) >= 0
    reasons_repeat_nothing((reject.reason for reject in counts.rejects), data)


def prefixes(data: bytes) -> None:
    draws = Draws(data)
    peers, content = draws.integer(1, 3), draws.rest()
    try:
        read = read_prefixes(as_file(content), fewest_peers=peers)
    except ReferenceDataError as error:
        error_repeats_nothing(error, content)
        return
    _account(read.counts, content)
    packed = read.table.to_bytes()
    assert PrefixTable.from_bytes(packed).to_bytes() == packed
    PrefixIndex.of(read.table).find(PackedAddresses.of(ASKED))


def as_names(data: bytes) -> None:
    try:
        read = read_names(as_file(data))
    except ReferenceDataError as error:
        error_repeats_nothing(error, data)
        return
    _account(read.counts, data)
    packed = read.names.to_bytes()
    assert AsNames.from_bytes(packed).to_bytes() == packed
    assert all(_is_clean(name.name) and _is_clean(name.source) for _, name in read.names.items())


def _is_clean(text: str) -> bool:
    """Without what controls, hides, turns round or breaks a line; a letter not assigned yet may stay."""
    return not any(unicodedata.category(c) in _UNCLEAN or ord(c) & 0xFFFE == 0xFFFE for c in text)


def proxies(data: bytes) -> None:
    try:
        read = read_fronting(as_file(data))
    except ReferenceDataError as error:
        error_repeats_nothing(error, data)
        return
    _account(read.counts, data)
    packed = read.table.to_bytes()
    assert FrontingTable.from_bytes(packed).to_bytes() == packed
    assert len(read.table) == read.counts.n_accepted


def stored_tables(data: bytes) -> None:
    """Bytes as they come, or well packed ones that hold anything."""
    draws = Draws(data)
    wrap, kind = draws.flag(), draws.one_of((b"fuzz", b"prefixes", b"as-names", b"fronting"))
    content = draws.rest()
    if wrap:
        content = zstandard.compress(b"HMT1" + kind.ljust(8, b"\0") + content)
    for unpack in (_unpack, PrefixTable.from_bytes, AsNames.from_bytes, FrontingTable.from_bytes):
        try:
            unpack(content)
        except ReferenceDataError as error:
            error_repeats_nothing(error, content)


def _unpack(content: bytes) -> None:
    arrays = unpack_arrays(_KIND, content)
    again = unpack_arrays(_KIND, pack_arrays(_KIND, arrays))
    assert [each.tobytes() for each in arrays] == [each.tobytes() for each in again]


def compressed_tables(data: bytes) -> None:
    """A table that swells is refused before it fills the memory."""
    try:
        plain = read_table_file(as_file(data))
    except ReferenceDataError as error:
        error_repeats_nothing(error, data)
        return
    assert len(plain) <= LARGEST_PIECE or len(plain) < 200_000 * len(data)


def rdap(data: bytes) -> None:
    draws = Draws(data)
    asked, registry = draws.maybe(ASKED), draws.one_of(("ripencc", "arin", "apnic", "lacnic", "afrinic", "unknown"))
    try:
        document = json.loads(draws.rest())
    except (ValueError, RecursionError):
        return
    try:
        network = parse_network(document, registry)
    except ReferenceDataError as error:
        error_repeats_nothing(error, data)
        return
    assert len(network.first) == len(network.last)
    assert network.first <= network.last
    covered = covered_by(network, asked)
    assert covered is None or network.first <= covered[0] <= covered[1] <= network.last
    for text in (network.handle, network.name, network.parent_handle):
        assert text is None or _is_clean(text)
    kept = without_queried(document, asked)
    if asked is not None and network.first != network.last:
        _is_without(kept, asked)


def _is_without(kept: dict[str, object], asked: Address) -> None:
    """Nothing but the range itself may hold the address in its usual spelling."""
    ranges = ("startAddress", "endAddress", "cidr0_cidrs", "handle", "parentHandle")
    told = json.dumps({name: value for name, value in kept.items() if name not in ranges})
    spelt = str(ip_address(asked))
    at = told.find(spelt)
    while at >= 0:
        around = told[max(at - 1, 0) : at] + told[at + len(spelt) : at + len(spelt) + 1]
        assert any(c.isalnum() or c in ".:" for c in around), "the queried address was kept"
        at = told.find(spelt, at + 1)


def rdap_files(data: bytes) -> None:
    try:
        read = read_recorded(as_file(data))
    except ReferenceDataError as error:
        error_repeats_nothing(error, data)
        return
    assert read.n_read == len(read.answers) + len(read.rejects)
    reasons_repeat_nothing((reject.reason for reject in read.rejects), data)
    for answer in read.answers:
        json.dumps(answer.document, ensure_ascii=False).encode()
        assert answer.asked_at is None or answer.asked_at.tzinfo is UTC


def retry_after(data: bytes) -> None:
    wait = retry_after_seconds(data.decode("latin-1"), NOW)
    assert wait is None or wait >= 0


_NETWORK = {
    "objectClassName": "ip network",
    "handle": "192.0.2.0 - 192.0.2.255",
    "startAddress": "192.0.2.0",
    "endAddress": "192.0.2.255",
    "name": "VOORBEELD-NET",
    "type": "ASSIGNED PA",
    "country": "NL",
    "parentHandle": "192.0.0.0 - 192.0.255.255",
    "port43": "whois.registry.example",
    "links": [{"value": "https://rdap.registry.example/ip/192.0.2.77", "rel": "self"}],
    "events": [{"eventAction": "registration", "eventDate": "2020-01-01T00:00:00Z"}],
    "cidr0_cidrs": [{"v4prefix": "192.0.2.0", "length": 24}],
    "entities": [
        {
            "handle": "ORG-VB1",
            "roles": ["registrant", "abuse"],
            "vcardArray": [
                "vcard",
                [
                    ["version", {}, "text", "4.0"],
                    ["kind", {}, "text", "org"],
                    ["fn", {}, "text", "Voorbeeldhosting B.V."],
                    ["org", {}, "text", ["Voorbeeldhosting", "NOC"]],
                    ["email", {}, "text", "abuse@hosting.example"],
                ],
            ],
            "entities": [{"handle": "AB1", "roles": ["abuse"]}],
        }
    ],
}
_SIX = {
    "startAddress": "2001:0db8::",
    "endAddress": "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "notices": [{"title": "Source", "description": ["RIPE"], "links": [{"href": "/ip/2001%3Adb8%3A%3A77"}]}],
    "remarks": [{"description": ["asked about 2001:db8:0:0:0:0:0:77"]}],
}
_ANSWERS = tuple(json.dumps(each).encode() for each in (_NETWORK, _SIX))
_WRAPPED = json.dumps({"asked_at": "2026-03-01T09:00:00+01:00", "server": "recorded", "answer": _NETWORK}).encode()
_FIELDS = tuple(f'"{name}":'.encode() for name in (*_NETWORK, "vcardArray", "notices", "remarks", "status"))
_TSV = b"192.0.2.0\t24\t64500\n2001:db8::/32 AS64501\n198.51.100.0 24 64500_64501\n"
_RIS = b"% a dump\n64500\t203.0.113.0/24\t120\n{64500,64501}\t192.0.2.0/25\t1\n0\t0.0.0.0/0\t9\n"
_CSV = b'prefix,asn\n"192.0.2.0/24",64500\n2001:db8::/32,1.10\n192.0.2.1/24,x\n'
_AS_NAMES = 'asn,name,source\n64500,"Voorbeeld, B.V.",RIPE\nAS64501,Bücher\u200f Hosting\n'.encode()
_LIST = b'{"name": "List of known Voorbeeldproxy IP ranges", "list": ["192.0.2.0/24", "2001:db8::/32", "x"]}'
TARGETS = {
    "prefixes": Target(
        prefixes,
        tuple(b"\0" + seed for seed in (_TSV, _RIS, _CSV, gzip.compress(_TSV))),
        (b"AS", b"/24", b"64500"),
        1024,
    ),
    "as-names": Target(as_names, (_AS_NAMES, b"# c\n64500,A\n64500,B\n"), (b"asn,", b'"', b"\xe2\x80\xae"), 1024),
    "proxies": Target(
        proxies,
        (_LIST, b"prefix,name\n192.0.2.0/24,Voorbeeldproxy\n2001:db8::/32,P\n192.0.2.0/24,P\n"),
        (b'"list":', b'"name":', b'"description":', b"/0", b"::"),
        1024,
    ),
    "stored-tables": Target(
        stored_tables,
        (
            b"\1\0\1\0\0\0<u4\0\0" + (1).to_bytes(8, "little") + b"abcd",
            b"\1\1\7\0\0\0",
            b"\1\2\2\0\0\0<i8\0\1" + bytes(8) + b"|u1\0\0" + (6).to_bytes(8, "little") + b"[1, 2]",
            b"\1\3\1\0\0\0|u1\0\0" + (3).to_bytes(8, "little") + b"[]\n",
            b"\0\0" + zstandard.compress(b"HMT1"),
        ),
        (b"<u8\0", b"|O8\0", b"|V0\0", b"<f8\0", b"|S1\0", b"\xff" * 8, b"[[],[]]", b"null"),
        512,
    ),
    "compressed-tables": Target(compressed_tables, (gzip.compress(_TSV), zstandard.compress(_TSV), swelling(3))),
    "rdap": Target(rdap, tuple(b"\1\0" + seed for seed in _ANSWERS), _FIELDS, 4096),
    "rdap-files": Target(
        rdap_files,
        (*_ANSWERS, _WRAPPED, b"[" + _ANSWERS[0] + b"," + _WRAPPED + b"]", _WRAPPED + b"\n{}"),
        _FIELDS,
        4096,
    ),
    "retry-after": Target(
        retry_after,
        (
            b"120",
            format_datetime(NOW, usegmt=True).encode(),
            b"Sun, 01 Mar 2026 09:00:00 -0000",
            b"1 Jan 1 0:0:0 +9999",
        ),
        (b"GMT", b"9999", b"-2359", b"Mon, "),
        64,
    ),
}
