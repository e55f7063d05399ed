"""What every chart of a release is made of: how it is drawn, its words, and the figures behind it as a table.

In: what is shown and a language. Out: values for `charts.py`. Where `missing` gives a sentence there is nothing to
draw, and that sentence stands in the place of the chart, its table and its text alternative.
"""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from monitor.publication.formats import Formats
from monitor.publication.shown import Shown


@dataclass(frozen=True, slots=True)
class Words:
    """A title, what the chart shows in figures for who does not see it, and how to read it."""

    title: str
    alt: str
    reading: str


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    number: bool = True  # numbers stand to the right


@dataclass(frozen=True, slots=True)
class DataTable:
    """The figures of one chart as text, in the order of the chart; the first cell of a row is its header."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ChartKind:
    """`key` is part of the file names; `table` is the file of the release that holds these figures, and more."""

    key: str
    table: str
    draw: Callable[[Shown, Formats], Figure]
    words: Callable[[Shown, Formats], Words]
    data: Callable[[Shown, Formats], DataTable]
    missing: Callable[[Shown, Formats], str]  # why there is nothing to draw; "" where there is


def fill_in(message: str, **values: str) -> str:
    """As `%`, for messages that also hold a plain percent sign."""
    for name, value in values.items():
        message = message.replace(f"%({name})s", value)
    return message
