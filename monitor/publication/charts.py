"""All charts of a release in both languages, as files.

In: what is shown. Out: `charts/NAME-LANGUAGE.png` and `.svg`, and for each page the title and the text alternative.
"""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from monitor.publication.chart_burden import burden
from monitor.publication.chart_compliance import chosen, compliance
from monitor.publication.chart_online import online
from monitor.publication.chart_style import render, style
from monitor.publication.chart_trend import of_provider, trend
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown
from monitor.publication.texts import LANGUAGES, texts

DRAW: tuple[tuple[str, Callable[[Shown, Formats], Figure], str], ...] = (
    ("compliance", compliance, "tables/ranking.csv"),
    ("online", online, "tables/curves.csv"),
    ("burden", burden, "tables/ranking.csv"),
    ("trend", trend, "tables/trend.csv"),
)


@dataclass(frozen=True, slots=True)
class Chart:
    """How a page shows a chart; `stem` and `table` are paths from the release's root."""

    title: str
    alt: str
    stem: str
    table: str


def draw_all(shown: Shown) -> dict[str, bytes]:
    """Every chart file by its path in the release."""
    drawn: dict[str, bytes] = {}
    with style():
        for language in LANGUAGES:
            formats = Formats(texts(language))
            for name, draw, _ in DRAW:
                png, svg = render(draw(shown, formats))
                drawn[f"charts/{name}-{language}.png"] = png
                drawn[f"charts/{name}-{language}.svg"] = svg
    return drawn


def charts(shown: Shown, formats: Formats) -> tuple[Chart, ...]:
    """Titles and text alternatives: what a reader who does not see the chart should know."""
    t, norm = formats.texts, formats.norm(shown.network.ranking.norm)
    n = len(chosen(shown))
    everyone = of_provider(shown, None)
    latest = formats.percents(everyone[-1].worst, everyone[-1].best) if everyone else formats.unknown
    words = {
        "compliance": (
            t.gettext("Who stays within the norm"),
            t.ngettext(
                "Bar chart of %(n)s provider, lowest share first: share of URLs taken offline %(norm)s, from worst to "
                "best case, with 95% limits and the norm as a line. All values are in the table.",
                "Bar chart of %(n)s providers, lowest share first: share of URLs taken offline %(norm)s, from worst to "
                "best case, with 95% limits and the norm as a line. All values are in the table.",
                n,
            ),
        ),
        "online": (
            t.gettext("How long it stays online"),
            t.gettext(
                "Small charts for all providers together and the largest ones: share of URLs still online by hours "
                "since the notice, as a band from best to worst case. All values are in the table."
            ),
        ),
        "burden": (
            t.gettext("How much, against how fast"),
            t.gettext(
                "Scatter chart of the ranked providers: number of URLs notified against the share taken offline "
                "%(norm)s. All values are in the table."
            ),
        ),
        "trend": (
            t.gettext("Change over the periods"),
            t.gettext(
                "Bars by period from worst to best case: share of URLs taken offline %(norm)s. Latest value for all "
                "together: %(latest)s. All values are in the table."
            ),
        ),
    }
    filled = {"n": formats.number(n), "norm": norm, "latest": latest}
    return tuple(
        Chart(words[name][0], _fill(words[name][1], filled), f"charts/{name}-{t.language}", table)
        for name, _, table in DRAW
    )


def _fill(message: str, values: dict[str, str]) -> str:
    """As `%`, for messages that also hold a plain percent sign."""
    for name, value in values.items():
        message = message.replace(f"%({name})s", value)
    return message
