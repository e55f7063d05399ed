"""`follow` beside a slow reading of the specification that was written without it, on random histories.

The naive one knows whole hours only, keeps sets of hours instead of running totals, and asks every question of
the text afresh. Thresholds are small, so that random times meet each limit exactly.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from monitor.model.method import Thresholds
from monitor.model.words import Cause, End, Outcome
from monitor.survival.course import Course, Start, follow
from monitor.survival.history import History

HOUR = 3_600_000_000
CONFIRM_HOURS, REAPPEAR_HOURS, FLAP_HOURS = 2, 12, 4
RULES = Thresholds(3, CONFIRM_HOURS * 60, REAPPEAR_HOURS / 24, FLAP_HOURS)
HOME, AWAY, NOWHERE = 0, 1, -1
CUTOFF = 60


@dataclass(frozen=True, slots=True)
class Reading:
    at: int  # hours after the notice
    outcome: Outcome
    cause: Cause
    provider: int
    trusted: bool


def readings():
    """One reading; its cause only where it is OFFLINE."""
    causes = st.sampled_from([Cause.CONTENT, Cause.HOST, Cause.DOMAIN])
    outcomes = st.sampled_from([Outcome.ONLINE, Outcome.OFFLINE, Outcome.INCONCLUSIVE])
    made = st.builds(
        Reading, st.integers(-16, 32), outcomes, causes, st.sampled_from([NOWHERE, HOME, AWAY]), st.booleans()
    )
    return made.map(lambda r: r if r.outcome is Outcome.OFFLINE else Reading(r.at, r.outcome, Cause.NONE, *_rest(r)))


def _rest(reading):
    return reading.provider, reading.trusted


def stories(size=12):
    """Readings in the order that `History` asks for: by time; INCONCLUSIVE, OFFLINE, ONLINE at one instant."""
    rank = {Outcome.INCONCLUSIVE: 0, Outcome.OFFLINE: 1, Outcome.ONLINE: 2}
    return st.lists(readings(), max_size=size).map(
        lambda rs: sorted(rs, key=lambda r: (r.at, rank[r.outcome], r.cause, r.provider, r.trusted))
    )


HOMES = st.sampled_from([HOME, HOME, HOME, NOWHERE])


def followed(story, home=HOME, reported=-5, shift=0, cutoff=CUTOFF) -> Course:
    history = History(
        [(r.at + shift) * HOUR for r in story],
        [int(r.outcome) for r in story],
        [int(r.cause) for r in story],
        [r.provider for r in story],
        [r.trusted for r in story],
    )
    start = Start(shift * HOUR, home, (reported + shift) * HOUR)
    return follow(history, start, (cutoff + shift) * HOUR, RULES)


# --- the specification, sentence by sentence ---------------------------------------------------------------


def naive_move(story, home):
    """The first conclusive reading elsewhere after the notice without one back at home within the flap's hours."""
    conclusive = [r for r in story if r.outcome is not Outcome.INCONCLUSIVE]
    for r in conclusive:
        elsewhere = home != NOWHERE and r.provider not in (home, NOWHERE) and r.at > 0
        back = any(b.provider == home and r.at <= b.at <= r.at + FLAP_HOURS and b.at > 0 for b in conclusive)
        if elsewhere and not back:
            return r
    return None


def naive_runs(story):
    """Lists of OFFLINE readings without ONLINE between them, confirmed."""
    signs = [r for r in story if r.outcome is not Outcome.INCONCLUSIVE]
    blocks: list[list[Reading]] = [[]]
    for r in signs:
        if r.outcome is Outcome.ONLINE:
            blocks.append([])
        else:
            blocks[-1].append(r)
    return [b for b in blocks if b and (any(r.trusted for r in b) or _thrice(b))]


def _thrice(block):
    return len(block) >= 3 and max(r.at for r in block) - min(r.at for r in block) >= CONFIRM_HOURS


def onlines_after(story, run):
    """Hours of the ONLINE readings that come after the run, also at the instant of its last reading."""
    return [r.at for place, r in enumerate(story) if r.outcome is Outcome.ONLINE and place > story.index(run[-1])]


