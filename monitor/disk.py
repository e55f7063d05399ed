"""Files that are there whole or not at all, also after the power fails.

In: bytes, a path. Out: the file. What would surprise: a rename lasts only once the folder itself is on disk.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp


def write_whole(path: Path, content: bytes, mode: int = 0o600, prefix: str | None = None) -> None:
    """A file with this content and mode, in place of one that is there; raises OSError and leaves nothing then.

    `prefix`: how the draft beside it is called that a killed process leaves; default: a dot and the file's name.
    """
    handle, name = mkstemp(prefix=f".{path.name}." if prefix is None else prefix, dir=path.parent)
    draft = Path(name)
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


def sync(path: Path) -> None:
    """A file, or a folder with the names in it, is on disk when this returns. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
