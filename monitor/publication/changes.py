"""What a correction changed, Provider by Provider: the rows of the replaced release beside those of the new one.

In: what is shown, with its Correction. Out: Changes. Figures are compared as pages show them (a share to a tenth of a
percentage point, hours to a tenth of an hour), because a corrected row moves the last decimals of everybody's interval.
What would surprise: a code letter means another Provider in the next release, so letters are matched through the
dataset of the replaced release, and where that is gone nothing is said by Provider.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from monitor.model.release import Correction, ReleaseInput
from monitor.model.scorecard import Ranking
from monitor.model.words import ClassLabel
from monitor.publication.codebook import HOURS, NOTES, SHARE, FieldNote
from monitor.publication.hidden import hidden_name, hidden_numbers
from monitor.publication.shown import OTHER, Shown, shown

Row = Mapping[str, object]
_FIRST = (
    "class", "rank", "within_norm", "within_norm_low", "within_norm_high", "within_norm_worst", "within_norm_best",
    "median_hours", "n_notices", "n_episodes", "gone_before_notice", "taken_down", "moved", "domain_gone",
    "online_at_cutoff", "undelivered_bounced", "undelivered_refused", "undelivered_no_contact", "misaddressed",
)  # fmt: skip
"""What a reader looks for comes before the other figures."""
_NUMBER = re.compile(r"[NP]\d+")  # of one who is never named; no code letter has a digit
_NOT_FIGURES = frozenset({"provider_id", "provider", "country", "asns", "within_norm_shrunk"})
_DECIMALS = {SHARE: 3, HOURS: 1}


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure, as the replaced release had it and as it is now; None is not known."""

    note: FieldNote
    before: object
    now: object


@dataclass(frozen=True, slots=True)
class Then:
    """A Provider as the replaced release showed it."""

    provider_id: str
    provider: str
    class_: str


@dataclass(frozen=True, slots=True)
class ProviderChange:
    """One Provider that is shown in both, by its names or letters of now and of then."""

    provider_id: str
    provider: str
    then: Then
    figures: tuple[FigureChange, ...]  # those that differ
    class_now: str

    @property
    def renamed(self) -> bool:
        return self.provider != self.then.provider


@dataclass(frozen=True, slots=True)
class Added:
    """A Provider that this release shows and the replaced one did not."""

    provider_id: str
    provider: str
    class_now: str


@dataclass(frozen=True, slots=True)
class Changes:
    """By Provider where `comparable`, and the judgements then and now in any case."""

    comparable: bool
    changed: tuple[ProviderChange, ...]
    gone: tuple[Then, ...]
    added: tuple[Added, ...]
    n_unchanged: int
    judgements: tuple[tuple[str, int, int], ...]  # class, Providers with it then, now


def changes(now: Shown, correction: Correction) -> Changes:
    """The comparison that the erratum page shows and the list of those to inform rests on."""
    before = {str(row["provider_id"]): row for row in correction.rows if row["provider_id"] != OTHER}
    cards = now.network.ranking.scorecards
    judgements = tuple(_judgements(before, Counter(card.class_ for card in cards)))
    matched = correction.matched
    if matched is None:
        return Changes(False, (), (), (), 0, judgements)
    pairs = [(card, before.get(matched.get(card.provider_id, ""))) for card in cards]
    compared = [_compared(card.as_fields(), row) for card, row in pairs if row is not None]
    kept = {matched[card.provider_id] for card, row in pairs if row is not None}
    changed = tuple(each for each in compared if each.figures or (now.named and each.renamed))
    return Changes(
        True,
        changed,
        tuple(_then(row) for key, row in before.items() if key not in kept),
        tuple(Added(card.provider_id, card.provider, card.class_) for card, row in pairs if row is None),
        len(compared) - len(changed),
        judgements,
    )


def with_matches(release: ReleaseInput) -> ReleaseInput:
    """The Providers of both releases matched; what would name them (`before`) is dropped here."""
    correction = release.correction
    if correction is None:
        return release
    correction = replace(correction, rows=tuple(_without_hidden(release, correction)))
    matched = _matches(release, correction)
    return replace(release, correction=replace(correction, matched=matched, before=None))


