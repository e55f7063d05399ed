"""Sorting and filtering of the tables on the first page, in a real browser."""

import pytest

from monitor.model.scorecard import Scorecard
from monitor.publication.shown import shown
from monitor.publication.site import pages
from tests.publication.browser import LANGUAGES, launched, served

ORDER = {"below": 0, "not-proven": 1, "meets": 2}
RANKED = {
    0: lambda card: card.rank,
    2: lambda card: ORDER[card.class_],
    4: lambda card: card.within_norm,
    5: lambda card: card.within_norm_worst,
    6: lambda card: card.n_notices,
    7: lambda card: card.n_episodes,
    8: lambda card: card.exposure_hours_high,
}
"""What each column that can be sorted shows; column 1 holds names."""
SORTED = "#ranking-tools + .box tbody tr th"
UNRANKED = "#unranked-tools + .box tbody tr"

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("language", LANGUAGES)]


@pytest.fixture(scope="module")
def browser():
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def cards(named) -> list[Scorecard]:
    """Those with a rank, as the page shows them."""
    return list(shown(named).network.ranked)


@pytest.fixture(scope="module")
def address(named, tmp_path_factory):
    """Pages of the hand-made release without its charts."""
    folder = tmp_path_factory.mktemp("sorted")
    for name, data in pages(shown(named)).items():
        if name.endswith(("index.html", ".css", ".js", ".svg")):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
    with served(folder) as root:
        yield root


@pytest.fixture
def page(browser, address, language):
    window = browser.new_page(viewport={"width": 1400, "height": 900})
    window.goto(address + ("" if language == "en" else "nl/") + "index.html")
    yield window
    window.close()


def names(page, rows=SORTED) -> list[str]:
    """Of the rows that are in sight, from top to bottom; a second line of a cell is a country."""
    return [text.split("\n")[0] for text in page.locator(rows).locator("visible=true").all_inner_texts()]


def header(page, column):
    return page.locator(f"#ranking-tools + .box th[data-column='{column}']")


def test_every_column_sorts_both_ways_by_its_value(page, cards, language):
    """Rank, judgement, shares and counts, up and down; what is equal stays in the published order."""
    for column, value in RANKED.items():
        if column == 0:
            header(page, 4).get_by_role("button").click()
        for direction, reverse in (("ascending", False), ("descending", True)):
            header(page, column).get_by_role("button").click()
            wanted = sorted(cards, key=lambda card: value(card) * (-1 if reverse else 1))
            assert names(page) == [card.provider for card in wanted], (column, direction)
            assert header(page, column).get_attribute("aria-sort") == direction
            assert page.locator("#ranking-tools + .box [aria-sort]").count() == 1
            assert (
                header(page, column).get_by_role("button").inner_text() in page.get_by_role("status").first.inner_text()
            )


def test_names_sort_as_the_language_sorts_them(page, cards, language):
    """Letters decide before signs and capitals; the second press turns the order round."""
    header(page, 1).get_by_role("button").click()
    up = names(page)
    header(page, 1).get_by_role("button").click()
    assert sorted(up) == sorted(card.provider for card in cards)
    assert names(page) == up[::-1]
    plain = [name for name in up if name[0].isalpha()]
    assert plain == sorted(plain, key=str.casefold)


def test_what_is_not_known_and_the_row_of_others_stay_last(page, language):
    """A cell without a value goes below every figure whichever way the table is sorted, and "other" below that."""
    last = page.locator(f"{UNRANKED} >> nth=-1").inner_text()
    for _ in range(2):
        page.locator("#unranked-tools + .box th[data-column='6'] button").click()
        assert page.locator(f"{UNRANKED} >> nth=-1").inner_text() == last
    page.evaluate("document.querySelector('#ranking-tools + .box tbody tr').cells[4].removeAttribute('data-value')")
    unknown = names(page)[0]
    for _ in range(2):
        header(page, 4).get_by_role("button").click()
        assert names(page)[-1] == unknown


