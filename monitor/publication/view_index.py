"""The first page: what a hurried reader should know, and where the rest is, with one figure each.

In: what is shown. Out: the values of the page. Every figure is counted here or taken from the Scorecards; a card of
which there is nothing to count has no figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.model.breakdown import Dimension
from monitor.model.sensitivity import SensitivitySummary
from monitor.publication.figures import undelivered
from monitor.publication.formats import Formats
from monitor.publication.navigation import HEARING
from monitor.publication.shown import Shown
from monitor.publication.small_cells import FOLDED
from monitor.publication.view_change import Changes, changes


@dataclass(frozen=True, slots=True)
class Card:
    """A page, and the one figure that tells whether to open it."""

    page: str
    title: str
    figure: str  # "" where nothing is counted
    words: str  # what the figure is, or what the page holds


def view(shown: Shown, formats: Formats) -> dict[str, object]:
    changed = changes(shown)
    return {
        "changes": changed,
        "previous": shown.network.ranking.period.previous(),
        "most_changed": most_changed(shown),
        "n_choices": len(shown.network.sensitivity),
        "cards": tuple(_cards(shown, formats, changed)),
    }


def most_changed(shown: Shown) -> SensitivitySummary | None:
    """The choice on which most judgements depend."""
    return max(shown.network.sensitivity, key=lambda read: read.changed, default=None)


def _cards(shown: Shown, formats: Formats, changed: Changes) -> Iterator[Card]:
    """In the order in which a reader asks: what happened, where, under which rules, and how sure it is."""
    yield from _of_figures(shown, formats, changed)
    yield from _of_certainty(shown, formats)
    yield from _of_method(shown, formats)


def _of_figures(shown: Shown, formats: Formats, changed: Changes) -> Iterator[Card]:
    t = formats.texts
    n = len(changed.better) + len(changed.worse)
    words = t.ngettext("provider changed by more than chance", "providers changed by more than chance", n)
    figure = formats.number(n) if changed.any_compared else ""
    yield Card(
        "change.html",
        t.gettext("Change since the previous period"),
        figure,
        words if figure else t.gettext("No provider can be compared with the period before."),
    )
    words = t.gettext("Each with a text that says what it shows, and the table behind it.")
    yield Card("charts.html", t.gettext("Charts"), "", words)
    yield _groups(shown, formats)
    yield _norms(shown, formats)
    n = shown.network.ranking.totals.fronted
    words = t.ngettext("URL behind a proxy, origin not known", "URLs behind a proxy, origin not known", n)
    yield Card("proxies.html", t.gettext("Reverse proxies"), formats.number(n), words)
    n = sum(map(undelivered, shown.network.rows))
    words = t.ngettext("notice did not arrive", "notices did not arrive", n)
    yield Card("unreachable.html", t.gettext("Parties that could not be reached"), formats.number(n), words)


def _groups(shown: Shown, formats: Formats) -> Card:
    t = formats.texts
    n = sum(each.dimension == Dimension.SITE_TYPE and each.group not in ("", FOLDED) for each in shown.groups)
    words = t.ngettext("kind of site, and the countries", "kinds of sites, and the countries", n)
    figure = formats.number(n) if n else ""
    nothing = t.gettext("No group is large enough to show.")
    return Card("groups.html", t.gettext("Site types and countries"), figure, words if n else nothing)


def _norms(shown: Shown, formats: Formats) -> Card:
    t = formats.texts
    n = len(shown.further)
    words = t.ngettext("other norm against which figures stand", "other norms against which figures stand", n)
    figure = formats.number(n) if n else ""
    nothing = t.gettext("No other norm was measured in this period.")
    return Card("norms.html", t.gettext("Other norms, and orders"), figure, words if n else nothing)


def _of_certainty(shown: Shown, formats: Formats) -> Iterator[Card]:
    t = formats.texts
    n = shown.network.ranking.totals.unattributed
    words = t.ngettext("URL of which the provider is not known", "URLs of which the provider is not known", n)
    yield Card("account.html", t.gettext("From notice to figure"), formats.number(n), words)
    most = most_changed(shown)
    n = most.changed if most else 0
    words = t.ngettext(
        "judgement changes at most under another choice", "judgements change at most under another choice", n
    )
    words = words if most else t.gettext("No other choice was tried in this dataset.")
    yield Card("sensitivity.html", t.gettext("Sensitivity"), formats.number(n) if most else "", words)
    words = t.gettext("Volume is not effort, a report is not a measure of how much there is, and more.")
    yield Card("limits.html", t.gettext("What this report does not say"), "", words)


def _of_method(shown: Shown, formats: Formats) -> Iterator[Card]:
    t = formats.texts
    if shown.hearing is not None:
        n = len({letter.provider_id for letter in shown.hearing.letters})
        words = t.ngettext("provider was written to first", "providers were written to first", n)
        yield Card(HEARING, t.gettext("Letters and answers"), formats.number(n), words)
    n = len(shown.method.rules)
    words = t.ngettext("rule by which the figures were made", "rules by which the figures were made", n)
    yield Card("methodology.html", t.gettext("Methodology"), formats.number(n), words)
    yield Card("glossary.html", t.gettext("Glossary"), "", t.gettext("What the words of this report mean."))
    yield Card("downloads.html", t.gettext("Data"), "", t.gettext("Every figure in a table that software can read."))
