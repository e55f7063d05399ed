"""Ranks, worst first, and how sure they are: 95% rank intervals from posterior draws.

In: shrunken shares, and what they were made of. Out: one rank and one interval per Provider, 1 = the lowest share.
What would surprise: the prior's own uncertainty is drawn too, so ten Providers without a single failure have wide
intervals and not ten certain first places; and a share that the data do not identify is drawn from its whole range.

Method: ranks by posterior simulation (Laird and Louis 1989, J. Educ. Stat. 14:29; Goldstein and Spiegelhalter 1996);
hyperprior uniform in the mean and in precision ** -0.5 (Gelman et al. 2013, Bayesian Data Analysis, 5.3).
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from monitor.model.columns import Codes, Columns, Floats, Ints
from monitor.ranking.shrinkage import PRECISIONS, Prior, log_likelihood

TIE = 1e-9
N_DRAWS = 4000
TAIL = 0.025
_CELLS_AT_ONCE = 1_000_000  # of (Provider, draw): bounds the memory
_GRID = 24  # points by mean and by precision
_DROP = 10.0  # in log-likelihood, where the grid ends
_LOGITS = (-12.0, 12.0)


@dataclass(frozen=True, slots=True, eq=False)
class Shares(Columns):
    """One entry per ranked Provider: the share with its range over all maximisers, and the effective sample size."""

    share: Floats
    low: Floats
    high: Floats
    n: Floats


def ranks(shares: Floats) -> Codes:
    """1 + how many are lower, along the last axis; those within 1e-9 of the next lower one share its rank."""
    order = np.argsort(shares, axis=-1, kind="stable")
    ordered = np.take_along_axis(shares, order, -1)
    first = np.zeros(shares.shape, np.int32)
    first[..., 1:] = np.where(np.diff(ordered) > TIE, np.arange(1, shares.shape[-1], dtype=np.int32), 0)
    found: Codes = np.empty(shares.shape, np.int32)
    np.put_along_axis(found, order, np.maximum.accumulate(first, axis=-1) + 1, -1)
    return found


def generator(method: str, role: str, clock: str, seed: int) -> np.random.Generator:
    """The source of the draws of one Ranking: it depends on these words and on nothing else."""
    digest = hashlib.sha256("/".join((method, role, clock, str(seed))).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest))


def rank_intervals(
    given: Shares, prior: Prior, rank: Codes, random: np.random.Generator, n_draws: int = N_DRAWS
) -> tuple[Ints, Ints]:
    """`rank_low` and `rank_high` of each Provider: 2.5% of its drawn ranks lie up to the one, 2.5% from the other on.

    Nearest rank: the smallest and the largest rank with at least 2.5% of the draws up to it and from it on. An interval
    without the Provider's own `rank` (possible with ties) is widened to hold it.
    """
    n, kept = len(given), int(np.ceil(TAIL * n_draws))
    smallest = np.full((n, kept), np.iinfo(np.int32).max, np.int32)
    largest = np.zeros((n, kept), np.int32)
    hyper = _hyper_draws(given, prior, random, n_draws)
    at_once = max(1, min(n_draws, _CELLS_AT_ONCE // n))
    for start in range(0, n_draws, at_once):
        drawn = ranks(_share_draws(given, hyper[start : start + at_once], random)).T
        smallest = np.partition(np.hstack((smallest, drawn)), kept - 1, axis=1)[:, :kept]
        largest = np.partition(np.hstack((largest, drawn)), drawn.shape[1], axis=1)[:, -kept:]
    low, high = smallest.max(axis=1), largest.min(axis=1)
    return np.minimum(low, rank).astype(np.int64), np.maximum(high, rank).astype(np.int64)


def _share_draws(given: Shares, hyper: Floats, random: np.random.Generator) -> Floats:
    """Shares of all Providers, one row for each prior (mean, precision) in `hyper`."""
    mean, precision = hyper[:, :1], hyper[:, 1:]
    shape = (len(hyper), len(given))
    share = given.low + random.random(shape) * (given.high - given.low)
    return random.beta(mean * precision + share * given.n, (1 - mean) * precision + (1 - share) * given.n)


def _hyper_draws(given: Shares, prior: Prior, random: np.random.Generator, n_draws: int) -> Floats:
    """(n_draws, 2): means and precisions from their posterior, by a grid around the maximum of the likelihood."""
    x, rest = given.share * given.n, (1 - given.share) * given.n
    peak = (float(np.clip(logit(prior.mean), *_LOGITS)), float(np.log(prior.precision)))
    axes = [_axis(coordinate, peak, x, rest) for coordinate in (0, 1)]
    weights = np.stack([_log_posterior(axes[0], precision, x, rest) for precision in axes[1]], axis=1)
    weights = np.exp(weights - weights.max())
    cells = random.choice(weights.size, n_draws, p=(weights / weights.sum()).ravel())
    jitter = random.random((n_draws, 2)) - 0.5
    places = np.stack(np.unravel_index(cells, weights.shape), axis=1)
    values = np.stack([axis[place] for axis, place in zip(axes, places.T, strict=True)], axis=1)
    values += jitter * np.array([axis[1] - axis[0] for axis in axes])
    values[:, 1] = np.clip(values[:, 1], *np.log(PRECISIONS))
    return np.stack((expit(values[:, 0]), np.exp(values[:, 1])), axis=1)


def _axis(coordinate: int, peak: tuple[float, float], x: Floats, rest: Floats) -> Floats:
    """The grid along one coordinate, from where the posterior is down by _DROP to where it is again."""
    limits = _LOGITS if coordinate == 0 else tuple(np.log(PRECISIONS))
    top = _at(coordinate, peak[coordinate], peak, x, rest)
    ends: list[float] = []
    for direction, limit in ((-1.0, limits[0]), (1.0, limits[1])):
        step, here = 0.01, peak[coordinate]
        while direction * here < direction * limit and top - _at(coordinate, here, peak, x, rest) < _DROP:
            here, step = peak[coordinate] + direction * step, step * 1.5
        ends.append(max(limits[0], min(limits[1], here)))
    return np.linspace(ends[0], ends[1], _GRID)


def _at(coordinate: int, value: float, peak: tuple[float, float], x: Floats, rest: Floats) -> float:
    mean, precision = (value, peak[1]) if coordinate == 0 else (peak[0], value)
    return float(_log_posterior(np.array([mean]), precision, x, rest)[0])


def _log_posterior(logits: Floats, log_precision: float, x: Floats, rest: Floats) -> Floats:
    """By (logit mean, log precision), with the hyperprior of the docstring in these coordinates."""
    mean = expit(logits)
    known = log_likelihood(mean, np.full_like(mean, np.exp(log_precision)), x, rest)
    found: Floats = known + np.log(mean * expit(-logits)) - log_precision / 2
    return found
