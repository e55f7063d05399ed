"""One Provider's rows by other clocks: by hand, and beside the Episodes that other notices would have given."""

from collections.abc import Callable, Sequence
from math import inf, isnan
from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.model.columns import Ints
from monitor.model.episode import EpisodeTable
from monitor.model.method import Thresholds
from monitor.model.reconciliation import Reading
from monitor.model.scorecard import Minimums, Norm
from monitor.model.selected import ENDS, STATUSES, Selected, select
from monitor.model.words import Cause, End, NoticeKind, Outcome, Role
from monitor.ranking.readings import AS_IT_IS, by_their_times, figures, not_delivered, restarted
from monitor.survival.course import Course, Start, follow
from monitor.survival.history import History
from monitor.survival.measuring import measure

HOUR = 3_600_000_000
NOON = 1_772_366_400_000_000  # the notice of the plain row, as in conftest
DAY = 24 * HOUR
Table = Callable[[Sequence[dict[str, Any]]], EpisodeTable]


def chosen(table: Table, *rows: dict[str, Any]) -> Selected:
    return select(table(rows), clock=NoticeKind.REQUEST, role=Role.NETWORK)


def starts(*hours: float | None) -> Ints:
    """Hours after the plain notice; None: the clock stays."""
    return np.array([AS_IT_IS if at is None else NOON + round(at * HOUR) for at in hours], np.int64)


def course(one: Selected, place: int = 0) -> tuple[str, str, float, float, float, bool]:
    rows = one.rows
    status, end = STATUSES[rows.status[place]], ENDS[rows.end[place]]
    low, high, weight = (float(column[place]) for column in (rows.left_hours, rows.right_hours, rows.weight))
    return status, end, round(low, 6), round(high, 6), round(weight, 6), bool(rows.gap_at_notice[place])


def test_a_later_clock_shortens_both_ends(table: Table) -> None:
    """Seen online 30 hours after the notice and gone at 40: 10 and 20 hours after the receipt."""
    one = restarted(chosen(table, {"left_hours": 30.0, "right_hours": 40.0}), starts(20))
    assert course(one) == ("episode", "takedown", 10, 20, 1, False)


def test_an_end_before_the_receipt_is_gone_before_the_notice(table: Table) -> None:
    """At the very moment of the receipt too; it is no Episode any more."""
    for at in (40, 41):
        assert course(restarted(chosen(table, {"left_hours": 30.0, "right_hours": 40.0}), starts(at)))[0] == (
            "before_notice"
        )


def test_a_last_online_before_the_receipt_makes_a_gap_with_its_weight(table: Table) -> None:
    """Online at 30, received at 35, gone at 40: (0, 5], of which 5 of the 10 hours between the sightings."""
    one = restarted(chosen(table, {"left_hours": 30.0, "right_hours": 40.0}), starts(35))
    assert course(one) == ("episode", "takedown", 0, 5, 0.5, True)


def test_a_gap_stays_a_gap_under_a_later_clock(table: Table) -> None:
    """It began 10 hours before the notice; 5 hours later it began 15 hours before."""
    gap = {"left_hours": 0.0, "right_hours": 10.0, "gap_at_notice": True, "weight": 0.5, "lower0_hours": -10.0}
    assert course(restarted(chosen(table, gap), starts(5))) == ("episode", "takedown", 0, 5, 0.25, True)


def test_an_open_end_stays_open(table: Table) -> None:
    """Its last ONLINE is nearer to the receipt, and never before it."""
    row = {"end": "censored", "left_hours": 30.0, "right_hours": inf}
    assert course(restarted(chosen(table, row), starts(20))) == ("episode", "censored", 10, inf, 1, False)
    assert course(restarted(chosen(table, row), starts(35))) == ("episode", "censored", 0, inf, 1, False)


def test_clusters_follow_the_day_of_the_receipt(table: Table) -> None:
    """Two notices of one day that were received on two days are two batches; other Providers keep theirs."""
    rows = [{"cluster_id": 0}, {"cluster_id": 0}, {"cluster_id": 1, "provider_id": "as64501"}]
    made = restarted(chosen(table, *rows), starts(None, 24, None)).rows.cluster_id
    assert len(set(made.tolist())) == 3 and made[2] == 1


def test_what_was_not_delivered_is_no_episode(table: Table) -> None:
    """Nor gone before the notice; what told somebody else stays so."""
    rows = [{}, {"status": "before_notice"}, {"status": "misaddressed"}, {}]
    made = not_delivered(chosen(table, *rows), np.array([True, True, True, False]))
    assert [STATUSES[code] for code in made.rows.status] == ["undelivered", "undelivered", "misaddressed", "episode"]


