"""`monitor doubts`: every attribution with less than full confidence, by reason, from the freeze alone."""

import shutil
from collections import Counter
from typing import Any

import duckdb
import pytest

from monitor.model.words import Doubt, Unattributed


def _rows(line: Any, role: str) -> list[tuple[Any, ...]]:
    (path,) = line.monitor.data.glob("frozen/2026H1-*/episodes.parquet")
    chosen = "source, record_id, clock, status, provider_id, attribution_confidence, attribution_doubts"
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT {chosen}, unattributed_reason FROM read_parquet(?) WHERE role = ?",
            [str(path), role],
        ).fetchall()


@pytest.mark.parametrize("role", ["network", "as", "customer", "proxy"])
def test_the_counts_are_those_of_the_frozen_rows(line: Any, role: str) -> None:
    """Each reason's number is that of the rows that have it; each row is listed with its reasons."""
    doubtful = [row for row in _rows(line, role) if row[5] != "full"]
    reasons = {row[1]: (row[6] or row[7] or "").split(";") for row in doubtful}
    found = line.monitor.json("doubts", "2026H1", "--role", role)
    assert found["doubtful"] == len(doubtful)
    assert found["reasons"] == Counter(word for row in doubtful for word in (row[6] or row[7] or "").split(";") if word)
    assert list(found["reasons"].values()) == sorted(found["reasons"].values(), reverse=True)
    assert {row["record_id"]: row["reasons"] for row in found["records"]} == reasons
    assert set(found["reasons"]) <= {*Doubt, *Unattributed}


def test_a_reason_lists_its_records_alone(line: Any) -> None:
    """--reason keeps the counts and lists only the records that have it; the text shows each record once."""
    found = line.monitor.json("doubts", "2026H1", "--reason", "stated-origin")
    assert [row["record_id"] for row in found["records"]] == ["b02"]
    assert found["doubtful"] > 1
    ran = line.monitor.run("doubts", "2026H1", "--reason", "no-prefix")
    assert "1 of them for no-prefix: the routing table announces nothing that covers the address" in ran.out
    assert ran.out.count("u02") == 1 and "u01" not in ran.out and "nobody" in ran.out


def test_the_text_gives_each_reason_with_its_meaning(line: Any) -> None:
    """Without --reason no record is named, and each reason is told in words."""
    ran = line.monitor.run("doubts", "2026H1")
    assert "stated-origin" in ran.out and "the origin is the one that the report states" in ran.out
    assert "b02" not in ran.out
    assert max(len(row) for row in ran.out.splitlines()) <= 120


@pytest.mark.parametrize(
    ("words", "hint"),
    [(("--reason", "wether"), "stated-address"), (("--role", "site"), "customer"), (("--role", "x"), "network")],
)
def test_an_unknown_word_is_wrong_usage_and_names_the_right_ones(line: Any, words: tuple[str, ...], hint: str) -> None:
    """Status 2, one line, nothing on standard output."""
    ran = line.monitor.run("doubts", "2026H1", *words)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert hint in ran.err


def test_no_store_is_needed(line: Any, make: Any) -> None:
    """A copied freeze is enough; where there is neither store nor freeze, that is said."""
    monitor = make("freeze-only")
    shutil.copytree(line.monitor.data / "frozen", monitor.data / "frozen")
    assert monitor.json("doubts", "2026H1") == line.monitor.json("doubts", "2026H1")
    assert make("nothing").run("doubts", "2026H1").status == 1
