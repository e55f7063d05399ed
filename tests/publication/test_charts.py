"""Charts: what they show and say, that nothing unknown is drawn as a number, and that a rebuild has the same bytes."""

import re
import struct
from dataclasses import replace
from itertools import pairwise

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from monitor.model.breakdown import Dimension
from monitor.model.scorecard import Scorecard
from monitor.publication import chart_delays, chart_funnel, chart_groups, chart_online, chart_slope, drawing
from monitor.publication.chart_burden import burden
from monitor.publication.chart_rows import MOST_ROWS
from monitor.publication.chart_style import labels, render, style
from monitor.publication.charts import KINDS, charts, draw_all
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown, shown
from monitor.publication.site import pages
from monitor.publication.texts import texts
from monitor.publication.view_charts import charts_view
from monitor.survival import wilson

EN, NL = Formats(texts("en")), Formats(texts("nl"))
KEYS = {"compliance", "funnel", "ranks", "online", "delays", "burden", "exposure", "trend", "slope", "groups"}
LONG = "Stichting Samenwerkende Noordelijke Datacenters voor Onderwijs en Erfgoed"


@pytest.fixture(scope="module")
def seen(named) -> Shown:
    return shown(named)


@pytest.fixture(scope="module")
def plain(seen) -> Scorecard:
    """Any Scorecard, for tests with random values."""
    return seen.network.ranked[0]


