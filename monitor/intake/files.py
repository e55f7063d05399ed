"""Input files as they lie: hash, compression by magic bytes, and how far reading has come.

In: a path. Out: decompressed bytes in chunks. Every failure is an InputError that says "the 2nd input file" and
never the path. Surprise: damage in the middle of a compressed file is raised when reading gets there, so
everything before it has been handed over by then.
"""

import hashlib
import stat
import zlib
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import zstandard

from monitor.errors import InputError

_CHUNK = 64 * 1024
_PIECE = 1024
"""Compressed bytes taken at a time: four can stand for 128 KiB, so what is made to swell gives 32 MiB at most."""
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_DAMAGE = (zlib.error, zstandard.ZstdError)


class _Inflater(Protocol):
    """What zlib and zstandard objects share: one compressed member or frame."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def sha256(path: Path, position: int | None = None) -> str:
    """SHA-256 (hex) of the file as it lies, compression included. Raises InputError."""
    with InputFile(path, position) as file:
        return hashlib.file_digest(file.raw, "sha256").hexdigest()


class InputFile:
    """An open, non-empty regular file. `position` is its place on the command line, from 1, for messages."""

    def __init__(self, path: Path, position: int | None = None) -> None:
        self.name = "the input file" if position is None else f"the {ordinal(position)} input file"
        self.raw, self.bytes_total = self._open(path)
        magic = self._read(len(_ZSTD))
        self.raw.seek(0)
        self._make_inflater = _inflater_for(magic)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.raw.close()

    @property
    def bytes_done(self) -> int:
        """Bytes of the file, still compressed, that reading has taken in."""
        return self.raw.tell()

    @property
    def compressed(self) -> bool:
        return self._make_inflater is not None

    def chunks(self) -> Iterator[bytes]:
        """The decompressed content from the start. Raises InputError at the first damage, after what lies before it."""
        self.raw.seek(0)
        return self._plain() if self._make_inflater is None else self._inflate(self._make_inflater)

    def error(self, what: str, hint: str = "") -> InputError:
        """What to raise: `what` completes a sentence that starts with the file."""
        return InputError(f"{self.name[0].upper()}{self.name[1:]} {what}", hint)

    def _open(self, path: Path) -> tuple[BufferedReader, int]:
        what = ""
        try:
            status = path.stat()
            if stat.S_ISREG(status.st_mode) and status.st_size > 0:
                return path.open("rb"), status.st_size
            what = "is empty" if stat.S_ISREG(status.st_mode) else "is a folder or a device, not a file"
        except FileNotFoundError:
            what = "does not exist"
        except PermissionError:
            what = "may not be read by this user"
        except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
            what = f"cannot be opened ({type(error).__name__})"
        raise self.error(what)

    def _read(self, size: int = _CHUNK) -> bytes:
        try:
            return self.raw.read(size)
        except OSError:
            pass
        raise self.error("cannot be read any further: the disk or the network reports an error")

    def _plain(self) -> Iterator[bytes]:
        while data := self._read():
            yield data

    def _inflate(self, make: Callable[[], _Inflater]) -> Iterator[bytes]:
        """Members or frames one after the other; zero bytes after the last one are padding, as for gzip itself."""
        inflater, between = make(), True
        data = self._read(_PIECE)
        while data:
            if inflater.eof:
                inflater, between = make(), True
            if between and not data.strip(b"\0"):
                data = self._read(_PIECE)
                continue
            plain = self._decompress(inflater, data)
            between = inflater.eof
            if plain:
                yield plain
            data = (inflater.unused_data if inflater.eof else b"") or self._read(_PIECE)
        if not between:
            raise self.error(
                "is truncated: its compressed data stops before its end", "Copy it again, then import it again"
            )

    def _decompress(self, inflater: _Inflater, data: bytes) -> bytes:
        try:
            return inflater.decompress(data)
        except _DAMAGE:
            pass
        raise self.error("is damaged: its compressed data does not decompress", "Copy it again, then import it again")


def _inflater_for(magic: bytes) -> Callable[[], _Inflater] | None:
    if magic.startswith(_GZIP):
        return lambda: zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    if magic.startswith(_ZSTD):
        return lambda: zstandard.ZstdDecompressor().decompressobj()
    return None


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    suffix = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"
