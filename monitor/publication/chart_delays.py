"""Chart `delays`: the hotline's time from report to notice beside the provider's from notice to takedown.

In: what is shown. Out: a Figure of two panels with one scale: medians in hours, one row for each of the ranked, at most
30. A median that was not reached has no place on the scale: it is an open arrow at the end of it, and one that the
checks leave open is an open diamond with the range that they leave. Neither is ever a number.
"""

from textwrap import fill
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from monitor.model.measurement import MedianStatus
from monitor.model.scorecard import Scorecard
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_legend import Entry, legend
from monitor.publication.chart_rows import (
    ROW,
    at_the_side,
    in_order,
    largest,
    names,
    nobody_ranked,
    provider_table,
    row_axes,
)
from monitor.publication.chart_style import ACCENT, FAINT, HOURS, INK, NORM_LINE, TITLE, at_hour, hours_axis, new_figure
from monitor.publication.formats import Formats
from monitor.publication.phrases import MEDIANS, phrase
from monitor.publication.shown import Shown

_LEAST_END = 168.0
_OURS: dict[str, Any] = {"marker": "s", "color": "#9aa4ad", "markeredgecolor": INK, "markeredgewidth": 0.8}
_THEIRS: dict[str, Any] = {"marker": "o", "color": ACCENT, "markeredgecolor": INK, "markeredgewidth": 0.8}
_NOT_REACHED: dict[str, Any] = {"marker": ">", "color": "white", "markeredgecolor": INK, "markersize": 7}
_OPEN: dict[str, Any] = {"marker": "D", "color": "white", "markeredgecolor": INK, "markersize": 6}
_TEXT: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 8.5}


def chosen(shown: Shown) -> list[Scorecard]:
    return largest(
        card
        for card in shown.network.ranked
        if card.report_to_notice_median_hours is not None or card.median_status is not None
    )


def delays(shown: Shown, formats: Formats) -> Figure:
    cards, t = chosen(shown), formats.texts
    norm, end = shown.network.ranking.norm, _end(cards)
    figure = new_figure(2.4 + ROW * len(cards))
    left, right = figure.subplots(1, 2, sharey=True)
    row_axes(left, names(cards, shown, formats))
    for axes in (left, right):
        hours_axis(axes, formats, end)
        axes.set_xlim(0.93, at_hour(end) * 1.7)  # room for a mark at 0, and for arrows at the end
        axes.grid(axis="x", color=FAINT)
        axes.tick_params(axis="y", length=0)
    right.axvline(at_hour(norm.hours), zorder=1, **NORM_LINE)
    left.set_title(_two_lines(t.gettext("Report to notice: the hotline’s time")), fontsize=10)
    right.set_title(_two_lines(t.gettext("Notice to takedown: the provider’s time")), fontsize=10)
    for row, card in enumerate(cards):
        _hotline(left, row, card, formats)
        _provider(right, row, card, end, formats)
    figure.suptitle(t.gettext("Median hours before and after the notice"), **TITLE)
    order = in_order(len(cards), len(shown.network.ranked), formats)
    note = t.gettext("Hours until half of the URLs had come that far, d = days (stretched at the start).")
    _legend(figure, cards, fill(note + " " + order, 100), formats)
    return figure


def _two_lines(title: str) -> str:
    """Both titles alike, in every language."""
    return title.replace(": ", ":\n", 1)


def _end(cards: list[Scorecard]) -> float:
    """The first tick past all that is drawn, a week at least."""
    drawn = [card.report_to_notice_median_hours for card in cards]
    drawn += [hours for card in cards if _reached(card) for hours in (card.median_hours, card.median_high)]
    most = max((hours for hours in drawn if hours is not None), default=0.0)
    return next((tick for tick in HOURS if tick >= max(most, _LEAST_END)), most)


def _reached(card: Scorecard) -> bool:
    return card.median_status == MedianStatus.REACHED and card.median_hours is not None


def _hotline(axes: Axes, row: int, card: Scorecard, formats: Formats) -> None:
    hours = card.report_to_notice_median_hours
    if hours is None:
        axes.annotate(formats.unknown, (at_hour(0), row), (2, 0), fontstyle="italic", **_TEXT)
        return
    axes.plot([at_hour(hours)], [row], markersize=6, zorder=4, **_OURS)
    axes.annotate(formats.decimal(hours), (at_hour(hours), row), (8, 0), **_TEXT)


