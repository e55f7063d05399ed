"""Who was asked what: the chain from the site to the network around one order, who of it was told, and what before it.

In: a Survey, a standing. Out: links from site to network, and every notice on the Target up to the order. What would
surprise: a link that nobody here knows of (a registrar that was never told) is there all the same, and says so; and
that a party "was not told" means that no notice in this store told it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from monitor import store
from monitor.model.order import Order
from monitor.model.words import Capacity, NoticeKind, NoticeStatus, Role
from monitor.orders.standing import Booked, OrderStanding, Survey


class Layer(StrEnum):
    """The links, from the site to the network."""

    SITE = "site"
    REGISTRAR = "registrar"
    PROXY = "proxy"
    CUSTOMER = "customer"
    NETWORK = "network"
    AS = "as"


PROXY_SEEN = "proxy-seen"
"""Why the proxy of a chain has no name: it stands before a known origin, and the chain follows that."""
_OF_ROLE = {Role.PROXY: Layer.PROXY, Role.CUSTOMER: Layer.CUSTOMER, Role.NETWORK: Layer.NETWORK, Role.AS: Layer.AS}
_BY_CAPACITY = {Layer.SITE: Capacity.SITE, Layer.REGISTRAR: Capacity.REGISTRAR, Layer.PROXY: Capacity.PROXY}


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """One notice on the Target. `party`: as it is shown; `written`: as it was written, sealed elsewhere."""

    notice_id: int
    record_id: str
    source: str
    kind: NoticeKind
    at: datetime
    status: NoticeStatus
    capacity: Capacity
    deadline_hours: float | None  # as stated then
    sender: str | None
    party: str | None
    party_id: str | None
    written: str | None
    reference: str | None
    channel: str | None
    origin: store.Origin
    is_this_order: bool


@dataclass(frozen=True, slots=True)
class Link:
    """One party of the chain as known when the order was served. `told`: numbers of notices up to that, it included."""

    layer: Layer
    provider_id: str | None
    provider: str | None
    asn: int | None
    known_from: str | None  # basis of the attribution; None: not known
    reason: str | None  # why not known
    told: tuple[int, ...]


def notices_up_to(found: Survey, order: Order) -> tuple[ToldNotice, ...]:
    """Every notice on the Target up to the order, with it, by time."""
    notices = found.facts.notices
    until = order.served_at.timestamp() * 1e6
    places = np.flatnonzero((notices.target_id == order.target_id) & (notices.at <= round(until))).tolist()
    keys = [int(notices.notice_id[n]) for n in places]
    words, origins = store.notice_words(found.db, keys), store.origins_of_notices(found.db, keys)
    reports = {int(key): n for n, key in enumerate(found.facts.reports.report_id.tolist())}
    told = []
    for n, key in zip(places, keys, strict=True):
        report = reports[int(notices.report_id[n])]
        written, party_id = notices.party[n], found.party_of(n)
        if written is None:
            party_id = next((b.provider_id for b in found.booked(n) if b.role in (Role.NETWORK, Role.PROXY)), None)
        told.append(
            ToldNotice(
                notice_id=key,
                record_id=found.facts.reports.record_id[report],
                source=found.facts.reports.source[report],
                kind=NoticeKind(notices.kind[n]),
                at=datetime.fromtimestamp(int(notices.at[n]) / 1e6, UTC),
                status=NoticeStatus(notices.status[n]),
                capacity=Capacity(notices.capacity[n]),
                deadline_hours=_known(float(notices.deadline_hours[n])),
                sender=notices.sender[n],
                party=found.label(party_id),
                party_id=party_id,
                written=written,
                reference=words[key].reference,
                channel=words[key].channel,
                origin=origins[key],
                is_this_order=key in order.notice_ids,
            )
        )
    return tuple(sorted(told, key=lambda one: (one.at, one.notice_id)))


def _known(hours: float) -> float | None:
    return None if np.isnan(hours) else hours


def chain(found: Survey, standing: OrderStanding, told: tuple[ToldNotice, ...]) -> tuple[Link, ...]:
    """From the site to the network."""
    return tuple(_links(found, standing, told))


def _links(found: Survey, standing: OrderStanding, told: tuple[ToldNotice, ...]) -> Iterator[Link]:
    by_role = {_OF_ROLE[each.role]: each for each in standing.booked}
    fronted = any(each.fronted for each in standing.booked)
    for layer in Layer:
        booked = by_role.get(layer)
        yield _booked(found, layer, booked, told) if booked else _told_alone(layer, told, fronted=fronted)


def _booked(found: Survey, layer: Layer, booked: Booked, told: tuple[ToldNotice, ...]) -> Link:
    mine = tuple(one.notice_id for one in told if _tells(one, booked.provider_id, layer))
    asn = booked.asn if layer is Layer.AS else None
    label = found.label(booked.provider_id)
    return Link(layer, booked.provider_id, label, asn, booked.basis, booked.reason, mine)


def _told_alone(layer: Layer, told: tuple[ToldNotice, ...], *, fronted: bool) -> Link:
    """A link that no attribution names: known by the notices that told it, if any did."""
    capacity = _BY_CAPACITY.get(layer)
    mine = [one for one in told if one.capacity is capacity and one.status.starts_clock]
    named = next((one for one in reversed(mine) if one.party is not None), None)
    party_id, party = (named.party_id, named.party) if named else (None, None)
    reason = PROXY_SEEN if fronted and layer is Layer.PROXY and party is None else None
    return Link(layer, party_id, party, None, None, reason, tuple(one.notice_id for one in mine))


def _tells(one: ToldNotice, provider_id: str | None, layer: Layer) -> bool:
    """Whether a notice told that party of this layer: by its name, and where that is asked for in its capacity."""
    if provider_id is None or one.party_id != provider_id or not one.status.starts_clock:
        return False
    return layer is not Layer.PROXY or one.capacity in (Capacity.PROXY, Capacity.UNKNOWN)
