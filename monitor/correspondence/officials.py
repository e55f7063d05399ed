"""Whether a text that will be published names an official who works on the Letters.

In: the text, and the names as the configuration and the register have them ("mw. A. de Vries", "Jo Tester"). Out: yes
or no. What would surprise: the surname alone is enough, so an official who is called like a provider is found as well:
then the quote is to be put in other words.
"""

import re
from collections.abc import Iterable

_SHORTEST_SURNAME = 4
"""Letters; a shorter last word ("Bos", "Jo") is looked for with what stands before it alone."""


def names_an_official(text: str, people: Iterable[str]) -> bool:
    """Whether one of the names, or its surname as a word with a capital, stands in the text."""
    folded = _folded(text)
    return any(
        person.strip() and (_whole(_folded(person)).search(folded) or _surname_stands(person, text))
        for person in people
    )


def _surname_stands(person: str, text: str) -> bool:
    surname = person.rsplit(maxsplit=1)[-1]
    if len(surname) < _SHORTEST_SURNAME or not surname[0].isupper():
        return False
    return _whole(surname).search(text) is not None


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
