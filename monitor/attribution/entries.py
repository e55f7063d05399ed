"""Prefixes with their origins as aligned columns, in any order: what parsing gives and a table is made from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import Columns, Flags, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Entries(Columns):
    """One entry per (row, origin). An IPv4 start lies in `low`; `row` is the line number from 1."""

    row: Ints
    is6: Flags
    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    length: NDArray[np.uint8]
    origin: NDArray[np.uint32]

    def with_origin(self, origin: NDArray[np.uint32]) -> "Entries":
        return Entries(self.row, self.is6, self.high, self.low, self.length, origin)

    @classmethod
    def joined(cls, parts: Sequence["Entries"]) -> "Entries":
        """The entries of all parts, one after the other; `row` counts through."""
        row = np.arange(sum(len(part) for part in parts))
        return cls(
            row,
            np.concatenate([np.zeros(0, np.bool_), *(part.is6 for part in parts)]),
            np.concatenate([np.zeros(0, np.uint64), *(part.high for part in parts)]),
            np.concatenate([np.zeros(0, np.uint64), *(part.low for part in parts)]),
            np.concatenate([np.zeros(0, np.uint8), *(part.length for part in parts)]),
            np.concatenate([np.zeros(0, np.uint32), *(part.origin for part in parts)]),
        )
