"""A person's decisions on single records -> the rows and the readings that they change.

In: what the addresses came to without them. Out: the same, overridden. What would surprise: a record's Target is at
one place whoever reports it. So what the record's addresses came to counts as the overridden Provider in all readings
of that Target, and in the notices of other records about it: else every one of them would look like a Move.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from monitor.attribution.booking_addresses import NONE, OVERRIDE
from monitor.attribution.booking_doubts import BIT
from monitor.attribution.booking_holders import Held
from monitor.attribution.booking_roles import HOSTING_ROLES, Booked, RoleBooked
from monitor.model.columns import UNKNOWN, BookedReadings, Codes, Facts, Flags, Ints, positions
from monitor.model.provider import Registry
from monitor.model.words import Doubt, Outcome, Role


@dataclass(frozen=True, slots=True, eq=False)
class _Decision:
    """One notice of an overridden record: from `at` on it goes before earlier ones about the same Target."""

    target: int
    at: int
    record: tuple[str, str]  # source and record id
    provider: int  # code
    addresses: Ints  # the Target's direct addresses at the notice
    codes: dict[Role, Ints]  # what they came to, by role

    def fits(self, role: Role, address: Ints, codes: Codes, fronted: Flags) -> Flags:
        """Whether an address of the Target is where the decision says that this Provider is."""
        # Of few with few: several times as fast as np.isin.
        here = (address[:, None] == self.addresses).any(axis=1) | (codes[:, None] == self.codes[role]).any(axis=1)
        fits: Flags = here & ~fronted
        return fits


def override(
    facts: Facts, registry: Registry, provider_ids: tuple[str, ...], booked: Booked, read: Held
) -> tuple[Booked, BookedReadings]:
    """Rows and readings with every override applied; one to a Provider that is not in the registry changes nothing."""
    readings = {
        Role.NETWORK: _direct(read.network, read),
        Role.AS: _direct(read.as_, read),
        Role.CUSTOMER: _direct(read.customer, read),
    }
    report = positions(facts.reports.report_id, facts.notices.report_id)
    decided = _decided(facts, registry, provider_ids)[report]
    decisions = [
        _decision(facts, booked, readings, n, int(report[n]), int(decided[n]))
        for n in np.flatnonzero(decided != UNKNOWN).tolist()
    ]
    decisions.sort(key=lambda decision: (decision.target, decision.at, decision.record))
    if decisions:
        booked = _override_rows(facts, booked, decisions, decided)
        readings = _override_readings(facts, read, readings, decisions)
    network = readings[Role.NETWORK]
    proxy = np.where(read.fronted, read.as_, network).astype(np.int32)
    return booked, BookedReadings(network, readings[Role.AS], readings[Role.CUSTOMER], proxy)


def _direct(codes: Codes, read: Held) -> Codes:
    """A proxy's address says nothing about who hosts."""
    return np.where(read.fronted, UNKNOWN, codes).astype(np.int32)


def _decided(facts: Facts, registry: Registry, provider_ids: tuple[str, ...]) -> Codes:
    """The overridden Provider of each report, -1 none."""
    code = {provider_id: n for n, provider_id in enumerate(provider_ids)}
    wanted = {key: code[provider] for key, provider in registry.overrides.items() if provider in code}
    records = {record_id for _, record_id in wanted}
    of_report = np.full(len(facts.reports), UNKNOWN, np.int32)
    for n, record_id in enumerate(facts.reports.record_id.tolist() if records else ()):
        if record_id in records:
            of_report[n] = wanted.get((facts.reports.source[n], record_id), UNKNOWN)
    return of_report


def _decision(
    facts: Facts, booked: Booked, readings: dict[Role, Codes], notice: int, report: int, provider: int
) -> _Decision:
    record = str(facts.reports.source[report]), str(facts.reports.record_id[report])
    target, at = int(facts.notices.target_id[notice]), int(facts.notices.at[notice])
    addresses, held = _pairs(booked, notice)
    direct = ~held.fronted & held.known
    codes = {Role.NETWORK: held.network, Role.AS: held.as_, Role.CUSTOMER: held.customer}
    came_to = {role: codes[role][direct & (codes[role] != UNKNOWN)].astype(np.int64) for role in HOSTING_ROLES}
    if booked.addresses.basis[notice] == NONE:
        # Nothing was known then: where the Target is first seen afterwards is what the person decided about.
        came_to = {role: _first_seen(facts, readings[role], target) for role in HOSTING_ROLES}
    return _Decision(target, at, record, provider, addresses[direct], came_to)


