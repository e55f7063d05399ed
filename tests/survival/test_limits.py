"""Limits of shares, pinned to published figures, to R and to scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binomtest

from monitor.survival.limits import clopper_pearson_lower, clopper_pearson_upper, difference, p_under, wilson

shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))
sizes = st.floats(0.01, 1e6)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_equals_the_published_limits(count, n, low, high):
    """Newcombe 1998 (Statistics in Medicine 17:857-872), table I, method 3."""
    assert np.concatenate(np.atleast_1d(*wilson(count / n, n))) == pytest.approx((low, high), abs=5e-5)


# R 4.2.2
# > options(digits = 12)
# > prop.test(x, n, correct = FALSE)$conf.int
# > binom.test(x, n, alternative = "greater", conf.level = .99)$conf.int[1]
# > binom.test(x, n, alternative = "less", conf.level = .99)$conf.int[2]
# > binom.test(x, n, p = .4, alternative = "less")$p.value
SESSION = [
    (0, 20, 0.000000000000, 0.161125158053, 0.0, 2.05671765276e-01, 3.65615844006e-05),
    (1, 29, 0.00611321429276, 0.17175521879320, 3.46503259168e-04, 2.07877975775e-01, 7.49194950165e-06),
    (15, 148, 0.0623863995307, 0.1604872417233, 5.16797498035e-02, 1.73541058902e-01, 5.27618325100e-16),
    (81, 263, 0.255288519878, 0.366209576983, 0.24321953155315, 0.37868202451776, 0.00124066033658),
    (29, 29, 0.8830302015, 1.0, 0.853167852417, 1.0, 1.0),
]


@pytest.mark.parametrize(("x", "n", "low", "high", "lower", "upper", "p"), SESSION)
def test_limits_equal_those_of_r(x, n, low, high, lower, upper, p):
    """Wilson's limits are prop.test's, the one-sided ones and their p value are binom.test's."""
    assert wilson(x / n, n) == (pytest.approx(low, rel=1e-10), pytest.approx(high, rel=1e-10))
    assert clopper_pearson_lower(x / n, n) == pytest.approx(lower, rel=1e-10)
    assert clopper_pearson_upper(x / n, n) == pytest.approx(upper, rel=1e-10)
    assert p_under(x / n, n, 0.4) == pytest.approx(p, rel=1e-9)


def test_limits_of_counts_that_are_not_whole_are_beta_quantiles():
    """R: x <- 7.3; n <- 12.9; qbeta(.01, x, n-x+1); qbeta(.99, x+1, n-x); pbeta(.8, x+1, n-x, lower = FALSE)."""
    assert clopper_pearson_lower(7.3 / 12.9, 12.9) == pytest.approx(0.2324491095582, rel=1e-10)
    assert clopper_pearson_upper(7.3 / 12.9, 12.9) == pytest.approx(0.8598746372902, rel=1e-10)
    assert p_under(7.3 / 12.9, 12.9, 0.8) == pytest.approx(0.0481919210446, rel=1e-10)


@pytest.mark.parametrize("n", [1, 2, 7, 10, 100, 12345])
def test_limits_equal_scipy(n):
    """Wilson's and Clopper and Pearson's limits equal scipy's to 1e-10, from none to all."""
    x = np.array(sorted({0, 1, n // 3, n // 2, n - 1, n}))
    expected = [binomtest(int(count), n).proportion_ci(method="wilson") for count in x]
    low, high = wilson(x / n, n)
    assert low == pytest.approx([each.low for each in expected], abs=1e-10)
    assert high == pytest.approx([each.high for each in expected], abs=1e-10)
    inner = x[(x > 0) & (x < n)]
    assert clopper_pearson_lower(inner / n, n) == pytest.approx(beta.ppf(0.01, inner, n - inner + 1), abs=1e-10)
    assert clopper_pearson_upper(inner / n, n) == pytest.approx(beta.ppf(0.99, inner + 1, n - inner), abs=1e-10)


def test_without_a_sample_there_are_no_limits():
    """No Episodes, or no share: not known, instead of 0 to 1."""
    share, n = np.array([0.0, 0.5, np.nan]), np.array([0.0, 0.0, 7.0])
    for limit in (*wilson(share, n), clopper_pearson_lower(share, n), clopper_pearson_upper(share, n)):
        assert np.isnan(limit).all()
    assert np.isnan(p_under(share, n, 0.8)).all()


def test_the_outer_limit_of_none_and_all_is_exact():
    """A share of 0 has lower limit 0 and a share of 1 has upper limit 1, without rounding error."""
    n = np.concatenate([np.arange(1, 2000), np.arange(1, 2000) / 7])
    assert not wilson(0.0, n)[0].any()
    assert (wilson(1.0, n)[1] == 1).all()
    assert not clopper_pearson_lower(0.0, n).any()
    assert (clopper_pearson_upper(1.0, n) == 1).all()
    assert (p_under(1.0, n, 0.8) == 1).all()


@given(share=shares, n=sizes, target=st.floats(0.01, 0.99))
@settings(derandomize=True, max_examples=300)
def test_the_p_value_says_what_the_limit_says(share, n, target):
    """The 99% upper limit is under the target where p is under 1%, and only there."""
    upper, p = float(clopper_pearson_upper(share, n)), float(p_under(share, n, target))
    if abs(upper - target) > 1e-9:
        assert (upper < target) == (p < 0.01)


@given(share=shares, n=sizes)
@settings(derandomize=True, max_examples=300)
def test_limits_enclose_the_share_and_lie_between_none_and_all(share, n):
    """0 <= lower <= share <= upper <= 1, also where the number of Episodes is below 1."""
    low, high = wilson(share, n)
    for lower, upper in ((low, high), (clopper_pearson_lower(share, n), clopper_pearson_upper(share, n))):
        assert 0 <= lower <= share + 1e-12
        assert share - 1e-12 <= upper <= 1


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "low", "high"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (10, 10, 0, 10, 0.6075, 1.0)],
)
def test_the_difference_equals_the_published_one(x1, n1, x2, n2, low, high):
    """Newcombe 1998 (Statistics in Medicine 17:873-890), table II, method 10."""
    one, two = (x1 / n1, *wilson(x1 / n1, n1)), (x2 / n2, *wilson(x2 / n2, n2))
    assert difference(one, two) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(("share", "n"), [(-0.1, 5), (1.1, 5), (0.5, -1)])
def test_a_share_outside_0_to_1_is_an_error(share, n):
    """A percentage instead of a share is caught where it comes in."""
    with pytest.raises(ValueError, match=r"between 0 and 1|not negative"):
        wilson(share, n)
