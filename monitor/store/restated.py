"""Several statements about one Notice -> which of them a fuller or later one replaces.

A hotline's later export says of the same message that it bounced, who it was addressed to, or in which capacity.
All statements stay in the store; which one counts is decided here, by what they say and never by when they were
imported. What would surprise: a status that told nobody replaces one that did, because a notice that did not
arrive is held against nobody.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.model.columns import Flags
from monitor.model.words import FIRST_NTD, Capacity, NoticeStatus
from monitor.store import contexts
from monitor.store.sealing import Sealer

_FIRST_NTD = FIRST_NTD.encode()
_HOSTERS = frozenset({Capacity.HOSTING.value, Capacity.UNKNOWN.value})


@dataclass(frozen=True, slots=True)
class _Statement:
    position: int
    status: NoticeStatus
    party: str | None
    capacity: str


def opened(sealer: Sealer, references: Sequence[bytes | None]) -> list[bytes | None]:
    """The sealed references of notices, opened."""
    return [None if r is None else sealer.unseal(bytes(r), contexts.NOTICE_REFERENCE) for r in references]


def restated(
    messages: Sequence[tuple[object, ...]],
    references: Sequence[bytes | None],
    status: Sequence[str],
    party: Sequence[str | None],
    capacity: Sequence[str],
) -> Flags:
    """True for a statement that another one of the same message replaces.

    One message: equal `messages` entries (record, kind, time, channel) and equal reference. All arguments are aligned.
    """
    together: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for n, key in enumerate(zip(messages, references, strict=True)):
        together[key].append(n)
    replaced = np.zeros(len(messages), np.bool_)
    for same in together.values():
        if len(same) > 1:
            statements = [_Statement(n, NoticeStatus(status[n]), party[n], capacity[n]) for n in same]
            replaced[[s.position for s in _replaced(statements)]] = True
    return replaced


def told_by_message(
    requests: Sequence[tuple[object, bool]], references: Sequence[bytes | None], capacity: Sequence[str]
) -> Flags:
    """True for a first NTD of a record of which a message to a hoster is known: that says when it was, and to whom.

    `requests`: of each statement its record, and whether it is a request that told somebody. All arguments are aligned.
    """
    first = np.array([reference == _FIRST_NTD for reference in references], np.bool_)
    if first.any():
        others = zip(requests, first.tolist(), capacity, strict=True)
        told = {record for (record, tells), is_first, of in others if tells and not is_first and of in _HOSTERS}
        first &= np.array([record in told for record, _ in requests], np.bool_)
    return first


def _replaced(statements: Sequence[_Statement]) -> list[_Statement]:
    found = [one for one in statements if _gives_way(one, statements)]
    if len(found) < len(statements):
        return found
    # Each is the fullest in one respect: the one that is held against nobody stands, by its words alone.
    stands = min(map(_weakness, statements))
    return [one for one in found if _weakness(one) != stands]


def _weakness(one: _Statement) -> tuple[bool, bool, bool, str, str, str]:
    """Sorts first what is held against nobody, then what says most, then by words, never by order of import."""
    nobody_named, no_capacity = one.party is None, one.capacity == Capacity.UNKNOWN
    return one.status.starts_clock, nobody_named, no_capacity, one.status.value, one.party or "", one.capacity


def _gives_way(one: _Statement, statements: Sequence[_Statement]) -> bool:
    named = {other.party for other in statements if other.party is not None}
    party = next(iter(named)) if one.party is None and len(named) == 1 else one.party
    mine = [other for other in statements if other.party in (None, party)]
    return (
        (one.party is None and bool(named))
        or (one.capacity == Capacity.UNKNOWN and any(other.capacity != Capacity.UNKNOWN for other in mine))
        or (one.status.starts_clock and not all(other.status.starts_clock for other in mine))
    )
