"""The document of the exchange as canonical bytes, and back.

In: a Document, or bytes from somebody else. Out: JSON in UTF-8 with sorted keys and no spaces; or the Document. What
would surprise: the reader writes what it understood once more and takes it only if that gives the very same bytes. So a
field that it does not know, a key that is there twice, a number written otherwise are refused, not passed over.
"""

import base64
import binascii
import json
import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from monitor.errors import HandoverError
from monitor.handover.pseudonym import SHARED_KEY_BYTES
from monitor.model.exchange import (
    Address,
    CaseDocument,
    CaseNotice,
    CaseOrder,
    CasePurpose,
    Document,
    ExchangedCase,
    KeyDocument,
    TargetKind,
)
from monitor.model.words import Assessment, Capacity, NoticeChannel, NoticeKind, NoticeStatus

FORMAT, VERSION = "monitor-exchange", 1
MOST_BYTES = 8 * 1024 * 1024
MOST_CASES, MOST_NOTICES, MOST_ORDERS, MOST_EVENTS = 2_000, 1_000, 100, 1_000
LONGEST_TEXT, LONGEST_NOTE, LONGEST_URL, LONGEST_WORD = 500, 1_000, 16_384, 40
_CASES, _KEY = "cases", "key"
_HEX = re.compile(r"[0-9a-f]*")
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
_WORD = re.compile(r"[a-z][a-z, -]*")

Member = TypeVar("Member", bound=Enum)
Fields = dict[str, Any]


class _Unfit(ValueError):
    """What is wrong, in words without anything of the content."""


