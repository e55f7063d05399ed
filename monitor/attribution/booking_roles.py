"""Addresses at the notices and their holders -> who is booked in which role, and how that is known.

What would surprise: behind a reverse proxy whose origin is not known there is no hosting role at all; where a report
states both an address and an origin, its address is a proxy's although no table lists it.
"""

from dataclasses import dataclass, replace

import numpy as np

from monitor.attribution.booking_addresses import ORIGIN, READING, NoticeAddresses, addresses_at_notices, reported
from monitor.attribution.booking_alike import Grouped, alike, less_known
from monitor.attribution.booking_doubts import BIT, HeldDoubts, doubts_of, of_basis
from monitor.attribution.booking_holders import REASONS, Held, Holders
from monitor.model.columns import UNKNOWN, Codes, Facts, Flags, Ints, Small
from monitor.model.method import Thresholds
from monitor.model.words import Doubt, Role, Unattributed

HOSTING_ROLES = (Role.NETWORK, Role.AS, Role.CUSTOMER)
SEVERAL = REASONS.index(Unattributed.SEVERAL.value)
FRONTED = REASONS.index(Unattributed.FRONTED.value)
_HIGHEST, _LOWEST = np.iinfo(np.int32).max, UNKNOWN - 1
"""Beyond every code: who is skipped has no say in the lowest and the highest one."""


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
    fronted: Flags  # every address of the notice is a proxy's: in a listed range, or before an origin that is known
    proxied: Flags  # and no origin is known
    roles: dict[Role, RoleBooked]
    origin: Held  # of each notice's stated origin
    by_origin: Flags  # booked by it
    origin_known: Flags  # its report states that `ip` is a proxy, with an origin that is known


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

    def part(self, start: int, stop: int) -> "_Known":
        place = np.arange(start, stop)
        return _Known(self.held.take(place), self.doubts.take(place))


@dataclass(frozen=True, slots=True, eq=False)
class _Stated:
    """What reports state, one entry per Notice: the holders of its report's `ip` and `origin_ip`."""

    ip: _Known
    origin: _Known
    behind: Flags  # both are stated and differ: the hotline says that `ip` is a proxy
    usable: Flags  # the origin's network is known and is no proxy's

    def leads_to(self, role: Role) -> tuple[Held, Codes]:
        """The holders where the report says that the Target is, and their codes in a role."""
        known = self.behind & self.usable
        held = _chosen(known, self.origin.held, self.ip.held)
        return held, np.where(known, self.origin.of_role(role)[0], self.ip.of_role(role)[0]).astype(np.int32)


def book_roles(facts: Facts, holders: Holders, thresholds: Thresholds) -> Booked:
    """Steps 1 to 3 of the rule: the addresses, their holders at the notice, the roles that this comes to."""
    addresses = addresses_at_notices(facts, thresholds)
    known, stated = _look_up(facts, addresses, holders, thresholds)
    here, first, notice = known.held, addresses.first, addresses.notice
    own_proxy = stated.behind[notice] & (addresses.address == reported(facts, facts.reports.address)[notice])
    listed = _all(here.fronted, first)
    use_origin = _all(here.fronted | own_proxy, first) & stated.usable
    known = replace(known, doubts=known.doubts.joined(_stated_proxy(facts, addresses, here)))
    roles = {}
    for role in (*HOSTING_ROLES, Role.PROXY):
        by_address = _old_reading(_by_address(known, role, addresses, listed), role, facts, addresses, here, stated)
        roles[role] = _by_origin(by_address, stated.origin, role, use_origin)
    roles[Role.PROXY] = _hidden(roles[Role.PROXY])
    return Booked(
        addresses,
        replace(here, fronted=here.fronted | (own_proxy & use_origin[notice])),
        fronted=listed | use_origin,
        proxied=listed & ~use_origin,
        roles=roles,
        origin=stated.origin.held,
        by_origin=use_origin,
        origin_known=stated.behind & stated.usable,
    )


