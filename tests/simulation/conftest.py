"""Markets that several tests look at: drawn, observed and derived once."""

from functools import lru_cache

import numpy as np
import pytest

from monitor.simulation.checks import observe
from monitor.simulation.facts import derive
from monitor.simulation.market import draw_market
from monitor.simulation.scenarios import SCENARIOS


@lru_cache(maxsize=20)
def _derived(name: str):
    rng = np.random.default_rng(11)
    market = draw_market(SCENARIOS[name], rng)
    return market, derive(market, observe(market, rng))


@pytest.fixture(scope="session")
def derived():
    """Of a Scenario's name: a Market, and what the real episode code makes of its checks."""
    return _derived
