"""A tar archive as plain pieces: headers of one form only, so that a reader notices any byte that is another.

In: names and bytes. Out: blocks of a tar that every tar program reads; and from such blocks names and sizes. What would
surprise: a header that this module would not have written itself, byte for byte, is an error; so there is no place in
such an archive where something could lie unseen, and no name that leads out of a folder.
"""

import tarfile
from collections.abc import Iterator
from typing import Protocol

from monitor.errors import HandoverError

BLOCK = 512
PIECE = 1 << 20
END = bytes(2 * BLOCK)
"""What ends an archive."""
_MODE = 0o600
_LARGEST_USTAR = 8 << 30
_DAMAGED = "Ask for it again; nothing was changed"


class Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int = -1, /) -> bytes: ...


def header(name: str, size: int) -> bytes:
    """The block before a member. Raises ValueError for a name that does not fit in it."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, _MODE, 0
    ustar = size < _LARGEST_USTAR
    block = info.tobuf(tarfile.USTAR_FORMAT if ustar else tarfile.GNU_FORMAT, "utf-8", "strict")
    if len(block) != BLOCK or not is_plain(name):
        raise ValueError("a name that does not fit")
    return block


def fits(name: str) -> bool:
    """Whether a member can have that name."""
    try:
        header(name, 0)
    except ValueError:  # UnicodeEncodeError too
        return False
    return True


def is_plain(name: str) -> bool:
    """Whether it is a path of plain parts, none of which is hidden or leads up."""
    parts = name.split("/")
    return all(part and not part.startswith(".") and part.isprintable() and "\\" not in part for part in parts)


def padding(size: int) -> bytes:
    """What fills the last block of a member."""
    return bytes(-size % BLOCK)


def read_header(source: Readable) -> tuple[str, int] | None:
    """Name and size of the next member; None at the end of the archive. Raises HandoverError."""
    block = exactly(source, BLOCK)
    if block == bytes(BLOCK):
        if exactly(source, BLOCK) != bytes(BLOCK) or source.read(1):
            raise _foreign()
        return None
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        if header(info.name, info.size) != block:
            raise _foreign()
    except (tarfile.TarError, ValueError):
        raise _foreign() from None
    return info.name, info.size


def pieces_of(source: Readable, size: int) -> Iterator[bytes]:
    """The bytes of a member, and what fills its last block looked at. Raises HandoverError."""
    left = size
    while left:
        piece = source.read(min(PIECE, left))
        if not piece:
            raise cut_short()
        left -= len(piece)
        yield piece
    if exactly(source, len(padding(size))) != padding(size):
        raise _foreign()


def exactly(source: Readable, size: int) -> bytes:
    """So many bytes. Raises HandoverError where there are fewer."""
    found = b""
    while len(found) < size:
        piece = source.read(size - len(found))
        if not piece:
            raise cut_short()
        found += piece
    return found


def cut_short() -> HandoverError:
    return HandoverError("The bundle was cut short, or is none", _DAMAGED)


def _foreign() -> HandoverError:
    return HandoverError("The file is not a bundle, or bytes of it were changed", _DAMAGED)
