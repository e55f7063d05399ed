"""A stored prefix table in, what a person wants to know of it out. Nothing of it is kept: it is made on demand."""

from dataclasses import dataclass

import numpy as np

from monitor.attribution.flatten import origins_of_each
from monitor.attribution.prefixes import PrefixTable


@dataclass(frozen=True, slots=True)
class PrefixSummary:
    """Different prefixes of each family, those of both that have several origins, and the bytes as stored."""

    n_prefixes4: int
    n_prefixes6: int
    n_several_origins: int
    n_bytes: int


def describe_prefixes(content: bytes) -> PrefixSummary:
    """Count a stored prefix table. Raises ReferenceDataError where the bytes are damaged."""
    table = PrefixTable.from_bytes(content)
    start4 = table.start4.astype(np.uint64)
    first4, origins4 = origins_of_each(start4, start4, table.length4, table.origin4)
    first6, origins6 = origins_of_each(table.high6, table.low6, table.length6, table.origin6)
    several = int((origins4 > 1).sum() + (origins6 > 1).sum())
    return PrefixSummary(len(first4), len(first6), several, len(content))
