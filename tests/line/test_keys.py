"""Keys at the command line: rotated while all goes on; lost, wrong or damaged, and nothing is overwritten."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engines import Engine, copied

KEY = "monitor.key"
FULL = ("--by", "clerk", "--why", "They told us")
NEEDING_THE_STORE: tuple[tuple[str, ...], ...] = (
    ("import", "REPORTS"),
    ("refdata", "import", "--as-of", "2025-06-01", "--prefixes", "PREFIXES"),
    ("refdata", "list"),
    ("resolve",),
    ("attribute",),
    ("rdap", "fetch"),
    ("check",),
    ("run", "--once"),
    ("freeze", "2026H1"),
    ("publish", "2026H1", "--kind", "final"),
    ("rank", "2026H1", "--compare", "refdata"),
    ("explain", "a01"),
    ("providers", "list"),
    ("providers", "merge", "as64500", "as64504", *FULL),
    ("correct", "exclude", "a01", *FULL),
    ("letters", "list"),
    ("brief", "2026H1"),
    ("verify",),
    ("backup", "BACKUP"),
    ("keys", "list"),
    ("keys", "rotate"),
    ("keys", "rotate", "--prepare"),
    ("db", "upgrade"),
)


def _commands(inputs: Any, folder: Path) -> list[tuple[str, ...]]:
    places = {
        "REPORTS": str(inputs.reports),
        "PREFIXES": str(inputs.folder / "prefixes.tsv"),
        "BACKUP": str(folder / "store.backup"),
    }
    return [tuple(places.get(word, word) for word in words) for words in NEEDING_THE_STORE]


def _kept(data: Path) -> dict[str, bytes]:
    """Every file of the data folder but SQLite's own, by name."""
    files = (path for path in data.rglob("*") if path.is_file() and not path.name.startswith("monitor.sqlite"))
    return {str(path.relative_to(data)): path.read_bytes() for path in files}


def _all_say(monitor: Any, inputs: Any, folder: Path, said: str) -> None:
    """Every command ends with status 1 and one line with these words."""
    commands = _commands(inputs, folder)
    for words, ran in zip(commands, monitor.ended(*commands), strict=True):
        (line,) = [line for line in ran.err.splitlines() if "is not in a backup" not in line]
        assert (ran.status, ran.out) == (1, ""), words
        assert said in line, words


def test_a_lost_key_is_said_by_every_command_and_nothing_is_made(
    copy: Any, inputs: Any, tmp_path: Path, dump_of: Callable[[Path], str]
) -> None:
    """No new key beside a database, by those that make a missing store neither; the same key put back, all is well."""
    (copy.data / KEY).rename(tmp_path / KEY)
    before, rows = _kept(copy.data), dump_of(copy.data)
    _all_say(copy, inputs, tmp_path, f"The key file {KEY} is not in the data folder. No new key was made")
    assert (_kept(copy.data), dump_of(copy.data)) == (before, rows)
    assert [path.name for path in tmp_path.iterdir()] == [KEY]
    shutil.copy(tmp_path / KEY, copy.data)
    assert copy.json("verify")["ok"]


def test_a_wrong_key_is_said_by_every_command_and_nothing_is_written(
    copy: Any, make: Callable[..., Any], inputs: Any, tmp_path: Path, dump_of: Callable[[Path], str]
) -> None:
    """The key of another store."""
    other = make("other")
    other.json("import", inputs.reports)
    shutil.copy(other.data / KEY, copy.data)
    rows = dump_of(copy.data)
    commands = [words for words in _commands(inputs, tmp_path) if words != ("db", "upgrade")]  # it opens no value
    for words, ran in zip(commands, copy.ended(*commands), strict=True):
        assert ran.status == 1 and "is not the one that sealed this database" in ran.err, words
    assert dump_of(copy.data) == rows
    assert (copy.data / KEY).read_bytes() == (other.data / KEY).read_bytes()


def test_a_damaged_key_file_is_said_by_every_command_and_left_as_it_is(copy: Any, inputs: Any, tmp_path: Path) -> None:
    """Half of it, as a full disk leaves it with some tools."""
    damaged = (copy.data / KEY).read_bytes()[:100]
    (copy.data / KEY).write_bytes(damaged)
    _all_say(copy, inputs, tmp_path, f"The key file {KEY} is damaged")
    assert (copy.data / KEY).read_bytes() == damaged


