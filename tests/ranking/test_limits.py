"""Wilson's limits, pinned to published figures and to scipy."""

import pytest
from scipy.stats import binomtest

from monitor.ranking.limits import wilson


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_limits_equal_the_published_ones(count, n, low, high):
    """Newcombe 1998 (Statistics in Medicine 17:857-872), table I, method 3."""
    assert wilson(count, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("n", [1, 2, 7, 10, 100, 12345])
def test_limits_equal_scipy(n):
    """The limits equal those of scipy to 1e-12, from none to all."""
    for count in {0, 1, n // 3, n // 2, n - 1, n}:
        expected = binomtest(count, n).proportion_ci(method="wilson")
        assert wilson(count, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_without_a_sample_there_are_no_limits():
    """No Episodes: not known, instead of 0 to 1."""
    assert wilson(0, 0) is None


def test_the_outer_limit_of_none_and_all_is_exact():
    """A share of 0 has lower limit 0 and a share of 1 has upper limit 1, without rounding error."""
    assert all(wilson(0, n)[0] == 0.0 and wilson(n, n)[1] == 1.0 for n in range(1, 2000))
