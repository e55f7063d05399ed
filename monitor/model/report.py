"""What a hotline hands over: Reports, the Notices in them, and the checks that it recorded itself.

An address travels packed: 4 bytes for IPv4 (IPv4-mapped IPv6 included), 16 for IPv6, network byte order.
All times are aware and in UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import NewType

from monitor.model.words import (
    Assessment,
    Capacity,
    Cause,
    HostKind,
    NoticeChannel,
    NoticeKind,
    NoticeStatus,
    Outcome,
    SiteType,
)

Address = NewType("Address", bytes)

DOCUMENTATION = tuple(
    ip_network(prefix) for prefix in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
"""The ranges for documentation (RFC 5737, RFC 3849). Samples, trials and tests live there, so they count as public
addresses; nobody announces them, so against real tables they lead to nobody."""


@dataclass(frozen=True, slots=True)
class Host:
    """FQDN in A-labels, lower case, without a final dot, or a canonical IP literal without brackets or zone."""

    name: str
    kind: HostKind
    site: str  # registrable domain (public suffix list), or the address itself
    address: Address | None  # of an IP literal


@dataclass(frozen=True, slots=True)
class Target:
    """The normalised URL under observation. `url` is None where the path was withheld: then never checked by us."""

    url: str | None
    host: Host
    userinfo_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that told one party of a Target. An empty `party` is the one attributed at that moment."""

    kind: NoticeKind
    status: NoticeStatus
    notified_at: datetime
    reference: str | None = None
    channel: NoticeChannel | None = None
    sender: str | None = None
    party: str | None = None
    capacity: Capacity = Capacity.UNKNOWN
    deadline_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One record received about one URL. Key: (source, record_id). `row` is its place in the input, from 1.

    `address_by_history`: a log of changes says that this was the address when it was reported; then it holds, whatever
    a list of a later day said before.
    """

    row: int
    source: str
    record_id: str
    target: Target
    reported_at: datetime
    notice: Notice | None = None
    assessment: Assessment = Assessment.ILLEGAL
    assessed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    address: Address | None = None
    origin_address: Address | None = None
    site_type: SiteType | None = None
    known_material: bool | None = None
    last_online_at: datetime | None = None
    first_offline_at: datetime | None = None
    address_by_history: bool = False


@dataclass(frozen=True, slots=True)
class RecordedCheck:
    """One check that the hotline (or another source) made and recorded."""

    row: int
    source: str
    record_id: str
    checked_at: datetime
    outcome: Outcome
    cause: Cause
    reason: str | None = None
    address: Address | None = None
    vantage: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """An input row that was not taken: where and why, never its text. `field` names the column at fault."""

    row: int
    code: str  # short and stable, such as "bad-time", "conflict"
    reason: str  # one sentence without anything of the row in it
    field: str | None = None
