"""The rejects file: whole or not at all, the same bytes again, nothing where nothing was rejected."""

import csv
import hashlib
import os
import stat
import subprocess
import sys

import pytest

from monitor.errors import InputError
from monitor.intake import RejectsFile
from monitor.model.report import Reject

SHA = hashlib.sha256(b"input").hexdigest()
REJECTS = [
    Reject(9, "conflict", "Another URL for this record.", None),
    Reject(2, "bad-time", "No time.", "reported_at"),
]


def test_rejects_are_written_by_row_without_text_of_the_row(tmp_path):
    """Columns as stated, one call sorted by row, readable by the owner alone."""
    with RejectsFile(tmp_path / "rejects", SHA) as file:
        file.add(REJECTS)
        file.add([Reject(12, "nul", "A NUL, a comma.")])
        assert not list((tmp_path / "rejects").glob("*.csv"))
    assert file.path == tmp_path / "rejects" / f"{SHA[:16]}.csv"
    with file.path.open(newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["input_sha256", "row", "field", "code", "reason"],
            [SHA, "2", "reported_at", "bad-time", "No time."],
            [SHA, "9", "", "conflict", "Another URL for this record."],
            [SHA, "12", "", "nul", "A NUL, a comma."],
        ]
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert list(file.path.parent.iterdir()) == [file.path]


def test_no_rejects_make_no_file_and_no_folder(tmp_path):
    """An import without rejects leaves nothing behind."""
    with RejectsFile(tmp_path / "rejects", SHA) as file:
        file.add([])
    assert file.path is None
    assert not (tmp_path / "rejects").exists()


def test_a_second_import_replaces_the_file_with_the_same_bytes(tmp_path):
    """The content depends on the rejects alone; when there are none any more, the file goes."""
    contents = []
    for _ in range(2):
        with RejectsFile(tmp_path, SHA) as file:
            file.add(REJECTS)
        contents.append(file.path.read_bytes())
    assert contents[0] == contents[1]
    RejectsFile(tmp_path, SHA).close()
    assert list(tmp_path.iterdir()) == []


def test_rejects_of_whole_batches_are_kept_when_the_input_breaks_off(tmp_path):
    """An InputError in the middle does not lose what was rejected before it; closing twice is harmless."""
    file = RejectsFile(tmp_path, SHA)
    with pytest.raises(InputError), file:
        file.add(REJECTS)
        raise InputError("The 1st input file is truncated")
    file.close()
    assert len(file.path.read_text().splitlines()) == 3


@pytest.mark.parametrize("n_rejects", [0, 1])
@pytest.mark.parametrize("raised", [False, True])
def test_an_import_that_fails_keeps_the_fuller_file_of_an_earlier_one(tmp_path, n_rejects, raised):
    """A disk that fills up on a second import must not take the rejects of the first, whole one."""
    with RejectsFile(tmp_path, SHA) as file:
        file.add(REJECTS)
    before = file.path.read_bytes()
    again = RejectsFile(tmp_path, SHA)
    try:
        with again:
            again.add(REJECTS[:n_rejects])
            if raised:
                raise InputError("The 1st input file is truncated")
            again.close(complete=False)
    except InputError:
        pass
    assert file.path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file.path]


def test_an_import_that_fails_later_replaces_the_file_of_one_that_failed_sooner(tmp_path):
    """Of two incomplete readings the one that says more stays; a whole one replaces both, even with less."""
    for n in (1, 2):
        file = RejectsFile(tmp_path, SHA)
        file.add(REJECTS[:n])
        file.close(complete=False)
        assert len(file.path.read_text().splitlines()) == n + 1
    with RejectsFile(tmp_path, SHA) as whole:
        whole.add(REJECTS[:1])
    assert len(whole.path.read_text().splitlines()) == 2


def test_the_draft_of_a_killed_import_goes_and_that_of_a_running_one_stays(tmp_path):
    """A draft names its process; only those of processes that are no more are removed."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left_over, running = tmp_path / f".rejects-0-{ended.pid}.tmp", tmp_path / f".rejects-0-{os.getppid()}.tmp"
    left_over.touch()
    running.touch()
    with RejectsFile(tmp_path, SHA) as file:
        file.add(REJECTS)
    assert not left_over.exists()
    assert running.exists()
