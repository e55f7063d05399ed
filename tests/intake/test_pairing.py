"""A Provider's list matched with our notices: each level by hand, and what holds of every list."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitor.intake.nearest import nearest_pairs
from monitor.intake.pairing import pair
from monitor.model.columns import MICROS_PER_HOUR
from monitor.model.reconciliation import Level, OurNotice, Paired, Standing, TheirNotice
from monitor.model.words import NoticeKind

HOUR = MICROS_PER_HOUR


def our(n: int, at: float, ref: str | None = None, url: str | None = None, host: str = "h") -> OurNotice:
    return OurNotice(
        place=n,
        clock=NoticeKind.REQUEST,
        standing=Standing.ROW,
        source="hotline",
        record_id=f"R{n:04d}",
        shown_reference=ref,
        references=(ref,) if ref else (),
        target=n,
        url_index=None if url is None else url.encode(),
        host_index=host.encode(),
        at=round(at * HOUR),
    )


def their(row: int, at: float, ref: str | None = None, url: str | None = None, **more: Any) -> TheirNotice:
    text, host = more.get("text", url), more.get("host", "h" if url else None)
    return TheirNotice(
        row=row,
        reference=ref,
        text_index=None if text is None else text.encode(),
        url_index=None if url is None else url.encode(),
        host_index=None if host is None else host.encode(),
        received_at=round(at * HOUR),
        resolved_at=None,
        known=more.get("known", False),
    )


def levels(found: Paired) -> list[tuple[int, int, Level, bool]]:
    return sorted((match.our, match.their, match.level, match.contradicting) for match in found.matches)


def matched(*sides: Any, tolerance: float = 1.0) -> Paired:
    ours = [one for one in sides if isinstance(one, OurNotice)]
    return pair(ours, [one for one in sides if isinstance(one, TheirNotice)], round(tolerance * HOUR))


def test_a_reference_matches_before_anything_else() -> None:
    """Also a day late and without a URL."""
    found = matched(our(0, 0, "a", "u"), our(1, 0, "b", "v"), their(1, 30, "b"), their(2, 1, None, "u"))
    assert levels(found) == [(0, 1, Level.EXACT_URL, False), (1, 0, Level.REFERENCE, False)]


def test_a_url_as_written_matches_before_the_normalised_one() -> None:
    """The one that is written as ours has the notice, though the other came nearer."""
    found = matched(our(0, 0, "a", "u"), their(1, 0.1, None, "u", text="U"), their(2, 5, None, "u"))
    assert levels(found) == [(0, 1, Level.EXACT_URL, False)]
    assert found.repeated == {0}
    alone = matched(our(0, 0, "a", "u"), their(1, 0.1, None, "u", text="U"))
    assert levels(alone) == [(0, 0, Level.NORMALISED_URL, False)]


def test_a_reference_of_many_urls_is_told_apart_by_the_url() -> None:
    """One message names many URLs; a row with the reference and another URL is none of them."""
    found = matched(
        our(0, 0, "m", "u"), our(1, 0, "m", "v"), their(1, 1, "m", "v"), their(2, 1, "m", "u"), their(3, 1, "m", "w")
    )
    assert levels(found) == [(0, 1, Level.REFERENCE, False), (1, 0, Level.REFERENCE, False)]
    assert not found.ambiguous_theirs and not found.repeated


def test_a_single_row_without_url_stands_for_its_whole_message() -> None:
    """The mailbox of an abuse desk has one mail; each notice of it was received."""
    found = matched(our(0, 0, "m", "u"), our(1, 0, "m", "v"), their(1, 1, "m"))
    assert levels(found) == [(0, 0, Level.MESSAGE, False), (1, 0, Level.MESSAGE, False)]


def test_fewer_bare_rows_than_notices_are_ambiguous() -> None:
    """Which of the three is missing cannot be said, so none of them is held against either side."""
    found = matched(*(our(n, 0, "m", f"u{n}") for n in range(3)), their(1, 1, "m"), their(2, 2, "m"))
    assert not found.matches
    assert (found.ambiguous_ours, found.ambiguous_theirs) == ({0, 1, 2}, {0, 1})


def test_the_urls_of_a_message_are_taken_before_its_bare_rows_are_counted() -> None:
    """One is left on each side; another row of the message has a URL under a number of its own."""
    found = matched(our(0, 0, "m", "u"), our(1, 0, "m", "v"), their(1, 1, "m"), their(2, 1, "x", "v"))
    assert levels(found) == [(0, 0, Level.REFERENCE, False), (1, 1, Level.EXACT_URL, False)]


def test_a_reference_with_another_url_is_matched_and_flagged() -> None:
    """So is a URL that stands beside the reference of another notice."""
    assert levels(matched(our(0, 0, "a", "u"), their(1, 1, "a", "w"))) == [(0, 0, Level.REFERENCE, True)]
    found = matched(our(0, 0, "a", "u"), our(1, 0, "b", "v"), their(1, 1, "a", "u"), their(2, 1, "a", "v"))
    assert levels(found) == [(0, 0, Level.REFERENCE, False), (1, 1, Level.EXACT_URL, True)]


def test_a_withheld_path_is_matched_by_the_host_within_its_message() -> None:
    """We have the host alone; a URL on it under the reference is no contradiction."""
    found = matched(our(0, 0, "m", None, "p"), our(1, 0, "m", "v", "p"), their(1, 1, "m", "w", host="p"))
    assert levels(found) == [(0, 0, Level.REFERENCE, False)]


def test_several_notices_of_one_url_are_paired_nearest_in_time_first() -> None:
    """The row that came just after the second notice is the second's."""
    found = matched(our(0, 0, "a", "u"), our(1, 100, "b", "u"), their(1, 101, None, "u"))
    assert levels(found) == [(1, 0, Level.EXACT_URL, False)]


