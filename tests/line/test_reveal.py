"""Showing one URL: who may, why it was asked for, and that the audit log has it first."""

from pathlib import Path
from typing import Any

import pytest

from monitor.store import list_audit
from tests.engines import store_of

URL = "https://one.alpha.example/a01/picture.jpg"


def _log(data: Path) -> list[tuple[str, str, str, str]]:
    with store_of(data) as store:
        return [(entry.actor, entry.action, entry.subject, entry.reason) for entry in list_audit(store)]


def test_a_url_is_shown_with_a_reason_and_the_log_has_who_and_why(copy: Any) -> None:
    """The URL alone on standard output; with --json as one document; of a withheld path the host."""
    before = len(_log(copy.data))
    ran = copy.run("reveal", "a01", "--reason", "asked by the court", "--by", "Jo Tester")
    assert (ran.status, ran.out) == (0, f"{URL}\n")
    assert URL not in ran.err
    shown = copy.json("reveal", "a21", "--source", "hotline", "--reason", "to check", "--by", "Al")
    assert shown == {"source": "hotline", "record_id": "a21", "url": "www.a21.example", "withheld": True}
    assert _log(copy.data)[before:] == [
        ("Jo Tester", "reveal", "record a01 of hotline", "asked by the court"),
        ("Al", "reveal", "record a21 of hotline", "to check"),
    ]


@pytest.mark.parametrize("words", [(), ("--reason", " "), ("--reason", "see http://a.example/b"), ("--by", "Jo")])
def test_without_a_fit_reason_nothing_is_shown(copy: Any, words: tuple[str, ...]) -> None:
    """Wrong usage, one line, nothing on the audit log."""
    before = _log(copy.data)
    ran = copy.run("reveal", "a01", *words)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "a.example" not in ran.err
    assert _log(copy.data) == before


def test_a_record_that_is_not_there_leaves_no_entry(copy: Any) -> None:
    """One line that says so."""
    before = _log(copy.data)
    ran = copy.run("reveal", "nothing-of-that-name", "--reason", "to check")
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "nothing-of-that-name" not in ran.err
    assert _log(copy.data) == before


def test_a_forgotten_url_is_not_shown_and_its_day_is_said(copy: Any) -> None:
    """What went at the end of its term cannot be revealed, and no entry says that it was."""
    with copy.store() as store, store.write() as connection:
        connection.exec_driver_sql("UPDATE targets SET url = NULL, forgotten_at = 1790000000000000")
    before = _log(copy.data)
    ran = copy.run("reveal", "a01", "--reason", "to check")
    assert (ran.status, ran.out) == (1, "")
    assert "was forgotten on 2026-09-21" in ran.err
    assert _log(copy.data) == before
