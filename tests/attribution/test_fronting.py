"""Proxy ranges as files, and which one holds on a day."""

import gzip
import ipaddress
import json
import os
from datetime import date
from pathlib import Path

import pytest

from monitor.attribution.fronting import FrontingTable, ReadFronting, front_names, newest_of_each_proxy, read_fronting
from monitor.attribution.fronting_text import proxy_name
from monitor.attribution.packed import PackedAddresses
from monitor.errors import ReferenceDataError
from monitor.model.report import Address

CSV = (
    "prefix,name\n192.0.2.0/24,Example Shield\n192.0.2.128/25,Invented Cache\n"
    "2001:db8::/32,Example Shield\n198.51.100.7,Invented Cache\n"
)


def read(tmp_path: Path, content: str | bytes | dict[str, object]) -> ReadFronting:
    path = tmp_path / "ranges"
    if isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_fronting(path)


def fronts(table: FrontingTable, *addresses: str) -> list[str | None]:
    packed = [Address(ipaddress.ip_address(text).packed) for text in addresses]
    return front_names(table, PackedAddresses.of(packed)).tolist()


def test_the_longest_range_names_the_proxy(tmp_path: Path) -> None:
    """In prefixes, in bare addresses, in both families; outside there is None."""
    table = read(tmp_path, CSV).table
    wanted = {
        "192.0.2.1": "Example Shield",
        "192.0.2.200": "Invented Cache",
        "198.51.100.7": "Invented Cache",
        "198.51.100.8": None,
        "2001:db8::1": "Example Shield",
        "2001:db9::1": None,
    }
    assert fronts(table, *wanted) == list(wanted.values())


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("List of known Example Shield IP ranges (https://shield.example/ips)", "Example Shield"),
        ("List of known Example Shield IP ranges", "Example Shield"),
        ("Example Shield IP address ranges (https://api.shield.example/list)", "Example Shield"),
        ("List of known Invented.example CDN ranges", "Invented.example"),
        ("Invented Cache IP ranges from BGP search", "Invented Cache"),
        ("Invented Cache", "Invented Cache"),
        ("List of known Invented (Old Name) CDN IP ranges (https://x.example/a-b?c=d)", "Invented (Old Name)"),
        ("https://shield.example/ips", ""),
        ("List of all IP ranges", ""),
        ("CDN", ""),
    ],
)
def test_a_title_gives_a_short_name_without_url(title: str, name: str) -> None:
    """The usual words and any URL go, the proxy's own name stays."""
    assert proxy_name(title) == name


