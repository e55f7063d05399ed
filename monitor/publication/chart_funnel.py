"""Chart `funnel`: the share within the norm against the number of URLs, with the limits of chance around all together.

In: what is shown. Out: a Figure. A share outside the limits differs from that of all by more than chance. The limits
are those of the score test, widened by the median design effect of the Providers, since URLs notified on one day share
a fate; it is worked out from each published interval, which is Wilson's with n / D in place of n. No class rests on
them: that goes by worst and best case against the norm.
"""

from math import sqrt
from statistics import median
from textwrap import fill
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from monitor.model.scorecard import Scorecard
from monitor.publication.chart_burden import across, count_axis, share
from monitor.publication.chart_kind import ChartKind, Column, DataTable, Words, fill_in
from monitor.publication.chart_labels import Point, place_labels
from monitor.publication.chart_legend import class_entries, legend, norm_entry
from monitor.publication.chart_rows import names, nobody_ranked, provider_table
from monitor.publication.chart_style import ACCENT, FAINT, NORM_LINE, class_mark, labels, new_figure, percent_axis
from monitor.publication.figures import figures
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown

_Z = {"95%": 1.959963985, "99.8%": 3.090232306}
_LINES: dict[str, Any] = {"95%": (0, (1, 1.4)), "99.8%": (0, (6, 1.5, 1, 1.5))}
_STEPS, _MOST_NAMES = 120, 16


def chosen(shown: Shown) -> list[Scorecard]:
    return [card for card in shown.network.ranked if card.within_norm is not None and card.n_episodes > 0]


