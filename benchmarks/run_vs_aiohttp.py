"""The whole path of a check, from due to stored and judged, beside a bare loop of aiohttp; and memory over many checks.

`run-vs-aiohttp`: checks a CPU second of parent and crawl process together, start included; resolvers and web servers
run in other processes. `run-memory` (long runs only): a million checks on a clock that jumps by ten minutes, resident
memory of both processes at the end to that after the first tenth. What would surprise: it is each Target's second check
that counts, because a first one asks for a made-up sibling too, which the peer does not.
"""

import json
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks._loopback import N_HOSTS, addresses, server
from benchmarks.handler_vs_aiohttp import Entry, aiohttp_seconds, entry
from monitor import clock, pipeline, watching
from monitor.clock import JumpingClock
from monitor.config import Canary, Checks, Mandate, Resolvers, Settings, Source
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.timing import PostingClock
from monitor.model.counts import ImportOptions
from monitor.store import Store, open_store

N, N_QUICK = 20_000, 12_000
N_LONG = 1_000_000
CHECKS_EACH = 45
"""About so many checks has a Target in 90 days."""
START = datetime(2026, 1, 5, tzinfo=UTC)


def run(quick: bool) -> list[Entry]:
    """Raises AssertionError where a check did not come back online."""
    n = N_QUICK if quick else N
    with server() as port, resolvers() as servers:
        ours = max(n / run_seconds(n, port, servers) for _ in range(2))
        theirs = max(n / aiohttp_seconds(n, port) for _ in range(2))
        results = [entry("run-vs-aiohttp", ours, f"aiohttp {aiohttp.__version__}, {N_HOSTS} hosts", theirs)]
        if not quick:
            results.append(memory(port, servers))
    return results


def run_seconds(n: int, port: int, servers: tuple[str, ...]) -> float:
    """CPU seconds of n Targets from due to judged, parent and crawl process."""
    stop = threading.Event()
    with prepared(n, port, servers) as (db, settings), clock.replaced(JumpingClock(START + timedelta(minutes=1))):
        watching.check(db, settings, stop=stop)
        clock.wait_until(START + timedelta(hours=1, minutes=2), stop)
        begun = cpu_seconds()
        counts = watching.check(db, settings, stop=stop)
        spent = cpu_seconds() - begun
    assert counts.online == n, counts
    return spent


def memory(port: int, servers: tuple[str, ...]) -> Entry:
    """Resident MiB of the parent and of the crawl process at the end of a million checks, to the first tenth's."""
    seen: list[tuple[int, float]] = []

    def measured(progress: watching.WatchProgress) -> None:
        seen.append((progress.total.due, resident_mib()))

    n = N_LONG // CHECKS_EACH
    steps = PostingClock(START, (), fine_until=START)  # of ten minutes: else nearly every check is a run of its own
    with prepared(n, port, servers) as (db, settings), clock.replaced(steps):
        until = START + timedelta(days=91)
        counts = watching.watch(
            db, settings, until=until, stop=threading.Event(), progress=measured, registrations=False
        )
    first = max(mib for done, mib in seen if done <= counts.due / 10)
    last = max(mib for done, mib in seen if done >= counts.due * 0.9)
    return {
        "name": "run-memory",
        "value": round(last, 1),
        "unit": "MiB",
        "peer": f"after the first tenth of {counts.due} checks",
        "peer_value": round(first, 1),
        "ratio": round(first / last, 2),
    }


@contextmanager
def prepared(n: int, port: int, servers: tuple[str, ...]) -> Iterator[tuple[Store, Settings]]:
    """A store with n Targets on 200 hosts, each a site of its own, all of them due at the start."""
    settings = Settings(
        mandate=Mandate(
            organisation="Benchmark", legal_basis="loopback", contact="-", expires=date(2099, 12, 31), loopback=True
        ),
        sources={"default": Source(live=True)},
        resolvers=Resolvers(servers=servers),
        canary=Canary(ipv4=(f"http://{addresses()[0]}:{port}/canary",)),
        checks=Checks(pause_seconds=0, per_run=5000, run_seconds=3600),
    )
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder) / "reports.jsonl"
        with reports.open("w", encoding="utf-8") as file:
            for i in range(n):
                file.write(json.dumps(_report(i, port)) + "\n")
        with open_store(Path(folder) / "data", create=True) as db:
            pipeline.import_file(db, reports, ImportOptions(), 1)
            yield db, settings


def _report(i: int, port: int) -> dict[str, Any]:
    at = START.isoformat()
    url = f"http://h.bench{i % N_HOSTS}.example:{port}/images/{i}.jpg"
    return {"record_id": f"R{i}", "url": url, "reported_at": at, "notified_at": at}


@contextmanager
def resolvers() -> Iterator[tuple[str, ...]]:
    """Two resolvers in a process of their own; gives their addresses."""
    command = [sys.executable, "-m", "benchmarks.run_vs_aiohttp"]
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield tuple(process.stdout.readline().decode().split())
        finally:
            process.stdin.close()


def serve() -> None:
    """Answer for every host until standard input ends."""
    zone = {f"h.bench{n}.example": Records(a=(address,), ttl=3600) for n, address in enumerate(addresses())}
    with Nameserver(zone) as one, Nameserver(zone) as other:
        print(one.address, other.address, flush=True)
        sys.stdin.read()


def cpu_seconds() -> float:
    """Of this process and of those children that have ended: the crawl process has."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def resident_mib() -> float:
    """Of this process and its largest child, which is the crawl process."""
    own = Path("/proc/self")
    children = (own / "task" / str(int(own.readlink().name)) / "children").read_text(encoding="ascii").split()
    return _resident(own) + max((_resident(Path("/proc") / pid) for pid in children), default=0.0)


def _resident(process: Path) -> float:
    pages = int((process / "statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1_048_576


if __name__ == "__main__":
    serve()
