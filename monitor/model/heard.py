"""What a final release says of the hearing: which Letters reached the Providers that it names, and what came of them.

Values are of the register of one Period; days are calendar days (UTC). What would surprise: no person's name, no note
and no contact is in here. A Letter is known by its reference alone.
"""

from dataclasses import dataclass
from datetime import date

from monitor.model.letter import HearingOutcome


@dataclass(frozen=True, slots=True)
class HeardLetter:
    """A Letter that was delivered and not taken back. `answered_on`: the days of its answers, oldest first."""

    provider_id: str
    reference: str
    dated: date
    delivered_on: date
    due_on: date  # last day of the term
    answered_on: tuple[date, ...] = ()
    objected: bool = False  # in any of the answers
    outcome: HearingOutcome | None = None  # None: not closed

    @property
    def is_late(self) -> bool:
        """Whether its first answer came after the term."""
        return bool(self.answered_on) and self.answered_on[0] > self.due_on


@dataclass(frozen=True, slots=True)
class Hearing:
    """Letters, oldest first. `criteria`: why Providers were written to, as the Letters say it in Dutch and, where that
    is known, in English ("": it is not). `n_unlisted`: Providers that were written to and are not named.
    """

    letters: tuple[HeardLetter, ...] = ()
    criteria: tuple[tuple[str, str], ...] = ()
    n_unlisted: int = 0
