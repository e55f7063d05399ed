"""The Targets that are due, taken by one worker: page by page along the index, opened, and leased where several share.

What would surprise: with a `Taker` on a server each worker looks first for sites of a share of its own, so that several
rarely meet; and a Target that another transaction holds just now is passed over, not waited for.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, or_, select

from monitor.model.report import Address
from monitor.model.words import DueReason
from monitor.store import contexts
from monitor.store.bulk import KEYS_AT_ONCE
from monitor.store.database import Store
from monitor.store.due import DueTarget, host_of, opened_addresses
from monitor.store.fetching import collection_paused
from monitor.store.leases import Share, claim_sites_within, lease_within, share_within
from monitor.store.sealing import Sealer
from monitor.store.standings import read_anchors, read_standing
from monitor.store.tables import ClaimRow, HostRow, LeaseRow, ScheduleRow, TargetRow, table_of
from monitor.store.times import from_micros
from monitor.store.workers import server_micros

_SCHEDULE, _TARGETS, _HOSTS = (table_of(row) for row in (ScheduleRow, TargetRow, HostRow))
_LEASES, _CLAIMS = table_of(LeaseRow), table_of(ClaimRow)
_PAGE = 5_000
_LEFT_BY_OTHERS = timedelta(seconds=10)
"""What of another worker's share has been due for so long is anybody's who has nothing else to do."""


@dataclass(frozen=True, slots=True)
class Taker:
    """The worker that takes, and which turn it is: with each turn every worker has another share of the sites."""

    worker_id: int
    turn: int = 0


def take_due(
    store: Store, now: datetime, limit: int, of_one_site: int | None = None, taker: Taker | None = None
) -> tuple[DueTarget, ...]:
    """At most `limit` Targets that are due at `now`, the longest due first, and at most so many of one site.

    With a `taker` on a server they are that worker's until it lets go of them: nobody else has them, nor any other
    Target of their sites. Nothing is given to a worker that has been ended. Raises KeyProblem, StoreBusy.
    """
    most = min(of_one_site or limit, limit)
    with collection_paused():
        if taker is None or not store.on_server:
            with store.read() as connection:
                rows = _first_due(connection, now, limit, most)
                literals = opened_addresses(connection, store.sealer, {row.address_id for row in rows} - {None})
        else:
            with store.take() as connection:
                rows = _taken(connection, now, limit, most, taker)
                literals = opened_addresses(connection, store.sealer, {row.address_id for row in rows} - {None})
    return _due_targets(store.sealer, rows, literals)


def _taken(connection: Connection, now: datetime, limit: int, most: int, taker: Taker) -> "list[Row[Any]]":
    """First of the worker's own share of the sites; where that has nothing, what others have left for a while."""
    at = server_micros(connection)
    share = share_within(connection, taker.worker_id, at, taker.turn)
    if share is None:
        return []
    rows = _leased(connection, _first_due(connection, now, limit, most, share, at), taker.worker_id, at)
    if not rows and share.of > 1:
        left = now - _LEFT_BY_OTHERS
        rows = _leased(connection, _first_due(connection, left, limit, most, Share(0, 1), at), taker.worker_id, at)
    return rows


def _leased(connection: Connection, rows: "list[Row[Any]]", worker_id: int, at: int) -> "list[Row[Any]]":
    """Those of the rows that are the worker's: another may have been quicker since they were looked for."""
    sites = claim_sites_within(connection, worker_id, {bytes(row.site_index) for row in rows}, at)
    rows = [row for row in rows if bytes(row.site_index) in sites]
    given = lease_within(connection, worker_id, {row.target_id for row in rows}, at)
    return [row for row in rows if row.target_id in given]


def _first_due(
    connection: Connection, now: datetime, limit: int, most: int, share: Share | None = None, at: int = 0
) -> "list[Row[Any]]":
    """Page by page along the index, so that the cost goes by the batch and not by how many are due.

    With a `share`: of its sites, neither leased nor of a site that is claimed; locked until the transaction ends.
    """
    found: list[Row[Any]] = []
    of_site: Counter[bytes] = Counter()
    after: tuple[datetime, int] | None = None
    size = limit if most == limit else min(2 * limit, limit + _PAGE)
    while len(found) < limit:
        full = [site for site, n in of_site.items() if n >= most]
        page = connection.execute(_page(now, size, after, full, share, at)).all()
        for row in page:
            site = bytes(row.site_index)
            if len(found) < limit and of_site[site] < most:
                of_site[site] += 1
                found.append(row)
        if len(page) < size:
            break
        after = page[-1].due_at, page[-1].target_id
    return found


def _page(
    now: datetime, size: int, after: tuple[datetime, int] | None, full: list[bytes], share: Share | None, at: int
) -> "Select[Any]":
    s, t, h = _SCHEDULE.c, _TARGETS.c, _HOSTS.c
    columns = (s.target_id, s.due_at, s.why, s.anchors, s.standing, t.url, t.host_id)
    wanted = (
        select(*columns, h.name, h.kind, h.site_index, h.address_id)
        .join(_TARGETS, t.id == s.target_id)
        .join(_HOSTS, h.id == t.host_id)
        .where(s.due_at <= now, t.url.is_not(None))
        .order_by(s.due_at, s.target_id)
        .limit(size)
    )
    if after is not None:
        wanted = wanted.where(s.due_at >= after[0], or_(s.due_at > after[0], s.target_id > after[1]))
    if full and len(full) <= KEYS_AT_ONCE:
        wanted = wanted.where(h.site_index.not_in(full))
    if share is None:
        return wanted
    return _unclaimed(wanted, share, at).with_for_update(of=_SCHEDULE, skip_locked=True)


def _unclaimed(wanted: "Select[Any]", share: Share, at: int) -> "Select[Any]":
    """Of a share, and in nobody's hands."""
    then = from_micros(at)
    held = exists().where(
        _LEASES.c.target_id == _SCHEDULE.c.target_id, _LEASES.c.worker_id.is_not(None) | (_LEASES.c.free_at > then)
    )
    claimed = exists().where(
        _CLAIMS.c.kind == "site",
        _CLAIMS.c.key == _HOSTS.c.site_index,
        _CLAIMS.c.worker_id.is_not(None) | (_CLAIMS.c.free_at > then),
    )
    wanted = wanted.where(~held, ~claimed)
    if share.of == 1:
        return wanted
    number = func.get_byte(_HOSTS.c.site_index, 0) * 256 + func.get_byte(_HOSTS.c.site_index, 1)
    return wanted.where(number % share.of == share.place)


def _due_targets(sealer: Sealer, rows: "Sequence[Row[Any]]", literals: dict[int, Address]) -> tuple[DueTarget, ...]:
    of_hosts = {row.host_id: (row.name, row.kind, row.site_index, row.address_id) for row in rows}
    hosts = {key: host_of(sealer, *said, literals) for key, said in of_hosts.items()}
    return tuple(
        DueTarget(
            target_id=row.target_id,
            host_id=row.host_id,
            url=sealer.unseal(row.url, contexts.TARGET_URL).decode(),
            host=hosts[row.host_id],
            due_at=row.due_at,
            why=DueReason(row.why),
            anchors=read_anchors(row.anchors),
            standing=read_standing(row.standing),
        )
        for row in rows
    )
