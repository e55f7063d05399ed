"""SIGKILL of commands whose store lies on PostgreSQL, and a server that stops in the middle of one.

The server sees a client vanish in the middle of a transaction, which it then undoes. Moments are events of an
undisturbed run: statements, commits, what goes to the disk.
"""

import json
import time
from collections.abc import Iterator, Sequence
from itertools import islice

import pytest

from tests.engines import URL_VARIABLE, Engine
from tests.kills.conftest import Bench
from tests.kills.harness import Moment, moments
from tests.kills.on_engine import OnEngine, digest_of, known_counts
from tests.kills.test_kills import AT_LENGTH, looked_at
from tests.kills.world import N_MANY, PERIOD
from tests.postgres import Server

pytestmark = [pytest.mark.slow, pytest.mark.postgresql_only("the same on SQLite is test_kills.py")]
KILLS = {"reports": (4, 12), "many tables": (2, 6), "attribute": (3, 10), "freeze": (4, 12)}


@pytest.fixture
def here(bench: Bench, engine: Engine) -> OnEngine:
    return OnEngine(bench, engine)


@pytest.fixture
def undisturbed(bench: Bench, engine: Engine) -> OnEngine:
    return OnEngine(bench, engine)


def _kill(here: OnEngine, name: str, events: Sequence[str]) -> None:
    """Until it was hit as often as wanted; a run that was not hit is the run that was to come."""
    wanted, hits = KILLS[name][AT_LENGTH], 0
    at_events = (moment for moment in moments(events, 1.0, f"server {name}") if moment.at is not None)
    for moment in islice(at_events, 20 * wanted):
        if not hits:  # one that is sure to come before the end: later there may be nothing left to kill
            moment = Moment(min(moment.at or 1, max(1, len(events) // 2)), 0.0)  # noqa: PLW2901 (the same, sooner)
        run = here.killed(name, moment)
        hits += run.killed
        assert run.killed or run.status in (0, 3), run.err
        looked_at(here.place)
        if hits == wanted:
            return
        if not run.killed and name != "freeze":
            break  # it is done: nothing of it can be killed any more
    assert hits >= 1


def test_killed_imports_and_attributions_end_in_the_counts_of_an_undisturbed_run(
    here: OnEngine, undisturbed: OnEngine
) -> None:
    """The first import, which makes the store, the tables and the attribution, one after the other."""
    for name in ("reports", "many tables", "attribute"):
        _kill(here, name, undisturbed.run(name)[0].events)
        said = json.loads(here.run(name)[0].out)
        assert here.counts() == known_counts(here.bench, name), name
        if name == "reports":
            assert (said["read"], said["accepted"] + said["duplicate"], said["rejected"]) == (N_MANY + 1, N_MANY, 1)
    assert [path.name for path in here.place.data.glob("*.key*")] == ["monitor.key"]
    assert not list(here.place.data.glob(".*"))


def test_a_killed_freeze_has_the_digest_of_an_undisturbed_one_on_sqlite(here: OnEngine) -> None:
    """And one folder."""
    here.run("few reports", "few checks", "refdata", "few attribute", "alpha", "beta")
    _kill(here, "freeze", here.bench.known("freeze").events)
    assert here.freeze() == digest_of(here.bench)
    assert len(list((here.place.data / "frozen").glob(f"{PERIOD}-*"))) == 1
    assert not list((here.place.data / "frozen").glob(".new-*"))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        yield found


def test_a_server_that_stops_during_an_import_is_one_line_and_the_import_goes_on_later(
    bench: Bench, engine: Engine, server: Server
) -> None:
    """Status 1 and what to do; started again the same command accepts the rest, each row once."""
    server.create("gone")
    place, env = bench.after().copy(bench.scratch()), {URL_VARIABLE: server.url("gone")}
    words, seconds = bench.stages["reports"].words, bench.known("reports").seconds
    running = bench.parent.start(place, words, env=env)
    time.sleep(seconds * 0.5)
    server.stop()
    stopped = bench.parent.wait(running)
    if stopped.status != 3:  # else it was done before the server was
        assert stopped.status == 1
        assert stopped.err.splitlines()[-1].startswith("monitor: ")
        assert server.url("gone") not in stopped.err
    refused = bench.parent.run(place, words, env=env)
    assert refused.status == 1
    assert len(refused.err.splitlines()) == 1
    server.start()
    again = bench.parent.run(place, words, env=env)
    assert again.status == 3, again.err
    said = json.loads(again.out)
    assert (said["read"], said["accepted"] + said["duplicate"], said["rejected"]) == (N_MANY + 1, N_MANY, 1)
