"""Longest prefix match against pyasn and against a search through all prefixes."""

import gzip
import ipaddress
import os
import socket
import time
from pathlib import Path

import numpy as np
import pyasn
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.attribution.flatten import segments4, segments6
from monitor.attribution.lookup import Matches, PrefixIndex
from monitor.attribution.packed import PackedAddresses
from monitor.attribution.prefixes import PrefixTable, read_prefixes
from monitor.model.report import Address
from monitor.model.words import Unattributed

ANALOGUE = Path(__file__).parents[3] / "shared" / "analogue"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def table_of(tmp_path: Path, text: str) -> PrefixTable:
    path = tmp_path / "table"
    path.write_text(text)
    return read_prefixes(path).table


def find(table: PrefixTable, *addresses: str, direct: bool = False) -> Matches:
    packed = [Address(ipaddress.ip_address(text).packed) for text in addresses]
    return PrefixIndex.of(table, direct=direct).find(PackedAddresses.of(packed))


@st.composite
def nested_networks(draw: st.DrawFn, bits: int) -> tuple[int, int]:
    """(start, length), crowded into little space and its edges so that most of them nest or touch."""
    corner = draw(st.sampled_from([0, 0xC0 << (bits - 8), 2**bits - 1]))
    near = draw(st.integers(0, 2**12 - 1)) << draw(st.sampled_from([0, bits // 2 - 6, bits - 12]))
    length = draw(st.integers(1, bits))
    return (corner ^ near) >> (bits - length) << (bits - length), length


def origins(bits: int) -> st.SearchStrategy[dict[tuple[int, int], int]]:
    return st.dictionaries(nested_networks(bits), st.integers(1, 2**32 - 1), min_size=1, max_size=40)


def network(bits: int, start: int, length: int) -> Network:
    return ipaddress.IPv4Network((start, length)) if bits == 32 else ipaddress.IPv6Network((start, length))


def edges_of(bits: int, prefixes: dict[tuple[int, int], int]) -> list[Address]:
    """First and last address of each prefix, and the ones beside them."""
    ends = {start + step for start, _ in prefixes for step in (-1, 0, 1)}
    ends |= {start + 2 ** (bits - length) + step for start, length in prefixes for step in (-2, -1, 0)}
    return [Address(end.to_bytes(bits // 8, "big")) for end in sorted(ends | {0, 2**bits - 1}) if 0 <= end < 2**bits]


@pytest.mark.parametrize("bits", [32, 128])
def test_the_longest_prefix_wins_as_in_pyasn_and_by_brute_force(
    tmp_path_factory: pytest.TempPathFactory, bits: int
) -> None:
    """On nested tables, at every edge of every prefix, AS number and prefix length equal both oracles."""
    folder = tmp_path_factory.mktemp("nested")

    @settings(derandomize=True, deadline=None, max_examples=150)
    @given(origins(bits))
    def compare(prefixes: dict[tuple[int, int], int]) -> None:
        networks = {network(bits, *prefix): asn for prefix, asn in prefixes.items()}
        text = "".join(f"{net}\t{asn}\n" for net, asn in networks.items())
        addresses = edges_of(bits, prefixes)
        found = PrefixIndex.of(table_of(folder, text)).find(PackedAddresses.of(addresses))
        oracle = pyasn.pyasn(None, ipasn_string=text)
        for address, asn, length in zip(addresses, found.asn.tolist(), found.prefix_length.tolist(), strict=True):
            one = ipaddress.ip_address(bytes(address))
            covering = max((net for net in networks if one in net), key=lambda net: net.prefixlen, default=None)
            expected = (-1, -1) if covering is None else (networks[covering], covering.prefixlen)
            assert (asn, length) == expected
            theirs, prefix = oracle.lookup(str(one))
            assert (asn, length) == ((-1, -1) if theirs is None else (theirs, int(prefix.partition("/")[2])))

    compare()


def test_the_direct_table_answers_as_the_search_does(tmp_path: Path) -> None:
    """Also inside a /24 that holds several prefixes, and at both ends of the address space."""
    text = (
        "192.0.0.0/8 64500\n192.0.2.0/25 64501\n192.0.2.128/26 64502\n192.0.2.255/32 64503\n"
        "255.255.255.255/32 64504\n0.0.0.0/25 64505\n255.255.254.0/23 64506\n"
    )
    table = table_of(tmp_path, text)
    values = np.concatenate(
        [np.arange(512), 0xC0000100 + np.arange(1024), 0xBFFFFF00 + np.arange(512), 0xFFFFFC00 + np.arange(1024)]
    )
    addresses = PackedAddresses.of([Address(int(value).to_bytes(4, "big")) for value in values])
    searched, direct = PrefixIndex.of(table).find(addresses), PrefixIndex.of(table, direct=True).find(addresses)
    assert np.array_equal(searched.asn, direct.asn)
    assert np.array_equal(searched.prefix_length, direct.prefix_length)
    assert set(searched.asn.tolist()) == {-1, *range(64500, 64507)}


def test_several_origins_of_the_longest_prefix_are_nobody(tmp_path: Path) -> None:
    """One prefix with two origins names none, even where a wider prefix has one; a longer one with one origin does."""
    text = "192.0.0.0/16 64500\n192.0.2.0/24 64501_64502\n192.0.2.0/28 64503\n2001:db8::/32 64501_64502\n"
    found = find(table_of(tmp_path, text), "192.0.1.1", "192.0.2.99", "192.0.2.1", "2001:db8::1", "198.51.100.1")
    assert found.asn.tolist() == [64500, -1, 64503, -1, -1]
    assert found.prefix_length.tolist() == [16, 24, 28, 32, -1]
    both = "64501_64502"
    assert found.origins.tolist() == [None, both, None, both, None]
    several, none = Unattributed.SEVERAL_ORIGINS, Unattributed.NO_PREFIX
    assert found.reasons().tolist() == [None, several, None, several, none]


@pytest.mark.parametrize("direct", [False, True])
def test_several_origins_are_named_in_ascending_order(tmp_path: Path, direct: bool) -> None:
    """Each with its own prefix, whatever order the file has, at both ends of the space; AS 0 is none of them."""
    text = (
        "0.0.0.0/8 65536_64500\n192.0.2.0/24 64502\n192.0.2.0/24 0\n192.0.2.0/24 64501\n192.0.2.128/25 64503\n"
        "255.255.255.0/24 9_10_8\n2001:db8::/32 64500_4294967295\n2001:db8:0:0:8000::/65 64501_64500\nffff::/16 2_1\n"
    )
    wanted = {
        "0.1.2.3": "64500_65536",
        "192.0.2.1": "64501_64502",
        "192.0.2.129": None,
        "255.255.255.255": "8_9_10",
        "2001:db8::1": "64500_4294967295",
        "2001:db8::8000:0:0:1": "64500_64501",
        "ffff::1": "1_2",
        "2001:db9::": None,
    }
    assert find(table_of(tmp_path, text), *wanted, direct=direct).origins.tolist() == list(wanted.values())


def test_as_0_is_no_origin(tmp_path: Path) -> None:
    """A prefix of AS 0 is a hole in the wider one; beside another origin it counts for nothing."""
    text = "192.0.0.0/16 64500\n192.0.2.0/24 0\n192.0.3.0/24 0\n192.0.3.0/24 64501\n2001:db8::/32 0\n"
    found = find(table_of(tmp_path, text), "192.0.1.1", "192.0.2.1", "192.0.3.1", "2001:db8::1")
    assert found.asn.tolist() == [64500, -1, 64501, -1]
    assert found.prefix_length.tolist() == [16, -1, 24, -1]
    assert found.reasons().tolist() == [None, Unattributed.NO_PREFIX, None, Unattributed.NO_PREFIX]


def test_a_table_of_one_family_answers_for_both(tmp_path: Path) -> None:
    """Addresses of the other family have no prefix."""
    assert find(table_of(tmp_path, "2001:db8::/32 64500\n"), "192.0.2.1", "2001:db8::1").asn.tolist() == [-1, 64500]
    assert find(table_of(tmp_path, "192.0.2.0/24 64500\n"), "192.0.2.1", "2001:db8::1").asn.tolist() == [64500, -1]


def test_segments_do_not_repeat_their_neighbour(tmp_path: Path) -> None:
    """Each prefix inside another one cuts it in at most two: two prefixes make five segments or fewer."""
    table = table_of(tmp_path, "192.0.0.0/16 64500\n192.0.2.0/24 64501\n2001:db8::/32 64500\n2001:db8::/48 64501\n")
    assert segments4(table).asn.tolist() == [-1, 64500, 64501, 64500, -1]
    assert segments6(table).asn.tolist() == [-1, 64501, 64500, -1]


def test_an_address_of_another_size_is_a_defect() -> None:
    """Text or cut-off bytes in place of a packed address raise ValueError."""
    for size in (0, 3, 5, 15, 17, 300):
        with pytest.raises(ValueError, match="4 or 16 bytes"):
            PackedAddresses.of([Address(bytes(4)), Address(bytes(size))])


def test_addresses_of_both_families_keep_their_places() -> None:
    """Mixed in any order, in more than one batch of packing, each integer is that of its address."""
    random = np.random.default_rng(3)
    sizes = random.choice([4, 16], 10_000).tolist()
    addresses = [Address(random.bytes(size)) for size in sizes]
    packed = PackedAddresses.of(addresses)
    found = dict(zip(packed.at4.tolist(), packed.value4.tolist(), strict=True))
    halves = zip(packed.high6.tolist(), packed.low6.tolist(), strict=True)
    found |= dict(zip(packed.at6.tolist(), (high << 64 | low for high, low in halves), strict=True))
    assert [found[place] for place in range(10_000)] == [int.from_bytes(address, "big") for address in addresses]


def test_no_addresses_give_no_matches(tmp_path: Path) -> None:
    """Empty in, empty out."""
    assert find(table_of(tmp_path, "192.0.2.0/24 64500\n")).asn.tolist() == []


def analogue(name: str) -> Path:
    path = ANALOGUE / name
    if not path.exists():
        assert os.environ.get("CI") != "true", "../shared/analogue is missing"
        pytest.skip("../shared/analogue, the public stand-in for the input, is missing")
    return path


@pytest.mark.analogue
def test_all_addresses_of_the_analogue_match_as_in_pyasn() -> None:
    """182,873 real addresses on a real table: AS number and length equal pyasn's, in a fraction of its time."""
    path = analogue("routing/prefix2as_2024-01-05.tsv.gz")
    with gzip.open(analogue("reports.csv.gz"), "rt") as file:
        texts = [line.rstrip().rpartition(",")[2] for line in file][1:]
    addresses = [Address(socket.inet_aton(text)) for text in texts]
    index = PrefixIndex.of(read_prefixes(path).table)
    begun = time.perf_counter()
    found = index.find(PackedAddresses.of(addresses))
    ours = time.perf_counter() - begun
    lookup = pyasn.pyasn(None, ipasn_string=gzip.decompress(path.read_bytes()).decode()).lookup
    begun = time.perf_counter()
    theirs = [lookup(text) for text in texts]
    assert time.perf_counter() - begun > 2 * ours
    assert len(texts) == 182_873
    assert found.asn.tolist() == [-1 if asn is None else asn for asn, _ in theirs]
    assert found.prefix_length.tolist() == [-1 if net is None else int(net.partition("/")[2]) for _, net in theirs]
