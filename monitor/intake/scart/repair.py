"""A row of the unquoted reports CSV with too many fields -> its cells, where only a URL can have held the semicolons.

In: the fields of the row, the column names. Out: the cells, or None. Every way to give the fields to the columns is
counted: a column with a shape of its own (a time, an address, a status) takes one field and has to fit; one of free
text takes any number. What would surprise: a row that fits in two ways is not repaired, even where both differ only
in what is passed over, because a guess would put a URL on the record that nobody reported.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from monitor.intake.hosts import parse_address
from monitor.intake.problems import IntakeProblem
from monitor.intake.scart.vocabulary import GRADES, STATUSES, TRUE_WORDS, URL_TYPES, set_value

MOST_EXTRA = 12
"""Fields too many; a row with more is rejected unread."""

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_CODE = re.compile(r"[a-z0-9_]{0,40}")
_FILENUMBER = re.compile(r"[A-Za-z0-9_-]{1,40}")
_HOST = re.compile(r"[^\s;/?#@=&]*\.[^\s;/?#@=&]*|[0-9a-f:]*", re.IGNORECASE)
_COUNTRY = re.compile(r"[A-Za-z ()]{0,40}")
_URL = re.compile(r"https?:[/\\]", re.IGNORECASE)
_FLAGS = TRUE_WORDS | {"", "0", "n", "no", "false"}
_CAN_HOLD = frozenset({"url", "url_referer"})


def _address(text: str) -> bool:
    try:
        return not text or bool(parse_address(text))
    except IntakeProblem:
        return False


def _time(text: str) -> bool:
    return not set_value(text) or bool(_TIME.fullmatch(text))


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: bool(pattern.fullmatch(text))


def _one_of(words: frozenset[str]) -> Callable[[str], bool]:
    return lambda text: text in words


_SHAPES: Mapping[str, Callable[[str], bool]] = {
    "filenumber": _matches(_FILENUMBER),
    "url_host": _matches(_HOST),
    "url_ip": _address,
    "url_type": _one_of(URL_TYPES | {""}),
    "received_at": _time,
    "hashcheck_at": _time,
    "hashcheck_return": _one_of(_FLAGS),
    "firstseen_at": _time,
    "lastseen_at": _time,
    "type_code": _matches(_CODE),
    "police": _one_of(_FLAGS),
    "source_code": _matches(_CODE),
    "status_code": _one_of(STATUSES | {""}),
    "hoster_country": _matches(_COUNTRY),
    "hoster_first_ntd_at": _time,
    "grade_code": _one_of(GRADES | {""}),
}
"""Columns that take one field. `url` takes several that begin like a URL; every other column any fields at all."""


def repaired(fields: Sequence[str], names: Sequence[str]) -> tuple[str, ...] | None:
    """The cells in the order of `names`, or None where there is no way, or more than one, or not by a URL alone."""
    extra = len(fields) - len(names)
    if not 0 < extra <= MOST_EXTRA or not _CAN_HOLD.intersection(names):
        return None
    ways = _ways(fields, names)
    if ways[0][0] != 1:
        return None
    cells, at = list[str](), 0
    for n, name in enumerate(names):
        taken = next(k for k in _takes(fields, name, at, extra) if at + k <= len(fields) and ways[n + 1][at + k])
        if taken > 1 and name not in _CAN_HOLD:
            return None
        cells.append(";".join(fields[at : at + taken]).strip())
        at += taken
    return tuple(cells)


def _ways(fields: Sequence[str], names: Sequence[str]) -> list[list[int]]:
    """`[n][at]`: in how many ways the columns from the n-th on can take exactly the fields from `at` on."""
    extra = len(fields) - len(names)
    ways = [[0] * (len(fields) + 1) for _ in range(len(names) + 1)]
    ways[-1][-1] = 1
    for n in range(len(names) - 1, -1, -1):
        for at in range(n, min(n + extra, len(fields) - 1) + 1):
            ways[n][at] = sum(ways[n + 1][at + k] for k in _takes(fields, names[n], at, extra) if at + k <= len(fields))
    return ways


def _takes(fields: Sequence[str], name: str, at: int, extra: int) -> Sequence[int]:
    """How many fields from `at` on the column can take."""
    shape, first = _SHAPES.get(name), fields[at].strip()
    if shape is not None:
        return (1,) if shape(first) else ()
    if name == "url" and first and not _URL.match(first):
        return ()
    if name == "url_referer" and not first:
        return (1,)
    return range(1, extra + 2)
