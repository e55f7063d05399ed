"""The parent's side of the crawl process: the real child, killed, stopped and watched for secrets."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import uptime
from monitor.config import Resolvers
from monitor.demo import behaviours as b
from monitor.demo.webserver import Webserver, refused_port
from monitor.errors import ObservationError
from monitor.intake.hosts import host_of
from monitor.model.method import Thresholds
from monitor.model.observation import DIRECT, Check, Observation, Standing, Surroundings
from monitor.model.report import Address
from monitor.model.words import DnsStatus, ExchangeError, Outcome, Phase
from monitor.observation import crawl_process, judge
from monitor.observation.crawl import Crawl
from monitor.observation.messages import CanaryAsk, CrawlSettings, Say, line, settings_out

HOME = Address(bytes([127, 0, 0, 1]))
NEVER = threading.Event()


def told(**changed: Any) -> CrawlSettings:
    settings: dict[str, Any] = {
        "user_agent": "hosting-monitor/test",
        "ports": (),
        "concurrency": 8,
        "pause_seconds": 0.0,
        "connect_seconds": 2.0,
        "tls_seconds": 2.0,
        "headers_seconds": 3.0,
        "addresses": 4,
        "redirects": 5,
        "largest_headers": 65_536,
        "permit_get": False,
        "loopback": True,
        "digest_key": b"a key of the tests",
        "vantages": {DIRECT: None},
        "resolvers": Resolvers(),
    }
    return CrawlSettings(**settings | changed)


@pytest.fixture(scope="module")
def server() -> Iterator[Webserver]:
    paths = {"/slow": b.after(0.4, b.status(410)), "/hang": b.HANG, "/fine": b.page()}
    places = tuple(f"127.0.0.{n}" for n in range(1, 21))
    with Webserver(lambda asked: paths.get(asked.path, b.status(410)), places) as running:
        yield running


@pytest.fixture(scope="module")
def crawl() -> Iterator[Crawl]:
    with Crawl(told()) as running:
        yield running


def check(server: Webserver, number: int, path: str = "/gone", address: int = 1, **changed: Any) -> Check:
    name = f"site{number}.example"
    values = {"addresses": (Address(bytes([127, 0, 0, address])),), "answers": ()} | changed
    return Check(number, number, f"http://{name}:{server.port}{path}", host_of(name), **values)


def test_many_checks_come_back_each_once(server, crawl):
    """More than the window holds, over one child."""
    checks = (check(server, n, address=n % 20 + 1) for n in range(3_000))
    seen = list(crawl.observe(checks, NEVER))
    assert sorted(each.check_id for each in seen) == list(range(3_000))
    assert all(each.exchanges[0].status == 410 for each in seen)
    assert max(server.most_open.values()) == 1
    assert (crawl.n_started, crawl.n_lost) == (1, 0)


def test_no_checks_give_no_observations(crawl):
    """And no harm."""
    assert list(crawl.observe([], NEVER)) == []


def test_canaries_are_read_in_the_order_asked(server, crawl):
    """2xx is healthy, anything else is not, a name without an address has no exchange."""
    asks = [
        CanaryAsk(f"http://c.example:{server.port}/fine", host_of("c.example"), 4, DIRECT, (HOME,)),
        CanaryAsk(f"http://c.example:{server.port}/gone", host_of("c.example"), 4, DIRECT, (HOME,)),
        CanaryAsk(f"http://c.example:{server.port}/fine", host_of("c.example"), 6, DIRECT, ()),
    ]
    readings = crawl.canaries(asks, after=True)
    assert [(each.healthy, each.family, each.after) for each in readings] == [
        (True, 4, True),
        (False, 4, True),
        (False, 6, True),
    ]
    assert readings[2].exchange is None


def test_an_internal_error_is_counted_and_not_told(server, crawl):
    """A check that cannot even be read is lost; the others come, those told after it in one breath too."""
    before = crawl.n_lost
    checks = [check(server, 1), check(server, 2, answers=("nonsense",)), check(server, 3)]
    assert sorted(each.check_id for each in crawl.observe(checks, NEVER)) == [1, 3]
    assert (crawl.n_lost, crawl.n_started) == (before + 1, 1)


def test_what_may_not_begin_any_more_comes_back_as_late(server, crawl):
    """It was not made and is no fault of ours: the two are counted apart, and the next batch is made as ever."""
    before, late = crawl.n_lost, crawl.n_late
    assert list(crawl.observe([check(server, 1), check(server, 2)], NEVER, until=lambda: 0.0)) == []
    assert (crawl.n_lost, crawl.n_late) == (before, late + 2)
    assert len(list(crawl.observe([check(server, 1)], NEVER, until=lambda: uptime() + 60))) == 1


def test_an_internal_error_in_a_check_gives_an_observation_all_the_same(server, crawl):
    """A vantage that nobody configured: nothing was tried, which can be stored and planned again."""
    before = crawl.n_lost
    (seen,) = crawl.observe([check(server, 2, vantage="nowhere", answers=(DnsStatus.ANSWERED,))], NEVER)
    assert [(each.phase, each.error) for each in seen.exchanges] == [(Phase.NOT_TRIED, None)]
    assert judge(seen, Standing(), Surroundings(), Thresholds())[0].outcome is Outcome.INCONCLUSIVE
    assert crawl.n_lost == before


def test_a_stop_lets_what_has_begun_end_and_drops_the_rest(server, crawl):
    """Checks of one address wait in line: the one under way ends, the waiting ones are not observed."""
    stop, seen = threading.Event(), list[Observation]()
    begun = time.monotonic()
    for each in crawl.observe((check(server, n, "/slow") for n in range(50)), stop):
        seen.append(each)
        stop.set()
    assert time.monotonic() - begun < 5
    assert 1 <= len(seen) <= 3
    assert [each.check_id for each in crawl.observe([check(server, 99)], NEVER)] == [99]


def test_a_check_that_hangs_is_given_up_after_a_stop_and_its_connection_with_it(server):
    """Within 6 s; the same child then asks the same address, which never has two connections."""
    with Crawl(told(headers_seconds=60.0)) as crawl:
        stop, begun = threading.Event(), time.monotonic()
        seen = []
        for each in crawl.observe([check(server, 1, address=20), check(server, 2, "/hang", 19)], stop):
            seen.append(each.check_id)
            stop.set()
        assert seen == [1]
        assert time.monotonic() - begun < 8
        assert [each.check_id for each in crawl.observe([check(server, 3, address=19)], NEVER)] == [3]
        assert crawl.n_started == 1
    assert server.most_open["127.0.0.19"] == 1


def test_a_proxy_that_does_not_serve_us_is_not_asked_for_every_address(server):
    """The vantage's own trouble says nothing about the host."""
    with refused_port() as port, Crawl(told(vantages={"far": f"socks5://127.0.0.1:{port}"})) as crawl:
        several = tuple(Address(bytes([127, 0, 0, n])) for n in (1, 2, 3))
        (seen,) = crawl.observe([check(server, 1, vantage="far", addresses=several)], NEVER)
    assert [each.error for each in seen.exchanges] == [ExchangeError.PROXY_FAILED]
    assert seen.vantage == "far"


