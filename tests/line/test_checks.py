"""`monitor check` and `monitor run` through the real command line, with real DNS and web servers on loopback.

The servers run in the test process and count; the program and its crawl process run as they do elsewhere.
"""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import now
from monitor.demo import behaviours
from monitor.demo.behaviours import Asked, Behaviour
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.webserver import Webserver
from monitor.store import count_due
from tests.engines import Engine, elsewhere, rows_in

MARK = "zq7xk9mw"
"""In every host and path: it may stand in nothing that is written or printed."""
FULL_MANDATE = {
    "organisation": '"Example authority"',
    "legal_basis": '"an invented article"',
    "contact": '"checks@authority.example"',
    "expires": "2099-12-31",
    "loopback": "true",
}
ADDRESSES = ("127.0.40.1", "127.0.40.2", "127.0.40.3")
ZONE = {
    f"a.{MARK}.example": Records(a=(ADDRESSES[0],)),
    f"b.{MARK}.example": Records(a=(ADDRESSES[1],)),
    f"two.{MARK}.example": Records(a=(ADDRESSES[0], ADDRESSES[1])),
    f"refused.{MARK}.example": Records(a=("127.0.40.99",)),
    f"private.{MARK}.example": Records(a=("10.0.0.1",)),
    "canary.example": Records(a=(ADDRESSES[2],)),
}
PATHS: dict[str, Behaviour] = {
    "image.png": behaviours.image(),
    "gone.png": behaviours.NOT_FOUND,
    "forbidden.png": behaviours.FORBIDDEN,
    "busy.png": behaviours.UNAVAILABLE,
    "head404.png": behaviours.NOT_FOUND_TO_HEAD,
    "soon.png": behaviours.after(0.4, behaviours.image()),
    "slow.png": behaviours.after(1.5, behaviours.image()),
    "ok": behaviours.status(204),
}


def answer(asked: Asked) -> Behaviour:
    """By the last part of the path; everything else is not found."""
    return PATHS.get(asked.path.rsplit("/", 1)[-1], behaviours.NOT_FOUND)


@dataclass
class World:
    """Two resolvers and the web servers."""

    resolvers: tuple[Nameserver, Nameserver]
    web: Webserver

    def config(self, mandate: dict[str, str] | None = None, more: str = "", canary: str = "canary.example") -> str:
        given = FULL_MANDATE if mandate is None else mandate
        servers = json.dumps([each.address for each in self.resolvers])
        return "\n".join(
            [
                "[mandate]",
                *(f"{name} = {value}" for name, value in given.items()),
                "[sources.hotline]\nlive = true",
                f"[resolvers]\nservers = {servers}\ntimeout_seconds = 3\ntries = 3",
                f'[canary]\nipv4 = ["http://{canary}:{self.web.port}/ok"]',
                "[checks]\npause_seconds = 0\nconnect_seconds = 2\nheaders_seconds = 4",
                more,
            ]
        )

    def row(self, record: str, host: str, file: str, **values: object) -> dict[str, object]:
        """A report of today, notified an hour ago."""
        now = datetime.now(UTC)
        url = f"http://{host}.{MARK}.example:{self.web.port}/{MARK}/{file}"
        times = {"reported_at": now - timedelta(hours=2), "notified_at": now - timedelta(hours=1)}
        return {"record_id": record, "source": "hotline", "url": url, **times, **values}


@pytest.fixture
def world() -> Iterator[World]:
    with Nameserver(ZONE) as one, Nameserver(ZONE) as other, Webserver(answer, ADDRESSES) as web:
        yield World((one, other), web)


def query(data: Path, statement: str) -> list[tuple[Any, ...]]:
    return rows_in(data, statement)


def outcomes(data: Path) -> dict[str, str]:
    """Record -> rule that read its newest observation."""
    return dict(
        query(
            data,
            """SELECT k.record_id, o.rule FROM records k JOIN reports r ON r.record_key = k.id
               JOIN observations s ON s.target_id = r.target_id JOIN outcomes o ON o.observation_id = s.id
               ORDER BY s.observed_at""",
        )
    )


# --- the mandate ----------------------------------------------------------------------------------------------


