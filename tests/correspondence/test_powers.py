"""Words of powers that a ministry lacks."""

import pytest

from monitor.correspondence.powers import claimed_powers


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Wij leggen u een bestuurlijke boete op.", "bestuurlijke boete"),
        ("Er volgt een last onder dwangsom.", "last onder dwangsom"),
        ("Hierbij bevelen wij u het materiaal te verwijderen.", "bevelen wij"),
        ("Ik sommeer u te antwoorden.", "sommeer"),
        ("Dit kan strafrechtelijke gevolgen hebben.", "strafrechtelijke"),
        ("U bent verplicht te antwoorden.", "U bent verplicht"),
        ("U moet binnen 24 uur handelen.", "U moet"),
        ("You will be fined.", "fined"),
        ("We order you to remove it.", "We order you"),
        ("You must answer.", "You must"),
        ("Failure will lead to legal proceedings.", "legal proceedings"),
    ],
)
def test_a_claimed_power_is_found_with_its_sentence(text, word):
    """In either language, whatever its case."""
    (found,) = claimed_powers(f"Geachte heer, mevrouw,\n{text} Dank u.")
    assert (found.word, found.sentence) == (word, text)


@pytest.mark.parametrize(
    "text",
    [
        "Dit is geen besluit en geen bevel.",
        "This is not a decision and not an order.",
        "Een bevel van de autoriteit heeft een eigen termijn.",
        "De brief legt u geen verplichting op.",
        "Offline gehaald binnen de norm, in order of size.",
        "Ik vraag u de cijfers te controleren.",
    ],
)
def test_what_a_letter_may_say_is_not_found(text):
    """The words of the field, orders of the authority among them, are no threat by themselves."""
    assert claimed_powers(text) == ()


def test_a_line_break_within_a_threat_does_not_hide_it():
    """Spaces of any kind and number stand between the words of one claim."""
    assert [found.word for found in claimed_powers("een last\u00a0onder  dwangsom")] == ["last onder dwangsom"]
