"""The page about norms beside the one that the report is about, and about orders.

In: what is shown. Out: one `NormPart` for each further Ranking, those of the request clock first. What would surprise:
under the primary norm of the order clock the hours of the norm count for nothing, each order has a deadline of its own.
"""

from dataclasses import dataclass

from monitor.model.scorecard import Norm
from monitor.model.words import NoticeKind
from monitor.publication import drawing
from monitor.publication.formats import Formats
from monitor.publication.names import other_name
from monitor.publication.shown import Shown, ShownRanking


@dataclass(frozen=True, slots=True)
class NormPart:
    """One further Ranking and how it is spoken of."""

    part: ShownRanking
    title: str
    within: str  # "within 48 hours of the notice"
    other: str  # name of the row of all that are too small
    anchor: str

    @property
    def norm(self) -> Norm:
        return self.part.ranking.norm

    @property
    def is_order(self) -> bool:
        return self.norm.clock is NoticeKind.ORDER


def norm_parts(shown: Shown, formats: Formats) -> tuple[NormPart, ...]:
    """Every further Ranking with somebody in it."""
    parts = (
        NormPart(part, title(part.ranking.norm, formats), within(part.ranking.norm, formats), *_names(part, formats))
        for part in shown.further
        if part.rows
    )
    return tuple(sorted(parts, key=lambda part: part.is_order))


def norms_view(shown: Shown, formats: Formats) -> dict[str, object]:
    parts = norm_parts(shown, formats)
    return {
        "requests": tuple(part for part in parts if not part.is_order),
        "orders": tuple(part for part in parts if part.is_order),
        "has_page": frozenset(card.provider_id for card in shown.network.ranking.scorecards),
        "bar_at": drawing.bar,
    }


def title(norm: Norm, formats: Formats) -> str:
    """What a norm is called in a heading or a row."""
    t, hours = formats.texts, formats.hours(norm.hours)
    if norm.clock is NoticeKind.REQUEST:
        return t.gettext("Notices: %(hours)s") % {"hours": hours}
    if norm.is_primary:
        return t.gettext("Orders: the deadline that each one states")
    return t.gettext("Orders: %(hours)s") % {"hours": hours}


def within(norm: Norm, formats: Formats) -> str:
    """The time allowed within a sentence; of orders under their primary norm, each one's own deadline."""
    if norm.clock is NoticeKind.ORDER and norm.is_primary:
        return formats.texts.gettext("within the deadline that each order states")
    return formats.norm(norm)


def _names(part: ShownRanking, formats: Formats) -> tuple[str, str]:
    return other_name(part.n_other, formats), f"norm-{part.ranking.norm.name.lower()}"
