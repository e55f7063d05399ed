"""Bytes as a file that a reader can be given, in memory where the system allows.

In: bytes. Out: a path that holds them until the next call. What would surprise: it is always the same path, so no
harness may keep one.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it, for its speed)


@cache
def folder() -> Path:
    """A private folder that is gone when the process ends."""
    made = Path(tempfile.mkdtemp(prefix="monitor-fuzz-", dir=_MEMORY if _MEMORY.is_dir() else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def as_file(data: bytes, name: str = "input") -> Path:
    path = folder() / name
    path.write_bytes(data)
    return path
