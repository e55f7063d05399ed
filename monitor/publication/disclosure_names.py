"""Which names a release may not hold, and where they stand in a line of text.

In: ReleaseInput and Shown. Out: Names, which finds them. A release that names nobody holds no Provider's name, id or AS
number; one that names holds none of those that are too small to be shown; a natural person's is in no release. What
would surprise: a name that is a phrase of the report's own texts, or figures alone, or shorter than three characters
says nothing by itself, and is not looked for; nor is a name of one word where that stands in small letters and is not
written so, because half the words of CSS, HTML and PDF are the name of some provider: Cloud, Stack, Transit.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.messages.pofile import read_po

from monitor.model.provider import person_label
from monitor.model.release import ReleaseInput
from monitor.model.scorecard import Scorecard
from monitor.publication.disclosure_find import Found, Kind
from monitor.publication.shown import Shown
from monitor.publication.texts import LANGUAGES

_WORD = re.compile(r"\w+")
_AS_NUMBER = re.compile(r"(?<![\w-])(?:AS[ \u00a0]?|as|asn)\d{1,10}(?!\w)")
_SHORTEST = 3
_TOOLS = (
    "Adobe", "Alt", "Apache", "Arial", "Bag", "Bold", "Consolas", "DOCTYPE", "DTD", "DejaVu", "DejaVuSans", "DuckDB",
    "English", "False", "Graphics", "Helvetica", "Identity", "Matplotlib", "Mono", "Nederlands", "Neue", "Parquet",
    "RDF", "SVG", "Sans", "Segoe", "Typst",
)  # fmt: skip
"""Terms and fonts with a capital: of HTML, CSS and SVG, and of what drawing, table and PDF libraries write."""
Phrase = tuple[str, ...]


@dataclass(slots=True)
class Names:
    """Phrases by their first word: those to find, and those that are shown, within which nothing is found."""

    hidden: dict[str, list[Phrase]] = field(default_factory=dict)
    written_small: frozenset[str] = frozenset()  # names of one word in small letters
    shown: dict[str, list[Phrase]] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()
    as_numbers: bool = False  # whether any AS number at all is one too many

    def found_in(self, line: str) -> Iterator[Found]:
        if self.as_numbers and ("AS" in line or "as" in line):
            yield from ((Kind.AS_NUMBER, number) for number in _AS_NUMBER.findall(line))
        if self.ids and not self.ids.isdisjoint(_WORD.findall(line.replace("-", "_"))):
            yield Kind.NAME, "id"
        words = phrase(line)
        if self.hidden.keys().isdisjoint(words):
            return
        at, written = 0, _words(line)
        while at < len(words):
            length = _longest(self.shown.get(words[at], ()), words, at)
            hidden = 0 if length else _longest(self.hidden.get(words[at], ()), words, at)
            if hidden > 1 or (hidden and self._is_a_name(written[at], line)):
                yield Kind.NAME, " ".join(words[at : at + hidden])
            at += length or hidden or 1

    def _is_a_name(self, word: str, line: str) -> bool:
        """Not a term of CSS, HTML or SVG, nor a name of PDF's own (`/Root`)."""
        return (not word.islower() or word in self.written_small) and not line.startswith("/")


def names_of(release: ReleaseInput, seen: Shown) -> Names:
    """What is looked for in this release."""
    cards = list(_cards(release))
    own = _own_phrases(seen)
    persons = {card.provider_id for card in cards if card.provider == person_label(card.provider_id)}
    persons |= {known.provider_id for known in release.names if known.natural_person}
    persons |= release.unnamed  # likewise never named
    shown = _shown_names(seen, persons) if seen.named else set()
    visible = _shown_ids(seen) if seen.named else set()
    hidden: set[str] = set()
    ids: set[str] = set()
    for key, names in _by_id(release, cards):
        if key in persons or key not in visible:
            ids.add(key)
            hidden |= set(names)
    hidden |= {f"AS{asn}" for card in cards if card.provider_id in persons for asn in card.asns}
    phrases = {phrase(name) for name in hidden} - {phrase(name) for name in shown}
    small = {word for name in hidden for word in _words(name) if word.islower()} - _of_templates()
    ids -= visible - persons
    return Names(
        _by_first(each for each in phrases if _tells(each) and each not in own),
        frozenset(word for word in small if (word.casefold(),) in phrases),
        _by_first({phrase(name) for name in (*shown, *own.texts)}),
        frozenset(key.replace("-", "_") for key in ids if len(key) >= _SHORTEST),
        not seen.named,
    )


