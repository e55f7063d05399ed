"""What a backup says of itself: when and from what it was made, each file and folder, each table by its digest.

In: values. Out: the bytes of `manifest.json`, and the same values from such bytes. What would surprise: paths of a
manifest are checked as it is read, so that nothing later has to ask whether one leads out of the folder.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from monitor.errors import BackupError
from monitor.exact import NOT_READ, formatted, value_of
from monitor.store.copying import TableDigest

FORMAT = "monitor-backup-1"
MANIFEST = "manifest.json"
DATABASE = "monitor.sqlite"
SETTINGS = "monitor.toml"
FOLDERS = (
    *("briefings", "exchange", "frozen", "inform", "letters", "order-files", "provider-files", "refused", "rejects"),
    *("privacy", "releases", "remeasured"),
)
"""Of the data folder; what else lies there is nobody's business of ours, and may hold anything in the clear."""
_ALL_BITS = 0o7777
_NOT_READ = "Make a new backup, or install the version that made this one; nothing was changed"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file: its place in the data folder, bytes, SHA-256 in hex, permission bits."""

    path: str
    size: int
    sha256: str
    mode: int


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """One folder, also an empty one."""

    path: str
    mode: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a backup says of itself. `heads`: of the hash chains in hex; `engine`: that of the store then."""

    made_at: datetime
    code_version: str
    engine: str
    revision: str
    heads: Mapping[str, str]
    tables: tuple[TableDigest, ...]
    folders: tuple[KeptFolder, ...]
    files: tuple[KeptFile, ...]

    def to_json(self) -> bytes:
        record = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Manifest":
        """Raises BackupError for another format, and for a path that is not one of a backup."""
        try:
            said, record = formatted(content)
            if said != FORMAT:
                raise BackupError("The file is a backup in another format", _NOT_READ)
            record["made_at"] = datetime.fromisoformat(record["made_at"]).astimezone(UTC)
            record["tables"] = tuple(value_of(TableDigest, each) for each in record["tables"])
            record["folders"] = tuple(value_of(KeptFolder, each) for each in record["folders"])
            record["files"] = tuple(value_of(KeptFile, each) for each in record["files"])
            read = value_of(cls, record)
            _check_numbers(read)
        except NOT_READ:
            raise BackupError("The manifest of the backup cannot be read", _NOT_READ) from None
        _check_paths(read)
        return read


def is_ours(path: str) -> bool:
    """Whether a backup may put something there: a plain path below one of its own places."""
    parts = PurePosixPath(path).parts
    plain = bool(parts) and "\0" not in path and not path.startswith("/") and "/".join(parts) == path
    if not plain or any(part in (".", "..") or part.startswith(".") for part in parts):
        return False
    return parts[0] in FOLDERS if len(parts) > 1 else path in (DATABASE, SETTINGS, *FOLDERS)


def _check_paths(read: Manifest) -> None:
    files, folders = [each.path for each in read.files], [each.path for each in read.folders]
    known = set(folders) | {"."}
    whole = len({*files, *folders}) == len(files) + len(folders) and DATABASE in files
    whole = whole and all(is_ours(path) and path not in FOLDERS for path in files)
    whole = whole and all(is_ours(path) and path not in (DATABASE, SETTINGS) for path in folders)
    if not whole or any(str(PurePosixPath(path).parent) not in known for path in (*files, *folders)):
        raise BackupError("The backup names files that do not belong in a data folder", "Do not use it")


def _check_numbers(read: Manifest) -> None:
    """Raises ValueError for what is no size, no mode and no head of a chain."""
    if any(file.size < 0 for file in read.files) or not isinstance(read.heads, dict):
        raise ValueError("a size below 0, or no heads")
    modes = [*(each.mode for each in read.files), *(each.mode for each in read.folders)]
    if any(not 0 <= mode <= _ALL_BITS for mode in modes):
        raise ValueError("no permission bits")
