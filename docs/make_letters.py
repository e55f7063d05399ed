"""Make the templates of letters: `python docs/make_letters.py [FOLDER]`, from the checkout.

Out: `letter.nl.docx` and `letter.en.docx`, in `reports/templates/letters` unless another folder is given. The marks are
those of `docs/letter-templates.md`. What would surprise: the Dutch letter is the letter. The English one says at its
top that it is a courtesy translation, and follows the Dutch one sentence by sentence.
"""

import sys
from pathlib import Path

from docx.document import Document
from docx.enum.text import WD_BREAK
from docx.shared import Mm, Pt
from letter_texts import DUTCH, ENGLISH, LetterText
from word_template import add, add_all, blank, columns, page_numbers, save, table

_FOLDER = Path(__file__).parents[1] / "reports" / "templates" / "letters"
_SMALL = 7.5


def letter(said: LetterText) -> Document:
    document = blank(said.language, title=said.subject)
    _running(document, said)
    if said.courtesy:
        add(document, f"**{said.courtesy}**", size=8, after=6)
    _address(document, said)
    add(document, said.salutation, after=5)
    add_all(document, said.opening)
    for line in ("{%p if earlier %}", "{{ earlier }}", "{%p endif %}"):
        add(document, line)
    for part in said.parts:
        add(document, part.heading, style="Heading 1")
        add_all(document, part.paragraphs)
        if part.is_figures:
            table(document, (50, 37, 78), said.figures_head, said.figures)
            add(document, "", size=4, after=0)
        add_all(document, part.numbered, style="List Number")
        add_all(document, part.after)
    _signed(document, said)
    _annex(document, said)
    return document


def _running(document: Document, said: LetterText) -> None:
    """The head of the first page, that of the others, and page numbers on each."""
    section = document.sections[0]
    add(section.first_page_header, "**{{ organisation }}**", size=12, after=0)
    add(section.first_page_header, "{%p if directorate %}")
    add(section.first_page_header, "{{ directorate }}", size=8, after=0)
    add(section.first_page_header, "{%p endif %}")
    add(section.header, said.running, size=_SMALL, after=0)
    for edge in (section.first_page_header, section.header):
        edge.paragraphs[0]._p.getparent().remove(edge.paragraphs[0]._p)
    for foot in (section.first_page_footer, section.footer):
        page_numbers(foot, said.pages)


def _address(document: Document, said: LetterText) -> None:
    """To whom on the left, from whom on the right; below them day and subject."""
    left, right = columns(document, (107, 58))
    add(left, f"{said.return_mark} {{{{ return_address }}}}", size=6.5, after=10)
    add(left, "{{ addressee }}", after=14)
    for label, value in ((said.dated, "{{ dated }}"), (said.subject_label, "**{{ subject }}**")):
        line = add(left, f"{label}\t{value}", after=2).paragraph_format
        line.left_indent, line.first_line_indent, line.right_indent = Mm(22), Mm(-22), Mm(6)
    for mark, label in said.profile:
        add(right, f"{{%p if {mark} %}}")
        add(right, f"**{label}**\n{{{{ {mark} }}}}", size=_SMALL, after=3)
        add(right, "{%p endif %}")
    add(
        right,
        f"**{said.attachments}**\n{said.own_annex}{{% for each in attachments %}}\n{{{{ each }}}}{{% endfor %}}",
        size=_SMALL,
    )


def _signed(document: Document, said: LetterText) -> None:
    closing = add(document, said.closing, after=0).paragraph_format
    closing.keep_with_next, closing.space_before = True, Pt(10)
    for at, line in enumerate(("{{ signatory_title }}", "", "", "{{ signatory }}")):
        add(document, line, after=0).paragraph_format.keep_with_next = at < 3


def _annex(document: Document, said: LetterText) -> None:
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    add(document, said.annex_heading, style="Heading 1")
    add(document, "{%p if chart is defined %}")
    add_all(document, ("{{ chart }}", *said.annex_chart))
    add(document, "{%p endif %}")
    add(document, said.evidence_heading, style="Heading 2")
    add_all(document, said.evidence)
    add(document, "{%p for sentence in evidence %}")
    add(document, "{{ sentence }}", style="List Bullet")
    add(document, "{%p endfor %}")
    add(document, said.method_heading, style="Heading 2")
    add_all(document, said.method)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for said in (DUTCH, ENGLISH):
        save(letter(said), folder / f"letter.{said.language}.docx")


if __name__ == "__main__":
    main()
