"""Turnbull's estimator of one Provider with 1,000 interval-censored Episodes: ours beside surpyval's, in one run.

Intervals of the schedule of checks with jitter, so that nearly all ends differ. Both stop by the KKT conditions (1e-9
ours, 1e-10 surpyval's own default); surpyval is asked for the maximum likelihood ("Kaplan-Meier"), which is not its
default. What would surprise: surpyval also works out variances, ours whether the masses are the only maximiser. The
compiled code is warmed up before, and so is the peer.
"""

import time
import warnings
from collections.abc import Callable

import numpy as np
import surpyval

from monitor.model.columns import Floats
from monitor.survival.incidence import Incidence, turnbull

N = 1_000
ROUNDS, ROUNDS_QUICK = 20, 5
SEED = 20260101
SCHEDULE = np.array([0, 0.9, 1.1, 2, 4, 8, 11.5, 12.5, 18, 23.5, 24.5, 36, 47.5, 48.5, 72, *range(96, 337, 24)])


def run(quick: bool) -> list[dict[str, object]]:
    """Fits a second, the best of alternating rounds. Raises AssertionError where they differ by more than 1e-4."""
    left, right = episodes()
    best = [float("inf"), float("inf")]
    found, peer = turnbull(left, right), theirs(left, right)
    for _ in range(ROUNDS_QUICK if quick else ROUNDS):
        best[0] = min(best[0], seconds(lambda: turnbull(left, right)))
        best[1] = min(best[1], seconds(lambda: theirs(left, right)))
    check(found, peer)
    return [
        {
            "name": "turnbull-vs-surpyval",
            "value": 1 / best[0],
            "unit": "fits/s",
            "peer": f"surpyval {surpyval.__version__}, one provider of {N:,}",
            "peer_value": 1 / best[1],
            "ratio": best[1] / best[0],
        }
    ]


def episodes() -> tuple[Floats, Floats]:
    """Left and right hours, right infinite where the end was not seen."""
    random = np.random.default_rng(SEED)
    checks = SCHEDULE * random.uniform(0.98, 1.02, (N, len(SCHEDULE)))  # in order still
    ended = np.exp(random.normal(3.0, 1.5, N))
    place = (checks <= ended[:, None]).sum(axis=1)
    padded = np.column_stack([checks, np.full(N, np.inf)])
    rows = np.arange(N)
    return padded[rows, place - 1], padded[rows, place]


def theirs(left: Floats, right: Floats) -> surpyval.NonParametric:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where its variance is none
        return surpyval.Turnbull.fit(xl=left, xr=right, turnbull_estimator="Kaplan-Meier")


def check(ours: Incidence, peer: surpyval.NonParametric) -> None:
    """At every end point where nothing is left open, both say the same."""
    hours = peer.x[np.isfinite(peer.x)]
    low, high = ours.range_at(hours)
    gone = 1 - peer.R[np.isfinite(peer.x)]
    settled = high - low < 1e-6
    assert settled.sum() > len(hours) / 2
    assert np.allclose(low[settled], gone[settled], rtol=0, atol=1e-4)


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
