"""A file of changes read in: each entry is checked as if a person had just made it, in the order of the file.

In: the text of the file (`registry_file.py` writes it). Out: counts and Rejects by entry number, without any text of
the entry. What would surprise: an entry that lies in the log already is a duplicate and changes nothing; which one
that is, `registry_identity.py` says. All entries that can be taken are taken in one transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from monitor.errors import MonitorError, RegistryError
from monitor.model.provider import RegistryChange
from monitor.model.report import Reject
from monitor.model.words import ChangeAction
from monitor.store.database import Store
from monitor.store.records import RecordId, find_records, reported
from monitor.store.registry_changes import Ledger
from monitor.store.registry_details import FIELDS, SHOWN_NAMES, details_of, values
from monitor.store.registry_entries import (
    ENTRY,
    Code,
    EntryProblem,
    action_of,
    into_of,
    nearest,
    needed,
    organisations_of,
    tables_of,
    text_of,
    texts_of,
    time_of,
)
from monitor.store.registry_identity import Identities
from monitor.store.registry_log import append_import
from monitor.store.registry_organisations import SeenOrganisation

SHORTEST_REFERENCE = 6
"""Characters of an identity that `undoes` needs at least."""
Clear = Callable[[str, str], str]
"""Takes a text that is kept or shown in the clear and its field's name; gives it, or raises MonitorError."""


@dataclass(frozen=True, slots=True)
class ImportedChanges:
    """What came of a file: n_read = n_accepted + n_duplicate + rejected entries; `row` of a Reject counts entries."""

    n_read: int
    n_accepted: int
    n_duplicate: int
    rejects: tuple[Reject, ...]
    unreported: tuple[int, ...] = ()  # accepted overrides, by entry, of records that no report has yet


def import_registry(
    store: Store, text: str, *, by: str | None, clear: Clear = lambda text, _field: text
) -> ImportedChanges:
    """Take in the changes of a file. `by` stands for entries without one, and for who imported them.

    `clear` is asked about who, why, names and aliases, which are kept or shown in the clear. Raises InputError where
    the text is no such file, StoreError.
    """
    entries, organisations = tables_of(text)
    with store.write() as connection:
        ledger = Ledger.open(connection, store.sealer)
        reader = _Reader(ledger, Identities.of_log(ledger.log), organisations_of(organisations), by, clear)
        outcomes = [reader.take(number, entry) for number, entry in enumerate(entries, start=1)]
        n_accepted = sum(outcome is True for outcome in outcomes)
        if n_accepted:
            append_import(connection, by or "import", n_accepted)
        unreported = _unreported(connection, reader.overridden)
    rejects = tuple(outcome for outcome in outcomes if isinstance(outcome, Reject))
    n_duplicate = len(entries) - n_accepted - len(rejects)
    return ImportedChanges(len(entries), n_accepted, n_duplicate, rejects, unreported)


