"""Chart `burden`: how much was notified (logarithmic) against how much of it went within the norm.

In: what is shown. Out: a Figure: estimates with their 95% intervals. Where there are many, only notable Providers get a
label: the largest, the lowest, and the largest that meet the norm; a label that finds no free place is left out rather
than drawn over another. Colour and shape are those of the judgement, as in every chart.
"""

from itertools import islice
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from monitor.model.scorecard import Scorecard
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_labels import Point, place_labels
from monitor.publication.chart_legend import class_entries, legend, norm_entry
from monitor.publication.chart_rows import judgements, names, nobody_ranked, provider_table
from monitor.publication.chart_style import (
    COLOURS,
    FAINT,
    INK,
    MARKERS,
    NORM_LINE,
    labels,
    new_figure,
    percent_axis,
)
from monitor.publication.formats import Formats
from monitor.publication.phrases import CLASSES, phrase
from monitor.publication.shown import Shown

_FEW, _MANY = 20, 80


def chosen(shown: Shown) -> list[Scorecard]:
    return [card for card in shown.network.ranked if card.within_norm is not None and card.n_notices > 0]


def burden(shown: Shown, formats: Formats) -> Figure:
    cards, texts, norm = chosen(shown), formats.texts, shown.network.ranking.norm
    figure = new_figure(6.2)
    axes = figure.subplots()
    points(axes, cards, [card.n_notices for card in cards])
    count_axis(axes, [card.n_notices for card in cards], formats)
    percent_axis(axes, formats, "y")
    axes.set_ylim(-0.04, 1.06)
    axes.grid(color=FAINT)
    axes.axhline(norm.target, zorder=2, **NORM_LINE)
    axes.set_title(texts.gettext("How much was notified, and how much of it went within the norm"))
    axes.set_xlabel(texts.gettext("URLs notified (logarithmic scale)"))
    axes.set_ylabel(fill(texts.gettext("Estimated share taken offline %(norm)s") % {"norm": formats.norm(norm)}, 60))
    interval = Line2D([], [], color=COLOURS["not-proven"], linewidth=2), texts.gettext("95% interval")
    entries = [*class_entries(cards, formats), interval, norm_entry(norm, formats)]
    legend(figure, entries, len(entries))
    taken = [*occupied(cards, [card.n_notices for card in cards]), across(axes, norm.target)]
    notable = _notable(cards)
    named = zip(labels(names(notable, shown, formats), 24), notable, strict=True)
    place_labels(figure, axes, ((name, (card.n_notices, share(card))) for name, card in named), taken)
    return figure


def share(card: Scorecard) -> float:
    return card.within_norm or 0.0


def ends(card: Scorecard) -> tuple[float, float]:
    """The 95% interval; the estimate alone where it has none."""
    low = share(card) if card.within_norm_low is None else card.within_norm_low
    return low, share(card) if card.within_norm_high is None else card.within_norm_high


def count_axis(axes: Axes, counts: list[int], formats: Formats) -> None:
    """Numbers of URLs on a logarithmic scale."""
    axes.set_xscale("log")
    axes.set_xlim(min(counts) / 1.6, max(counts) * 2.2)
    axes.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if max(counts) < 300 * min(counts) else (1,)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: formats.number(n)))


def points(axes: Axes, cards: list[Scorecard], xs: list[int]) -> None:
    """Estimates with their intervals, class by class; thinner where there are many."""
    many = len(cards) > _MANY
    for class_, marker in MARKERS.items():
        group = [(card, x) for card, x in zip(cards, xs, strict=True) if card.class_ == class_]
        if not group:
            continue
        at = [x for _, x in group]
        axes.vlines(
            at,
            [ends(card)[0] for card, _ in group],
            [ends(card)[1] for card, _ in group],
            color=COLOURS[class_],
            linewidth=1 if many else 2,
            alpha=0.22 if many else 0.75,
            zorder=2,
        )
        axes.scatter(
            at,
            [share(card) for card, _ in group],
            s=18 if many else 42,
            marker=marker,
            color=COLOURS[class_],
            edgecolors="white" if many else INK,
            linewidths=0.4 if many else 0.7,
            zorder=3,
        )


def occupied(cards: list[Scorecard], xs: list[int]) -> list[tuple[Point, Point]]:
    """Where no label may be: the points and, while they are few, their intervals."""
    taken = [((float(x), share(card)),) * 2 for card, x in zip(cards, xs, strict=True)]
    if len(cards) <= _MANY:
        taken += [((x, ends(card)[0]), (x, ends(card)[1])) for card, x in zip(cards, xs, strict=True)]
    return taken


def across(axes: Axes, height: float) -> tuple[Point, Point]:
    """A line from side to side."""
    left, right = axes.get_xlim()
    return (left, height), (right, height)


def _notable(cards: list[Scorecard]) -> list[Scorecard]:
    """All of a few; else the largest six, the four with the lowest share, the largest four that meet the norm."""
    by_size = sorted(cards, key=lambda card: (-card.n_notices, card.provider_id))
    if len(cards) <= _FEW:
        return by_size
    lowest = sorted(cards, key=lambda card: (share(card), -card.n_notices, card.provider_id))
    meeting = (card for card in by_size if card.class_ == "meets")
    picked = {card.provider_id: card for card in (*by_size[:6], *lowest[:4], *islice(meeting, 4))}
    return list(picked.values())


def words(shown: Shown, formats: Formats) -> Words:
    t, cards = formats.texts, chosen(shown)
    alt = ""
    if cards:
        message = t.gettext(
            "Scatter chart of the ranked providers (%(n)s): URLs notified, from %(few)s to %(many)s, against the "
            "estimated share taken offline %(norm)s, with 95% intervals and the norm (%(target)s) as a line. "
            "%(counts)s. Most URLs were notified to %(largest)s: %(many)s, with an estimate of %(share)s."
        )
        largest = max(cards, key=lambda card: (card.n_notices, card.provider_id))
        alt = fill_in(
            message,
            n=formats.number(len(cards)),
            few=formats.number(min(card.n_notices for card in cards)),
            many=formats.number(largest.n_notices),
            norm=formats.norm(shown.network.ranking.norm),
            target=formats.target(shown.network.ranking.norm.target),
            counts=judgements(cards, formats).capitalize(),
            share=formats.percent(largest.within_norm),
            largest=names([largest], shown, formats)[0],
        )
    reading = t.gettext(
        "Far to the right: many notices. High up: much of it offline in time. Marks are estimates, lines their "
        "95% intervals. Equal steps to the right are equal factors, not equal numbers. "
        "A name that finds no room is in the table."
    )
    return Words(t.gettext("How much, against how fast"), alt, reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t, cards = formats.texts, chosen(shown)
    columns = (
        Column(t.gettext("URLs notified")),
        Column(t.gettext("Estimate")),
        Column(t.gettext("95% interval")),
        Column(t.gettext("Judgement"), number=False),
    )

    def cells(card: Scorecard) -> tuple[str, ...]:
        return (
            formats.number(card.n_notices),
            formats.percent(card.within_norm),
            formats.percents(card.within_norm_low, card.within_norm_high),
            phrase(t, CLASSES, card.class_),
        )

    return provider_table(
        t.gettext("How much was notified, and how much of it went within the norm"),
        columns,
        cards,
        cells,
        shown,
        formats,
    )


def missing(shown: Shown, formats: Formats) -> str:
    return "" if chosen(shown) else nobody_ranked(formats)


KIND = ChartKind("burden", "tables/ranking.csv", burden, words, data, missing)
