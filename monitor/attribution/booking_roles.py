"""Addresses at the notices and their holders -> who is booked in which role, and how that is known.

What would surprise: behind a reverse proxy whose origin is not known there is no hosting role at all; where addresses
of one instant are of several Providers in one role, they can be of one in another.
"""

from dataclasses import dataclass, replace

import numpy as np

from monitor.attribution.booking_addresses import ORIGIN, NoticeAddresses, addresses_at_notices, reported
from monitor.attribution.booking_doubts import HeldDoubts, doubts_of, of_basis
from monitor.attribution.booking_holders import REASONS, Held, Holders
from monitor.model.columns import UNKNOWN, Codes, Facts, Flags, Ints, Small
from monitor.model.method import Thresholds
from monitor.model.words import Role, Unattributed

HOSTING_ROLES = (Role.NETWORK, Role.AS, Role.CUSTOMER)
SEVERAL = REASONS.index(Unattributed.SEVERAL.value)
FRONTED = REASONS.index(Unattributed.FRONTED.value)


@dataclass(frozen=True, slots=True, eq=False)
class RoleBooked:
    """One entry per Notice: what it comes to in one role."""

    provider: Codes
    asn: Ints
    reason: Small  # place in REASONS, 0 where somebody is booked
    basis: Small  # place in BASES
    doubts: Ints  # bits, 0 where nobody is booked


@dataclass(frozen=True, slots=True, eq=False)
class Booked:
    """Every Notice in every role. `roles[Role.PROXY]` counts where `proxied`, the hosting roles elsewhere."""

    addresses: NoticeAddresses
    held: Held  # of each pair in `addresses`
    fronted: Flags  # every address of the notice is in a proxy's range
    proxied: Flags  # and no origin is known
    roles: dict[Role, RoleBooked]


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Holders of addresses with what speaks against each of them."""

    held: Held
    doubts: HeldDoubts

    def of_role(self, role: Role) -> tuple[Codes, Ints]:
        if role is Role.NETWORK:
            return self.held.network, self.doubts.network
        if role is Role.CUSTOMER:
            return self.held.customer, self.doubts.customer
        return self.held.as_, self.doubts.as_  # a proxy is known by its AS


def book_roles(facts: Facts, holders: Holders, thresholds: Thresholds) -> Booked:
    """Steps 1 to 3 of the rule: the addresses, their holders at the notice, the roles that this comes to."""
    addresses = addresses_at_notices(facts, thresholds)
    n = len(addresses.notice)
    at = np.concatenate((facts.notices.at[addresses.notice], facts.notices.at))
    both = holders.at(np.concatenate((addresses.address, reported(facts, facts.reports.origin))), at)
    here, origin = both.take(np.arange(n)), both.take(np.arange(n, len(both)))
    known = _Known(here, doubts_of(here, at[:n], facts, thresholds))
    known_origin = _Known(origin, doubts_of(origin, at[n:], facts, thresholds))
    fronted = _all(here.fronted, addresses.first)
    use_origin = fronted & (origin.network != UNKNOWN) & ~origin.fronted
    proxied = fronted & ~use_origin
    roles = {
        role: _by_origin(_by_address(known, role, addresses, fronted), known_origin, role, use_origin)
        for role in (*HOSTING_ROLES, Role.PROXY)
    }
    roles[Role.PROXY] = _hidden(roles[Role.PROXY])
    return Booked(addresses, here, fronted, proxied, roles)


def _by_address(known: _Known, role: Role, addresses: NoticeAddresses, fronted: Flags) -> RoleBooked:
    """What the addresses of each notice come to together."""
    first = addresses.first
    codes, doubts = known.of_role(role)
    low, high = _reduced(np.minimum, codes, first), _reduced(np.maximum, codes, first)
    provider = np.where(low == high, low, UNKNOWN).astype(np.int32)
    # A proxy beside a direct address has a say in who it is, not in which AS number or reason is shown.
    beside = known.held.fronted & ~fronted[addresses.notice]
    reason = _reduced(np.maximum, np.where(beside, 0, known.held.reason), first)
    reason = np.where(low == high, reason, SEVERAL)
    asn = _reduced(np.maximum, np.where(beside, UNKNOWN, known.held.asn), first)
    doubts = _reduced(np.bitwise_or, doubts, first) | of_basis(addresses.basis)
    return _plain(RoleBooked(provider, asn, reason.astype(np.int8), addresses.basis, doubts))


def _by_origin(booked: RoleBooked, origin: _Known, role: Role, use: Flags) -> RoleBooked:
    """Behind a proxy with a known origin: what the origin comes to."""
    provider, doubts = origin.of_role(role)
    basis = np.where(use, ORIGIN, booked.basis).astype(np.int8)
    return _plain(
        RoleBooked(
            np.where(use, provider, booked.provider).astype(np.int32),
            np.where(use, origin.held.asn, booked.asn),
            np.where(use, origin.held.reason, booked.reason).astype(np.int8),
            basis,
            np.where(use, doubts | of_basis(basis), booked.doubts),
        )
    )


def _hidden(proxy: RoleBooked) -> RoleBooked:
    """Where the proxy's own network is not known either, that it is a proxy is the reason."""
    nobody = (proxy.provider == UNKNOWN) & (proxy.reason != SEVERAL)
    return replace(proxy, reason=np.where(nobody, FRONTED, proxy.reason).astype(np.int8))


def _plain(booked: RoleBooked) -> RoleBooked:
    """No AS number and no doubt where nobody is booked, no reason where somebody is."""
    nobody = booked.provider == UNKNOWN
    return replace(
        booked,
        asn=np.where(nobody, UNKNOWN, booked.asn),
        reason=np.where(nobody, booked.reason, 0).astype(np.int8),
        doubts=np.where(nobody, 0, booked.doubts),
    )


def _all(flags: Flags, first: Ints) -> Flags:
    return np.logical_and.reduceat(flags, first) if len(first) else np.zeros(0, np.bool_)


def _reduced(how: np.ufunc, values: Ints | Codes | Small, first: Ints) -> Ints:
    """One value a notice."""
    result: Ints = how.reduceat(values, first).astype(np.int64) if len(first) else np.empty(0, np.int64)
    return result
