"""Chart `trend`: compliance over the Periods, all together and the largest Providers.

In: what is shown; the same method on every Period. In a freeze from before there were estimates the points have bounds
alone, which the note says. Out: a Figure: estimate with 95% interval on a block from worst to best case; with one
Period it says so in words. Where something changed that keeps two Periods from being compared, a dotted line stands
between them.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from monitor.model.scorecard import TrendPoint
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_rows import estimate_columns
from monitor.publication.chart_style import (
    ACCENT,
    BAND,
    COLOURS,
    FAINT,
    INK,
    NORM_LINE,
    TITLE,
    label,
    new_figure,
    percent_axis,
)
from monitor.publication.formats import Formats
from monitor.publication.names import provider_name
from monitor.publication.phrases import BREAKS, phrase
from monitor.publication.shown import Shown, unestimated

N_LARGEST = 3
_PAPER = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.8}
_Points = list[TrendPoint]


def trend(shown: Shown, formats: Formats) -> Figure:
    periods, named, norm = _periods(shown), panels(shown, formats), shown.network.ranking.norm
    figure = new_figure(3.6)
    grid = figure.subplots(1, len(named), sharey=True, squeeze=False)
    for axes, (name, points) in zip(grid.flat, named, strict=True):
        _draw(axes, label(name, 22), points, periods, norm.target, formats)
    every = [point for _, points in named for point in points]
    figure.suptitle(_title(every, formats) % {"norm": formats.norm(norm)}, **TITLE)
    figure.supxlabel("\n".join(_notes(every, formats)), fontsize=9.5)
    return figure


def _periods(shown: Shown) -> list[str]:
    return sorted({point.period for point in shown.network.ranking.trend})


def _title(points: _Points, formats: Formats) -> str:
    if any(map(unestimated, points)):
        return formats.texts.gettext("Share taken offline %(norm)s, by period")
    return formats.texts.gettext("Estimated share taken offline %(norm)s, by period")


def _notes(points: _Points, formats: Formats) -> list[str]:
    texts = formats.texts
    if any(map(unestimated, points)):
        how = texts.gettext("Block: worst to best case; dashed: the norm. Measured before there were estimates.")
    else:
        how = texts.gettext(
            "Line: 95% interval; block: worst to best case; dashed: the norm. Same method for every period."
        )
    if any(point.breaks for point in points):
        broken = texts.gettext("Dotted: something changed there, so the periods before and after do not compare.")
        return [how, broken]
    return [how]


def of_provider(shown: Shown, provider_id: str | None) -> _Points:
    """The points of one Provider (None: all together) that have bounds, oldest first."""
    points = [p for p in shown.network.ranking.trend if p.provider_id == provider_id and p.worst is not None]
    return sorted(points, key=lambda point: point.period)


def panels(shown: Shown, formats: Formats) -> list[tuple[str, _Points]]:
    """All together, then the largest that are in two Periods at least; names in full."""
    made = [(formats.texts.gettext("All together"), of_provider(shown, None))]
    for card in sorted(shown.network.ranked, key=lambda card: (-card.n_episodes, card.provider_id)):
        points = of_provider(shown, card.provider_id)
        if len(points) > 1 and len(made) <= N_LARGEST:
            made.append((provider_name(card, shown.named, formats.texts), points))
    return made


def _draw(axes: Axes, title: str, points: _Points, periods: list[str], target: float, formats: Formats) -> None:
    for point in points:
        worst, best, x = point.worst or 0.0, point.best or 0.0, periods.index(point.period)
        axes.bar(x, max(best - worst, 0.006), bottom=min(worst, 0.994), width=0.5, color=BAND, alpha=0.45, linewidth=0)
        if point.breaks and x:
            axes.axvline(x - 0.5, color=COLOURS["below"], linewidth=1.6, linestyle=(0, (1, 1.5)))
        if point.share is None:
            continue
        low = point.share if point.low is None else point.low
        high = point.share if point.high is None else point.high
        axes.plot([x, x], [low, high], color=INK, linewidth=1.2, marker="_", markersize=7)
        axes.plot([x], [point.share], color=ACCENT, marker="o", markersize=6, markeredgecolor=INK, markeredgewidth=0.8)
        if len(periods) > 3:  # the figures are in the table; here they would run into one another
            continue
        top = max(best, high) + 0.02
        axes.text(x, top, formats.percent(point.share), ha="center", va="bottom", fontsize=8, color=INK, bbox=_PAPER)
    axes.axhline(target, **NORM_LINE)
    every = range(0, len(periods), -(-len(periods) // 5))  # no more names of periods than stand beside one another
    axes.set_xticks(list(every), [periods[at] for at in every], fontsize=8.5)
    axes.set_xlim(-0.6, len(periods) - 0.4)
    axes.set_title(title, fontsize=10)
    axes.grid(axis="y", color=FAINT)
    percent_axis(axes, formats, "y")
    axes.set_ylim(-0.01, 1.1)


def words(shown: Shown, formats: Formats) -> Words:
    t, everyone = formats.texts, of_provider(shown, None)
    title = t.gettext("Change over the periods")
    if any(map(unestimated, everyone)):
        alt = t.gettext(
            "Share of URLs taken offline %(norm)s by period, from worst to best case; it was measured before there "
            "were estimates. All together: %(shares)s."
        )
        reading = t.gettext("Blocks run from worst to best case. They were measured before there were estimates.")
        shares = [f"{point.period} {formats.percents(point.worst, point.best)}" for point in everyone]
    else:
        alt = t.gettext(
            "Estimated share of URLs taken offline %(norm)s by period, with 95% intervals. All together: %(shares)s."
        )
        reading = t.gettext(
            "Marks are estimates, thin lines their 95% intervals, blocks run from worst to best case. Whether a "
            "difference is more than chance is in the table of changes. A dotted line marks a break: a method, "
            "schedule, coverage or norm that changed in between."
        )
        shares = [f"{point.period} {formats.percent(point.share)}" for point in everyone]
    norm = formats.norm(shown.network.ranking.norm)
    return Words(title, fill_in(alt, norm=norm, shares="; ".join(shares) or formats.unknown), reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t = formats.texts
    columns = (
        Column(t.gettext("Provider"), number=False),
        Column(t.gettext("Period"), number=False),
        *estimate_columns(formats),
        Column(t.gettext("Break"), number=False),
    )
    rows = tuple(
        (
            name,
            point.period,
            t.gettext("measured before there were estimates") if unestimated(point) else formats.percent(point.share),
            "–" if unestimated(point) else formats.percents(point.low, point.high),
            formats.percents(point.worst, point.best),
            ", ".join(phrase(t, BREAKS, code) for code in point.breaks) or "–",
        )
        for name, points in panels(shown, formats)
        for point in points
    )
    return DataTable(t.gettext("Change over the periods"), columns, rows)


def missing(shown: Shown, formats: Formats) -> str:
    return "" if len(_periods(shown)) > 1 else formats.texts.gettext("One period so far: a trend needs at least two.")


KIND = ChartKind("trend", "tables/trend.csv", trend, words, data, missing)
