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
from monitor.publication.chart_style import COLOURS, FAINT, INK, MARKERS, NORM, label, new_figure, percent_axis
from monitor.publication.figures import ended_otherwise
from monitor.publication.formats import Formats
from monitor.publication.names import provider_name
from monitor.publication.phrases import CLASSES, phrase
from monitor.publication.shown import Shown

MOST_ROWS = 30
LIGHT = 0.34  # opacity of what lies behind the estimate
_HOLLOW: dict[str, Any] = {"facecolor": "white", "edgecolor": COLOURS["not-proven"], "linewidth": 1.2}


def compliance(shown: Shown, formats: Formats) -> Figure:
    cards = chosen(shown)
    if not cards:
        return nothing(formats, formats.texts.gettext("No provider had enough URLs for a rank in this period."))
    norm = shown.network.ranking.norm
    figure = new_figure(1.9 + 0.27 * len(cards))
    axes = figure.subplots()
    for row, card in enumerate(cards):
        _draw(axes, row, card)
        if ended_otherwise(card, norm.target):
            _draw_any_end(axes, row, card)
    axes.set_yticks(range(len(cards)), [label(provider_name(card, shown.named, formats.texts)) for card in cards])
    axes.set_ylim(len(cards) - 0.4, -0.9)
    axes.tick_params(axis="y", length=0)
    percent_axis(axes, formats)
    axes.grid(axis="x", color=FAINT)
    axes.axvline(norm.target, color=NORM, linewidth=1.4, linestyle=(0, (4, 2)), zorder=4)
    axes.set_title(_title(formats, norm))
    axes.set_xlabel(fill(_note(shown, cards, formats), 72))
    _legend(figure, cards, norm, formats)
    return figure


def chosen(shown: Shown) -> list[Scorecard]:
    """The ranked with most Episodes, in the order of the ranking."""
    ranked = [card for card in shown.network.ranked if card.within_norm_worst is not None]
    most = sorted(ranked, key=lambda card: (-card.n_episodes, card.provider_id))[:MOST_ROWS]
    kept = {card.provider_id for card in most}
    return [card for card in ranked if card.provider_id in kept]


def nothing(formats: Formats, message: str) -> Figure:
    """A chart that says in words why it shows nothing."""
    figure = new_figure(1.6)
    figure.text(0.5, 0.5, message, ha="center", va="center", wrap=True, fontsize=12)
    return figure


def _draw(axes: Axes, row: int, card: Scorecard) -> None:
    colour = COLOURS.get(card.class_, COLOURS["not-proven"])
    worst, best = card.within_norm_worst or 0.0, card.within_norm_best or 0.0
    block: dict[str, Any] = {"height": 0.56, "color": colour, "alpha": LIGHT, "linewidth": 0, "zorder": 2}
    axes.barh(row, max(best - worst, 0.006), left=min(worst, 0.994), **block)
    if card.within_norm is None:
        return
    if card.within_norm_low is not None and card.within_norm_high is not None:
        ends = [card.within_norm_low, card.within_norm_high]
        axes.plot(ends, [row, row], color=INK, linewidth=1.2, marker="|", markersize=6, zorder=3)
    mark = _mark(card.class_)
    mark.set_data([card.within_norm], [row])
    mark.set_zorder(5)
    axes.add_line(mark)


def _draw_any_end(axes: Axes, row: int, card: Scorecard) -> None:
    """Hollow: worst to best case with moves and lost domain names as an end too, where they decide the class."""
    worst, best = card.within_norm_any_end_worst, card.within_norm_any_end_best
    if worst is not None and best is not None:
        axes.barh(row, max(best - worst, 0.006), left=min(worst, 0.994), height=0.4, zorder=2, **_HOLLOW)


def _mark(class_: str) -> Line2D:
    """The estimate; its marker tells the classes apart without colour."""
    look: dict[str, Any] = {"markersize": 6, "markeredgecolor": INK, "markeredgewidth": 0.8}
    colour = COLOURS.get(class_, COLOURS["not-proven"])
    return Line2D([], [], linestyle="", marker=MARKERS.get(class_, "D"), color=colour, **look)


def _title(formats: Formats, norm: Norm) -> str:
    return formats.texts.gettext("Share taken offline %(norm)s") % {"norm": formats.norm(norm)}


def _note(shown: Shown, cards: list[Scorecard], formats: Formats) -> str:
    n_ranked = len(shown.network.ranked)
    if len(cards) == n_ranked:
        return formats.texts.gettext("Share of the URLs counted. In the order of the ranking.")
    message = formats.texts.gettext(
        "Share of the URLs counted. The %(n)s ranked providers with most URLs, of %(all)s; in the order of the ranking."
    )
    return message % {"n": formats.number(len(cards)), "all": formats.number(n_ranked)}


def _legend(figure: Figure, cards: list[Scorecard], norm: Norm, formats: Formats) -> None:
    texts = formats.texts
    classes = [code for code in ("below", "not-proven", "meets") if any(card.class_ == code for card in cards)]
    entries: list[Any] = [_mark(code) for code in classes]
    names = [texts.gettext("estimate: %(class)s") % {"class": phrase(texts, CLASSES, code)} for code in classes]
    entries.append(Patch(facecolor=COLOURS["not-proven"], alpha=LIGHT, linewidth=0))
    names.append(texts.gettext("worst to best case"))
    if any(ended_otherwise(card, norm.target) for card in cards):
        entries.append(Patch(**_HOLLOW))
        names.append(texts.gettext("worst to best case, moves and lost domain names included"))
    entries += [
        Line2D([], [], color=INK, linewidth=1.2, marker="|", markersize=6),
        Line2D([], [], color=NORM, linewidth=1.4, linestyle=(0, (4, 2))),
    ]
    names += [
        texts.gettext("95% interval"),
        texts.gettext("norm: %(target)s") % {"target": formats.target(norm.target)},
    ]
    figure.legend(entries, names, loc="outside lower left", ncols=2)
