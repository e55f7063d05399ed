"""Who was booked and by what -> why that is less than certain, as bits, and at last as words.

What would surprise: a doubt is counted only where it touches the answer. A routing table that is old says nothing
against a holder whom the registry of addresses names, and a person's decision on a record stands without either.
"""

from dataclasses import dataclass

import numpy as np

from monitor.attribution.booking_addresses import LATER_RESOLUTION, ORIGIN, OVERRIDE, REPORT, RESOLUTION
from monitor.attribution.booking_holders import CLAIM, NETWORK, ORIGIN_AS, REGISTERED, Held
from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, UNKNOWN_AT, Columns, Facts, Ints, Small, Texts
from monitor.model.method import Thresholds
from monitor.model.words import Doubt

BIT = {doubt: 1 << n for n, doubt in enumerate(Doubt)}
OF_BASIS = {
    REPORT: Doubt.STATED_ADDRESS,
    RESOLUTION: Doubt.OWN_RESOLUTION,
    LATER_RESOLUTION: Doubt.LATER_RESOLUTION,
    ORIGIN: Doubt.STATED_ORIGIN,
    OVERRIDE: Doubt.OVERRIDDEN,
}
_MICROS_PER_DAY = 24 * MICROS_PER_HOUR


@dataclass(frozen=True, slots=True, eq=False)
class HeldDoubts(Columns):
    """Aligned with `Held`: bits of `BIT`, by role."""

    network: Ints
    as_: Ints
    customer: Ints

    def joined(self, bits: Ints) -> "HeldDoubts":
        """With these bits in every role."""
        return HeldDoubts(self.network | bits, self.as_ | bits, self.customer | bits)


def doubts_of(held: Held, address: Ints, at: Ints, facts: Facts, thresholds: Thresholds) -> HeldDoubts:
    """What speaks against each role's Provider, apart from how `address` (its id) is known. `at`: microseconds UTC."""
    table = _of_table(held, at, facts, thresholds)
    registered = _of_registration(held, facts)
    person = registered & BIT[Doubt.PERSON]
    direct = ~held.fronted
    network = np.where(held.network_by == REGISTERED, registered & ~person, 0)
    # Where the registrant is a person the registry's word was refused, and that is why the origin AS stands in.
    stands_in = table + direct * (BIT[Doubt.AS_STANDS_IN] | person)
    network = np.where(held.network_by == ORIGIN_AS, stands_in, network)
    customer = np.where(held.customer_by == REGISTERED, registered & ~person, 0)
    no_customer = network | direct * (BIT[Doubt.NO_CUSTOMER] | person)
    customer = np.where(held.customer_by == NETWORK, no_customer, customer)
    customer = np.where(held.customer_by == CLAIM, 0, customer)
    # A proxy is the Provider that bears the name in the table of proxies; failing that the origin AS stands in.
    by_as = np.where(held.fronted & ~held.proxy_named, BIT[Doubt.PROXY_BY_AS], 0)
    of_as = np.where(held.proxy_named, 0, table).astype(np.int64) | by_as.astype(np.int64)
    return HeldDoubts(network, of_as, customer).joined(_proxy_later(address, at, facts))


def of_basis(basis: Small) -> Ints:
    """The bit of each basis (a place in `BASES`)."""
    table = np.zeros(max(OF_BASIS) + 2, np.int64)
    for name, doubt in OF_BASIS.items():
        table[name] = BIT[doubt]
    return table[basis]


def words(doubts: Ints) -> Texts:
    """The words of each set of bits, joined by ";" in the order of the enum; None without any."""
    different, place = np.unique(doubts, return_inverse=True)
    texts = [";".join(doubt for doubt, bit in BIT.items() if bits & bit) or None for bits in different.tolist()]
    return np.array([*texts, None], np.object_)[place]


def _of_table(held: Held, at: Ints, facts: Facts, thresholds: Thresholds) -> Ints:
    """Of the routing table that names the origin AS."""
    routes, days = facts.attributions, facts.routing
    as_of, made_on = (
        np.append(column, UNKNOWN_AT)[held.route] for column in (routes.table_as_of, routes.table_made_on)
    )
    # An entry names the first table that said so; the one in force is the newest not younger than the event.
    newest = np.searchsorted(days.as_of, at, side="right") - 1
    repeated = (as_of != UNKNOWN_AT) & (newest >= 0)
    as_of[repeated], made_on[repeated] = days.as_of[newest[repeated]], days.made_on[newest[repeated]]
    dated = as_of != UNKNOWN_AT
    old = dated & (at - np.where(dated, as_of, at) > round(thresholds.table_days * _MICROS_PER_DAY))
    later = (made_on != UNKNOWN_AT) & (at < made_on)
    doubts = np.zeros(len(held), np.int64)
    doubts[old] |= BIT[Doubt.OLD_TABLE]
    doubts[later] |= BIT[Doubt.TABLE_MADE_LATER]
    return doubts


def _proxy_later(address: Ints, at: Ints, facts: Facts) -> Ints:
    """The bit where the first entry that puts an address in a proxy's range is later than `at`.

    An address that an earlier table listed and a newer one no longer does is known to be no proxy's at the time.
    """
    routes = facts.attributions
    listed = np.flatnonzero(np.array([front is not None for front in routes.front], np.bool_))
    if not len(listed):
        return np.zeros(len(address), np.int64)
    # Ordered by (address, as_of): the first one of each address is its earliest.
    addresses, first = np.unique(routes.address[listed], return_index=True)
    place = np.minimum(np.searchsorted(addresses, address), len(addresses) - 1)
    later = (addresses[place] == address) & (routes.as_of[listed[first[place]]] > at)
    return np.where(later, BIT[Doubt.PROXY_LATER], 0).astype(np.int64)


def _of_registration(held: Held, facts: Facts) -> Ints:
    """The registration's own doubt, whether or not it was used."""
    if not len(facts.registrations):
        return np.zeros(len(held), np.int64)
    bits = np.zeros(len(held), np.int64)
    known = np.flatnonzero(held.registration != UNKNOWN)
    said = facts.registrations.doubt[held.registration[known]]
    bits_of = {text: sum(BIT[Doubt(word)] for word in text.split(";")) if text else 0 for text in set(said.tolist())}
    bits[known] = [bits_of[text] for text in said.tolist()]
    return bits