def phrase(text: str) -> Phrase:
    """The words of a text as they are compared."""
    return tuple(word.casefold() for word in _words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text if text.isascii() else unicodedata.normalize("NFKC", text))


def _tells(words: Phrase) -> bool:
    return len("".join(words)) >= _SHORTEST and not all(word.isdigit() for word in words)


class _Own:
    """The report's own words: the catalogue, months and countries, and what the configuration adds."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.texts = tuple(text for text in texts if text)
        self._all = "|".join((_fixed(), *(f" {' '.join(phrase(text))} " for text in self.texts)))

    def __contains__(self, words: Phrase) -> bool:
        return f" {' '.join(words)} " in self._all


@cache
def _fixed() -> str:
    """What stands in every release, in the form in which `_Own` looks for a phrase."""
    return "|".join(f" {' '.join(phrase(text))} " for text in (*_catalogue(), *_of_locales(), *_TOOLS))


def _own_phrases(seen: Shown) -> _Own:
    """Of the configuration, who publishes, who mandates and who set the norm: names that are on every page."""
    mandates = (*seen.method.mandates, *((seen.method.configured,) if seen.method.configured else ()))
    stated = [text for each in mandates for text in (each.organisation, each.legal_basis, each.contact)]
    norms = [part.ranking.norm for part in (seen.network, *seen.further)]
    return _Own((seen.contact, *stated, *(text for norm in norms for text in (norm.basis, norm.set_by))))


@cache
def _of_templates() -> frozenset[str]:
    """Words that stand in every release whatever is in it."""
    found = (each for each in (files("reports") / "templates").iterdir() if each.is_file())
    return frozenset(word for each in found for word in _words(each.read_text("utf-8")))


def _of_locales() -> Iterator[str]:
    for language in LANGUAGES:
        locale = Locale(language)
        yield from locale.territories.values()
        yield from (name for widths in locale.months.values() for names in widths.values() for name in names.values())


def _catalogue() -> Iterator[str]:
    source = files("monitor.publication") / "locale" / "nl" / "LC_MESSAGES" / "messages.po"
    with source.open("rb") as file:
        for message in read_po(file, locale="nl"):
            for text in (message.id, message.string):
                yield from ([text] if isinstance(text, str) else text)


def _cards(release: ReleaseInput) -> Iterator[Scorecard]:
    for ranking in (release.ranking, *((release.proxies,) if release.proxies else ()), *release.further):
        yield from ranking.scorecards


def _by_id(release: ReleaseInput, cards: Iterable[Scorecard]) -> Iterator[tuple[str, set[str]]]:
    names: dict[str, set[str]] = {}
    for card in cards:
        names.setdefault(card.provider_id, set()).add(card.provider)
    for known in release.names:
        if known.provider_id in names or known.natural_person:
            names.setdefault(known.provider_id, set()).update(known.names)
    yield from names.items()


def _parts(seen: Shown) -> Iterator[Scorecard]:
    for part in (seen.network, *((seen.proxies,) if seen.proxies else ()), *seen.further):
        yield from part.ranking.scorecards


def _shown_ids(seen: Shown) -> set[str]:
    before = {str(row["provider_id"]) for row in _replaced(seen)}
    return {card.provider_id for card in _parts(seen)} | before


def _shown_names(seen: Shown, persons: Set[str]) -> set[str]:
    """Also those of the release that this one corrects, which named them; no longer who is known as a person now."""
    before = {str(row["provider"]) for row in _replaced(seen) if row["provider_id"] not in persons}
    return {card.provider for card in _parts(seen) if card.provider_id not in persons} | before


def _replaced(seen: Shown) -> Iterable[dict[str, object]]:
    correction = seen.correction
    return [dict(row) for row in correction.rows] if correction and correction.named else []


def _by_first(phrases: Iterable[Phrase]) -> dict[str, list[Phrase]]:
    """The longest first, so that a name within a name is the longer one."""
    index: dict[str, list[Phrase]] = {}
    for each in sorted((each for each in phrases if each), key=lambda words: (-len(words), words)):
        index.setdefault(each[0], []).append(each)
    return index


def _longest(phrases: Iterable[Phrase], words: Phrase, at: int) -> int:
    return next((len(each) for each in phrases if words[at : at + len(each)] == each), 0)
