"""The note beside the store that a run of `forget` has begun: so that the next one finds what a killed one has left.

In and out: a Begun, in the file `.forgetting` of the data folder. What would surprise: files leave no row behind, so
the note names those that are about to go before they do (their names say nothing secret); what of them is not there
any more has gone.
"""

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from monitor.disk import write_whole
from monitor.errors import RetentionError
from monitor.model.retention import RetentionClass

NOTE = ".forgetting"


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that has no entry on the audit log yet. `files`: by class, relative to the data folder."""

    at: datetime
    by: str
    why: str
    files: dict[RetentionClass, tuple[str, ...]] = field(default_factory=dict)

    def with_files(self, data_dir: Path, kind: RetentionClass, paths: Collection[Path]) -> "Begun":
        """Written down: these are about to go, besides those that went before."""
        names = (str(path.relative_to(data_dir)) for path in paths)
        more = replace(self, files={**self.files, kind: tuple(dict.fromkeys((*self.gone(data_dir, kind), *names)))})
        say_begun(data_dir, more)
        return more

    def gone(self, data_dir: Path, kind: RetentionClass) -> tuple[str, ...]:
        """Those that were about to go and are not there any more."""
        return tuple(name for name in self.files.get(kind, ()) if not (data_dir / name).exists())


def say_begun(data_dir: Path, begun: Begun | None) -> None:
    """None: that the log has its entry, and remains are left in the database's own files. Raises RetentionError."""
    said = {"begun_at": None} if begun is None else _fields(begun)
    try:
        write_whole(data_dir / NOTE, json.dumps(said).encode())
    except OSError as error:
        raise RetentionError(f"The data folder cannot be written to ({error.strerror})", "Check its owner") from None


def was_begun(data_dir: Path) -> Begun | None:
    """What a run has left that was killed before its entry; None where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads((data_dir / NOTE).read_bytes())
        files = {RetentionClass(kind): tuple(map(str, names)) for kind, names in said.get("files", {}).items()}
        return Begun(datetime.fromisoformat(said["begun_at"]), said.get("by", ""), said.get("why", ""), files)
    return None


def _fields(begun: Begun) -> dict[str, object]:
    files = {kind.value: list(names) for kind, names in begun.files.items()}
    return {"begun_at": begun.at.isoformat(), "by": begun.by, "why": begun.why, "files": files}