def test_a_killed_child_is_replaced_and_only_what_was_in_flight_is_lost(server):
    """kill -9 in the middle: checks not handed out yet are made by a fresh child."""
    total = 2_600  # the window holds 2,176
    with Crawl(told()) as crawl:
        seen, first = set[int](), crawl.pid
        for each in crawl.observe((check(server, n, address=n % 20 + 1) for n in range(total)), NEVER):
            seen.add(each.check_id)
            if len(seen) == 50:
                assert first is not None
                os.kill(first, signal.SIGKILL)
        assert crawl.n_started == 2
        assert crawl.pid != first
        assert 50 <= len(seen) < total
        assert total - 1 in seen


def test_a_child_that_died_between_two_batches_costs_no_check(server):
    """Nothing was in flight, so nothing is lost."""
    with Crawl(told()) as crawl:
        assert crawl.pid is not None
        os.kill(crawl.pid, signal.SIGKILL)
        os.waitid(os.P_PID, crawl.pid, os.WEXITED | os.WNOWAIT)
        assert len(list(crawl.observe((check(server, n) for n in range(20)), NEVER))) == 20
        assert crawl.n_started == 2


def test_what_a_caller_gave_up_does_not_come_with_the_next_batch(server):
    """A generator closed early takes its child with it."""
    with Crawl(told()) as crawl:
        batch = crawl.observe((check(server, n) for n in range(500)), NEVER)
        next(batch)
        batch.close()
        assert [each.check_id for each in crawl.observe([check(server, 999)], NEVER)] == [999]


