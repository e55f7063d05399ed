"""The glossary: the words of the report as a reader meets them.

In: a language. Out: terms in the order of its alphabet. What would surprise: the ids are the same in both languages, so
that any page can link `glossary.html#ID`.
"""

import unicodedata
from dataclasses import dataclass

from monitor.publication.formats import Formats
from monitor.publication.glossary import TERMS
from monitor.publication.shown import Shown


@dataclass(frozen=True, slots=True)
class Term:
    id: str
    name: str
    meaning: str


def glossary_view(_shown: Shown, formats: Formats) -> dict[str, object]:
    t = formats.texts
    terms = (Term(key, t.gettext(name), t.gettext(meaning)) for key, name, meaning in TERMS)
    return {"terms": tuple(sorted(terms, key=lambda term: (_letters(term.name), term.id)))}


def _letters(text: str) -> str:
    """How a dictionary sorts: without accents, capitals and quotation marks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if char.isalnum() or char == " ")
