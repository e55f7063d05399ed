"""Chart `burden`: how much was notified (logarithmic) against how much of it went within the norm.

In: what is shown. Out: a Figure: estimates with their 95% intervals. Where there are many, only notable Providers get a
label: the largest, the lowest, and the largest that meet the norm; a label that finds no free place is left out rather
than drawn over another.
"""

from itertools import islice
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Bbox

from monitor.model.scorecard import Scorecard
from monitor.publication.chart_compliance import nothing
from monitor.publication.chart_style import COLOURS, FAINT, INK, MARKERS, NORM, label, new_figure, percent_axis
from monitor.publication.formats import Formats
from monitor.publication.names import provider_name
from monitor.publication.phrases import CLASSES, phrase
from monitor.publication.shown import Shown

_FEW, _MANY = 20, 80
_PLACES = (
    (8, 0, "left", "center"),
    (-8, 0, "right", "center"),
    (0, 9, "center", "bottom"),
    (0, -9, "center", "top"),
    (7, 9, "left", "bottom"),
    (-7, 9, "right", "bottom"),
    (7, -9, "left", "top"),
    (-7, -9, "right", "top"),
)


def burden(shown: Shown, formats: Formats) -> Figure:
    cards = [card for card in shown.network.ranked if card.within_norm is not None and card.n_notices > 0]
    texts = formats.texts
    if not cards:
        return nothing(formats, texts.gettext("No provider had enough URLs for a rank in this period."))
    norm = shown.network.ranking.norm
    figure = new_figure(6.2)
    axes = figure.subplots()
    _points(axes, cards)
    axes.set_xscale("log")
    counts = [card.n_notices for card in cards]
    axes.set_xlim(min(counts) / 1.6, max(counts) * 2.2)
    axes.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if max(counts) < 300 * min(counts) else (1,)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: formats.number(n)))
    percent_axis(axes, formats, "y")
    axes.set_ylim(-0.04, 1.06)
    axes.grid(color=FAINT)
    axes.axhline(norm.target, color=NORM, linewidth=1.3, linestyle=(0, (4, 2)), zorder=2)
    axes.set_title(texts.gettext("How much was notified, and how much of it went within the norm"))
    axes.set_xlabel(texts.gettext("URLs notified (logarithmic scale)"))
    axes.set_ylabel(fill(texts.gettext("Estimated share taken offline %(norm)s") % {"norm": formats.norm(norm)}, 60))
    _legend(figure, cards, formats.texts.gettext("norm: %(target)s") % {"target": formats.target(norm.target)}, formats)
    _labels(figure, axes, cards, shown, formats)
    return figure


def _share(card: Scorecard) -> float:
    return card.within_norm or 0.0


def _ends(card: Scorecard) -> tuple[float, float]:
    """The 95% interval; the estimate alone where it has none."""
    low = _share(card) if card.within_norm_low is None else card.within_norm_low
    return low, _share(card) if card.within_norm_high is None else card.within_norm_high


def _points(axes: Axes, cards: list[Scorecard]) -> None:
    many = len(cards) > _MANY
    for class_, marker in MARKERS.items():
        group = [card for card in cards if card.class_ == class_]
        if not group:
            continue
        xs = [card.n_notices for card in group]
        axes.vlines(
            xs,
            [_ends(card)[0] for card in group],
            [_ends(card)[1] for card in group],
            color=COLOURS[class_],
            linewidth=1 if many else 2,
            alpha=0.22 if many else 0.75,
            zorder=2,
        )
        axes.scatter(
            xs,
            [_share(card) for card in group],
            s=18 if many else 42,
            marker=marker,
            color=COLOURS[class_],
            edgecolors="white" if many else INK,
            linewidths=0.4 if many else 0.7,
            zorder=3,
        )


def _legend(figure: Figure, cards: list[Scorecard], norm_text: str, formats: Formats) -> None:
    classes = [code for code in MARKERS if any(card.class_ == code for card in cards)]
    entries = [
        Line2D([], [], linestyle="", marker=MARKERS[code], color=COLOURS[code], markersize=6) for code in classes
    ]
    entries.append(Line2D([], [], color=COLOURS["not-proven"], linewidth=2))
    entries.append(Line2D([], [], color=NORM, linewidth=1.3, linestyle=(0, (4, 2))))
    names = [phrase(formats.texts, CLASSES, code) for code in classes]
    figure.legend(
        entries,
        [*names, formats.texts.gettext("95% interval"), norm_text],
        loc="outside lower left",
        ncols=len(entries),
    )


def _notable(cards: list[Scorecard]) -> list[Scorecard]:
    """All of a few; else the largest six, the four with the lowest share, the largest four that meet the norm."""
    if len(cards) <= _FEW:
        return sorted(cards, key=lambda card: (-card.n_notices, card.provider_id))
    by_size = sorted(cards, key=lambda card: (-card.n_notices, card.provider_id))
    lowest = sorted(cards, key=lambda card: (_share(card), -card.n_notices, card.provider_id))
    meeting = (card for card in by_size if card.class_ == "meets")
    picked = {card.provider_id: card for card in (*by_size[:6], *lowest[:4], *islice(meeting, 4))}
    return list(picked.values())


def _labels(figure: Figure, axes: Axes, cards: list[Scorecard], shown: Shown, formats: Formats) -> None:
    """Greedy: each label takes the first place around its point that is free and inside the plot."""
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]  # the Agg canvas set above has one
    frame = axes.get_window_extent(renderer)
    taken = _occupied(axes, cards, shown.network.ranking.norm.target, renderer.points_to_pixels(1.0))
    halo = [withStroke(linewidth=2.5, foreground="white")]
    for card in _notable(cards):
        text = label(provider_name(card, shown.named, formats.texts), 24)
        for dx, dy, ha, va in _PLACES:
            note = axes.annotate(
                text,
                (card.n_notices, _share(card)),
                (dx, dy),
                textcoords="offset points",
                ha=ha,
                va=va,
                fontsize=8.5,
                zorder=6,
                path_effects=halo,
            )
            box = note.get_window_extent(renderer)
            if (
                frame.containsx(box.x0)
                and frame.containsx(box.x1)
                and frame.containsy(box.y0)
                and not any(box.overlaps(other) for other in taken)
            ):
                taken.append(box)
                break
            note.remove()


def _occupied(axes: Axes, cards: list[Scorecard], target: float, pixels: float) -> list[Bbox]:
    """Where no label may be: the norm's line, the points and, while they are few, their intervals."""
    left, right = axes.get_xlim()
    boxes = [_box(axes, (left, target), (right, target), 2 * pixels)]
    for card in cards:
        at, share = card.n_notices, _share(card)
        boxes.append(_box(axes, (at, share), (at, share), 4 * pixels))
        if len(cards) <= _MANY:
            low, high = _ends(card)
            boxes.append(_box(axes, (at, low), (at, high), pixels))
    return boxes


def _box(axes: Axes, low: tuple[float, float], high: tuple[float, float], margin: float) -> Bbox:
    x0, y0 = axes.transData.transform(low)
    x1, y1 = axes.transData.transform(high)
    return Bbox.from_extents(x0 - margin, y0 - margin, x1 + margin, y1 + margin)
