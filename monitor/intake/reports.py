"""Cells of a report row -> Report.

In: `Cells` in the order of `COLUMNS[REPORTS]`. Out: Report, or IntakeProblem that names the column at fault.
Surprise: a row has at most one Notice, and it has one exactly when `notified_at` is given; any other notice field
without that time is rejected, because dropping it would hide a Notice, and guessing its time would start a clock.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.intake.columns import Cells
from monitor.intake.hosts import parse_address
from monitor.intake.normalise import normalise_host, normalise_url
from monitor.intake.problems import Code, IntakeProblem
from monitor.intake.times import TimeReader
from monitor.intake.values import Words, clear_text, flag, order_hours, sealed_text
from monitor.model.report import Address, Notice, Report, Target
from monitor.model.words import Assessment, Capacity, NoticeChannel, NoticeKind, NoticeStatus, SiteType

_KINDS = Words((kind.value, kind) for kind in NoticeKind)
_STATUSES = Words((status.value, status) for status in NoticeStatus)
_CHANNELS = Words((channel.value, channel) for channel in NoticeChannel)
_CAPACITIES = Words((capacity.value, capacity) for capacity in Capacity)
_ASSESSMENTS = Words((assessment.value, assessment) for assessment in Assessment)
_SITE_TYPES = Words((site_type.value, site_type) for site_type in SiteType)


class ReportConverter:
    """Turns rows into Reports. `source` is for rows without one; `timezone` for times without an offset."""

    def __init__(self, source: str, timezone: ZoneInfo | None) -> None:
        self._source = source
        self._times = TimeReader(timezone)

    def __call__(self, row: int, cells: Cells) -> Report:
        """The Report of data row `row` (from 1). Raises IntakeProblem."""
        (
            record_id, url, host, reported_at, source,
            notified_at, reference, kind, status, channel, sender, party, capacity, deadline,
            assessment, assessed_at, withdrawn_at, ip, origin_ip, site_type, known_material,
            last_online_at, first_offline_at,
        ) = cells  # fmt: skip
        times = self._times
        bracket = self._bracket(last_online_at, first_offline_at)
        notice_cells = (reference, kind, status, channel, sender, party, capacity, deadline)
        return Report(
            row=row,
            source=clear_text(source, "source") if source else self._source,
            record_id=clear_text(required(record_id, "record_id"), "record_id"),
            target=target_of(url, host),
            reported_at=times.read(required(reported_at, "reported_at"), "reported_at"),
            notice=self._notice(notified_at, notice_cells),
            assessment=_ASSESSMENTS.read_or(assessment, "assessment", Assessment.ILLEGAL),
            assessed_at=times.read_optional(assessed_at, "assessed_at"),
            withdrawn_at=times.read_optional(withdrawn_at, "withdrawn_at"),
            address=optional_address(ip, "ip"),
            origin_address=optional_address(origin_ip, "origin_ip"),
            site_type=_SITE_TYPES.read_optional(site_type, "site_type"),
            known_material=flag(known_material, "known_material"),
            last_online_at=bracket[0],
            first_offline_at=bracket[1],
        )

    def _notice(self, notified_at: str, cells: tuple[str, ...]) -> Notice | None:
        reference, kind, status, channel, sender, party, capacity, deadline = cells
        notice_kind = _KINDS.read_or(kind, "notice_kind", NoticeKind.REQUEST)
        if not notified_at:
            if any(cells):
                raise _notice_without_time(notice_kind)
            return None
        if deadline and notice_kind is not NoticeKind.ORDER:
            raise IntakeProblem(
                Code.DEADLINE_WITHOUT_ORDER, "Only an order has a deadline of its own.", "deadline_hours"
            )
        return Notice(
            kind=notice_kind,
            status=_STATUSES.read_or(status, "notice_status", NoticeStatus.UNKNOWN),
            notified_at=self._times.read(notified_at, "notified_at"),
            reference=sealed_text(reference, "notice_ref"),
            channel=_CHANNELS.read_optional(channel, "notice_channel"),
            sender=clear_text(sender, "notice_sender") if sender else None,
            party=sealed_text(party, "notified_party"),
            capacity=_CAPACITIES.read_or(capacity, "notified_capacity", Capacity.UNKNOWN),
            deadline_hours=order_hours(deadline, "deadline_hours"),
        )

    def _bracket(self, online: str, offline: str) -> tuple[datetime | None, datetime | None]:
        last_online_at = self._times.read_optional(online, "last_online_at")
        first_offline_at = self._times.read_optional(offline, "first_offline_at")
        if last_online_at and first_offline_at and last_online_at > first_offline_at:
            reason = "The last time online lies after the first time offline."
            raise IntakeProblem(Code.BRACKET_REVERSED, reason, "last_online_at")
        return last_online_at, first_offline_at


def required(text: str, field: str) -> str:
    """The text, or IntakeProblem where the cell is empty."""
    if not text:
        raise IntakeProblem(Code.MISSING_VALUE, "The value is missing.", field)
    return text


def optional_address(text: str, field: str) -> Address | None:
    """None where the cell is empty."""
    return parse_address(text, field) if text else None


def target_of(url: str, host: str) -> Target:
    """The URL's Target, or the Host's where the path is withheld; where both are given they have to agree."""
    if not url:
        if not host:
            raise IntakeProblem(Code.MISSING_VALUE, "Neither url nor host is given.", "url")
        return _in_field("host", normalise_host, host)
    target = _in_field("url", normalise_url, url)
    if host and _in_field("host", normalise_host, host).host != target.host:
        raise IntakeProblem(Code.HOST_MISMATCH, "The host is not the host of the URL.", "host")
    return target


def _in_field(field: str, read: Callable[[str], Target], text: str) -> Target:
    try:
        return read(text)
    except IntakeProblem as problem:
        problem.field = field
        raise


def _notice_without_time(kind: NoticeKind) -> IntakeProblem:
    if kind is NoticeKind.ORDER:
        return IntakeProblem(Code.ORDER_WITHOUT_TIME, "An order needs the time of its notice.", "notified_at")
    reason = (
        "The row says something of a notice, but not when it was sent: fill notified_at or clear the notice fields."
    )
    return IntakeProblem(Code.NOTICE_WITHOUT_TIME, reason, "notified_at")
