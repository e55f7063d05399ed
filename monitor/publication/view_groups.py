"""The page about site types and countries.

In: what is shown. Out: the groups of each dimension, those with most URLs first, what is not known last. What would
surprise: a group can hold several that were too small to stand alone.
"""

from dataclasses import dataclass

from monitor.model.breakdown import Dimension, GroupFigures
from monitor.model.words import SiteType
from monitor.publication import drawing
from monitor.publication.formats import Formats
from monitor.publication.phrases import SITE_TYPES
from monitor.publication.shown import FOLDED, Shown


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with its name; `known` is False where its Episodes have no such word."""

    name: str
    figures: GroupFigures
    known: bool
    bar: drawing.Bar | None


@dataclass(frozen=True, slots=True)
class GroupTable:
    """One dimension. `n_episodes` adds up its rows."""

    rows: tuple[GroupRow, ...]
    n_episodes: int
    n_unknown: int
    is_folded: bool


def groups_view(shown: Shown, formats: Formats) -> dict[str, object]:
    return {
        "site_types": _table(Dimension.SITE_TYPE, shown, formats),
        "countries": _table(Dimension.COUNTRY, shown, formats),
    }


def group_name(figures: GroupFigures, formats: Formats) -> str:
    """A site type or a country in words."""
    t = formats.texts
    if not figures.group:
        return formats.unknown
    if figures.group == FOLDED:
        return t.gettext("Several taken together")
    if figures.dimension == Dimension.COUNTRY:
        return formats.country(figures.group)
    return t.gettext(SITE_TYPES.get(figures.group, figures.group))


def _table(dimension: Dimension, shown: Shown, formats: Formats) -> GroupTable:
    mine = sorted((each for each in shown.groups if each.dimension == dimension), key=_order)
    target = shown.network.ranking.norm.target
    rows = tuple(GroupRow(group_name(each, formats), each, bool(each.group), _bar(each, target)) for each in mine)
    n_unknown = sum(each.n_episodes for each in mine if not each.group)
    is_folded = any(each.group == FOLDED for each in mine)
    return GroupTable(rows, sum(each.n_episodes for each in mine), n_unknown, is_folded)


def _order(each: GroupFigures) -> tuple[int, int, str]:
    last = 2 if not each.group else 1 if each.group in (FOLDED, SiteType.OTHER.value) else 0
    return last, -each.n_episodes, each.group


def _bar(each: GroupFigures, target: float) -> drawing.Bar | None:
    """Without a judgement, so in the colour of none."""
    bounds, limits = (each.within_norm_worst, each.within_norm_best), (each.within_norm_low, each.within_norm_high)
    return drawing.interval(bounds, each.within_norm, limits, target)
