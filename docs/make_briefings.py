"""Make the templates of a briefing: `python docs/make_briefings.py [FOLDER]`, from the checkout.

Out: `beslisnota.docx` and `factsheet.docx`, in `reports/templates/briefing` unless another folder is given. The marks
are those of `docs/briefing.md`. What would surprise: the note has six headings of the first level and no other.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import briefing_texts as said
from docx.document import Document
from docx.enum.text import WD_BREAK
from docx.shared import Mm, Pt
from word_template import add, add_all, blank, page_numbers, save, table

_FOLDER = Path(__file__).parents[1] / "reports" / "templates" / "briefing"


def note() -> Document:
    document = blank("nl", title=said.NOTE_TITLE)
    _running(document, said.NOTE_FOOT)
    add(document, said.NOTE_TITLE, style="Title")
    for label, value in said.NOTE_HEAD:
        if label == "Contactpersoon":
            add(document, "{%p if contact_person %}")
        _labelled(document, label, value)
        if label == "Contactpersoon":
            add(document, "{%p endif %}")
    add(document, "Aanleiding", style="Heading 1")
    add_all(document, said.OCCASION)
    add(document, "Geadviseerd besluit", style="Heading 1")
    add(document, said.ADVISED)
    _each(document, "advice", style="List Number")
    add(document, "Kernpunten", style="Heading 1")
    add_all(document, said.KEY_POINTS, style="List Bullet")
    add(document, "Toelichting", style="Heading 1")
    _explained(document)
    add(document, "Communicatie", style="Heading 1")
    add_all(document, said.COMMUNICATION)
    add(document, "Informatie die niet openbaar gemaakt kan worden", style="Heading 1")
    _secret(document)
    return document


def _explained(document: Document) -> None:
    add(document, "De cijfers", style="Heading 2")
    add_all(document, said.FIGURES)
    table(document, (38, 22, 105), said.CLASSES_HEAD, said.CLASSES_ROWS)
    add(document, "", size=4, after=0)
    for heading, mark in (("Wat er veranderde", "change"), ("Hoe zeker de cijfers zijn", "certainty")):
        add(document, heading, style="Heading 2")
        _each(document, mark, style="List Bullet")
    add(document, "Het horen van aanbieders", style="Heading 2")
    add_all(document, said.HEARING)
    _each(document, "letters", style="List Bullet")
    add(document, "Wie het eindrapport noemt", style="Heading 2")
    _each(document, "naming", style="List Bullet")
    add(document, "Correcties", style="Heading 2")
    add(document, "{%p if corrections %}")
    add(document, said.CORRECTIONS)
    _each(document, "corrections", style="List Bullet")
    add_all(document, ("{%p else %}", said.NO_CORRECTIONS, "{%p endif %}"))


def _secret(document: Document) -> None:
    add_all(document, said.SECRET)
    add_all(document, said.SECRET_PARTS, style="List Bullet")
    _page_break(document)  # so that a clerk can take the names out with the pages
    add(document, said.CASES_HEADING, style="Heading 2")
    add(document, "{%p if cases %}")
    table(document, (34, 22, 27, 30, 24, 28), said.CASES_HEAD, said.CASES_ROWS, size=7)
    add_all(document, ("{%p else %}", said.NO_CASES, "{%p endif %}"))
    add(document, "{%p if withheld %}")
    add(document, said.WITHHELD_HEADING, style="Heading 2")
    add(document, "{%p for each in withheld %}")
    add(document, "{{ each.provider }}: {{ each.why }}", style="List Bullet")
    add_all(document, ("{%p endfor %}", "{%p endif %}"))


def factsheet() -> Document:
    document = blank("nl", title=said.SHEET_TITLE)
    section = document.sections[0]
    section.top_margin, section.bottom_margin = Mm(18), Mm(18)
    _running(document, said.SHEET_FOOT)
    add(document, said.SHEET_TITLE, style="Title")
    add(document, f"**{said.SHEET_UNDER}**")
    add(document, said.SHEET_LEAD)
    add(document, said.SHEET_KEY, style="Heading 1")
    table(document, (52, 113), said.SHEET_KEY_HEAD, said.SHEET_KEY_ROWS)
    add(document, "{%p if chart is defined %}")
    add(document, said.SHEET_CHART, style="Heading 1")
    add_all(document, ("{{ chart }}", "{%p endif %}"))
    _page_break(document)
    add(document, said.SHEET_RANKING, style="Heading 1")
    add_all(document, ("{%p if ranked %}", said.SHEET_RANKING_LEAD))
    table(document, (13, 46, 15, 28, 29, 34), said.SHEET_RANKING_HEAD, said.SHEET_RANKING_ROWS, size=7.5)
    add_all(document, ("{%p if others %}", "{{ others }}", "{%p endif %}"))
    add_all(document, ("{%p else %}", said.SHEET_NOBODY, "{%p endif %}"))
    add(document, said.SHEET_READING, style="Heading 1")
    add_all(document, said.SHEET_READING_POINTS, style="List Bullet")
    add(document, said.SHEET_LIMITS, style="Heading 1")
    add_all(document, said.SHEET_LIMITS_POINTS, style="List Bullet")
    add(document, said.SHEET_SOURCE, size=7.5).paragraph_format.space_before = Pt(6)
    return document


def _running(document: Document, foot: str) -> None:
    """The organisation at the top of the first page, and page numbers on each."""
    section = document.sections[0]
    add(section.first_page_header, "**{{ organisation }}**", size=12, after=0)
    section.first_page_header.paragraphs[0]._p.getparent().remove(section.first_page_header.paragraphs[0]._p)
    for edge in (section.first_page_footer, section.footer):
        page_numbers(edge, foot)


def _page_break(document: Document) -> None:
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _labelled(document: Document, label: str, value: str) -> None:
    line = add(document, f"**{label}**\t{value}", after=1).paragraph_format
    line.left_indent, line.first_line_indent = Mm(32), Mm(-32)


def _each(document: Document, mark: str, *, style: str) -> None:
    add(document, f"{{%p for each in {mark} %}}")
    add(document, "{{ each }}", style=style)
    add(document, "{%p endfor %}")


def main(arguments: Sequence[str]) -> None:
    folder = Path(arguments[0]) if arguments else _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    save(note(), folder / "beslisnota.docx")
    save(factsheet(), folder / "factsheet.docx")


if __name__ == "__main__":
    main(sys.argv[1:])