def test_their_times_hold_only_what_they_state(table: Table) -> None:
    """An exact time from receipt to resolution; without one, or resolved before it was received, a row is left out."""
    rows = [{}, {}, {}, {"provider_id": "as64501"}]
    mine = np.array([True, True, True, False])
    made = by_their_times(chosen(table, *rows), mine, starts(1, 1, 5, None), starts(4, None, 4, None))
    assert course(made) == ("episode", "takedown", 3, 3, 1, False)
    assert made.is_episode.tolist() == [True, False, False, True]


def test_the_figures_of_a_reading_are_those_of_its_rows(table: Table) -> None:
    """One gone at 30 hours is within 24 of a receipt 10 hours later; one gone by its receipt is not counted."""
    late = {"left_hours": 30.0, "right_hours": 30.0}
    rows = [{**late, "cluster_id": n, "notified_at": NOON + n * DAY} for n in range(4)]
    one = chosen(table, *rows)
    norm, minimums = Norm(NoticeKind.REQUEST, 24, 0.8), Minimums(2, 2, 1)
    shifted = restarted(one, np.array([NOON + 10 * HOUR, NOON + 5 * DAY, AS_IT_IS, AS_IT_IS], np.int64))
    before, after = (
        figures(Reading.CLOCK_AT_RECEIPT, each, measure(each, norm, with_curves=False, resamples=0), 0, minimums)
        for each in (one, shifted)
    )
    assert (before.n_episodes, before.within_norm, before.within_norm_worst) == (4, 0.0, 0.0)
    assert (after.n_episodes, after.gone_before_notice, after.undelivered) == (3, 1, 0)
    assert {after.within_norm, after.within_norm_worst, after.within_norm_best} == {round(1 / 3, 9)}


def test_a_provider_without_episodes_has_no_figures(table: Table) -> None:
    """Nothing is 0 that is not known."""
    one = not_delivered(chosen(table, {}), np.array([True]))
    norm = Norm(NoticeKind.REQUEST, 24, 0.8)
    found = figures(Reading.BOTH, one, measure(one, norm, with_curves=False, resamples=0), 0, Minimums())
    assert (found.n_episodes, found.undelivered, found.class_) == (0, 1, "too-few")
    assert {found.within_norm, found.within_norm_low, found.within_norm_worst, found.median_hours} == {None}


# --- beside the Episode that a notice at the other time would have given ------------------------------------------

RULES = Thresholds(reappear_days=0.5)
SEEN = st.lists(
    st.tuples(st.integers(-16, 40), st.sampled_from([Outcome.ONLINE, Outcome.OFFLINE])),
    max_size=8,
    unique_by=lambda each: each[0],
).map(sorted)


def _followed(seen: list[tuple[int, Outcome]], start: float) -> Course:
    n = len(seen)
    history = History(
        at=[NOON + at * HOUR for at, _ in seen],
        outcome=[int(outcome) for _, outcome in seen],
        cause=[int(Cause.CONTENT if outcome is Outcome.OFFLINE else Cause.NONE) for _, outcome in seen],
        provider=[0] * n,
        confirmed=[True] * n,
    )
    at = Start(NOON + round(start * HOUR), 0, NOON - round(17.25 * HOUR))
    return follow(history, at, NOON + 90 * DAY, RULES)


def _row(found: Course, start: float) -> dict[str, Any]:
    zero = NOON + round(start * HOUR)
    right = inf if found.right_at is None else (found.right_at - zero) / HOUR
    gap = found.gap_from_at is not None
    lower0 = (found.gap_from_at - zero) / HOUR if found.gap_from_at is not None else float("nan")
    return {
        "status": "before_notice" if found.before_notice else "episode",
        "end": found.end.value,
        "left_hours": (found.left_at - zero) / HOUR,
        "right_hours": right,
        "gap_at_notice": gap,
        "weight": 1.0 if isnan(lower0) else right / (right - lower0),
        "lower0_hours": lower0,
        "reported_at": NOON - round(17.25 * HOUR),
        "notified_at": zero,
    }


@given(SEEN, st.integers(-15, 40).map(lambda hours: hours + 0.5))
def test_a_moved_clock_gives_the_row_of_a_notice_at_that_time(
    table: Table, seen: list[tuple[int, Outcome]], start: float
) -> None:
    """The same interval, gap and weight as the rules give, where the same end is the end."""
    found, truth = _followed(seen, -0.25), _followed(seen, start)
    assume(not found.before_notice and found.right_at == truth.right_at)
    # the frozen row does not say when an open end was last seen before its notice: then nothing is known of that time
    assume(truth.end is End.TAKEDOWN or start > -0.25)
    made = course(restarted(chosen(table, _row(found, -0.25)), starts(start)))
    expected = course(chosen(table, _row(truth, start)))
    assert made == expected if not truth.before_notice else made[0] == "before_notice"
