"""Facts and their booking -> the EpisodeTable of one Period, everything that was notified in it.

What would surprise: readings of every Period before the cut-off are used, because a notice in this Period to a
party whose Episode began in an earlier one starts nothing here.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import numpy as np

from monitor.model.columns import Booking, Facts, Flags, Ints
from monitor.model.episode import EpisodeTable, Span
from monitor.model.method import Thresholds
from monitor.model.words import Capacity, NoticeKind, NoticeStatus, Outcome, Role
from monitor.survival.clocks import BookedNotice, addressee_match, reportable, run_clocks
from monitor.survival.history import History
from monitor.survival.table import Row, episode_table, report_places

# Members by their word: a dict is several times faster than the enum's own call, once for each notice.
ROLES = {role.value: role for role in Role}
CAPACITIES = {capacity.value: capacity for capacity in Capacity}
STATUSES = {status.value: status for status in NoticeStatus}
KINDS = {kind.value: kind for kind in NoticeKind}
PRECEDENCE = np.array([0, 2, 1])
"""By Outcome: at one instant INCONCLUSIVE, then OFFLINE, then ONLINE, so that one ONLINE prevails."""


def episodes(facts: Facts, booking: Booking, span: Span, thresholds: Thresholds) -> EpisodeTable:
    """Derive the rows of the Period [span.start, span.end) from the facts before span.cutoff."""
    start, end, cutoff = (_micros(at) for at in (span.start, span.end, span.cutoff))
    rows = []
    for histories, clocks in _targets(facts, booking, cutoff):
        for kind, notices in clocks:
            entries = run_clocks(notices, histories, cutoff, thresholds)
            followed = [entry.notice.at for entry in entries if entry.course is not None]
            rows += [Row(kind, entry, followed) for entry in reportable(entries, start, end)]
    return episode_table(rows, facts, booking)


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def _usable_readings(facts: Facts, cutoff: int) -> Flags:
    """Those before the cut-off; a report's own bracket only where no check log of its Target says anything by then."""
    readings = facts.readings
    early = readings.at < cutoff
    says = early & ~readings.bracket & (readings.outcome != Outcome.INCONCLUSIVE)
    logged = np.unique(readings.target_id[says])
    return early & ~(readings.bracket & np.isin(readings.target_id, logged))


def _targets(
    facts: Facts, booking: Booking, cutoff: int
) -> Iterator[tuple[dict[Role, History], list[tuple[NoticeKind, list[BookedNotice]]]]]:
    """Each notified Target with its History by role and its Notices by clock, in order of time."""
    keep = np.flatnonzero(_usable_readings(facts, cutoff))
    readings = facts.readings.take(keep)
    booked = booking.readings.take(keep)
    # No store key breaks a tie: the same facts, imported in another order, give the same rows.
    # Both sides of a bracket at one instant are a removal at that instant: there OFFLINE comes last.
    exact = readings.bracket & (readings.outcome == Outcome.OFFLINE)
    precedence = np.where(exact, len(PRECEDENCE), PRECEDENCE[readings.outcome])
    ties = (readings.confirmed, booked.proxy, booked.network, readings.cause, precedence)
    order = np.lexsort((*ties, readings.at, readings.target_id))
    readings, booked = readings.take(order), booked.take(order)
    asked = _asked(facts, cutoff)
    target = facts.notices.target_id[asked]
    borders = np.flatnonzero(np.r_[True, target[1:] != target[:-1], True]) if len(target) else np.zeros(1, np.int64)
    first = np.searchsorted(readings.target_id, target[borders[:-1]], side="left").tolist()
    last = np.searchsorted(readings.target_id, target[borders[:-1]], side="right").tolist()
    lists = [column.tolist() for column in (readings.at, readings.outcome, readings.cause, readings.confirmed)]
    providers = {Role.NETWORK: booked.network.tolist(), Role.PROXY: booked.proxy.tolist()}
    notices = _booked_notices(facts, booking, asked)
    for n, (low, high) in enumerate(zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True)):
        part = slice(first[n], last[n])
        at, outcome, cause, confirmed = (values[part] for values in lists)
        mine = notices[low:high]
        histories = {
            role: History(at, outcome, cause, providers[role][part], confirmed)
            for role in {notice.role for _, notice in mine}
        }
        kinds = [kind for kind in NoticeKind if any(k is kind for k, _ in mine)]
        yield histories, [(kind, [notice for k, notice in mine if k is kind]) for kind in kinds]


def _asked(facts: Facts, cutoff: int) -> Ints:
    """Places of the eligible reports' notices, by Target, time and, where these are equal, by what they say."""
    notices, reports = facts.notices, facts.reports
    place = report_places(facts)
    asked = np.flatnonzero(reports.eligible[place] & (notices.at < cutoff))
    asked = asked[np.lexsort((notices.at[asked], notices.target_id[asked]))]
    pairs = np.stack((notices.target_id[asked], notices.at[asked]))
    borders = np.flatnonzero(np.r_[True, (pairs[:, 1:] != pairs[:, :-1]).any(axis=0), True]).tolist()
    said = (notices.status, notices.party, notices.capacity, notices.sender, notices.deadline_hours)

    def words(i: int) -> list[str]:
        return [str(reports.source[place[i]]), str(reports.record_id[place[i]]), *(str(column[i]) for column in said)]

    for low, high in pairwise(borders):
        if high - low > 1:
            asked[low:high] = sorted(asked[low:high].tolist(), key=words)
    return asked


def _booked_notices(facts: Facts, booking: Booking, asked: Ints) -> list[tuple[NoticeKind, BookedNotice]]:
    notices, booked = facts.notices, booking.notices
    reported = facts.reports.reported_at[report_places(facts)]
    result = []
    for i in asked.tolist():
        role, provider = ROLES[booked.role[i]], int(booked.provider[i])
        capacity = CAPACITIES[notices.capacity[i]]
        match = addressee_match(provider, notices.party[i], int(booked.party[i]), capacity, role)
        notice = BookedNotice(
            i, int(notices.at[i]), STATUSES[notices.status[i]], provider, role, match, int(reported[i])
        )
        result.append((KINDS[notices.kind[i]], notice))
    return result
