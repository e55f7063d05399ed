"""Chart `groups`: the share within the norm by site type and by country, all Providers together.

In: what is shown. Out: a Figure of one panel for each dimension that has a group with an estimate: the estimate with
its 95% interval on a block from worst to best case. No class and no class's colour: a site type is nobody to judge.
"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from monitor.model.breakdown import Dimension, GroupFigures
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_legend import Entry, legend, norm_entry
from monitor.publication.chart_rows import MOST_ROWS, ROW, estimate_cells, estimate_columns, row_axes
from monitor.publication.chart_style import ACCENT, BAND, FAINT, INK, NORM_LINE, TITLE, new_figure, percent_axis
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown
from monitor.publication.view_groups import group_name

_LINE: dict[str, Any] = {"color": INK, "linewidth": 1.2, "marker": "|", "markersize": 6}
_DOT: dict[str, Any] = {"color": ACCENT, "marker": "o", "markersize": 6, "markeredgecolor": INK}


def panels(shown: Shown, formats: Formats) -> list[tuple[str, list[GroupFigures]]]:
    """A title and the groups of each dimension, most URLs first, those without a known word last."""
    titles = {
        Dimension.SITE_TYPE: formats.texts.gettext("By site type"),
        Dimension.COUNTRY: formats.texts.gettext("By country of establishment"),
    }
    made = []
    for dimension, title in titles.items():
        mine = [each for each in shown.groups if each.dimension == dimension and each.within_norm is not None]
        mine.sort(key=lambda each: (not each.group, -each.n_episodes, each.group))
        if any(each.group for each in mine):  # a chart of "not known" alone would say nothing
            made.append((title, mine[:MOST_ROWS]))
    return made


def groups(shown: Shown, formats: Formats) -> Figure:
    made, t, norm = panels(shown, formats), formats.texts, shown.network.ranking.norm
    heights = [len(mine) + 1.2 for _, mine in made]
    figure = new_figure(1.9 + 0.3 * len(made) + ROW * 1.15 * sum(heights))
    grid = figure.subplots(len(made), 1, squeeze=False, height_ratios=heights)
    for axes, (title, mine) in zip(grid.flat, made, strict=True):
        for row, each in enumerate(mine):
            _draw(axes, row, each)
        row_axes(axes, [_row_name(each, formats) for each in mine])
        percent_axis(axes, formats)
        axes.grid(axis="x", color=FAINT)
        axes.axvline(norm.target, zorder=4, **NORM_LINE)
        axes.set_title(title, fontsize=10)
    figure.suptitle(t.gettext("Share taken offline %(norm)s") % {"norm": formats.norm(norm)}, **TITLE)
    entries: list[Entry] = [
        (Line2D([], [], linestyle="", **_DOT), t.gettext("estimate")),
        (Line2D([], [], **_LINE), t.gettext("95% interval")),
        (Patch(color=BAND, alpha=0.45, linewidth=0), t.gettext("worst to best case")),
        norm_entry(norm, formats),
    ]
    legend(figure, entries, 4)
    return figure


def _row_name(each: GroupFigures, formats: Formats) -> str:
    return f"{group_name(each, formats)} ({formats.number(each.n_episodes)})"


def _draw(axes: Axes, row: int, each: GroupFigures) -> None:
    worst, best = each.within_norm_worst, each.within_norm_best
    if worst is not None and best is not None:
        width = max(best - worst, 0.006)
        axes.barh(row, width, left=min(worst, 0.994), height=0.56, color=BAND, alpha=0.45, linewidth=0, zorder=2)
    if each.within_norm_low is not None and each.within_norm_high is not None:
        axes.plot([each.within_norm_low, each.within_norm_high], [row, row], zorder=3, **_LINE)
    axes.plot([each.within_norm or 0.0], [row], zorder=5, **_DOT)


def words(shown: Shown, formats: Formats) -> Words:
    t = formats.texts
    shares = [
        t.gettext("%(group)s: %(share)s")
        % {"group": group_name(each, formats), "share": formats.percent(each.within_norm)}
        for _, mine in panels(shown, formats)
        for each in mine
    ]
    alt = t.gettext(
        "Chart of the estimated share of URLs taken offline %(norm)s by site type and country, with 95% intervals and "
        "worst to best case. %(shares)s."
    )
    alt = fill_in(alt, norm=formats.norm(shown.network.ranking.norm), shares="; ".join(shares))
    reading = t.gettext(
        "All providers together, divided by the kind of site, and by the country in which the provider is "
        "established. Between brackets the number of URLs counted. A difference between kinds can lie in who hosts "
        "them: it does not say that the kind is the cause."
    )
    return Words(t.gettext("By site type and country"), alt, reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t = formats.texts
    columns = (
        Column(t.gettext("Site type or country"), number=False),
        Column(t.gettext("URLs counted")),
        *estimate_columns(formats),
    )
    rows = tuple(
        (
            group_name(each, formats),
            formats.number(each.n_episodes),
            *estimate_cells(each, formats),
        )
        for _, mine in panels(shown, formats)
        for each in mine
    )
    return DataTable(t.gettext("By site type and country"), columns, rows)


def missing(shown: Shown, formats: Formats) -> str:
    if panels(shown, formats):
        return ""
    return formats.texts.gettext("No site type or country is known with enough URLs to show.")


KIND = ChartKind("groups", "tables/groups.csv", groups, words, data, missing)
