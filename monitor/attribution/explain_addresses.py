"""The addresses of one Target and whom each leads to: labels, kinds, prefix, table, registration, in that order.

What would surprise: an address is never in the result; a prefix of more than 24 bits (IPv6: 48) names almost the same
and is shown only when revealed.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypedDict

import numpy as np

from monitor.attribution.attribute import Attributed
from monitor.attribution.timeline import entry_at
from monitor.model.columns import UNKNOWN, UNKNOWN_AT, AttributionColumns, Facts, Ints
from monitor.model.explanation import AddressStory
from monitor.model.provider import Registry
from monitor.model.registration import RegistrationAnswer
from monitor.model.release import ReferenceTableInfo
from monitor.model.report import Address
from monitor.model.words import Doubt

WIDEST_TELLING = {4: 25, 16: 49}
"""Prefixes from so many bits on (by the bytes of the address) name the address nearly."""


@dataclass(frozen=True, slots=True, eq=False)
class AddressEvidence:
    """The Target's addresses (key -> packed) and what the tables and registries say of them.

    `tables` are the routing tables, oldest first; `answers` go by their id.
    """

    packed: Mapping[int, Address]
    attributed: Attributed
    tables: tuple[ReferenceTableInfo, ...]
    answers: Mapping[int, RegistrationAnswer]
    as_names: Mapping[int, str]
    forgotten: Mapping[int, str] = field(default_factory=dict)  # words for those of which only a stand-in is left


class _Registered(TypedDict):
    """The fields of an AddressStory that come from a registry."""

    network_handle: str | None
    network_name: str | None
    network_type: str | None
    registry: str | None
    holder: str | None
    customer: str | None
    registered_at: str | None
    changed_at: str | None
    asked_at: str | None
    claimed_by: str | None
    doubts: tuple[str, ...]


def iso(micros: int) -> str:
    """An instant in microseconds UTC, in ISO 8601 to the second."""
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def with_days(made: Attributed, tables: Sequence[ReferenceTableInfo]) -> AttributionColumns:
    """The columns with the days of each entry's routing table; `tables` are those that it was made from."""

    def days(iso_days: Sequence[str]) -> Ints:
        starts = [round(datetime.fromisoformat(f"{day}T00:00:00Z").timestamp() * 1e6) for day in iso_days]
        return np.array([*starts, UNKNOWN_AT], np.int64)[made.table]

    as_of, made_on = days([table.as_of for table in tables]), days([table.made_on for table in tables])
    return replace(made.columns, table_as_of=as_of, table_made_on=made_on)


def addresses_of(facts: Facts) -> set[int]:
    """The keys of every address that the facts name."""
    found = (facts.reports.address, facts.reports.origin, facts.readings.address)
    return {*np.concatenate((*found, facts.targets.literal, facts.resolutions.address)).tolist()} - {UNKNOWN}


@dataclass(slots=True)
class FoundAddress:
    """Where one address was found, the instant at which to look at it, and whether the rule could read it then."""

    words: list[str]
    at: int
    at_notice: bool = False


def found_addresses(facts: Facts, report: int, at: int) -> dict[int, FoundAddress]:
    """Each address (key), in order of first use. `report`: the record's place; `at`: its first notice.

    An address seen only later is looked at when it was first seen.
    """
    found: dict[int, FoundAddress] = {}

    def add(address: int, words: str, seen_at: int, *, at_notice: bool = False) -> None:
        if address == UNKNOWN:
            return
        one = found.setdefault(address, FoundAddress([], max(seen_at, at)))
        one.at = min(one.at, max(seen_at, at))
        one.at_notice |= at_notice
        if words not in one.words:
            one.words.append(words)

    readings, reports = facts.readings, facts.reports
    before = readings.at <= at
    for address in readings.address[before].tolist():
        add(address, "a check before the notice", at, at_notice=True)
    for i in (report, *(place for place in range(len(reports)) if place != report)):
        whose = "the report" if i == report else f"report {reports.record_id[i]} of {reports.source[i]}"
        add(int(reports.address[i]), f"the address in {whose}", int(reports.reported_at[i]), at_notice=i == report)
        add(int(reports.origin[i]), f"the origin in {whose}", int(reports.reported_at[i]), at_notice=i == report)
    for address in facts.targets.literal.tolist():
        add(address, "the URL itself", at, at_notice=True)
    resolved = facts.resolutions
    for address, seen_at in zip(resolved.address.tolist(), resolved.at.tolist(), strict=True):
        add(address, "our own resolution", seen_at, at_notice=seen_at <= at)
    for address, seen_at in zip(readings.address[~before].tolist(), readings.at[~before].tolist(), strict=True):
        add(address, "a check after the notice", seen_at)
    return found


