"""`monitor demo` from beginning to end, in a process of its own: what it publishes is held against the truth.

The demonstration's world is known (`monitor.demo.world`), so every Episode's end and interval can be checked: real
servers on loopback, the real loop, freeze and release.
"""

import math
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from monitor.demo.habits import Habit
from monitor.demo.world import PROVIDERS, Case, World
from monitor.model.words import End

Key = tuple[str, str]

pytestmark = pytest.mark.sqlite_only("the demonstration has a store of its own, and refuses the settings of another")
"""A record and a clock."""


@dataclass(frozen=True)
class Shown:
    """A demonstration that has ended."""

    monitor: Any
    out: str
    err: str
    rows: dict[Key, dict[str, Any]]  # of the roles network and proxy
    cards: dict[str, dict[str, Any]]  # by provider id: those of the request clock with notices, likewise

    @property
    def index(self) -> Path:
        return Path(self.out.strip())


@pytest.fixture(scope="module")
def world() -> World:
    return World.made()


@pytest.fixture(scope="module")
def shown(make: Callable[..., Any]) -> Shown:
    """One demonstration for all tests here: it takes a minute or two."""
    monitor = make("demo")
    ran = monitor.run("demo")
    assert ran.status == 0, ran.err
    (frozen,) = (monitor.data / "frozen").glob("2026-03-*")
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?)", [str(frozen / "episodes.parquet")])
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    booked = {(row["record_id"], row["clock"]): row for row in rows if row["role"] in ("network", "proxy")}
    assert len(booked) == sum(row["role"] in ("network", "proxy") for row in rows)
    ranks = monitor.documents(*(("rank", "2026-03", "--role", role) for role in ("network", "proxy")))
    cards = {card["provider_id"]: card for rank in ranks for card in rank["scorecards"] if card["n_notices"]}
    return Shown(monitor, ran.out, ran.err, booked, cards)


def truths(world: World) -> list[tuple[Key, Case, datetime]]:
    """Every Episode there should be, with the start of its clock."""
    requests = [((case.record_id, "request"), case, case.notice_at) for case in world.cases]
    orders = [((case.record_id, "order"), case, case.order.at) for case in world.cases if case.order]
    return requests + orders


def test_the_last_line_of_output_is_the_path_of_the_release_alone(shown: Shown) -> None:
    """Standard output holds one line, an absolute path that exists; the pages call the providers by name."""
    assert shown.out.count("\n") == 1
    assert shown.index.is_absolute()
    text = shown.index.read_text(encoding="utf-8")
    assert "Stilstaand Hosting" in text
    assert "every provider, site and report in this release is invented" in text
    assert "is verzonnen" in (shown.index.parent / "nl" / "index.html").read_text(encoding="utf-8")


def test_every_notice_is_an_episode_of_the_provider_that_it_told(shown: Shown, world: World) -> None:
    """One row for each record and clock, booked where the picture lay when the notice went out."""
    assert set(shown.rows) == {key for key, _, _ in truths(world)}
    for key, case, _ in truths(world):
        row = shown.rows[key]
        assert row["status"] == "episode"
        assert shown.cards[row["provider_id"]]["provider"] == case.provider.name
        assert row["role"] == ("proxy" if case.provider.habit is Habit.PROXIED else "network")


def test_every_episode_ends_as_it_really_did(shown: Shown, world: World) -> None:
    """Takedown, move, domain or no end: as in the truth, in spite of flaky servers and our own outage."""
    wrong = {
        key: (case.provider.name, case.course.end.value, shown.rows[key]["end"])
        for key, case, _ in truths(world)
        if shown.rows[key]["end"] != case.course.end.value
    }
    assert not wrong


def test_every_interval_holds_the_true_time(shown: Shown, world: World) -> None:
    """The end lies in (L, R]: later than the last ONLINE, not later than the first OFFLINE (or ONLINE elsewhere)."""
    for key, case, started_at in truths(world):
        row, ended_at = shown.rows[key], case.course.ended_at
        if ended_at is None:
            assert row["right_hours"] is None or math.isinf(row["right_hours"])
            continue
        hours = (ended_at - started_at).total_seconds() / 3600
        assert row["left_hours"] < hours <= row["right_hours"] + 1e-6, case.provider.name


