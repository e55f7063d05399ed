"""The templates of letters that the monitor brings."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from docxtpl import DocxTemplate

from monitor.correspondence.documents import render
from monitor.correspondence.letter_check import text_of
from monitor.correspondence.letter_values import letter_values
from monitor.correspondence.pdf import to_pdf
from monitor.correspondence.powers import claimed_powers
from monitor.publication.formats import Formats
from monitor.publication.texts import texts
from tests.correspondence.letter_samples import FACTS, words
from tests.correspondence.word_files import drawing, tags_of, words_of

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "reports" / "templates" / "letters"
LANGUAGES = ("nl", "en")


def _values(language, facts=FACTS):
    return letter_values(facts, words(language), Formats(texts(language)))


def _letter(language, facts=FACTS, **more):
    values = _values(language, facts) | more
    return render(TEMPLATES / f"letter.{language}.docx", values, {"chart": drawing(6.5)})


def _pdf(language, facts=FACTS):
    return to_pdf(_letter(language, facts), title="Brief", language=language)


def test_the_templates_are_what_their_script_makes(tmp_path):
    """Whoever changes the words of a letter changes the script, and the files follow."""
    subprocess.run([sys.executable, ROOT / "docs" / "make_letters.py", tmp_path], check=True, cwd=ROOT)
    for language in LANGUAGES:
        name = f"letter.{language}.docx"
        assert (tmp_path / name).read_bytes() == (TEMPLATES / name).read_bytes()


def test_every_mark_has_a_value_and_is_documented():
    """Marks of the templates, values and documentation agree."""
    documented = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "letter-templates.md").read_text(), re.MULTILINE)
    assert sorted(documented) == sorted([*_values("nl"), "chart"])
    for language in LANGUAGES:
        used = DocxTemplate(TEMPLATES / f"letter.{language}.docx").get_undeclared_template_variables()
        assert used <= set(documented)


def test_both_letters_use_the_same_marks():
    """The translation leaves out nothing that the Dutch letter tells."""
    dutch, english = (
        DocxTemplate(TEMPLATES / f"letter.{language}.docx").get_undeclared_template_variables()
        for language in LANGUAGES
    )
    assert dutch == english


def test_the_translation_says_that_the_dutch_text_prevails():
    """At its top, and only there."""
    assert "Courtesy translation. The Dutch text prevails." in words_of(_pdf("en"))[0]
    assert "Courtesy translation" not in " ".join(words_of(_pdf("nl")))


def test_the_dutch_letter_has_what_a_government_letter_has():
    """The conventional fields, each with its value, in the words of the field."""
    text = text_of(_letter("nl", replace(FACTS, your_reference="AB/12")))
    for expected in (
        *("Retouradres Postbus 1, 1234 AB Voorbeeldstad", "Bezoekadres", "Postadres", "Contactpersoon", "A. de Vries"),
        *("Datum 1 september 2026", "Ons kenmerk", "VB-2026H1-001", "Uw kenmerk", "AB/12", "Onderwerp", "Bijlagen"),
        *("Geachte heer, mevrouw,", "Hoogachtend,", "B. Jansen", "Dit is geen besluit en geen bevel."),
        *("beeldmateriaal van seksueel kindermisbruik", "verwijderverzoek", "aanbieder van hostingdiensten"),
        *("1 oktober 2026", "hosting@ministerie.example", "publieke sleutel"),
    ):
        assert expected in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_claims_no_power(language):
    """No word of a fine, an order or a duty."""
    assert claimed_powers(text_of(_letter(language))) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_is_two_pages_and_an_annex_and_shows_everything(language):
    """The annex begins on the third page; nothing of the template is lost in the PDF."""
    pdf = _pdf(language)
    pages = words_of(pdf)
    assert (len(pages), pdf.not_shown) == (3, ())
    assert [words in pages[2] for words in ("Bijlage 1. ", "Annex 1. ")].count(True) == 1
    tags = tags_of(pdf)
    assert (tags.count("Table"), tags.count("TH"), tags.count("L")) == (1, 3, 2)
    assert any(tag.startswith("Figure: Een dalende lijn") for tag in tags)


def test_a_letter_without_rank_or_contact_has_no_empty_lines_for_them():
    """What is not there is left out with its label."""
    sender = FACTS.sender.model_copy(update={"contact_person": "", "visiting_address": ()})
    text = text_of(_letter("nl", replace(FACTS, sender=sender, card=replace(FACTS.card, rank=None))))
    assert not any(label in text for label in ("Contactpersoon", "Bezoekadres", "Uw kenmerk", "Plaats in de rangorde"))


def test_a_letter_without_a_chart_is_whole():
    """The annex explains the figures also where no curve can be drawn."""
    docx = render(TEMPLATES / "letter.nl.docx", _values("nl"))
    assert "Hoe deze URL’s bij u zijn geboekt" in text_of(docx)
    assert "De lijn is het geschatte aandeel" not in text_of(docx)
