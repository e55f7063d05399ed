"""A Market and its checks as the store would give them: Facts and Booking, and from them the rows of the Episodes.

In: a Market, Checks. Out: the EpisodeTable that the real code derives, with the Target of each row. What would
surprise: only the role `network` is booked, because the others would be the same rows again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor import survival
from monitor.model.columns import (
    MICROS_PER_HOUR,
    UNKNOWN,
    AttributionColumns,
    BookedNotices,
    BookedReadings,
    Booking,
    Facts,
    Floats,
    Ints,
    NoticeColumns,
    ReadingColumns,
    ReportColumns,
    TargetColumns,
    VoidColumns,
)
from monitor.model.episode import EpisodeTable, Span
from monitor.model.method import Thresholds
from monitor.model.period import Period
from monitor.model.words import AttributionBasis, Capacity, NoticeKind, NoticeStatus, Outcome, Role
from monitor.simulation.checks import FOLLOW_UP_DAYS, SECONDS, VOID, Checks
from monitor.simulation.market import Market

PERIOD = Period.parse("2026-01-01..2026-03-31")
CUTOFF = PERIOD.end + timedelta(days=FOLLOW_UP_DAYS)
ASN = 64496
"""For documentation."""
_ZERO = round(PERIOD.start.timestamp() * 1e6)


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """The table of the real episode code, and the place in Market.targets of each of its rows."""

    table: EpisodeTable
    target: Ints


def provider_ids(market: Market) -> tuple[str, ...]:
    """Invented names, so made that they sort as the Providers are numbered."""
    return tuple(f"provider-{n:04d}" for n in range(len(market.providers)))


def derive(market: Market, checks: Checks) -> Derived:
    """Hand the checks to the real episode code."""
    facts, booking = facts_of(market, checks)
    table = survival.episodes(facts, booking, Span(PERIOD.start, PERIOD.end, CUTOFF), Thresholds())
    return Derived(table, np.array([int(record) for record in table.record_id.tolist()], np.int64))


def facts_of(market: Market, checks: Checks) -> tuple[Facts, Booking]:
    """One report and one notice a Target; void checks apart from the readings, as the store keeps them."""
    truth, n = market.targets, len(market.targets)
    notified = _micros(truth.notified)
    at = notified[checks.target] + np.round(checks.at * (MICROS_PER_HOUR / SECONDS)).astype(np.int64)
    void = checks.outcome == VOID
    kept = checks.take(~void)
    number = np.arange(n)
    facts = Facts(
        targets=TargetColumns(number, truth.site, np.full(n, UNKNOWN), np.zeros(n, np.bool_)),
        reports=_reports(number, _micros(truth.reported)),
        notices=_notices(number, notified),
        readings=_readings(kept, at[~void]),
        attributions=_nothing(AttributionColumns),
        voids=VoidColumns(checks.target[void], at[void]),
    )
    ids = provider_ids(market)
    home = np.where(kept.elsewhere, truth.moved_to[kept.target], truth.provider[kept.target]).astype(np.int32)
    held = np.where(kept.outcome == Outcome.INCONCLUSIVE, UNKNOWN, home).astype(np.int32)
    return facts, Booking(ids, (None,) * len(ids), BookedReadings(held, held, held, held), _booked(market))


def _micros(hours: Floats) -> Ints:
    """Times UTC of hours after the Period's start."""
    return _ZERO + np.round(hours * MICROS_PER_HOUR).astype(np.int64)


def _text(n: int, value: str | None) -> NDArray[Any]:
    return np.full(n, value, np.object_)


def _reports(number: Ints, reported: Ints) -> ReportColumns:
    n, unknown = len(number), np.full(len(number), UNKNOWN)
    records = np.array([f"{each:07d}" for each in number.tolist()], np.object_)
    yes, known = np.ones(n, np.bool_), np.full(n, UNKNOWN, np.int8)
    return ReportColumns(
        number, _text(n, "simulation"), records, number, reported, yes, unknown, unknown, _text(n, None), known
    )


def _notices(number: Ints, notified: Ints) -> NoticeColumns:
    n = len(number)
    return NoticeColumns(
        notice_id=number,
        report_id=number,
        target_id=number,
        kind=_text(n, NoticeKind.REQUEST.value),
        status=_text(n, NoticeStatus.DELIVERED.value),
        at=notified,
        sender=_text(n, None),
        party=_text(n, None),
        capacity=_text(n, Capacity.HOSTING.value),
        deadline_hours=np.full(n, np.nan),
    )


def _readings(kept: Checks, at: Ints) -> ReadingColumns:
    n = len(kept)
    no = np.zeros(n, np.bool_)
    return ReadingColumns(np.arange(n), kept.target, at, kept.outcome, kept.cause, np.full(n, UNKNOWN), no, no, no)


def _booked(market: Market) -> BookedNotices:
    n = len(market.targets)
    return BookedNotices(
        notice=np.arange(n),
        role=_text(n, Role.NETWORK.value),
        provider=market.targets.provider.astype(np.int32),
        asn=np.full(n, ASN),
        party=np.full(n, UNKNOWN, np.int32),
        basis=_text(n, AttributionBasis.READING.value),
        reason=_text(n, None),
        fronted=np.zeros(n, np.bool_),
        confidence=_text(n, "full"),
        doubts=_text(n, None),
    )


def _nothing(kind: type[AttributionColumns]) -> AttributionColumns:
    none, text = np.empty(0, np.int64), np.empty(0, np.object_)
    return kind(none, none, none, text, text, text, none, none)
