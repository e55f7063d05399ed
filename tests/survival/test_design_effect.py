"""Design effects by hand, against R, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.survival.design_effect import design_effects


def effects(rows, n_providers=1):
    """Rows (provider, cluster, weight, inside)."""
    provider, cluster, weight, inside = (np.array(column) for column in zip(*rows, strict=True))
    return design_effects(provider, cluster, weight.astype(float), inside.astype(float), n_providers)


def clusters(*counts, provider=0):
    """Rows of weight 1 from (inside, of how many) per cluster."""
    return [(provider, number, 1, i < x) for number, (x, m) in enumerate(counts) for i in range(m)]


def test_two_clusters_that_agree_within_and_differ_count_as_two_episodes():
    """All of one day within the norm, none of the other: rho is 1, and each day is worth one Episode."""
    found = effects(clusters((5, 5), (0, 5)))
    assert found.rho == pytest.approx(1)
    assert found.pooled[0] == pytest.approx(5)
    # jackknife: 2/1 * (2.5^2 + 2.5^2) / 10^2 over 0.25 / 10
    assert found.own[0] == pytest.approx(10)
    assert found.design_effect[0] == pytest.approx(10)
    assert found.n_effective[0] == pytest.approx(1)


def test_a_provider_with_one_cluster_takes_its_design_effect_from_the_others():
    """Its own jackknife is not defined; rho of the market and its cluster's size say what it is worth."""
    found = effects([*clusters((5, 5), (0, 5), (4, 5), (1, 5)), *clusters((3, 6), provider=1)], 2)
    assert np.isnan(found.own[1])
    assert found.design_effect[1] == pytest.approx(1 + found.rho * 5)
    assert found.n_clusters.tolist() == [4, 1]


# R 4.2.2: one-way analysis of variance of the days within each Provider
# > x <- data.frame(p = rep(1:2, c(12, 9)), c = rep(1:6, c(3, 5, 4, 2, 4, 3)),
# +   y = c(1,1,1, 1,0,0,0,0, 1,1,1,0, 1,0, 1,1,1,1, 0,0,0))
# > a <- anova(lm(y ~ factor(p) + factor(c), x)); msb <- a[2, 3]; msw <- a[3, 3]
# > n0 <- sum(tapply(table(x$c), c(1,1,1,2,2,2), function(m) sum(m) - sum(m^2) / sum(m))) / 4
# > options(digits = 12); print(c(msb, msw, n0, (msb - msw) / (msb + (n0 - 1) * msw)))
# [1] 0.772222222222 0.136666666667 3.402777777778 0.577461826442
RHO_BY_R = 0.577461826442


def test_rho_equals_the_analysis_of_variance_of_r():
    """Pooled over two Providers, by mean squares within and between days, as R's anova gives them."""
    found = effects([*clusters((3, 3), (1, 5), (3, 4)), *clusters((1, 2), (4, 4), (0, 3), provider=1)], 2)
    assert found.rho == pytest.approx(RHO_BY_R, abs=1e-10)


def test_differences_between_providers_are_no_correlation():
    """Providers that differ, with days that do not: nothing is left once each Provider's mean is taken out."""
    found = effects([*clusters(*[(4, 5)] * 20), *clusters(*[(1, 5)] * 20, provider=1)], 2)
    assert found.rho == 0
    assert found.design_effect == pytest.approx(1)


@pytest.mark.parametrize(
    ("why", "rows"),
    [
        ("nothing varies", clusters((4, 4), (6, 6))),
        ("one cluster", clusters((2, 4))),
        ("one Episode a cluster", clusters((1, 1), (0, 1), (1, 1))),
    ],
)
def test_without_variation_or_freedom_rho_is_not_known_and_adds_nothing(why, rows):
    """None, and the pooled term is that of independent Episodes."""
    found = effects(rows)
    assert found.rho is None, why
    assert found.pooled[0] == pytest.approx(1)


def test_the_ends_have_no_jackknife():
    """All within, or none: the own term says nothing, and never that the share is certain."""
    found = effects(
        [*clusters((5, 5), (5, 5)), *clusters((0, 4), (0, 6), provider=1), *clusters((1, 4), provider=2)], 3
    )
    assert np.isnan(found.own).all()
    assert (found.design_effect >= 1).all()


def test_weights_count_as_kish_says():
    """Independent Episodes of unequal weight are worth (sum w)^2 / sum w^2 of them."""
    weight = [1.0, 1.0, 0.5, 0.25, 0.125]
    found = effects([(0, i, w, i % 2) for i, w in enumerate(weight)])
    assert found.share[0] == pytest.approx(1.25 / 2.875)
    assert found.pooled[0] == pytest.approx(5 * np.square(weight).sum() / 2.875**2)


