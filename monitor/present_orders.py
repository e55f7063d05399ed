"""Orders as JSON values and as text for a terminal: numbers, times and results; no URL, no reference, no party's words.

What would surprise: an addressee is shown by its name in the registry; one that the registry does not know is not
shown, because the name as it was written is sealed.
"""

from collections.abc import Sequence
from typing import Any

from monitor.model.order import Order, OrderFact
from monitor.model.order_term import stated_hours
from monitor.orders.chain import PROXY_SEEN, Link, ToldNotice
from monitor.orders.dossier import around_fields, fact_fields, iso, shown_id
from monitor.orders.standing import OrderStanding, Survey
from monitor.present import aligned
from monitor.store import Surroundings


def fields(found: Survey, each: OrderStanding) -> dict[str, Any]:
    """One order as it stands."""
    order, case = each.order, each.case
    confirmed = [fact for fact in order.in_force_facts if fact.details.finding is not None]
    return {
        "order": order.order_id,
        "source": order.source,
        "record_id": order.record_id,
        "addressed_to": found.label(each.addressed_to),
        "held_by": found.label(each.held_by),
        "other_holder": each.other_holder,
        "provider_id": None if each.addressed_to is None else shown_id(found, each.addressed_to),
        "capacity": order.capacity.value,
        "status": order.status.value,
        "served_at": iso(order.served_at),
        "deadline_hours": stated_hours(order),
        "deadline_at": iso(each.term.deadline_at),
        "deadline_between": [iso(each.term.earliest_at), iso(each.term.latest_at)],
        "hours_left": round((each.term.latest_at - case.moment).total_seconds() / 3600, 2),
        "state": each.term.state.value,
        "objection_open": order.objection_open,
        "result": each.verdict.result.value,
        "rule": each.verdict.rule,
        "rules_version": each.verdict.version,
        "reason": each.verdict.reason,
        "last_online_at": iso(case.last_online_at),
        "end_at": iso(case.end_at),
        "officer_found": confirmed[-1].details.finding if confirmed else None,
        "input": {"sha256": order.input_sha256, "row": order.row},
    }


def list_text(found: Survey, standings: Sequence[OrderStanding]) -> str:
    """One line each."""
    if not standings:
        return "There is no such order."
    rows = []
    for each in standings:
        said = fields(found, each)
        rows.append(
            [
                str(said["order"]),
                said["record_id"],
                said["addressed_to"] or "not in the registry",
                f"{each.order.served_at:%Y-%m-%d %H:%M}",
                _deadline(each),
                said["state"],
                said["result"],
                said["officer_found"] or "",
                "objection open" if each.order.objection_open else "",
            ]
        )
    head = ["order", "record", "addressed to", "served (UTC)", "deadline (UTC)", "state", "result", "officer", ""]
    return aligned(head, rows)


def _deadline(each: OrderStanding) -> str:
    at = each.term.deadline_at
    return f"{at:%Y-%m-%d %H:%M}" if at is not None else _no_deadline(stated_hours(each.order))


def show_fields(
    found: Survey, each: OrderStanding, told: Sequence[ToldNotice], links: Sequence[Link]
) -> dict[str, Any]:
    """Everything of one order that is not sealed."""
    return {
        **fields(found, each),
        "facts": [_fact(fact) for fact in each.order.facts],
        "notices": [_told(one) for one in told],
        "chain": [
            {"layer": link.layer.value, "provider": link.provider, "asn": link.asn, "told": list(link.told)}
            for link in links
        ],
        "n_checks": sum(1 for at in each.seen.history.at if at >= each.order.served_at.timestamp() * 1e6),
    }


def _fact(fact: OrderFact) -> dict[str, Any]:
    """Without the document's reference and the officer's name, which are sealed."""
    return {name: value for name, value in fact_fields(fact).items() if name not in ("document", "officer")}


