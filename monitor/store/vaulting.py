"""What lies in the vault and what does not: URLs and host names that a live source names stay outside of it.

In: an open store whose Sealer knows the live sources. Out: which rows are live, and values put where they belong. What
would surprise: a Target that a recorded source named first comes out of the vault when a live one names it; no secret
key is needed for that, because its URL stands in the file that is read just then.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from sqlalchemy import Column, Connection, Table, delete, func, select

from monitor.model.columns import Ints
from monitor.store.bulk import chunks, update_rows
from monitor.store.database import Store
from monitor.store.sealing import Sealer
from monitor.store.tables import (
    ExchangeCaseRow,
    HostRow,
    RecordRow,
    ReportRow,
    ScheduleStateRow,
    SourceRow,
    TargetRow,
    table_of,
)
from monitor.store.vault import VAULT_VERSION

_CASES, _HOSTS, _TARGETS = table_of(ExchangeCaseRow), table_of(HostRow), table_of(TargetRow)
_REPORTS, _RECORDS, _SOURCES = table_of(ReportRow), table_of(RecordRow), table_of(SourceRow)
_PLANNED = table_of(ScheduleStateRow)
_AT_ONCE = 1000
Place = tuple[Table, Column[Any]]
NAMES: Place = (_HOSTS, _HOSTS.c.name)
URLS: Place = (_TARGETS, _TARGETS.c.url)
PLACES: tuple[Place, ...] = (
    NAMES,
    URLS,
    (_CASES, _CASES.c.url),  # what another organisation sent is never live
)

Progress = Callable[[int, int], None]


def live_rows(connection: Connection, sealer: Sealer, table: Table, keys: Collection[int]) -> set[int]:
    """Those of these hosts or Targets that a report of a live source names."""
    if not sealer.spared or table is _CASES:
        return set()
    key = _TARGETS.c.host_id if table is _HOSTS else _TARGETS.c.id
    named = (
        select(key)
        .join(_REPORTS, _REPORTS.c.target_id == _TARGETS.c.id)
        .join(_RECORDS, _RECORDS.c.id == _REPORTS.c.record_key)
        .join(_SOURCES, _SOURCES.c.id == _RECORDS.c.source_id)
        .where(_SOURCES.c.name.in_(sorted(sealer.spared)))
        .distinct()
    )
    return {row for some in chunks(keys) for row in connection.scalars(named.where(key.in_(some)))}


def sealed_again(
    connection: Connection, sealer: Sealer, place: Place, plains: Mapping[int, bytes]
) -> list[tuple[bytes, int]]:
    """Values of one of `PLACES` (row -> plain bytes) as they are to lie in the database: (sealed, row)."""
    live = live_rows(connection, sealer, place[0], plains)
    context = f"{place[0].name}.{place[1].name}"
    return [((sealer.seal if row in live else sealer.seal_away)(plain, context), row) for row, plain in plains.items()]


def openable(connection: Connection, sealer: Sealer, place: Place, keys: Ints) -> Ints:
    """Those of the rows of which the key file opens the value, by how this begins; nothing is opened."""
    if sealer.vault is None or sealer.vault.opens:
        return keys
    table, column = place
    inside = select(table.c.id).where(func.substr(column, 1, 1) == VAULT_VERSION)
    away = [key for some in chunks(keys.tolist()) for key in connection.scalars(inside.where(table.c.id.in_(some)))]
    return np.setdiff1d(keys, np.array(away, np.int64), assume_unique=True)


def put_in_place(store: Store, progress: Progress) -> int:
    """Into the vault what is no longer live, out of it what is live by now; how many values. Raises KeyProblem."""
    moved = sum(_put(store, place, progress) for place in PLACES)
    if moved:
        with store.write() as connection:
            connection.execute(delete(_PLANNED))  # what the operator may check is another thing now
    return moved


def _put(store: Store, place: Place, progress: Progress) -> int:
    table, column = place
    with store.read() as connection:
        total = connection.scalar(select(func.count()).where(column.is_not(None))) or 0
    looked_at, moved, after = 0, 0, 0
    while True:
        with store.write() as connection:
            wanted = select(table.c.id, column).where(column.is_not(None), table.c.id > after).order_by(table.c.id)
            found = [(row[0], bytes(row[1])) for row in connection.execute(wanted.limit(_AT_ONCE))]
            if not found:
                return moved
            moved += _moved(connection, store.sealer, place, found)
        after, looked_at = found[-1][0], looked_at + len(found)
        progress(looked_at, total)


def _moved(connection: Connection, sealer: Sealer, place: Place, found: list[tuple[int, bytes]]) -> int:
    table, column = place
    live = live_rows(connection, sealer, table, [row for row, _ in found])
    wrong = [(row, sealed) for row, sealed in found if (sealed[:1] == VAULT_VERSION) == (row in live)]
    context = f"{table.name}.{column.name}"
    again = sealed_again(connection, sealer, place, {row: sealer.unseal(sealed, context) for row, sealed in wrong})
    update_rows(connection, table, (column.name, "id"), again)
    return len(again)


def take_out(connection: Connection, sealer: Sealer, place: Place, plains: Mapping[int, bytes]) -> None:
    """Seal under the working key what of these rows (key -> plain bytes) lies in the vault."""
    if sealer.vault is None:
        return
    table, column = place
    inside = func.substr(column, 1, 1) == VAULT_VERSION
    found = [
        row
        for some in chunks(plains)
        for row in connection.scalars(select(table.c.id).where(table.c.id.in_(some), inside))
    ]
    context = f"{table.name}.{column.name}"
    update_rows(connection, table, (column.name, "id"), [(sealer.seal(plains[row], context), row) for row in found])


def live_in_vault(store: Store) -> int:
    """Targets that a live source names by now and whose URL lies in the vault; nothing is opened."""
    if store.sealer.vault is None or not store.sealer.spared:
        return 0
    named = (
        select(func.count(_TARGETS.c.id.distinct()))
        .join(_REPORTS, _REPORTS.c.target_id == _TARGETS.c.id)
        .join(_RECORDS, _RECORDS.c.id == _REPORTS.c.record_key)
        .join(_SOURCES, _SOURCES.c.id == _RECORDS.c.source_id)
        .where(_SOURCES.c.name.in_(sorted(store.sealer.spared)))
        .where(func.substr(_TARGETS.c.url, 1, 1) == VAULT_VERSION)
    )
    with store.read() as connection:
        return connection.scalar(named) or 0
