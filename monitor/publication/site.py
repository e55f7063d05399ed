"""The pages of a release in both languages.

In: what is shown. Out: HTML, CSS and one script by path. Templates are compiled once for each language; a Provider's
page costs no chart and no computation beyond its own row. English pages are at the root, Dutch ones below `nl/`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from jinja2 import Environment, Template
from markupsafe import Markup, escape

from monitor.model.scorecard import PUBLISHED_HOURS, Curve, Scorecard, Totals, TrendPoint
from monitor.model.words import Doubt, NoticeKind
from monitor.publication import drawing, view_change, view_index
from monitor.publication.charts import charts
from monitor.publication.codebook import NOTES, TABLE_WORDS
from monitor.publication.figures import Figures, ended_otherwise, figures
from monitor.publication.formats import Formats
from monitor.publication.hidden import is_unnamed
from monitor.publication.names import file_name, other_name, provider_name
from monitor.publication.navigation import HEARING, MENU, sections
from monitor.publication.phrases import (
    BREAKS,
    CHOICE_SENTENCES,
    CHOICES,
    CLASS_SENTENCES,
    CLASSES,
    CORRECTIONS,
    DOUBT_SENTENCES,
    DOUBTS,
    MEDIANS,
    ROLES,
    TABLES,
    UNATTRIBUTED,
    UNRANKED,
    phrase,
)
from monitor.publication.sensitivity import choices
from monitor.publication.shown import Shown, unestimated
from monitor.publication.templating import environment
from monitor.publication.texts import LANGUAGES, Texts, texts
from monitor.publication.view_charts import charts_view
from monitor.publication.view_downloads import codebook_view, downloads_view
from monitor.publication.view_erratum import erratum_view
from monitor.publication.view_glossary import glossary_view
from monitor.publication.view_groups import groups_view
from monitor.publication.view_hearing import hearing_view, outcome_text
from monitor.publication.view_methodology import methodology_view
from monitor.publication.view_norms import norms_view
from monitor.publication.view_provider import Beside, provider_views

ASSETS = ("style.css", "icon.svg", "tables.js")
View = Callable[[Shown, Formats], dict[str, object]]


def _nothing_more(_shown: Shown, _formats: Formats) -> dict[str, object]:
    return {}


SINGLE: Mapping[str, View] = {
    "index.html": view_index.view,
    "change.html": view_change.view,
    "charts.html": charts_view,
    "groups.html": groups_view,
    "norms.html": norms_view,
    "proxies.html": _nothing_more,
    "unreachable.html": _nothing_more,
    "account.html": _nothing_more,
    "sensitivity.html": _nothing_more,
    "methodology.html": methodology_view,
    "limits.html": _nothing_more,
    "glossary.html": glossary_view,
    "downloads.html": downloads_view,
    "tables/codebook.html": codebook_view,
}
"""Every page of which there is one, and what it shows beside the values that all pages share."""
HEARD: Mapping[str, View] = {HEARING: hearing_view}
"""Pages that only a final release has."""
CORRECTED: Mapping[str, View] = {"erratum.html": erratum_view}
"""Pages that only a correction has."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is: links from it are relative, so that the folder works wherever it is put."""

    language: str
    name: str  # path below the language's own root

    @property
    def path(self) -> str:
        return self.name if self.language == "en" else f"{self.language}/{self.name}"

    def page(self, name: str) -> str:
        """Link to a page in the same language."""
        return "../" * self.name.count("/") + name

    def file(self, name: str) -> str:
        """Link to a file that both languages share."""
        return "../" * self.path.count("/") + name

    def other(self) -> "Place":
        return Place("nl" if self.language == "en" else "en", self.name)

    def switch(self) -> str:
        """Link to the same page in the other language."""
        return self.file(self.other().path)


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """What only the page of one Provider shows."""

    card: Scorecard
    curve: Curve | None
    plot: drawing.Plot | None
    trend: tuple[TrendPoint, ...]
    beside: Beside


@dataclass(frozen=True, slots=True)
class _Site:
    """One language's templates and the values that all of its pages share."""

    shown: Shown
    formats: Formats
    env: Environment
    figures: Figures
    templates: dict[str, Template] = field(default_factory=dict)

    def page(self, place: Place, template: str, **values: object) -> bytes:
        if template not in self.templates:
            self.templates[template] = self.env.get_template(template)
        return self.templates[template].render(place=place, **values).encode()


def pages(shown: Shown) -> dict[str, bytes]:
    """Every page, and the files that pages need."""
    made = {f"assets/{name}": (files("reports") / "templates" / name).read_bytes() for name in ASSETS}
    for language in LANGUAGES:
        site = _site(shown, texts(language))
        for name, view in _singles(shown).items():
            place = Place(language, name)
            made[place.path] = site.page(place, name.rsplit("/", 1)[-1], **view(shown, site.formats))
        for provider in _provider_pages(site):
            place = Place(language, f"providers/{file_name(provider.card.provider_id)}.html")
            made[place.path] = site.page(place, "provider.html", provider=provider, card=provider.card)
    return made


def _singles(shown: Shown) -> Mapping[str, View]:
    """The pages of which this release has one."""
    return {**SINGLE, **(HEARD if shown.hearing else {}), **(CORRECTED if shown.correction else {})}


def _site(shown: Shown, words: Texts) -> _Site:
    formats, numbers = Formats(words), figures(shown)
    env = page_environment(words, formats)
    _globals(env, shown, formats)
    env.globals["figures"] = numbers
    return _Site(shown, formats, env, numbers)


