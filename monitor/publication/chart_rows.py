"""What the charts of Providers share: who is in them, in which order, their names, and the table of their figures.

In: Scorecards as shown. Out: at most 30 of them, those with most URLs counted, in the order in which they came; a
chart says so where it leaves some out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from matplotlib.axes import Axes

from monitor.model.breakdown import GroupFigures
from monitor.model.scorecard import Scorecard
from monitor.publication.chart_kind import Column, DataTable
from monitor.publication.chart_style import labels
from monitor.publication.formats import Formats
from monitor.publication.names import provider_name
from monitor.publication.phrases import CLASSES, phrase
from monitor.publication.shown import Shown

MOST_ROWS = 30
ROW = 0.27  # inches


def largest(cards: Iterable[Scorecard], most: int = MOST_ROWS) -> list[Scorecard]:
    """Those with most Episodes, in the order in which they came."""
    cards = list(cards)
    kept = {card.provider_id for card in sorted(cards, key=lambda c: (-c.n_episodes, c.provider_id))[:most]}
    return [card for card in cards if card.provider_id in kept]


def names(cards: Iterable[Scorecard], shown: Shown, formats: Formats) -> list[str]:
    return [provider_name(card, shown.named, formats.texts) for card in cards]


def provider_table(
    caption: str,
    columns: Iterable[Column],
    cards: Sequence[Scorecard],
    cells: Callable[[Scorecard], tuple[str, ...]],
    shown: Shown,
    formats: Formats,
) -> DataTable:
    """A row for each Scorecard: its Provider, then its `cells` below the `columns`."""
    first = Column(formats.texts.gettext("Provider"), number=False)
    named = zip(names(cards, shown, formats), cards, strict=True)
    return DataTable(caption, (first, *columns), tuple((name, *cells(card)) for name, card in named))


def estimate_columns(formats: Formats) -> tuple[Column, ...]:
    t = formats.texts
    titles = t.gettext("Estimate"), t.gettext("95% interval"), t.gettext("Worst to best case")
    return tuple(Column(title) for title in titles)


def estimate_cells(found: Scorecard | GroupFigures, formats: Formats) -> tuple[str, ...]:
    """What stands below `estimate_columns`."""
    return (
        formats.percent(found.within_norm),
        formats.percents(found.within_norm_low, found.within_norm_high),
        formats.percents(found.within_norm_worst, found.within_norm_best),
    )


def row_axes(axes: Axes, texts: Sequence[str]) -> None:
    """One row for each, the first on top."""
    axes.set_yticks(range(len(texts)), labels(texts))
    axes.set_ylim(len(texts) - 0.4, -0.9)
    axes.tick_params(axis="y", length=0)


def at_the_side(axes: Axes, row: int, text: str) -> None:
    """Figures of a row, right of the plot, where they cover nothing."""
    axes.annotate(
        text,
        (1.0, row),
        (6, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        annotation_clip=False,
    )


def in_order(drawn: int, ranked: int, formats: Formats) -> str:
    """Which rows there are and how they are ordered, as a sentence."""
    if drawn == ranked:
        return formats.texts.gettext("In the order of the ranking.")
    return of_all(drawn, ranked, formats) + " " + formats.texts.gettext("In the order of the ranking.")


def of_all(drawn: int, ranked: int, formats: Formats) -> str:
    """That not every ranked Provider is drawn; "" where each is."""
    if drawn == ranked:
        return ""
    message = formats.texts.gettext("The %(n)s ranked providers with most URLs, of %(all)s.")
    return message % {"n": formats.number(drawn), "all": formats.number(ranked)}


def judgements(cards: Iterable[Scorecard], formats: Formats) -> str:
    """How many there are of each class, for a text alternative."""
    counts = Counter(card.class_ for card in cards)
    known = (code for code in CLASSES if counts[code])
    return ", ".join(f"{phrase(formats.texts, CLASSES, code)}: {formats.number(counts[code])}" for code in known)


def nobody_ranked(formats: Formats) -> str:
    return formats.texts.gettext("No provider had enough URLs for a rank in this period.")
