"""How orders stand at a moment: the rules of `survival/order_rules.py` over the facts of their Targets.

In: the store, Orders, a moment. Out: a Survey: a standing for each, and the facts and booking behind them. What would
surprise: withdrawn and suspended orders are in it too, although no figure has them, because their file does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from monitor import attribution, freezing, store, survival
from monitor.config import Settings
from monitor.method import thresholds_of
from monitor.model.columns import UNKNOWN, Booking, Facts
from monitor.model.order import Order, OrderResult, OrderTerm
from monitor.model.provider import Registry
from monitor.model.report import Address
from monitor.model.words import Outcome, Role
from monitor.store import Store
from monitor.survival import OrderCase, OrderHistory, OrderVerdict

ROLES = (Role.PROXY, Role.CUSTOMER, Role.NETWORK, Role.AS)
_CLOSED = frozenset({401, 403})
_WAITING = frozenset({OrderResult.RUNNING, OrderResult.STILL_ONLINE, OrderResult.CLAIMED, OrderResult.NOT_ESTABLISHED})
_CLOSED_WORDS = ("401", "403")


@dataclass(frozen=True, slots=True)
class Booked:
    """Who held the Target in one role when the order was served; `provider_id` None: not known, for `reason`."""

    role: Role
    provider_id: str | None
    asn: int | None
    basis: str
    reason: str | None
    confidence: str
    fronted: bool = False  # a reverse proxy was seen in front, even where the origin behind it is known


@dataclass(frozen=True, slots=True, eq=False)
class OrderStanding:
    """One order as it stands. `addressed_to`: the Provider that was told, whose order it is.

    None where the registry does not know the addressee. Where none is written it is whoever held the network (behind a
    reverse proxy without known origin: the proxy) at that moment; the AS that carries a network was told of nothing.
    """

    order: Order
    term: OrderTerm
    case: OrderCase
    verdict: OrderVerdict
    seen: OrderHistory
    booked: tuple[Booked, ...]
    addressed_to: str | None

    @property
    def held_by(self) -> str | None:
        """The Provider that the address was booked on when the order was served; None: not known."""
        return next((each.provider_id for each in self.booked if each.role in (Role.NETWORK, Role.PROXY)), None)

    @property
    def other_holder(self) -> bool:
        """Whether the address is known to have been somebody else's than the addressee's."""
        return None not in (self.held_by, self.addressed_to) and self.held_by != self.addressed_to


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Standings by the number of the order, and what they rest on. `words`: what lies behind each check."""

    db: Store
    moment: datetime
    facts: Facts
    booking: Booking
    registry: Registry
    standings: tuple[OrderStanding, ...]
    words: Mapping[int, store.CheckWords]

    def label(self, provider_id: str | None) -> str | None:
        """A Provider's name as it may be shown; a natural person is never named."""
        if provider_id is None:
            return None
        return self.registry.label(provider_id) if provider_id in self.registry.providers else provider_id

    def party_of(self, place: int) -> str | None:
        """The Provider that a notice (place in the facts) is addressed to, where the registry knows the name."""
        mine = np.flatnonzero(self.booking.notices.notice == place)
        return self._id(int(self.booking.notices.party[mine[0]])) if len(mine) else None

    def booked(self, place: int) -> tuple[Booked, ...]:
        """Who held the Target at a notice, role by role."""
        return tuple(_booked(self.booking, place))

    def _id(self, code: int) -> str | None:
        return None if code == UNKNOWN else self.booking.provider_ids[code]


def survey(db: Store, settings: Settings, orders: Sequence[Order], moment: datetime) -> Survey:
    """How these orders stand. Raises StoreError, KeyProblem."""
    known = store.load_registry(db, moment.date())
    facts = _facts(db, settings, known, orders, moment)
    booking = attribution.book(facts, known, thresholds_of(settings))
    words = store.check_words(db, _unclear(facts, orders))
    closed = {key for key, said in words.items() if _is_closed(said)}
    histories = dict(survival.order_histories(facts, booking, moment, closed))
    places = {int(key): n for n, key in enumerate(facts.notices.notice_id.tolist())}
    made = []
    for order in orders:
        key = next((key for key in order.notice_ids if key in histories), None)
        made.append(_standing(settings, order, booking, moment, histories, key, places))
    return Survey(db, moment, facts, booking, known, tuple(made), words)


