"""An RDAP answer in, the same without the fields that repeat the queried address out, for keeping.

Links (`/ip/ADDRESS`), their `value`, notices, remarks: any text in which the address stands, in any spelling, goes,
wherever it is. The range itself (startAddress, endAddress, cidr0_cidrs, handle, parentHandle) is the answer and stays.
What would surprise: where the registered range *is* the queried address alone, start, end and cidr0_cidrs stay all
the same, because an answer without a range could never be read again (it is sealed at rest); the handles go.
"""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import unquote

from monitor.model.report import Address

_RANGE = frozenset({"startAddress", "endAddress", "cidr0_cidrs"})
_HANDLES = frozenset({"handle", "parentHandle"})
_OCTETS = re.compile(r"(?<![0-9])[0-9]{1,3}(?:[.-][0-9]{1,3}){3}(?![0-9])")
_COLONS = re.compile(r"[0-9a-f]{0,4}:[0-9a-f:.]*")
_QUESTION = "/ip/"
_DEEPEST = 60


def without_queried(document: Mapping[str, object], address: Address | None) -> dict[str, object]:
    """A copy without the fields that hold `address` (None: not known, then without every link to an `/ip/` question).

    Raises nothing. What is nested deeper than 60 levels goes too.
    """
    search = _Search(address if address is not None else _only_address(document), drop_questions=address is None)
    kept: dict[str, object] = {}
    for name, value in document.items():
        if name in _RANGE or (name in _HANDLES and not search.is_whole_range(document)):
            kept[name] = value
        elif not search.finds(name) and (inner := search.cleaned(value, 1)) is not _GONE:
            kept[name] = inner
    return kept


_GONE = object()


class _Search:
    """Looks for one address in texts, whatever its spelling."""

    def __init__(self, address: Address | None, *, drop_questions: bool) -> None:
        self._address = None if address is None else ipaddress.ip_address(bytes(address))
        self._drop_questions = drop_questions
        self._substrings = () if self._address is None else _unusual(self._address)

    def is_whole_range(self, document: Mapping[str, object]) -> bool:
        """Whether the answer's range is the address alone."""
        only = _only_address(document)
        return only is not None and self._address is not None and only == self._address.packed

    def finds(self, text: str) -> bool:
        """Whether the address stands in a text: dotted, padded, dashed, reversed, in full, or percent-encoded."""
        if self._drop_questions and _QUESTION in text.lower():
            return True
        address = self._address
        if address is None:
            return False
        once = unquote(text)  # beside the text as it is: to decode `%192.0.2.7` takes the first digits away
        return any(self._stands_in(address, plain.lower()) for plain in {text, once, unquote(once)})

    def _stands_in(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address, plain: str) -> bool:
        if any(each in plain for each in self._substrings):
            return True
        tokens = _OCTETS.findall(plain) if address.version == 4 else _COLONS.findall(plain)
        return any(_same(token, address) for token in tokens)

    def cleaned(self, value: object, depth: int) -> object:
        """The value without what holds the address, or _GONE."""
        if depth > _DEEPEST:
            return _GONE
        if isinstance(value, str):
            return _GONE if self.finds(value) else value
        if isinstance(value, Mapping):
            return self._cleaned_fields(value, depth)
        if isinstance(value, list):
            inner = (self.cleaned(each, depth + 1) for each in value)
            return [each for each in inner if each is not _GONE]
        return value

    def _cleaned_fields(self, fields: Mapping[str, object], depth: int) -> object:
        kept: dict[str, object] = {}
        for name, value in fields.items():
            inner = _GONE if self.finds(name) else self.cleaned(value, depth + 1)
            if inner is not _GONE:
                kept[name] = inner
            elif name == "href":
                return _GONE  # a link to nowhere
        return kept


def _same(token: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if address.version == 4:
        octets = [int(octet) for octet in re.split("[.-]", token)]
        return octets in (list(address.packed), list(reversed(address.packed)))  # reversed: in-addr.arpa
    for text in (token, token.rstrip(":."), token.lstrip(":"), token.strip(":.")):
        try:
            if ipaddress.ip_address(text) == address:
                return True
        except ValueError:
            continue
    return False


def _unusual(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> tuple[str, ...]:
    """Spellings that are no token of their own; a longer address that begins so goes too, which does no harm."""
    if address.version == 4:
        return (address.packed.hex(),)
    groups = address.exploded.split(":")
    plain = ":".join(format(int(group, 16), "x") for group in groups)
    dashed = "-".join(groups), plain.replace(":", "-")
    return address.compressed, address.exploded, plain, *dashed, address.packed.hex(), address.reverse_pointer


def _only_address(document: Mapping[str, object]) -> Address | None:
    """The one address of a range that is no wider."""
    packed: list[bytes] = []
    for name in ("startAddress", "endAddress"):
        value = document.get(name)
        text = value.strip().partition("/")[0] if isinstance(value, str) else ""
        if _OCTETS.fullmatch(text):
            text = ".".join(str(int(octet)) for octet in re.split("[.-]", text))
        try:
            packed.append(ipaddress.ip_address(text).packed)
        except ValueError:
            return None
    return Address(packed[0]) if packed[0] == packed[1] else None
