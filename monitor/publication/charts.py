"""All charts of a release in both languages, as files.

In: what is shown. Out: `charts/NAME-LANGUAGE.png` and `.svg`, and for each page the title and the text alternative.
"""

from dataclasses import dataclass

from monitor.publication import (
    chart_burden,
    chart_compliance,
    chart_delays,
    chart_exposure,
    chart_funnel,
    chart_groups,
    chart_online,
    chart_ranks,
    chart_slope,
    chart_trend,
)
from monitor.publication.chart_kind import ChartKind
from monitor.publication.chart_style import nothing, render, style
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown
from monitor.publication.texts import LANGUAGES, texts

KINDS: tuple[ChartKind, ...] = (
    chart_compliance.KIND,
    chart_funnel.KIND,
    chart_ranks.KIND,
    chart_online.KIND,
    chart_delays.KIND,
    chart_burden.KIND,
    chart_exposure.KIND,
    chart_trend.KIND,
    chart_slope.KIND,
    chart_groups.KIND,
)
"""In the order of the page of charts."""


@dataclass(frozen=True, slots=True)
class Chart:
    """How a page shows a chart; `stem` and `table` are paths from the release's root."""

    key: str
    title: str
    alt: str
    reading: str  # how to read it
    stem: str
    table: str
    nothing: str = ""  # in place of a chart that has nothing to show


def draw_all(shown: Shown) -> dict[str, bytes]:
    """Every chart file by its path in the release."""
    drawn: dict[str, bytes] = {}
    with style():
        for language in LANGUAGES:
            formats = Formats(texts(language))
            for kind in KINDS:
                missing = kind.missing(shown, formats)
                png, svg = render(nothing(missing) if missing else kind.draw(shown, formats))
                drawn[f"charts/{kind.key}-{language}.png"] = png
                drawn[f"charts/{kind.key}-{language}.svg"] = svg
    return drawn


def charts(shown: Shown, formats: Formats) -> tuple[Chart, ...]:
    """Titles and text alternatives: what a reader who does not see the chart should know."""
    return tuple(_chart(kind, shown, formats) for kind in KINDS)


def _chart(kind: ChartKind, shown: Shown, formats: Formats) -> Chart:
    words, missing = kind.words(shown, formats), kind.missing(shown, formats)
    stem = f"charts/{kind.key}-{formats.texts.language}"
    alt = missing or words.alt
    return Chart(kind.key, words.title, alt, words.reading, stem, kind.table, missing)
