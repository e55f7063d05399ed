"""What tells addresses apart: the ranges of everything that an address is ever looked up in.

In: the store. Out: what stands in for a forgotten address (`store/forgetting.py`), so that whatever is worked out from
the stand-in is what was worked out from the address. What would surprise: routing tables are read too, though what they
said of the address stays, because `explain` and a provider's file look each address up again.
"""

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_network

import numpy as np

from monitor import attribution, pipeline, store
from monitor.model.report import Address
from monitor.store import Store
from monitor.store.forgetting import PREFIX, StandIn, coarsened

Ranges = Iterator[tuple[Address, Address]]


def stand_in(db: Store, moment: datetime) -> StandIn:
    """By registries' answers, networks that a person assigned, routing tables and tables of proxies, as they are."""
    return coarsened(_ranges(db, moment))


def _ranges(db: Store, moment: datetime) -> Ranges:
    for answer in store.load_answers(db, attribution.parse_network):
        if answer.covers is not None:
            yield answer.covers
        if answer.network is not None:
            yield answer.network.first, answer.network.last
    for claim in store.load_registry(db, moment.date()).dated:
        if claim.network is not None:
            network = ip_network(claim.network, strict=False)
            yield Address(network.network_address.packed), Address(network.broadcast_address.packed)
    tables, _ = pipeline.dated_tables(db)
    for _, routing in tables.routing:
        yield from _small_prefixes(routing)
    for _, fronting in tables.fronting:
        yield from _small_prefixes(fronting.ranges)


def _small_prefixes(table: attribution.PrefixTable) -> Ranges:
    """Those that divide a /24, or a /48 of IPv6: a stand-in never leaves the others."""
    for place in np.flatnonzero(table.length4 > PREFIX[4]).tolist():
        yield _range(int(table.start4[place]), int(table.length4[place]), 4)
    for place in np.flatnonzero(table.length6 > PREFIX[16]).tolist():
        yield _range(int(table.high6[place]) << 64 | int(table.low6[place]), int(table.length6[place]), 16)


def _range(start: int, length: int, size: int) -> tuple[Address, Address]:
    last = start + (1 << (8 * size - length)) - 1
    return Address(start.to_bytes(size)), Address(last.to_bytes(size))
