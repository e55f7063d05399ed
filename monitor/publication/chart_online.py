"""Chart `online`: how much is still online, told as the share taken offline since the notice.

In: what is shown. Out: a Figure of small panels with equal axes, all together and the largest Providers: the estimate
as a rising line, its 95% limits as a band, worst to best case as a light area in steps, since between two hours of the
grid only the values at its ends are known. The cross is the norm: its hours and its share. What would surprise: a Curve
holds the share *not* taken offline, and so does `curves.csv`; `Taken` turns it.
"""

from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from monitor.model.scorecard import Curve, Norm
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_legend import Entry, legend
from monitor.publication.chart_rows import estimate_columns
from monitor.publication.chart_style import (
    ACCENT,
    FAINT,
    INK,
    NORM,
    SOFT,
    TITLE,
    at_hour,
    hours_axis,
    label,
    new_figure,
    percent_axis,
)
from monitor.publication.drawing import LAST_HOUR, Taken, taken
from monitor.publication.formats import Formats
from monitor.publication.names import provider_name
from monitor.publication.shown import Shown

N_LARGEST = 5
IN_TABLE = (1, 12, 24, 48, 168, 720)
_BOUNDS, _BAND = "#dbe5ee", 0.38  # light area; opacity of the band on it
_CROSS: dict[str, Any] = {"marker": "P", "color": "white", "markeredgecolor": INK, "markersize": 8}
_HOUR: dict[str, Any] = {"color": NORM, "linewidth": 1, "linestyle": (0, (4, 2))}


def panels(shown: Shown, formats: Formats) -> list[tuple[str, Curve]]:
    """All together first, then the Providers with most URLs; names in full."""
    ranking = shown.network.ranking
    cards = {card.provider_id: card for card in ranking.scorecards}
    everyone = [curve for curve in ranking.curves if curve.provider_id is None and curve.n_episodes]
    single = [curve for curve in ranking.curves if curve.provider_id in cards and curve.n_episodes]
    single.sort(key=lambda curve: (-curve.n_episodes, curve.provider_id or ""))
    named = [(formats.texts.gettext("All together"), curve) for curve in everyone]
    for curve in single[:N_LARGEST]:
        named.append((provider_name(cards[curve.provider_id or ""], shown.named, formats.texts), curve))
    return named


def online(shown: Shown, formats: Formats) -> Figure:
    named, norm = panels(shown, formats), shown.network.ranking.norm
    columns = min(3, len(named))
    rows = -(-len(named) // columns)
    figure = new_figure(1.8 + 2.35 * rows)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes, (name, curve) in zip(grid.flat, named, strict=False):
        draw_curve(axes, label(name, 26), curve, norm, formats)
        axes.tick_params(labelbottom=True)
    for axes in list(grid.flat)[len(named) :]:
        axes.remove()
    figure.suptitle(formats.texts.gettext("Share taken offline since the notice"), **TITLE)
    curve_legend(figure, named, norm, formats)
    return figure


def draw_curve(axes: Axes, title: str, curve: Curve, norm: Norm, formats: Formats) -> None:
    hours, shares = [at_hour(hour) for hour in curve.hours], taken(curve)
    axes.fill_between(_doubled(hours), _held(shares.worst), _early(shares.best), color=_BOUNDS, linewidth=0)
    if shares.low and shares.high:
        axes.fill_between(hours, shares.low, shares.high, color=ACCENT, alpha=_BAND, linewidth=0)
    if shares.share:
        axes.plot(hours, shares.share, color=ACCENT, linewidth=1.7)
    axes.axvline(at_hour(norm.hours), **_HOUR)
    axes.plot([at_hour(norm.hours)], [norm.target], zorder=4, **_CROSS)
    axes.set_title(title, fontsize=10)
    above = shares.best[-1] < 0.75  # room over the curve, and else under it
    axes.text(
        0.98,
        0.95 if above else 0.05,
        _count(curve.n_episodes, formats),
        transform=axes.transAxes,
        ha="right",
        va="top" if above else "bottom",
        fontsize=8.5,
        color=SOFT,
        bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.5},
    )
    hours_axis(axes, formats, LAST_HOUR)
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(color=FAINT)
    percent_axis(axes, formats, "y")


