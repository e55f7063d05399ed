"""Counts by Provider: whatever a Scorecard says that is counted and not compared.

In: a Selected. Out: `Tallies`, one entry per Provider of the Selected, and `Totals` over all its rows. What would
surprise: a row without a Provider is in the Totals only, and a count never says whether the Provider did well.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, UNKNOWN_AT, Codes, Columns, Flags, Floats, Ints
from monitor.model.scorecard import Scorecard, Totals
from monitor.model.selected import (
    CENSORED,
    DOMAIN,
    ENDS,
    MOVE,
    NOTICE_STATUSES,
    OUTCOMES,
    STATUSES,
    TAKEDOWN,
    Selected,
)
from monitor.model.words import EpisodeStatus, NoticeStatus, Outcome
from monitor.ranking.selection import Sums, distinct_pairs

UNKNOWN_REASON = "unknown"
_BEFORE = STATUSES.index(EpisodeStatus.BEFORE_NOTICE.value)
_UNDELIVERED = STATUSES.index(EpisodeStatus.UNDELIVERED.value)
_MISADDRESSED = STATUSES.index(EpisodeStatus.MISADDRESSED.value)
_ONLINE = OUTCOMES.index(Outcome.ONLINE.word)


@dataclass(frozen=True, slots=True, eq=False)
class Tallies(Columns):
    """One entry per Provider. A count that a Scorecard shows has the Scorecard's name for it."""

    n_notices: Ints
    n_episodes: Ints
    n_sites: Ints
    n_clusters: Ints
    gone_before_notice: Ints
    gap_at_notice: Ints
    undelivered_bounced: Ints
    undelivered_refused: Ints
    undelivered_no_contact: Ints
    undelivered_our_fault: Ints
    misaddressed: Ints
    taken_down: Ints
    moved: Ints
    moved_in: Ints
    domain_gone: Ints
    online_at_cutoff: Ints
    inconclusive: Ints
    provisional: Ints
    interrupted: Ints
    recurrences: Ints
    exposure_low_hours: Floats
    exposure_high_hours: Floats
    delay_median_hours: Floats  # NaN where not known


def tally(chosen: Selected) -> Tallies:
    """Count every row by its Provider."""
    rows, sums = chosen.rows, Sums(chosen)
    episode = chosen.is_episode
    before, undelivered = rows.status == _BEFORE, rows.status == _UNDELIVERED
    ended = {end: episode & (rows.end == end) for end in range(len(ENDS))}

    def returned(status: NoticeStatus) -> Ints:
        return sums.count(undelivered & (rows.notice_status == NOTICE_STATUSES.index(status.value)))

    return Tallies(
        n_notices=sums.count_distinct(episode | before, rows.target_id),
        n_episodes=sums.count(episode),
        n_sites=sums.count_distinct(episode, rows.site_id),
        n_clusters=sums.count_distinct(episode, rows.cluster_id),
        gone_before_notice=sums.count(before),
        gap_at_notice=sums.count(episode & rows.gap_at_notice),
        undelivered_bounced=returned(NoticeStatus.BOUNCED),
        undelivered_refused=returned(NoticeStatus.REFUSED),
        undelivered_no_contact=returned(NoticeStatus.NO_CONTACT),
        undelivered_our_fault=returned(NoticeStatus.FAILED),
        misaddressed=sums.count(rows.status == _MISADDRESSED),
        taken_down=sums.count(ended[TAKEDOWN]),
        moved=sums.count(ended[MOVE]),
        moved_in=sums.moved_in(),
        domain_gone=sums.count(ended[DOMAIN]),
        online_at_cutoff=sums.count(ended[CENSORED]),
        inconclusive=sums.count(ended[CENSORED] & (rows.last_outcome != _ONLINE)),
        provisional=sums.count(episode & rows.provisional),
        interrupted=sums.count(episode & rows.interrupted),
        recurrences=sums.total(episode, rows.recurrence),
        exposure_low_hours=sums.total_hours(episode, rows.exposure_low_hours),
        exposure_high_hours=sums.total_hours(episode, rows.exposure_high_hours),
        delay_median_hours=_delay(sums, episode),
    )


