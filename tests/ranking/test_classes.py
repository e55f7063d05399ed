"""Classes: limits against the target, and Holm over a family."""

from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from monitor.model.scorecard import Minimums, Norm
from monitor.model.words import NoticeKind, Role
from monitor.ranking.classes import classify, confirm, holm, is_confirmatory, unranked_reason

SEVERAL = settings(derandomize=True, max_examples=200, deadline=None)
LABELS = {"below", "meets", "not-proven", "too-few"}


def limits(worst, any_best, n):
    """Exact one-sided 99% limits: lower of the worst case, upper of the best case of any end; and its p at 80%."""
    lower = stats.beta.ppf(0.01, worst, n - worst + 1) if worst else 0.0
    upper = stats.beta.ppf(0.99, any_best + 1, n - any_best) if any_best < n else 1.0
    return lower, upper, stats.binom.cdf(any_best, n, 0.8)


def test_holm_is_that_of_r():
    """R 4.2.2: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05, 0.01, 0.5), method = "holm")

    [1] 0.07 0.10 0.12 0.12 0.12 0.07 0.50; and p.adjust(c(.8, .9, .001), "holm") is 1.000 1.000 0.003.
    """
    p = np.array([0.01, 0.02, 0.03, 0.04, 0.05, 0.01, 0.5])
    assert holm(p).tolist() == pytest.approx([0.07, 0.10, 0.12, 0.12, 0.12, 0.07, 0.50], abs=1e-12)
    assert holm(np.array([0.8, 0.9, 0.001])).tolist() == pytest.approx([1.0, 1.0, 0.003], abs=1e-12)
    assert holm(np.array([])).tolist() == []
    assert holm(np.array([nan, 0.01])).tolist() == [1.0, 0.02]


@pytest.mark.parametrize(
    ("worst", "any_best", "n", "expected"),
    [
        (0, 0, 100, "below"),
        (0, 100, 100, "not-proven"),  # evicted at once, or nothing is known: the notice was not ignored for certain
        (100, 100, 100, "meets"),
        (10, 10, 10, "not-proven"),  # ten of ten: the lower limit is 0.01 ** (1 / 10), 63%
        (20, 20, 20, "not-proven"),  # 79.4%
        (21, 21, 21, "meets"),  # 80.3%
        (0, 0, 2, "not-proven"),  # none of two: the upper limit is 90%
        (0, 0, 3, "below"),  # 78.5%
    ],
)
def test_a_class_needs_the_limits_on_one_side_of_the_target(worst, any_best, n, expected):
    """`meets` by the lower limit of the worst case, `below` by the upper limit of the best case of any end."""
    lower, upper, _ = limits(worst, any_best, n)
    assert classify(np.array([lower]), np.array([upper]), 0.8, np.array([True])).tolist() == [expected]


def test_a_limit_at_the_target_meets_it_and_is_not_below():
    """Rounding of the last digits does not decide: 0.8 less 1e-12 is 0.8."""
    at = np.array([0.8 - 1e-12])
    assert classify(at, np.array([1.0]), 0.8, np.array([True])).tolist() == ["meets"]
    assert classify(np.array([0.0]), at, 0.8, np.array([True])).tolist() == ["not-proven"]


def test_no_limit_proves_nothing_and_too_few_have_no_class():
    """NaN is neither below nor above a target; who is not judged has `too-few` whatever the limits."""
    found = classify(np.array([nan, 1.0, 0.0]), np.array([nan, 1.0, 0.0]), 0.8, np.array([True, False, False]))
    assert found.tolist() == ["not-proven", "too-few", "too-few"]


COUNTS = st.integers(1, 60).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.integers(0, n)).map(lambda pair: (min(pair), max(pair), n))
)


@given(counts=st.lists(COUNTS, min_size=1, max_size=30), few=st.integers(0, 5))
@SEVERAL
def test_holm_only_takes_below_away(counts, few):
    """Confirmed classes are those before, but for some `below` that are not proven; and too few stay too few."""
    lower, upper, p = (np.array(each) for each in zip(*(limits(*one) for one in counts), strict=True))
    judged = np.arange(len(counts)) >= few
    before = classify(lower, upper, 0.8, judged)
    after = confirm(before, p, judged)
    assert set(before.tolist()) <= LABELS
    for one, label, confirmed in zip(counts, before.tolist(), after.tolist(), strict=True):
        assert confirmed == label or (label, confirmed) == ("below", "not-proven")
        if label == "below":
            assert one[0] <= one[1] < 0.8 * one[2]  # so no Provider that reached the target in its best case
        if label == "meets":
            assert one[0] >= 0.8 * one[2]
    if judged.sum() == 1:  # a family of one: the 99% limit already says more than 5%
        assert after.tolist() == before.tolist()


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=30))
@SEVERAL
def test_adjusted_p_values_keep_their_order_and_never_shrink(p):
    """Each is at least the p value itself and at most 1; the smallest is multiplied by how many there are."""
    found, given_p = holm(np.array(p)), np.array(p)
    assert (found >= given_p).all()
    assert (found <= 1).all()
    assert (np.diff(found[np.argsort(given_p, kind="stable")]) >= 0).all()
    assert found.min() == pytest.approx(min(1.0, min(p) * len(p)))


def test_one_family_is_confirmatory():
    """Registered networks against the primary norm of requests, nothing else."""
    request = Norm(NoticeKind.REQUEST, 24.0, 0.8)
    assert is_confirmatory(request, Role.NETWORK)
    assert not is_confirmatory(request, Role.AS)
    assert not is_confirmatory(Norm(NoticeKind.ORDER, 12.0, 1.0), Role.NETWORK)
    assert not is_confirmatory(Norm(NoticeKind.REQUEST, 24.0, 0.8, name="sector"), Role.NETWORK)


def test_the_reason_for_having_no_rank():
    """Episodes come before clusters; enough of both is none."""
    found = [unranked_reason(n, k, Minimums(10, 3, 5)) for n, k in ((0, 0), (9, 9), (10, 2), (10, 3))]
    assert found == ["no-episodes", "few-episodes", "few-clusters", None]
