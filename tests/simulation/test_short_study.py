"""The study in small: the real line on a few markets. Limits allow for four standard errors of what was promised."""

from math import sqrt

import pytest

from monitor.model.scorecard import PUBLISHED_HOURS
from monitor.simulation.runs import run_market
from monitor.simulation.scenarios import SCENARIOS
from monitor.simulation.scores import Scores

MARKETS = {"baseline": 3, "day": 2, "moves": 2, "outages": 2, "all": 2, "at-target": 8, "power": 1}


@pytest.fixture(scope="module")
def study():
    """A few markets of some Scenarios, by fixed numbers."""
    made = {}
    for name, n in MARKETS.items():
        scores = Scores()
        for run in range(n):
            scores = scores.plus(run_market(SCENARIOS[name], run))
        made[name] = scores
    return made


@pytest.mark.parametrize("name", ["baseline", "day", "moves", "outages", "all"])
def test_the_interval_covers_the_expected_share(study, name):
    """In 93 to 97%, give or take four standard errors of that many Providers."""
    seen = study[name].get("all", "cover")
    assert seen.n > 390
    room = 4 * sqrt(0.95 * 0.05 / seen.n)
    assert 0.93 - room < seen.mean < 0.97 + room


@pytest.mark.parametrize("name", ["baseline", "day", "moves", "outages"])
def test_the_estimate_has_next_to_no_bias_at_any_published_hour(study, name):
    """Under a point against the realised share, give or take four standard errors."""
    for hours in PUBLISHED_HOURS:
        seen = study[name].get("all", f"bias.{hours}")
        assert abs(seen.mean) < 1 + 4 * seen.error
        assert seen.error < 0.5


@pytest.mark.parametrize("name", ["baseline", "day", "moves", "outages", "all"])
def test_the_truth_is_never_outside_the_bounds(study, name):
    """Episode by Episode, hour by hour."""
    seen = study[name].get("all", "bounds.broken")
    assert seen.n > 30_000
    assert seen.total == 0


def test_nobody_at_the_target_is_flagged_in_a_final_report(study):
    """Over eight markets of 120 Providers; and one by one in under 1%, give or take four standard errors."""
    assert study["at-target"].get("all", "family.final").total == 0
    seen = study["at-target"].get("share 0.8", "below")
    assert seen.n > 900
    assert seen.mean < 0.01 + 4 * sqrt(0.01 * 0.99 / seen.n)


def test_providers_far_under_the_target_are_found(study):
    """At a share of 0.3 most are flagged, also in the final report; at 0.9 nobody."""
    assert study["power"].get("share 0.3", "below").mean > 0.75
    assert study["power"].get("share 0.3", "below.final").mean > 0.6
    assert study["power"].get("share 0.9", "below").total == 0


def test_rank_intervals_hold_the_true_rank(study):
    """In 93 to 97% of the ranked, give or take six points for so few markets that share one order each."""
    seen = study["baseline"].get("all", "cover.rank")
    assert seen.n > 300
    assert seen.mean > 0.87


def test_the_naive_figures_are_shown_to_be_wrong(study):
    """Completed cases flatter, one look a day slanders, a plain binomial interval covers too rarely."""
    baseline = study["baseline"]
    assert baseline.get("all", "bias.168.completed").mean > 5
    assert baseline.get("all", "bias.24.daily").mean < -10
    assert baseline.get("all", "bias.mean.completed").mean < -30
    assert study["moves"].get("all", "bias.168.km-first-seen").mean > 1
    for name in ("completed", "first-seen", "daily", "km-first-seen", "km-midpoint"):
        assert baseline.get("all", f"cover.{name}").mean < baseline.get("all", "cover").mean - 0.03
