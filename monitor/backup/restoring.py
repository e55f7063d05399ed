"""A backup put back: into an empty data folder, or an empty database that is elsewhere.

In: the data folder, the file, where its key is. Out: the store as it was. What would surprise: everything is unpacked
and verified in a hidden folder first, and the database comes into place last; so a restore that was killed has left no
store, and the same command again goes on. `[database] url` of the old settings is left out unless the restored database
is there: a drill must not open the store that is at work.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from pathlib import Path

from monitor.backup.archive import Progress, check_whole, opened_archive
from monitor.backup.making import KEYED_CONTEXT
from monitor.backup.manifest import DATABASE, FOLDERS, SETTINGS, Manifest
from monitor.backup.settled import SettingsPlaced, settle
from monitor.disk import gone_again_if_it_fails, read_small, sync, write_whole
from monitor.errors import BackupError, KeyProblem, StoreNewer
from monitor.store import KEY_FILE
from monitor.store.any_schema import check_seals, is_older
from monitor.store.copying import TableDigest, copy_into, opened_file, table_digests
from monitor.store.database import DATABASE_FILE, MOVED, alone_in, holds_anything, place_of
from monitor.store.engines import Work, is_server, transaction
from monitor.store.key_file import LONGEST_KEY_FILE
from monitor.store.problems import engine_at, told_plainly
from monitor.store.schema import is_known, revision_of
from monitor.store.sealing import Sealer, load_key

STAGING = ".restoring"
_UNPACKED, _JOURNAL = "unpacked", "backup"
_OURS = frozenset({KEY_FILE, SETTINGS, "lost+found"})
"""What may lie in a data folder that counts as empty. Hidden entries may too (caches, drafts, a user's whose home it
is): nothing of a backup is hidden, so they are not written over."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which backup, and where to: `url` of a database that is elsewhere; `key`: where the key file lies now."""

    path: Path
    data_dir: Path
    key: Path | None
    url: str | None
    busy_seconds: float


@dataclass(frozen=True, slots=True)
class Restored:
    """A store that was put back."""

    data_dir: Path
    made_at: datetime
    digest: str
    n_files: int
    heads: Mapping[str, str]
    tables: tuple[TableDigest, ...]
    older_schema: bool
    settings: SettingsPlaced


def verify_backup(path: Path) -> tuple[Manifest, str]:
    """What a backup says of itself, every byte of it checked, and its SHA-256 in hex. Raises BackupError."""
    digest, _, _ = check_whole(path)
    with opened_archive(path) as archive:
        return archive.manifest, digest


def restore(wanted: Wanted, progress: Progress) -> Restored:
    """Put a backup in place, all of it or nothing.

    Raises BackupError, KeyProblem, StoreNewer, StoreBusy, StoreError, OSError.
    """
    digest, keyed, body = check_whole(wanted.path)
    with (
        gone_again_if_it_fails(wanted.data_dir),
        alone_in(wanted.data_dir),
        opened_archive(wanted.path) as archive,
    ):
        manifest, staging, settings = archive.manifest, wanted.data_dir / STAGING, SettingsPlaced()
        if not is_known(manifest.revision):
            raise StoreNewer("The backup was made by a newer version", "Install that version; nothing was changed")
        goes_on = _journal(staging) == digest
        if not (goes_on and _is_there(wanted, manifest)):  # else it was killed when all but the tidying was done
            _must_be_empty(wanted, goes_on=goes_on)
            with _staged(staging, digest):
                _check_keyed(_key(wanted, staging), keyed, body)
                archive.unpack(staging / _UNPACKED, progress)
                _check_database(staging / _UNPACKED / DATABASE, _key(wanted, staging), manifest)
                settings = settle(staging / _UNPACKED / SETTINGS, wanted.data_dir / SETTINGS, wanted.url)
            _put_in_place(wanted, staging)
        shutil.rmtree(staging)
        sync(wanted.data_dir)
    return Restored(
        data_dir=wanted.data_dir,
        made_at=manifest.made_at,
        digest=digest,
        n_files=len(manifest.files),
        heads=manifest.heads,
        tables=manifest.tables,
        older_schema=is_older(manifest.revision),
        settings=settings,
    )


def _journal(staging: Path) -> str:
    """The SHA-256 of the backup that an earlier restore had in hand; empty where there was none."""
    try:
        return (staging / _JOURNAL).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""


