"""Words: every message has a Dutch translation, every translation is used, and formats survive it."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from monitor.model.measurement import MedianStatus
from monitor.model.previous import Break
from monitor.model.scorecard import Norm
from monitor.model.sensitivity import SensitivityChoice
from monitor.model.words import ClassLabel, Doubt, NoticeKind, Role, TableKind, Unattributed
from monitor.publication.formats import Formats
from monitor.publication.phrases import (
    BREAKS,
    CHOICE_SENTENCES,
    CHOICES,
    CLASS_SENTENCES,
    CLASSES,
    DOUBT_SENTENCES,
    DOUBTS,
    MEDIANS,
    ROLES,
    TABLES,
    UNATTRIBUTED,
    phrase,
)
from monitor.publication.texts import texts
from monitor.rules import RULES

METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}


def extracted() -> set[str | tuple[str, ...]]:
    """Message ids of code, templates and the rules in force; plural ones as a pair."""
    folders = [Path(str(files("monitor") / "publication")), Path(str(files("reports") / "templates"))]
    found = set()
    for folder in folders:
        for _, _, message, _, _ in extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS):
            found.add(message if isinstance(message, str) else tuple(message))
    found.update(sentence for _, sentence in RULES)  # they come with the method, as data
    return found


@pytest.fixture(scope="module")
def catalog():
    path = files("monitor.publication") / "locale" / "nl" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as source:
        return read_po(source, locale="nl", abort_invalid=True)


def test_every_message_is_translated_and_every_translation_is_used(catalog):
    """The Dutch catalogue holds exactly the messages of code and templates, none of them fuzzy or empty."""
    known = {m.id if isinstance(m.id, str) else tuple(m.id): m for m in catalog if m.id}
    found = extracted()
    assert len(found) > 250
    assert found - known.keys() == set()
    assert known.keys() - found == set()
    for message in known.values():
        strings = [message.string] if isinstance(message.string, str) else message.string
        assert all(strings), message.id
        assert not message.fuzzy, message.id
    assert not catalog.obsolete


def test_translations_keep_the_placeholders(catalog):
    """Each translation has the same placeholders and the same tags as its message."""
    parts = re.compile(r"%\(\w+\)s|</?\w+")
    for message in catalog:
        if not message.id:
            continue
        many = message.id if isinstance(message.id, str) else message.id[1]
        strings = [message.string] if isinstance(message.string, str) else message.string
        for string in strings:
            assert sorted(parts.findall(string)) == sorted(parts.findall(many)), many


@pytest.mark.parametrize(
    ("words", "codes"),
    [(CLASSES, ClassLabel), (CLASS_SENTENCES, ClassLabel), (UNATTRIBUTED, Unattributed), (TABLES, TableKind),
     (ROLES, Role), (DOUBTS, Doubt), (DOUBT_SENTENCES, Doubt), (MEDIANS, MedianStatus),
     (BREAKS, Break), (CHOICES, SensitivityChoice), (CHOICE_SENTENCES, SensitivityChoice)],
)  # fmt: skip
def test_every_code_of_the_model_has_words(words, codes):
    """No closed set of the model has a value that pages would show as a bare code."""
    assert set(words) == {code.value for code in codes}


def test_a_code_without_words_is_shown_as_it_is():
    """A value that a later method brings is shown, not lost."""
    assert phrase(texts("nl"), CLASSES, "brand-new") == "brand-new"
    assert phrase(texts("nl"), CLASSES, None) == "niet vastgesteld"


@pytest.mark.parametrize(
    ("share", "english", "dutch"),
    [(0.125, "12.5%", "12,5%"), (0.0, "0.0%", "0,0%"), (1.0, "100.0%", "100,0%"), (0.9999, ">99.9%", ">99,9%"),
     (0.0001, "<0.1%", "<0,1%"), (None, "not known", "niet vastgesteld")],
)  # fmt: skip
def test_shares_never_round_to_none_or_all(share, english, dutch):
    """A share is written by the language's rules, and 0% or 100% only when it is exactly that."""
    assert Formats(texts("en")).percent(share) == english
    assert Formats(texts("nl")).percent(share) == dutch


def test_ranges_durations_and_days_are_words():
    """Ranges with equal ends are one figure; one hour is singular; a day that is no date stays as it is."""
    en, nl = Formats(texts("en")), Formats(texts("nl"))
    assert en.percents(0.5, 0.75) == "50.0% to 75.0%"
    assert nl.percents(0.5, 0.5) == "50,0%"
    assert (en.hours(1.0), en.hours(1.5), nl.hours(24.0)) == ("1 hour", "1.5 hours", "24 uur")
    assert (en.iso_day("2026-01-31"), nl.iso_day("2026-01-31")) == ("31 January 2026", "31 januari 2026")
    assert (en.iso_day("soon"), en.iso_day("")) == ("soon", "not known")
    assert nl.norm(Norm(NoticeKind.ORDER, 1.0, 1.0)) == "binnen 1 uur na het bevel"
    assert nl.target(0.8) == "80%"


def test_differences_have_a_sign_and_open_ends_are_said():
    """Points with plus or minus, no sign at zero; the unit of a range once; "or more" where there is no upper end."""
    en, nl = Formats(texts("en")), Formats(texts("nl"))
    assert (en.points(0.0821), en.points(-0.47), en.points(0.0001)) == ("+8.2 points", "−47.0 points", "0.0 points")
    assert nl.points_range(-0.012, 0.1) == "−1,2 tot +10,0 procentpunt"
    assert (en.points(None), en.points_range(None, None)) == ("not known", "not known")
    assert (en.hours_range(1.5, 3.0), en.hours_range(2.0, 2.0)) == ("1.5 to 3 hours", "2 hours")
    assert (en.hours_range(2.0, None), nl.hours_range(None, 2.0)) == ("2 hours or more", "ten hoogste 2 uur")
    assert (en.short_numbers(3, 7), en.short_numbers(4, 4)) == ("3–7", "4")
