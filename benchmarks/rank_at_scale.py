"""`monitor rank` of a generated freeze in a process of its own, with intervals: wall clock and largest resident set.

In: freezes of 10^4 and 10^5 Episodes (also 10^6 and 10^7 with `bench-long`) over 5,000 Providers. Out: seconds of each
size from 10^5 on beside ten times those of the size before (`rank-1e5`: linear cost or better), and the memory of the
largest beside 6 GiB. What would surprise: the start of the program is in every figure, and the compiling of the
estimator in none, because a first run that is not counted leaves it in the cache.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._big_freeze import PERIOD, write_big_freeze

N_PROVIDERS = 5_000
MOST_MIB = 6 * 1024
PROGRAM = Path(sys.executable).parent / "monitor"


def run(quick: bool) -> list[dict[str, object]]:
    """Seconds of each size beside the size before, and MiB of the largest."""
    # With the bootstrap of median and mean, a million takes minutes: too long for `make bench`.
    sizes = [10_000, 100_000] if quick else [10_000, 100_000, 1_000_000, 10_000_000]
    with tempfile.TemporaryDirectory() as folder:
        measured = [_rank_of(Path(folder) / str(n), n, warm_up=n == sizes[0]) for n in sizes]
    results = [
        _result(f"rank-1e{len(str(n)) - 1}", after[0], "s", "ten times the seconds of a tenth", 10 * before[0])
        for n, before, after in zip(sizes[1:], measured, measured[1:], strict=False)
    ]
    return [*results, _result("rank-memory", measured[-1][1], "MiB", f"6 GiB, for {sizes[-1]:,}", MOST_MIB)]


def _result(name: str, value: float, unit: str, peer: str, peer_value: float) -> dict[str, object]:
    """Less is better, so the ratio is the peer's to ours."""
    ratio = peer_value / value
    return {"name": name, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value, "ratio": ratio}


def _rank_of(data_dir: Path, n: int, *, warm_up: bool) -> tuple[float, float]:
    folder = write_big_freeze(data_dir, n, N_PROVIDERS)
    if warm_up:
        rank(data_dir)
    found = rank(data_dir)
    (folder / "episodes.parquet").unlink()  # a gigabyte that the next size can use
    print(f"rank of {n:,} Episodes: {found[0]:.1f} s, {found[1]:,.0f} MiB", file=sys.stderr, flush=True)
    return found


def rank(data_dir: Path) -> tuple[float, float]:
    """Seconds of wall clock and MiB of the largest resident set of `monitor rank --json`."""
    start = time.perf_counter()
    command = [PROGRAM, "--json", "--data-dir", data_dir, "rank", PERIOD.label]
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"rank failed: {said.read().decode()[-500:]}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


if __name__ == "__main__":
    print(run(quick=True))
