"""The sealed part of a bundle taken apart, all of it held against its list: rows into a database, files into a folder.

In: a stream of plain bytes, an empty folder, a key. Out: a database sealed under that key, and the files in their
places. What would surprise: the list comes last, so every file waits under a number until it is known where it belongs;
and the database is read once more at the end, because what counts is what arrived.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import zstandard

from monitor.bundles.contents import INDEX_KEY, LIST, ROWS, Contents
from monitor.errors import HandoverError
from monitor.handover.bundle_head import Head
from monitor.handover.tar_stream import Readable, pieces_of, read_header
from monitor.store.copying import Progress

LARGEST_WHOLE = 512 << 20
"""Bytes of what is held in memory as one: a batch of rows, a reply to a letter, the list."""
_WINDOW = 1 << 27
_WRONG = "Ask for it again; nothing was changed"


@contextmanager
def unpacked(stream: BinaryIO, head: Head, progress: Progress) -> Iterator["Unpacked"]:
    """The sealed part to be read from its start to its end. Raises HandoverError."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    try:
        with decompressor.stream_reader(stream, closefd=False) as plain:
            yield Unpacked(_Bounded(plain, stream, head.n_bytes, progress), head)
    except (zstandard.ZstdError, EOFError):
        raise HandoverError("The sealed part of the bundle cannot be unpacked", _WRONG) from None


class Unpacked:
    """One reading: each member once, then `checked`."""

    def __init__(self, source: "_Bounded", head: Head) -> None:
        self._source, self._head = source, head
        self._seen = dict[str, tuple[int, str]]()

    def members(self) -> Iterator[tuple[str, int]]:
        """Name and size of each; who takes one reads it before the next."""
        while (found := read_header(self._source)) is not None:
            yield found

    def whole(self, name: str, size: int) -> bytes:
        if size > LARGEST_WHOLE:
            raise HandoverError("A part of the bundle is too large", "Do not use it")
        content = b"".join(pieces_of(self._source, size))
        self._saw(name, size, sha256(content).hexdigest())
        return content

    def into(self, path: Path, name: str, size: int) -> None:
        """A file (0600), on disk."""
        digest = sha256()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as out:
            for piece in pieces_of(self._source, size):
                digest.update(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        self._saw(name, size, digest.hexdigest())

    def passed_over(self, name: str, size: int) -> None:
        digest = sha256()
        for piece in pieces_of(self._source, size):
            digest.update(piece)
        self._saw(name, size, digest.hexdigest())

    def checked(self, listed: bytes) -> Contents:
        """The list, once every member was seen: it is the one that was signed, and tells of exactly these."""
        if sha256(listed).hexdigest() != self._head.contents:
            raise HandoverError("What the bundle holds is not what was signed", "Do not use it")
        contents = Contents.from_json(listed)
        told = {file.member: (file.size, file.sha256) for file in contents.files}
        ours = (INDEX_KEY, LIST)
        found = {name: seen for name, seen in self._seen.items() if not name.startswith(ROWS) and name not in ours}
        if found != told or len(told) != len(contents.files):
            raise HandoverError("A file in the bundle is not what its list says", "Do not use it")
        if self._seen.get(INDEX_KEY, (0, ""))[1] != contents.index_key:
            raise HandoverError("A key in the bundle is not what its list says", "Do not use it")
        return contents

    def _saw(self, name: str, size: int, digest: str) -> None:
        if name in self._seen:
            raise HandoverError("The bundle holds a part twice", "Do not use it")
        self._seen[name] = size, digest


class _Bounded:
    """The plain bytes, no more of them than the signed head says; at their end the sealed part has to end too."""

    def __init__(self, plain: Readable, sealed: BinaryIO, size: int, progress: Progress) -> None:
        self._plain, self._sealed, self._size, self._done, self._progress = plain, sealed, size, 0, progress

    def read(self, size: int = -1, /) -> bytes:
        piece = self._plain.read(size)
        self._done += len(piece)
        if self._done > self._size:
            raise HandoverError("The bundle holds more than its manifest says", "Do not use it")
        if not piece and self._sealed.read(1):
            raise HandoverError("The sealed part of the bundle has bytes after its end", "Do not use it")
        if len(piece) >= 1 << 16:
            self._progress(self._done, self._size)
        return piece