def limits(centre: float, n: float, effect: float, z: float) -> tuple[float, float]:
    """Between which the share of a Provider with `n` Episodes lies if it only differs from `centre` by chance."""
    half = z * sqrt(centre * (1 - centre) * effect / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def design_effect(cards: list[Scorecard]) -> float | None:
    """The median over the Providers, at least 1; of those whose estimate the checks pin down, while there are any."""
    pinned = [effect for card in cards if card.identified and (effect := _effect(card)) is not None]
    every = pinned or [effect for card in cards if (effect := _effect(card)) is not None]
    return median(every) if every else None


def _effect(card: Scorecard) -> float | None:
    """n / n_eff: an end b of Wilson's interval of share p is where (p - b)^2 = z^2 b (1 - b) / n_eff."""
    p, low, high = card.within_norm, card.within_norm_low, card.within_norm_high
    if p is None or low is None or high is None:
        return None
    b = low if p - low > high - p else high  # the other end can be rounded to p itself
    if not 0 < b < 1 or b == p:
        return None
    return max(1.0, card.n_episodes * (p - b) ** 2 / (_Z["95%"] ** 2 * b * (1 - b)))


def funnel(shown: Shown, formats: Formats) -> Figure:
    cards, t, norm = chosen(shown), formats.texts, shown.network.ranking.norm
    centre, effect = figures(shown).share or 0.0, design_effect(cards)
    counts = [card.n_episodes for card in cards]
    figure = new_figure(6.4)
    axes = figure.subplots()
    count_axis(axes, counts, formats)
    _funnel(axes, centre, effect or 1.0)
    for card in cards:
        axes.add_line(class_mark(card.class_, card.n_episodes, share(card)))
    percent_axis(axes, formats, "y")
    axes.set_ylim(-0.04, 1.06)
    axes.grid(color=FAINT)
    axes.axhline(norm.target, zorder=2, **NORM_LINE)
    axes.set_title(fill(t.gettext("Who differs from all together by more than chance"), 80))
    axes.set_xlabel(_note(centre, effect, formats))
    axes.set_ylabel(fill(t.gettext("Estimated share taken offline %(norm)s") % {"norm": formats.norm(norm)}, 60))
    _legend(figure, cards, shown, formats)
    _names(figure, axes, cards, shown, formats)
    return figure


def _funnel(axes: Axes, centre: float, effect: float) -> None:
    left, right = axes.get_xlim()
    ns = [left * (right / left) ** (step / _STEPS) for step in range(_STEPS + 1)]
    axes.axhline(centre, color=ACCENT, linewidth=1.8, zorder=1.5)
    for level, z in _Z.items():
        pairs = [limits(centre, n, effect, z) for n in ns]
        for side in (0, 1):
            axes.plot(
                ns, [pair[side] for pair in pairs], color=ACCENT, linewidth=1, linestyle=_LINES[level], zorder=1.5
            )
    axes.fill_between(
        ns, [low for low, _ in pairs], [high for _, high in pairs], color=ACCENT, alpha=0.07, linewidth=0, zorder=1
    )


def _note(centre: float, effect: float | None, formats: Formats) -> str:
    t = formats.texts
    first = t.gettext("URLs counted (logarithmic scale)")
    if effect is None:
        second = t.gettext(
            "Limits around the share of all together, %(share)s: of single URLs, without allowing for those of one "
            "day, so too narrow. No judgement rests on them."
        )
        return first + "\n" + fill(fill_in(second, share=formats.percent(centre)), 95)
    second = t.gettext(
        "Limits around the share of all together, %(share)s, with URLs of one day allowed for (median design effect "
        "%(effect)s). No judgement rests on them."
    )
    return first + "\n" + fill(fill_in(second, share=formats.percent(centre), effect=formats.decimal(effect)), 95)


def _legend(figure: Figure, cards: list[Scorecard], shown: Shown, formats: Formats) -> None:
    t = formats.texts
    together = Line2D([], [], color=ACCENT, linewidth=1.8), t.gettext("all together")
    marks = [Line2D([], [], color=ACCENT, linewidth=1, linestyle=_LINES[level]) for level in _Z]
    around = zip(marks, (t.gettext("95% limits"), t.gettext("99.8% limits")), strict=True)
    norm = norm_entry(shown.network.ranking.norm, formats)
    legend(figure, [*class_entries(cards, formats), together, *around, norm], 4)


def _names(figure: Figure, axes: Axes, cards: list[Scorecard], shown: Shown, formats: Formats) -> None:
    """Names of those outside the wide limits, the largest first, then of the largest of the others."""
    outside = {card.provider_id for card in _outside(shown)}
    order = sorted(cards, key=lambda card: (card.provider_id not in outside, -card.n_episodes, card.provider_id))
    order = order[:_MOST_NAMES]
    taken: list[tuple[Point, Point]] = [((float(card.n_episodes), share(card)),) * 2 for card in cards]
    taken += [across(axes, shown.network.ranking.norm.target), across(axes, figures(shown).share or 0.0)]
    named = zip(labels(names(order, shown, formats), 24), order, strict=True)
    place_labels(figure, axes, ((name, (card.n_episodes, share(card))) for name, card in named), taken)


def _outside(shown: Shown) -> list[Scorecard]:
    """Those outside the 99.8% limits."""
    cards, centre = chosen(shown), figures(shown).share or 0.0
    effect = design_effect(cards) or 1.0
    kept = []
    for card in cards:
        low, high = limits(centre, card.n_episodes, effect, _Z["99.8%"])
        if not low <= share(card) <= high:
            kept.append(card)
    return kept


def words(shown: Shown, formats: Formats) -> Words:
    t, cards, outside = formats.texts, chosen(shown), _outside(shown)
    centre = figures(shown).share or 0.0
    alt = t.gettext(
        "Funnel chart of the ranked providers (%(n)s): estimated share of URLs taken offline %(norm)s against the "
        "number of URLs counted, with 95% and 99.8% limits around the share of all together, %(share)s. Below the "
        "99.8% limits: %(below)s; above them: %(above)s; between them: %(between)s."
    )
    below = sum(share(card) < centre for card in outside)
    alt = fill_in(
        alt,
        n=formats.number(len(cards)),
        norm=formats.norm(shown.network.ranking.norm),
        share=formats.percent(figures(shown).share),
        below=formats.number(below),
        above=formats.number(len(outside) - below),
        between=formats.number(len(cards) - len(outside)),
    )
    reading = t.gettext(
        "The fewer URLs, the more a share can differ by chance: the funnel is wide on the left. Outside the dotted "
        "lines lies one provider in twenty by chance alone, outside the outer lines two in a thousand. The funnel is "
        "around the share of all together and not around the norm, so it does not say who meets the norm; the colours "
        "do."
    )
    return Words(t.gettext("More than chance"), alt, reading)


def data(shown: Shown, formats: Formats) -> DataTable:
    t, cards = formats.texts, chosen(shown)
    centre, effect = figures(shown).share or 0.0, design_effect(cards) or 1.0
    columns = (
        Column(t.gettext("URLs counted")),
        Column(t.gettext("Estimate")),
        Column(t.gettext("95% limits")),
        Column(t.gettext("99.8% limits")),
    )

    def cells(card: Scorecard) -> tuple[str, ...]:
        return (
            formats.number(card.n_episodes),
            formats.percent(card.within_norm),
            *(formats.percents(*limits(centre, card.n_episodes, effect, z)) for z in _Z.values()),
        )

    return provider_table(
        t.gettext("Who differs from all together by more than chance"), columns, cards, cells, shown, formats
    )


def missing(shown: Shown, formats: Formats) -> str:
    if not chosen(shown):
        return nobody_ranked(formats)
    if figures(shown).share is None:
        return formats.texts.gettext("The share of all together is not known, so there are no limits around it.")
    return ""


KIND = ChartKind("funnel", "tables/ranking.csv", funnel, words, data, missing)
