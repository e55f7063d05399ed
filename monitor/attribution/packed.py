"""Packed addresses (4 or 16 bytes each) in, unsigned integers of both families out, with their places.

The surprise: an address of any other size is a defect of the caller, so it raises ValueError rather than being
silently unattributed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import Ints
from monitor.model.report import Address

_SIZE4, _SIZE6 = 4, 16


@dataclass(frozen=True, slots=True, eq=False)
class PackedAddresses:
    """Addresses as integers. `at4` and `at6` are their places in the sequence of length `n`, ascending."""

    n: int
    at4: Ints
    value4: NDArray[np.uint32]
    at6: Ints
    high6: NDArray[np.uint64]
    low6: NDArray[np.uint64]

    @classmethod
    def of(cls, addresses: Sequence[Address]) -> Self:
        """Raises ValueError where an address has neither 4 nor 16 bytes."""
        size = np.fromiter(map(len, addresses), np.int64, len(addresses))
        at4, at6 = np.flatnonzero(size == _SIZE4), np.flatnonzero(size == _SIZE6)
        if len(at4) + len(at6) != len(addresses):
            raise ValueError("a packed address has 4 or 16 bytes")
        value4 = np.frombuffer(_joined(addresses, at4), ">u4").astype(np.uint32)
        halves = np.frombuffer(_joined(addresses, at6), ">u8")
        return cls(len(addresses), at4, value4, at6, halves[0::2].astype(np.uint64), halves[1::2].astype(np.uint64))


def _joined(addresses: Sequence[Address], at: Ints) -> bytes:
    if len(at) == len(addresses):
        return b"".join(addresses)
    return b"".join([addresses[place] for place in at.tolist()])
