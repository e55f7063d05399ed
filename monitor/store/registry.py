"""The registry of Providers: replayed from what was first seen and from the changes that stand.

In: a day for the names. Out: a `Registry`, or one more change. What would surprise: nothing is ever changed in
place. A merge is a row, undoing it is another row, and each has its audit row in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from monitor.clock import now
from monitor.errors import RegistryError
from monitor.model.provider import Provider, Registry, RegistryChange, fold_name
from monitor.store.audit import append
from monitor.store.database import Store
from monitor.store.tables import ProviderNameRow, ProviderRow, ReferenceTableRow, RegistryChangeRow, table_of

_CHANGES = table_of(RegistryChangeRow)
_NAMES = table_of(ProviderNameRow)
_PROVIDERS = table_of(ProviderRow)
_TABLES = table_of(ReferenceTableRow)
_MERGE, _UNDO = "merge", "undo"


@dataclass(frozen=True, slots=True)
class _State:
    """Who there is (provider id -> first AS number), and what stands: subject -> the id it was merged into."""

    asn_of: Mapping[str, int]
    into: Mapping[str, str]

    def root(self, provider_id: str) -> str:
        """The Provider that answers for this one; merges never make a circle, so this ends."""
        while provider_id in self.into:
            provider_id = self.into[provider_id]
        return provider_id


def load_registry(store: Store, as_of: date) -> Registry:
    """The Providers after every change in force. Names: the newest not after `as_of`, else the oldest there is."""
    with store.read() as connection:
        state = _state(connection)
        names = _names(connection, as_of)
    members: defaultdict[str, list[str]] = defaultdict(list)
    for provider_id in state.asn_of:
        members[state.root(provider_id)].append(provider_id)
    providers = {
        root: _provider(root, members[root], state, names)
        for root in sorted(members, key=lambda root: state.asn_of[root])
    }
    by_asn = {asn: state.root(provider_id) for provider_id, asn in state.asn_of.items()}
    now_borne, former = _borne(providers, names), _borne(providers, names, former=True)
    none: frozenset[str] = frozenset()
    names_of_any = {name for name in (*now_borne, *former) if name}
    claims = {name: frozenset(now_borne.get(name, none) | former.get(name, none)) for name in names_of_any}
    return Registry(providers, by_asn, _by_name(now_borne, former, state), claims)


def merge(store: Store, subject: str, into: str, *, by: str, why: str) -> int:
    """From now on `into` answers for `subject`; returns the change's id. Raises RegistryError."""
    subject, into = _folded(subject), _folded(into)
    with store.write() as connection:
        state = _state(connection)
        for provider_id in (subject, into):
            _must_be_known(state, provider_id)
        if subject == into:
            raise RegistryError(f"{subject} cannot be merged into itself", "Name two different providers")
        if subject in state.into:
            raise RegistryError(f"{subject} is already merged into {state.into[subject]}", "Undo that merge first")
        if state.root(into) == subject:
            raise RegistryError(f"{into} is itself merged into {subject}", "Undo that merge first")
        return _record(connection, _MERGE, subject, into, by, why, None)


def undo(store: Store, change_id: int, *, by: str, why: str) -> int:
    """Take a merge back; returns the new change's id. Raises RegistryError."""
    with store.write() as connection:
        found = {change.change_id: change for change in _changes(connection)}
        change = found.get(change_id)
        if change is None:
            raise RegistryError(f"There is no change {change_id}", "`monitor providers show ID` lists the changes")
        if change.action != _MERGE:
            raise RegistryError(f"Change {change_id} is itself an undoing", "Make the merge again instead")
        if any(other.undoes == change_id for other in found.values()):
            raise RegistryError(f"Change {change_id} was undone before", "Nothing was changed")
        return _record(connection, _UNDO, change.subject, change.into, by, why, change_id)


def changes(store: Store, provider_id: str | None = None) -> tuple[RegistryChange, ...]:
    """Every change, oldest first; with `provider_id` those that it takes part in. Raises RegistryError if unknown."""
    with store.read() as connection:
        found = _changes(connection)
        if provider_id is None:
            return found
        provider_id = _folded(provider_id)
        state = _state(connection)
        _must_be_known(state, provider_id)
    # Whoever is, or by some change ever was, one with this Provider.
    family = {provider_id, state.root(provider_id)}
    family |= {member for member in state.asn_of if state.root(member) in family}
    while more := {end for c in found if {c.subject, c.into} & family for end in (c.subject, c.into) if end} - family:
        family |= more
    return tuple(change for change in found if {change.subject, change.into} & family)


