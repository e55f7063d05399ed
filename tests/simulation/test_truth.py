"""The expected shares are those that drawing many markets comes to, and closed forms where there are some."""

import numpy as np
import pytest

from monitor.model.columns import Floats
from monitor.simulation.market import Market, ProviderColumns, draw_market
from monitor.simulation.scenarios import SCENARIOS, Scenario
from monitor.simulation.truth import expected, realised

HOURS = (1, 12, 24, 48, 168)


def mean_of_many(scenario: Scenario, n_markets: int) -> tuple[Floats, Floats]:
    """Mean of realised - expected over Providers and markets at each hour, and its standard error by market."""
    errors = []
    for run in range(n_markets):
        market = draw_market(scenario, np.random.default_rng((run, 77)))
        truth = expected(market)
        errors.append([float(np.nanmean(realised(market, hours) - truth.at(hours))) for hours in HOURS])
    return np.mean(errors, axis=0), np.std(errors, axis=0, ddof=1) / np.sqrt(n_markets)


@pytest.mark.parametrize("name", ["baseline", "day", "sites", "early", "moves", "domain", "back", "all"])
def test_the_realised_share_is_the_expected_one_on_average(name):
    """At each published hour within four standard errors over forty markets of 200 Providers."""
    mean, error = mean_of_many(SCENARIOS[name], 40)
    assert (np.abs(mean) < 4 * error).all()
    assert (error < 0.005).all()


def test_a_provider_at_its_target_takes_down_that_share_within_the_norm():
    """In the Scenario at-target the expected share is 0.8 for everybody, to 1e-4."""
    market = draw_market(SCENARIOS["at-target"], np.random.default_rng(1))
    np.testing.assert_allclose(expected(market).at(24.0), 0.8, atol=1e-4)


def test_median_and_mean_of_a_lognormal_time_are_the_closed_forms():
    """Nothing competes and nobody ignores: the median is exp(mu); the mean below the cap that of the lognormal."""
    scenario = Scenario("plain", "", batch_sd=0.0, target_sd=0.5, providers=3)
    market = draw_market(scenario, np.random.default_rng(2))
    mu = np.log([5.0, 10.0, 20.0])
    providers = ProviderColumns(market.providers.bin, np.zeros(3), mu)
    truth = expected(Market(scenario, providers, market.targets, market.site_effect))
    np.testing.assert_allclose(truth.median(), np.exp(mu), rtol=1e-3)
    np.testing.assert_allclose(truth.mean(), np.exp(mu + 0.125), rtol=2e-3)


def test_half_never_reached_has_no_median():
    """A Provider that ignores most notices has an infinite median."""
    scenario = Scenario("ignores", "", providers=2)
    market = draw_market(scenario, np.random.default_rng(2))
    providers = ProviderColumns(market.providers.bin, np.array([0.6, 0.4]), np.log([5.0, 5.0]))
    median = expected(Market(scenario, providers, market.targets, market.site_effect)).median()
    assert np.isinf(median[0])
    assert np.isfinite(median[1])
