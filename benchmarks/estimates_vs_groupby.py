"""Point estimates of every Provider beside a bare columnar group-by of the same file, in the same run.

Ours: from `episodes.parquet` to the cumulative incidence of takedown at the published hours with its range over all
maximisers, every Provider fitted. Peer: DuckDB's `GROUP BY provider_id` of the shares that a naive reader would take
(first seen offline by the hour), same role and clock, same number of threads. What would surprise: both read the file
once before they are timed, and the estimator is compiled then; a first run of an installation compiles for longer.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np

from benchmarks._big_freeze import write_episodes
from monitor.model.scorecard import PUBLISHED_HOURS
from monitor.model.selected import CENSORED, TAKEDOWN
from monitor.model.words import NoticeKind, Role
from monitor.store.frozen_selected import read_selected
from monitor.survival.incidence import incidence
from monitor.survival.npmle import fit_groups

N_PROVIDERS = 5_000
_SHARE = "avg(CASE WHEN \"end\" = 'takedown' AND right_hours <= {} THEN 1.0 ELSE 0.0 END)"
_GROUP_BY = (
    f"SELECT provider_id, count(*), {', '.join(map(_SHARE.format, PUBLISHED_HOURS))} FROM read_parquet(?) "
    "WHERE status = 'episode' AND clock = 'request' AND role = 'network' GROUP BY provider_id"
)


def run(quick: bool) -> list[dict[str, object]]:
    """Episodes a second, the better of two, alternating."""
    n = 1_000_000 if quick else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "episodes.parquet"
        write_episodes(path, n, N_PROVIDERS, seed=1)
        n_estimated, n_grouped = estimates(path), grouped(path)
        if n_estimated != n_grouped:
            raise RuntimeError("ours and the peer's are not of the same Providers")
        pairs = [(_seconds(estimates, path), _seconds(grouped, path)) for _ in range(2)]
    ours, peer = (n / min(seconds) for seconds in zip(*pairs, strict=True))
    return [
        {
            "name": "estimates-vs-groupby",
            "value": ours,
            "unit": "Episodes/s",
            "peer": f"DuckDB group-by of {n:,} rows",
            "peer_value": peer,
            "ratio": ours / peer,
        }
    ]


def estimates(path: Path) -> int:
    """Fit every Provider; gives how many have an estimate."""
    chosen = read_selected(path, NoticeKind.REQUEST, Role.NETWORK)
    mask = chosen.is_episode & (chosen.rows.provider >= 0)
    rows = chosen.rows
    end = rows.end[mask]
    cause = np.where(end == CENSORED, -1, np.where(end == TAKEDOWN, 0, 1)).astype(np.int8)
    fits = fit_groups(
        rows.provider[mask], len(chosen.ids), rows.left_hours[mask], rows.right_hours[mask], cause, rows.weight[mask]
    )
    value, low, high = incidence(fits, [0], [float(hours) for hours in PUBLISHED_HOURS])
    known = ~np.isnan(value[:, 0])
    if not np.all((low[known] <= value[known] + 1e-9) & (value[known] <= high[known] + 1e-9)):
        raise RuntimeError("an estimate lies outside its range")
    return int(known.sum())


def grouped(path: Path) -> int:
    """The naive shares; gives how many Providers have one."""
    with duckdb.connect(":memory:") as connection:
        return len(connection.execute(_GROUP_BY, [str(path)]).fetchall())


def _seconds(work: Callable[[Path], int], path: Path) -> float:
    start = time.perf_counter()
    work(path)
    return time.perf_counter() - start


if __name__ == "__main__":
    print(run(quick=True))
