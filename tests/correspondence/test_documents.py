"""A Word template, filled in."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document

from monitor.correspondence.documents import render
from monitor.errors import DocumentError
from tests.correspondence.word_files import PROPERTIES, drawing, template, texts


def test_a_value_is_text_and_never_markup_or_a_mark(tmp_path):
    """What a value holds is shown as it is: signs of XML, marks and lines."""
    path = template(tmp_path, "Aan {{ name }}.")
    docx = render(path, PROPERTIES | {"name": "A <b>&amp;</b> & 'Zn' \"{{ title }}\"\nweg 1"})
    assert texts(docx) == ["Aan A <b>&amp;</b> & 'Zn' \"{{ title }}\"\nweg 1."]


def test_signs_that_no_file_can_hold_become_spaces(tmp_path):
    """A control character in a name does not break the document."""
    docx = render(template(tmp_path, "{{ names[0] }}"), PROPERTIES | {"names": ["A\x0bB\x00C\ud800"]})
    assert texts(docx) == ["A B C "]


def test_a_mark_may_be_split_over_runs(tmp_path):
    """Word cuts text into runs where somebody typed twice; a mark is one all the same."""
    document = Document()
    paragraph = document.add_paragraph("{{ na")
    paragraph.add_run("me }}").bold = True
    document.save(tmp_path / "t.docx")
    assert texts(render(tmp_path / "t.docx", PROPERTIES | {"name": "Voorbeeld"})) == ["Voorbeeld"]


def test_lists_repeat_paragraphs_and_conditions_drop_them(tmp_path):
    """{%p for %} and {%p if %} stand on paragraphs of their own, which are gone."""
    path = template(
        tmp_path, "{%p for x in xs %}", "{{ x }}", "{%p endfor %}", "{%p if none %}", "never", "{%p endif %}"
    )
    assert texts(render(path, PROPERTIES | {"xs": ("1", "2"), "none": ""})) == ["1", "2"]


def test_a_mark_without_a_value_is_an_error_that_names_it(tmp_path):
    """A misspelt mark stops the letter and is named."""
    with pytest.raises(DocumentError, match=r"template.docx has no value: 'provder'"):
        render(template(tmp_path, "{{ provder }}"), PROPERTIES | {"provider": "A"})


@pytest.mark.parametrize("mark", ["{% if %}", "{{ name ", "{% for x in name %}", "{{ name / 0 }}"])
def test_a_mark_that_cannot_be_read_is_an_error(tmp_path, mark):
    """Whatever is wrong with a mark, it is one line that says in which template."""
    with pytest.raises(DocumentError, match=r"template\.docx") as caught:
        render(template(tmp_path, mark), PROPERTIES | {"name": "Geheim"})
    assert "Geheim" not in str(caught.value)


def test_a_mark_reaches_nothing_but_its_values(tmp_path):
    """A template from elsewhere cannot run anything."""
    with pytest.raises(DocumentError):
        render(template(tmp_path, "{{ title.__class__.__mro__ }}"), PROPERTIES)


@pytest.mark.parametrize("content", [b"", b"no document", b"PK\x03\x04"])
def test_what_is_no_word_document_is_refused(tmp_path, content):
    """An empty or other file in the templates' folder is named as such."""
    (tmp_path / "t.docx").write_bytes(content)
    with pytest.raises(DocumentError, match="is not a Word document"):
        render(tmp_path / "t.docx", PROPERTIES)


def test_a_missing_template_is_named(tmp_path):
    """A folder of templates without this one says so."""
    with pytest.raises(DocumentError, match=r"letter\.nl\.docx cannot be read"):
        render(tmp_path / "letter.nl.docx", PROPERTIES)


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_document_has_title_language_and_organisation(tmp_path, name):
    """Without them it would not be accessible, or would bear a person's name."""
    with pytest.raises(DocumentError, match=name):
        render(template(tmp_path, "x"), PROPERTIES | {name: ""})


def test_the_author_is_the_organisation_and_the_day_the_letters(tmp_path):
    """Who made the template, and when, is not in the file."""
    document = Document()
    document.core_properties.author = document.core_properties.last_modified_by = "J. Geheim"
    document.core_properties.comments = document.core_properties.keywords = "Geheim"
    document.save(tmp_path / "t.docx")
    docx = render(tmp_path / "t.docx", PROPERTIES | {"dated_on": "2026-09-01"})
    found = Document(BytesIO(docx)).core_properties
    assert (found.author, found.last_modified_by) == ("Ministerie van Voorbeelden",) * 2
    assert (found.title, found.language, found.created.date().isoformat()) == ("Brief", "nl", "2026-09-01")
    with ZipFile(BytesIO(docx)) as parts:
        assert not any(b"Geheim" in parts.read(name) for name in parts.namelist())


def test_the_same_input_gives_the_same_bytes(tmp_path):
    """Neither the clock nor the order of parts enters the file."""
    path, values = template(tmp_path, "{{ chart }}"), PROPERTIES | {"chart_alt": "Een lijn"}
    docx = render(path, values, {"chart": drawing()})
    assert docx == render(path, values, {"chart": drawing()})
    with ZipFile(BytesIO(docx)) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_picture_is_described_and_no_wider_than_the_text(tmp_path):
    """A picture bears its alternative text, and keeps its shape when it is made to fit."""
    path, values = template(tmp_path, "{{ chart }}"), PROPERTIES | {"chart_alt": 'Lijn "daalt" & stijgt'}
    for width in (2.0, 20.0):
        document = Document(BytesIO(render(path, values, {"chart": drawing(width)})))
        (shape,) = document.inline_shapes
        section = document.sections[0]
        assert shape._inline.docPr.get("descr") == 'Lijn "daalt" & stijgt'
        assert shape.width <= section.page_width - section.left_margin - section.right_margin
        assert shape.width / shape.height == pytest.approx(width, rel=0.01)


def test_a_picture_without_a_description_or_of_another_kind_is_refused(tmp_path):
    """No picture goes out that a blind reader would not know of."""
    with pytest.raises(DocumentError, match="chart_alt"):
        render(template(tmp_path, "{{ chart }}"), PROPERTIES, {"chart": drawing()})
    with pytest.raises(DocumentError, match="neither PNG nor JPEG"):
        render(template(tmp_path, "{{ chart }}"), PROPERTIES | {"chart_alt": "x"}, {"chart": b"<svg/>"})
