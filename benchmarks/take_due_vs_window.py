"""Taking 2,000 of very many due Targets on PostgreSQL: leased page by page, beside one window over everything due.

In: a store with 100,000 Targets (`bench-long`: a million) on 5,000 sites, all of them due. Out: `take-due-vs-window`,
Targets taken a second. What would surprise: ours opens what is sealed and writes leases and claims too, the peer only
looks; it is how Targets were chosen before several workers could share a store.
"""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.store import NewWorker, Store, Taker, let_go, open_store, register_worker, take_due
from monitor.store.times import to_micros
from tests.postgres import Server

N, N_QUICK = 1_000_000, 100_000
N_SITES, AT_ONCE, OF_ONE_SITE, TIMES = 5_000, 2_000, 120, 5
START = datetime(2026, 1, 5, tzinfo=UTC)
_HOSTS = """INSERT INTO hosts (id, name, name_index, kind, site_index)
SELECT n, %s, decode(md5('h' || n), 'hex'), 'name', decode(md5('s' || n), 'hex') FROM generate_series(1, %s) n"""
_TARGETS = """INSERT INTO targets (id, host_id, url, url_index, withheld)
SELECT n, 1 + n %% %s, %s, decode(md5('t' || n), 'hex'), false FROM generate_series(1, %s) n"""
_SCHEDULE = """INSERT INTO schedule (target_id, due_at, why, anchors, standing)
SELECT n, %s - n * 1000, 'schedule', '[]', '{}' FROM generate_series(1, %s) n"""
_WINDOW = """SELECT s.target_id, s.due_at, s.anchors, s.standing, t.url, h.name FROM schedule s
JOIN (SELECT s.target_id, row_number() OVER (PARTITION BY h.site_index ORDER BY s.due_at, s.target_id) AS place
      FROM schedule s JOIN targets t ON t.id = s.target_id JOIN hosts h ON h.id = t.host_id
      WHERE s.due_at <= %s AND t.url IS NOT NULL) due ON due.target_id = s.target_id
JOIN targets t ON t.id = s.target_id JOIN hosts h ON h.id = t.host_id
WHERE due.place <= %s ORDER BY s.due_at, s.target_id LIMIT %s"""


def run(quick: bool) -> list[dict[str, object]]:
    """Raises AssertionError where anything is taken twice."""
    n = N_QUICK if quick else N
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        server.create("due")
        with open_store(Path(folder) / "data", server.url("due"), create=True) as db:
            fill(db, n)
            ours, peer = max(_taken(db) for _ in range(2)), max(_looked_at(db) for _ in range(2))
    return [
        {
            "name": "take-due-vs-window",
            "value": ours,
            "unit": "Targets/s",
            "peer": f"a window over {n:,} due",
            "peer_value": peer,
            "ratio": ours / peer,
        }
    ]


def fill(db: Store, n: int) -> None:
    """So many Targets, each due a millisecond before the one before it."""
    host = db.sealer.seal(b"www.example", "hosts.name")
    url = db.sealer.seal(b"https://www.example/a", "targets.url")
    with db.write() as connection:
        connection.exec_driver_sql(_HOSTS, (host, N_SITES)).close()
        connection.exec_driver_sql(_TARGETS, (N_SITES, url, n)).close()
        connection.exec_driver_sql(_SCHEDULE, (to_micros(START), n)).close()
    with db.write() as connection:
        connection.exec_driver_sql("ANALYZE").close()


def _taken(db: Store) -> float:
    workers = [register_worker(db, NewWorker(f"w{n}-{time.monotonic_ns()}", None, str(n)), 600) for n in range(4)]
    begun, seen = time.perf_counter(), list[int]()
    for turn in range(TIMES):
        taker = Taker(workers[turn % len(workers)])
        seen += [each.target_id for each in take_due(db, START + timedelta(hours=1), AT_ONCE, OF_ONE_SITE, taker)]
    rate = len(seen) / (time.perf_counter() - begun)
    assert len(set(seen)) == len(seen) > AT_ONCE
    for worker in workers:
        let_go(db, worker, 0)
    return rate


def _looked_at(db: Store) -> float:
    begun, n = time.perf_counter(), 0
    for _ in range(TIMES):
        with db.read() as connection:
            asked = (to_micros(START + timedelta(hours=1)), OF_ONE_SITE, AT_ONCE)
            n += len(connection.exec_driver_sql(_WINDOW, asked).all())
    return n / (time.perf_counter() - begun)
