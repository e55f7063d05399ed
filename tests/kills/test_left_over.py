"""What a killed writer left is told from what somebody works on, and from what is none of ours."""

import os
from pathlib import Path

import pytest

from monitor.disk import locked_draft, remove_left_over, scratch, write_whole


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
