"""Single values of the input that are neither URL nor time: words, clear text, sealed text, hours, flags.

In: the text of one cell, stripped. Out: the value, or IntakeProblem that names the column and not the text.
Surprise: clear columns (record id, source, sender, vantage, reason) refuse whatever looks like a URL, host or
address: they are stored, logged and published unsealed, and one shifted column would leak there.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Generic, TypeVar
from urllib.parse import unquote

from monitor.intake.hosts import is_top_level
from monitor.intake.problems import Code, IntakeProblem

LONGEST_CLEAR_TEXT = 200
LONGEST_SEALED_TEXT = 500
LONGEST_ORDER_HOURS = 12.0
"""An order of the authority allows at most this; a row that states more is wrong."""

_HARMLESS = re.compile(r"[A-Za-z0-9_#-]{1,200}")
_IPV4 = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\.?[0-9])")
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,12})?")
_BETWEEN_TOKENS = re.compile(r"[\s,;()<>\"'|=@\[\]{}]+")
_LABEL = re.compile(r"[\w-]+")
_DOTS = str.maketrans("。．｡", "...")
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

_W = TypeVar("_W")


class Words(Generic[_W]):
    """A closed set of words as they stand in files; case does not count."""

    def __init__(self, members: Iterable[tuple[str, _W]]) -> None:
        self._members = dict(members)

    def read(self, text: str, field: str) -> _W:
        """The member for `text`. The problem names the words that are allowed."""
        member = self._members.get(text)
        if member is None:
            member = self._members.get(text.lower())
        if member is None:
            allowed = ", ".join(self._members)
            raise IntakeProblem(Code.UNKNOWN_WORD, f"The value is none of: {allowed}.", field)
        return member

    def read_or(self, text: str, field: str, default: _W) -> _W:
        """`default` where the cell is empty."""
        return self.read(text, field) if text else default

    def read_optional(self, text: str, field: str) -> _W | None:
        """None where the cell is empty."""
        return self.read(text, field) if text else None


def clear_text(text: str, field: str) -> str:
    """Text for an unsealed column: 1 to 200 printable characters, no space at the ends, nothing like a URL."""
    code = _fault(text)
    if code is None:
        return text
    if code is Code.LOOKS_LIKE_URL:
        reason = (
            "The value looks like a URL, host or address, which must not be in this column; look for shifted columns."
        )
    else:
        reason = f"The value is not 1 to {LONGEST_CLEAR_TEXT} printable characters without space at its ends."
    raise IntakeProblem(code, reason, field)


def sealed_text(text: str, field: str) -> str | None:
    """Free text for a sealed column: at most 500 printable characters; None where the cell is empty."""
    if not text:
        return None
    text = text.strip()
    if len(text) > LONGEST_SEALED_TEXT or not text.isprintable():
        reason = f"The value is longer than {LONGEST_SEALED_TEXT} characters or holds control characters."
        raise IntakeProblem(Code.BAD_TEXT, reason, field)
    return text or None


def flag(text: str, field: str) -> bool | None:
    """True, False, or None where the cell is empty."""
    if not text:
        return None
    value = _FLAGS.get(text.lower())
    if value is None:
        raise IntakeProblem(Code.UNKNOWN_WORD, "The value is none of: true, false, yes, no, 1, 0.", field)
    return value


def order_hours(text: str, field: str) -> float | None:
    """Hours that an order allows, above 0 and at most 12; None where the cell is empty."""
    if not text:
        return None
    hours = float(text) if _NUMBER.fullmatch(text) else 0.0
    if hours <= 0:
        raise IntakeProblem(Code.BAD_NUMBER, "The value is not a number of hours above 0, such as 12 or 1.5.", field)
    if hours > LONGEST_ORDER_HOURS:
        raise IntakeProblem(Code.DEADLINE_TOO_LONG, "An order allows at most 12 hours.", field)
    return hours


def looks_like_url(text: str) -> bool:
    """Whether clear text could give away a URL, a host or an address, also percent-encoded or written as `[.]`."""
    if any(token.count(":") > 1 and _names_host(token) for token in _BETWEEN_TOKENS.split(text)):
        return True  # as it stands: what follows would take the `%` before an IPv6 zone for an escape
    for _ in range(2):
        text = unquote(text)
    text = unicodedata.normalize("NFKC", text).translate(_DOTS).casefold()
    text = text.replace("[.]", ".").replace("[:]", ":")
    if "://" in text or "www." in text or text.startswith("/") or ("/" in text and "." in text):
        return True
    if any(_is_address(found) for found in _IPV4.findall(text)):
        return True
    return any(_names_host(token) for token in _BETWEEN_TOKENS.split(text))


@lru_cache(maxsize=8_192)
def _fault(text: str) -> Code | None:
    if _HARMLESS.fullmatch(text):
        return None
    if not 1 <= len(text) <= LONGEST_CLEAR_TEXT or not text.isprintable() or text != text.strip():
        return Code.BAD_TEXT
    return Code.LOOKS_LIKE_URL if looks_like_url(text) else None


def _names_host(token: str) -> bool:
    if token.count(":") > 1:
        return _is_address(token.partition("%")[0])
    labels = token.partition(":")[0].strip(".").split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    last = labels[-1]
    return (last.isalpha() or last.startswith("xn--")) and is_top_level(last)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