def waiting(standings: Iterable[OrderStanding], within: timedelta) -> tuple[OrderStanding, ...]:
    """Those that somebody should look at: the deadline is near or past, and no end is established.

    Once an officer has found the material removed, an order waits no longer.
    """
    return tuple(
        each
        for each in standings
        if each.verdict.result in _WAITING
        and store.is_open(each.order)
        and each.order.status.starts_clock
        and each.case.end_at is None
        and each.term.latest_at - each.case.moment <= within
    )


def _facts(db: Store, settings: Settings, known: Registry, orders: Sequence[Order], moment: datetime) -> Facts:
    """As a freeze reads them, of the orders' Targets alone, with every order."""
    targets = {order.target_id for order in orders}
    found = store.load_facts(db, cutoff=moment, trusted=settings.is_trusted, targets=targets, every_order=True)
    if db.sealer.role is store.KeyRole.RESEARCHER:  # there is no address in a research copy
        return replace(found, registrations=freezing.registrations(db, known, moment))
    answers = tuple(store.load_answers(db, attribution.parse_network))

    def opened() -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[Address]]:
        packed = store.open_addresses(db, attribution.addresses_of(found))
        ids = np.array(sorted(packed), np.int64)
        return ids, [packed[key] for key in ids.tolist()]

    return replace(found, registrations=freezing.registered_at(answers, known, moment, opened))


def _unclear(facts: Facts, orders: Sequence[Order]) -> set[int]:
    """The readings that may be 401 or 403: inconclusive ones from the first service on."""
    first = min((order.served_at.timestamp() * 1e6 for order in orders), default=0.0)
    readings = facts.readings
    mine = (readings.outcome == Outcome.INCONCLUSIVE) & (readings.at >= first)
    return set(readings.check_id[mine].tolist())


def _is_closed(said: store.CheckWords) -> bool:
    if said.own:
        return said.status in _CLOSED
    words = (said.reason or "").replace("-", " ").replace("_", " ").split()
    return any(word in _CLOSED_WORDS for word in words)


def _standing(
    settings: Settings,
    order: Order,
    booking: Booking,
    moment: datetime,
    histories: Mapping[int, OrderHistory],
    key: int | None,
    places: Mapping[int, int],
) -> OrderStanding:
    seen = survival.no_history() if key is None else histories[key]
    case = survival.case_of(order, seen, moment, thresholds_of(settings))
    booked = () if key is None else tuple(_booked(booking, places[key]))
    told = None
    if key is not None and order.party is not None:
        mine = np.flatnonzero(booking.notices.notice == places[key])
        code = int(booking.notices.party[mine[0]]) if len(mine) else UNKNOWN
        told = None if code == UNKNOWN else booking.provider_ids[code]
    elif order.party is None:
        told = next((each.provider_id for each in booked if each.role in (Role.NETWORK, Role.PROXY)), None)
    return OrderStanding(order, case.term, case, survival.judge_order(case), seen, booked, told)


def _booked(booking: Booking, place: int) -> Iterable[Booked]:
    columns = booking.notices
    entries = {columns.role[n]: n for n in np.flatnonzero(columns.notice == place).tolist()}
    for role in ROLES:
        if role.value in entries:
            n = entries[role.value]
            code, asn = int(columns.provider[n]), int(columns.asn[n])
            yield Booked(
                role,
                None if code == UNKNOWN else booking.provider_ids[code],
                None if asn == UNKNOWN else asn,
                columns.basis[n],
                columns.reason[n],
                columns.confidence[n],
                bool(columns.fronted[n]),
            )
