"""The Notices, checks and Episodes of one Target, each with the rule that makes it what it is.

In: the rows that the derivation gave for the Target; nothing is decided here again. What would surprise: a Notice
without a row is a reminder, or its report does not count.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby

import numpy as np

from monitor.attribution.explain_addresses import iso
from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, Booking, Facts
from monitor.model.episode import EpisodeTable
from monitor.model.explanation import CheckStory, EpisodeStory, NoticeRole, NoticeStory
from monitor.model.provider import Registry
from monitor.model.scorecard import Norm
from monitor.model.words import AddresseeMatch, Cause, End, EpisodeStatus, NoticeKind, NoticeStatus, Outcome, Role

RECORDED_TRUSTED, RECORDED_UNTRUSTED, BRACKET = "recorded-trusted-1", "recorded-untrusted-1", "bracket-1"
CHECK_RULES = {
    RECORDED_TRUSTED: "A check recorded by a trusted source is taken as it was recorded: one offline check ends an "
    "episode.",
    RECORDED_UNTRUSTED: "A check recorded by a source that is not trusted counts as one reading: offline is confirmed "
    "by three of them over 30 minutes.",
    BRACKET: "The report's own last online and first offline times stand in where no check log says anything.",
}
_MATCHES = {
    AddresseeMatch.ATTRIBUTED.value: "no addressee is written, so it went to the party attributed at that moment",
    AddresseeMatch.SAME.value: "it was addressed to the attributed party",
    AddresseeMatch.OTHER.value: "it was addressed to another party",
    AddresseeMatch.UNRECOGNISED.value: "it was addressed to a name that the registry does not know",
    AddresseeMatch.OTHER_CAPACITY.value: "it told its party in another capacity",
    AddresseeMatch.UNKNOWN.value: "nobody is attributed, so nobody can be compared",
}
_RETURNED = {
    NoticeStatus.BOUNCED.value: "it bounced",
    NoticeStatus.REFUSED.value: "the party refused it",
    NoticeStatus.NO_CONTACT.value: "no contact was published",
    NoticeStatus.FAILED.value: "the sender failed to send it",
}


def rows_of(rows: EpisodeTable) -> dict[tuple[str, str, int], list[int]]:
    """Places of the rows by (source, record id, time of notice)."""
    found: dict[tuple[str, str, int], list[int]] = {}
    for place in range(len(rows)):
        key = (rows.source[place], rows.record_id[place], int(rows.notified_at[place]))
        found.setdefault(key, []).append(place)
    return found


def notice_stories(
    facts: Facts, booking: Booking, rows: EpisodeTable, registry: Registry, record: tuple[str, str]
) -> tuple[NoticeStory, ...]:
    """Every Notice about the Target, in order of time, labelled N1, N2, ..."""
    by_notice, notices, reports = rows_of(rows), facts.notices, facts.reports
    place_of = {int(key): place for place, key in enumerate(reports.report_id.tolist())}
    order = np.argsort(notices.at, kind="stable").tolist()
    stories = []
    for number, i in enumerate(order, start=1):
        report = place_of[int(notices.report_id[i])]
        source, record_id = reports.source[report], reports.record_id[report]
        counts = bool(reports.eligible[report])
        mine = {
            rows.role[place]: place
            for place in by_notice.get((source, record_id, int(notices.at[i])), ())
            if rows.clock[place] == notices.kind[i]
        }
        stories.append(
            NoticeStory(
                label=f"N{number}",
                record_id=record_id,
                source=source,
                of_this_record=(source, record_id) == record,
                kind=notices.kind[i],
                status=notices.status[i],
                at=iso(int(notices.at[i])),
                sender=notices.sender[i],
                capacity=notices.capacity[i],
                addressee_written=notices.party[i] is not None,
                counts=counts,
                roles=tuple(_notice_roles(i, booking, mine, rows, registry, counts=counts)),
            )
        )
    return tuple(stories)


def _notice_roles(
    notice: int, booking: Booking, mine: Mapping[str, int], rows: EpisodeTable, registry: Registry, *, counts: bool
) -> Iterator[NoticeRole]:
    booked = booking.notices
    for entry in np.flatnonzero(booked.notice == notice).tolist():
        role = booked.role[entry]
        code = int(booked.provider[entry])
        provider = None
        if role == Role.SITE.value:
            provider = "the site itself"
        elif code != UNKNOWN:
            provider = registry.label(booking.provider_ids[code])
        place = mine.get(role)
        if place is None:
            why = (
                "an episode at this party was running already, or the same end was told of before: a reminder"
                if counts
                else "the report is not assessed illegal, or was withdrawn"
            )
            yield NoticeRole(role, provider, "", starts=False, why=why)
            continue
        status, match = rows.status[place], rows.addressee_match[place]
        starts = status in (EpisodeStatus.EPISODE.value, EpisodeStatus.BEFORE_NOTICE.value)
        yield NoticeRole(role, provider, match, starts, _why(status, match, rows.notice_status[place]))


def _why(status: str, match: str, notice_status: str) -> str:
    told = _MATCHES[match]
    if status == EpisodeStatus.UNDELIVERED.value:
        return f"{_RETURNED.get(notice_status, 'it was not delivered')}: no compliance figure"
    if status == EpisodeStatus.MISADDRESSED.value:
        return f"{told}: no clock for the attributed party"
    sent = (
        "its delivery is not known, which counts as sent" if notice_status == "unknown" else f"it was {notice_status}"
    )
    if status == EpisodeStatus.BEFORE_NOTICE.value:
        return f"{sent} and {told}; the material was gone before it: no episode"
    return f"{sent} and {told}: the clock starts"


def check_stories(
    facts: Facts,
    booking: Booking,
    labels: Mapping[int, str],
    registry: Registry,
    reasons: Mapping[int, str],
    notes: Mapping[int, list[str]],
) -> tuple[CheckStory, ...]:
    """Every check of the Target, in order of time; `notes` says at which instants a row's interval begins or ends."""
    readings, booked = facts.readings, booking.readings
    stories = []
    for i in np.argsort(readings.at, kind="stable").tolist():
        code = int(booked.network[i])
        confirmed = bool(readings.confirmed[i])
        recorded = RECORDED_TRUSTED if confirmed else RECORDED_UNTRUSTED
        stories.append(
            CheckStory(
                at=iso(int(readings.at[i])),
                outcome=Outcome(int(readings.outcome[i])).word,
                cause=Cause(int(readings.cause[i])).name.lower(),
                reason=reasons.get(int(readings.check_id[i])),
                rule=BRACKET if readings.bracket[i] else recorded,
                confirmed=confirmed,
                address=labels.get(int(readings.address[i])),
                provider=None if code == UNKNOWN else registry.label(booking.provider_ids[code]),
                note="; ".join(notes.get(int(readings.at[i]), ())),
            )
        )
    return tuple(stories)


