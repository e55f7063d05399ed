"""Exposure: hours online after the notice, for certain and at most (`measurement.md` section 3)."""

import pytest


@pytest.mark.parametrize(
    ("lines", "low", "high"),
    [
        (["1 on", "5 off"], 1, 5),
        (["-1 on", "5 off"], 0, 5),  # a gap at the notice: perhaps not a moment
        (["1 on", "3 on", "7 ?"], 3, 700),  # the end was not seen: up to the cut-off
        ([], 0, 700),
        (["2 on", "6 on Q"], 2, 6),
        (["2 on", "6 off domain"], 2, 6),
        # 1 to 5 online, offline from 5 to 20 at least, back between 20 and 50, gone between 60 and 70
        (["1 on", "5 off", "20 off", "50 on", "60 on", "70 off"], 1 + 10, 5 + 50),
        (["1 on", "5 off", "50 on", "70 off"], 1 + 0, 5 + 65),  # one OFFLINE alone is a moment
        (["1 on", "5 off untrusted", "50 on", "70 off"], 50, 70),  # an unconfirmed one is no gap
        # offline at the notice, back within seven days
        (["-5 off", "4 off", "9 on", "12 off"], 0 + 0, 12 - 4),
        (["-5 off", "9 on", "11 on", "12 off"], 2, 12),
        # the name gone from 2 to 3 at least, then elsewhere
        (["1 on", "2 off - domain", "3 off - domain", "6 on Q"], 1, 2 + 3),
    ],
)
def test_exposure_is_counted_over_the_stretches_online(course, lines, low, high):
    """Lower: up to the last ONLINE of each stretch; upper: up to the first OFFLINE; offline gaps are left out."""
    row = course(*lines, cutoff=700)
    assert (row.exposure_low_hours, row.exposure_high_hours) == (low, high)


def test_exposure_is_capped_at_720_hours(course):
    """(g) The sum over the stretches counts to 30 days."""
    row = course("1 on", "800 on", "900 off")
    assert (row.exposure_low_hours, row.exposure_high_hours) == (720, 720)
    split = course("1 on", "5 off", "9 on", "722 on", "900 off")
    assert (split.exposure_low_hours, split.exposure_high_hours) == (1 + 713, 720)


def test_what_is_no_episode_has_no_exposure(course):
    """Gone before the notice: not 0 hours but none."""
    row = course("-1 off")
    assert (row.exposure_low_hours, row.exposure_high_hours) == (None, None)
