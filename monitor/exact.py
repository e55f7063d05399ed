"""Values from JSON that somebody else may have written: exactly the fields of a frozen value, of their own kinds.

In: bytes, or an object read from them. Out: the value. What would surprise: a field too many is as wrong as one too
few, and truth is no number, so that what is read writes the same bytes again.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

Value = TypeVar("Value")

NOT_READ = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)
"""What reading such JSON may raise: whoever reads makes one error of its own of them."""


def formatted(content: bytes) -> tuple[str, dict[str, Any]]:
    """The `format` that a JSON object names, and its other fields. Raises one of NOT_READ."""
    record = dict(json.loads(content))
    json.dumps(record, ensure_ascii=False).encode()  # a ValueError where a text has half of a surrogate pair
    return record.pop("format"), record


def value_of(kind: type[Value], record: Mapping[str, Any]) -> Value:
    """A frozen value of exactly these fields. Raises one of NOT_READ."""
    named = {each.name: each.type for each in fields(kind)}  # type: ignore[arg-type]
    if named.keys() != record.keys():
        raise ValueError("other fields")
    for name, as_type in named.items():
        if as_type in (int, str) and type(record[name]) is not as_type:
            raise TypeError(name)
    return kind(**record)
