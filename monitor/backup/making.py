"""A backup: one file with all of a store but its key, made while others go on writing.

In: a data folder, the settings, a name. Out: that file (0600), there whole or not at all. What would surprise: the
database is taken first and the files after it, so that no row names a file that is not there; a store with an older
schema is taken too, because a backup comes before an upgrade; and room for the database is needed beside the file.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import inspect

from monitor.backup.archive import Keyed, Progress, SourceChanged, write_archive
from monitor.backup.contents import Contents, contents_of
from monitor.backup.manifest import DATABASE, SETTINGS, Manifest
from monitor.clock import now
from monitor.config import Settings
from monitor.disk import give_name, remove_left_over, scratch
from monitor.errors import BackupError
from monitor.method import version_of_the_code
from monitor.store import Store
from monitor.store.any_schema import is_older, open_of_any_schema
from monitor.store.chains import heads_in
from monitor.store.copying import TableDigest, opened_file, snapshot
from monitor.store.engines import Work, transaction
from monitor.store.schema import revision_of
from monitor.store.tables import ObservationLinkRow, table_of

KEYED_CONTEXT = "backup.archive"
_WORK = ".monitor-backup-"
_ARCHIVE = "archive"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made. `digest`: SHA-256 in hex of the whole file; `heads`: of the hash chains in hex."""

    path: Path
    n_files: int
    n_bytes: int
    digest: str
    heads: Mapping[str, str]
    tables: tuple[TableDigest, ...]
    n_left_out: int
    older_schema: bool


def backup(
    data_dir: Path,
    settings: Settings,
    config: Path | None,
    path: Path,
    progress: Progress,
    before_it_is_there: Callable[[Path], None] = lambda _: None,
) -> Backup:
    """Write a backup to `path`, where nothing may be yet. `config`: the settings' file, where it lies elsewhere.

    `before_it_is_there` is called with the whole file before it has its name.
    Raises BackupError, StoreMissing, StoreNewer, StoreBusy, KeyProblem, OSError.
    """
    remove_left_over(path.absolute().parent, _WORK)  # of a backup that was killed, perhaps this very one
    if os.path.lexists(path):
        raise _taken()
    at, wait = settings.database.url, settings.database.busy_seconds
    with open_of_any_schema(data_dir, at, busy_seconds=wait) as db, _working_folder(path.absolute().parent) as work:
        taken = _taken_from(db, work / DATABASE)
        given = config or data_dir / SETTINGS
        contents, manifest, digest = _pack(db, taken, given, work, progress)
        n_bytes = (work / _ARCHIVE).stat().st_size
        before_it_is_there(work / _ARCHIVE)
        _put_in_place(work / _ARCHIVE, path)
    heads, older = manifest.heads, is_older(manifest.revision)
    return Backup(path, len(manifest.files), n_bytes, digest, heads, manifest.tables, contents.n_left_out, older)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The database as it was at one moment, as a SQLite file."""

    path: Path
    engine: str
    revision: str
    heads: Mapping[str, str]
    tables: tuple[TableDigest, ...]


def _taken_from(db: Store, path: Path) -> _Snapshot:
    tables = snapshot(db.engine, path)
    with opened_file(path) as engine, transaction(engine, Work.READ) as connection:
        chained = inspect(connection).has_table(table_of(ObservationLinkRow).name)  # not in the first schemas
        heads = asdict(heads_in(connection)) if chained else {}
        return _Snapshot(path, "postgresql" if db.on_server else "sqlite", revision_of(connection) or "", heads, tables)


def _pack(
    db: Store, taken: _Snapshot, settings: Path, work: Path, progress: Progress
) -> tuple[Contents, Manifest, str]:
    """The archive, written anew where a file changed while it was packed; with what went in, and its SHA-256."""
    for _ in range(_TRIES):
        with suppress(SourceChanged):
            contents = contents_of(db.data_dir, settings, taken.path)
            manifest = Manifest(
                made_at=now(),
                code_version=version_of_the_code(),
                engine=taken.engine,
                revision=taken.revision,
                heads=taken.heads,
                tables=taken.tables,
                folders=contents.folders,
                files=contents.files,
            )
            with (work / _ARCHIVE).open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                digest = write_archive(file, manifest, contents.sources, _keyed(db), progress)
                file.flush()
                os.fsync(file.fileno())
            return contents, manifest, digest
    raise BackupError(
        "Files in the data folder change all the time", "Close the documents that are open, and try again"
    )


def _keyed(db: Store) -> Keyed:
    return lambda body: db.sealer.index(body, KEYED_CONTEXT)


@contextmanager
def _working_folder(parent: Path) -> Iterator[Path]:
    """A folder of our own beside the backup."""
    with ExitStack() as held:
        try:
            work = held.enter_context(scratch(parent, _WORK))
        except OSError as error:
            raise BackupError(
                f"The backup cannot be written there ({error.strerror})", "Name a file in a folder that is there"
            ) from None
        yield work


def _put_in_place(made: Path, path: Path) -> None:
    """Under its name, on disk; never over another file."""
    try:
        give_name(made, path)
    except FileExistsError:
        raise _taken() from None


def _taken() -> BackupError:
    return BackupError("There is a file of that name already", "Give the backup another name; nothing was changed")
