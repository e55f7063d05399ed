"""What people do to the registry, one function an action: each is checked, added to the log and to the audit log.

In: ids, texts, who and why. Out: the number of the change. Every function raises RegistryError, with one line that
says what to do, and then nothing was changed. What would surprise: ids of Providers are the only names taken here;
an AS number that is assigned counts as seen from then on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from monitor.errors import RegistryError
from monitor.model.provider import RegistryChange
from monitor.model.words import ChangeAction
from monitor.store.database import Store
from monitor.store.registry_details import Given, assets, details_of, makes_provider, own_id, values
from monitor.store.registry_log import (
    Known,
    add_first_sight,
    append_change,
    read_known,
    read_log,
    time_now,
)
from monitor.store.registry_organisations import SeenOrganisation
from monitor.store.registry_replay import State, apply, check, must_exist, replay
from monitor.store.sealing import Sealer


@dataclass(slots=True)
class Ledger:
    """The log inside one writing transaction, and what stands after it."""

    connection: Connection
    sealer: Sealer
    known: Known
    log: list[RegistryChange]
    _state: State | None = field(default=None)

    @classmethod
    def open(cls, connection: Connection, sealer: Sealer) -> "Ledger":
        return cls(connection, sealer, read_known(connection), list(read_log(connection, sealer)))

    @property
    def state(self) -> State:
        if self._state is None:
            self._state = replay(self.known, self.log)
        return self._state

    def prepared(self, change: RegistryChange) -> RegistryChange:
        """The change as it would be kept: ids and texts in one spelling. Not yet held against what stands."""
        if not change.by.strip() or not change.why.strip():
            raise RegistryError("A change needs who decided it and why", "Give --by and --why with text")
        subject, into = _folded(change.subject), _folded(change.into or "") or None
        details = details_of(ChangeAction(change.action), change.details)
        return replace(
            change, subject=subject, into=into, details=details, by=change.by.strip(), why=change.why.strip()
        )

    def add(self, change: RegistryChange, first_seen: Iterable[str | SeenOrganisation] = ()) -> RegistryChange:
        """Check and keep a prepared change. `first_seen`: ids and organisations that it brings along, unless known."""
        asns, organisations = self._newcomers(change, first_seen)
        self.known.asn_of.update({f"as{asn}": asn for asn in asns})
        self.known.organisations.update({seen.provider_id: seen for seen in organisations})
        try:
            added = self._checked(change)
        except RegistryError:
            for asn in asns:
                del self.known.asn_of[f"as{asn}"]
            for seen in organisations:
                del self.known.organisations[seen.provider_id]
            raise
        add_first_sight(self.connection, asns, organisations)
        added = append_change(self.connection, self.sealer, added)
        self.log.append(added)
        if added.action == ChangeAction.UNDO:
            self._state = None
        else:
            apply(self.state, added)
        return added

    def _newcomers(
        self, change: RegistryChange, first_seen: Iterable[str | SeenOrganisation]
    ) -> tuple[list[int], list[SeenOrganisation]]:
        asns = {int(asn) for asn in values(change.details, "asn")}
        organisations = []
        for seen in first_seen:
            if isinstance(seen, str):
                asns.add(int(seen.removeprefix("as")))
            elif seen.provider_id not in self.known.organisations:
                organisations.append(seen)
        return sorted(asn for asn in asns if f"as{asn}" not in self.known.asn_of), organisations

    def _checked(self, change: RegistryChange) -> RegistryChange:
        if change.action == ChangeAction.UNDO:
            return self._checked_undo(change)
        if change.action == ChangeAction.SPLIT:
            change = self._with_new_id(change)
        check(self.state, change)
        return change

    def _with_new_id(self, change: RegistryChange) -> RegistryChange:
        if not makes_provider(change.details):
            own = [own_id(asset) for asset in assets(change.details)]
            return replace(change, into=own[0] if len(own) == 1 else None)
        if change.into is None:
            return replace(change, into=self.state.free_id(change.subject))
        if change.into in self.state.taken or not _is_part_of(change.into, change.subject):
            raise RegistryError("That id cannot be given to a part", "Leave `into` out: the next free one is taken")
        return change

    def _checked_undo(self, change: RegistryChange) -> RegistryChange:
        number = change.undoes
        undone = next((other for other in self.log if other.change_id == number), None)
        if undone is None:
            raise RegistryError(f"There is no change {number}", "`monitor providers show ID` lists the changes")
        if undone.action == ChangeAction.UNDO:
            raise RegistryError(f"Change {number} is itself an undoing", "Make the change again instead")
        if any(other.undoes == number for other in self.log):
            raise RegistryError(f"Change {number} was undone before", "Nothing was changed")
        return replace(change, subject=undone.subject, into=undone.into)


def merge(store: Store, subject: str, into: str, *, by: str, why: str) -> int:
    """From now on `into` answers for `subject`, its AS numbers, organisations, names and claims."""
    return _record(store, ChangeAction.MERGE, subject, into, {}, by, why)


def split(store: Store, provider_id: str, given: Given, *, by: str, why: str) -> int:
    """Give parts of a Provider (`asn`, `organisation`, `network`) one of their own, from one day to another.

    AS numbers and organisations go back to their own ids; with `name` or a network, all get a new id together.
    """
    return _record(store, ChangeAction.SPLIT, provider_id, None, given, by, why)


def assign(store: Store, provider_id: str, given: Given, *, by: str, why: str) -> int:
    """This Provider answers for AS numbers, organisations or networks, from one day (included) to another (not)."""
    return _record(store, ChangeAction.ASSIGN, provider_id, None, given, by, why)


def override(store: Store, provider_id: str, record: str, *, source: str = "default", by: str, why: str) -> int:
    """One record is this Provider's, whatever its address says. The record need not be in the store yet."""
    return _record(store, ChangeAction.OVERRIDE, provider_id, None, {"record": record, "source": source}, by, why)


