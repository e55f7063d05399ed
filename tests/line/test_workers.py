"""Several workers on one PostgreSQL, through the real command line: kills, suspensions and a restart of the database.

The web servers run in the test process and see every request; the database is a server of this module's own, so that it
can be restarted. What each test waits for is something that happened, never a time.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from monitor.demo import behaviours
from monitor.demo.behaviours import Asked, Behaviour
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.webserver import Webserver
from monitor.model.report import Address
from monitor.model.words import Outcome
from monitor.store import NewWorker, claim_addresses, let_go, open_store, register_worker
from monitor.workers import SUPERVISOR
from tests.postgres import NoServer, Server

PROGRAM = Path(sys.executable).parent / "monitor"
N_HOSTS, N_SITES = 90, 45
ADDRESSES = tuple(f"127.0.60.{n}" for n in range(1, 31))
CANARY, HUB = "127.0.60.99", "127.0.60.98"
ZONE = {f"h{n}.site{n % N_SITES}.example": Records(a=(ADDRESSES[n % len(ADDRESSES)],)) for n in range(N_HOSTS)}
ANSWER_SECONDS = 0.02
PATIENCE_SECONDS = 90.0

pytestmark = pytest.mark.slow


@dataclass
class Web:
    """Answers after a moment, and knows when which site was being asked. A made-up sibling is not found."""

    asked_at: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by site
    leads_to: str | None = None  # where every URL of another address is moved to

    def answer(self, asked: Asked) -> Behaviour:
        if asked.address == CANARY:
            return behaviours.status(204)
        self.asked_at[asked.host.partition(":")[0].partition(".")[2]].append(time.monotonic())
        if self.leads_to is not None and asked.address != HUB:
            return behaviours.redirect(self.leads_to)
        there = asked.path.rpartition("/")[2].removesuffix(".png").isdigit()
        return behaviours.after(ANSWER_SECONDS, behaviours.image() if there else behaviours.NOT_FOUND)

    @property
    def shortest_seconds(self) -> float:
        """The shortest time between two requests to one site."""
        pairs = ((times[n + 1], times[n]) for times in self.asked_at.values() for n in range(len(times) - 1))
        return min(later - sooner for later, sooner in pairs)


@dataclass
class World:
    """A store on a server, with Targets that are due now and not again for an hour."""

    data: Path
    database: Server
    web: Webserver
    seen: Web

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.connect("monitor") as connection:
            return connection.execute(statement).fetchall()

    def one(self, statement: str) -> int:
        return int(self.rows(statement)[0][0])

    @property
    def n_stored(self) -> int:
        return self.one("SELECT count(*) FROM observations")

    def command(self, *words: object) -> list[str]:
        return [str(PROGRAM), "--data-dir", str(self.data), "--json", *map(str, words)]

    def start(self, *words: object, log: Path) -> "subprocess.Popen[bytes]":
        with log.open("wb") as file:
            return subprocess.Popen(self.command("run", *words), stdout=subprocess.DEVNULL, stderr=file)

    def workers(self) -> list[int]:
        """The process ids of the workers that run under a supervisor and have registered."""
        return [pid for pid in _pids() if str(self.data) in _words(pid) and SUPERVISOR in _environment(pid)]

    def wait_for(self, sign: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not sign():
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < until, log.read_text()[-2000:]
            time.sleep(0.05)


def _pids() -> list[int]:
    return [int(place.name) for place in Path("/proc").iterdir() if place.name.isdecimal()]


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def _environment(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes a World with so many Targets; one in each test."""
    seen, made = Web(), threading.Lock()
    zone = {**ZONE, "canary.example": Records(a=(CANARY,)), "hub.example": Records(a=(HUB,))}
    try:
        server = Server()
    except NoServer:
        if os.environ.get("CI"):
            raise
        pytest.skip("PostgreSQL's programs are not installed")
    with (
        server,
        Nameserver(zone) as one,
        Nameserver(zone) as two,
        Webserver(seen.answer, (*ADDRESSES, CANARY, HUB)) as web,
    ):

        def make(n: int, checks: str) -> World:
            assert made.acquire(blocking=False)
            server.create("monitor")
            data = tmp_path / "data"
            data.mkdir(mode=0o700)
            resolvers = json.dumps([one.address, two.address])
            (data / "monitor.toml").write_text(
                f"""
                database.url = "{server.url("monitor")}"
                mandate = {{ organisation = "Example authority", legal_basis = "an invented article", loopback = true,
                             contact = "checks@authority.example", expires = 2099-12-31 }}
                sources.hotline.live = true
                resolvers = {{ servers = {resolvers}, tries = 5 }}
                canary.ipv4 = ["http://canary.example:{web.port}/"]
                checks = {{ connect_seconds = 4, headers_seconds = 4, check_seconds = 5, lease_seconds = 10, {checks} }}
                """.replace("\n                             ", " ").replace("                ", ""),
                encoding="utf-8",
            )
            world = World(data, server, web, seen)
            _import(world, tmp_path / "reports.jsonl", n)
            return world

        yield make


