"""Exchanged cases past their term: the URL that came with one, and what documents said of it.

In: an instant, keys of cases. Out: which are due, and how many went. What would surprise: the row stays, with the name
of its case and its document, so that a document that comes once more is known as one that was here; and what is left of
a case is written by the stage that reads it (`Shorten`), because the store does not know that form.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.store import contexts
from monitor.store.bulk import chunks, update_rows
from monitor.store.database import Store
from monitor.store.erasing import overwrite
from monitor.store.holds_now import Kept, nothing_held
from monitor.store.tables import ExchangeCaseRow, ExchangeDocumentRow, table_of
from monitor.store.times import to_micros

_CASES, _DOCUMENTS = table_of(ExchangeCaseRow), table_of(ExchangeDocumentRow)
NO_TARGET = "0" * 64
"""The name of a Target that was forgotten: no URL gives it."""
Shorten = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class DueCase:
    """One case as far as it says whether somebody holds it."""

    case_id: int
    link_id: int
    key_digest: str
    received: bool
    target: str
    details: bytes = field(repr=False)


def due_cases(store: Store, before: datetime, *, urls: bool) -> list[int]:
    """The cases whose document was written down before that, ascending; `urls`: those that still have one that came."""
    there = _CASES.c.url.is_not(None) if urls else _CASES.c.forgotten_at.is_(None)
    wanted = (
        select(_CASES.c.id)
        .join(_DOCUMENTS, _DOCUMENTS.c.id == _CASES.c.document_id)
        .where(there, _DOCUMENTS.c.recorded_at < before)
        .order_by(_CASES.c.id)
    )
    with store.read() as connection:
        return list(connection.scalars(wanted))


def read_cases(connection: Connection, store: Store, case_ids: Collection[int]) -> list[DueCase]:
    """Raises KeyProblem where one does not open."""
    c, d = _CASES.c, _DOCUMENTS.c
    wanted = select(c.id, d.link_id, d.key_digest, d.received, c.target_name, c.details)
    rows = [
        row
        for some in chunks(case_ids)
        for row in connection.execute(wanted.join(_DOCUMENTS, d.id == c.document_id).where(c.id.in_(some)))
    ]
    return [DueCase(*row[:-1], store.sealer.unseal(bytes(row[-1]), contexts.EXCHANGE_CASE)) for row in rows]


def forget_urls(store: Store, case_ids: Sequence[int], at: datetime, kept: Kept = nothing_held) -> tuple[int, int]:
    """Take the URLs out of these cases: (how many, how many held). What was said stays, and that a URL came."""
    with store.write() as connection:
        overwrite(connection, store)
        still = _not_held(connection, case_ids, kept)
        update_rows(
            connection, _CASES, ("url", "url_forgotten_at", "id"), [(None, to_micros(at), key) for key in still]
        )
    return len(still), len(case_ids) - len(still)


def forget_cases(
    store: Store, case_ids: Sequence[int], at: datetime, shorten: Shorten, kept: Kept = nothing_held
) -> tuple[int, int]:
    """What was said of these cases, and URLs that came with them: (how many, how many held)."""
    seal = store.sealer.seal
    with store.write() as connection:
        overwrite(connection, store)
        still = _not_held(connection, case_ids, kept)
        rows = [
            (seal(shorten(each.details), contexts.EXCHANGE_CASE), NO_TARGET, None, to_micros(at), each.case_id)
            for each in read_cases(connection, store, still)
        ]
        update_rows(connection, _CASES, ("details", "target_name", "url", "forgotten_at", "id"), rows)
    return len(still), len(case_ids) - len(still)


def _not_held(connection: Connection, case_ids: Sequence[int], kept: Kept) -> list[int]:
    held = kept(connection)
    return [key for key in case_ids if key not in held]
