"""A bundle taken over: from the file a store in an empty data folder, sealed under keys of its own.

In: the file, its secret key, where to. Out: the store, on either engine. What would surprise: as with a restore,
everything is unpacked and verified in a hidden folder first and the database comes into place last, so an import that
was killed has left no store and the same command goes on. The audit log says what was taken over before it is there.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from monitor.backup.manifest import DATABASE, FOLDERS, SETTINGS
from monitor.bundles.contents import DATA, INDEX_KEY, LIST, REPLIES, ROWS, Contents
from monitor.bundles.unpacking import Unpacked, unpacked
from monitor.clock import now
from monitor.disk import gone_again_if_it_fails, sync, write_whole
from monitor.errors import HandoverError, StoreNewer
from monitor.handover.bundle_file import Verified, sealed_part, verify
from monitor.handover.identity import Identity, opened_within
from monitor.store import KEY_FILE, audit, contexts
from monitor.store.any_schema import is_older
from monitor.store.carrying import RowsInto, opened_digests
from monitor.store.copying import Progress, copy_into, opened_file, table_digests
from monitor.store.database import DATABASE_FILE, MOVED, alone_in, holds_anything, place_of
from monitor.store.engines import Work, is_server, transaction
from monitor.store.key_file import KEY_BYTES, KeyRing, keep_copy, new_key
from monitor.store.problems import engine_at, told_plainly
from monitor.store.schema import is_known
from monitor.store.sealing import Sealer, load_key
from monitor.store.tables import AuditRow, SealRow, table_of

ACTION = "handover import"
STAGING = ".taking-over"
_UNPACKED, _FILES, _BEGUN, _READY = "unpacked", "files", "begun", "ready"
_ALLOWED = frozenset({SETTINGS, "lost+found"})
_SEALS, _AUDIT = table_of(SealRow), table_of(AuditRow)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bundle, with which key, and where to: `url` of a database that is elsewhere; `signer`: a fingerprint."""

    path: Path
    identity: Identity
    signer: str | None
    data_dir: Path
    url: str | None
    busy_seconds: float
    by: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A store that was taken over. `left_out`: settings not sent; `settings_kept`: others were there and stay."""

    verified: Verified
    left_out: tuple[str, ...]
    older_schema: bool
    settings_kept: bool


def take_over(wanted: Wanted, progress: Progress) -> Taken:
    """All of it or nothing. Raises HandoverError, StoreNewer, StoreError, StoreBusy, KeyProblem, OSError."""
    verified = verify(wanted.path, wanted.signer, progress)
    if not is_known(verified.head.revision):
        raise StoreNewer("The bundle was made by a newer version", "Install that version; nothing was changed")
    with gone_again_if_it_fails(wanted.data_dir), alone_in(wanted.data_dir):
        staging = wanted.data_dir / STAGING
        goes_on = _said(staging / _BEGUN) == verified.digest
        kept = (wanted.data_dir / SETTINGS).exists()
        contents = _ready(staging) if goes_on else None
        if not (staging.exists() and _was_taken(wanted, verified)):  # else killed when all but the tidying was done
            if contents is None:
                _must_be_empty(wanted, goes_on=goes_on)
                contents = _staged(wanted, verified, staging, progress)
            _put_in_place(wanted, staging)
        shutil.rmtree(staging)
        sync(wanted.data_dir)
    left_out = contents.left_out if contents else ()
    return Taken(verified, left_out, is_older(verified.head.revision), kept)


def _said(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _ready(staging: Path) -> Contents | None:
    """What an earlier try had unpacked and verified to the end, being killed only while it put it in place."""
    with suppress(HandoverError):
        return Contents.from_json(_said(staging / _READY).encode())
    return None


def _was_taken(wanted: Wanted, verified: Verified) -> bool:
    """Whether the store that is there is of this very bundle: its audit log says so."""
    place = place_of(wanted.data_dir, wanted.url)
    if not holds_anything(place, wanted.busy_seconds):
        return False
    said = select(_AUDIT.c.id).where(_AUDIT.c.action == ACTION, _AUDIT.c.subject == _subject(verified))
    with engine_at(place, wanted.busy_seconds) as engine, transaction(engine, Work.READ) as connection:
        return connection.execute(said).first() is not None


def _subject(verified: Verified) -> str:
    return f"bundle {verified.digest[:16]}"


def _must_be_empty(wanted: Wanted, *, goes_on: bool) -> None:
    place = place_of(wanted.data_dir, wanted.url)
    if holds_anything(place, wanted.busy_seconds):
        raise HandoverError(
            "There is a store already",
            "Name an empty folder with --data-dir, or an empty database; nothing was changed",
        )
    allowed = _ALLOWED | {DATABASE_FILE + MOVED} if is_server(place) else _ALLOWED
    if not goes_on and any(
        path.name not in allowed and not path.name.startswith(".") for path in wanted.data_dir.iterdir()
    ):
        raise HandoverError(
            "The data folder is not empty",
            f"Name an empty one with --data-dir; only {SETTINGS} and hidden files may be in it. Its key is made anew",
        )


def _staged(wanted: Wanted, verified: Verified, staging: Path, progress: Progress) -> Contents:
    """Everything unpacked in a hidden folder and verified; where that fails, the folder goes."""
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    write_whole(staging / _BEGUN, verified.digest.encode())
    try:
        with (
            sealed_part(wanted.path, verified) as part,
            opened_within(part, [wanted.identity]) as stream,
            unpacked(stream, verified.head, progress) as reading,
        ):
            contents = _taken_apart(reading, wanted, verified, staging)
        write_whole(staging / _READY, contents.to_json())
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return contents


def _taken_apart(reading: Unpacked, wanted: Wanted, verified: Verified, staging: Path) -> Contents:
    """1. The key. 2. The rows. 3. The files, under numbers. 4. The list. 5. What arrived, read again. 6. The log."""
    for folder in (_UNPACKED, _FILES):
        (staging / folder).mkdir(mode=0o700)
    path, waiting, members = staging / _UNPACKED / DATABASE, dict[str, Path](), reading.members()
    name, size = next(members, ("", 0))
    if name != INDEX_KEY or size != KEY_BYTES:
        raise HandoverError("The bundle does not begin with what it should", "Do not use it")
    sealer = _new_key(staging, reading.whole(name, size))
    path.touch(mode=0o600)
    with opened_file(path) as engine, told_plainly(engine):
        with transaction(engine, Work.WRITE) as connection:
            listed = _take(reading, members, RowsInto(connection, sealer, verified.head.revision), staging, waiting)
            contents = reading.checked(listed)
            connection.execute(_SEALS.insert().values(key_id=sealer.key_id, proof=sealer.proof(), made_at=now()))
        with transaction(engine, Work.WRITE) as connection:
            if opened_digests(connection, sealer) != contents.tables:
                raise HandoverError("What arrived in the database is not what was sent", "Nothing was kept of it")
            _note(connection, wanted, verified)
    _settle_files(contents, waiting, staging / _UNPACKED, sealer)
    return contents


def _take(
    reading: Unpacked,
    members: Iterator[tuple[str, int]],
    rows: RowsInto,
    staging: Path,
    waiting: dict[str, Path],
) -> bytes:
    """Each member where it belongs for now; the list, which has to be the last one."""
    listed: bytes | None = None
    for name, size in members:
        if listed is not None:
            raise HandoverError("The bundle holds more than its list", "Do not use it")
        if name.startswith(ROWS):
            rows.add(reading.whole(name, size))
        elif name == LIST:
            listed = reading.whole(name, size)
        elif name.startswith((DATA, REPLIES)):
            waiting[name] = staging / _FILES / f"{len(waiting):06}"
            reading.into(waiting[name], name, size)
        else:
            reading.passed_over(name, size)
    rows.end()
    if listed is None:
        raise HandoverError("The bundle holds no list", "Do not use it")
    return listed


def _new_key(staging: Path, index_key: bytes) -> Sealer:
    """A key file of the receiver's own; only the key of the blind indexes is that of the store that was."""
    keep_copy(staging, KeyRing((new_key(),), index_key), KEY_FILE)
    return load_key(staging)