def test_the_demonstration_makes_no_new_key_beside_a_database(copy: Any, dump_of: Callable[[Path], str]) -> None:
    """It wants a folder of its own."""
    (copy.data / KEY).unlink()
    rows = dump_of(copy.data)
    assert copy.run("demo").status != 0
    assert not (copy.data / KEY).exists()
    assert dump_of(copy.data) == rows


def test_a_key_that_others_can_read_is_warned_of(copy: Any) -> None:
    """On standard error, the command does its work; not with -q."""
    assert KEY not in copy.run("refdata", "list").err
    (copy.data / KEY).chmod(0o644)
    ran, quiet = copy.ended(("refdata", "list"), ("-q", "refdata", "list"))
    assert (ran.status, quiet.status, KEY in quiet.err) == (0, 0, False)
    assert f"other users of this machine can read {KEY}" in ran.err


def test_after_a_rotation_everything_is_as_it_was(copy: Any, inputs: Any, line: Any) -> None:
    """The same freeze, the same records found and opened, a second import changes nothing; and no key is printed."""
    before = copy.json("explain", "a01", "--reveal", "--reason", "A test")
    old = (copy.data / KEY).read_text()
    said = copy.json("keys", "rotate")
    assert said["n_values"] > 0 and not said["went_on"]
    assert copy.json("freeze", "2026H1")["digest"] == line.said["freeze"]["digest"]
    assert copy.json("import", inputs.reports)["accepted"] == 0
    after = copy.json("explain", "a01", "--reveal", "--reason", "A test")
    assert after | {"cutoff": before["cutoff"]} == before  # it explains as of now
    (kept,) = copy.data.glob(f"{KEY}.before-*")
    assert kept.name == said["kept"] and kept.stat().st_mode & 0o777 == 0o600
    for secret in (json.loads(old)["encryption_key"], json.loads((copy.data / KEY).read_text())["encryption_key"]):
        assert secret not in json.dumps([said, copy.json("keys", "list")])


def test_a_rotation_says_what_is_to_be_done_with_the_files(copy: Any) -> None:
    """Copy the new one to other hosts and to where its backup is; keep the old ones with the backups from before."""
    prepared = copy.json("keys", "rotate", "--prepare")["prepared"]
    assert copy.run("keys", "rotate", "--prepare").status == 1
    ran = copy.run("keys", "rotate")
    assert ran.status == 0
    assert all(word in ran.out for word in (prepared, "every other host", f"{KEY}.before-{prepared}", "backups"))
    listed = copy.run("keys", "list").out
    assert f"{prepared} (seals)" in listed and len(listed.splitlines()) == 1 + 3  # whose it is, a head, two keys


@pytest.mark.slow
def test_imports_and_a_rotation_at_one_time_lose_nothing(
    make: Callable[..., Any], csv_file: Callable[..., Path], engine: Engine, tmp_path: Path
) -> None:
    """Thousands of reports come in under the old key and the new one; all of them open with the new one alone."""
    monitor, n = make("beside"), 12_000
    rows = [
        {"record_id": f"K{i}", "url": f"https://www.site{i % 900}.example/{i}", "reported_at": "2026-01-02T00:00:00Z"}
        for i in range(n)
    ]
    monitor.json("import", csv_file(tmp_path / "first.csv", rows[:10]))
    importing = monitor.start("import", csv_file(tmp_path / "rest.csv", rows))
    said = [monitor.json("keys", "rotate") for _ in range(2)]
    assert importing.wait() == 0
    keys = monitor.json("keys", "list")["keys"]
    assert [key["key_id"] for key in keys if key["n_values"]] == [said[-1]["key_id"]]
    assert monitor.rows("SELECT count(*) FROM reports") == [(n,)]
    assert monitor.json("verify")["ok"]
    alone = copied(monitor.data, tmp_path / "alone")
    assert not {each["key_id"] for each in keys[:-1]} & {*json.loads((alone / KEY).read_text()).values()}
    last = monitor.json("explain", f"K{n - 1}", "--reveal", "--reason", "A test")
    assert f"/{n - 1}" in json.dumps(last)
