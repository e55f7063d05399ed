"""Which corrections of facts a release shows: how many of each kind and, where it may be shown, why.

In: ReleaseInput. Out: counts by kind and reason. What would surprise: a reason that names a Provider, an AS number or a
report is left out ("") and its count kept, also in a release that names: beside a small number it would say of one
Provider what its page does not.
"""

import re
from collections import Counter

from monitor.model.breakdown import CorrectedFacts
from monitor.model.release import ReleaseInput

_AS_NUMBER = re.compile(r"\bASN?\s?\d", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_SHORTEST = 3
_PUNCTUATION = ".,;:()[]\"'"


def shown_corrections(release: ReleaseInput) -> tuple[CorrectedFacts, ...]:
    """Ordered by kind and reason."""
    counts: Counter[tuple[str, str]] = Counter()
    names = _names(release)
    for each in release.corrected:
        counts[each.kind, "" if _tells(each.why, names, release) else each.why] += each.n
    return tuple(CorrectedFacts(kind, why, n) for (kind, why), n in sorted(counts.items()))


def _tells(why: str, names: set[tuple[str, ...]], release: ReleaseInput) -> bool:
    """Whether somebody who reads the reason can tell whom, or which report, it is about."""
    written, words = _WORD.findall(why), _words(why)
    for name in names:
        for at in range(len(words) - len(name) + 1):
            # One word in small letters is a word: Cloud, Stack and Transit are providers.
            if words[at : at + len(name)] == name and (len(name) > 1 or not written[at].islower()):
                return True
    tokens = {token.strip(_PUNCTUATION) for token in why.split()}
    return bool(_AS_NUMBER.search(why)) or bool(release.record_ids_among(tokens - {""}))


def _names(release: ReleaseInput) -> set[tuple[str, ...]]:
    rankings = (release.ranking, *((release.proxies,) if release.proxies else ()), *release.further)
    found = {card.provider for ranking in rankings for card in ranking.scorecards}
    found |= {name for known in release.names for name in (*known.names, known.provider_id)}
    return {words for words in map(_words, found) if len("".join(words)) >= _SHORTEST}


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))
