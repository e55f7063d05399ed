"""Facts and Episodes as aligned numpy columns: one entry (or row) per index, same length everywhere.

Conventions, in every class here:
- times are int64 microseconds since 1970-01-01 UTC, `UNKNOWN_AT` where not known;
- references to other columns are int64 (or int32 for Provider codes), -1 where not known;
- text is an object array of str or None; durations are float64 hours, NaN where not known.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Texts = NDArray[np.object_]

UNKNOWN_AT = np.iinfo(np.int64).min
UNKNOWN = -1
MICROS_PER_HOUR = 3_600_000_000


def positions(keys: Ints, wanted: Ints) -> Ints:
    """Where each of `wanted` stands in `keys` (different, in any order). Every one of them must be there."""
    order = np.argsort(keys)
    return order[np.searchsorted(keys, wanted, sorter=order)]


class Columns:
    """Aligned arrays; checks their lengths once, when made."""

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.arrays().values()}
        if len(lengths) > 1:
            raise ValueError(f"{type(self).__name__}: columns of different lengths {sorted(lengths)}")

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {each.name: getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(next(iter(self.arrays().values())))

    def take(self, index: NDArray[Any]) -> Self:
        """The rows that `index` (positions or a mask) names, in that order."""
        return type(self)(**{name: column[index] for name, column in self.arrays().items()})


@dataclass(frozen=True, slots=True, eq=False)
class TargetColumns(Columns):
    """One entry per Target, ordered by `target_id` (the store's key)."""

    target_id: Ints
    site: Ints  # equal numbers = same site; the numbers mean nothing else
    literal: Ints  # address_id of an IP literal
    withheld: Flags  # host only: the path was withheld


@dataclass(frozen=True, slots=True, eq=False)
class ReportColumns(Columns):
    """One entry per Report."""

    report_id: Ints
    source: Texts
    record_id: Texts
    target_id: Ints
    reported_at: Ints
    eligible: Flags  # assessed illegal and not withdrawn, as known at the cut-off
    address: Ints  # address_id of `ip`
    origin: Ints  # address_id of `origin_ip`
    site_type: Texts
    known_material: Small  # 1, 0, -1 not known


@dataclass(frozen=True, slots=True, eq=False)
class NoticeColumns(Columns):
    """One entry per Notice."""

    notice_id: Ints
    report_id: Ints
    target_id: Ints
    kind: Texts  # NoticeKind
    status: Texts  # NoticeStatus
    at: Ints
    sender: Texts
    party: Texts  # as the hotline wrote it; None = the party attributed at that moment
    capacity: Texts  # Capacity
    deadline_hours: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ReadingColumns(Columns):
    """One entry per Outcome of a Check, ordered by (target_id, at, check_id)."""

    check_id: Ints
    target_id: Ints
    at: Ints
    outcome: Small  # Outcome
    cause: Small  # Cause
    address: Ints  # address_id
    confirmed: Flags  # recorded by a trusted source: one OFFLINE is enough
    bracket: Flags  # from a Report's last_online_at / first_offline_at, not from a check log
    page: Flags  # the reading was "page answers"


@dataclass(frozen=True, slots=True, eq=False)
class AttributionColumns(Columns):
    """One entry per (address, routing table): valid from that table's `as_of` on. Ordered by (address, as_of)."""

    address: Ints  # address_id
    as_of: Ints  # of the routing table; UNKNOWN_AT: valid before the first table
    asn: Ints  # -1 = unattributed
    reason: Texts  # Unattributed, where asn is -1
    front: Texts  # name of the reverse proxy whose range holds the address
    origins: Texts  # "64500_64501" where a prefix has several origin AS numbers, else None
    table_as_of: Ints  # day of the first routing table that says so, 00:00 UTC; UNKNOWN_AT before the first one
    table_made_on: Ints  # the day on which it was made, likewise


@dataclass(frozen=True, slots=True, eq=False)
class ResolutionColumns(Columns):
    """One entry per globally routable address of an answered Resolution of a Target's host.

    Ordered by (target_id, at, address). The answers of all resolvers to one asking have the same `at`.
    """

    target_id: Ints
    at: Ints
    address: Ints  # address_id


@dataclass(frozen=True, slots=True, eq=False)
class RegistrationColumns(Columns):
    """One entry per (address, instant from which it holds): to whom the range around it is registered.

    Ordered by (address, as_of); every address that is covered by a registration or a claim begins with an entry at
    UNKNOWN_AT. Organisations are written as the id that their Provider got at first sight (`org-...`).
    """

    address: Ints  # address_id
    as_of: Ints  # UNKNOWN_AT: from ever
    holder: Texts  # the organisation that the range is registered to; None: not known
    customer: Texts  # the organisation named in a sub-allocation; None: none is named
    claimed: Texts  # the Provider to which a person assigned a network around the address; goes before `holder`
    doubt: Texts  # Doubt (changed-since, undated, kind-unknown, person), joined by ";"; None where there is none
    answer: Ints  # id of the registry's answer, -1 where nothing but a claim holds


@dataclass(frozen=True, slots=True, eq=False)
class RoutingDays(Columns):
    """One entry per day with a routing table, oldest first: an answer that a later one repeats is as young as that."""

    as_of: Ints  # 00:00 UTC
    made_on: Ints  # of the table that holds from that day on


def no_routing_days() -> RoutingDays:
    """Columns without an entry."""
    return RoutingDays(np.empty(0, np.int64), np.empty(0, np.int64))


def no_resolutions() -> ResolutionColumns:
    """Columns without an entry."""
    nothing = np.empty(0, np.int64)
    return ResolutionColumns(nothing, nothing, nothing)


def no_registrations() -> RegistrationColumns:
    """Columns without an entry."""
    nothing, text = np.empty(0, np.int64), np.empty(0, np.object_)
    return RegistrationColumns(nothing, nothing, text, text, text, text, nothing)


@dataclass(frozen=True, slots=True, eq=False)
class VoidColumns(Columns):
    """One entry per Check of our own that a void run took in: no reading, but it breaks a confirmation off.

    Ordered by (target_id, at).
    """

    target_id: Ints
    at: Ints


def no_voids() -> VoidColumns:
    """Columns without an entry."""
    nothing = np.empty(0, np.int64)
    return VoidColumns(nothing, nothing)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """All that the derivation of Episodes needs, with no URL, host or address in it."""

    targets: TargetColumns
    reports: ReportColumns
    notices: NoticeColumns
    readings: ReadingColumns
    attributions: AttributionColumns
    resolutions: ResolutionColumns = field(default_factory=no_resolutions)
    registrations: RegistrationColumns = field(default_factory=no_registrations)
    routing: RoutingDays = field(default_factory=no_routing_days)
    voids: VoidColumns = field(default_factory=no_voids)


@dataclass(frozen=True, slots=True, eq=False)
class BookedReadings(Columns):
    """Aligned with `ReadingColumns`: the Provider of each reading's address at its time, by role; -1 unknown.

    `network`, `as_` and `customer` are -1 behind a reverse proxy, listed or stated by a report, whose address says
    nothing about who hosts, and where a holder and the AS that stands in for one cannot be told apart. A Target's site
    never changes, so the role `site` has no column.
    """

    network: Codes
    as_: Codes
    customer: Codes
    proxy: Codes  # the proxy's Provider behind one; elsewhere the same as `network`


@dataclass(frozen=True, slots=True, eq=False)
class BookedNotices(Columns):
    """One entry per (Notice, role): who held the Target at that moment, and how that is known.

    Ordered by (notice, role). A Target behind a reverse proxy without known origin has the roles proxy and site;
    every other one has network, as, customer and site.
    """

    notice: Ints  # place in NoticeColumns
    role: Texts  # Role
    provider: Codes  # for the role site always 0: the Target's own site, named by its number in the table of rows
    asn: Ints
    party: Codes  # the addressee in the registry, -1 where none is written or the name is not known
    basis: Texts  # AttributionBasis
    reason: Texts  # Unattributed, where provider is -1
    fronted: Flags
    confidence: Texts  # full, reduced, none
    doubts: Texts  # Doubt, joined by ";" in the order of the enum; None where there is none


@dataclass(frozen=True, slots=True, eq=False)
class Booking:
    """The join of outcomes and notices with the attribution of their moment. A code is a place in `provider_ids`."""

    provider_ids: tuple[str, ...]
    countries: tuple[str | None, ...]
    readings: BookedReadings
    notices: BookedNotices
