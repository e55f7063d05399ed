"""(address, instant) pairs -> who holds each address then, by role: registered network, origin AS, customer, proxy.

What would surprise: in a reverse proxy's range every role gives the proxy's own Provider, by the name in the table of
proxies, else by its AS; who asks decides what that is worth (`fronted`). An address that is registered and announced
by nobody has a network all the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor.attribution.booking_claims import Assigned
from monitor.attribution.timeline import entry_at
from monitor.model.columns import UNKNOWN, Codes, Columns, Facts, Flags, Ints, Small, Texts
from monitor.model.provider import Registry
from monitor.model.words import Unattributed

REASONS = (None, *(reason.value for reason in Unattributed))
"""What the numbers in `Held.reason` stand for; of several addresses' reasons the one later in this list is given."""

CLAIM, REGISTERED, NETWORK, ORIGIN_AS = range(4)
"""What a role was booked by: a person's claim, the registry's answer, the network's holder, the origin AS."""

_NO_ADDRESS = REASONS.index(Unattributed.NO_ADDRESS.value)
_NO_TABLE = REASONS.index(Unattributed.NO_TABLE.value)


@dataclass(frozen=True, slots=True, eq=False)
class Held(Columns):
    """One entry per (address, instant). Codes are -1 where nobody is known."""

    known: Flags  # there is an address
    fronted: Flags  # in a reverse proxy's range
    proxy_named: Flags  # and the registry knows the proxy by the name in the table
    network: Codes
    as_: Codes
    customer: Codes
    network_by: Small  # CLAIM, REGISTERED or ORIGIN_AS
    customer_by: Small  # CLAIM, REGISTERED or NETWORK
    asn: Ints  # of the origin AS, -1 also where a prefix has several
    reason: Small  # place in REASONS; 0 where the origin AS is known
    route: Ints  # place in the attributions, -1 none
    registration: Ints  # place in the registrations, -1 none


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """The attributions and registrations with every text in them as a number."""

    facts: Facts
    provider_ids: tuple[str, ...]
    numbers: Assigned[int]
    organisations: Assigned[str]
    asn: Ints  # place in `numbers`; the last one of each of these is -1, for no entry
    front: Flags
    proxy: Codes  # the Provider that bears the proxy's name
    reason: Small
    origins: Ints  # place in `origin_sets`
    origin_sets: tuple[Ints, ...]  # places in `numbers`
    holder: Ints  # place in `organisations`
    customer: Ints
    claimed: Codes

    @classmethod
    def make(cls, facts: Facts, registry: Registry) -> "Holders":
        routes, registered = facts.attributions, facts.registrations
        provider_ids = tuple(sorted(registry.providers))
        code = {provider_id: n for n, provider_id in enumerate(provider_ids)}
        sets = {text: n for n, text in enumerate(_different(routes.origins))}
        asns, place = np.unique(routes.asn, return_inverse=True)
        named = [_asns(text) for text in sets]
        numbers = Assigned.make(
            [*asns.tolist(), *(asn for origins in named for asn in origins)],
            registry.by_asn,
            [(claim.asn, claim) for claim in registry.dated if claim.asn is not None],
            code,
        )
        organisations = Assigned.make(
            [*_different(registered.holder), *_different(registered.customer)],
            registry.by_organisation,
            [(claim.organisation, claim) for claim in registry.dated if claim.organisation is not None],
            code,
        )
        reasons = {word: n for n, word in enumerate(REASONS)}
        return cls(
            facts,
            provider_ids,
            numbers,
            organisations,
            asn=np.append(place.astype(np.int64), UNKNOWN),
            front=np.append(_coded(routes.front, {None: 0}, 1) == 1, False),
            proxy=_borne(routes.front, registry, code),
            reason=np.append(_coded(routes.reason, reasons, 0), _NO_TABLE).astype(np.int8),
            origins=_coded(routes.origins, sets, UNKNOWN),
            origin_sets=tuple(np.array([numbers.place[asn] for asn in origins], np.int64) for origins in named),
            holder=np.append(_coded(registered.holder, organisations.place, UNKNOWN), UNKNOWN),
            customer=np.append(_coded(registered.customer, organisations.place, UNKNOWN), UNKNOWN),
            claimed=np.append(_coded(registered.claimed, code, UNKNOWN), UNKNOWN).astype(np.int32),
        )

    def at(self, address: Ints, at: Ints) -> Held:
        """Who holds each address (its id, -1 none) at its instant (microseconds UTC)."""
        routes = self.facts.attributions
        route = entry_at(routes, address, at)
        registration = entry_at(self.facts.registrations, address, at)
        fronted = self.front[route]
        as_ = self._origin_as(route, at)
        proxy_named = fronted & (self.proxy[route] != UNKNOWN)
        as_ = np.where(proxy_named, self.proxy[route], as_).astype(np.int32)
        # 1. The network: a person's word, then the registry's, then the origin AS stands in.
        claimed = np.where(fronted, UNKNOWN, self.claimed[registration]).astype(np.int32)
        holder = np.where(fronted, UNKNOWN, self.organisations.at(self.holder[registration], at))
        network, network_by = _first_known((claimed, CLAIM), (holder, REGISTERED), (as_, ORIGIN_AS))
        # 2. The customer: the sub-allocation's, then a person's word on the network, then its holder stands in.
        named = np.where(fronted, UNKNOWN, self.organisations.at(self.customer[registration], at))
        customer, customer_by = _first_known((named, REGISTERED), (claimed, CLAIM), (network, NETWORK))
        asn = np.append(routes.asn, UNKNOWN)[route]
        reason = np.where(address < 0, _NO_ADDRESS, self.reason[route])
        return Held(
            known=address >= 0,
            fronted=fronted,
            proxy_named=proxy_named,
            network=network,
            as_=as_,
            customer=customer,
            network_by=network_by,
            customer_by=customer_by,
            asn=asn,
            reason=np.where(as_ != UNKNOWN, 0, reason).astype(np.int8),
            route=route,
            registration=registration,
        )

    def _origin_as(self, route: Ints, at: Ints) -> Codes:
        """The origin AS's Provider; that of several origins where all of them are one Provider's at that instant."""
        codes = self.numbers.at(self.asn[route], at)
        if not self.origin_sets:
            return codes
        sets = np.append(self.origins, UNKNOWN)[route]
        rows = np.flatnonzero((sets != UNKNOWN) & (codes == UNKNOWN))
        n_origins = np.array([len(origins) for origins in self.origin_sets], np.int64)
        rows = rows[n_origins[sets[rows]] > 0]
        if len(rows):
            count = n_origins[sets[rows]]
            begin = (np.cumsum(n_origins) - n_origins)[sets[rows]]
            first = np.cumsum(count) - count
            place = np.repeat(begin - first, count) + np.arange(count.sum())
            each = self.numbers.at(np.concatenate(self.origin_sets)[place], np.repeat(at[rows], count))
            one = np.minimum.reduceat(each, first)
            codes[rows] = np.where(one == np.maximum.reduceat(each, first), one, UNKNOWN)
        return codes


