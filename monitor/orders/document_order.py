"""One order of a dossier as the blocks of its PDF: what it says, what happened, what was seen, who was told.

In: the order's part of the dossier, the words. Out: blocks (headings, pairs, tables, sentences) of plain text.
"""

from collections.abc import Iterator, Mapping

from monitor.model.words import Assessment
from monitor.orders.document_seen import (
    around_blocks,
    chain_block,
    checks_blocks,
    notices_block,
    officer_blocks,
    result_blocks,
)
from monitor.orders.document_words import Block, column_time, hours, recorded, shown_time
from monitor.orders.dossier import Document
from monitor.orders.words import Words


def order_blocks(order: Document, words: Words, rules: str) -> Iterator[Block]:
    """All of one order."""
    label = words.label
    title = f"{label['order']} {order['order']}" + (f" ({order['reference']})" if order["reference"] else "")
    yield {"kind": "heading", "text": title, "level": 1, "page": True}
    yield from _said(order, words)
    yield _heading(label["events"])
    yield from _events(order, words)
    yield _heading(label["result_of_checks"])
    yield from result_blocks(order["result"], words, rules)
    yield _heading(label["officer"])
    yield from officer_blocks(order["facts"], words)
    yield _heading(label["chain"])
    yield chain_block(order, words)
    yield _heading(label["notices"])
    yield notices_block(order["notices"], words)
    yield _heading(label["checks"])
    yield from checks_blocks(order["checks"], words)
    yield _heading(label["around"])
    yield from around_blocks(order["around"], words)


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
    said = hours(order["deadline_hours"], words)
    if order["deadline_hours"] == order["stated_hours"]:
        return said
    return f"{said} ({words.text['in_notice'].format(hours=hours(order['stated_hours'], words))})"


def _url(order: Document, text: Mapping[str, str]) -> str:
    if order["url_forgotten_at"]:
        return text["forgotten"].format(at=shown_time(order["url_forgotten_at"]))
    url: str = order["url"]
    return text["withheld"].format(host=url) if order["path_withheld"] else url


def _source(order: Document, words: Words) -> str:
    """The row of the input; where that was written down here, by whom and when."""
    said = words.text["input"].format(hash=order["input"]["sha256"][:8], row=order["input"]["row"])
    hand = next((each for each in order["facts"] if each["kind"] == "recorded"), None)
    return f"{said}; {words.value('recorded')}: {recorded(hand, words)}" if hand else said


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
    rows = [[column_time(each["at"]), _event(each, words), recorded(each, words)] for each in facts]
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
    said += [hours(fact["deadline_hours"], words)] if fact["deadline_hours"] else []
    said += [shown_time(fact["deadline_at"])] if fact["deadline_at"] else []
    return f"{': '.join(said[:2])}{''.join(f', {each}' for each in said[2:])}. {fact['why']}"


def _correction(each: Document, words: Words) -> tuple[str, str]:
    """What a correction says, and who wrote it down."""
    what = words.value(each["status"]) if each["status"] else ""
    what = shown_time(each["notified_at"]) if each["notified_at"] else what
    said = f"{words.value(each['kind'])}{': ' if what else ''}{what}. {each['why']}"
    return said, words.text["by"].format(by=each["recorded_by"], at=shown_time(each["recorded_at"]))
