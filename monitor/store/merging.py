"""What a row says of a record against what is known of it: in conflict, nothing new, or something to add.

No database here. Everything is in stored form: times as microseconds, addresses and Targets as blind indexes.
What would surprise: the outcome does not depend on the order of rows (without conflicts): sets are joined,
empty fields filled in, and a flag once true stays true.
"""

from dataclasses import dataclass, field
from datetime import datetime

from monitor.model.report import Address, Notice, Report
from monitor.store import contexts
from monitor.store.interning import target_index
from monitor.store.sealing import Sealer
from monitor.store.tables import CheckOrigin
from monitor.store.times import to_micros

AssessmentKey = tuple[str, int | None, int | None]  # assessment, assessed_at, withdrawn_at
BracketKey = tuple[int, int]  # CheckOrigin, time


@dataclass(slots=True)
class Known:
    """What is known of one record; rows are merged into it. `stored` when it has its row in `reports`."""

    target: bytes
    reported_at: int
    address: bytes | None
    origin: bytes | None
    site_type: str | None
    known_material: bool | None
    userinfo_dropped: bool
    stored: bool
    notices: set[bytes] = field(default_factory=set)
    assessments: set[AssessmentKey] = field(default_factory=set)
    brackets: set[BracketKey] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Said:
    """What one row says; `notice` is the blind index of its whole content."""

    target: bytes
    reported_at: int
    address: bytes | None
    origin: bytes | None
    site_type: str | None
    known_material: bool | None
    userinfo_dropped: bool
    notice: bytes | None
    assessment: AssessmentKey
    brackets: tuple[BracketKey, ...]
    address_by_history: bool = False

    def begin(self) -> Known:
        """A new record's knowledge: the Report's own fields, nothing added yet."""
        own = (self.target, self.reported_at, self.address, self.origin, self.site_type, self.known_material)
        return Known(*own, self.userinfo_dropped, stored=False)


@dataclass(frozen=True, slots=True)
class Added:
    """What a row brought that was not known."""

    fields: bool
    notice: bool
    assessment: bool
    brackets: tuple[BracketKey, ...]

    def __bool__(self) -> bool:
        return self.fields or self.notice or self.assessment or bool(self.brackets)


def read_report(sealer: Sealer, report: Report) -> Said:
    """The row in stored form."""
    return Said(
        target=target_index(sealer, report.target, report.source, report.record_id),
        reported_at=to_micros(report.reported_at),
        address=address_index(sealer, report.address),
        origin=address_index(sealer, report.origin_address),
        site_type=None if report.site_type is None else report.site_type.value,
        known_material=report.known_material,
        userinfo_dropped=report.target.userinfo_dropped,
        notice=None if report.notice is None else notice_index(sealer, report.notice),
        assessment=(report.assessment.value, _micros(report.assessed_at), _micros(report.withdrawn_at)),
        brackets=_brackets(report),
        address_by_history=report.address_by_history and report.address is not None,
    )


def conflict(known: Known, said: Said) -> tuple[str, str] | None:
    """(column, reason) when the row speaks of another URL, host or time than what is known, else None."""
    if said.target != known.target:
        return "url", "The same record was reported before with another URL or host"
    if said.reported_at != known.reported_at:
        return "reported_at", "The same record was reported before with another time"
    return None


def difference(known: Known, said: Said) -> tuple[str, str] | None:
    """(column, reason) when a side fact of the row is another than the one known, which stands; else None."""
    for column, new, old in (
        ("ip", None if said.address_by_history else said.address, known.address),
        ("origin_ip", said.origin, known.origin),
        ("site_type", said.site_type, known.site_type),
    ):
        if new is not None and old is not None and new != old:
            return column, f"The same record was reported before with another {column}"
    return None


def merge(known: Known, said: Said) -> Added:
    """Add what the row says to what is known, and say what was new. Only for a row without conflict."""
    notice = said.notice is not None and said.notice not in known.notices
    if notice and said.notice is not None:
        known.notices.add(said.notice)
    assessment = said.assessment not in known.assessments
    known.assessments.add(said.assessment)
    brackets = tuple(bracket for bracket in said.brackets if bracket not in known.brackets)
    known.brackets.update(brackets)
    return Added(_fill_in(known, said), notice, assessment, brackets)


def address_index(sealer: Sealer, address: Address | None) -> bytes | None:
    return None if address is None else sealer.index(address, contexts.ADDRESS)


def notice_index(sealer: Sealer, notice: Notice) -> bytes:
    """The blind index of everything that a Notice says: equal Notices have equal indexes."""
    said = (
        notice.kind.value,
        notice.status.value,
        str(to_micros(notice.notified_at)),
        notice.reference,
        None if notice.channel is None else notice.channel.value,
        notice.sender,
        notice.party,
        notice.capacity.value,
        None if notice.deadline_hours is None else repr(float(notice.deadline_hours)),
    )
    # Lengths before the texts, so that no two Notices run together into the same bytes.
    parts = ("-" if text is None else f"{len(text)}:{text}" for text in said)
    return sealer.index("".join(parts).encode(), contexts.NOTICE_CONTENT)


def _fill_in(known: Known, said: Said) -> bool:
    before = (known.address, known.origin, known.site_type, known.known_material, known.userinfo_dropped)
    known.address = said.address if said.address_by_history else known.address or said.address
    known.origin = known.origin or said.origin
    known.site_type = known.site_type or said.site_type
    if said.known_material is not None:
        known.known_material = said.known_material or bool(known.known_material)
    known.userinfo_dropped = known.userinfo_dropped or said.userinfo_dropped
    return before != (known.address, known.origin, known.site_type, known.known_material, known.userinfo_dropped)


def _brackets(report: Report) -> tuple[BracketKey, ...]:
    if report.last_online_at is None and report.first_offline_at is None:
        return ()
    sides = (
        (CheckOrigin.BRACKET_ONLINE, report.last_online_at),
        (CheckOrigin.BRACKET_OFFLINE, report.first_offline_at),
    )
    return tuple((int(origin), to_micros(at)) for origin, at in sides if at is not None)


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)
