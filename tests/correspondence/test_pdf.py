"""A Word document as a PDF."""

from io import BytesIO

import pytest
from docx.enum.text import WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.shared import Mm
from pypdf import PdfReader

from monitor.correspondence.pdf import to_pdf
from monitor.errors import DocumentError
from tests.correspondence.word_files import a4, append, drawing, pdf_of, saved, tags_of, words_of


def _table(document, *, head):
    table = document.add_table(2, 2)
    for cell, words in zip(
        (*table.rows[0].cells, *table.rows[1].cells), ("Gegeven", "Uitkomst", "URL’s", "12"), strict=True
    ):
        cell.text = words
    if head:
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def test_headings_lists_and_tables_are_what_they_are_to_a_screen_reader():
    """Structure that stands in the Word file stands in the PDF."""
    document = a4()
    document.add_heading("Waarom", 1)
    document.add_heading("Hoe", 2)
    document.add_paragraph("een", style="List Number")
    document.add_paragraph("punt", style="List Bullet")
    _table(document, head=True)
    tags = tags_of(pdf_of(document))
    assert [tag for tag in tags if tag in {"H1", "H2", "L", "Table", "TH", "TD"}] == [
        *("H1", "H2", "L", "L", "Table"),
        *("TH", "TH", "TD", "TD"),
    ]


def test_a_table_without_a_head_is_layout():
    """Columns of addresses are read as text, not as a table of data."""
    document = a4()
    _table(document, head=False)
    pdf = pdf_of(document)
    assert "Table" not in tags_of(pdf)
    assert "".join(words_of(pdf)).replace(" ", "") == "GegevenUitkomstURL’s12"


def test_a_heading_never_skips_a_level():
    """A clerk who takes the third level first does not make an outline with holes."""
    document = a4()
    for level in (3, 1, 4):
        document.add_heading("Kop", level)
    assert [tag for tag in tags_of(pdf_of(document)) if tag[0] == "H"] == ["H1", "H1", "H2"]


def test_numbers_are_counted_as_word_counts_them():
    """Each numbered paragraph has its label, and other text in between does not restart them."""
    document = a4()
    for words, style in (("aa", "List Number"), ("tussen", "Normal"), ("bb", "List Number"), ("cc", "List Bullet")):
        document.add_paragraph(words, style=style)
    assert words_of(pdf_of(document)) == ["1. aa tussen 2. bb • cc"]


def test_the_look_of_runs_is_kept():
    """Bold and italic words are set in those faces."""
    document = a4()
    paragraph = document.add_paragraph("gewoon ")
    paragraph.add_run("vet").bold = True
    paragraph.add_run("schuin").italic = True
    page = PdfReader(BytesIO(pdf_of(document).content)).pages[0]
    fonts = {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in page["/Resources"]["/Font"].values()}
    assert {"DejaVuSans-Bold", "DejaVuSans-Oblique"} <= fonts


def test_pages_break_where_the_document_says():
    """A break in the text and a paragraph that begins a page both make one."""
    document = a4()
    document.add_paragraph("eerste").add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph("tweede")
    document.add_paragraph("derde").paragraph_format.page_break_before = True
    pdf = pdf_of(document)
    assert (pdf.n_pages, words_of(pdf)) == (3, ["eerste", "tweede", "derde"])


def test_heads_feet_and_page_numbers_stand_on_each_page():
    """The first page has its own head where the document says so; numbers are those of the PDF."""
    document = a4()
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = "Briefhoofd"
    section.header.paragraphs[0].text = "Vervolg"
    for footer in (section.first_page_footer, section.footer):
        append(
            footer.paragraphs[0],
            '<w:r><w:t xml:space="preserve">Pagina </w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>9</w:t></w:r>'
            '</w:fldSimple><w:r><w:t xml:space="preserve"> van </w:t></w:r>'
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            '<w:r><w:instrText> NUMPAGES </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            '<w:r><w:t>9</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
        )
    document.add_paragraph("een").add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph("twee")
    first, second = words_of(pdf_of(document))
    assert all(words in first for words in ("Briefhoofd", "een", "Pagina 1 van 2"))
    assert all(words in second for words in ("Vervolg", "twee", "Pagina 2 van 2"))
    assert "Vervolg" not in first


def test_a_high_letter_head_pushes_the_text_down():
    """Nothing of the head lies over the letter."""
    tall, low = a4(), a4()
    for _ in range(14):
        tall.sections[0].header.add_paragraph("Briefhoofd")
    low.sections[0].header.add_paragraph("Briefhoofd")
    tops = []
    for document in (tall, low):
        document.add_paragraph("Geachte")
        found: list[float] = []
        PdfReader(BytesIO(pdf_of(document).content)).pages[0].extract_text(
            visitor_text=lambda text, cm, tm, *_, found=found: (
                found.append(tm[5] * cm[3] + cm[5]) if "Geachte" in text else None
            )
        )
        tops.append(found[0])
    assert abs(tops[0] - tops[1]) > 100


