"""What a briefing takes from the report: its figures in short, its words, and the curve of all Providers together.

In: a ReleaseInput; what a briefing shows of it is what the release would show. Out: figures with words in one language,
and a picture (PNG). What would surprise: `cleared` looks at the finished factsheet with the release's own last look, so
that nothing gets out by a briefing that a release would hold back.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from monitor.errors import ReleaseRefused
from monitor.model.briefing import BriefingFigures, ClassCount, PeriodChange, RankedLine
from monitor.model.release import ReleaseInput
from monitor.model.scorecard import Curve
from monitor.publication import disclosure
from monitor.publication.chart_online import curve_legend, draw_curve
from monitor.publication.chart_style import new_figure, render, style
from monitor.publication.drawing import taken
from monitor.publication.figures import figures
from monitor.publication.formats import Formats
from monitor.publication.names import provider_name
from monitor.publication.phrases import BREAKS, CHOICES, CLASS_SENTENCES, CLASSES, CORRECTIONS, phrase
from monitor.publication.shown import Shown, shown
from monitor.publication.texts import texts
from monitor.publication.view_change import changes
from monitor.publication.view_index import most_changed

_HEIGHT = 4.4  # inches


def briefing_figures(release: ReleaseInput, language: str) -> tuple[BriefingFigures, Formats]:
    """With how that language writes values."""
    seen, formats = shown(release), Formats(texts(language))
    found, totals = figures(seen), seen.network.ranking.totals
    curve = next((each for each in seen.network.ranking.curves if each.provider_id is None and each.n_episodes), None)
    made = BriefingFigures(
        n_notified=found.n_rows,
        n_counted=totals.episodes - totals.unattributed,
        n_unattributed=totals.unattributed,
        n_gone_before=totals.gone_before_notice,
        n_undelivered=totals.undelivered,
        n_misaddressed=totals.misaddressed,
        n_fronted=totals.fronted,
        n_providers=sum(card.n_episodes > 0 for card in release.ranking.scorecards),
        n_ranked=found.n_ranked,
        classes=tuple(_classes(release, formats)),
        share=found.share,
        low=found.low,
        high=found.high,
        worst=found.worst,
        best=found.best,
        n_undecided=found.n_undecided,
        n_doubted=totals.doubted,
        n_no_end_seen=found.n_no_end_seen,
        most_dependent=_most_dependent(seen, formats),
        change=_change(seen, formats),
        corrected=tuple((phrase(formats.texts, CORRECTIONS, each.kind), each.why, each.n) for each in seen.corrected),
        ranked=tuple(_lines(seen, formats)),
        named=seen.named,
        chart=None if curve is None else _chart(curve, seen, formats),
        chart_alt="" if curve is None else _alt(curve, seen, formats),
    )
    return made, formats


def cleared(content: Mapping[str, bytes], release: ReleaseInput) -> None:
    """Raises ReleaseRefused where a file, by its name, holds what no release may show."""
    try:
        disclosure.check(content, release, shown(release))
    except ReleaseRefused as refusal:
        message = refusal.message.replace("The release", "The briefing", 1)
        hint = "Look where the text comes from: a template, the name of a provider, or a text in the configuration"
        raise ReleaseRefused(message, hint, refusal.findings) from None


def _classes(release: ReleaseInput, formats: Formats) -> Iterator[ClassCount]:
    cards = (card for card in release.ranking.scorecards if card.n_episodes)
    counts, t = Counter(card.class_ for card in cards), formats.texts
    for code in CLASSES:
        yield ClassCount(code, phrase(t, CLASSES, code), phrase(t, CLASS_SENTENCES, code), counts[code])


def _most_dependent(seen: Shown, formats: Formats) -> tuple[str, int] | None:
    most = most_changed(seen)
    return None if most is None else (phrase(formats.texts, CHOICES, most.choice), most.changed)


def _change(seen: Shown, formats: Formats) -> PeriodChange:
    found = changes(seen)
    return PeriodChange(
        previous=seen.network.ranking.period.previous().label,
        before=found.before,
        now=found.now,
        overlap=found.overlap,
        n_better=len(found.better),
        n_worse=len(found.worse),
        n_within_chance=len(found.within_chance),
        n_not_comparable=len(found.not_comparable),
        breaks=tuple(phrase(formats.texts, BREAKS, code) for code in figures(seen).breaks),
    )


def _lines(seen: Shown, formats: Formats) -> Iterator[RankedLine]:
    t = formats.texts
    for card in seen.network.ranked:
        yield RankedLine(
            rank=card.rank or 0,
            provider=provider_name(card, seen.named, t),
            n_episodes=card.n_episodes,
            share=card.within_norm,
            low=card.within_norm_low,
            high=card.within_norm_high,
            judgement=phrase(t, CLASSES, card.class_),
        )


def _chart(curve: Curve, seen: Shown, formats: Formats) -> bytes:
    title, norm = formats.texts.gettext("All together"), seen.network.ranking.norm
    with style():
        figure = new_figure(_HEIGHT)
        draw_curve(figure.subplots(), title, curve, norm, formats)
        curve_legend(figure, [(title, curve)], norm, formats)
        return render(figure)[0]


def _alt(curve: Curve, seen: Shown, formats: Formats) -> str:
    shares, norm = taken(curve), seen.network.ranking.norm
    at_norm = shares.share[shares.at(norm.hours)] if shares.share and norm.hours in curve.hours else None
    return formats.texts.gettext(
        "Chart of the share of URLs that was taken offline, all providers together, by hours since the notice: "
        "%(share)s %(norm)s, %(last)s after 30 days, as a line with a 95%% band between worst and best case."
    ) % {
        "share": formats.percent(at_norm),
        "norm": formats.norm(norm),
        "last": formats.percent(shares.share[-1] if shares.share else None),
    }
