"""Whether a letter that a clerk edited in Word still says what its provider has to be told."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.correspondence.documents import render
from monitor.correspondence.letter_check import problems, text_of, title_of
from monitor.correspondence.letter_values import letter_values
from monitor.errors import DocumentError
from monitor.model.letter import Letter, LetterEvent, LetterStep, Told
from monitor.publication.formats import Formats
from monitor.publication.texts import texts
from tests.correspondence.letter_samples import CARD, FACTS, words

TEMPLATES = Path(__file__).parents[2] / "reports" / "templates" / "letters"
TOLD = Told("ab" * 32, "below", 1234, 27, 0.48148, 0.3, 0.6596, 0.4444, 0.9999, 2)
AT = datetime(2026, 8, 1, tzinfo=UTC)
LETTER = Letter(
    1, "MIN-2026H1-001", "as64500", "Alpha", "2026H1", date(2026, 8, 3), date(2026, 9, 1), 28, "c", TOLD,
    (LetterEvent(LetterStep.DRAFTED, AT, "Jo", AT),),
)  # fmt: skip
DUTCH = """Datum 3 augustus 2026
Ons kenmerk MIN-2026H1-001
Meldingen 1.234
Gevallen 27
Binnen de norm 48,1% (30,0–66,0%)
In het slechtste geval 44,4%, in het beste >99,9%
Plaats 2
Wij zien uw antwoord graag tegemoet voor 1\u00a0september\u00a02026."""
ENGLISH = """Date 3 August 2026
Our reference MIN-2026H1-001
Notices 1,234
Episodes 27
Within the norm 48.1% (30.0–66.0%)
Worst case 44.4%, best case >99.9%
Rank 2
Please answer by 1 September 2026."""


def document(text: str, header: str = "") -> bytes:
    made, content = Document(), BytesIO()
    made.core_properties.title = "Uw cijfers"
    for line in text.splitlines():
        made.add_paragraph(line)
    made.sections[0].header.paragraphs[0].text = header
    made.save(content)
    return content.getvalue()


@pytest.mark.parametrize(("text", "language"), [(DUTCH, "nl"), (ENGLISH, "en")])
def test_a_letter_as_it_was_drafted_has_nothing_wrong(text: str, language: str) -> None:
    """In Dutch and in English, with spaces that do not break and thousands apart."""
    assert problems(text, LETTER, language) == ()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("MIN-2026H1-001", "MIN-2026H1-002", "its reference"),
        ("3 augustus 2026", "13 augustus 2026", "its date"),
        ("1\u00a0september\u00a02026", "1\u00a0oktober\u00a02026", "the date for an answer"),
        ("1\u00a0september\u00a02026", "1 september", "the date for an answer"),
        ("1.234", "1.243", "the number of notices"),
        ("Gevallen 27", "Gevallen 28", "the number of Episodes"),
        ("48,1%", "49,1%", "the share within the norm"),
        ("30,0", "31,0", "the lower end"),
        ("66,0%", "66,1%", "the upper end"),
        ("44,4%", "", "the share in the worst case"),
        (">99,9%", "90,9%", "the share in the best case"),
        ("Plaats 2", "Plaats 3", "its rank"),
        ("Gevallen", "[invullen]", "still to be filled in"),
        ("Gevallen", "[ In te vullen: naam ]", "still to be filled in"),
        ("Gevallen", "{{ provider }}", "still to be filled in"),
        ("Gevallen", "{% if x %}", "still to be filled in"),
    ],
)
def test_what_was_lost_or_changed_is_named(old: str, new: str, what: str) -> None:
    """A figure, a date, the reference, or a place nobody filled in; and nothing else is said to be wrong."""
    assert old in DUTCH
    found = problems(DUTCH.replace(old, new), LETTER, "nl")
    assert len(found) == 1
    assert what in found[0]


def test_a_clerk_may_word_and_round_otherwise() -> None:
    """Dates in figures, shares without decimals, thousands together: the letter says the same."""
    text = DUTCH.replace("3 augustus 2026", "03-08-2026").replace("1\u00a0september\u00a02026", "1-9-2026")
    text = text.replace("48,1%", "48 procent").replace("1.234", "1234")
    assert problems(text, LETTER, "nl") == ()


def test_numbers_of_dates_and_of_the_reference_are_no_figures() -> None:
    """A count that is found nowhere but in a date is not there."""
    told = replace(TOLD, n_episodes=2026)
    assert any("Episodes" in each for each in problems(DUTCH, replace(LETTER, told=told), "nl"))


def test_what_is_not_known_is_not_asked_for() -> None:
    """Without an interval or a rank there is none to be found."""
    told = replace(TOLD, within_norm=None, within_norm_low=None, within_norm_high=None, rank=None)
    text = DUTCH.replace("48,1% (30,0–66,0%)", "niet bekend").replace("Plaats 2", "geen plaats")
    assert problems(text, replace(LETTER, told=told), "nl") == ()


@settings(derandomize=True, deadline=None)
@given(st.floats(0, 1), st.integers(0, 3_000_000), st.sampled_from(["nl", "en"]))
def test_every_figure_is_found_as_the_report_writes_it(share: float, count: int, language: str) -> None:
    """Shares with one decimal or as "<0.1%", counts with their thousands apart, in both languages."""
    writes = Formats(texts(language))
    told = Told("ab" * 32, "below", count, count, share, share, share, share, share, None)
    figures = f"{writes.number(count)} / {writes.percents(share, share)}."
    text = f"{writes.day(LETTER.dated)} {writes.day(LETTER.answer_by)} MIN-2026H1-001 {figures}"
    assert problems(text, replace(LETTER, told=told), language) == ()


def test_text_is_read_wherever_it_stands_in_the_document() -> None:
    """Paragraphs, cells of a table, header; runs of one word together; and the title of the properties."""
    made = Document(BytesIO(document("een", header="Ons kenmerk MIN-1")))
    made.add_table(1, 1).cell(0, 0).text = "1.234"
    line = made.add_paragraph("Binnen ")
    line.add_run("48").bold = True
    line.add_run(",1%")
    content = BytesIO()
    made.save(content)
    lines = text_of(content.getvalue()).splitlines()
    assert {"een", "Ons kenmerk MIN-1", "1.234", "Binnen 48,1%"} <= set(lines)
    assert title_of(content.getvalue()) == "Uw cijfers"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04 broken"])
def test_what_is_no_word_document_is_said(content: bytes) -> None:
    """With what to do about it."""
    with pytest.raises(DocumentError, match="not a Word document"):
        text_of(content)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_letters_of_our_own_templates_pass_until_a_figure_is_changed(language: str) -> None:
    """As `letters draft` fills them in: nothing is wrong; with another share everywhere, that is."""
    told = Told(
        "ab" * 32, CARD.class_, CARD.n_notices, CARD.n_episodes, CARD.within_norm, CARD.within_norm_low,
        CARD.within_norm_high, CARD.within_norm_worst, CARD.within_norm_best, CARD.rank,
    )  # fmt: skip
    letter = replace(
        LETTER, reference=FACTS.reference, dated=FACTS.dated, answer_by=FACTS.answer_by, told=told, criteria="c"
    )
    values = letter_values(FACTS, words(language), Formats(texts(language)))
    text = text_of(render(TEMPLATES / f"letter.{language}.docx", values))
    assert problems(text, letter, language) == ()
    share = str(values["within_norm"])
    found = problems(text.replace(share, share.replace("4", "5")), letter, language)
    assert found == ("the share within the norm is not there as it was drafted",)
