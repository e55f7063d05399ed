"""The history of a Provider's orders as plain values: what its file holds as JSON, and what its PDFs are set from.

In: a Survey, the Provider, opened URLs. Out: one document of dicts and lists. What would surprise: facts alone are in
it, each with where it comes from (input and row, run, or who wrote it down and when) and its time; no estimate, no
share, no legal word. Times are ISO 8601 in UTC.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from monitor import store
from monitor.model.order import Order, OrderFact, OrderFactKind
from monitor.model.order_term import stated_hours
from monitor.model.provider import neutral_id
from monitor.model.retention import shown
from monitor.model.words import Outcome
from monitor.orders.chain import Link, ToldNotice, chain, notices_up_to
from monitor.orders.standing import OrderStanding, Survey
from monitor.survival import ORDER_RULES_VERSION

FORMAT = "orders-file-1"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """What the document says of itself."""

    provider_id: str
    made_at: datetime
    made_by: str
    why: str
    code_version: str
    publisher: str


def dossier(found: Survey, head: Head, standings: tuple[OrderStanding, ...]) -> Document:
    """The whole document; the orders by the time of their service."""
    urls = store.open_targets(found.db, {each.order.target_id for each in standings})
    reports = store.reported(found.db, {each.order.record_key for each in standings})
    ordered = sorted(standings, key=lambda each: (each.order.served_at, each.order.order_id))
    return {
        "format": FORMAT,
        "provider_id": shown_id(found, head.provider_id),
        "provider": found.label(head.provider_id),
        "identity": _identity(found, head.provider_id),
        "made_at": iso(head.made_at),
        "as_of": iso(found.moment),
        "made_by": head.made_by,
        "why": head.why,
        "code_version": head.code_version,
        "publisher": head.publisher,
        "rules": ORDER_RULES_VERSION,
        "orders": [_order(found, each, urls[each.order.target_id], reports[each.order.record_key]) for each in ordered],
    }


def shown_id(found: Survey, provider_id: str) -> str:
    """The id as it may be shown: that of a natural person could name them."""
    provider = found.registry.providers.get(provider_id)
    return neutral_id(provider_id) if provider is not None and provider.natural_person else provider_id


def iso(at: datetime | None) -> str | None:
    """An instant in ISO 8601 to the second; None stays None."""
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _identity(found: Survey, provider_id: str) -> Document:
    provider = found.registry.providers.get(provider_id)
    if provider is None or provider.natural_person:
        return {}
    held = provider.identity
    return {
        "legal_name": held.legal_name,
        "register_number": held.register_number,
        "postal_address": held.postal_address,
        "country": held.country,
        "country_source": held.country_source,
    }


def _order(found: Survey, standing: OrderStanding, url: store.OpenedTarget, about: store.Reported) -> Document:
    order, case = standing.order, standing.case
    told = notices_up_to(found, order)
    return {
        "order": order.order_id,
        "record_id": order.record_id,
        "source": order.source,
        "url": url.text,
        "path_withheld": url.withheld,
        "report": _report(about),
        "url_forgotten_at": iso(url.forgotten_at),
        "reference": shown(order.reference),
        "sender": order.sender,
        "channel": order.channel.value if order.channel else None,
        "status": order.status.value,
        "addressee": shown(order.party),
        "addressed_to": found.label(standing.addressed_to),
        "capacity": order.capacity.value,
        "served_at": iso(order.served_at),
        "stated_at": iso(order.stated_at) if order.stated_at != order.served_at else None,
        "corrected_because": order.why_corrected,
        "corrections": _corrections(found, order),
        "held_by": found.label(standing.held_by),
        "other_holder": standing.other_holder,
        "deadline_hours": stated_hours(order),
        "stated_hours": order.stated_hours,
        "deadline_at": iso(standing.term.deadline_at),
        "deadline_between": [iso(standing.term.earliest_at), iso(standing.term.latest_at)],
        "state": standing.term.state.value,
        "input": {"sha256": order.input_sha256, "row": order.row},
        "facts": [fact_fields(fact) for fact in order.facts],
        "result": {
            "result": standing.verdict.result.value,
            "rule": standing.verdict.rule,
            "reason": standing.verdict.reason,
            "reden": standing.verdict.reden,
            "last_online_at": iso(case.last_online_at),
            "end_at": iso(case.end_at),
            "end": case.end.value,
        },
        "confirmation": _confirmation(standing),
        "checks": _checks(found, standing),
        "chain": [_link(found, link) for link in chain(found, standing, told)],
        "notices": [_notice(one) for one in told],
        "around": around_fields(store.surroundings(found.db, order.target_id)),
    }


def _report(about: store.Reported) -> Document:
    """When the report came, and the newest that was said of the material."""
    said = about.assessed
    return {
        "reported_at": iso(about.reported_at),
        "assessment": said.assessment.value,
        "assessed_at": iso(said.at),
        "withdrawn_at": iso(said.withdrawn_at),
    }


def _corrections(found: Survey, order: Order) -> list[Document]:
    """The corrections in force of the order's record: what each says, who wrote it down, when and why."""
    return [
        {
            "correction": each.correction_id,
            "kind": each.kind.value,
            "status": each.status.value if each.status else None,
            "notified_at": iso(each.notified_at),
            "recorded_by": each.by,
            "recorded_at": iso(each.at),
            "why": each.why,
        }
        for each in store.corrections_of(found.db, (order.source, order.record_id))
    ]


