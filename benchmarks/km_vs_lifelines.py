"""Kaplan-Meier of every Provider, ours in one call beside lifelines' fitter called once a Provider, in one run.

Both give the cumulative incidence at the published hours from the same exact times and right-censored rows; lifelines
also makes its confidence limits, which it does not do without. What would surprise: ours is the general estimator
(intervals, competing ends), not a Kaplan-Meier of its own: exact times make every cell a closed form. The compiled code
is warmed up before, on rows of the same types; making the rows is in neither figure.
"""

import time

import lifelines
import numpy as np
from lifelines import KaplanMeierFitter

from monitor.model.columns import Flags, Floats, Ints
from monitor.survival.incidence import incidence
from monitor.survival.npmle import fit_groups

HOURS = np.array([1.0, 12, 24, 48, 168])
N_PROVIDERS, N_PROVIDERS_QUICK, N_EACH = 5_000, 500, 200
ROUNDS = 3
SEED = 20260101


def run(quick: bool) -> list[dict[str, object]]:
    """Episodes a second of both, ours the best of three. Raises AssertionError where two figures differ by 1e-9."""
    n_providers = N_PROVIDERS_QUICK if quick else N_PROVIDERS
    provider, durations, observed = episodes(n_providers)
    ours(provider[: 10 * N_EACH], 10, durations[: 10 * N_EACH], observed[: 10 * N_EACH])
    seconds = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = ours(provider, n_providers, durations, observed)
        seconds = min(seconds, time.perf_counter() - began)
    began = time.perf_counter()
    expected = theirs(durations, observed)
    peer_seconds = time.perf_counter() - began
    assert np.allclose(found, expected, rtol=0, atol=1e-9)
    n = len(durations)
    return [
        {
            "name": "km-vs-lifelines",
            "value": n / seconds,
            "unit": "episodes/s",
            "peer": f"lifelines {lifelines.__version__}, {n_providers:,} providers of {N_EACH}",
            "peer_value": n / peer_seconds,
            "ratio": peer_seconds / seconds,
        }
    ]


def episodes(n_providers: int) -> tuple[Ints, Floats, Flags]:
    """Rows grouped by Provider: log-normal hours, three Providers in ten slow, a third or so censored."""
    random = np.random.default_rng(SEED)
    n = n_providers * N_EACH
    provider = np.repeat(np.arange(n_providers), N_EACH)
    ended = np.exp(random.normal(3.0, 1.5, n) + (provider % 10 < 3))
    followed = random.uniform(0, 200, n)
    return provider, np.minimum(ended, followed), ended <= followed


def ours(provider: Ints, n_providers: int, durations: Floats, observed: Flags) -> Floats:
    """Incidence per Provider and hour."""
    cause = np.where(observed, 0, -1).astype(np.int8)
    right, weight = np.where(observed, durations, np.inf), np.ones(len(durations))
    fits = fit_groups(provider, n_providers, durations, right, cause, weight)
    return incidence(fits, (0,), HOURS)[0]


def theirs(durations: Floats, observed: Flags) -> Floats:
    """The same from lifelines, Provider by Provider."""
    rows = zip(durations.reshape(-1, N_EACH), observed.reshape(-1, N_EACH), strict=True)
    fitter = KaplanMeierFitter
    return np.array([1 - fitter().fit(t, seen).survival_function_at_times(HOURS).to_numpy() for t, seen in rows])
