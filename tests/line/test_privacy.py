"""The data protection page: made from the settings, completed by a person, and kept on the next generation."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from monitor.config import Settings
from monitor.privacy import KeyFacts, page
from monitor.store.key_file import KeyRole

CONFIG = """[mandate]
organisation = "Voorbeeldautoriteit"
legal_basis = "artikel 1 van een voorbeeld"
[retention]
url = "18 months"
[sources.hotline]
live = true
[database]
busy_seconds = 5
"""
SAID = "Voorbeeldautoriteit, Voorbeeldplein 1; KvK 00000000 <b>& co</b>"


class _Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def _fill_in(path: Path, key: str, text: str) -> None:
    begins, rest = path.read_text(encoding="utf-8").split(f"<!-- field {key} -->\n")
    path.write_text(f"{begins}<!-- field {key} -->\n{text}\n{rest[rest.index('<!-- end of field -->') :]}", "utf-8")


@pytest.fixture
def monitor(make: Any) -> Any:
    return make("privacy", CONFIG)


def test_the_page_says_what_the_settings_say_in_both_languages(monitor: Any) -> None:
    """Terms, mandate, sources; what no setting says is an open field or said to be missing."""
    made = monitor.json("privacy", "page")
    text = Path(made["path"]).read_text(encoding="utf-8")
    assert "Voorbeeldautoriteit" in text and "artikel 1 van een voorbeeld" in text
    assert "18 maanden" in text and "18 months" in text
    assert "nog niet vastgesteld" in text and "not decided yet" in text
    assert text.index("# Gegevensbescherming") < text.index("# Data protection")
    assert made["open"] == made["fields"] and text.count("**INVULLEN**") == text.count("**FILL IN**")
    assert len(made["fields"]) == text.count("**INVULLEN**") + text.count("**FILL IN**") > 15


@pytest.mark.parametrize("role", KeyRole)
def test_whose_key_file_it_is_is_said_in_words_of_the_page_s_language(role: KeyRole) -> None:
    """A reader of the Dutch page meets no word of the program's own."""
    said = str(page(Settings(), KeyFacts(role.value, ()), "nl"))
    assert "sleutelbestand" in said or "kopie voor onderzoek" in said
    assert not re.search(rf"\b({'|'.join(each.value for each in KeyRole)})\b", said)


def test_a_get_of_one_byte_stands_on_the_page_where_the_mandate_permits_it(monitor: Any) -> None:
    """Without it, nothing but headers is asked for."""
    text = Path(monitor.json("privacy", "page")["path"]).read_text(encoding="utf-8")
    assert "(HEAD). Wat een server" in text and "1 byte" not in text and "one byte" not in text
    settings = monitor.data / "monitor.toml"
    settings.write_text(settings.read_text("utf-8").replace("[mandate]", "[mandate]\npermit_get = true"), "utf-8")
    text = Path(monitor.json("privacy", "page", "--update")["path"]).read_text(encoding="utf-8")
    assert "ten hoogste 1 byte" in text and "one byte at most" in text


def test_what_was_filled_in_is_kept_on_the_next_generation(monitor: Any) -> None:
    """Also when a setting changed; the rest of the page is new, and the HTML shows it as text."""
    made = monitor.json("privacy", "page")
    path = Path(made["path"])
    _fill_in(path, "nl.controller", SAID)
    ran = monitor.run("privacy", "page")
    assert (ran.status, SAID in path.read_text(encoding="utf-8")) == (2, True)
    toml = monitor.data / "monitor.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("18 months", "5 years"), encoding="utf-8")
    again = monitor.json("privacy", "page", "--update")
    text = path.read_text(encoding="utf-8")
    assert SAID in text and "5 jaar" in text and "18 maanden" not in text
    assert again["kept"] == ["nl.controller"] and set(again["open"]) == set(made["open"]) - {"nl.controller"}
    html = Path(again["html"]).read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp; co&lt;/b&gt;" in html and "<b>" not in html


def test_a_field_that_this_version_does_not_know_is_not_dropped_in_silence(monitor: Any) -> None:
    """Nothing is written then."""
    path = Path(monitor.json("privacy", "page")["path"])
    kept = path.read_text(encoding="utf-8") + "\n<!-- field nl.extra -->\nvan vroeger\n<!-- end of field -->\n"
    path.write_text(kept, encoding="utf-8")
    assert monitor.run("privacy", "page", "--update").status == 2
    assert path.read_text(encoding="utf-8") == kept


def test_the_html_asks_no_host_and_can_be_read_aloud(monitor: Any) -> None:
    """No script, image, link or import elsewhere; a language on each part, headers on each table."""
    html = Path(monitor.json("privacy", "page")["html"]).read_text(encoding="utf-8")
    tags = _Tags()
    tags.feed(html)
    assert not {tag for tag, _ in tags.found} & {"script", "img", "link", "iframe", "object", "form"}
    assert "://" not in html and "url(" not in html and "@import" not in html
    links = [said.get("href") for tag, said in tags.found if tag == "a"]
    assert links == ["#nl", "#en"]
    assert [said["lang"] for tag, said in tags.found if tag == "section"] == ["nl", "en"]
    assert all(said.get("scope") in {"col", "row"} for tag, said in tags.found if tag == "th")
    assert sum(tag == "caption" for tag, _ in tags.found) == sum(tag == "table" for tag, _ in tags.found) > 4


def test_with_a_store_the_page_says_who_was_handed_a_key_file(copy: Any, tmp_path: Path) -> None:
    """Day, role and by whom; no key, URL or host."""
    assert copy.run("keys", "role", "operator", "--out", tmp_path / "op.key", "--by", "Jo Tester").status == 0
    text = Path(copy.json("privacy", "page")["path"]).read_text(encoding="utf-8")
    assert "keys role operator | Jo Tester" in text and "hotline" in text
    assert "alpha.example" not in text


def test_a_page_that_was_filled_in_goes_along_in_a_backup_and_in_a_bundle(copy: Any, make: Any) -> None:
    """The officer's words are on the machine that a backup is restored on, and on that of who takes over."""
    page = Path(copy.json("privacy", "page")["path"])
    page.write_text(page.read_text(encoding="utf-8") + "\n<!-- marked -->\n", encoding="utf-8")
    backup, bundle = copy.cwd / "a.backup", copy.cwd / "a.bundle"
    copy.json("backup", backup)
    copy.json("handover", "export", bundle)
    restored, taken = make("restored"), make("taken")
    restored.json("restore", backup, "--key", copy.data / "monitor.key")
    taken.json("handover", "import", bundle)
    for there in (restored, taken):
        found = there.data / page.relative_to(copy.data)
        assert found.read_bytes() == page.read_bytes()