def _pairs(booked: Booked, notice: int) -> tuple[Ints, Held]:
    first = booked.addresses.first
    stop = first[notice + 1] if notice + 1 < len(first) else len(booked.addresses.notice)
    part = np.arange(first[notice], stop)
    return booked.addresses.address[part], booked.held.take(part)


def _of_target(facts: Facts, target: int) -> slice:
    low, high = np.searchsorted(facts.readings.target_id, (target, target + 1))
    return slice(int(low), int(high))


def _first_seen(facts: Facts, codes: Codes, target: int) -> Ints:
    """The Providers of the first instant at which a conclusive reading knows one. Those up to the notice know none."""
    part = _of_target(facts, target)
    at, mine = facts.readings.at[part], codes[part]
    known = (facts.readings.outcome[part] != Outcome.INCONCLUSIVE) & (mine != UNKNOWN)
    return mine[known & (at == at[known].min())].astype(np.int64) if known.any() else np.empty(0, np.int64)


def _in_turn(decisions: list[_Decision]) -> Iterator[tuple[_Decision, bool]]:
    """One Target's decisions in the order in which they overwrite one another, and whether only from their time on.

    So each instant has the last fitting decision up to it, and without one the first fitting decision after it.
    """
    yield from ((decision, False) for decision in reversed(decisions))
    if len(decisions) > 1:
        yield from ((decision, True) for decision in decisions)


def _override_readings(
    facts: Facts, read: Held, readings: dict[Role, Codes], decisions: list[_Decision]
) -> dict[Role, Codes]:
    result = {role: codes.copy() for role, codes in readings.items()}
    for group in _by_target(decisions):
        part = _of_target(facts, group[0].target)
        address, at, fronted = facts.readings.address[part], facts.readings.at[part], read.fronted[part]
        for decision, dated in _in_turn(group):
            for role in HOSTING_ROLES:
                fits = decision.fits(role, address, readings[role][part], fronted)
                result[role][part][fits & ((at >= decision.at) | (not dated))] = decision.provider
    return result


def _override_rows(facts: Facts, booked: Booked, decisions: list[_Decision], decided: Codes) -> Booked:
    """The records' own rows, then those of other records about the same Targets that came to the same."""
    proxied = booked.proxied & (decided == UNKNOWN)
    providers = {role: decided.copy() for role in HOSTING_ROLES}
    by_target = {group[0].target: group for group in _by_target(decisions)}
    beside = np.isin(facts.notices.target_id, list(by_target)) & (decided == UNKNOWN) & ~booked.fronted
    for notice in np.flatnonzero(beside).tolist():
        address, held = _pairs(booked, notice)
        codes = {Role.NETWORK: held.network, Role.AS: held.as_, Role.CUSTOMER: held.customer}
        for decision, dated in _in_turn(by_target[int(facts.notices.target_id[notice])]):
            for role in HOSTING_ROLES:
                fits = decision.fits(role, address, codes[role], held.fronted).all()
                if fits and (not dated or facts.notices.at[notice] >= decision.at):
                    providers[role][notice] = decision.provider
    roles = {role: _overridden(booked.roles[role], providers[role]) for role in HOSTING_ROLES}
    return replace(booked, proxied=proxied, roles=booked.roles | roles)


def _overridden(booked: RoleBooked, provider: Codes) -> RoleBooked:
    """Neither an AS number, which would be shown as the Provider's, nor any other doubt belongs to a decision."""
    decided = provider != UNKNOWN
    return RoleBooked(
        np.where(decided, provider, booked.provider).astype(np.int32),
        np.where(decided, UNKNOWN, booked.asn),
        np.where(decided, 0, booked.reason).astype(np.int8),
        np.where(decided, OVERRIDE, booked.basis).astype(np.int8),
        np.where(decided, BIT[Doubt.OVERRIDDEN], booked.doubts),
    )


def _by_target(decisions: list[_Decision]) -> Iterator[list[_Decision]]:
    group: list[_Decision] = []
    for decision in decisions:
        if group and group[0].target != decision.target:
            yield group
            group = []
        group.append(decision)
    if group:
        yield group
