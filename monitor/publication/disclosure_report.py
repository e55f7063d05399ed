"""Where the disclosure check found something, for the clerk who has to mend it.

In: the files that were refused, and what was found on which line. Out: text that names file, line or cell, kind and the
provider or setting that it comes from. What would surprise: it never repeats what was found, because a URL is opened to
a person only with a reason on the audit log; whose name or answer holds it is enough to mend it.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from io import StringIO

from monitor.model.release import ReleaseInput
from monitor.publication.disclosure_binary import Unreadable
from monitor.publication.disclosure_find import Found, Kind, found_in
from monitor.publication.disclosure_names import phrase
from monitor.publication.disclosure_texts import lines_of

HEAD = (
    "Where the disclosure check found what may not be published. It says where, and never what.",
    "Keep it in the data folder: it says which provider each finding comes from.",
)
_BY_LINE = frozenset({"html", "svg", "css", "js", "txt"})
_PROVIDER = re.compile(r"(?:as\d+|org-[\w-]+)(?:-\d+)?")
Known = Mapping[str, Set[Found]]
"""What was found on a line of text."""


def report(content: Mapping[str, bytes], wrong: Mapping[str, str], known: Known, release: ReleaseInput) -> str:
    """`wrong`: what was found in each file, counted, by the name under which it may be told apart."""
    sources, lines = tuple(_sources(release)), list(HEAD)
    for path, told in wrong.items():
        lines += ["", f"{_told_name(path, known)}: {told}"]
        lines += [f"  {place}" for place in _places(path, content[path], known, sources)]
    return "\n".join([*lines, ""])


def _told_name(path: str, known: Known) -> str:
    """A file whose very name holds it is told by its folder."""
    return f"a file in {path.rpartition('/')[0] or 'the main folder'}, by its name" if path in known else path


def _places(path: str, data: bytes, known: Known, sources: Sequence[tuple[str, str]]) -> Iterator[str]:
    kind = path.rsplit(".", 1)[-1].lower()
    try:
        if kind in _BY_LINE:
            yield from _by_line(path, data, known, sources)
        elif kind == "csv":
            yield from _by_cell(data, known, sources)
        else:
            found = {each for line in lines_of(path, data) for each in known.get(line, ())}
            yield from ([f"in its text or metadata: {_said(found, sources)}"] if found else [])
    except (Unreadable, UnicodeDecodeError, csv.Error):
        yield "it cannot be read to its end"


def _by_line(path: str, data: bytes, known: Known, sources: Sequence[tuple[str, str]]) -> Iterator[str]:
    for number, raw in enumerate(data.decode("utf-8-sig").splitlines(), 1):
        if found := {each for line in lines_of(path, raw.encode()) for each in known.get(line, ())}:
            yield f"line {number}: {_said(found, sources)}"


def _by_cell(data: bytes, known: Known, sources: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Row 1 is the first below the header. A column is told by its place: its name could be what was found."""
    everything = {each for found in known.values() for each in found}
    rows = list(csv.reader(StringIO(data.decode("utf-8-sig"))))
    for number, row in enumerate(rows):
        whose = dict(zip(rows[0], row, strict=False)).get("provider_id", "")
        of = f" (provider {whose})" if _PROVIDER.fullmatch(whose) else ""
        for column, cell in enumerate(row, 1):
            if found := {each for each in everything if holds(cell, each)}:
                yield f"{f'row {number}{of}' if number else 'header'}, column {column}: {_said(found, sources)}"


def holds(text: str, found: Found) -> bool:
    """Whether a text holds what was found, as the check reads it; in a row of a table a URL seems to run on."""
    kind, thing = found
    if kind is Kind.NAME:
        return f" {thing} " in f" {' '.join(phrase(text))} "
    if kind in (Kind.RECORD, Kind.AS_NUMBER):
        return thing in text
    here = (each for word in text.split() for each in found_in(word, frozenset()))
    return any(each_kind is kind and each in thing for each_kind, each in here)


def _said(found: Set[Found], sources: Sequence[tuple[str, str]]) -> str:
    counts = Counter(kind for kind, _ in found)
    kinds = ", ".join(f"{n} x {kind.value}" for kind, n in sorted(counts.items()))
    origins = dict.fromkeys(what for each in sorted(found) for what, text in sources if holds(text, each))
    return f"{kinds}; from {', '.join(origins)}" if origins else f"{kinds}; where it comes from is not known"


def _sources(release: ReleaseInput) -> Iterator[tuple[str, str]]:
    """(what it is, its text) of everything that a person wrote or a source stated, and that pages show."""
    rankings = (release.ranking, *((release.proxies,) if release.proxies else ()), *release.further)
    names = {(card.provider_id, card.provider): None for ranking in rankings for card in ranking.scorecards}
    for provider_id, name in names:
        yield f"the name of provider {provider_id}", name
    for known in release.names:
        for name in known.names:
            if (known.provider_id, name) not in names:
                yield f"another name, contact or legal identity of provider {known.provider_id}", name
    for answer in release.answers:
        yield f"the answer of provider {answer.provider_id}", answer.text
    if release.correction:
        yield "the reason of the correction (English)", release.correction.reason_en
        yield "the reason of the correction (Dutch)", release.correction.reason_nl
    yield "[publication] publisher", release.contact
    yield "[publication] notice_en", release.notice_en
    yield "[publication] notice_nl", release.notice_nl
    for name, value in release.method.settings:
        yield f"the setting {name}", value
