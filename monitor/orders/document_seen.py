"""What the checks and officers saw of an order, and who was told, as the blocks of its PDF.

In: the order's part of the dossier, the words. Out: tables and sentences of plain text.
"""

from collections.abc import Iterator, Sequence

from monitor.orders.chain import PROXY_SEEN
from monitor.orders.document_words import Block, column_time, hours, recorded, shown_time
from monitor.orders.dossier import Document
from monitor.orders.words import Words

_MOST_CHECKS = 40


def result_blocks(result: Document, words: Words, rules: str) -> Iterator[Block]:
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


def officer_blocks(facts: Sequence[Document], words: Words) -> Iterator[Block]:
    found = [each for each in facts if each["kind"] == "confirmed" and not each["undone"]]
    for each in found:
        said = f"{shown_time(each['at'])}, {each['officer']}: {words.value(each['finding'])}. {each['why']}"
        yield {"kind": "text", "text": f"{said} ({recorded(each, words)})"}
    if not found:
        yield {"kind": "text", "text": words.text["no_officer"]}


def chain_block(order: Document, words: Words) -> Block:
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


def notices_block(notices: Sequence[Document], words: Words) -> Block:
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
    return said if notice["deadline_hours"] is None else f"{said} ({hours(notice['deadline_hours'], words)})"


def checks_blocks(checks: Sequence[Document], words: Words) -> Iterator[Block]:
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


def around_blocks(around: Document, words: Words) -> Iterator[Block]:
    label = words.label
    names = ("n_targets", "n_hosts", "n_sites", "n_reports", "n_networks")
    rows = [[words.value(place), *(str(around[place][name]) for name in names)] for place in around]
    head = [label[name] for name in ("around_what", "targets", "hosts", "sites", "reports", "networks")]
    yield {"kind": "table", "head": head, "rows": rows, "widths": [2, 1, 1, 1, 1, 1]}
    yield {"kind": "text", "text": words.text["around"]}
