"""Facts and the registry -> who held each Target at each reading and at each notice.

The rule (`measurement.md` section 2): the address of the last conclusive reading at or before the notice, else
the report's `ip`, else the IP literal, else nobody. What would surprise: an address in a reverse proxy's range
books on the proxy, never on a hosting provider, unless the report names the origin.
"""

from dataclasses import dataclass

import numpy as np

from monitor.attribution.timeline import entry_at
from monitor.model.columns import (
    UNKNOWN,
    AttributionColumns,
    BookedNotices,
    BookedReadings,
    Booking,
    Codes,
    Facts,
    Flags,
    Ints,
    NoticeColumns,
    Texts,
    positions,
)
from monitor.model.provider import Registry
from monitor.model.words import AttributionBasis, Outcome, Role, Unattributed

CONFIDENCE = {
    AttributionBasis.READING: "full",
    AttributionBasis.LITERAL: "full",
    AttributionBasis.REPORT: "reduced",
    AttributionBasis.ORIGIN: "reduced",
    AttributionBasis.RESOLUTION: "reduced",
    AttributionBasis.NONE: "none",
}


@dataclass(frozen=True, slots=True)
class _Coder:
    """Turns AS numbers and entries of the attribution columns into Provider codes."""

    attributions: AttributionColumns
    of_entry: Codes  # Provider code of each entry, proxy or not
    is_front: Flags
    provider_ids: tuple[str, ...]

    @classmethod
    def make(cls, attributions: AttributionColumns, registry: Registry) -> "_Coder":
        provider_ids = tuple(sorted(registry.providers))
        code = {provider_id: n for n, provider_id in enumerate(provider_ids)}
        asns, place = np.unique(attributions.asn, return_inverse=True)
        codes = np.array([code.get(registry.by_asn.get(int(asn), ""), UNKNOWN) for asn in asns], np.int32)
        is_front = np.array([front is not None for front in attributions.front], bool)
        return cls(attributions, codes[place] if len(codes) else place.astype(np.int32), is_front, provider_ids)

    def at(self, address: Ints, at: Ints) -> tuple[Ints, Codes, Flags]:
        """For each (address, time): the entry in force (-1 none), its Provider code, and whether it is a proxy's."""
        entry = entry_at(self.attributions, address, at)
        if not len(self.attributions):
            return entry, np.full(len(entry), UNKNOWN, np.int32), np.zeros(len(entry), bool)
        known = entry >= 0
        provider = np.where(known, self.of_entry[entry], UNKNOWN).astype(np.int32)
        return entry, provider, known & self.is_front[entry]


def book(facts: Facts, registry: Registry) -> Booking:
    """Join every reading and every notice with the attribution of its moment."""
    coder = _Coder.make(facts.attributions, registry)
    _, provider, fronted = coder.at(facts.readings.address, facts.readings.at)
    readings = BookedReadings(np.where(fronted, UNKNOWN, provider).astype(np.int32), provider)
    countries = tuple(registry.providers[p].country for p in coder.provider_ids)
    return Booking(coder.provider_ids, countries, readings, _book_notices(facts, registry, coder, provider))


def _book_notices(facts: Facts, registry: Registry, coder: _Coder, of_reading: Codes) -> BookedNotices:
    notices = facts.notices
    address, basis, several = _address_at_notice(facts, of_reading)
    entry, provider, fronted = coder.at(address, notices.at)
    # Behind a proxy with a known origin, the origin's network is booked.
    origin = _of_report(facts, facts.reports.origin)
    origin_entry, origin_provider, origin_fronted = coder.at(origin, notices.at)
    use_origin = fronted & (origin_provider != UNKNOWN) & ~origin_fronted
    entry = np.where(use_origin, origin_entry, entry)
    provider = np.where(use_origin, origin_provider, provider)
    basis = np.where(use_origin, AttributionBasis.ORIGIN, basis)
    several &= ~use_origin
    provider = np.where(several, UNKNOWN, provider).astype(np.int32)
    confidence = {b.value: c for b, c in CONFIDENCE.items()}
    return BookedNotices(
        role=np.where(fronted & ~use_origin, Role.PROXY.value, Role.NETWORK.value).astype(object),
        provider=provider,
        asn=_asn(coder.attributions, entry, provider),
        party=_party_codes(notices, registry, coder.provider_ids),
        basis=np.array([str(b) for b in basis], object),
        reason=_reasons(coder.attributions, address, entry, provider, several),
        fronted=fronted,
        confidence=np.array(
            [confidence[str(b)] if p != UNKNOWN else "none" for b, p in zip(basis, provider, strict=True)], object
        ),
    )


