"""Whether a text names an official who works on the letters."""

import pytest

from monitor.correspondence.officials import names_an_official

PEOPLE = ("mw. A. de Vries", "Jo Bos", "clerk", "")


@pytest.mark.parametrize(
    "text",
    [
        "Zoals mevrouw De Vries ons toezegde.",
        "met mw. a. de\nvries besproken",
        "Vries: zie boven",
        "Volgens Jo Bos klopt dat.",
        "the clerk said so",
    ],
)
def test_a_name_or_a_surname_is_found(text: str) -> None:
    """However the lines break; a short surname only with its first name."""
    assert names_an_official(text, PEOPLE)


@pytest.mark.parametrize("text", ["Het vriest.", "In het bos.", "Bos en duin", "Vriesland", "clerks", ""])
def test_a_word_that_only_looks_like_one_is_not(text: str) -> None:
    """Parts of words, and words of everyday."""
    assert not names_an_official(text, PEOPLE)