def page_environment(words: Texts, formats: Formats) -> Environment:
    """Templates, and values as text, of any release; what is not known looks different from a figure."""
    env = environment(words)
    unknown = Markup('<span class="unknown">') + escape(formats.unknown) + Markup("</span>")

    def mark(text: str) -> str:
        return unknown if text == formats.unknown else text

    env.filters.update(
        n=lambda value: mark(formats.number(value)),
        dec=lambda value: mark(formats.decimal(value)),
        pct=lambda value: mark(formats.percent(value)),
        target=formats.target,
        hours=lambda value: mark(formats.hours(value)),
        country=lambda value: mark(formats.country(value)),
        day=formats.day,
        iso_day=lambda value: mark(formats.iso_day(value)),
        text=lambda value: value if value else unknown,
        points=lambda value: mark(formats.points(value)),
    )
    env.tests.update(unestimated=unestimated, unnamed=is_unnamed)
    env.globals.update(
        percents=lambda low, high: mark(formats.percents(low, high)),
        numbers=lambda low, high: mark(formats.numbers(low, high)),
        numbers_short=formats.short_numbers,
        hours_range=lambda low, high: mark(formats.hours_range(low, high)),
        points_range=lambda low, high: mark(formats.points_range(low, high)),
        unknown=unknown,
    )
    return env


def _globals(env: Environment, shown: Shown, formats: Formats) -> None:
    words, ranking = formats.texts, shown.network.ranking
    env.globals.update(
        lang=words.language,
        menu=MENU,
        sections=sections(is_final=shown.hearing is not None),
        shown=shown,
        ranking=ranking,
        totals=ranking.totals,
        norm=ranking.norm,
        norm_text=formats.norm(ranking.norm),
        is_order=ranking.norm.clock is NoticeKind.ORDER,
        period_text=formats.period(ranking.period),
        charts=charts(shown, formats),
        notes=NOTES if shown.proxies else {name: note for name, note in NOTES.items() if name != "proxies"},
        table_words=TABLE_WORDS,
        bar=lambda card: drawing.bar(card, ranking.norm.target),
        otherwise=lambda card: ended_otherwise(card, ranking.norm.target),
        at_least_at_most=formats.at_least_at_most,
        since=formats.since,
        stands_in=_stands_in(ranking.totals),
        interval=lambda at: drawing.interval((at.worst, at.best), at.share, (at.low, at.high), ranking.norm.target),
        published_hours=PUBLISHED_HOURS,
        choices=choices(ranking, shown.network.sensitivity),
        choice_text=lambda code: phrase(words, CHOICES, code),
        choice_sentence=lambda code: phrase(words, CHOICE_SENTENCES, code),
        median_text=lambda code: phrase(words, MEDIANS, code),
        break_text=lambda codes: ", ".join(phrase(words, BREAKS, code) for code in codes),
        share_of=drawing.share_of,
        provider_name=lambda card: provider_name(card, shown.named, words),
        provider_link=lambda place, card: place.page(f"providers/{file_name(card.provider_id)}.html"),
        class_text=lambda code: phrase(words, CLASSES, code),
        class_sentence=lambda code: phrase(words, CLASS_SENTENCES, code),
        reason_text=lambda code: phrase(words, UNRANKED, code),
        unattributed_text=lambda code: phrase(words, UNATTRIBUTED, code),
        doubt_text=lambda code: phrase(words, DOUBTS, code),
        correction_text=lambda code: phrase(words, CORRECTIONS, code),
        outcome_text=lambda letter: outcome_text(letter, words),
        doubt_sentence=lambda code: phrase(words, DOUBT_SENTENCES, code),
        table_text=lambda code: phrase(words, TABLES, code),
        role_text=lambda code: phrase(words, ROLES, code),
        from_data=lambda text: _from_data(words, text),
        sentence_case=lambda text: text[:1].upper() + text[1:],
        note_words=lambda note: note.words(words),
        note_unit=lambda note: note.unit_words(words),
        other_name=other_name(shown.network.n_other, formats),
        proxies_other_name=other_name(shown.proxies.n_other if shown.proxies else 0, formats),
    )


def _stands_in(totals: Totals) -> str:
    """Whether the origin AS stands in for the network's holder: for "all" booked Episodes, "some", or none ("")."""
    n = dict(totals.doubtful).get(Doubt.AS_STANDS_IN.value, 0)
    if not n:
        return ""
    return "all" if n >= totals.episodes - totals.unattributed else "some"


def _from_data(words: Texts, text: str) -> str:
    """A sentence that comes with the data in English: translated where it can be, else marked as English."""
    if words.knows(text):
        return words.gettext(text)
    return Markup('<span lang="en">') + escape(text) + Markup("</span>")


def _provider_pages(site: _Site) -> Iterator[ProviderPage]:
    ranking = site.shown.network.ranking
    curves = {curve.provider_id: curve for curve in ranking.curves}
    points: dict[str | None, list[TrendPoint]] = {}
    for point in sorted(ranking.trend, key=lambda point: point.period):
        points.setdefault(point.provider_id, []).append(point)
    views = provider_views(site.shown, site.formats)
    for card in ranking.scorecards:
        curve = curves.get(card.provider_id)
        plot = drawing.plot(curve, ranking.norm, site.formats) if curve else None
        yield ProviderPage(card, curve, plot, tuple(points.get(card.provider_id, ())), views.of(card.provider_id))
