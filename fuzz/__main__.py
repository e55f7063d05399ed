"""`python -m fuzz [--seconds N] [--target NAME] [--folder DIR]`: each target under the fuzzer for so long.

In: options. Out: a line for each target and `results.json` in the folder; status 1 with the path of the input where one
failed. What would surprise: what the fuzzer learns stays in the folder, so that the next run goes on from there; and
the folder holds what was tried, never a real input.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from fuzz.minimise import fault_of, minimise
from fuzz.targets import NAMES, target

FOLDER = Path("data/fuzz")
_MEMORY_MB = 1500
_SLOW_SECONDS = 120
"""Of the clock, and this process may have to wait for others: what is really slow takes longer still."""
_STATUS = re.compile(rb"#(\d+)\s.*?cov: (\d+) ft: (\d+)")
_DONE = re.compile(rb"Done (\d+) runs in (\d+) second")
_WORD = re.compile(rb"[^ !#-\[\]-~]|[\"\\]")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one target. `seconds` of the clock, without loading; of the processor, with it; `edges`: places in
    the code that were reached; `finding`: the input that failed."""

    target: str
    seconds: int
    processor_seconds: int
    n_runs: int
    edges: int
    features: int
    finding: str | None


def main() -> int:
    options = _options()
    if find_spec("atheris") is None:
        print("atheris is not installed here: coverage-guided fuzzing needs Linux on x86-64 (docs/fuzzing.md).")  # noqa: T201
        return 1
    folder: Path = options.folder
    results = []
    for name in options.target or NAMES:
        results.append(_run(name, options.seconds, folder))
        _show(results[-1])
    _keep(folder / "results.json", results)
    return 1 if any(result.finding for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Coverage-guided fuzzing of every reader.")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--target", action="append", choices=NAMES, metavar="NAME", help="one of: " + ", ".join(NAMES))
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"default {FOLDER}")
    return parser.parse_args()


def _run(name: str, seconds: int, folder: Path) -> Result:
    harness = target(name)
    corpus, failed = folder / "corpus" / name, folder / "failed" / name
    for made in (corpus, failed):
        made.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(harness.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / f"{name}.dict"
    words.write_bytes(b"".join(b'"' + _WORD.sub(_escaped, word) + b'"\n' for word in harness.words))
    started, used, before = time.monotonic(), _processor_seconds(), set(failed.iterdir())
    asked = [
        *(sys.executable, "-m", "fuzz.child", name, str(corpus)),
        *(f"-max_total_time={seconds}", f"-max_len={harness.longest}", f"-rss_limit_mb={_MEMORY_MB}"),
        *(f"-timeout={_SLOW_SECONDS}", f"-artifact_prefix={failed}/", "-print_final_stats=1"),
        *((f"-dict={words}",) if harness.words else ()),
    ]
    with (folder / f"{name}.log").open("wb") as log:
        status = subprocess.run(asked, stdout=log, stderr=subprocess.STDOUT, check=False).returncode  # noqa: S603 (ours)
    said = (folder / f"{name}.log").read_bytes()
    new = sorted(set(failed.iterdir()) - before)
    finding = _smaller(name, new[0]) if new else (str(folder / f"{name}.log") if status else None)
    n_runs, took, edges, features = _counted(said)
    took, used = took or round(time.monotonic() - started), round(_processor_seconds() - used)
    return Result(name, took, used, n_runs, edges, features, finding)


def _processor_seconds() -> float:
    """Of the processes that were started from here and have ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"\\x%02x" % match[0][0]


def _counted(said: bytes) -> tuple[int, int, int, int]:
    """Runs, seconds (0: it did not end by itself), edges and features by the last line that has them."""
    lines = _STATUS.findall(said)
    n_runs, edges, features = map(int, lines[-1]) if lines else (0, 0, 0)
    done = _DONE.findall(said)
    n_runs, took = map(int, done[-1]) if done else (n_runs, 0)
    return n_runs, took, edges, features


def _smaller(name: str, path: Path) -> str:
    """The input that failed, made small, beside the one that was found; where it is slow or large, as it was found."""
    data = path.read_bytes()
    harness = target(name)
    if not path.name.startswith("crash-") or fault_of(harness.one_input, data) is None:
        return str(path)
    small = path.with_name(f"small-{path.name}")
    small.write_bytes(minimise(harness.one_input, data))
    return str(small)


def _keep(path: Path, results: list[Result]) -> None:
    """Those of earlier runs of other targets stay."""
    known = {each["target"]: each for each in json.loads(path.read_text())} if path.exists() else {}
    known |= {result.target: asdict(result) for result in results}
    ordered = [known[name] for name in _ordered(known)]
    path.write_text(json.dumps(ordered, indent=1) + "\n")


def _ordered(known: dict[str, object]) -> Iterator[str]:
    return (name for name in NAMES if name in known)


def _show(result: Result) -> None:
    took = f"{result.seconds} s ({result.processor_seconds} s of processor)"
    line = f"{result.target}: {result.n_runs:,} runs in {took}, {result.edges:,} edges"
    print(line + (f", FAILED: {result.finding}" if result.finding else ""), flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
