"""Holders of addresses of one Target -> where one that stands in cannot be told from one that is known.

Registries' answers cover part of the addresses only. Beside a registered holder (or a named customer) the origin AS
(or the holder of the network) that stands in at another address can be the very same party: nothing says so, and
nothing says otherwise. What would surprise: two that both stand in are compared as they are, by their codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from monitor.attribution.booking_holders import ORIGIN_AS, REGISTERED, Held
from monitor.model.columns import UNKNOWN, Codes, Flags, Ints
from monitor.model.words import Role

_AS_STANDS_IN, _HOLDER_KNOWN, _CUSTOMER_KNOWN, _BOTH_KNOWN = range(4)
"""How much is known at an address, least first."""

_BY_AS: Mapping[Role, tuple[tuple[int, int], ...]] = {
    Role.NETWORK: ((_AS_STANDS_IN, _HOLDER_KNOWN),),
    Role.CUSTOMER: (
        (_AS_STANDS_IN, _HOLDER_KNOWN),
        (_AS_STANDS_IN, _CUSTOMER_KNOWN),
        (_AS_STANDS_IN, _BOTH_KNOWN),
        (_HOLDER_KNOWN, _CUSTOMER_KNOWN),
    ),
}
"""Pairs (less, more known) that only their origin AS can tell apart."""

_BY_HOLDER: Mapping[Role, tuple[tuple[int, int], ...]] = {
    Role.NETWORK: (),
    Role.CUSTOMER: ((_HOLDER_KNOWN, _BOTH_KNOWN),),
}
"""Pairs (less, more known) that only the holder of their network can tell apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Holders in groups, one entry of `group` each; only those of one group are compared."""

    group: Ints
    held: Held

    def take(self, chosen: Flags) -> "Grouped":
        return Grouped(self.group[chosen], self.held.take(chosen))


def less_known(role: Role, mine: Grouped, others: Grouped) -> Flags:
    """Which of `mine` stand in for one of `others` in its group that is known, for all that can be said."""
    return _met(role, mine, others, swapped=False)


def alike(role: Role, mine: Grouped, others: Grouped) -> Flags:
    """Which of `mine` cannot be told from one of `others` in its group, whichever of the two stands in."""
    return _met(role, mine, others, swapped=False) | _met(role, mine, others, swapped=True)


def _met(role: Role, mine: Grouped, others: Grouped, *, swapped: bool) -> Flags:
    met = np.zeros(len(mine.group), np.bool_)
    if role not in _BY_AS:
        return met
    my_state, other_state = _state(role, mine.held), _state(role, others.held)
    for pairs, codes, other_codes in (
        (_BY_AS[role], mine.held.as_, others.held.as_),
        (_BY_HOLDER[role], mine.held.network, others.held.network),
    ):
        my_keys, other_keys = _keys(mine.group, codes, others.group, other_codes)
        for pair in pairs:
            my_part, other_part = reversed(pair) if swapped else pair
            rows = np.flatnonzero((my_state == my_part) & (codes != UNKNOWN))
            those = (other_state == other_part) & (other_codes != UNKNOWN)
            met[rows] |= np.isin(my_keys[rows], other_keys[those])
    return met


def _state(role: Role, held: Held) -> Ints:
    known = np.where(held.network_by != ORIGIN_AS, _HOLDER_KNOWN, _AS_STANDS_IN)
    if role is Role.CUSTOMER:
        known += np.where(held.customer_by == REGISTERED, _CUSTOMER_KNOWN, 0)
    return known


def _keys(group: Ints, codes: Codes, other_group: Ints, other_codes: Codes) -> tuple[Ints, Ints]:
    """One number for each (group, known code)."""
    n = int(max(codes.max(initial=0), other_codes.max(initial=0))) + 1
    return group.astype(np.int64) * n + codes, other_group.astype(np.int64) * n + other_codes
