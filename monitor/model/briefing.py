"""What a briefing is made from: the figures of one Period in short, and where each Provider stands in the hearing.

Shares are 0 to 1, None = not known; days are calendar days. What would surprise: `provider` is a name or a code letter
in `RankedLine`, which is public, as a release would show it; in `Case`, which is not, it is the name.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from monitor.model.letter import Letter
from monitor.model.scorecard import TrendPoint


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How many Providers have a class; its word and what it means, in the language of the briefing."""

    class_: str
    word: str
    sentence: str
    n: int


@dataclass(frozen=True, slots=True)
class RankedLine:
    """A ranked Provider in one line. `judgement`: the word of its class."""

    rank: int
    provider: str
    n_episodes: int
    share: float | None
    low: float | None
    high: float | None
    judgement: str


@dataclass(frozen=True, slots=True)
class PeriodChange:
    """This Period against the one before, all Providers together and by ranked Provider; `breaks` in words."""

    previous: str  # label of the Period before
    before: TrendPoint | None
    now: TrendPoint | None
    overlap: bool | None  # whether the two 95% intervals share a value
    n_better: int  # changed by more than chance
    n_worse: int
    n_within_chance: int
    n_not_comparable: int
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BriefingFigures:
    """The figures of role network against the request norm, as a release shows them; counts are of URLs."""

    n_notified: int  # all that follow together
    n_counted: int
    n_unattributed: int
    n_gone_before: int
    n_undelivered: int
    n_misaddressed: int
    n_fronted: int  # beside all these: behind a reverse proxy
    n_providers: int  # with a URL counted
    n_ranked: int
    classes: tuple[ClassCount, ...]  # each class once, also those of nobody
    share: float | None
    low: float | None
    high: float | None
    worst: float | None
    best: float | None
    n_undecided: int | None
    n_doubted: int
    n_no_end_seen: int
    most_dependent: tuple[str, int] | None  # a choice in words, and how many judgements it changes; None: none tried
    change: PeriodChange
    corrected: tuple[tuple[str, str, int], ...]  # kind in words, reason (may be empty), number
    ranked: tuple[RankedLine, ...]
    named: bool  # whether `ranked` holds names
    chart: bytes | None = None  # PNG
    chart_alt: str = ""


class Standing(StrEnum):
    """Where a Provider that the report shows stands on its way to being named."""

    PERSON = "person"  # a natural person, who is never named
    WITHHELD = "withheld"  # by a decision
    NOT_CHOSEN = "not-chosen"  # the criteria for letters leave it out
    IMPOSSIBLE = "impossible"  # no letter can be drafted before the registry says more of it
    NO_LETTER = "no-letter"
    DRAFTED = "drafted"
    APPROVED = "approved"
    RETURNED = "returned"
    OBJECTED = "objected"
    ANSWERED = "answered"  # not closed yet
    CORRECTED = "corrected"  # but the figures are still those that its letter told
    WORSE = "worse"  # its class is worse than its letter told
    RUNNING = "running"  # the term
    HEARD = "heard"


@dataclass(frozen=True, slots=True)
class Case:
    """One Provider. `letter`: the one that its standing rests on, None where there is none; `earlier`: those before."""

    provider_id: str
    provider: str
    class_: str
    standing: Standing
    letter: Letter | None = None
    earlier: tuple[Letter, ...] = ()

    @property
    def may_be_named(self) -> bool:
        return self.standing is Standing.HEARD

    @property
    def is_to_be_named(self) -> bool:
        return self.standing not in {Standing.PERSON, Standing.WITHHELD}


class Advised(StrEnum):
    """What a briefing advises, in the order in which it is said."""

    PUBLISH_INTERIM = "publish-interim"
    SET_NORM = "set-norm"
    DRAFT = "draft"
    COMPLETE = "complete"
    DECIDE_NAMING = "decide-naming"
    APPROVE = "approve"
    DELIVER = "deliver"
    DELIVER_AGAIN = "deliver-again"
    WRITE_AGAIN = "write-again"
    DECIDE_OBJECTIONS = "decide-objections"
    CLOSE_ANSWERS = "close-answers"
    FREEZE_AGAIN = "freeze-again"
    WAIT = "wait"
    HOLD_FINAL = "hold-final"
    PUBLISH_FINAL = "publish-final"


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing advised. `n`: Providers that it is about; `day`: of WAIT the last day, of HOLD_FINAL the first."""

    what: Advised
    n: int = 0
    day: date | None = None
