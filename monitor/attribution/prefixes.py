"""Prefix table in (text file or stored bytes), sorted arrays out: the announced prefixes of one day and their origins.

Accepted rows: `prefix asn`, `prefix length asn` (RouteViews prefix2as), `asn prefix peers` (RIS whois dump), with
tabs, blanks or commas. Several files (IPv4 and IPv6) make one table. The surprise: a prefix with AS 0 is kept,
because it says that nobody originates that space and must not be read as part of the wider prefix around it.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from monitor.attribution.codec import pack_arrays, unpack_arrays
from monitor.attribution.entries import Entries
from monitor.attribution.prefix_text import ParsedPrefixes, parse_prefixes
from monitor.attribution.tablefile import TableCounts, largest_share, named_parts, read_table_file
from monitor.errors import ReferenceDataError

_KIND = b"prefixes"
_HINT = "Write one `prefix<TAB>asn` a row, such as 192.0.2.0/24<TAB>64500"


@dataclass(frozen=True, slots=True, eq=False)
class PrefixTable:
    """One entry per (prefix, origin), ordered by (start, length, origin); IPv4 and IPv6 apart.

    Starts are the first address of the prefix as unsigned integers, IPv6 as its high and low 64 bits.
    Origins are AS numbers, 0 where the table says that there is none. Nine bytes an IPv4 entry, 21 an IPv6 entry.
    """

    start4: NDArray[np.uint32]
    length4: NDArray[np.uint8]
    origin4: NDArray[np.uint32]
    high6: NDArray[np.uint64]
    low6: NDArray[np.uint64]
    length6: NDArray[np.uint8]
    origin6: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.start4) + len(self.high6)

    @property
    def n_bytes(self) -> int:
        return 9 * len(self.start4) + 21 * len(self.high6)

    @classmethod
    def of(cls, entries: Entries, *, one_origin: bool = False) -> tuple[Self, int]:
        """The table of parsed entries in any order, and how many rows added nothing to it.

        With `one_origin`, the lowest origin of each prefix alone is kept.
        """
        order4 = _first_of_each(entries.take(~entries.is6), one_origin)
        order6 = _first_of_each(entries.take(entries.is6), one_origin)
        adds = np.zeros(entries.row.max(initial=0) + 1, np.bool_)
        adds[order4.row] = adds[order6.row] = True
        duplicate = np.zeros(len(adds), np.bool_)
        duplicate[entries.row[~adds[entries.row]]] = True
        start4 = order4.low.astype(np.uint32)
        table = cls(start4, order4.length, order4.origin, order6.high, order6.low, order6.length, order6.origin)
        return table, int(duplicate.sum())

    def entries(self) -> Entries:
        """All of them; `row` is the place here, IPv4 first."""
        n4, n6 = len(self.start4), len(self.high6)
        return Entries(
            np.arange(n4 + n6),
            np.repeat([False, True], [n4, n6]),
            np.concatenate((np.zeros(n4, np.uint64), self.high6)),
            np.concatenate((self.start4.astype(np.uint64), self.low6)),
            np.concatenate((self.length4, self.length6)),
            np.concatenate((self.origin4, self.origin6)),
        )

    def to_bytes(self) -> bytes:
        """Compact bytes, the same for the same table."""
        four = (self.start4, self.length4, self.origin4)
        return pack_arrays(_KIND, (*four, self.high6, self.low6, self.length6, self.origin6), delta=(0, 3))

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Raises ReferenceDataError where the bytes are damaged."""
        arrays = unpack_arrays(_KIND, content)
        if len(arrays) != 7 or len({len(a) for a in arrays[:3]}) != 1 or len({len(a) for a in arrays[3:]}) != 1:
            raise ReferenceDataError("A stored prefix table is damaged", "Import it again")
        return cls(*arrays)


@dataclass(frozen=True, slots=True)
class ReadPrefixes:
    """A prefix table and what became of the rows of its files; `share_rejected` is that of the worst of them."""

    table: PrefixTable
    counts: TableCounts
    share_rejected: float


def read_prefixes(*paths: Path, fewest_peers: int = 1) -> ReadPrefixes:
    """Read the files of one prefix table, plain, .gz or .zst; rows seen by fewer than `fewest_peers` are ignored.

    Raises ReferenceDataError where no row of a file is a prefix.
    """
    parsed = [_parse(path, fewest_peers) for path in paths]
    table, n_duplicate = PrefixTable.of(_together([part.entries for part in parsed]))
    rejects = named_parts([part.rejects() for part in parsed])
    n_read, n_ignored = sum(part.n_read for part in parsed), sum(part.n_ignored for part in parsed)
    counts = TableCounts(n_read, n_read - n_duplicate - n_ignored - len(rejects), n_duplicate, n_ignored, rejects)
    return ReadPrefixes(table, counts, largest_share((len(part.faults), part.n_read) for part in parsed))


def _parse(path: Path, fewest_peers: int) -> ParsedPrefixes:
    parsed = parse_prefixes(read_table_file(path), fewest_peers)
    if not len(parsed.entries):
        raise ReferenceDataError(f"The prefix table holds no valid row ({parsed.n_read} read)", _HINT)
    return parsed


def _together(parts: list[Entries]) -> Entries:
    """All entries, with rows that stay different: those of the next file count on where the last one's end."""
    before = np.cumsum([0, *(int(part.row.max(initial=0)) for part in parts)])
    rows = [part.row + start for part, start in zip(parts, before[:-1], strict=True)]
    return replace(Entries.joined(parts), row=np.concatenate(rows))


def _first_of_each(entries: Entries, one_origin: bool) -> Entries:
    """Ordered by (start, length, origin, row), one entry for each (start, length, origin) or (start, length)."""
    entries = entries.take(np.lexsort((entries.row, entries.origin, entries.length, entries.low, entries.high)))
    prefix = (entries.high, entries.low, entries.length)
    columns = prefix if one_origin else (*prefix, entries.origin)
    new = np.ones(len(entries), np.bool_)
    new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return entries.take(new)
