"""A folder that is there whole or not at all, and one writer at a time.

In: the path that it should have. Out: a folder beside it to write into, synced to disk and renamed at the end.
What would surprise: what a killed writer left is removed by the next writer, not by the reader, which never sees
it; and errors name no path.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.disk import sync
from monitor.errors import FreezeError

_NAME = ".new-"


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """One writer at a time, so that sequence numbers differ and what is unfinished is nobody's."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _cannot_write(error) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A folder that becomes `path` (which is not there yet) when the block ends well. Left-overs are removed."""
    with _beside(path) as folder:
        yield folder
        for item in folder.iterdir():
            _finish(item)
        sync(folder)
        folder.rename(path)
        sync(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Another content for one file of a finished folder: whoever reads, or is killed, has the old one or the new."""
    with _beside(path.parent) as folder:
        draft = folder / path.name
        draft.write_bytes(content)
        _finish(draft)
        draft.replace(path)
        sync(path.parent)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    folder = path.parent / f"{_NAME}{path.name}"
    try:
        for left_over in path.parent.glob(f"{_NAME}*"):
            shutil.rmtree(left_over)
        folder.mkdir(mode=0o700)
        yield folder
    except OSError as error:
        raise _cannot_write(error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _finish(path: Path) -> None:
    path.chmod(0o600)
    sync(path)


def _cannot_write(error: OSError) -> FreezeError:
    reason = os.strerror(error.errno) if error.errno else "unknown reason"
    return FreezeError(f"The freeze cannot be written: {reason.lower()}", "Make room or give access, then try again")
