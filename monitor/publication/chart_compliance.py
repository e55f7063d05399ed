"""Chart `compliance`: the estimate with its 95% interval by Provider, worst to best case behind it, the norm as a line.

In: what is shown. Out: a Figure. At most 30 of the ranked: those with most URLs counted, in the order of the ranking;
the chart says so where it leaves some out.
"""

from textwrap import fill
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from monitor.model.scorecard import Norm, Scorecard
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_legend import Entry, legend, norm_entry
from monitor.publication.chart_rows import (
    ROW,
    estimate_cells,
    estimate_columns,
    in_order,
    judgements,
    largest,
    names,
    nobody_ranked,
    provider_table,
    row_axes,
)
from monitor.publication.chart_style import COLOURS, FAINT, INK, LIGHT, NORM_LINE, class_mark, new_figure, percent_axis
from monitor.publication.figures import ended_otherwise
from monitor.publication.formats import Formats
from monitor.publication.phrases import CLASSES, phrase
from monitor.publication.shown import Shown

_HOLLOW: dict[str, Any] = {"facecolor": "white", "edgecolor": COLOURS["not-proven"], "linewidth": 1.2}


def chosen(shown: Shown) -> list[Scorecard]:
    return largest(card for card in shown.network.ranked if card.within_norm_worst is not None)


def compliance(shown: Shown, formats: Formats) -> Figure:
    cards, norm = chosen(shown), shown.network.ranking.norm
    figure = new_figure(1.9 + ROW * len(cards))
    axes = figure.subplots()
    for row, card in enumerate(cards):
        _draw(axes, row, card)
        if ended_otherwise(card, norm.target):
            _draw_any_end(axes, row, card)
    row_axes(axes, names(cards, shown, formats))
    percent_axis(axes, formats)
    axes.grid(axis="x", color=FAINT)
    axes.axvline(norm.target, zorder=4, **NORM_LINE)
    axes.set_title(formats.texts.gettext("Share taken offline %(norm)s") % {"norm": formats.norm(norm)})
    order = in_order(len(cards), len(shown.network.ranked), formats)
    axes.set_xlabel(fill(formats.texts.gettext("Share of the URLs counted.") + " " + order, 72))
    _legend(figure, cards, norm, formats)
    return figure


def _draw(axes: Axes, row: int, card: Scorecard) -> None:
    worst, best = card.within_norm_worst or 0.0, card.within_norm_best or 0.0
    colour = COLOURS.get(card.class_, COLOURS["not-proven"])
    block: dict[str, Any] = {"height": 0.56, "color": colour, "alpha": LIGHT, "linewidth": 0, "zorder": 2}
    axes.barh(row, max(best - worst, 0.006), left=min(worst, 0.994), **block)
    if card.within_norm is None:
        return
    if card.within_norm_low is not None and card.within_norm_high is not None:
        ends = [card.within_norm_low, card.within_norm_high]
        axes.plot(ends, [row, row], color=INK, linewidth=1.2, marker="|", markersize=6, zorder=3)
    axes.add_line(class_mark(card.class_, card.within_norm, row))


def _draw_any_end(axes: Axes, row: int, card: Scorecard) -> None:
    """Hollow: worst to best case with moves and lost domain names as an end too, where they decide the class."""
    worst, best = card.within_norm_any_end_worst, card.within_norm_any_end_best
    if worst is not None and best is not None:
        axes.barh(row, max(best - worst, 0.006), left=min(worst, 0.994), height=0.4, zorder=2, **_HOLLOW)


def _legend(figure: Figure, cards: list[Scorecard], norm: Norm, formats: Formats) -> None:
    texts = formats.texts
    classes = [code for code in ("below", "not-proven", "meets") if any(card.class_ == code for card in cards)]
    estimate = texts.gettext("estimate: %(class)s")
    entries: list[Entry] = [(class_mark(code), estimate % {"class": phrase(texts, CLASSES, code)}) for code in classes]
    block = Patch(facecolor=COLOURS["not-proven"], alpha=LIGHT, linewidth=0)
    entries.append((block, texts.gettext("worst to best case")))
    if any(ended_otherwise(card, norm.target) for card in cards):
        words = texts.gettext("worst to best case, moves and lost domain names included")
        entries.append((Patch(**_HOLLOW), words))
    line = Line2D([], [], color=INK, linewidth=1.2, marker="|", markersize=6)
    legend(figure, [*entries, (line, texts.gettext("95% interval")), norm_entry(norm, formats)], 2)


def words(shown: Shown, formats: Formats) -> Words:
    t, norm, cards = formats.texts, shown.network.ranking.norm, chosen(shown)
    known = [(card.within_norm, name) for card, name in zip(cards, names(cards, shown, formats), strict=True)]
    shares = [(share, name) for share, name in known if share is not None]
    alt = t.ngettext(
        "Chart of %(n)s provider in the order of the ranking: estimated share of URLs taken offline %(norm)s, with "
        "its 95% interval, worst to best case, and the norm (%(target)s) as a line. %(counts)s.",
        "Chart of %(n)s providers in the order of the ranking: estimated share of URLs taken offline %(norm)s, with "
        "its 95% interval, worst to best case, and the norm (%(target)s) as a line. %(counts)s.",
        len(cards),
    )
    alt = fill_in(
        alt,
        n=formats.number(len(cards)),
        norm=formats.norm(norm),
        target=formats.target(norm.target),
        counts=judgements(cards, formats).capitalize(),
    )
    if shares:
        (low, lowest), (high, highest) = min(shares), max(shares)
        ends = t.gettext("The lowest estimate is %(low)s (%(lowest)s), the highest %(high)s (%(highest)s).")
        alt += " " + fill_in(ends, low=formats.percent(low), high=formats.percent(high), lowest=lowest, highest=highest)
    reading = t.gettext(
        "Each row is a provider. The mark is the estimate, the thin line its 95% interval. The light block "
        "runs from worst to best case: what the checks allow, whatever the estimate. Left of the dashed line "
        "is under the norm; colour and shape give the judgement, which goes by the block and by chance."
    )
    return Words(t.gettext("Who stays within the norm"), alt, reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t, cards = formats.texts, chosen(shown)
    columns = (
        *estimate_columns(formats),
        Column(t.gettext("Judgement"), number=False),
    )

    def cells(card: Scorecard) -> tuple[str, ...]:
        return (
            *estimate_cells(card, formats),
            phrase(t, CLASSES, card.class_),
        )

    caption = t.gettext("Share taken offline %(norm)s") % {"norm": formats.norm(shown.network.ranking.norm)}
    return provider_table(caption, columns, cards, cells, shown, formats)


def missing(shown: Shown, formats: Formats) -> str:
    return "" if chosen(shown) else nobody_ranked(formats)


KIND = ChartKind("compliance", "tables/ranking.csv", compliance, words, data, missing)