def test_a_warning_list_is_one_proxy(tmp_path: Path) -> None:
    """Prefixes and bare addresses of the list carry the name of its title, else that of its description."""
    ranges = ["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"]
    named = read(tmp_path, {"name": "List of known Example Shield IP ranges", "description": "x", "list": ranges})
    described = read(tmp_path, {"description": "Example Shield IP ranges (https://shield.example/)", "list": ranges})
    for found in (named, described):
        assert found.table.names == ("Example Shield",)
        assert fronts(found.table, "192.0.2.9", "198.51.100.7", "2001:db8::1", "203.0.113.1") == [
            "Example Shield"
        ] * 3 + [None]
        assert (found.counts.n_read, found.counts.n_accepted, found.counts.n_rejected) == (3, 3, 0)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (7, "fields"),
        (None, "fields"),
        ("", "bad-address"),
        ("cache.example", "bad-address"),
        ("fe80::1%eth0", "bad-address"),
        ("192.0.2.0/33", "bad-length"),
        ("192.0.2.0/", "bad-length"),
        ("192.0.2.0/255.255.255.0", "bad-length"),
        ("192.0.2.1/24", "host-bits"),
    ],
)
def test_a_broken_entry_is_named_and_the_others_stay(tmp_path: Path, entry: object, code: str) -> None:
    """In a warning list the row is the place in the list."""
    found = read(tmp_path, {"name": "Example Shield", "list": ["192.0.2.0/24", entry, "0.0.0.0/0", "192.0.2.0/24"]})
    assert [(reject.row, reject.code) for reject in found.counts.rejects] == [(2, code)]
    counts = found.counts
    assert (counts.n_read, counts.n_accepted, counts.n_duplicate, counts.n_ignored) == (4, 1, 1, 1)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("192.0.2.0/24", "fields"),
        ("192.0.2.0/24,a,b", "fields"),
        ('192.0.2.0/24,"open', "fields"),
        ("192.0.2.0/24,", "bad-name"),
        ("192.0.2.0/24,https://shield.example/", "bad-name"),
        ("192.0.2.1/24,Example Shield", "host-bits"),
    ],
)
def test_a_broken_row_is_named_with_its_line(tmp_path: Path, line: str, code: str) -> None:
    """In CSV the row is the line number, header included."""
    found = read(tmp_path, CSV + line + "\n")
    assert [(reject.row, reject.code) for reject in found.counts.rejects] == [(6, code)]
    assert found.counts.n_accepted == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"prefix,name\n",
        b"{",
        b'{"name": "Example Shield"}',
        b'{"name": "Example Shield", "list": {}}',
        b'{"name": "Example Shield", "list": []}',
        b'{"name": "https://shield.example/", "list": ["192.0.2.0/24"]}',
        b'{"name": 5, "list": ["192.0.2.0/24"]}',
        b'{"a":' * 100_000,
        b"<html>no</html>",
        bytes(range(256)),
        gzip.compress(CSV.encode(), mtime=0)[:-5],
    ],
)
def test_a_file_that_is_no_table_of_ranges_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, broken JSON, without list, without name, without any range."""
    with pytest.raises(ReferenceDataError):
        read(tmp_path, content)


def test_each_proxy_has_its_own_newest_table(tmp_path: Path) -> None:
    """A newer table replaces what older ones say of the proxies it names, and of no other."""
    both = read(tmp_path, CSV).table
    shield = read(tmp_path, "203.0.113.0/24,Example Shield\n").table
    tables = [(date(2026, 3, 1), shield), (date(2026, 1, 1), both)]
    seen = ("192.0.2.1", "192.0.2.200", "203.0.113.1")
    assert fronts(newest_of_each_proxy(tables, date(2025, 12, 31)), *seen) == [None, None, None]
    assert fronts(newest_of_each_proxy(tables, date(2026, 1, 1)), *seen) == ["Example Shield", "Invented Cache", None]
    assert fronts(newest_of_each_proxy(tables, date(2026, 3, 1)), *seen) == [None, "Invented Cache", "Example Shield"]


def test_two_proxies_on_one_prefix_are_the_first_by_name(tmp_path: Path) -> None:
    """The address is fronted in any case; which name stands there does not depend on the order of the tables."""
    one = read(tmp_path, "192.0.2.0/24,Zeta\n").table
    other = read(tmp_path, "192.0.2.0/24,Alpha\n").table
    day = date(2026, 1, 1)
    for tables in ([(day, one), (day, other)], [(day, other), (day, one)]):
        assert fronts(newest_of_each_proxy(tables, day), "192.0.2.1") == ["Alpha"]


def test_stored_ranges_come_back(tmp_path: Path) -> None:
    """Bytes give the same ranges and again the same bytes; damaged ones raise."""
    table = read(tmp_path, CSV).table
    content = table.to_bytes()
    again = FrontingTable.from_bytes(content)
    assert again.names == table.names
    assert fronts(again, "192.0.2.200", "2001:db8::1") == ["Invented Cache", "Example Shield"]
    assert again.to_bytes() == content
    for broken in (content[:-1], b"", b"rubbish", table.ranges.to_bytes()):
        with pytest.raises(ReferenceDataError):
            FrontingTable.from_bytes(broken)


@pytest.mark.analogue
def test_the_warning_lists_of_the_analogue_are_read_whole() -> None:
    """Each gives one short name without a URL in it; no entry is refused."""
    folder = Path(__file__).parents[3] / "shared" / "analogue" / "fronting"
    if not folder.exists():
        assert os.environ.get("CI") != "true", "../shared/analogue is missing"
        pytest.skip("../shared/analogue, the public stand-in for the input, is missing")
    for path in sorted(folder.glob("*.json")):
        found = read_fronting(path)
        (name,) = found.table.names
        assert len(name.split()) == 1
        assert "/" not in name
        assert found.counts.n_rejected == 0


def test_several_files_make_one_table(tmp_path: Path) -> None:
    """Two lists of one proxy hold together; what both say counts once; `only` gives the ranges of some proxies."""
    (tmp_path / "a").write_text("192.0.2.0/24,Example Shield\n198.51.100.0/24,Invented Cache\n")
    (tmp_path / "b").write_text("2001:db8::/32,Example Shield\n192.0.2.0/24,Example Shield\n")
    found = read_fronting(tmp_path / "a", tmp_path / "b")
    assert (found.counts.n_read, found.counts.n_accepted, found.counts.n_duplicate) == (4, 3, 1)
    wanted = ("192.0.2.1", "198.51.100.1", "2001:db8::1")
    assert fronts(found.table, *wanted) == ["Example Shield", "Invented Cache", "Example Shield"]
    assert fronts(found.table.only(["Invented Cache"]), *wanted) == [None, "Invented Cache", None]
    assert len(found.table.only([])) == 0
