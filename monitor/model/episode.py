"""Episodes: what became of each notified Target, as the frozen table of `episodes.parquet`.

The unit of every statistic. One row per Target, clock and role (a Target that moved, or came back and was
notified again, has a row for each notice that started a clock), those that are no Episodes too (`status`).
"""

from dataclasses import dataclass
from datetime import datetime

from monitor.model.columns import Codes, Columns, Flags, Floats, Ints, Small, Texts

CAP_HOURS = 720.0
"""Each Episode's exposure, and the restricted mean, count to 30 days after the notice."""


@dataclass(frozen=True, slots=True)
class OnlineInterval:
    """Half-open stretch of hours after the notice over which a Target is held online.

    Online for certain over [certain_start, certain_end); at most over [possible_start, possible_end).
    """

    possible_start: float
    certain_start: float
    certain_end: float
    possible_end: float


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeTable(Columns):
    """The columns of `episodes.parquet`, in its order. Hours run from the Notice; infinity = the end was not seen.

    Rows are ordered by (source, record_id, role, clock, notified_at); `target_id`, `site_id` and `cluster_id`
    are dense integers in that order, so no key enters them. Interval columns are NaN where status is not `episode`.
    """

    record_id: Texts
    source: Texts
    target_id: Ints
    site_id: Ints
    provider_id: Texts  # None = unattributed
    asn: Ints  # -1 = not known
    role: Texts
    clock: Texts
    status: Texts
    site_type: Texts
    reported_at: Ints
    notified_at: Ints
    notice_sender: Texts
    notice_status: Texts
    addressee_match: Texts
    fronted: Flags
    attribution_confidence: Texts
    known_material: Small
    country: Texts
    page_target: Flags
    n_checks: Ints
    left_hours: Floats
    right_hours: Floats
    end: Texts
    lower0_hours: Floats
    weight: Floats
    deadline_hours: Floats
    first_left_hours: Floats
    first_right_hours: Floats
    tail_from_hours: Floats
    last_outcome: Texts
    moved_to: Texts
    exposure_low_hours: Floats
    exposure_high_hours: Floats
    cluster_id: Ints
    recurrence: Ints
    provisional: Flags
    interrupted: Flags
    gap_at_notice: Flags
    rule_version: Texts
    unattributed_reason: Texts  # Unattributed, where provider_id is None
    attribution_basis: Texts  # AttributionBasis
    attribution_doubts: Texts  # Doubt, joined by ";"; None where there is none
    flaps: Ints  # stretches elsewhere that were over within a day: shown, no Move


@dataclass(frozen=True, slots=True)
class Span:
    """The Period's bounds and the cut-off that Episodes are derived for: aware UTC."""

    start: datetime
    end: datetime
    cutoff: datetime


__all__ = ["CAP_HOURS", "Codes", "EpisodeTable", "OnlineInterval", "Span"]
