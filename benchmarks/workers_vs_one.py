"""Checks a second of 2 and of 4 workers on one PostgreSQL, beside those of one, through the real command line.

In: Targets on 200 sites, all due, and web servers that answer after a tenth of a second, as servers elsewhere do. Out:
`workers-2-vs-1`, `workers-4-vs-1`. What would surprise: each worker has 8 connections at a time, so that it is the
waiting that limits one and not the processors, which workers, servers and database share here; elsewhere each host has
its own. Counted from the first Observation to the last, so that the start of the programs is in none of the figures.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.demo import behaviours
from monitor.demo.behaviours import Asked, Behaviour
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.webserver import Webserver
from tests.postgres import Server

N_SITES, N_CONNECTIONS, ANSWER_SECONDS = 200, 8, 0.1
N_EACH_WORKER, N_EACH_WORKER_QUICK = 1_000, 250
CANARY = "127.0.70.1"
ADDRESSES = [f"127.0.{71 + n // 100}.{1 + n % 100}" for n in range(N_SITES)]
_IMAGE = behaviours.after(ANSWER_SECONDS, behaviours.image())
_MISSING = behaviours.after(ANSWER_SECONDS, behaviours.NOT_FOUND)


def run(quick: bool) -> list[dict[str, object]]:
    """Raises AssertionError where a Target has not exactly one Observation."""
    n_each = N_EACH_WORKER_QUICK if quick else N_EACH_WORKER
    zone = {f"h.site{n}.example": Records(a=(ADDRESSES[n],)) for n in range(N_SITES)}
    with (
        Server() as server,
        Nameserver(zone) as one,
        Nameserver(zone) as two,
        Webserver(_answer, (*ADDRESSES, CANARY)) as web,
        tempfile.TemporaryDirectory() as folder,
    ):

        def rate(n_workers: int) -> float:
            config = _config([one.address, two.address], web.port, server.url(f"with{n_workers}"))
            return _rate(server, Path(folder) / str(n_workers), n_workers, n_workers * n_each, web.port, config)

        return _entries(rate)


def _entries(rate: Callable[[int], float]) -> list[dict[str, object]]:
    alone = rate(1)
    return [
        {
            "name": f"workers-{n}-vs-1",
            "value": (several := rate(n)),
            "unit": "checks/s",
            "peer": "one worker",
            "peer_value": alone,
            "ratio": several / alone,
        }
        for n in (2, 4)
    ]


def _rate(server: Server, data: Path, n_workers: int, n: int, port: int, config: str) -> float:
    server.create(f"with{n_workers}")
    data.mkdir(mode=0o700)
    (data / "monitor.toml").write_text(config, encoding="utf-8")
    now, reports = datetime.now(UTC), data / "reports.jsonl"
    times = {"reported_at": str(now - timedelta(hours=4)), "notified_at": str(now - timedelta(hours=3))}
    with reports.open("w", encoding="utf-8") as file:
        for i in range(n):
            url = f"http://h.site{i % N_SITES}.example:{port}/{i}.png"
            file.write(json.dumps({"record_id": f"R{i}", "source": "hotline", "url": url, **times}) + "\n")
    command = [str(Path(sys.executable).parent / "monitor"), "--data-dir", str(data), "--json", "-q"]
    for words in (["import", str(reports)], ["run", "--once", "--workers", str(n_workers)]):
        subprocess.run([*command, *words], check=True, stdout=subprocess.DEVNULL)
    with server.connect(f"with{n_workers}") as connection:
        found: Any = connection.execute(
            "SELECT count(*), count(DISTINCT target_id), max(observed_at) - min(observed_at) FROM observations"
        ).fetchone()
    assert found[:2] == (n, n), found
    return n / (int(found[2]) / 1e6)


def _config(resolvers: list[str], port: int, url: str) -> str:
    return f"""
[database]
url = "{url}"
[mandate]
organisation = "Benchmark"
legal_basis = "loopback"
contact = "-"
expires = 2099-12-31
loopback = true
[sources.hotline]
live = true
[resolvers]
servers = {json.dumps(resolvers)}
[canary]
ipv4 = ["http://{CANARY}:{port}/"]
[checks]
concurrency = {N_CONNECTIONS}
pause_seconds = 0
per_run = 200
"""


def _answer(asked: Asked) -> Behaviour:
    if asked.address == CANARY:
        return behaviours.status(204)
    return _IMAGE if asked.path.rpartition("/")[2].removesuffix(".png").isdigit() else _MISSING
