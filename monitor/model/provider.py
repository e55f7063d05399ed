"""Providers and the registry as it stands: who is held to account for which AS number, network and organisation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from monitor.model.words import Capacity


@dataclass(frozen=True, slots=True)
class LegalIdentity:
    """Who a Provider is in law. Nothing here is inferred from an address; None = not known."""

    legal_name: str | None = None
    register_number: str | None = None
    postal_address: str | None = None
    country: str | None = None  # of establishment, ISO 3166 two letters
    country_source: str | None = None  # where the country is known from
    natural_person: bool | None = None
    capacities: tuple[Capacity, ...] = ()  # confirmed by a person


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a Provider can be reached, and who says so."""

    kind: str  # abuse, legal, post, ...
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a person assigned to a Provider: an AS number, an organisation or a network, from one day to another.

    Exactly one of `asn`, `organisation` (id at first sight) and `network` (prefix) is set. `valid_from` is the first
    day, `until` the first day on which it no longer holds (both 00:00 UTC; None: open).
    """

    provider_id: str
    change_id: int
    asn: int | None = None
    organisation: str | None = None
    network: str | None = None
    valid_from: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """The organisation held to account. `provider_id` is `as<ASN>` (or `org-...`) at first sight and stays."""

    provider_id: str
    name: str
    aliases: tuple[str, ...] = ()
    asns: tuple[int, ...] = ()  # its own and those of the Providers merged into it
    country: str | None = None  # of establishment, with its own source; never inferred from an address
    natural_person: bool | None = None
    organisations: tuple[str, ...] = ()  # ids at first sight of the registered organisations it answers for
    identity: LegalIdentity = LegalIdentity()
    group: str | None = None
    contacts: tuple[Contact, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """One change that a person made, with who and why; `undoes` names the change it takes back."""

    change_id: int
    action: str  # ChangeAction
    subject: str  # provider id
    into: str | None
    by: str
    why: str
    at: str  # ISO 8601, UTC
    undoes: int | None = None
    details: Mapping[str, str] = field(default_factory=dict)  # what the action needs besides, such as asn, valid_from


@dataclass(frozen=True, slots=True)
class Registry:
    """The Providers after every change in force."""

    providers: Mapping[str, Provider]
    by_asn: Mapping[int, str]  # AS number -> provider id, merges followed, undated claims included
    by_name: Mapping[str, str] = field(default_factory=dict)  # folded name or alias -> provider id; unique ones only
    claims: Mapping[str, frozenset[str]] = field(default_factory=dict)  # folded name, also a former one -> every id
    by_organisation: Mapping[str, str] = field(default_factory=dict)  # id at first sight -> provider id
    dated: tuple[Claim, ...] = ()  # every claim in force (AS numbers, organisations, networks), oldest change first
    overrides: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (source, record id) -> provider id
    apart: frozenset[frozenset[str]] = frozenset()  # pairs that a person declared not to be the same

    def find(self, name: str) -> str | None:
        """The id of the Provider that this name, alias, id or AS number stands for, None if unknown or ambiguous."""
        return self.by_name.get(fold_name(name))

    def is_named(self, name: str, provider_id: str) -> bool:
        """Whether this Provider bears or bore that name, be it alone or with others."""
        return self.find(name) == provider_id or provider_id in self.claims.get(fold_name(name), ())

    def label(self, provider_id: str) -> str:
        """The name to show: with its id where another Provider has an equal name; a natural person is never named."""
        provider = self.providers[provider_id]
        if provider.natural_person:
            return person_label(provider_id)
        if self.by_name.get(fold_name(provider.name)) == provider_id:
            return provider.name
        return f"{provider.name} ({provider_id.upper()})"


def neutral_id(provider_id: str) -> str:
    """A number for a natural person where their id could name them: `P` and 8 hex digits of the id's SHA-256."""
    return "P" + sha256(provider_id.encode()).hexdigest()[:8]


def person_label(provider_id: str) -> str:
    """How a natural person is shown."""
    return f"natural person ({neutral_id(provider_id)})"


def fold_name(name: str) -> str:
    """A name as it is compared: case, spaces and punctuation at the ends do not count."""
    return " ".join(name.casefold().replace(",", " ").replace(".", " ").split())
