"""The real episode code, fed with a Market's checks, finds the truth as far as the checks show it."""

import numpy as np
import pytest

from monitor.model.scorecard import PUBLISHED_HOURS
from monitor.simulation.scenarios import BATCH_SIZES, CLUSTER_BINS, SCENARIOS
from monitor.survival.bounds import bounds_at, intervals


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_the_true_end_lies_in_the_derived_interval(derived, name):
    """L <= end <= R of each Episode, a gap before the notice aside, and those that came back as we first saw them gone.

    A return is an interruption within 7 days of the first OFFLINE that was *seen*. Where weekly checks that say
    nothing hid the removal, a return weeks after it falls within these days: in a few Episodes of a thousand.
    """
    market, found = derived(name)
    table, ended = found.table, market.targets.ended[found.target]
    back = np.isfinite(market.targets.back[found.target]) & (SCENARIOS[name].unclear_offline > 0)
    plain = (table.status == "episode") & ~table.gap_at_notice
    outside = plain & ((table.left_hours > ended + 1e-6) | (ended > table.right_hours + 1e-6))
    assert plain.sum() > 2500
    assert not (outside & ~back).any()
    assert outside.sum() <= 0.002 * plain.sum()


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_the_truth_lies_between_worst_and_best_case(derived, name):
    """Episode by Episode, at every published hour, gaps included."""
    market, found = derived(name)
    rows, truth = intervals(found.table), market.targets
    for hours in PUBLISHED_HOURS:
        bounds = bounds_at(rows, float(hours))
        within = truth.takedown[found.target] & (truth.ended[found.target] <= hours)
        assert not (bounds.worst & ~within).any()
        assert not (within & ~bounds.best & (found.table.status == "episode")).any()


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_the_derived_end_is_the_true_one_or_not_seen(derived, name):
    """No takedown is read as a move, no move as a domain that went; what is not seen is censored."""
    market, found = derived(name)
    truth = market.targets
    word = np.select(
        [truth.takedown, np.isfinite(truth.moved), np.isfinite(truth.gone)],
        ["takedown", "move", "domain"],
        "censored",
    )[found.target]
    episode = found.table.status == "episode"
    end = found.table.end
    assert ((end == word) | (end == "censored"))[episode].all()
    # what moved, or whose name went, within days is always seen; a takedown unless it answers 403 for ever
    soon = episode & (truth.ended[found.target] < 400) & ~truth.closed[found.target]
    assert (end == word)[soon].mean() > 0.99


def test_each_scenario_holds_what_it_is_named_after(derived):
    """Gaps, moves, domains, interruptions and recurrences are there in numbers that a score can rest on."""
    tables = {name: derived(name)[1].table for name in SCENARIOS}
    assert (tables["early"].status == "before_notice").sum() > 100
    assert tables["early"].gap_at_notice.sum() > 200
    assert (tables["moves"].end == "move").sum() > 200
    assert (tables["domain"].end == "domain").sum() > 150
    assert tables["back"].interrupted.sum() > 300
    assert (tables["back"].recurrence > 0).sum() > 150
    assert (tables["closed"].end == "censored").sum() > (tables["baseline"].end == "censored").sum() + 200
    assert tables["unclear"].n_checks.sum() > tables["baseline"].n_checks.sum()


def test_every_number_of_clusters_has_thirty_providers_and_more(derived):
    """A market fills each cell of the coverage table; sizes are skewed."""
    table = derived("baseline")[1].table
    providers = np.unique(table.provider_id.astype(str), return_inverse=True)[1]
    pairs = np.unique(np.stack((providers, table.cluster_id)), axis=1)
    clusters = np.bincount(pairs[0])
    for low, high in CLUSTER_BINS:
        assert ((clusters >= low) & (clusters <= high)).sum() >= 30
    sizes = np.bincount(providers)
    assert 25 < sizes.mean() < 60
    assert np.median(sizes) < sizes.mean()
    assert len(BATCH_SIZES) == len(CLUSTER_BINS)
