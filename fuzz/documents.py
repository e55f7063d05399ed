"""Harnesses of letters: any text as a value of a template, and any Word file where an edited letter is expected.

What must hold: a value stays the text that it was, and never becomes a mark or markup; a file that is no Word document,
or holds what cannot be read, is a DocumentError.
"""

from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from docx import Document

from fuzz.scratch import folder
from fuzz.target import Draws, Target
from monitor.correspondence.documents import render
from monitor.correspondence.letter_check import problems, text_of, title_of
from monitor.correspondence.pdf import read_document
from monitor.correspondence.word import Reading
from monitor.errors import DocumentError
from monitor.model.letter import Letter, Told

_PROPERTIES = {"title": "Brief", "language": "nl", "organisation": "Ministerie van Voorbeelden"}


def letters(data: bytes) -> None:
    """Any text as a value of a template stays that text."""
    draws = Draws(data)
    name, lines = draws.text(40), [draws.text(30) for _ in range(draws.integer(0, 3))]
    template = _template()
    try:
        docx = render(template, _PROPERTIES | {"name": name, "lines": lines, "dated_on": date(2026, 9, 1)})
    except DocumentError as error:
        raise AssertionError("a value broke the letter") from error
    found = text_of(docx)
    assert title_of(docx) == "Brief"
    assert len(found.split("\n")) == 2 + len(lines)
    wanted = [c for c in name if c.isalnum()]
    assert [c for c in found.split("\n")[0] if c.isalnum()] == [*"Aan", *wanted]
    for language in ("nl", "en"):
        assert all(each for each in problems(found + draws.text(60), _letter(), language))


@cache
def _template() -> Path:
    document = Document()
    for words in ("Aan {{ name }}", "{%p for line in lines %}", "{{ line }}", "{%p endfor %}", "{{ title }}"):
        document.add_paragraph(words)
    path = folder() / "template.docx"
    document.save(str(path))
    return path


@cache
def _letter() -> Letter:
    told = Told("0" * 64, "below", 1201, 120, 0.4567, 0.401, 0.5132, 0.42, 0.55, 3)
    return Letter(
        1, "VB-1", "as64500", "Voorbeeldhosting", "2026H1", date(2026, 9, 1), date(2026, 10, 1), 28, "x", told, ()
    )


def word(data: bytes) -> None:
    """A document of ours with a part replaced, or with bytes of the file changed."""
    try:
        (text_of, _as_pdf, title_of)[len(data) % 3](_edited(data))
    except DocumentError:
        return


def _as_pdf(docx: bytes) -> None:
    """Without the setting itself, which takes a second: what is read of the document."""
    read_document(docx, Reading("nl"), title="Brief")


def _edited(data: bytes) -> bytes:
    draws = Draws(data)
    made = _document()
    if draws.flag():
        broken = bytearray(made)
        while draws.more:
            broken[draws.integer(0, len(broken) - 1)] = draws.integer(0, 255)
        return bytes(broken)
    part = draws.one_of(("word/document.xml", "word/styles.xml", "word/numbering.xml", "docProps/core.xml"))
    wrap, content = draws.flag(), draws.rest()
    out = BytesIO()
    with ZipFile(BytesIO(made)) as source, ZipFile(out, "w", ZIP_STORED) as target:
        for name in source.namelist():
            before = source.read(name)
            inside = before.replace(b"<w:body>", b"<w:body>" + content, 1) if wrap else content
            target.writestr(name, inside if name == part else before)
    return out.getvalue()


@cache
def _document() -> bytes:
    document = Document()
    document.add_heading("Brief", 1)
    document.add_paragraph("Een regel", style="List Bullet")
    document.add_table(2, 2).cell(0, 0).text = "1"
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


TARGETS = {
    "letters": Target(letters, (b"Voorbeeld", b"{{ title }}<w:p/>&amp;\r\n", bytes(range(200))), (b"{%", b"]]>"), 256),
    "word": Target(
        word,
        (
            b"\0\0\1<w:p><w:r><w:t>x</w:t></w:r></w:p>",
            b"\0\0\1<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>",
            b"\0\0\1<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr></w:p>",
            b"\0\0\1<w:sectPr><w:pgSz w:w='11906' w:h='x'/><w:cols w:num='2'/></w:sectPr>",
            b"\0\1\0<w:styles/>",
            b"\1\0\0\xff",
        ),
        tuple(
            f"<w:{name}/>".encode()
            for name in ("p", "r", "tab", "br", "ins", "del", "drawing", "sdt", "tbl", "tr", "tc")
        )
        + tuple(f"w:{name}=".encode() for name in ("val", "w", "h", "ilvl", "type", "fill", "pos"))
        + (b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"w:fldSimple", b"w:hyperlink", b"w:spacing", b"w:ind", b"w:shd"),
        1024,
    ),
}
