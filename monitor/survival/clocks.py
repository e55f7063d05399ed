"""Which Notices start a clock, and what the others are: whose clock runs is decided here and nowhere else.

In: the Notices of one Target on one clock (request or order) in one role, in order of time, each with the Provider
booked at that moment. Out: one `Entry` for each row of the frozen table. What would surprise: a repeated notice to a
party whose Episode is still running is no row; a notice that told somebody else is counted, and starts nothing; and
one notice can tell the hosting provider and nobody else, or the site and nobody else: each role is asked for itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitor.model.columns import UNKNOWN
from monitor.model.method import Thresholds
from monitor.model.words import AddresseeMatch, Capacity, EpisodeStatus, NoticeStatus, Role
from monitor.survival.course import Course, Start, follow
from monitor.survival.history import History

REACHED_BY = {
    Role.NETWORK: {Capacity.HOSTING, Capacity.UNKNOWN},
    Role.AS: {Capacity.HOSTING, Capacity.UNKNOWN},
    Role.CUSTOMER: {Capacity.HOSTING, Capacity.UNKNOWN},
    Role.PROXY: {Capacity.PROXY, Capacity.HOSTING, Capacity.UNKNOWN},
    Role.SITE: {Capacity.SITE, Capacity.UNKNOWN},
}
"""The capacities in which a Notice reaches the party that a role books on."""

STARTS = {AddresseeMatch.ATTRIBUTED, AddresseeMatch.SAME, AddresseeMatch.UNKNOWN}


@dataclass(frozen=True, slots=True)
class BookedNotice:
    """One Notice with the party that held the Target at that moment. `position` is its place among its fellows."""

    position: int
    at: int
    status: NoticeStatus
    provider: int  # code, -1 unattributed
    role: Role
    match: AddresseeMatch
    reported_at: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to be: the Notice, what it is, and the Course that followed where it started a clock."""

    notice: BookedNotice
    status: EpisodeStatus
    course: Course | None = None


def addressee_match(
    provider: int, party: str | None, party_code: int, capacity: Capacity, role: Role
) -> AddresseeMatch:
    """Compare the addressee (as written, and its code in the registry or -1) with the booked Provider."""
    if capacity not in REACHED_BY[role]:
        return AddresseeMatch.OTHER_CAPACITY
    if provider == UNKNOWN:
        return AddresseeMatch.UNKNOWN
    if party is None:
        return AddresseeMatch.ATTRIBUTED
    if party_code == UNKNOWN or role is Role.SITE:  # a name is no site
        return AddresseeMatch.UNRECOGNISED
    return AddresseeMatch.SAME if party_code == provider else AddresseeMatch.OTHER


def run_clocks(
    notices: Iterable[BookedNotice], history: Callable[[Role], History], cutoff: int, thresholds: Thresholds
) -> list[Entry]:
    """Every row that one Target has on one clock. `history` gives the readings as a role sees them."""
    entries: list[Entry] = []
    for notice in notices:
        # The addressee first: what somebody else refused or bounced is not held against this party.
        if notice.match not in STARTS:
            entries.append(Entry(notice, EpisodeStatus.MISADDRESSED))
        elif not notice.status.starts_clock:
            entries.append(Entry(notice, EpisodeStatus.UNDELIVERED))
        elif not any(_is_running(entry, notice) for entry in entries):
            start = Start(notice.at, notice.provider, notice.reported_at)
            course = follow(history(notice.role), start, cutoff, thresholds)
            before = course.before_notice
            if before and any(_told_of_the_same_end(entry, notice, course) for entry in entries):
                continue  # a reminder about material that is gone already
            entries.append(Entry(notice, EpisodeStatus.BEFORE_NOTICE if before else EpisodeStatus.EPISODE, course))
    return entries


def _is_running(entry: Entry, notice: BookedNotice) -> bool:
    """Whether an Episode at this party runs on at `notice`; a notice booked on nobody is a reminder to any."""
    if entry.status is not EpisodeStatus.EPISODE or entry.course is None or entry.notice.at > notice.at:
        return False
    same = notice.provider in (entry.notice.provider, UNKNOWN)
    return same and (entry.course.right_at is None or entry.course.right_at > notice.at)


def _told_of_the_same_end(entry: Entry, notice: BookedNotice, course: Course) -> bool:
    if entry.course is None or entry.notice.provider != notice.provider:
        return False
    return entry.course.right_at == course.right_at


def reportable(entries: list[Entry], start: int, end: int) -> list[Entry]:
    """The rows of the Period [start, end): an undelivered or misaddressed notice only where no clock ran beside it.

    Beside it: one that started in the Period, or still ran when it was sent. What a notice after the Period started
    hides nothing in it. Of several undelivered (or misaddressed) notices to one party the first stands for all.
    """
    clocks = [entry for entry in entries if entry.course is not None]
    rows: list[Entry] = []
    seen: set[tuple[EpisodeStatus, int]] = set()
    for entry in entries:
        if not start <= entry.notice.at < end:
            continue
        if entry.course is None:
            key = (entry.status, entry.notice.provider)
            beside = any(
                clock.notice.provider == entry.notice.provider
                and (start <= clock.notice.at < end or _is_running(clock, entry.notice))
                for clock in clocks
            )
            if key in seen or beside:
                continue
            seen.add(key)
        rows.append(entry)
    return rows


def recurrences(entry: Entry, entries: list[Entry]) -> int:
    """Returns after this end, up to the next notice that started a clock."""
    if entry.course is None:
        return 0
    later = [other.notice.at for other in entries if other.course is not None and other.notice.at > entry.notice.at]
    return sum(1 for at in entry.course.recurrences_at if not later or at < min(later))
