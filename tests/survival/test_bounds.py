"""Every case of `measurement.md` section 2, by hand."""

from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.survival.bounds import Bounds, bounds_at, bounds_of_norm, intervals


def flags(bounds: Bounds) -> str:
    """worst, best, any end worst, any end best, as 0 and 1."""
    row = (bounds.worst[0], bounds.best[0], bounds.any_end_worst[0], bounds.any_end_best[0])
    return "".join(str(int(flag)) for flag in row)


def interval(end, left, right, **more):
    return {"end": end, "left_hours": left, "right_hours": right, **more}


@pytest.mark.parametrize(
    ("what", "row", "expected"),
    [
        ("a takedown before the limit is within in every case", interval("takedown", 1, 2), "1111"),
        ("an interval that ends at the limit is within", interval("takedown", 23, 24), "1111"),
        ("an interval over the limit is possibly within", interval("takedown", 20, 30), "0101"),
        ("an interval that begins at the limit is not within", interval("takedown", 24, 30), "0000"),
        ("a takedown known to the moment at the limit is within", interval("takedown", 24, 24), "1111"),
        ("a takedown known to the moment after the limit is not", interval("takedown", 24.01, 24.01), "0000"),
        ("a move is no takedown, and an end", interval("move", 1, 2), "0011"),
        ("a move over the limit is possibly an end", interval("move", 20, 30), "0001"),
        ("a late move is nothing within the limit", interval("move", 24, 30), "0000"),
        ("a domain that is gone is no takedown, and an end", interval("domain", 1, 2), "0011"),
        (
            "a gap at the notice is never within in the worst case",
            interval("takedown", 0, 5, gap_at_notice=True),
            "0101",
        ),
        ("a long gap may lie before the limit too", interval("takedown", 0, 500, gap_at_notice=True), "0101"),
        ("a gap before a move may have ended before the notice", interval("move", 0, 5, gap_at_notice=True), "0101"),
        ("a gap without an end may be a removal", interval("censored", 0, inf, gap_at_notice=True), "0101"),
        ("not seen online up to the limit: possibly removed", interval("censored", 10, inf), "0101"),
        ("online at the limit: not within", interval("censored", 24, inf), "0000"),
        ("online after the limit: not within", interval("censored", 100, inf), "0000"),
        ("gone before the notice is no Episode", {"status": "before_notice", "end": "takedown"}, "0000"),
        ("an undelivered notice gives no Episode", {"status": "undelivered"}, "0000"),
        ("a notice to another party gives no Episode", {"status": "misaddressed"}, "0000"),
    ],
)
def test_a_request_is_within_the_norm_case_by_case(table, what, row, expected):
    """The hours of a request's norm split Episodes as section 2 says."""
    assert flags(bounds_of_norm(intervals(table([row])), 24.0)) == expected, what


@pytest.mark.parametrize(
    ("what", "row", "expected"),
    [
        ("its own deadline counts, not the norm", interval("takedown", 1, 2, deadline_hours=1), "0000"),
        ("over its own deadline: possibly", interval("takedown", 0.5, 2, deadline_hours=1), "0101"),
        ("at its own deadline: within", interval("takedown", 0.5, 1, deadline_hours=1), "1111"),
        ("a domain that is gone complies", interval("domain", 0.2, 0.5, deadline_hours=1), "1111"),
        ("a move does not comply", interval("move", 0.2, 0.5, deadline_hours=1), "0011"),
        ("deadline not known: never in the worst case", interval("takedown", 0.2, 0.5, deadline_hours=nan), "0101"),
        ("deadline not known: at most twelve hours", interval("takedown", 12, 13, deadline_hours=nan), "0000"),
        ("deadline not known, exactly at twelve hours", interval("takedown", 12, 12, deadline_hours=nan), "0101"),
        ("deadline not known, no end seen", interval("censored", 11, inf, deadline_hours=nan), "0101"),
    ],
)
def test_an_order_is_within_its_own_deadline(table, what, row, expected):
    """Each order counts against its own deadline; whatever makes it inaccessible complies, a move does not."""
    assert flags(bounds_of_norm(intervals(table([{**row, "clock": "order"}])), 24.0)) == expected, what


@given(data=st.data())
@settings(derandomize=True, max_examples=80, deadline=None)
def test_cases_are_nested(table, random_rows, data):
    """Worst implies best, and a takedown within the hours is an end within the hours, row by row."""
    rows = intervals(table(data.draw(random_rows)))
    for bounds in (bounds_of_norm(rows, 24.0), bounds_at(rows, 12.0)):
        assert not (bounds.worst & ~bounds.best).any()
        assert not (bounds.any_end_worst & ~bounds.any_end_best).any()
        assert not (bounds.worst & ~bounds.any_end_worst).any()
        assert not (bounds.best & ~bounds.any_end_best).any()


@given(data=st.data(), hours=st.tuples(*[st.sampled_from([0.0, 0.5, 1.0, 12.0, 23.5, 24.0, 24.1, 300.0])] * 2))
@settings(derandomize=True, max_examples=80, deadline=None)
def test_more_hours_never_take_a_row_out(table, random_rows, data, hours):
    """What is within some hours is within more hours, in every case."""
    rows = intervals(table(data.draw(random_rows)))
    fewer, more = bounds_at(rows, min(hours)), bounds_at(rows, max(hours))
    for name, column in fewer.arrays().items():
        assert not (column & ~more.arrays()[name]).any(), name