def test_a_tab_goes_to_its_stop():
    """What follows a tab begins at the stop, whatever stands before it."""
    document = a4()
    for words in ("Datum\t1 maart", "Onderwerp\tiets"):
        document.add_paragraph(words).paragraph_format.tab_stops.add_tab_stop(Mm(60), WD_TAB_ALIGNMENT.LEFT)
    places: dict[str, float] = {}
    PdfReader(BytesIO(pdf_of(document).content)).pages[0].extract_text(
        visitor_text=lambda text, cm, tm, *_: places.__setitem__(text.strip(), tm[4] + cm[4])
    )
    assert places["1 maart"] == pytest.approx(places["iets"], abs=0.5)


def test_a_picture_is_shown_with_its_description():
    """What a picture says is heard by a reader who cannot see it."""
    document = a4()
    document.add_picture(BytesIO(drawing()))
    document.inline_shapes[0]._inline.docPr.set("descr", "Een dalende lijn")
    pdf = pdf_of(document)
    assert "Figure: Een dalende lijn" in tags_of(pdf)
    assert pdf.not_shown == ()


def test_a_picture_without_a_description_is_shown_and_told_of():
    """It is there, and the clerk hears that it says nothing to some readers."""
    document = a4()
    document.add_picture(BytesIO(drawing()))
    pdf = pdf_of(document)
    assert len(PdfReader(BytesIO(pdf.content)).pages[0].images) == 1
    assert [told.partition(" (")[0] for told in pdf.not_shown] == ["description of a picture"]


NOT_SHOWN = {
    "footnote": '<w:r><w:footnoteReference w:id="1"/></w:r>',
    "endnote": '<w:r><w:endnoteReference w:id="1"/></w:r>',
    "comment": '<w:r><w:commentReference w:id="1"/></w:r>',
    "hidden text": "<w:r><w:rPr><w:vanish/></w:rPr><w:t>geheim</w:t></w:r>",
    "formula": "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>",
    "embedded object": "<w:r><w:object/></w:r>",
    "drawing in an old format": '<w:r><w:pict><v:shape id="s"/></w:pict></w:r>',
    "text box": "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:inline><wps:wsp><wps:txbx>"
    "<w:txbxContent><w:p><w:r><w:t>geheim</w:t></w:r></w:p></w:txbxContent></wps:txbx></wps:wsp></wp:inline>"
    "</w:drawing></mc:Choice></mc:AlternateContent></w:r>",
    "drawing that is no picture": "<w:r><w:drawing><wp:inline/></w:drawing></w:r>",
    "symbol": '<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>',
    "part of the document of a kind not known here": "<w:r><w:somethingNew/></w:r>",
    "character that the font": "<w:r><w:t>\u4e2d</w:t></w:r>",
    "place of a framed paragraph": "",
}


@pytest.mark.parametrize("what", NOT_SHOWN)
def test_what_is_not_shown_is_told(what):
    """Nothing of the Word document is passed over in silence; the rest is shown."""
    document = a4()
    paragraph = document.add_paragraph("Geachte heer,")
    append(paragraph, NOT_SHOWN[what])
    if what == "place of a framed paragraph":
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:framePr"))
    pdf = pdf_of(document)
    assert len(pdf.not_shown) == 1
    assert pdf.not_shown[0].startswith(what)
    assert "Geachte heer," in words_of(pdf)[0]
    assert "geheim" not in words_of(pdf)[0]


def test_each_kind_is_told_once_with_how_often():
    """A list that a clerk reads to its end."""
    document = a4()
    append(document.add_paragraph("x"), NOT_SHOWN["footnote"] * 3)
    assert pdf_of(document).not_shown == ("footnote (3 times)",)


def test_other_paper_and_later_sections_are_told():
    """The PDF is A4 with one head; a document of other ideas says so."""
    document = a4()
    document.add_section().page_width = Mm(297)
    document.sections[1].header.is_linked_to_previous = False
    told = pdf_of(document).not_shown
    assert [each.partition(" (")[0] for each in told] == ["page size", "headers, footers or margins of a later section"]


@pytest.mark.parametrize(
    "change",
    [
        '<w:ins w:id="1" w:author="x"><w:r><w:t>nieuw</w:t></w:r></w:ins>',
        '<w:del w:id="1" w:author="x"><w:r><w:delText>oud</w:delText></w:r></w:del>',
        '<w:r><w:rPr><w:rPrChange w:id="1" w:author="x"><w:rPr/></w:rPrChange></w:rPr><w:t>vet</w:t></w:r>',
    ],
)
@pytest.mark.parametrize("place", ["body", "header"])
def test_tracked_changes_have_to_be_decided_first(change, place):
    """What a document says is not known as long as changes stand open, in its head too."""
    document = a4()
    append(document.add_paragraph() if place == "body" else document.sections[0].header.paragraphs[0], change)
    with pytest.raises(DocumentError, match=r"1 tracked change.*Accept or reject"):
        pdf_of(document)


