"""Providers as JSON values and as text for a terminal.

What would surprise: of a natural person neither name nor anything else that would name them is shown; the file of
`providers export` holds it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.disk import write_whole
from monitor.errors import MonitorError
from monitor.model.provider import Claim, Provider, Registry, RegistryChange
from monitor.model.words import ChangeAction
from monitor.store.registry_details import assets, own_id
from monitor.store.registry_import import ImportedChanges

WITHHELD = "not shown: a natural person"
_OF_PERSON = ("legal_name", "register_number", "postal_address")


def listed(registry: Registry) -> list[dict[str, Any]]:
    """Every Provider by id, with the name to show."""
    return [provider_fields(registry, key) for key in sorted(registry.providers)]


def listed_text(registry: Registry) -> str:
    head = ["id", "name", "AS numbers", "organisations"]
    rows = [
        [key, registry.label(key), _numbers(registry.providers[key]), " ".join(registry.providers[key].organisations)]
        for key in sorted(registry.providers)
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join(line.rstrip() for line in lines)


def provider_fields(registry: Registry, provider_id: str) -> dict[str, Any]:
    """One Provider as JSON."""
    found = registry.providers[provider_id]
    fields = asdict(found) | {"label": registry.label(provider_id)}
    if found.natural_person:
        fields |= {"name": registry.label(provider_id), "aliases": [], "contacts": [], "group": None}
        fields["identity"] |= dict.fromkeys(_OF_PERSON)
    return fields


@dataclass(frozen=True, slots=True)
class Shown:
    """One Provider with its changes; `void`: those without effect, and why; `persons`: ids whose names are withheld."""

    registry: Registry
    provider_id: str
    changes: Sequence[RegistryChange]
    void: Mapping[int, str]
    persons: frozenset[str]

    def fields(self) -> dict[str, Any]:
        undone = self._undone()
        return provider_fields(self.registry, self.provider_id) | {
            "changes": [
                asdict(change)
                | {"at": moment(change.at), "details": self._details(change), "undone_by": undone.get(change.change_id)}
                | {"without_effect": self.void.get(change.change_id)}
                for change in self.changes
            ]
        }

    def text(self) -> str:
        return "\n".join((*self._head(), *self._identity(), *self._holds(), *map(self._change_text, self.changes)))

    @property
    def _provider(self) -> Provider:
        return self.registry.providers[self.provider_id]

    def _head(self) -> Iterator[str]:
        found = self._provider
        yield f"{found.provider_id}  {self.registry.label(self.provider_id) if found.natural_person else found.name}"
        if found.aliases:
            yield f"also known as: {'; '.join(found.aliases)}"
        if found.group and not found.natural_person:
            yield f"group: {found.group}"

    def _identity(self) -> Iterator[str]:
        found, person = self._provider, self._provider.natural_person
        for name in _OF_PERSON:
            if (value := getattr(found.identity, name)) is not None:
                yield f"{name.replace('_', ' ')}: {WITHHELD if person else value.replace(chr(10), ', ')}"
        source = f" (source: {found.identity.country_source})" if found.identity.country_source else ""
        yield f"country: {found.country or 'not known'}{source}"
        yield f"natural person: {'not known' if person is None else 'yes' if person else 'no'}"
        if found.identity.capacities:
            yield f"capacities: {', '.join(capacity.value for capacity in found.identity.capacities)}"
        for contact in found.contacts:
            value = WITHHELD if person else contact.value
            yield f"contact, {contact.kind}: {value} (source: {contact.source})"

    def _holds(self) -> Iterator[str]:
        found = self._provider
        yield f"AS numbers: {_numbers(found) or 'none'}"
        if found.organisations:
            yield f"organisations: {' '.join(found.organisations)}"
        for claim in found.claims:
            yield f"assigned by change {claim.change_id}: {_claim_text(claim)}"

    def _change_text(self, change: RegistryChange) -> str:
        details = "; ".join(f"{name} {text.replace(chr(10), ', ')}" for name, text in self._details(change).items())
        line = f"change {change.change_id}, {moment(change.at)}: {_what(change)}{f' ({details})' if details else ''}"
        line += f", by {change.by}: {change.why}"
        if by := self._undone().get(change.change_id):
            line += f" [undone by change {by}]"
        if reason := self.void.get(change.change_id):
            line += f" [without effect: {reason}]"
        return line

    def _details(self, change: RegistryChange) -> dict[str, str]:
        """What a change says, unless it could name a natural person."""
        named = change.action in (ChangeAction.SET, ChangeAction.SPLIT)
        person = self._provider.natural_person or not self.persons.isdisjoint((change.subject, change.into or ""))
        return dict.fromkeys(change.details, WITHHELD) if named and person else dict(change.details)

    def _undone(self) -> dict[int, int]:
        return {change.undoes: change.change_id for change in self.changes if change.undoes is not None}


def moment(at: str) -> str:
    """The time of a change (`RegistryChange.at`, ISO 8601) to the second, in UTC: "2026-03-02T12:00:00Z"."""
    return datetime.fromisoformat(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def split_off(registry: Registry, change: RegistryChange) -> tuple[str | None, str]:
    """The one id that a split gave (None: several went back to their own), and each of them with its name."""
    ids = [change.into] if change.into else [own_id(asset) for asset in assets(change.details)]
    said = "; ".join(f"{key} ({registry.label(registry.find(key) or key)})" for key in ids)
    return change.into, f"change {change.change_id}: {said}"


def _what(change: RegistryChange) -> str:
    if change.undoes is not None:
        return f"undoes change {change.undoes}"
    word = "and" if change.action == ChangeAction.DISTINCT else "into"
    return f"{change.action} {change.subject}" + (f" {word} {change.into}" if change.into else "")


def _numbers(found: Provider) -> str:
    return " ".join(f"AS{asn}" for asn in found.asns)


def _claim_text(claim: Claim) -> str:
    what = f"AS{claim.asn}" if claim.asn is not None else claim.organisation or claim.network
    first = f" from {claim.valid_from}" if claim.valid_from else ""
    return f"{what}{first}" + (f" until {claim.until}" if claim.until else "")


def imported(made: ImportedChanges) -> dict[str, Any]:
    return {
        "read": made.n_read,
        "accepted": made.n_accepted,
        "duplicate": made.n_duplicate,
        "rejected": len(made.rejects),
        "rejects": [asdict(reject) for reject in made.rejects],
        "unreported": list(made.unreported),
    }


def imported_text(made: ImportedChanges) -> str:
    taken = f"accepted {made.n_accepted}, duplicate {made.n_duplicate}, rejected {len(made.rejects)}"
    return f"read {made.n_read}: {taken}"


def write_private(path: Path, text: str | bytes, *, force: bool) -> None:
    """A file for its owner's eyes (0600), whole or not at all; in place of one that differs only with `force`.

    Raises MonitorError. Where the file says the same already nothing is done.
    """
    content = text.encode() if isinstance(text, str) else text
    try:
        there = path.read_bytes() if path.is_file() else None
        if there == content:
            return
        if there is not None and not force:
            raise MonitorError(
                "A file that says something else is there already", "Give another name, or --force to overwrite it"
            )
        write_whole(path, content)
    except OSError as error:
        raise MonitorError(f"The file cannot be written ({error.strerror})", "Check the folder and its owner") from None