def _address_at_notice(facts: Facts, of_reading: Codes) -> tuple[Ints, Texts, Flags]:
    """The address by the rule, its basis, and whether readings of that instant show several Providers."""
    read, several = _last_reading(facts, of_reading)
    reported = _of_report(facts, facts.reports.address)
    literal = _of_target(facts)
    address = np.where(read >= 0, read, np.where(reported >= 0, reported, literal))
    basis = np.select(
        [read >= 0, reported >= 0, literal >= 0],
        [AttributionBasis.READING.value, AttributionBasis.REPORT.value, AttributionBasis.LITERAL.value],
        AttributionBasis.NONE.value,
    ).astype(object)
    return address, basis, several & (read >= 0)


def _last_reading(facts: Facts, of_reading: Codes) -> tuple[Ints, Flags]:
    """For each notice: the address of the last conclusive reading with one, at or before it (-1 none)."""
    readings, notices = facts.readings, facts.notices
    usable = (readings.outcome != Outcome.INCONCLUSIVE) & (readings.address >= 0)
    if not usable.any():
        return np.full(len(notices), UNKNOWN, np.int64), np.zeros(len(notices), bool)
    target, at, address = readings.target_id[usable], readings.at[usable], readings.address[usable]
    provider = of_reading[usable]
    # One number a (target, time) that sorts like the pair: times by their rank, so that it fits 64 bits.
    times = np.unique(at)
    key = target * (len(times) + 1) + np.searchsorted(times, at)
    order = np.argsort(key, kind="stable")
    key, target, address, provider = key[order], target[order], address[order], provider[order]
    asked = notices.target_id * (len(times) + 1) + np.searchsorted(times, notices.at, side="right") - 1
    place = np.searchsorted(key, asked, side="right") - 1
    found = (place >= 0) & (target[place] == notices.target_id)
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    mixed = np.minimum.reduceat(provider, starts) != np.maximum.reduceat(provider, starts)
    group = np.searchsorted(starts, place, side="right") - 1
    return np.where(found, address[place], UNKNOWN), found & mixed[group]


def _of_report(facts: Facts, column: Ints) -> Ints:
    """A report's column, for each notice by the report it came with."""
    return column[positions(facts.reports.report_id, facts.notices.report_id)]


def _of_target(facts: Facts) -> Ints:
    return facts.targets.literal[positions(facts.targets.target_id, facts.notices.target_id)]


def _asn(attributions: AttributionColumns, entry: Ints, provider: Codes) -> Ints:
    if not len(attributions):
        return np.full(len(entry), UNKNOWN, np.int64)
    return np.where((entry >= 0) & (provider != UNKNOWN), attributions.asn[entry], UNKNOWN)


def _party_codes(notices: NoticeColumns, registry: Registry, provider_ids: tuple[str, ...]) -> Codes:
    code = {provider_id: n for n, provider_id in enumerate(provider_ids)}
    found = {party: code.get(registry.find(party) or "", UNKNOWN) for party in set(notices.party) if party is not None}
    return np.array([found.get(party, UNKNOWN) for party in notices.party], np.int32)


def _reasons(attributions: AttributionColumns, address: Ints, entry: Ints, provider: Codes, several: Flags) -> Texts:
    reasons = np.full(len(provider), None, object)
    unknown = provider == UNKNOWN
    if len(attributions):
        reasons[unknown] = attributions.reason[entry][unknown]
    missing = unknown & (entry < 0)
    reasons[missing] = Unattributed.NO_TABLE.value
    reasons[missing & (address < 0)] = Unattributed.NO_ADDRESS.value
    reasons[several] = Unattributed.SEVERAL.value
    return reasons
