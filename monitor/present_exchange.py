"""The exchange of cases on the screen and as JSON: names, counts, times, what was told to whom; never a URL unasked."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from monitor.exchange_keys import SharedKey
from monitor.exchange_view import CaseView, Overview, Statement
from monitor.exchanging import Received, Sent
from monitor.handover.exchange_document import case_fields
from monitor.handover.signing import SigningKey, fingerprint_of
from monitor.model.exchange import CaseNotice, CaseOrder, DocumentFact, ExchangeLink
from monitor.present import aligned

_SHORT = 12


def fingerprint(key: SigningKey) -> dict[str, Any]:
    return {"public": key.public, "fingerprint": key.fingerprint}


def fingerprint_text(key: SigningKey) -> str:
    return f"{key.public}\nfingerprint {_grouped(key.fingerprint)}"


def _grouped(digits: str) -> str:
    """As it is read out over the telephone."""
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def linked(name: str, public: str, *, changed: bool) -> dict[str, Any]:
    return {"name": name, "fingerprint": fingerprint_of(public), "changed": changed}


def linked_text(name: str, public: str, *, changed: bool) -> str:
    said = "linked" if changed else "linked before, nothing changed"
    return f"{name}: {said}\nfingerprint {_grouped(fingerprint_of(public))}: compare it over a second way"


def shared(made: SharedKey) -> dict[str, Any]:
    path = None if made.sealed is None else str(made.sealed.path)
    return {"link": made.link, "key": made.digest, "changed": made.changed, "path": path}


def shared_text(made: SharedKey) -> str:
    if made.sealed is None:
        return (
            f"key {made.digest} is {'kept' if made.changed else 'here already'}; it has to be the same at {made.link}"
        )
    return f"{made.sealed.path}\nkey {made.digest}, sealed for {made.link}; they take it in with --import"


def sent(made: Sent) -> dict[str, Any]:
    return {
        "path": str(made.sealed.path),
        "digest": made.sealed.sha256,
        "document": made.document,
        "link": made.link,
        "sequence": made.sequence,
        "n_cases": len(made.names),
        "cases": list(made.names),
    }


def sent_text(made: Sent) -> str:
    return f"{made.sealed.path}\n{_cases(len(made.names))} for {made.link}; document {made.document}"


def received(taken: Received) -> dict[str, Any]:
    fields = asdict(taken)
    names = list(fields.pop("names"))
    return {**fields, "n_cases": len(names), "cases": names}


def received_text(taken: Received) -> str:
    said = "new" if taken.new else "here already, nothing changed"
    late = "; a later document of theirs was here before: it stays the newest" if taken.older else ""
    known = "this key file cannot tell which are known" if taken.known is None else f"{taken.known} known here"
    return f"{_cases(len(taken.names))} from {taken.link}, {known}; document {taken.document}: {said}{late}"


def _cases(n: int) -> str:
    return "1 case" if n == 1 else f"{n} cases"


def overview(found: Overview) -> dict[str, Any]:
    return {
        "links": [_link(each) for each in found.links],
        "documents": [_document(each) for each in found.documents],
        "cases": [_case(each) for each in found.cases],
    }


def _link(each: ExchangeLink) -> dict[str, Any]:
    fields = asdict(each)
    del fields["link_id"]
    return {**fields, "fingerprint": fingerprint_of(each.public)}


def _document(each: DocumentFact) -> dict[str, Any]:
    fields = asdict(each)
    del fields["document_id"]
    return {**fields, "made_at": _iso(each.made_at), "recorded_at": _iso(each.recorded_at)}


def _iso(at: datetime) -> str:
    """As the document itself writes its times."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def _case(view: CaseView) -> dict[str, Any]:
    newest = view.newest
    return {
        "case": view.name,
        "link": view.link,
        "received": view.received,
        "n_statements": len(view.statements),
        "made_at": _iso(newest.document.made_at),
        "purpose": newest.case.purpose.value,
        "n_notices": len(newest.case.notices),
        "n_orders": len(newest.case.orders),
        "has_url": any(each.kept.has_url for each in view.statements),
        "known": view.known,
        "records": [{"source": source, "record_id": record_id} for source, record_id in view.records],
    }