def episode_stories(
    rows: EpisodeTable, notices: tuple[NoticeStory, ...], registry: Registry, norms: Mapping[NoticeKind, Norm]
) -> tuple[EpisodeStory, ...]:
    """Every row of the Target, by Notice and role."""
    labels = {(n.source, n.record_id, n.at, n.kind): n.label for n in notices}
    order = list(Role)
    stories = [_episode(rows, place, labels, registry, norms) for place in range(len(rows))]
    return tuple(sorted(stories, key=lambda story: (int(story.notice[1:]), order.index(Role(story.role)))))


def _episode(
    rows: EpisodeTable,
    place: int,
    labels: Mapping[tuple[str, str, str, str], str],
    registry: Registry,
    norms: Mapping[NoticeKind, Norm],
) -> EpisodeStory:
    key = (rows.source[place], rows.record_id[place], iso(int(rows.notified_at[place])), rows.clock[place])
    provider_id, moved_to = rows.provider_id[place], rows.moved_to[place]
    deadline = float(rows.deadline_hours[place])
    clock = NoticeKind(rows.clock[place])
    norm = deadline if clock is NoticeKind.ORDER and np.isfinite(deadline) else norms[clock].hours
    right = _number(rows.right_hours[place])
    is_episode = rows.status[place] == EpisodeStatus.EPISODE.value
    doubts = rows.attribution_doubts[place]
    return EpisodeStory(
        notice=labels[key],
        role=rows.role[place],
        clock=clock.value,
        provider_id=provider_id,
        provider=_shown(registry, provider_id),
        asn=int(rows.asn[place]) if rows.asn[place] != UNKNOWN else None,
        status=rows.status[place],
        basis=rows.attribution_basis[place],
        confidence=rows.attribution_confidence[place],
        doubts=tuple(doubts.split(";")) if doubts else (),
        unattributed=rows.unattributed_reason[place],
        addressee_match=rows.addressee_match[place],
        end=rows.end[place],
        left_hours=_number(rows.left_hours[place]),
        right_hours=right,
        gap_at_notice=bool(rows.gap_at_notice[place]),
        moved_to=_shown(registry, moved_to),
        flaps=int(rows.flaps[place]),
        interrupted=bool(rows.interrupted[place]),
        provisional=bool(rows.provisional[place]),
        recurrence=int(rows.recurrence[place]),
        norm_hours=norm if is_episode else None,
        within_norm=_within(rows, place, norm) if is_episode else None,
    )


def _within(rows: EpisodeTable, place: int, norm: float) -> str:
    """Whether the takedown lies within the norm: for certain, for certain not, or either."""
    left, right = float(rows.left_hours[place]), float(rows.right_hours[place])
    end = rows.end[place]
    if end in (End.MOVE.value, End.DOMAIN.value):
        return "no"
    if end == End.TAKEDOWN.value and right <= norm and not rows.gap_at_notice[place]:
        return "yes"
    return "cannot be said" if left < norm else "no"


def _shown(registry: Registry, provider_id: str | None) -> str | None:
    if provider_id is None:
        return None
    return registry.label(provider_id) if provider_id in registry.providers else provider_id


def _number(hours: float) -> float | None:
    return float(hours) if np.isfinite(hours) else None


def interval_notes(rows: EpisodeTable) -> dict[int, list[str]]:
    """At which instants (microseconds UTC) the interval of an Episode begins and ends, in words, by roles."""
    said: list[tuple[int, str, str]] = []
    for place in np.flatnonzero(rows.status == EpisodeStatus.EPISODE.value).tolist():
        zero, role = int(rows.notified_at[place]), rows.role[place]
        right = float(rows.right_hours[place])
        if not rows.gap_at_notice[place]:
            said.append((zero + round(float(rows.left_hours[place]) * MICROS_PER_HOUR), "last online", role))
        if np.isfinite(right):
            said.append((zero + round(right * MICROS_PER_HOUR), f"first reading of the end ({rows.end[place]})", role))
    notes: dict[int, list[str]] = {}
    for (at, words), group in groupby(sorted(set(said)), key=lambda entry: entry[:2]):
        notes.setdefault(at, []).append(f"{words} in role {', '.join(role for _, _, role in group)}")
    return notes
