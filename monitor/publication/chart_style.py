"""How every chart looks, and how it becomes bytes.

In: a matplotlib Figure. Out: PNG at 2x and SVG, the same bytes wherever they are made: own settings on top of
matplotlib's defaults, its bundled DejaVu fonts, no date, no program name, a fixed salt for the ids in the SVG.
Colours are those of Okabe and Ito, told apart by colour-blind readers; lightness and markers tell them apart in grey.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from monitor.publication.chart_picture import picture
from monitor.publication.formats import Formats

INK, SOFT, FAINT = "#1b1f24", "#5a6570", "#d5dae0"
COLOURS = {"meets": "#0072b2", "below": "#b34700", "not-proven": "#7d8790", "too-few": "#b9c0c8"}
MARKERS = {"meets": "o", "below": "v", "not-proven": "D", "too-few": "s"}
ACCENT, BAND, NORM = "#154273", "#8fb3d9", "#1b1f24"
NORM_LINE: dict[str, Any] = {"color": NORM, "linewidth": 1.4, "linestyle": (0, (4, 2))}
TITLE: dict[str, Any] = {"x": 0.01, "ha": "left", "fontsize": 12, "fontweight": "bold"}  # of a figure of panels
LIGHT = 0.34  # opacity of what lies behind an estimate
HOURS = (0, 1, 4, 12, 24, 48, 168, 720, 2160, 4320, 8760)
WIDTH = 9.0
_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.titlesize": 12.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # said, matplotlib does not measure the labels again for where a title has room
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": FAINT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "svg.hashsalt": "monitor",
    "svg.fonttype": "path",
    "figure.facecolor": "white",
}


@contextmanager
def style() -> Iterator[None]:
    """Our settings on matplotlib's own defaults, whatever the reader's configuration says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)  # type: ignore[arg-type]  # its stub lists every key as a literal
        yield


def new_figure(height: float) -> Figure:
    """An empty figure of the common width; `height` in inches."""
    return Figure(figsize=(WIDTH, height), layout="constrained")


def render(figure: Figure) -> tuple[bytes, bytes]:
    """PNG and SVG. The canvas prints directly: `savefig` would lay out and draw everything again."""
    lay_out(figure)
    figure.set_layout_engine("none")
    written = BytesIO()
    unwritten = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    FigureCanvasSVG(figure).print_svg(written, metadata=unwritten)  # type: ignore[no-untyped-call]
    drawing = written.getvalue()
    return picture(drawing), drawing


def lay_out(figure: Figure) -> None:
    """Give every part its place, as the first drawing would, without drawing anything."""
    FigureCanvasAgg(figure)
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():  # or every look at it measures where a label would go
                axis.set_label_coords(0.5, 0.0)
    engine = figure.get_layout_engine()
    if engine is not None and figure.axes:
        engine.execute(figure)


def nothing(message: str) -> Figure:
    """A chart that says in words why it shows nothing."""
    figure = new_figure(1.6)
    figure.text(0.5, 0.5, message, ha="center", va="center", wrap=True, fontsize=12)
    return figure


def class_mark(class_: str, x: float | None = None, y: float | None = None) -> Line2D:
    """An estimate; its marker tells the classes apart without colour. Without a place: for a legend."""
    look: dict[str, Any] = {"markersize": 6, "markeredgecolor": INK, "markeredgewidth": 0.8, "zorder": 5}
    colour = COLOURS.get(class_, COLOURS["not-proven"])
    place: tuple[list[float], list[float]] = ([], []) if x is None or y is None else ([x], [y])
    return Line2D(*place, linestyle="", marker=MARKERS.get(class_, "D"), color=colour, **look)


def at_hour(hours: float) -> float:
    """Where hours lie on the logarithmic axis of `hours_axis`, on which 0 has a place too."""
    return hours + 1.0


def hours_axis(axes: Axes, formats: Formats, last: float) -> None:
    """Hours from 0 to `last` to the right, stretched at the start: the logarithm of the hours plus one."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator([at_hour(hour) for hour in HOURS if hour <= last]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: formats.tick(round(x - 1))))
    axes.set_xlim(1, at_hour(last))


def percent_axis(axes: Axes, formats: Formats, which: str = "x") -> None:
    """A share from 0 to 1 on one axis, labelled in percent."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xlim if which == "x" else axes.set_ylim)(-0.01, 1.01)
    axis.set_ticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axis.set_major_formatter(FuncFormatter(lambda share, _: formats.target(max(0.0, round(share, 3)))))


@cache
def _known_characters() -> frozenset[int]:
    path = Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return frozenset(FT2Font(str(path)).get_charmap())


def label(name: str, longest: int = 30) -> str:
    """A name as a chart can show it: shortened, and "?" for a character that the bundled font does not have."""
    text = _drawable(name)
    if len(text) <= longest:
        return text
    name, mark, number = text.rpartition(" (AS")  # what tells equal names apart stays
    if mark and len(number) < 12:
        return f"{name[: longest - len(mark + number) - 1].rstrip()}…{mark}{number}"
    return text[: longest - 1].rstrip() + "…"


def labels(names: Sequence[str], longest: int = 30) -> list[str]:
    """As `label`; names that read alike when they are shortened lose their middle, not their end."""
    short = [label(name, longest) for name in names]
    alike = {text for text, n in Counter(short).items() if n > 1}
    return [_ends(name, longest) if text in alike else text for name, text in zip(names, short, strict=True)]


def _ends(name: str, longest: int) -> str:
    text, half = _drawable(name), longest // 2
    return text if len(text) <= longest else f"{text[: longest - half - 1].rstrip()}…{text[-half:].lstrip()}"


def _drawable(name: str) -> str:
    return "".join(char if ord(char) in _known_characters() else "?" for char in name)