def fact_fields(fact: OrderFact) -> Document:
    """One fact with who wrote it down, why and when; one that was undone says so."""
    said, undoing = fact.details, fact.undoing
    return {
        "fact": fact.fact_id,
        "kind": fact.kind.value,
        "at": iso(fact.at),
        "recorded_by": fact.by,
        "recorded_at": iso(fact.recorded_at),
        "why": fact.why,
        "document": said.document,
        "deadline_hours": said.deadline_hours,
        "deadline_at": iso(said.deadline_at),
        "finding": said.finding.value if said.finding else None,
        "officer": said.officer,
        "decision": said.decision.value if said.decision else None,
        "undone": fact.undone,
        "undone_by": undoing.by if undoing else None,
        "undone_at": iso(undoing.at) if undoing else None,
        "undone_why": undoing.why if undoing else None,
    }


def around_fields(around: store.Surroundings) -> Document:
    """Counts alone."""
    same_address = {**asdict(around.same_address), "n_addresses": len(around.addresses)}
    return {"same_site": asdict(around.same_site), "same_address": same_address}


def _confirmation(standing: OrderStanding) -> Document | None:
    """The last one; all of them stand under `facts`."""
    fact = standing.order.last(OrderFactKind.CONFIRMED)
    return None if fact is None else fact_fields(fact)


def _checks(found: Survey, standing: OrderStanding) -> list[Document]:
    """Every reading of the Target from the last one before the service on."""
    seen, served = standing.seen, standing.order.served_at
    first = max((n for n, at in enumerate(seen.history.at) if _instant(at) < served), default=0)
    keys = seen.check_ids[first:]
    words, origins = store.check_words(found.db, keys), store.origins_of_checks(found.db, keys)
    made = []
    for n, key in enumerate(keys, start=first):
        said, at = words[key], _instant(seen.history.at[n])
        made.append(
            {
                "at": iso(at),
                "hours_after_service": round((at - served).total_seconds() / 3600, 4),
                "outcome": Outcome(seen.history.outcome[n]).word,
                "own": said.own,
                "vantage": said.vantage or None,
                "http_status": said.status,
                "error": said.error,
                "reason": said.reason,
                "rule": said.rule,
                "origin": asdict(origins[key]),
            }
        )
    return made


def _instant(micros: int) -> datetime:

    return datetime.fromtimestamp(micros / 1e6, UTC)


def _link(found: Survey, link: Link) -> Document:
    shown = None if link.provider_id is None else shown_id(found, link.provider_id)
    return {**asdict(link), "provider_id": shown, "layer": link.layer.value, "told": list(link.told)}


def _notice(one: ToldNotice) -> Document:
    return {
        "notice": one.notice_id,
        "record_id": one.record_id,
        "source": one.source,
        "kind": one.kind.value,
        "at": iso(one.at),
        "status": one.status.value,
        "capacity": one.capacity.value,
        "deadline_hours": one.deadline_hours,
        "sender": one.sender,
        "addressee": shown(one.written),
        "addressed_to": one.party,
        "reference": one.reference,
        "channel": one.channel,
        "is_this_order": one.is_this_order,
        "origin": asdict(one.origin),
    }
