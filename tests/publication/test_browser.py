"""Every page type in both languages in a real browser: sizes, keyboard, no script, contrast themes, and on paper."""

import re

import pytest

from tests.publication.browser import LANGUAGES, corrected, launched, paths, served, visits

WIDTHS = (320, 360, 640, 768, 1280, 1600)  # 320 is 1280 at 400%, 640 is 1280 at 200%
CUT_OFF = """() => {
    const hidden = element => element.clientWidth <= 1 || element.closest('thead')?.clientWidth <= 1;  // heard only
    const shown = element => element.checkVisibility() && !hidden(element) && element.innerText?.trim();
    const cut = element => {
        const style = getComputedStyle(element);
        const hides = /hidden|clip/;
        return (hides.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
            || (hides.test(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
            || style.textOverflow === 'ellipsis';
    };
    return [...document.querySelectorAll('html, body, body *')]
        .filter(element => shown(element) && cut(element)).map(element => element.outerHTML.slice(0, 120));
}"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
STOPS = """() => {
    const reached = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
    const stops = [...document.querySelectorAll(reached)].filter(element => element.checkVisibility());
    stops.forEach((element, n) => { element.dataset.stop = n; });
    return stops.length;
}"""
WHERE = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    const boxes = [...element.getClientRects()];
    const seen = boxes.some(box => box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth);
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return {stop: Number(element.dataset.stop ?? -1), seen, ring, html: element.outerHTML.slice(0, 120)};
}"""
UNREACHED_BOXES = """() => [...document.querySelectorAll('body *')].filter(element =>
    /auto|scroll/.test(getComputedStyle(element).overflowX)
    && element.scrollWidth > element.clientWidth + 1 && element.tabIndex < 0).map(element => element.className)"""
TOO_WIDE = """[...document.querySelectorAll('.box')]
    .filter(box => box.firstElementChild.scrollWidth > box.parentElement.clientWidth + 1)
    .map(box => box.getAttribute('aria-label'))"""

ICON = "icon.svg"  # Chromium gives up on it when the next page is opened first; a response of it is looked at
BROKEN = "[...document.images].filter(image => image.naturalWidth === 0).map(image => image.src)"

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("language", LANGUAGES)]


@pytest.fixture(scope="module")
def browser():
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def folder(published_final, heard, tmp_path_factory):
    """The hand-made final release as a correction, which has every page that there is."""
    return corrected(published_final, heard, tmp_path_factory.mktemp("looked-at") / "release")


@pytest.fixture(scope="module")
def address(folder):
    with served(folder) as root:
        yield root


@pytest.fixture
def page(browser):
    """A window of 1280 px, closed again."""
    window = browser.new_page(viewport={"width": 1280, "height": 800})
    yield window
    window.close()


def misfits(page) -> list[str]:
    """What does not fit: the page itself, or the beginning of an element whose text its own box hides."""
    wide = page.evaluate(WIDER)
    return [*([f"{wide} px too wide"] if wide > 0 else []), *page.evaluate(CUT_OFF)]


def test_no_page_scrolls_sideways_or_cuts_text_off(folder, page, address, language):
    """From 320 px (400% zoom) to 1600 px no page is wider than its window and no text is hidden by its own box."""
    found: list[object] = []
    for path in visits(page, address, paths(folder, language)):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            found += [(path, width, what) for what in misfits(page)]
    assert found == []


def test_larger_and_wider_set_text_stays_readable(folder, page, address, language):
    """With text alone at 200%, and with the spacing that WCAG 1.4.12 lets readers ask for, the page still fits."""
    found: list[object] = []
    for path in visits(page, address, paths(folder, language)):
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        found += [(path, "200% text", what) for what in misfits(page)]
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size({"width": 360, "height": 800})
        page.add_style_tag(content=SPACED)
        found += [(path, "spaced", what) for what in misfits(page)]
        page.set_viewport_size({"width": 1280, "height": 800})
    assert found == []


def test_pages_ask_only_for_their_own_files(folder, page, address, language):
    """No request fails or leaves the host, no picture is broken, and no error is logged."""
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: None if request.url.endswith(ICON) else problems.append(request.url))
    page.on("request", lambda request: None if request.url.startswith(address) else problems.append(request.url))
    page.on("response", lambda response: None if response.status < 400 else problems.append(response.url))
    for _ in visits(page, address, paths(folder, language), pictures=True):
        problems += page.evaluate(BROKEN)
    assert problems == []


def test_the_skip_link_is_first_and_leads_to_the_content(page, address, language):
    """The first tab stop becomes visible and moves the reader past the menu."""
    page.goto(address + ("" if language == "en" else f"{language}/"))
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "#content"
    assert page.locator(":focus").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_tab_reaches_everything_in_reading_order(folder, page, address, language):
    """Tab visits each link and control once, in the order of the page, in sight and with a ring; then it leaves."""
    page.set_viewport_size({"width": 360, "height": 800})
    for path in visits(page, address, paths(folder, language)):
        for stop in range(page.evaluate(STOPS)):
            page.keyboard.press("Tab")
            here = page.evaluate(WHERE)
            assert (here["stop"], here["seen"], here["ring"]) == (stop, True, True), (path, stop, here)
        page.keyboard.press("Tab")
        assert page.evaluate(WHERE)["stop"] in {-1, 0}, path


def test_what_scrolls_sideways_can_be_scrolled_with_the_keyboard(folder, page, address, language):
    """Each table or chart that is wider than its box can be focused, on a telephone, a tablet and a desk."""
    for path in visits(page, address, paths(folder, language)):
        for width in (360, 768, 1600):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(UNREACHED_BOXES) == [], (path, width)


def test_nothing_is_lost_without_script(folder, browser, page, address, language):
    """Every word of a page is there in a browser that runs no script."""
    bare = browser.new_context(java_script_enabled=False).new_page()
    for path in visits(page, address, paths(folder, language)):
        bare.goto(address + path, wait_until="load")
        scripted = set(page.locator("main").inner_text().split())
        assert set(bare.locator("main").inner_text().split()) <= scripted, path
        assert bare.locator("main").inner_text().count("\n") > 5, path
        assert bare.locator("tr").count() == page.locator("tr").count(), path
    bare.context.close()


def test_forced_colours_and_reduced_motion_keep_everything(folder, page, address, language):
    """In Windows' contrast themes every word stays and the focus keeps its ring; nothing moves on its own."""
    for path in visits(page, address, paths(folder, language)):
        page.emulate_media(forced_colors="none")
        plain = page.locator("body").inner_text()
        page.emulate_media(forced_colors="active", reduced_motion="reduce")
        assert page.locator("body").inner_text() == plain, path
        assert page.evaluate("document.getAnimations().length") == 0, path
        page.keyboard.press("Tab")
        assert page.evaluate(WHERE)["ring"], path


def test_print_has_every_column_on_the_paper(folder, page, address, language):
    """On A4 no table is wider than the page, and what a page says above its heading is on paper too."""
    page.set_viewport_size({"width": 690, "height": 1000})
    page.emulate_media(media="print")
    for path in visits(page, address, paths(folder, language)):
        assert page.evaluate(TOO_WIDE) == [], path
        assert page.evaluate(CUT_OFF) == [], path
        assert page.locator(".mark").first.is_visible(), path


def test_the_summary_prints_on_a_few_sheets(page, address, language):
    """The index and a Provider's page fit on a handful of A4 sheets each."""
    for name in ("index.html", "providers/as64498.html"):
        page.goto(address + ("" if language == "en" else f"{language}/") + name, wait_until="load")
        sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
        assert 1 < sheets <= 8, (name, sheets)
