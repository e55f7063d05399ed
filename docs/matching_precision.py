"""How good the proposals of `monitor.attribution.matching` are on real AS names: the numbers of docs/matching.md.

    python docs/matching_precision.py OLDER_AS_NAMES NEWER_AS_NAMES

In: two tables of AS names of different dates. Out: counts and shares on standard output, never a name. What would
surprise: nobody has written down which names are one organisation, so three substitutes for the truth are used.
"""

# ruff: noqa: S311, T201 - draws are to be repeatable; numbers on standard output are what it is for

import random
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import token_set_ratio
from rapidfuzz.process import cdist

from monitor.attribution.matching import Proposal, propose
from monitor.attribution.matching_names import name_form
from monitor.attribution.matching_pairs import candidate_pairs
from monitor.attribution.matching_score import Rarity, likeness
from monitor.attribution.names import read_names
from monitor.model.provider import Provider, Registry, fold_name

THRESHOLDS = (80.0, 85.0, 90.0, 95.0, 100.0)
N_PLANTED, N_RENAMED, N_JUDGED, N_BRUTE = 3000, 6000, 2000, 1500
_FREE = 4_000_000_000  # AS numbers that nobody has: the planted ones
_WORD = re.compile(r"[^\W_]+")

Names = Mapping[int, str]
AsNamed = tuple[int, str]
Found = Sequence[Proposal]
Mangle = Callable[[str, int, random.Random], str]


def registry(names: Names) -> Registry:
    """One Provider for each AS number."""
    providers = {f"as{asn}": Provider(f"as{asn}", name, asns=(asn,)) for asn, name in names.items()}
    return Registry(providers, {asn: f"as{asn}" for asn in names})


def _typo(name: str, _asn: int, rng: random.Random) -> str:
    place = max(range(len(name)), key=lambda at: (name[at].isalpha(), rng.random()))
    return name[:place] + name[place + 1 :]


MANGLINGS: Mapping[str, Mangle] = {
    "legal form added": lambda name, _, rng: f"{name} {rng.choice(('B.V.', 'GmbH', 'Ltd', 'LLC', 'S.A.', 'S.R.L.'))}",
    "as an AS name": lambda name, _, __: "-".join(name.upper().split()) + "-AS",
    "with its number": lambda name, asn, _: "-".join(name.upper().split()) + f"-AS{asn}",
    "country added": lambda name, _, rng: f"{name.upper()}, {rng.choice(('NL', 'DE', 'US', 'BR'))}",
    "blanks left out": lambda name, _, __: "".join(name.split()),
    "words turned round": lambda name, _, __: " ".join(reversed(name.split())),
    "word of the trade added": lambda name, _, rng: f"{name} {rng.choice(('Telecom', 'Hosting', 'Networks'))}",
    "a letter left out": _typo,
}


def planted(names: Names) -> tuple[Registry, dict[str, tuple[str, str]]]:
    """The table with one bearer of some shared names mangled; its id -> (the mangling, the name it had)."""
    rng = random.Random(0)
    bearers: defaultdict[str, list[int]] = defaultdict(list)
    for asn, name in names.items():
        bearers[name].append(asn)
    shared = sorted(name for name, asns in bearers.items() if len(asns) > 1 and name_form(name))
    changed, truth = dict(names), {}
    for n, name in enumerate(rng.sample(shared, min(N_PLANTED, len(shared)))):
        mangling = list(MANGLINGS)[n % len(MANGLINGS)]
        asn = bearers[name][-1]
        changed[asn] = MANGLINGS[mangling](name, asn, rng)
        if fold_name(changed[asn]) != fold_name(name):
            truth[f"as{asn}"] = mangling, name
    return registry(changed), truth


def found_planted(found: Found, truth: Mapping[str, tuple[str, str]], names: Names, least: float) -> Counter[str]:
    """Manglings undone: the mangled one is proposed together with a bearer of the name it had."""
    done: dict[str, str] = {}
    for proposal in found:
        for one, other in ((proposal.subject, proposal.into), (proposal.into, proposal.subject)):
            if proposal.score >= least and one in truth and names[int(other[2:])] == truth[one][1]:
                done[one] = truth[one][0]
    return Counter(done.values())


def renamed(older: Names, newer: Names) -> tuple[Registry, dict[str, int]]:
    """The newer table, and beside it AS numbers under their older, other name; planted id -> the AS number it was."""
    rng = random.Random(1)
    borne = {fold_name(name) for name in newer.values()}  # an older name that somebody still bears is left out
    other = [asn for asn in sorted(older.keys() & newer.keys()) if fold_name(older[asn]) not in borne]
    chosen = rng.sample(other, min(N_RENAMED, len(other)))
    planted_names = {_FREE + n: older[asn] for n, asn in enumerate(chosen)}
    truth = {f"as{_FREE + n}": asn for n, asn in enumerate(chosen)}
    return registry({**newer, **planted_names}), truth


def found_renamed(found: Found, truth: Mapping[str, int], newer: Names, least: float) -> tuple[int, int]:
    """How many older names are proposed with their own AS (or one of its name), and how many with others only."""
    own: set[str] = set()
    others: set[str] = set()
    for proposal in found:
        for one, other in ((proposal.subject, proposal.into), (proposal.into, proposal.subject)):
            if proposal.score < least or one not in truth or other in truth:
                continue
            same = fold_name(newer[int(other[2:])]) == fold_name(newer[truth[one]])
            (own if same else others).add(one)
    return len(own), len(others - own)


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))


