"""WCAG 2.2 AA on every page type in both languages, as far as a program can tell.

What would surprise: it stands apart from `test_browser.py` because axe takes as long as everything there together, and
a file of tests is what one process takes at a time.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.publication.browser import LANGUAGES, corrected, launched, paths, served, visits

AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],  # of what passes one place each, not every element of every page
}


@pytest.fixture(scope="module")
def folder(published_final, heard, tmp_path_factory):
    """The hand-made final release as a correction, which has every page that there is."""
    return corrected(published_final, heard, tmp_path_factory.mktemp("looked-at") / "release")


@pytest.fixture(scope="module")
def page():
    with launched() as chromium:
        yield chromium.new_page()


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [360, 1600])
def test_axe_finds_no_barrier(folder, page, language, width):
    """axe-core reports no violation of WCAG 2.2 A and AA, nor of its best practices, on any page type."""
    page.set_viewport_size({"width": width, "height": 800})
    axe, found = Axe(), []
    with served(folder) as address:
        for path in visits(page, address, paths(folder, language)):
            report = axe.run(page, options=AXE).response
            assert {"color-contrast", "target-size"} <= {rule["id"] for rule in report["passes"]}, path
            found += [(path, rule["id"], rule["nodes"][0]["html"]) for rule in report["violations"]]
    assert found == []
