"""A Word document, as a clerk left it, as a tagged PDF (PDF/UA-1) of A4 pages.

In: the DOCX's bytes. Out: the PDF, how many pages it has, and in words what of the document it does not show. What
would surprise: no Word and no office suite is needed, the document is read back and set anew, so lines break elsewhere
than in Word; and a document with tracked changes is an error, because nobody has decided yet what it says.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from typing import Any

import typst
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import Part, XmlPart
from docx.section import Section
from pypdf import PdfReader

from monitor.correspondence.word import Element, Reading, W, attribute, points
from monitor.correspondence.word_blocks import BlockReader
from monitor.correspondence.word_changes import tracked
from monitor.correspondence.word_file import SAVE_AGAIN, opened
from monitor.correspondence.word_lists import Block, Numbering
from monitor.correspondence.word_styles import Styles
from monitor.errors import DocumentError
from monitor.typesetting import compiled, known_characters

_A4 = (595, 842)  # points
_MARGINS = {"top": 72.0, "bottom": 72.0, "left": 72.0, "right": 72.0, "header": 36.0, "footer": 36.0}
_UNREADABLE = (ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What a size that is no number, a missing part or tables within tables without end make the readers raise."""
_INVISIBLE = {0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F}


@dataclass(frozen=True, slots=True)
class Pdf:
    """`not_shown` is what stands in the Word document and not here, each kind once; empty: everything is shown."""

    content: bytes
    n_pages: int
    not_shown: tuple[str, ...]


def to_pdf(docx: bytes, *, title: str, language: str) -> Pdf:
    """The document as a PDF in `language` ("nl", "en"), the same bytes for the same input. Raises `DocumentError`."""
    reading = Reading(language)
    values = read_document(docx, reading, title=title)
    content = _compiled(json.dumps(values, ensure_ascii=False), reading)
    return Pdf(content, len(PdfReader(BytesIO(content)).pages), reading.not_shown)


def read_document(docx: bytes, reading: Reading, *, title: str) -> dict[str, Any]:
    """What stands in the document, as the template of the PDF takes it. Raises `DocumentError`."""
    document = opened(docx)
    changes = tracked(document.part)
    if changes:
        raise DocumentError(
            f"The document holds {changes} tracked change{'s' if changes > 1 else ''}",
            "Accept or reject them in Word (Review, Accept All Changes), save, and try again",
        )
    try:
        return _front(document, title, reading.language) | _content(document, reading)
    except _UNREADABLE:
        raise DocumentError("The document holds something that cannot be read", SAVE_AGAIN) from None


def _front(document: WordDocument, title: str, language: str) -> dict[str, Any]:
    author = document.core_properties.author
    return {"title": title, "language": language, "author": [author] if author else []}


def _content(document: WordDocument, reading: Reading) -> dict[str, Any]:
    styles, numbering = Styles.read(document.styles.element), Numbering.read(_numbering(document.part))
    section = document.sections[0]

    def read(part: Part, element: Element) -> list[Block]:
        return BlockReader(reading, styles, numbering, part).blocks(element)

    values: dict[str, Any] = {"margins": _margins(section)}
    for name, edge, first in (
        ("header", section.header, section.first_page_header),
        ("footer", section.footer, section.first_page_footer),
    ):
        values[name] = [] if edge.is_linked_to_previous else read(edge.part, edge._element)
        values[f"{name}_first"] = None
        if section.different_first_page_header_footer:
            values[f"{name}_first"] = [] if first.is_linked_to_previous else read(first.part, first._element)
    _miss_layout(document, reading)
    return values | {"blocks": read(document.part, document.element.body)}


def _numbering(part: Part) -> Element | None:
    for relation in part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.NUMBERING and isinstance(relation.target_part, XmlPart):
            return relation.target_part.element
    return None


def _margins(section: Section) -> dict[str, float]:
    levels = [section._sectPr]
    stated = {name: points(attribute(levels, "pgMar", name)) for name in _MARGINS}
    return {name: _MARGINS[name] if value is None else abs(value) for name, value in stated.items()}


def _miss_layout(document: WordDocument, reading: Reading) -> None:
    """What of the page's layout is set otherwise here."""
    for at, section in enumerate(document.sections):
        levels = [section._sectPr]
        size = (points(attribute(levels, "pgSz", "w")) or _A4[0], points(attribute(levels, "pgSz", "h")) or _A4[1])
        if any(abs(stated - ours) > 2 for stated, ours in zip(size, _A4, strict=True)):
            reading.miss("page size (every page is A4, upright)")
        if int(attribute(levels, "cols", "num") or 1) > 1:
            reading.miss("columns of text (set as one)")
        if at and _differs(document.sections[0], section):
            reading.miss("headers, footers or margins of a later section (those of the first hold)")
    if document.settings.odd_and_even_pages_header_footer:
        reading.miss("headers and footers of even pages (those of odd pages hold)")


def _differs(first: Section, later: Section) -> bool:
    own = later._sectPr.findall(f"{W}headerReference") + later._sectPr.findall(f"{W}footerReference")
    return bool(own) or _margins(first) != _margins(later)


def _compiled(values: str, reading: Reading) -> bytes:
    unknown = set(map(ord, set(values))) - known_characters(slanted=True)
    invisible, lost = unknown & _INVISIBLE, unknown - _INVISIBLE
    for _ in lost:
        reading.miss("character that the font of the PDF does not have (shown as ?)")
    shown = values.translate(dict.fromkeys(invisible - {0x00AD}, "") | dict.fromkeys(lost, "?"))
    source = (files("reports") / "templates" / "word.typ").read_bytes()
    pictures = {name: list(content) for name, content in reading.pictures.items()}
    try:
        return compiled(source, {"document": shown, "pictures": json.dumps(pictures)})
    except typst.TypstError as error:
        raise DocumentError(
            f"The document cannot be set as an accessible PDF: {error.message}",
            "Take out the part that was added last, or make the PDF in Word",
        ) from None
