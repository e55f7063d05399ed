"""`monitor publish`: the same bytes from the same dataset anywhere, verified by anyone, corrected in the open."""

import csv
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.one_engine("a frozen dataset is the same on both")

REASONS = ("--reason-en", "The cut-off was wrong.", "--reason-nl", "De afsluitdatum klopte niet.")
HOSTILE = {"font.size": "40", "axes.facecolor": "red", "svg.hashsalt": "other", "savefig.dpi": "30"}


@pytest.fixture(scope="module")
def release(line: Any) -> Path:
    """The release of the hand-made line; not to be changed."""
    return Path(line.said["publish"]["path"])


def test_same_freeze_same_bytes_in_another_place(
    line: Any, copy: Any, release: Path, tmp_path: Path, tree_of: Callable[[Path], dict[str, bytes]]
) -> None:
    """Other zone, language, encoding, hash seed, home, umask, folder, no system fonts, copied data: same bytes."""
    cwd, home = tmp_path / "somewhere else", tmp_path / "home"
    cwd.mkdir()
    home.mkdir(mode=0o700)
    (cwd / "matplotlibrc").write_text("".join(f"{name}: {value}\n" for name, value in HOSTILE.items()))
    environment = {
        "FONTCONFIG_FILE": "/dev/null", "HOME": str(home), "LANG": "nl_NL.ISO-8859-15", "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "4242", "PYTHONUTF8": "0", "TZ": "Pacific/Kiritimati",
        "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home), "MPLCONFIGDIR": str(home),
    }  # fmt: skip
    elsewhere = replace(copy, cwd=cwd)
    ran = elsewhere.run(
        "publish", "2026H1", "--out", tmp_path / "out", env=environment, before=lambda: os.umask(0o077) and None
    )
    assert ran.status == 0, ran.err[-2000:]
    made = Path(ran.out.strip())
    assert tree_of(made) == tree_of(release)
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.rglob("*") if path.is_file()} == {0o644}


def test_verify_says_which_file_is_not_as_published(line: Any, release: Path, tmp_path: Path) -> None:
    """An edited, an added, a removed, a renamed and a linked file are each named with what is wrong, and status 1."""
    folder = tmp_path / "2026H1-interim-v1"
    shutil.copytree(release, folder)
    with (folder / "index.html").open("a") as page:
        page.write(" ")
    (folder / "new.txt").write_text("x")
    (folder / "limits.html").unlink()
    (folder / "glossary.html").rename(folder / "words.html")
    (folder / "account.html").unlink()
    (folder / "account.html").symlink_to(folder / "change.html")
    whole, text, document = line.monitor.ended(
        ("publish", "--verify", release), ("publish", "--verify", folder), ("--json", "publish", "--verify", folder)
    )
    assert (whole.status, whole.out.strip()) == (0, "every file is as published")
    assert (text.status, document.status) == (1, 1)
    assert text.out.splitlines() == [
        "account.html: a link or something else in the place of a file",
        "glossary.html: missing",
        "index.html: differs from what was published",
        "limits.html: missing",
        "new.txt: not in the manifest, so not part of what was published",
        "words.html: not in the manifest; was published as glossary.html",
    ]
    found = document.document
    assert (found["ok"], found["superseded_by"]) == (False, None)
    assert [each["file"] for each in found["problems"]] == found["differs"]
    assert [each["text"] for each in found["problems"]] == text.out.splitlines()


def test_a_correction_from_the_command_line(copy: Any, release: Path) -> None:
    """With the old dataset gone: v2 with an erratum, a notice at v1, and the path of the list of those to tell."""
    with (copy.data / "monitor.toml").open("a") as config:
        config.write('[publication]\nname_in_interim = true\ninform = ["Tweede Kamer"]\n')
    wrong = copy.json("publish", "2026H1")
    for frozen in (copy.data / "frozen").glob("2026H1-*"):
        shutil.rmtree(frozen)
    copy.json("freeze", "2026H1", "--cutoff", "2026-07-04T00:00:00Z")
    words = ("publish", "2026H1", "--supersedes", "2", *REASONS)  # v1 names nobody: another version
    made, again, verified = copy.ended(("--json", *words), words, ("--json", "publish", "--verify", wrong["path"]))
    assert made.status == 0, made.err
    path, inform = Path(made.document["path"]), Path(made.document["inform"])
    assert (path.name, Path(wrong["path"]).name) == ("2026H1-interim-v3", "2026H1-interim-v2")
    assert again.out.splitlines() == [str(path), str(inform)]
    assert (verified.status, verified.document["ok"]) == (0, True)
    assert verified.document["superseded_by"] == path.name
    assert verified.document["reason"] == {"en": REASONS[1], "nl": REASONS[3]}
    assert REASONS[3] in (path / "nl/erratum.html").read_text()
    assert stat.S_IMODE(inform.stat().st_mode) == 0o600
    assert inform.parent == copy.data / "inform"
    rows = list(csv.reader(inform.read_text().splitlines()))
    assert rows[0] == ["who", "why", "old_class", "new_class"]
    assert rows[-1][0] == "Tweede Kamer"


def test_a_correction_needs_a_version_and_a_reason_in_both_languages(line: Any) -> None:
    """What is missing, or would publish an address, is wrong usage; a version that is not there is said."""
    asked = (
        (("--supersedes", "1"), 2, "in both languages"),
        (("--supersedes", "1", "--reason-en", "Wrong."), 2, "in both languages"),
        (("--reason-en", "Wrong.", "--reason-nl", "Fout."), 2, "belongs to a correction"),
        (("--supersedes", "1", "--reason-en", "See https://www.a.example/x", "--reason-nl", "Fout."), 2, "--reason-en"),
        (("--supersedes", "8", *REASONS), 1, "no interim release v8"),
        (("--supersedes", "1", "--kind", "final", *REASONS), 1, "That one is interim"),
    )
    for ran, (_, status, words) in zip(
        line.monitor.ended(*(("publish", "2026H1", *more) for more, _, _ in asked)), asked, strict=True
    ):
        assert ran.status == status
        assert words in ran.err
        assert "a.example" not in ran.err
