"""Letters past their term: documents, replies, notes and quotes go; who was written to, when and what came of it stays.

In: an instant. Out: which Letters are due, and Letters that say no more than the register needs. What would surprise:
the figures that a Letter told, its criteria and the name that it was addressed to stay sealed where they are, because
the statistics of its Period rest on them; and what a person wrote of an answer goes, the day and the outcome do not.
"""

import json
import shutil
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from monitor.clock import now
from monitor.model.letter import Letter, LetterEvent
from monitor.store import contexts
from monitor.store.bulk import update_rows
from monitor.store.database import Store
from monitor.store.erasing import overwrite
from monitor.store.holds_now import Kept, nothing_held
from monitor.store.letter_files import letter_folder
from monitor.store.letters import load_registers
from monitor.store.letters_json import event_details, read_event
from monitor.store.tables import ArchivedRow, LetterEventRow, LetterRow, table_of
from monitor.store.times import to_micros

_LETTERS, _EVENTS, _ARCHIVED = table_of(LetterRow), table_of(LetterEventRow), table_of(ArchivedRow)


def due_letters(store: Store, before: datetime) -> dict[int, Letter]:
    """The Letters of which nothing was written down since then, and that were not forgotten yet."""
    gone = forgotten_letters(store)
    letters = (letter for register in load_registers(store) for letter in register.letters)
    return {
        letter.letter_id: letter
        for letter in letters
        if letter.letter_id not in gone and letter.events[-1].recorded_at < before
    }


def forgotten_letters(store: Store) -> dict[int, datetime]:
    """When each was forgotten."""
    with store.read() as connection:
        wanted = select(_LETTERS.c.id, _LETTERS.c.forgotten_at).where(_LETTERS.c.forgotten_at.is_not(None))
        return {row.id: row.forgotten_at for row in connection.execute(wanted)}


def forget_letter(store: Store, letter_id: int, at: datetime, kept: Kept = nothing_held) -> bool:
    """Its texts, then its files; False where it is held now.

    Killed between the two, the next run finds the folder of a forgotten Letter.
    """
    columns = (_EVENTS.c.id, _EVENTS.c.step, _EVENTS.c.at, _EVENTS.c.by, _EVENTS.c.recorded_at, _EVENTS.c.details)
    with store.write() as connection:
        overwrite(connection, store)
        if letter_id in kept(connection):
            return False
        rows = connection.execute(select(*columns).where(_EVENTS.c.letter_id == letter_id)).all()
        shorter = []
        for row in rows:
            plain = None if row.details is None else store.sealer.unseal(row.details, contexts.LETTER_EVENT_DETAILS)
            event = _shortened(read_event(row.step, row.at, row.by, row.recorded_at, plain))
            details = event_details(event)
            sealed = None if details is None else store.sealer.seal(details, contexts.LETTER_EVENT_DETAILS)
            shorter.append((sealed, row.id))
        update_rows(connection, _EVENTS, ("details", "id"), shorter)
        update_rows(connection, _LETTERS, ("forgotten_at", "id"), [(to_micros(at), letter_id)])
    remove_folder(store.data_dir, letter_id)
    return True


def _shortened(event: LetterEvent) -> LetterEvent:
    answer = None if event.answer is None else replace(event.answer, quote="", document="")
    return replace(event, note="", answer=answer)


def remove_folder(data_dir: Path, letter_id: int) -> bool:
    """Whether there was one."""
    folder = letter_folder(data_dir, letter_id)
    if not folder.is_dir():
        return False
    shutil.rmtree(folder)
    return True


def state_of(letter: Letter) -> str:
    """SHA-256 over what has happened to a Letter: what comes later gives another one."""
    steps = [(each.step.value, each.recorded_at.isoformat(), each.files) for each in letter.events]
    return sha256(json.dumps([letter.reference, steps]).encode()).hexdigest()


def note_archived(store: Store, letters: Collection[Letter], manifest: str) -> None:
    """These Letters, as they stand, are in the archive with this manifest."""
    moment = now()
    rows = [
        {"letter_id": each.letter_id, "digest": state_of(each), "manifest": manifest, "at": moment} for each in letters
    ]
    if rows:
        with store.write() as connection:
            connection.execute(_ARCHIVED.insert(), rows)


def not_archived(store: Store, letters: Collection[Letter]) -> set[int]:
    """Those of the Letters that no archive has as they are now."""
    with store.read() as connection:
        kept = {(row.letter_id, row.digest) for row in connection.execute(select(_ARCHIVED))}
    return {each.letter_id for each in letters if (each.letter_id, state_of(each)) not in kept}
