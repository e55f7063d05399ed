"""/metrics and /healthz: real figures by a real HTTP client, from this machine alone, with nothing secret in them."""

import http.client
import json
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import clock, pipeline, store
from monitor.config import Settings, load_settings
from monitor.demo import behaviours
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.webserver import Webserver
from monitor.errors import ConfigError, WrongSetting
from monitor.metrics import Metrics, served
from monitor.model.counts import ImportOptions
from monitor.model.observation import CheckCounts, Due, Standing
from monitor.model.words import DueReason, RegistrationStatus
from monitor.store import NewAnswer, NewWorker, Plan, Store, open_store
from tests.engines import Engine

MARK = "zq7xk9mw"
"""In every host, path, record and name of a source: it may stand in nothing that is answered or logged."""
ADDRESSES = ("127.0.45.1", "127.0.45.2")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def db(engine: Engine, tmp_path: Path, csv_file: Callable[..., Path]) -> Iterator[Store]:
    """Two Targets with secrets in all that is said of them."""
    folder = tmp_path / "d"
    with clock.replaced(clock.JumpingClock(NOW)), open_store(folder, engine.url(folder), create=True) as db:
        rows = [
            {
                "record_id": f"{MARK}{n}",
                "source": "hotline",
                "url": f"https://{n}.{MARK}.example/{MARK}",
                "reported_at": "2026-03-01T10:00Z",
                "ip": "192.0.2.77",
            }
            for n in (1, 2)
        ]
        assert pipeline.import_file(db, csv_file(tmp_path / "r.csv", rows), ImportOptions(), 1)[1] is None
        yield db


def ask(port: int, path: str, host: str = "127.0.0.1") -> tuple[int, str]:
    line = http.client.HTTPConnection(host, port, timeout=20)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


def figures(port: int) -> dict[str, float]:
    """The samples by name and labels."""
    status, text = ask(port, "/metrics")
    assert status == 200
    return {name: float(value) for name, value in re.findall(r"^([a-z][^ ]*) (\S+)$", text, re.MULTILINE)}


def plan(db: Store, *ago: timedelta) -> None:
    plans = [Plan(key, Due(NOW - each, DueReason.SCHEDULE), (), Standing()) for key, each in enumerate(ago, 1)]
    store.plan_targets(db, plans)


# --- what is answered --------------------------------------------------------------------------------------------


def test_rounds_are_counted_by_outcome_and_the_backlog_is_that_of_the_store(db: Store) -> None:
    """Counters are there from the start, at nought; what is due is read at each request."""
    metrics = Metrics(db, Settings())
    with served(metrics, "127.0.0.1", 0) as port:
        before = figures(port)
        assert before['monitor_checks_total{outcome="void"}'] == before["monitor_checks_due"] == 0
        metrics.ended(CheckCounts(6, 3, 2, 1, 0, 4), NOW)
        metrics.ended(CheckCounts(2, 0, 0, 0, 2, 0), NOW)
        metrics.ended(CheckCounts(), NOW)
        metrics.warned()
        plan(db, timedelta(hours=1), timedelta(minutes=-5))
        store.register_worker(db, NewWorker("1", None, "0" * 32), 3600.0)
        after = figures(port)
    outcomes = {word: after[f'monitor_checks_total{{outcome="{word}"}}'] for word in ("online", "offline", "void")}
    assert outcomes == {"online": 3, "offline": 2, "void": 2}
    assert (after['monitor_rounds_total{went="well"}'], after['monitor_rounds_total{went="void"}']) == (1, 1)
    assert after["monitor_gets_total"] == 4 and after["monitor_warnings_total"] == 1
    assert (after["monitor_targets_watched"], after["monitor_checks_due"], after["monitor_checks_late"]) == (2, 1, 1)
    assert 3600 <= after["monitor_oldest_due_seconds"] < 3700
    assert after['monitor_workers{state="alive"}'] == 1 and after["monitor_database_up"] == 1


def test_questions_to_registries_are_those_since_the_start_by_what_came_of_them(db: Store) -> None:
    """An answer that was imported from a file is no question."""
    asked = NewAnswer(None, NOW, "ripencc", RegistrationStatus.TIMEOUT)
    store.add_answer(db, asked)
    metrics = Metrics(db, Settings())
    later = NewAnswer(None, NOW + timedelta(minutes=1), "ripencc", RegistrationStatus.REFUSED)
    store.add_answer(db, later)
    with served(metrics, "127.0.0.1", 0) as port:
        found = {name: value for name, value in figures(port).items() if name.startswith("monitor_registrations")}
    assert found == {'monitor_registrations_total{status="refused"}': 1}


def test_it_is_well_until_checks_are_due_and_no_round_has_ended_for_too_long(db: Store) -> None:
    """503 with one word; the next round makes it well again."""
    metrics = Metrics(db, Settings())
    plan(db, timedelta(hours=3))
    with served(metrics, "127.0.0.1", 0) as port:
        assert ask(port, "/healthz") == (200, "ok\n")
        later = clock.JumpingClock(NOW + timedelta(hours=1))
        with clock.replaced(later):
            assert ask(port, "/healthz") == (503, "late\n")
            metrics.ended(CheckCounts(1, 1), later.now())
            assert ask(port, "/healthz") == (200, "ok\n")


