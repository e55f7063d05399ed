"""How alike two names are, 0 to 100, and why, in words.

In: two name forms and how rare each word is in the registry. What would surprise: the score is the share of what the
names say that they say together, so a common word counts for next to nothing; and what tells organisations apart (a
number, a place, another trade, legal forms of two countries) caps it, however alike the letters are.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.fuzz import ratio

from monitor.attribution.matching_names import NameForm
from monitor.attribution.matching_words import (
    INSTITUTIONS,
    JOINERS,
    OTHER_TRADES,
    PLACES,
    TRADE,
    TRANSLATIONS,
    USUAL_ENDS,
)

_LEAST_NAMES = 1000  # a small registry cannot tell which words are common: it is held to be this large
_TRADE_WEIGHT, _JOINER_WEIGHT = 0.05, 0.01
_ENOUGH_SAID = 0.5  # of weight: names of common words only are not one organisation's
_TYPO_IS_RARE = 3  # a word borne by more names than this is no slip of the pen
_SHORT = 3  # letters: an acronym is many organisations'
_USUAL = 10  # letters: longer made-up words are hardly made up twice

COMMON_CAP, ACRONYM_CAP, NUMBERS_CAP, PLACES_CAP, TRADES_CAP, LEGAL_CAP = 80.0, 84.0, 70.0, 75.0, 75.0, 84.0
ONE_PLACE_CAP, ONE_TRADE_CAP, FORMS_CAP, USUAL_CAP, SLIP_CAP = 86.0, 84.0, 88.0, 86.0, 89.0
SAME_WORDS, SAME_LETTERS = 98.0, 97.0
"""Caps and scores. What they come to on real names is measured in `docs/matching.md`."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A score from 0 to 100 and the reasons for it, for a person to read."""

    score: float
    reasons: tuple[str, ...]


class Rarity:
    """How much each word says: 1 for a word of one name, towards 0 for a word of many, next to 0 for the trade's."""

    def __init__(self, forms: Iterable[NameForm]) -> None:
        distinct = {form.words for form in forms}
        self.n_names: Counter[str] = Counter(word for words in distinct for word in set(words))
        self._size = log(max(len(distinct), _LEAST_NAMES) + 1)
        self._weights: dict[str, float] = {}

    def weight(self, word: str) -> float:
        found = self._weights.get(word)
        if found is None:
            found = self._weights[word] = self._weigh(word)
        return found

    def total(self, words: Iterable[str]) -> float:
        return sum(self.weight(word) for word in words)

    def _weigh(self, word: str) -> float:
        if word in JOINERS:
            return _JOINER_WEIGHT
        rare = max(1.0 - log(max(self.n_names[word], 1)) / self._size, 0.0) ** 2
        return min(rare, _TRADE_WEIGHT) if word in TRADE else rare


def likeness(one: NameForm, other: NameForm, rarity: Rarity) -> Likeness:
    """Compare two names."""
    score, reason = _alike(one, other, rarity)
    caps = [cap for cap in _caps(one, other, rarity) if cap[0] < score]
    return Likeness(min([score, *(cap for cap, _ in caps)]), (reason, *(why for _, why in caps)))


def _alike(one: NameForm, other: NameForm, rarity: Rarity) -> tuple[float, str]:
    if one.words == other.words:
        return 100.0 * (1.0 if one.legal == other.legal else _chance(one, rarity)), _same(one, other)
    if sorted(one.words) == sorted(other.words):
        turned = SAME_WORDS if len(telling(one)) > 1 else USUAL_CAP
        return turned, "same words in another order"
    if one.letters == other.letters:
        return SAME_LETTERS, "same letters, other blanks"
    shared, rest_one, rest_other, slips = _matched(one.words, other.words, rarity)
    both = rarity.total(one.words) + rarity.total(other.words)
    share = 200.0 * shared / both if both else 0.0
    # The rarer what they share, the less it is chance; words of the trade on both sides are a difference too.
    score = share * (0.7 + 0.3 * min(1.0, shared))
    if rest_one and rest_other:
        score *= 0.94
    if min(len(telling(one)), len(telling(other))) == 1:
        score *= 0.97
    if slips and shared < 1.5:
        score = min(score, SLIP_CAP)
    differ = "; ".join(f"only one has: {' '.join(rest)}" for rest in (rest_one, rest_other) if rest)
    letters = f"names {ratio(' '.join(one.words), ' '.join(other.words)):.0f}% alike"
    slip = f"{slips[0][0]} / {slips[0][1]}" if slips else ""
    return score, "; ".join(part for part in (letters, slip and f"one letter or two apart: {slip}", differ) if part)


