"""The checks of one Target, each with the rule that reads it and what it is to an Episode.

In: readings, their booking and the rows. Out: one story a check. What would surprise: what a check is (last online,
first of the end, part of a flap, a removal that was undone) is read back from the rows, never decided again.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from monitor.attribution.explain_addresses import iso
from monitor.attribution.explain_course import shown
from monitor.attribution.explain_rules import BRACKET, RECORDED_TRUSTED, RECORDED_UNTRUSTED
from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, BookedReadings, Booking, Codes, Facts
from monitor.model.episode import EpisodeTable
from monitor.model.explanation import CheckStory, NoticeStory
from monitor.model.provider import Registry
from monitor.model.words import Cause, End, EpisodeStatus, Outcome, Role

_SETTLED = {
    End.TAKEDOWN.value: "first offline: the takedown",
    End.DOMAIN.value: "first without the name: domain gone",
    End.MOVE.value: "first at another provider: the move",
}


def check_stories(
    facts: Facts,
    booking: Booking,
    rows: EpisodeTable,
    notices: Sequence[NoticeStory],
    labels: Mapping[int, str],
    registry: Registry,
    reasons: Mapping[int, str],
    zero: int | None,
    own: Mapping[int, tuple[str, str]] = MappingProxyType({}),
) -> tuple[CheckStory, ...]:
    """Every check of the Target, in order of time. `zero`: the notice from which hours run (microseconds).

    `own`: rule and reason of each check of our own, by its key; every other one was recorded.
    """
    readings, booked = facts.readings, booking.readings
    names: dict[tuple[str, str, str, str], str] = {}
    for n in notices:
        names.setdefault((n.source, n.record_id, n.at, n.kind), n.label)
    stories = []
    for i in np.argsort(readings.at, kind="stable").tolist():
        network, proxy = int(booked.network[i]), int(booked.proxy[i])
        code = network if network != UNKNOWN else proxy
        confirmed, at = bool(readings.confirmed[i]), int(readings.at[i])
        key = int(readings.check_id[i])
        recorded = RECORDED_TRUSTED if confirmed else RECORDED_UNTRUSTED
        rule, reason = own.get(key, (BRACKET if readings.bracket[i] else recorded, reasons.get(key)))
        stories.append(
            CheckStory(
                at=iso(at),
                hours=None if zero is None else (at - zero) / MICROS_PER_HOUR,
                outcome=Outcome(int(readings.outcome[i])).word,
                cause=Cause(int(readings.cause[i])).name.lower(),
                reason=reason,
                rule=rule,
                confirmed=confirmed,
                address=labels.get(int(readings.address[i])),
                provider=None if code == UNKNOWN else shown(registry, booking.provider_ids[code]),
                note="; ".join(_notes(i, facts, booking, rows, names)),
            )
        )
    return tuple(stories)


def _notes(
    check: int, facts: Facts, booking: Booking, rows: EpisodeTable, names: Mapping[tuple[str, str, str, str], str]
) -> Iterator[str]:
    """What this check is to each Episode; the roles are named only where they differ."""
    said: dict[tuple[str, str], list[str]] = {}
    roles: dict[str, list[str]] = {}
    for place in np.flatnonzero(rows.status == EpisodeStatus.EPISODE.value).tolist():
        zero = int(rows.notified_at[place])
        name = names[rows.source[place], rows.record_id[place], iso(zero), rows.clock[place]]
        roles.setdefault(name, []).append(rows.role[place])
        for words in to_episode(check, facts, booking, rows, place):
            said.setdefault((name, words), []).append(rows.role[place])
    for (name, words), mine in said.items():
        only = "" if mine == roles[name] else f", in role {' and '.join(mine)} alone"
        yield f"{name}: {words}{only}"


def to_episode(check: int, facts: Facts, booking: Booking, rows: EpisodeTable, place: int) -> Iterator[str]:
    """What one check (its place among the readings) is to the Episode in one row, in words."""
    readings = facts.readings
    at, outcome = int(readings.at[check]), int(readings.outcome[check])
    zero, end = int(rows.notified_at[place]), rows.end[place]

    def is_at(hours: float) -> bool:
        return bool(np.isfinite(hours)) and at == zero + round(float(hours) * MICROS_PER_HOUR)

    if outcome == Outcome.ONLINE and is_at(rows.left_hours[place]) and not rows.gap_at_notice[place]:
        yield "last online seen" if end == End.CENSORED.value else "last online before the end"
    if end in _SETTLED and is_at(rows.right_hours[place]) and _makes(end, outcome):
        yield _SETTLED[end]
    undone = rows.interrupted[place] and rows.first_right_hours[place] != rows.right_hours[place]
    if undone and outcome == Outcome.OFFLINE and is_at(rows.first_right_hours[place]):
        yield "first time gone, but back soon: no end"
    if rows.flaps[place] and outcome != Outcome.INCONCLUSIVE:
        held = int(_held(booking.readings, rows.role[place])[check])
        ends = zero + round(float(rows.right_hours[place]) * MICROS_PER_HOUR) if end != End.CENSORED.value else None
        elsewhere = held != UNKNOWN and booking.provider_ids[held] != rows.provider_id[place]
        if elsewhere and at > zero and (ends is None or at < ends):
            yield "elsewhere, and back soon: a flap, no move"


def _makes(end: str, outcome: int) -> bool:
    return outcome != Outcome.INCONCLUSIVE if end == End.MOVE.value else outcome == Outcome.OFFLINE


def _held(readings: BookedReadings, role: str) -> Codes:
    """The codes by which one role sees the readings."""
    columns = {Role.AS.value: readings.as_, Role.CUSTOMER.value: readings.customer, Role.PROXY.value: readings.proxy}
    return columns.get(role, readings.network)
