"""What each action says besides who and why: which fields it has, and how their texts are written.

In: texts as typed on a command line or written in a file. Out: the same as they are kept (one text a field, several
values of one field on a line each). What would surprise: an empty text in a `set` takes the value back, and no
message repeats a value. A message names fields, `DetailProblem.worded` says the same of the options of a command.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from ipaddress import ip_network
from typing import NamedTuple

from babel import Locale

from monitor.errors import RegistryError
from monitor.model.words import Capacity, ChangeAction

LONGEST_TEXT = 500
LONGEST_IPV4_PREFIX, LONGEST_IPV6_PREFIX = 29, 64
"""A longer prefix would name a host."""
_HIGHEST_ASN = 2**32 - 1
_NO_COUNTRY = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
"""Two letters that CLDR knows besides countries and territories."""
_ASSETS = ("asn", "organisation", "network")
_SPAN = ("valid_from", "until")
FIELDS: Mapping[ChangeAction, tuple[str, ...]] = {
    ChangeAction.MERGE: (),
    ChangeAction.SPLIT: (*_ASSETS, "name", *_SPAN),
    ChangeAction.ASSIGN: (*_ASSETS, *_SPAN),
    ChangeAction.OVERRIDE: ("record", "source"),
    ChangeAction.SET: (
        "name", "alias", "remove_alias", "legal_name", "register_number", "postal_address", "country",
        "country_source", "natural_person", "capacity", "remove_capacity", "group", "contact", "contact_source",
        "remove_contact",
    ),
    ChangeAction.DISTINCT: (),
    ChangeAction.UNDO: (),
}  # fmt: skip
"""The fields of each action, in the order in which they are shown."""
MANY = {*_ASSETS, "alias", "remove_alias", "capacity", "remove_capacity", "contact", "remove_contact"}
"""Fields that can hold several values."""
SHOWN_NAMES = ("name", "alias")
"""Fields that releases show: whoever takes them from a person also sees that they hold no URL, host or address."""

_FIELD = re.compile(r"\{([a-z_]+)\}")

Given = Mapping[str, str | Iterable[str]]


class DetailProblem(RegistryError):
    """The values themselves are wrong, whatever stands in the registry. Fields are named `{so}` in both texts."""

    def __init__(self, said: str, todo: str) -> None:
        self._said, self._todo = said, todo
        super().__init__(*self.worded(str))

    def worded(self, name: Callable[[str], str]) -> tuple[str, str]:
        """The message and the hint, with each field named by `name`."""
        return _FIELD.sub(lambda found: name(found[1]), self._said), _FIELD.sub(lambda f: name(f[1]), self._todo)


class Asset(NamedTuple):
    """One thing that a Provider can answer for. `kind` is asn, organisation or network."""

    kind: str
    value: str


def details_of(action: ChangeAction, given: Given) -> dict[str, str]:
    """The details as they are kept, in the order of FIELDS. Raises DetailProblem naming the field, never its text."""
    if unknown := given.keys() - set(FIELDS[action]):
        raise RegistryError(f"{action.value} has no field {min(unknown)}", f"It has: {', '.join(FIELDS[action])}")
    kept = {name: _text_of(name, given[name]) for name in FIELDS[action] if name in given}
    if action is ChangeAction.OVERRIDE:
        kept.setdefault("source", "default")
    takes_back = action is ChangeAction.SET
    kept = {name: text for name, text in kept.items() if text or (takes_back and name not in MANY)}
    _agree(action, kept)
    return kept


def values(details: Mapping[str, str], name: str) -> list[str]:
    """The values of a field that can hold several."""
    return details[name].split("\n") if details.get(name) else []


def assets(details: Mapping[str, str]) -> list[Asset]:
    """What a split or an assignment is about."""
    return [Asset(kind, value) for kind in _ASSETS for value in values(details, kind)]


def makes_provider(details: Mapping[str, str]) -> bool:
    """Whether a split makes a Provider of a new id, instead of giving AS numbers and organisations back their own."""
    return "name" in details or "network" in details


def own_id(asset: Asset) -> str:
    """The id at first sight of the Provider of an AS number or organisation."""
    return f"as{asset.value}" if asset.kind == "asn" else asset.value


def _text_of(name: str, given: str | Iterable[str]) -> str:
    if isinstance(given, str):
        given = given.split("\n") if name in MANY else [given]
    several = [text.strip() for text in given]
    if name in MANY:
        several = [text for text in several if text]
    elif len(several) > 1:
        raise DetailProblem(f"{{{name}}} is given more than once", "Give one")
    if any(len(text) > LONGEST_TEXT or not _is_printable(name, text) for text in several):
        raise DetailProblem(f"{{{name}}} is no plain text", f"Write up to {LONGEST_TEXT} printable characters")
    read = _READERS.get(name)
    return "\n".join(dict.fromkeys(read(name, text) if read and text else text for text in several))


def _is_printable(name: str, text: str) -> bool:
    return (text.replace("\n", "") if name == "postal_address" else text).isprintable()


def _agree(action: ChangeAction, kept: Mapping[str, str]) -> None:
    """What several fields of one change have to say together."""
    if action is ChangeAction.SET and not kept:
        raise DetailProblem("Nothing was given to set", "Name at least one field")
    if action is ChangeAction.OVERRIDE and "record" not in kept:
        raise DetailProblem("{record} is empty or missing", "Write the hotline's reference")
    if action in (ChangeAction.SPLIT, ChangeAction.ASSIGN) and not assets(kept):
        raise DetailProblem("Neither {asn}, {organisation} nor {network} was given", "Give at least one")
    if kept.get("valid_from") and kept.get("until") and kept["valid_from"] >= kept["until"]:
        raise DetailProblem("{until} is not after {valid_from}", "It is the first day on which it no longer holds")
    for name in ("country", "contact"):
        if kept.get(name) and not kept.get(f"{name}_source"):
            raise DetailProblem(f"{{{name}}} is given without {{{name}_source}}", "Say where it is known from")
        if kept.get(f"{name}_source") and not kept.get(name):
            raise DetailProblem(f"{{{name}_source}} is given without {{{name}}}", "Give both")


def _asn(name: str, text: str) -> str:
    digits = text.lower().removeprefix("as")
    if not re.fullmatch(r"[0-9]{1,10}", digits) or not 0 < int(digits) <= _HIGHEST_ASN:
        raise DetailProblem(f"{{{name}}} is no AS number", "Write it like 64500")
    return str(int(digits))


def _network(name: str, text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError:
        network = None
    if network is None or "/" not in text:
        hint = "Write it like 192.0.2.0/24, with the bits after the length zero"
        raise DetailProblem(f"{{{name}}} is no prefix", hint)
    if network.prefixlen > (LONGEST_IPV4_PREFIX if network.version == 4 else LONGEST_IPV6_PREFIX):
        longest = f"/{LONGEST_IPV4_PREFIX} or /{LONGEST_IPV6_PREFIX}"
        raise DetailProblem(f"{{{name}}} is longer than {longest}: it would name a host", "Override the record instead")
    return str(network)


def _day(name: str, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise DetailProblem(f"{{{name}}} is not a day", "Write it like 2026-01-01") from None


def _country(name: str, text: str) -> str:
    code = text.upper()
    if code not in _countries():
        raise DetailProblem(f"{{{name}}} is no code of ISO 3166", "Write two letters, like NL")
    return code


@cache
def _countries() -> frozenset[str]:
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if re.fullmatch("[A-Z]{2}", code)) - _NO_COUNTRY


def _yes_no(name: str, text: str) -> str:
    if text.lower() not in ("yes", "no"):
        raise DetailProblem(f"{{{name}}} is neither yes nor no", "Write yes or no")
    return text.lower()


def _capacity(name: str, text: str) -> str:
    if text.lower() not in list(Capacity):
        raise DetailProblem(f"{{{name}}} is no such word", f"Use one of: {', '.join(c.value for c in Capacity)}")
    return text.lower()


def _contact(name: str, text: str) -> str:
    kind, sign, value = text.partition("=")
    if not (sign and kind.strip() and value.strip()):
        raise DetailProblem(f"{{{name}}} has no kind or no value", "Write it like abuse=desk@alpha.example")
    return f"{kind.strip().lower()}={value.strip()}"


def _id(_name: str, text: str) -> str:
    return text.lower()


_READERS: Mapping[str, Callable[[str, str], str]] = {
    "asn": _asn,
    "organisation": _id,
    "network": _network,
    "valid_from": _day,
    "until": _day,
    "country": _country,
    "natural_person": _yes_no,
    "capacity": _capacity,
    "remove_capacity": _capacity,
    "contact": _contact,
    "remove_contact": _contact,
}