def _import(world: World, reports: Path, n: int) -> None:
    """Notified three hours ago: the next check is an hour away."""
    now, hosts = datetime.now(UTC), list(ZONE)
    times = {"reported_at": str(now - timedelta(hours=4)), "notified_at": str(now - timedelta(hours=3))}
    with reports.open("w", encoding="utf-8") as file:
        for i in range(n):
            url = f"http://{hosts[i % N_HOSTS]}:{world.web.port}/{i}.png"
            file.write(json.dumps({"record_id": f"R{i}", "source": "hotline", "url": url, **times}) + "\n")
    subprocess.run(world.command("import", reports), check=True, capture_output=True)


def _nothing_is_left(world: World) -> None:
    """No run is open, nothing is leased or claimed, every worker's end is settled, and the chains hold."""
    assert world.one("SELECT count(*) FROM runs WHERE ended_at IS NULL") == 0
    assert world.one("SELECT count(*) FROM leases WHERE worker_id IS NOT NULL") == 0
    assert world.one("SELECT count(*) FROM claims WHERE worker_id IS NOT NULL") == 0
    assert world.one("SELECT count(*) FROM workers WHERE ended_at IS NULL OR NOT settled") == 0
    assert subprocess.run(world.command("verify"), capture_output=True, check=False).returncode == 0