def _look_up(
    facts: Facts, addresses: NoticeAddresses, holders: Holders, thresholds: Thresholds
) -> tuple[_Known, _Stated]:
    """The holders of the addresses at their notices, and of those that the notices' reports state."""
    ip, origin = reported(facts, facts.reports.address), reported(facts, facts.reports.origin)
    address = np.concatenate((addresses.address, ip, origin))
    at = np.concatenate((facts.notices.at[addresses.notice], facts.notices.at, facts.notices.at))
    held = holders.at(address, at)
    known = _Known(held, doubts_of(held, address, at, facts, thresholds))
    n, m = len(addresses.notice), len(ip)
    here, of_ip, of_origin = (known.part(start, stop) for start, stop in ((0, n), (n, n + m), (n + m, n + 2 * m)))
    behind = (ip >= 0) & (origin >= 0) & (ip != origin)
    usable = (of_origin.held.network != UNKNOWN) & ~of_origin.held.fronted
    return here, _Stated(of_ip, of_origin, behind, usable)


def _stated_proxy(facts: Facts, addresses: NoticeAddresses, held: Held) -> Ints:
    """The bit at each address behind which a report of the same Target, whichever, states another one."""
    reports = facts.reports
    stating = np.flatnonzero((reports.address >= 0) & (reports.origin >= 0) & (reports.address != reports.origin))
    n = int(max(addresses.address.max(initial=0), reports.address.max(initial=0))) + 2
    keys = reports.target_id[stating] * n + reports.address[stating] + 1
    stated = np.isin(facts.notices.target_id[addresses.notice] * n + addresses.address + 1, keys)
    return np.where(stated & ~held.fronted, BIT[Doubt.STATED_PROXY], 0).astype(np.int64)


def _by_address(known: _Known, role: Role, addresses: NoticeAddresses, fronted: Flags) -> RoleBooked:
    """What the addresses of each notice come to together."""
    first = addresses.first
    codes, doubts = known.of_role(role)
    # Who stands in beside somebody known whom it may stand in for is no second party.
    direct = Grouped(addresses.notice, known.held).take(~known.held.fronted)
    skipped = np.zeros(len(codes), np.bool_)
    skipped[~known.held.fronted] = less_known(role, direct, direct)
    low = _reduced(np.minimum, np.where(skipped, _HIGHEST, codes), first)
    high = _reduced(np.maximum, np.where(skipped, _LOWEST, codes), first)
    provider = np.where(low == high, low, UNKNOWN).astype(np.int32)
    # A proxy beside a direct address has a say in who it is, not in which AS number or reason is shown.
    beside = known.held.fronted & ~fronted[addresses.notice]
    reason = _reduced(np.maximum, np.where(beside, 0, known.held.reason), first)
    reason = np.where(low == high, reason, SEVERAL)
    asn = _reduced(np.maximum, np.where(beside, UNKNOWN, known.held.asn), first)
    # The doubt that an AS stands in is then about the other address: its number would be shown as the known party's.
    asn[addresses.notice[skipped]] = UNKNOWN
    doubts = _reduced(np.bitwise_or, doubts, first) | of_basis(addresses.basis)
    return _plain(RoleBooked(provider, asn, reason.astype(np.int8), addresses.basis, doubts))


def _old_reading(
    booked: RoleBooked, role: Role, facts: Facts, addresses: NoticeAddresses, here: Held, stated: _Stated
) -> RoleBooked:
    """With the doubt where the address was read before the report, and the report leads to somebody else."""
    old = (addresses.basis == READING) & (addresses.read_at < reported(facts, facts.reports.reported_at))
    held, codes = stated.leads_to(role)
    elsewhere = (codes != UNKNOWN) & (booked.provider != UNKNOWN) & (codes != booked.provider)
    told_apart = ~alike(role, Grouped(np.arange(len(held)), held), Grouped(addresses.notice, here))
    bits = np.where(old & elsewhere & told_apart, BIT[Doubt.OLD_READING], 0)
    return replace(booked, doubts=booked.doubts | bits)


def _chosen(mask: Flags, left: Held, right: Held) -> Held:
    """For each entry that of `left` where `mask` says so, else that of `right`."""
    other = right.arrays()
    columns = {name: np.where(mask, column, other[name]) for name, column in left.arrays().items()}
    return Held(**{name: column.astype(other[name].dtype) for name, column in columns.items()})


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
