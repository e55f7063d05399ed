"""Options of `monitor rank`: what a comparison would pass over is wrong usage, and final classes are said."""

from typing import Any

import pytest

pytestmark = pytest.mark.one_engine("a frozen dataset is the same on both")


@pytest.mark.parametrize(
    ("words", "leave_out"),
    [
        (("--compare", "method", "--norm", "order"), "--norm"),
        (("--compare", "method", "--norm", "quick"), "--norm"),
        (("--compare", "role", "--norm", "quick"), "--norm"),
        (("--compare", "refdata", "--norm", "quick"), "--norm"),
        (("--compare", "method", "--final"), "--final"),
        (("--compare", "role", "--final"), "--final"),
        (("--compare", "fronting", "--final"), "--final"),
        (("--compare", "method", "--role", "as"), "--role"),
    ],
)
def test_what_a_comparison_does_not_read_is_wrong_usage(line: Any, words: tuple[str, ...], leave_out: str) -> None:
    """Status 2, nothing on standard output, and one line that says what to leave out."""
    ran = line.monitor.run("rank", "2026H1", *words)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert f"Leave {leave_out} out" in ran.err


def test_a_comparison_takes_the_norm_that_it_reads(line: Any) -> None:
    """The request norm by name is what `--compare method` reads; roles are compared under the order norm too."""
    method, role = line.monitor.documents(
        ("rank", "2026H1", "--compare", "method", "--norm", "request"),
        ("rank", "2026H1", "--compare", "role", "--norm", "order"),
    )
    assert (method["norm"], role["norm"]) == ("request", "order")


def test_classes_of_a_final_release_are_said(line: Any) -> None:
    """True in the document and in words on the first line of the text; false, and not there, without the option."""
    plain, final = line.monitor.documents(("rank", "2026H1"), ("rank", "2026H1", "--final"))
    assert (plain["final"], final["final"]) == (False, True)
    plainly, finally_ = line.monitor.ended(("rank", "2026H1"), ("rank", "2026H1", "--final"))
    assert "classes as in a final release" in finally_.out.splitlines()[0]
    assert "final" not in plainly.out


def test_nobody_is_named_by_a_target_that_nobody_set(line: Any) -> None:
    """A final release on the example target is refused in one line that says what to set; nothing is written."""
    before = sorted(line.monitor.data.rglob("*"))
    ran = line.monitor.run("publish", "2026H1", "--kind", "final")
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "is an example" in ran.err and "basis" in ran.err
    assert sorted(line.monitor.data.rglob("*")) == before
