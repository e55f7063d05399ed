"""Corrections of facts that a hearing brought: a notice that did not arrive, or later; a report that does not count.

A correction is a fact of its own beside the one that it corrects: nothing is overwritten, and an undone correction
stays on the log. It holds for every dataset that is cut afterwards, whatever its cut-off, as the registry does. Whom a
record is booked on is corrected in the registry (`providers override`, `assign`, `split`), not here. What would
surprise: a correction of a notice is of the messages that were in the store when it was written down, so one that is
imported later is never corrected unseen.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model.words import NoticeKind, NoticeStatus


class CorrectionKind(StrEnum):
    """What is corrected."""

    NOTICE_STATUS = "notice-status"
    NOTICE_TIME = "notice-time"
    EXCLUSION = "exclusion"  # the report does not enter any figure


@dataclass(frozen=True, slots=True)
class StatedNotice:
    """One message of a record, by what the hotline stated of it; `at` is the time that was stated."""

    kind: NoticeKind
    at: datetime
    reference: str | None


@dataclass(frozen=True, slots=True)
class Undoing:
    """Who took a correction back, why and when."""

    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FactCorrection:
    """One correction. `notice_ref` None: every notice that the record had; `undone` by a later one of the log."""

    correction_id: int
    kind: CorrectionKind
    source: str
    record_id: str
    by: str
    why: str
    at: datetime  # when it was written down
    notice_ref: str | None = None
    status: NoticeStatus | None = None  # of NOTICE_STATUS
    notified_at: datetime | None = None  # of NOTICE_TIME
    letter_id: int | None = None  # whose hearing brought it
    undone: bool = False
    notices: tuple[StatedNotice, ...] = ()  # the messages that it corrects; none for an EXCLUSION
    undoing: Undoing | None = None

    @property
    def holds(self) -> str:
        """What it says, in words, without the record."""
        if self.kind is CorrectionKind.EXCLUSION:
            return "the report is excluded"
        notices = "the notice" if len(self.notices) == 1 else f"{len(self.notices)} notices"
        if self.status is not None:
            return f"{notices}: {self.status.value}"
        return f"{notices}: sent at {self.notified_at:%Y-%m-%d %H:%M:%S} UTC"
