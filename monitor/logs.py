"""What `run` says on standard error: lines for people, or one JSON object a line for a collector of logs.

In: an event's name and its fields. Out: a line. What would surprise: nothing of this program says a URL, host or
address in the first place; the last step before a line is written looks again and puts `[withheld]` in place of what
looks like one, because what libraries say, or a later change, may not be so careful. Fields are never a record's id.
"""

import json
import logging
import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any, Literal, TextIO

import structlog

from monitor.clock import now

WITHHELD = "[withheld]"
_OURS = re.compile(r"(?:docs/[a-z-]+\.md|monitor\.(?:toml|key|sqlite))\b")
_URL = re.compile(r"[a-z][a-z0-9+.-]{1,20}:/{2}\S*", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_HOST = re.compile(r"(?<![\w.-])(?:[^\W_](?:[\w-]{0,61}\w)?\.)+(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,63})(?:/\S*)?", re.I)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?:[:/]\S*)?")
_IPV6 = re.compile(r"\[?[0-9a-f:]*:[0-9a-f:.]*:[0-9a-f:.]*\]?", re.IGNORECASE)
Fields = MutableMapping[str, Any]


class Log:
    """Writes events to one stream. `said` is the line that people read; the other fields are for the collector."""

    def __init__(self, form: Literal["text", "json"], stream: TextIO, **always: str) -> None:
        """`always`: fields of every event, such as the worker's name."""
        render = _as_json if form == "json" else _as_text
        self._logger = structlog.wrap_logger(
            structlog.WriteLogger(stream),  # a line is one write: those of several workers do not mix
            processors=[_stamped, withheld, render],
            wrapper_class=structlog.BoundLogger,
        ).bind(**always)

    def tell(self, event: str, said: str, **fields: object) -> None:
        self._logger.info(event, said=said, **fields)

    def alert(self, event: str, said: str, **fields: object) -> None:
        self._logger.warning(event, said=said, **fields)

    def fail(self, event: str, said: str, **fields: object) -> None:
        self._logger.error(event, said=said, **fields)


class _Forwarding(logging.Handler):
    """What libraries log, as an event of ours. Their tracebacks are left out: these can hold anything."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        try:
            said = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit their text
            said = "a message that cannot be formatted"
        say = self._log.alert if record.levelno >= logging.WARNING else self._log.tell
        say("library", said, library=record.name.partition(".")[0])


@contextmanager
def libraries_through(log: Log) -> Iterator[None]:
    """Meanwhile what libraries log goes to `log`, and Python's warnings with it."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, [_Forwarding(log)]
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.handlers = before


def withheld(_logger: object, _method: str, event: Fields) -> Fields:
    """The processor before the last: every text in the fields, however deep, without what looks like a secret."""
    return {name: _clean(value) for name, value in event.items()}


def clean_text(text: str) -> str:
    """The text with `[withheld]` in place of URLs, e-mail addresses, hosts and IP addresses."""
    kept = dict[str, str]()

    def keep(match: re.Match[str]) -> str:
        kept[mark := f"\0{len(kept)}\0"] = match[0]
        return mark

    text = _OURS.sub(keep, text)
    for pattern in (_URL, _MAIL, _HOST, _IPV4):
        text = pattern.sub(WITHHELD, text)
    text = _IPV6.sub(lambda match: WITHHELD if _is_address(match[0]) else match[0], text)
    for mark, own in kept.items():
        text = text.replace(mark, own)
    return text


def _clean(value: object) -> object:
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {clean_text(str(name)): _clean(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(each) for each in value]
    return clean_text(str(value))


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip("[]."))
    except ValueError:
        return False
    return text != "::"


def _stamped(_logger: object, method: str, event: Fields) -> Fields:
    return {"at": now().isoformat(timespec="milliseconds"), "level": method, "event": event.pop("event"), **event}


def _as_json(_logger: object, _method: str, event: Fields) -> str:
    return json.dumps(event, ensure_ascii=False, sort_keys=False, default=str)


def _as_text(_logger: object, _method: str, event: Fields) -> str:
    """What a person reads; a warning begins as every message of the program does."""
    said = str(event["said"]).replace("\n", " ")
    return said if event["level"] == "info" else f"monitor: {said}"