def canonical(value: object) -> bytes:
    """The one way in which a value is written."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def document_fields(document: Document) -> Fields:
    """The document as it is written into JSON."""
    head = document.head
    fields = {
        "format": FORMAT,
        "version": VERSION,
        "from": head.sender,
        "to": head.receiver,
        "sequence": head.sequence,
        "made_at": _time(head.made_at),
        "key": head.key_digest,
    }
    if isinstance(document, KeyDocument):
        return {**fields, "kind": _KEY, "shared_key": base64.b64encode(document.shared_key).decode()}
    return {**fields, "kind": _CASES, "cases": [case_fields(case) for case in document.cases]}


def case_fields(case: ExchangedCase) -> Fields:
    """One case as it is written; `url` is there only where it is sent."""
    fields = {
        "case": case.name,
        "target": case.target,
        "target_kind": case.target_kind.value,
        "purpose": case.purpose.value,
        "reported_at": _time(case.reported_at),
        "assessment": case.assessment.value,
        "withdrawn_at": _time_or_none(case.withdrawn_at),
        "notices": [_notice_fields(notice) for notice in case.notices],
        "orders": [_order_fields(order) for order in case.orders],
        "note": case.note,
    }
    return fields if case.url is None else {**fields, "url": case.url}


def _notice_fields(notice: CaseNotice) -> Fields:
    return {
        "kind": notice.kind.value,
        "status": notice.status.value,
        "notified_at": _time(notice.notified_at),
        "channel": notice.channel and notice.channel.value,
        "sender": notice.sender,
        "party": notice.party,
        "party_withheld": notice.party_withheld,
        "capacity": notice.capacity.value,
        "deadline_seconds": notice.deadline_seconds,
    }


def _order_fields(order: CaseOrder) -> Fields:
    return {
        "served_at": _time(order.served_at),
        "party": order.party,
        "party_withheld": order.party_withheld,
        "capacity": order.capacity.value,
        "deadline_at": _time_or_none(order.deadline_at),
        "state": order.state,
        "result": order.result,
        "events": [{"what": what, "at": _time(at)} for what, at in order.events],
    }


def read_fields(fields: object) -> Document:
    """The document of parsed JSON. Raises HandoverError, which says what is wrong and nothing of the content."""
    try:
        document = _document(_fields(fields, "the document"))
        if canonical(document_fields(document)) != canonical(fields):
            raise _Unfit("it has a field that this version does not know, or one written in another way")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        what = str(error) if isinstance(error, _Unfit) else "a field is missing or of another kind"
        raise HandoverError(
            f"The document is not as docs/exchange.md has it: {what}", "Ask the sender which version made it"
        ) from None
    return document


def parsed(content: bytes) -> object:
    """JSON in its canonical form. Raises HandoverError."""
    try:
        value: object = json.loads(content.decode())
        if canonical(value) == content:
            return value
    except (ValueError, RecursionError):
        pass
    raise HandoverError("What is inside is no document of the exchange", "Ask the sender what this file is") from None


def read_case(content: bytes) -> ExchangedCase:
    """A case as `canonical(case_fields(case))` kept it."""
    return _case(json.loads(content))


def _document(fields: Fields) -> Document:
    if fields["format"] != FORMAT or fields["version"] != VERSION:
        raise _Unfit("it is of another format or version")
    head = Address(
        _hex(fields["from"], 64),
        _hex(fields["to"], 64),
        _number(fields["sequence"], 2**63 - 1),
        _read_time(fields["made_at"]),
        _hex(fields["key"], 16),
    )
    if fields["kind"] == _KEY:
        return KeyDocument(head, _secret(fields["shared_key"]))
    if fields["kind"] != _CASES:
        raise _Unfit("it is of another kind")
    cases = tuple(_case(_fields(each, "a case")) for each in _list(fields["cases"], MOST_CASES))
    if len({case.name for case in cases}) != len(cases):
        raise _Unfit("a case is in it twice")
    return CaseDocument(head, cases)


def _case(fields: Fields) -> ExchangedCase:
    return ExchangedCase(
        name=_hex(fields["case"], 64),
        target=_hex(fields["target"], 64),
        target_kind=_word(TargetKind, fields["target_kind"]),
        purpose=_word(CasePurpose, fields["purpose"]),
        reported_at=_read_time(fields["reported_at"]),
        assessment=_word(Assessment, fields["assessment"]),
        withdrawn_at=_read_time_or_none(fields["withdrawn_at"]),
        notices=tuple(_notice(_fields(each, "a notice")) for each in _list(fields["notices"], MOST_NOTICES)),
        orders=tuple(_order(_fields(each, "an order")) for each in _list(fields["orders"], MOST_ORDERS)),
        note=_text(fields["note"], LONGEST_NOTE, lines=True),
        url=_text(fields["url"], LONGEST_URL) if "url" in fields else None,
    )


def _notice(fields: Fields) -> CaseNotice:
    deadline = fields["deadline_seconds"]
    return CaseNotice(
        kind=_word(NoticeKind, fields["kind"]),
        status=_word(NoticeStatus, fields["status"]),
        notified_at=_read_time(fields["notified_at"]),
        channel=None if fields["channel"] is None else _word(NoticeChannel, fields["channel"]),
        sender=_text(fields["sender"], LONGEST_TEXT),
        party=_text(fields["party"], LONGEST_TEXT),
        party_withheld=_truth(fields["party_withheld"]),
        capacity=_word(Capacity, fields["capacity"]),
        deadline_seconds=None if deadline is None else _number(deadline, 2**31),
    )


def _order(fields: Fields) -> CaseOrder:
    return CaseOrder(
        served_at=_read_time(fields["served_at"]),
        party=_text(fields["party"], LONGEST_TEXT),
        party_withheld=_truth(fields["party_withheld"]),
        capacity=_word(Capacity, fields["capacity"]),
        deadline_at=_read_time_or_none(fields["deadline_at"]),
        state=_plain_word(fields["state"]),
        result=None if fields["result"] is None else _plain_word(fields["result"]),
        events=tuple(_event(_fields(each, "an event")) for each in _list(fields["events"], MOST_EVENTS)),
    )


def _event(fields: Fields) -> tuple[str, datetime]:
    return _plain_word(fields["what"]), _read_time(fields["at"])


def _fields(value: object, what: str) -> Fields:
    if not isinstance(value, dict):
        raise _Unfit(f"{what} is no JSON object")
    return value


def _list(value: object, most: int) -> list[object]:
    if not isinstance(value, list) or len(value) > most:
        raise _Unfit("a list is none, or too long")
    return value


def _hex(value: object, digits: int) -> str:
    if not isinstance(value, str) or len(value) != digits or not _HEX.fullmatch(value):
        raise _Unfit("a name or fingerprint is not of the right length in hex digits")
    return value


def _number(value: object, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise _Unfit("a number is none, negative or too large")
    return value


def _text(value: object, longest: int, *, lines: bool = False) -> str | None:
    """Printable text, so that nobody's terminal is at its mercy."""
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise _Unfit("a text is empty, too long or none")
    if not all(each.isprintable() or (lines and each == "\n") for each in value):
        raise _Unfit("a text holds control characters")
    return value


def _truth(value: object) -> bool:
    if type(value) is not bool:
        raise _Unfit("party_withheld is neither true nor false")
    return value


def _plain_word(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_WORD or not _WORD.fullmatch(value):
        raise _Unfit("a word is none")
    return value


def _word(words: type[Member], value: object) -> Member:
    try:
        return words(value)
    except ValueError:
        raise _Unfit(f"a word is none of: {', '.join(str(each.value) for each in words)}") from None


def _secret(value: object) -> bytes:
    try:
        secret = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except binascii.Error:
        secret = b""
    if len(secret) != SHARED_KEY_BYTES:
        raise _Unfit("the shared key is of another size")
    return secret


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_TIME)


def _time_or_none(at: datetime | None) -> str | None:
    return None if at is None else _time(at)


def _read_time(value: object) -> datetime:
    if not isinstance(value, str):
        raise _Unfit("a time is none")
    try:
        return datetime.strptime(value, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise _Unfit("a time is not written like 2026-03-01T09:00:00.000000Z") from None


def _read_time_or_none(value: object) -> datetime | None:
    return None if value is None else _read_time(value)