def set_traits_of(store: Store, provider_id: str, given: Given, *, by: str, why: str) -> int:
    """Say a Provider's names, legal identity, group and contacts: the fields of `registry_details.FIELDS`."""
    return _record(store, ChangeAction.SET, provider_id, None, given, by, why)


def distinct(store: Store, one: str, other: str, *, by: str, why: str) -> int:
    """These two are not the same, whatever their names suggest; no merge is proposed any more."""
    return _record(store, ChangeAction.DISTINCT, one, other, {}, by, why)


def undo(store: Store, change_id: int, *, by: str, why: str) -> int:
    """Take a change back. What was made later and needs it stays on the log without effect (`void_changes`)."""
    return _record(store, ChangeAction.UNDO, "", None, {}, by, why, change_id)


def changes(store: Store, provider_id: str | None = None) -> tuple[RegistryChange, ...]:
    """Every change, oldest first; with `provider_id` those that it takes part in. Raises RegistryError if unknown."""
    with store.read() as connection:
        log = read_log(connection, store.sealer)
        if provider_id is None:
            return log
        state = replay(read_known(connection), log)
    provider_id = _folded(provider_id)
    if provider_id not in state.taken:  # a part that was taken back is not a Provider, but has changes
        must_exist(state, provider_id)
    # Whoever is, or by some change ever was, one with this Provider.
    family = {provider_id, state.root(provider_id)}
    family |= {child for child in state.parent if state.root(child) in family}
    joins = [ends for change in log if len(ends := set(_joined(change))) > 1]
    while more := {end for ends in joins if ends & family for end in ends} - family:
        family |= more
    return tuple(change for change in log if {*_joined(change), change.subject, change.into} & family)


def void_changes(store: Store) -> dict[int, str]:
    """The changes that are not undone and yet without effect, because what they need was undone: number -> why."""
    with store.read() as connection:
        return replay(read_known(connection), read_log(connection, store.sealer)).void


def natural_persons(store: Store) -> frozenset[str]:
    """The ids, merged ones and parts included, whose names no list may show: a natural person's, now or by a mark.

    What would surprise: a mark counts also when it was undone or is without effect, until "no" is set, because the
    changes that it was meant for are still on the log.
    """
    with store.read() as connection:
        known, log = read_known(connection), read_log(connection, store.sealer)
    state = replay(known, log)
    undone = {change.undoes for change in log if change.undoes is not None}
    person = {key: bool(seen.natural_person) for key, seen in known.organisations.items()}
    for change in log:
        said = change.details.get("natural_person")
        if said == "yes":
            person[change.subject] = True
        elif said == "no" and change.change_id not in undone and change.change_id not in state.void:
            person[change.subject] = False
    ids = (*known.asn_of, *known.organisations, *state.taken)
    return frozenset(key for key in ids if person.get(key) or person.get(state.root(key)))


def _joined(change: RegistryChange) -> Iterator[str]:
    """The ids between which a change moves something: nothing moves between two that are declared distinct."""
    if change.action not in (ChangeAction.DISTINCT, ChangeAction.UNDO):
        yield change.subject
        if change.into:
            yield change.into
        yield from (own_id(asset) for asset in assets(change.details) if asset.kind != "network")


def _record(
    store: Store,
    action: ChangeAction,
    subject: str,
    into: str | None,
    given: Given,
    by: str,
    why: str,
    undoes: int | None = None,
) -> int:
    new = RegistryChange(0, action.value, subject, into, by, why, time_now(), undoes, details_of(action, given))
    with store.write() as connection:
        ledger = Ledger.open(connection, store.sealer)
        return ledger.add(ledger.prepared(new)).change_id


def _folded(provider_id: str) -> str:
    return provider_id.strip().lower()


def _is_part_of(part: str, whole: str) -> bool:
    number = part.removeprefix(whole).lstrip("-")
    return part.startswith(f"{whole}-") and number.isascii() and number.isdigit()
