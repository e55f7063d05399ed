"""SIGKILL in every command that writes, again and again; the same command then ends as if nothing had happened.

Each stage is killed at events of its own (a commit, a rename, a file on its way to the disk, a statement) or a little
later, and by the clock; seeds are fixed. Whenever a run comes to its end, every table, every file and what was said are
held against two undisturbed runs. `make kills` does it at length, the ordinary tests do a part.
"""

import hashlib
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.publication.verification import verify
from tests.kills.conftest import Bench
from tests.kills.harness import DATABASE, Ended, Known, Place, killed_again_and_again, picture
from tests.kills.whole import check_whole
from tests.kills.world import N_MANY, PERIOD, stages

AT_LENGTH = os.environ.get("MONITOR_KILLS") == "many"
SAID = ("digest", "episodes", "providers", "scorecards", "attributed", "unattributed", "read", "rejected", "rows")
"""Of what a command says: facts. The others tell how much was still to be done."""
KILLS: Counter[str] = Counter()
"""How many there were in this process, by stage."""

pytestmark = pytest.mark.slow


def _names() -> list[str]:
    return [name for name, stage in stages(Path()).items() if stage.kills[AT_LENGTH]]


@pytest.mark.parametrize("name", _names())
def test_a_command_that_is_killed_and_started_again_ends_as_if_nothing_had_happened(bench: Bench, name: str) -> None:
    """Rows, files and figures are those of an undisturbed run, nothing double, nothing left over."""
    stage, known = bench.stages[name], bench.known(name)

    def ended(place: Place, run: Ended) -> None:
        done_before = bool(stage.already) and stage.already in run.err
        assert known.differences(picture(place), stage.but_for) == []
        if done_before:
            return
        assert run.status in (0, 3), run.err[-2000:]
        assert known.other_words(json.loads(run.out), SAID) == []
        for words in stores(place):
            verified = bench.parent.run(place, (*words, "verify"))
            assert verified.status == 0, verified.out

    n_kills = stage.kills[AT_LENGTH]
    killed = killed_again_and_again(
        bench.parent, bench.before(name), stage.words, known, n_kills, bench.scratch(), looked_at, ended
    )
    KILLS[name] += killed.n
    print(f"\n{name}: {killed.n} kills, {killed.ends} ends, at {dict(killed.at)}")


def stores(place: Place) -> Iterator[tuple[object, ...]]:
    """The words that name each store that is there: the place's own, and what a command made of it."""
    yield ()
    for database in sorted(place.out.glob(f"*/{DATABASE}")):
        yield ("--data-dir", database.parent)


def looked_at(place: Place) -> None:
    """What must hold right after a kill: what bears the name of something whole is whole, and counts are sums."""
    for folder in _folders(place.data / "frozen"):
        manifest = json.loads((folder / "manifest.json").read_bytes())
        for name, digest in manifest["files"].items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    for top in (place.data / "releases", place.out):
        for folder in _folders(top):
            assert verify(folder) == () or not folder.name.startswith(PERIOD)
    check_whole(place)
    for database in (place.data / DATABASE, *place.out.glob(f"*/{DATABASE}")):
        if database.exists() and database.stat().st_size:
            _looked_into(database)


def _folders(top: Path) -> list[Path]:
    return [path for path in top.glob("*") if path.is_dir() and not path.name.startswith(".")]


def _looked_into(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'inputs'").fetchall():
            return  # the transaction that makes the tables was broken off
        assert connection.execute("SELECT count(*) FROM inputs WHERE n_read < n_accepted + n_rejected").fetchone() == (
            0,
        )


def test_every_row_of_a_killed_import_is_accounted_for(bench: Bench) -> None:
    """After the last import read = accepted + duplicate + rejected, each row is there once, and the input's own count
    is that of the first reading."""
    known: Known = bench.known("reports")
    said = known.said[0]
    assert (said["read"], said["accepted"], said["duplicate"], said["rejected"]) == (N_MANY + 1, N_MANY, 0, 1)
    (row,) = [row for row in known.one.tables["inputs"] if row["kind"] == "reports"]
    assert (row["n_read"], row["n_accepted"], row["n_rejected"]) == (N_MANY + 1, N_MANY, 1)
