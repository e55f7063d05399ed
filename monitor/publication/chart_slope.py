"""Chart `slope`: from the share in the previous Period to the share in this one, one line for each Provider.

In: what is shown. Out: a Figure; at most 20 of the ranked that are in both, those with most URLs. A line across a break
(something changed that keeps the two Periods from being compared) is grey and dotted, whatever its slope. Labels are
pushed apart, with a thin line to where they belong.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from monitor.model.scorecard import Norm, Scorecard
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_legend import Entry, legend, norm_entry
from monitor.publication.chart_rows import largest, names, provider_table
from monitor.publication.chart_style import COLOURS, FAINT, INK, NORM_LINE, SOFT, labels, new_figure, percent_axis
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown

MOST_LINES = 20
_GAP = 0.047  # between two labels, as a share of the axis at the least height
_LOOK: dict[str, dict[str, Any]] = {
    "rise": {"color": COLOURS["meets"], "linewidth": 2.2, "marker": "^"},
    "fall": {"color": COLOURS["below"], "linewidth": 2.2, "marker": "v"},
    "chance": {"color": COLOURS["not-proven"], "linewidth": 1.4, "marker": "o", "markerfacecolor": "white"},
    "break": {"color": "#9aa4ad", "linewidth": 1.4, "marker": "o", "linestyle": (0, (1, 1.6))},
}


def compared(shown: Shown) -> list[Scorecard]:
    return [card for card in shown.network.ranked if card.share_previous is not None and card.within_norm is not None]


def chosen(shown: Shown) -> list[Scorecard]:
    return largest(compared(shown), MOST_LINES)


def kind(card: Scorecard) -> str:
    """Whether the share rose or fell by more than chance, within it, or across a break, which says nothing of it."""
    if card.method_break is not False:
        return "break"
    if card.change_low is not None and card.change_low > 0:
        return "rise"
    return "fall" if card.change_high is not None and card.change_high < 0 else "chance"


def slope(shown: Shown, formats: Formats) -> Figure:
    cards, t, norm = chosen(shown), formats.texts, shown.network.ranking.norm
    figure = new_figure(2.6 + max(3.2, 0.21 * len(cards)))
    axes = figure.subplots()
    for card in cards:
        look = {"markersize": 6, "markeredgecolor": INK, "markeredgewidth": 0.8, **_LOOK[kind(card)]}
        axes.plot([0, 1], [card.share_previous or 0.0, card.within_norm or 0.0], zorder=3, **look)
    axes.plot([0, 1], [norm.target, norm.target], zorder=2, **NORM_LINE)
    axes.set_xlim(-0.45, 2.05)
    axes.set_xticks([0, 1], [shown.network.ranking.period.previous().label, shown.network.ranking.period.label])
    percent_axis(axes, formats, "y")
    axes.set_ylim(-0.05, 1.05)
    axes.grid(axis="y", color=FAINT)
    axes.vlines([0, 1], -0.05, 1.05, color=SOFT, linewidth=0.8, zorder=1)
    step = _GAP * min(1.0, 20 * 0.21 / max(3.2, 0.21 * len(cards)))
    before = {
        formats.percent(card.share_previous): card.share_previous or 0.0 for card in cards
    }  # what reads alike once
    _label(axes, [(height, text) for text, height in before.items()], 0, step)
    now = zip(cards, labels(names(cards, shown, formats), 34), strict=True)
    right = [(card.within_norm or 0.0, f"{formats.percent(card.within_norm)}  {name}") for card, name in now]
    _label(axes, right, 1, step)
    axes.set_title(t.gettext("Share taken offline %(norm)s, two periods") % {"norm": formats.norm(norm)})
    axes.set_xlabel(_note(shown, cards, formats))
    _legend(figure, cards, norm, formats)
    return figure


def apart(heights: Sequence[float], gap: float, low: float = 0.0, high: float = 1.0) -> list[float]:
    """Heights at least `gap` from one another, in the same order and near where they were, from `low` to `high`."""
    order = sorted(range(len(heights)), key=lambda index: (heights[index], index))
    placed: list[float] = []
    for index in order:
        placed.append(max(heights[index], placed[-1] + gap if placed else low))
    ceiling = high
    for position in reversed(range(len(placed))):
        placed[position] = min(placed[position], ceiling)
        ceiling = placed[position] - gap
    moved = dict(zip(order, placed, strict=True))
    return [moved[index] for index in range(len(heights))]


def _label(axes: Axes, texts: list[tuple[float, str]], side: int, gap: float) -> None:
    """Beside one end of the lines, with a thin line to each where it had to move."""
    away, align = (1, "left") if side else (-1, "right")
    for (height, text), place in zip(texts, apart([h for h, _ in texts], gap, -0.03, 1.03), strict=True):
        axes.plot([side + 0.03 * away, side + 0.1 * away], [height, place], color=SOFT, linewidth=0.6, zorder=2)
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        axes.text(side + 0.12 * away, place, text, ha=align, va="center", fontsize=8.5, bbox=paper, zorder=4)


def _note(shown: Shown, cards: list[Scorecard], formats: Formats) -> str:
    every = compared(shown)
    if len(cards) == len(every):
        return formats.texts.gettext("Ranked providers that are in both periods.")
    message = formats.texts.gettext(
        "The %(n)s with most URLs of the %(all)s ranked providers that are in both periods."
    )
    return message % {"n": formats.number(len(cards)), "all": formats.number(len(every))}


def _legend(figure: Figure, cards: list[Scorecard], norm: Norm, formats: Formats) -> None:
    t = formats.texts
    named = {
        "rise": t.gettext("rose by more than chance"),
        "fall": t.gettext("fell by more than chance"),
        "chance": t.gettext("no more than chance"),
        "break": t.gettext("does not compare: something changed"),
    }
    there = [code for code in named if any(kind(card) == code for card in cards)]
    edge: dict[str, Any] = {"markersize": 6, "markeredgecolor": INK, "markeredgewidth": 0.8}
    entries: list[Entry] = [(Line2D([], [], **(edge | _LOOK[code])), named[code]) for code in there]
    legend(figure, [*entries, norm_entry(norm, formats)], 3)


def words(shown: Shown, formats: Formats) -> Words:
    t, cards = formats.texts, chosen(shown)
    kinds = [kind(card) for card in cards]
    alt = t.gettext(
        "Chart of the ranked providers that are in both periods (%(n)s): share of URLs taken offline %(norm)s in the "
        "previous period and in this one. Rose by more than chance: %(rise)s; fell by more than chance: %(fall)s; no "
        "more than chance: %(chance)s; not comparable, since something changed in between: %(break)s."
    )
    counts = {code: formats.number(kinds.count(code)) for code in _LOOK}
    alt = fill_in(alt, n=formats.number(len(cards)), norm=formats.norm(shown.network.ranking.norm), **counts)
    reading = t.gettext(
        "A line that rises: more was taken offline in time than in the previous period. Colour and mark say whether "
        "the change is more than chance. A dotted grey line crosses a break, a method, schedule, coverage or norm "
        "that changed in between, and shows nothing of what the provider did."
    )
    return Words(t.gettext("This period and the one before"), alt, reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t, cards = formats.texts, chosen(shown)
    columns = (
        Column(t.gettext("Previous period")),
        Column(t.gettext("This period")),
        Column(t.gettext("Change")),
        Column(t.gettext("95% interval")),
        Column(t.gettext("Comparable"), number=False),
    )
    yes_no = {False: t.gettext("yes"), True: t.gettext("no: break"), None: formats.unknown}

    def cells(card: Scorecard) -> tuple[str, ...]:
        return (
            formats.percent(card.share_previous),
            formats.percent(card.within_norm),
            formats.points(card.change),
            formats.points_range(card.change_low, card.change_high),
            yes_no[card.method_break],
        )

    return provider_table(t.gettext("This period and the one before"), columns, cards, cells, shown, formats)


def missing(shown: Shown, formats: Formats) -> str:
    return "" if chosen(shown) else formats.texts.gettext("No ranked provider has figures for the previous period.")


KIND = ChartKind("slope", "tables/ranking.csv", slope, words, data, missing)