def test_without_a_full_mandate_a_canary_and_two_resolvers_nothing_is_connected_to(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """Each refusal: status 1, one line that names the setting, no question to any server.

    A `run` for ever says by status 4 that to start it again is in vain.
    """
    monitor = make("refused")
    wrong = {
        name: world.config({key: value for key, value in FULL_MANDATE.items() if key != name})
        for name in ("organisation", "legal_basis", "contact", "expires")
    }
    wrong["[mandate] expires"] = world.config({**FULL_MANDATE, "expires": "2020-01-31"})
    wrong["[canary]"] = world.config().replace("[canary]\nipv4 = ", "[canary]\n# ")
    wrong["resolvers"] = world.config().replace('servers = ["127', 'servers = [] # ["127')
    wrong["[resolvers]"] = world.config().replace('servers = ["127.0.0.1', 'servers = ["192.0.2.1')
    wrong["live"] = world.config().replace("live = true", "live = false")
    commands: list[tuple[object, ...]] = []
    for number, config in enumerate(wrong.values()):
        place = tmp_path / f"{number}.toml"
        place.write_text(config, encoding="utf-8")
        each = (("check",), ("--json", "run", "--once"), ("run",))
        commands += [("--config", place, *words) for words in each]
    reports = csv_file(tmp_path / "reports.csv", [world.row("R1", "a", "image.png")])
    first, *ended = monitor.ended(("import", reports), *commands)
    assert first.status == 0
    expected = [(name, status) for name in wrong for status in (1, 1, 4)]
    for said, (name, status) in zip(ended, expected, strict=True):
        assert (said.status, said.out, said.err.count("\n")) == (status, "", 1), (name, said)
        assert name in said.err, (name, said.err)
        assert MARK not in said.err
    assert (world.web.n_connections, [each.n_asked for each in world.resolvers]) == (0, [0, 0])


def test_a_mandate_for_the_real_network_never_connects_to_loopback(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """Without `loopback` the servers of this test cannot be reached by any host, not even as canaries."""
    mandate = {key: value for key, value in FULL_MANDATE.items() if key != "loopback"}
    literal = {**world.row("R2", "a", "image.png"), "url": f"http://{ADDRESSES[0]}:{world.web.port}/{MARK}/image.png"}
    monitor = make("real", world.config(mandate, canary=ADDRESSES[2]))
    monitor.json("import", csv_file(tmp_path / "reports.csv", [world.row("R1", "a", "image.png"), literal]))
    counts = monitor.json("check", status=1)
    assert (counts["due"], counts["void"]) == (2, 2)
    assert world.web.n_connections == 0


# --- what is seen, what is stored -----------------------------------------------------------------------------


def test_a_check_stores_what_it_saw_and_says_what_it_came_to(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """Counts add up, each Target was asked once, and a second check at once has nothing to do."""
    rows = [world.row(host + file, host, file) for host in ("a", "b") for file in ("image.png", "gone.png")]
    rows += [world.row("refused", "refused", "x.png"), world.row("private", "private", "x.png")]
    rows += [world.row("nowhere", "nowhere", "x.png"), world.row("forbidden", "a", "forbidden.png")]
    rows += [world.row("other", "a", "busy.png", source="archive")]
    rows += [{**world.row("withheld", "a", ""), "url": "", "host": f"a.{MARK}.example"}]
    monitor = make("seen", world.config())
    monitor.json("import", csv_file(tmp_path / "reports.csv", rows))
    counts = monitor.json("check")
    assert counts["due"] == 8
    assert counts["due"] == sum(counts[word] for word in ("online", "offline", "inconclusive", "void"))
    assert (counts["online"], counts["offline"], counts["void"], counts["gets"]) == (2, 4, 0, 0)
    asked = {path.rsplit("/", 1)[-1]: method for method, _, path in world.web.asked if MARK in path}
    assert set(asked.values()) == {"HEAD"}
    assert "busy.png" not in asked
    assert monitor.json("check")["due"] == 0
    assert max(world.web.most_open.values()) == 1
    assert query(monitor.data, "SELECT count(*), count(DISTINCT target_id) FROM observations") == [(8, 8)]
    found = outcomes(monitor.data)
    assert found["aimage.png"] == found["bimage.png"]
    assert found["agone.png"] != found["refused"] != found["nowhere"]


def test_a_get_needs_its_own_permission_and_is_on_the_audit_log(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """404 to HEAD: without the permission it is offline; with it the GET of one byte decides, and says why.

    The made-up sibling is then asked with a GET too, because this server does not answer HEAD truthfully.
    """
    reports = csv_file(tmp_path / "reports.csv", [world.row("R1", "a", "head404.png")])
    without = make("without", world.config())
    without.json("import", reports)
    assert without.json("check") == {"due": 1, "online": 0, "offline": 1, "inconclusive": 0, "void": 0, "gets": 0}
    assert not [1 for method, _, _ in world.web.asked if method == "GET"]
    permitted = make("permitted", world.config({**FULL_MANDATE, "permit_get": "true"}))
    permitted.json("import", reports)
    assert permitted.json("check") == {"due": 1, "online": 1, "offline": 0, "inconclusive": 0, "void": 0, "gets": 2}
    said = query(permitted.data, "SELECT action, reason FROM audit WHERE action <> 'import'")
    assert said == [("get-one-byte", "head-not-found 2")]


def test_while_no_canary_answers_nothing_is_asked(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """Status 1 and a line that says so; the Targets stay due, and are checked when the canary is back."""
    monitor = make("void", world.config(canary="refused.example"))
    monitor.json("import", csv_file(tmp_path / "reports.csv", [world.row("R1", "a", "image.png")]))
    ran = monitor.run("--json", "check")
    assert (ran.status, ran.document["due"], ran.document["void"]) == (1, 1, 1)
    assert "no canary answered over IPv4, so nothing was checked" in ran.err
    assert world.web.n_connections == 0
    (monitor.data / "monitor.toml").write_text(world.config(), encoding="utf-8")
    assert monitor.json("check")["online"] == 1


def test_an_own_reading_enters_the_figures(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """Freeze, explain and the methodology page know of it and of the mandate."""
    monitor = make("figures", world.config())
    (tmp_path / "prefixes.tsv").write_text("127.0.40.0/24\t64500\n", encoding="utf-8")
    tables = ("--prefixes", tmp_path / "prefixes.tsv", "--as-of", "2026-01-01")
    monitor.json("refdata", "import", *tables)
    rows = [world.row(f"R{n}", "a", f"{n}/image.png") for n in range(6)]
    monitor.json("import", csv_file(tmp_path / "reports.csv", rows))
    assert monitor.json("run", "--once")["online"] == 6
    period = f"{datetime.now(UTC):%Y-%m}"
    frozen = monitor.json("freeze", period, "--cutoff", (datetime.now(UTC) + timedelta(days=1)).isoformat())
    assert frozen["episodes_network"] == 6
    released = Path(monitor.json("publish", period)["path"])
    method = (released / "methodology.html").read_text(encoding="utf-8")
    assert "Example authority" in method
    assert "an invented article" in method
    told = monitor.run("explain", "R1")
    assert told.status == 0, told.err
    assert "AS64500" in told.out


# --- stopping, crashing, clocks -------------------------------------------------------------------------------


def _started(monitor: Any, *words: object) -> "subprocess.Popen[bytes]":
    return monitor.start(*words)  # type: ignore[no-any-return]


def _wait_for(sign: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not sign():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def _asked(world: World) -> int:
    return sum(n for (_, _, path), n in world.web.asked.items() if MARK in path)


def _enough(world: World, process: "subprocess.Popen[bytes]", least: int) -> bool:
    return _asked(world) >= least or process.poll() is not None


def _stored(data: Path) -> int:
    return int(query(data, "SELECT count(*) FROM observations")[0][0])


def _crawlers(process: "subprocess.Popen[bytes]") -> Sequence[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in children.read_text(encoding="ascii").split()] if children.exists() else []


def test_sigterm_ends_within_ten_seconds_with_everything_seen_in_the_store(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """Also in the middle of many slow checks: status 0, and each answer that the server gave in full is stored."""
    monitor = make("sigterm", world.config())
    rows = [world.row(f"R{n}", "a", f"{n}/slow.png") for n in range(12)]
    monitor.json("import", csv_file(tmp_path / "reports.csv", rows))
    process = _started(monitor, "run")
    _wait_for(lambda: _asked(world) >= 3)
    crawlers = _crawlers(process)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    assert time.monotonic() - begun < 10
    assert 2 <= _stored(monitor.data) <= _asked(world) < 12
    assert query(monitor.data, "SELECT count(*) FROM outcomes")[0][0] == _stored(monitor.data)
    assert not any(Path(f"/proc/{pid}").exists() for pid in crawlers)
    with monitor.store() as store:
        assert count_due(store, now()) + _stored(monitor.data) == 12


@pytest.mark.sqlite_only(reason="how long the store is away is the same on both, and a program has to start")
def test_told_to_stop_while_nothing_can_be_stored_it_says_what_was_made(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World, engine: Engine
) -> None:
    """Status 0, the checks that were made are in the summary, and a warning says what becomes of them."""
    monitor = make("held", world.config(more="[database]\nbusy_seconds = 0.2"))
    rows = [world.row(f"R{n}", "ab"[n % 2], f"{n}/soon.png") for n in range(40)]
    monitor.json("import", csv_file(tmp_path / "reports.csv", rows))
    command = monitor.command("--json", "run")
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=monitor.cwd, env=dict(monitor.env)
    )
    _wait_for(partial(_enough, world, process, 1))
    with engine.held(monitor.data):
        _wait_for(partial(_enough, world, process, 4))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert json.loads(out)["due"] >= 1 and "judged at the next start" in err


def test_a_kill_loses_only_what_was_in_flight_and_that_is_due_again(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """kill -9 at several moments, then a run to the end: every Target has its reading, none twice at one time."""
    monitor = make("killed", world.config())
    rows = [world.row(f"R{n}", host, f"{n}/image.png") for n in range(60) for host in ("a", "b")]
    for n, each in enumerate(rows):
        each["record_id"] = f"R{n}"
    monitor.json("import", csv_file(tmp_path / "reports.csv", rows))
    crawlers: list[int] = []
    for least in (1, 20, 50):
        process = _started(monitor, "run")
        _wait_for(partial(_enough, world, process, least))
        crawlers += _crawlers(process)
        process.kill()
        process.wait()
    monitor.json("check")
    assert monitor.json("check")["due"] == 0
    assert query(monitor.data, "SELECT count(DISTINCT target_id) FROM observations") == [(120,)]
    assert query(monitor.data, "SELECT count(*) FROM runs WHERE ended_at IS NULL") == [(0,)]
    assert query(
        monitor.data, "SELECT count(*) FROM observations WHERE id NOT IN (SELECT observation_id FROM outcomes)"
    )[0] == (0,)
    double = "SELECT count(*) FROM (SELECT 1 FROM observations GROUP BY target_id, observed_at HAVING count(*) > 1)"
    assert query(monitor.data, double) == [(0,)]
    _wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in crawlers), 10)


def test_only_one_process_checks_for_a_store(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """The second one ends with one line, and disturbs nothing; on a server where both have the same name."""
    monitor = make("alone", world.config())
    rows = [world.row(f"R{n}", "a", f"{n}/slow.png") for n in range(10)]
    monitor.json("import", csv_file(tmp_path / "reports.csv", rows))
    process = _started(monitor, "run")
    try:
        _wait_for(lambda: _asked(world) >= 1)
        second = monitor.run("check")
        assert (second.status, second.out, second.err.count("\n")) == (1, "", 1)
        assert "Another process checks" in second.err
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_a_crawl_process_that_dies_is_replaced(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World
) -> None:
    """The run goes on; its checks in flight are due again five minutes later."""
    monitor = make("crawler", world.config())
    rows = [world.row(f"R{n}", "a", f"{n}/slow.png") for n in range(8)]
    monitor.json("import", csv_file(tmp_path / "reports.csv", rows))
    process = _started(monitor, "run", "--once")
    _wait_for(lambda: _asked(world) >= 2)
    (crawler,) = _crawlers(process)
    subprocess.run(["kill", "-9", str(crawler)], check=True)
    assert process.wait(timeout=120) == 0
    lost = query(monitor.data, "SELECT min(due_at), max(due_at), count(*) FROM schedule WHERE why = 'again'")
    assert lost[0][2] + _stored(monitor.data) == 8
    assert lost[0][2] >= 1
    assert all(240 < at / 1e6 - time.time() <= 300 for at in lost[0][:2])


@pytest.mark.sqlite_only("a server serves several: test_workers.py")
def test_a_worker_more_than_one_is_refused_in_words(make: Callable[..., Any], world: World) -> None:
    """Wrong usage, status 2."""
    ran = make("workers", world.config()).run("run", "--workers", 2)
    assert (ran.status, "--workers" in ran.err) == (2, True)


# --- secrets --------------------------------------------------------------------------------------------------


def test_no_url_host_or_path_of_a_check_is_written_or_printed(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, world: World, tree_of: Callable[..., Any]
) -> None:
    """Everything in the data folder, the working and the temporary folder, and all output, in quiet and in trouble."""
    monitor = make("secret", world.config({**FULL_MANDATE, "permit_get": "true"}))
    rows = [world.row(file, host, file) for host, file in (("a", "image.png"), ("b", "gone.png"), ("two", "busy.png"))]
    rows += [world.row(host, host, "x.png") for host in ("refused", "private", "nowhere")]
    rows += [world.row("head404", "a", "head404.png")]
    monitor.json("import", csv_file(tmp_path / "reports.csv", rows))
    printed = []
    for words in (("-v", "check"), ("-v", "--json", "run", "--once"), ("explain", "image.png")):
        ran = monitor.run(*words)
        printed += [ran.out, ran.err]
    assert MARK not in "".join(printed)
    for folder in (monitor.data, monitor.cwd, Path(monitor.env["TMPDIR"])):
        for name, content in tree_of(folder).items():
            assert MARK not in name
            assert MARK.encode() not in content, name
            if not name.endswith("monitor.toml"):
                assert b"127.0.40." not in content, name
    for name, content in elsewhere(monitor.data).items():
        assert MARK.encode() not in content and b"127.0.40." not in content, name
