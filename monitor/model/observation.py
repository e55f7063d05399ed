"""Checks and what they saw: plain facts, without judgement, without a URL, a host or a byte of a body.

What would surprise: one Check can make several exchanges (addresses in turn, redirects, a permitted GET, a made-up
sibling path), all of one Observation; and header values are kept as short keyed digests, enough to see whether they
changed. `Check` is the one class here that holds the URL: it lives in memory and on the pipe to the crawl process.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.model.report import Address, Host
from monitor.model.words import (
    Cause,
    DnsStatus,
    DueReason,
    ExchangeError,
    GetReason,
    LocationKind,
    Method,
    NoticeKind,
    Outcome,
    Phase,
    Purpose,
    TlsState,
)

DIRECT = "direct"
"""The vantage without a proxy, where none is configured."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The headers that tell whether the same thing still answers. Digests: 16 hex digits, keyed by the store's key."""

    content_type: str | None = None  # type/subtype, lower case; None: not stated, or no such thing
    length: int | None = None  # Content-Length, or the whole's length in Content-Range
    etag: str | None = None  # digest
    etag_weak: bool = False
    last_modified: str | None = None  # digest
    server: str | None = None  # digest


@dataclass(frozen=True, slots=True, repr=False)
class Check:
    """One scheduled probe of one Target, as the crawl process gets it. Secret: it holds the URL."""

    check_id: int  # its number within the run
    target_id: int
    url: str
    host: Host
    addresses: tuple[Address, ...]  # in the order in which they are to be tried; empty: nothing to connect to
    answers: tuple[DnsStatus, ...]  # what each resolver said; empty for an IP literal
    vantage: str = DIRECT
    baseline: Fingerprint | None = None  # what the Target answered while it was online
    left_out: tuple[Address, ...] = ()  # addresses of the host that are not to be tried; noted as such
    families: tuple[int, ...] = (4, 6)  # IP versions that redirects may be followed over


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and how far it came. Durations in milliseconds, None where that phase was not reached."""

    purpose: Purpose
    method: Method
    phase: Phase
    address: Address | None = None
    error: ExchangeError | None = None  # None: the headers came in whole
    get_reason: GetReason | None = None
    tls: TlsState = TlsState.NONE
    status: int | None = None
    fingerprint: Fingerprint = field(default_factory=Fingerprint)
    location: LocationKind | None = None  # where the status is a redirect's
    leads_to: str | None = None  # digest of the URL that it leads to, like those of the fingerprint
    challenge: bool = False  # the headers say that a person has to prove to be one
    retry_after_seconds: int | None = None
    connect_ms: int | None = None
    tls_ms: int | None = None
    headers_ms: int | None = None
    n_bytes_in: int = 0  # bytes that the process took in from the socket


def lasted_micros(seconds: float) -> int:
    """The duration of a Check in whole microseconds: rounded here alone, so that all who date a reading agree."""
    return round(seconds * 1_000_000)


@dataclass(frozen=True, slots=True)
class Observation:
    """What one Check saw. `exchanges` in the order in which they were made; none where no address was known."""

    check_id: int
    target_id: int
    observed_at: datetime  # when the Check began
    vantage: str
    answers: tuple[DnsStatus, ...]
    exchanges: tuple[Exchange, ...]
    seconds: float  # from the first question to the last answer

    @property
    def ended_at(self) -> datetime:
        """When the last answer was in. An OFFLINE reading bears this time: the material may have been there before."""
        return self.observed_at + timedelta(microseconds=lasted_micros(self.seconds))

    @property
    def tried(self) -> tuple[Exchange, ...]:
        """Those about the URL itself: addresses in turn, and a GET after a HEAD."""
        return tuple(each for each in self.exchanges if each.purpose is Purpose.TARGET)

    @property
    def end(self) -> Exchange | None:
        """The last exchange on the way to the material: what is judged. None where nothing could be tried."""
        way = [each for each in self.exchanges if each.purpose in (Purpose.TARGET, Purpose.REDIRECT)]
        return way[-1] if way else None

    @property
    def sibling(self) -> Exchange | None:
        """The answer to the made-up path beside the URL (where its redirects ended), if one was asked for."""
        found = [each for each in self.exchanges if each.purpose is Purpose.SIBLING]
        return found[-1] if found else None

    @property
    def address(self) -> Address | None:
        """The address of the Target's host that was asked last: what the reading is booked on."""
        return next((each.address for each in reversed(self.tried) if each.phase is not Phase.NOT_TRIED), None)


@dataclass(frozen=True, slots=True)
class CanaryReading:
    """One known-good URL asked before or after the checks of a run, over one IP version from one vantage."""

    asked_at: datetime
    vantage: str
    family: int  # 4 or 6
    after: bool  # False: before the checks
    healthy: bool
    exchange: Exchange | None  # None: its name did not resolve


@dataclass(frozen=True, slots=True)
class Mandate:
    """Under which authority a run was made, as it was configured then. `expires` as YYYY-MM-DD, "" without an end."""

    organisation: str
    legal_basis: str
    contact: str
    expires: str
    permit_get: bool
    loopback: bool  # valid on loopback addresses alone: demonstrations and tests


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rest of a run says about one Observation."""

    void: bool = False  # our own network was not well: the Observation gives no outcome
    neighbours_reached: bool = False  # another host of the same origin AS answered in this run or the hour before


@dataclass(frozen=True, slots=True)
class Standing:
    """All that judging and scheduling remember of one Target between Checks; derived, and derivable again.

    A run is a row of OFFLINE readings without an ONLINE between; it is confirmed by `confirm_readings` of them over at
    least `confirm_minutes` in a stretch without a void run. Times are aware UTC: those of a run are when its Checks
    ended, all others when they began.
    """

    baseline: Fingerprint | None = None
    n_checks: int = 0
    last_checked_at: datetime | None = None
    last_online_at: datetime | None = None
    offline_since: datetime | None = None  # first OFFLINE of the run that lasts
    stretch_since: datetime | None = None  # its first OFFLINE after the last void run
    n_stretch: int = 0  # its OFFLINE readings since then
    confirmed_at: datetime | None = None  # when the run that lasts became confirmed
    silent_since: datetime | None = None  # first of an unbroken row of timeouts and unreachable answers
    servfail_since: datetime | None = None  # likewise SERVFAIL from every resolver
    server_error_since: datetime | None = None  # likewise 5xx
    n_again: int = 0  # Checks in a row that were void or gave nothing
    not_before: datetime | None = None  # the server's Retry-After
    flagged: bool = False  # a person should look


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's reading of one Observation. `void` has no outcome: INCONCLUSIVE, and counted apart."""

    outcome: Outcome
    cause: Cause
    rule: str  # id of the rule
    void: bool = False
    low_confidence: bool = False
    page: bool = False  # a page that answers: figures are given with and without such Targets


@dataclass(frozen=True, slots=True)
class Anchor:
    """A point from which a Target's schedule runs: a Notice, or its first Report (`kind` None)."""

    at: datetime
    kind: NoticeKind | None = None
    deadline_hours: float | None = None  # an order's own


@dataclass(frozen=True, slots=True)
class Due:
    """When a Target is to be checked next, and why."""

    at: datetime
    why: DueReason


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """What a round of checks came to. `due` = online + offline + inconclusive + void, unless it was broken off."""

    due: int = 0
    online: int = 0
    offline: int = 0
    inconclusive: int = 0
    void: int = 0
    gets: int = 0  # permitted GETs among them
