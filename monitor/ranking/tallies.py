"""Counts by Provider: whatever a Scorecard says that is counted and not compared.

In: a Selection and the bounds of its rows. Out: `Tallies`, one entry per Provider of the Selection, and `Totals`
over all its rows. What would surprise: a row without a Provider is in the Totals only, and a count never says
whether the Provider did well.
"""

from collections import Counter
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, UNKNOWN_AT, Columns, Flags, Floats, Ints
from monitor.model.episode import EpisodeTable
from monitor.model.scorecard import Scorecard, Totals
from monitor.model.words import Doubt, End, EpisodeStatus, NoticeKind, NoticeStatus, Outcome, Role
from monitor.ranking.bounds import Bounds
from monitor.ranking.selection import Selection, distinct_pairs

UNKNOWN_REASON = "unknown"
_ONLY_AS = "episodes-1"
"""Rows of this version know no registered network: whoever they name holds the AS."""


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
    within_worst: Ints
    within_best: Ints
    within_any_end_worst: Ints
    within_any_end_best: Ints
    exposure_low_hours: Floats
    exposure_high_hours: Floats
    delay_median_hours: Floats  # NaN where not known


def tally(chosen: Selection, bounds: Bounds) -> Tallies:
    """Count every row of the Selection by its Provider. `bounds` is aligned with the rows."""
    rows, count = chosen.rows, chosen.count
    episode = chosen.is_episode
    before = rows.status == EpisodeStatus.BEFORE_NOTICE.value
    undelivered = rows.status == EpisodeStatus.UNDELIVERED.value
    censored = episode & (rows.end == End.CENSORED.value)

    def returned(status: NoticeStatus) -> Ints:
        return count(undelivered & (rows.notice_status == status.value))

    return Tallies(
        n_notices=chosen.count_distinct(episode | before, rows.target_id),
        n_episodes=count(episode),
        n_sites=chosen.count_distinct(episode, rows.site_id),
        n_clusters=chosen.count_distinct(episode, rows.cluster_id),
        gone_before_notice=count(before),
        gap_at_notice=count(episode & rows.gap_at_notice),
        undelivered_bounced=returned(NoticeStatus.BOUNCED),
        undelivered_refused=returned(NoticeStatus.REFUSED),
        undelivered_no_contact=returned(NoticeStatus.NO_CONTACT),
        undelivered_our_fault=returned(NoticeStatus.FAILED),
        misaddressed=count(rows.status == EpisodeStatus.MISADDRESSED.value),
        taken_down=count(episode & (rows.end == End.TAKEDOWN.value)),
        moved=count(episode & (rows.end == End.MOVE.value)),
        moved_in=chosen.moved_in(),
        domain_gone=count(episode & (rows.end == End.DOMAIN.value)),
        online_at_cutoff=count(censored),
        inconclusive=count(censored & (rows.last_outcome != Outcome.ONLINE.word)),
        provisional=count(episode & rows.provisional),
        interrupted=count(episode & rows.interrupted),
        recurrences=chosen.total(episode, rows.recurrence),
        within_worst=count(bounds.worst),
        within_best=count(bounds.best),
        within_any_end_worst=count(bounds.any_end_worst),
        within_any_end_best=count(bounds.any_end_best),
        exposure_low_hours=chosen.total_hours(episode, rows.exposure_low_hours),
        exposure_high_hours=chosen.total_hours(episode, rows.exposure_high_hours),
        delay_median_hours=_delay(chosen, episode),
    )


def _delay(chosen: Selection, episode: Flags) -> Floats:
    """The hotline's own delay: median hours from report to notice over the Episodes."""
    rows = chosen.rows
    known = episode & (rows.reported_at != UNKNOWN_AT) & (rows.notified_at != UNKNOWN_AT)
    delay = np.where(known, rows.notified_at, 0) - np.where(known, rows.reported_at, 0)
    return chosen.median(known, delay) / MICROS_PER_HOUR


def as_numbers(chosen: Selection) -> tuple[tuple[int, ...], ...]:
    """The AS numbers of each Provider that the rows show, ascending; one entry per Provider.

    A row keeps the number of its address, which is the booked Provider's only where it was booked as holder of the AS.
    """
    seen = (chosen.codes >= 0) & (chosen.rows.asn != UNKNOWN) & _booked_by_as(chosen.rows)
    codes, asns = distinct_pairs(chosen.codes[seen], chosen.rows.asn[seen])
    ends = np.searchsorted(codes, np.arange(len(chosen.ids) + 1))
    numbers = asns.tolist()
    return tuple(tuple(numbers[start:end]) for start, end in pairwise(ends.tolist()))


def _booked_by_as(rows: EpisodeTable) -> Flags:
    by_role = np.isin(rows.role.astype(str), (Role.AS.value, Role.PROXY.value))
    by_role |= np.equal(rows.rule_version, _ONLY_AS).astype(np.bool_)
    said = {doubts: Doubt.AS_STANDS_IN in str(doubts).split(";") for doubts in set(rows.attribution_doubts.tolist())}
    stands_in = np.fromiter(map(said.__getitem__, rows.attribution_doubts.tolist()), np.bool_, len(rows))
    by_as: Flags = by_role | stands_in
    return by_as


def totals(episodes: EpisodeTable, chosen: Selection, *, clock: NoticeKind) -> Totals:
    """What the Selection holds in all. Its statuses add up to its rows; `targets` counts each Target once.

    `fronted` counts the rows of the role `proxy` on the same clock: behind a reverse proxy whose origin is not
    known, so on no hosting provider's Scorecard. On the proxies' own Ranking these are its rows.
    """
    rows = chosen.rows
    nobody = chosen.is_episode & (chosen.codes < 0)
    reasons = Counter(str(reason or UNKNOWN_REASON) for reason in rows.unattributed_reason[nobody].tolist())
    ways = Counter(str(doubts) for doubts in rows.attribution_doubts[chosen.is_episode].tolist() if doubts)
    return Totals(
        targets=_n_distinct(rows.target_id),
        episodes=int(chosen.is_episode.sum()),
        gone_before_notice=int((rows.status == EpisodeStatus.BEFORE_NOTICE.value).sum()),
        undelivered=int((rows.status == EpisodeStatus.UNDELIVERED.value).sum()),
        misaddressed=int((rows.status == EpisodeStatus.MISADDRESSED.value).sum()),
        unattributed=int(nobody.sum()),
        fronted=int(((episodes.clock == clock.value) & (episodes.role == Role.PROXY.value)).sum()),
        providers=len(chosen.ids),
        unattributed_reasons=_most_first(reasons),
        doubted=ways.total(),
        doubtful=_most_first(_by_doubt(ways)),
        flaps=int(rows.flaps[chosen.is_episode].sum()),
    )


def _by_doubt(ways: Counter[str]) -> Counter[str]:
    """From Episodes by all their Doubts, joined, to Episodes by each Doubt."""
    found: Counter[str] = Counter()
    for doubts, n in ways.items():
        for doubt in set(doubts.split(";")):
            found[doubt] += n
    return found


def _most_first(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _n_distinct(values: Ints) -> int:
    values = np.sort(values[values != UNKNOWN])  # np.unique hashes, ten times slower
    return int((values[1:] != values[:-1]).sum()) + bool(len(values))


_SHOWN = {field.name for field in fields(Scorecard)}
COUNTED = tuple(field.name for field in fields(Tallies) if field.name in _SHOWN)
"""The counts that a Scorecard takes over under the same name."""
