"""Providers and the registry as it stands: who is held to account for which AS number."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Provider:
    """The organisation held to account. `provider_id` is `as<ASN>` at first sight and stays."""

    provider_id: str
    name: str
    aliases: tuple[str, ...] = ()
    asns: tuple[int, ...] = ()  # its own and those of the Providers merged into it
    country: str | None = None  # of establishment, with its own source; never inferred from an address
    natural_person: bool | None = None


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """One change that a person made, with who and why; `undoes` names the change it takes back."""

    change_id: int
    action: str  # merge, undo
    subject: str  # provider id
    into: str | None
    by: str
    why: str
    at: str  # ISO 8601, UTC
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """The Providers after every change in force."""

    providers: Mapping[str, Provider]
    by_asn: Mapping[int, str]  # AS number -> provider id, merges followed
    by_name: Mapping[str, str] = field(default_factory=dict)  # folded name or alias -> provider id; unique ones only
    claims: Mapping[str, frozenset[str]] = field(default_factory=dict)  # folded name, also a former one -> every id

    def find(self, name: str) -> str | None:
        """The id of the Provider that this name, alias, id or AS number stands for, None if unknown or ambiguous."""
        return self.by_name.get(fold_name(name))

    def is_named(self, name: str, provider_id: str) -> bool:
        """Whether this Provider bears or bore that name, be it alone or with others."""
        return self.find(name) == provider_id or provider_id in self.claims.get(fold_name(name), ())

    def label(self, provider_id: str) -> str:
        """The name to show: with its AS number where another Provider has an equal name."""
        provider = self.providers[provider_id]
        if self.by_name.get(fold_name(provider.name)) == provider_id:
            return provider.name
        return f"{provider.name} ({provider_id.upper()})"


def fold_name(name: str) -> str:
    """A name as it is compared: case, spaces and punctuation at the ends do not count."""
    return " ".join(name.casefold().replace(",", " ").replace(".", " ").split())
