"""A dossier in one language as blocks, and these as a PDF for the archive (PDF/A-2a and PDF/UA-1).

In: the dossier, the words. Out: the PDF's bytes, the same for the same dossier. What would surprise: the template
knows no word; a character that the font lacks becomes a question mark, for an accessible PDF must not hold it.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

from monitor.orders.document_order import order_blocks
from monitor.orders.document_words import column_time, shown_time
from monitor.orders.dossier import Document
from monitor.orders.words import Words
from monitor.typesetting import compiled, known_characters

Block = dict[str, Any]


def pdf(dossier: Document, words: Words) -> bytes:
    """The document in one language."""
    source = (files("reports") / "templates" / "orders.typ").read_bytes()
    return compiled(source, {"document": _text(dossier, words)}, archival=True)


def _text(dossier: Document, words: Words) -> str:
    text = json.dumps(_document(dossier, words), ensure_ascii=False)
    unknown = {ord(char) for char in set(text)} - known_characters()
    return text.translate(dict.fromkeys(unknown - {0x0A}, "?"))


def _document(dossier: Document, words: Words) -> Document:
    made = datetime.fromisoformat(dossier["made_at"])
    label = words.label
    return {
        "title": f"{label['title']}: {dossier['provider']}",
        "language": words.language,
        "author": [dossier["publisher"]] if dossier["publisher"] else [],
        "date": [made.year, made.month, made.day, made.hour, made.minute, made.second],
        "page": label["page"],
        "foot": f"{dossier['provider_id']} · {shown_time(dossier['made_at'])}",
        "warning": words.text["sealed"],
        "lead": [words.text["about"], words.text["reach"]],
        "blocks": list(_blocks(dossier, words)),
    }


def _blocks(dossier: Document, words: Words) -> Iterator[Block]:
    label = words.label
    identity = dossier["identity"]
    pairs = [
        (label["provider"], f"{dossier['provider']} ({dossier['provider_id']})"),
        *((label[name], identity.get(name) or label["unknown"]) for name in ("legal_name", "register_number")),
        (label["postal_address"], identity.get("postal_address") or label["unknown"]),
        (label["country"], _country(identity, label["unknown"])),
        (label["made"], f"{shown_time(dossier['made_at'])}, {dossier['made_by']} ({dossier['code_version']})"),
        (label["for"], dossier["why"]),
        (label["orders"], str(len(dossier["orders"]))),
    ]
    yield {"kind": "pairs", "title": "", "rows": [list(pair) for pair in pairs]}
    yield {"kind": "heading", "text": label["overview"], "level": 1}
    head = [
        label[name] for name in ("order", "reference", "served_utc", "deadline_utc", "state", "result", "officer_found")
    ]
    yield {"kind": "table", "head": head, "rows": [_line(each, words) for each in dossier["orders"]], "widths": _WIDTHS}
    for each in dossier["orders"]:
        yield from order_blocks(each, words, dossier["rules"])
    yield {"kind": "heading", "text": label["sources"], "level": 1}
    yield {"kind": "table", "head": ["", label["hash"]], "rows": _sources(dossier["orders"]), "widths": [1, 4]}


_WIDTHS = [0.8, 1.8, 2.3, 2.3, 1.4, 2, 1.6]


def _country(identity: Document, unknown: str) -> str:
    country, source = identity.get("country"), identity.get("country_source")
    return f"{country} ({source})" if country and source else country or unknown


def _line(order: Document, words: Words) -> list[str]:
    result = order["result"]["result"]
    return [
        str(order["order"]),
        order["reference"] or words.label["none"],
        column_time(order["served_at"]),
        column_time(order["deadline_at"]) if order["deadline_at"] else _no_deadline(order, words),
        words.value(order["state"]),
        words.value(result),
        words.value(order["confirmation"]["finding"]) if order["confirmation"] else "",
    ]


def _no_deadline(order: Document, words: Words) -> str:
    """None was stated here, or a suspension leaves open when it ends."""
    return words.label["unknown"] if order["deadline_hours"] is None else words.text["uncertain"]


def _sources(orders: Sequence[Document]) -> list[list[str]]:
    found = {order["input"]["sha256"] for order in orders}
    for order in orders:
        beside = [each["origin"]["input_sha256"] for name in ("checks", "notices") for each in order[name]]
        found |= set(filter(None, beside))
    return [[each[:8], each] for each in sorted(found)]
