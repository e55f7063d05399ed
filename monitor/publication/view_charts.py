"""The page of charts: the charts in chapters, each with the figures behind it.

In: what is shown. Out: chapters of (Chart, DataTable) for the template; a chart with nothing to show has no table. The
table holds what is drawn and no more, as text; the file that it links to holds the rest.
"""

from dataclasses import dataclass

from monitor.publication.chart_kind import DataTable
from monitor.publication.charts import KINDS, Chart, charts
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown
from monitor.publication.texts import N_

CHAPTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Within the norm"), ("compliance", "funnel", "ranks")),
    (N_("How fast"), ("online", "delays")),
    (N_("How much"), ("burden", "exposure")),
    (N_("Over the periods"), ("trend", "slope")),
    (N_("By site type and country"), ("groups",)),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with its table; None where there is nothing to show."""

    chart: Chart
    data: DataTable | None


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    drawn: tuple[Drawn, ...]


def charts_view(shown: Shown, formats: Formats) -> dict[str, object]:
    by_key = {chart.key: chart for chart in charts(shown, formats)}
    tables = {kind.key: kind.data(shown, formats) for kind in KINDS if not by_key[kind.key].nothing}
    chapters = tuple(
        Chapter(formats.texts.gettext(title), tuple(Drawn(by_key[key], tables.get(key)) for key in keys))
        for title, keys in CHAPTERS
    )
    return {"chapters": chapters}
