"""To whom an address range is registered, as the registries (RIPE NCC, ARIN, ...) answer by RDAP.

What would surprise: of a range that was handed on (a sub-allocation) the organisation in the answer is the *customer*;
the holder of the network is whoever the range around it is registered to. And no id holds a name, which can be a
natural person's where nobody knew that it is one.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from monitor.model.provider import fold_name
from monitor.model.report import Address
from monitor.model.words import RegistrationStatus


@dataclass(frozen=True, slots=True)
class Organisation:
    """A registrant. `key` is the id of its Provider at first sight; a natural person is never named."""

    key: str
    registry: str  # ripencc, arin, apnic, lacnic, afrinic, or the configured name
    handle: str | None
    name: str | None
    natural_person: bool | None = None


@dataclass(frozen=True, slots=True)
class RegisteredNetwork:
    """One range [first, last] of one family, both packed and included, as registered. Times are aware UTC."""

    registry: str
    handle: str | None
    name: str | None
    first: Address
    last: Address
    type: str | None  # as the registry writes it, such as "ASSIGNED PA"
    is_sub_allocation: bool
    is_divided: bool  # an allocation in which smaller ranges may be registered apart
    country: str | None  # of the registration, never taken for the Provider's
    organisation: Organisation | None
    abuse_contacts: tuple[str, ...] = ()  # e-mail addresses: sealed at rest
    roles: tuple[tuple[str, str], ...] = ()  # (handle, role)
    registered_at: datetime | None = None
    changed_at: datetime | None = None
    parent_handle: str | None = None
    is_kind_known: bool = True  # False: `type` is missing or no word that we know; taken for divided, not handed on


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    """One question to a registry and what it came to. `covers` is what the answer is held to speak for."""

    answer_id: int
    asked_at: datetime
    server: str  # name of the registry's entry in the configuration, or "recorded"
    status: RegistrationStatus
    network: RegisteredNetwork | None = None
    covers: tuple[Address, Address] | None = None
    recorded: bool = False  # imported from a file


def organisation_key(registry: str, handle: str | None, name: str | None) -> str | None:
    """The id of an organisation's Provider at first sight: by its handle, else by its name; None without both.

    Of a name the id holds a digest: the first 16 hex digits of the SHA-256 of the name as it is compared (`fold_name`).
    """
    if handle and (slug := _slug(handle)):
        return f"org-{registry}-{slug}"
    if name and any(letter.isalnum() for letter in name):
        return f"org-{registry}-name-{sha256(fold_name(name).encode()).hexdigest()[:16]}"
    return None


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")[:60]
