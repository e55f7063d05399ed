"""A ZIP archive as a stream of bytes: members come in, pieces of the archive go out, nothing touches a disk.

What would surprise: a table that is filled while another one is written is kept meanwhile in memory, compressed
(`Kept`); and every member bears the same date, so that what is in the archive depends on its content alone.
"""

import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from io import RawIOBase
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 16
_LEVEL = 6


class ZipStream:
    """Members one after the other; `made` has the SHA-256 and the size (bytes) of each that is done."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w", ZIP_DEFLATED, compresslevel=_LEVEL)
        self.made: dict[str, tuple[str, int]] = {}

    def member(self, name: str, content: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes of the archive that this member makes, as they come."""
        info = ZipInfo(name, _EARLIEST)
        info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
        digest, size = sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as member:
            for piece in content:
                digest.update(piece)
                size += len(piece)
                member.write(piece)
                yield self._sink.take()
        self.made[name] = (digest.hexdigest(), size)
        yield self._sink.take()

    def end(self) -> Iterator[bytes]:
        """The rest of the archive."""
        self._zip.close()
        yield self._sink.take()


class Kept:
    """Bytes that are needed later, compressed in memory."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_LEVEL)
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        self._pieces.append(self._compressor.compress(piece))

    def pieces(self) -> Iterator[bytes]:
        """All that was added, in order; nothing can be added afterwards, and it can be read once."""
        self._pieces.append(self._compressor.flush())
        opened = zlib.decompressobj()
        for packed in self._pieces:
            rest = packed
            while rest:
                yield opened.decompress(rest, _PIECE)
                rest = opened.unconsumed_tail
        yield opened.flush()
        self._pieces.clear()


class _Sink(RawIOBase):
    """Takes what the archive writes, until it is taken away; cannot be sought in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]  # a ZipFile writes bytes
        self._pieces.append(bytes(content))
        return len(content)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