def naive(story, home, reported, cutoff):
    """What became of the Target: a dict of hours and flags."""
    move = naive_move(story, home)
    here = story if move is None else [r for r in story if r.at < move.at]
    runs = naive_runs(here)

    def back(run):
        # The name that was gone is back when it answers anywhere, material only when it is back here.
        return onlines_after(story if run[0].cause is Cause.DOMAIN else here, run)

    def undone(run):
        return any(t - run[0].at <= REAPPEAR_HOURS for t in back(run))

    matter = [run for run in runs if not any(t <= 0 for t in onlines_after(here, run))]
    ends = [run for run in matter if not undone(run)]
    found = {"moved_to": NOWHERE, "gap": None, "provisional": False, "tail": None}
    online = [r.at for r in here if r.outcome is Outcome.ONLINE and r.at >= 0]
    if ends:
        end = ends[0]
        found |= {"end": End.DOMAIN if end[0].cause is Cause.DOMAIN else End.TAKEDOWN, "right": end[0].at}
        found["provisional"] = end[0].at > 0 and cutoff - end[0].at < REAPPEAR_HOURS
        online = [t for t in online if t <= end[0].at]
    elif move is not None:
        found |= {"end": End.MOVE, "right": move.at, "moved_to": move.provider}
    else:
        found |= {"end": End.CENSORED, "right": None}
    found["left"] = max(online, default=0)
    if found["right"] is not None and found["right"] > 0 and not online:
        before = [r.at for r in here if r.outcome is Outcome.ONLINE and r.at < 0]
        found["gap"] = max([*before, reported])
    if found["end"] is End.CENSORED:
        after = [r.at for r in here if r.at > found["left"] or (r.at == found["left"] and not online)]
        found["tail"] = min(after, default=None)
    found["gone"] = found["right"] is not None and found["right"] <= 0
    broken = [run for run in matter if undone(run) and (not ends or run[0].at < ends[0][0].at)]
    found["interrupted"] = bool(broken)
    over = cutoff if found["right"] is None else found["right"]
    taken = [run[0].at for run in runs if 0 < run[0].at <= over and run[0].cause is not Cause.DOMAIN]
    found["first"] = min(taken, default=None)
    found["n_checks"] = len([r for r in story if r.at >= 0])
    found["recurrences"] = naive_recurrences(story, found["right"]) if ends else []
    found["low"], found["high"] = naive_exposure(here, broken, found, cutoff)
    found["flaps"] = naive_flaps(story, home, found["right"])
    return found


def naive_flaps(story, home, end):
    """Stretches elsewhere between the notice and the end: everything there that did not make it a Move."""
    seen = [r for r in story if r.outcome is not Outcome.INCONCLUSIVE and r.provider != NOWHERE and r.at > 0]
    places = "".join("h" if r.provider == home else "e" for r in seen if end is None or r.at < end)
    return 0 if home == NOWHERE else len([stretch for stretch in places.split("h") if stretch])


def naive_recurrences(story, end):
    """Hours of the first ONLINE, anywhere, after the run that ended it and after each later run that held as long."""
    returns = [(run[0].at, min(onlines_after(story, run), default=None)) for run in naive_runs(story)]
    late = [(first, back) for first, back in returns if first >= end and back is not None]
    return [back for first, back in late if first == end or back - first > REAPPEAR_HOURS]


def naive_exposure(here, broken, found, cutoff):
    """Hour by hour: was it online for certain, could it have been?"""
    stop = cutoff if found["right"] is None else found["right"]
    away = [(run[0].at, run[-1].at) for run in broken]
    seen = [r.at for r in here if r.outcome is Outcome.ONLINE and 0 <= r.at <= stop]

    def gap_between(early, late):
        return any((first < late and last > early) or early < first == last < late for first, last in away)

    possible = [h for h in range(stop) if not any(first <= h and h + 1 <= last for first, last in away)]
    certain = [
        h
        for h in range(stop)
        if any(t >= h + 1 and not gap_between(h, t) for t in seen)
        and (any(t <= h and not gap_between(t, h + 1) for t in seen) or not any(first <= h for first, _ in away))
    ]
    return len(certain), len(possible)


# --- the comparison ----------------------------------------------------------------------------------------


def hours(micros):
    return None if micros is None else micros / HOUR


def as_naive(course: Course):
    first = course.first_takedown
    low = sum(i.certain_end - i.certain_start for i in course.intervals)
    high = sum(i.possible_end - i.possible_start for i in course.intervals)
    return {
        "end": course.end,
        "left": hours(course.left_at),
        "right": hours(course.right_at),
        "gap": hours(course.gap_from_at),
        "moved_to": course.moved_to,
        "provisional": course.provisional,
        "tail": hours(course.tail_from_at),
        "gone": course.before_notice,
        "interrupted": course.interrupted,
        "first": None if first is None else hours(first.first_at),
        "n_checks": course.n_checks,
        "recurrences": [hours(at) for at in course.recurrences_at],
        "low": low,
        "high": high,
        "flaps": course.n_flaps,
    }


@settings(derandomize=True, max_examples=1500, deadline=None)
@given(stories(), HOMES, st.sampled_from([-20, -5, 0]), st.sampled_from([33, 40, CUTOFF]))
def test_follow_equals_a_naive_reading_of_the_specification(story, home, reported, cutoff):
    """Every figure of an Episode is the same from both."""
    expected = naive(story, home, reported, cutoff)
    found = as_naive(followed(story, home, reported, cutoff=cutoff))
    if expected["gone"]:  # no Episode: it has no interval and no exposure
        skip = {"left", "low", "high", "flaps"}
        expected, found = ({k: v for k, v in d.items() if k not in skip} for d in (expected, found))
    assert found == expected