def overview_text(found: Overview) -> str:
    links = (
        ["link", "fingerprint", "age key", "shared key"],
        [
            (each.name, fingerprint_of(each.public)[:_SHORT], "yes" if each.age else "no", each.key_digest or "none")
            for each in found.links
        ],
    )
    cases = (
        ["case", "with", "way", "newest", "purpose", "notices", "orders", "known here"],
        [
            (
                view.name[:_SHORT],
                view.link,
                "in" if view.received else "out",
                f"{view.newest.document.made_at:%Y-%m-%d %H:%M}",
                view.newest.case.purpose.value,
                str(len(view.newest.case.notices)),
                str(len(view.newest.case.orders)),
                _known(view),
            )
            for view in found.cases
        ],
    )
    return aligned(*links) + (f"\n\n{aligned(*cases)}" if found.cases else "\n\nno cases yet")


def _known(view: CaseView) -> str:
    return "cannot tell" if view.known is None else "yes" if view.known else "no"


def case(view: CaseView, url: str | None) -> dict[str, Any]:
    statements = [
        {
            "document": each.document.digest,
            "sequence": each.document.sequence,
            "made_at": _iso(each.document.made_at),
            "recorded_at": _iso(each.document.recorded_at),
            "has_url": each.kept.has_url,
            "forgotten_at": None if each.kept.forgotten_at is None else _iso(each.kept.forgotten_at),
            **case_fields(each.case),
        }
        for each in view.statements
    ]
    revealed = {} if url is None else {"url": url}
    return {**_case(view), "statements": statements, **revealed}


def case_text(view: CaseView, url: str | None) -> str:
    way = "received from" if view.received else "sent to"
    lines = [f"case {view.name}", f"{way} {view.link}; known here: {_known(view)}"]
    lines += [f"our record {record_id} of {source}" for source, record_id in view.records]
    for each in view.statements:
        lines += ["", *_statement(each)]
    return "\n".join(lines if url is None else [*lines, "", url])


def _statement(each: Statement) -> list[str]:
    case, document = each.case, each.document
    lines = [
        f"as of {document.made_at:%Y-%m-%d %H:%M}Z, document {document.digest[:_SHORT]}: {case.purpose.value}",
        f"  reported {case.reported_at:%Y-%m-%d %H:%M}Z, {case.assessment.value}"
        + ("" if case.withdrawn_at is None else f", withdrawn {case.withdrawn_at:%Y-%m-%d %H:%M}Z")
        + ("; the URL came with it" if each.kept.has_url else ""),
    ]
    for notice in case.notices:
        by = f" by {notice.channel.value}" if notice.channel else ""
        lines.append(
            f"  {notice.kind.value} {notice.notified_at:%Y-%m-%d %H:%M}Z{by} to {_told(notice)}: {notice.status.value}"
        )
    for order in case.orders:
        until = "no certain deadline" if order.deadline_at is None else f"until {order.deadline_at:%Y-%m-%d %H:%M}Z"
        result = "" if order.result is None else f"; {order.result}"
        served = f"{order.served_at:%Y-%m-%d %H:%M}Z to {_told(order)}"
        lines.append(f"  order served {served}, {until}: {order.state}{result}")
        lines += [f"    {what} {at:%Y-%m-%d %H:%M}Z" for what, at in order.events]
    if each.kept.forgotten_at is not None:
        lines.append(f"  what it said was forgotten on {each.kept.forgotten_at:%Y-%m-%d}")
    return lines + ([] if case.note is None else [f"  note: {line}" for line in case.note.splitlines()])


def _told(message: CaseNotice | CaseOrder) -> str:
    withheld = "a party that is withheld" if message.party_withheld else "the party of that moment"
    return f"{message.party or withheld} ({message.capacity.value})"
