"""What registries answered: kept as received (sealed, each document once), and read back as values.

In: `NewAnswer`s, a batch a transaction. Out: RegistrationAnswers, parsed by whoever knows the format. What would
surprise: an answer that does not say when it was given counts as given when its document first came; the organisations
that answers name are listed beside them (`registry_organisations.py`).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Connection, func, select

from monitor.clock import now
from monitor.errors import ReferenceDataError
from monitor.model.registration import Organisation, RegisteredNetwork, RegistrationAnswer
from monitor.model.report import Address
from monitor.model.words import RegistrationStatus
from monitor.store import contexts
from monitor.store.bulk import insert_rows, look_up, select_by
from monitor.store.database import Store
from monitor.store.fetching import streamed
from monitor.store.registry_organisations import SeenOrganisation, add_sightings, read_organisations
from monitor.store.sealing import Sealer
from monitor.store.tables import RegistrationAnswerRow, RegistrationRow, table_of
from monitor.store.times import from_micros, to_micros

_ANSWERS = table_of(RegistrationAnswerRow)
_DOCUMENTS = table_of(RegistrationRow)
_LARGEST_DOCUMENT = 1 << 26
_COLUMNS = ("asked_at", "server", "status", "recorded", "registration_id", "address_id", "covers")

Parse = Callable[[dict[str, object], str], RegisteredNetwork]
"""Document and registry in, what it says out. Raises ReferenceDataError."""


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """One question to a registry, answered or not. `document` is without the fields that repeat the address.

    `asked_at` None: nothing says when it was asked; it counts as asked when its document first came.
    """

    address_id: int | None
    asked_at: datetime | None
    server: str
    status: RegistrationStatus
    document: Mapping[str, object] | None = None
    registry: str = ""
    organisation: Organisation | None = None
    covers: tuple[Address, Address] | None = None
    recorded: bool = False  # imported from a file


def add_answer(store: Store, answer: NewAnswer) -> bool:
    """Keep one answer; False if it is there already."""
    return add_answers(store, [answer]) == 1


def add_answers(store: Store, answers: Sequence[NewAnswer]) -> int:
    """Keep answers in one transaction; how many were new.

    An answer with the same time, server, address and document as one that is there is the same one; where the address
    is not known, with the same time, server, document and range that it covers.
    """
    with store.write() as connection:
        documents = _add_documents(connection, store.sealer, answers)
        answers = _timed(connection, answers, documents)
        keys = [_key(each, document) for each, document in zip(answers, documents, strict=True)]
        known = _known_keys(connection, store.sealer, keys)
        new: dict[tuple[Any, ...], NewAnswer] = {}
        for key, each in zip(keys, answers, strict=True):
            if key not in known:
                new.setdefault(key, each)
        rows = [_row(store.sealer, key, each) for key, each in new.items()]
        insert_rows(connection, _ANSWERS, _COLUMNS, rows)
        sightings = [(each.organisation, _asked_at(each)) for each in new.values() if each.organisation is not None]
        add_sightings(connection, store.sealer, sightings)
    return len(new)


def load_answers(store: Store, parse: Parse) -> tuple[RegistrationAnswer, ...]:
    """Every answer that was FOUND, the oldest first; each different document is opened and parsed once.

    `network` is None where a document no longer parses. Raises KeyProblem where one does not open.
    """
    a, d = _ANSWERS.c, _DOCUMENTS.c
    with store.read() as connection:
        wanted = select(a.registration_id).where(a.status == RegistrationStatus.FOUND.value)
        with streamed(connection, select(d.id, d.registry_name, d.document).where(d.id.in_(wanted))) as documents:
            networks = {
                each.id: _parsed(_opened(store.sealer, each.document), each.registry_name, parse) for each in documents
            }
        columns = (a.id, a.asked_at, a.server, a.covers, a.recorded, a.registration_id)
        found = connection.execute(
            select(*columns).where(a.status == RegistrationStatus.FOUND.value).order_by(a.asked_at, a.id)
        ).all()
    return tuple(
        RegistrationAnswer(
            each.id,
            each.asked_at,
            each.server,
            RegistrationStatus.FOUND,
            networks.get(each.registration_id),
            open_covers(store.sealer, each.covers),
            each.recorded,
        )
        for each in found
    )


def count_registrations(store: Store) -> tuple[int, int]:
    """How many questions were answered with a registration, and how many were not."""
    with store.read() as connection:
        counts = connection.execute(select(_ANSWERS.c.status, func.count()).group_by(_ANSWERS.c.status)).all()
    found = sum(n for status, n in counts if status == RegistrationStatus.FOUND.value)
    return found, sum(n for _, n in counts) - found


def list_organisations(store: Store) -> tuple[SeenOrganisation, ...]:
    """Every organisation, ordered by id."""
    with store.read() as connection:
        return read_organisations(connection)


def open_covers(sealer: Sealer, sealed: bytes | None) -> tuple[Address, Address] | None:
    """The first and last address that an answer covers."""
    if sealed is None:
        return None
    both = sealer.unseal(sealed, contexts.REGISTRATION_COVERS)
    return Address(both[: len(both) // 2]), Address(both[len(both) // 2 :])


def _add_documents(connection: Connection, sealer: Sealer, answers: Sequence[NewAnswer]) -> list[int | None]:
    """The key of each answer's document, the missing ones added."""
    texts = [None if each.document is None else _canonical(each.registry, each.document) for each in answers]
    indexes = [None if text is None else sealer.index(text, contexts.REGISTRATION) for text in texts]
    known = look_up(connection, _DOCUMENTS, "document_index", {index for index in indexes if index is not None})
    new: dict[bytes, tuple[Any, ...]] = {}
    for index, text, each in zip(indexes, texts, answers, strict=True):
        if index is not None and text is not None and index not in known and index not in new:
            sealed = sealer.seal(zstandard.ZstdCompressor().compress(text), contexts.REGISTRATION)
            new[index] = (sealed, index, each.registry, to_micros(_asked_at(each)))
    columns = ("document", "document_index", "registry_name", "first_received_at")
    insert_rows(connection, _DOCUMENTS, columns, list(new.values()))
    known |= look_up(connection, _DOCUMENTS, "document_index", new.keys())
    return [None if index is None else known[index] for index in indexes]