# --- what holds for every history --------------------------------------------------------------------------


@settings(derandomize=True, max_examples=200, deadline=None)
@given(stories(), HOMES)
def test_the_bounds_are_in_order(story, home):
    """Left before right, L0 not after the notice, the lower exposure not above the upper one."""
    course = followed(story, home)
    assume(not course.before_notice)
    assert course.left_at >= 0
    assert course.right_at is None or course.left_at < course.right_at < CUTOFF * HOUR
    assert course.gap_from_at is None or course.gap_from_at <= 0 < course.right_at
    for stretch in course.intervals:
        borders = [stretch.possible_start, stretch.certain_start, stretch.certain_end, stretch.possible_end]
        assert borders == sorted(borders)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(stories(), HOMES, st.lists(st.integers(-16, 32), min_size=1, max_size=4), st.sampled_from([HOME, AWAY]))
def test_inconclusive_readings_never_end_an_episode(story, home, times, provider):
    """With more of them nothing changes but their number, the tail and the last outcome."""
    more = [Reading(at, Outcome.INCONCLUSIVE, Cause.NONE, provider, True) for at in times]
    without = followed(story, home)
    with_them = followed(sorted([*more, *story], key=lambda r: r.at), home)
    for name in ("end", "left_at", "right_at", "gap_from_at", "moved_to", "first_takedown", "recurrences_at"):
        assert getattr(with_them, name) == getattr(without, name)
    for name in ("provisional", "interrupted", "intervals"):
        assert getattr(with_them, name) == getattr(without, name)
    assert with_them.n_checks == without.n_checks + sum(at >= 0 for at in times)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(stories(), HOMES, st.sampled_from([-1000, 7, 480_000]))
def test_only_differences_of_time_matter(story, home, shift):
    """The same story at another time has the same hours."""
    assert _relative(followed(story, home, shift=shift), shift) == _relative(followed(story, home), 0)


def _relative(course, shift):
    first = course.first_takedown
    times = (course.left_at, course.right_at, course.gap_from_at, course.tail_from_at, first and first.first_at)
    same = (course.end, course.moved_to, course.n_checks, course.provisional, course.interrupted, course.intervals)
    return [None if t is None else t - shift * HOUR for t in (*times, *course.recurrences_at)], same


@settings(derandomize=True, max_examples=200, deadline=None)
@given(stories(), HOMES)
@example([Reading(1, Outcome.OFFLINE, Cause.CONTENT, AWAY, True)], HOME)
def test_what_comes_after_an_end_in_force_changes_it_only_by_a_return(story, home):
    """A later OFFLINE at the same place leaves the interval as it was."""
    course = followed(story, home)
    assume(course.end in (End.TAKEDOWN, End.DOMAIN, End.MOVE))
    later = Reading(50, Outcome.OFFLINE, Cause.CONTENT, NOWHERE, True)
    again = followed([*story, later], home)
    assert (again.end, again.left_at, again.right_at) == (course.end, course.left_at, course.right_at)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.data())
def test_the_table_keeps_weights_and_intervals_in_their_range(world, data):
    """In every row of a random Target: weight in (0, 1], 0 <= left <= right, exposure low <= high <= 720."""
    made = world().report(reported=data.draw(st.sampled_from([-200, -1, 0, 3])))
    for hours_after in data.draw(st.lists(st.integers(-5, 400), min_size=1, max_size=3)):
        made.notice(hours_after, data.draw(st.sampled_from(["P", "Q", None])))
    line = st.tuples(
        st.integers(-300, 900), st.sampled_from(["on", "off", "?", "off - domain", "on Q", "off Q", "off untrusted"])
    )
    made.seen(*(f"{at} {words}" for at, words in data.draw(st.lists(line, max_size=12))))
    table = made.table(cutoff=1000)
    of = table.take(table.status == "episode")
    assert np.all((of.weight > 0) & (of.weight <= 1))
    assert np.all((of.weight == 1) | of.gap_at_notice)
    assert np.all((of.left_hours >= 0) & (of.left_hours < of.right_hours))
    assert np.all((of.exposure_low_hours >= 0) & (of.exposure_low_hours <= of.exposure_high_hours + 1e-9))
    assert np.all(of.exposure_high_hours <= 720)
    assert np.array_equal(np.isinf(of.right_hours), of.end == "censored")
    others = table.take(table.status != "episode")
    assert np.all(np.isnan(others.weight) & np.isnan(others.left_hours) & np.isnan(others.right_hours))