def _note(connection: Connection, wanted: Wanted, verified: Verified) -> None:
    """What was taken over, and from whom, on the audit log of the store that goes on from here."""
    head = verified.head
    said = (
        f"signed by {verified.signer}; SHA-256 {verified.digest}; made {head.made_at:%Y-%m-%d %H:%M} UTC by "
        f"{head.code_version}; {sum(table.n_rows for table in head.tables)} rows, {len(head.freezes)} freezes, "
        f"{len(head.releases)} releases"
    )
    audit.append(connection, actor=wanted.by, action=ACTION, subject=_subject(verified), reason=said)


def _settle_files(contents: Contents, waiting: dict[str, Path], folder: Path, sealer: Sealer) -> None:
    """Every file under its name; replies to letters sealed on the way."""
    for each in contents.folders:
        (folder / each.path).mkdir(mode=0o700)
    for name, file in contents.placed.items():
        if name not in waiting:
            raise HandoverError("A file in the bundle is not what its list says", "Do not use it")
        if name.startswith(REPLIES):
            letter_id = name.split("/")[1]
            plain = waiting[name].read_bytes()
            write_whole(waiting[name], sealer.seal(plain, f"{contexts.LETTER_DOCUMENT}.{letter_id}"))
        waiting[name].chmod(0o600 if file.place == SETTINGS else file.mode)
        waiting[name].rename(folder / file.place)
    for each in contents.folders:
        (folder / each.path).chmod(each.mode | 0o700)
        sync(folder / each.path)
    sync(folder)


def _put_in_place(wanted: Wanted, staging: Path) -> None:
    """Everything by its name, the database last. What is there is of an earlier try with the same bundle."""
    unpacked_to, data_dir = staging / _UNPACKED, wanted.data_dir
    for entry in (staging / KEY_FILE, *(unpacked_to / name for name in (SETTINGS, *FOLDERS))):
        if entry.exists() and not (data_dir / entry.name).exists():
            entry.rename(data_dir / entry.name)
    sync(data_dir)
    place, made = place_of(data_dir, wanted.url), unpacked_to / DATABASE
    if wanted.url is None:
        if made.exists():
            made.rename(data_dir / DATABASE)
        return
    if not is_server(place):
        Path(str(place.database)).touch(mode=0o600)
    with (
        opened_file(made) as taken,
        transaction(taken, Work.READ) as source,
        engine_at(place, wanted.busy_seconds) as engine,
    ):
        if not holds_anything(place, wanted.busy_seconds):
            copy_into(source, engine)
        elif not _same(source, engine):
            raise HandoverError("There is a store already", "Name an empty database; nothing was changed in it")


def _same(source: Connection, engine: Engine) -> bool:
    """Whether an earlier try, killed after its last row, brought the rows there."""
    with transaction(engine, Work.READ) as connection:
        return table_digests(connection) == table_digests(source)