def test_the_filter_finds_by_name_country_and_judgement(page, cards, language):
    """Every word has to be found, capitals and accents do not count, and the number of rows is announced."""
    field, status = page.get_by_role("searchbox").first, page.get_by_role("status").first
    assert status.inner_text() == ""
    field.fill("COOPERATIEF onderwijs")
    assert names(page) == [card.provider for card in cards if "Coöperatief" in card.provider]
    assert "1" in status.inner_text() and str(len(cards)) in status.inner_text()
    field.fill("Netherlands" if language == "en" else "nederland")
    assert names(page) == [card.provider for card in cards if card.country == "NL"]
    field.fill("meets" if language == "en" else "voldoet")
    assert names(page) == [card.provider for card in cards if card.class_ == "meets"]
    field.fill("no such provider")
    assert names(page) == []
    field.fill("")
    assert names(page) == [card.provider for card in cards]


def test_all_of_it_works_with_the_keyboard_alone(page, cards, language):
    """Tab goes from the filter to the first header; Enter and the space bar sort, and the focus stays there."""
    page.get_by_role("searchbox").first.focus()
    for _ in range(3):  # the box that scrolls, the header of the rank, that of the name
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    up = names(page)
    page.keyboard.press("Space")
    assert names(page) == up[::-1]
    assert page.evaluate("document.activeElement.parentElement.dataset.column") == "1"


def test_a_narrow_window_sorts_by_a_list(page, cards, language):
    """Where a row is a card and no header is in sight, a list and a button do the same."""
    page.set_viewport_size({"width": 360, "height": 800})
    assert not header(page, 4).get_by_role("button").is_visible()
    tools = page.locator("#ranking-tools")
    tools.get_by_role("combobox").select_option(index=4)
    wanted = [card.provider for card in sorted(cards, key=lambda card: card.within_norm)]
    assert names(page) == wanted
    tools.get_by_role("button").click()
    assert names(page) == wanted[::-1]
    tools.get_by_role("combobox").select_option(index=0)
    assert names(page) == [card.provider for card in cards]


def test_paper_shows_the_table_as_it_was_published(page, cards, language):
    """Every row in the published order, whatever the screen shows; and the screen is as it was afterwards."""
    header(page, 7).get_by_role("button").click()
    page.get_by_role("searchbox").first.fill("e")
    seen = names(page)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert names(page) == [card.provider for card in cards]
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert names(page) == seen != [card.provider for card in cards]


def test_it_runs_under_a_policy_that_allows_no_inline_script(browser, address, language):
    """With `script-src 'self'` the tables sort, and nothing is reported."""
    window, problems = browser.new_page(), []
    window.on("console", lambda message: problems.append(message.text))
    path = address + ("" if language == "en" else "nl/") + "index.html"
    policy = {"Content-Security-Policy": "script-src 'self'; connect-src 'none'; object-src 'none'"}
    window.route(path, lambda route: route.fulfill(response=(got := route.fetch()), headers={**got.headers, **policy}))
    window.goto(path)
    window.locator("#ranking-tools + .box th[data-column='4'] button").click()
    assert window.locator("[aria-sort=ascending]").count() == 1
    assert [text for text in problems if "Content Security Policy" in text] == []
    window.close()


def test_without_script_no_control_is_in_sight(browser, address, language):
    """No filter, list or button; the rows and headers are all there."""
    bare = browser.new_context(java_script_enabled=False).new_page()
    bare.goto(address + ("" if language == "en" else "nl/") + "index.html")
    assert [c for c in bare.locator("input, select, button").all() if c.is_visible()] == []
    assert bare.locator(SORTED).count() > 5
    bare.context.close()


def test_values_in_the_page_are_those_of_the_table(address, named, cards, language):
    """What a cell is sorted by is the figure of the tables, to six decimals; null has none."""
    html = pages(shown(named))["index.html" if language == "en" else "nl/index.html"].decode()
    for card in cards:
        assert f'data-value="{round(card.within_norm, 6)}"' in html
    assert 'data-value="None"' not in html
