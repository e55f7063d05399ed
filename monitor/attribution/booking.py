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
    precedence: Ints  # of two addresses at one instant the higher one speaks; made of facts alone, never of a key
    provider_ids: tuple[str, ...]

    @classmethod
    def make(cls, attributions: AttributionColumns, registry: Registry) -> "_Coder":
        provider_ids = tuple(sorted(registry.providers))
        code = {provider_id: n for n, provider_id in enumerate(provider_ids)}
        asns, place = np.unique(attributions.asn, return_inverse=True)
        codes = np.array([code.get(registry.by_asn.get(int(asn), ""), UNKNOWN) for asn in asns], np.int32)
        is_front = np.array([front is not None for front in attributions.front], bool)
        of_entry = codes[place] if len(codes) else place.astype(np.int32)
        return cls(attributions, of_entry, is_front, _precedence(attributions, is_front), provider_ids)

    def at(self, address: Ints, at: Ints) -> tuple[Ints, Codes, Flags]:
        """For each (address, time): the entry in force (-1 none), its Provider code, and whether it is a proxy's."""
        entry = entry_at(self.attributions, address, at)
        if not len(self.attributions):
            return entry, np.full(len(entry), UNKNOWN, np.int32), np.zeros(len(entry), bool)
        known = entry >= 0
        provider = np.where(known, self.of_entry[entry], UNKNOWN).astype(np.int32)
        return entry, provider, known & self.is_front[entry]


def _precedence(attributions: AttributionColumns, is_front: Flags) -> Ints:
    """An address that is no proxy's before one that is; then, so that no order of import shows, by AS and reason."""
    reasons = {reason.value: n for n, reason in enumerate(Unattributed, 1)}
    reason = np.array([reasons.get(word, 0) for word in attributions.reason], np.int64)
    return (~is_front).astype(np.int64) * 2**40 + reason * 2**34 + attributions.asn


def book(facts: Facts, registry: Registry) -> Booking:
    """Join every reading and every notice with the attribution of its moment."""
    coder = _Coder.make(facts.attributions, registry)
    _, provider, fronted = coder.at(facts.readings.address, facts.readings.at)
    readings = BookedReadings(np.where(fronted, UNKNOWN, provider).astype(np.int32), provider)
    countries = tuple(registry.providers[p].country for p in coder.provider_ids)
    return Booking(coder.provider_ids, countries, readings, _book_notices(facts, registry, coder))


def _book_notices(facts: Facts, registry: Registry, coder: _Coder) -> BookedNotices:
    notices = facts.notices
    address, basis, several = _address_at_notice(facts, coder)
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
        party=_party_codes(notices, registry, coder.provider_ids, provider),
        basis=np.array([str(b) for b in basis], object),
        reason=_reasons(coder.attributions, address, entry, provider, several, fronted & ~use_origin),
        fronted=fronted,
        confidence=np.array(
            [confidence[str(b)] if p != UNKNOWN else "none" for b, p in zip(basis, provider, strict=True)], object
        ),
    )


def _address_at_notice(facts: Facts, coder: _Coder) -> tuple[Ints, Texts, Flags]:
    """The address by the rule, its basis, and whether the readings of that instant show several Providers."""
    read, several = _last_address(facts, coder)
    reported = _of_report(facts, facts.reports.address)
    literal = _of_target(facts)
    address = np.where(read >= 0, read, np.where(reported >= 0, reported, literal))
    basis = np.select(
        [read >= 0, reported >= 0, literal >= 0],
        [AttributionBasis.READING.value, AttributionBasis.REPORT.value, AttributionBasis.LITERAL.value],
        AttributionBasis.NONE.value,
    ).astype(object)
    return address, basis, several


