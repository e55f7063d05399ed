"""The list of what lies in the sealed part of a bundle: each file, each table by its digest, when, by whom, why.

In: values. Out: the bytes of its `list.json`, and the same from such bytes. What would surprise: a file has two names:
the one in the archive, which is plain and short, and its place in a data folder, which is looked at as it is read.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from monitor.backup.manifest import DATABASE, FOLDERS, SETTINGS, KeptFolder, is_ours
from monitor.errors import HandoverError
from monitor.exact import value_of
from monitor.handover.bundle_head import not_read, record_of
from monitor.store.copying import TableDigest

FORMAT = "monitor-handover-contents-1"
LIST = "list.json"
INDEX_KEY = "index.key"
ROWS, DATA, REPLIES, DOCUMENTATION = "rows/", "data/", "replies/", "documentation/"
REGISTRY, VERSIONS = "registry.toml", "versions.json"
_ALL_BITS = 0o7777


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """One file. `member`: its name in the archive; `place`: in a data folder, empty where it goes into none."""

    member: str
    place: str
    size: int
    sha256: str
    mode: int


@dataclass(frozen=True, slots=True)
class Contents:
    """All that lies in the sealed part. `left_out`: settings that were not taken along."""

    made_at: str
    by: str
    reason: str
    index_key: str  # SHA-256
    left_out: tuple[str, ...]
    folders: tuple[KeptFolder, ...]
    files: tuple[CarriedFile, ...]
    tables: tuple[TableDigest, ...]

    def to_json(self) -> bytes:
        return (json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Contents":
        """Raises HandoverError for anything else, and for a place that is not one of a data folder."""
        record = record_of(content, FORMAT)
        try:
            for name, kind in (("folders", KeptFolder), ("files", CarriedFile), ("tables", TableDigest)):
                record[name] = tuple(value_of(kind, each) for each in record[name])
            record["left_out"] = tuple(str(each) for each in record["left_out"])
            read = value_of(cls, record)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise not_read() from None
        _check_places(read)
        return read

    @property
    def digest(self) -> str:
        return sha256(self.to_json()).hexdigest()

    @property
    def placed(self) -> Mapping[str, CarriedFile]:
        """The files that go into a data folder, by their names in the archive."""
        return {file.member: file for file in self.files if file.place}


def _check_places(read: Contents) -> None:
    places, folders = [file.place for file in read.files if file.place], [each.path for each in read.folders]
    known = set(folders) | {"."}
    whole = len({*places, *folders}) == len(places) + len(folders)
    whole = whole and all(is_ours(place) and place not in (DATABASE, *FOLDERS) for place in places)
    whole = whole and all(is_ours(path) and path not in (DATABASE, SETTINGS) for path in folders)
    whole = whole and all(str(PurePosixPath(path).parent) in known for path in (*places, *folders))
    modes = [*(file.mode for file in read.files), *(each.mode for each in read.folders)]
    if not whole or any(not 0 <= mode <= _ALL_BITS for mode in modes):
        raise HandoverError("The bundle names files that do not belong in a data folder", "Do not use it")
