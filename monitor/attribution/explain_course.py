"""The Notices and Episodes of one Target, each with the reason why it is what it is.

In: the rows that the derivation gave for the Target; nothing is decided here again. What would surprise: a Notice
without a row is a reminder, stands behind another one, or its report does not count; the role `site` is left out.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from monitor.attribution.explain_addresses import iso
from monitor.attribution.explain_words import MATCHES, RETURNED
from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, Booking, Facts
from monitor.model.episode import EpisodeTable
from monitor.model.explanation import EpisodeStory, NoticeRole, NoticeStory
from monitor.model.provider import Registry
from monitor.model.scorecard import Norm
from monitor.model.words import End, EpisodeStatus, NoticeKind, NoticeStatus, Role

LONGEST_ORDER_HOURS = 12.0
"""No order may allow more, so an order whose deadline was not recorded allowed at most this."""
ROLES = tuple(role.value for role in (Role.NETWORK, Role.AS, Role.CUSTOMER, Role.PROXY))
_NoticeKey = tuple[str, str, int, str]


def without_sites(rows: EpisodeTable) -> EpisodeTable:
    """The rows of the roles that are explained."""
    return rows.take(rows.role != Role.SITE.value)


def notice_stories(
    facts: Facts, booking: Booking, rows: EpisodeTable, registry: Registry, record: tuple[str, str]
) -> tuple[NoticeStory, ...]:
    """Every Notice about the Target, in order of time, labelled N1, N2, ..."""
    notices, reports = facts.notices, facts.reports
    place_of = {int(key): place for place, key in enumerate(reports.report_id.tolist())}
    order = np.lexsort((notices.kind.astype(str), notices.at)).tolist()
    labels: dict[_NoticeKey, str] = {}
    for number, i in enumerate(order, start=1):
        report = place_of[int(notices.report_id[i])]
        key = (reports.source[report], reports.record_id[report], int(notices.at[i]), notices.kind[i])
        labels.setdefault(key, f"N{number}")
    stories = []
    for number, i in enumerate(order, start=1):
        report = place_of[int(notices.report_id[i])]
        source, record_id = reports.source[report], reports.record_id[report]
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
                counts=bool(reports.eligible[report]),
                roles=tuple(_notice_roles(i, report, facts, booking, rows, registry, labels)),
            )
        )
    return tuple(stories)


def _notice_roles(
    notice: int,
    report: int,
    facts: Facts,
    booking: Booking,
    rows: EpisodeTable,
    registry: Registry,
    labels: Mapping[_NoticeKey, str],
) -> Iterator[NoticeRole]:
    booked, notices, reports = booking.notices, facts.notices, facts.reports
    at = int(notices.at[notice])
    same = (rows.record_id == reports.record_id[report]) & (rows.source == reports.source[report])
    same &= (rows.notified_at == at) & (rows.clock == notices.kind[notice])
    entries = {booked.role[i]: i for i in np.flatnonzero(booked.notice == notice).tolist()}
    for role in ROLES:
        if role not in entries:
            continue
        code = int(booked.provider[entries[role]])
        provider_id = None if code == UNKNOWN else booking.provider_ids[code]
        provider = shown(registry, provider_id)
        places = np.flatnonzero(same & (rows.role == role))
        if len(places):
            place = int(places[0])
            status, match = rows.status[place], rows.addressee_match[place]
            starts = status in (EpisodeStatus.EPISODE.value, EpisodeStatus.BEFORE_NOTICE.value)
            yield NoticeRole(role, provider, match, starts, _why(status, match, rows.notice_status[place]))
        elif not reports.eligible[report]:
            why = "the report is not assessed illegal, was withdrawn or is excluded: nothing starts"
            yield NoticeRole(role, provider, "", starts=False, why=why)
        else:
            why = _why_no_row(rows, role, provider_id, notices.kind[notice], notices.status[notice], at, labels)
            yield NoticeRole(role, provider, "", starts=False, why=why)


def _why(status: str, match: str, notice_status: str) -> str:
    told = f"it {MATCHES[match]}"
    if status == EpisodeStatus.UNDELIVERED.value:
        return f"{RETURNED.get(notice_status, 'it was not delivered')}: no clock and no compliance figure"
    if status == EpisodeStatus.MISADDRESSED.value:
        return f"{told}: no clock for this party"
    unknown = "its delivery is not known, which counts as sent"
    sent = unknown if notice_status == NoticeStatus.UNKNOWN.value else f"it was {notice_status}"
    if status == EpisodeStatus.BEFORE_NOTICE.value:
        return f"{sent}, and {told}; the material was gone before it: no episode"
    return f"{sent}, and {told}: the clock starts"


def _why_no_row(
    rows: EpisodeTable,
    role: str,
    provider_id: str | None,
    kind: str,
    status: str,
    at: int,
    labels: Mapping[_NoticeKey, str],
) -> str:
    """Why a Notice that counts made no row of its own: which other Notice stands for it."""
    if not NoticeStatus(status).starts_clock:
        return f"{RETURNED[status]}; another notice to this party stands for it: no row of its own"
    mine = (rows.clock == kind) & (rows.notified_at <= at)
    mine &= (rows.role == role) | np.isin(role, (Role.NETWORK.value, Role.PROXY.value)) & (
        (rows.role == Role.NETWORK.value) | (rows.role == Role.PROXY.value)
    )
    for place in np.flatnonzero(mine & (rows.status == EpisodeStatus.EPISODE.value)).tolist():
        runs_on = float(rows.notified_at[place]) + float(rows.right_hours[place]) * MICROS_PER_HOUR > at
        if runs_on and provider_id in (rows.provider_id[place], None):
            return (
                f"the episode of {labels[_key(rows, place)]} at this party still runs: a reminder, which starts nothing"
            )
    for place in np.flatnonzero(mine).tolist():
        started = rows.status[place] in (EpisodeStatus.EPISODE.value, EpisodeStatus.BEFORE_NOTICE.value)
        if started and rows.provider_id[place] == provider_id:
            return (
                f"the same removal was told of by {labels[_key(rows, place)]} already: a reminder, which starts nothing"
            )
    return "it told somebody else, and another notice to this party stands for it: no row of its own"


def _key(rows: EpisodeTable, place: int) -> _NoticeKey:
    return rows.source[place], rows.record_id[place], int(rows.notified_at[place]), rows.clock[place]


def episode_stories(
    rows: EpisodeTable, notices: Sequence[NoticeStory], registry: Registry, norms: Mapping[NoticeKind, Norm]
) -> tuple[EpisodeStory, ...]:
    """Every row of the Target, by Notice and role."""
    labels: dict[tuple[str, str, str, str], str] = {}
    for n in notices:
        labels.setdefault((n.source, n.record_id, n.at, n.kind), n.label)
    stories = [_episode(rows, place, labels, registry, norms) for place in range(len(rows))]
    return tuple(sorted(stories, key=lambda story: (int(story.notice[1:]), ROLES.index(story.role))))


def _episode(
    rows: EpisodeTable,
    place: int,
    labels: Mapping[tuple[str, str, str, str], str],
    registry: Registry,
    norms: Mapping[NoticeKind, Norm],
) -> EpisodeStory:
    zero, provider_id = int(rows.notified_at[place]), rows.provider_id[place]
    clock = NoticeKind(rows.clock[place])
    is_episode = rows.status[place] == EpisodeStatus.EPISODE.value
    left, right = _number(rows.left_hours[place]), _number(rows.right_hours[place])
    deadline = _number(rows.deadline_hours[place]) if clock is NoticeKind.ORDER else norms[clock].hours
    doubts = rows.attribution_doubts[place]
    return EpisodeStory(
        notice=labels[rows.source[place], rows.record_id[place], iso(zero), clock.value],
        role=rows.role[place],
        clock=clock.value,
        provider_id=provider_id,
        provider=shown(registry, provider_id),
        asn=int(rows.asn[place]) if rows.asn[place] != UNKNOWN else None,
        status=rows.status[place],
        basis=rows.attribution_basis[place],
        confidence=rows.attribution_confidence[place],
        doubts=tuple(doubts.split(";")) if doubts else (),
        unattributed=rows.unattributed_reason[place],
        addressee_match=rows.addressee_match[place],
        end=rows.end[place],
        left_hours=left,
        right_hours=right,
        left_at=_after(zero, left),
        right_at=_after(zero, right),
        first_left_hours=_number(rows.first_left_hours[place]),
        first_right_hours=_number(rows.first_right_hours[place]),
        last_outcome=rows.last_outcome[place],
        gap_at_notice=bool(rows.gap_at_notice[place]),
        moved_to=shown(registry, rows.moved_to[place]),
        flaps=int(rows.flaps[place]),
        interrupted=bool(rows.interrupted[place]),
        provisional=bool(rows.provisional[place]),
        recurrence=int(rows.recurrence[place]),
        norm_hours=deadline if is_episode else None,
        within_norm=_within(rows, place, deadline) if is_episode else None,
    )


def _within(rows: EpisodeTable, place: int, limit: float | None) -> str:
    """Whether the end lies within the norm in both cases of the bounds, in none, or only in the best one.

    The same cases as `monitor.survival.bounds` counts (a test compares them on every row of the sample).
    """
    left, right = float(rows.left_hours[place]), float(rows.right_hours[place])
    end, gap = rows.end[place], bool(rows.gap_at_notice[place])
    is_order = rows.clock[place] == NoticeKind.ORDER.value
    complies = end == End.TAKEDOWN.value or (is_order and end == End.DOMAIN.value)
    longest = LONGEST_ORDER_HOURS if limit is None else limit
    if complies and limit is not None and right <= limit and not gap:
        return "yes"
    possibly = (complies or end == End.CENSORED.value) and (left < longest or right <= longest)
    return "cannot be said" if possibly or gap else "no"


def shown(registry: Registry, provider_id: str | None) -> str | None:
    """A Provider as people see it; a natural person is never named."""
    if provider_id is None:
        return None
    return registry.label(provider_id) if provider_id in registry.providers else provider_id


def _number(hours: float) -> float | None:
    return float(hours) if np.isfinite(hours) else None


def _after(zero: int, hours: float | None) -> str | None:
    return None if hours is None else iso(zero + round(hours * MICROS_PER_HOUR))