def _timed(
    connection: Connection, answers: Sequence[NewAnswer], documents: Sequence[int | None]
) -> Sequence[NewAnswer]:
    """Where an answer does not say when it was given, the time at which its document first came."""
    undated = {key for each, key in zip(answers, documents, strict=True) if each.asked_at is None and key is not None}
    if not undated:
        return answers
    came: dict[int, int] = dict(select_by(connection, _DOCUMENTS, ("id", "first_received_at"), "id", undated))
    return [
        each if each.asked_at is not None or key is None else replace(each, asked_at=from_micros(came[key]))
        for each, key in zip(answers, documents, strict=True)
    ]


def _asked_at(answer: NewAnswer) -> datetime:
    """The time of an answer, now where nothing tells it."""
    return answer.asked_at or now()


def _canonical(registry: str, document: Mapping[str, object]) -> bytes:
    """Equal bytes for equal documents of one registry: [registry, document], keys sorted, ASCII."""
    return json.dumps([registry, document], sort_keys=True, separators=(",", ":")).encode("ascii")


def _opened(sealer: Sealer, sealed: bytes) -> dict[str, object]:
    packed = sealer.unseal(sealed, contexts.REGISTRATION)
    _, document = json.loads(zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST_DOCUMENT))
    assert isinstance(document, dict)
    return document


def _parsed(document: dict[str, object], registry: str, parse: Parse) -> RegisteredNetwork | None:
    try:
        return parse(document, registry)
    except ReferenceDataError:
        return None  # an earlier monitor took it for a registration; it stays on record and attributes nothing


def _key(answer: NewAnswer, document: int | None) -> tuple[Any, ...]:
    covers = answer.covers if answer.address_id is None else None
    return to_micros(_asked_at(answer)), answer.server, answer.address_id, document, covers


def _known_keys(connection: Connection, sealer: Sealer, keys: Iterable[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """The keys that may be these answers': of their addresses, or of their times where there is no address."""
    listed = list(keys)
    columns = ("asked_at", "server", "address_id", "registration_id")
    addresses = {key[2] for key in listed if key[2] is not None}
    known = {(*row, None) for row in select_by(connection, _ANSWERS, columns, "address_id", addresses)}
    times = {key[0] for key in listed if key[2] is None}
    of_nobody = select_by(connection, _ANSWERS, (*columns, "covers"), "asked_at", times, "address_id IS NULL")
    return known | {(*row, open_covers(sealer, covers)) for *row, covers in of_nobody}


def _row(sealer: Sealer, key: tuple[Any, ...], answer: NewAnswer) -> tuple[Any, ...]:
    asked_at, server, address_id, document, _ = key
    covers = None if answer.covers is None else sealer.seal(b"".join(answer.covers), contexts.REGISTRATION_COVERS)
    return asked_at, server, answer.status.value, answer.recorded, document, address_id, covers
