"""The legend of a chart: what each mark in it stands for.

In: marks with their words, in the order in which they are read. Out: a legend below the plot. What would surprise: it
belongs to the Figure and not to the axes, so that it takes room of its own and covers nothing.
"""

from collections.abc import Iterable, Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from monitor.model.scorecard import Norm, Scorecard
from monitor.publication.chart_style import NORM_LINE, class_mark
from monitor.publication.formats import Formats
from monitor.publication.phrases import CLASSES, phrase

Entry = tuple[Line2D | Patch, str]


def legend(figure: Figure, entries: Sequence[Entry], columns: int, note: str = "") -> None:
    """`note`: how to read the chart, above the marks; a label of the figure would lie under the legend."""
    marks, words = zip(*entries, strict=True)
    more = {"title": note, "title_fontsize": 9.5, "alignment": "left"} if note else {}
    figure.legend(marks, words, loc="outside lower left", ncols=columns, **more)


def class_entries(cards: Iterable[Scorecard], formats: Formats) -> list[Entry]:
    """The classes that are among the Scorecards."""
    there = {card.class_ for card in cards}
    return [(class_mark(code), phrase(formats.texts, CLASSES, code)) for code in CLASSES if code in there]


def norm_entry(norm: Norm, formats: Formats) -> Entry:
    """The line at the norm's target."""
    words = formats.texts.gettext("norm: %(target)s") % {"target": formats.target(norm.target)}
    return Line2D([], [], **NORM_LINE), words
