"""What of a data folder goes into a backup: files and folders as they are now, each with its SHA-256.

In: the data folder, the settings' file, a snapshot of the database. Out: `Contents`. What would surprise: only the
folders that the monitor itself fills are taken, because anything else in a data folder may hold what is secret in the
clear; it is counted, so that the operator hears of it. The key is never taken.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from monitor.backup.archive import PIECE, SourceChanged
from monitor.backup.manifest import DATABASE, FOLDERS, SETTINGS, KeptFile, KeptFolder
from monitor.errors import BackupError
from monitor.handover.signing import SIGNING_KEY
from monitor.store import KEY_FILE

_OFFICE_LOCK = "~$"
_OURS = frozenset({SETTINGS, *FOLDERS})
_LOCK = ".lock"
_PERMISSIONS = 0o777


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes in, and where each file lies. `n_left_out`: entries of the folder that are not the monitor's."""

    folders: tuple[KeptFolder, ...]
    files: tuple[KeptFile, ...]
    sources: dict[str, Path]
    n_left_out: int


def contents_of(data_dir: Path, settings: Path, database: Path | None) -> Contents:
    """Raises SourceChanged where a file went away meanwhile, OSError, BackupError."""
    folders, sources, left_out = list[KeptFolder](), dict[str, Path](), _foreign(data_dir)
    if database is not None:
        sources[DATABASE] = database
    if settings.is_file():
        sources[SETTINGS] = settings
    for name in FOLDERS:
        if not (data_dir / name).is_dir():
            continue
        folders.append(KeptFolder(name, _mode(data_dir / name)))
        for place, path in _below(name, data_dir / name):
            if path.is_dir() and not path.is_symlink():
                folders.append(KeptFolder(place, _mode(path)))
            elif path.is_file() and not path.is_symlink():
                sources[place] = path
            else:
                left_out += 1  # a link may lead anywhere
    files = tuple(_kept(place, path) for place, path in sources.items())
    return Contents(tuple(folders), files, sources, left_out)


def _below(place: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Each entry after the folder it is in; without drafts, locks and what an open office program leaves."""
    try:
        found = sorted(folder.iterdir(), key=lambda path: path.name)
    except FileNotFoundError:
        raise SourceChanged from None
    for path in found:
        if path.name.startswith((".", _OFFICE_LOCK)):
            continue
        if not path.name.isprintable():  # bytes that are no text come as surrogates, which no manifest can hold
            raise BackupError("A file in the data folder has a name that is not plain text", "Rename it")
        yield f"{place}/{path.name}", path
        if path.is_dir() and not path.is_symlink():
            yield from _below(f"{place}/{path.name}", path)


def _kept(place: str, path: Path) -> KeptFile:
    digest, size = sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                size += len(piece)
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    except FileNotFoundError:
        raise SourceChanged from None
    return KeptFile(place, size, digest.hexdigest(), mode & _PERMISSIONS)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) & _PERMISSIONS


def _foreign(data_dir: Path) -> int:
    """Entries of the data folder itself that the monitor did not make."""
    names = (path.name for path in data_dir.iterdir())
    ours = (".", DATABASE, KEY_FILE, SIGNING_KEY)  # drafts; the log; keys, also old ones
    return sum(name not in _OURS and not name.startswith(ours) and not name.endswith(_LOCK) for name in names)