def _without_hidden(release: ReleaseInput, correction: Correction) -> Iterator[Row]:
    """Who is never named of the replaced release, and whom it named and this one does not, as this one shows them.

    Who a number stood for there is known where its dataset is kept and the same were not named then; else it stands
    for nobody here (P0, N0).
    """
    known = {each.provider_id for each in release.names if each.natural_person} | release.unnamed
    now = hidden_numbers(release)
    then = hidden_numbers(replace(release, ranking=correction.before)) if correction.before else {}
    numbered = {str(row["provider_id"]) for row in correction.rows if _NUMBER.fullmatch(str(row["provider_id"]))}
    real = {number: key for key, number in then.items()} if numbered <= set(then.values()) else {}
    for row in correction.rows:
        shown_as = str(row["provider_id"])
        key = real.get(shown_as, "") if _NUMBER.fullmatch(shown_as) else shown_as
        if key == shown_as and key not in known:
            yield row
            continue
        number = now.get(key, "N0" if shown_as.startswith("N") or key in release.unnamed else "P0")
        yield {**row, "provider_id": number, "provider": hidden_name(number), "asns": [], "country": None}


def real_ids(release: ReleaseInput, ranking: Ranking) -> dict[str, str]:
    """By the letters that a release of `ranking` without names shows: the ids. A natural person's id is neutral."""
    part = replace(release, ranking=ranking, correction=None, evidence=(), answers=(), groups=(), further=())
    names = shown(replace(part, named=True)).network.ranking.scorecards
    letters = shown(replace(part, named=False)).network.ranking.scorecards
    return {letter.provider_id: name.provider_id for letter, name in zip(letters, names, strict=True)}


def name_of(release: ReleaseInput, ranking: Ranking) -> dict[str, str]:
    """Names by id, and by the numbers that a release of `ranking` gives; natural persons have none here either."""
    numbers = hidden_numbers(replace(release, ranking=ranking))
    names = {card.provider_id: card.provider for card in ranking.scorecards}
    names |= {
        number: names.get(key, number) if number.startswith("N") else hidden_name(number)
        for key, number in numbers.items()
    }
    return {key: name for key, name in names.items() if not numbers.get(key, "").startswith("P")}


def _matches(release: ReleaseInput, correction: Correction) -> Mapping[str, str] | None:
    """Id shown now -> id shown there. None where names are shown on one side alone, or letters cannot be traced."""
    if release.named != correction.named:
        return None
    there = {str(row["provider_id"]) for row in correction.rows}
    if release.named:
        return {key: key for key in there - {OTHER}}
    if correction.before is None:
        return None
    before = real_ids(release, correction.before)
    if before.keys() != there - {OTHER}:  # this program shows that dataset otherwise than the one of then
        return None
    letters = {real: letter for letter, real in before.items()}
    return {letter: letters[real] for letter, real in real_ids(release, release.ranking).items() if real in letters}


def _compared(now: Row, before: Row) -> ProviderChange:
    notes = [note for note in NOTES["ranking"] if note.name not in _NOT_FIGURES]
    notes.sort(key=lambda note: _FIRST.index(note.name) if note.name in _FIRST else len(_FIRST))
    return ProviderChange(
        provider_id=str(now["provider_id"]),
        provider=str(now["provider"]),
        then=_then(before),
        figures=tuple(
            FigureChange(note, before.get(note.name), now[note.name])
            for note in notes
            if _seen(note, before.get(note.name)) != _seen(note, now[note.name])
        ),
        class_now=str(now["class"]),
    )


def _then(row: Row) -> Then:
    return Then(str(row["provider_id"]), str(row["provider"]), str(row["class"]))


def _seen(note: FieldNote, value: object) -> object:
    """The value as a page shows it."""
    if isinstance(value, float) and note.unit in _DECIMALS:
        return round(value, _DECIMALS[note.unit])
    return value


def _judgements(before: Mapping[str, Row], now: Counter[str]) -> Iterator[tuple[str, int, int]]:
    then = Counter(str(row["class"]) for row in before.values())
    for label in ClassLabel:
        yield label.value, then[label.value], now[label.value]
