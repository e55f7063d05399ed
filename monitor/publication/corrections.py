"""Reading the release that a correction replaces, and the list of those who are told of it.

In: the folder of releases, or a release with its correction. Out: a Correction; rows of a list that names people
whatever the release shows, so it is never in a release. What would surprise: the replaced release is read from its own
`tables/ranking.json`, so a correction needs neither the freeze nor the program that made it.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from monitor.errors import ReleaseError
from monitor.model.release import Amendment, Correction, ReleaseInput
from monitor.model.words import ReleaseKind
from monitor.publication.changes import Changes, changes, name_of, real_ids
from monitor.publication.shown import OTHER, Shown
from monitor.publication.verification import digest_of, read_manifest, verify
from monitor.spreadsheet import as_text

_HEAD = ("who", "why", "old_class", "new_class")


def correction(out: Path, period: str, kind: ReleaseKind, asked: Amendment) -> Correction:
    """What is replaced, as it was published. Raises ReleaseError where it is not there or was changed since."""
    version = asked.supersedes
    folder = _folder(out, period, kind, version)
    if not folder.is_dir():
        other = next((each for each in ReleaseKind if _folder(out, period, each, version).is_dir()), None)
        hint = (
            f"That one is {other.value}, and a correction is of the same kind" if other else "Look which ones there are"
        )
        raise ReleaseError(f"There is no {kind.value} release v{version} of {period} in that folder", hint)
    manifest, digest = read_manifest(folder), digest_of(folder)
    if manifest is None or digest is None or verify(folder):
        raise ReleaseError(
            f"Release v{version} was changed after it was published, so it is not known what has to be corrected",
            "Run publish --verify on it, restore it, then correct it",
        )
    document = json.loads((folder / "tables" / "ranking.json").read_bytes())
    return Correction(
        supersedes=version,
        digest=digest,
        reason_en=asked.reason_en,
        reason_nl=asked.reason_nl,
        freeze=str(manifest["freeze"]),
        named=bool(manifest["named"]),
        rows=tuple(document["scorecards"]),
    )


def list_of_those_to_tell(release: ReleaseInput, seen: Shown) -> bytes:
    """As CSV: Providers whose figures or judgement differ, by name, then whom the configuration names."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEAD)
    if release.correction is not None and seen.correction is not None:
        writer.writerows(_rows(_Names.of(release, release.correction), changes(seen, seen.correction), seen))
    writer.writerows((text, "configured: [publication] inform", "", "") for text in release.inform)
    return out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class _Names:
    """Who is behind what a release shows: an id, or a letter of now or of then."""

    names: Mapping[str, str]
    now: Mapping[str, str]
    then: Mapping[str, str]

    @classmethod
    def of(cls, release: ReleaseInput, given: Correction) -> "_Names":
        names = name_of(release, given.before) if given.before is not None else {}
        names |= {str(row["provider_id"]): str(row["provider"]) for row in given.rows} | name_of(
            release, release.ranking
        )
        now = {} if release.named else real_ids(release, release.ranking)
        then = {} if given.named or given.before is None else real_ids(release, given.before)
        return cls(names, now, then)

    def label(self, key: str, letters: Mapping[str, str]) -> str:
        real = letters.get(key, key)
        name = self.names.get(real, real)
        return as_text(name if real in name else f"{name} ({real})")


def _rows(who: _Names, found: Changes, seen: Shown) -> Iterator[tuple[str, str, str, str]]:
    if not found.comparable:
        yield from _everybody(who, seen)
    for each in found.changed:
        why = "figures differ" if each.then.class_ == each.class_now else "judgement and figures differ"
        yield who.label(each.provider_id, who.now), why, each.then.class_, each.class_now
    for added in found.added:
        yield who.label(added.provider_id, who.now), "shown now, was not before", "", added.class_now
    for gone in found.gone:
        yield who.label(gone.provider_id, who.then), "no longer shown", gone.class_, ""


def _everybody(who: _Names, seen: Shown) -> Iterator[tuple[str, str, str, str]]:
    """Where nothing can be compared by Provider, nobody is left out."""
    why = "cannot be compared by provider"
    for card in seen.network.ranking.scorecards:
        yield who.label(card.provider_id, who.now), why, "", card.class_
    given = seen.correction
    for row in given.rows if given is not None and given.named else ():
        if row["provider_id"] != OTHER:
            yield who.label(str(row["provider_id"]), {}), why, str(row["class"]), ""


def _folder(out: Path, period: str, kind: ReleaseKind, version: int) -> Path:
    return out / f"{period}-{kind.value}-v{version}"
