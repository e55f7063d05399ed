"""Chart `exposure`: hours online after the notice, all URLs of a Provider added, from least to most.

In: what is shown. Out: a Figure, the most hours on top; at most 30 of the ranked Providers. The axis is logarithmic
and says so, which is why there are marks and no bars: a bar has no honest length without a zero. No colour of a class:
hours are burden, not judgement.
"""

from math import log10
from textwrap import fill

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from monitor.model.scorecard import Scorecard
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_legend import legend
from monitor.publication.chart_rows import MOST_ROWS, ROW, at_the_side, names, nobody_ranked, provider_table, row_axes
from monitor.publication.chart_style import ACCENT, FAINT, INK, new_figure
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown


def chosen(shown: Shown) -> list[Scorecard]:
    """Those with the most hours, most first."""
    counted = [card for card in shown.network.ranked if card.exposure_hours_high > 0]
    return sorted(counted, key=lambda card: (-card.exposure_hours_high, card.provider_id))[:MOST_ROWS]


def exposure(shown: Shown, formats: Formats) -> Figure:
    cards, t = chosen(shown), formats.texts
    left, right = _ends(cards)
    figure = new_figure(1.9 + ROW * len(cards))
    axes = figure.subplots()
    for row, card in enumerate(cards):
        low, high = card.exposure_hours_low, card.exposure_hours_high
        start = max(low, left)
        axes.plot([start, high], [row, row], color=ACCENT, linewidth=5, alpha=0.35, solid_capstyle="butt", zorder=2)
        axes.plot([start], [row], color=INK, marker="|" if low >= left else "<", markersize=9, zorder=4)
        axes.plot([high], [row], color=ACCENT, marker="o", markersize=6, markeredgecolor=INK, zorder=4)
        at_the_side(axes, row, formats.numbers(low, high))
    row_axes(axes, names(cards, shown, formats))
    axes.set_xscale("log")
    span = log10(right / left)
    room = 10 ** max(0.03 * span, 0.1)
    axes.set_xlim(left / room, right * room)
    axes.xaxis.set_major_locator(LogLocator(10, subs=(1,) if span > 1.5 else (1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda hours, _: formats.decimal(hours) if hours >= 0.1 else ""))
    axes.grid(axis="x", color=FAINT)
    axes.set_title(t.gettext("Hours online after the notice, all URLs added"))
    axes.set_xlabel(fill(_note(shown, cards, formats), 72))
    least = Line2D([], [], color=INK, linestyle="", marker="|", markersize=9)
    most = Line2D([], [], color=ACCENT, linestyle="", marker="o", markersize=6, markeredgecolor=INK)
    words = t.gettext("at least, by the checks"), t.gettext("at most, by the checks")
    legend(figure, list(zip((least, most), words, strict=True)), 2)
    return figure


def _ends(cards: list[Scorecard]) -> tuple[float, float]:
    """From the least that is not zero; where one starts at zero there is room on the left for an open end."""
    values = [hours for card in cards for hours in (card.exposure_hours_low, card.exposure_hours_high) if hours > 0]
    room = 3 if any(card.exposure_hours_low <= 0 for card in cards) else 1
    return min(values) / room, max(values)


def _note(shown: Shown, cards: list[Scorecard], formats: Formats) -> str:
    t = formats.texts
    note = t.gettext(
        "Hours (logarithmic scale: each grid line is a multiple of the one before), at most 720 for each URL"
    )
    ranked = sum(card.exposure_hours_high > 0 for card in shown.network.ranked)
    if len(cards) == ranked:
        return note
    message = t.gettext("The %(n)s ranked providers with most hours, of %(all)s.")
    return note + ". " + message % {"n": formats.number(len(cards)), "all": formats.number(ranked)}


def words(shown: Shown, formats: Formats) -> Words:
    t, cards = formats.texts, chosen(shown)
    alt = ""
    if cards:
        alt = t.gettext(
            "Chart of the hours that URLs were online after the notice, added for each provider (%(n)s), from at "
            "least to at most, on a logarithmic scale. Most hours: %(largest)s, %(most)s. Fewest of these: "
            "%(smallest)s, %(least)s."
        )
        first, last = cards[0], cards[-1]
        alt = fill_in(
            alt,
            n=formats.number(len(cards)),
            most=formats.numbers(first.exposure_hours_low, first.exposure_hours_high),
            least=formats.numbers(last.exposure_hours_low, last.exposure_hours_high),
            largest=names([first], shown, formats)[0],
            smallest=names([last], shown, formats)[0],
        )
    reading = t.gettext(
        "Each line runs from the fewest to the most hours that the checks allow. The hours add up over URLs, so they "
        "are high for who got many notices, who was slow, or both: they are a measure of burden and not of effort. "
        "Equal steps to the right are equal factors, not equal numbers."
    )
    return Words(t.gettext("How many hours online in all"), alt, reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t, cards = formats.texts, chosen(shown)
    columns = (
        Column(t.gettext("URLs counted")),
        Column(t.gettext("Hours, at least")),
        Column(t.gettext("Hours, at most")),
    )

    def cells(card: Scorecard) -> tuple[str, ...]:
        return (
            formats.number(card.n_episodes),
            formats.number(card.exposure_hours_low),
            formats.number(card.exposure_hours_high),
        )

    return provider_table(
        t.gettext("Hours online after the notice, all URLs added"), columns, cards, cells, shown, formats
    )


def missing(shown: Shown, formats: Formats) -> str:
    if not shown.network.ranked:
        return nobody_ranked(formats)
    return "" if chosen(shown) else formats.texts.gettext("No ranked provider had a URL online after the notice.")


KIND = ChartKind("exposure", "tables/ranking.csv", exposure, words, data, missing)
