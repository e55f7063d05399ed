"""Every page type in a real browser: no sideways scrolling, nothing fails, nothing that axe-core finds."""

import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PAGES = (
    "index.html",
    "sensitivity.html",
    "providers/{id}.html",
    "methodology.html",
    "limits.html",
    "tables/codebook.html",
)
AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
TOO_WIDE = """[...document.querySelectorAll('.box')]
    .filter(box => box.firstElementChild.scrollWidth > box.parentElement.clientWidth + 1)
    .map(box => box.getAttribute('aria-label'))"""

pytestmark = pytest.mark.browser


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class has
        """Tests print nothing."""


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium; missing it is a failure in CI and a named skip elsewhere."""
    if not CHROMIUM.exists():
        message = "chromium is not installed: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(published):
    """The release behind a web server on loopback, as readers meet it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(published.path)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def paths() -> list[str]:
    english = [page.format(id="as64498") for page in PAGES] + ["providers/as64497.html"]
    return [*english, *(f"nl/{page}" for page in english)]


@pytest.mark.parametrize("width", [360, 1600])
def test_pages_fit_their_window_and_ask_only_for_their_own_files(browser, address, width):
    """At 360 and 1600 px no page scrolls sideways, no request fails or leaves the host, no error is logged."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: problems.append(f"failed {request.url}"))
    page.on("request", lambda request: None if request.url.startswith(address) else problems.append(request.url))
    page.on("response", lambda response: None if response.status < 400 else problems.append(response.url))
    for path in paths():
        page.goto(address + path, wait_until="load")
        page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (path, width)
    assert problems == []
    page.close()


@pytest.mark.parametrize("width", [360, 1600])
def test_axe_finds_no_barrier(browser, address, width):
    """axe-core reports no violation of WCAG 2 A and AA on any page type in either language."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    axe = Axe()
    for path in paths():
        page.goto(address + path, wait_until="load")
        report = axe.run(page, options=AXE).response
        assert "color-contrast" in {rule["id"] for rule in report["passes"]}, path
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in report["violations"]] == [], path
    page.close()


def test_keyboard_reaches_the_content_and_shows_where_it_is(browser, address):
    """The first tab stop is the skip link, it becomes visible, and it leads to the content."""
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    box = page.locator(":focus").bounding_box()
    assert page.locator(":focus").inner_text() == "Skip to the content"
    assert box["x"] >= 0
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.close()


def test_print_has_every_column_on_the_paper(browser, address):
    """On A4 no table is wider than the page."""
    page = browser.new_page(viewport={"width": 690, "height": 1000})
    page.emulate_media(media="print")
    for path in paths():
        page.goto(address + path, wait_until="load")
        cut = page.evaluate(TOO_WIDE)
        assert cut == [], path
    page.close()
