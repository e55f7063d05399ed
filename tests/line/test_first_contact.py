"""A command is given a file that will not do: one line says so, at once, and nothing is made.

What would surprise: a pipe that nobody writes into is opened for writing by a timer in the end, so that a command that
waits for it fails its test and does not hold up all others.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.line.conftest import Monitor, Ran, write_csv

SECONDS = 60.0
"""Far more than any of these takes on a busy machine."""
ROW = {"record_id": "R-1", "url": "https://zq.example/a", "reported_at": "2026-03-01T08:00:00Z"}
BAD = ("missing", "folder", "empty", "null", "fifo")
REFDATA = ("refdata", "import", "--as-of", "2025-06-01")
WITHOUT_A_STORE = {
    "import": ("import", "FILE"),
    "import of two": ("import", "FILE", "FILE"),
    "import of checks": ("import", "--format", "checks", "FILE"),
    "import of SCART": ("import", "--format", "scart", "--timezone", "Europe/Amsterdam", "FILE"),
    "prefixes": (*REFDATA, "--prefixes", "FILE"),
    "AS names": (*REFDATA, "--as-names", "FILE"),
    "proxies": (*REFDATA, "--fronting", "FILE"),
    "restore": ("restore", "FILE"),
    "restore --check": ("restore", "--check", "FILE"),
    "handover verify": ("handover", "verify", "FILE"),
    "handover import": ("handover", "import", "FILE", "--key", "KEY"),
    "key of handover import": ("handover", "import", "KEY", "--key", "FILE"),
}
WITH_A_STORE = {
    "key of restore": ("--data-dir", "NEW", "restore", "BACKUP", "--key", "FILE"),
    "rdap import": ("rdap", "import", "FILE"),
    "exchange import": ("exchange", "import", "FILE", "--identity", "KEY"),
    "identity": ("exchange", "import", "KEY", "--identity", "FILE"),
    "keys take": ("keys", "take", "FILE"),
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of each kind, and a key of age."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "folder").mkdir()
    (folder / "empty").touch()
    os.mkfifo(folder / "fifo")
    return folder


def _words(words: Sequence[str], files: Path, kind: str) -> list[str]:
    given = {"FILE": "/dev/null" if kind == "null" else str(files / kind), "KEY": str(files / "age.key")}
    given |= {"BACKUP": str(files / "whole.backup"), "NEW": str(files / "new")}
    return [given.get(word, word) for word in words]


def _at_once(pipe: Path, act: Callable[[], Ran]) -> Ran:
    """What came of it; fails where it waited for the pipe."""
    waiting = threading.Timer(SECONDS, lambda: os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)))
    waiting.start()
    began = time.monotonic()
    try:
        ran = act()
    finally:
        waiting.cancel()
    assert time.monotonic() - began < SECONDS
    return ran


def _refused(ran: Ran, n_lines: int = 1, status: int = 1) -> None:
    lines = ran.err.splitlines()
    assert (ran.status, len(lines)) == (status, n_lines), ran.err[-1000:]
    assert all(line.startswith("monitor: ") and "defect" not in line for line in lines)


@pytest.mark.one_engine("no database is opened")
@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("name", WITHOUT_A_STORE)
def test_a_file_that_will_not_do_is_told_before_anything_is_made(
    make: Callable[..., Monitor], bad: Path, name: str, kind: str
) -> None:
    """No folder, no key, no store; one line for each file."""
    monitor, key = make(), bad / "age.key"
    if not key.exists():
        assert monitor.run("handover", "key", key).status == 0
    before = _tree(monitor.data)
    ran = _at_once(bad / "fifo", lambda: monitor.run(*_words(WITHOUT_A_STORE[name], bad, kind)))
    _refused(ran, n_lines=2 if name == "import of two" else 1)
    assert _tree(monitor.data) == before


def _tree(folder: Path) -> list[Path] | None:
    return sorted(folder.rglob("*")) if folder.exists() else None


@pytest.fixture(scope="module")
def stocked(make: Callable[..., Monitor], bad: Path) -> Iterator[Monitor]:
    """A store with one record, and a backup of it."""
    monitor = make("stocked")
    assert monitor.run("import", write_csv(bad / "reports.csv", [ROW])).status == 0
    (bad / "whole.backup").unlink(missing_ok=True)  # of the other engine
    assert monitor.run("backup", bad / "whole.backup").status == 0
    if not (bad / "age.key").exists():
        assert monitor.run("handover", "key", bad / "age.key").status == 0
    yield monitor


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("name", WITH_A_STORE)
def test_a_file_that_will_not_do_is_one_line_and_nobody_waits_for_a_pipe(
    stocked: Monitor, bad: Path, name: str, kind: str
) -> None:
    """Nothing is changed, and no further store is made."""
    ran = _at_once(bad / "fifo", lambda: stocked.run(*_words(WITH_A_STORE[name], bad, kind)))
    _refused(ran)
    assert not (bad / "new").exists()


@pytest.mark.one_engine("no database is opened")
@pytest.mark.parametrize("kind", ["folder", "fifo", "missing"])
def test_settings_that_cannot_be_read_are_told_and_no_default_stands_in_for_them(
    make: Callable[..., Any], bad: Path, kind: str
) -> None:
    """A pipe that nobody writes into would otherwise be an empty file; /dev/null is one that somebody meant."""
    monitor = make()
    ran = _at_once(bad / "fifo", lambda: monitor.run("--config", bad / kind, "attribute"))
    _refused(ran, status=2)
    assert "configuration file" in ran.err
    assert "There is no store" in monitor.run("--config", "/dev/null", "attribute").err


def test_one_good_file_among_bad_ones_is_imported(make: Callable[..., Monitor], bad: Path, tmp_path: Path) -> None:
    """Each of the others has its line, and the status says that something failed."""
    monitor, good = make(), write_csv(tmp_path / "reports.csv", [ROW])
    ran = monitor.run("--json", "import", bad / "missing", good)
    assert (ran.status, ran.document["accepted"]) == (1, 1)
    assert "The 1st input file does not exist" in ran.err


@pytest.mark.one_engine("no database is opened")
def test_a_broken_table_beside_a_good_one_changes_nothing(
    make: Callable[..., Monitor], bad: Path, tmp_path: Path
) -> None:
    """All tables of a command are read before the first is kept."""
    monitor, good = make(), tmp_path / "prefixes"
    good.write_text("192.0.2.0/24\t64500\n")
    _refused(monitor.run(*REFDATA, "--prefixes", good, "--as-names", bad / "empty"))
    assert not monitor.data.exists() or not list(monitor.data.glob("monitor.*"))
