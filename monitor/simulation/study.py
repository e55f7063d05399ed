"""The study: many market runs of each Scenario, on several processes, each kept at once: a killed study goes on.

In: names of Scenarios, numbers of runs, a folder. Out: Scores by Scenario. What would surprise: a run's random numbers
come from its own number alone and sums are added in order of runs, so that the number of processes changes no digit;
and what other code, or another Scenario of the same name, came to is not read.
"""

import ast
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from monitor.simulation.scenarios import SCENARIOS, Scenario
from monitor.simulation.scores import Scores

Progress = Callable[[int, int], None]
Job = tuple[str, int]
"""A Scenario and the number of a run."""
_BESIDE = {("simulation", "__init__"), ("simulation", "scenarios"), ("simulation", "study"), ("simulation", "tables")}
"""Code that changes no score: a Scenario's own row is looked at itself."""
_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def run_study(runs: Mapping[str, int], folder: Path, workers: int, progress: Progress) -> dict[str, Scores]:
    """Make the runs that `folder` does not hold yet; the Scores of all of them, by Scenario."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: read_runs(folder, SCENARIOS[name]) for name in runs}
    jobs = _in_turn({name: [run for run in range(n) if run not in kept[name]] for name, n in runs.items()})
    total = sum(runs.values())
    progress(total - len(jobs), total)
    for done, (name, run, seconds, scores) in enumerate(_made(jobs, workers), start=total - len(jobs) + 1):
        _keep(folder, SCENARIOS[name], run, seconds, scores)
        kept[name][run] = scores
        progress(done, total)
    return {name: added(kept[name], n) for name, n in runs.items()}


def read_study(folder: Path) -> tuple[dict[str, Scores], dict[str, int]]:
    """All that `folder` holds of each Scenario, and the number of its runs."""
    kept = {name: read_runs(folder, row) for name, row in SCENARIOS.items()}
    found = {name: runs for name, runs in kept.items() if runs}
    return {name: added(runs, max(runs) + 1) for name, runs in found.items()}, {
        name: len(runs) for name, runs in found.items()
    }


def added(kept: Mapping[int, Scores], n: int) -> Scores:
    """The sums of the first `n` runs, in their order."""
    together = Scores()
    for run in sorted(run for run in kept if run < n):
        together = together.plus(kept[run])
    return together


def fingerprint(scenario: Scenario) -> str:
    """Of what the runs of a Scenario stand on: its row, and the statements of the code that makes and measures it."""
    said = {**asdict(scenario), "runs": None, "why": None}
    return sha256(f"{json.dumps(said, sort_keys=True)} {_code()}".encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _code() -> str:
    """Of the statements alone: a comment or a docstring changes no result."""
    made = sha256()
    root = Path(__file__).parent.parent
    for place in ("simulation", "survival", "ranking"):
        for path in sorted((root / place).glob("*.py")):
            if (place, path.stem) not in _BESIDE:
                made.update(_statements(path.read_text(encoding="utf-8")).encode())
    return made.hexdigest()


def _statements(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def read_runs(folder: Path, scenario: Scenario) -> dict[int, Scores]:
    """The runs of one Scenario by number; a line that was cut off by a kill is passed over."""
    path, mark = _path(folder, scenario), fingerprint(scenario)
    runs: dict[int, Scores] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            record = json.loads(line)
            if record["made_by"] == mark:
                runs[int(record["run"])] = Scores.from_json(record["scores"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return runs


def _path(folder: Path, scenario: Scenario) -> Path:
    return folder / f"{scenario.name}.jsonl"


def _keep(folder: Path, scenario: Scenario, run: int, seconds: float, scores: Scores) -> None:
    record = {"run": run, "made_by": fingerprint(scenario), "seconds": round(seconds, 2), "scores": scores.as_json()}
    path = _path(folder, scenario)
    cut = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if cut else "") + json.dumps(record, separators=(",", ":")) + "\n")


def _in_turn(missing: Mapping[str, Sequence[int]]) -> list[Job]:
    """Each Scenario gets on evenly: a study that is stopped half-way says something about all of them."""
    jobs = [((place + 0.5) / len(runs), name, run) for name, runs in missing.items() for place, run in enumerate(runs)]
    return [(name, run) for _, name, run in sorted(jobs)]


def _made(jobs: Sequence[Job], workers: int) -> Iterator[tuple[str, int, float, Scores]]:
    if workers <= 1 or len(jobs) <= 1:
        yield from map(_run, jobs)
        return
    with _one_thread_each(), multiprocessing.get_context("spawn").Pool(min(workers, len(jobs))) as pool:
        yield from pool.imap_unordered(_run, jobs)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """The processes share the processors among themselves; threads below them would only be in the way."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _run(job: Job) -> tuple[str, int, float, Scores]:
    from monitor.simulation.runs import run_market  # noqa: PLC0415 (it loads the estimators, with their compiler)

    name, run = job
    began = perf_counter()
    scores = run_market(SCENARIOS[name], run)
    return name, run, perf_counter() - began, scores