@pytest.fixture(scope="module")
def wide(make, helpers) -> Shown:
    """Fifty ranked Providers with long names that differ at the end, all in two Periods."""
    cards = []
    for place in range(1, 51):
        name, low = f"{LONG} {place}", place / 60
        limits = (low, low + 0.15, max(0.0, low - 0.05), low + 0.16)
        class_ = ("below", "not-proven", "meets")[place // 17]
        card = helpers["scorecard"](name, 64400 + place, 90 + 7 * place, 40, *limits, class_, rank=place)
        cards.append(replace(card, share_previous=0.5, change=low - 0.4, change_low=low - 0.5, change_high=low - 0.3))
    return shown(make(ranking=helpers["ranking"](cards), proxies=None))


@pytest.fixture(scope="module")
def empty(make, helpers) -> Shown:
    return shown(make(ranking=helpers["ranking"]([]), proxies=None, groups=()))


@pytest.fixture(scope="module")
def drawn(named_files) -> dict[str, bytes]:
    return {name: data for name, data in named_files.items() if name.startswith("charts/")}


def kind(key):
    return next(each for each in KINDS if each.key == key)


def words_on(figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_every_chart_is_drawn_in_both_languages(drawn):
    """Ten charts, each as PNG at twice the size of the screen and as SVG, in English and Dutch."""
    assert set(drawn) == {f"charts/{k}-{lang}.{end}" for k in KEYS for lang in ("en", "nl") for end in ("png", "svg")}
    for name, data in drawn.items():
        if name.endswith(".png"):
            assert struct.unpack(">I", data[16:20])[0] == 9 * 192, name
            assert data[37:50] == b"pHYs" + struct.pack(">IIB", 7559, 7559, 1), name  # 192 dots an inch
        assert drawn[name.replace("-nl.", "-en.")] != data or "-en." in name


def test_chart_files_hold_no_date_program_or_text_beside_the_picture(drawn):
    """No PNG has a text chunk or a time, no SVG a date, a creator or letters of a font of the machine."""
    for name, data in drawn.items():
        if name.endswith(".png"):
            assert not re.search(rb"tEXt|iTXt|zTXt|tIME|eXIf", data[:200] + data[-200:]), name
        else:
            assert not re.search(rb"dc:date|dc:creator|<text|font-family|@font-face", data), name


def test_charts_do_not_depend_on_settings_around_them(seen, drawn):
    """Whatever matplotlib is set to outside, a chart has the same bytes."""
    before = dict(mpl.rcParams)
    try:
        mpl.rcParams.update({"font.size": 22, "axes.grid": True, "svg.hashsalt": "other", "lines.linewidth": 9})
        with style():
            again = render(kind("slope").draw(seen, NL))
    finally:
        mpl.rcParams.update(before)
    assert again == (drawn["charts/slope-nl.png"], drawn["charts/slope-nl.svg"])


@pytest.mark.parametrize("formats", [EN, NL], ids=["en", "nl"])
def test_text_alternatives_say_what_the_chart_shows_in_figures(seen, formats):
    """Each has a title, a way to read it, and an alternative with figures and nothing left to fill in."""
    made = charts(seen, formats)
    assert {chart.key for chart in made} == KEYS
    for chart in made:
        assert re.search(r"\d", chart.alt), chart.key
        assert "%(" not in chart.title + chart.alt + chart.reading
        assert len(chart.reading) > 60


def test_alternative_of_the_first_chart_counts_the_judgements(seen):
    """Who listens learns how many meet the norm and between which estimates they lie."""
    alt = charts(seen, EN)[0].alt
    assert "Meets the norm: 2, below the norm: 3, not proven either way: 3" in alt
    assert "The lowest estimate is 5.0% (Grijze Wolk), the highest 100.0% (Snelweg Net)." in alt


@pytest.mark.parametrize("formats", [EN, NL], ids=["en", "nl"])
def test_every_chart_has_its_figures_as_a_table(seen, formats):
    """All that is drawn stands in a table, each row as long as the header, on a page that has every chart once."""
    tables = [drawn for chapter in charts_view(seen, formats)["chapters"] for drawn in chapter.drawn]
    assert sorted(each.chart.key for each in tables) == sorted(KEYS)
    for each in tables:
        assert each.data.rows, each.chart.key
        assert {len(row) for row in each.data.rows} == {len(each.data.columns)}, each.chart.key
        assert all(cell for row in each.data.rows for cell in row), each.chart.key


def test_page_of_charts_shows_pictures_with_their_tables(make):
    """Each figure on the page is followed by its table in a fold of its own, with a header for each row and column."""
    page = pages(shown(make()))["nl/charts.html"].decode()
    assert page.count("<img ") == page.count("<details") == page.count("<caption>") == len(KEYS)
    assert set(re.findall(r'<details class="figures" id="data-(\w+)"', page)) == KEYS
    assert "61.234" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_charts_without_data_say_so(empty):
    """In a Period without anything every chart is a sentence, on the page and in the picture, and no table is empty."""
    made = charts(empty, EN)
    assert all(chart.nothing and chart.alt == chart.nothing for chart in made)
    assert all(drawn.data is None for chapter in charts_view(empty, EN)["chapters"] for drawn in chapter.drawn)
    assert draw_all(empty)["charts/groups-nl.png"].startswith(b"\x89PNG")


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_provider_without_estimates_breaks_no_chart(make, helpers, key):
    """Where a freeze has bounds alone, each chart draws what there is or says why it does not."""
    blank = ("within_norm", "within_norm_low", "within_norm_high", "rank_low", "rank_high", "median_hours",
             "median_low", "median_high", "median_status", "report_to_notice_median_hours", "share_previous", "change",
             "identified", "change_low", "change_high", "method_break")  # fmt: skip
    cards = [replace(card, **dict.fromkeys(blank)) for card in helpers["cards"]()]
    bare = shown(make(ranking=helpers["ranking"](cards), proxies=None))
    with style():
        assert kind(key).missing(bare, EN) or render(kind(key).draw(bare, EN))[0].startswith(b"\x89PNG")


@pytest.mark.parametrize("key", sorted(KEYS - {"trend"}))
def test_long_names_stay_on_the_picture_and_apart(wide, key):
    """With thirty rows of long names nothing is cut off at an edge, and no row's name covers another."""
    with style():
        figure = kind(key).draw(wide, NL)
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()
        box = figure.get_tightbbox(figure.canvas.get_renderer())
        assert (box.x0, box.y0) > (-0.03, -0.03)
        assert box.x1 < figure.get_figwidth() + 0.03
        assert box.y1 < figure.get_figheight() + 0.03
        rows = [text.get_window_extent() for text in figure.axes[0].get_yticklabels() if text.get_text()]
        assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(sorted(rows, key=lambda b: -b.y0)))


def test_many_providers_are_the_largest_and_the_chart_says_so(wide):
    """With fifty ranked, rows are the thirty with most URLs in the order of the ranking, and the axis says so."""
    rows = kind("compliance").data(wide, EN).rows
    assert [row[0] for row in rows] == [f"{LONG} {place}" for place in range(21, 51)]
    for key in ("compliance", "ranks", "delays", "exposure"):
        assert len(kind(key).data(wide, EN).rows) == MOST_ROWS
        with style():
            text = " ".join(words_on(kind(key).draw(wide, EN))).replace("\n", " ")
        assert re.search(r"The 30 ranked providers with most \w+, of 50\.", text), key


def test_names_that_shorten_alike_lose_their_middle():
    """Two long names that differ at the end can be told apart; a character that the font lacks is a question mark."""
    one, two, short = labels([f"{LONG} 1", f"{LONG} 2", "Beeldkade 漢"])
    assert one != two
    assert one.endswith("Erfgoed 1")
    assert max(map(len, (one, two))) <= 30
    assert short == "Beeldkade ?"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_labels_of_the_slope_chart_are_pushed_apart(heights):
    """Labels keep their order and their distance, and stay between the edges."""
    placed = chart_slope.apart(heights, 0.05)
    order = sorted(range(len(heights)), key=lambda i: (heights[i], i))
    assert all(placed[b] - placed[a] >= 0.05 - 1e-9 for a, b in pairwise(order))
    assert min(placed) >= -1e-9
    assert max(placed) <= 1 + 1e-9


def test_a_change_across_a_break_is_not_drawn_as_a_change(seen):
    """A break, or no word of whether there is one, makes the line dotted, however steep it is."""
    card = chart_slope.chosen(seen)[0]
    up = replace(card, method_break=False, change_low=0.1, change_high=0.3)
    assert chart_slope.kind(up) == "rise"
    assert chart_slope.kind(replace(up, change_low=-0.3, change_high=-0.1)) == "fall"
    assert chart_slope.kind(replace(up, change_low=-0.1)) == "chance"
    assert {chart_slope.kind(replace(up, method_break=broken)) for broken in (True, None)} == {"break"}


def test_a_median_that_was_not_reached_is_never_a_number(make, named):
    """Even with hours in its limits it has no number in chart or table, and its place is past the scale."""
    first, *others = named.ranking.scorecards
    first = replace(first, median_status="not-reached", median_hours=987.0, median_low=987.0, median_high=None)
    part = shown(make(ranking=replace(named.ranking, scorecards=(first, *others))))
    assert chart_delays.data(part, EN).rows[0][2:] == ("not reached: less than half was taken offline", "–")
    with style():
        figure = chart_delays.delays(part, EN)
    assert not any("987" in text for text in words_on(figure))
    scale_ends = max(tick for tick in figure.axes[1].get_xticks())
    arrows = [line for line in figure.axes[1].lines if line.get_marker() == ">"]
    assert arrows
    assert all(line.get_xdata()[0] > scale_ends for line in arrows)


def test_the_hotlines_time_stands_apart_from_the_providers(seen):
    """The two medians are in panels of their own with one scale; the norm is drawn over the provider's alone."""
    with style():
        hotline, provider = chart_delays.delays(seen, EN).axes
    assert hotline.get_xlim() == provider.get_xlim()
    dashed = [[line for line in axes.lines if line.get_linestyle() == "--"] for axes in (hotline, provider)]
    assert [len(lines) for lines in dashed] == [0, 1]


@given(n=st.integers(5, 5000), share=st.floats(0.02, 0.98), effect=st.floats(1, 9))
def test_design_effect_comes_back_from_the_interval(plain, n, share, effect):
    """From share, interval and number of URLs the chart finds the effect with which Wilson's interval was made."""
    low, high = (float(end) for end in wilson(share, n / effect))
    card = replace(plain, n_episodes=n, within_norm=share, within_norm_low=low, within_norm_high=high)
    assert chart_funnel.design_effect([card]) == pytest.approx(effect, rel=1e-6)


@given(st.integers(5, 5000), st.floats(0.02, 0.98), st.floats(0.05, 0.95), st.floats(1, 9))
def test_outside_the_limits_is_where_the_interval_leaves_out_the_share_of_all(n, share, centre, effect):
    """The funnel's 95% limits and a provider's 95% interval never contradict each other."""
    low, high = (float(end) for end in wilson(share, n / effect))
    below, above = chart_funnel.limits(centre, n, effect, 1.959963985)
    if min(abs(low - centre), abs(high - centre)) > 1e-6:
        assert (below <= share <= above) == (low <= centre <= high)


def test_funnel_says_on_what_its_limits_rest(seen, make, named):
    """The chart tells that URLs of one day are allowed for; without intervals it tells that they are not."""
    cards = tuple(replace(card, within_norm_low=None, within_norm_high=None) for card in named.ranking.scorecards)
    bare = shown(make(ranking=replace(named.ranking, scorecards=cards)))
    with style():
        allowed, not_allowed = (" ".join(words_on(chart_funnel.funnel(part, EN))) for part in (seen, bare))
    assert "with URLs of one day allowed for" in allowed.replace("\n", " ")
    assert "without allowing for those of one day, so too narrow" in not_allowed.replace("\n", " ")
    assert all("No judgement rests on them" in text.replace("\n", " ") for text in (allowed, not_allowed))


def test_curves_rise_and_agree_with_the_drawing_on_the_providers_page(seen):
    """Chart and page show the same shares taken offline: worst under estimate under best, from the same Curve."""
    ranking = seen.network.ranking
    curve = next(curve for curve in ranking.curves if curve.provider_id == "as64500")
    taken = drawing.taken(curve)
    assert taken.share[0] == 0.0
    assert all(a <= b + 1e-9 for a, b in pairwise(taken.share))
    assert all(w <= s <= b for w, s, b in zip(taken.worst, taken.share, taken.best, strict=True))
    with style():
        axes = chart_online.online(seen, EN).axes[1]
    assert list(axes.lines[0].get_ydata()) == list(taken.share)
    line = [float(y) for y in re.findall(r",([\d.]+)", drawing.plot(curve, ranking.norm, EN).line)]
    assert line == [round(drawing.PLOT_TOP + drawing.PLOT_HEIGHT * (1 - share), 1) for share in taken.share]


def test_labels_of_the_scatter_chart_cover_no_other(seen):
    """No two names overlap; one that finds no room is left out and stands in the table."""
    with style():
        figure = burden(seen, EN)
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()
        boxes = [note.get_window_extent() for note in figure.axes[0].texts]
    assert len(boxes) > 3
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_what_is_not_known_alone_is_no_chart_of_groups(seen):
    """A dimension of which no word is known is not drawn; with neither there is a sentence."""
    countries = tuple(each for each in seen.groups if each.dimension == Dimension.COUNTRY)
    unknown = tuple(replace(each, group="") for each in countries)
    assert chart_groups.missing(replace(seen, groups=unknown), EN)
    kept = tuple(each for each in seen.groups if each.dimension == Dimension.SITE_TYPE)
    assert len(chart_groups.panels(replace(seen, groups=kept + unknown), EN)) == 1


def test_charts_of_an_unnamed_release_name_nobody(unnamed, named):
    """No name and no AS number is in a text alternative or a table where only code letters are allowed."""
    part = shown(unnamed)
    text = " ".join(chart.alt for chart in charts(part, EN))
    text += repr([drawn.data for chapter in charts_view(part, EN)["chapters"] for drawn in chapter.drawn])
    assert "Provider A" in text
    for card in named.ranking.scorecards:
        assert card.provider not in text
        assert str(card.asns[0]) not in text
