"""Nested prefixes in, disjoint segments out: for each stretch of addresses, what the longest prefix over it answers.

1. Entries of one prefix become one: a single origin, or several, or (AS 0 alone) none.
2. The bounds are the first addresses of all prefixes and the first addresses behind them.
3. Each length in turn, shortest first, paints the stretches between the bounds that its prefixes cover; prefixes
   of one length never overlap, so a stretch is painted at most once a length and the longest one paints last.
4. Neighbours with the same owner become one segment.
The surprise: there is no stack and no loop over prefixes, only one over the (at most 128) lengths.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.attribution.prefixes import PrefixTable
from monitor.model.columns import UNKNOWN, Ints, Texts

_SIZE4 = np.array([2 ** (32 - n) for n in range(33)], np.uint64)
_SIZE6_HIGH = np.array([2 ** (128 - n) >> 64 & (2**64 - 1) for n in range(129)], np.uint64)
_SIZE6_LOW = np.array([2 ** (128 - n) & (2**64 - 1) for n in range(129)], np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Several:
    """The few segments (ascending) whose prefix has several origins, and these in words ("64500_64501")."""

    segment: Ints
    origins: Texts

    def at(self, segment: Ints) -> Texts:
        """The origins of segments, every one of which must be here."""
        return self.origins[np.searchsorted(self.segment, segment)]


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Segment i runs from its start to the next start. IPv4 starts lie in `low`.

    The first segment starts at address 0, so that every address has one. `asn` is -1 where there is no single
    origin; `length` is that of the prefix, -1 where no prefix (or only one of AS 0) covers the segment. `several` are
    those whose prefix has several origins.
    """

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    asn: Ints
    length: NDArray[np.int16]
    several: "Several"


@dataclass(frozen=True, slots=True, eq=False)
class _Prefixes:
    """One entry per prefix, [start, end), in ascending order; an end behind the last address is 0."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    end_high: NDArray[np.uint64]
    end_low: NDArray[np.uint64]
    bits: NDArray[np.uint8]
    asn: Ints
    length: NDArray[np.int16]
    origins: Texts


def segments4(table: PrefixTable) -> Segments:
    """The IPv4 segments of a table."""
    start = table.start4.astype(np.uint64)
    first, asn, length, origins = _one_per_prefix(start, start, table.length4, table.origin4)
    start, bits = start[first], table.length4[first]
    nothing = np.zeros_like(start)
    return _flatten(_Prefixes(nothing, start, nothing, start + _SIZE4[bits], bits, asn, length, origins))


def segments6(table: PrefixTable) -> Segments:
    """The IPv6 segments of a table."""
    first, asn, length, origins = _one_per_prefix(table.high6, table.low6, table.length6, table.origin6)
    high, low, bits = table.high6[first], table.low6[first], table.length6[first]
    end_low = low + _SIZE6_LOW[bits]  # wraps, and then carries
    end_high = high + _SIZE6_HIGH[bits] + (end_low < low)
    return _flatten(_Prefixes(high, low, end_high, end_low, bits, asn, length, origins))


def _one_per_prefix(
    high: NDArray[np.uint64], low: NDArray[np.uint64], bits: NDArray[np.uint8], origin: NDArray[np.uint32]
) -> tuple[Ints, Ints, NDArray[np.int16], Texts]:
    """The first entry of each prefix, its sole AS number (-1: several or none), its length (-1: AS 0 alone).

    Last, its origins in words where they are several.
    """
    first, n_origins = origins_of_each(high, low, bits, origin)
    last = np.append(first[1:], len(high)) - 1 if len(first) else first  # ascending: the last is the one that is not 0
    asn = np.where(n_origins == 1, origin[last].astype(np.int64), UNKNOWN)
    length = np.where(n_origins == 0, np.int16(UNKNOWN), bits[first].astype(np.int16))
    origins = np.full(len(first), None, np.object_)
    for place in np.flatnonzero(n_origins > 1).tolist():
        some = origin[last[place] + 1 - n_origins[place] : last[place] + 1]  # ascending, behind a 0
        origins[place] = "_".join(map(str, some.tolist()))
    return first, asn, length, origins


def origins_of_each(
    high: NDArray[np.uint64], low: NDArray[np.uint64], bits: NDArray[np.uint8], origin: NDArray[np.uint32]
) -> tuple[Ints, Ints]:
    """The first entry of each prefix, and how many origins (AS 0 is none) it has. Entries as in a PrefixTable."""
    new = np.ones(len(high), np.bool_)
    new[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1]) | (bits[1:] != bits[:-1])
    first = np.flatnonzero(new)
    return first, np.add.reduceat(origin != 0, first, dtype=np.int64) if len(first) else np.zeros(0, np.int64)


def _flatten(prefixes: _Prefixes) -> Segments:
    high, low, rank_start, rank_end = _ranked_bounds(prefixes)
    owner = np.full(len(high), UNKNOWN, np.int64)
    for bits in np.flatnonzero(np.bincount(prefixes.bits)).tolist():
        painting = np.flatnonzero(prefixes.bits == bits)
        width = rank_end[painting] - rank_start[painting]
        owner[_ranges(rank_start[painting], width)] = np.repeat(painting, width)
    keep = np.ones(len(owner), np.bool_)
    keep[1:] = owner[1:] != owner[:-1]
    owner = owner[keep]
    asn = np.append(prefixes.asn, UNKNOWN)  # owner -1 picks this last one
    length = np.append(prefixes.length, np.int16(UNKNOWN))
    several = np.flatnonzero((asn[owner] == UNKNOWN) & (length[owner] != UNKNOWN))
    origins = Several(several, prefixes.origins[owner[several]])
    return Segments(high[keep], low[keep], asn[owner], length[owner], origins)


def _ranked_bounds(prefixes: _Prefixes) -> tuple[NDArray[np.uint64], NDArray[np.uint64], Ints, Ints]:
    """The different bounds, ascending from address 0, and the rank among them of each start and each end."""
    zero = np.zeros(1, np.uint64)
    high = np.concatenate((prefixes.high, prefixes.end_high, zero))
    low = np.concatenate((prefixes.low, prefixes.end_low, zero))
    order = np.lexsort((low, high)) if high.any() else np.argsort(low, kind="stable")
    high, low = high[order], low[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    rank = np.empty(len(order), np.int64)
    rank[order] = np.cumsum(new) - 1
    n = len(prefixes.bits)
    ends = rank[n : 2 * n]
    return high[new], low[new], rank[:n], np.where(ends == 0, int(new.sum()), ends)


def _ranges(start: Ints, width: Ints) -> Ints:
    """start[0], start[0] + 1, ... (width[0] of them), start[1], ..."""
    before = np.cumsum(width) - width
    return np.repeat(start - before, width) + np.arange(int(width.sum()))
