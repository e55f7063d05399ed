"""A picture of every page type at three widths in both languages, for people to look at: `make screens`.

In: the hand-made release, or the one whose folder MONITOR_SCREENS_OF names. Out: PNG files in the folder that
MONITOR_SCREENS names, else in pytest's own.
"""

import os
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError

from monitor.publication import chart_style
from tests.publication.browser import LANGUAGES, corrected, launched, paths, served, visits

WIDTHS = (360, 768, 1600)
TEXT, GRAPHICS = 4.5, 3.0  # WCAG 1.4.3 and 1.4.11


@pytest.fixture(scope="module")
def folder(request, tmp_path_factory) -> Path:
    """The release to look at; the hand-made one is only made where no other is named."""
    if other := os.environ.get("MONITOR_SCREENS_OF"):
        return Path(other)
    published_final, heard = request.getfixturevalue("published_final"), request.getfixturevalue("heard")
    return corrected(published_final, heard, tmp_path_factory.mktemp("looked-at") / "release")


@pytest.fixture(scope="module")
def browser():
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    folder = os.environ.get("MONITOR_SCREENS")
    made = Path(folder) if folder else tmp_path_factory.mktemp("screens")
    made.mkdir(parents=True, exist_ok=True)
    return made


def size(picture: Path) -> tuple[int, int]:
    """Width and height as the PNG's header has them."""
    return struct.unpack(">II", picture.read_bytes()[16:24])


def take(page, picture: Path) -> None:
    """Chromium now and then cannot take the picture of a long page while the machine is busy: once more, then."""
    try:
        page.screenshot(path=picture, full_page=True)
    except PlaywrightError:
        page.wait_for_timeout(2000)
        page.screenshot(path=picture, full_page=True)


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_type_has_its_picture(folder, browser, pictures, language, width):
    """The picture of a page is as wide as the window and shows the page to its end."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    with served(folder) as address:
        for path in visits(page, address, paths(folder, language), pictures=True):
            name = path.removeprefix("nl/").removesuffix(".html").replace("/", "-")
            picture = pictures / f"{name}-{language}-{width}.png"
            take(page, picture)
            wide, high = size(picture)
            assert (wide, high) == (width, page.evaluate("document.documentElement.scrollHeight")), path
    page.close()


def luminance(colour: str) -> float:
    """WCAG's relative luminance of #rrggbb."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(colour: str, ground: str = "#ffffff") -> float:
    light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["INK", "SOFT", "ACCENT", "NORM"])
def test_texts_in_charts_stand_out_from_the_paper(name):
    """Every colour in which a chart writes has the contrast that text needs on white."""
    assert contrast(getattr(chart_style, name)) >= TEXT


@pytest.mark.parametrize("class_", ["meets", "below", "not-proven"])
def test_marks_of_a_judgement_stand_out_from_the_paper(class_):
    """A mark that carries a judgement has the contrast that graphics need on white."""
    assert contrast(chart_style.COLOURS[class_]) >= GRAPHICS


def test_judgements_differ_in_shape_as_well_as_in_colour():
    """Who sees no colour tells the judgements apart by their marks."""
    assert len(set(chart_style.MARKERS.values())) == len(chart_style.MARKERS) == len(chart_style.COLOURS)
