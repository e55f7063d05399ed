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
from monitor.publication.texts import LANGUAGES, Texts, texts

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
    words = _words(t, n)
    missing = _missing(shown, formats)
    filled = {"n": formats.number(n), "norm": norm, "latest": latest}
    return tuple(
        Chart(
            words[name][0],
            _fill(words[name][1], filled),
            words[name][2],
            f"charts/{name}-{t.language}",
            table,
            missing.get(name, ""),
        )
        for name, _, table in DRAW
    )


def _words(t: Texts, n: int) -> dict[str, tuple[str, str, str]]:
    """Title, text alternative and how to read it, by chart; `n` providers are in the first one."""
    return {
        "compliance": (
            t.gettext("Who stays within the norm"),
            t.ngettext(
                "Bar chart of %(n)s provider, lowest share first: share of URLs taken offline %(norm)s, from worst to "
                "best case, with 95% limits and the norm as a line. All values are in the table.",
                "Bar chart of %(n)s providers, lowest share first: share of URLs taken offline %(norm)s, from worst to "
                "best case, with 95% limits and the norm as a line. All values are in the table.",
                n,
            ),
            t.gettext(
                "Each row is a provider. The block runs from worst to best case: the true share lies in it. The "
                "thin line also allows for chance. Left of the dashed line is under the norm; the colour gives the "
                "judgement."
            ),
        ),
        "online": (
            t.gettext("How long it stays online"),
            t.gettext(
                "Small charts for all providers together and the largest ones: share of URLs still online by hours "
                "since the notice, as a band from best to worst case. All values are in the table."
            ),
            t.gettext(
                "A band falls as material goes offline, and the truth lies in the band. It is wide where there was "
                "much time between checks. The lower it is at the dashed line, the better the norm was kept."
            ),
        ),
        "burden": (
            t.gettext("How much, against how fast"),
            t.gettext(
                "Scatter chart of the ranked providers: number of URLs notified against the share taken offline "
                "%(norm)s. All values are in the table."
            ),
            t.gettext(
                "Far to the right: many notices. High up: much of it offline in time. Lines run from worst to best "
                "case, marks are in the middle. Equal steps to the right are equal factors, not equal numbers. "
                "A name that finds no room is in the table."
            ),
        ),
        "trend": (
            t.gettext("Change over the periods"),
            t.gettext(
                "Bars by period from worst to best case: share of URLs taken offline %(norm)s. Latest value for all "
                "together: %(latest)s. All values are in the table."
            ),
            t.gettext("Each block runs from worst to best case. Where blocks overlap, no change is shown."),
        ),
    }


def _missing(shown: Shown, formats: Formats) -> dict[str, str]:
    """Charts that say only in words why they show nothing; the page then says it itself."""
    t, missing = formats.texts, {}
    if not chosen(shown):
        missing["compliance"] = missing["burden"] = t.gettext("No provider had enough URLs for a rank in this period.")
    if not any(curve.n_episodes for curve in shown.network.ranking.curves):
        missing["online"] = t.gettext("No URL was counted in this period, so there is no curve.")
    if len({point.period for point in shown.network.ranking.trend}) < 2:
        missing["trend"] = t.gettext("One period so far: a trend needs at least two.")
    return missing


def _fill(message: str, values: dict[str, str]) -> str:
    """As `%`, for messages that also hold a plain percent sign."""
    for name, value in values.items():
        message = message.replace(f"%({name})s", value)
    return message
