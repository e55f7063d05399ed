"""The same Period read in other ways: which figures and classes depend on a choice of the method.

In: the rows of one role and clock, and what was measured of each reading. Out: other rows to be measured
(`variants`), and a value per Provider and choice (`readings`). What would surprise: nothing is ranked again, because
a class does not depend on the others; and a Target left out keeps its place among the rows, it is only no Episode.

Method: `measurement.md` section 2 (reappearance, censored) and the list of sensitivities that every release shows.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite

import numpy as np

from monitor.model.columns import MICROS_PER_HOUR, Flags, Floats, Texts
from monitor.model.measurement import Measurement
from monitor.model.period import SHORTEST_FOLLOW_UP, Period
from monitor.model.scorecard import Minimums
from monitor.model.selected import CENSORED, OUTCOMES, TAKEDOWN, Selected
from monitor.model.sensitivity import SensitivityChoice, SensitivityReading
from monitor.model.words import Outcome
from monitor.ranking.classes import classify, eligible

WEEK = timedelta(days=7)
_ONLINE = OUTCOMES.index(Outcome.ONLINE.word)
_NO_STATUS = -1
_DECIMALS = 6  # what enters the digest of a freeze, on every machine


def variants(chosen: Selected, cutoff: datetime) -> Iterator[tuple[SensitivityChoice, Selected]]:
    """The readings that follow from the same rows, each to be measured; one at a time, for the memory they take."""
    yield SensitivityChoice.FIRST_TAKEDOWN, first_takedown(chosen)
    yield SensitivityChoice.TAIL_REMOVED, tail_removed(chosen)
    yield SensitivityChoice.TAIL_ONLINE, tail_online(chosen, cutoff)
    yield SensitivityChoice.WITHOUT_PAGES, without_pages(chosen)


def week_earlier(period: Period, cutoff: datetime) -> tuple[datetime, str | None]:
    """The cut-off a week earlier, and what to warn of where it is too early for its figures to mean much."""
    earlier = cutoff - WEEK
    if earlier < period.end + SHORTEST_FOLLOW_UP:
        return earlier, "a week before the cut-off lies less than 73 hours after the period: that reading judges early"
    return earlier, None


def first_takedown(chosen: Selected) -> Selected:
    """The first takedown ends the Episode, also where the material came back or the end was of another kind."""
    rows = chosen.rows
    # A takedown after an end of another kind is not earlier, and with the same right end it is the end itself.
    earlier = chosen.is_episode & (rows.first_left_hours >= 0) & (rows.first_right_hours < rows.right_hours)
    return chosen.with_rows(
        replace(
            rows,
            left_hours=np.where(earlier, rows.first_left_hours, rows.left_hours),
            right_hours=np.where(earlier, rows.first_right_hours, rows.right_hours),
            end=np.where(earlier, np.int8(TAKEDOWN), rows.end),
            # not seen online between the notice and that takedown: it may have been down, for a while, before it
            gap_at_notice=np.where(earlier, rows.first_left_hours <= 0, rows.gap_at_notice),
            weight=np.where(earlier, 1.0, rows.weight),
        )
    )


def tail_removed(chosen: Selected) -> Selected:
    """No end seen and the last readings inconclusive: taken down in (last ONLINE, the first of these readings]."""
    rows, tail = chosen.rows, _in_tail(chosen)
    return chosen.with_rows(
        replace(
            rows,
            right_hours=np.where(tail, np.maximum(rows.tail_from_hours, rows.left_hours), rows.right_hours),
            end=np.where(tail, np.int8(TAKEDOWN), rows.end),
        )
    )


def tail_online(chosen: Selected, cutoff: datetime) -> Selected:
    """The same Episodes online to the cut-off, their end not seen."""
    rows, tail = chosen.rows, _in_tail(chosen)
    followed = (round(cutoff.timestamp() * 1_000_000) - rows.notified_at) / MICROS_PER_HOUR
    held = np.where(tail, np.maximum(followed, rows.left_hours), rows.left_hours)
    return chosen.with_rows(replace(rows, left_hours=held))


def without_pages(chosen: Selected) -> Selected:
    """Without the Targets that are pages which answer, of which no reading shows that the material is there."""
    rows = chosen.rows
    return chosen.with_rows(replace(rows, status=np.where(rows.page_target, np.int8(_NO_STATUS), rows.status)))


def _in_tail(chosen: Selected) -> Flags:
    rows = chosen.rows
    unsure = np.isfinite(rows.tail_from_hours) & (rows.last_outcome != _ONLINE)
    tail: Flags = chosen.is_episode & (rows.end == CENSORED) & unsure
    return tail


def readings(choice: SensitivityChoice, measured: Measurement, minimums: Minimums) -> tuple[SensitivityReading, ...]:
    """What was measured of the rows of one choice, for each Provider with an Episode in them, by id."""
    found, target = measured.estimates, measured.norm.target
    labels = classify(found.meets_limit, found.below_limit, target, eligible(found, minimums))
    return _readings(choice, measured, found.norm_low, found.norm_high, labels)


def site_clusters(measured: Measurement, minimums: Minimums) -> tuple[SensitivityReading, ...]:
    """The published rows with sites as clusters: the same shares, other limits and classes."""
    found, target = measured.estimates, measured.norm.target
    labels = classify(found.site_meets_limit, found.site_below_limit, target, eligible(found, minimums))
    return _readings(SensitivityChoice.SITE_CLUSTERS, measured, found.site_low, found.site_high, labels)


def _readings(
    choice: SensitivityChoice, measured: Measurement, low: Floats, high: Floats, labels: Texts
) -> tuple[SensitivityReading, ...]:
    found = measured.estimates
    return tuple(
        SensitivityReading(
            choice=choice.value,
            provider_id=measured.ids[place],
            n_episodes=int(found.n_episodes[place]),
            share=_known(found.norm[place]),
            low=_known(low[place]),
            high=_known(high[place]),
            worst=_known(found.worst[place] / found.n_episodes[place]),
            best=_known(found.best[place] / found.n_episodes[place]),
            class_=str(labels[place]),
        )
        for place in np.flatnonzero(found.n_episodes).tolist()
    )


def _known(value: float) -> float | None:
    return round(float(value), _DECIMALS) if isfinite(value) else None
