"""Facts and the registry -> who held each Target at each reading and at each notice, in every role.

The rule is `measurement.md` section 2: `booking_addresses` finds the address at the notice, `booking_holders` who
holds it, `booking_roles` what that comes to, `booking_overrides` what a person decided, `booking_doubts` how sure it
is. What would surprise: a Target behind a reverse proxy has no hosting role at all, unless the report names the origin.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from monitor.attribution.booking_addresses import BASES
from monitor.attribution.booking_doubts import words
from monitor.attribution.booking_holders import REASONS, Holders
from monitor.attribution.booking_overrides import override
from monitor.attribution.booking_readings import comparable
from monitor.attribution.booking_roles import Booked, book_roles
from monitor.model.columns import UNKNOWN, BookedNotices, Booking, Codes, Facts, Ints, NoticeColumns
from monitor.model.method import Thresholds
from monitor.model.provider import Registry, fold_name
from monitor.model.words import AttributionBasis, Role

ROLES = tuple(Role)
HOSTED = (Role.AS, Role.CUSTOMER, Role.NETWORK, Role.SITE)
PROXIED = (Role.PROXY, Role.SITE)
"""The roles of a Notice, in the order of their words."""


def book(facts: Facts, registry: Registry, thresholds: Thresholds) -> Booking:
    """Join every reading and every notice with the attribution of its moment.

    Readings and notices have their known times in them; readings are ordered by Target. No key of the store and no
    order of import shows in the result.
    """
    holders = Holders.make(facts, registry)
    booked = book_roles(facts, holders, thresholds)
    read = comparable(facts, holders.at(facts.readings.address, facts.readings.at), booked)
    booked, readings = override(facts, registry, holders.provider_ids, booked, read)
    countries = tuple(registry.providers[provider_id].country for provider_id in holders.provider_ids)
    parties = _Parties.make(facts.notices, registry, holders.provider_ids)
    return Booking(holders.provider_ids, countries, readings, _rows(booked, parties))


@dataclass(frozen=True, slots=True, eq=False)
class _Parties:
    """The addressees: each notice's Provider code by the registry, and pairs of an ambiguous name and its bearer."""

    place: Ints  # of each notice's addressee among the names as written, None too
    codes: Codes
    bearers: Ints  # place x n_providers + code
    n_providers: int

    @classmethod
    def make(cls, notices: NoticeColumns, registry: Registry, provider_ids: tuple[str, ...]) -> "_Parties":
        code = {provider_id: n for n, provider_id in enumerate(provider_ids)}
        names = {party: n for n, party in enumerate(dict.fromkeys(notices.party.tolist()))}
        found = [UNKNOWN if name is None else code.get(registry.find(name) or "", UNKNOWN) for name in names]
        bearers = [
            place * len(code) + code[provider_id]
            for name, place in names.items()
            for provider_id in _bearers(registry, name)
            if provider_id in code
        ]
        place = np.fromiter(map(names.__getitem__, notices.party.tolist()), np.int64, len(notices))
        codes = np.array([*found, UNKNOWN], np.int32)[place]
        return cls(place, codes, np.array(bearers, np.int64), len(code))

    def compared_with(self, booked: Codes) -> Codes:
        """The addressee's code. A name that several Providers share is the booked one's, if that is one of them."""
        shared = (booked != UNKNOWN) & np.isin(self.place * self.n_providers + booked, self.bearers)
        return np.where(shared, booked, self.codes).astype(np.int32)


def _bearers(registry: Registry, name: str | None) -> frozenset[str]:
    """All who bear or bore a name that is nobody's alone now. A notice to who bears it now told no former bearer."""
    if name is None or registry.find(name) is not None:
        return frozenset()
    return registry.claims.get(fold_name(name), frozenset())


def _rows(booked: Booked, parties: _Parties) -> BookedNotices:
    """One row for each notice and role, in this order; roles in the order of their words."""
    n_roles = np.where(booked.proxied, len(PROXIED), len(HOSTED))
    first = np.cumsum(n_roles) - n_roles
    rows = _Rows.empty(int(n_roles.sum()))
    rows.fronted[:] = np.repeat(booked.fronted, n_roles)
    rows.notice[:] = np.repeat(np.arange(len(n_roles)), n_roles)
    for roles, asked in ((HOSTED, np.flatnonzero(~booked.proxied)), (PROXIED, np.flatnonzero(booked.proxied))):
        for offset, role in enumerate(roles):
            rows.fill(first[asked] + offset, role, booked, asked, parties)
    return rows.named()


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """`BookedNotices` with numbers for words. As made, every row is that of a site, of which there is no doubt."""

    notice: Ints
    role: Ints
    provider: Codes
    asn: Ints
    party: Codes
    basis: Ints
    reason: Ints
    fronted: NDArray[np.bool_]
    doubts: Ints

    @classmethod
    def empty(cls, n: int) -> "_Rows":
        filled = partial(np.full, n)
        return cls(
            notice=filled(0, np.int64),
            role=filled(ROLES.index(Role.SITE), np.int64),
            provider=filled(0, np.int32),
            asn=filled(UNKNOWN, np.int64),
            party=filled(UNKNOWN, np.int32),  # the name of a party is no site's
            basis=filled(BASES.index(AttributionBasis.NONE), np.int64),
            reason=filled(0, np.int64),
            fronted=filled(False, np.bool_),
            doubts=filled(0, np.int64),
        )

    def fill(self, rows: Ints, role: Role, booked: Booked, asked: Ints, parties: _Parties) -> None:
        """The rows of one role of the notices `asked`."""
        if role is Role.SITE:
            return
        mine = booked.roles[role]
        self.role[rows] = ROLES.index(role)
        self.provider[rows] = mine.provider[asked]
        self.asn[rows] = mine.asn[asked]
        self.party[rows] = parties.compared_with(mine.provider)[asked]
        self.basis[rows] = mine.basis[asked]
        self.reason[rows] = mine.reason[asked]
        self.doubts[rows] = mine.doubts[asked]

    def named(self) -> BookedNotices:
        nobody = self.provider == UNKNOWN
        confidence = np.where(nobody, 0, np.where(self.doubts == 0, 1, 2))
        return BookedNotices(
            notice=self.notice,
            role=np.array([role.value for role in ROLES], np.object_)[self.role],
            provider=self.provider,
            asn=self.asn,
            party=self.party,
            basis=np.array([basis.value for basis in BASES], np.object_)[self.basis],
            reason=np.array(REASONS, np.object_)[self.reason],
            fronted=self.fronted,
            confidence=np.array(["none", "full", "reduced"], np.object_)[confidence],
            doubts=words(self.doubts),
        )
