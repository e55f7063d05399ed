"""The text in files that are no text: Parquet and PNG, with what they say about themselves.

In: bytes. Out: texts. Raises Unreadable for a part that could hold anything: a chunk of an unknown kind, a compressed
part that does not open. What would surprise: pixels are not read; that a chart shows no more than the tables do is seen
to where it is drawn, from the same values.
"""

import re
import zlib
from collections.abc import Iterator

import duckdb

from monitor.disk import scratch

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SILENT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD hIST pHYs tIME".split())  # figures alone
_RAW_URL = re.compile(rb"(?i)(?:https?|ftp)s?://[\x21-\x7e]+|(?:h\0t\0t\0p\0|\0h\0t\0t\0p)[\x00-\x7e]{8,400}")
_MOST_INFLATED = 64 * 2**20


class Unreadable(Exception):
    """Why a file cannot be read to the end, in words that hold nothing of it."""


def raw(data: bytes) -> Iterator[str]:
    """Addresses of pages that stand in the bytes themselves, wherever that is."""
    if b"://" not in data and b"t\0t\0p" not in data.lower():  # far faster to see than by the pattern
        return
    for match in _RAW_URL.findall(data):
        yield match.replace(b"\0", b"").decode("latin-1")


# --- Parquet --------------------------------------------------------------------------------------------------


def parquet(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """Columns with their values as text, figures with a point left out, and what the file says of itself."""
    with scratch() as folder, duckdb.connect(config={"threads": 1}) as connection:
        path = folder / "table.parquet"
        path.write_bytes(data)
        try:
            yield "", list(raw(data))
            yield "", _about(connection, str(path))
            table = connection.read_parquet(str(path))
            yield from zip(table.columns, _columns(table), strict=True)
        except duckdb.Error:
            raise Unreadable("a Parquet file that is none") from None


def _about(connection: duckdb.DuckDBPyConnection, path: str) -> list[str]:
    keys = connection.execute("SELECT key, value FROM parquet_kv_metadata(?)", [path]).fetchall()
    makers = connection.execute("SELECT created_by FROM parquet_file_metadata(?)", [path]).fetchall()
    return [_words(value) for row in [*keys, *makers] for value in row if value is not None]


def _columns(table: duckdb.DuckDBPyRelation) -> list[list[str]]:
    rows = table.fetchall()
    columns = zip(*rows, strict=True) if rows else [()] * len(table.columns)
    return [[_words(value) for value in column if value is not None and not isinstance(value, float)]
            for column in columns]  # fmt: skip


def _words(value: object) -> str:
    return value.decode("utf-8", "replace").replace("\0", "") if isinstance(value, bytes) else str(value)


# --- PNG ------------------------------------------------------------------------------------------------------


def png(data: bytes) -> Iterator[str]:
    """What is written beside the picture."""
    if not data.startswith(_SIGNATURE):
        raise Unreadable("a PNG file that is none")
    at, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if len(kind) < 4 or at + 12 + length > len(data):
            raise Unreadable("a PNG file that is cut off")
        yield from _chunk(kind, data[at + 8 : at + 8 + length])
        at += 12 + length
    if data[at:]:
        raise Unreadable("a PNG file with something behind its end")


def _chunk(kind: bytes, body: bytes) -> Iterator[str]:
    if kind in _SILENT:
        return
    if kind == b"tEXt":
        yield from both(body)
    elif kind in {b"zTXt", b"iCCP"}:
        keyword, _, rest = body.partition(b"\0")
        yield from both(keyword + b"\n" + _inflated(rest[1:]))
    elif kind == b"iTXt":
        keyword, _, rest = body.partition(b"\0")
        about, _, text = rest[2:].partition(b"\0")
        translated, _, text = text.partition(b"\0")
        yield from both(b"\n".join([keyword, about, translated, _inflated(text) if rest[:1] == b"\1" else text]))
    elif kind == b"eXIf":
        yield from both(body)
    else:
        raise Unreadable("a PNG file with a part of an unknown kind")


def both(body: bytes) -> Iterator[str]:
    """As UTF-8 or Latin, and what would be UTF-16."""
    yield body.replace(b"\0", b"\n").decode("utf-8", "replace")
    yield body.replace(b"\0", b"").decode("latin-1")


def _inflated(body: bytes) -> bytes:
    try:
        inflater = zlib.decompressobj()
        text = inflater.decompress(body, _MOST_INFLATED)
    except zlib.error:
        raise Unreadable("a compressed part that cannot be opened") from None
    if not inflater.eof:
        raise Unreadable("a compressed part that is too large")
    return text
