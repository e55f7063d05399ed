"""Which addresses need no question any more: ranges go in, "is this address in one of them" comes out.

What would surprise: the ranges are not always those that were registered. In an allocation smaller ranges may be
registered to others, who would be booked under the wrong name; what goes in is what `covered_by` allows.
"""

from bisect import bisect_right
from collections.abc import Iterable

from monitor.model.report import Address


class Coverage:
    """Sorted, disjoint ranges of whole numbers for each family. Building it sorts once; `add` moves a few pointers."""

    def __init__(self, ranges: Iterable[tuple[Address, Address]] = ()) -> None:
        self._firsts: dict[int, list[int]] = {4: [], 16: []}
        self._lasts: dict[int, list[int]] = {4: [], 16: []}
        # In ascending order each range is at or behind the end, where adding costs nothing.
        for first, last in sorted(ranges):
            self.add(first, last)

    def add(self, first: Address, last: Address) -> None:
        """Take in one range, both ends included; touching and overlapping ranges become one."""
        firsts, lasts = self._firsts[len(first)], self._lasts[len(first)]
        low, high = int.from_bytes(first), int.from_bytes(last)
        start = bisect_right(lasts, low - 2)  # the first range that is not wholly before `low - 1`
        stop = bisect_right(firsts, high + 1)
        if start < stop:
            low, high = min(low, firsts[start]), max(high, lasts[stop - 1])
        firsts[start:stop] = [low]
        lasts[start:stop] = [high]

    def __contains__(self, address: Address) -> bool:
        firsts, lasts = self._firsts[len(address)], self._lasts[len(address)]
        value = int.from_bytes(address)
        at = bisect_right(firsts, value) - 1
        return at >= 0 and value <= lasts[at]

    def __len__(self) -> int:
        """How many disjoint ranges, both families together."""
        return sum(len(firsts) for firsts in self._firsts.values())
