"""What stands alike on an English page or chart and on its Dutch twin is data, or is spelt alike in both languages.

A message that has no translation is found in the catalogue (test_texts); here a word is found that never was a
message: typed into a template, an attribute, a style sheet or a chart.
"""

import re
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files as resources

import pytest
from babel.messages.pofile import read_po

from monitor.publication.codebook import NOTES, TABLE_WORDS

READ_ALOUD = ("alt", "title", "aria-label", "aria-description", "placeholder", "data-label", "data-ascending",
              "data-descending", "data-count")  # fmt: skip
FORMATS = ("SHA-256", "manifest.json", "CSV", "JSON", "Parquet", "PNG", "SVG")
TYPES = ("array", "boolean", "date", "integer", "number", "string")  # of a Data Package
VOID = ("meta", "link", "img", "input", "br", "hr", "path", "rect", "circle", "line")


class Words(HTMLParser):
    """The texts of a page, in what is shown and in what is read aloud; not code, and not what is marked as foreign."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.within: list[bool] = []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag not in VOID:
            self.within.append(tag in ("code", "style") or ("lang" in values and tag != "html"))
        self.found.update(values[name] for name in READ_ALOUD if values.get(name))
        if values.get("name") == "description":
            self.found.add(values["content"])

    def handle_startendtag(self, tag, attrs):
        """Drawings, which hold no words."""

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.within.pop()

    def handle_data(self, data):
        if not any(self.within):
            self.found.add(" ".join(data.split()))


@pytest.fixture(scope="module")
def alike(named):
    """A pattern of what may be alike: names and other data, formats, and messages that Dutch spells as English does."""
    path = resources("monitor.publication") / "locale" / "nl" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as source:
        same = [m.id for m in read_po(source, locale="nl") if m.id and m.id == m.string]
    messages = [re.sub(r"%\\\(\w+\\\)s", r"[\\d.,%]+", re.escape(message)).replace("%%", "%") for message in same]
    cards = [card for ranking in (named.ranking, named.proxies) if ranking for card in ranking.scorecards]
    mandates = [*named.method.mandates, *filter(None, [named.method.configured])]
    configured = {words for each in mandates for words in (each.organisation, each.legal_basis, each.contact)}
    configured |= {named.contact, named.ranking.norm.basis, named.ranking.norm.set_by}
    data = {named.ranking.freeze, named.ranking.method, *(card.provider for card in cards), *(configured - {""})}
    tables = [rf"{name}(?:\.csv)?" for name in (*NOTES, *TABLE_WORDS)]
    known = sorted([*messages, *map(re.escape, data | {*TYPES, *FORMATS}), r"AS\d+", *tables], key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(known)})(?!\w)", re.IGNORECASE)


def _typed(texts: set[str], alike: re.Pattern[str]) -> list[str]:
    return sorted(text for text in texts if re.search(r"[^\W\d_]{2}", alike.sub("", text)))


def test_no_word_of_a_page_is_the_same_in_both_languages(named_files, alike):
    """Texts, and what a screen reader says of pictures, tables and regions."""
    twins = [name for name in named_files if name.endswith(".html") and f"nl/{name}" in named_files]
    assert len(twins) > 15
    for name in twins:
        both = Words(named_files[name]).found & Words(named_files[f"nl/{name}"]).found
        assert _typed(both, alike) == [], name


def test_no_word_of_a_chart_is_the_same_in_both_languages(named_files, alike):
    """Titles, axes, legends and labels; a name that was cut to fit ends in three dots."""
    charts = [name for name in named_files if name.endswith("-en.svg")]
    assert len(charts) > 7
    for name in charts:
        both = _drawn(named_files[name]) & _drawn(named_files[name.replace("-en.", "-nl.")])
        assert _typed(both, alike) == [], name


def _drawn(chart: bytes) -> set[str]:
    text = chart.decode()
    found = re.findall(r"<!-- (.*?) -->", text) + re.findall(r"<(?:text|tspan|title|desc)[^>]*>([^<]+)", text)
    return {unescape(words) for words in found if not words.endswith("…")}


def test_the_style_sheet_says_no_words(named_files):
    """A word in `content`, written out or escaped, would be shown in every language alike."""
    for words in re.findall(r'content:\s*"([^"]*)"', named_files["assets/style.css"].decode()):
        read = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda escaped: chr(int(escaped[1], 16)), words)
        assert not re.search(r"[^\W\d_]", read)
