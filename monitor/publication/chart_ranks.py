"""Chart `ranks`: the places that fit the figures of each Provider, with its rank as a mark; the lowest share on top.

In: what is shown. Out: a Figure. At most 30 Providers, those with most URLs, on an axis of all ranks. Where two lines
overlap, chance can have put the two in this order.
"""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from monitor.model.scorecard import Scorecard
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_legend import class_entries, legend
from monitor.publication.chart_rows import ROW, in_order, largest, names, nobody_ranked, provider_table, row_axes
from monitor.publication.chart_style import COLOURS, FAINT, INK, class_mark, new_figure
from monitor.publication.formats import Formats
from monitor.publication.phrases import CLASSES, phrase
from monitor.publication.shown import Shown


def chosen(shown: Shown) -> list[Scorecard]:
    return largest(shown.network.ranked)


def places(card: Scorecard) -> tuple[int, int]:
    """The rank interval; the rank alone where there is none."""
    rank = card.rank or 0
    return (rank if card.rank_low is None else card.rank_low), (rank if card.rank_high is None else card.rank_high)


def ranks(shown: Shown, formats: Formats) -> Figure:
    cards, t = chosen(shown), formats.texts
    figure = new_figure(1.9 + ROW * len(cards))
    axes = figure.subplots()
    for row, card in enumerate(cards):
        low, high = places(card)
        colour = COLOURS.get(card.class_, COLOURS["not-proven"])
        axes.plot([low, high], [row, row], color=colour, linewidth=5, alpha=0.4, solid_capstyle="round", zorder=2)
        axes.plot([low, high], [row, row], color=INK, linewidth=1, marker="|", markersize=5, zorder=3)
        axes.add_line(class_mark(card.class_, card.rank, row))
        text = formats.short_numbers(low, high)
        axes.annotate(text, (high, row), (9, 0), textcoords="offset points", va="center", fontsize=8.5)
    row_axes(axes, names(cards, shown, formats))
    last = max(places(card)[1] for card in cards)
    axes.set_xlim(0.5, last + 0.5 + 0.06 * last)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if last <= 15 * step)
    at = sorted({1, *range(step, last + 1, step)})
    axes.set_xticks(at, [formats.number(rank) for rank in at])
    axes.grid(axis="x", color=FAINT)
    axes.set_title(t.gettext("Ranks, and the ranks that fit the figures too"))
    order = in_order(len(cards), len(shown.network.ranked), formats)
    axes.set_xlabel(t.gettext("Rank (1: the lowest share taken offline in time)") + "\n" + order)
    line = Line2D([], [], color=INK, linewidth=1, marker="|", markersize=5)
    legend(figure, [*class_entries(cards, formats), (line, t.gettext("95% of the ranks that chance allows"))], 4)
    return figure


def words(shown: Shown, formats: Formats) -> Words:
    t, cards = formats.texts, chosen(shown)
    alt = ""
    if cards:
        widths = [(high - low + 1, name) for card, name in zip(cards, names(cards, shown, formats), strict=True)
                  for low, high in (places(card),)]  # fmt: skip
        alt = t.gettext(
            "Chart of the rank of each provider (%(n)s) with the other ranks that fit its figures. Providers of which "
            "one rank alone fits: %(sure)s. The widest span is %(width)s ranks (%(widest)s)."
        )
        alt = fill_in(
            alt,
            n=formats.number(len(cards)),
            sure=formats.number(sum(width == 1 for width, _ in widths)),
            width=formats.number(max(widths)[0]),
            widest=max(widths)[1],
        )
    reading = t.gettext(
        "The mark is the rank, the line the ranks that chance allows: a short line means that the place is well known. "
        "Where the lines of two providers overlap, the order of the two is not certain."
    )
    return Words(t.gettext("How sure the order is"), alt, reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t, cards = formats.texts, chosen(shown)
    columns = (
        Column(t.gettext("Rank")),
        Column(t.gettext("Ranks that fit too")),
        Column(t.gettext("Judgement"), number=False),
    )

    def cells(card: Scorecard) -> tuple[str, ...]:
        return (
            formats.number(card.rank),
            formats.short_numbers(*places(card)),
            phrase(t, CLASSES, card.class_),
        )

    return provider_table(
        t.gettext("Ranks, and the ranks that fit the figures too"), columns, cards, cells, shown, formats
    )


def missing(shown: Shown, formats: Formats) -> str:
    return "" if chosen(shown) else nobody_ranked(formats)


KIND = ChartKind("ranks", "tables/ranking.csv", ranks, words, data, missing)
