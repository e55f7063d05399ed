"""An Explanation as JSON and as text: what a researcher, an official or a provider's counsel reads."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from monitor.model.explanation import AddressStory, CheckStory, EpisodeStory, Explanation, NoticeStory

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
    "censored": "no end seen before the cut-off",
}


def explanation(found: Explanation) -> dict[str, Any]:
    """The same as fields."""
    fields = asdict(found)
    fields["rules"] = [{"id": rule, "sentence": sentence} for rule, sentence in found.rules]
    return fields


def explanation_text(found: Explanation) -> str:
    """Headings and sentences, in the order in which the figure came about."""
    lines = [f"Record {found.record_id} of source {found.source}, as known before {found.cutoff}"]
    if found.revealed:
        lines.append(f"URL: {found.revealed}")
    lines += _target(found)
    for heading, part in (
        ("Addresses", [line for address in found.addresses for line in _address(address)]),
        ("Notices", [line for notice in found.notices for line in _notice(notice)]),
        ("Checks", list(_checks(found.checks))),
        ("Booked", [line for episode in found.episodes for line in _episode(episode)]),
        ("Other readings that were possible", [f"  {reading}" for reading in found.other_readings]),
        ("Rules", [f"  {rule}: {sentence}" for rule, sentence in found.rules]),
    ):
        lines += ["", heading, *(part or ["  none"])]
    return "\n".join(lines)


def _target(found: Explanation) -> list[str]:
    path = "its path is withheld" if found.withheld else "its URL is known"
    counts = "counts: assessed illegal, not withdrawn" if found.counts else "does not count: not illegal, or withdrawn"
    others = f", with {found.n_reports - 1} more about the same target" if found.n_reports > 1 else ""
    return [
        f"Reported {found.reported_at}{others}; the host is {_HOSTS.get(found.host_kind, found.host_kind)}, {path}. "
        f"The report {counts}."
    ]


_HOSTS = {"name": "a name", "ipv4": "an IPv4 address", "ipv6": "an IPv6 address"}


def _address(a: AddressStory) -> Iterator[str]:
    shown = f" {a.address}" if a.address else ""
    yield f"  {a.label}{shown}: {a.kind}, known from {', '.join(a.known_from)}; looked at as of {a.at}"
    yield f"    announced: {_announced(a)}"
    if a.proxy:
        yield f"    in the range of the reverse proxy {a.proxy}"
    yield f"    registered: {_registered(a)}"
    if a.claimed_by:
        yield f"    a person assigned its network to {a.claimed_by}"


def _announced(a: AddressStory) -> str:
    if a.table_as_of is None:
        return "not known: no routing table is as old as that"
    later = f", made on {a.table_made_on}" if a.table_made_on != a.table_as_of else ""
    table = f"by the routing table as of {a.table_as_of}{later} (sha256 {(a.table_sha256 or '')[:16]})"
    if a.prefix_length is None:
        return f"no prefix covers it, {table}"
    prefix = a.prefix or f"a prefix of {a.prefix_length} bits, too narrow to show"
    numbers = " and ".join(f"AS{asn}" for asn in a.origins) or "no AS"
    name = f" ({a.as_name})" if a.as_name else ""
    return f"{prefix} by {numbers}{name}, {table}"


def _registered(a: AddressStory) -> str:
    if a.asked_at is None:
        return "no registry was asked, or none knew it then"
    handle = " ".join(part for part in (a.network_handle, a.network_name) if part) or "a network without a name"
    kind = f", {a.network_type}" if a.network_type else ""
    dates = "".join(
        f", {word} {at}" for word, at in (("registered", a.registered_at), ("last changed", a.changed_at)) if at
    )
    holder = f", held by {a.holder}" if a.holder else ", its holder is not known"
    customer = f", handed on to {a.customer}" if a.customer else ""
    return f"{handle}{kind}{dates}{holder}{customer} (answer of {a.registry} of {a.asked_at})"


def _notice(n: NoticeStory) -> Iterator[str]:
    whose = "" if n.of_this_record else f" (came with record {n.record_id} of {n.source})"
    sender = f" from {n.sender}" if n.sender else ""
    yield f"  {n.label}{whose}: {n.kind}{sender}, {n.at}, status {n.status}, capacity {n.capacity}"
    for role in n.roles:
        yield f"    role {role.role}: {role.provider or 'nobody is attributed'}: {role.why}"


def _checks(checks: tuple[CheckStory, ...]) -> Iterator[str]:
    noted = [n for n, check in enumerate(checks) if check.note]
    shown = set(range(len(checks)))
    if len(checks) > _LONGEST_LIST:
        ends = {*range(5), *range(len(checks) - 5, len(checks))}
        shown = ends | {place for n in noted for place in (n - 1, n, n + 1)}
    skipped = 0
    for n, check in enumerate(checks):
        if n not in shown:
            skipped += 1
            continue
        if skipped:
            yield f"  ... {skipped} more"
            skipped = 0
        yield _check(check)


def _check(c: CheckStory) -> str:
    cause = f" ({c.cause})" if c.outcome == "offline" else ""
    reason = f", reason given: {c.reason}" if c.reason else ""
    where = f" at {c.address}" if c.address else ""
    who = f", {c.provider}" if c.provider else ""
    note = f"   <- {c.note}" if c.note else ""
    return f"  {c.at} {c.outcome}{cause}{where}{who}{reason} [{c.rule}]{note}"


def _episode(e: EpisodeStory) -> Iterator[str]:
    number = f" (AS{e.asn})" if e.asn else ""
    who = f"{e.provider}{number}" if e.provider else f"nobody ({e.unattributed or 'not known'})"
    yield f"  {e.notice}, role {e.role}: {who}; {_STATUS.get(e.status, e.status)}"
    doubts = f", because of: {', '.join(e.doubts)}" if e.doubts else ""
    if e.role != "site":
        yield f"    attributed by: {e.basis}; confidence {e.confidence}{doubts}"
    if e.status != "episode":
        return
    until = "no end" if e.right_hours is None else f"{e.right_hours:.2f} h"
    moved = f" ({e.moved_to})" if e.moved_to else ""
    yield f"    {_ENDS.get(e.end or '', e.end or '')}{moved}, in ({e.left_hours:.2f} h, {until}] after the notice"
    yield f"    within the norm of {e.norm_hours:g} h: {e.within_norm}"
    marks = [
        word
        for word, is_so in (
            ("gap at the notice", e.gap_at_notice),
            (f"{e.flaps} flap(s)", e.flaps),
            ("interrupted", e.interrupted),
            ("provisional", e.provisional),
            (f"back online {e.recurrence} time(s)", e.recurrence),
        )
        if is_so
    ]
    if marks:
        yield f"    marks: {', '.join(marks)}"
