"""The release as a web of pages: every page is found from the first one, and every link leads somewhere."""

import re
from html.parser import HTMLParser
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

import pytest

from tests.publication.browser import LANGUAGES, corrected

FOREIGN = {
    "en": re.compile(r"\b(het|een|niet|wordt|zijn)\b", re.I),
    "nl": re.compile(r"\b(the|and|which|with)\b", re.I),
}
"""Words of the other language that no page may hold outside a part marked as such."""
VOID = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}


class Reading(HTMLParser):
    """What one page holds: links, anchors, headings, tables, and its text outside parts in another language."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.images: list[dict[str, str | None]] = []
        self.headers: list[dict[str, str | None]] = []
        self.tables = self.captions = 0
        self.languages: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        values = dict(pairs)
        self.ids += [values["id"]] if values.get("id") else []
        self.links += [(values[name], values) for name in ("href", "src") if values.get(name)]
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.images += [values] if tag == "img" else []
        self.headers += [values] if tag == "th" else []
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag not in VOID:
            inherited = self.languages[-1][1] if self.languages else ""
            self.languages.append((tag, values.get("lang") or inherited))

    def handle_endtag(self, tag: str) -> None:
        while self.languages and self.languages.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.languages and self.languages[0][1] == self.languages[-1][1]:
            inside = {tag for tag, _ in self.languages}
            self.words += [] if inside & {"style", "script", "code"} else [data]


@pytest.fixture(scope="module")
def files(published_final, heard, tmp_path_factory) -> dict[str, bytes]:
    """Every file of the hand-made final release as a correction, which has every page that there is."""
    folder = corrected(published_final, heard, tmp_path_factory.mktemp("walked") / "release")
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def readings(files) -> dict[str, Reading]:
    return {path: Reading(body.decode()) for path, body in files.items() if path.endswith(".html")}


def target(page: str, link: str) -> tuple[str, str]:
    """The file below the release's root that a link leads to, and its anchor."""
    parts = urlsplit(link)
    assert not parts.scheme, (page, link)
    assert not parts.netloc, (page, link)
    return normpath(join(dirname(page), unquote(parts.path))) if parts.path else page, parts.fragment


def test_every_link_leads_to_a_file_and_an_anchor_of_the_release(files, readings):
    """No link leaves the release, none is dead, and each anchor exists on the page it names."""
    dead = []
    for page, reading in readings.items():
        for link, _ in reading.links:
            path, anchor = target(page, link)
            if path not in files or (anchor and anchor not in readings[path].ids):
                dead.append((page, link))
    assert dead == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_found_from_the_first_in_its_own_language(readings, language):
    """Who starts at the index and never changes language comes to each page of that language."""
    below = "" if language == "en" else f"{language}/"
    of_language = {path for path in readings if path.startswith("nl/") == (language == "nl")}
    found, new = set(), {below + "index.html"}
    while new:
        found |= new
        new = {target(page, link)[0] for page in new for link, _ in readings[page].links} & of_language - found
    assert found == of_language


def test_the_language_switch_leads_to_the_same_page(readings):
    """Each page links to itself in the other language, marked with that language, and back."""
    for page, reading in readings.items():
        other = page.removeprefix("nl/") if page.startswith("nl/") else f"nl/{page}"
        switches = [(target(page, link)[0], values) for link, values in reading.links if values.get("hreflang")]
        assert [path for path, values in switches if values.get("lang")] == [other], page


def test_headings_form_an_outline(readings):
    """A page has one h1, which comes first, and no level is skipped on the way down."""
    for page, reading in readings.items():
        assert reading.headings.count(1) == 1, page
        assert reading.headings[0] == 1, page
        steps = zip(reading.headings, reading.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), (page, reading.headings)


def test_tables_have_captions_and_their_headers_a_scope(readings):
    """A screen reader can say what a table is and which headers a cell has."""
    for page, reading in readings.items():
        assert reading.captions == reading.tables, page
        assert all(header.get("scope") for header in reading.headers), page


def test_pictures_have_words_and_no_id_is_used_twice(readings):
    """Each picture has a text in its place, and each id one element."""
    for page, reading in readings.items():
        assert all(image.get("alt") for image in reading.images), page
        assert len(reading.ids) == len(set(reading.ids)), page


def test_what_is_in_another_language_says_so(named, readings):
    """Outside parts marked with a language, English pages hold no Dutch sentences and Dutch pages no English ones.

    What an organisation calls itself and its rules is a name, in whichever language it is.
    """
    names = {text for mandate in named.method.mandates for text in (mandate.contact, mandate.legal_basis)}
    found = []
    for page, reading in readings.items():
        foreign = FOREIGN["nl" if page.startswith("nl/") else "en"]
        found += [(page, text.strip()) for text in reading.words if foreign.search(text) and text not in names]
    assert found == []
