"""The file of a backup: a tar in Zstandard, the manifest first, and at the end what shows any changed byte.

In: a `Manifest` and where its files lie. Out: bytes; and from such a file the manifest, and its files in a folder.
After the Zstandard frame stands a skippable frame, which other programs pass over: a keyed digest over all before it,
made with the store's key, then SHA-256 over all before that. What would surprise: a Zstandard frame has a bit that no
reader looks at, so that its own checksum would not do; and a file that changes while it is packed makes the whole
archive void (`SourceChanged`), to be made again.
"""

import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO, cast

import zstandard

from monitor.backup.manifest import FORMAT, MANIFEST, KeptFile, Manifest
from monitor.disk import sync, to_read
from monitor.errors import BackupError

PIECE = 1 << 20
LARGEST_MANIFEST = 256 << 20
_LEVEL = 3
_KEYED_BYTES, _DIGEST_BYTES = 16, 32
_NAME = FORMAT.encode().ljust(24, b"\0")
_END_BYTES = 8 + len(_NAME) + _KEYED_BYTES + _DIGEST_BYTES
_SKIPPABLE = (0x184D2A5E).to_bytes(4, "little") + (_END_BYTES - 8).to_bytes(4, "little")
_DAMAGED = "Take another backup; nothing was changed"

Keyed = Callable[[bytes], bytes]
"""A digest that only the holder of the store's key can make: bytes to 16 bytes."""
Progress = Callable[[int, int], None]


class SourceChanged(Exception):
    """A file is no longer what the manifest says of it."""


def write_archive(
    target: BinaryIO, manifest: Manifest, sources: Mapping[str, Path], keyed: Keyed, progress: Progress
) -> str:
    """The archive into `target`; its SHA-256 in hex. Raises SourceChanged, OSError."""
    sink = _Hashing(target)
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with (
        compressor.stream_writer(cast("IO[bytes]", sink), closefd=False) as packed,
        tarfile.open(mode="w|", fileobj=packed, format=tarfile.PAX_FORMAT, bufsize=PIECE) as tar,
    ):
        content = manifest.to_json()
        tar.addfile(_member(MANIFEST, len(content), 0o600, manifest.made_at.timestamp()), BytesIO(content))
        done, total = 0, sum(file.size for file in manifest.files)
        for file in manifest.files:
            _add(tar, file, sources[file.path])
            done += file.size
            progress(done, total)
    sink.write(_SKIPPABLE + _NAME + keyed(sink.digest.digest()))
    sink.write(sink.digest.digest())
    return sink.digest.hexdigest()


def check_whole(path: Path) -> tuple[str, bytes, bytes]:
    """SHA-256 in hex of a backup of which no byte was changed, its keyed digest, and what that was made over.

    Raises BackupError: it is none, it was cut short, or a byte of it is another.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size <= _END_BYTES:
            raise BackupError("The file is not a backup, or was cut short", _DAMAGED)
        digest = sha256()
        for piece in _pieces(file, size - _END_BYTES):
            digest.update(piece)
        body, end = digest.digest(), file.read(_END_BYTES)
    if not end.startswith(_SKIPPABLE + _NAME):
        raise BackupError("The file is not a backup, or was cut short", _DAMAGED)
    digest.update(end[:-_DIGEST_BYTES])
    if digest.digest() != end[-_DIGEST_BYTES:]:
        raise BackupError("The backup was changed or damaged: it is not what was written", _DAMAGED)
    digest.update(end[-_DIGEST_BYTES:])
    return digest.hexdigest(), end[len(_SKIPPABLE + _NAME) : -_DIGEST_BYTES], body


@contextmanager
def opened_archive(path: Path) -> Iterator["Archive"]:
    """A backup to be read from its start to its end. Raises BackupError."""
    try:
        with _opened(path) as file:
            frame = _Part(file, os.fstat(file.fileno()).st_size - _END_BYTES)
            unpacked = zstandard.ZstdDecompressor().stream_reader(cast("IO[bytes]", frame), closefd=False)
            with tarfile.open(mode="r|", fileobj=unpacked, bufsize=PIECE) as tar:
                yield Archive(tar)
    except (tarfile.TarError, zstandard.ZstdError, EOFError):
        raise BackupError("The backup cannot be unpacked", _DAMAGED) from None


class Archive:
    """One backup while it is read. `manifest` comes first, `unpack` once after it."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        content = self._next(MANIFEST, LARGEST_MANIFEST)
        self.manifest = Manifest.from_json(content.read())

    def unpack(self, folder: Path, progress: Progress) -> None:
        """Every file and folder below `folder`, which is empty, each held against the manifest. Raises BackupError."""
        for each in self.manifest.folders:
            (folder / each.path).mkdir(mode=0o700)
        done, total = 0, sum(file.size for file in self.manifest.files)
        for file in self.manifest.files:
            self._unpack(file, folder / file.path)
            done += file.size
            progress(done, total)
        if self._tar.next() is not None:
            raise BackupError("The backup holds more than its manifest says", _DAMAGED)
        for each in self.manifest.folders:
            (folder / each.path).chmod(each.mode | 0o700)
            sync(folder / each.path)  # the names in it too
        sync(folder)

    def _unpack(self, file: KeptFile, path: Path) -> None:
        content, digest, size = self._next(file.path, file.size), sha256(), 0
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as out:
            for piece in _pieces(content, file.size):
                digest.update(piece)
                size += len(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
            os.fchmod(out.fileno(), file.mode)
        if (size, digest.hexdigest()) != (file.size, file.sha256):
            raise BackupError("A file in the backup is not what its manifest says", _DAMAGED)

    def _next(self, name: str, largest: int) -> IO[bytes]:
        member = self._tar.next()
        if member is None or not member.isreg() or member.name != name or member.size > largest:
            raise BackupError("The backup does not hold what its manifest says", _DAMAGED)
        content = self._tar.extractfile(member)
        assert content is not None  # a regular file
        return content


def _add(tar: tarfile.TarFile, file: KeptFile, source: Path) -> None:
    try:
        with source.open("rb") as opened:
            content = _Packed(opened)
            member = _member(file.path, file.size, file.mode, os.fstat(opened.fileno()).st_mtime)
            tar.addfile(member, cast("IO[bytes]", content))
    except FileNotFoundError:
        raise SourceChanged from None
    if content.digest.hexdigest() != file.sha256:
        raise SourceChanged


def _member(name: str, size: int, mode: int, at: float) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, mode, int(at)
    return info


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    """At most `size` bytes of a file; fewer where it ends before."""
    while size > 0 and (piece := file.read(min(PIECE, size))):
        size -= len(piece)
        yield piece


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = to_read(path, whole=True)
    except OSError as error:
        raise BackupError(f"The backup cannot be read ({error.strerror})", "Check its name and who owns it") from None
    with file:
        yield file


class _Hashing:
    """A file to write to that hashes what is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, sha256()

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        return self._file.write(piece)


class _Packed:
    """A file to read from that hashes what is read, and is void where it ends before what is asked of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, sha256()

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        if len(piece) < size:
            raise SourceChanged
        self.digest.update(piece)
        return piece


class _Part:
    """The first bytes of a file, as a file that ends there."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece
