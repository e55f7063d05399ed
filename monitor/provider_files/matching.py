"""Which of the facts now a frozen row stands for: its notice, and whether the row would be derived the same again.

In: a frozen row and the Evidence of its Target. Out: places in the facts, and the columns that would differ.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import isinf, isnan
from typing import Any

from monitor.model.episode import EpisodeTable
from monitor.model.words import AddresseeMatch, Capacity, Role
from monitor.provider_files.evidence import Evidence
from monitor.survival.clocks import addressee_match

ROLES = (Role.NETWORK, Role.PROXY)
"""In which a Provider's page shows it: as holder of a network, or as a reverse proxy."""
AS_FROZEN, CHANGED, MISSING = "as frozen", "changed since the freeze", "no longer in the store"
_NUMBERED = {"target_id", "site_id", "cluster_id"}  # dense numbers of a whole dataset
_ELSEWHERE = {"country", "rule_version"}  # who the Provider is, and which code: no fact about the row
COMPARED = tuple(each.name for each in fields(EpisodeTable) if each.name not in _NUMBERED | _ELSEWHERE)
_NEAR = 1e-6

Row = Mapping[str, Any]
_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """`notice` and `report` are places in the facts, `entry` one in the booked notices; None where nothing fits."""

    notice: int | None
    entry: int | None
    report: int | None
    match: AddresseeMatch | None


class Facing:
    """The facts of a batch, to be found by what a frozen row says.

    `stated`: of each notice (key) whose time was corrected the one before that, by which an older freeze knows it.
    """

    def __init__(self, found: Evidence, stated: Mapping[int, int]) -> None:
        self._found = found
        reports, notices, booked = found.facts.reports, found.facts.notices, found.booking.notices
        self._report_of = {key: n for n, key in enumerate(reports.report_id.tolist())}
        self._notices: defaultdict[_Key, list[int]] = defaultdict(list)
        for n, (report_id, kind, at) in enumerate(
            zip(notices.report_id.tolist(), notices.kind.tolist(), notices.at.tolist(), strict=True)
        ):
            report = self._report_of[report_id]
            self._notices[reports.source[report], reports.record_id[report], kind, at].append(n)
        self._retimed: defaultdict[_Key, list[int]] = defaultdict(list)  # what time holds now
        for n, key in enumerate(notices.notice_id.tolist()):
            if key in stated:
                report = self._report_of[int(notices.report_id[n])]
                before = (reports.source[report], reports.record_id[report], notices.kind[n], stated[key])
                self._notices[before].append(n)
                self._retimed[before].append(int(notices.at[n]))
        self._entries = {
            (notice, role): n
            for n, (notice, role) in enumerate(zip(booked.notice.tolist(), booked.role.tolist(), strict=True))
        }
        self._derived: defaultdict[_Key, list[Row]] = defaultdict(list)
        for row in table_rows(found.derived):
            if row["role"] in ROLES:
                self._derived[_key(row)].append(row)

    def notice(self, row: Row) -> Matched:
        """The notice that the row came of: of several at one instant the one that says what the row says."""
        notices = self._found.facts.notices
        nearest, fits = Matched(None, None, None, None), -1
        for n in self._notices[row["source"], row["record_id"], row["clock"], row["notified_at"]]:
            entry = self._entries.get((n, row["role"]))
            match = None if entry is None else self._match(n, entry, Role(row["role"]))
            alike = (
                match == row["addressee_match"],
                notices.status[n] == row["notice_status"],
                notices.sender[n] == row["notice_sender"],
            )
            if sum(alike) > fits:
                fits = sum(alike)
                nearest = Matched(n, entry, self._report_of[int(notices.report_id[n])], match)
        return nearest

    def _match(self, notice: int, entry: int, role: Role) -> AddresseeMatch:
        notices, booked = self._found.facts.notices, self._found.booking.notices
        capacity = Capacity(notices.capacity[notice])
        return addressee_match(
            int(booked.provider[entry]), notices.party[notice], int(booked.party[entry]), capacity, role
        )

    def differing(self, row: Row) -> tuple[str, ...] | None:
        """The columns that would differ now, of the row that is nearest; None where no row would be made."""
        candidates = self._derived[_key(row)] or self._at_other_times(row)
        return min((_differing(row, now) for now in candidates), key=len, default=None)

    def _at_other_times(self, row: Row) -> list[Row]:
        """The rows that would be made now where the time of the row's notice was corrected since the freeze."""
        source, record, role, clock, at = _key(row)
        times = self._retimed[source, record, clock, at]
        return [now for held in times for now in self._derived[source, record, role, clock, held]]


def table_rows(table: EpisodeTable) -> list[Row]:
    """Each row by the names of its columns, as plain values."""
    columns = {name: values.tolist() for name, values in table.arrays().items()}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _key(row: Row) -> _Key:
    return row["source"], row["record_id"], row["role"], row["clock"], row["notified_at"]


def _differing(frozen: Row, now: Row) -> tuple[str, ...]:
    return tuple(name for name in COMPARED if not _same(frozen[name], now[name]))


def _same(one: object, other: object) -> bool:
    """Numbers are the same as the digest of a freeze rounds them; not known is the same as not known."""
    if isinstance(one, float) and isinstance(other, float):
        if isnan(one) or isnan(other) or isinf(one) or isinf(other):
            return one == other or (isnan(one) and isnan(other))
        return abs(one - other) <= _NEAR
    return one == other


def state(row: Row, facing: Facing, *, in_store: bool) -> tuple[str, str | None]:
    """What the row says of its facts, and the columns that would differ."""
    if not in_store:
        return MISSING, None
    names: Sequence[str] | None = facing.differing(row)
    if names is None:
        return CHANGED, "no row would be made now"
    return (CHANGED, " ".join(names)) if names else (AS_FROZEN, None)


__all__ = ["AS_FROZEN", "CHANGED", "MISSING", "ROLES", "Facing", "Matched", "Row", "state", "table_rows"]
