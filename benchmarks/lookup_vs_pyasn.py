"""Longest prefix match in bulk against pyasn's look-ups one by one, on the same table and addresses in one run.

Both answer AS number and prefix. Ours starts from packed addresses, as the store keeps them (`lookup`, `lookup6`), or
from integers (`...-integers`); pyasn from text, as its interface wants it. Making ready is left out of the speed;
its memory is `lookup-memory` (bytes a prefix that stay, the direct table left out; pyasn's are what the resident set
grew by) and `lookup-peak` (the most that is held while it is made, in all beside pyasn's resident growth).
"""

import gc
import gzip
import ipaddress
import json
import resource
import socket
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict, TypeVar

import numpy as np
import pyasn

from monitor.attribution.lookup import Matches, PrefixIndex
from monitor.attribution.packed import PackedAddresses
from monitor.attribution.prefixes import PrefixTable, read_prefixes
from monitor.model.report import Address

ANALOGUE = Path(__file__).parents[2] / "shared" / "analogue" / "routing" / "prefix2as_2024-01-05.tsv.gz"
ROUNDS = 3
SEED = 20260101
N_GENERATED4, N_GENERATED6 = 530_000, 170_000


class Entry(TypedDict):
    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    ratio: float


def run(quick: bool) -> list[Entry]:
    """Look-ups a second of both, best of three alternating rounds; raises AssertionError where they disagree."""
    random = np.random.default_rng(SEED)
    text = gzip.decompress(ANALOGUE.read_bytes()).decode() if ANALOGUE.exists() else generated(random)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_text(text)
        table = read_prefixes(path).table
    index = PrefixIndex.of(table, direct=True)
    before = resident()
    oracle = pyasn.pyasn(None, ipasn_string=text)
    entries = memory(table, resident() - before)
    n = 100_000 if quick else 500_000
    for name, addresses in (("lookup", addresses4(table, n, random)), ("lookup6", addresses6(table, n, random))):
        entries += compare(name, index, oracle, addresses)
    return entries


def compare(name: str, index: PrefixIndex, oracle: pyasn.pyasn, addresses: list[Address]) -> list[Entry]:
    """The two entries of one family."""
    texts = [socket.inet_ntop(socket.AF_INET if len(a) == 4 else socket.AF_INET6, a) for a in addresses]
    packed = PackedAddresses.of(addresses)
    lookup = oracle.lookup
    best = {"packed": float("inf"), "integers": float("inf"), "pyasn": float("inf")}
    for _ in range(ROUNDS):
        found, seconds = timed(lambda: index.find(PackedAddresses.of(addresses)))
        best["packed"] = min(best["packed"], seconds)
        _, seconds = timed(lambda: index.find(packed))
        best["integers"] = min(best["integers"], seconds)
        theirs, seconds = timed(lambda: [lookup(text) for text in texts])
        best["pyasn"] = min(best["pyasn"], seconds)
    check(found, theirs)
    rate = {who: len(addresses) / seconds for who, seconds in best.items()}
    return [
        entry(f"{name}-vs-pyasn", rate["packed"], rate["pyasn"]),
        entry(f"{name}-integers-vs-pyasn", rate["integers"], rate["pyasn"]),
    ]


def memory(table: PrefixTable, theirs: int) -> list[Entry]:
    """Bytes a prefix: what an index keeps, and the peak of making one from its table (the table not counted)."""
    gc.collect()
    tracemalloc.start()
    kept = PrefixIndex.of(table)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return [
        fewer("lookup-memory", kept.n_bytes / len(table), theirs / len(table)),
        fewer("lookup-peak", peak / len(table), theirs / len(table)),
    ]


def resident() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def fewer(name: str, value: float, peer_value: float) -> Entry:
    """An entry where less is better: the ratio is the peer's to ours."""
    return {
        "name": name,
        "value": round(value, 1),
        "unit": "bytes/prefix",
        "peer": "pyasn",
        "peer_value": round(peer_value, 1),
        "ratio": round(peer_value / value, 2),
    }


Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """The result and the seconds, without the garbage collector (as timeit does): it would slow the peer's lists."""
    gc.disable()
    begun = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - begun
    gc.enable()
    return result, seconds


def check(found: Matches, theirs: list[tuple[int | None, str | None]]) -> None:
    assert found.asn.tolist() == [-1 if asn is None else asn for asn, _ in theirs]
    lengths = [-1 if prefix is None else int(prefix.partition("/")[2]) for _, prefix in theirs]
    assert found.prefix_length.tolist() == lengths


def entry(name: str, value: float, peer_value: float) -> Entry:
    return {
        "name": name,
        "value": round(value),
        "unit": "lookups/s",
        "peer": "pyasn",
        "peer_value": round(peer_value),
        "ratio": round(value / peer_value, 2),
    }


def addresses4(table: PrefixTable, n: int, random: np.random.Generator) -> list[Address]:
    """Random addresses near random announced prefixes."""
    start = table.start4[random.integers(0, len(table.start4), n)].astype(np.int64)
    values = (start + random.integers(0, 1024, n)) % 2**32
    return [Address(value.to_bytes(4, "big")) for value in values.tolist()]


def addresses6(table: PrefixTable, n: int, random: np.random.Generator) -> list[Address]:
    """Random addresses in the first /64 networks of random announced prefixes."""
    high = table.high6[random.integers(0, len(table.high6), n)] + random.integers(0, 1 << 16, n).astype(np.uint64)
    low = random.integers(0, 2**64, n, dtype=np.uint64)
    pairs = zip(high.tolist(), low.tolist(), strict=True)
    return [Address(first.to_bytes(8, "big") + second.to_bytes(8, "big")) for first, second in pairs]


def generated(random: np.random.Generator) -> str:
    """A table of 700,000 nested prefixes in the sizes of a real one, for a checkout without the analogue."""
    lengths4 = random.choice([16, 18, 20, 22, 23, 24], N_GENERATED4, p=[0.02, 0.03, 0.05, 0.15, 0.15, 0.6])
    lengths6 = random.choice([29, 32, 40, 44, 48], N_GENERATED6, p=[0.03, 0.15, 0.12, 0.2, 0.5])
    starts4 = random.integers(0, 2**32, N_GENERATED4) >> (32 - lengths4) << (32 - lengths4)
    starts6 = ((0b001 << 45) + random.integers(0, 2**40, N_GENERATED6)) >> (48 - lengths6) << (48 - lengths6)
    asns = iter(random.integers(64496, 64512, N_GENERATED4 + N_GENERATED6).tolist())
    four = {(ipaddress.IPv4Address(s), n) for s, n in zip(starts4.tolist(), lengths4.tolist(), strict=True)}
    six = {(ipaddress.IPv6Address(s << 80), n) for s, n in zip(starts6.tolist(), lengths6.tolist(), strict=True)}
    return "".join(f"{start}/{length}\t{next(asns)}\n" for start, length in [*sorted(four), *sorted(six)])


def main() -> None:
    print(json.dumps(run(quick=False), indent=2))


if __name__ == "__main__":
    main()
