"""The rows of one role and clock as every statistic reads them: words as small codes, Providers as small numbers.

In: an EpisodeTable (`select`), or the columns of `episodes.parquet` that the store codes itself. Out: `Selected`.
What would surprise: a Provider to whom Targets only moved has a number too, and no row; and no reference of a report
is in it, so what is made from it can name none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import UNKNOWN, Codes, Columns, Flags, Floats, Ints, Small, Texts
from monitor.model.episode import EpisodeTable
from monitor.model.words import Doubt, End, EpisodeStatus, NoticeKind, NoticeStatus, Outcome, Role

STATUSES: tuple[str, ...] = tuple(status.value for status in EpisodeStatus)
ENDS: tuple[str, ...] = tuple(end.value for end in End)
NOTICE_STATUSES: tuple[str, ...] = tuple(status.value for status in NoticeStatus)
OUTCOMES: tuple[str, ...] = tuple(outcome.word for outcome in Outcome)

EPISODE = STATUSES.index(EpisodeStatus.EPISODE.value)
TAKEDOWN, MOVE, DOMAIN, CENSORED = (ENDS.index(end.value) for end in (End.TAKEDOWN, End.MOVE, End.DOMAIN, End.CENSORED))

ONLY_AS = "episodes-1"
"""Rows of this version know no registered network: whoever they name holds the AS."""


@dataclass(frozen=True, slots=True, eq=False)
class CodedRows(Columns):
    """One entry per row of the frozen table, in its order. A code is a place in the tuple of words; -1 = none.

    Hours run from the Notice, infinite where the end was not seen, NaN where not known; times are microseconds UTC.
    """

    provider: Codes  # place in Selected.ids
    moved_to: Codes  # place in Selected.ids, only where the Episode ended as a move
    status: Small  # STATUSES
    end: Small  # ENDS
    notice_status: Small  # NOTICE_STATUSES
    last_outcome: Small  # OUTCOMES
    target_id: Codes
    site_id: Codes
    cluster_id: Codes  # Provider x UTC day of notice
    asn: Ints  # -1 where not known
    reported_at: Ints
    notified_at: Ints
    left_hours: Floats
    right_hours: Floats
    weight: Floats
    deadline_hours: Floats
    first_left_hours: Floats
    first_right_hours: Floats
    tail_from_hours: Floats
    exposure_low_hours: Floats
    exposure_high_hours: Floats
    recurrence: Codes
    flaps: Codes
    page_target: Flags
    provisional: Flags
    interrupted: Flags
    gap_at_notice: Flags
    reason: Codes  # Selected.reasons: why there is no Provider
    doubts: Codes  # Selected.doubts: each a Doubt or several joined by ";"
    by_as: Flags  # booked as holder of the origin AS


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """Rows of one role and clock. `ids` are sorted; every Provider with a row or to which a Target moved is there."""

    rows: CodedRows
    ids: tuple[str, ...]
    role: Role
    clock: NoticeKind
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    n_fronted: int  # rows of the role proxy on the same clock

    @property
    def is_episode(self) -> Flags:
        episode: Flags = self.rows.status == EPISODE
        return episode

    def with_rows(self, rows: CodedRows) -> "Selected":
        """The same Providers and words over other rows."""
        return Selected(rows, self.ids, self.role, self.clock, self.reasons, self.doubts, self.n_fronted)


def select(episodes: EpisodeTable, *, clock: NoticeKind, role: Role) -> Selected:
    """The rows of this clock and role of a whole table."""
    on_clock = episodes.clock == clock.value
    mask = on_clock & (episodes.role == role.value)
    n_fronted = int((on_clock & (episodes.role == Role.PROXY.value)).sum())
    rows = episodes if mask.all() else episodes.take(mask)
    moved = rows.moved_to.copy()
    moved[~((rows.status == EpisodeStatus.EPISODE.value) & (rows.end == End.MOVE.value))] = None
    names = set(rows.provider_id.tolist()) | set(moved.tolist())
    ids = tuple(sorted(str(name) for name in names if name is not None))
    reasons, doubts = _vocabulary(rows.unattributed_reason), _vocabulary(rows.attribution_doubts)
    coded = CodedRows(
        provider=encode(rows.provider_id, ids).astype(np.int32),
        moved_to=encode(moved, ids).astype(np.int32),
        status=encode(rows.status, STATUSES).astype(np.int8),
        end=encode(rows.end, ENDS).astype(np.int8),
        notice_status=encode(rows.notice_status, NOTICE_STATUSES).astype(np.int8),
        last_outcome=encode(rows.last_outcome, OUTCOMES).astype(np.int8),
        reason=encode(rows.unattributed_reason, reasons).astype(np.int32),
        doubts=encode(rows.attribution_doubts, doubts).astype(np.int32),
        by_as=_by_as(rows, doubts),
        **_as_they_are(rows),
    )
    return Selected(coded, ids, role, clock, reasons, doubts, n_fronted)


def encode(values: Texts, known: Iterable[str]) -> Ints:
    """The place of each text in `known`, -1 where there is none (None, or a word that is not known)."""
    places: dict[str | None, int] = {name: place for place, name in enumerate(known)}
    return np.fromiter((places.get(value, UNKNOWN) for value in values.tolist()), np.int64, len(values))


def _vocabulary(values: Texts) -> tuple[str, ...]:
    return tuple(sorted(str(value) for value in set(values.tolist()) if value))


_SAME = (
    ("target_id", np.int32),
    ("site_id", np.int32),
    ("cluster_id", np.int32),
    ("asn", np.int64),
    ("reported_at", np.int64),
    ("notified_at", np.int64),
    ("left_hours", np.float64),
    ("right_hours", np.float64),
    ("weight", np.float64),
    ("deadline_hours", np.float64),
    ("first_left_hours", np.float64),
    ("first_right_hours", np.float64),
    ("tail_from_hours", np.float64),
    ("exposure_low_hours", np.float64),
    ("exposure_high_hours", np.float64),
    ("recurrence", np.int32),
    ("flaps", np.int32),
    ("page_target", np.bool_),
    ("provisional", np.bool_),
    ("interrupted", np.bool_),
    ("gap_at_notice", np.bool_),
)
"""Columns that are read as they are, with the type in which they are kept."""


def _as_they_are(rows: EpisodeTable) -> dict[str, NDArray[Any]]:
    return {name: getattr(rows, name).astype(dtype) for name, dtype in _SAME}


def _by_as(rows: EpisodeTable, doubts: tuple[str, ...]) -> Flags:
    """Whether the AS number of the row is its Provider's own: it was booked as holder of the AS."""
    by_role = np.isin(rows.role.astype(str), (Role.AS.value, Role.PROXY.value))
    by_role |= np.equal(rows.rule_version, ONLY_AS).astype(np.bool_)
    said = {joined: Doubt.AS_STANDS_IN.value in joined.split(";") for joined in doubts}
    stands_in = np.fromiter(
        (said.get(joined, False) for joined in rows.attribution_doubts.tolist()), np.bool_, len(rows)
    )
    by_as: Flags = by_role | stands_in
    return by_as