def test_content_controls_links_and_special_signs_are_read():
    """Text within controls and links is text; hyphens that Word keeps apart are hyphens."""
    document = a4()
    append(
        document.add_paragraph(),
        "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>veld</w:t></w:r></w:sdtContent></w:sdt>"
        '<w:hyperlink w:anchor="x"><w:r><w:t xml:space="preserve"> koppeling</w:t></w:r></w:hyperlink>'
        '<w:r><w:t xml:space="preserve"> A</w:t><w:noBreakHyphen/><w:t>4</w:t></w:r>',
    )
    pdf = pdf_of(document)
    assert (words_of(pdf), pdf.not_shown) == (["veld koppeling A\u20114"], ())


def test_the_file_says_its_title_and_language_and_no_person():
    """Title and language are those asked for; the author is that of the document."""
    document = a4()
    document.core_properties.author = "Ministerie van Voorbeelden"
    document.add_paragraph("x")
    read = PdfReader(BytesIO(pdf_of(document).content))
    assert (read.metadata.title, read.metadata.author) == ("Brief", "Ministerie van Voorbeelden")
    assert str(read.trailer["/Root"]["/Lang"]) == "nl"
    assert read.metadata.creation_date is None


def test_the_same_document_gives_the_same_bytes():
    """Made twice, it is one file."""
    document = a4()
    document.add_picture(BytesIO(drawing()))
    assert pdf_of(document) == pdf_of(document)


def test_a_typst_mark_in_the_text_is_text():
    """Signs that mean something to the typesetter are letters of the document."""
    document = a4()
    document.add_paragraph('#pagebreak() $x$ *a* _b_ <l> @x "q" \\ `c` [d] // e')
    assert words_of(pdf_of(document)) == ['#pagebreak() $x$ *a* _b_ <l> @x "q" \\ `c` [d] // e']


def test_what_is_no_word_document_is_refused():
    """Another file under that name is named as such."""
    for content in (b"", b"%PDF-1.7", b"PK\x03\x04"):
        with pytest.raises(DocumentError, match="not a Word document"):
            to_pdf(content, title="x", language="nl")


def test_an_empty_document_is_a_page():
    """A document without a word is no error."""
    assert to_pdf(saved(a4()), title="x", language="nl").n_pages == 1


def test_merged_cells_and_tables_within_tables_are_read():
    """Cells over several columns or rows hold their text once; a table in a cell is in that cell."""
    document = a4()
    table = document.add_table(3, 3)
    for words, cell in (("breed", table.cell(0, 0).merge(table.cell(0, 1))), ("hoog", table.cell(1, 0))):
        cell.text = words
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(2, 2).add_table(1, 1).cell(0, 0).text = "binnen"
    text = "".join(words_of(pdf_of(document)))
    assert [text.count(words) for words in ("breed", "hoog", "binnen")] == [1, 1, 1]


def test_a_table_whose_rows_are_all_gone_is_nothing():
    """A condition around every row of a table can leave none."""
    document = a4()
    table = document.add_table(1, 1)
    table._tbl.remove(table.rows[0]._tr)
    document.add_paragraph("verder")
    assert words_of(pdf_of(document)) == ["verder"]


def _numbering(document, *levels):
    """A list of the given (format, text) by level; returns what makes a paragraph an item of it."""
    root = document.part.numbering_part.element
    marks = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{shape}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (shape, text) in enumerate(levels)
    )
    holder = document.add_paragraph()
    append(holder, f'<w:abstractNum w:abstractNumId="90">{marks}</w:abstractNum>')
    append(holder, '<w:num w:numId="90"><w:abstractNumId w:val="90"/></w:num>')
    for element in list(holder._p):
        root.append(element)
    holder._p.getparent().remove(holder._p)

    def item(words, depth):
        properties = document.add_paragraph(words)._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = depth
        properties.get_or_add_numId().val = 90

    return item


def test_lists_within_lists_count_at_each_level():
    """Letters and composed numbers are those of Word, and a deeper level begins anew under each item."""
    document = a4()
    item = _numbering(document, ("upperRoman", "%1."), ("lowerLetter", "%2)"), ("decimal", "%1.%3"))
    for words, depth in (("aa", 0), ("bb", 1), ("cc", 1), ("dd", 2), ("ee", 0), ("ff", 1)):
        item(words, depth)
    pdf = pdf_of(document)
    assert words_of(pdf) == ["I. aa a) bb b) cc I.1 dd II. ee a) ff"]
    assert tags_of(pdf).count("L") == 4


def test_a_damaged_picture_is_an_error_that_says_what_to_do():
    """A picture that cannot be drawn does not vanish from the PDF."""
    document = a4()
    document.add_picture(BytesIO(drawing()))
    (part,) = (part for part in document.part.related_parts.values() if part.content_type == "image/png")
    part._blob = part.blob[:100]
    with pytest.raises(DocumentError, match="cannot be set as an accessible PDF"):
        pdf_of(document)
