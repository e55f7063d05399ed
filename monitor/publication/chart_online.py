"""Chart `online`: share of URLs not taken offline since the notice, all together and the largest Providers.

In: what is shown. Out: a Figure of small panels with equal axes: the estimate as a line, its 95% limits as a band,
worst to best case as a light area in steps, since between two hours of the grid only the values at its ends are known.
"""

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from monitor.model.scorecard import Curve, Norm
from monitor.publication.chart_compliance import nothing
from monitor.publication.chart_style import ACCENT, FAINT, NORM, SOFT, label, new_figure, percent_axis
from monitor.publication.formats import Formats
from monitor.publication.names import provider_name
from monitor.publication.shown import Shown

N_LARGEST = 5
_TICKS = (0, 1, 4, 12, 24, 48, 168, 720)
_BOUNDS, _BAND = "#dbe5ee", 0.38  # light area; opacity of the band on it


def online(shown: Shown, formats: Formats) -> Figure:
    panels = _panels(shown, formats)
    if not panels:
        return nothing(formats, formats.texts.gettext("No URL was counted in this period, so there is no curve."))
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure(1.8 + 2.35 * rows)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes, (title, curve) in zip(grid.flat, panels, strict=False):
        _draw(axes, title, curve, shown.network.ranking.norm, formats)
    for axes in list(grid.flat)[len(panels) :]:
        axes.remove()
    for axes in list(grid.flat)[: len(panels)]:
        axes.tick_params(labelbottom=True)
    figure.suptitle(
        formats.texts.gettext("Share not taken offline since the notice"),
        x=0.01,
        ha="left",
        fontsize=12,
        fontweight="bold",
    )
    _legend(figure, panels, formats)
    return figure


def _panels(shown: Shown, formats: Formats) -> list[tuple[str, Curve]]:
    """All together first, then the Providers with most URLs."""
    ranking = shown.network.ranking
    cards = {card.provider_id: card for card in ranking.scorecards}
    everyone = [curve for curve in ranking.curves if curve.provider_id is None and curve.n_episodes]
    single = [curve for curve in ranking.curves if curve.provider_id in cards]
    single.sort(key=lambda curve: (-curve.n_episodes, curve.provider_id or ""))
    panels = [(formats.texts.gettext("All together"), curve) for curve in everyone]
    for curve in single[:N_LARGEST]:
        name = provider_name(cards[curve.provider_id or ""], shown.named, formats.texts)
        panels.append((label(name, 26), curve))
    return panels


def _draw(axes: Axes, title: str, curve: Curve, norm: Norm, formats: Formats) -> None:
    hours = [hour + 1 for hour in curve.hours]
    axes.set_xscale("log")
    # Lower edge: right after an hour of the grid the next value is possible; upper edge: a value holds until the next.
    upper, lower = list(curve.high), list(curve.low)
    axes.fill_between(_doubled(hours), _held(upper), _early(lower), color=_BOUNDS, linewidth=0)
    if curve.band_low and curve.band_high:
        axes.fill_between(hours, curve.band_low, curve.band_high, color=ACCENT, alpha=_BAND, linewidth=0)
    if curve.share:
        axes.plot(hours, curve.share, color=ACCENT, linewidth=1.7)
    axes.axvline(norm.hours + 1, color=NORM, linewidth=1, linestyle=(0, (4, 2)))
    axes.set_title(title, fontsize=10)
    axes.text(
        0.98,
        0.95 if curve.high[-1] < 0.75 else 0.05,
        _count(curve.n_episodes, formats),
        transform=axes.transAxes,
        ha="right",
        va="top" if curve.high[-1] < 0.75 else "bottom",
        fontsize=8.5,
        color=SOFT,
        bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.5},
    )
    axes.xaxis.set_major_locator(FixedLocator([tick + 1 for tick in _TICKS]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: formats.tick(round(x - 1))))
    axes.tick_params(axis="x", labelsize=8)
    axes.set_xlim(1, 721)
    axes.grid(color=FAINT)
    percent_axis(axes, formats, "y")


def _legend(figure: Figure, panels: list[tuple[str, Curve]], formats: Formats) -> None:
    """What is drawn in any of the panels, and how to read it: a label of the figure would lie under the legend."""
    texts = formats.texts
    entries: list[Line2D | Patch] = []
    names: list[str] = []
    if any(curve.share for _, curve in panels):
        entries.append(Line2D([], [], color=ACCENT, linewidth=1.7))
        names.append(texts.gettext("estimate"))
    if any(curve.band_low for _, curve in panels):
        entries.append(Patch(color=ACCENT, alpha=_BAND, linewidth=0))
        names.append(texts.gettext("95% interval"))
    entries.append(Patch(color=_BOUNDS))
    names.append(texts.gettext("worst to best case"))
    note = texts.gettext(
        "Hours since the notice, d = days (stretched at the start). Dashed: the hours of the norm.\n"
        "A URL that moved to another provider or lost its domain name counts as not taken offline."
    )
    legend = figure.legend(entries, names, loc="outside lower left", ncols=3, title=note, title_fontsize=9.5)
    legend.set_alignment("left")


def _count(n: int, formats: Formats) -> str:
    return formats.texts.ngettext("%(n)s URL", "%(n)s URLs", n) % {"n": formats.number(n)}


def _doubled(hours: list[float]) -> list[float]:
    return [hours[0], *(hour for hour in hours[1:] for _ in range(2))]


def _held(shares: list[float]) -> list[float]:
    return [shares[0], *(s for pair in pairwise(shares) for s in pair)]


def _early(shares: list[float]) -> list[float]:
    """As `_held`, for the lower edge: right after the notice the next value is already possible."""
    held = [shares[min(1, len(shares) - 1)]]
    for index in range(1, len(shares)):
        held += [shares[index], shares[min(index + 1, len(shares) - 1)]]
    return held
