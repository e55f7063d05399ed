"""The beta-binomial prior and the shrunken shares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from monitor.ranking.shrinkage import PRECISIONS, Prior, fit_prior, log_likelihood, shrunken

SEVERAL = settings(derandomize=True, max_examples=40, deadline=None)
SHARES = np.array([0.10, 0.35, 0.5, 0.62, 0.7, 0.75, 0.8, 0.81, 0.9, 0.95, 1.0, 1.0])
SIZES = np.array([10.5, 22.25, 7.5, 40.0, 13.0, 100.75, 18.0, 9.5, 55.0, 31.2, 12.0, 25.0])


def test_the_prior_is_that_of_an_independent_maximisation_in_r():
    """R 4.2.2: sh and n as above, x <- sh * n, then

    nll <- function(t) { m <- plogis(t[1]); M <- exp(t[2])
                         -sum(lbeta(m*M + x, (1-m)*M + n - x) - lbeta(m*M, (1-m)*M)) }
    o <- optim(c(0, 1), nll, control = list(reltol = 1e-15, maxit = 10000))
    o <- optim(o$par, nll, method = "BFGS", control = list(reltol = 1e-15, maxit = 10000))
    plogis(o$par[1])                      [1] 0.711309311
    exp(o$par[2])                         [1] 2.61086205
    o$value                               [1] 170.7210147
    (m * M + x) / (M + n)                  [1] 0.22173450 0.38794433 0.55456503 0.62559472 0.70189144 0.74902269
                                           [7] 0.78876519 0.78872424 0.89144874 0.93156839 0.94841293 0.97270163
    """
    prior = fit_prior(SHARES, SIZES)
    assert (prior.mean, prior.precision) == pytest.approx((0.711309311, 2.61086205), rel=1e-5)
    likelihood = log_likelihood(prior.mean, prior.precision, SHARES * SIZES, (1 - SHARES) * SIZES)
    assert float(likelihood) == pytest.approx(-170.7210147, abs=1e-7)
    expected = [0.22173450, 0.38794433, 0.55456503, 0.62559472, 0.70189144, 0.74902269]
    expected += [0.78876519, 0.78872424, 0.89144874, 0.93156839, 0.94841293, 0.97270163]
    assert shrunken(prior, SHARES, SIZES).tolist() == pytest.approx(expected, abs=1e-6)


def test_the_likelihood_is_the_integral_over_the_prior():
    """Binomial likelihoods integrated numerically, for whole and for broken numbers of successes."""
    prior = stats.beta(0.7 * 4, 0.3 * 4)
    total = 0.0
    for x, rest in ((3.0, 2.0), (7.25, 0.5), (0.0, 4.0)):
        value, _ = integrate.quad(lambda p, x=x, rest=rest: p**x * (1 - p) ** rest * prior.pdf(p), 0, 1)
        total += np.log(value)
    found = log_likelihood(0.7, 4.0, np.array([3.0, 7.25, 0.0]), np.array([2.0, 0.5, 4.0]))
    assert float(found) == pytest.approx(total, abs=1e-8)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("n", [1, 2, 40])
def test_equal_shares_and_single_providers_stay_as_they_are(share, n):
    """Nobody is moved, whatever the sizes: the prior is as narrow as it may be, at that share."""
    shares, sizes = np.full(n, share), np.linspace(10.0, 5000.0, n)
    prior = fit_prior(shares, sizes)
    assert prior == Prior(share, PRECISIONS[1])
    assert shrunken(prior, shares, sizes).tolist() == pytest.approx([share] * n, abs=1e-12)


def test_all_or_nothing_is_hardly_shrunken():
    """Half of the Providers at 0 and half at 1: the prior is U-shaped, and knows its limit."""
    shares, sizes = np.array([0.0, 1.0] * 20), np.full(40, 50.0)
    prior = fit_prior(shares, sizes)
    assert prior.mean == pytest.approx(0.5)
    assert prior.precision == PRECISIONS[0]
    assert np.abs(shrunken(prior, shares, sizes) - shares).max() < 1e-3


def test_shares_that_differ_by_chance_alone_are_drawn_together():
    """The largest precision is found where the shares vary less than samples of one share would."""
    prior = fit_prior(np.array([0.79, 0.8, 0.81, 0.8]), np.full(4, 100.0))
    assert prior.precision == pytest.approx(PRECISIONS[1], rel=1e-6)
    assert prior.mean == pytest.approx(0.8, abs=1e-6)


PAIRS = st.lists(st.tuples(st.floats(0, 1), st.floats(1, 500)), min_size=2, max_size=25)


@given(pairs=PAIRS)
@SEVERAL
def test_no_other_prior_is_likelier(pairs):
    """Nothing on a grid over all means and precisions beats the one that was found."""
    shares, sizes = (np.array(each) for each in zip(*pairs, strict=True))
    prior = fit_prior(shares, sizes)
    x, rest = shares * sizes, (1 - shares) * sizes
    means = np.array([1e-4, *np.linspace(0.02, 0.98, 25), 1 - 1e-4])
    best = max(float(log_likelihood(means, np.full(27, m), x, rest).max()) for m in np.geomspace(*PRECISIONS, 41))
    if np.ptp(shares) >= 1e-9:
        assert float(log_likelihood(prior.mean, prior.precision, x, rest)) >= best - 1e-5


@given(pairs=PAIRS)
@SEVERAL
def test_a_shrunken_share_lies_between_the_share_and_the_prior(pairs):
    """And of two with one share the larger sample moves less."""
    shares, sizes = (np.array(each) for each in zip(*pairs, strict=True))
    prior = fit_prior(shares, sizes)
    found, larger = shrunken(prior, shares, sizes), shrunken(prior, shares, 2 * sizes)
    assert (found >= np.minimum(shares, prior.mean) - 1e-9).all()
    assert (found <= np.maximum(shares, prior.mean) + 1e-9).all()
    assert (np.abs(larger - shares) <= np.abs(found - shares) + 1e-9).all()