def test_a_url_says_nothing_of_a_notice_that_was_sent_long_after_the_receipt() -> None:
    """Two days before it was sent, or 31 days after it, it was another message; a reference holds at any time."""
    for at in (-48, 31 * 24):
        assert not matched(our(0, 0, "a", "u"), their(1, at, None, "u")).matches
        assert matched(our(0, 0, "a", "u"), their(1, at, "a", "u")).matches


def test_time_alone_matches_only_the_only_candidate_of_each_other() -> None:
    """Without a URL, or on the same host; two candidates on either side are ambiguous; out of reach is nobody's."""
    assert levels(matched(our(0, 0), their(1, 0.9))) == [(0, 0, Level.TIME, False)]
    assert levels(matched(our(0, 0, "a", "u"), their(1, 0.5, "x", "w"))) == [(0, 0, Level.TIME, False)]
    assert not matched(our(0, 0, "a", "u"), their(1, 0.5, "x", "w", host="q")).matches
    assert not matched(our(0, 0), their(1, 1.1)).matches
    two = matched(our(0, 0), our(1, 0.5), their(1, 0.2))
    assert (levels(two), two.ambiguous_ours, two.ambiguous_theirs) == ([], {0, 1}, {0})
    rows = matched(our(0, 0), their(1, 0.1), their(2, 0.2))
    assert (levels(rows), rows.ambiguous_ours, rows.ambiguous_theirs) == ([], {0}, {0, 1})


def test_a_row_about_something_else_that_we_know_is_not_matched_by_time() -> None:
    """Its URL or reference is of another notice or Target in the store."""
    assert not matched(our(0, 0, "a", "u"), their(1, 0.5, "x", "w", known=True)).matches
    assert not matched(our(0, 0, "a", "u"), our(1, 50, "b", "v"), their(1, 50, "b", "v"), their(2, 0, "b")).matches[1:]


# --- what holds of every list -----------------------------------------------------------------------------------

REFERENCES = st.sampled_from([None, "a", "b", "c", "m", "m"])
URLS = st.sampled_from([None, "u", "v", "w", "x"])
TIMES = st.integers(-60, 60).map(lambda quarters: quarters / 4)
OURS = st.lists(st.tuples(TIMES, REFERENCES, URLS, st.sampled_from("pq")), max_size=12)
THEIRS = st.lists(st.tuples(TIMES, REFERENCES, URLS, st.sampled_from([None, "U"])), max_size=12, unique=True)


def _sides(ours: list[Any], theirs: list[Any]) -> tuple[list[OurNotice], list[TheirNotice]]:
    made = [their(n + 1, at, ref, url, text=text if url else None) for n, (at, ref, url, text) in enumerate(theirs)]
    return [our(n, *each) for n, each in enumerate(ours)], made


@given(OURS, THEIRS)
def test_each_notice_and_row_is_in_exactly_one_place(ours: list[Any], theirs: list[Any]) -> None:
    """Matched once, or ambiguous, or left; a row that has several notices is a whole message."""
    mine, rows = _sides(ours, theirs)
    found = pair(mine, rows, HOUR)
    taken = Counter(match.our for match in found.matches)
    assert all(n == 1 for n in taken.values())
    of_row = Counter(match.their for match in found.matches if match.level is not Level.MESSAGE)
    whole = {match.their for match in found.matches if match.level is Level.MESSAGE}
    assert all(n == 1 for n in of_row.values()) and not whole & of_row.keys()
    assert not found.ambiguous_ours & taken.keys()
    assert not found.ambiguous_theirs & (of_row.keys() | whole) and not found.repeated & found.ambiguous_theirs


@given(OURS, THEIRS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(ours: list[Any], theirs: list[Any], random: Any) -> None:
    """The same counts by level, and the same sets of rows and notices but for ties in time."""
    mine, rows = _sides(ours, theirs)
    found = pair(mine, rows, HOUR)
    random.shuffle(mine)
    renumbered = rows.copy()
    random.shuffle(renumbered)
    again = pair(mine, renumbered, HOUR)

    def summary(sides: tuple[list[OurNotice], list[TheirNotice]], made: Paired) -> tuple[Any, ...]:
        ours_, theirs_ = sides
        pairs = sorted((ours_[m.our].record_id, theirs_[m.their].row, m.level, m.contradicting) for m in made.matches)
        records = sorted(ours_[n].record_id for n in made.ambiguous_ours)
        left = [sorted(theirs_[n].row for n in some) for some in (made.ambiguous_theirs, made.repeated)]
        return pairs, records, left

    assert summary(_sides(ours, theirs), found) == summary((mine, renumbered), again)


@given(st.lists(st.integers(0, 40), max_size=9), st.lists(st.integers(0, 40), max_size=9))
def test_nearest_pairs_takes_the_smallest_difference_each_time(ours: list[int], theirs: list[int]) -> None:
    """As looking at every pair does; ties may fall either way, the differences may not."""
    made = nearest_pairs(ours, theirs)
    assert len(made) == min(len(ours), len(theirs))
    left, right, naive = list(ours), list(theirs), []
    for one, other in made:
        smallest = min(abs(a - b) for a in left for b in right)
        naive.append(smallest)
        assert abs(ours[one] - theirs[other]) == smallest
        left.remove(ours[one])
        right.remove(theirs[other])
    assert naive == sorted(naive)