def test_four_workers_kills_and_a_restart_of_the_database_leave_exact_counts(
    world: Callable[..., World], tmp_path: Path
) -> None:
    """Every Target has the one check that was due, no site or address was asked twice at a time, nothing is held."""
    n, log = 360, tmp_path / "log"
    made = world(n, "pause_seconds = 0.1, per_run = 40")
    process = made.start("--workers", 4, log=log)
    try:
        for least in (20, 120, 240):
            made.wait_for(lambda least=least: made.n_stored >= least, process, log)  # type: ignore[misc]
            os.kill(made.workers()[0], signal.SIGKILL)
            if least == 120:
                made.database.stop()
                made.database.start()
        made.wait_for(lambda: made.one("SELECT count(*) FROM outcomes") >= n, process, log)
        made.wait_for(lambda: made.one("SELECT count(*) FROM leases WHERE worker_id > 0") == 0, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert made.rows("SELECT count(*), count(DISTINCT target_id) FROM observations") == [(n, n)]
    assert made.rows("SELECT outcome, void, count(*) FROM outcomes GROUP BY 1, 2") == [(Outcome.ONLINE, False, n)]
    assert made.one("SELECT count(*) FROM schedule WHERE due_at > extract(epoch FROM now()) * 1000000") == n
    assert made.one("SELECT count(DISTINCT name) FROM workers") == 4
    assert max(made.web.most_open[address] for address in ADDRESSES) == 1
    assert made.seen.shortest_seconds > ANSWER_SECONDS * 0.9
    _nothing_is_left(made)


def test_what_a_suspended_worker_saw_is_kept_and_changes_nothing_that_others_concluded(
    world: Callable[..., World], tmp_path: Path
) -> None:
    """Its Targets went to another worker after the lease: they have one Outcome each; its own late facts have none."""
    n, logs = 200, {name: tmp_path / name for name in ("first", "second")}
    made = world(n, "pause_seconds = 0.5, per_run = 200")
    first = made.start("--name", "first", log=logs["first"])
    made.wait_for(lambda: made.n_stored >= 20, first, logs["first"])
    first.send_signal(signal.SIGSTOP)
    second = made.start("--name", "second", log=logs["second"])
    try:
        made.wait_for(lambda: made.one("SELECT count(*) FROM outcomes") >= n, second, logs["second"])
        concluded = made.rows("SELECT * FROM schedule ORDER BY target_id")
        first.send_signal(signal.SIGCONT)
        made.wait_for(lambda: made.one("SELECT count(*) FROM workers WHERE name = 'first'") == 2, first, logs["first"])
        made.wait_for(lambda: made.one("SELECT count(*) FROM runs WHERE late") == 1, first, logs["first"])
    finally:
        for process in (first, second):
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        assert [process.wait(timeout=20) for process in (first, second)] == [0, 0]
    counted = "SELECT count(*), count(DISTINCT target_id) FROM observations o JOIN runs r ON r.id = o.run_id"
    assert made.rows(f"{counted} WHERE NOT late") == [(n, n)]
    ((n_late, _),) = made.rows(f"{counted} WHERE late")
    assert n_late >= 1
    assert made.rows(f"{counted} JOIN outcomes c ON c.observation_id = o.id WHERE late") == [(0, 0)]
    assert made.rows("SELECT * FROM schedule ORDER BY target_id") == concluded
    assert "others took its checks" in logs["first"].read_text()
    _nothing_is_left(made)


def test_the_address_that_redirects_lead_to_is_one_workers_at_a_time_too(
    world: Callable[..., World], tmp_path: Path
) -> None:
    """Once it is known: what leads to an address that another worker has waits for it."""
    made, log = world(1, "pause_seconds = 0"), tmp_path / "log"
    made.seen.leads_to = f"http://hub.example:{made.web.port}/0.png"
    assert subprocess.run(made.command("run", "--once"), check=False).returncode == 0
    assert made.one("SELECT count(*) FROM exchanges WHERE purpose = 'redirect'") == made.n_stored == 1
    with open_store(made.data, made.database.url("monitor"), create=False) as db:
        other = register_worker(db, NewWorker("other", None, "token"), 2 * PATIENCE_SECONDS)
        address = Address(ip_address(HUB).packed)
        assert claim_addresses(db, other, [address]) == {address}
        made.rows("UPDATE schedule SET due_at = 0 RETURNING target_id")
        process = made.start("--once", log=log)
        made.wait_for(lambda: made.one("SELECT count(*) FROM claims WHERE wanted_by > 0") == 1, process, log)
        assert made.n_stored == 1
        let_go(db, other, 0.0)
        assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert made.n_stored == 2


def test_a_second_worker_of_one_name_is_refused(world: Callable[..., World], tmp_path: Path) -> None:
    """Status 1 and one line, while the first one works; after a kill -9 of that one the name is free at once."""
    made, log = world(5, "pause_seconds = 0"), tmp_path / "log"
    for life in (1, 2):
        process = made.start("--name", "here", log=log)
        made.wait_for(lambda life=life: made.one("SELECT count(*) FROM workers") == life, process, log)  # type: ignore[misc]
        again = made.command("run", "--once", "--name", "here")
        refused = subprocess.run(again, capture_output=True, text=True, check=False)
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
        assert "--name" in refused.stderr
        process.kill()
        process.wait()
    assert subprocess.run(made.command("run", "--once", "--name", "here"), check=False).returncode == 0
    assert made.n_stored == 5
    _nothing_is_left(made)
