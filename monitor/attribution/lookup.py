"""A prefix table and packed addresses in, the longest matching prefix of each address out, in bulk.

IPv4: a direct table with one entry per /24 where many addresses are asked for, else a binary search over the
segments of `flatten`. IPv6: a binary search on the high 64 bits, refined by the low ones where prefixes longer than
/64 are announced. The surprise: an address inside a prefix of AS 0 has no prefix here, even if a wider one covers it.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from monitor.attribution.flatten import Segments, Several, segments4, segments6
from monitor.attribution.packed import PackedAddresses
from monitor.attribution.prefixes import PrefixTable
from monitor.model.columns import UNKNOWN, Flags, Ints, Texts
from monitor.model.words import Unattributed

DIRECT_PAYS_FROM = 200_000
"""IPv4 look-ups in one table from which its direct table (64 MiB) pays. See docs/decisions/004-prefix-lookup.md."""

_BLOCK_BITS = 8  # a block of the direct table is a /24
_N_BLOCKS = 1 << 24
_SEVERAL = -1  # the block holds several segments: search


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """One entry per address asked for.

    `asn` is -1 where there is no single origin; then `prefix_length` is -1 where no prefix covers the address, and
    the length of the prefix where that has several origins, which `origins` then names ("64500_64501", ascending).
    """

    asn: Ints
    prefix_length: NDArray[np.int16]
    origins: Texts

    def reasons(self) -> Texts:
        """Words of Unattributed (NO_PREFIX, SEVERAL_ORIGINS) where `asn` is -1, else None."""
        reason = np.full(len(self.asn), None, np.object_)
        missing = self.asn == UNKNOWN
        reason[missing & (self.prefix_length == UNKNOWN)] = Unattributed.NO_PREFIX.value
        reason[missing & (self.prefix_length != UNKNOWN)] = Unattributed.SEVERAL_ORIGINS.value
        return reason


@dataclass(frozen=True, slots=True, eq=False)
class PrefixIndex:
    """A prefix table made ready for look-ups."""

    start4: NDArray[np.uint32]
    asn4: Ints
    length4: NDArray[np.int16]
    several4: Several
    direct4: NDArray[np.int32] | None
    six: "_Index6"

    @classmethod
    def of(cls, table: PrefixTable, *, direct: bool = False) -> Self:
        """The index of a table, with the direct IPv4 table where `direct` is set."""
        four = segments4(table)
        start4 = four.low[four.low < 1 << 32].astype(np.uint32)  # a bound may lie behind the last address
        asn4, length4 = four.asn[: len(start4)], four.length[: len(start4)]
        direct4 = _direct_table(start4) if direct else None
        return cls(start4, asn4, length4, four.several, direct4, _Index6.of(segments6(table)))

    @property
    def n_bytes(self) -> int:
        """Bytes of all arrays, the direct table included (of several origins: their references alone)."""
        four: tuple[NDArray[Any], ...] = (self.start4, self.asn4, self.length4)
        six = self.six
        direct = () if self.direct4 is None else (self.direct4,)
        several = (self.several4.segment, self.several4.origins, six.several.segment, six.several.origins)
        arrays = (*four, *direct, *several, six.high, six.last, six.split, six.low, six.key, six.asn, six.length)
        return sum(array.nbytes for array in arrays)

    def find(self, addresses: PackedAddresses) -> Matches:
        """The longest match of each address."""
        asn = np.full(addresses.n, UNKNOWN, np.int64)
        length = np.full(addresses.n, UNKNOWN, np.int16)
        segment4 = self._segment4(addresses.value4)
        asn[addresses.at4], length[addresses.at4] = self.asn4[segment4], self.length4[segment4]
        segment6 = self.six.segment(addresses.high6, addresses.low6)
        asn[addresses.at6], length[addresses.at6] = self.six.asn[segment6], self.six.length[segment6]
        origins = np.full(addresses.n, None, np.object_)
        _tell(origins, self.several4, addresses.at4, segment4, asn, length)
        _tell(origins, self.six.several, addresses.at6, segment6, asn, length)
        return Matches(asn, length, origins)

    def _segment4(self, value: NDArray[np.uint32]) -> Ints | NDArray[np.int32]:
        if self.direct4 is None:
            return np.searchsorted(self.start4, value, side="right") - 1
        segment: NDArray[np.int32] = self.direct4[value >> _BLOCK_BITS]
        unclear = np.flatnonzero(segment == _SEVERAL)
        segment[unclear] = np.searchsorted(self.start4, value[unclear], side="right") - 1
        return segment


@dataclass(frozen=True, slots=True, eq=False)
class _Index6:
    """IPv6 segments, by the different high halves of their starts (ascending).

    `last` is the last segment that starts in each high half, `split` says whether it is not the only one or starts
    behind the half's first address; only there the low half matters. Then segments have one integer key: place of
    the high half x number of different low halves + place of the low half.
    """

    asn: Ints
    length: NDArray[np.int16]
    several: Several
    high: NDArray[np.uint64]
    last: Ints
    split: Flags
    low: NDArray[np.uint64]
    key: Ints

    @classmethod
    def of(cls, segments: Segments) -> Self:
        high, high_place = _places(segments.high)
        low, low_place = _places(segments.low)
        last = np.searchsorted(high_place, np.arange(len(high)), side="right") - 1
        split = (np.bincount(high_place) > 1) | (segments.low[last] != 0)
        key = high_place * len(low) + low_place
        return cls(segments.asn, segments.length, segments.several, high, last, split, low, key)

    def segment(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> Ints:
        """The segment of each address. Searches in ascending order, which spares the caches more than sorting costs."""
        order = np.argsort(high)
        ordered = high[order]
        place = np.searchsorted(self.high, ordered, side="right") - 1
        segment = np.empty(len(high), np.int64)
        segment[order] = self.last[place]
        unclear = np.flatnonzero(self.split[place] & (self.high[place] == ordered))
        if len(unclear):
            low_place = np.searchsorted(self.low, low[order[unclear]], side="right") - 1
            key = place[unclear] * len(self.low) + low_place
            segment[order[unclear]] = np.searchsorted(self.key, key, side="right") - 1
        return segment


def _tell(
    origins: Texts, several: Several, at: Ints, segment: NDArray[Any], asn: Ints, length: NDArray[np.int16]
) -> None:
    """Write down the origins of those addresses (at the places `at`) whose prefix has several."""
    if len(several.segment):
        found = np.flatnonzero((asn[at] == UNKNOWN) & (length[at] != UNKNOWN))
        origins[at[found]] = several.at(segment[found])


def _places(values: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], Ints]:
    """The different values, ascending, and each value's place among them."""
    ordered = np.sort(values)
    different = ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]
    return different, np.searchsorted(different, values)


def _direct_table(start: NDArray[np.uint32]) -> NDArray[np.int32]:
    """For each /24 the one segment that holds it, or _SEVERAL."""
    wide = start.astype(np.int64)
    first_block = np.append((wide + 255) >> _BLOCK_BITS, _N_BLOCKS)
    table = np.repeat(np.arange(len(start), dtype=np.int32), np.diff(first_block))
    table[wide[wide & 255 != 0] >> _BLOCK_BITS] = _SEVERAL
    return table
