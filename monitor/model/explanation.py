"""Why one record is booked as it is: every step from its addresses to the figure, as values that can be put in words.

What would surprise: no URL, host or address is in here unless `revealed` is set; addresses go by labels (A1, A2, ...)
and a prefix so narrow that it would name the address is left out. The role `site` is left out too: whom a site
belongs to is not attributed, and its rows say nothing about a Provider.

The fields of these classes are those of `explain --json`, under the same names. Every instant is ISO 8601 in UTC
("2026-03-02T12:00:00Z"), every day "2026-03-02", every duration in hours.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reveal:
    """Who wants to see the URL and the addresses, and why: both go on the audit log."""

    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A row whose attribution has less than full confidence. `reasons`: words of Doubt, or of Unattributed."""

    record_id: str
    source: str
    clock: str
    status: str
    provider_id: str | None
    confidence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddressStory:
    """One address of the Target and whom it leads to at the moment `at` (ISO 8601 UTC) at which it was looked at."""

    label: str
    kind: str  # "IPv4" or "IPv6"
    known_from: tuple[str, ...]  # where it was found: checks, report, origin stated in the report, URL, Resolution
    at: str
    prefix: str | None  # None: none covers it, or it is too narrow to show
    prefix_length: int | None
    origins: tuple[int, ...]
    as_name: str | None
    unattributed: str | None  # Unattributed
    proxy: str | None
    table_as_of: str | None
    table_made_on: str | None
    table_sha256: str | None
    network_handle: str | None
    network_name: str | None
    network_type: str | None
    registry: str | None
    holder: str | None
    customer: str | None
    registered_at: str | None
    changed_at: str | None
    asked_at: str | None
    claimed_by: str | None  # the Provider to whom a person assigned a network around it
    doubts: tuple[str, ...]  # Doubt, of the registration alone
    at_notice: bool  # whether the rule could have read it at the record's first notice
    address: str | None = None  # only with --reveal


@dataclass(frozen=True, slots=True)
class NoticeStory:
    """One Notice about the Target and what it is in each role."""

    label: str
    record_id: str
    source: str
    of_this_record: bool
    kind: str
    status: str
    at: str
    sender: str | None
    capacity: str
    addressee_written: bool
    counts: bool  # the report is assessed illegal and not withdrawn
    roles: tuple["NoticeRole", ...]


@dataclass(frozen=True, slots=True)
class NoticeRole:
    """What one Notice is in one role: `starts` says whether it starts a clock, `why` in words why or why not."""

    role: str
    provider: str | None
    match: str  # AddresseeMatch, "" where no row came of it
    starts: bool
    why: str


@dataclass(frozen=True, slots=True)
class CheckStory:
    """One check and the rule that reads it."""

    at: str
    hours: float | None  # after the notice that `Explanation.hours_from` names, negative before it
    outcome: str
    cause: str
    reason: str | None
    rule: str  # id of the rule that read it
    confirmed: bool
    address: str | None  # label
    provider: str | None  # by role network, at that moment; behind a reverse proxy the proxy
    note: str = ""  # what it is to an Episode: begin or end of its interval, part of a flap, undone removal


@dataclass(frozen=True, slots=True)
class ResolutionStory:
    """One DNS answer of ours in figures. Listed only where an attribution of the Target rests on one."""

    at: str
    resolver: str
    status: str  # DnsStatus
    n_addresses: int  # globally routable ones
    n_cnames: int
    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class DecisionStory:
    """A person's decision on the record (ChangeAction `override`) that is in force."""

    change_id: int
    provider: str
    by: str
    why: str
    at: str


@dataclass(frozen=True, slots=True)
class CorrectionStory:
    """A correction of a fact of the record that is in force; `holds` says in words what holds now."""

    correction_id: int
    kind: str  # CorrectionKind
    holds: str
    letter_id: int | None
    by: str
    why: str
    at: str


@dataclass(frozen=True, slots=True)
class EpisodeStory:
    """What became of the Target in one role after one Notice: the row of `episodes.parquet`, in the same words.

    The end lies in (left_hours, right_hours] after the Notice, at `left_at` and `right_at`; None where the status is
    not `episode`, and on the right where no end was seen.
    """

    notice: str  # label
    role: str
    clock: str
    provider_id: str | None
    provider: str | None
    asn: int | None
    status: str
    basis: str
    confidence: str
    doubts: tuple[str, ...]
    unattributed: str | None
    addressee_match: str
    end: str | None
    left_hours: float | None
    right_hours: float | None
    left_at: str | None
    right_at: str | None
    first_left_hours: float | None  # of the first removal, also of one that was undone
    first_right_hours: float | None
    last_outcome: str | None
    gap_at_notice: bool
    moved_to: str | None
    flaps: int
    interrupted: bool
    provisional: bool
    recurrence: int
    norm_hours: float | None  # of an order its own deadline; None where that is not recorded
    within_norm: str | None  # yes, no, "cannot be said": in the worst and the best case, only in the best, in neither


@dataclass(frozen=True, slots=True)
class Explanation:
    """One record. `rules` are the ids and sentences of the rules that were applied, in their order.

    `other_readings` are sentences: what else the same facts could have been read as. `spans` are the stretches of
    time (first instant, end) for which rows were derived, each as a freeze of it would.
    """

    record_id: str
    source: str
    cutoff: str
    reported_at: str
    host_kind: str
    withheld: bool
    counts: bool
    n_reports: int  # of the Target, this one included
    addresses: tuple[AddressStory, ...]
    notices: tuple[NoticeStory, ...]
    hours_from: str | None  # label of the notice from which the hours of the checks run
    checks: tuple[CheckStory, ...]
    resolutions: tuple[ResolutionStory, ...]
    decisions: tuple[DecisionStory, ...]
    episodes: tuple[EpisodeStory, ...]
    other_readings: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    spans: tuple[tuple[str, str], ...]
    corrections: tuple[CorrectionStory, ...] = ()  # oldest first; the facts above are those after them
    revealed: str | None = None  # only with --reveal: the URL, or the host alone where the path is withheld
    forgotten: str | None = None  # when the URL was forgotten, in words
