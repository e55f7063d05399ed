"""What the store knows of the Targets of some frozen rows: facts, booking and the rows as they would be derived now.

In: the ground (store, freeze, registry, tables: once) and Targets' keys (a batch). Out: Evidence. What would surprise:
addresses are attributed by the tables that the freeze was cut with; a table that was imported since is left out, so
that what is cited is what the figures rest on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from monitor import attribution, freezing, store, survival
from monitor.attribution.booking_holders import Holders
from monitor.config import Settings
from monitor.model.columns import UNKNOWN, Booking, Codes, Facts, Flags, Ints
from monitor.model.episode import EpisodeTable, Span
from monitor.model.provider import Registry
from monitor.model.registration import RegistrationAnswer
from monitor.model.release import ReferenceTableInfo
from monitor.model.report import Address
from monitor.model.words import Role, TableKind
from monitor.store import Store, frozen


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What stays the same for every batch. `ours`: every id that the Provider has, now or in the freeze."""

    db: Store
    settings: Settings
    data: frozen.OpenFreeze
    ours: frozenset[str]
    registry: Registry
    answers: tuple[RegistrationAnswer, ...]
    tables: attribution.DatedTables
    routing: tuple[ReferenceTableInfo, ...]  # aligned with those of `tables`

    @classmethod
    def of(cls, db: Store, settings: Settings, data: frozen.OpenFreeze, provider_id: str) -> "Ground":
        """Raises StoreError, KeyProblem."""
        known = store.load_registry(db, min(data.period.end, data.cutoff).date())
        routing, fronting = (_tables_used(db, data, kind) for kind in (TableKind.PREFIXES, TableKind.FRONTING))
        return cls(
            db=db,
            settings=settings,
            data=data,
            ours=frozenset({provider_id, known.find(provider_id) or provider_id}),
            registry=known,
            answers=tuple(store.load_answers(db, attribution.parse_network)),
            tables=attribution.DatedTables(
                tuple((each.as_of, attribution.PrefixTable.from_bytes(each.content)) for each in routing),
                tuple((each.as_of, attribution.FrontingTable.from_bytes(each.content)) for each in fronting),
            ),
            routing=tuple(
                ReferenceTableInfo(
                    TableKind.PREFIXES.value,
                    each.as_of.isoformat(),
                    each.made_on.isoformat(),
                    each.rows,
                    each.sha256,
                )
                for each in routing
            ),
        )


def _tables_used(db: Store, data: frozen.OpenFreeze, kind: TableKind) -> list[store.StoredTable]:
    """Those of the freeze, and those that were too old to be named in it."""
    named = {(table.as_of, table.sha256) for table in data.tables if table.kind == kind.value}
    first = min((as_of for as_of, _ in named), default=date.max.isoformat())
    return [
        table
        for table in store.load_contents(db, kind)
        if (table.as_of.isoformat(), table.sha256) in named or table.as_of.isoformat() < first
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The facts of some Targets, and what they come to now."""

    facts: Facts
    usable: Flags  # of the readings: those that the derivation reads
    booking: Booking
    derived: EpisodeTable
    opened: Mapping[int, Address]
    addresses: attribution.AddressEvidence
    holders: Holders
    codes: frozenset[int]  # by which the booking knows the Provider

    def held_in(self, role: str) -> Codes:
        """Who held each reading's address at its time, as this role sees it."""
        booked = self.booking.readings
        return booked.proxy if role == Role.PROXY else booked.network

    def is_ours(self, address: Ints, at: Ints) -> Flags:
        """Whether each address is the Provider's at its instant (microseconds UTC)."""
        held = self.holders.at(address, at).network
        ours: Flags = np.isin(held, sorted(self.codes)) & (held != UNKNOWN)
        return ours


def evidence(ground: Ground, targets: Collection[int]) -> Evidence:
    """Everything about these Targets (keys), in a few statements. Raises StoreError, KeyProblem."""
    data, known = ground.data, ground.registry
    found = store.load_facts(ground.db, cutoff=data.cutoff, trusted=ground.settings.is_trusted, targets=targets)
    opened = store.open_addresses(ground.db, attribution.addresses_of(found))
    ids = np.array(sorted(opened), np.int64)
    packed = [opened[key] for key in ids.tolist()]
    made = attribution.attribute(ids, packed, ground.tables)
    facts = replace(
        found,
        attributions=attribution.with_days(made, ground.routing),
        registrations=freezing.registered_at(ground.answers, known, data.cutoff, lambda: (ids, packed)),
    )
    thresholds, span = data.method.thresholds, Span(data.period.start, data.period.end, data.cutoff)
    booking = attribution.book(facts, known, thresholds)
    answers = {answer.answer_id: answer for answer in ground.answers}
    return Evidence(
        facts=facts,
        usable=survival.usable_readings(facts, round(data.cutoff.timestamp() * 1e6)),
        booking=booking,
        derived=survival.episodes(facts, booking, span, thresholds),
        opened=opened,
        addresses=attribution.AddressEvidence(opened, made, ground.routing, answers, {}),
        holders=Holders.make(facts, known),
        codes=frozenset(n for n, provider_id in enumerate(booking.provider_ids) if provider_id in ground.ours),
    )
