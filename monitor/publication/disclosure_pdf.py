"""The text of a PDF: its pages, every string and name in it, what it says about itself, and its streams.

In: bytes. Out: texts. Raises Unreadable where it holds a file, or an image with data of its own, or cannot be read to
its end. What would surprise: the text of a page is read after what only draws was taken out of it, the hundred thousand
lines and colours of the charts; to pass over them takes longer than all the rest.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from monitor.publication.disclosure_binary import Unreadable, both, raw

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader
    from pypdf.generic import PdfObject, StreamObject

_COMPRESSED_IMAGES = frozenset({"/DCTDecode", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode"})
_Streams = list[tuple[int, "StreamObject"]]
_FONTS = frozenset({"/FontFile", "/FontFile2", "/FontFile3"})
_HEX_TEXT = re.compile(rb"<\s*(FEFF[0-9A-Fa-f\s]*)>", re.IGNORECASE)
_STRING = rb"\((?:\\.|[^\\()])*\)|<[^<>]*>"
_MARKS = re.compile(rb"<<((?:" + _STRING + rb"|[^()<>])*)>>\s*(?:BDC|DP)\b", re.DOTALL)
_OCTAL = re.compile(rb"\\([0-7]{3})")
_N = rb"(?:[-+]?[\d.]+\s+)"  # one operand
_PATH = rb"(?:N{2}(?:[ml]|N{2}(?:re|[vy]|N{2}c))|[hSn]|[fWB]\*?)".replace(b"N", _N)
_LOOK = rb"(?:N{1,4}(?:scn|SCN)|N[wMjJ])".replace(b"N", _N)
_DRAWS = re.compile(
    rb"(" + _STRING + rb")|(?<=\s)(?:" + _PATH + rb"|" + _LOOK + rb")(?=\s)|/\w+\s+(?:cs|CS)(?=\s)", re.DOTALL
)


def pdf(data: bytes) -> Iterator[str]:
    """The text of every page as one line too, every string of the document, and its streams except fonts and pixels."""
    from pypdf import PdfReader  # noqa: PLC0415 (a third of a second, and most releases of a test have none)
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    yield from raw(data)
    try:
        document = PdfReader(BytesIO(data), strict=False)
        if document.is_encrypted:
            raise Unreadable("a PDF that is encrypted")
        yield from _objects(document)
        for page in document.pages:
            text = _text(page)
            yield " ".join(text.split())
            yield text
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable("a PDF that cannot be read to its end") from None


def _text(page: "PageObject") -> str:
    """What the page says; strings stay as they are, whatever they look like."""
    from pypdf.generic import NameObject  # noqa: PLC0415 (as above)

    content = page.get_contents()
    if content is not None:
        content.forced_encoding = "bytes"  # as `extract_text` reads it itself: the fonts say what is which letter
        content.set_data(_DRAWS.sub(rb"\1", content.get_data()))
        page[NameObject("/Contents")] = content
    return page.extract_text()


def _objects(document: "PdfReader") -> Iterator[str]:
    from pypdf.generic import StreamObject  # noqa: PLC0415 (as above)

    fonts: set[int] = set()
    found: _Streams = []
    for number, value in _all(document):
        yield from _strings(value, fonts)
        if isinstance(value, StreamObject):
            found.append((number, value))
    yield from _strings(document.trailer, fonts)
    for number, stream in found:
        if number not in fonts:
            yield from _stream(stream)


def _all(document: "PdfReader") -> "Iterator[tuple[int, PdfObject | None]]":
    from pypdf.generic import IndirectObject  # noqa: PLC0415 (as above)

    plain = [(number, generation) for generation, numbers in document.xref.items() for number in numbers]
    for number, generation in [*plain, *((number, 0) for number in document.xref_objStm)]:
        if generation != 65535:  # of what was deleted
            yield number, document.get_object(IndirectObject(number, generation, document))


def _strings(value: object, fonts: set[int]) -> Iterator[str]:
    """Strings and names within one object; where it points to fonts is noted in `fonts`."""
    from pypdf.generic import ByteStringObject, IndirectObject  # noqa: PLC0415 (as above)

    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            if name in _FONTS and isinstance(inner, IndirectObject):
                fonts.add(inner.idnum)
            yield from _strings(dict.get(value, name), fonts)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, fonts)
    elif isinstance(value, ByteStringObject):
        yield value.decode("latin-1").replace("\0", "")
    elif isinstance(value, str):
        yield str(value)


def _stream(stream: "StreamObject") -> Iterator[str]:
    if stream.get("/Type") == "/EmbeddedFile":
        raise Unreadable("a PDF with a file attached")
    filters = stream.get("/Filter", [])
    if _COMPRESSED_IMAGES & set(filters if isinstance(filters, list) else [filters]):
        raise Unreadable("a PDF with an image that has data of its own")
    if stream.get("/Subtype") == "/Image":
        return
    body = stream.get_data()
    if stream.get("/Type") == "/Metadata":
        yield from both(body)
    yield from raw(body)
    for text in _HEX_TEXT.findall(body):
        yield bytes.fromhex(re.sub(rb"\s", b"", text).decode()[4:]).decode("utf-16-be", "replace")
    for mark in _MARKS.findall(body):
        yield _OCTAL.sub(lambda match: bytes([int(match.group(1), 8) & 255]), mark).decode("latin-1").replace("\0", "")
