"""Which of a Report's assessments holds: rows in, by record whether it says illegal and not withdrawn.

The newest holds: the one with the latest time in it (assessed or withdrawn); those without a time are oldest. Where
two are equally new, the one that does not hold it against anybody counts. So no import order enters.
"""

import numpy as np

from monitor.model.columns import UNKNOWN_AT, Flags, Ints
from monitor.model.words import Assessment

ASSESSMENTS = f"""SELECT record_key, CASE WHEN assessment = '{Assessment.ILLEGAL.value}' THEN 1 ELSE 0 END,
                         CASE WHEN assessment = '{Assessment.NOT_ILLEGAL.value}' THEN 1 ELSE 0 END,
                         coalesce(assessed_at, {UNKNOWN_AT:d}), coalesce(withdrawn_at, {UNKNOWN_AT:d})
                  FROM assessments"""  # noqa: S608 (constants)
"""The five columns that `newest` takes; a WHERE may follow."""
EVER = 2**62
"""An instant after all others, in microseconds."""


def newest(columns: tuple[Ints, ...], before: int = EVER) -> tuple[Ints, Flags]:
    """The record of each row of `ASSESSMENTS` and whether it says illegal and not withdrawn; the last one counts.

    `before`: the cut-off in microseconds; what lies at or after it is not known yet.
    """
    record, illegal, cleared, assessed, withdrawn = columns
    withdrawn = np.where(withdrawn >= before, UNKNOWN_AT, withdrawn)  # not known yet at the cut-off
    # "Not illegal" without a time can only be a later word on the matter.
    assessed = np.where((cleared == 1) & (assessed == UNKNOWN_AT), before, assessed)
    holds = (illegal == 1) & (withdrawn == UNKNOWN_AT)
    order = np.lexsort((~holds, np.maximum(assessed, withdrawn), record))
    return record[order], holds[order]
