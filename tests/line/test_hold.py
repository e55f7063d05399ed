"""`monitor hold`: what is held is not forgotten, and who held what until when stays on record."""

from typing import Any

import pytest

from monitor.store import add_letter, record_step
from monitor.store.letters import NewLetter
from tests.engines import store_of
from tests.line.test_letters import TOLD

WHY = ("--reason", "the hearing goes on", "--by", "Jo Tester")
FORGET = ("forget", "--older-than", "1 day", "--reason", "term", "--class", "url")


def _left(monitor: Any) -> int:
    ((n,),) = monitor.rows("SELECT count(*) FROM targets WHERE forgotten_at IS NULL")
    return int(n)


def test_a_held_record_is_not_forgotten_until_it_is_released(copy: Any) -> None:
    """A dry run says how many are held and why."""
    (hold,) = copy.json("hold", "a01", *WHY)["holds"]
    assert (hold["kind"], hold["subject"], hold["stands"]) == ("record", "a01 of hotline", True)
    found = copy.json("forget", "--older-than", "1 day", "--dry-run")
    assert found["held"]["a person's hold of a record"] == 1
    before = _left(copy)
    done = copy.json(*FORGET)
    assert done["classes"][0]["held"] >= 1 and 1 <= _left(copy) < before
    assert copy.json("explain", "a01", "--reveal", "--reason", "asked")
    copy.json("hold", "release", hold["number"], "--reason", "closed")
    copy.json(*FORGET)
    assert copy.run("explain", "a01", "--reveal", "--reason", "asked").status == 1
    (listed,) = copy.json("hold", "list")["holds"]
    assert (listed["by"], listed["why"], listed["released_why"]) == ("Jo Tester", WHY[1], "closed")


def test_a_held_provider_keeps_every_record_that_is_counted_for_it(copy: Any) -> None:
    """By its id; those of others go."""
    copy.json("hold", "as64501", *WHY, "--kind", "provider")
    copy.json(*FORGET)
    rows = copy.rows("SELECT count(*) FROM targets WHERE forgotten_at IS NOT NULL")
    assert _left(copy) > 0 and rows[0][0] > 0


def test_a_letter_that_is_not_closed_holds_its_records_by_itself(copy: Any, line: Any) -> None:
    """Those that were counted for its provider in the dataset that it was made from."""
    from dataclasses import replace  # noqa: PLC0415
    from datetime import UTC, date, datetime  # noqa: PLC0415

    from monitor.model.letter import LetterEvent, LetterStep  # noqa: PLC0415

    told = replace(TOLD, freeze=line.said["freeze"]["digest"])
    on = date(2026, 8, 3)
    with store_of(copy.data) as store:
        add_letter(store, NewLetter("as64500", "Alpha", "2026H1", on, on, 28, "All", told, "MIN-", "Jo"))
    found = copy.json("forget", "--older-than", "1 day", "--dry-run")
    assert found["held"]["letters that are not closed"] > 3
    at = datetime(2026, 8, 4, tzinfo=UTC)
    with store_of(copy.data) as store:
        record_step(store, 1, LetterEvent(LetterStep.WITHDRAWN, at, "Jo", at, note="x"))
    assert "letters that are not closed" not in copy.json("forget", "--older-than", "1 day", "--dry-run")["held"]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("a01",), 2),
        (("no-such-record", *WHY), 1),
        (("a01", *WHY, "--kind", "city"), 2),
        (("a01", *WHY, "--until", "2020-01-01"), 2),
        (("a01", *WHY, "--until", "soon"), 2),
        (("release", *WHY), 2),
        (("release", "77", *WHY), 1),
        (("a01", "--reason", "https://zz.example/"), 2),
    ],
)
def test_what_cannot_be_held_or_released_is_said(copy: Any, words: tuple[str, ...], status: int) -> None:
    """One line, and nothing is written."""
    ran = copy.run("hold", *words)
    assert ran.status == status and ran.err.startswith("monitor: ") and "zz.example" not in ran.err
    assert copy.rows("SELECT count(*) FROM holds") == [(0,)]
