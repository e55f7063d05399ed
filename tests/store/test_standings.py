"""Standings and Anchors as JSON: whatever is written comes back, and what is not understood is said."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import StoreError
from monitor.model.observation import Anchor, Fingerprint, Standing
from monitor.model.words import NoticeKind
from monitor.store.standings import read_anchors, read_standing, write_anchors, write_standing

TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
COUNTS = st.integers(0, 10_000)
WORDS = st.none() | st.text(max_size=20)
FINGERPRINTS = st.builds(
    Fingerprint,
    content_type=WORDS,
    length=st.none() | st.integers(0, 2**62),
    etag=WORDS,
    etag_weak=st.booleans(),
    last_modified=WORDS,
    server=WORDS,
)
STANDINGS = st.builds(
    Standing,
    baseline=st.none() | FINGERPRINTS,
    n_checks=COUNTS,
    last_checked_at=TIMES,
    last_online_at=TIMES,
    offline_since=TIMES,
    stretch_since=TIMES,
    n_stretch=COUNTS,
    confirmed_at=TIMES,
    silent_since=TIMES,
    servfail_since=TIMES,
    server_error_since=TIMES,
    n_again=COUNTS,
    not_before=TIMES,
    flagged=st.booleans(),
)
ANCHORS = st.builds(
    Anchor,
    at=st.datetimes(timezones=st.just(UTC)),
    kind=st.none() | st.sampled_from(NoticeKind),
    deadline_hours=st.none() | st.floats(0.01, 12),
)


@settings(derandomize=True, max_examples=200)
@given(STANDINGS)
def test_a_standing_comes_back_as_it_was_written(standing: Standing) -> None:
    """Every field, to the microsecond; equal Standings have equal texts."""
    text = write_standing(standing)
    assert read_standing(text) == standing
    assert write_standing(read_standing(text)) == text


@settings(derandomize=True, max_examples=100)
@given(st.lists(ANCHORS, max_size=4).map(tuple))
def test_anchors_come_back_as_they_were_written(anchors: tuple[Anchor, ...]) -> None:
    """In their order, hours exactly."""
    assert read_anchors(write_anchors(anchors)) == anchors


def test_a_target_that_was_never_checked_takes_two_bytes() -> None:
    """Fields with their default are not written."""
    assert write_standing(Standing()) == "{}"
    assert len(write_standing(Standing(n_checks=3, last_checked_at=datetime(2026, 1, 1, tzinfo=UTC)))) < 60


def test_a_time_without_a_zone_is_refused() -> None:
    """It could be any of several instants."""
    with pytest.raises(ValueError, match="zone"):
        write_standing(Standing(last_online_at=datetime(2026, 1, 1)))  # noqa: DTZ001 (that is the point)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"n_checks": 1, "other": 2}', '{"last_online_at": "x"}', '{"baseline": 1}']
)
def test_a_standing_of_another_version_is_said(text: str) -> None:
    """Nothing of the text is in the message."""
    with pytest.raises(StoreError, match="another version"):
        read_standing(text)


@pytest.mark.parametrize("text", ["", "{}x", "[[1]]", '[[0, "letter", null]]', '[["x", null, null]]'])
def test_anchors_of_another_version_are_said(text: str) -> None:
    """Likewise."""
    with pytest.raises(StoreError, match="another version"):
        read_anchors(text)
