"""Names beside the points of a scatter chart, none over another.

In: axes with their points drawn, and where no label may be. Out: annotations. Greedy: each label takes the first place
around its point that is free and inside the plot; one that finds none is left out, and its figures are in the table.
"""

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from monitor.publication.chart_style import lay_out

Point = tuple[float, float]
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


def place_labels(
    figure: Figure, axes: Axes, named: Iterable[tuple[str, Point]], taken: list[tuple[Point, Point]]
) -> None:
    """`taken` are corners, in data coordinates, of lines and points that no label may cover."""
    lay_out(figure)
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]  # the Agg canvas set above has one
    frame = axes.get_window_extent(renderer)
    margin = renderer.points_to_pixels(1.0)
    boxes = [_box(axes, low, high, (4 if low == high else 1.5) * margin) for low, high in taken]
    halo = [withStroke(linewidth=2.5, foreground="white")]
    for text, point in named:
        for dx, dy, ha, va in _PLACES:
            note = axes.annotate(
                text,
                point,
                (dx, dy),
                textcoords="offset points",
                ha=ha,
                va=va,
                fontsize=8.5,
                zorder=6,
                path_effects=halo,
            )
            box = note.get_window_extent(renderer)
            if _inside(frame, box) and not any(box.overlaps(other) for other in boxes):
                boxes.append(box)
                break
            note.remove()


def _inside(frame: Bbox, box: Bbox) -> bool:
    return bool(
        frame.containsx(box.x0) and frame.containsx(box.x1) and frame.containsy(box.y0) and frame.containsy(box.y1)
    )


def _box(axes: Axes, low: Point, high: Point, margin: float) -> Bbox:
    x0, y0 = axes.transData.transform(low)
    x1, y1 = axes.transData.transform(high)
    return Bbox.from_extents(x0 - margin, y0 - margin, x1 + margin, y1 + margin)