def test_close_ends_the_child(server):
    """Also with a check under way that would hang for good."""
    crawl = Crawl(told())
    batch = crawl.observe([check(server, 1), check(server, 2, "/hang", 2)], NEVER)
    next(batch)
    pid = crawl.pid
    crawl.close()
    assert not Path(f"/proc/{pid}").exists()


def test_a_child_that_cannot_start_is_an_error_after_two_tries(monkeypatch, capfd):
    """The message says what to do."""
    monkeypatch.setattr(crawl_process.sys, "executable", "/bin/false")
    with pytest.raises(ObservationError, match="does not start"):
        Crawl(told()).__enter__()


def test_the_child_ignores_a_terminal_and_ends_with_its_parent(server):
    """SIGINT and SIGTERM are the parent's to answer; a closed input ends it."""
    with Crawl(told()) as crawl:
        assert crawl.pid is not None
        assert os.getsid(crawl.pid) == crawl.pid
        os.kill(crawl.pid, signal.SIGINT)
        os.kill(crawl.pid, signal.SIGTERM)
        assert [each.check_id for each in crawl.observe([check(server, 7)], NEVER)] == [7]
        assert crawl.n_started == 1


def test_a_parent_that_is_killed_takes_the_child_with_it(tmp_path):
    """Nothing goes on asking."""
    program = tmp_path / "parent.py"
    program.write_text(
        "import sys, time\n"
        "from monitor.config import Settings\n"
        "from monitor.observation.crawl import Crawl\n"
        "from monitor.observation.messages import crawl_settings\n"
        "crawl = Crawl(crawl_settings(Settings(), b'key')).__enter__()\n"
        "print(crawl.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 5
    while time.monotonic() < until and _runs(pid):
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_no_secret_stands_where_others_could_read_it(server, capfd, monkeypatch):
    """Neither command line nor environment nor standard error nor an open file's name shows URL, host or key."""
    monkeypatch.setenv("MONITOR_DATABASE__URL", "postgresql://marked-secret@db.example/")
    name = "marked-secret.example"
    with Crawl(told(digest_key=b"marked-secret")) as crawl:
        url = f"http://{name}:{server.port}/marked-secret"
        checks = [
            Check(1, 1, url, host_of(name), (HOME,), ()),
            Check(2, 2, f"{url}\n broken", host_of(name), (HOME,), ()),
            Check(3, 3, f"{url}-of-vantage", host_of(name), (HOME,), (), "marked-secret"),
        ]
        list(crawl.observe(checks, NEVER))
        folder = Path(f"/proc/{crawl.pid}")
        shown = folder.joinpath("cmdline").read_bytes() + folder.joinpath("environ").read_bytes()
        shown += b" ".join(str(each.readlink()).encode() for each in folder.joinpath("fd").iterdir())
        assert b"spiders" in shown
        assert b"marked" not in shown
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def test_a_broken_hello_is_one_line_without_a_secret():
    """The child says that it could not start, and nothing of what it was told."""
    words = [sys.executable, "-P", "-m", "spiders", str(os.getpid())]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, **pipes) as child:
        child.stdin.write(line(Say.HELLO, settings_out(told()) | {"marked-secret": "x"}))
        child.stdin.flush()  # and stays open: a child whose parent hangs up ends without a word
        assert child.wait(60) == 1
        out, err = child.stdout.read(), child.stderr.read()
    assert err.count(b"\n") == 1
    assert b"marked" not in err + out
