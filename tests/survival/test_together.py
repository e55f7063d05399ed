"""Groups across Providers: each a mean of what is estimated of the Providers in it."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.scorecard import Norm
from monitor.model.selected import select
from monitor.model.words import NoticeKind, Role
from monitor.survival import cumulative_incidence, measure
from monitor.survival.curves import HOURS
from monitor.survival.together import measure_groups

NORM = Norm(NoticeKind.REQUEST, 24.0, 0.8)
PLACE = {None: 0, "forum": 1, "blog": 2}


def grouped(table, rows):
    """What is measured of the site types of the rows, and the rows of the request clock and role network."""
    episodes = table(rows)
    kept = (episodes.role == "network") & (episodes.clock == "request")
    episodes = episodes.take(kept)
    chosen = select(episodes, clock=NoticeKind.REQUEST, role=Role.NETWORK)
    group = np.array([PLACE[word] for word in episodes.site_type.tolist()], np.int32)
    return measure_groups(chosen, group, len(PLACE), NORM), episodes, chosen


def naive(episodes, place):
    """Episodes of one group by Provider, and the mean of separate fits, by a loop."""
    is_mine = (episodes.status == "episode") & np.array([PLACE[word] == place for word in episodes.site_type], bool)
    shares, sizes = [], []
    for provider in sorted({key for key in episodes.provider_id[is_mine].tolist() if key is not None}):
        mine = episodes.take(is_mine & (episodes.provider_id == provider))
        cause = np.where(mine.end == "takedown", 0, np.where(mine.end == "censored", -1, 1))
        found = cumulative_incidence(mine.left_hours, mine.right_hours, cause, mine.weight)
        shares.append(float(found.at(24.0)))
        sizes.append(len(mine))
    return sizes, np.average(shares, weights=sizes) if sizes else np.nan


@given(data=st.data())
@settings(derandomize=True, max_examples=30, deadline=None)
def test_a_group_is_the_mean_of_separate_fits_of_its_providers(table, random_rows, data):
    """Share, Providers and Episodes of each group equal a loop over its Providers; limits enclose the share."""
    rows = [{**row, "site_type": data.draw(st.sampled_from([*PLACE]))} for row in data.draw(random_rows)]
    found, episodes, _ = grouped(table, rows)
    for place in PLACE.values():
        sizes, share = naive(episodes, place)
        assert (found.n_providers[place], found.n_episodes[place]) == (len(sizes), sum(sizes))
        assert found.norm[place] == pytest.approx(share, abs=1e-7, nan_ok=True)
        if sizes:
            assert 0 <= found.norm_low[place] <= found.norm[place] + 1e-9
            assert found.norm[place] - 1e-9 <= found.norm_high[place] <= 1
            assert 0 <= found.worst[place] <= found.best[place] <= sum(sizes)
        else:
            assert np.isnan(found.norm_low[place])
            assert found.median_status[place] is None


def test_a_group_of_everything_says_what_the_curve_of_all_together_says(table):
    """Three unlike Providers in one group: the share at the norm is that of the curve, and so are its limits."""
    rows = [{"left_hours": 1.0, "right_hours": 3.0, "cluster_id": n % 5} for n in range(20)]
    rows += [{"left_hours": 11.0, "right_hours": 40.0, "provider_id": "as64501", "cluster_id": n % 7} for n in range(9)]
    rows += [{"left_hours": 50.0, "right_hours": 60.0, "provider_id": "as64502", "cluster_id": n} for n in range(4)]
    found, _, chosen = grouped(table, rows)
    together = measure(chosen, NORM, resamples=0, with_curves=True).curves[0]
    at = HOURS.index(24)
    assert found.norm[0] == pytest.approx(1 - together.share[at], abs=1e-8)
    assert found.norm_low[0] == pytest.approx(1 - together.band_high[at], abs=0.1)
    assert found.norm_high[0] == pytest.approx(1 - together.band_low[at], abs=0.1)


def test_the_median_of_a_group_is_where_the_mean_incidence_reaches_one_half(table):
    """Two Providers of equal size, ends in (0, 10] and in (20, 30]: half are gone at 10 h; of three in four, at 5 h."""
    early, late = {"left_hours": 0.0, "right_hours": 10.0}, {"left_hours": 20.0, "right_hours": 30.0}
    other = {"provider_id": "as64501"}
    found, _, _ = grouped(table, [early] * 2 + [{**late, **other}] * 2)
    assert (found.median[0], found.median_status[0]) == (10.0, "reached")
    found, _, _ = grouped(table, [early] * 10 + [{**early, **other}] * 5 + [{**late, **other}] * 5)
    assert found.median[0] == pytest.approx(10 * 2 / 3)


def test_a_group_of_which_few_are_taken_down_has_no_median(table):
    """One in three after two months of checks: not reached, and no number."""
    open_ = {"left_hours": 1500.0, "right_hours": inf, "end": "censored"}
    found, _, _ = grouped(table, [{"left_hours": 1.0, "right_hours": 2.0}, open_, {**open_, "provider_id": "as64501"}])
    assert np.isnan(found.median[0])
    assert found.median_status[0] == "not-reached"


def test_providers_that_nobody_followed_to_the_norm_widen_the_limits_by_their_part_alone(table):
    """One in ten Episodes lost from view at once: the limits are wide by about a tenth more, not 0 to 1."""
    seen = [{"left_hours": 1.0, "right_hours": 3.0, "cluster_id": n} for n in range(90)]
    lost = [{"left_hours": 0.5, "right_hours": inf, "end": "censored", "provider_id": "as64501"}] * 10
    found, _, _ = grouped(table, seen + lost)
    assert 0.8 < found.norm_low[0] <= 0.9
    assert found.norm_high[0] == 1.0


def test_rows_without_a_provider_or_a_group_are_in_no_group(table):
    """They are counted nowhere; a table of nothing else has groups of which nothing is known."""
    found, _, _ = grouped(table, [{"provider_id": None}] * 3 + [{"status": "before_notice"}])
    assert found.n_episodes.tolist() == [0, 0, 0]
    assert np.isnan(found.norm).all()
