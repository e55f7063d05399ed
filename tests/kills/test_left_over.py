"""What a killed writer left is told from what somebody works on, and from what is none of ours."""

import os
from pathlib import Path

import pytest

from monitor.disk import locked_draft, read_small, remove_left_over, scratch, to_read, write_new, write_whole
from monitor.handover.signing import signing_key
from monitor.store.key_file import check_is_new


def test_the_next_writer_of_a_file_removes_the_drafts_that_nobody_works_on(tmp_path: Path) -> None:
    """One that is open stays, and so does an editor's own file of a like name."""
    handle, under_way = locked_draft(tmp_path, ".pairs.csv.")
    others = [tmp_path / name for name in (".pairs.csv.swp", ".pairs.csv.12345678.bak", ".other.csv.abcdefgh")]
    left = tmp_path / ".pairs.csv.abcdefgh"
    for path in (*others, left):
        path.touch()
    write_whole(tmp_path / "pairs.csv", b"whole")
    os.close(handle)
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "pairs.csv", under_way, *others])
    write_whole(tmp_path / "pairs.csv", b"again")
    assert not under_way.exists()


def test_a_scratch_folder_is_gone_after_its_use_and_so_is_one_of_a_killed_process(tmp_path: Path) -> None:
    """One in use stays; a link of such a name is not followed."""
    left, elsewhere = tmp_path / "hosting-monitor-scratch-abcdefgh", tmp_path / "elsewhere"
    for folder in (left, elsewhere):
        folder.mkdir()
        (folder / "rows.jsonl").touch()
    link = tmp_path / "hosting-monitor-scratch-12345678"
    link.symlink_to(elsewhere)
    with scratch(tmp_path) as one, scratch(tmp_path) as other:
        assert {one, other, link, elsewhere} == set(tmp_path.iterdir())
        assert one.stat().st_mode & 0o777 == 0o700
    assert {link, elsewhere} == set(tmp_path.iterdir())
    assert (elsewhere / "rows.jsonl").exists()


def test_a_new_file_is_never_written_over_another_and_takes_drafts_of_it_away(tmp_path: Path) -> None:
    """0600 and whole, also where the disk knows no hard links."""
    left = tmp_path / ".new.key.abcdefgh"
    left.touch()
    write_new(tmp_path / "new.key", b"whole")
    assert (tmp_path / "new.key").stat().st_mode & 0o777 == 0o600
    left.touch()
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "new.key", b"another")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("new.key", b"whole")]


def test_a_key_whose_maker_was_killed_right_after_lies_there_once(tmp_path: Path) -> None:
    """The draft under which it was written goes with the next use; a key file for another role likewise."""
    made, second = signing_key(tmp_path, create=True), tmp_path / ".signing.key.abcdefgh"
    second.hardlink_to(tmp_path / "signing.key")
    assert signing_key(tmp_path, create=True).public == made.public
    assert [path.name for path in tmp_path.iterdir()] == ["signing.key"]
    role = tmp_path / ".operator.key.abcdefgh"
    role.touch()
    check_is_new(tmp_path / "operator.key")
    assert not role.exists()


def test_a_pipe_that_nobody_writes_into_is_at_its_end_and_a_device_is_no_whole_file(tmp_path: Path) -> None:
    """And what is longer than it may be is refused before it is in memory."""
    os.mkfifo(tmp_path / "pipe")
    with to_read(tmp_path / "pipe") as file:
        assert file.read() == b""
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(OSError, match="a folder or a device"):
            to_read(path, whole=True)
    with pytest.raises(OSError, match="nobody writes"):
        read_small(tmp_path / "pipe", 10)
    with pytest.raises(OSError, match="too large"):
        read_small(Path("/dev/zero"), 10)


def test_a_file_that_cannot_be_written_leaves_no_draft(tmp_path: Path) -> None:
    """Where a folder has its name."""
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        write_whole(tmp_path / "taken", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_folder_that_is_not_there_holds_no_left_over(tmp_path: Path) -> None:
    """Nothing is raised, nothing is made."""
    remove_left_over(tmp_path / "nowhere", ".new-", ".age")
    assert not list(tmp_path.iterdir())
