"""An Explanation as JSON and as text: what a researcher, an official or a provider's counsel reads.

What would surprise: roles that say the same are one line in the text; in the JSON each has its own entry.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from monitor.attribution.explain_words import BASES, DOUBTS, REASONS
from monitor.model.explanation import (
    AddressStory,
    CheckStory,
    CorrectionStory,
    DecisionStory,
    EpisodeStory,
    Explanation,
    NoticeStory,
    ResolutionStory,
)
from monitor.model.fact_correction import CorrectionKind

_LONGEST_LIST = 40
"""So many checks are written out; of a longer list the ones in between are counted."""
_STATUS = {
    "episode": "an episode",
    "before_notice": "gone before the notice: no episode",
    "undelivered": "not delivered: no compliance figure",
    "misaddressed": "told somebody else: no clock for this party",
}
_ENDS = {
    "takedown": "taken down",
    "move": "moved to another provider",
    "domain": "its name stopped resolving",
}
_NORM = {"yes": "met", "no": "not met", "cannot be said": "whether it was met cannot be said (see below)"}
_HOSTS = {"name": "a name", "ipv4": "an IPv4 address", "ipv6": "an IPv6 address"}


def explanation(found: Explanation) -> dict[str, Any]:
    """The fields of `Explanation`, with `rules` as objects of `id` and `sentence`, `spans` of `start` and `end`."""
    fields = asdict(found)
    fields["rules"] = [{"id": rule, "sentence": sentence} for rule, sentence in found.rules]
    fields["spans"] = [{"start": start, "end": end} for start, end in found.spans]
    return fields


def explanation_text(found: Explanation) -> str:
    """Headings and sentences, in the order in which the figure came about. Times are UTC."""
    lines = [f"Record {found.record_id} of source {found.source}, as known before {_time(found.cutoff)} UTC"]
    lines += _target(found)
    for heading, part in (
        ("Addresses", [line for address in found.addresses for line in _address(address)] or ["  none is known"]),
        ("Our own resolutions (used here)", [_resolution(resolution) for resolution in found.resolutions]),
        ("Corrections of facts", [_correction(correction) for correction in found.corrections]),
        ("Decisions by people", [_decision(decision) for decision in found.decisions]),
        ("Notices", [line for notice in found.notices for line in _notice(notice)] or ["  none: no clock ran"]),
        (_checks_heading(found), list(_checks(found.checks)) or ["  none"]),
        ("Booked", list(_booked(found.episodes)) or ["  nowhere: no notice about it makes a row"]),
        ("Other readings that were possible", [f"  {reading}" for reading in found.other_readings] or ["  none"]),
        ("Rules that were applied", [f"  {rule}: {sentence}" for rule, sentence in found.rules]),
    ):
        if part:
            lines += ["", heading, *part]
    return "\n".join(lines)


def _time(iso: str) -> str:
    """An instant as people read it: "2026-03-02 12:00:00"."""
    return iso.replace("T", " ").removesuffix("Z")


def _target(found: Explanation) -> Iterator[str]:
    if found.revealed:
        yield f"{'Host' if found.withheld else 'URL'}: {found.revealed}"
    path = "the path is withheld" if found.withheld else "the whole URL is known"
    if found.forgotten:
        path = f"its URL was {found.forgotten}"
    others = ""
    if found.n_reports > 1:
        others = f" {found.n_reports - 1} more report(s) name the same target: all its notices and checks are below."
    host = _HOSTS.get(found.host_kind, found.host_kind)
    yield f"Reported {_time(found.reported_at)} UTC. The host is {host}; {path}.{others}"
    yield (
        "The report counts: it is assessed illegal and not withdrawn."
        if found.counts
        else "The report does not count: it is excluded by a correction (below)."
        if any(correction.kind == CorrectionKind.EXCLUSION for correction in found.corrections)
        else "The report does not count: it is not assessed illegal, or was withdrawn."
    )


def _address(a: AddressStory) -> Iterator[str]:
    shown = f" {a.address}" if a.address else ""
    yield f"  {a.label}{shown}: {a.kind}, known from {', '.join(a.known_from)}; looked at as of {_time(a.at)}"
    yield f"    announced: {_announced(a)}"
    if a.proxy:
        yield f"    in the range of the reverse proxy {a.proxy}"
    yield f"    registered: {_registered(a)}"
    for doubt in a.doubts:
        yield f"    in doubt: {DOUBTS.get(doubt, doubt)}"
    if a.claimed_by:
        yield f"    a person assigned its network to {a.claimed_by}"


def _announced(a: AddressStory) -> str:
    if a.table_as_of is None:
        return "not known, because no routing table is as old as that"
    age = (date.fromisoformat(a.at[:10]) - date.fromisoformat(a.table_as_of)).days
    later = f", made on {a.table_made_on}" if a.table_made_on != a.table_as_of else ""
    table = f"routing table as of {a.table_as_of}, {age} days old{later} (sha256 {(a.table_sha256 or '')[:16]})"
    if a.prefix_length is None:
        return f"no prefix covers it; {table}"
    prefix = a.prefix or f"a /{a.prefix_length}, too narrow to show,"
    return f"{prefix} by {_numbers(a)}; {table}"


def _numbers(a: AddressStory) -> str:
    numbers = " and ".join(f"AS{asn}" for asn in a.origins) or "no AS"
    return _with_number(a.as_name, a.origins[0]) if a.as_name and len(a.origins) == 1 else numbers


def _with_number(name: str, asn: int | None) -> str:
    """A name with its AS number, unless the name bears it already."""
    return name if asn is None or f"AS{asn}" in name else f"{name} (AS{asn})"


def _registered(a: AddressStory) -> str:
    if a.asked_at is None:
        return "not known: no answer of a registry covers it"
    handle = " ".join(part for part in (a.network_handle, a.network_name) if part) or "a network that is not named here"
    kind = f", {a.network_type}" if a.network_type else ""
    dates = "".join(
        f", {word} {_time(at)}" for word, at in (("registered", a.registered_at), ("last changed", a.changed_at)) if at
    )
    holder = f", held by {a.holder}" if a.holder else ", its holder is not known"
    customer = f", handed on to {a.customer}" if a.customer else ""
    return f"{handle}{kind}{dates}{holder}{customer} (answer of {a.registry or 'a registry'}, {_time(a.asked_at)})"


def _resolution(r: ResolutionStory) -> str:
    chain = f", {r.n_cnames} alias(es)" if r.n_cnames else ""
    told = f"{r.status}, {r.n_addresses} address(es){chain}, to be kept {r.ttl_seconds} s"
    return f"  {_time(r.at)}  resolver {r.resolver}: {told}"


def _correction(c: CorrectionStory) -> str:
    letter = "" if c.letter_id is None else f" after letter {c.letter_id}"
    return f"  {c.correction_id}, {_time(c.at)}: {c.holds}{letter}; by {c.by}: {c.why}"


def _decision(d: DecisionStory) -> str:
    return f"  change {d.change_id}, {_time(d.at)}: this record is {d.provider}'s; decided by {d.by}: {d.why}"


def _notice(n: NoticeStory) -> Iterator[str]:
    whose = "" if n.of_this_record else f", came with record {n.record_id} of {n.source}"
    sender = f" from {n.sender}" if n.sender else ""
    capacity = f", told in capacity {n.capacity}" if n.capacity != "unknown" else ", capacity not written"
    yield f"  {n.label}: {n.kind}{sender}, {_time(n.at)}, status {n.status}{capacity}{whose}"
    same: dict[tuple[str | None, str], list[str]] = {}
    for role in n.roles:
        same.setdefault((role.provider, role.why), []).append(role.role)
    for (provider, why), roles in same.items():
        yield f"    {_roles(roles)}: {provider or 'nobody is attributed'}; {why}"


def _roles(roles: Sequence[str]) -> str:
    return f"role {roles[0]}" if len(roles) == 1 else f"roles {', '.join(roles[:-1])} and {roles[-1]}"


def _checks_heading(found: Explanation) -> str:
    rules = sorted({check.rule for check in found.checks})
    since = f", hours after {found.hours_from}" if found.hours_from else ""
    return f"Checks (UTC{since}; read by {', '.join(rules)})" if rules else "Checks"


def _checks(checks: tuple[CheckStory, ...]) -> Iterator[str]:
    shown = set(range(len(checks)))
    if len(checks) > _LONGEST_LIST:
        noted = [n for n, check in enumerate(checks) if check.note]
        ends = {*range(5), *range(len(checks) - 5, len(checks))}
        shown = ends | {place for n in noted for place in (n - 1, n, n + 1)}
    several = len({check.rule for check in checks}) > 1
    skipped = 0
    for n, check in enumerate(checks):
        if n not in shown:
            skipped += 1
            continue
        if skipped:
            yield f"  ... {skipped} more"
            skipped = 0
        yield _check(check, several=several)


def _check(c: CheckStory, *, several: bool) -> str:
    hours = "" if c.hours is None else f"  {c.hours:+9.2f} h"
    why = [word for word in (c.cause if c.outcome == "offline" else "", c.reason) if word]
    cause = f" ({', '.join(why)})" if why else ""
    where = f" at {c.address}" if c.address else ""
    who = f", {c.provider}" if c.provider else ""
    rule = f" [{c.rule}]" if several else ""
    note = f"   <- {c.note}" if c.note else ""
    return f"  {_time(c.at)}{hours}  {c.outcome}{cause}{where}{who}{rule}{note}"


def _booked(episodes: Sequence[EpisodeStory]) -> Iterator[str]:
    """One paragraph for all roles of a Notice that come to the same; their doubts can differ."""
    same: dict[EpisodeStory, list[EpisodeStory]] = {}
    for episode in episodes:
        same.setdefault(replace(episode, role="", doubts=(), confidence="", basis=""), []).append(episode)
    for mine in same.values():
        yield from _paragraph(mine)


def _paragraph(mine: Sequence[EpisodeStory]) -> Iterator[str]:
    e, roles = mine[0], [one.role for one in mine]
    who = (
        _with_number(e.provider, e.asn) if e.provider else f"nobody ({REASONS.get(e.unattributed or '', 'not known')})"
    )
    yield f"  {e.notice}, {_roles(roles)}: {who}; {_STATUS.get(e.status, e.status)}"
    for basis in dict.fromkeys(one.basis for one in mine):
        of = [one.role for one in mine if one.basis == basis]
        yield f"    attributed {BASES.get(basis, basis)}{_only(of, roles)}"
    yield from _confidence(mine, roles)
    if e.status == "episode":
        yield from _course(e)


def _only(of: Sequence[str], roles: Sequence[str]) -> str:
    return "" if list(of) == list(roles) else f" ({_roles(of)})"


def _confidence(mine: Sequence[EpisodeStory], roles: Sequence[str]) -> Iterator[str]:
    for confidence in dict.fromkeys(one.confidence for one in mine):
        of = [one.role for one in mine if one.confidence == confidence]
        yield f"    confidence {confidence}{_only(of, roles)}{':' if any(one.doubts for one in mine) else ''}"
        doubts = dict.fromkeys(d for one in mine if one.confidence == confidence for d in one.doubts)
        for doubt in doubts:
            so = [one.role for one in mine if doubt in one.doubts]
            yield f"      {doubt}: {DOUBTS.get(doubt, doubt)}{_only(so, of)}"


def _course(e: EpisodeStory) -> Iterator[str]:
    left = f"{e.left_hours or 0:.2f} h ({_time(e.left_at or '')})"
    if e.end == "censored" or e.right_hours is None:
        yield f"    no end seen before the cut-off; last known online {left} after the notice"
    else:
        moved = f" ({e.moved_to})" if e.moved_to else ""
        right = f"{e.right_hours:.2f} h ({_time(e.right_at or '')})"
        end = f"{_ENDS.get(e.end or '', e.end or '')}{moved}"
        yield f"    {end} later than {left} and not later than {right} after the notice"
    name = "deadline of the order" if e.clock == "order" else "norm"
    hours = "not recorded (12 h at most)" if e.norm_hours is None else f"{e.norm_hours:g} h"
    no_takedown = ", because that is no takedown" if e.end in ("move", "domain") and e.within_norm == "no" else ""
    yield f"    {name}: {hours}; {_NORM.get(e.within_norm or '', '')}{no_takedown}"
    for mark, is_so in (
        ("gap at the notice: no check found it online between the notice and the end", e.gap_at_notice),
        (f"flaps: {e.flaps}, marked among the checks", e.flaps),
        ("interrupted: it was gone before, and came back soon", e.interrupted),
        ("provisional: the end is young at the cut-off", e.provisional),
        (f"came back {e.recurrence} time(s) after the end", e.recurrence),
    ):
        if is_so:
            yield f"    {mark}"
