"""Facts, booking and rows of one Target in; the Explanation of one of its records out.

What would surprise: the rows are those that the same derivation gives for a freeze at that cut-off, so the explanation
cannot differ from the figure that it explains.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from monitor.attribution.explain_addresses import AddressEvidence, address_stories, iso
from monitor.attribution.explain_course import (
    CHECK_RULES,
    check_stories,
    episode_stories,
    interval_notes,
    notice_stories,
)
from monitor.model.columns import UNKNOWN, UNKNOWN_AT, Booking, Facts
from monitor.model.episode import EpisodeTable
from monitor.model.explanation import AddressStory, EpisodeStory, Explanation
from monitor.model.method import Method
from monitor.model.provider import Registry
from monitor.model.words import Doubt, End, EpisodeStatus, Role

DOUBTS: Mapping[str, str] = {
    Doubt.STATED_ADDRESS.value: "the address is the one that the report states; no check read it by then",
    Doubt.OWN_RESOLUTION.value: "the address comes from our own resolution before the notice, not from a check",
    Doubt.LATER_RESOLUTION.value: "the address comes from our own resolution after the notice",
    Doubt.STATED_ORIGIN.value: "it is behind a reverse proxy, and the origin is the one that the report states",
    Doubt.AS_STANDS_IN.value: "the registered network is not known: the origin AS stands in",
    Doubt.CHANGED_SINCE.value: "the registration was changed after the event",
    Doubt.UNDATED.value: "the registration bears no date",
    Doubt.PERSON.value: "the network is registered to a natural person: the origin AS stands in",
    Doubt.NO_CUSTOMER.value: "no sub-allocation is known: the holder of the network stands in",
    Doubt.OLD_TABLE.value: "the routing table was older than the configured age",
    Doubt.TABLE_MADE_LATER.value: "the routing table was made after the event",
    Doubt.OVERRIDDEN.value: "a person decided it",
}


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All about one Target that the Explanation of a record needs. `reasons`: the words of a check, by its key."""

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
    revealed: str | None = None


def explain(evidence: Evidence) -> Explanation:
    """Put one record's attribution together, step by step."""
    facts, rows, registry = evidence.facts, evidence.rows, evidence.registry
    reports = facts.reports
    place = next(
        i
        for i in range(len(reports))
        if (reports.source[i], reports.record_id[i]) == (evidence.source, evidence.record_id)
    )
    at = _moment(facts, place)
    reveal = evidence.revealed is not None
    labels, addresses = address_stories(facts, registry, evidence.addresses, at, reveal=reveal)
    notices = notice_stories(facts, evidence.booking, rows, registry, (evidence.source, evidence.record_id))
    norms = {norm.clock: norm for norm in evidence.method.norms}
    episodes = episode_stories(rows, notices, registry, norms)
    notes = interval_notes(rows)
    return Explanation(
        record_id=evidence.record_id,
        source=evidence.source,
        cutoff=evidence.cutoff.isoformat(timespec="seconds").replace("+00:00", "Z"),
        reported_at=iso(int(reports.reported_at[place])),
        host_kind=evidence.host_kind,
        withheld=bool(facts.targets.withheld[0]),
        counts=bool(reports.eligible[place]),
        n_reports=len(reports),
        addresses=addresses,
        notices=notices,
        checks=check_stories(facts, evidence.booking, labels, registry, evidence.reasons, notes),
        episodes=episodes,
        other_readings=tuple(_other_readings(evidence, labels, addresses, episodes)),
        rules=(*evidence.method.rules, *CHECK_RULES.items()),
        revealed=evidence.revealed,
    )


def _moment(facts: Facts, place: int) -> int:
    """The record's first notice, else the time of its report."""
    mine = facts.notices.at[facts.notices.report_id == facts.reports.report_id[place]]
    return int(mine.min()) if len(mine) else int(facts.reports.reported_at[place])


def _other_readings(
    evidence: Evidence,
    labels: Mapping[int, str],
    addresses: tuple[AddressStory, ...],
    episodes: tuple[EpisodeStory, ...],
) -> Iterator[str]:
    """What else the same facts could have been read as, and why they were not."""
    yield from _other_roles(episodes)
    yield from _other_addresses(addresses)
    yield from _other_tables(evidence, labels)
    for episode in episodes:
        if episode.role in (Role.NETWORK.value, Role.PROXY.value):
            yield from _other_courses(episode)
    yield from sorted({DOUBTS[doubt] for episode in episodes for doubt in episode.doubts})


def _other_roles(episodes: tuple[EpisodeStory, ...]) -> Iterator[str]:
    for label in dict.fromkeys(episode.notice for episode in episodes):
        booked = {e.role: e.provider or "nobody" for e in episodes if e.notice == label and e.role != Role.SITE.value}
        if len(set(booked.values())) > 1:
            said = ", ".join(f"{provider} in role {role}" for role, provider in booked.items())
            yield f"{label}: whom it is booked on depends on the role: {said}"


def _other_addresses(addresses: tuple[AddressStory, ...]) -> Iterator[str]:
    told = {
        a.label: a.claimed_by or a.holder or a.as_name or (f"AS{a.origins[0]}" if a.origins else "nobody")
        for a in addresses
    }
    if len(set(told.values())) > 1:
        yield "by another address it would lead to another party: " + ", ".join(f"{k} to {v}" for k, v in told.items())
    for address in addresses:
        if len(address.origins) > 1:
            numbers = ", ".join(f"AS{asn}" for asn in address.origins)
            yield f"{address.label}: its prefix is announced by several AS numbers ({numbers})"


def _other_tables(evidence: Evidence, labels: Mapping[int, str]) -> Iterator[str]:
    """Tables of other dates that name another AS number for one of the addresses."""
    columns = evidence.addresses.attributed.columns
    for address, label in labels.items():
        mine = np.flatnonzero((columns.address == address) & (columns.as_of != UNKNOWN_AT))
        said = [(iso(int(columns.as_of[i]))[:10], _announced(columns.origins[i], int(columns.asn[i]))) for i in mine]
        if len({asn for _, asn in said}) > 1:
            yield f"{label}: the tables differ: " + ", ".join(f"{asn} from {day} on" for day, asn in said)


def _announced(origins: str | None, asn: int) -> str:
    if origins is not None:
        return " and ".join(f"AS{one}" for one in origins.split("_"))
    return "nobody" if asn == UNKNOWN else f"AS{asn}"


def _other_courses(episode: EpisodeStory) -> Iterator[str]:
    where = f"{episode.notice}, role {episode.role}"
    if episode.status == EpisodeStatus.MISADDRESSED.value:
        yield f"{where}: had the notice told this party, a clock would have started"
    if episode.gap_at_notice:
        yield f"{where}: no check found it online after the notice, so it may have gone before; the worst case is late"
    if episode.end == End.CENSORED.value:
        yield f"{where}: no end was seen; it may have ended at any time after the last check that found it online"
    if episode.flaps:
        yield f"{where}: {episode.flaps} stretch(es) at another provider were over within a day and count as no move"
    if episode.interrupted:
        yield f"{where}: an earlier removal was undone within seven days; by the first one it would have ended sooner"
    if episode.provisional:
        yield f"{where}: the end is younger than seven days at the cut-off; the material may still come back"
    if episode.within_norm == "cannot be said":
        yield f"{where}: the interval contains the norm, so it counts as late in the worst case and in time in the best"
