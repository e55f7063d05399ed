"""Parts of the Word templates that the scripts beside this one make: pages, paragraphs, tables, page numbers.

In: text with marks; `**bold**` is bold. Out: DOCX files of the same bytes each time. A clerk edits the files in Word; a
developer edits the scripts, and a test holds the two against each other.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.blkcntnr import BlockItemContainer
from docx.document import Document as WordDocument
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from monitor.correspondence.documents import repacked

FONT = "Verdana"
SIZE = 9
_INK = RGBColor(0x15, 0x42, 0x73)
Container = WordDocument | BlockItemContainer
_LANGUAGES = {"nl": "nl-NL", "en": "en-GB"}


def blank(language: str, *, title: str) -> WordDocument:
    """An empty A4 document in the style of a government letter; headings are styles, so that software reads them."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(25), Mm(20)
    section.top_margin, section.bottom_margin = Mm(27), Mm(22)
    section.header_distance, section.footer_distance = Mm(12), Mm(10)
    section.different_first_page_header_footer = True
    _styles(document, language)
    _drop_thumbnail(document)
    properties = document.core_properties
    properties.title, properties.language, properties.author = title, language, "hosting-monitor"
    properties.comments = ""
    return document


def _styles(document: WordDocument, language: str) -> None:
    normal = _style(document, "Normal")
    _font(normal, SIZE)
    normal.paragraph_format.space_before, normal.paragraph_format.space_after = Pt(0), Pt(5)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
    normal.paragraph_format.line_spacing = Pt(12)
    for language_mark in document.styles.element.iter(qn("w:lang")):
        language_mark.set(qn("w:val"), _LANGUAGES[language])
    for name, size, before in (("Title", 14, 0), ("Heading 1", 9.5, 7), ("Heading 2", 9, 6)):
        style = _style(document, name)
        _font(style, size)
        style.font.bold, style.font.color.rgb = True, _INK
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(2)
        style.paragraph_format.keep_with_next = True
        for borders in list(style.element.iter(qn("w:pBdr"))):
            borders.getparent().remove(borders)
    for name in ("List Bullet", "List Number"):
        _font(_style(document, name), SIZE)
        _style(document, name).paragraph_format.space_after = Pt(2)


def _style(document: WordDocument, name: str) -> ParagraphStyle:
    style = document.styles[name]
    assert isinstance(style, ParagraphStyle)
    return style


def _font(style: ParagraphStyle, size: float) -> None:
    style.font.name, style.font.size = FONT, Pt(size)
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)


def _drop_thumbnail(document: WordDocument) -> None:
    """A picture of the page that python-docx brings along."""
    relations = document.part.package.rels
    for name in [name for name, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        del relations[name]


def add(
    container: Container, text: str, *, style: str = "Normal", size: float | None = None, after: float | None = None
) -> Paragraph:
    """One paragraph in a document, header or cell."""
    paragraph = container.add_paragraph(style=style)
    for at, words in enumerate(re.split(r"\*\*", text)):
        if words:
            run = paragraph.add_run(words)
            run.bold = True if at % 2 else None
            if size is not None:
                run.font.size = Pt(size)
    if after is not None:
        paragraph.paragraph_format.space_after = Pt(after)
    return paragraph


def add_all(container: Container, lines: Iterable[str], *, style: str = "Normal") -> None:
    for line in lines:
        add(container, line, style=style)


def columns(container: WordDocument | _Cell, widths: Sequence[float]) -> tuple[_Cell, ...]:
    """Columns of layout, in millimetres: a table without lines and without a head, read as text."""
    made = _table(container, 1, widths)
    for cell in made.rows[0].cells:
        _empty(cell)
    return tuple(made.rows[0].cells)


def table(
    container: WordDocument | _Cell,
    widths: Sequence[float],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    size: float = 8,
) -> Table:
    """A table with a head that is repeated on each page; a row of one text is a mark that goes around rows."""
    made = _table(container, 1, widths)
    _head(made.rows[0])
    _fill(made.rows[0], [f"**{each}**" for each in head], size)
    for row in rows:
        _fill(made.add_row(), row, size)  # type: ignore[no-untyped-call]  # of python-docx
    _lines(made)
    return made


def _table(container: WordDocument | _Cell, rows: int, widths: Sequence[float]) -> Table:
    made = container.add_table(rows, len(widths))
    made.autofit = False
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "0" if side == "left" else "113")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    made._tbl.tblPr.insert_element_before(margins, "w:tblLook")
    return made


def _head(row: _Row) -> None:
    mark = OxmlElement("w:tblHeader")
    row._tr.get_or_add_trPr().append(mark)


def _fill(row: _Row, texts: Sequence[str], size: float) -> None:
    whole = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().insert(0, whole)
    for cell, text in zip(row.cells, texts, strict=False):
        _empty(cell)
        add(cell, text, size=size, after=1)
    for cell in row.cells[len(texts) :]:
        _empty(cell)
        add(cell, "", size=size, after=1)


def _lines(made: Table) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), "single")
        line.set(qn("w:sz"), "4")
        line.set(qn("w:color"), "8A949E")
        borders.append(line)
    made._tbl.tblPr.insert_element_before(borders, "w:tblLayout", "w:tblCellMar", "w:tblLook")


def _empty(cell: _Cell) -> None:
    for paragraph in list(cell.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)


def page_numbers(container: Container, words: str, *, size: float = 7) -> None:
    """A line such as "Page {page} of {pages}", counted by Word."""
    paragraph = container.paragraphs[0]
    for part in re.split(r"(\{pages?\})", words):
        if part in {"{page}", "{pages}"}:
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), "PAGE" if part == "{page}" else "NUMPAGES")
            run = OxmlElement("w:r")
            text = OxmlElement("w:t")
            text.text = "1"
            run.append(text)
            field.append(run)
            paragraph._p.append(field)
        elif part:
            paragraph.add_run(part)
    for run in paragraph._p.iter(qn("w:r")):
        run.get_or_add_rPr().sz_val = Pt(size)


def save(document: WordDocument, path: Path) -> None:
    """Write it with nothing in it that differs from one day to the next."""
    properties = document.core_properties
    properties.created = properties.modified = datetime(2026, 1, 1, tzinfo=UTC)
    properties.last_modified_by, properties.revision = properties.author, 1
    loose = BytesIO()
    document.save(loose)
    path.write_bytes(repacked(loose.getvalue()))
