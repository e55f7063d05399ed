"""Addresses joined with dated tables: from when on each entry holds, and which one is in force."""

import gzip
import ipaddress
import os
import socket
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.attribution.attribute import Attributed, DatedTables, attribute, start_of
from monitor.attribution.fronting import FrontingTable, read_fronting
from monitor.attribution.prefixes import PrefixTable, read_prefixes
from monitor.attribution.timeline import entry_at
from monitor.model.columns import UNKNOWN, UNKNOWN_AT, AttributionColumns, Ints
from monitor.model.report import Address
from monitor.model.words import Unattributed

JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)
NO_TABLE, NO_PREFIX, SEVERAL = Unattributed.NO_TABLE, Unattributed.NO_PREFIX, Unattributed.SEVERAL_ORIGINS


def routing(folder: Path, text: str) -> PrefixTable:
    (folder / "routing").write_text(text)
    return read_prefixes(folder / "routing").table


def fronting(folder: Path, text: str) -> FrontingTable:
    (folder / "fronting").write_text(text)
    return read_fronting(folder / "fronting").table


def packed(*texts: str) -> list[Address]:
    return [Address(ipaddress.ip_address(text).packed) for text in texts]


def ids(*numbers: int) -> Ints:
    return np.array(numbers, np.int64)


Row = tuple[int, int, int, str | None, str | None, int, int]


def rows(found: Attributed) -> list[Row]:
    c = found.columns
    columns = (c.address, c.as_of, c.asn, c.reason, c.front, found.prefix_length, found.table)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_a_table_holds_from_midnight_of_its_day_until_the_next(tmp_path: Path) -> None:
    """Before the first table nothing is attributed; given in any order, each table begins at 00:00 UTC."""
    tables = DatedTables(
        (
            (MARCH, routing(tmp_path, "192.0.2.0/24 64501\n2001:db8::/32 64500\n")),
            (JANUARY, routing(tmp_path, "192.0.0.0/16 64500\n2001:db8::/32 64500\n")),
        )
    )
    found = attribute(ids(9, 4), packed("2001:db8::1", "192.0.2.1"), tables)
    assert rows(found) == [
        (4, UNKNOWN_AT, -1, NO_TABLE, None, -1, -1),
        (4, start_of(JANUARY), 64500, None, None, 16, 1),
        (4, start_of(MARCH), 64501, None, None, 24, 0),
        (9, UNKNOWN_AT, -1, NO_TABLE, None, -1, -1),
        (9, start_of(JANUARY), 64500, None, None, 32, 1),
    ]
    assert start_of(JANUARY) == 1_767_225_600_000_000


def test_reasons_are_told_where_there_is_no_as_number(tmp_path: Path) -> None:
    """No prefix and several origins are different reasons, and never AS 0."""
    tables = DatedTables(((JANUARY, routing(tmp_path, "192.0.2.0/24 64500_64501\n203.0.113.0/24 0\n")),))
    found = attribute(ids(1, 2, 3), packed("192.0.2.1", "198.51.100.1", "203.0.113.1"), tables)
    assert rows(found)[1::2] == [
        (1, start_of(JANUARY), -1, SEVERAL, None, 24, 0),
        (2, start_of(JANUARY), -1, NO_PREFIX, None, -1, 0),
        (3, start_of(JANUARY), -1, NO_PREFIX, None, -1, 0),
    ]


def test_several_origins_are_shown_and_a_change_of_them_begins_an_entry(tmp_path: Path) -> None:
    """Which ones they were stays known, from table to table, though nobody is named."""
    texts = ((JANUARY, "64501_64500"), (MARCH, "64500_64501"), (MAY, "64500_64502"))
    tables = DatedTables(tuple((day, routing(tmp_path, f"192.0.2.0/24 {origins}\n")) for day, origins in texts))
    found = attribute(ids(1, 2), packed("192.0.2.1", "198.51.100.1"), tables).columns
    assert found.as_of.tolist() == [
        *(UNKNOWN_AT, start_of(JANUARY), start_of(MAY)),
        *(UNKNOWN_AT, start_of(JANUARY)),
    ]
    assert found.origins.tolist() == [None, "64500_64501", "64500_64502", None, None]
    assert found.asn.tolist() == [-1] * 5


