"""The answers of earlier askings, by host and resolver, for as long as their TTL allows: negative ones too.

Bounded by the number of entries: when it is full, the entry that runs out soonest goes. An entry is one packed
`bytes` under a 16-byte digest, so no host name lies in it and it takes 0.27 KB in all (a test measures it).
What would surprise: an answer that may not be used again (a failure, TTL 0) is kept as well: within one run (from
`since` on) a name is asked once, whatever came of it. A lookup gives all resolvers' answers or none of them.
"""

import heapq
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from monitor.model.report import Address
from monitor.model.resolution import LONGEST_USE_SECONDS, Resolution, ResolvedAddress
from monitor.model.words import AddressKind, DnsStatus

MAX_ENTRIES = 200_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGEST_BYTES = 16
_HEAD = struct.Struct("<qIBbBBIdHH")  # time, ttl, status, wildcard, lengths of two rcodes, questions, seconds, counts
_ADDRESS = struct.Struct("<BBI")  # length, kind, ttl
_STATUSES, _KINDS = tuple(DnsStatus), tuple(AddressKind)


class Cache:
    """Not shared between threads. `n_entries` at most `max_entries`."""

    __slots__ = ("_entries", "_max_entries", "_soonest")

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._entries: dict[bytes, bytes] = {}
        self._soonest: list[tuple[int, bytes]] = []  # heap of (runs out, key), with entries replaced since left in it

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"Cache({len(self)} entries)"

    def get(
        self, host: str, resolvers: Sequence[str], *, at: datetime, since: datetime
    ) -> tuple[Resolution, ...] | None:
        """The answers of all these resolvers that hold at `at` or were given from `since` on; else None."""
        found: list[Resolution] = []
        for resolver in resolvers:
            packed = self._entries.get(_key(host, resolver))
            if packed is None or (_runs_out(packed) <= _micros(at) and _given(packed) < _micros(since)):
                return None
            found.append(_unpack(resolver, packed))
        return tuple(found)

    def put(self, host: str, resolution: Resolution) -> None:
        """Keep an answer in place of the resolver's earlier one."""
        key, packed = _key(host, resolution.resolver), _pack(resolution)
        self._entries[key] = packed
        heapq.heappush(self._soonest, (_runs_out(packed), key))
        while len(self._entries) > self._max_entries:
            runs_out, key = heapq.heappop(self._soonest)
            if (entry := self._entries.get(key)) is not None and _runs_out(entry) == runs_out:
                del self._entries[key]
        if len(self._soonest) > 2 * len(self._entries) + 16:
            self._soonest = [(_runs_out(entry), key) for key, entry in self._entries.items()]
            heapq.heapify(self._soonest)


def _key(host: str, resolver: str) -> bytes:
    return blake2b(f"{host}\0{resolver}".encode(), digest_size=_DIGEST_BYTES).digest()


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _given(packed: bytes) -> int:
    return int(_HEAD.unpack_from(packed)[0])


def _runs_out(packed: bytes) -> int:
    given, ttl, *_ = _HEAD.unpack_from(packed)
    return int(given) + int(min(ttl, LONGEST_USE_SECONDS)) * 1_000_000


def _pack(resolution: Resolution) -> bytes:
    rcodes = [(rcode or "").encode() for rcode in (resolution.rcode_a, resolution.rcode_aaaa)]
    head = _HEAD.pack(
        _micros(resolution.resolved_at),
        resolution.ttl_seconds,
        _STATUSES.index(resolution.status),
        -1 if resolution.wildcard is None else int(resolution.wildcard),
        *map(len, rcodes),
        resolution.n_questions,
        resolution.seconds,
        len(resolution.addresses),
        len(resolution.cname_chain),
    )
    addresses = (
        _ADDRESS.pack(len(each.address), _KINDS.index(each.kind), each.ttl_seconds) + each.address
        for each in resolution.addresses
    )
    chain = "\0".join(resolution.cname_chain).encode()
    return b"".join((head, *rcodes, *addresses, chain))


def _unpack(resolver: str, packed: bytes) -> Resolution:
    given, ttl, status, wildcard, n_a, n_aaaa, n_questions, seconds, n_addresses, n_chain = _HEAD.unpack_from(packed)
    at = _HEAD.size
    rcode_a, rcode_aaaa = packed[at : at + n_a].decode(), packed[at + n_a : at + n_a + n_aaaa].decode()
    at += n_a + n_aaaa
    addresses: list[ResolvedAddress] = []
    for _ in range(n_addresses):
        length, kind, least = _ADDRESS.unpack_from(packed, at)
        at += _ADDRESS.size
        addresses.append(ResolvedAddress(Address(packed[at : at + length]), _KINDS[kind], least))
        at += length
    return Resolution(
        resolver=resolver,
        resolved_at=_EPOCH + timedelta(microseconds=given),
        status=_STATUSES[status],
        rcode_a=rcode_a or None,
        rcode_aaaa=rcode_aaaa or None,
        ttl_seconds=ttl,
        cname_chain=tuple(packed[at:].decode().split("\0")) if n_chain else (),
        addresses=tuple(addresses),
        wildcard=None if wildcard < 0 else bool(wildcard),
        n_questions=n_questions,
        seconds=seconds,
    )
