"""What was known of registrations and of people's changes, as one hash each: for the inventory of a freeze.

What would surprise: the hash is over the documents themselves, not over their keyed indexes, so that two stores with
the same answers show the same.
"""

from hashlib import sha256

import zstandard
from sqlalchemy import select

from monitor.model.words import RegistrationStatus
from monitor.store import contexts
from monitor.store.database import Store
from monitor.store.fetching import streamed
from monitor.store.tables import RegistrationAnswerRow, RegistrationRow, table_of
from monitor.store.times import to_micros

_ANSWERS = table_of(RegistrationAnswerRow)
_DOCUMENTS = table_of(RegistrationRow)
_LARGEST_DOCUMENT = 1 << 26


def registrations_digest(store: Store) -> tuple[int, str]:
    """How many answers name a registration, and a SHA-256 over their times and documents."""
    a, d = _ANSWERS.c, _DOCUMENTS.c
    wanted = select(a.asked_at, a.registration_id).where(a.status == RegistrationStatus.FOUND.value)
    with store.read() as connection:
        with streamed(connection, select(d.id, d.document)) as documents:
            hashes = {row.id: sha256(_opened(store, row.document)).hexdigest() for row in documents}
        with streamed(connection, wanted) as answers:
            lines = sorted(f"{to_micros(row.asked_at)} {hashes.get(row.registration_id)}\n" for row in answers)
    return len(lines), sha256("".join(lines).encode()).hexdigest()


def _opened(store: Store, sealed: bytes) -> bytes:
    packed = store.sealer.unseal(sealed, contexts.REGISTRATION)
    return zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST_DOCUMENT)
