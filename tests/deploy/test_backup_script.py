"""deploy/backup.sh with the real program: a backup a time, looked through, and only so many kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.store import open_store
from tests.engines import Engine

SCRIPT = Path(__file__).parents[2] / "deploy" / "backup.sh"
PROGRAM = Path(sys.executable).parent / "monitor"
PROGRAM_OF_DAMAGE = """#!/bin/sh
# Writes a backup, and finds in it what LOOK says.
[ "$1 $2" = "backup --check" ] && echo damaged >"$3" && exit "$LOOK"
"""


@pytest.fixture
def data(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    open_store(folder, engine.url(folder), create=True).close()
    if url := engine.url(folder):
        monkeypatch.setenv("MONITOR_DATABASE__URL", url)
    monkeypatch.setenv("MONITOR_DATA_DIR", str(folder))
    monkeypatch.setenv("MONITOR", str(PROGRAM))
    (tmp_path / "kept").mkdir(mode=0o700)
    return folder


def backup(folder: Path, keep: int) -> int:
    return subprocess.run([SCRIPT, folder, str(keep)], capture_output=True, check=False).returncode


def test_the_newest_backups_are_kept_and_a_failure_removes_none(data: Path, tmp_path: Path) -> None:
    """Two are kept of three; without the store there is no fourth, and both stay."""
    kept = tmp_path / "kept"
    other = kept / "notes.txt"
    other.write_text("not ours")
    made = list[Path]()
    for _ in range(3):
        assert backup(kept, 2) == 0
        made += sorted(set(kept.glob("*.backup")) - set(made))
    assert sorted(kept.glob("*.backup")) == made[1:] and other.exists()
    assert all(path.stat().st_mode & 0o077 == 0 for path in made[1:])
    assert backup(kept, 0) == 2
    (data / "monitor.key").rename(data / "elsewhere")
    assert backup(kept, 1) != 0
    assert sorted(kept.iterdir()) == [*made[1:], other]


def test_a_backup_that_does_not_stand_the_look_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written, but damaged: it is gone, does not count among those that are kept, and the status says so.

    What was left by one that was killed two days ago goes; what may still be written stays.
    """
    kept, old = tmp_path / "kept", "monitor-20260101T000000000000000Z.backup"
    kept.mkdir()
    for name in (old, f"{old}.unchecked", "monitor-now.backup.unchecked"):
        (kept / name).write_text("whole")
    os.utime(kept / f"{old}.unchecked", (0, 0))
    (tmp_path / "program").write_text(PROGRAM_OF_DAMAGE)
    (tmp_path / "program").chmod(0o700)
    monkeypatch.setenv("MONITOR", str(tmp_path / "program"))
    monkeypatch.setenv("LOOK", "1")
    assert backup(kept, 1) == 1
    assert sorted(path.name for path in kept.iterdir()) == [old, "monitor-now.backup.unchecked"]
    monkeypatch.setenv("LOOK", "0")
    assert backup(kept, 1) == 0
    (new,) = kept.glob("*.backup")
    assert (new.name > old, new.read_text()) == (True, "damaged\n")
