"""A Provider's own list of received notices held against ours: the notices of both sides, pairs, counts, readings.

Nothing of it is a fact: what a Provider says is never mixed with what was recorded. What would surprise: no URL is in
any value but `ReceivedNotice`; from there on a URL is the keyed index that the store finds it by.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model.report import Reject, Target
from monitor.model.words import NoticeKind


class Level(StrEnum):
    """By what a row of theirs was recognised as a notice of ours, the surest first."""

    REFERENCE = "reference"
    MESSAGE = "message"  # one row without a URL stands for a message of several notices
    EXACT_URL = "exact_url"
    NORMALISED_URL = "normalised_url"
    TIME = "time"


class Standing(StrEnum):
    """What a notice of ours is in the frozen dataset."""

    ROW = "row"  # a row of this Provider: told, or tried to tell
    NO_CLOCK = "no_clock"  # on a Target of a row, in the Period, without a clock of its own: a reminder mostly
    OUTSIDE = "outside"  # on a Target of a row, in another Period
    ELSEWHERE = "elsewhere"  # booked on somebody else, or told somebody else


class OurSide(StrEnum):
    """What became of one of our rows; each is one of these."""

    LISTED = "listed"
    REMINDED = "reminded"  # not listed itself; a later notice on the same Target is
    AMBIGUOUS = "ambiguous"
    NOT_LISTED = "not_listed"


class TheirSide(StrEnum):
    """What became of one accepted row of theirs; each is one of these."""

    MATCHED = "matched"
    NO_CLOCK = "no_clock"  # a notice of ours that started no clock of its own
    REPEATED = "repeated"  # a Target of ours, but another row has the notice, or the times are too far apart
    AMBIGUOUS = "ambiguous"
    OUTSIDE = "outside_period"
    ELSEWHERE = "elsewhere"  # a Target or reference that we know, but no notice of that Target to this Provider
    UNKNOWN = "unknown"


class Reading(StrEnum):
    """How the figures are read."""

    AS_PUBLISHED = "as_published"
    UNLISTED_NOT_DELIVERED = "unlisted_not_delivered"
    CLOCK_AT_RECEIPT = "clock_at_receipt"
    BOTH = "both"
    THEIR_TIMES = "their_times"


@dataclass(frozen=True, slots=True)
class ReceivedNotice:
    """One row of a Provider's list, as read. `url` is as written, `target` the same normalised; times aware UTC."""

    row: int  # from 1
    reference: str | None
    url: str | None
    target: Target | None
    received_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceivedList:
    """A whole list; read = accepted (`notices`) + duplicate + rejected."""

    notices: tuple[ReceivedNotice, ...]
    rejects: tuple[Reject, ...]
    n_read: int
    n_duplicate: int


@dataclass(frozen=True, slots=True)
class TheirNotice:
    """A row of theirs as the matcher sees it: folded reference, keyed indexes, microseconds UTC."""

    row: int
    reference: str | None
    text_index: bytes | None  # of the URL as written
    url_index: bytes | None  # of the URL as normalised
    host_index: bytes | None
    received_at: int
    resolved_at: int | None
    known: bool = False  # its URL or reference is of something in the store, whoever was told


@dataclass(frozen=True, slots=True)
class OurNotice:
    """A notice of ours likewise. `place`: of its row among the frozen rows of its clock, -1 where it has none."""

    place: int
    clock: NoticeKind
    standing: Standing
    source: str
    record_id: str
    shown_reference: str | None
    references: tuple[str, ...]  # folded
    target: int  # equal for notices on one Target
    url_index: bytes | None  # None where the path was withheld
    host_index: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Match:
    """A row of theirs (`their`) and a notice of ours (`our`), as places in what was given to the matcher."""

    our: int
    their: int
    level: Level
    contradicting: bool  # the reference is of one notice of ours, the URL of another one, or of none


@dataclass(frozen=True, slots=True)
class Paired:
    """Each notice of ours is in at most one Match; so is each row of theirs, but for the level `message`."""

    matches: tuple[Match, ...]
    ambiguous_ours: frozenset[int]
    ambiguous_theirs: frozenset[int]
    repeated: frozenset[int]


@dataclass(frozen=True, slots=True)
class OurCounts:
    """The frozen rows of one clock; `rows` = listed + reminded + ambiguous + not_listed, listed = sum of `levels`.

    Of the rows `gone_before_notice` and `undelivered` are no Episodes; `undelivered_listed` of the latter are on their
    list all the same.
    """

    rows: int
    listed: int
    levels: dict[str, int]  # by Level
    reminded: int
    ambiguous: int
    not_listed: int
    gone_before_notice: int
    undelivered: int
    undelivered_listed: int
    contradicting: int


@dataclass(frozen=True, slots=True)
class Delay:
    """Hours from our `notified_at` to their `received_at` over the listed rows; None where there is none."""

    n: int
    median_hours: float | None
    p90_hours: float | None
    shortest_hours: float | None
    longest_hours: float | None
    n_before_notice: int  # received, by their times, before it was sent


@dataclass(frozen=True, slots=True)
class Resolved:
    """Their `resolved_at` beside our checks, over the listed Episodes that have one; the last four add up to n."""

    n: int
    before_received: int  # by their own times; left out of the reading
    before_last_online: int  # our checks saw it online later
    within_interval: int
    after_end: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One reading of one clock; shares 0 to 1, hours since the start of that reading's clock, None = not known."""

    reading: Reading
    n_episodes: int
    gone_before_notice: int
    undelivered: int
    within_norm: float | None
    within_norm_low: float | None
    within_norm_high: float | None
    within_norm_worst: float | None
    within_norm_best: float | None
    within_norm_any_end: float | None
    identified: bool | None
    median_hours: float | None
    median_status: str | None
    class_: str  # written as "class"


@dataclass(frozen=True, slots=True)
class ClockReconciled:
    """One clock: counts and figures against its primary norm."""

    clock: NoticeKind
    norm_hours: float
    norm_target: float
    ours: OurCounts
    delay: Delay
    resolved: Resolved
    figures: tuple[Figures, ...]


@dataclass(frozen=True, slots=True)
class PairLine:
    """One line of the file of pairs: a row of theirs, a notice of ours, or both; no URL."""

    row: int | None
    standing: str  # Level, OurSide or TheirSide word
    contradicting: bool
    source: str | None
    record_id: str | None
    notice_ref: str | None
    clock: str | None
    notified_at: datetime | None
    received_at: datetime | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A Provider's list held against one freeze. `theirs` by TheirSide adds up to `accepted`."""

    provider_id: str
    provider: str
    period: str
    freeze: str
    sha256: str  # of the list
    tolerance_hours: float
    read: int
    accepted: int
    duplicate: int
    rejected: int
    rejects_file: str | None
    theirs: dict[str, int]
    contradicting: int
    clocks: tuple[ClockReconciled, ...]
    pairs: tuple[PairLine, ...]
