"""Cells of a check row -> RecordedCheck.

In: `Cells` in the order of `COLUMNS[CHECKS]`. Out: RecordedCheck, or IntakeProblem that names the column at fault.
Surprise: only `offline` has a cause; the reasons `nxdomain`, `no-address` and `refused` have one of their own, every
other reason, and none at all, is about the content.
"""

from zoneinfo import ZoneInfo

from monitor.intake.columns import Cells
from monitor.intake.reports import optional_address, required
from monitor.intake.times import TimeReader
from monitor.intake.values import Words, clear_text
from monitor.model.report import RecordedCheck
from monitor.model.words import CAUSE_OF_REASON, Cause, Outcome

_OUTCOMES = Words((outcome.word, outcome) for outcome in (Outcome.ONLINE, Outcome.OFFLINE, Outcome.INCONCLUSIVE))


class CheckConverter:
    """Turns rows into RecordedChecks. `source` is for rows without one; `timezone` for times without an offset."""

    def __init__(self, source: str, timezone: ZoneInfo | None) -> None:
        self._source = source
        self._times = TimeReader(timezone)

    def __call__(self, row: int, cells: Cells) -> RecordedCheck:
        """The check of data row `row` (from 1). Raises IntakeProblem."""
        record_id, source, checked_at, outcome_word, reason, ip, vantage = cells
        outcome = _OUTCOMES.read(required(outcome_word, "outcome"), "outcome")
        cause = CAUSE_OF_REASON.get(reason.lower(), Cause.CONTENT) if outcome is Outcome.OFFLINE else Cause.NONE
        return RecordedCheck(
            row=row,
            source=clear_text(source, "source") if source else self._source,
            record_id=clear_text(required(record_id, "record_id"), "record_id"),
            checked_at=self._times.read(required(checked_at, "checked_at"), "checked_at"),
            outcome=outcome,
            cause=cause,
            reason=clear_text(reason, "reason") if reason else None,
            address=optional_address(ip, "ip"),
            vantage=clear_text(vantage, "vantage") if vantage else None,
        )
