"""Facts, booking and rows of one Target in; the Explanation of one of its records out.

What would surprise: the rows are those that the same derivation gives for a freeze at that cut-off, so the explanation
cannot differ from the figure that it explains.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from monitor.attribution.explain_addresses import AddressEvidence, address_stories, iso
from monitor.attribution.explain_checks import check_stories
from monitor.attribution.explain_course import episode_stories, notice_stories, without_sites
from monitor.attribution.explain_rules import applied_rules
from monitor.model.columns import UNKNOWN, UNKNOWN_AT, Booking, Facts
from monitor.model.episode import EpisodeTable
from monitor.model.explanation import AddressStory, DecisionStory, EpisodeStory, Explanation, ResolutionStory
from monitor.model.method import Method
from monitor.model.provider import Registry
from monitor.model.words import AttributionBasis, End, EpisodeStatus, NoticeKind, Outcome

RESOLVED = (AttributionBasis.RESOLUTION.value, AttributionBasis.LATER_RESOLUTION.value)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All about one Target that the Explanation of a record needs.

    `reasons`: the words of a recorded check, by its key. `own_rules`: the rule that read each check of our own,
    likewise, and `observation_rules` the sentences of those rules. `resolutions`: every one of the Target's host
    before the cut-off. `decisions`: the overrides of the record in force. `spans`: the stretches that `rows` were
    derived for.
    """

    source: str
    record_id: str
    cutoff: datetime
    facts: Facts
    booking: Booking
    rows: EpisodeTable
    registry: Registry
    method: Method
    addresses: AddressEvidence
    reasons: Mapping[int, str]
    host_kind: str
    resolutions: tuple[ResolutionStory, ...] = ()
    decisions: tuple[DecisionStory, ...] = ()
    spans: tuple[tuple[datetime, datetime], ...] = ()
    revealed: str | None = None
    own_rules: Mapping[int, str] = field(default_factory=dict)
    observation_rules: tuple[tuple[str, str], ...] = ()


def explain(evidence: Evidence) -> Explanation:
    """Put one record's attribution together, step by step."""
    facts, registry, method = evidence.facts, evidence.registry, evidence.method
    reports, rows = facts.reports, without_sites(evidence.rows)
    place = next(
        i
        for i in range(len(reports))
        if (reports.source[i], reports.record_id[i]) == (evidence.source, evidence.record_id)
    )
    mine = facts.notices.at[facts.notices.report_id == reports.report_id[place]]
    first_notice_at = int(mine.min()) if len(mine) else None
    at = int(reports.reported_at[place]) if first_notice_at is None else first_notice_at
    reveal = evidence.revealed is not None
    labels, addresses = address_stories(facts, registry, evidence.addresses, place, at, reveal=reveal)
    notices = notice_stories(facts, evidence.booking, rows, registry, (evidence.source, evidence.record_id))
    episodes = episode_stories(rows, notices, registry, {norm.clock: norm for norm in method.norms if norm.is_primary})
    zero = _zero(rows, evidence, first_notice_at)
    words = dict(evidence.observation_rules)
    own = {key: (rule, words.get(rule, rule)) for key, rule in evidence.own_rules.items()}
    checks = check_stories(facts, evidence.booking, rows, notices, labels, registry, evidence.reasons, zero, own)
    return Explanation(
        record_id=evidence.record_id,
        source=evidence.source,
        cutoff=_instant(evidence.cutoff),
        reported_at=iso(int(reports.reported_at[place])),
        host_kind=evidence.host_kind,
        withheld=bool(facts.targets.withheld[0]),
        counts=bool(reports.eligible[place]),
        n_reports=len(reports),
        addresses=addresses,
        notices=notices,
        hours_from=next((n.label for n in notices if zero is not None and n.at == iso(zero)), None),
        checks=checks,
        resolutions=evidence.resolutions if np.isin(evidence.booking.notices.basis, RESOLVED).any() else (),
        decisions=evidence.decisions,
        episodes=episodes,
        other_readings=tuple(dict.fromkeys(_other_readings(evidence, labels, addresses, episodes))),
        rules=applied_rules(method, addresses, notices, checks, episodes, evidence.observation_rules),
        spans=tuple((_instant(start), _instant(end)) for start, end in evidence.spans),
        revealed=evidence.revealed,
    )


