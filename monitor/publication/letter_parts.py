"""What a letter to one Provider takes from the report: its words, its numbers as text, and the chart of its own curve.

In: the Ranking and what came of one Provider in it. Out: text in one language and a picture (PNG). What would surprise:
small counts are told in full here, for the letter goes to nobody but the Provider that they are about.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.model.breakdown import ProviderEvidence
from monitor.model.scorecard import Curve, Ranking, Scorecard
from monitor.model.words import ClassLabel
from monitor.publication import small_cells
from monitor.publication.chart_online import curve_legend, draw_curve
from monitor.publication.chart_style import label, new_figure, render, style
from monitor.publication.drawing import taken
from monitor.publication.formats import Formats
from monitor.publication.phrases import CLASS_SENTENCES, CLASSES, DOUBT_SENTENCES, DOUBTS, MEDIANS, phrase
from monitor.publication.texts import texts

_HEIGHT = 3.9  # inches


@dataclass(frozen=True, slots=True)
class LetterParts:
    """Text in one language; `chart` is a PNG, None where there is no curve."""

    formats: Formats
    judgement: str
    judgement_sentence: str
    median_status: str
    evidence: tuple[str, ...]
    chart: bytes | None
    chart_alt: str


def shown_ids(ranking: Ranking) -> frozenset[str]:
    """The Providers that a report shows on a page of their own; natural persons are among them."""
    hidden = small_cells.of_ranking(ranking).hidden
    return frozenset(card.provider_id for card in ranking.scorecards) - hidden


def letter_parts(
    card: Scorecard, ranking: Ranking, evidence: ProviderEvidence | None, name: str, language: str
) -> LetterParts:
    """`name`: how the Provider is addressed. `ranking` holds its curve, where there is one."""
    formats = Formats(texts(language))
    curve = next((each for each in ranking.curves if each.provider_id == card.provider_id and each.n_episodes), None)
    words = formats.texts
    return LetterParts(
        formats,
        phrase(words, CLASSES, card.class_),
        phrase(words, CLASS_SENTENCES, card.class_),
        phrase(words, MEDIANS, card.median_status or "not-identified"),
        tuple(_evidence(evidence, formats)) if evidence else (formats.unknown,),
        None if curve is None else _chart(curve, ranking, name, formats),
        "" if curve is None else _alt(curve, card, ranking, formats),
    )


def class_words(language: str) -> dict[str, str]:
    """What each class is called."""
    return {each.value: phrase(texts(language), CLASSES, each.value) for each in ClassLabel}


def _chart(curve: Curve, ranking: Ranking, name: str, formats: Formats) -> bytes:
    with style():
        figure = new_figure(_HEIGHT)
        draw_curve(figure.subplots(), label(name, 60), curve, ranking.norm, formats)
        curve_legend(figure, [(name, curve)], ranking.norm, formats)
        return render(figure)[0]


def _alt(curve: Curve, card: Scorecard, ranking: Ranking, formats: Formats) -> str:
    shares = taken(curve)
    at_the_end = shares.share[-1] if shares.share else None
    return formats.texts.gettext(
        "Chart of the share of your URLs that was taken offline, by hours since the notice: %(share)s %(norm)s, "
        "%(last)s after 30 days, as a line with a 95%% band between worst and best case."
    ) % {
        "share": formats.percent(card.within_norm),
        "norm": formats.norm(ranking.norm),
        "last": formats.percent(at_the_end),
    }


def _evidence(found: ProviderEvidence, formats: Formats) -> Iterator[str]:
    """Sentences: on what the bookings rest, then each reason for less than full confidence."""
    t = formats.texts
    whole = formats.number(found.n_episodes)
    if found.by_network:
        yield t.gettext(
            "%(n)s of %(all)s URLs are booked on you because the network of their address was registered to you."
        ) % {"n": formats.number(found.by_network), "all": whole}
    if found.by_as:
        yield t.gettext(
            "%(n)s of %(all)s URLs are booked on you because you hold the AS number that announced their address; "
            "who the network is registered to was not known, or nobody else was on record."
        ) % {"n": formats.number(found.by_as), "all": whole}
    if found.asns:
        numbers = ", ".join(f"AS{asn} ({formats.number(n)})" for asn, n in found.asns)
        yield t.gettext("Announced by, with the number of URLs: %(numbers)s.") % {"numbers": numbers}
    for code, n in found.doubts:
        if n:
            reason, sentence = phrase(t, DOUBTS, code), phrase(t, DOUBT_SENTENCES, code)
            yield t.gettext("Less than full confidence for %(n)s of %(all)s URLs, %(reason)s: %(sentence)s") % {
                "n": formats.number(n),
                "all": whole,
                "reason": reason,
                "sentence": sentence,
            }
