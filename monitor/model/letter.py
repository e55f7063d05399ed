"""Letters to Providers and the register of their hearing: what was written, sent and answered, and who may be named.

Facts are stored (a Letter as it was drafted, what happened to it, decisions not to name); where a Letter stands is
derived from what happened. Times are aware UTC; days are calendar days as a reader of the Letter counts them. What
would surprise: a Letter carries the figures that it told its Provider, so that a later class can be held against them
without the dataset of that time.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class LetterStep(StrEnum):
    """What happens to a Letter, in the order of its life; what was written down is never taken back."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    DELIVERED = "delivered"
    RETURNED = "returned"  # it did not reach the Provider: it has to be delivered in another way, or drafted anew
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"  # taken back before it was answered; it counts for nothing


class HearingOutcome(StrEnum):
    """What came of an answer, when its Letter is closed."""

    NO_ANSWER = "no-answer"  # the term passed
    NOTED = "noted"  # an answer without an objection; an objection is decided on: corrected or rejected
    CORRECTED = "corrected"  # attribution, a notice or an exclusion was corrected
    REJECTED = "rejected"  # an objection that was not followed, with the reason


@dataclass(frozen=True, slots=True)
class Told:
    """The figures that a Letter told its Provider: those of its Scorecard, role network, against the request norm."""

    freeze: str  # full digest of the frozen dataset
    class_: str  # ClassLabel
    n_notices: int
    n_episodes: int
    within_norm: float | None
    within_norm_low: float | None
    within_norm_high: float | None
    within_norm_worst: float | None
    within_norm_best: float | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a Provider replied. `quote` is what its page may show, in `language`; empty: it asked not to be quoted."""

    received_on: date
    language: str  # of the quote: "nl" or "en"
    quote: str
    objection: bool
    document: str = ""  # SHA-256 of the reply as it was received, where it was kept


@dataclass(frozen=True, slots=True)
class LetterEvent:
    """One step: when it happened (`at`), who wrote it down and when (`recorded_at`), with what belongs to the step."""

    step: LetterStep
    at: datetime
    by: str
    recorded_at: datetime
    note: str = ""  # how it was delivered, why it was closed or withdrawn
    answer: Answer | None = None  # of ANSWERED
    outcome: HearingOutcome | None = None  # of CLOSED
    files: tuple[tuple[str, str], ...] = ()  # of DRAFTED and APPROVED: (file name, SHA-256) as they stood then


@dataclass(frozen=True, slots=True)
class Letter:
    """One Letter to one Provider about one Period. `letter_id` is its number in the store, from 1."""

    letter_id: int
    reference: str  # "Ons kenmerk"
    provider_id: str
    provider: str  # the name that it was addressed to
    period: str  # label
    dated: date
    answer_by: date  # as the Letter states it
    reply_days: int  # the term that the Provider has, from delivery
    criteria: str  # why this Provider is written to, as the Letter says it
    told: Told
    events: tuple[LetterEvent, ...]  # oldest first; the first one is DRAFTED

    @property
    def status(self) -> LetterStep:
        """Where it stands: the last of its steps."""
        return self.events[-1].step

    @property
    def delivered_on(self) -> date | None:
        """The UTC day of the last delivery that was not returned; None as long as there is none."""
        day: date | None = None
        for event in self.events:
            if event.step is LetterStep.DELIVERED:
                day = event.at.date()
            elif event.step in {LetterStep.RETURNED, LetterStep.WITHDRAWN}:
                day = None
        return day

    @property
    def due_on(self) -> date | None:
        """The last day of the term: the stated one, or later where delivery left fewer days; None before delivery."""
        day = self.delivered_on
        return None if day is None else max(self.answer_by, day + timedelta(days=self.reply_days))

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(event.answer for event in self.events if event.answer is not None)

    @property
    def outcome(self) -> HearingOutcome | None:
        """What came of it; None as long as it is not closed, also after a late answer opened it again."""
        return self.events[-1].outcome


@dataclass(frozen=True, slots=True)
class NamingDecision:
    """A person's decision that a Provider is not named in the final report of a Period, or that it is after all."""

    decision_id: int
    provider_id: str
    period: str
    named: bool
    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HearingRegister:
    """Everything that was written to Providers about one Period, and every decision on naming them; oldest first."""

    period: str
    letters: tuple[Letter, ...] = ()
    decisions: tuple[NamingDecision, ...] = ()

    def letters_to(self, provider_id: str) -> tuple[Letter, ...]:
        return tuple(letter for letter in self.letters if letter.provider_id == provider_id)

    def withheld(self) -> frozenset[str]:
        """The Providers that the last decision about them does not name."""
        last = {decision.provider_id: decision.named for decision in self.decisions}
        return frozenset(provider_id for provider_id, named in last.items() if not named)


@dataclass(frozen=True, slots=True)
class DraftRefused:
    """Why no Letter is drafted to a Provider that meets the criteria, and what a person can do about it."""

    provider_id: str
    provider: str
    why: str
    hint: str


@dataclass(frozen=True, slots=True)
class NotHeard:
    """Why a Provider cannot be named in a final report yet, and what a person can do about it."""

    provider_id: str
    provider: str
    why: str
    hint: str
