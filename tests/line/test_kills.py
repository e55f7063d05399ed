"""SIGKILL at random moments of every command that writes; the same command again ends as if nothing had happened.

Counts, the digest of the freeze and every byte of the release are compared with those of an undisturbed run, and
nothing half done is to be seen. The moments are drawn with a fixed seed, as a share of the undisturbed run's time.
"""

import contextlib
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.store import list_inputs, open_store

N_REPORTS, N_CHECKS = 10_500, 21_000  # more than two batches each
PERIOD = "2026H1"
START = datetime(2026, 1, 2, tzinfo=UTC)
KILLS = 3

pytestmark = pytest.mark.slow


def _reports() -> Iterator[dict[str, object]]:
    for i in range(N_REPORTS):
        at = START + timedelta(minutes=15 * i)
        url = f"https://www.site{i % 900}.example/{i}"
        ip = f"{('192.0.2', '198.51.100', '203.0.113')[i % 3]}.{i % 251}"
        times = {"reported_at": at.isoformat(), "notified_at": (at + timedelta(hours=2)).isoformat()}
        yield {"record_id": f"K{i}", "url": url, "ip": ip, **times}


def _checks() -> Iterator[dict[str, object]]:
    for i in range(N_CHECKS):
        at = START + timedelta(minutes=15 * (i // 2), hours=3 + (i * 7) % 40 * (i % 2))
        yield {"record_id": f"K{i // 2}", "checked_at": at.isoformat(), "outcome": ("online", "offline")[i % 2]}


@dataclass(frozen=True)
class Undisturbed:
    """What each command gave, and how long it took, in seconds."""

    commands: dict[str, tuple[object, ...]]
    said: dict[str, Any]
    seconds: dict[str, float]
    release: dict[str, bytes]


@pytest.fixture(scope="module")
def undisturbed(
    make: Callable[..., Any],
    inputs: Any,
    csv_file: Callable[..., Path],
    tree_of: Callable[[Path], dict[str, bytes]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Undisturbed:
    folder = tmp_path_factory.mktemp("many")
    names = ("--prefixes", inputs.folder / "prefixes.tsv", "--as-names", inputs.folder / "as-names.csv")
    commands: dict[str, tuple[object, ...]] = {
        "reports": ("import", csv_file(folder / "reports.csv", _reports())),
        "checks": ("import", csv_file(folder / "checks.csv", _checks())),
        "refdata": ("refdata", "import", "--as-of", "2025-06-01", *names),
        "attribute": ("attribute",),
        "freeze": ("freeze", PERIOD),
        "publish": ("publish", PERIOD),
    }
    monitor, said, seconds = make("undisturbed"), {}, {}
    for name, words in commands.items():
        began = time.monotonic()
        said[name] = monitor.json(*words)
        seconds[name] = time.monotonic() - began
    return Undisturbed(commands, said, seconds, tree_of(Path(said["publish"]["path"])))


@pytest.fixture(scope="module")
def disturbed(make: Callable[..., Any]) -> Any:
    """The store on which every command is killed, in the order of the line."""
    return make("disturbed")


def _kill(monitor: Any, known: Undisturbed, name: str, sign: Callable[[], bool]) -> int:
    """Kill the command right after its first `sign` of work, then at two random moments; how often it hit."""
    moments = random.Random(f"kill {name}")
    took, words = known.seconds[name], known.commands[name]
    hits = int(monitor.kill(words, took * moments.uniform(0.0, 0.02), sign))
    return hits + sum(monitor.kill(words, took * moments.uniform(0.3, 0.9)) for _ in range(KILLS - 1))


def _appears(folder: Path, pattern: str) -> Callable[[], bool]:
    """Whether another such file or folder is there than when this was first asked, which is before the run."""
    before: set[Path] | None = None

    def appeared() -> bool:
        nonlocal before
        found = set(folder.glob(pattern))
        before = found if before is None else before
        return bool(found - before)

    return appeared


def _wal(data: Path) -> Callable[[], bool]:
    """Whether something was written: the first pages of a transaction are in the WAL."""

    def written() -> bool:
        try:
            return (data / "monitor.sqlite-wal").stat().st_size > 0
        except FileNotFoundError:
            return False

    return written


def _count(data: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(data / "monitor.sqlite")) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.parametrize(("name", "n"), [("reports", N_REPORTS), ("checks", N_CHECKS)])
def test_a_killed_import_goes_on_without_doubles(disturbed: Any, undisturbed: Undisturbed, name: str, n: int) -> None:
    """Whole batches only after each kill; then every row is there once, and the input's count is exact."""
    assert _kill(disturbed, undisturbed, name, _wal(disturbed.data)) >= 1
    kept = _count(disturbed.data, name)
    assert kept % 5_000 == 0 or kept == n
    said = disturbed.json(*undisturbed.commands[name])
    assert (said["read"], said["accepted"] + said["duplicate"], said["rejected"]) == (n, n, 0)
    assert _count(disturbed.data, name) == n
    with open_store(disturbed.data, create=False) as store:
        (found,) = (one for one in list_inputs(store) if one.kind.value == name)
    assert (found.n_read, found.n_accepted, found.n_rejected) == (n, n, 0)


def test_a_killed_table_import_leaves_whole_tables_or_none(disturbed: Any, undisturbed: Undisturbed) -> None:
    """After it the tables are those of the undisturbed run, each once."""
    assert _kill(disturbed, undisturbed, "refdata", _wal(disturbed.data)) >= 1
    disturbed.json(*undisturbed.commands["refdata"])
    facts = ("kind", "as_of", "rows", "sha256")
    found = [{fact: table[fact] for fact in facts} for table in disturbed.json("refdata", "list")["tables"]]
    made = [{fact: table[fact] for fact in facts} for table in undisturbed.said["refdata"]["tables"]]
    assert sorted(found, key=str) == sorted(made, key=str)


def test_a_killed_attribution_ends_in_the_same_counts(disturbed: Any, undisturbed: Undisturbed) -> None:
    """The counts are those of all addresses, whoever attributed them."""
    assert _kill(disturbed, undisturbed, "attribute", _wal(disturbed.data)) >= 1
    assert disturbed.json("attribute") == undisturbed.said["attribute"]


def test_a_killed_freeze_is_not_to_be_seen_and_the_next_has_the_same_digest(
    disturbed: Any, undisturbed: Undisturbed
) -> None:
    """No half dataset under the name of a whole one; what was left over is gone after the next run."""
    folder = disturbed.data / "frozen"
    assert _kill(disturbed, undisturbed, "freeze", _appears(folder, ".new-*")) >= 1
    for place in folder.glob(f"{PERIOD}-*"):
        assert (place / "manifest.json").is_file()
    said = disturbed.json("freeze", PERIOD)
    assert said["digest"] == undisturbed.said["freeze"]["digest"]
    assert said["episodes"] == undisturbed.said["freeze"]["episodes"]
    assert said["episodes_network"] == N_REPORTS
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [f"{PERIOD}-{said['digest'][:8]}"]


def test_a_killed_publication_is_not_to_be_seen_and_the_next_has_the_same_bytes(
    disturbed: Any, undisturbed: Undisturbed, tree_of: Callable[[Path], dict[str, bytes]]
) -> None:
    """One release, version 1, byte for byte that of the undisturbed run; what was left over is gone."""
    folder = disturbed.data / "releases"
    assert _kill(disturbed, undisturbed, "publish", _appears(folder, ".release-*")) >= 1
    said = disturbed.json("publish", PERIOD)
    assert [path.name for path in folder.iterdir()] == [f"{PERIOD}-interim-v1"]
    assert tree_of(Path(said["path"])) == undisturbed.release
    assert said["digest"] == undisturbed.said["publish"]["digest"]
