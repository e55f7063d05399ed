"""The report as one PDF: what its tags, its words and its bytes have to be."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from monitor.publication.document import PDF, document
from monitor.publication.document_layout import laid_out, widths
from monitor.publication.document_pages import chapter, sections
from monitor.publication.shown import shown
from monitor.publication.site import pages

HOSTILE = "<script>alert(\"x\")</script> & 'Sons' $a_b$"
STANDARD = {f"H{level}" for level in range(1, 7)}


@pytest.fixture(scope="module")
def pdf(named_files) -> PdfReader:
    return PdfReader(BytesIO(named_files[PDF]))


@pytest.fixture(scope="module")
def elements(pdf) -> list[DictionaryObject]:
    """Every structure element in reading order."""
    return list(below(pdf.root_object["/StructTreeRoot"]))


@pytest.fixture(scope="module")
def sheets(pdf) -> list[str]:
    return [sheet.extract_text() for sheet in pdf.pages]


@pytest.fixture(scope="module")
def words(sheets) -> str:
    """The text of all pages on one line, words that a hyphen divided made whole."""
    return " ".join(" ".join(sheets).replace("\u00ad\n", "").split())


def below(element):
    kids = element.get("/K", [])
    for kid in (each.get_object() for each in (kids if isinstance(kids, ArrayObject) else [kids])):
        if isinstance(kid, DictionaryObject) and "/S" in kid:
            yield kid
            yield from below(kid)


def roles(elements) -> list[str]:
    return [element["/S"].removeprefix("/") for element in elements]


def page(body: str) -> bytes:
    return f"<!DOCTYPE html><html><body><main>{body}</main></body></html>".encode()


def plain(runs) -> str:
    return "".join(run["text"] for run in runs)


def test_it_says_that_it_is_pdf_ua(pdf):
    """The metadata bear the identifier of PDF/UA-1, and the document is marked as tagged."""
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.root_object["/Metadata"].get_data()
    assert pdf.root_object["/MarkInfo"]["/Marked"]


def test_it_has_a_language_and_a_title_that_a_reader_shows(pdf):
    """The document is Dutch, and its window shows its title instead of a file name."""
    assert pdf.root_object["/Lang"] == "nl"
    assert pdf.root_object["/ViewerPreferences"]["/DisplayDocTitle"]
    title = "Hoe snel hostingaanbieders gemeld materiaal offline halen"
    assert pdf.metadata.title == f"{title} – Monitor hostingaanbieders 2026H1 (Tussenrapportage)"


def test_every_chart_has_a_text_alternative(elements):
    """Each figure that is a picture says in words what it shows, and each chart of the release is there once."""
    figures = [element for element in elements if element["/S"] == "/Figure"]
    alternatives = [element["/Alt"] for element in figures if "/Alt" in element]
    assert len(figures) == len(alternatives) >= 4
    assert len(set(alternatives)) == len(alternatives)
    assert all(len(words) > 40 for words in alternatives)


def test_every_table_has_headers_for_its_columns(elements):
    """No table is without header cells, and each of them says that it heads a column."""
    tables = [element for element in elements if element["/S"] == "/Table"]
    assert len(tables) > 8
    for table in tables:
        heads = [cell for cell in below(table) if cell["/S"] == "/TH"]
        assert heads
        scopes = [attribute.get_object().get("/Scope") for cell in heads for attribute in cell["/A"]]
        assert scopes.count("/Column") == len(heads)


def test_headings_start_at_the_first_level_and_skip_none(elements):
    """Whoever goes from heading to heading meets no gap."""
    levels = [int(role[1:]) for role in roles(elements) if role in STANDARD]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_there_are_bookmarks_for_every_chapter(pdf):
    """The outline names the chapters, from the summary to where the document comes from."""
    chapters = [mark.title for mark in pdf.outline if not isinstance(mark, list)]
    for title in ("Samenvatting", "Rangorde", "Grafieken", "Wat dit rapport niet zegt", "Herkomst van dit document"):
        assert any(chapter.endswith(title) for chapter in chapters)


def test_every_font_is_in_the_file(pdf):
    """Nobody needs a font of their own: each is DejaVu, and its outlines are embedded."""
    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"].get("/Font", {}).values()]
    descended = [font["/DescendantFonts"][0].get_object() for font in fonts]
    assert descended
    assert all("DejaVu" in font["/BaseFont"] for font in descended)
    assert all(font["/FontDescriptor"].keys() & {"/FontFile2", "/FontFile3"} for font in descended)


def test_links_stay_in_the_document_and_say_where_they_lead(pdf):
    """No link leaves for another host or file, and each has words for those who do not see it."""
    links = [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]
    assert links
    assert all("/A" not in link and "/Dest" in link for link in links)
    assert all(link["/Contents"].strip() for link in links)


def test_it_reads_in_order_from_the_summary_to_where_it_comes_from(words):
    """The summary sentence comes first, then the ranking, the limits and the method."""
    sentence = "Van 63.871 gemelde URL’s die meetellen, ging naar schatting 81,0% binnen 24 uur na het verwijderverzoek"
    places = [
        words.index(text, words.index(sentence))
        for text in (
            sentence,
            "Twee zaken staan naast elkaar",
            "Meldingen zijn geen maat",
            "Wat telt mee",
            "Herkomst van dit",
        )
    ]
    assert places == sorted(places)


def test_a_hostile_name_is_only_text(words):
    """A name that looks like a tag or a formula stands there as its owner wrote it."""
    assert HOSTILE in words


def test_the_mark_of_an_interim_report_is_on_every_page(sheets):
    """Whoever gets one page of it knows what it is from, of which dataset and that it is not final."""
    for text in sheets:
        assert "Tussenrapportage" in text
        assert "ab" * 32 in text


def test_a_release_without_names_has_none_here(unnamed, named_files):
    """Code letters stand in place of names."""
    seen = shown(unnamed)
    data = PdfReader(BytesIO(document(seen, {**named_files, **pages(seen)})))
    text = " ".join(sheet.extract_text() for sheet in data.pages[:6])
    assert "Aanbieder A" in text
    assert "Grijze Wolk" not in text
    assert "64496" not in text


def test_it_knows_nothing_of_the_machine_and_the_day(pdf):
    """The metadata hold no person, host, folder or moment."""
    assert set(pdf.metadata) == {"/Title", "/Author", "/Creator"}
    assert pdf.metadata.author == "Example Ministry"
    told = str(dict(pdf.metadata)) + pdf.root_object["/Metadata"].get_data().decode()
    assert "Date" not in told
    for forbidden in (os.uname().nodename, str(Path.home()), str(Path.cwd())):
        assert forbidden not in told


def test_the_same_release_has_the_same_bytes_in_another_process(named, named_files, tmp_path):
    """Home folder, time zone and the day make no difference."""
    (tmp_path / "again.py").write_text(
        "import sys, pickle\n"
        "from monitor.publication.document import document\n"
        "seen, content = pickle.load(sys.stdin.buffer)\n"
        "sys.stdout.buffer.write(document(seen, content))\n"
    )
    seen = shown(named)
    assert document(seen, named_files) == named_files[PDF]
    read = {name: data for name, data in named_files.items() if name.endswith((".html", ".svg"))}
    done = subprocess.run(
        [sys.executable, tmp_path / "again.py"],
        input=pickle.dumps((seen, read)),
        env={**os.environ, "HOME": str(tmp_path), "TZ": "Pacific/Auckland", "SOURCE_DATE_EPOCH": "1"},
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout == named_files[PDF]


def test_a_character_that_the_font_does_not_have_blocks_no_release(named, named_files):
    """Such a character is a question mark, and the document is made."""
    seen = replace(shown(named), contact="Ministerie \u4e16\u754c")
    made = PdfReader(BytesIO(document(seen, named_files)))
    assert made.metadata.author == "Ministerie ??"


def test_a_page_gives_its_words_without_what_only_serves_a_screen():
    """Navigation, hidden drawings and lines of links to files stay on the screen; text and emphasis come along."""
    made = chapter(
        page(
            "<p class='mark'>Voorlopig</p><h1>Titel</h1><nav><a href='x.html'>Menu</a></nav><p>Een"
            " <strong>vet</strong>\nwoord.<br>Nieuw <a href='tables/a.csv'>CSV</a></p>"
            "<div aria-hidden='true'>staaf</div>"
            "<p><a href='tables/a.csv'>CSV</a> · <a href='tables/a.json'>JSON</a></p>"
        ),
        {},
    )
    assert made.title == "Titel"
    assert [plain(mark["text"]) for mark in made.marks] == ["Voorlopig"]
    (only,) = made.blocks
    assert plain(only["text"]) == "Een vet woord.\nNieuw CSV"
    assert [run["text"] for run in only["text"] if run.get("strong")] == ["vet"]


def test_levels_of_headings_close_up():
    """A page that goes from its title to a third level gives a second one, and its neighbour the same."""
    made = chapter(page("<h1>A</h1><h3 id='b'>B</h3><p>b</p><h3 id='c'>C</h3><p>c</p>"), {})
    assert [block["level"] for block in made.blocks if "level" in block] == [2, 2]
    assert sorted(sections(made)) == ["b", "c"]


def test_a_chart_stands_once_with_its_heading():
    """Where a chart comes back on a later page, it and the heading that only named it are left out."""
    figure = "<figure><img src='../charts/online-nl.svg' alt='Lijn'></figure>"
    body = f"<h1>A</h1><h2 id='x'>Hoe lang</h2>{figure}"
    parts = [{"name": name, "title": name, "blocks": chapter(page(body), {}).blocks} for name in "ab"]
    made = laid_out(parts, {"online-nl": "Hoe lang"}, "Bijlage")
    assert [part["name"] for part in made] == ["a"]
    assert [block["type"] for block in made[0]["blocks"]] == ["heading", "figure"]


def test_what_a_page_folds_away_is_in_the_annex():
    """A table that a reader of the page opens stands at the end of the document, under its own heading."""
    folded = "<details><summary>Cijfers</summary><table><tbody><tr><th>A</th><td>1</td></tr></tbody></table></details>"
    parts = [{"name": "a", "title": "A", "blocks": chapter(page(f"<h1>A</h1><p>x</p>{folded}"), {}).blocks}]
    annex = laid_out(parts, {}, "Bijlage")[-1]
    assert (annex["title"], [block["type"] for block in annex["blocks"]]) == ("Bijlage", ["heading", "table"])


def test_columns_are_as_wide_as_what_stands_in_them():
    """A column of sentences is wider than one of figures, also below a heading of two rows."""
    body = (
        "<h1>A</h1><table><thead><tr><th rowspan='2'>Naam</th><th colspan='2'>Wat</th></tr><tr><th>Uitleg</th>"
        "<th>n</th></tr></thead><tbody><tr><th>Klein</th><td>"
        + "Een heel lange zin. " * 6
        + "</td><td>1</td></tr></tbody></table>"
    )
    (table,) = chapter(page(body), {}).blocks
    name, sentence, figure = widths(table)
    assert figure <= name < sentence
