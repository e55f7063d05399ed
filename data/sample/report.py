"""`make report`: the whole line on the sample, from the files to a release.

In: the files beside this one and `data/reference/`. Out: `data/sample-run/`, made anew; the last line on standard
output is the absolute path of the release's index.html, alone. What would surprise: an import that rejects some rows
ends with status 3, which is how it should end for `rejected.csv`, so 3 counts as done.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent
REFERENCE = SAMPLE.parent / "reference"
RUN = SAMPLE.parent / "sample-run"
MONITOR = Path(sys.executable).parent / "monitor"
DONE = (0, 3)
FILES = (
    "reports-2025H2.csv",
    "checks-2025H2.csv.gz",
    "reports-2026H1.csv",
    "reports-2026H1-more.jsonl.gz",
    "reports-2026H1-brackets.parquet",
    "checks-2026H1.csv.gz",
    "rejected.csv",
)


def main() -> int:
    """Run the line; the first step that fails ends it with that step's status."""
    shutil.rmtree(RUN, ignore_errors=True)
    for step in steps():
        status = monitor(*step).returncode
        if status not in DONE:
            sys.stderr.write(f"`monitor {step[0]}` failed with status {status}.\n")
            return status
    published = monitor("--json", "publish", "2026H1", capture=True)
    if published.returncode not in DONE:
        return published.returncode
    sys.stdout.write(f"{Path(json.loads(published.stdout)['path']).resolve() / 'index.html'}\n")
    return 0


def steps() -> list[tuple[str, ...]]:
    """The commands before `publish`, in the order of the line."""
    fronting = ("--fronting", str(REFERENCE / "fronting-2025-06-01.csv"))
    imports = ("import", *(str(SAMPLE / name) for name in FILES))
    return [
        (*_tables("2025-06-01"), *fronting),
        _tables("2026-01-01"),
        ("providers", "import", str(SAMPLE / "providers.toml")),
        imports,
        ("attribute",),
        ("freeze", "2025H2"),
        ("freeze", "2026H1"),
        ("rank", "2026H1"),
    ]


def _tables(day: str) -> tuple[str, ...]:
    prefixes, names = REFERENCE / f"prefixes-{day}.tsv", REFERENCE / f"as-names-{day}.csv"
    return ("refdata", "import", "--prefixes", str(prefixes), "--as-names", str(names), "--as-of", day)


def monitor(*words: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the monitor on the sample's own data folder and configuration."""
    sys.stdout.flush()
    where = ("--data-dir", str(RUN), "--config", str(SAMPLE / "monitor.toml"))
    output = subprocess.PIPE if capture else None
    return subprocess.run([MONITOR, *where, *words], stdout=output, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
