"""The last look before a release is written: what may not be published is in none of its bytes.

In: every file of the release, what it was made from and what is shown. Raises ReleaseRefused, which says in which file
how many of what kind were found, and never what. URLs, hosts, addresses and references of reports are looked for in
the text of every file, its metadata and its name; names by the rules of the kind. What would surprise: each different
line is looked at once for the whole release, because most lines of a page are those of every other page.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain

from monitor.errors import ReleaseRefused
from monitor.model.release import ReleaseInput
from monitor.publication.disclosure_binary import Unreadable
from monitor.publication.disclosure_find import Found, Kind, found_in, things
from monitor.publication.disclosure_names import names_of
from monitor.publication.disclosure_report import report
from monitor.publication.disclosure_texts import lines_of
from monitor.publication.shown import Shown

_TOKEN = re.compile(r"[^\s\"'<>=,;()\[\]{}|]+")
_PART = re.compile(r"[\w-]+")
_FIGURE = re.compile(r"[\d.,+−–%eE-]+")
_CHUNK = 50_000  # words asked about at once
_SHORTEST = 6  # of a reference; a shorter one cannot be told from figures
_MOST_FILES = 5  # named in the message
_PLURALS = {
    Kind.URL: "URLs", Kind.HOST: "host names", Kind.ADDRESS: "IP addresses", Kind.RECORD: "references of reports",
    Kind.NAME: "names of providers that may not be named", Kind.AS_NUMBER: "AS numbers where nobody may be named",
}  # fmt: skip


@dataclass(slots=True)
class _Lines:
    """Every different line of the release, and which of them each file holds."""

    numbers: dict[str, int] = field(default_factory=dict)
    held: dict[str, set[int]] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, data: bytes) -> None:
        numbers = self.held.setdefault(path, set())
        try:
            for line in chain((path,), lines_of(path, data)):
                numbers.add(self.numbers.setdefault(line, len(self.numbers)))
        except Unreadable as reason:
            self.unreadable[path] = str(reason)


def check(content: Mapping[str, bytes], release: ReleaseInput, seen: Shown) -> None:
    """Raises ReleaseRefused where a file holds what may not be published, or cannot be read."""
    lines = _Lines()
    for path, data in content.items():
        lines.add(path, data)
    found = _found(lines.numbers, release, seen)
    per_file = {path: _counted(path, lines, found) for path in sorted(content)}
    wrong = {path: text for path, text in per_file.items() if text}
    if wrong:
        known = {line: found[number] for line, number in lines.numbers.items() if number in found}
        raise _refusal(wrong, known.keys() & wrong.keys(), report(content, wrong, known, release))


def _found(numbers: Mapping[str, int], release: ReleaseInput, seen: Shown) -> dict[int, set[Found]]:
    """What was found, by the number of the line."""
    words = {word for line in numbers for word in line.split()}
    bad: dict[str, set[Found]] = {}
    allowed = things(_configured(seen))
    for word in words:
        if finds := set(found_in(word, allowed)):
            bad[word] = finds
    for word, reference in _references(words, release.record_ids_among):
        bad.setdefault(word, set()).add((Kind.RECORD, reference))
    names = names_of(release, seen)
    found: dict[int, set[Found]] = {}
    for line, number in numbers.items():
        here = set(names.found_in(line))
        if bad:
            here.update(*(bad[word] for word in line.split() if word in bad))
        if here:
            found[number] = here
    return found


def _configured(seen: Shown) -> Iterator[str]:
    """Texts that somebody wrote in order to be published: what they hold is allowed everywhere in the release."""
    yield from (seen.contact, seen.licence, *seen.notices.values())
    for mandate in (*seen.method.mandates, *((seen.method.configured,) if seen.method.configured else ())):
        yield from (mandate.organisation, mandate.legal_basis, mandate.contact)
    for part in (seen.network, *seen.further):
        yield from (part.ranking.norm.basis, part.ranking.norm.set_by)
    yield from (f"{name} {value}" for name, value in seen.method.settings)
    if seen.hearing:
        yield from (letter.reference for letter in seen.hearing.letters)
    if seen.named:
        yield from (card.provider for card in seen.network.ranking.scorecards)
        yield from (card.provider for part in seen.further for card in part.ranking.scorecards)
        yield from (card.provider for card in (seen.proxies.ranking.scorecards if seen.proxies else ()))
        if seen.correction and seen.correction.named:
            yield from (str(row["provider"]) for row in seen.correction.rows)


def _references(words: Set[str], among: Callable[[Set[str]], Set[str]]) -> Iterator[tuple[str, str]]:
    """Words of the release that hold a reference of a report, with it."""
    holders: dict[str, list[str]] = {}
    for word in words:
        for token in set(_tokens(word)):
            holders.setdefault(token, []).append(word)
    tokens = sorted(holders)
    for start in range(0, len(tokens), _CHUNK):
        for reference in among(frozenset(tokens[start : start + _CHUNK])):
            yield from ((word, reference) for word in holders.get(reference, ()))


def _tokens(word: str) -> Iterator[str]:
    """What in a word could be a reference; a decimal is one figure, not two numbers."""
    if len(word) < _SHORTEST or not any(char.isdigit() for char in word):
        return
    for piece in _TOKEN.findall(word):
        token = piece.strip(".:!?#&*_`“”‘’«»/\\")
        parts = [token] if _FIGURE.fullmatch(token) else [token, *(part.strip("-_") for part in _PART.findall(token))]
        yield from (part for part in parts if len(part) >= _SHORTEST and any(char.isdigit() for char in part))


def _counted(path: str, lines: _Lines, found: Mapping[int, Set[Found]]) -> str:
    things = set().union(*(found[number] for number in lines.held[path] if number in found))
    counts = Counter(kind for kind, _ in things)
    parts = [f"{n} {kind.value if n == 1 else _PLURALS[kind]}" for kind, n in sorted(counts.items())]
    return ", ".join([*parts, *([lines.unreadable[path]] if path in lines.unreadable else [])])


def _refusal(wrong: Mapping[str, str], telling: Set[str], findings: str) -> ReleaseRefused:
    """`telling`: files whose very name holds it."""
    places = [f"{_place(path, path in telling)}: {what}" for path, what in wrong.items()]
    more = [f"{len(places) - _MOST_FILES} more files"] if len(places) > _MOST_FILES else []
    files = "1 file holds" if len(wrong) == 1 else f"{len(wrong)} files hold"
    return ReleaseRefused(
        f"The release was not written: {files} what may not be published ({'; '.join([*places[:_MOST_FILES], *more])})",
        "Nothing was published. Look where the text comes from: the name of a provider in the registry, its answer, "
        "the reason of a correction, or a text in the configuration. Mend it there and publish again; where you find "
        "nothing, give this message to those who maintain the monitor",
        findings,
    )


def _place(path: str, telling: bool) -> str:
    if not telling:
        return path
    folder = path.rpartition("/")[0]
    return f"a file in {folder}/ by its name" if folder and folder.isidentifier() else "a file by its name"


def all_kinds() -> Iterable[Kind]:
    """Every kind that is looked for."""
    return tuple(_PLURALS)
