"""Names as written in, what they have to say about an organisation out.

Case, accents and punctuation do not count; legal forms and the conventions of AS names (`EXAMPLE-AS`, `AS-EXAMPLE`,
`EXAMPLE-AS64500`, `Example, NL`) are taken off. What would surprise: a name can have nothing left (`AS64500`); it is
compared with none.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from monitor.attribution.matching_words import (
    AS_WORDS,
    HANDLE_TAILS,
    JOINERS,
    LEGAL_FORMS,
    LONGEST_FORM,
    ONLY_FIRST,
    SOLE_TRADERS,
    SPELLINGS,
    TRADE,
)

_COUNTRY_SUFFIX = re.compile(r",\s*[A-Z]{2}$")
_BRACKETS = re.compile(r"[\[\]{}()<>\"“”„«»]")
_APOSTROPHES = re.compile(r"['`´’‘]")
_INNER_AND = re.compile(r"(?<=\w)&(?=\w)")
_SHARE_COMPANY = re.compile(r"(?<![^\W_])a[./] ?s(?![^\W_])")  # not the `as` of an AS name
_SINGLE_LETTERS = re.compile(r"(?<![^\W_])([^\W\d_])[./](?=[^\W\d_](?![^\W_]))")
_SPLIT = re.compile(r"[\W_]+")
_AS_NUMBER = re.compile(r"asn?\d+")
_HANDLE = re.compile(r"[^\s]+[-_][^\s]+")
_HANDLE_ENDS = re.compile(r"(-(ripe|ap|arin|afrinic|lacnic|apnic))+$")
_SHORTEST_HANDLE = 5
_PATRONYMICS = ("ovich", "evich", "ovych", "evych", "ovna", "evna", "ivna")


@dataclass(frozen=True, slots=True)
class NameForm:
    """What is left of a name: its words in order, without `legal`, the countries of its legal form (empty: any)."""

    words: tuple[str, ...]
    letters: str  # the words as written, without blanks
    legal: frozenset[str] = frozenset()  # the legal forms that were dropped, as folded
    countries: frozenset[str] = frozenset()


def name_form(name: str, asns: Collection[int] = ()) -> NameForm | None:
    """The form in which a name is compared; `asns` are the bearer's AS numbers, which say nothing in its name.

    None where nothing is left, or where the name is a sole trader's, that is a natural person's.
    """
    bare = _COUNTRY_SUFFIX.sub("", name.strip())
    words = _split(bare)
    if _is_sole_trader(words):
        return None
    own = {str(asn) for asn in asns}
    words = [word for word in words if word not in own and not _AS_NUMBER.fullmatch(word)]
    if _HANDLE.fullmatch(bare):
        words = _without_handle_tail(words)
    words = _without_as(words)
    words, dropped = _without_legal_forms(words)
    words = _without_as(words)
    if not any(word not in JOINERS for word in words):
        return None
    countries = [LEGAL_FORMS[form] for form in dropped if LEGAL_FORMS[form]]
    legal = frozenset(SPELLINGS.get("".join(form), "".join(form)) for form in dropped)
    singular = tuple(map(_singular, words))
    return NameForm(singular, "".join(words), legal, countries[0] if countries else frozenset())


def handle_stem(provider_id: str) -> str | None:
    """The letters of a registered organisation's handle that may stand for its name: `org-arin-exampl-4` -> `exampl`.

    None for other ids, for ids made of a name, and for short handles (RIPE's are initials and a number).
    """
    parts = provider_id.split("-", 2)
    if len(parts) < 3 or parts[0] != "org" or parts[2].startswith("name-"):
        return None
    stem = _HANDLE_ENDS.sub("", parts[2].removeprefix("org-"))
    stem = re.sub(r"-?\d+$", "", stem).replace("-", "")
    return stem if len(stem) >= _SHORTEST_HANDLE else None


def _singular(word: str) -> str:
    """Words of the trade without their plural: `networks` and `network` are one."""
    if word.endswith("ies") and word[:-3] + "y" in TRADE:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and word[:-1] in TRADE else word


def _split(name: str) -> list[str]:
    text = unicodedata.normalize("NFKD", name.casefold().replace("ı", "i").replace("ł", "l").replace("ø", "o"))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _APOSTROPHES.sub("", _BRACKETS.sub(" ", text))
    text = _INNER_AND.sub("", text).replace("&", " and ").replace("+", " plus ")
    text = _SHARE_COMPANY.sub(" aslegal ", text)
    text = _SINGLE_LETTERS.sub(r"\1", text)
    return [word for word in _SPLIT.split(text) if word]


def _is_sole_trader(words: list[str]) -> bool:
    pairs = {" ".join(pair) for pair in pairwise(words)}
    patronymic = any(len(word) > 6 and word.endswith(_PATRONYMICS) for word in words)
    return not SOLE_TRADERS.isdisjoint([*words, *pairs]) or (patronymic and 2 <= len(words) <= 5)


def _without_handle_tail(words: list[str]) -> list[str]:
    """`example net as ap` -> `example`; a country's two letters go only after `as`."""
    while len(words) > 1 and (words[-1] in HANDLE_TAILS or (len(words[-1]) == 2 and words[-2] in AS_WORDS)):
        words = words[:-1]
    return words


def _without_as(words: list[str]) -> list[str]:
    while len(words) > 1 and words[-1] in AS_WORDS:
        words = words[:-1]
    while len(words) > 1 and words[0] in AS_WORDS:
        words = words[1:]
    return words


def _without_legal_forms(words: list[str]) -> tuple[list[str], list[tuple[str, ...]]]:
    """The words without the legal forms at both ends, as long as something is left; and those forms."""
    dropped: list[tuple[str, ...]] = []
    while form := _form_at(words, end=True):
        words = words[: -len(form)]
        dropped.append(form)
    while form := _form_at(words, end=False):
        words = words[len(form) :]
        dropped.append(form)
    return words, dropped


def _form_at(words: list[str], *, end: bool) -> tuple[str, ...] | None:
    for n in range(min(LONGEST_FORM, len(words) - 1), 0, -1):
        form = tuple(words[-n:] if end else words[:n])
        if form in LEGAL_FORMS and not (end and form in ONLY_FIRST):
            return form
    return None
