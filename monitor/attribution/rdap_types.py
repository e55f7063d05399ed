"""The registries' words for the kind of a registration -> whether it was handed on, and whether it may be divided.

In: the `type` of an RDAP answer for a range (the `status` of the whois object) and the registry. Case, blanks and
hyphens do not count. What would surprise: `assigned` means "by a local registry, to its customer" at RIPE and "by the
registry itself, to an end user" at LACNIC; and of a range whose word is missing or not in the table nobody knows
whether smaller ones are registered in it, so it is taken for divided.
"""

import re
from dataclasses import dataclass

_NOT_LETTERS = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class NetworkKind:
    """`is_sub_allocation`: handed on by a holder to a customer. `is_divided`: smaller ones may be registered in it.

    `is_known`: the registry says so.
    """

    is_sub_allocation: bool
    is_divided: bool
    is_known: bool = True


UNKNOWN_KIND = NetworkKind(is_sub_allocation=False, is_divided=True, is_known=False)
# Registered by the registry itself, for the use of one organisation:
_WHOLE = NetworkKind(is_sub_allocation=False, is_divided=False)
_HANDED_ON = NetworkKind(is_sub_allocation=True, is_divided=False)
_DIVIDED = NetworkKind(is_sub_allocation=False, is_divided=True)
_HANDED_ON_AND_DIVIDED = NetworkKind(is_sub_allocation=True, is_divided=True)

_KINDS = {
    # RIPE NCC and AFRINIC, inetnum and inet6num (RIPE Database documentation, "status:")
    "ALLOCATED PA": _DIVIDED,
    "ALLOCATED PI": _DIVIDED,
    "ALLOCATED UNSPECIFIED": _DIVIDED,
    "ALLOCATED-ASSIGNED PA": _WHOLE,  # allocation and one assignment in one: nothing smaller may be in it
    "ALLOCATED-BY-RIR": _DIVIDED,
    "ALLOCATED-BY-LIR": _HANDED_ON_AND_DIVIDED,
    "SUB-ALLOCATED PA": _HANDED_ON_AND_DIVIDED,
    "LIR-PARTITIONED PA": _HANDED_ON_AND_DIVIDED,
    "LIR-PARTITIONED PI": _HANDED_ON_AND_DIVIDED,
    "ASSIGNED PA": _HANDED_ON,
    "ASSIGNED-BY-LIR": _HANDED_ON,
    "AGGREGATED-BY-LIR": _HANDED_ON,
    "ASSIGNED PI": _WHOLE,
    "ASSIGNED ANYCAST": _WHOLE,
    "LEGACY": _DIVIDED,
    "EARLY-REGISTRATION": _DIVIDED,
    # ARIN (NetType of its whois, in RDAP with or without the tense)
    "DIRECT ALLOCATION": _DIVIDED,
    "DIRECT ASSIGNMENT": _WHOLE,
    "REALLOCATION": _HANDED_ON_AND_DIVIDED,
    "REALLOCATED": _HANDED_ON_AND_DIVIDED,  # LACNIC too
    "REASSIGNMENT": _HANDED_ON,
    "REASSIGNED": _HANDED_ON,  # LACNIC too
    # APNIC (guide to status fields)
    "ALLOCATED PORTABLE": _DIVIDED,
    "ALLOCATED NON-PORTABLE": _HANDED_ON_AND_DIVIDED,  # from a member's allocation to another network
    "ASSIGNED PORTABLE": _WHOLE,
    "ASSIGNED NON-PORTABLE": _HANDED_ON,
    # LACNIC
    "ALLOCATED": _DIVIDED,
}
_KINDS_OF_REGISTRY = {
    ("ripencc", "ASSIGNED"): _HANDED_ON,  # inet6num, by the local registry
    ("afrinic", "ASSIGNED"): _HANDED_ON,
    ("lacnic", "ASSIGNED"): _WHOLE,  # by the registry itself
}


def _plain(word: str) -> str:
    return _NOT_LETTERS.sub("", word.upper())


_BY_WORD = {_plain(word): kind for word, kind in _KINDS.items()}
_BY_REGISTRY_AND_WORD = {(registry, _plain(word)): kind for (registry, word), kind in _KINDS_OF_REGISTRY.items()}
_TO_A_REGISTRY = ("ALLOCATEDTO", "EARLYREGISTRATIONS")  # ARIN: "Allocated to RIPE NCC", "Early Registrations, ..."


def kind_of(word: str | None, registry: str) -> NetworkKind:
    """What the registry's word says; UNKNOWN_KIND where it is missing or unknown."""
    plain = _plain(word or "")
    if plain.startswith(_TO_A_REGISTRY):
        return _DIVIDED
    return _BY_REGISTRY_AND_WORD.get((registry, plain)) or _BY_WORD.get(plain, UNKNOWN_KIND)


def is_registrys_own(word: str | None) -> bool:
    """Whether the word says that another registry looks after the range: then no holder is named."""
    return _plain(word or "").startswith(_TO_A_REGISTRY)
