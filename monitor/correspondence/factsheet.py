"""The factsheet, as long as two pages allow.

In: its template, the facts, how Dutch writes values. Out: the Word document and its PDF, with as many lines of the
ranking as fit. What would surprise: it is made several times over, because only the finished PDF tells how long it is;
and Word, whose fonts run otherwise, may need a line more or less.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from monitor.config import Letters
from monitor.correspondence.briefing import BriefingFacts, factsheet_values
from monitor.correspondence.documents import render
from monitor.correspondence.letter_values import Writes
from monitor.correspondence.pdf import Pdf, to_pdf
from monitor.errors import DocumentError

MOST_PAGES = 2
_MOST_LINES = 40
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Factsheet:
    """`n_lines` of the ranking stand in it."""

    docx: bytes
    pdf: Pdf
    n_lines: int


def factsheet(template: Path, facts: BriefingFacts, writes: Writes) -> Factsheet:
    """With as many lines of the ranking as two pages hold. Raises DocumentError where not even none fits."""
    fits: Factsheet | None = None
    few, many = 0, min(len(facts.public.ranked), _MOST_LINES)
    n = many
    while few <= many:
        made = _with_lines(template, facts, writes, n)
        if made.pdf.n_pages <= MOST_PAGES:
            fits, few = made, n + 1
        else:
            many = n - 1
        n = (few + many + 1) // 2
    if fits is None:
        raise DocumentError(f"The factsheet takes more than {MOST_PAGES} pages", "Shorten its template")
    return fits


def check_nobody(made: Factsheet, sender: Letters) -> None:
    """Raises DocumentError where it says who works on it: it is for everybody to read."""
    people = [_folded(text) for text in (sender.contact_person, sender.signatory, *sender.contact_details) if text]
    for text in map(_folded, _texts(made.docx)):
        if any(person in text for person in people):
            raise DocumentError(
                "The factsheet would show an official's name or contact details",
                "It is public: take them out of its template",
            )


def _with_lines(template: Path, facts: BriefingFacts, writes: Writes, n_lines: int) -> Factsheet:
    values, chart = factsheet_values(facts, writes, n_lines), facts.public.chart
    docx = render(template, values, {"chart": chart} if chart else {})
    return Factsheet(docx, to_pdf(docx, title=str(values["title"]), language="nl"), n_lines)


def _texts(docx: bytes) -> Iterator[str]:
    """Every part, properties and comments among them, as it reads without its tags and as it is written."""
    with ZipFile(BytesIO(docx)) as parts:
        for name in parts.namelist():
            text = unescape(parts.read(name).decode(errors="ignore"))
            yield from (text, _TAG.sub("", text))


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()
