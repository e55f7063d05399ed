"""The values of a Letter's marks."""

from dataclasses import replace
from datetime import date

import pytest

from monitor.correspondence.letter_values import letter_values
from monitor.model.letter import Letter, Told
from monitor.publication.formats import Formats
from monitor.publication.texts import texts
from tests.correspondence.letter_samples import FACTS, words


def _values(facts=FACTS, language="nl"):
    return letter_values(facts, words(language), Formats(texts(language)))


@pytest.mark.parametrize(
    ("language", "share", "interval", "day", "count"),
    [
        ("nl", "45,7%", "40,1% tot 51,3%", "1 oktober 2026", "1.201"),
        ("en", "45.7%", "40.1% to 51.3%", "1 October 2026", "1,201"),
    ],
)
def test_figures_and_days_are_written_as_the_language_does(language, share, interval, day, count):
    """Decimals, thousands and months are Dutch in Dutch and English in English."""
    values = _values(language=language)
    found = (values["within_norm"], values["within_norm_range"], values["answer_by"], values["n_episodes"])
    assert found == (share, interval, day, count)


def test_what_is_not_known_is_said():
    """A figure without a value is "not known", never 0 and never blank."""
    card = replace(FACTS.card, within_norm=None, within_norm_low=None, within_norm_high=None)
    values = _values(replace(FACTS, card=card))
    assert values["within_norm"] == values["within_norm_range"] == "niet vastgesteld"


def test_a_median_that_was_not_reached_is_said_in_words():
    """No hours stand where half was never taken offline."""
    values = _values(replace(FACTS, card=replace(FACTS.card, median_status="not-reached", median_hours=None)))
    assert values["median"] == words("nl").median_status


def test_a_provider_without_a_rank_has_none_in_its_letter():
    """The marks of the rank are empty, so that a template can leave them out."""
    values = _values(replace(FACTS, card=replace(FACTS.card, rank=None)))
    assert (values["rank"], values["rank_low"], values["rank_high"]) == ("", "", "")


def test_reasons_end_as_sentences():
    """A basis or reason without its full stop gets one, and none gets two."""
    bases = [
        _values(replace(FACTS, norm=replace(FACTS.norm, basis=basis)))["norm_basis"] for basis in ("Code", "Code.")
    ]
    assert bases == ["Code."] * 2


def test_both_languages_have_the_same_marks():
    """A template of one language can be made from that of the other."""
    assert _values(language="nl").keys() == _values(language="en").keys()


def test_a_second_letter_says_what_the_first_one_told_and_asks_for_the_reason():
    """Nobody gets other figures without a word: of another dataset the clerk has to fill in why they differ."""
    told = Told("ab" * 32, "meets", 114, 109, 0.9812, 0.93, 0.995, 0.899, 0.982, 14)
    days = (date(2026, 7, 1), date(2026, 7, 29))
    first = Letter(7, "VB-7", "as64499", "Voorbeeldhosting B.V.", "2026H1", *days, 28, "allen", told, ())
    for language, share, place in (("nl", "98,1%", "[invullen]"), ("en", "98.1%", "[fill in]")):
        said, writes = replace(words(language), judgement_before="het oordeel van toen"), Formats(texts(language))
        again = letter_values(replace(FACTS, before=first), said, writes)["earlier"]
        assert all(part in again for part in ("VB-7", "het oordeel van toen", share, place))
        same = letter_values(replace(FACTS, before=first, is_same_freeze=True), said, writes)["earlier"]
        assert "VB-7" in same and place not in same
        assert letter_values(FACTS, said, writes)["earlier"] == ""
