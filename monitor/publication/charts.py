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
from monitor.publication.shown import Shown, unestimated
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
    latest = formats.percent(everyone[-1].share) if everyone else formats.unknown
    words = _words(t, n)
    if any(map(unestimated, everyone)):
        words["trend"] = _trend_of_bounds(t)
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
                "Chart of %(n)s provider in the order of the ranking: estimated share of URLs taken offline %(norm)s "
                "with its 95% interval, worst to best case behind it, and the norm as a line. All values are in the "
                "table.",
                "Chart of %(n)s providers in the order of the ranking: estimated share of URLs taken offline %(norm)s "
                "with its 95% interval, worst to best case behind it, and the norm as a line. All values are in the "
                "table.",
                n,
            ),
            t.gettext(
                "Each row is a provider. The mark is the estimate, the thin line its 95% interval. The light block "
                "runs from worst to best case: what the checks allow, whatever the estimate. Left of the dashed line "
                "is under the norm; colour and shape give the judgement, which goes by the block and by chance."
            ),
        ),
        "online": (
            t.gettext("How long it stays online"),
            t.gettext(
                "Small charts for all providers together and the largest ones: share of URLs not taken offline by "
                "hours since the notice, as a line with a 95% band. All values are in the table."
            ),
            t.gettext(
                "The line falls as material is taken offline; the band around it is the 95% interval. The light area "
                "runs from best to worst case and is wide where there was much time between checks. URLs that moved "
                "or lost their domain name stay in. The lower the line is at the dashed line, the better the norm was "
                "kept."
            ),
        ),
        "burden": (
            t.gettext("How much, against how fast"),
            t.gettext(
                "Scatter chart of the ranked providers: number of URLs notified against the estimated share taken "
                "offline %(norm)s. All values are in the table."
            ),
            t.gettext(
                "Far to the right: many notices. High up: much of it offline in time. Marks are estimates, lines their "
                "95% intervals. Equal steps to the right are equal factors, not equal numbers. "
                "A name that finds no room is in the table."
            ),
        ),
        "trend": (
            t.gettext("Change over the periods"),
            t.gettext(
                "Estimated share of URLs taken offline %(norm)s by period, with 95% intervals. Latest value for all "
                "together: %(latest)s. All values are in the table."
            ),
            t.gettext(
                "Marks are estimates, thin lines their 95% intervals, blocks run from worst to best case. Whether a "
                "difference is more than chance is in the table of changes. A dotted line marks a break: a method, "
                "schedule, coverage or norm that changed in between."
            ),
        ),
    }


def _trend_of_bounds(t: Texts) -> tuple[str, str, str]:
    """The words of the trend in a freeze from before there were estimates."""
    return (
        t.gettext("Change over the periods"),
        t.gettext(
            "Share of URLs taken offline %(norm)s by period, from worst to best case; it was measured before there "
            "were estimates. All values are in the table."
        ),
        t.gettext("Blocks run from worst to best case. They were measured before there were estimates."),
    )


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
