"""Files that are there whole or not at all, also after the power fails, and folders that do not outlast their use.

In: bytes, a path. Out: the file; and files of others to read, for which nobody waits without end. What would surprise:
a rename lasts only once the folder itself is on disk; and whatever is unfinished is locked by who works on it, so that
the next writer can tell what a killed one has left, and removes it.
"""

import errno
import fcntl
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from tempfile import gettempdir, mkdtemp, mkstemp

_DRAWN = "[a-z0-9_]{8}"
"""What `tempfile` puts after a prefix."""
_SCRATCH = "hosting-monitor-scratch-"
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What a disk says that knows no hard links, such as a USB stick."""


def write_whole(path: Path, content: bytes, mode: int = 0o600, prefix: str | None = None) -> None:
    """A file with this content and mode, in place of one that is there; raises OSError and leaves nothing then.

    `prefix`: how the draft beside it is called that a killed process leaves, until the same file is written again;
    default: a dot and the file's name.
    """
    prefix = _prefix_of(path) if prefix is None else prefix
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


def write_new(path: Path, content: bytes, prefix: str | None = None) -> None:
    """A file (0600) with this content where none may be yet; raises OSError and leaves nothing then.

    `prefix` as for `write_whole`.
    """
    prefix = _prefix_of(path) if prefix is None else prefix
    remove_left_over(path.parent, prefix)
    if os.path.lexists(path):  # before anything is written: its folder may be one that may not be written to
        raise _taken()
    handle, draft = locked_draft(path.parent, prefix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            give_name(draft, path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def give_name(draft: Path, path: Path) -> None:
    """Its name to a finished file, on disk when this returns; FileExistsError where another has it.

    The draft may be there still afterwards.
    """
    try:
        os.link(draft, path)  # unlike a rename, fails where a file is
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(path):
            raise _taken() from None
        draft.rename(path)
    sync(path.absolute().parent)


def remove_drafts_of(path: Path) -> None:
    """What a killed process left of a file, also where the file itself came into place."""
    remove_left_over(path.parent, _prefix_of(path))


def _prefix_of(path: Path) -> str:
    return f".{path.name}."


def _taken() -> FileExistsError:
    return FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


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


def remove_scratch() -> None:
    """Folders of `scratch` that killed processes left where the system has its temporary files. Raises nothing."""
    remove_left_over(Path(gettempdir()), _SCRATCH)


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


def to_read(path: Path, *, whole: bool = False) -> BufferedReader:
    """A file of somebody else, open. A pipe that nobody writes into is at its end at once. Raises OSError.

    `whole`: it is one that will be measured or sought in, so no pipe and no device will do.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode) or (whole and not stat.S_ISREG(mode)):
            raise OSError(errno.EINVAL, "a folder or a device, not a file")
        os.set_blocking(handle, True)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_small(path: Path, longest: int) -> bytes:
    """All of a file of somebody else that is short by its nature. Raises OSError, for a longer one too."""
    with to_read(path) as file:
        content = file.read(longest + 1)
        if not content and stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "a pipe into which nobody writes")
    if len(content) > longest:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


def sync(path: Path) -> None:
    """A file, or a folder with the names in it, is on disk when this returns. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
