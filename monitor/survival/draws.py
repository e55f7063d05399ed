"""Whole clusters drawn with replacement, from numbers that belong to one Provider alone.

In: a seed and the Provider's place. Out: how often each cluster is drawn. What would surprise: no generator is shared,
neither between Providers nor between threads, so that draws depend on nothing but seed and place.

Source: SplitMix64 (Steele, Lea and Flood 2014, OOPSLA).
"""

import numpy as np

from monitor.model.columns import Floats
from monitor.survival.compiled import compiled


@compiled
def begin(seed: int, place: int) -> np.uint64:
    """Where the numbers of one Provider begin."""
    return _mixed(_mixed(np.uint64(seed)) + np.uint64(place) * np.uint64(0x9E3779B97F4A7C15))


@compiled
def draw(state: np.uint64, times: Floats) -> np.uint64:
    """Draw as many clusters as there are, with replacement; `times` counts each. Returns the state to go on from."""
    n = np.uint64(len(times))
    times[:] = 0.0
    for _ in range(len(times)):
        state += np.uint64(0x9E3779B97F4A7C15)
        times[np.int64(((_mixed(state) >> np.uint64(32)) * n) >> np.uint64(32))] += 1.0
    return state


@compiled
def _mixed(number: np.uint64) -> np.uint64:
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


@compiled
def percentile(values: Floats, part: float) -> np.float64:
    """The value at this part of the order, outwards to the next one: infinite values stay what they are."""
    place = part * (len(values) - 1)
    ordered = np.sort(values)
    chosen: np.float64 = ordered[int(np.floor(place))] if part < 0.5 else ordered[int(np.ceil(place))]
    return chosen
