"""The registry as one readable file: every change in the log, in order, with who, when and why.

In: the store. Out: TOML for people to read, keep under version control and edit; `registry_import.py` reads it. What
would surprise: comments name the Providers as they are called now, entries hold ids; all that the log keeps sealed
(postal addresses, contacts) stands open in this file.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import tomlkit
from tomlkit.items import Table

from monitor.clock import now
from monitor.model.provider import Registry, RegistryChange
from monitor.model.words import ChangeAction
from monitor.store.database import Store
from monitor.store.registry import registry_of
from monitor.store.registry_details import FIELDS, MANY, values
from monitor.store.registry_identity import Identities
from monitor.store.registry_log import read_known, read_log
from monitor.store.registry_names import read_as_names
from monitor.store.registry_organisations import SeenOrganisation
from monitor.store.registry_replay import State, replay

HEADER = """\
The registry of providers: every change that people made, oldest first. Read in with `monitor providers import`.
It holds what the database keeps sealed (postal addresses, contacts): keep it as safe as the data folder.

To edit: change no entry that is here, add one at the end; the registry is the sum of all of them.
A [[change]] needs action, subject, by and why. Leave out `id`, and `at` too: the moment of the import is taken.
  action   "merge" (into), "split", "assign", "override", "set", "distinct" (into), "undo"
  subject  the provider: as<number>, org-... or the id of a part
  into     merge and distinct: the other provider; split: leave it out
  undoes   undo: the first characters of the other change's `id`; subject is then left out
{fields}
Days are "2026-01-31"; `until` is the first day on which it no longer holds. Lists add up, the latest text holds.
A second import of the same entries changes nothing. An entry without `at` is taken once: to make the same change
again (after an undo, say), write `at` or another `why`.
An organisation that a change names and the other store has not seen is taken from its [[organisation]] entry.
"""
_WORDS = {
    ChangeAction.MERGE: "{subject} is merged into {into}",
    ChangeAction.SPLIT: "Parts of {subject} go to {into}",
    ChangeAction.ASSIGN: "{subject} answers for what follows",
    ChangeAction.OVERRIDE: "One record is booked on {subject}",
    ChangeAction.SET: "What is known of {subject}",
    ChangeAction.DISTINCT: "{subject} and {into} are not the same",
    ChangeAction.UNDO: "Takes change {undoes} back",
}


def export_registry(store: Store) -> str:
    """The whole log as TOML. Raises KeyProblem where details do not open."""
    with store.read() as connection:
        known, log = read_known(connection), read_log(connection, store.sealer)
        state = replay(known, log)
        registry = registry_of(state, read_as_names(connection, now().date()))
    return _Writer(registry, state, log).text()


class _Writer:
    """One export: what each entry needs to know of the others."""

    def __init__(self, registry: Registry, state: State, log: tuple[RegistryChange, ...]) -> None:
        self.registry, self.state, self.log = registry, state, log
        self.identities = Identities.of_log(log)
        self.number = {change.change_id: number for number, change in enumerate(log, start=1)}
        self.undone = {change.undoes: change for change in log if change.undoes is not None}

    def text(self) -> str:
        head = HEADER.format(fields="\n".join(_fields())).splitlines()
        tables = [self._organisation(seen) for seen in self._organisations()] + [self._change(c) for c in self.log]
        return "".join(f"# {line}".rstrip() + "\n" for line in head) + "".join(f"\n{table}" for table in tables)

    def _organisations(self) -> Iterable[SeenOrganisation]:
        """Those that a change names, so that another store can come to know them."""
        named = {end for change in self.log for end in (change.subject, change.into)}
        named |= {key for change in self.log for key in values(change.details, "organisation")}
        return (seen for key, seen in sorted(self.state.known.organisations.items()) if key in named)

    @staticmethod
    def _organisation(seen: SeenOrganisation) -> str:
        table = tomlkit.table()
        table["id"], table["registry"], table["first_seen_at"] = (
            seen.provider_id,
            seen.registry_name,
            seen.first_seen_at,
        )
        for name, value in (("handle", seen.handle), ("name", seen.name), ("natural_person", seen.natural_person)):
            if value is not None:
                table[name] = value
        return f"[[organisation]]\n{table.as_string()}"

    def _change(self, change: RegistryChange) -> str:
        table = tomlkit.table()
        for line in self._said(change):
            table.add(tomlkit.comment(line))
        table["id"] = self.identities.of_change[change.change_id]
        table["action"] = change.action
        if change.undoes is None:
            table["subject"] = change.subject
            if change.into is not None:
                table["into"] = change.into
        else:
            table["undoes"] = self.identities.of_change[change.undoes]
        self._details(table, change.details)
        table["by"], table["why"], table["at"] = change.by, change.why, datetime.fromisoformat(change.at)
        return f"[[change]]\n{table.as_string()}"

    @staticmethod
    def _details(table: Table, details: Mapping[str, str]) -> None:
        for name, text in details.items():
            if name in MANY:
                several = values(details, name)
                table[name] = [int(asn) for asn in several] if name == "asn" else several
            else:
                table[name] = text

    def _said(self, change: RegistryChange) -> Iterable[str]:
        """What the entry says, in words, with the names of today, and what became of it."""
        words = _WORDS[ChangeAction(change.action)]
        undoes = "" if change.undoes is None else str(self.number[change.undoes])
        into = self._named(change.into) if change.into else "their own ids"
        said = words.format(subject=self._named(change.subject), into=into, undoes=undoes)
        yield f"{self.number[change.change_id]}. {said}"
        if later := self.undone.get(change.change_id):
            yield f"UNDONE by change {self.number[later.change_id]}: it does not count."
        if reason := self.state.void.get(change.change_id):
            yield f"WITHOUT EFFECT while what it needs is undone: {reason}."

    def _named(self, provider_id: str) -> str:
        root = self.state.root(provider_id)
        if root not in self.registry.providers:
            return provider_id
        label = "".join(c if c.isprintable() else " " for c in self.registry.label(root))
        return f"{provider_id} ({label})" if root == provider_id else f"{provider_id} (now {root}, {label})"


def _fields() -> Iterable[str]:
    for action, fields in FIELDS.items():
        if fields:
            yield f"  {action.value + ':':<9}{', '.join(fields)}"