def _provider(axes: Axes, row: int, card: Scorecard, end: float, formats: Formats) -> None:
    hours, low, high = card.median_hours, card.median_low, card.median_high
    if card.median_status is None:
        axes.annotate(formats.unknown, (at_hour(0), row), (2, 0), fontstyle="italic", **_TEXT)
    elif card.median_status == MedianStatus.NOT_REACHED or (hours is None and low is None):
        axes.plot([at_hour(end) * 1.3], [row], zorder=4, **_NOT_REACHED)
    else:
        _range(axes, row, (low, high), end)
        if _reached(card) and hours is not None:
            axes.plot([at_hour(hours)], [row], markersize=6, zorder=4, **_THEIRS)
            at_the_side(axes, row, formats.decimal(hours))
        elif low is not None:
            axes.plot([at_hour(min(low, end))], [row], zorder=4, **_OPEN)


def _range(axes: Axes, row: int, limits: tuple[float | None, float | None], end: float) -> None:
    """The median's limits; without an upper one it runs off the scale."""
    low, high = limits
    if low is None:
        return
    last = at_hour(end) * 1.55 if high is None or high > end else at_hour(high)
    axes.plot([at_hour(min(low, end)), last], [row, row], color=ACCENT, linewidth=2.4, alpha=0.45, zorder=3)


def _legend(figure: Figure, cards: list[Scorecard], note: str, formats: Formats) -> None:
    t = formats.texts
    entries: list[Entry] = [
        (Line2D([], [], linestyle="", markersize=6, **_OURS), t.gettext("median, hotline")),
        (Line2D([], [], linestyle="", markersize=6, **_THEIRS), t.gettext("median, provider")),
    ]
    statuses = {card.median_status for card in cards}
    if MedianStatus.REACHED in statuses or MedianStatus.NOT_IDENTIFIED in statuses:
        entries.append((Line2D([], [], color=ACCENT, linewidth=2.4, alpha=0.45), t.gettext("its range")))
    if MedianStatus.NOT_REACHED in statuses:
        mark = Line2D([], [], linestyle="", **_NOT_REACHED)
        entries.append((mark, phrase(t, MEDIANS, MedianStatus.NOT_REACHED)))
    if MedianStatus.NOT_IDENTIFIED in statuses:
        mark = Line2D([], [], linestyle="", **_OPEN)
        entries.append((mark, phrase(t, MEDIANS, MedianStatus.NOT_IDENTIFIED)))
    entries.append((Line2D([], [], **NORM_LINE), t.gettext("hours of the norm")))
    legend(figure, entries, 3, note)


def words(shown: Shown, formats: Formats) -> Words:
    t, cards = formats.texts, chosen(shown)
    ours = [card.report_to_notice_median_hours for card in cards if card.report_to_notice_median_hours is not None]
    theirs = [card.median_hours for card in cards if _reached(card) and card.median_hours is not None]
    alt = t.gettext(
        "Two panels with one row for each provider (%(n)s). The median time from report to notice, the hotline’s, is "
        "%(ours)s. The median time from notice to takedown, the provider’s, is %(theirs)s where it was reached "
        "(%(reached)s); not reached: %(not_reached)s; not determined by the checks: %(open)s."
    )
    statuses = [card.median_status for card in cards]
    alt = fill_in(
        alt,
        n=formats.number(len(cards)),
        ours=formats.hours_range(min(ours, default=None), max(ours, default=None)),
        theirs=formats.hours_range(min(theirs, default=None), max(theirs, default=None)),
        reached=formats.number(len(theirs)),
        not_reached=formats.number(statuses.count(MedianStatus.NOT_REACHED)),
        open=formats.number(statuses.count(MedianStatus.NOT_IDENTIFIED)),
    )
    reading = t.gettext(
        "On the left the time that the hotline needed before it sent the notice: it is not held against the provider. "
        "On the right the time that the provider needed after it. Both panels have the same scale. An open arrow means "
        "that less than half was taken offline, so there is no such hour."
    )
    return Words(t.gettext("Before and after the notice"), alt, reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t, cards = formats.texts, chosen(shown)
    columns = (
        Column(t.gettext("Report to notice: the hotline’s time")),
        Column(t.gettext("Notice to takedown: the provider’s time")),
        Column(t.gettext("Range")),
    )

    def cells(card: Scorecard) -> tuple[str, ...]:
        return (formats.hours(card.report_to_notice_median_hours), *_median(card, formats))

    return provider_table(t.gettext("Median hours before and after the notice"), columns, cards, cells, shown, formats)


def _median(card: Scorecard, formats: Formats) -> tuple[str, str]:
    if _reached(card):
        return formats.hours(card.median_hours), formats.hours_range(card.median_low, card.median_high)
    return phrase(formats.texts, MEDIANS, card.median_status), "–"


def missing(shown: Shown, formats: Formats) -> str:
    return "" if chosen(shown) else nobody_ranked(formats)


KIND = ChartKind("delays", "tables/ranking.csv", delays, words, data, missing)