def test_proxies_have_dates_of_their_own(tmp_path: Path) -> None:
    """A change of the ranges alone begins an entry with the routing table in force; without routing there is no AS."""
    tables = DatedTables(
        ((MARCH, routing(tmp_path, "192.0.2.0/24 64500\n")),),
        (
            (JANUARY, fronting(tmp_path, "192.0.2.0/24,Example Shield\n")),
            (MARCH, fronting(tmp_path, "192.0.2.0/25,Invented Cache\n")),
            (MAY, fronting(tmp_path, "198.51.100.0/24,Invented Cache\n")),
        ),
    )
    assert rows(attribute(ids(1), packed("192.0.2.1"), tables)) == [
        (1, UNKNOWN_AT, -1, NO_TABLE, None, -1, -1),
        (1, start_of(JANUARY), -1, NO_TABLE, "Example Shield", -1, -1),
        (1, start_of(MARCH), 64500, None, "Invented Cache", 24, 0),
        (1, start_of(MAY), 64500, None, "Example Shield", 24, 0),
    ]


def test_without_any_table_every_address_has_its_one_entry() -> None:
    """No table is a reason, not an empty answer; no address gives no entry."""
    none = DatedTables(())
    assert rows(attribute(ids(7), packed("192.0.2.1"), none)) == [(7, UNKNOWN_AT, -1, NO_TABLE, None, -1, -1)]
    assert rows(attribute(ids(), [], none)) == []


def test_of_two_routing_tables_of_one_day_the_later_one_holds(tmp_path: Path) -> None:
    """A table imported again for the same day replaces the first."""
    tables = tuple((JANUARY, routing(tmp_path, f"192.0.2.0/24 {asn}\n")) for asn in (64500, 64501))
    found = attribute(ids(1), packed("192.0.2.1"), DatedTables(tables))
    assert rows(found)[1:] == [(1, start_of(JANUARY), 64501, None, None, 24, 1)]


def test_ranges_of_two_proxies_of_one_day_hold_together(tmp_path: Path) -> None:
    """One file for each proxy is normal."""
    tables = tuple((JANUARY, fronting(tmp_path, text)) for text in ("192.0.2.0/24,Shield\n", "198.51.100.0/24,Veil\n"))
    found = attribute(ids(1, 2), packed("192.0.2.1", "198.51.100.1"), DatedTables((), tables))
    assert found.columns.front.tolist()[1::2] == ["Shield", "Veil"]


_DAYS = st.integers(0, 5).map(lambda n: date(2026, 1, 1 + n))
_TABLES = st.lists(
    st.tuples(_DAYS, st.dictionaries(st.integers(0, 3), st.integers(64500, 64502), min_size=1)), max_size=4
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(_TABLES, st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 6 * 24)), max_size=30))
def test_every_event_finds_the_newest_table_that_is_not_younger(
    tmp_path_factory: pytest.TempPathFactory, dated: list[tuple[date, dict[int, int]]], events: list[tuple[int, int]]
) -> None:
    """Merged entries and `entry_at` together answer as a search through the tables does, for every address and hour."""
    folder = tmp_path_factory.mktemp("dated")
    tables = DatedTables(
        tuple((day, routing(folder, "".join(f"192.0.{n}.0/24 {a}\n" for n, a in asns.items()))) for day, asns in dated)
    )
    found = attribute(ids(0, 1, 2, 3), packed(*(f"192.0.{n}.1" for n in range(4))), tables)
    hours = np.array([hour for _, hour in events], np.int64)
    at = start_of(date(2026, 1, 1)) + hours * 3_600_000_000
    entries = entry_at(found.columns, np.array([address for address, _ in events], np.int64), at)
    for (address, hour), entry in zip(events, entries.tolist(), strict=True):
        if not 0 <= address <= 3:
            assert entry == UNKNOWN
            continue
        held = [(day, place) for place, (day, _) in enumerate(dated) if (day - date(2026, 1, 1)).days * 24 <= hour]
        expected = dated[max(held)[1]][1].get(address, -1) if held else -1
        assert found.columns.asn[entry] == expected
        assert (found.columns.reason[entry] == NO_TABLE) == (not held)