def _last_address(facts: Facts, coder: _Coder) -> tuple[Ints, Flags]:
    """For each notice: the address last read (-1 none), and whether others of that instant are another Provider's.

    All are attributed as of the notice: readings older than the first table may be of several Providers too.
    """
    read = np.full(len(facts.notices), UNKNOWN, np.int64)
    several = np.zeros(len(facts.notices), bool)
    notice, address = _last_readings(facts)
    if len(notice):
        entry, provider, _ = coder.at(address, facts.notices.at[notice])
        precedence = np.r_[coder.precedence, UNKNOWN][entry]  # the last one for entry -1
        order = np.lexsort((precedence, notice))
        notice, address, provider = notice[order], address[order], provider[order]
        borders = np.flatnonzero(np.r_[True, notice[1:] != notice[:-1], True])
        first, last = borders[:-1], borders[1:] - 1
        read[notice[last]] = address[last]
        several[notice[first]] = np.minimum.reduceat(provider, first) != np.maximum.reduceat(provider, first)
    return read, several


def _last_readings(facts: Facts) -> tuple[Ints, Ints]:
    """Pairs (place of a notice, address): the conclusive readings with an address of the last instant up to it."""
    readings, notices = facts.readings, facts.notices
    usable = np.flatnonzero((readings.outcome != Outcome.INCONCLUSIVE) & (readings.address >= 0))
    # One number a (target, time) that sorts like the pair: times by their rank, so that it fits 64 bits.
    times = np.unique(readings.at[usable])
    key = readings.target_id[usable] * (len(times) + 1) + np.searchsorted(times, readings.at[usable])
    order = np.argsort(key, kind="stable")
    key, usable = key[order], usable[order]
    asked = notices.target_id * (len(times) + 1) + np.searchsorted(times, notices.at, side="right") - 1
    stop = np.searchsorted(key, asked, side="right")
    notice = np.flatnonzero(stop > 0)
    stop = stop[notice]
    mine = readings.target_id[usable[stop - 1]] == notices.target_id[notice]
    notice, stop = notice[mine], stop[mine]
    start = np.searchsorted(key, key[stop - 1], side="left")
    n = stop - start
    place = np.repeat(stop - np.cumsum(n), n) + np.arange(n.sum())
    return np.repeat(notice, n), readings.address[usable[place]]


def _of_report(facts: Facts, column: Ints) -> Ints:
    """A report's column, for each notice by the report it came with."""
    return column[positions(facts.reports.report_id, facts.notices.report_id)]


def _of_target(facts: Facts) -> Ints:
    return facts.targets.literal[positions(facts.targets.target_id, facts.notices.target_id)]


def _asn(attributions: AttributionColumns, entry: Ints, provider: Codes) -> Ints:
    if not len(attributions):
        return np.full(len(entry), UNKNOWN, np.int64)
    return np.where((entry >= 0) & (provider != UNKNOWN), attributions.asn[entry], UNKNOWN)


def _party_codes(notices: NoticeColumns, registry: Registry, provider_ids: tuple[str, ...], booked: Codes) -> Codes:
    """The addressee's code. A name that several Providers share is the booked one's, if that is one of them."""
    code = {provider_id: n for n, provider_id in enumerate(provider_ids)}
    found = {party: code.get(registry.find(party) or "", UNKNOWN) for party in set(notices.party) if party is not None}
    codes = np.array([found.get(party, UNKNOWN) for party in notices.party], np.int32)
    for i in np.flatnonzero((codes != booked) & (booked != UNKNOWN)).tolist():
        party = notices.party[i]
        if party is not None and registry.is_named(party, provider_ids[booked[i]]):
            codes[i] = booked[i]
    return codes


def _reasons(
    attributions: AttributionColumns, address: Ints, entry: Ints, provider: Codes, several: Flags, hidden: Flags
) -> Texts:
    """Unattributed where nobody is booked; `hidden` is behind a proxy whose own network is not known either."""
    reasons = np.full(len(provider), None, object)
    unknown = provider == UNKNOWN
    if len(attributions):
        reasons[unknown] = attributions.reason[entry][unknown]
    missing = unknown & (entry < 0)
    reasons[missing] = Unattributed.NO_TABLE.value
    reasons[missing & (address < 0)] = Unattributed.NO_ADDRESS.value
    reasons[unknown & hidden] = Unattributed.FRONTED.value
    reasons[several] = Unattributed.SEVERAL.value
    return reasons
