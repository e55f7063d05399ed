"""One row of a form that holds reports, with what the other tables say of it -> Reports and recorded checks.

In: cells in the order of `REPORT_FIELDS`. Out: `Told`, or IntakeProblem. What would surprise: a row gives one Report
for each hoster that was told; an online reading of a web page comes in as inconclusive, because any screenshot
counted as online; and `close` gives nothing: it is no takedown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.intake.normalise import normalise_host
from monitor.intake.problems import Code, IntakeProblem, ScartCode
from monitor.intake.reports import optional_address, required, target_of
from monitor.intake.scart.file import Cells
from monitor.intake.scart.history import Course, Event, EventKind, History, number
from monitor.intake.scart.messages import Messages
from monitor.intake.scart.together import Inputs
from monitor.intake.scart.vocabulary import (
    CLOSED_OFFLINE,
    TRUE_WORDS,
    ReportStatus,
    UrlKind,
    assessment_of,
    site_type,
    status_of,
    url_kind,
)
from monitor.intake.times import TimeReader
from monitor.intake.values import clear_text
from monitor.model.report import Address, Notice, RecordedCheck, Report, Target
from monitor.model.words import FIRST_NTD, Assessment, Capacity, Cause, NoticeChannel, NoticeKind, NoticeStatus, Outcome

PAGE, HOSTER_CHANGED, MOVED, MANUAL = "page", "hoster-changed", "moved", "manual"
THREE_FAILURES, BEFORE_EXPORT, MANUAL_BEFORE_EXPORT = "close_offline", "closed-before-export", "manual-before-export"
_AROUND_A_CHANGE = timedelta(hours=24)
"""An address that changed so shortly before SCART saw another hoster is that hoster's."""
_SAYS = {
    EventKind.CLOSE_OFFLINE: (Outcome.OFFLINE, THREE_FAILURES),
    EventKind.CLOSE_OFFLINE_MANUAL: (Outcome.OFFLINE, MANUAL),
    EventKind.HOSTER_CHANGED: (Outcome.INCONCLUSIVE, HOSTER_CHANGED),
    EventKind.ICCAM_MOVED: (Outcome.INCONCLUSIVE, MOVED),
}
_WEIGHT = {Outcome.OFFLINE: 2, Outcome.INCONCLUSIVE: 1, Outcome.ONLINE: 0}


@dataclass(frozen=True, slots=True)
class Told:
    """What one row told. A check stands with the place of the file whose row it is."""

    row: int
    reports: tuple[Report, ...]
    checks: tuple[tuple[int, RecordedCheck], ...]
    closed_when: bool = True  # False: closed offline, and nothing says when
    address_of_then: bool = False  # True: by the history; else the address is that of the day of the export


