"""What a release shows of groups of Episodes that are no Providers, and of how each Provider's attribution came about.

Counts are of one Period, the clock `request` and role network; hours run from the Notice. None = not known. What would
surprise: a group's estimates are means over its Providers, as those of all Providers together are, so that the figures
of a country follow from the Scorecards of its Providers.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from monitor.model.columns import Columns, Floats, Ints, Texts


class Dimension(StrEnum):
    """By what the Episodes are divided."""

    SITE_TYPE = "site-type"
    COUNTRY = "country"  # of establishment of the Provider, never of the address


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The Episodes of one site type or country, all Providers together, the unattributed ones left out.

    `group` is the word of the site type, an ISO 3166 code, or "" where it is not known. The Episodes of each Provider
    in the group are estimated apart; the share is the mean of these over the Episodes, its limits are those of such a
    mean, and the median is where the mean incidence reaches one half. Shares are 0 to 1.
    """

    dimension: str
    group: str
    n_providers: int | None  # with an Episode in it; None: a sum of groups, which can share Providers
    n_notices: int  # Targets notified, once for each Provider, GoneBeforeNotice included: as the Scorecards count
    n_episodes: int
    taken_down: int
    within_norm: float | None
    within_norm_low: float | None
    within_norm_high: float | None
    within_norm_worst: float | None
    within_norm_best: float | None
    median_hours: float | None
    median_status: str | None
    exposure_hours_low: float
    exposure_hours_high: float
    report_to_notice_median_hours: float | None


@dataclass(frozen=True, slots=True, eq=False)
class GroupEstimates(Columns):
    """What survival measures of each group, one entry per group; NaN where there is nothing to say."""

    n_providers: Ints
    n_episodes: Ints
    worst: Ints  # Episodes within the norm in the worst case
    best: Ints
    norm: Floats  # share within the norm
    norm_low: Floats  # 95% interval
    norm_high: Floats
    median: Floats  # hours; NaN where it is not reached
    median_status: Texts  # MedianStatus; None without Episodes


@dataclass(frozen=True, slots=True)
class ProviderEvidence:
    """How the Episodes of one Provider came to be booked on it: each Episode is in `n_full` or has a Doubt.

    `by_network`, `by_as` and those with Doubt `overridden` (booked by a person's decision) are all of them.
    """

    provider_id: str
    n_episodes: int
    n_full: int  # attributed with full confidence
    asns: tuple[tuple[int, int], ...]  # (AS number that announced the address at the notice, Episodes), most first
    doubts: tuple[tuple[str, int], ...]  # (Doubt, Episodes); an Episode with several is in each
    by_network: int  # booked on the registered holder of the network
    by_as: int  # booked on the holder of the AS, which stands in
    first_notice: date | None  # UTC days
    last_notice: date | None


@dataclass(frozen=True, slots=True)
class CorrectedFacts:
    """How many notices or reports of the Period are corrected for one reason, shown as it was written."""

    kind: str  # CorrectionKind
    why: str
    n: int


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What a Provider replied when it was heard, as it may be quoted; `language` is that of the text."""

    provider_id: str
    answered_on: date
    language: str
    text: str
    is_late: bool = False  # after the term of the Letter that it answers
