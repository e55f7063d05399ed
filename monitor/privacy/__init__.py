"""The data protection page of a deployment: what the configuration says, and fields that the privacy officer fills in.

In: the settings, and what the store says of keys. Out: a page of Sections in Dutch and English. What would surprise:
nothing here is legal advice, and what the program cannot know is an open field, never a guess; what was filled in once
is kept on the next generation (`pages.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.config import Settings
from monitor.privacy.words import DECIDE, FIELDS, GET, MEASURES, OPEN_TERM, RIGHTS, TITLES, WORDS

LANGUAGES = ("nl", "en")
_ACCOUNTS = frozenset({"audit", "registry", "registrations"})
"""What stays because somebody may have to account for it, not because a figure needs it."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something that only a person can say; `key` names it on every generation."""

    key: str
    question: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; the first cell of a row heads it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Part = str | Field | Table


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What the store says: whose key file this is, and every key file or copy that was handed out."""

    role: str
    handed_out: tuple[tuple[datetime, str, str], ...]  # when, what, by whom


@dataclass(frozen=True, slots=True)
class Page:
    """One deployment's page in one language."""

    language: str
    title: str
    note: str
    sections: tuple[Section, ...]


def page(settings: Settings, keys: KeyFacts | None, language: str) -> Page:
    """`keys` None: there is no store yet."""
    words = WORDS[language]
    made = {
        "controller": _controller(settings, language),
        "processors": _fields("processors", language),
        "purpose": (words["purpose"], *_fields("purpose", language)),
        "classes": (_classes(settings, language), DECIDE[language]),
        "recipients": (*_recipients(settings, keys, language), *_fields("recipients", language)),
        "places": (_places(settings, language), *_fields("places", language)),
        "rights": (*RIGHTS[language], *_fields("rights", language)),
        "measures": (*_measures(settings, language), *_fields("measures", language)),
        "officer": _fields("officer", language),
    }
    sections = tuple(Section(TITLES[language][name], tuple(parts)) for name, parts in made.items())
    return Page(language, words["title"], words["note"], sections)


def _fields(section: str, language: str) -> tuple[Field, ...]:
    return tuple(Field(f"{language}.{key}", said[language]) for key, said in FIELDS[section].items())


def _controller(settings: Settings, language: str) -> tuple[Part, ...]:
    words, mandate = WORDS[language], settings.mandate
    until = mandate.expires.isoformat() if mandate.expires else words["not set"]
    rows = (
        (words["organisation"], mandate.organisation or words["not set"]),
        (words["legal basis"], mandate.legal_basis or words["not set"]),
        (words["until"], until),
        (words["contact"], mandate.contact or words["not set"]),
        (words["letters"], settings.letters.organisation or words["not set"]),
        (words["answers"], settings.letters.answer_to or words["not set"]),
        (words["publisher"], settings.publication.publisher or words["not set"]),
    )
    return (Table((words["setting"], words["value"]), rows), *_fields("controller", language))


def _classes(settings: Settings, language: str) -> Table:
    words = WORDS[language]
    rows = []
    for name, (what, protection) in words["classes"].items():
        term = getattr(settings.retention, name, None)
        stays = words["account" if name in _ACCOUNTS else "kept"]
        rows.append((what, protection, stays if term is None else _term(str(term), language)))
    return Table((words["what"], words["how kept"], words["how long"]), tuple(rows))


def _measures(settings: Settings, language: str) -> Sequence[str]:
    get = GET[language] if settings.mandate.permit_get else ""
    return [sentence.format(get=get) for sentence in MEASURES[language]]


def _term(term: str, language: str) -> str:
    if term == "keep":
        return OPEN_TERM[language]
    if language == "en":
        return term
    number, unit = term.split()
    dutch = {"day": "dag", "week": "week", "month": "maand", "year": "jaar"}
    several = {"days": "dagen", "weeks": "weken", "months": "maanden", "years": "jaar"}
    return f"{number} {dutch.get(unit) or several.get(unit, unit)}"


def _recipients(settings: Settings, keys: KeyFacts | None, language: str) -> Sequence[Part]:
    words = WORDS[language]
    parts: list[Part] = [Table((words["who"], words["sees"]), words["roles"])]
    if keys is None:
        parts.append(words["no store"])
        return parts
    parts.append(words["role here"][keys.role])
    if keys.handed_out:
        rows = tuple((f"{at:%Y-%m-%d}", what, who) for at, what, who in keys.handed_out)
        parts.append(Table((words["day"], words["handed out"], words["by"]), rows))
    return parts


def _places(settings: Settings, language: str) -> Table:
    words = WORDS[language]
    live = ", ".join(sorted(name for name, each in settings.sources.items() if each.live))
    recorded = ", ".join(sorted(name for name, each in settings.sources.items() if not each.live))
    rows = (
        (words["database"], words["sqlite"] if settings.database.url is None else words["server"]),
        (words["vantages"], ", ".join(sorted(settings.vantages)) or words["direct"]),
        (words["live"], live or words["none"]),
        (words["recorded"], recorded or words["the rest"]),
    )
    return Table((words["setting"], words["value"]), rows)
