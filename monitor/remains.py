"""What lies in the data folder beside the store: the last backup's time, and what a move or a rotation left behind.

In: the data folder. Out: Findings. What would surprise: the time of the last backup is a file of its own
(`.last-backup`) and not a row, because a backup has to be possible where nothing can be written to the database; and
that file names a backup before it has its name, so that one counts which was killed right after.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.disk import remove_drafts_of, write_whole
from monitor.model.operation import Finding, Mark
from monitor.store import KEY_FILE
from monitor.store.database import DATABASE_FILE, MOVED

_LAST_BACKUP = ".last-backup"
_OLD = timedelta(days=8)
"""A weekly backup and a day of grace."""


def note_backup(data_dir: Path, at: datetime) -> None:
    """Remember that a backup was made then. Where the folder cannot be written to, nothing is remembered."""
    with suppress(OSError):
        write_whole(data_dir / _LAST_BACKUP, json.dumps({"made_at": at.isoformat()}).encode())


def note_begun(data_dir: Path, at: datetime, draft: Path, path: Path) -> None:
    """Remember that a finished backup is about to have its name: where it has it, it counts, whatever comes then."""
    with suppress(OSError):
        found, before = draft.stat(), _last_made(_noted(data_dir))
        begun = {"at": at.isoformat(), "path": str(path.absolute()), "is": [found.st_ino, found.st_size]}
        record = {"made_at": before.isoformat() if before else None, "begun": begun}
        write_whole(data_dir / _LAST_BACKUP, json.dumps(record).encode())


def remove_drafts(data_dir: Path) -> None:
    """What a backup that was killed while it noted its time left of that note."""
    remove_drafts_of(data_dir / _LAST_BACKUP)


def _noted(data_dir: Path) -> dict[str, Any]:
    try:
        record = json.loads((data_dir / _LAST_BACKUP).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _last_made(record: dict[str, Any]) -> datetime | None:
    """None where none is known, or the file makes no sense."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = Path(record["begun"]["path"]).stat()
        if [found.st_ino, found.st_size] == record["begun"]["is"]:
            return datetime.fromisoformat(record["begun"]["at"])
    with suppress(ValueError, KeyError, TypeError):
        return datetime.fromisoformat(record["made_at"])
    return None


def last_backup(data_dir: Path, moment: datetime) -> Finding:
    """When `monitor backup` last made one from this folder, as far as that is known."""
    made_at = _last_made(_noted(data_dir))
    try:
        ago = moment - made_at if made_at else None
    except (TypeError, OverflowError):  # a time without a zone
        ago = None
    if made_at is None or ago is None:
        todo = "`monitor backup FILE`, each night by the timer in deploy/ (docs/backup.md)"
        return Finding("backup", Mark.LOOK, "none known from this data folder", todo, {"made_at": None})
    said, figures = f"the last one of {made_at:%Y-%m-%d %H:%M} UTC", {"made_at": made_at.isoformat()}
    if ago > _OLD:
        todo = "Make one now (`monitor backup FILE`), and look at hosting-monitor-backup.timer"
        return Finding("backup", Mark.LOOK, f"{said}, {ago.days} days ago", todo, figures)
    return Finding("backup", Mark.OK, said, figures=figures)


def left_behind(data_dir: Path, *, on_server: bool) -> Iterator[Finding]:
    """What should not lie here for ever: keys from before a rotation, and the file of a store that is on a server."""
    if keys := _names(data_dir, f"{KEY_FILE}.before-*"):
        todo = "Take it to the backups from before the rotation, and away from here (docs/keys.md)"
        yield Finding("old key", Mark.LOOK, f"still in the data folder: {', '.join(keys)}", todo, {"files": keys})
    if moved := _names(data_dir, DATABASE_FILE + MOVED):
        todo = "Remove it as soon as there is a backup from the server (docs/backup.md)"
        said = f"still in the data folder: {moved[0]}, the store from before `monitor db move`"
        yield Finding("old store", Mark.LOOK, said, todo, {"files": moved})
    if on_server and (beside := _names(data_dir, DATABASE_FILE)):
        said = f"{beside[0]} lies in the data folder, and [database] url names a server: the file is not read"
        todo = "If it is the store that you mean, take [database] url out; else put the file away"
        yield Finding("two stores", Mark.LOOK, said, todo, {"files": beside})


def _names(data_dir: Path, pattern: str) -> list[str]:
    try:
        return sorted(path.name for path in data_dir.glob(pattern) if path.is_file())
    except OSError:
        return []