def _delay(sums: Sums, episode: Flags) -> Floats:
    """The hotline's own delay: median hours from report to notice over the Episodes."""
    rows = sums.chosen.rows
    known = episode & (rows.reported_at != UNKNOWN_AT) & (rows.notified_at != UNKNOWN_AT)
    delay = np.subtract(rows.notified_at, rows.reported_at, out=np.zeros(len(rows), np.int64), where=known)
    return sums.median(known, delay) / MICROS_PER_HOUR


def as_numbers(chosen: Selected) -> tuple[tuple[int, ...], ...]:
    """The AS numbers of each Provider that the rows show, ascending; one entry per Provider.

    A row keeps the number of its address, which is the booked Provider's only where it was booked as holder of the AS.
    """
    seen = (chosen.rows.provider >= 0) & (chosen.rows.asn != UNKNOWN) & chosen.rows.by_as
    codes, asns = distinct_pairs(chosen.rows.provider[seen], chosen.rows.asn[seen])
    ends = np.searchsorted(codes, np.arange(len(chosen.ids) + 1))
    numbers = asns.tolist()
    return tuple(tuple(numbers[start:end]) for start, end in pairwise(ends.tolist()))


def totals(chosen: Selected) -> Totals:
    """What the rows hold in all. The statuses add up to the rows; `targets` counts each Target once.

    `fronted` counts the rows of the role `proxy` on the same clock: behind a reverse proxy whose origin is not
    known, so on no hosting provider's Scorecard. On the proxies' own Ranking these are its rows.
    """
    rows, episode = chosen.rows, chosen.is_episode
    nobody = episode & (rows.provider < 0)
    ways = _by_word(rows.doubts[episode], chosen.doubts)
    doubtful = {word: n for word, n in ways.items() if word}
    return Totals(
        targets=_n_distinct(rows.target_id),
        episodes=int(episode.sum()),
        gone_before_notice=int((rows.status == _BEFORE).sum()),
        undelivered=int((rows.status == _UNDELIVERED).sum()),
        misaddressed=int((rows.status == _MISADDRESSED).sum()),
        unattributed=int(nobody.sum()),
        fronted=chosen.n_fronted,
        providers=len(chosen.ids),
        unattributed_reasons=_most_first(_reasons(_by_word(rows.reason[nobody], chosen.reasons))),
        doubted=sum(doubtful.values()),
        doubtful=_most_first(_by_doubt(doubtful)),
        flaps=int(rows.flaps[episode].sum(dtype=np.int64)),
    )


def _by_word(codes: Codes, words: Sequence[str]) -> dict[str, int]:
    """How often each word occurs; those without a word under the empty text."""
    counts = np.bincount(codes + 1, minlength=len(words) + 1).tolist()
    return {word: n for word, n in zip(("", *words), counts, strict=True) if n}


def _reasons(by_word: dict[str, int]) -> Counter[str]:
    return Counter({word or UNKNOWN_REASON: n for word, n in by_word.items()})


def _by_doubt(ways: dict[str, int]) -> Counter[str]:
    """From Episodes by all their Doubts, joined, to Episodes by each Doubt."""
    found: Counter[str] = Counter()
    for doubts, n in ways.items():
        for doubt in set(doubts.split(";")):
            found[doubt] += n
    return found


def _most_first(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _n_distinct(values: Codes) -> int:
    """How many different numbers from 0 on; dense, so a flag for each of them is small."""
    seen = np.zeros(int(values.max(initial=-1)) + 1, np.bool_)
    seen[values[values >= 0]] = True
    return int(seen.sum())


_SHOWN = {field.name for field in fields(Scorecard)}
COUNTED = tuple(field.name for field in fields(Tallies) if field.name in _SHOWN)
"""The counts that a Scorecard takes over under the same name."""
