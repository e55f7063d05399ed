"""Resolvers that lie for a while (a captive portal, an outage): no answer of theirs outlives the run it came in.

In process, on a clock that jumps, with real resolvers, a real web server and the real crawl process.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from monitor import clock, store, watching
from monitor.clock import JumpingClock
from monitor.config import Canary, Checks, Mandate, Resolvers, Settings, Source
from monitor.demo import behaviours
from monitor.demo.behaviours import Asked, Behaviour
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.webserver import Webserver
from monitor.intake import normalise_url
from monitor.model.observation import CheckCounts
from monitor.model.report import Notice, Report
from monitor.model.words import InputKind, NoticeKind, NoticeStatus
from tests.engines import Engine

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE, CANARY, NOBODY = "127.0.43.1", "127.0.43.2", "127.0.43.99"
GOOD = {"site.example": Records(a=(HERE,), ttl=60), "canary.example": Records(a=(CANARY,), ttl=3600)}


def answer(asked: Asked) -> Behaviour:
    """A made-up path may end in `a.png` too."""
    return behaviours.status(204) if asked.path == "/ok" else behaviours.image() if asked.path == "/a.png" else GONE


GONE = behaviours.NOT_FOUND


class World:
    """One Target, notified at the start, and everything that is asked about it."""

    def __init__(self, db: store.Store, web: Webserver, zones: tuple[dict[str, Records], ...], servers: Any) -> None:
        self.zones = zones
        self.settings = Settings(
            mandate=Mandate(
                organisation="Example", legal_basis="Example", contact="-", expires="2099-12-31", loopback=True
            ),
            sources={"default": Source(live=True)},
            resolvers=Resolvers(servers=tuple(each.address for each in servers), timeout_seconds=3, tries=3),
            canary=Canary(ipv4=(f"http://canary.example:{web.port}/ok",)),
            checks=Checks(pause_seconds=0),
        )
        self.db = db
        notice = Notice(NoticeKind.REQUEST, NoticeStatus.SENT, START)
        report = Report(1, "default", "R1", normalise_url(f"http://site.example:{web.port}/a.png"), START, notice)
        store.add_reports(self.db, store.begin_input(self.db, "aa", InputKind.REPORTS, 1), [report])

    def tell(self, **records: Records | None) -> None:
        """What the resolvers say from now on, beside the truth."""
        for zone in self.zones:
            zone.clear()
            zone.update({name: said for name, said in {**GOOD, **named(records)}.items() if said is not None})

    def watch(self, start: float, until: float) -> CheckCounts:
        """From one minute after the notice to another, in a program of its own."""
        at, end = (START + timedelta(minutes=minutes) for minutes in (start, until))
        with clock.replaced(JumpingClock(at)):
            return watching.watch(self.db, self.settings, until=end, stop=threading.Event(), registrations=False)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.db.read() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]


def named(records: dict[str, Records | None]) -> dict[str, Records | None]:
    return {f"{name}.example": said for name, said in records.items()}


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    zones = (dict(GOOD), dict(GOOD))
    with (
        Nameserver(zones[0], negative_ttl=(3600, 3600)) as one,
        Nameserver(zones[1], negative_ttl=(3600, 3600)) as other,
        Webserver(answer, (HERE, CANARY)) as web,
    ):
        data = tmp_path / "data"
        with store.open_store(data, engine.url(data), create=True) as db:
            yield World(db, web, zones, (one, other))


def test_while_the_canary_does_not_resolve_no_name_of_a_target_is_asked_about(world: World) -> None:
    """Nothing that lying resolvers say is kept, and when they are well again the Target is online as before."""
    assert world.watch(0, 2).online == 1
    kept = world.rows("SELECT count(*) FROM resolutions")
    world.tell(site=None, canary=None)
    lied = world.watch(58, 58.1)
    assert (lied.online, lied.offline, lied.void) == (0, 0, lied.due)
    assert world.rows("SELECT count(*) FROM resolutions") == kept
    world.tell()
    well = world.watch(60, 140)
    assert well.online >= 1
    assert well.offline == 0


def test_what_a_run_learned_whose_closing_canary_fails_is_not_kept(world: World) -> None:
    """The lie began after the opening canary: the run is void, and the next one asks anew."""
    world.tell(site=Records(a=(NOBODY,), ttl=3600), canary=Records(a=(CANARY,), later_a=(NOBODY,), ttl=0))
    void = world.watch(0, 0.1)
    assert (void.void, void.offline) == (void.due, 0)
    assert world.rows("SELECT count(*) FROM resolutions") == [(0,)]
    world.tell()
    assert world.watch(6, 10).online >= 1


def test_a_name_that_seems_gone_is_asked_about_for_each_reading(world: World) -> None:
    """One false NXDOMAIN is one reading, however long it may be used: the next check finds the name again."""
    assert world.watch(0, 2).online == 1
    world.tell(site=None)
    once = world.watch(54, 60)
    assert once.offline == 1
    world.tell()
    rest = world.watch(61, 130)
    assert rest.offline == 0
    assert world.rows("SELECT count(*) FROM schedule WHERE standing LIKE '%confirmed_at%'") == [(0,)]


def test_a_clock_that_was_ahead_once_does_not_end_the_checks(world: World) -> None:
    """A start in a far future finds nothing to do; the next one, on time, goes on."""
    assert world.watch(0, 2).online == 1
    world.watch(200 * 1440, 200 * 1440 + 1)
    assert world.watch(58, 130).online >= 1
