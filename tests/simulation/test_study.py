"""A study can be killed and goes on, adds up without loss, and says plainly which promise is not kept."""

import json
from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from monitor.simulation.scenarios import SCENARIOS
from monitor.simulation.scores import Scores, Sum, covered
from monitor.simulation.study import fingerprint, read_runs, run_study
from monitor.simulation.tables import BEGIN, END, checks_of, tables_of, write_tables

LIGHT = "at-target"


def silent(_done, _total):
    """Nobody is watching."""


def scored(**figures: tuple[str, int, float]) -> Scores:
    """Scores with n values that have this mean: name=(cell, n, mean)."""
    made = Scores()
    for name, (cell, n, mean) in figures.items():
        made.sums.setdefault(cell, {})[name.replace("__", ".")] = Sum(n, n * mean, n * mean)
    return made


def test_sums_add_up_and_are_written_without_loss():
    """Mean and error of values added run by run are those of all values; NaN is in no sum."""
    values = np.array([1.0, 2.0, np.nan, 4.0, 0.5])
    one, other = Scores(), Scores()
    one.add("all", "bias", values[:2])
    other.add("all", "bias", values[2:])
    both = Scores.from_json(json.loads(json.dumps(one.plus(other).as_json()))).get("all", "bias")
    assert both.n == 4
    assert both.mean == pytest.approx(np.nanmean(values))
    assert both.error == pytest.approx(np.nanstd(values, ddof=1) / 2)
    assert isnan(one.get("all", "nothing").mean)


def test_an_interval_without_a_limit_is_not_scored():
    """Limits belong to the interval; a NaN among the three is no verdict."""
    low, value, high = np.array([[0.1, 0.1, np.nan, 0.1], [0.1, 0.4, 0.2, np.nan], [0.3, 0.3, 0.3, 0.3]])
    np.testing.assert_array_equal(covered(low, value, high), [1.0, 0.0, np.nan, np.nan])


def test_a_killed_study_goes_on_to_the_same_digits(tmp_path):
    """Runs that are kept are not made again, a line cut off by the kill is; the sums are those of one go."""
    whole = run_study({LIGHT: 3}, tmp_path / "whole", 1, silent)[LIGHT]
    folder, told = tmp_path / "killed", []
    run_study({LIGHT: 2}, folder, 1, silent)
    path = folder / f"{LIGHT}.jsonl"
    path.write_text(path.read_text()[:-40])
    assert list(read_runs(folder, SCENARIOS[LIGHT])) == [0]
    again = run_study({LIGHT: 3}, folder, 1, lambda done, total: told.append((done, total)))[LIGHT]
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert again.as_json() == whole.as_json()


def test_the_runs_of_another_scenario_of_that_name_are_not_read(tmp_path):
    """A changed row begins anew; its words and its number of runs change nothing."""
    row = SCENARIOS[LIGHT]
    run_study({LIGHT: 1}, tmp_path, 1, silent)
    assert len(read_runs(tmp_path, replace(row, runs=7, why="another reason"))) == 1
    assert not read_runs(tmp_path, replace(row, batch_sd=0.9))
    assert fingerprint(row) != fingerprint(replace(row, batch_sd=0.9))


def test_a_promise_that_is_not_kept_is_named_with_its_cell():
    """The cell furthest from what was promised stands in the table, kept or not."""
    study = {
        "baseline": scored(cover=("1", 2000, 0.95)).plus(scored(cover=("2-4", 2000, 0.91))),
        "at-target": scored(below=("share 0.8", 2000, 0.001)).plus(scored(family__final=("all", 2000, 0.07))),
    }
    checks = {check.promise: check for check in checks_of(study)}
    covers = next(check for promise, check in checks.items() if promise.startswith("95% interval"))
    assert (covers.kept, covers.where, covers.worst) == (False, "baseline, 2-4", "91.0%")
    assert [check.kept for promise, check in checks.items() if "Provider at its target" in promise] == [True]
    assert [check.kept for promise, check in checks.items() if "false `below`" in promise] == [False]
    assert "**no**" in tables_of(study, {"baseline": 5, "at-target": 5})


def test_a_scenario_that_shows_a_limit_breaks_no_promise():
    """What no reading can tell is in the tables and in no promise."""
    study = {"closed": scored(bias__24=("all", 2000, -3.0)), "baseline": scored(bias__24=("all", 2000, 0.5))}
    assert all(check.kept for check in checks_of(study))
    assert "`closed`" in tables_of(study, {"closed": 1, "baseline": 1})


def test_tables_go_between_the_marks_of_a_page(tmp_path):
    """What is written by hand around them stays; written again they are replaced."""
    page = tmp_path / "page.md"
    page.write_text(f"# By hand\n{BEGIN}\nold\n{END}\nafter\n")
    write_tables(page, "new")
    write_tables(page, "newer")
    said = page.read_text()
    assert said.startswith("# By hand\n")
    assert said.endswith("\nafter\n")
    assert "newer" in said
    assert "old" not in said
    assert said.count("new") == 1
