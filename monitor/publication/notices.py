"""The detached notice at a release that a correction replaced: one page for people, one file for programs.

In: the releases of one Period and kind. Out: `PERIOD-KIND-vN.superseded.html` and `.superseded.json` beside vN, which
is write-once and is not touched. What a notice says comes from the manifest of the release that replaces, so that any
later run can write what a killed one left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from monitor.disk import write_whole
from monitor.model.period import Period
from monitor.publication.formats import Formats
from monitor.publication.templating import environment
from monitor.publication.texts import LANGUAGES, texts
from monitor.publication.verification import canonical, digest_of, notice_path, read_manifest

PAGE = ".superseded.html"
UNFINISHED = ".release-"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What the manifest of a correction says of the release that it replaces."""

    by: Path
    version: int
    manifest: str
    reason: Mapping[str, str]


def replacements(releases: Mapping[int, Path]) -> tuple[Replacement, ...]:
    """Of the releases of one Period and kind, those that replace another one."""
    found = []
    for path in releases.values():
        manifest = read_manifest(path) or {}
        replaced, reason = manifest.get("supersedes"), manifest.get("reason")
        if isinstance(replaced, dict) and isinstance(reason, dict):
            found.append(Replacement(path, int(replaced["version"]), str(replaced["manifest"]), reason))
    return tuple(found)


def superseded_by(path: Path, releases: Mapping[int, Path]) -> str | None:
    """Name of the folder that replaces this one."""
    digest = digest_of(path)
    return next((each.by.name for each in replacements(releases) if each.manifest == digest), None)


def leave_notices(releases: Mapping[int, Path]) -> None:
    """At every release that another one replaces, where the notice is not there yet."""
    for each in replacements(releases):
        folder = releases.get(each.version)
        if folder is not None and digest_of(folder) == each.manifest:
            for target, data in _notice(folder, each).items():
                if not target.exists() or target.read_bytes() != data:
                    write_whole(target, data, 0o644, UNFINISHED)


def _notice(folder: Path, found: Replacement) -> dict[Path, bytes]:
    """The page, then the file that `verify` reads: where that is, the page is too."""
    document = {
        "manifest": found.manifest,
        "reason": dict(found.reason),
        "superseded_by": found.by.name,
        "version": found.version,
    }
    return {folder.with_name(folder.name + PAGE): _page(folder, found), notice_path(folder): canonical(document)}


def _page(folder: Path, found: Replacement) -> bytes:
    parts = [(language, _part(folder, found, language)) for language in reversed(LANGUAGES)]
    titles = [texts(language).gettext("Replaced report") for language, _ in parts]
    return environment(texts("nl")).get_template("superseded.html").render(parts=parts, titles=titles).encode()


def _part(folder: Path, found: Replacement, language: str) -> Markup:
    """The notice in one language, with links to the pages in that language."""
    period, kind, version = folder.name.rsplit("-", 2)
    values: dict[str, object] = {
        "lang": language,
        "period": Formats(texts(language)).period(Period.parse(period)),
        "kind": kind,
        "version": version.removeprefix("v"),
        "version_now": found.by.name.rpartition("-v")[2],
        "by": found.by.name,
        "reason": found.reason[language],
        "digest": found.manifest,
        "below": "" if language == "en" else f"{language}/",
    }
    return Markup(environment(texts(language)).get_template("superseded_part.html").render(values))  # noqa: S704 (autoescaped there)
