"""`monitor verify`: what was changed past the program is said with status 1, and nothing is said of what is well."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engines import Engine, engine_of

BY = ("--by", "clerk", "--why", "They told us")


def _filled(monitor: Any) -> Any:
    """With two more entries on the audit log, after those of its imports; what `verify` says of it."""
    monitor.documents(("providers", "merge", "as64500", "as64504", *BY), ("providers", "undo", "1", *BY))
    return monitor.json("verify")


def _change(monitor: Any, statement: str) -> None:
    assert engine_of(monitor.data).change(monitor.data, statement) == 1


def test_a_store_that_nobody_touched_is_well(copy: Any, dump_of: Callable[[Path], str]) -> None:
    """Everything is counted, both heads are shown, and verifying changes nothing."""
    said, before = _filled(copy), dump_of(copy.data)
    assert said["ok"] and said["problems"] == []
    assert said["audit"]["rows"] > 2 and said["frozen"] == {"folders": 1} and said["releases"] == {"folders": 1}
    assert said["inputs"]["rows"] > 0 and said["inputs"]["not_covered"] == 0
    assert said["observations"] == {"rows": 0, "links": 0} and said["sealed"]["values"] > 0
    heads = said["heads"]
    assert all(len(head) == 64 for head in heads.values()) and len({*heads.values()}) == 2
    again = copy.json("verify", "--head", heads["audit"], "--head", heads["observations"])
    assert again == said and dump_of(copy.data) == before


def test_a_changed_entry_of_the_log_is_named(copy: Any) -> None:
    """By its number, in words, with status 1; nothing that it holds is repeated."""
    last = _filled(copy)["audit"]["rows"]
    _change(copy, f"UPDATE audit SET reason = 'zzother' WHERE id = {last}")
    said = copy.json("verify", status=1)
    assert not said["ok"] and [f"entry {last} " in each for each in said["problems"]] == [True]
    ran = copy.run("verify")
    assert ran.status == 1 and f"WRONG  audit log: entry {last} " in ran.out and "zzother" not in ran.out + ran.err


def test_an_end_that_was_cut_off_shows_by_a_head_that_was_written_down(copy: Any) -> None:
    """Without it what is left looks whole."""
    before = _filled(copy)
    head = before["heads"]["audit"]
    _change(copy, f"DELETE FROM audit WHERE id = {before['audit']['rows']}")
    assert copy.json("verify")["ok"]
    (problem,) = copy.json("verify", "--head", head, status=1)["problems"]
    assert head[:16] in problem


def test_a_changed_fact_a_changed_dataset_and_a_changed_release_are_named(copy: Any) -> None:
    """A notice a day later, a byte of a frozen file, and one of a page."""
    _change(copy, "UPDATE notices SET notified_at = notified_at + 86400000000 WHERE id = 1")
    (frozen,), (release,) = (sorted((copy.data / name).glob("2026H1*")) for name in ("frozen", "releases"))
    with (frozen / "episodes.parquet").open("ab") as file:
        file.write(b"x")
    with (release / "index.html").open("ab") as file:
        file.write(b"x")
    said = "\n".join(copy.json("verify", status=1)["problems"])
    assert f"episodes.parquet of {frozen.name} differs" in said and f"releases: {release.name} differs" in said
    assert "inputs: of input 1 at least one of " in said


def test_what_is_no_head_is_wrong_usage(copy: Any) -> None:
    """And what was typed is not repeated."""
    ran = copy.run("verify", "--head", "zzhead")
    assert ran.status == 2 and "--head is no head" in ran.err and "zzhead" not in ran.err


def test_a_damaged_database_is_said_in_a_line(engine: Engine, copy: Any) -> None:
    """A table that is not there any more."""
    engine.change(copy.data, "DROP TABLE observation_links")
    ran = copy.run("verify")
    assert ran.status == 1 and len(ran.err.splitlines()) == 1
