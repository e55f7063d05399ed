"""What a letter takes from the report."""

from dataclasses import replace

import pytest

from monitor.model.breakdown import ProviderEvidence
from monitor.publication.letter_parts import class_words, letter_parts, shown_ids
from tests.publication.conftest import network_cards, ranking

CARDS = network_cards()
RANKING = ranking(CARDS)
DRAWN = next(card for card in CARDS if card.n_episodes > 50)
EVIDENCE = ProviderEvidence(
    DRAWN.provider_id, 60, 40, ((64499, 50), (64500, 10)), (("stale", 3), ("stated", 0)), 45, 15, None, None
)


@pytest.mark.parametrize(
    ("language", "share"), [("nl", "45 van 60 URL's zijn aan u toegerekend"), ("en", "45 of 60 URLs are booked on you")]
)
def test_the_evidence_says_on_what_the_bookings_rest(language: str, share: str) -> None:
    """Networks, AS numbers and each doubt that is there, with counts; a doubt without an Episode is not spoken of."""
    said = letter_parts(DRAWN, RANKING, EVIDENCE, "Voorbeeld B.V.", language).evidence
    assert share in said[0]
    assert len(said) == 4
    assert "AS64499 (50), AS64500 (10)" in said[2]
    assert "3" in said[3] and "60" in said[3]


def test_without_evidence_that_is_said() -> None:
    """Not known is a value."""
    assert letter_parts(DRAWN, RANKING, None, "Voorbeeld B.V.", "nl").evidence == ("niet vastgesteld",)


def test_the_chart_is_a_picture_with_words_and_the_same_bytes_each_time() -> None:
    """A PNG in each language, described with the share that the Scorecard has."""
    first, again = (letter_parts(DRAWN, RANKING, None, "Voorbeeld B.V.", "nl") for _ in range(2))
    english = letter_parts(DRAWN, RANKING, None, "Voorbeeld B.V.", "en")
    assert first.chart is not None and first.chart.startswith(b"\x89PNG")
    assert first.chart == again.chart != english.chart
    assert first.formats.percent(DRAWN.within_norm) in first.chart_alt
    assert english.formats.percent(DRAWN.within_norm) in english.chart_alt


def test_without_a_curve_there_is_no_chart() -> None:
    """And no words for one."""
    parts = letter_parts(DRAWN, replace(RANKING, curves=()), None, "Voorbeeld B.V.", "nl")
    assert (parts.chart, parts.chart_alt) == (None, "")


def test_those_with_a_page_are_those_that_small_cells_do_not_hide() -> None:
    """Everybody of the size that is named, nobody below it."""
    shown = shown_ids(RANKING)
    assert shown
    assert all(card.n_episodes >= RANKING.minimums.named for card in CARDS if card.provider_id in shown)


def test_each_class_has_its_words_in_both_languages() -> None:
    """Four, all different."""
    assert len(set(class_words("nl").values()) | set(class_words("en").values())) == 8
