"""`monitor archive export`: letters, answers and files made for others, with metadata, before they are forgotten.

In: the store, a folder that is not there yet. Out: that folder, whole or not at all, with a manifest of SHA-256 over
every file; or, for the keys of receivers, one sealed file in it. What would surprise: replies of Providers, which lie
sealed here, are in the clear there, because an archive without the key would keep nothing; and a Letter to which
something happens afterwards counts as not archived again.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath

from monitor import store
from monitor.clock import now
from monitor.config import Settings
from monitor.disk import scratch, sync, write_whole
from monitor.errors import RetentionError
from monitor.handover.mdto import ArchiveEvent, ArchiveFile, InformationObject, file_object, information_object
from monitor.handover.seal import PublicKey, Sealed, write_sealed
from monitor.handover.zip_stream import ZipStream
from monitor.model.letter import Letter
from monitor.model.retention import RetentionClass
from monitor.pipeline import Progress, silent
from monitor.retained_files import kept_files
from monitor.spreadsheet import as_text
from monitor.store import Store
from monitor.store.forgetting_letters import forgotten_letters, note_archived
from monitor.store.letter_files import letter_files, letter_folder, open_document

ACTION = "archive export"
MANIFEST, SEALED_NAME = "manifest.json", "archive.zip.age"
_DRAFT = ".archive-"
_REGISTER = ("letter", "reference", "provider_id", "provider", "period", "step", "at", "by", "recorded_at", "note")
_REGISTER_ANSWER = ("received_on", "objection", "quote_language", "quote", "outcome")

Member = tuple[str, bytes]
WrittenDown = Callable[[str], None]
"""Puts on the audit log that an archive with this manifest is about to be there."""


@dataclass(frozen=True, slots=True)
class Archived:
    """What was made. `digest`: SHA-256 of the manifest."""

    path: Path
    digest: str
    n_letters: int
    n_files: int
    sealed: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """One information object with its files."""

    folder: str
    name: str
    level: str
    about: str
    files: tuple[tuple[str, bytes], ...]
    events: tuple[ArchiveEvent, ...] = ()


def export_archive(
    db: Store,
    settings: Settings,
    folder: Path,
    keys: tuple[PublicKey, ...],
    *,
    by: str,
    why: str,
    progress: Progress = silent,
) -> Archived:
    """Raises RetentionError, LetterError (a reply that is gone), HandoverError, KeyProblem, StoreError."""
    moment = now()
    gone = forgotten_letters(db)
    letters = [each for reg in store.load_registers(db) for each in reg.letters if each.letter_id not in gone]
    groups = _groups(db, letters)
    n_files = sum(1 for _ in kept_files(db.data_dir, RetentionClass.ORDER_FILE)) + sum(
        len(letter_files(letter_folder(db.data_dir, each.letter_id))) + len(_replies(each)) for each in letters
    )
    members = _counted(_members(groups, letters, _creator(settings), moment), n_files, progress)

    def written_down(digest: str) -> None:
        said = f"{len(letters)} letters, {n_files} files, manifest SHA-256 {digest}"
        if keys:
            said += f", for key {' '.join(key.fingerprint for key in keys)}"
        store.add_audit(db, actor=by, action=ACTION, subject=said, reason=why)

    digest = _sealed(folder, members, keys, written_down) if keys else _in_the_clear(folder, members, written_down)
    note_archived(db, letters, digest)
    return Archived(folder, digest, len(letters), n_files, bool(keys))


def _creator(settings: Settings) -> str:
    return settings.letters.organisation or settings.mandate.organisation or "onbekend"


def _groups(db: Store, letters: Iterable[Letter]) -> Iterator[_Group]:
    for letter in letters:
        folder = letter_folder(db.data_dir, letter.letter_id)
        own = [(path.name, path.read_bytes()) for path in letter_files(folder)]
        replies = [(f"reply-{digest}", open_document(db, letter.letter_id, digest)) for digest in _replies(letter)]
        events = tuple(ArchiveEvent(each.step.value, each.at.isoformat(), each.by) for each in letter.events)
        about = f"Brief aan {letter.provider} over {letter.period}, met antwoorden"
        yield _Group(f"letters/{letter.letter_id}", letter.reference, "Dossier", about, (*own, *replies), events)
    for path in kept_files(db.data_dir, RetentionClass.ORDER_FILE):
        about = "Bestand dat voor een ontvanger is gemaakt; verzegeld voor diens sleutel waar de naam op .age eindigt"
        yield _Group(f"files/{path.parent.name}", path.name, "Archiefstuk", about, ((path.name, path.read_bytes()),))


def _replies(letter: Letter) -> tuple[str, ...]:
    return tuple(dict.fromkeys(answer.document for answer in letter.answers if answer.document))


def _members(groups: Iterable[_Group], letters: list[Letter], creator: str, moment: datetime) -> Iterator[Member]:
    """Every file of the archive but the manifest; metadata beside what it is about."""
    yield "register.json", _register_json(letters)
    yield "register.csv", _register_csv(letters)
    for group in groups:
        top = group.folder if len(group.files) != 1 or group.events else f"{group.folder}/{group.name}"
        keys = [f"{group.folder}/{name}" for name, _ in group.files]
        given = InformationObject(top, group.name, group.level, group.about, creator, keys, group.events)
        yield f"{top}.object.mdto.xml", information_object(given)
        for key, (name, content) in zip(keys, group.files, strict=True):
            digest = sha256(content).hexdigest()
            file = ArchiveFile(key, name, len(content), digest, moment.isoformat(), top, group.name)
            yield key, content
            yield f"{key}.bestand.mdto.xml", file_object(file)


def _counted(members: Iterator[Member], n_files: int, progress: Progress) -> Iterator[Member]:
    n = 0
    for name, content in members:
        n += not name.endswith(".mdto.xml")
        progress(min(n, n_files), n_files)
        yield name, content


def _manifest(made: dict[str, tuple[str, int]]) -> bytes:
    files = {name: {"sha256": digest, "size": size} for name, (digest, size) in sorted(made.items())}
    return json.dumps({"format": "hosting-monitor-archive-1", "files": files}, indent=1).encode() + b"\n"


def _in_the_clear(folder: Path, members: Iterator[Member], written_down: WrittenDown) -> str:
    made: dict[str, tuple[str, int]] = {}
    _check_free(folder)
    try:
        with scratch(folder.absolute().parent, _DRAFT) as draft:
            for name, content in members:
                path = draft / PurePosixPath(name)
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_whole(path, content)
                made[name] = sha256(content).hexdigest(), len(content)
            manifest = _manifest(made)
            write_whole(draft / MANIFEST, manifest)
            digest = sha256(manifest).hexdigest()
            written_down(digest)
            draft.rename(folder)
            sync(folder.absolute().parent)
    except OSError as error:
        raise _not_written(error) from None
    return digest


def _not_written(error: OSError) -> RetentionError:
    said = f"The archive cannot be written ({error.strerror})"
    return RetentionError(said, "Make room, or name another folder; nothing is there")


def _sealed(folder: Path, members: Iterator[Member], keys: tuple[PublicKey, ...], written_down: WrittenDown) -> str:
    stream, digests = ZipStream(), list[str]()

    def pieces() -> Iterator[bytes]:
        for name, content in members:
            yield from stream.member(name, [content])
        manifest = _manifest(stream.made)
        digests.append(sha256(manifest).hexdigest())
        yield from stream.member(MANIFEST, [manifest])
        yield from stream.end()

    def before(_: Sealed) -> None:
        written_down(digests[0])

    _check_free(folder)
    try:
        with scratch(folder.absolute().parent, _DRAFT) as draft:
            write_sealed(draft / SEALED_NAME, pieces(), keys, before)
            draft.rename(folder)
            sync(folder.absolute().parent)
    except OSError as error:
        raise _not_written(error) from None
    return digests[0]


def _check_free(folder: Path) -> None:
    if os.path.lexists(folder):
        raise RetentionError("Something of that name is there already", "Name a folder that is not there yet")


def _register_json(letters: list[Letter]) -> bytes:
    rows = [{**dict(zip((*_REGISTER, *_REGISTER_ANSWER), row, strict=True))} for row in _register(letters)]
    return json.dumps(rows, indent=1, ensure_ascii=False).encode() + b"\n"


def _register_csv(letters: list[Letter]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*_REGISTER, *_REGISTER_ANSWER))
    writer.writerows([as_text(each) for each in row] for row in _register(letters))
    return text.getvalue().encode()


def _register(letters: list[Letter]) -> Iterator[tuple[str, ...]]:
    """One row for each step."""
    for letter in letters:
        for each in letter.events:
            answer = each.answer
            said = ("", "", "", "")
            if answer is not None:
                said = (answer.received_on.isoformat(), str(answer.objection).lower(), answer.language, answer.quote)
            yield (
                *(str(letter.letter_id), letter.reference, letter.provider_id, letter.provider, letter.period),
                *(each.step.value, each.at.isoformat(), each.by, each.recorded_at.isoformat(), each.note),
                *said,
                each.outcome.value if each.outcome else "",
            )
