"""`make bench`: runs every benchmark, prints a table, writes `benchmarks/results.json`.

In: the modules beside this one with a `run(quick: bool) -> list[dict]`; `--quick` keeps the whole under ten minutes.
Out: a list of {"name", "value", "unit", "peer", "peer_value", "ratio"}; ratio = ours to the peer's, above 1 is better.
What would surprise: a name given twice fails, because the second would hide the first.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison: our value and the peer's, measured in the same run."""

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    ratio: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for (all, or the named modules) and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the monitor beside its peers.")
    parser.add_argument("--quick", action="store_true", help="smaller inputs, fewer repetitions")
    parser.add_argument("modules", nargs="*", help="only these, such as lookup_vs_pyasn")
    chosen = parser.parse_args(arguments)
    results = collect(chosen.modules or module_names(FOLDER), quick=chosen.quick)
    print_table(results)
    if not chosen.modules:  # a run of some would drop the others from the file
        write(FOLDER / "results.json", results)
    return 0


def module_names(folder: Path) -> list[str]:
    """The benchmark modules in the folder: all but those whose name begins with an underscore."""
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def collect(names: Sequence[str], *, quick: bool) -> list[Result]:
    """Run each module in turn. Raises ValueError where two results have one name."""
    results: list[Result] = []
    for name in names:
        run = getattr(importlib.import_module(f"benchmarks.{name}"), "run", None)
        if run is None:
            continue  # a module that only helps others
        print(f"{name} ...", file=sys.stderr, flush=True)
        results += [Result(**entry) for entry in run(quick)]
    doubles = {result.name for result in results if [r.name for r in results].count(result.name) > 1}
    if doubles:
        raise ValueError(f"results named twice: {', '.join(sorted(doubles))}")
    return results


def print_table(results: Sequence[Result]) -> None:
    """A line each, for people."""
    width = max((len(result.name) for result in results), default=0)
    for r in results:
        print(f"{r.name:{width}}  {r.value:>14,.1f} {r.unit:12}  {r.peer}: {r.peer_value:,.1f}  ratio {r.ratio:.2f}")


def write(path: Path, results: Sequence[Result]) -> None:
    path.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
