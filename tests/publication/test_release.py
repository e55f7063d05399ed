"""A release is write-once, the same bytes everywhere, and says which file was changed."""

import json
import os
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from monitor.errors import ReleaseError
from monitor.model.release import Difference, Problem
from monitor.publication import publish, verify


@pytest.fixture
def copy(published, tmp_path) -> Path:
    """A copy that a test may damage."""
    for path in published.path.rglob("*"):
        if path.is_file():
            target = tmp_path / "copy" / path.relative_to(published.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return tmp_path / "copy"


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_folder_is_named_after_period_kind_and_version(published):
    """PERIOD-KIND-vN holds every file of the interface, and nothing is left beside it."""
    assert published.path.name == "2026H1-interim-v1"
    assert [path.name for path in published.path.parent.iterdir()] == ["2026H1-interim-v1"]
    names = all_bytes(published.path).keys()
    assert published.files == len(names)
    for stem in ("compliance", "online", "burden", "trend"):
        assert {f"charts/{stem}-{lang}.{kind}" for lang in ("en", "nl") for kind in ("png", "svg")} <= names
    for page in ("index", "sensitivity", "methodology", "limits", "providers/as64500", "tables/codebook"):
        assert {f"{page}.html", f"nl/{page}.html"} <= names
    assert {f"tables/{n}" for n in ("ranking.csv", "ranking.json", "ranking.parquet", "curves.csv", "trend.csv",
                                    "sensitivity.csv", "choices.csv",
                                    "datapackage.json", "codebook.csv")} <= names  # fmt: skip


def test_manifest_holds_the_hash_of_every_other_file(published):
    """manifest.json lists SHA-256, freeze, code version, kind and period with sorted keys, and is the digest."""
    raw = (published.path / "manifest.json").read_bytes()
    manifest = json.loads(raw)
    content = {name: data for name, data in all_bytes(published.path).items() if name != "manifest.json"}
    assert manifest["files"] == {name: sha256(data).hexdigest() for name, data in content.items()}
    assert (manifest["freeze"], manifest["kind"], manifest["period"]) == ("ab" * 32, "interim", "2026H1")
    assert list(manifest) == sorted(manifest)
    assert published.digest == sha256(raw).hexdigest()


def test_same_input_gives_the_same_bytes_in_another_folder(named, published, tmp_path):
    """A rebuild elsewhere is identical, file for file."""
    again = publish(named, tmp_path / "other place")
    assert again.digest == published.digest
    assert all_bytes(again.path) == all_bytes(published.path)


def test_same_content_again_returns_the_folder_that_is_there(named, published):
    """Publishing the same content twice writes nothing."""
    before = {path: path.stat().st_mtime_ns for path in (published.path.parent, *published.path.parent.rglob("*"))}
    assert publish(named, published.path.parent) == published
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_other_content_gets_the_next_number_and_leaves_the_old_one(small, first, tmp_path):
    """v2 appears beside v1 when the content differs, and v1 is found again."""
    second = publish(replace(small, contact="Somebody else"), tmp_path)
    assert [first.path.name, second.path.name] == ["2026H1-interim-v1", "2026H1-interim-v2"]
    assert verify(first.path) == ()
    assert publish(small, tmp_path) == first


def test_a_changed_release_is_not_taken_for_the_same(small, first, tmp_path):
    """Publishing over a damaged folder says so instead of returning it."""
    (first.path / "index.html").write_text("changed")
    with pytest.raises(ReleaseError, match="was changed after it was published"):
        publish(small, tmp_path)


def test_a_folder_that_cannot_be_written_is_one_clear_error(small, tmp_path):
    """A file where the folder should be gives a ReleaseError without a path in it."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(ReleaseError) as caught:
        publish(small, tmp_path / "taken")
    assert str(tmp_path) not in str(caught.value)


def test_verify_accepts_what_was_published(published):
    """An untouched release verifies."""
    assert verify(published.path) == ()


@pytest.mark.parametrize("name", ["index.html", "charts/burden-nl.png", "tables/ranking.parquet", "manifest.json"])
def test_verify_finds_one_changed_byte(copy, name):
    """One changed byte in any file is named as a difference."""
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    assert Difference(name, Problem.DIFFERS) in verify(copy)


def test_verify_finds_every_field_of_the_manifest_that_was_changed(copy):
    """A manifest with another freeze digest or code version does not verify."""
    original = (copy / "manifest.json").read_text()
    for field in ("code_version", "content", "cutoff", "freeze", "kind", "method", "period"):
        manifest = json.loads(original)
        manifest[field] += "x"
        (copy / "manifest.json").write_text(json.dumps(manifest, sort_keys=True, indent=1) + "\n")
        assert verify(copy) == (Difference("manifest.json", Problem.DIFFERS),)


def test_verify_says_of_each_file_what_is_wrong_with_it(copy):
    """A file that is gone, one that was added, one that was renamed, and links: each with its own word."""
    (copy / "limits.html").unlink()
    (copy / "nl" / "note.txt").write_text("new")
    (copy / "tables" / "ranking.csv").rename(copy / "tables" / "final.csv")
    (copy / "index.html").rename(copy.parent / "index.html")
    (copy / "index.html").symlink_to(copy.parent / "index.html")
    (copy / "elsewhere").symlink_to(copy.parent, target_is_directory=True)
    assert verify(copy) == (
        Difference("elsewhere", Problem.NOT_A_FILE),
        Difference("index.html", Problem.NOT_A_FILE),
        Difference("limits.html", Problem.MISSING),
        Difference("nl/note.txt", Problem.ADDED),
        Difference("tables/final.csv", Problem.RENAMED, "tables/ranking.csv"),
        Difference("tables/ranking.csv", Problem.MISSING),
    )


def test_verify_does_not_wait_for_what_is_no_file(copy):
    """A named pipe in the place of a file is said, and never opened."""
    (copy / "index.html").unlink()
    os.mkfifo(copy / "index.html")
    assert verify(copy) == (Difference("index.html", Problem.NOT_A_FILE),)


def test_verify_names_a_missing_manifest_and_refuses_a_missing_folder(copy):
    """Without its manifest nothing in a folder can be vouched for; without a folder there is nothing to verify."""
    (copy / "manifest.json").write_text("[]")
    assert verify(copy) == (Difference("manifest.json", Problem.DIFFERS),)
    (copy / "manifest.json").unlink()
    assert verify(copy) == (Difference("manifest.json", Problem.MISSING),)
    with pytest.raises(ReleaseError):
        verify(copy / "nowhere")


def test_files_can_be_read_by_a_web_server_whatever_the_umask(small, tmp_path):
    """Under a umask that shuts everybody else out, the files of a release are still readable by all."""
    before = os.umask(0o077)
    try:
        path = publish(small, tmp_path).path
    finally:
        os.umask(before)
    assert {each.stat().st_mode & 0o777 for each in path.rglob("*") if each.is_file()} == {0o644}
    assert {each.stat().st_mode & 0o777 for each in path.rglob("*") if each.is_dir()} == {0o755}


def test_no_file_holds_a_build_date_or_the_version_number(published):
    """Nothing in the bytes depends on when, where or under which number it was published."""
    for name, data in all_bytes(published.path).items():
        assert not re.search(rb"2026H1-interim-v\d", data), name
        assert not re.search(rb"<dc:date>|tEXtSoftware|Creation Time", data), name
