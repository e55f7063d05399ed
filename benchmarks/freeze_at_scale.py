"""The freeze of facts that are in memory: derived, measured, ranked and written, a process a size.

In: simulated facts of 10^4 and 10^5 Episodes (10^6 with `bench-long`), some 40 Episodes a Provider and 39 checks each.
Out: seconds beside ten times those of the size before (`freeze-1e5`: linear cost or better). What would surprise:
loading the facts from the store is not in it (`benchmarks/README.md` has the whole line on real data), and a real
freeze has a row for each role, four times as many.

`freeze-memory`: what deriving takes at its largest beyond the facts, beside the room of the rows that come out of it.
"""

import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from monitor import ranked, survival
from monitor.model.episode import Span
from monitor.model.method import Method, Thresholds
from monitor.model.scorecard import Norm
from monitor.model.selected import select
from monitor.model.words import NoticeKind, Role
from monitor.simulation.checks import observe
from monitor.simulation.facts import CUTOFF, PERIOD, facts_of
from monitor.simulation.market import draw_market
from monitor.simulation.scenarios import SCENARIOS
from monitor.store import collection_paused, frozen

EPISODES_A_PROVIDER = 40


def run(quick: bool) -> list[dict[str, object]]:
    """Seconds of each size from 10^5 on, beside the size before."""
    sizes = [10_000, 100_000] if quick else [10_000, 100_000, 1_000_000]
    measured = [_in_own_process(n) for n in (sizes[0], *sizes)][1:]  # the first one compiles, and is not counted
    _, _, grown, rows = measured[-1]
    memory = {
        "name": "freeze-memory",
        "value": grown,
        "unit": "MiB",
        "peer": "the columns of the rows themselves",
        "peer_value": rows,
        "ratio": rows / grown,
    }
    return [memory] + [
        {
            "name": f"freeze-1e{len(str(n)) - 1}",
            "value": seconds,
            "unit": "s",
            "peer": "ten times the seconds of a tenth",
            "peer_value": 10 * before,
            "ratio": 10 * before / seconds,
        }
        for n, (before, *_), (seconds, *_) in zip(sizes[1:], measured, measured[1:], strict=False)
    ]


def _in_own_process(n: int) -> tuple[float, float, float, float]:
    """Of a freeze of some `n` Episodes: seconds, MiB in all, MiB by which deriving grew, MiB of the rows."""
    command = [sys.executable, "-m", "benchmarks.freeze_at_scale", str(n)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    print(
        f"freeze of {said[2]} Episodes: {said[0]} s, {said[1]} MiB, derived in {said[3]} s and {said[4]} MiB",
        file=sys.stderr,
    )
    return float(said[0]), float(said[1]), float(said[4]), float(said[5])


def largest_kib() -> int:
    """The largest resident set since the last reset; Linux alone tells, 0 elsewhere."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0


def reset_largest() -> None:
    """From now on the largest resident set counts anew, from what is in use."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def freeze(n: int) -> tuple[float, float, int, float, float, float]:
    """Seconds, MiB of the largest resident set, Episodes; of deriving them seconds and MiB more; MiB of the rows."""

    rng = np.random.default_rng(1)
    market = draw_market(replace(SCENARIOS["baseline"], providers=n // EPISODES_A_PROVIDER), rng)
    checks = observe(market, rng)
    norms = tuple(Norm(clock, hours, 0.8) for clock, hours in ((NoticeKind.REQUEST, 24.0), (NoticeKind.ORDER, 12.0)))
    method = Method("npmle-1", (), norms)
    facts, booking = facts_of(market, checks)
    reset_largest()
    start, before = time.perf_counter(), largest_kib()
    with collection_paused():  # as the pipeline does: nothing of it is in a cycle
        episodes = survival.episodes(facts, booking, Span(PERIOD.start, PERIOD.end, CUTOFF), Thresholds())
    derived, grown = time.perf_counter() - start, largest_kib() - before
    rows = sum(column.nbytes for column in episodes.arrays().values())
    basis = ranked.Basis(method, PERIOD, CUTOFF, {})
    chosen = select(episodes, clock=NoticeKind.REQUEST, role=Role.NETWORK)
    made = ranked.ranked(chosen, ranked.measured(chosen, norms[0], basis), basis)
    with tempfile.TemporaryDirectory() as folder:
        written = frozen.write_freeze(
            Path(folder),
            period=PERIOD,
            cutoff=CUTOFF,
            method=method,
            tables=(),
            inputs=frozen.FreezeInputs((), "benchmark"),
            episodes=episodes,
            ranking=made,
        )
    seconds = time.perf_counter() - start
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds, largest, written.n_network, derived, max(grown, 1) / 1024, rows / 2**20


if __name__ == "__main__":
    print(*(round(figure, 1) for figure in freeze(int(sys.argv[1]))))