class Judge:
    """A rule that shares no code, list or weight with the matching: names that differ in a telling word are two.

    A word is telling when less than one name in a thousand bears it and it has four letters or more, or a figure (other
    than the AS number). It counts as the other's when that holds it within its letters, blanks and accents left out, or
    a word one letter apart. Too strict: it takes rare legal forms and plurals for telling words. Too lenient: it knows
    no two organisations of one made-up word.
    """

    def __init__(self, names: Names) -> None:
        distinct = set(names.values())
        self._bearers = Counter(word for name in distinct for word in self._words(name))
        self._most = len(distinct) / 1000

    def is_false(self, one: AsNamed, other: AsNamed) -> bool:
        bare = [each[1].replace(str(each[0]), "") for each in (one, other)]
        return self._tells(bare[0], bare[1]) or self._tells(bare[1], bare[0])

    def _tells(self, one: str, other: str) -> bool:
        words, letters = self._words(other), "".join(_WORD.findall(_plain(other)))
        return any(
            word not in letters and all(Levenshtein.distance(word, each) > 1 for each in words)
            for word in self._words(one)
            if any(letter.isdigit() for letter in word) or (len(word) > 3 and self._bearers[word] < self._most)
        )

    @staticmethod
    def _words(name: str) -> set[str]:
        return {word for word in _WORD.findall(_plain(name)) if not re.fullmatch(r"asn?\d+", word)}


def judged(found: Found, names: Names, least: float, judge: Judge) -> tuple[int, int, int]:
    """Proposals, those among them whose names are not equal as written, and how many of 2,000 of those are false."""
    good = [proposal for proposal in found if proposal.score >= least]
    asns = [(int(each.subject[2:]), int(each.into[2:])) for each in good]
    pairs = [((one, names[one]), (other, names[other])) for one, other in asns]
    other = [pair for pair in pairs if fold_name(pair[0][1]) != fold_name(pair[1][1])]
    sample = random.Random(2).sample(other, min(N_JUDGED, len(other)))
    return (
        len(good),
        len(other),
        round(len(other) * sum(judge.is_false(*pair) for pair in sample) / max(len(sample), 1)),
    )


def blocking(names: Names) -> tuple[int, int]:
    """Of 1,500 names against all: pairs that score 85 or more, and those among them that are compared at all."""
    forms = sorted(
        {form.words: form for form in map(name_form, names.values()) if form}.values(), key=lambda f: f.words
    )
    rarity = Rarity(forms)
    compared = {(one, other) for one, other in candidate_pairs(forms, rarity).tolist()}
    texts = [" ".join(form.words) for form in forms]
    alike: set[tuple[int, int]] = set()
    for place in random.Random(3).sample(range(len(forms)), N_BRUTE):
        ratios = cdist([texts[place]], texts, scorer=token_set_ratio, score_cutoff=75, dtype=np.float32)[0]
        for other in np.flatnonzero(ratios).tolist():
            if other != place and likeness(forms[place], forms[other], rarity).score >= 85:
                alike.add((min(place, other), max(place, other)))
    return len(alike), len(alike & compared)


def main(older_path: Path, newer_path: Path) -> None:
    older, newer = (
        {asn: each.name for asn, each in read_names(path).names.items()} for path in (older_path, newer_path)
    )
    started = time.process_time()
    found = propose(registry(newer), least_score=THRESHOLDS[0])
    print(f"{len(newer)} AS names: {time.process_time() - started:.0f} s of one processor")
    mangled, mangled_truth = planted(newer)
    of_mangled = propose(mangled, least_score=THRESHOLDS[0])
    beside, beside_truth = renamed(older, newer)
    of_renamed = propose(beside, least_score=THRESHOLDS[0])
    judge = Judge(newer)
    print("score | proposals | not equal as written | false by the rule | precision of these | of all |", end=" ")
    print("mangled found | renamed: own AS | others only")
    for least in THRESHOLDS:
        n, n_other, n_false = judged(found, newer, least, judge)
        hits = found_planted(of_mangled, mangled_truth, newer, least)
        own, others = found_renamed(of_renamed, beside_truth, newer, least)
        shares = (1 - n_false / max(n_other, 1), 1 - n_false / max(n, 1), hits.total() / len(mangled_truth))
        print(least, n, n_other, n_false, *(f"{share:.1%}" for share in shares), sep=" | ", end=" | ")
        print(f"{own / len(beside_truth):.1%}", f"{others / len(beside_truth):.1%}", sep=" | ")
    asked = Counter(mangling for mangling, _ in mangled_truth.values())
    for mangling, n in asked.items():
        each = [found_planted(of_mangled, mangled_truth, newer, least)[mangling] / n for least in THRESHOLDS]
        print(mangling, n, *(f"{share:.1%}" for share in each), sep=" | ")
    n_alike, n_compared = blocking(newer)
    print(f"blocking: {n_compared} of {n_alike} pairs that score 85 or more are compared")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