def _state(connection: Connection) -> _State:
    asn_of = {row.provider_id: row.first_asn for row in connection.execute(select(_PROVIDERS))}
    found = _changes(connection)
    undone = {change.undoes for change in found}
    stands = [change for change in found if change.action == _MERGE and change.change_id not in undone]
    return _State(asn_of, {change.subject: change.into for change in stands if change.into is not None})


def _changes(connection: Connection) -> tuple[RegistryChange, ...]:
    c = _CHANGES.c
    columns = (c.id, c.action, c.subject, c.into, c.by, c.why, c.at, c.undoes)
    found = connection.execute(select(*columns).order_by(c.id)).all()
    return tuple(
        RegistryChange(key, action, subject, into, by, why, at.isoformat(), undoes)
        for key, action, subject, into, by, why, at, undoes in found
    )


def _record(
    connection: Connection, action: str, subject: str, into: str | None, by: str, why: str, undoes: int | None
) -> int:
    if not by.strip() or not why.strip():
        raise RegistryError("A change needs who decided it and why", "Give --by and --why with text")
    new = _CHANGES.insert().values(action=action, subject=subject, into=into, by=by, why=why, at=now(), undoes=undoes)
    change_id = int(connection.execute(new.returning(_CHANGES.c.id)).scalar_one())
    into_what = f"{subject} into {into}" + ("" if undoes is None else f" (change {undoes})")
    append(connection, actor=by, action=f"providers {action}", subject=into_what, reason=why)
    return change_id


def _names(connection: Connection, as_of: date) -> Mapping[int, list[str]]:
    """AS number -> its names up to that day, newest last, for the AS numbers that have a Provider."""
    rows = connection.execute(
        select(_NAMES.c.asn, _NAMES.c.name, _TABLES.c.as_of)
        .join(_TABLES, _TABLES.c.id == _NAMES.c.table_id)
        .join(_PROVIDERS, _PROVIDERS.c.first_asn == _NAMES.c.asn)
        .order_by(_TABLES.c.as_of, _TABLES.c.made_on, _TABLES.c.sha256)
    )
    names: defaultdict[int, list[str]] = defaultdict(list)
    for asn, name, dated in rows:
        if dated <= as_of or not names[asn]:
            names[asn].append(name)
    return names


def _provider(root: str, members: Iterable[str], state: _State, names: Mapping[int, list[str]]) -> Provider:
    asns = sorted(state.asn_of[member] for member in members)
    named = {asn: names.get(asn) or [f"AS{asn}"] for asn in asns}
    own = named[state.asn_of[root]][-1]
    aliases = tuple(sorted({name for earlier in named.values() for name in earlier if name != own}))
    return Provider(root, own, aliases, tuple(asns))


def _borne(
    providers: Mapping[str, Provider], names: Mapping[int, list[str]], *, former: bool = False
) -> defaultdict[str, set[str]]:
    """Folded name -> the ids of the Providers that bear it now (or bore it before)."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for provider in providers.values():
        for asn in provider.asns:
            known = names.get(asn) or [f"AS{asn}"]
            for name in known[:-1] if former else known[-1:]:
                found[fold_name(name)].add(provider.provider_id)
    return found


def _by_name(now_borne: Mapping[str, set[str]], former: Mapping[str, set[str]], state: _State) -> dict[str, str]:
    """Folded name -> id, where it stands for one Provider only; ids and AS numbers always stand for their own.

    A former name stands for its Provider unless somebody bears it now.
    """
    claims = {**former, **now_borne}
    unique = {name: next(iter(ids)) for name, ids in claims.items() if len(ids) == 1 and name}
    numbers = {str(asn): state.root(provider_id) for provider_id, asn in state.asn_of.items()}
    return unique | numbers | {fold_name(provider_id): state.root(provider_id) for provider_id in state.asn_of}


def _folded(provider_id: str) -> str:
    return provider_id.strip().lower()


def _must_be_known(state: _State, provider_id: str) -> None:
    if provider_id not in state.asn_of:
        shown = provider_id if provider_id.isalnum() and len(provider_id) <= 20 else "This id"
        raise RegistryError(f"{shown} is not a provider in the registry", "`monitor providers list` shows them")
