"""What a matched list comes to, on random sides: every row has one place, and the counts add up."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitor.intake.pairing import pair
from monitor.model.columns import MICROS_PER_HOUR as HOUR
from monitor.model.episode import EpisodeTable
from monitor.model.reconciliation import OurNotice, OurSide, Reading, Standing, TheirNotice, TheirSide
from monitor.model.selected import select
from monitor.model.words import NoticeKind, Role
from monitor.ranking.readings import AS_IT_IS
from monitor.reconciled import Sides, listed_of, our_counts, pair_lines, readings

NOON = 1_772_366_400_000_000
CLOCK = NoticeKind.REQUEST
STANDINGS = st.sampled_from([Standing.ROW, Standing.ROW, Standing.ROW, *Standing])
URLS = st.sampled_from([None, b"u", b"v", b"w"])
REFERENCES = st.sampled_from([None, "a", "b", "m"])
OURS = st.lists(st.tuples(STANDINGS, st.integers(0, 40), REFERENCES, URLS), max_size=10)
THEIRS = st.lists(st.tuples(st.integers(0, 40), REFERENCES, URLS, st.booleans()), max_size=10)
Table = Callable[[Sequence[dict[str, Any]]], EpisodeTable]


def _sides(ours: list[Any], theirs: list[Any]) -> Sides:
    places, mine = iter(range(len(ours))), []
    for n, (standing, at, ref, url) in enumerate(ours):
        place = next(places) if standing is Standing.ROW else -1
        refs, target = (ref,) if ref else (), 100 + url[0] if url else n
        moment = NOON + at * HOUR
        mine.append(OurNotice(place, CLOCK, standing, "s", f"R{n:02}", ref, refs, target, url, b"h", moment))
    rows = tuple(
        TheirNotice(n + 1, ref, url, url, b"h" if url else None, NOON + at * HOUR, NOON + 50 * HOUR if done else None)
        for n, (at, ref, url, done) in enumerate(theirs)
    )
    paired = pair(mine, rows, HOUR)
    return Sides(tuple(mine), rows, paired, (TheirSide.UNKNOWN,) * len(rows))


@given(OURS, THEIRS)
def test_each_row_of_ours_has_one_side_and_the_counts_add_up(table: Table, ours: list[Any], theirs: list[Any]) -> None:
    """The four sides are all rows, the levels all listed ones; times are where they belong."""
    sides = _sides(ours, theirs)
    moments = [our.at for our in sides.ours if our.standing is Standing.ROW]
    chosen = select(table([{"notified_at": at} for at in moments]), clock=CLOCK, role=Role.NETWORK)
    mine = np.arange(len(moments))
    listed = listed_of(sides, CLOCK, len(moments))
    counts = our_counts(chosen, mine, listed)
    assert counts.listed + counts.reminded + counts.ambiguous + counts.not_listed == counts.rows == len(moments)
    assert sum(counts.levels.values()) == counts.listed
    assert ((listed.received_at != AS_IT_IS) == listed.is_(OurSide.LISTED)).all()
    assert ((listed.told_at != AS_IT_IS) == listed.is_(OurSide.REMINDED)).all()
    reminded = listed.is_(OurSide.REMINDED)
    assert (listed.told_at[reminded] > np.array(moments, np.int64)[reminded]).all()


@given(OURS, THEIRS)
def test_the_lines_hold_every_row_of_both_sides(table: Table, ours: list[Any], theirs: list[Any]) -> None:
    """Each row of theirs at least once (a whole message more often), each row of ours exactly once."""
    sides = _sides(ours, theirs)
    n_rows = sum(our.standing is Standing.ROW for our in sides.ours)
    lines = pair_lines(sides, {CLOCK: listed_of(sides, CLOCK, n_rows)})
    assert {line.row for line in lines} - {None} == {row.row for row in sides.theirs}
    mine = [our.record_id for our in sides.ours if our.standing is Standing.ROW]
    assert sorted(line.record_id for line in lines if line.record_id in mine) == sorted(mine)


@given(OURS, THEIRS)
def test_no_reading_but_their_own_changes_how_many_rows_there_are(
    table: Table, ours: list[Any], theirs: list[Any]
) -> None:
    """What is not listed is no Episode where that reading says so; the rows of others stay Episodes."""
    sides = _sides(ours, theirs)
    moments = [our.at for our in sides.ours if our.standing is Standing.ROW]
    rows = [{"notified_at": at} for at in moments]
    chosen = select(table([*rows, {"provider_id": "as64501"}]), clock=CLOCK, role=Role.NETWORK)
    mine = np.flatnonzero(chosen.rows.provider == 0) if moments else np.empty(0, np.int64)
    listed = listed_of(sides, CLOCK, len(moments))
    for reading, read in readings(chosen, mine, listed):
        assert len(read.rows) == len(chosen.rows) and read.is_episode[-1]
        if reading in (Reading.UNLISTED_NOT_DELIVERED, Reading.BOTH):
            assert not (read.is_episode[mine] & listed.not_listed).any()
        if reading is Reading.AS_PUBLISHED:
            assert read.is_episode.all()
