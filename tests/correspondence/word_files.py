"""Small Word files and the text of PDFs, for the tests of documents."""

from io import BytesIO
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsmap
from docx.shared import Mm
from docx.text.paragraph import Paragraph
from matplotlib.figure import Figure
from pypdf import PdfReader

from monitor.correspondence.pdf import Pdf, to_pdf

_NAMES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": nsmap["w"],
        "wp": nsmap["wp"],
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "v": "urn:schemas-microsoft-com:vml",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }.items()
)
PROPERTIES = {"title": "Brief", "language": "nl", "organisation": "Ministerie van Voorbeelden"}


def a4() -> WordDocument:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    return document


def saved(document: WordDocument) -> bytes:
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def template(folder: Path, *paragraphs: str) -> Path:
    document = a4()
    for words in paragraphs:
        document.add_paragraph(words)
    path = folder / "template.docx"
    path.write_bytes(saved(document))
    return path


def texts(docx: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(BytesIO(docx)).paragraphs]


def drawing(width: float = 2.0) -> bytes:
    """A PNG of `width` inches at 100 dots an inch."""
    figure, stream = Figure(figsize=(width, 1.0), dpi=100), BytesIO()
    figure.add_subplot().plot([1, 2])
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def pdf_of(document: WordDocument) -> Pdf:
    return to_pdf(saved(document), title="Brief", language="nl")


def words_of(pdf: Pdf) -> list[str]:
    """The text of each page, in one line."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf.content)).pages]


def tags_of(pdf: Pdf) -> list[str]:
    """The structure elements in reading order, as a screen reader walks them."""
    found: list[str] = []

    def walk(element: object) -> None:
        element = element.get_object() if hasattr(element, "get_object") else element
        if isinstance(element, list):
            for each in element:
                walk(each)
        elif isinstance(element, dict):
            if "/S" in element:
                found.append(str(element["/S"]).lstrip("/") + (f": {element['/Alt']}" if "/Alt" in element else ""))
            walk(element.get("/K"))

    walk(PdfReader(BytesIO(pdf.content)).trailer["/Root"]["/StructTreeRoot"].get("/K"))
    return found


def append(paragraph: Paragraph, markup: str) -> None:
    """Elements as Word writes them, at the end of a paragraph: for what python-docx has no method."""
    for element in list(parse_xml(f"<w:p {_NAMES}>{markup}</w:p>")):
        paragraph._p.append(element)
