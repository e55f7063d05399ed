"""What a Provider gets to check its figures: its rows, each with notice, address, checks and the counts that it is in.

Every instant is ISO 8601 in UTC ("2026-03-02T12:00:00Z"), every duration in hours, counts are 0 or 1 unless said
otherwise; None = not known, or not this Provider's to see. What would surprise: these values hold URLs and addresses.
They live in memory and in the sealed file, nowhere else; and of other providers they say that there is one, never who.
"""

from dataclasses import dataclass

from monitor.model.scorecard import Norm, Scorecard
from monitor.model.words import Role

ANOTHER = "another provider"
"""Stands for any other Provider, wherever one would be named."""
THIS = "this provider"
NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row of the dataset that is booked on the Provider, with what the store knows about it.

    From `n_notices` on: what the row adds to the count of that name on the Scorecard of its role and clock.
    """

    row: int  # from 1; what the other tables refer to
    facts: str  # "as frozen", "changed since the freeze" or "no longer in the store"
    changed: str | None  # the columns that would differ now
    role: str
    clock: str
    status: str
    source: str
    record_id: str
    target_id: int
    site_id: int
    cluster_id: int
    url: str | None
    path_withheld: bool | None
    reported_at: str | None
    notified_at: str
    notice_reference: str | None
    notice_sender: str | None
    notice_channel: str | None
    notice_status: str
    stated_at: str | None  # where the time was corrected: what the hotline stated
    stated_status: str | None  # likewise of the status
    correction_reason: str | None
    addressee: str | None
    addressee_capacity: str | None
    addressee_match: str
    address: str | None  # several: with a blank between
    asn: int | None
    attribution_basis: str
    attribution_confidence: str
    attribution_doubts: str | None
    fronted: bool
    norm_hours: float | None  # of the primary norm; of an order its own deadline
    within_norm: str | None  # yes, no, cannot be said
    end: str | None
    left_hours: float | None
    right_hours: float | None
    left_at: str | None
    right_at: str | None
    lower0_hours: float | None
    weight: float | None
    first_left_hours: float | None
    first_right_hours: float | None
    tail_from_hours: float | None
    last_outcome: str | None
    moved_to: str | None
    n_checks: int
    page_target: bool
    flaps: int
    rule_version: str
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
    domain_gone: int
    online_at_cutoff: int
    inconclusive: int
    provisional: int
    interrupted: int
    recurrences: int  # how many times
    exposure_hours_low: float  # hours
    exposure_hours_high: float  # hours


@dataclass(frozen=True, slots=True)
class CaseNorm:
    """One Episode under one norm: what it adds to the numerators of the worst and best cases."""

    row: int
    norm: str
    hours: float | None  # that the norm allows this Episode; None: an order whose deadline is not recorded
    within_norm_worst: int
    within_norm_best: int
    within_norm_any_end_worst: int
    within_norm_any_end_best: int


@dataclass(frozen=True, slots=True)
class CaseAddress:
    """One address of a row, at the Provider at the notice, and how it leads there."""

    row: int
    address: str
    at: str  # the instant that the tables were read for
    prefix: str | None
    origin_asns: str | None
    routing_table: str | None  # the day that it shows
    routing_table_made_on: str | None
    routing_table_sha256: str | None
    network_handle: str | None
    network_name: str | None
    registry: str | None
    registered_holder: str | None
    registered_at: str | None
    registration_changed_at: str | None
    registry_asked_at: str | None
    assigned_by_a_person: bool
    reverse_proxy: bool
    doubts: str | None


@dataclass(frozen=True, slots=True)
class CaseCheck:
    """One check of a row's Target that the derivation read, and the rule that reads it."""

    row: int
    at: str
    hours: float  # after the notice, negative before it
    outcome: str
    cause: str
    kind: str  # recorded, own or bracket
    vantage: str | None
    method: str | None
    phase: str | None
    http_status: int | None
    error: str | None
    reason: str | None
    rule: str
    rule_in_words: str
    address: str | None  # only where it is the Provider's
    held_by: str
    note: str | None  # what it is to the Episode


@dataclass(frozen=True, slots=True)
class MovedIn:
    """One Target that turned up at the Provider, which no notice had told: when, and at which of its addresses."""

    role: str
    clock: str
    seen_at: str
    address: str | None


@dataclass(frozen=True, slots=True)
class CaseBatch:
    """Some rows with all that belongs to them."""

    rows: tuple[CaseRow, ...]
    norms: tuple[CaseNorm, ...]
    addresses: tuple[CaseAddress, ...]
    checks: tuple[CaseCheck, ...]


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The Provider's Scorecard in one role, against one norm."""

    role: Role
    norm: Norm
    card: Scorecard


@dataclass(frozen=True, slots=True)
class CaseHead:
    """Of whom, of which dataset, under which method."""

    provider_id: str
    provider: str
    period: str
    period_start: str
    period_end: str
    cutoff: str
    freeze: str  # full digest
    method: str
    code_version: str  # that cut the dataset
    made_by: str  # version that made the file
    publisher: str
    answer_to: str


@dataclass(frozen=True, slots=True)
class FileCounts:
    """What went into the file; `figures_off` are figures that the rows do not add up to."""

    rows: int = 0
    changed: int = 0
    missing: int = 0
    checks: int = 0
    addresses: int = 0
    moved_in: int = 0
    figures: int = 0
    figures_off: tuple[str, ...] = ()