class ReportRows:
    """Turns the rows of one file into `Told`. `place` is the file's place; `exported_at` when it was made."""

    def __init__(
        self,
        place: int,
        source: str,
        times: TimeReader,
        tables: tuple[Messages, History, Inputs],
        exported_at: datetime | None,
    ) -> None:
        self._place, self._source, self._times, self._exported_at = place, source, times, exported_at
        self._messages, self._history, self._inputs = tables

    def __call__(self, row: int, cells: Cells) -> Told:
        (
            record, url, host, ip, url_type, received, classified, last_seen, first_ntd, grade, status, type_code,
            hash_at, known, input_id, hoster, deleted,
        ) = cells  # fmt: skip
        times, key = self._times, number(input_id, "id") if input_id else None
        record_id = clear_text(required(record, "filenumber"), "filenumber")
        if key is not None:
            self._inputs.see(key, record_id)
        if deleted:
            raise IntakeProblem(ScartCode.DELETED, "SCART has deleted this report.")
        reported_at = times.read(required(received, "received_at"), "received_at")
        contact = number(hoster, "host_abusecontact_id") if hoster else -1
        course = Course(()) if key is None else self._history.of(key)
        target = _target(url, host, ip)
        address = course.address_at(reported_at) or optional_address(ip, "url_ip")
        elsewhere = status_of(status) is ReportStatus.HOSTER_CHANGED and not course.of_kind(EventKind.HOSTER_CHANGED)
        if elsewhere and not course.of_kind(EventKind.ADDRESS):
            address = None  # that of the day of the export is the new hoster's, and the notices went to the first
        by_history = bool(course.of_kind(EventKind.ADDRESS))
        assessment = assessment_of(grade)
        assessed_at = course.regraded_at or times.read_optional(classified, "firstseen_at")
        first_ntd_at = times.read_optional(first_ntd, "firstntd_at")
        told = self._messages.notices(key, contact, url, reported_at)
        reports = tuple(
            Report(
                row=row,
                source=self._source,
                record_id=record_id,
                target=target,
                reported_at=reported_at,
                notice=notice,
                assessment=assessment,
                assessed_at=None if assessment is Assessment.NOT_ASSESSED else assessed_at,
                address=address,
                site_type=site_type(type_code),
                known_material=known.lower() in TRUE_WORDS if hash_at else None,
                address_by_history=by_history,
            )
            for notice in _notices(told, first_ntd_at) or (None,)
        )
        seen = self._last_seen(row, record_id, url_kind(url_type), last_seen, course, elsewhere=elsewhere)
        closed = self._closed(row, record_id, status_of(status), seen, course)
        again = key is not None and self._inputs.has_taken(key)
        marks = iter(()) if again else self._marks(record_id, contact, course)
        checks = _one_a_moment([*seen, *closed, *marks])
        offline = any(check.outcome is Outcome.OFFLINE or check.reason == HOSTER_CHANGED for _, check in checks)
        closed_when = again or offline or status_of(status) not in CLOSED_OFFLINE
        if key is not None:
            self._inputs.take(key)
        return Told(row, reports, checks, closed_when, by_history)

    def _last_seen(
        self, row: int, record_id: str, kind: UrlKind, last_seen: str, course: Course, *, elsewhere: bool
    ) -> list[tuple[int, RecordedCheck]]:
        """The last online reading; none where it is not known what was read, or (`elsewhere`) at which hoster."""
        at = self._times.read_optional(last_seen, "lastseen_at")
        if at is None or elsewhere or kind is UrlKind.UNKNOWN:
            return []
        outcome, reason = (Outcome.INCONCLUSIVE, PAGE) if kind is UrlKind.PAGE else (Outcome.ONLINE, None)
        if outcome is Outcome.ONLINE and _with_another(course, at):
            outcome, reason = Outcome.INCONCLUSIVE, HOSTER_CHANGED
        return [(self._place, self._check(row, record_id, at, outcome, reason, course.moved_to(at)))]

    def _closed(
        self,
        row: int,
        record_id: str,
        status: ReportStatus | None,
        seen: list[tuple[int, RecordedCheck]],
        course: Course,
    ) -> list[tuple[int, RecordedCheck]]:
        """Offline by the time of the export, where nothing says when it was closed."""
        if self._exported_at is None or status not in CLOSED_OFFLINE:
            return []
        if course.of_kind(EventKind.CLOSE_OFFLINE, EventKind.CLOSE_OFFLINE_MANUAL):
            return []
        if any(check.checked_at > self._exported_at for _, check in seen):
            raise IntakeProblem(Code.BRACKET_REVERSED, "The row was last seen after --exported-at.", "lastseen_at")
        return [(self._place, closed_by(row, self._source, record_id, status, self._exported_at))]

    def _marks(self, record_id: str, contact: int, course: Course) -> Iterator[tuple[int, RecordedCheck]]:
        """What the history says, each as a check of its own row."""
        for event in course.events:
            said = self._reading(event, contact, course)
            if said is not None:
                outcome, reason = said
                address = course.moved_to(event.at)
                yield event.place, self._check(event.row, record_id, event.at, outcome, reason, address)

    def _reading(self, event: Event, contact: int, course: Course) -> tuple[Outcome, str] | None:
        """None for what says nothing of the material: `close` is no takedown, unless a foreign hoster explains it."""
        said = _SAYS.get(event.kind)
        if said is not None and said[0] is Outcome.OFFLINE and _with_another(course, event.at):
            return Outcome.INCONCLUSIVE, HOSTER_CHANGED
        if event.kind is EventKind.CLOSE:
            then = course.hoster_at(event.at)
            foreign = self._messages.foreign(contact if then is None else then)
            return (Outcome.INCONCLUSIVE, MOVED) if foreign else None
        return said

    def _check(
        self, row: int, record_id: str, at: datetime, outcome: Outcome, reason: str | None, address: Address | None
    ) -> RecordedCheck:
        cause = Cause.CONTENT if outcome is Outcome.OFFLINE else Cause.NONE
        return RecordedCheck(row, self._source, record_id, at, outcome, cause, reason, address)


def closed_by(row: int, source: str, record_id: str, status: ReportStatus, at: datetime) -> RecordedCheck:
    """Offline at the time of an export that says that it was closed, and not when."""
    reason = BEFORE_EXPORT if status is ReportStatus.CLOSE_OFFLINE else MANUAL_BEFORE_EXPORT
    return RecordedCheck(row, source, record_id, at, Outcome.OFFLINE, Cause.CONTENT, reason)


def _target(url: str, host: str, ip: str) -> Target:
    if url or host:
        return target_of(url, host)
    if ip:
        return normalise_host(ip)
    reason = "The row names neither URL, host nor address (the anonymous form): it cannot be attributed to anybody."
    raise IntakeProblem(ScartCode.ANONYMOUS, reason, "url")


def _notices(told: tuple[Notice, ...], first_ntd_at: datetime | None) -> tuple[Notice, ...]:
    """The messages; where none of them was sent, also the first one by the report itself, which was never an API's."""
    if first_ntd_at is None or any(notice.status.starts_clock for notice in told):
        return told
    first = Notice(
        kind=NoticeKind.REQUEST,
        status=NoticeStatus.SENT,
        notified_at=first_ntd_at,
        reference=FIRST_NTD,
        channel=NoticeChannel.EMAIL,
        capacity=Capacity.HOSTING,
    )
    return (*told, first)


def _with_another(course: Course, at: datetime) -> bool:
    """Whether SCART saw another hoster before, while no address says which: then no reading is of the first one."""
    changes = course.changes_before(at)
    return any(
        event.at < at and not any(change.at >= event.at - _AROUND_A_CHANGE for change in changes)
        for event in course.of_kind(EventKind.HOSTER_CHANGED)
    )


def _one_a_moment(checks: list[tuple[int, RecordedCheck]]) -> tuple[tuple[int, RecordedCheck], ...]:
    """One reading at each second: what says more against being online stands."""
    best: dict[datetime, tuple[int, RecordedCheck]] = {}
    for place, check in checks:
        before = best.get(check.checked_at)
        if before is None or _WEIGHT[check.outcome] > _WEIGHT[before[1].outcome]:
            best[check.checked_at] = place, check
    return tuple(best.values())
