"""A table that was just fetched and the one it would follow in; nothing, or ReferenceDataError, out.

1. Few of its rows may be broken. 2. It may not be much smaller than the old one: not in all, and not in IPv4 or IPv6
alone. The surprise: it may be larger without limit, because a table grows in one step when a family is added.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.attribution.fronting import FrontingTable
from monitor.attribution.names import AsNames
from monitor.attribution.prefixes import PrefixTable
from monitor.attribution.reading import TableFile
from monitor.errors import ReferenceDataError
from monitor.model.words import TableKind

MOST_REJECTED = 0.01
"""A file with a larger share of broken rows is taken for damaged."""
_HINT = "If it is right all the same, take it by hand: `monitor refdata import`"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Different prefixes, ranges or names of a table; IPv4 and IPv6 apart where it has families."""

    rows: int
    four: int = 0
    six: int = 0

    @classmethod
    def of(cls, kind: TableKind, content: bytes) -> "Sizes":
        """Of a stored table. Raises ReferenceDataError where the bytes are damaged."""
        if kind is TableKind.AS_NAMES:
            return cls(len(AsNames.from_bytes(content)))
        table = (
            PrefixTable.from_bytes(content) if kind is TableKind.PREFIXES else FrontingTable.from_bytes(content).ranges
        )
        four, six = _n_different(table.start4, table.length4), _n_different(table.high6, table.low6, table.length6)
        return cls(four + six, four, six)


def verify_update(kind: TableKind, old: bytes | None, new: TableFile, most_shrink: float) -> None:
    """Raises ReferenceDataError where `new` is broken or lost more than the share `most_shrink` of `old` (content)."""
    if new.share_rejected > MOST_REJECTED:
        raise ReferenceDataError(
            f"The new {kind.value} table has {new.counts.n_rejected:,} broken rows of {new.counts.n_read:,} "
            f"(more than {MOST_REJECTED:.0%} of a file); the old one is kept",
            _HINT,
        )
    if old is None:
        return
    before, after = Sizes.of(kind, old), Sizes.of(kind, new.content)
    what = (("", before.rows, after.rows), (" IPv4", before.four, after.four), (" IPv6", before.six, after.six))
    for family, n_before, n_after in what:
        if n_after < n_before * (1 - most_shrink):
            raise ReferenceDataError(
                f"The new {kind.value} table shrank from {n_before:,} to {n_after:,}{family} rows "
                f"(more than {most_shrink:.0%}); the old one is kept",
                _HINT,
            )


def _n_different(*columns: NDArray[Any]) -> int:
    """Entries that differ from the one before: a prefix with several origins counts once."""
    if not len(columns[0]):
        return 0
    return 1 + int(np.logical_or.reduce([column[1:] != column[:-1] for column in columns]).sum())
