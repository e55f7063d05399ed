"""Registered organisations: who was seen, and under which names, whatever the order in which the answers came.

In: organisations, each with the time of the answer that names it. Out: `SeenOrganisation`. What would surprise: the
name of the latest answer is the present one, the others are former ones. A natural person is listed without name and
handle, under an id that the store's key makes, so that nobody can tell from it who that is.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from monitor.model.registration import Organisation
from monitor.store import contexts
from monitor.store.bulk import insert_rows, select_by
from monitor.store.sealing import Sealer
from monitor.store.tables import OrganisationNameRow, OrganisationRow, table_of
from monitor.store.times import from_micros, to_micros

_ORGANISATIONS = table_of(OrganisationRow)
_NAMES = table_of(OrganisationNameRow)


@dataclass(frozen=True, slots=True)
class SeenOrganisation:
    """A registered organisation. `name` is None for a natural person; `former` are its earlier names, oldest first."""

    provider_id: str
    registry_name: str
    handle: str | None
    name: str | None
    natural_person: bool | None
    first_seen_at: datetime
    former: tuple[str, ...] = ()


def read_organisations(connection: Connection) -> tuple[SeenOrganisation, ...]:
    """Every organisation, ordered by id."""
    n, c = _NAMES.c, _ORGANISATIONS.c
    names: defaultdict[str, list[str]] = defaultdict(list)
    # The one said last at the end; of equal times the order of the alphabet.
    for key, name in connection.execute(select(n.provider_id, n.name).order_by(n.last_said_at, n.name)):
        names[key].append(name)
    columns = (c.provider_id, c.registry_name, c.handle, c.natural_person, c.first_seen_at)
    return tuple(
        SeenOrganisation(
            key, registry, handle, names[key][-1] if names[key] else None, person, at, tuple(names[key][:-1])
        )
        for key, registry, handle, person, at in connection.execute(select(*columns).order_by(c.provider_id))
    )


def add_sightings(connection: Connection, sealer: Sealer, sightings: Iterable[tuple[Organisation, datetime]]) -> None:
    """Take in which answer named which organisation when; the outcome does not depend on the order of the calls."""
    seen: dict[str, _Sighted] = {}
    said: dict[tuple[str, str], int] = {}
    for organisation, asked_at in sightings:
        key, at = _key(sealer, organisation), to_micros(asked_at)
        handle = None if organisation.natural_person else organisation.handle
        one = _Sighted(organisation.registry, handle, organisation.natural_person, at)
        seen[key] = seen[key].joined(one) if key in seen else one
        if organisation.name and not organisation.natural_person:
            said[key, organisation.name] = max(at, said.get((key, organisation.name), at))
    _add(connection, seen)
    _add_names(connection, said)


def add_organisations(connection: Connection, organisations: Iterable[SeenOrganisation]) -> None:
    """Organisations that come from the file of another store, with their present names."""
    rows = list(organisations)
    columns = ("provider_id", "registry_name", "handle", "natural_person", "first_seen_at")
    insert_rows(
        connection,
        _ORGANISATIONS,
        columns,
        [(o.provider_id, o.registry_name, o.handle, o.natural_person, to_micros(o.first_seen_at)) for o in rows],
    )
    _add_names(connection, {(o.provider_id, o.name): to_micros(o.first_seen_at) for o in rows if o.name})


@dataclass(frozen=True, slots=True)
class _Sighted:
    """What all answers up to now say of one organisation, but for its names; times in microseconds UTC."""

    registry: str
    handle: str | None
    person: bool | None
    first_at: int

    def joined(self, other: "_Sighted") -> "_Sighted":
        persons = [each for each in (self.person, other.person) if each is not None]
        handles = [each for each in (self.handle, other.handle) if each]
        person = max(persons, default=None)
        first_at = min(self.first_at, other.first_at)
        return _Sighted(self.registry, None if person else min(handles, default=None), person, first_at)


def _key(sealer: Sealer, organisation: Organisation) -> str:
    if not organisation.natural_person:
        return organisation.key
    mark = sealer.index(organisation.key.encode(), contexts.REGISTERED_PERSON).hex()
    return f"org-{organisation.registry}-person-{mark}"


def _add(connection: Connection, seen: dict[str, _Sighted]) -> None:
    columns = ("provider_id", "registry_name", "handle", "natural_person", "first_seen_at")
    known = {
        key: _Sighted(registry, handle, None if person is None else bool(person), at)
        for key, registry, handle, person, at in select_by(connection, _ORGANISATIONS, columns, "provider_id", seen)
    }
    new = [(key, o.registry, o.handle, o.person, o.first_at) for key, o in seen.items() if key not in known]
    insert_rows(connection, _ORGANISATIONS, columns, new)
    for key, before in known.items():
        after = before.joined(seen[key])
        if after != before:  # seldom: no batch is worth it
            values = {
                "handle": after.handle,
                "natural_person": after.person,
                "first_seen_at": from_micros(after.first_at),
            }
            connection.execute(update(_ORGANISATIONS).where(_ORGANISATIONS.c.provider_id == key).values(**values))


def _add_names(connection: Connection, said: dict[tuple[str, str], int]) -> None:
    """Keep of each name when it was last said. What a file of another store calls a person gets no name."""
    keys = {key for key, _ in said}
    persons = {
        key
        for key, person in select_by(connection, _ORGANISATIONS, ("provider_id", "natural_person"), "provider_id", keys)
        if person
    }
    columns = ("provider_id", "name", "last_said_at")
    known = {(key, name): at for key, name, at in select_by(connection, _NAMES, columns, "provider_id", keys)}
    later = {pair: at for pair, at in said.items() if pair[0] not in persons and at > known.get(pair, at - 1)}
    for key, name in later.keys() & known.keys():
        connection.execute(delete(_NAMES).where((_NAMES.c.provider_id == key) & (_NAMES.c.name == name)))
    insert_rows(connection, _NAMES, columns, [(*pair, at) for pair, at in later.items()])
    for key in persons:
        connection.execute(delete(_NAMES).where(_NAMES.c.provider_id == key))