def _zero(rows: EpisodeTable, evidence: Evidence, first_notice_at: int | None) -> int | None:
    """The notice from which the hours of checks run: that of the record's first Episode, else of the Target's.

    Where there is no Episode, the record's first one. Microseconds UTC; None where there is no notice.
    """
    episodes = rows.status == EpisodeStatus.EPISODE.value
    own = episodes & (rows.source == evidence.source) & (rows.record_id == evidence.record_id)
    for chosen in (own, episodes):
        if chosen.any():
            return int(rows.notified_at[chosen].min())
    return first_notice_at


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _other_readings(
    evidence: Evidence,
    labels: Mapping[int, str],
    addresses: tuple[AddressStory, ...],
    episodes: tuple[EpisodeStory, ...],
) -> Iterator[str]:
    """What else the same facts could have been read as, and what each would have changed."""
    yield from _other_roles(episodes)
    yield from _other_addresses(addresses)
    yield from _other_tables(evidence, labels)
    said: dict[tuple[str, str], list[str]] = {}
    roles: dict[str, list[str]] = {}
    for episode in episodes:
        roles.setdefault(episode.notice, []).append(episode.role)
        for words in _other_courses(episode):
            said.setdefault((episode.notice, words), []).append(episode.role)
    for (notice, words), mine in said.items():
        only = "" if mine == roles[notice] else f" (role {' and '.join(mine)})"
        yield f"{notice}{only}: {words}"


def _other_roles(episodes: tuple[EpisodeStory, ...]) -> Iterator[str]:
    for label in dict.fromkeys(episode.notice for episode in episodes):
        booked = {e.role: e.provider or "nobody" for e in episodes if e.notice == label}
        if len(set(booked.values())) > 1:
            said = ", ".join(f"{provider} in role {role}" for role, provider in booked.items())
            yield f"{label}: on whom it is booked depends on the role: {said}"


def _other_addresses(addresses: tuple[AddressStory, ...]) -> Iterator[str]:
    """Addresses that were known at the notice and lead to different parties; prefixes of several AS numbers."""
    told = {a.label: _leads_to(a) for a in addresses if a.at_notice}
    if len(set(told.values())) > 1:
        said = ", ".join(f"{label} to {party}" for label, party in told.items())
        yield f"the addresses known at the notice lead to different parties: {said}"
    for address in addresses:
        if len(address.origins) > 1:
            numbers = ", ".join(f"AS{asn}" for asn in address.origins)
            yield f"{address.label}: its prefix is announced by several AS numbers ({numbers}), and any may be meant"


def _leads_to(a: AddressStory) -> str:
    if a.proxy:
        return f"the reverse proxy {a.proxy}"
    return a.claimed_by or a.holder or a.as_name or (f"AS{a.origins[0]}" if a.origins else "nobody")


def _other_tables(evidence: Evidence, labels: Mapping[int, str]) -> Iterator[str]:
    """Tables of other dates that name another AS number for one of the addresses."""
    columns = evidence.addresses.attributed.columns
    for address, label in labels.items():
        mine = np.flatnonzero((columns.address == address) & (columns.as_of != UNKNOWN_AT))
        said = [(iso(int(columns.as_of[i]))[:10], _announced(columns.origins[i], int(columns.asn[i]))) for i in mine]
        if len({asn for _, asn in said}) > 1:
            yield f"{label}: the routing tables differ: " + ", ".join(f"{asn} from {day} on" for day, asn in said)


def _announced(origins: str | None, asn: int) -> str:
    if origins is not None:
        return " and ".join(f"AS{one}" for one in origins.split("_"))
    return "nobody" if asn == UNKNOWN else f"AS{asn}"


def _other_courses(episode: EpisodeStory) -> Iterator[str]:
    if episode.status == EpisodeStatus.MISADDRESSED.value:
        yield "had the notice told this party, a clock would have started"
    if episode.status == EpisodeStatus.BEFORE_NOTICE.value:
        yield "had the notice come before the end, a clock would have run"
    if episode.end == End.CENSORED.value and episode.status == EpisodeStatus.EPISODE.value:
        open_to = (
            "" if episode.within_norm == "no" else ": not within the norm in the worst case, within it in the best"
        )
        tail = _tail(episode)
        yield f"no end was seen, so it may have ended at any time after it was last found online{tail}{open_to}"
    if episode.flaps:
        yield f"{episode.flaps} stretch(es) at another provider were soon over; longer, they would have been a move"
    if episode.interrupted and episode.first_right_hours is not None:
        yield f"by the first removal it would have ended within {episode.first_right_hours:.2f} h of the notice"
    if episode.provisional:
        yield "the end is young at the cut-off: if the material comes back soon, it was none"
    if episode.within_norm == "cannot be said" and episode.end != End.CENSORED.value:
        yield _why_not_said(episode)


def _tail(episode: EpisodeStory) -> str:
    """What the last check said, where it was not that the material is online."""
    if episode.last_outcome in (None, Outcome.ONLINE.word):
        return ""
    offline = episode.last_outcome == Outcome.OFFLINE.word
    return f" (the last check found it {'offline, not confirmed' if offline else 'neither online nor offline'})"


def _why_not_said(episode: EpisodeStory) -> str:
    if episode.clock == NoticeKind.ORDER.value and episode.norm_hours is None:
        return "the order's deadline is not recorded: not within it in the worst case, possibly within it in the best"
    if episode.gap_at_notice:
        return (
            "no check found it online after the notice, so it may have gone before: not within the norm in the worst "
            "case, within it in the best"
        )
    return "the norm lies inside the interval: not within it in the worst case, within it in the best"