def test_consecutive_entries_differ(tmp_path: Path) -> None:
    """Three tables that say the same make one entry beside the one before all tables."""
    table = routing(tmp_path, "192.0.2.0/24 64500\n")
    found = attribute(ids(1), packed("192.0.2.1"), DatedTables(((JANUARY, table), (MARCH, table), (MAY, table))))
    assert [row[1] for row in rows(found)] == [UNKNOWN_AT, start_of(JANUARY)]


def columns(address: Ints, as_of: Ints) -> AttributionColumns:
    none = np.full(len(address), None, np.object_)
    never = np.full(len(address), UNKNOWN_AT, np.int64)
    return AttributionColumns(address, as_of, np.zeros(len(address), np.int64), none, none, none, never, never)


def test_an_unknown_address_or_instant_has_no_entry() -> None:
    """-1, an address without entries and an unknown time give -1; so does a time before the first entry."""
    known = columns(ids(3, 3, 8), ids(UNKNOWN_AT, 100, 50))
    address = ids(-1, 3, 3, 3, 3, 5, 8, 8, 9)
    at = ids(100, UNKNOWN_AT, 99, 100, 101, 100, 49, 50, 100)
    assert entry_at(known, address, at).tolist() == [-1, -1, 0, 1, 1, -1, -1, 2, -1]
    assert entry_at(columns(ids(), ids()), address, at).tolist() == [-1] * 9
    assert entry_at(columns(ids(-1), ids(0)), ids(-1), ids(5)).tolist() == [-1]


@pytest.mark.parametrize(("address", "as_of"), [((2, 1), (0, 0)), ((1, 1), (5, 4)), ((1, 1), (5, 5))])
def test_entries_out_of_order_are_a_defect(address: tuple[int, int], as_of: tuple[int, int]) -> None:
    """Unordered or repeated entries raise ValueError in place of a wrong answer."""
    with pytest.raises(ValueError, match="not ordered"):
        entry_at(columns(ids(*address), ids(*as_of)), ids(1), ids(9))


def test_a_million_pairs_take_about_a_second() -> None:
    """Random pairs among 400,000 entries: the aim is one second; a busy machine gets 3."""
    random = np.random.default_rng(7)
    known = columns(np.repeat(np.arange(200_000), 2), np.tile(ids(UNKNOWN_AT, 1000), 200_000))
    address, at = random.integers(-1, 200_000, 1_000_000), random.integers(0, 2000, 1_000_000)
    begun = time.process_time()
    entries = entry_at(known, address, at)
    assert time.process_time() - begun < 3
    assert np.array_equal(entries, np.where(address < 0, -1, address * 2 + (at >= 1000)))


@pytest.mark.analogue
def test_the_analogue_is_attributed_by_two_tables_in_seconds() -> None:
    """182,873 addresses, two stored tables and the proxies: the aim is 3 s, loading included; a busy machine gets 6."""
    folder = Path(__file__).parents[3] / "shared" / "analogue"
    if not folder.exists():
        assert os.environ.get("CI") != "true", "../shared/analogue is missing"
        pytest.skip("../shared/analogue, the public stand-in for the input, is missing")
    with gzip.open(folder / "reports.csv.gz", "rt") as file:
        addresses = [Address(socket.inet_aton(line.rstrip().rpartition(",")[2])) for line in file.readlines()[1:]]
    names = ("prefix2as_2024-01-05.tsv.gz", "prefix2as_2025-12-04.tsv.gz")
    stored = [read_prefixes(folder / "routing" / name).table.to_bytes() for name in names]
    proxies = tuple(
        (date(2021, 1, 1), read_fronting(path).table) for path in sorted((folder / "fronting").glob("*.json"))
    )
    begun = time.process_time()
    first, second = (PrefixTable.from_bytes(content) for content in stored)
    tables = DatedTables(((date(2021, 1, 1), first), (date(2021, 5, 1), second)), proxies)
    found = attribute(np.arange(len(addresses)), addresses, tables)
    assert time.process_time() - begun < 6
    # Nearly all are announced, few change hands, and a search through the ranges by hand finds no fronted one.
    at = np.full(len(addresses), start_of(date(2021, 4, 30)))
    entry = entry_at(found.columns, np.arange(len(addresses)), at)
    assert (found.columns.asn[entry] > 0).mean() > 0.97
    assert set(found.columns.front.tolist()) == {None}
    assert 2 * len(addresses) < len(found.columns) < 3 * len(addresses)
