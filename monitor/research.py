"""A copy of the store for researchers: the same figures to the last digit, and nothing in it that is secret.

In: the store, who asks and why, a folder that is not there yet. Out: that folder, a data folder with a new key, and an
entry on the audit log of the store. What would surprise: nothing is sealed away in the copy, it is not there: what a
figure needs of an address (its network, whose that is, since when) is worked out before it goes.

1. What is concluded from addresses is brought up to date here. 2. Stand-ins are chosen. 3. Rows are copied into a new
database. 4. The settings that figures depend on are written. 5. The audit log says so, and the folder gets its name.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from monitor import attribution, freezing, judging, store
from monitor.clock import now
from monitor.config import CONFIG_NAME, Settings
from monitor.disk import scratch, sync, write_whole
from monitor.errors import HandoverError, StoreBusy
from monitor.model.provider import Registry, fold_name
from monitor.model.words import TableKind
from monitor.pipeline import Progress, attribute
from monitor.research_settings import settings_text
from monitor.store import Store, open_store
from monitor.store.chains import heads_in
from monitor.store.kept_courses import keep_courses
from monitor.store.key_file import KeyRole, read_ring, replace_ring
from monitor.store.pseudonyms import Pseudonyms
from monitor.store.records import RecordId
from monitor.store.research_copy import addressees, copy_rows, record_ids

ACTION = "research export"


@dataclass(frozen=True, slots=True)
class ResearchCopy:
    """What was made."""

    path: Path
    n_rows: int
    key_id: str
    pseudonymous_records: bool


def export(
    db: Store, settings: Settings, folder: Path, who: str, why: str, progress: Progress, *, pseudonymous_records: bool
) -> ResearchCopy:
    """Make a research copy. Raises HandoverError where the folder is there, KeyProblem, StoreError, StoreBusy."""
    if folder.exists() or not folder.parent.is_dir():
        raise HandoverError("The folder is there already, or there is no folder to make it in", "Name a new folder")
    db.sealer.check_is_no_copy()
    judging.judged_by_the_rules_in_force(db, settings)
    if not store.attribution_is_current(db):
        attribute(db)
    with scratch(folder.parent, f".{folder.name}.") as locked:
        draft = locked / folder.name  # the outer one is locked, and making a store locks its folder
        with open_store(draft, None, create=True) as copy:
            n_rows = _filled(db, copy, progress, pseudonymous_records=pseudonymous_records)
            if not store.attribution_is_current(copy):
                raise StoreBusy("Something was imported meanwhile", "Give the command again")
            head = _head(db)
            made_from = f"{n_rows} rows, from the store whose audit log ended in {head[:16]}"
            store.add_audit(copy, actor=who, action=ACTION, subject=made_from, reason=why)
            key_id = copy.sealer.key_id
        replace_ring(draft, replace(read_ring(draft), role=KeyRole.RESEARCHER))
        write_whole(draft / CONFIG_NAME, settings_text(settings).encode())
        said = f"key {key_id}: {n_rows} rows, record ids {'replaced' if pseudonymous_records else 'as they are'}"
        store.add_audit(db, actor=who, action=ACTION, subject=said, reason=why)
        draft.rename(folder)
    sync(folder.parent)
    return ResearchCopy(folder, n_rows, key_id, pseudonymous_records)


def _filled(db: Store, copy: Store, progress: Progress, *, pseudonymous_records: bool) -> int:
    known = store.load_registry(db, now().date())
    pseudonyms = Pseudonyms(
        mine=db.sealer,
        theirs=copy.sealer,
        parties=party_stand_ins(addressees(db), _registries(db, known)),
        records=_other_ids(record_ids(db)) if pseudonymous_records else {},
        persons=frozenset(key for key, found in known.providers.items() if found.natural_person),
    )
    n_rows = copy_rows(db, copy, pseudonyms, progress)
    answers = store.load_answers(db, attribution.parse_network)
    courses = freezing.registered(answers, known, lambda: store.load_addresses(db))
    with copy.write() as connection:
        keep_courses(connection, courses)
    return n_rows


def _registries(db: Store, known: Registry) -> list[Registry]:
    """The registry of each day on which names changed: a name may have stood for another Provider before."""
    days = {each.as_of for each in store.list_reference_tables(db) if each.kind == TableKind.AS_NAMES}
    return [known, *(store.load_registry(db, date.fromisoformat(day)) for day in sorted(days))]


def party_stand_ins(parties: Iterable[str], registries: list[Registry]) -> dict[str, str]:
    """What stands for each addressee: the Provider's id, or a number where the registry does not know the name.

    A name that stood for different Providers stays as the registry has it. Marks that the registry passes over go
    before it, so that stand-ins are as many as names were and sort as these did: rules break ties by that order.
    """
    listed = sorted(parties)
    width = len(listed).bit_length()
    made = {}
    for number, party in enumerate(listed):
        marks = f"{number:0{width}b}".replace("0", ",").replace("1", ".")  # "," sorts before "."
        made[party] = f"{marks} {_stand_in(party, number, registries)}"
    return made


def _stand_in(party: str, number: int, registries: list[Registry]) -> str:
    found = {each.find(party) for each in registries}
    borne = any(fold_name(party) in each.claims for each in registries)
    provider_id = next(iter(found)) if len(found) == 1 else None
    if provider_id is not None and all(each.find(provider_id) == provider_id for each in registries):
        return provider_id
    if borne or found != {None}:
        return fold_name(party)
    return f"party {number}"


def _other_ids(records: Iterable[RecordId]) -> dict[RecordId, str]:
    return {record: f"r{secrets.token_hex(10)}" for record in records}


def _head(db: Store) -> str:
    with db.read() as connection:
        return heads_in(connection).audit
