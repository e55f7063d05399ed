"""Scorecards and Rankings: one Provider in one Period, and the ordered Scorecards under stated rules."""

import re
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from monitor.model.period import Period
from monitor.model.sensitivity import SensitivityReading
from monitor.model.words import NoticeKind, Role

PUBLISHED_HOURS = (1, 12, 24, 48, 168)


EXAMPLE_BASIS = "example"
"""What the configuration states as a norm's basis as long as nobody states another."""
_EXAMPLE = re.compile(rf"\s*(an\s+)?{EXAMPLE_BASIS}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Norm:
    """Hours allowed, the clock they run on, and the share that should be within them, with where that comes from.

    The norm that is named as its clock is the primary one; any other name is a descriptive norm beside it.
    """

    clock: NoticeKind
    hours: float
    target: float  # share, 0 to 1
    basis: str = ""
    valid_from: str = ""  # day, ISO 8601
    set_by: str = ""
    name: str = ""  # empty: as the clock

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.clock.value)

    @property
    def is_primary(self) -> bool:
        return self.name == self.clock.value

    @property
    def is_example(self) -> bool:
        """Whether nobody has set it yet: no basis of its own, no day, or no one who answers for it."""
        return self._why_example() is not None

    def why_not_final(self, period: Period) -> str | None:
        """Why no final release of `period` may rest on this norm, as a sentence; None where it may."""
        section = f"[norms.{self.name}]"
        why = self._why_example()
        if why is not None:
            return f"The norm {section} is an example: its {why}"
        if date.fromisoformat(self.valid_from) > period.start.date():
            return f"The norm {section} holds from {self.valid_from}, which is after the start of {period.label}"
        return None

    def _why_example(self) -> str | None:
        if _EXAMPLE.match(self.basis):
            return "basis is that of an example"
        stated = {"basis": self.basis, "valid_from": self.valid_from, "set_by": self.set_by}
        return next((f"{name} is not set" for name, text in stated.items() if not text.strip()), None)


@dataclass(frozen=True, slots=True)
class Minimums:
    """Below `episodes` or `clusters`: listed without a rank. Below `named` Episodes: shown as part of "other"."""

    episodes: int = 10
    clusters: int = 3
    named: int = 5


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The fields of `interface.md`, in its order; hours are floats, shares 0 to 1, None = not known."""

    rank: int | None
    rank_low: int | None
    rank_high: int | None
    provider_id: str
    provider: str
    country: str | None
    asns: tuple[int, ...]
    n_notices: int
    n_episodes: int
    n_sites: int
    n_clusters: int
    gone_before_notice: int
    gap_at_notice: int
    undelivered_bounced: int
    undelivered_refused: int
    undelivered_no_contact: int
    undelivered_our_fault: int
    misaddressed: int
    taken_down: int
    moved: int
    moved_in: int
    domain_gone: int
    online_at_cutoff: int
    inconclusive: int
    provisional: int
    interrupted: int
    recurrences: int
    within_1h: float | None
    within_1h_low: float | None
    within_1h_high: float | None
    within_1h_identified: bool | None
    within_12h: float | None
    within_12h_low: float | None
    within_12h_high: float | None
    within_12h_identified: bool | None
    within_24h: float | None
    within_24h_low: float | None
    within_24h_high: float | None
    within_24h_identified: bool | None
    within_48h: float | None
    within_48h_low: float | None
    within_48h_high: float | None
    within_48h_identified: bool | None
    within_168h: float | None
    within_168h_low: float | None
    within_168h_high: float | None
    within_168h_identified: bool | None
    within_norm: float | None
    within_norm_low: float | None
    within_norm_high: float | None
    within_norm_worst: float | None
    within_norm_best: float | None
    within_norm_any_end: float | None
    within_norm_any_end_worst: float | None
    within_norm_any_end_best: float | None
    within_norm_shrunk: float | None
    identified: bool | None
    median_hours: float | None
    median_low: float | None
    median_high: float | None
    median_status: str | None
    mean_hours_30d: float | None
    mean_hours_30d_low: float | None
    mean_hours_30d_high: float | None
    exposure_hours_low: float
    exposure_hours_high: float
    report_to_notice_median_hours: float | None
    share_previous: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    method_break: bool | None
    class_: str  # written as "class" in every file
    unranked_reason: str | None

    def as_fields(self) -> dict[str, object]:
        """Names and values as files show them: `class` for `class_`, AS numbers as a list."""
        record = {f.name: getattr(self, f.name) for f in fields(self)}
        record["asns"] = list(self.asns)
        return {name.rstrip("_"): value for name, value in record.items()}


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of Episodes not taken down `hours` after the notice; one that moved, or whose domain went, stays in.

    `low` is the best case (everything that can be gone is gone), `high` the worst; `share` the estimate between them,
    `band_low` and `band_high` its 95% limits (empty in what was made without estimates). Aligned; shares 0 to 1.
    """

    provider_id: str | None  # None: all Providers together
    hours: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n_episodes: int
    share: tuple[float, ...] = ()
    band_low: tuple[float, ...] = ()
    band_high: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One Period's compliance, by Provider (None: all together), with the same method throughout.

    `worst` and `best` are the bounds, `share` the estimate with its 95% limits; `breaks` says why the point does not
    compare with the Period before it (`Break` words). What was made without estimates has neither.
    """

    period: str
    provider_id: str | None
    n_episodes: int
    worst: float | None
    best: float | None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    breaks: tuple[str, ...] = ()

    @property
    def break_before(self) -> bool:
        return bool(self.breaks)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the Period held in all, for one role and clock; each row of the frozen table is in one of these."""

    targets: int
    episodes: int
    gone_before_notice: int
    undelivered: int
    misaddressed: int
    unattributed: int  # of the Episodes
    fronted: int  # rows behind a reverse proxy without known origin (never on a hosting provider)
    providers: int
    unattributed_reasons: tuple[tuple[str, int], ...] = ()
    doubted: int = 0  # Episodes whose attribution has less than full confidence
    doubtful: tuple[tuple[str, int], ...] = ()  # those by Doubt; one with several Doubts is in each of them
    flaps: int = 0  # stretches elsewhere that were over within a day, over all Episodes


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ordered Scorecards of one Period, everyone in it: ranked first by rank, then the unranked by Episodes."""

    period: Period
    cutoff: datetime
    norm: Norm
    role: Role
    method: str
    freeze: str  # full digest of the frozen dataset
    minimums: Minimums
    totals: Totals
    scorecards: tuple[Scorecard, ...]
    curves: tuple[Curve, ...] = field(default=())
    trend: tuple[TrendPoint, ...] = field(default=())
    sensitivity: tuple[SensitivityReading, ...] = field(default=())
