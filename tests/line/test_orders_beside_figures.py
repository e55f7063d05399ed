"""An order's result and the figure that counts it: both rest on one course, so they never contradict each other."""

from typing import Any

import pytest

AGREES = {
    "complied": {"yes"},
    "late": {"no"},
    "still online": {"no"},
    "not established": {"cannot be said", None},
    "claimed, to verify": {"no", "cannot be said"},
}


@pytest.fixture(scope="module")
def results(line: Any) -> dict[str, dict[str, Any]]:
    return {each["record_id"]: each for each in line.monitor.json("orders", "list")["orders"]}


def test_every_order_of_the_hand_made_cases_has_a_result_that_its_figure_bears_out(
    line: Any, results: dict[str, dict[str, Any]]
) -> None:
    """`explain` says within the deadline, not within, or cannot be said, as the bounds of the Scorecard count it."""
    assert len(results) >= 4
    said = line.monitor.documents(*(("explain", record) for record in results))
    for record, explained in zip(results, said, strict=True):
        within = {each["within_norm"] for each in explained["episodes"] if each["clock"] == "order"}
        assert within <= AGREES[results[record]["result"]], record


def test_the_hand_made_orders_are_read_as_their_lines_say(results: dict[str, dict[str, Any]]) -> None:
    """Six hours and gone by five; no deadline recorded; two hours and online at three; a name that went away."""
    assert {record: results[record]["result"] for record in ("a17", "a18", "a19", "a25")} == {
        "a17": "complied",
        "a18": "not established",
        "a19": "late",
        "a25": "complied",
    }