def _told(one: ToldNotice) -> dict[str, Any]:
    return {
        "notice": one.notice_id,
        "kind": one.kind.value,
        "at": iso(one.at),
        "status": one.status.value,
        "capacity": one.capacity.value,
        "addressed_to": one.party,
        "is_this_order": one.is_this_order,
    }


def show_text(found: Survey, each: OrderStanding, told: Sequence[ToldNotice], links: Sequence[Link]) -> str:
    """The same in lines."""
    said = fields(found, each)
    lines = [
        f"order {said['order']}, record {said['record_id']} ({said['source']})",
        f"addressed to: {said['addressed_to'] or 'not in the registry'}, as {said['capacity']}, {said['status']}",
        f"address booked on: {said['held_by'] or 'not known'}{', not the addressee' if each.other_holder else ''}",
        f"served {_time(said['served_at'])}, deadline {_term(said)}; {said['state']}",
        f"result by checks: {said['result']}. {said['reason']} ({said['rule']})",
        f"last seen online {_time(said['last_online_at'])}, end seen {_time(said['end_at'])}",
        f"officer: {said['officer_found'] or 'no finding on record'}",
    ]
    rows = [_fact_row(fact) for fact in each.order.facts]
    lines += ["", aligned(["fact", "kind", "at (UTC)", "by", "why", ""], rows)] if rows else ["", "no fact since"]
    parties = [
        [link.layer.value, link.provider or _nobody(link), ", ".join(map(str, link.told)) or "no notice"]
        for link in links
    ]
    lines += ["", aligned(["link", "party", "told by notice"], parties)]
    notices = [
        [str(one.notice_id), one.kind.value, f"{one.at:%Y-%m-%d %H:%M}", one.status.value, one.party or _unnamed(one)]
        for one in told
    ]
    lines += ["", aligned(["notice", "kind", "at (UTC)", "status", "addressed to"], notices)]
    return "\n".join(lines)


def _nobody(link: Link) -> str:
    return "one was seen, whose is not certain" if link.reason == PROXY_SEEN else "not known"


def _unnamed(one: ToldNotice) -> str:
    return "not known" if one.written is None else "not in the registry"


def _term(said: dict[str, Any]) -> str:
    if said["deadline_at"]:
        return _time(said["deadline_at"])
    earliest, latest = said["deadline_between"]
    why = _no_deadline(said["deadline_hours"])
    return f"{why}, {_time(latest)} at the latest" + (f", {_time(earliest)} at the earliest" if earliest else "")


def _no_deadline(hours: float | None) -> str:
    """None was stated here, or a suspension leaves open when it ends."""
    return "not known" if hours is None else "not certain"


def _time(text: str | None) -> str:
    return "never" if text is None else text.replace("T", " ").replace("Z", " UTC")


def _fact_row(fact: OrderFact) -> list[str]:
    detail = fact.details.finding or fact.details.decision
    kind = f"{fact.kind.value}: {detail.value}" if detail else fact.kind.value
    undone = f"undone by {fact.undoing.by}: {fact.undoing.why}" if fact.undoing else ""
    return [str(fact.fact_id), kind, f"{fact.at:%Y-%m-%d %H:%M}", fact.by, fact.why, undone]


def around(order: Order, found: Surroundings) -> dict[str, Any]:
    return {"order": order.order_id, **around_fields(found)}


def around_text(order: Order, found: Surroundings) -> str:
    """Counts, and what they do not say."""
    rows = [
        [place, *(str(n) for n in (one.n_targets, one.n_hosts, one.n_sites, one.n_reports, one.n_networks))]
        for place, one in (
            ("the same site", found.same_site),
            (f"its addresses ({len(found.addresses)})", found.same_address),
        )
    ]
    head = ["shared with", "other URLs", "host names", "sites", "reports", "origin AS"]
    return (
        f"order {order.order_id}\n{aligned(head, rows)}\n"
        "Counted is what was reported here. What else is there is not known, so each figure is a lower bound.\n"
        "Host names, sites, reports and AS numbers include those of the order itself."
    )
