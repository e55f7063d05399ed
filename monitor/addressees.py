"""Names that notices were addressed to and the registry does not know, each with who held the address told about.

In: the store and the settings. Out: one value for each name, those of most notices first. What would surprise: nothing
is concluded from who held the address. It is shown so that a person can say whose name it is; until then what was sent
to the name is held against nobody.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

import numpy as np

from monitor import attribution, clock, freezing, store
from monitor.config import Settings
from monitor.intake.values import looks_like_url
from monitor.method import thresholds_of
from monitor.model.columns import UNKNOWN, BookedNotices, Booking, Flags, NoticeColumns
from monitor.model.provider import Registry
from monitor.model.words import Role
from monitor.store import Store
from monitor.survival.clocks import REACHED_BY

_ROLES = (Role.NETWORK, Role.PROXY)


@dataclass(frozen=True, slots=True)
class UnrecognisedAddressee:
    """`name` is None where the text looks like a URL, host or address: it is never shown.

    `booked`: id and shown name of each Provider that held an address at its notice, with the number of notices, most
    first. The rest of `n_notices` are about addresses that nobody is known to have held.
    """

    name: str | None
    n_notices: int
    booked: tuple[tuple[str, str, int], ...]


def unrecognised_addressees(db: Store, settings: Settings) -> tuple[UnrecognisedAddressee, ...]:
    """Of all notices on record, in role network; in role proxy where the Target is behind a reverse proxy."""
    now = clock.now()
    facts, _ = freezing.settled(db, settings, now)
    registry = store.load_registry(db, now.date())  # after it: attribution brings who is seen for the first time
    facts = replace(facts, registrations=freezing.registrations(db, registry, now))
    booking = attribution.book(facts, registry, thresholds_of(settings))
    found = [
        UnrecognisedAddressee(name, held.total(), _booked(held, booking, registry))
        for name, held in _held(facts.notices, booking.notices).items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.n_notices, one.name or "")))


def _held(notices: NoticeColumns, rows: BookedNotices) -> dict[str | None, Counter[int]]:
    """Of each unknown name, how often each Provider (a code, or UNKNOWN) held the address that a notice was about."""
    told = np.array([party is not None for party in notices.party.tolist()], bool)
    asked = (rows.party == UNKNOWN) & told[rows.notice] & np.any([_reached(role, notices, rows) for role in _ROLES], 0)
    held: dict[str | None, Counter[int]] = defaultdict(Counter)
    for name, code in zip(notices.party[rows.notice[asked]].tolist(), rows.provider[asked].tolist(), strict=True):
        held[None if "@" in name or looks_like_url(name) else name][code] += 1
    return held


def _reached(role: Role, notices: NoticeColumns, rows: BookedNotices) -> Flags:
    """The rows of one role whose notice told its party in a capacity that this role answers for."""
    reached = np.isin(notices.capacity, sorted(REACHED_BY[role]))[rows.notice]
    mine: Flags = (rows.role == role.value) & reached
    return mine


def _booked(held: Counter[int], booking: Booking, registry: Registry) -> tuple[tuple[str, str, int], ...]:
    ids = [(booking.provider_ids[code], n) for code, n in held.most_common() if code != UNKNOWN]
    return tuple((key, registry.label(key), n) for key, n in ids)