def _unreported(connection: Connection, overridden: Mapping[int, RecordId]) -> tuple[int, ...]:
    """The entries whose record has no Report yet: perhaps still to come, perhaps a slip of the pen."""
    keys = find_records(connection, set(overridden.values()))
    known = reported(connection, set(keys.values()))
    return tuple(entry for entry, record in overridden.items() if keys.get(record) not in known)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes one entry after another into the ledger."""

    ledger: Ledger
    identities: Identities
    organisations: Mapping[str, SeenOrganisation]
    by: str | None
    clear: Clear
    overridden: dict[int, RecordId] = field(default_factory=dict)  # accepted overrides: entry -> record

    def take(self, number: int, entry: object) -> bool | Reject:
        """True: accepted; False: was there already; or why not."""
        try:
            return self._take(number, entry)
        except EntryProblem as problem:
            return Reject(number, problem.code.value, problem.reason, problem.field)
        except RegistryError as error:
            return Reject(number, Code.NOT_POSSIBLE.value, str(error))

    def _take(self, number: int, entry: object) -> bool:
        if not isinstance(entry, dict):
            raise EntryProblem(Code.NOT_A_TABLE, "The entry is no table")
        change = self.ledger.prepared(self._change(entry))
        written = text_of(entry, "id")
        if "at" in entry:
            if written is not None and written != self.identities.full(change):
                raise EntryProblem(
                    Code.EDITED,
                    "The entry was changed after its export: a change of its own has neither id nor at",
                    "id",
                )
            if self.identities.holds(change):
                return False
        elif written is not None:
            raise EntryProblem(Code.EDITED, "An id stands without its time: take it away, or write `at` too", "id")
        elif self.identities.bare_of(change) in self.identities.bare:
            return False
        self.identities.add(self.ledger.add(change, self._newcomers(change)))
        if change.action == ChangeAction.OVERRIDE:
            self.overridden[number] = change.details["source"], change.details["record"]
        return True

    def _change(self, entry: Mapping[str, Any]) -> RegistryChange:
        action = action_of(entry)
        allowed = (*ENTRY, *FIELDS[action])
        for name in entry:
            if name not in allowed:
                reason = f"The entry has a field of an unknown name; the nearest right one is {nearest(name, allowed)}"
                raise EntryProblem(Code.UNKNOWN_NAME, reason)
        by, why = text_of(entry, "by") or self.by, text_of(entry, "why")
        if not by or not why:
            raise EntryProblem(
                Code.MISSING_VALUE, "The entry does not say who decided it and why", "why" if by else "by"
            )
        at = time_of(entry)
        change = RegistryChange(0, action, "", None, self._clear(by, "by"), self._clear(why, "why"), at)
        if action is ChangeAction.UNDO:
            return self._undoing(change, entry)
        return replace(
            change,
            subject=needed(entry, "subject"),
            into=needed(entry, "into")
            if action in (ChangeAction.MERGE, ChangeAction.DISTINCT)
            else into_of(entry, action),
            details=self._details(action, entry),
        )

    def _details(self, action: ChangeAction, entry: Mapping[str, Any]) -> dict[str, str]:
        details = details_of(action, {name: texts_of(entry, name) for name in FIELDS[action] if name in entry})
        for name in SHOWN_NAMES:
            for text in values(details, name):
                self._clear(text, name)
        return details

    def _undoing(self, change: RegistryChange, entry: Mapping[str, Any]) -> RegistryChange:
        prefix = needed(entry, "undoes").lower()
        found = self.identities.starting_with(prefix) if len(prefix) >= SHORTEST_REFERENCE else []
        if len(found) != 1:
            reason = f"`undoes` is not the beginning ({SHORTEST_REFERENCE} characters at least) of one change's id"
            raise EntryProblem(Code.NO_SUCH_CHANGE, reason, "undoes")
        undone = next(other for other in self.ledger.log if other.change_id == found[0])
        return replace(change, subject=undone.subject, into=undone.into, undoes=undone.change_id)

    def _newcomers(self, change: RegistryChange) -> list[str | SeenOrganisation]:
        """The ids that the change names and that can be seen for the first time by it."""
        named = [change.subject, *([change.into] if change.into else []), *values(change.details, "organisation")]
        found: list[str | SeenOrganisation] = []
        for provider_id in named:
            digits = provider_id.removeprefix("as")
            if provider_id != digits and digits.isascii() and digits.isdigit() and _is_asn(digits):
                found.append(provider_id)
            elif provider_id in self.organisations:
                found.append(self.organisations[provider_id])
        return found

    def _clear(self, text: str, name: str) -> str:
        try:
            return self.clear(text, name)
        except MonitorError:
            reason = f"{name} is kept or shown in the clear: no URL, host or address, at most 200 characters"
            raise EntryProblem(Code.BAD_TEXT, reason, name) from None


def _is_asn(digits: str) -> bool:
    return str(int(digits)) == digits and 0 < int(digits) < 2**32
