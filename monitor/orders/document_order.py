"""One order of a dossier as the blocks of its PDF: what it says, what happened, what was seen, who was told.

In: the order's part of the dossier, the words. Out: blocks (headings, pairs, tables, sentences) of plain text.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.model.words import Assessment
from monitor.orders.chain import PROXY_SEEN
from monitor.orders.dossier import Document
from monitor.orders.words import Words

Block = dict[str, Any]
_MOST_CHECKS = 40


def shown_time(text: str) -> str:
    """2026-03-10 12:00:00 UTC"""
    return f"{column_time(text)} UTC"


def column_time(text: str) -> str:
    """2026-03-10 12:00:00, for a column whose head says that it is UTC."""
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S}"


def order_blocks(order: Document, words: Words, rules: str) -> Iterator[Block]:
    """All of one order."""
    label = words.label
    title = f"{label['order']} {order['order']}" + (f" ({order['reference']})" if order["reference"] else "")
    yield {"kind": "heading", "text": title, "level": 1, "page": True}
    yield from _said(order, words)
    yield _heading(label["events"])
    yield from _events(order, words)
    yield _heading(label["result_of_checks"])
    yield from _result(order["result"], words, rules)
    yield _heading(label["officer"])
    yield from _officer(order["facts"], words)
    yield _heading(label["chain"])
    yield _chain(order, words)
    yield _heading(label["notices"])
    yield _notices(order["notices"], words)
    yield _heading(label["checks"])
    yield from _checks(order["checks"], words)
    yield _heading(label["around"])
    yield from _around(order["around"], words)


def _heading(text: str) -> Block:
    return {"kind": "heading", "text": text, "level": 2}


def _said(order: Document, words: Words) -> Iterator[Block]:
    """What the order says; all of it stands in the same row of one input, but for what was recorded since."""
    label, text = words.label, words.text
    url = _url(order, text)
    served = shown_time(order["served_at"])
    if order["stated_at"]:
        served += f" ({text['stated'].format(at=shown_time(order['stated_at']))})"
    if order["corrected_because"]:
        served += f" ({text['corrected'].format(why=order['corrected_because'])})"
    rows = [
        (label["url"], url),
        (label["record"], f"{order['record_id']} ({order['source']}), {shown_time(order['report']['reported_at'])}"),
        (label["assessment"], _assessment(order["report"], words)),
        (label["sender"], order["sender"] or label["unknown"]),
        (label["addressee"], order["addressee"] or order["addressed_to"] or label["unknown"]),
        (label["capacity"], words.value(order["capacity"])),
        (label["held_by"], _held_by(order, words)),
        (label["served"], served),
        (label["status"], words.value(order["status"])),
        (label["deadline"], _stated(order, words)),
        (label["deadline_at"], _deadline(order, words)),
        (label["state"], words.value(order["state"])),
        (label["source"], _source(order, words)),
    ]
    yield {"kind": "pairs", "title": "", "rows": [list(row) for row in rows]}


def _assessment(report: Document, words: Words) -> str:
    """The newest that was said of the material; "illegal" without a time may be what an import takes for granted."""
    said = words.value(report["assessment"])
    if report["assessed_at"]:
        said += f", {shown_time(report['assessed_at'])}"
    elif report["assessment"] == Assessment.ILLEGAL:
        said = words.text["not_revised"]
    if report["withdrawn_at"]:
        said += "; " + words.text["report_withdrawn"].format(at=shown_time(report["withdrawn_at"]))
    return said


def _held_by(order: Document, words: Words) -> str:
    """Whose the address was when the order was served; it may be somebody else's than the addressee's."""
    held: str = order["held_by"] or words.label["unknown"]
    return f"{held} ({words.text['not_addressee']})" if order["other_holder"] else held


def _stated(order: Document, words: Words) -> str:
    """The hours as they hold; where a later fact says other ones than the notice, what that says too."""
    said = _hours(order["deadline_hours"], words)
    if order["deadline_hours"] == order["stated_hours"]:
        return said
    return f"{said} ({words.text['in_notice'].format(hours=_hours(order['stated_hours'], words))})"


def _url(order: Document, text: Mapping[str, str]) -> str:
    if order["url_forgotten_at"]:
        return text["forgotten"].format(at=shown_time(order["url_forgotten_at"]))
    url: str = order["url"]
    return text["withheld"].format(host=url) if order["path_withheld"] else url


def _source(order: Document, words: Words) -> str:
    """The row of the input; where that was written down here, by whom and when."""
    said = words.text["input"].format(hash=order["input"]["sha256"][:8], row=order["input"]["row"])
    hand = next((each for each in order["facts"] if each["kind"] == "recorded"), None)
    return f"{said}; {words.value('recorded')}: {_recorded(hand, words)}" if hand else said


def _hours(hours: float | None, words: Words) -> str:
    return (
        words.label["unknown"]
        if hours is None
        else words.text["hours"].format(hours=f"{hours:g}".replace(".", words.text["point"]))
    )


def _deadline(order: Document, words: Words) -> str:
    if order["deadline_at"]:
        return shown_time(order["deadline_at"])
    earliest, latest = order["deadline_between"]
    if earliest is None:
        return words.text["at_most"].format(latest=shown_time(latest))
    return words.text["between"].format(earliest=shown_time(earliest), latest=shown_time(latest))


def _events(order: Document, words: Words) -> Iterator[Block]:
    """What was recorded about the order by when it happened, then what was corrected of its record."""
    facts = sorted(order["facts"], key=lambda each: (each["at"], each["fact"]))
    rows = [[column_time(each["at"]), _event(each, words), _recorded(each, words)] for each in facts]
    rows += [[column_time(each["recorded_at"]), *_correction(each, words)] for each in order["corrections"]]
    if not rows:
        yield {"kind": "text", "text": words.text["no_events"]}
        return
    label = words.label
    head = [label["at"], label["event"], label["recorded"]]
    yield {"kind": "table", "head": head, "rows": rows, "widths": [2, 4, 3]}


def _event(fact: Document, words: Words) -> str:
    said = [words.value(fact["kind"])]
    said += [words.value(fact[name]) for name in ("finding", "decision") if fact[name]]
    said += [fact["officer"]] if fact["officer"] else []
    said += [_hours(fact["deadline_hours"], words)] if fact["deadline_hours"] else []
    said += [shown_time(fact["deadline_at"])] if fact["deadline_at"] else []
    return f"{': '.join(said[:2])}{''.join(f', {each}' for each in said[2:])}. {fact['why']}"


def _correction(each: Document, words: Words) -> tuple[str, str]:
    """What a correction says, and who wrote it down."""
    what = words.value(each["status"]) if each["status"] else ""
    what = shown_time(each["notified_at"]) if each["notified_at"] else what
    said = f"{words.value(each['kind'])}{': ' if what else ''}{what}. {each['why']}"
    return said, words.text["by"].format(by=each["recorded_by"], at=shown_time(each["recorded_at"]))


def _recorded(fact: Document, words: Words) -> str:
    said = words.text["by"].format(by=fact["recorded_by"], at=shown_time(fact["recorded_at"]))
    said += f"; {fact['document']}" if fact["document"] else ""
    if fact["undone"]:
        at = shown_time(fact["undone_at"])
        said += ". " + words.text["undone"].format(by=fact["undone_by"], at=at, why=fact["undone_why"])
    return said


def _result(result: Document, words: Words, rules: str) -> Iterator[Block]:
    text = words.text
    reason = result["reden"] if words.language == "nl" else result["reason"]
    yield {"kind": "strong", "text": words.value(result["result"])}
    said = [reason]
    if result["last_online_at"]:
        said.append(text["last_online"].format(at=shown_time(result["last_online_at"])))
    if result["end_at"]:
        ended = text["moved" if result["end"] == "move" else "end"]
        said.append(ended.format(at=shown_time(result["end_at"])))
    said.append(text["rule"].format(rule=result["rule"], version=rules))
    yield {"kind": "text", "text": " ".join(said)}


def _officer(facts: Sequence[Document], words: Words) -> Iterator[Block]:
    found = [each for each in facts if each["kind"] == "confirmed" and not each["undone"]]
    for each in found:
        said = f"{shown_time(each['at'])}, {each['officer']}: {words.value(each['finding'])}. {each['why']}"
        yield {"kind": "text", "text": f"{said} ({_recorded(each, words)})"}
    if not found:
        yield {"kind": "text", "text": words.text["no_officer"]}


def _chain(order: Document, words: Words) -> Block:
    label, rows = words.label, []
    kinds = {one["notice"]: one for one in order["notices"]}
    for link in order["chain"]:
        party = link["provider"] or _nobody(link, words)
        party += f" (AS{link['asn']})" if link["asn"] else ""
        told = [
            f"{words.value(kinds[key]['kind'])} {shown_time(kinds[key]['at'])} ({words.value(kinds[key]['status'])})"
            for key in link["told"]
        ]
        rows.append([words.value(link["layer"]), party, "; ".join(told) or words.text["not_told"]])
    return {"kind": "table", "head": [label["link"], label["party"], label["told"]], "rows": rows, "widths": [2, 3, 4]}


def _nobody(link: Document, words: Words) -> str:
    if link["layer"] == "proxy" and link["reason"] is None:
        return words.text["no_proxy"]
    if link["reason"] == PROXY_SEEN:
        return words.value(PROXY_SEEN)
    return words.text["nobody"].format(reason=words.value(link["reason"])) if link["reason"] else words.label["unknown"]


def _notices(notices: Sequence[Document], words: Words) -> Block:
    label = words.label
    rows = []
    for one in notices:
        party = one["addressee"] or one["addressed_to"] or label["unknown"]
        origin = one["origin"]
        rows.append(
            [
                column_time(one["at"]),
                _kind(one, words),
                f"{party} ({words.value(one['capacity'])})",
                words.value(one["status"]),
                one["reference"] or label["none"],
                words.text["input"].format(hash=origin["input_sha256"][:8], row=origin["row"]),
            ]
        )
    head = [label[name] for name in ("at", "kind", "addressee", "status", "reference", "source")]
    return {"kind": "table", "head": head, "rows": rows, "widths": [2.7, 1.5, 2.6, 1.6, 2.2, 2.1]}


def _kind(notice: Document, words: Words) -> str:
    """An order with the hours that it stated."""
    said = words.value(notice["kind"])
    return said if notice["deadline_hours"] is None else f"{said} ({_hours(notice['deadline_hours'], words)})"


def _checks(checks: Sequence[Document], words: Words) -> Iterator[Block]:
    if not checks:
        yield {"kind": "text", "text": words.text["no_checks"]}
        return
    label = words.label
    shown = checks if len(checks) <= _MOST_CHECKS else [*checks[: _MOST_CHECKS // 2], *checks[-_MOST_CHECKS // 2 :]]
    rows = [
        [
            column_time(each["at"]),
            _decimal(each["hours_after_service"], words),
            words.value(each["outcome"]),
            _answer(each),
            _origin(each["origin"], words),
        ]
        for each in shown
    ]
    head = [label[name] for name in ("at", "hours", "outcome", "answer", "source")]
    yield {"kind": "table", "head": head, "rows": rows, "widths": [2, 1.4, 1.6, 1.8, 2.4]}
    if len(shown) < len(checks):
        yield {"kind": "text", "text": words.text["some_checks"].format(shown=len(shown), n=len(checks))}


def _decimal(hours: float, words: Words) -> str:
    return f"{hours:.2f}".replace(".", words.text["point"])


def _answer(check: Document) -> str:
    status = f"HTTP {check['http_status']}" if check["http_status"] else None
    return status or check["error"] or check["reason"] or ""


def _origin(origin: Document, words: Words) -> str:
    if origin["run"] is not None:
        return words.text["run"].format(run=origin["run"])
    return words.text["input"].format(hash=origin["input_sha256"][:8], row=origin["row"])


def _around(around: Document, words: Words) -> Iterator[Block]:
    label = words.label
    names = ("n_targets", "n_hosts", "n_sites", "n_reports", "n_networks")
    rows = [[words.value(place), *(str(around[place][name]) for name in names)] for place in around]
    head = [label[name] for name in ("around_what", "targets", "hosts", "sites", "reports", "networks")]
    yield {"kind": "table", "head": head, "rows": rows, "widths": [2, 1, 1, 1, 1, 1]}
    yield {"kind": "text", "text": words.text["around"]}