def test_an_end_that_nobody_saw_is_an_episode_that_says_less():
    """Half of the Episodes unseen from the start on, each with the share itself as membership: worth half."""
    seen = [(0, i, 1, i % 10 < 7) for i in range(100)]
    found = effects([*seen, *((0, 1000 + i, 1, 0.7) for i in range(100))])
    assert found.share[0] == pytest.approx(0.7)
    assert found.n_effective[0] == pytest.approx(100, rel=0.02)


def test_where_nothing_was_seen_at_least_one_episode_counts():
    """All memberships equal: the effective number is 1, never 0, so that limits can be given."""
    found = effects([(0, i, 1, 0.8) for i in range(20)])
    assert found.n_effective[0] == pytest.approx(1)


def test_who_is_left_out_and_who_has_no_episode():
    """Provider -1 counts nowhere; a Provider without an Episode has no share and no design effect."""
    found = effects([(-1, 0, 1, 1), (1, 0, 1, 1), (1, 5, 1, 0), (-1, 5, 1, 0)], 3)
    assert found.n.tolist() == [0, 2, 0]
    assert np.isnan(found.share[[0, 2]]).all()
    assert np.isnan(found.n_effective[[0, 2]]).all()
    nobody = design_effects([], [], [], [], 2)
    assert nobody.n.tolist() == [0, 0]
    assert nobody.rho is None


def test_clusters_are_the_sums_of_each_day_in_order():
    """By Provider, then cluster, whatever numbers the clusters have; one number may stand for two Providers' days."""
    found = effects([(1, 10**12, 1, 1), (0, -7, 0.5, 0.5), (1, -7, 1, 0), (0, -7, 1, 1), (1, -7, 1, 1)], 2).clusters
    assert found.provider.tolist() == [0, 1, 1]
    assert found.n.tolist() == [2, 2, 1]
    assert found.weight.tolist() == [1.5, 2, 1]
    assert found.inside.tolist() == [1.25, 1, 1]


@pytest.mark.parametrize("bad", [([0, 1], [0], [1.0], [1.0]), ([2], [0], [1.0], [1.0])])
def test_columns_that_do_not_fit_are_an_error(bad):
    """Different lengths, or a Provider beyond the last."""
    with pytest.raises(ValueError, match=r"different lengths|n_providers"):
        design_effects(*bad, 2)


rows = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(0, 5), st.floats(0.01, 1), st.sampled_from([0.0, 1.0, 0.3])),
    min_size=1,
    max_size=60,
)


@given(rows=rows, order=st.randoms(use_true_random=False))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_the_order_of_the_rows_does_not_show(rows, order):
    """The same bytes from the same Episodes in any order, weights and memberships included."""
    other = list(rows)
    order.shuffle(other)
    one, two = effects(rows, 4), effects(other, 4)
    assert one.rho == two.rho
    for name in ("share", "design_effect", "n_effective", "pooled", "own"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    for name, column in one.clusters.arrays().items():
        assert column.tobytes() == getattr(two.clusters, name).tobytes(), name


@given(rows=rows)
@settings(derandomize=True, max_examples=200, deadline=None)
def test_a_design_effect_never_makes_more_of_episodes_than_there_are(rows):
    """1 <= D, n / D <= n, rho between 0 and 1, shares between 0 and 1."""
    found = effects(rows, 4)
    here = found.n > 0
    assert (found.design_effect[here] >= 1).all()
    assert (found.n_effective[here] <= found.n[here]).all()
    assert ((found.share[here] >= 0) & (found.share[here] <= 1)).all()
    assert found.rho is None or 0 <= found.rho <= 1


def test_the_jackknife_is_that_of_leaving_each_cluster_out():
    """Linearised and literal delete-one variances agree within a few per cent with many clusters."""
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(150), rng.geometric(0.3, 150))
    inside = (rng.random(150)[cluster] < rng.random(len(cluster))).astype(float)
    found = design_effects(np.zeros(len(cluster)), cluster, np.ones(len(cluster)), inside, 1)
    m, x = found.clusters.weight, found.clusters.inside
    left_out = (x.sum() - x) / (m.sum() - m)
    variance = 149 / 150 * np.square(left_out - left_out.mean()).sum()
    share, n = found.share[0], found.n[0]
    assert found.own[0] == pytest.approx(variance / (share * (1 - share) / n), rel=0.03)
