"""Addresses and dated tables in; from which instant on each address has which origin AS and which proxy, out.

A table holds from 00:00 UTC of its date on, until the next one of its kind. The surprise: each address has an entry of
before all tables (`UNKNOWN_AT`, reason `no-table`), so that every event finds an entry and none is attributed by a
table that is younger than itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from monitor.attribution.fronting import FrontingTable, find_fronts, newest_of_each_proxy
from monitor.attribution.lookup import DIRECT_PAYS_FROM, PrefixIndex
from monitor.attribution.packed import PackedAddresses
from monitor.attribution.prefixes import PrefixTable
from monitor.model.columns import UNKNOWN, UNKNOWN_AT, AttributionColumns, Flags, Ints, Small, Texts
from monitor.model.report import Address
from monitor.model.words import Unattributed

_REASONS = (None, Unattributed.NO_TABLE.value, Unattributed.NO_PREFIX.value, Unattributed.SEVERAL_ORIGINS.value)
_HAS_ORIGIN, _NO_TABLE, _NO_PREFIX, _SEVERAL_ORIGINS = range(len(_REASONS))
_EPOCH = date(1970, 1, 1)
_MICROS_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, eq=False)
class DatedTables:
    """Routing tables and tables of proxy ranges with the day that each shows, in any order.

    Of two routing tables of one day the later in order holds; for proxies see `newest_of_each_proxy`.
    """

    routing: tuple[tuple[date, PrefixTable], ...]
    fronting: tuple[tuple[date, FrontingTable], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Attributed:
    """Attributions and, aligned with them, the matched prefix's length and the routing table that said so first.

    `prefix_length` is -1 where no prefix covers the address; `table` is an index into `DatedTables.routing`, -1 before
    the first of them. An entry's `as_of` is the date from which it holds, be it that of a routing table or of a table
    of proxy ranges.
    """

    columns: AttributionColumns
    prefix_length: NDArray[np.int16]
    table: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """What holds for each address at some instant. `front` is a place in the list of all proxy names."""

    asn: Ints
    length: NDArray[np.int16]
    reason: Small
    front: Ints
    origins: Texts

    def differs(self, other: "_State") -> Flags:
        same: Flags = (self.asn == other.asn) & (self.length == other.length)
        same &= (self.reason == other.reason) & (self.front == other.front)
        same &= self.origins == other.origins
        return ~same


def attribute(address_ids: Ints, addresses: Sequence[Address], tables: DatedTables) -> Attributed:
    """One entry per (address, date from which it holds), ordered so; an entry equal to the one before it is left out.

    `address_ids` are different and aligned with `addresses` (packed, 4 or 16 bytes). Raises ValueError where an address
    has another size.
    """
    names = tuple(sorted({name for _, table in tables.fronting for name in table.names}))
    parts: list[tuple[Ints, int, int, _State]] = []
    state: _State | None = None
    for as_of, table, then in _states(PackedAddresses.of(addresses), tables, names):
        changed = np.arange(len(addresses)) if state is None else np.flatnonzero(then.differs(state))
        parts.append((changed, as_of, table, then))
        state = then
    return _joined(address_ids, parts, np.array([*names, None], np.object_))


def start_of(day: date) -> int:
    """00:00 UTC of a day, in microseconds since 1970."""
    return (day - _EPOCH).days * _MICROS_PER_DAY


def _states(
    addresses: PackedAddresses, tables: DatedTables, names: tuple[str, ...]
) -> Iterator[tuple[int, int, _State]]:
    """From each instant at which a table begins to hold: the instant, the routing table in force, the state."""
    nothing = np.full(addresses.n, UNKNOWN, np.int64)
    no_table = np.full(addresses.n, _NO_TABLE, np.int8)
    state = _State(nothing, nothing.astype(np.int16), no_table, nothing, np.full(addresses.n, None, np.object_))
    in_force = UNKNOWN
    yield UNKNOWN_AT, in_force, state
    routing = {day: place for place, (day, _) in enumerate(tables.routing)}
    fronting = {day for day, _ in tables.fronting}
    for day in sorted(routing.keys() | fronting):
        asn, length, reason, front, origins = state.asn, state.length, state.reason, state.front, state.origins
        if day in routing:
            in_force = routing[day]
            asn, length, reason, origins = _routed(addresses, tables.routing[in_force][1])
        if day in fronting:
            front = _fronted(addresses, newest_of_each_proxy(tables.fronting, day), names)
        state = _State(asn, length, reason, front, origins)
        yield start_of(day), in_force, state


def _routed(addresses: PackedAddresses, table: PrefixTable) -> tuple[Ints, NDArray[np.int16], Small, Texts]:
    matches = PrefixIndex.of(table, direct=len(addresses.value4) >= DIRECT_PAYS_FROM).find(addresses)
    missing = np.where(matches.prefix_length == UNKNOWN, _NO_PREFIX, _SEVERAL_ORIGINS)
    reason = np.where(matches.asn == UNKNOWN, missing, _HAS_ORIGIN).astype(np.int8)
    return matches.asn, matches.prefix_length, reason, matches.origins


def _fronted(addresses: PackedAddresses, table: FrontingTable, names: tuple[str, ...]) -> Ints:
    """Places in `names`, -1 where no proxy holds the address."""
    place = np.array([*(names.index(name) for name in table.names), UNKNOWN], np.int64)
    return place[find_fronts(table, addresses)]


def _joined(address_ids: Ints, parts: Sequence[tuple[Ints, int, int, _State]], names: Texts) -> Attributed:
    sizes = [len(changed) for changed, _, _, _ in parts]
    address = np.concatenate([address_ids[changed] for changed, _, _, _ in parts])
    as_of = np.repeat(np.array([instant for _, instant, _, _ in parts], np.int64), sizes)
    table = np.repeat(np.array([place for _, _, place, _ in parts], np.int32), sizes)
    order = np.lexsort((as_of, address))
    asn = np.concatenate([state.asn[changed] for changed, _, _, state in parts])
    length = np.concatenate([state.length[changed] for changed, _, _, state in parts])
    reason = np.concatenate([state.reason[changed] for changed, _, _, state in parts])
    front = np.concatenate([state.front[changed] for changed, _, _, state in parts])
    reasons = np.array(_REASONS, np.object_)[reason[order]]
    origins = np.concatenate([state.origins[changed] for changed, _, _, state in parts])
    day = np.full(len(order), UNKNOWN_AT, np.int64)
    columns = AttributionColumns(
        address[order], as_of[order], asn[order], reasons, names[front[order]], origins[order], day, day
    )
    return Attributed(columns, length[order], table[order])