def telling(form: NameForm) -> list[str]:
    """The words that are neither of the trade nor joiners."""
    return [word for word in form.words if word not in TRADE and word not in JOINERS]


def _chance(form: NameForm, rarity: Rarity) -> float:
    """What is taken off where the rest of the name is one word only that others bear too."""
    return 0.7 + 0.3 * min(1.0, rarity.total(form.words) + 0.12)


def _same(one: NameForm, other: NameForm) -> str:
    if one.legal == other.legal:
        return "same name"
    forms = " / ".join(" ".join(sorted(legal)) or "none" for legal in (one.legal, other.legal))
    return f"same name after the legal form is dropped: {forms}"


def _matched(
    one: tuple[str, ...], other: tuple[str, ...], rarity: Rarity
) -> tuple[float, list[str], list[str], list[tuple[str, str]]]:
    """The weight of what both say, what only one says on each side, and the pairs that differ by a slip of the pen."""
    left, right = Counter(one), Counter(other)
    shared = rarity.total((left & right).elements())
    rest_one, rest_other = list((left - right).elements()), list((right - left).elements())
    slips = []
    for word in tuple(rest_one):
        twin = next((candidate for candidate in rest_other if _is_slip(word, candidate, rarity)), None)
        if twin is not None:
            rest_one.remove(word)
            rest_other.remove(twin)
            slips.append((word, twin))
            shared += ratio(word, twin) / 100.0 * min(rarity.weight(word), rarity.weight(twin))
    return shared, rest_one, rest_other, slips


def _is_slip(word: str, other: str, rarity: Rarity) -> bool:
    """Whether one word may be a misspelling of the other: long enough, without figures, and one of them rare."""
    shorter = min(len(word), len(other))
    if shorter < 6 or _has_digit(word) or _has_digit(other) or word[0] != other[0]:
        return False
    if min(rarity.n_names[word], rarity.n_names[other]) > _TYPO_IS_RARE:
        return False
    allowed = 1 if shorter < 10 else 2
    return DamerauLevenshtein.distance(word, other, score_cutoff=allowed) <= allowed


def _caps(one: NameForm, other: NameForm, rarity: Rarity) -> Iterable[tuple[float, str]]:
    left, right = set(one.words), set(other.words)
    if min(rarity.total(left), rarity.total(right)) < _ENOUGH_SAID:
        yield COMMON_CAP, "made of common words only"
    if max(map(len, (*telling(one), *telling(other))), default=0) <= _SHORT:
        yield ACRONYM_CAP, "an acronym, which several organisations can share"
    if _numbers(left) != _numbers(right):
        yield NUMBERS_CAP, "other numbers"
    if one.countries and other.countries and one.countries.isdisjoint(other.countries):
        yield LEGAL_CAP, "legal forms of different countries: perhaps of one group"
    elif _other_forms(one.legal - TRANSLATIONS, other.legal - TRANSLATIONS):
        yield FORMS_CAP, "other legal forms: perhaps of one group"
    if one != other and (_is_usual(one) or _is_usual(other)):
        yield USUAL_CAP, "a word that is often made up in this trade"
    if one.words != other.words and (min(len(one.letters), len(other.letters)) <= 6 or len(telling(one)) == 0):
        yield USUAL_CAP, "too short a name to be told from others"
    if one.letters == other.letters:
        return
    if not INSTITUTIONS.isdisjoint(left | right) and left - JOINERS != right - JOINERS:
        yield TRADES_CAP, "two institutions' names that are not the same"
    yield from _differing(left, right, PLACES, (PLACES_CAP, ONE_PLACE_CAP), "place")
    yield from _differing(left, right, OTHER_TRADES, (TRADES_CAP, ONE_TRADE_CAP), "trade")


def _differing(
    left: set[str], right: set[str], words: frozenset[str], caps: tuple[float, float], what: str
) -> Iterable[tuple[float, str]]:
    only_left, only_right = (left - right) & words, (right - left) & words
    if only_left and only_right:
        yield caps[0], f"another {what}"
    elif only_left or only_right:
        yield caps[1], f"only one names a {what}"


def _other_forms(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and one.isdisjoint(other)


def _is_usual(form: NameForm) -> bool:
    """Whether the name comes to one short word such as `examplenet`, in one piece or in two."""
    words = telling(form)
    text = words[0] if len(words) == 1 and words[0].endswith(USUAL_ENDS) else form.letters
    return len(words) <= 1 and len(text) <= _USUAL and text.endswith(USUAL_ENDS)


def _numbers(words: set[str]) -> set[str]:
    return {word for word in words if _has_digit(word)}


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)
