"""Files of the data folder that have a term: which are past it, and how they go.

In: the data folder, a class, an instant. Out: files. What would surprise: a file is as old as its time of change, which
a restored backup sets anew; and a name that begins with the id of a Provider that is held keeps the file.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.disk import remove_left_over, remove_scratch, sync
from monitor.errors import RetentionError
from monitor.handover.seal import DRAFT
from monitor.model.retention import RetentionClass

FOLDERS: dict[RetentionClass, tuple[str, ...]] = {
    RetentionClass.ORDER_FILE: ("provider-files", "order-files", "exchange"),
    RetentionClass.LOG: ("logs", "refused", "inform"),
    RetentionClass.REJECTS: ("rejects",),
}
"""Where the files of each class lie."""


@dataclass(frozen=True, slots=True)
class DueFiles:
    """Files past the term: those that go, and how many are held."""

    paths: tuple[Path, ...]
    n_held: int


def due_files(data_dir: Path, kind: RetentionClass, before: datetime, held: Collection[str]) -> DueFiles:
    """`held`: ids of Providers."""
    old = [path for path in kept_files(data_dir, kind) if _changed_at(path) < before]
    kept = held_files(old, held)
    return DueFiles(tuple(path for path in old if path not in kept), len(kept))


def held_files(paths: Collection[Path], held: Collection[str]) -> set[Path]:
    """Those that belong to one of these Providers."""
    return {path for path in paths if any(_is_of(path, provider) for provider in held)}


def remove_files(paths: Collection[Path]) -> int:
    """How many went. Raises RetentionError where the disk does not allow it; those before it are gone."""
    n, folders = 0, set[Path]()
    try:
        for path in paths:
            path.unlink(missing_ok=True)
            folders.add(path.parent)
            n += 1
        for folder in folders:
            sync(folder)
    except OSError as error:
        said = f"A file past its term cannot be removed ({error.strerror})"
        raise RetentionError(said, "Check who owns the data folder, then give the command again") from None
    return n


def kept_files(data_dir: Path, kind: RetentionClass) -> Iterator[Path]:
    """Every file of a class, whatever its age."""
    for name in FOLDERS[kind]:
        with suppress(FileNotFoundError, NotADirectoryError):
            for path in sorted((data_dir / name).iterdir()):
                if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                    yield path


def remove_drafts(data_dir: Path) -> None:
    """What killed processes left half written, here and where the system has its temporary files. Raises nothing."""
    remove_scratch()
    for name in FOLDERS[RetentionClass.ORDER_FILE]:
        remove_left_over(data_dir / name, *DRAFT)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _is_of(path: Path, provider: str) -> bool:
    return path.name.startswith((f"{provider}-", f"{provider}."))