@contextmanager
def _staged(staging: Path, digest: str) -> Iterator[None]:
    """A hidden folder to unpack in. Where that fails, the folder goes; what an earlier try put in place stays known."""
    shutil.rmtree(staging / _UNPACKED, ignore_errors=True)
    staging.mkdir(mode=0o700, exist_ok=True)
    write_whole(staging / _JOURNAL, digest.encode())
    (staging / _UNPACKED).mkdir(mode=0o700)
    try:
        yield
    except BaseException:
        placed = any((staging.parent / name).exists() for name in FOLDERS)
        shutil.rmtree(staging / _UNPACKED if placed else staging, ignore_errors=True)
        raise


def _is_there(wanted: Wanted, manifest: Manifest) -> bool:
    """Whether the database is in place already, with exactly these rows."""
    place = place_of(wanted.data_dir, wanted.url)
    if not holds_anything(place, wanted.busy_seconds):
        return False
    with engine_at(place, wanted.busy_seconds) as engine, transaction(engine, Work.READ) as connection:
        return table_digests(connection) == manifest.tables


def _must_be_empty(wanted: Wanted, *, goes_on: bool) -> None:
    if holds_anything(place_of(wanted.data_dir, wanted.url), wanted.busy_seconds):
        raise BackupError("There is a store already", "Restore into an empty folder or database; nothing was changed")
    allowed = _OURS | set(FOLDERS) if goes_on else _OURS
    if wanted.url is not None and is_server(place_of(wanted.data_dir, wanted.url)):
        allowed = allowed | {DATABASE_FILE + MOVED}  # left by `db move`: the store was on that server
    if any(path.name not in allowed and not path.name.startswith(".") for path in wanted.data_dir.iterdir()):
        raise BackupError(
            "The data folder is not empty",
            f"Name an empty one with --data-dir; only {KEY_FILE}, {SETTINGS} and hidden files may be in it already",
        )


def _key(wanted: Wanted, staging: Path) -> Sealer:
    """The key that was given, brought into the hidden folder, or the one that is in the data folder."""
    there = wanted.data_dir / KEY_FILE
    if wanted.key is None and not there.exists():
        raise KeyProblem("A backup does not hold the key, and there is none in the data folder", "Give it: --key FILE")
    if wanted.key is None:
        return load_key(wanted.data_dir)
    try:
        content = read_small(wanted.key, LONGEST_KEY_FILE)
        if there.exists() and there.read_bytes() != content:
            raise KeyProblem("The data folder holds another key", "Look which is the right one; nothing was changed")
    except OSError as error:
        raise KeyProblem(f"The key file cannot be read ({error.strerror})", "Check --key and who owns it") from None
    write_whole(staging / KEY_FILE, content)
    return load_key(staging)


def _check_keyed(sealer: Sealer, keyed: bytes, body: bytes) -> None:
    """Raises KeyProblem unless the holder of this key made the backup."""
    if not compare_digest(sealer.index(body, KEYED_CONTEXT), keyed):
        raise KeyProblem(
            "The key is not that of this backup, or somebody without the key made the backup anew",
            "Give the key file that was in force when the backup was made; nothing was changed",
        )


def _check_database(path: Path, sealer: Sealer, manifest: Manifest) -> None:
    """The rows are those of the manifest, and the key opens them."""
    with opened_file(path) as engine, told_plainly(engine), transaction(engine, Work.READ) as connection:
        check_seals(connection, sealer)
        if revision_of(connection) != manifest.revision or table_digests(connection) != manifest.tables:
            raise BackupError("The database in the backup is not what its manifest says", "Take another backup")


def _put_in_place(wanted: Wanted, staging: Path) -> None:
    """Everything by its name, the database last. What is there is of an earlier try with the same backup."""
    unpacked, data_dir = staging / _UNPACKED, wanted.data_dir
    for entry in (staging / KEY_FILE, *(unpacked / name for name in (SETTINGS, *FOLDERS))):
        if entry.exists() and not (data_dir / entry.name).exists():
            entry.rename(data_dir / entry.name)
    sync(data_dir)
    place = place_of(data_dir, wanted.url)
    if wanted.url is None:
        (unpacked / DATABASE).rename(data_dir / DATABASE)
        return
    if not is_server(place):
        Path(str(place.database)).touch(mode=0o600)
    with (
        opened_file(unpacked / DATABASE) as taken,
        transaction(taken, Work.READ) as source,
        engine_at(place, wanted.busy_seconds) as engine,
    ):
        copy_into(source, engine)
