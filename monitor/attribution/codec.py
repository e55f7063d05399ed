"""Aligned arrays to compact bytes and back, the same bytes for the same arrays.

Layout: zstd (with checksum) over magic, kind, number of arrays, then for each its dtype, length and raw
little-endian values. The surprise: values are stored byte plane by byte plane and ascending ones as differences
(`delta`), which together nearly halves the size.
"""

import re
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from monitor.errors import ReferenceDataError

_MAGIC = b"HMT1"
_HEAD = struct.Struct("<4s8sI")
_ARRAY = struct.Struct("<4s?Q")
_LEVEL = 6
_INTEGERS = re.compile(rb"[<|][iu][1248]")
_LARGEST = 1 << 30
"""Bytes of one stored table; the whole routing table of the Internet has 10 MB."""


def pack_arrays(kind: bytes, arrays: Sequence[NDArray[Any]], delta: Sequence[int] = ()) -> bytes:
    """Bytes of integer arrays; those at the positions `delta` are stored as differences (unsigned, wrapping)."""
    parts = [_HEAD.pack(_MAGIC, kind, len(arrays))]
    for position, array in enumerate(arrays):
        raised = position in delta
        values = np.diff(array, prepend=array.dtype.type(0)) if raised else array
        little = values.astype(values.dtype.newbyteorder("<"), copy=False)
        parts.append(_ARRAY.pack(little.dtype.str.encode(), raised, len(little)))
        parts.append(_planes(little))
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(b"".join(parts))


def unpack_arrays(kind: bytes, content: bytes) -> list[NDArray[Any]]:
    """The arrays of `pack_arrays`. Raises ReferenceDataError where the bytes are damaged or of another kind."""
    try:
        if zstandard.get_frame_parameters(content).content_size > _LARGEST:
            raise ValueError("too large")
        plain = zstandard.ZstdDecompressor().decompress(content)
        magic, found, n_arrays = _HEAD.unpack_from(plain)
        if (magic, found.rstrip(b"\0")) != (_MAGIC, kind):
            raise ValueError("another kind")
        return _read_arrays(plain, n_arrays)
    except (zstandard.ZstdError, struct.error, ValueError, TypeError, UnicodeDecodeError):
        raise ReferenceDataError("A stored reference table is damaged", "Import it again") from None


def _read_arrays(plain: bytes, n_arrays: int) -> list[NDArray[Any]]:
    arrays: list[NDArray[Any]] = []
    at = _HEAD.size
    for _ in range(n_arrays):
        name, raised, length = _ARRAY.unpack_from(plain, at)
        at += _ARRAY.size
        written = name.rstrip(b"\0")
        if not _INTEGERS.fullmatch(written) or length > len(plain):  # what numpy makes of other names is a language
            raise ValueError("no integers, or more than there are")
        dtype = np.dtype(written.decode("ascii"))
        values = _unplane(np.frombuffer(plain, np.uint8, length * dtype.itemsize, at), dtype)
        arrays.append(np.cumsum(values, dtype=dtype) if raised else values)
        at += length * dtype.itemsize
    return arrays


def _planes(values: NDArray[Any]) -> bytes:
    """All first bytes, then all second bytes, and so on: neighbours are alike, which packs far better."""
    return np.ascontiguousarray(values).view(np.uint8).reshape(len(values), values.itemsize).T.tobytes()


def _unplane(raw: NDArray[np.uint8], dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(raw.reshape(dtype.itemsize, -1).T).reshape(-1).view(dtype)
