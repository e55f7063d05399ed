"""Which host names can be asked about, and which name to make up beside one.

What would surprise: names that are not of the public DNS (`.onion`, `.local`...) are never asked about, because
the question alone would tell a resolver what nobody may know.
"""

import random
import re

import dns.name

_LONGEST_NAME = 253
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_NOT_IN_DNS = frozenset({"alt", "internal", "local", "localhost", "onion"})
"""RFC 6761, 6762, 7686 and 9476, and the suffix that ICANN reserved for private use."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_MADE_UP_LENGTH = 20


def askable(name: str) -> dns.name.Name | None:
    """The name as a question can carry it; None where it cannot be asked about."""
    labels = name.split(".")
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return None if labels[-1].lower() in _NOT_IN_DNS else dns.name.from_text(name)


def parent_of(name: dns.name.Name) -> dns.name.Name | None:
    """The name above, None where that is the root or a top-level domain: nobody's wildcard."""
    parent = name.parent()
    return parent if len(parent) > 2 else None  # the root label is one


def made_up(parent: dns.name.Name, rng: random.Random) -> dns.name.Name:
    """A name under `parent` that nobody has registered."""
    label = "".join(rng.choice(_LETTERS) for _ in range(_MADE_UP_LENGTH))
    return dns.name.Name((label.encode(), *parent.labels))