def _first_known(*choices: tuple[Codes, int]) -> tuple[Codes, Small]:
    """For each row the code of the first choice that knows one, and that choice; the last one where none does."""
    last, by = choices[-1]
    codes, chosen = last.astype(np.int32), np.full(len(last), by, np.int8)
    for better, name in reversed(choices[:-1]):
        codes = np.where(better != UNKNOWN, better, codes).astype(np.int32)
        chosen = np.where(better != UNKNOWN, name, chosen).astype(np.int8)
    return codes, chosen


def _different(column: Texts) -> Iterable[str]:
    return [text for text in dict.fromkeys(column.tolist()) if text is not None]


def _coded(column: Texts, code: Mapping[Any, int], otherwise: int) -> Ints:
    """Each text's number."""
    table = {text: code.get(text, otherwise) for text in dict.fromkeys(column.tolist())}
    return np.fromiter(map(table.__getitem__, column.tolist()), np.int64, len(column))


def _borne(fronts: Texts, registry: Registry, code: Mapping[str, int]) -> Codes:
    """The Provider that alone bears each entry's proxy's name; the last one is -1, for no entry."""
    bearer = {name: code.get(registry.find(name) or "", UNKNOWN) for name in _different(fronts)}
    return np.append(_coded(fronts, bearer, UNKNOWN), UNKNOWN).astype(np.int32)


def _asns(origins: str) -> tuple[int, ...]:
    """The numbers in `64500_64501`; none where it is written otherwise, so that nobody is held to account."""
    parts = origins.split("_")
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdigit() for part in parts) else ()
