"""The words of an orders' file in Dutch and in English. No word of law is among them: what was ordered, seen, told.

In: the language. Out: sentences and the names of closed sets. What would surprise: a value that no table names is
shown as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.orders import words_en, words_nl


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `of`: the names of values; `label`: headings and columns; `text`: sentences."""

    language: str
    label: Mapping[str, str]
    text: Mapping[str, str]
    of: Mapping[str, str]

    def value(self, word: str | None) -> str:
        return self.label["unknown"] if word is None else self.of.get(word, word)


DUTCH = Words("nl", words_nl.LABELS, words_nl.TEXTS, words_nl.VALUES)
ENGLISH = Words("en", words_en.LABELS, words_en.TEXTS, words_en.VALUES)
LANGUAGES = (DUTCH, ENGLISH)