def curve_legend(figure: Figure, named: list[tuple[str, Curve]], norm: Norm, formats: Formats) -> None:
    """What is drawn in any of the panels, and how to read it."""
    texts = formats.texts
    entries: list[Entry] = []
    if any(curve.share for _, curve in named):
        entries.append((Line2D([], [], color=ACCENT, linewidth=1.7), texts.gettext("estimate")))
    if any(curve.band_low for _, curve in named):
        entries.append((Patch(color=ACCENT, alpha=_BAND, linewidth=0), texts.gettext("95% interval")))
    entries.append((Patch(color=_BOUNDS), texts.gettext("worst to best case")))
    entries.append((Line2D([], [], linestyle="", **_CROSS), _norm_text(norm, formats)))
    note = texts.gettext(
        "Hours since the notice, d = days (stretched at the start). A curve above the cross meets the norm by "
        "estimate.\nA URL that moved to another provider or lost its domain name counts as not taken offline."
    )
    legend(figure, entries, 4, note)


def _norm_text(norm: Norm, formats: Formats) -> str:
    message = formats.texts.gettext("norm: %(target)s %(norm)s")
    return message % {"target": formats.target(norm.target), "norm": formats.norm(norm)}


def _count(n: int, formats: Formats) -> str:
    return formats.texts.ngettext("%(n)s URL", "%(n)s URLs", n) % {"n": formats.number(n)}


def _doubled(hours: list[float]) -> list[float]:
    return [hours[0], *(hour for hour in hours[1:] for _ in range(2))]


def _held(shares: tuple[float, ...]) -> list[float]:
    """The least that can be offline: a value holds until the next hour of the grid."""
    return [shares[0], *(s for pair in pairwise(shares) for s in pair)]


def _early(shares: tuple[float, ...]) -> list[float]:
    """The most: right after an hour of the grid the next value is already possible."""
    held = [shares[min(1, len(shares) - 1)]]
    for index in range(1, len(shares)):
        held += [shares[index], shares[min(index + 1, len(shares) - 1)]]
    return held


def words(shown: Shown, formats: Formats) -> Words:
    t, named = formats.texts, panels(shown, formats)
    alt = t.gettext(
        "Small charts (%(n)s) of the share of URLs taken offline by hours since the notice, as a line with a 95% "
        "band between worst and best case. %(shares)s."
    )
    norm = shown.network.ranking.norm
    at_norm = [
        t.gettext("%(provider)s: %(share)s %(norm)s")
        % {"provider": name, "share": formats.percent(shares.share[shares.at(norm.hours)]), "norm": formats.norm(norm)}
        for name, curve in named
        if (shares := taken(curve)).share and norm.hours in curve.hours
    ]
    without = t.gettext("The checks gave no estimate at the hours of the norm")
    alt = fill_in(alt, n=formats.number(len(named)), shares="; ".join(at_norm) or without)
    reading = t.gettext(
        "The line rises as material is taken offline; the band around it is the 95% interval. The light area "
        "runs from worst to best case and is wide where there was much time between checks. URLs that moved "
        "or lost their domain name are not taken offline. The cross is the norm: a line that passes above it kept "
        "the norm by estimate. The CSV file gives the share not taken offline: 100% less the figures here."
    )
    return Words(t.gettext("How fast it is taken offline"), alt, reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t = formats.texts
    columns = (
        Column(t.gettext("Provider"), number=False),
        Column(t.gettext("Since the notice")),
        *estimate_columns(formats),
    )
    rows = tuple(
        (name, formats.since(hour), *_cells(taken(curve), hour, formats))
        for name, curve in panels(shown, formats)
        for hour in IN_TABLE
        if hour in curve.hours
    )
    return DataTable(t.gettext("Share taken offline since the notice"), columns, rows)


def _cells(shares: Taken, hour: float, formats: Formats) -> tuple[str, str, str]:
    at = shares.at(hour)
    limits = (shares.low[at], shares.high[at]) if shares.low and shares.high else (None, None)
    return (
        formats.percent(shares.share[at] if shares.share else None),
        formats.percents(*limits),
        formats.percents(shares.worst[at], shares.best[at]),
    )


def missing(shown: Shown, formats: Formats) -> str:
    if panels(shown, formats):
        return ""
    return formats.texts.gettext("No URL was counted in this period, so there is no curve.")


KIND = ChartKind("online", "tables/curves.csv", online, words, data, missing)