def test_the_counts_of_every_provider_are_the_true_ones(shown: Shown, world: World) -> None:
    """taken_down, moved, domain_gone and moved_in on the scorecards of the request clock."""
    cards = {card["provider"]: card for card in shown.cards.values()}
    assert set(cards) == {provider.name for provider in PROVIDERS}
    for provider in PROVIDERS:
        ends = Counter(case.course.end for case in world.cases if case.provider is provider)
        card = cards[provider.name]
        assert card["n_episodes"] == ends.total()
        assert (card["taken_down"], card["moved"], card["domain_gone"]) == (
            ends[End.TAKEDOWN],
            ends[End.MOVE],
            ends[End.DOMAIN],
        )


def test_every_attribution_is_certain_by_the_registry_that_was_asked(shown: Shown) -> None:
    """The loop has asked the registry on loopback in time: no origin AS stands in for the holder of a network."""
    hosting = [row for row in shown.rows.values() if row["role"] == "network"]
    assert {row["attribution_confidence"] for row in hosting} == {"full"}


def test_orders_that_were_obeyed_are_within_their_own_deadline(shown: Shown, world: World) -> None:
    """Bevelrijk obeys every order well in time, the 1 h ones too, and the intervals are narrow enough to show it."""
    orders = [case for case in world.cases if case.order]
    assert orders
    for case in orders:
        row = shown.rows[case.record_id, "order"]
        assert case.order is not None
        assert row["deadline_hours"] == case.order.deadline_hours
        assert row["right_hours"] <= case.order.deadline_hours


def test_what_came_back_after_three_days_is_not_held_against_the_first_takedown(shown: Shown, world: World) -> None:
    """The Episode is `interrupted`, and keeps the first takedown as a sensitivity figure."""
    back = [case for case in world.cases if case.provider.habit is Habit.COMES_BACK and len(case.course.changes) > 2]
    assert back
    for case in back:
        row = shown.rows[case.record_id, "request"]
        first = (case.course.changes[1][0] - case.notice_at).total_seconds() / 3600
        assert row["interrupted"]
        assert row["first_left_hours"] < first <= row["first_right_hours"]


def test_the_outage_is_counted_as_void_and_shown(shown: Shown) -> None:
    """The lines on standard error count void checks and say why."""
    assert "our own line is down" in shown.err
    assert " 0 void" not in shown.err.splitlines()[-1]


def test_no_file_of_the_demonstration_but_its_settings_holds_a_site_or_an_address(shown: Shown, world: World) -> None:
    """URLs and hosts stay sealed here too: in the store, the freeze and the release; the settings name the servers."""
    sites = [host.encode() for host in world.sites]
    for folder, _, names in os.walk(shown.monitor.data):
        for name in names:
            content = Path(folder, name).read_bytes()
            assert not any(site in content for site in sites), name
    assert not any(site.decode() in shown.err for site in sites)


def test_a_folder_that_holds_something_else_is_refused_and_left_as_it_is(make: Callable[..., Any]) -> None:
    """Status 2, one line that says what to do, and nothing changed."""
    monitor = make("taken")
    monitor.data.mkdir()
    (monitor.data / "monitor.sqlite").write_bytes(b"somebody's store")
    ran = monitor.run("demo")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "--data-dir" in ran.err
    assert [path.name for path in monitor.data.iterdir()] == ["monitor.sqlite"]


def test_settings_from_elsewhere_are_refused(make: Callable[..., Any], tmp_path: Path) -> None:
    """Neither --config nor a setting in the environment can lead the demonstration to a real database or network."""
    monitor = make("settings")
    (tmp_path / "other.toml").write_text("", encoding="utf-8")
    assert monitor.run("--config", tmp_path / "other.toml", "demo").status == 2
    assert monitor.run("demo", env={"MONITOR_DATABASE__URL": "sqlite:///elsewhere"}).status == 2
    assert not monitor.data.exists()


def test_a_demonstration_that_is_stopped_leaves_neither_servers_nor_files_with_urls(make: Callable[..., Any]) -> None:
    """SIGTERM ends it within ten seconds, with the status of Ctrl-C; its temporary folder is gone."""
    monitor = make("stopped")
    process = monitor.start("demo")
    deadline = time.monotonic() + 60
    while not (monitor.data / "checks.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 130
    assert not list(Path(monitor.env["TMPDIR"]).iterdir())
