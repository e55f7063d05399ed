"""Which names are compared at all: 100,000 names would make 5 x 10^9 pairs.

Two names are compared when they share one of their two rarest words (of words that at most 60 names bear), or when
they stand within five places of one another in the list sorted by the rarest word first, or in the same list sorted
from the last letter. So a slip of the pen in either half of the telling word is found. The recall of this is measured
in `docs/matching.md`.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import token_set_ratio
from rapidfuzz.process import cpdist

from monitor.attribution.matching_names import NameForm
from monitor.attribution.matching_score import Rarity
from monitor.model.columns import Ints

MOST_BEARERS = 60
N_RAREST = 2
WINDOW = 5
_LEAST_RATIO = 80.0
_BLOCK = 1 << 18


def candidate_pairs(forms: Sequence[NameForm], rarity: Rarity, *, least_ratio: float = _LEAST_RATIO) -> Ints:
    """Pairs of places in `forms` (which are different) worth a closer look: shape (n, 2), ascending, each once."""
    ranked = [tuple(sorted(set(form.words), key=lambda word: (-rarity.weight(word), word))) for form in forms]
    found = [_sharing_rare_words(ranked, rarity), *_neighbours(ranked), _same_letters(forms)]
    keys = np.unique(np.concatenate([_keys(pairs, len(forms)) for pairs in found]))
    pairs = np.stack(np.divmod(keys, max(len(forms), 1)), axis=1)
    return pairs[_look_alike(forms, pairs, least_ratio)]


def _keys(pairs: Ints, n: int) -> Ints:
    return pairs.min(axis=1, initial=n) * n + pairs.max(axis=1, initial=-1) if len(pairs) else np.empty(0, np.int64)


def _sharing_rare_words(ranked: Sequence[tuple[str, ...]], rarity: Rarity) -> Ints:
    bearers: defaultdict[str, list[int]] = defaultdict(list)
    for place, words in enumerate(ranked):
        for word in [word for word in words if rarity.n_names[word] <= MOST_BEARERS][:N_RAREST]:
            bearers[word].append(place)
    return _stacked([_all_pairs(np.array(places, np.int64)) for places in bearers.values() if len(places) > 1])


def _neighbours(ranked: Sequence[tuple[str, ...]]) -> list[Ints]:
    """Pairs within the window, in the list sorted from the front and in the one sorted from the back."""
    keys = ["".join(words) for words in ranked]
    backwards = [words[0][::-1] + "".join(words[1:]) for words in ranked]
    found = []
    for listed in (keys, backwards):
        order = np.array(sorted(range(len(listed)), key=lambda place: (listed[place], place)), np.int64)
        found += [np.stack((order[:-step], order[step:]), axis=1) for step in range(1, WINDOW + 1)]
    return found


def _same_letters(forms: Sequence[NameForm]) -> Ints:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, form in enumerate(forms):
        places[form.letters].append(place)
    return _stacked([_all_pairs(np.array(same, np.int64)) for same in places.values() if len(same) > 1])


def _all_pairs(places: Ints) -> Ints:
    one, other = np.triu_indices(len(places), 1)
    return np.stack((places[one], places[other]), axis=1)


def _stacked(pairs: list[Ints]) -> Ints:
    return np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64)


def _look_alike(forms: Sequence[NameForm], pairs: Ints, least_ratio: float) -> NDArray[np.bool_]:
    """A first look at the letters, in C and in blocks, that leaves out what no score could lift."""
    texts = np.array([" ".join(form.words) for form in forms], object)
    letters = np.array([form.letters for form in forms], object)
    good = np.zeros(len(pairs), bool)
    for start in range(0, len(pairs), _BLOCK):
        one, other = pairs[start : start + _BLOCK].T
        ratios = cpdist(texts[one], texts[other], scorer=token_set_ratio, score_cutoff=least_ratio, dtype=np.float32)
        good[start : start + _BLOCK] = (ratios > 0) | (letters[one] == letters[other])
    return good