def address_stories(
    facts: Facts, registry: Registry, evidence: AddressEvidence, report: int, at: int, *, reveal: bool
) -> tuple[dict[int, str], tuple[AddressStory, ...]]:
    """Labels by address key, and one story an address."""
    found = found_addresses(facts, report, at)
    labels = {address: f"A{number}" for number, address in enumerate(found, start=1)}
    stories = tuple(
        address_story(address, labels[address], one, facts, registry, evidence, reveal=reveal)
        for address, one in found.items()
    )
    return labels, stories


def address_story(
    address: int,
    label: str,
    found: FoundAddress,
    facts: Facts,
    registry: Registry,
    evidence: AddressEvidence,
    *,
    reveal: bool,
) -> AddressStory:
    """One address and whom it leads to at `found.at`."""
    packed, at = evidence.packed[address], found.at
    asked, when = np.array([address], np.int64), np.array([at], np.int64)
    columns = evidence.attributed.columns
    entry = int(entry_at(columns, asked, when)[0])
    length = int(evidence.attributed.prefix_length[entry]) if entry >= 0 else UNKNOWN
    # An entry names the first table that said so; what is cited is the one in force at that moment.
    table = next((one for one in reversed(evidence.tables) if one.as_of <= iso(at)[:10]), None)
    origins = _origins(evidence, entry)
    return AddressStory(
        label=label,
        kind="IPv4" if len(packed) == 4 else "IPv6",
        known_from=tuple(found.words),
        at=iso(at),
        prefix=_prefix(packed, length, reveal=reveal),
        prefix_length=length if length >= 0 else None,
        origins=origins,
        as_name=_name_of_as(origins, evidence.as_names),
        unattributed=columns.reason[entry] if entry >= 0 else None,
        proxy=columns.front[entry] if entry >= 0 else None,
        table_as_of=table.as_of if table else None,
        table_made_on=table.made_on if table else None,
        table_sha256=table.sha256 if table else None,
        **_registered(asked, when, facts, registry, evidence, reveal=reveal),
        at_notice=found.at_notice,
        address=evidence.forgotten.get(address, str(ipaddress.ip_address(packed))) if reveal else None,
    )


def _origins(evidence: AddressEvidence, entry: int) -> tuple[int, ...]:
    columns = evidence.attributed.columns
    if entry < 0:
        return ()
    if columns.origins[entry] is not None:
        return tuple(int(asn) for asn in columns.origins[entry].split("_"))
    return (int(columns.asn[entry]),) if columns.asn[entry] != UNKNOWN else ()


def _name_of_as(origins: tuple[int, ...], names: Mapping[int, str]) -> str | None:
    return names.get(origins[0]) if len(origins) == 1 else None


def _prefix(packed: Address, length: int, *, reveal: bool) -> str | None:
    if length < 0 or (length >= WIDEST_TELLING[len(packed)] and not reveal):
        return None
    return str(ipaddress.ip_network((packed, length), strict=False))


def _registered(
    asked: Ints,
    when: Ints,
    facts: Facts,
    registry: Registry,
    evidence: AddressEvidence,
    *,
    reveal: bool,
) -> _Registered:
    """What the registries' answer in force says; a natural person is never named."""
    columns = facts.registrations
    entry = int(entry_at(columns, asked, when)[0]) if len(columns) else UNKNOWN
    answer = evidence.answers.get(int(columns.answer[entry])) if entry >= 0 else None
    network = answer.network if answer else None
    doubts = tuple(columns.doubt[entry].split(";")) if entry >= 0 and columns.doubt[entry] else ()
    telling = network is not None and _spans_little(network.first, network.last) and not reveal
    registrant = network.organisation if network else None
    is_person = Doubt.PERSON.value in doubts or (registrant is not None and registrant.natural_person)
    named = network is not None and not telling and not is_person  # a network is often called like its registrant
    return {
        "network_handle": network.handle if network and named else None,
        "network_name": network.name if network and named else None,
        "network_type": network.type if network else None,
        "registry": network.registry if network else None,
        "holder": _label(registry, columns.holder[entry]) if entry >= 0 else None,
        "customer": _label(registry, columns.customer[entry]) if entry >= 0 else None,
        "registered_at": _instant(network.registered_at) if network else None,
        "changed_at": _instant(network.changed_at) if network else None,
        "asked_at": _instant(answer.asked_at) if answer else None,
        "claimed_by": _label(registry, columns.claimed[entry]) if entry >= 0 else None,
        "doubts": doubts,
    }


def _spans_little(first: Address, last: Address) -> bool:
    """Whether a range is so small that its handle or name (often the range itself) would name the address nearly."""
    bits = 8 * len(first) - (int.from_bytes(first) ^ int.from_bytes(last)).bit_length()
    return bits >= WIDEST_TELLING[len(first)]


def _label(registry: Registry, organisation: str | None) -> str | None:
    """The Provider that answers for an organisation (its id at first sight), as it is shown."""
    if organisation is None:
        return None
    provider = registry.by_organisation.get(organisation, organisation)
    return registry.label(provider) if provider in registry.providers else provider


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")
