"""Proxy ranges in (`prefix,name` CSV or a MISP warning list), a table of prefixes with the names of their proxies out.

The surprise: tables are dated per proxy. A table replaces only what older ones say about the proxies that it names, so
one file for each proxy, with different dates, is the normal case.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

import numpy as np

from monitor.attribution.codec import pack_arrays, unpack_arrays
from monitor.attribution.entries import Entries
from monitor.attribution.fronting_text import ParsedRanges, ProxyRange, parse_ranges
from monitor.attribution.lookup import PrefixIndex
from monitor.attribution.packed import PackedAddresses
from monitor.attribution.prefixes import PrefixTable
from monitor.attribution.tablefile import TableCounts, largest_share, named_parts, read_table_file
from monitor.errors import ReferenceDataError
from monitor.model.columns import UNKNOWN, Ints, Texts

_KIND = b"fronting"


@dataclass(frozen=True, slots=True, eq=False)
class FrontingTable:
    """Ranges of reverse proxies. An origin in `ranges` is 1 + the place of the proxy in `names` (ascending)."""

    names: tuple[str, ...]
    ranges: PrefixTable

    def __len__(self) -> int:
        return len(self.ranges)

    def only(self, names: Collection[str]) -> Self:
        """The ranges of these proxies alone."""
        chosen = tuple(name for name in self.names if name in names)
        codes = [chosen.index(name) + 1 if name in chosen else 0 for name in self.names]
        entries = self.ranges.entries()
        origin = np.array([0, *codes], np.uint32)[entries.origin]
        return type(self)(chosen, PrefixTable.of(entries.with_origin(origin).take(origin != 0))[0])

    def to_bytes(self) -> bytes:
        """Compact bytes, the same for the same ranges."""
        text = json.dumps(self.names, ensure_ascii=False).encode() + b"\n" + self.ranges.to_bytes()
        return pack_arrays(_KIND, (np.frombuffer(text, np.uint8),))

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Raises ReferenceDataError where the bytes are damaged."""
        try:
            (text,) = unpack_arrays(_KIND, content)
            written, _, ranges = text.tobytes().partition(b"\n")
            names, table = json.loads(written), PrefixTable.from_bytes(ranges)
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError("no list of names")
            return cls(tuple(names), table)
        except (ValueError, RecursionError):
            raise ReferenceDataError("A stored table of proxy ranges is damaged", "Import it again") from None


@dataclass(frozen=True, slots=True)
class ReadFronting:
    """Proxy ranges and what became of the rows of their files; `share_rejected` is that of the worst of them."""

    table: FrontingTable
    counts: TableCounts
    share_rejected: float


def read_fronting(*paths: Path) -> ReadFronting:
    """Read the files of one table of proxy ranges, plain, .gz or .zst.

    Raises ReferenceDataError where no row of a file is a range.
    """
    parsed = [_parse(path) for path in paths]
    ranges = [found for part in parsed for found in part.ranges]
    names = tuple(sorted({found.name for found in ranges}))
    entries = _entries(ranges, names)
    table, n_duplicate = PrefixTable.of(entries)
    n_read, n_ignored = sum(part.n_read for part in parsed), sum(part.n_ignored for part in parsed)
    rejects = named_parts([part.rejects for part in parsed])
    counts = TableCounts(n_read, len(ranges) - n_duplicate, n_duplicate, n_ignored, rejects)
    share = largest_share((len(part.rejects), part.n_read) for part in parsed)
    return ReadFronting(FrontingTable(names, table), counts, share)


def _parse(path: Path) -> ParsedRanges:
    parsed = parse_ranges(read_table_file(path))
    if not parsed.ranges:
        hint = "Write one `prefix,name` a row, or give a MISP warning list with `name` and `list`"
        raise ReferenceDataError(f"The table of proxy ranges holds no valid row ({parsed.n_read} read)", hint)
    return parsed


def newest_of_each_proxy(tables: Sequence[tuple[date, FrontingTable]], at: date) -> FrontingTable:
    """What holds on a day: for each proxy its newest table that is not younger; of equal dates, the later in order.

    Of two proxies on one prefix, the first by name holds it.
    """
    newest: dict[str, tuple[date, int]] = {}
    for place, (as_of, table) in enumerate(tables):
        for name in table.names if as_of <= at else ():
            newest[name] = max(newest.get(name, (as_of, place)), (as_of, place))
    names = tuple(sorted(newest))
    parts = []
    for place, (_, table) in enumerate(tables):
        codes = [names.index(name) + 1 if newest.get(name, (at, -1))[1] == place else 0 for name in table.names]
        entries = table.ranges.entries()
        origin = np.array([0, *codes], np.uint32)[entries.origin]
        parts.append(entries.with_origin(origin).take(origin != 0))
    return FrontingTable(names, PrefixTable.of(Entries.joined(parts), one_origin=True)[0])


def find_fronts(table: FrontingTable, addresses: PackedAddresses) -> Ints:
    """For each address the place of its proxy in `table.names` by the longest range, -1 where it is in none."""
    if not len(table):
        return np.full(addresses.n, UNKNOWN, np.int64)
    found = PrefixIndex.of(table.ranges).find(addresses).asn
    return np.where(found == UNKNOWN, UNKNOWN, found - 1)


def front_names(table: FrontingTable, addresses: PackedAddresses) -> Texts:
    """For each address the name of its proxy, None where it is in none."""
    return np.array([*table.names, None], np.object_)[find_fronts(table, addresses)]


def _entries(ranges: Sequence[ProxyRange], names: tuple[str, ...]) -> Entries:
    """One entry for each range; its row is its place, so that ranges of several files stay apart."""
    code = {name: place for place, name in enumerate(names, start=1)}
    return Entries(
        np.arange(len(ranges)),
        np.array([found.is6 for found in ranges], np.bool_),
        np.array([found.high for found in ranges], np.uint64),
        np.array([found.low for found in ranges], np.uint64),
        np.array([found.length for found in ranges], np.uint8),
        np.array([code[found.name] for found in ranges], np.uint32),
    )
