"""Facts and Episodes as aligned numpy columns: one entry (or row) per index, same length everywhere.

Conventions, in every class here:
- times are int64 microseconds since 1970-01-01 UTC, `UNKNOWN_AT` where not known;
- references to other columns are int64 (or int32 for Provider codes), -1 where not known;
- text is an object array of str or None; durations are float64 hours, NaN where not known.
"""

from dataclasses import dataclass, fields
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
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

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


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """All that the derivation of Episodes needs, with no URL, host or address in it."""

    targets: TargetColumns
    reports: ReportColumns
    notices: NoticeColumns
    readings: ReadingColumns
    attributions: AttributionColumns


@dataclass(frozen=True, slots=True, eq=False)
class BookedReadings(Columns):
    """Aligned with `ReadingColumns`: the Provider of each reading's address at its time, by role; -1 unknown."""

    network: Codes  # -1 behind a reverse proxy, whose address says nothing about the hosting provider
    proxy: Codes  # the proxy's Provider behind one; elsewhere the same as `network`


@dataclass(frozen=True, slots=True, eq=False)
class BookedNotices(Columns):
    """Aligned with `NoticeColumns`: who held the Target at the moment of each Notice, and how that is known."""

    role: Texts  # Role: network, or proxy where the Target is fronted and its origin not known
    provider: Codes
    asn: Ints
    party: Codes  # the addressee in the registry, -1 where none is written or the name is not known
    basis: Texts  # AttributionBasis
    reason: Texts  # Unattributed, where provider is -1
    fronted: Flags
    confidence: Texts  # full, reduced, none


@dataclass(frozen=True, slots=True, eq=False)
class Booking:
    """The join of outcomes and notices with the attribution of their moment. A code is a place in `provider_ids`."""

    provider_ids: tuple[str, ...]
    countries: tuple[str | None, ...]
    readings: BookedReadings
    notices: BookedNotices
