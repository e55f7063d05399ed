"""Cells of a row of an authority's register of orders -> RegisterRow.

In: `Cells` in the order of `COLUMNS[ORDERS]`. Out: RegisterRow, or IntakeProblem that names the column at fault. What
would surprise: the addressee is required. Who was told is what an order's figure rests on, and an authority knows whom
it served; a list that does not say comes in as reports (`notice_kind = order`), which say so by an empty cell.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.intake.columns import Cells
from monitor.intake.problems import IntakeProblem, OrderCode
from monitor.intake.reports import required, target_of
from monitor.intake.times import TimeReader
from monitor.intake.values import Words, clear_text, order_hours, sealed_text
from monitor.model.order import ObjectionDecision, OfficerFinding, OrderDetails, OrderFactKind
from monitor.model.order_register import RegisterFact, RegisterRow
from monitor.model.report import Notice
from monitor.model.words import Capacity, NoticeChannel, NoticeKind, NoticeStatus

_CAPACITIES = Words((capacity.value, capacity) for capacity in Capacity)
_CHANNELS = Words((channel.value, channel) for channel in NoticeChannel)
_DECISIONS = Words((decision.value, decision) for decision in ObjectionDecision)
_FINDINGS = Words((finding.value, finding) for finding in OfficerFinding)
_STATUSES = Words((status.value, status) for status in NoticeStatus)
_ORDER = tuple(OrderFactKind)
"""Of two facts of one moment the first one here came first: what starts something before what ends it."""


class OrderConverter:
    """Turns rows into RegisterRows. `timezone` for times without an offset; `sender` for rows without one."""

    def __init__(self, timezone: ZoneInfo | None, sender: str | None = None) -> None:
        self._times, self._sender = TimeReader(timezone), sender

    def __call__(self, row: int, cells: Cells) -> RegisterRow:
        """Data row `row` (from 1). Raises IntakeProblem."""
        (
            record_id, source, url, host, reference, served_at, addressee, capacity, hours, reasons, status, channel,
            sender, *events,
        ) = cells  # fmt: skip
        notice = Notice(
            kind=NoticeKind.ORDER,
            status=_STATUSES.read_or(status, "status", NoticeStatus.SENT),
            notified_at=self._times.read(required(served_at, "served_at"), "served_at"),
            reference=sealed_text(required(reference, "reference"), "reference"),
            channel=_CHANNELS.read_optional(channel, "channel"),
            sender=clear_text(sender, "sender") if sender else self._sender,
            party=sealed_text(required(addressee, "addressee"), "addressee"),
            capacity=_CAPACITIES.read_or(capacity, "capacity", Capacity.UNKNOWN),
            deadline_hours=order_hours(hours, "deadline_hours"),
        )
        if source and not record_id:
            reason = "A source is named without the record id that is its."
            raise IntakeProblem(OrderCode.NOTHING_NAMED, reason, "record_id")
        return RegisterRow(
            row=row,
            notice=notice,
            source=clear_text(source, "source") if source else None,
            record_id=clear_text(record_id, "record_id") if record_id else None,
            target=target_of(url, host) if url or host else None,
            facts=self._facts(notice.notified_at, reasons, events),
        )

    def _facts(self, served_at: datetime, reasons: str, events: list[str]) -> tuple[RegisterFact, ...]:
        facts = list(self._events(events))
        early = next((name for name, fact in facts if fact.at < served_at), None)
        if early is not None:
            raise IntakeProblem(OrderCode.FACT_BEFORE_SERVICE, "The time lies before the order was served.", early)
        found = [fact for _, fact in facts]
        if reasons:
            said = OrderDetails(document=sealed_text(reasons, "reasons_ref"))
            found.append(RegisterFact(OrderFactKind.REASONS, served_at, said))
        return tuple(sorted(found, key=lambda fact: (fact.at, _ORDER.index(fact.kind))))

    def _events(self, events: list[str]) -> Iterator[tuple[str, RegisterFact]]:
        """Each with the column of its time."""
        (
            suspended_at, resumed_at, new_deadline_at, withdrawn_at, objection_at, decided_at, decision, claimed_at,
            confirmed_at, finding, officer,
        ) = events  # fmt: skip
        _together(("resumed_at", resumed_at), ("new_deadline_at", new_deadline_at), both=False)
        _together(("decided_at", decided_at), ("decision", decision))
        _together(("confirmed_at", confirmed_at), ("finding", finding))
        _together(("confirmed_at", confirmed_at), ("officer", officer))
        deadline_at = self._times.read_optional(new_deadline_at, "new_deadline_at")
        for name, kind, text, details in (
            ("suspended_at", OrderFactKind.SUSPENDED, suspended_at, OrderDetails()),
            ("resumed_at", OrderFactKind.RESUMED, resumed_at, OrderDetails(deadline_at=deadline_at)),
            ("withdrawn_at", OrderFactKind.WITHDRAWN, withdrawn_at, OrderDetails()),
            ("objection_at", OrderFactKind.OBJECTION, objection_at, OrderDetails()),
            ("decided_at", OrderFactKind.DECIDED, decided_at, _decided(decision)),
            ("claimed_at", OrderFactKind.CLAIMED, claimed_at, OrderDetails()),
            ("confirmed_at", OrderFactKind.CONFIRMED, confirmed_at, _found(finding, officer)),
        ):
            if text:
                yield name, RegisterFact(kind, self._times.read(text, name), details)


def _together(first: tuple[str, str], second: tuple[str, str], *, both: bool = True) -> None:
    """Raises IntakeProblem where the second is given without the first, or (`both`) the first without the second."""
    (name, text), (other, said) = first, second
    if said and not text:
        raise IntakeProblem(OrderCode.FACT_INCOMPLETE, f"{other} is given, and not {name}, its time.", name)
    if both and text and not said:
        raise IntakeProblem(OrderCode.FACT_INCOMPLETE, f"{name} is given without {other}.", other)


def _decided(decision: str) -> OrderDetails:
    return OrderDetails(decision=_DECISIONS.read_optional(decision, "decision"))


def _found(finding: str, officer: str) -> OrderDetails:
    return OrderDetails(finding=_FINDINGS.read_optional(finding, "finding"), officer=sealed_text(officer, "officer"))
