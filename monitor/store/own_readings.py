"""Our own checks as readings: every Outcome before a cut-off in, columns out; those of void runs apart.

An own reading is never confirmed by itself: it takes a confirmed run. What would surprise: it belongs to its Target, so
every Report of the Target sees it, whoever's Target it was when it was made; and an OFFLINE one is dated when the
answer was in, as in judging, any other one when it was asked for.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np
from sqlalchemy import Connection

from monitor.model.columns import Ints, ReadingColumns, VoidColumns
from monitor.model.observation import lasted_micros
from monitor.model.words import Outcome
from monitor.store.bulk import names_by_id
from monitor.store.fetching import fetch_rows, ints
from monitor.store.scope import Scope
from monitor.store.tables import VantageRow, table_of

_CAUSE, _PAGE, _VOID = 4, 16, 32
"""What each stands for in one number with the outcome: four columns of millions of rows take the room of one."""
_N_FETCHED, _AT = 7, 2


@dataclass(frozen=True, slots=True, eq=False)
class OwnReadings:
    """The readings in no order, with what orders those of one Target and instant; and the void ones, in order."""

    readings: ReadingColumns
    vantage: Ints  # place of its vantage's name among the names
    code: Ints  # outcome, cause and page in one number
    voids: VoidColumns


def own_readings(connection: Connection, targets: Ints, scope: Scope) -> OwnReadings:
    """The own readings of these Targets (keys, each once or more often)."""
    of_target = "" if scope.targets is None else f" AND o.target_id IN ({scope.listed})"
    check, target, at, code, address, vantage = _fetched(
        connection,
        f"""SELECT o.id, o.target_id, o.observed_at,
                   c.outcome + {_CAUSE:d} * c.cause + CASE WHEN c.page THEN {_PAGE:d} ELSE 0 END
                             + CASE WHEN c.void THEN {_VOID:d} ELSE 0 END,
                   coalesce(o.address_id, -1), o.vantage_id,
                   CASE WHEN c.outcome = {Outcome.OFFLINE:d} AND NOT c.void THEN o.seconds ELSE 0 END
            FROM outcomes c JOIN observations o ON o.id = c.observation_id
            WHERE o.observed_at < {scope.before:d}{of_target}""",  # noqa: S608 (numbers)
    )
    wanted, void = np.isin(target, targets), code >= _VOID
    of_voids = np.flatnonzero(wanted & void)
    kept = np.flatnonzero(wanted & ~void & (at < scope.before))  # what was asked for before was not yet known
    code = code[kept]
    readings = ReadingColumns(
        check_id=check[kept],
        target_id=target[kept],
        at=at[kept],
        outcome=(code % _CAUSE).astype(np.int8),
        cause=(code % _PAGE // _CAUSE).astype(np.int8),
        address=address[kept],
        confirmed=np.zeros(len(kept), np.bool_),
        bracket=np.zeros(len(kept), np.bool_),
        page=code >= _PAGE,
    )
    return OwnReadings(readings, vantage_ranks(connection)[vantage[kept]], code, _voids(target[of_voids], at[of_voids]))


def _fetched(connection: Connection, statement: str) -> tuple[Ints, ...]:
    """All but the last of the columns; it says how many seconds after its time (the third) a reading is to be dated.

    By way of floats, in which keys and microseconds are exact (below 2 ** 53).
    """
    parts = [
        np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * _N_FETCHED).reshape(-1, _N_FETCHED)
        for rows in fetch_rows(connection, statement)
    ]
    table = np.concatenate(parts) if parts else np.empty((0, _N_FETCHED))
    columns = [np.ascontiguousarray(column).astype(np.int64) for column in table.T[:-1]]
    later = np.flatnonzero(table[:, -1])
    columns[_AT][later] += ints([lasted_micros(seconds) for seconds in table[later, -1].tolist()])
    return tuple(columns)


def vantage_ranks(connection: Connection) -> Ints:
    """By key: the place of a vantage among the names in order."""
    vantages = names_by_id(connection, table_of(VantageRow))
    place = {name: at for at, name in enumerate(sorted(vantages.values()))}
    return ints([place.get(vantages.get(key, ""), 0) for key in range(max(vantages, default=0) + 1)])


def _voids(target: Ints, at: Ints) -> VoidColumns:
    order = np.lexsort((at, target))
    return VoidColumns(target[order], at[order])
