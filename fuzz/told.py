"""What an error may say: words of ours, never text of the input.

In: an error (or the reason of a reject) and the input. Out: nothing, or AssertionError. What would surprise: whatever
stands in our own source is no text of the input; and a short word can meet by chance, so only long ones count.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from monitor.errors import MonitorError

_LONG = re.compile(rb"[0-9A-Za-z]{7,}")
_NAMED = re.compile(r"'[a-z0-9_ ]{1,40}'")
"""A column's name that is a plain one may be repeated (`monitor/intake/columns.py`)."""


def repeats_nothing(said: str, data: bytes) -> None:
    """Hold a message against the input."""
    told = _NAMED.sub("", said).lower()
    for word in _LONG.findall(data):
        text = word.decode("ascii").lower()
        if text in told and text not in _our_words():
            raise AssertionError("a message repeats text of the input")


def error_repeats_nothing(error: MonitorError, data: bytes) -> None:
    """The same for an error and for every other one that hangs on it, which a traceback would show."""
    shown: list[BaseException] = [error]
    for each in shown:
        repeats_nothing(str(each), data)
        behind = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        if behind is not None:
            shown.append(behind)


def reasons_repeat_nothing(reasons: Iterable[str], data: bytes) -> None:
    """The same for reasons of rejects, each kind once."""
    for reason in set(reasons):
        repeats_nothing(reason, data)


@cache
def _our_words() -> str:
    import monitor  # noqa: PLC0415 (for its folder alone)

    folder = Path(str(monitor.__file__)).parent
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))).lower()
