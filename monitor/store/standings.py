"""What judging remembers of a Target, and its anchors, as JSON: values in, short texts out, and back exactly.

What would surprise: a Standing is written without the fields that have their default, times as microseconds since
1970-01-01 UTC; a text that this version does not understand raises, because the schedule can be made again.
"""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from monitor.errors import StoreError
from monitor.model.observation import Anchor, Fingerprint, Standing
from monitor.model.words import NoticeKind
from monitor.store.times import from_micros, to_micros

_BASELINE = "baseline"
_DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(Standing)}
_TIMES = frozenset(each.name for each in fields(Standing) if each.type == datetime | None)
_FIRST = Standing()
_OF_FINGERPRINT = tuple((each.name, each.default) for each in fields(Fingerprint))
_PLAIN = tuple(name for name in _DEFAULTS if name not in _TIMES and name != _BASELINE)
_TIMES_IN_ORDER = tuple(name for name in _DEFAULTS if name in _TIMES)
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


def write_standing(standing: Standing) -> str:
    """The JSON of a Standing. Raises ValueError for a time without a zone."""
    said: dict[str, Any] = {}
    if standing.baseline is not None:
        said[_BASELINE] = _written(standing.baseline)
    for name in _PLAIN:
        if (plain := getattr(standing, name)) != _DEFAULTS[name]:
            said[name] = plain
    for name in _TIMES_IN_ORDER:
        if (at := getattr(standing, name)) is not None:
            said[name] = to_micros(at)
    return _encode(said)


def read_standing(text: str) -> Standing:
    """The Standing of a JSON that `write_standing` made. Raises StoreError for any other text."""
    if text == "{}":
        return _FIRST
    try:
        said: dict[str, Any] = json.loads(text)
        for name in said.keys() & _TIMES:
            said[name] = from_micros(said[name])
        if _BASELINE in said:
            said[_BASELINE] = Fingerprint(**said[_BASELINE])
        return Standing(**said)
    except (ValueError, TypeError, AttributeError):
        raise _not_understood() from None


def write_anchors(anchors: Sequence[Anchor]) -> str:
    """The JSON of Anchors, in their order: each [time, kind or null, hours or null]."""
    return _encode(
        [(to_micros(each.at), None if each.kind is None else each.kind.value, each.deadline_hours) for each in anchors]
    )


def read_anchors(text: str) -> tuple[Anchor, ...]:
    """The Anchors of a JSON that `write_anchors` made. Raises StoreError for any other text."""
    try:
        return tuple(
            Anchor(from_micros(at), None if kind is None else NoticeKind(kind), hours)
            for at, kind, hours in json.loads(text)
        )
    except (ValueError, TypeError):
        raise _not_understood() from None


def _written(fingerprint: Fingerprint) -> dict[str, Any]:
    return {name: said for name, default in _OF_FINGERPRINT if (said := getattr(fingerprint, name)) != default}


def _not_understood() -> StoreError:
    return StoreError("The schedule was written by another version", "Run the version that wrote it")
