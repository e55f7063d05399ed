"""Shrinkage of shares towards what is usual: a beta-binomial prior by maximum likelihood, and posterior means.

In: shares and effective sample sizes of the Providers that are ranked, for one role and norm. Out: a Prior, and the
shrunken shares. What would surprise: successes x = share * n and trials n are not whole (n is n_episodes over the
design effect), so the likelihood is written with gamma functions; and where all shares are equal the prior is as
narrow as it may be, not infinitely narrow.

Method: beta-binomial (Skellam 1948, J. R. Statist. Soc. B 10:257), empirical Bayes (Efron and Morris 1975).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, digamma, expit, logit, polygamma

from monitor.model.columns import Floats

PRECISIONS = (0.01, 1e6)
"""Within these the precision M = a + b is looked for: 0.01 is all or nothing, a million is a point."""
_STARTS = (logit(np.linspace(0.05, 0.95, 10)), np.log(np.geomspace(*PRECISIONS, 25)))
"""Of these means (and the overall one) and precisions the likeliest pair is where the search begins: few Providers of
very different sizes have several maxima."""
_LARGEST_LOGIT = 30.0
_NEWTON_STEPS = 50
_DIGITS = 7  # of the prior, so that another processor's last digits change no shrunken share


@dataclass(frozen=True, slots=True)
class Prior:
    """A beta distribution: a = mean * precision, b = (1 - mean) * precision. A mean of 0 or 1 is that point."""

    mean: float
    precision: float


def fit_prior(share: Floats, n: Floats) -> Prior:
    """The prior under which these shares are most likely.

    `share` in [0, 1] and `n` > 0 have one entry per Provider, at least one. Equal shares give that share as mean and
    the largest precision; so does a single Provider, whose shrunken share is then its own.
    """
    if np.ptp(share) < 1e-9:
        return Prior(float(np.round(share[0], 9)), PRECISIONS[1])
    x, rest = share * n, (1 - share) * n
    box = ((-_LARGEST_LOGIT, _LARGEST_LOGIT), tuple(np.log(PRECISIONS)))
    means = np.array([logit(np.clip(x.sum() / n.sum(), 1e-6, 1 - 1e-6)), *_STARTS[0]])
    tried = np.stack([log_likelihood(expit(means), np.full(len(means), np.exp(m)), x, rest) for m in _STARTS[1]])
    row, column = np.unravel_index(int(tried.argmax()), tried.shape)
    start = (means[column], _STARTS[1][row])
    found = minimize(_minus_log_likelihood, start, (x, rest), "L-BFGS-B", jac=True, bounds=box)
    at = _polished(found.x, x, rest, np.array(box))
    return Prior(float(_significant(expit(at[0]))), float(_significant(np.exp(at[1]))))


def shrunken(prior: Prior, share: Floats, n: Floats) -> Floats:
    """Posterior means of the shares, one per Provider."""
    return (prior.mean * prior.precision + share * n) / (prior.precision + n)


def log_likelihood(mean: Floats | float, precision: Floats | float, x: Floats, rest: Floats) -> Floats:
    """Log-likelihood but for a constant, summed over the last axis of x and rest = n - x (successes, failures)."""
    a, b = mean * np.asarray(precision), (1 - np.asarray(mean)) * precision
    a, b = np.asarray(a)[..., None], np.asarray(b)[..., None]
    total: Floats = (betaln(a + x, b + rest) - betaln(a, b)).sum(axis=-1)
    return total


def _minus_log_likelihood(at: Floats, x: Floats, rest: Floats) -> tuple[float, Floats]:
    """Value and gradient by (logit mean, log precision)."""
    value = log_likelihood(float(expit(at[0])), float(np.exp(at[1])), x, rest)
    return -float(value), -_slopes(at, x, rest)[0]


def _slopes(at: Floats, x: Floats, rest: Floats) -> tuple[Floats, Floats]:
    """Gradient and Hessian of the log-likelihood by (logit mean, log precision)."""
    m, big = float(expit(at[0])), float(np.exp(at[1]))
    a, b, spread = m * big, (1 - m) * big, m * (1 - m) * big
    # 1. by a, by b, and by the sum of both
    da, db = (digamma(a + x) - digamma(a)).sum(), (digamma(b + rest) - digamma(b)).sum()
    ds = (digamma(big) - digamma(big + x + rest)).sum()
    daa, dbb = (polygamma(1, a + x) - polygamma(1, a)).sum(), (polygamma(1, b + rest) - polygamma(1, b)).sum()
    dss = (polygamma(1, big) - polygamma(1, big + x + rest)).sum()
    # 2. by the chain rule: a and b move by +spread and -spread with the logit, by a and b with the logarithm
    gradient = np.array([spread * (da - db), a * da + b * db + big * ds])
    mixed = spread * (da - db) + spread * (a * daa - b * dbb)
    both = spread**2 * (daa + dbb) + spread * (1 - 2 * m) * (da - db)
    scale = gradient[1] + a * a * daa + b * b * dbb + big * big * dss
    return gradient, np.array([[both, mixed], [mixed, scale]])


def _polished(at: Floats, x: Floats, rest: Floats, box: Floats) -> Floats:
    """Newton's steps from near the maximum to the last digits; a coordinate at its limit stays there."""
    for _ in range(_NEWTON_STEPS):
        gradient, hessian = _slopes(at, x, rest)
        free = (at > box[:, 0]) & (at < box[:, 1])
        curved = hessian[np.ix_(free, free)]
        if not free.any() or np.linalg.eigvalsh(curved).max() >= 0:
            break
        step = np.zeros(2)
        step[free] = np.linalg.solve(curved, -gradient[free])
        at = np.clip(at + np.clip(step, -1.0, 1.0), box[:, 0], box[:, 1])
        if np.abs(step).max() < 1e-12:
            break
    return at


def _significant(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
