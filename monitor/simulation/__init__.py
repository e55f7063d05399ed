"""The simulation study: markets whose truth is known, sent through the real code, and what came of it.

In: a Scenario's name and a number of runs. Out: Scores, and the tables of `docs/validation.md`. What would surprise:
it is part of the program and not of its tests, so that whoever doubts a figure can run it where the program runs; and
its parts load when they are first asked for, because they bring a compiler, which no light command should wait for.

Method: `measurement.md` section 5; docs/validation.md.
"""

from typing import TYPE_CHECKING

from monitor.lazy import loads
from monitor.simulation.scenarios import SCENARIOS, Scenario

if TYPE_CHECKING:
    from monitor.simulation.scores import Scores
    from monitor.simulation.study import read_study, run_study
    from monitor.simulation.tables import Check, checks_of, tables_of, write_tables

_WHERE = {
    "Check": "tables",
    "Scores": "scores",
    "checks_of": "tables",
    "read_study": "study",
    "run_study": "study",
    "tables_of": "tables",
    "write_tables": "tables",
}


__getattr__ = loads(__name__, _WHERE)


__all__ = [
    "SCENARIOS",
    "Check",
    "Scenario",
    "Scores",
    "checks_of",
    "read_study",
    "run_study",
    "tables_of",
    "write_tables",
]
