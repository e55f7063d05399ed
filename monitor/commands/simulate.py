"""`monitor simulate`: markets whose truth is known, sent through the real code, and whether the promises hold."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from monitor.errors import UsageError
from monitor.session import Session
from monitor.simulation.scenarios import SCENARIOS

DEFAULT_FOLDER = Path("data/validation")
QUICK_RUNS = 2


def simulate(
    context: typer.Context,
    scenario: Annotated[
        list[str] | None, typer.Option(help="Only this one; can be given several times.", show_default=False)
    ] = None,
    runs: Annotated[
        int | None, typer.Option(min=1, help="Markets of each scenario. Default: enough for 2,000 cases in each cell.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help=f"{QUICK_RUNS} markets of each: a look, no proof.")] = False,
    folder: Annotated[
        Path, typer.Option(help="Where each market's scores are kept; the same command goes on there.")
    ] = DEFAULT_FOLDER,
    workers: Annotated[int, typer.Option(min=1, help="Processes. They change no digit.")] = 2,
    report: Annotated[
        Path | None, typer.Option(help="Write the tables of all that the folder holds into this page.")
    ] = None,
) -> None:
    """Simulate markets whose truth is known, measure them with the real code, and say which promises hold."""
    from monitor import simulation  # noqa: PLC0415 (it loads the estimators, with their compiler)

    session: Session = context.obj
    if quick and runs is not None:
        raise UsageError("--quick says how many runs", "Leave one of --quick and --runs out")
    names = _known(scenario or list(SCENARIOS))
    wanted = {name: (QUICK_RUNS if quick else runs) or SCENARIOS[name].runs for name in names}
    with session.bar("simulate") as progress:
        study = simulation.run_study(wanted, folder, workers, progress)
    if report is not None:
        simulation.write_tables(report, simulation.tables_of(*simulation.read_study(folder)))
    checks = simulation.checks_of(study)
    value = {
        "kept": all(check.kept for check in checks),
        "promises": [asdict(check) for check in checks],
        "runs": wanted,
        "scores": {name: scores.as_json() for name, scores in study.items()},
    }
    session.result(value, simulation.tables_of(study, wanted))


def _known(names: list[str]) -> list[str]:
    for name in names:
        if name not in SCENARIOS:
            raise UsageError("--scenario does not know that word", f"Use one of: {', '.join(SCENARIOS)}")
    return list(dict.fromkeys(names))