def test_without_the_database_it_says_so_and_goes_on_answering(db: Store, engine: Engine) -> None:
    """503 `database`; /metrics says that it is down and counts it, with no trace of where it is."""
    metrics = Metrics(db, Settings())
    with served(metrics, "127.0.0.1", 0) as port:
        figures(port)
        db.close()
        engine.drop(db.data_dir)
        assert ask(port, "/healthz") == (503, "database\n")
        found = figures(port)
        assert (found["monitor_database_up"], found["monitor_database_errors_total"]) == (0, 1)
        assert "monitor_checks_due" not in found
        assert figures(port)["monitor_database_errors_total"] == 2


def test_no_label_and_no_value_holds_anything_of_a_record(db: Store) -> None:
    """Not the host, not the address, not the record; and labels are words of a closed list."""
    metrics = Metrics(db, Settings())
    metrics.ended(CheckCounts(1, 1), NOW)
    with served(metrics, "127.0.0.1", 0) as port:
        text = "".join(ask(port, path)[1] for path in ("/metrics", "/healthz", f"/{MARK}"))
    for secret in (MARK, "192.0.2", "example", "hotline"):
        assert secret not in text
    labels = set(re.findall(r'(\w+)="([^"]*)"', text))
    assert {name for name, _ in labels} == {"outcome", "went", "state", "le"}
    assert all(re.fullmatch(r"[a-z-]+|[\d.]+|\+Inf", value) for _, value in labels)


# --- where -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "localhost", "monitor.example"])
def test_any_other_place_than_this_machine_is_refused(host: str, db: Store, tmp_path: Path) -> None:
    """By the configuration, and by the server itself."""
    (tmp_path / "monitor.toml").write_text(f'[operation]\nmetrics_host = "{host}"\n')
    with pytest.raises(WrongSetting, match="metrics_host") as raised:
        load_settings(tmp_path, None)
    assert host not in str(raised.value).replace("127.0.0.1", "").replace("'::1'", "")
    with pytest.raises(ConfigError, match="this machine"), served(Metrics(db, Settings()), host, 0):
        pass


def test_a_port_that_is_taken_is_said_at_once(db: Store) -> None:
    """With the setting that is to be changed."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(ConfigError, match="metrics_port"), served(Metrics(db, Settings()), "127.0.0.1", taken):
            pass


def test_over_ipv6_it_answers_on_its_own_address_alone(db: Store) -> None:
    """::1 is this machine too."""
    with served(Metrics(db, Settings()), "::1", 0) as port:
        assert ask(port, "/healthz", "::1") == (200, "ok\n")
        with pytest.raises(OSError):
            ask(port, "/healthz", "127.0.0.1")


# --- the whole program -------------------------------------------------------------------------------------------


def test_run_answers_while_it_works_and_logs_one_object_a_line(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """Real servers, a real check: its outcome shows in /metrics, the round in the log; nothing secret in either."""
    zone = {f"a.{MARK}.example": Records(a=(ADDRESSES[0],)), "canary.example": Records(a=(ADDRESSES[1],))}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        Nameserver(zone) as one,
        Nameserver(zone) as other,
        Webserver(lambda asked: behaviours.image() if MARK in asked.path else behaviours.status(204), ADDRESSES) as web,
    ):
        monitor = make("metrics", config([one.address, other.address], web.port, port))
        now = datetime.now(UTC)
        row = {
            "record_id": f"R{MARK}",
            "source": "hotline",
            "url": f"http://a.{MARK}.example:{web.port}/{MARK}.jpg",
            "reported_at": now - timedelta(hours=2),
            "notified_at": now - timedelta(hours=1),
        }
        monitor.json("import", csv_file(tmp_path / "r.csv", [row]))
        with (tmp_path / "log").open("wb") as log:
            process = monitor.start("run", err=log)
            try:
                text = until(port, 'monitor_checks_total{outcome="online"} 1.0')
                assert ask(port, "/healthz") == (200, "ok\n")
                doctor = {each["name"]: each for each in monitor.json("doctor")["findings"]}
                assert doctor["run"]["said"] == "`monitor run` is at work"
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0
    said = (tmp_path / "log").read_text()
    events = [json.loads(line) for line in said.splitlines()]
    rounds = [each for each in events if each["event"] == "round"]
    assert (rounds[0]["due"], rounds[0]["online"]) == (1, 1)
    for secret in (MARK, *ADDRESSES, "canary.example", one.address):
        assert secret not in text and secret not in said


def config(resolvers: list[str], web_port: int, port: int) -> str:
    return f"""
[mandate]
organisation = "Example authority"
legal_basis = "an invented article"
contact = "checks@authority.example"
expires = 2099-12-31
loopback = true
[sources.hotline]
live = true
[resolvers]
servers = {json.dumps(resolvers)}
[canary]
ipv4 = ["http://canary.example:{web_port}/ok"]
[checks]
pause_seconds = 0
[rdap.servers]
arin = "http://127.0.0.1:9"
[operation]
metrics_port = {port}
log_format = "json"
"""


def until(port: int, wanted: str) -> str:
    """/metrics once it holds that line; the program has a minute to get there."""
    ends_at = time.monotonic() + 60
    while time.monotonic() < ends_at:
        try:
            _, text = ask(port, "/metrics")
        except OSError:
            text = ""
        if wanted in text:
            return text
        time.sleep(0.1)
    raise AssertionError(f"no {wanted} after a minute")
