"""Whether a letter that a clerk edited in Word still says what its Provider has to be told.

In: the document's bytes and the Letter as it was drafted. Out: what is wrong, in words. What would surprise: figures
are compared as numbers and in any place of the text, so that a clerk may word a sentence otherwise; this finds a figure
that was lost or changed, not one that stands in the wrong place.
"""

import re
from collections.abc import Iterator
from datetime import date

from babel.dates import format_date
from docx.opc.part import XmlPart

from monitor.correspondence.word import W
from monitor.correspondence.word_file import opened
from monitor.model.letter import Letter

_UNFILLED = re.compile(
    r"\{\{|\}\}|\{%|\[\s*(?:nog\s+)?(?:in\s?(?:te\s)?vullen|fill\s+in|to\s+be\s+filled)", re.IGNORECASE
)
_PARTS = re.compile(r"/word/(?:document|header\d*|footer\d*)\.xml")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_NUMBERS = {
    "nl": re.compile(r"\d{1,3}(?:[.\u00a0\u202f]\d{3})+(?:,\d+)?(?!\d)|\d+(?:,\d+)?"),
    "en": re.compile(r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"),
}
_LOCALES = {"nl": "nl_NL", "en": "en_GB"}
_SHARES = {
    "within_norm": "the share within the norm",
    "within_norm_low": "the lower end of its 95% interval",
    "within_norm_high": "the upper end of its 95% interval",
    "within_norm_worst": "the share in the worst case",
    "within_norm_best": "the share in the best case",
}
_COUNTS = {"n_notices": "the number of notices", "n_episodes": "the number of Episodes", "rank": "its rank"}


def text_of(docx: bytes) -> str:
    """The text of a Word document with that of its headers and footers, a paragraph a line. Raises DocumentError."""
    lines: list[str] = []
    for part in opened(docx).part.package.iter_parts():
        if isinstance(part, XmlPart) and _PARTS.fullmatch(str(part.partname)):
            lines += ("".join(_texts(paragraph)) for paragraph in part.element.iter(f"{W}p"))
    return "\n".join(lines)


def title_of(docx: bytes) -> str:
    """The title in its properties; empty where there is none. Raises DocumentError."""
    try:
        return opened(docx).core_properties.title or ""
    except (ValueError, KeyError, AttributeError, SyntaxError):  # the part that holds it is damaged
        return ""


def problems(text: str, letter: Letter, language: str) -> tuple[str, ...]:
    """What keeps this text from being the Letter that was drafted, each in a few words; empty: nothing does."""
    spaced = _SPACES.sub(" ", text)
    found = []
    if _UNFILLED.search(spaced):
        found.append("a place is still to be filled in ({{ ... }} or [invullen])")
    if letter.reference not in spaced:
        found.append("its reference (Ons kenmerk) is not there")
    found += [f"{name} is not there" for name, day in _days(letter) if not _says_day(spaced, day, language)]
    found += [f"{name} is not there as it was drafted" for name in _lost_figures(text, letter, language)]
    return tuple(found)


def _texts(paragraph: object) -> Iterator[str]:
    for element in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br"):  # type: ignore[attr-defined]
        yield (element.text or "") if element.tag == f"{W}t" else " "


def _days(letter: Letter) -> tuple[tuple[str, date], ...]:
    return ("its date", letter.dated), ("the date for an answer", letter.answer_by)


def _says_day(text: str, day: date, language: str) -> bool:
    """In words or in figures, as people of that language write it."""
    words = format_date(day, "long", locale=_LOCALES[language])
    figures = (f"{day.day}-{day.month}-{day.year}", f"{day:%d-%m-%Y}", f"{day:%d/%m/%Y}", day.isoformat())
    return any(re.search(rf"(?<!\d){re.escape(form)}(?!\d)", text, re.IGNORECASE) for form in (words, *figures))


def _lost_figures(text: str, letter: Letter, language: str) -> Iterator[str]:
    numbers = [_number(each, language) for each in _NUMBERS[language].findall(_without_days(text, letter, language))]
    for field, name in _COUNTS.items():
        count: int | None = getattr(letter.told, field)
        if count is not None and (float(count), 0) not in numbers:
            yield name
    for field, name in _SHARES.items():
        share: float | None = getattr(letter.told, field)
        if share is not None and not any(_is_share(value, decimals, share) for value, decimals in numbers):
            yield name


def _without_days(text: str, letter: Letter, language: str) -> str:
    """Without dates and the reference, whose numbers are no figures."""
    names = "|".join(format_date(date(2026, month, 1), "MMMM", locale=_LOCALES[language]) for month in range(1, 13))
    text = text.replace(letter.reference, " ")
    return re.sub(rf"\d{{1,2}}\s(?:{names})(?:\s\d{{4}})?|\d{{4}}-\d\d-\d\d", " ", text, flags=re.IGNORECASE)


def _number(text: str, language: str) -> tuple[float, int]:
    """The value and how many decimals it is written with."""
    point = "," if language == "nl" else "."
    whole, _, decimals = text.partition(point)
    digits = re.sub(r"\D", "", whole)
    return float(f"{digits}.{decimals or 0}"), len(decimals)


def _is_share(value: float, decimals: int, share: float) -> bool:
    """Whether a percentage is the share, rounded; what is just above 0 or below 100% is written as "<0.1%"."""
    unit = 10.0**-decimals
    near_an_end = 0 < share < 0.0005 or 0.9995 < share < 1
    return abs(value - 100 * share) <= unit * (1 if near_an_end else 0.5) + 1e-9
