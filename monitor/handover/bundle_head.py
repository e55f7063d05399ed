"""What a bundle says of itself where anybody can read it: what it is of, its parts, its counts; and the same as JSON.

In: values. Out: the bytes of `manifest.json`, and the same values from such bytes. What would surprise: nothing of a
record, provider or letter is in it. What the sealed part holds is told by one SHA-256 over its own list, which whoever
can open it holds against this one; so the signature covers each file and each table too.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from monitor.errors import HandoverError
from monitor.exact import NOT_READ, formatted, value_of

FORMAT = "monitor-handover-1"
_NOT_READ = "Ask for it again, or install the version that made it; nothing was changed"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the file as it lies there; SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Named:
    """A frozen dataset or a release, and its digest: of a release SHA-256 of its manifest."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class TableCount:
    """Rows of one table."""

    name: str
    n_rows: int


@dataclass(frozen=True, slots=True)
class Head:
    """`contents`: SHA-256 of the list in the sealed part. `heads`: of the hash chains; `receivers`: fingerprints."""

    made_at: datetime
    code_version: str
    revision: str
    method: str
    contents: str
    n_files: int
    n_bytes: int
    heads: Mapping[str, str]
    freezes: tuple[Named, ...]
    releases: tuple[Named, ...]
    tables: tuple[TableCount, ...]
    receivers: tuple[str, ...]
    parts: tuple[Part, ...]

    def to_json(self) -> bytes:
        record = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Head":
        """Raises HandoverError for anything else."""
        record = record_of(content, FORMAT)
        try:
            record["made_at"] = datetime.fromisoformat(record["made_at"]).astimezone(UTC)
            for name, kind in (("freezes", Named), ("releases", Named), ("tables", TableCount), ("parts", Part)):
                record[name] = tuple(value_of(kind, each) for each in record[name])
            record["receivers"] = tuple(str(each) for each in record["receivers"])
            record["heads"] = {str(name): str(head) for name, head in record["heads"].items()}
            read = value_of(cls, record)
        except NOT_READ:
            raise not_read() from None
        if min(read.n_files, read.n_bytes, *(each.n_rows for each in read.tables), 0) < 0:
            raise not_read()
        return read


def record_of(content: bytes, wanted: str) -> dict[str, Any]:
    """A JSON object of that format, without its name. Raises HandoverError."""
    try:
        said, record = formatted(content)
    except NOT_READ:
        raise not_read() from None
    if said != wanted:
        raise HandoverError("The bundle is in another format", _NOT_READ)
    return record


def not_read() -> HandoverError:
    return HandoverError("A list in the bundle cannot be read", _NOT_READ)
