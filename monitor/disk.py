"""Files that are there whole or not at all, also after the power fails, and folders that do not outlast their use.

In: bytes, a path. Out: the file. What would surprise: a rename lasts only once the folder itself is on disk; and
whatever is unfinished is locked by who works on it, so that the next writer can tell what a killed one has left, and
removes it.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp, mkstemp

_DRAWN = "[a-z0-9_]{8}"
"""What `tempfile` puts after a prefix."""
_SCRATCH = "hosting-monitor-scratch-"


def write_whole(path: Path, content: bytes, mode: int = 0o600, prefix: str | None = None) -> None:
    """A file with this content and mode, in place of one that is there; raises OSError and leaves nothing then.

    `prefix`: how the draft beside it is called that a killed process leaves, until the same file is written again;
    default: a dot and the file's name.
    """
    prefix = f".{path.name}." if prefix is None else prefix
    remove_left_over(path.parent, prefix)
    handle, draft = locked_draft(path.parent, prefix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
            draft.replace(path)
        sync(path.parent)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def locked_draft(folder: Path, prefix: str, suffix: str = "") -> tuple[int, Path]:
    """A new file (0600), open for writing, which `remove_left_over` does not take while it is open. Raises OSError."""
    while True:
        handle, name = mkstemp(prefix=prefix, suffix=suffix, dir=folder)
        if _lock(handle, wait=True):
            return handle, Path(name)
        os.close(handle)  # taken for left over between the two


@contextmanager
def scratch(folder: Path | None = None, prefix: str = _SCRATCH) -> Iterator[Path]:
    """A folder (0700) for what lies on disk for a moment only; default: where the system has its temporary files.

    What a killed process left there goes with the next use.
    """
    place = Path(gettempdir()) if folder is None else folder
    remove_left_over(place, prefix)
    while True:
        made = Path(mkdtemp(prefix=prefix, dir=place))
        handle = os.open(made, os.O_RDONLY)
        if _lock(handle, wait=True):
            break
        os.close(handle)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(handle)


@contextmanager
def gone_again_if_it_fails(folder: Path) -> Iterator[None]:
    """A folder that was not there is not there afterwards, unless something came into it."""
    existed = folder.exists()
    try:
        yield
    except BaseException:
        if not existed:
            with suppress(OSError):
                folder.rmdir()
        raise


def remove_left_over(folder: Path, prefix: str, suffix: str = "") -> None:
    """Remove files and folders of `locked_draft` and `scratch` that nobody works on any more. Raises nothing."""
    named = re.compile(re.escape(prefix) + _DRAWN + re.escape(suffix))
    with suppress(OSError):
        for path in [path for path in folder.iterdir() if named.fullmatch(path.name)]:
            with suppress(OSError):  # another user's, or gone meanwhile
                _remove_unless_locked(path)


def _remove_unless_locked(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        if not _lock(handle, wait=False):
            return
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
    finally:
        os.close(handle)


def _lock(handle: int, *, wait: bool) -> bool:
    """Whether it is ours now and still has a name."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return os.fstat(handle).st_nlink > 0


def sync(path: Path) -> None:
    """A file, or a folder with the names in it, is on disk when this returns. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
