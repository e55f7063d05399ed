"""Reference table file in, its plain bytes out: as it is, gzip or zstd, told apart by their first bytes.

The surprise: the ending of the name means nothing, and a file that was cut off is an error even where a
decompressor would hand over what it has.
"""

import codecs
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import zstandard

from monitor.disk import to_read
from monitor.errors import ReferenceDataError
from monitor.model.report import Reject

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_GZIP_WBITS = 31  # zlib's number for "a gzip member, largest window"
_CHUNK = 1 << 10  # compressed bytes at a time: what is made to swell gives 32 MiB of them at most
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of a byte that is not UTF-8
LARGEST_TABLE = 1 << 29
"""Bytes of plain text that are taken; the whole routing table of the Internet has 30 MB."""


class Decompressor(Protocol):
    """What zlib and zstandard share."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class TableCounts:
    """What became of the rows: n_read = n_accepted + n_duplicate + n_ignored + n_rejected.

    Blank lines, comments and the header are not rows. `n_ignored` counts default routes, which attribute
    nothing, and prefixes seen by too few peers. `rejects` names each broken row by its line number from 1 (in JSON:
    its place in the list).
    """

    n_read: int
    n_accepted: int
    n_duplicate: int
    n_ignored: int
    rejects: tuple[Reject, ...]

    @property
    def n_rejected(self) -> int:
        return len(self.rejects)


def read_table_file(path: Path, what: str = "table") -> bytes:
    """The plain bytes of a table. Raises ReferenceDataError where it is unreadable, damaged, cut off or empty.

    `what` is the word for it in those messages.
    """
    try:
        with to_read(path, whole=True) as file:
            data = file.read()
    except OSError as error:
        raise ReferenceDataError(f"The {what} cannot be read ({error.strerror or 'input error'})") from None
    if data.startswith(_GZIP):
        data = _expand(data, lambda: zlib.decompressobj(_GZIP_WBITS), what)
    elif data.startswith(_ZSTD):
        data = _expand(data, lambda: zstandard.ZstdDecompressor().decompressobj(), what)
    if not data.strip():
        raise ReferenceDataError(f"The {what} is empty", "Fetch it again")
    return data


def named_parts(rejects: Sequence[tuple[Reject, ...]]) -> tuple[Reject, ...]:
    """The rejects of all files of one table; where there are several, each says in which one it stands."""
    if len(rejects) == 1:
        return rejects[0]
    return tuple(
        replace(reject, reason=f"{reject.reason} (file {number})")
        for number, part in enumerate(rejects, start=1)
        for reject in part
    )


def largest_share(rejected: Iterable[tuple[int, int]]) -> float:
    """The largest share of refused rows, of (refused, read) of each file."""
    return max((refused / max(read, 1) for refused, read in rejected), default=0.0)


def lines_of(data: bytes) -> list[str]:
    """Text lines without their ends; what is not UTF-8 in one can be seen by `is_readable`."""
    text = data.removeprefix(codecs.BOM_UTF8).decode(errors="surrogateescape")
    return [line.removesuffix("\r") for line in text.split("\n")]


def is_readable(line: str) -> bool:
    """Whether all bytes of the line were UTF-8."""
    return not _ESCAPED_BYTE.search(line)


def _expand(data: bytes, fresh: Callable[[], Decompressor], what: str) -> bytes:
    """All members (gzip) or frames (zstd), one after the other."""
    parts: list[bytes] = []
    n_bytes = at = 0
    member = fresh()
    while at < len(data):
        chunk = data[at : at + _CHUNK]
        at += len(chunk)
        try:
            parts.append(member.decompress(chunk))
        except (zlib.error, zstandard.ZstdError):
            raise ReferenceDataError(f"The compressed {what} is damaged", "Fetch it again") from None
        n_bytes += len(parts[-1])
        if n_bytes > LARGEST_TABLE:
            raise ReferenceDataError(f"The {what} is larger than {LARGEST_TABLE >> 20} MiB")
        if member.eof:
            at -= len(member.unused_data)
            if not data[at : at + _CHUNK].strip(b"\0"):  # some writers pad with zeros
                return b"".join(parts)
            member = fresh()
    raise ReferenceDataError(f"The compressed {what} is cut off", "Fetch it again")
