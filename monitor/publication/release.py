"""A release as a write-once folder.

In: ReleaseInput. Out: `<out>/PERIOD-KIND-vN/`, and beside it what belongs to a correction (see `notices`). Its own
number N is in no file, so the same content has the same bytes and the same manifest whatever was published before;
publishing it again finds that manifest and writes nothing. What would surprise: what a correction brought out is found
without asking for the correction again too, by the digest of what it holds without its mark and its erratum.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from monitor.disk import sync, write_whole
from monitor.errors import ReleaseError
from monitor.model.release import Release, ReleaseInput
from monitor.publication.changes import with_matches
from monitor.publication.charts import draw_all
from monitor.publication.corrections import list_of_those_to_tell
from monitor.publication.disclosure import check
from monitor.publication.document import PDF, document
from monitor.publication.notices import UNFINISHED, leave_notices, superseded_by
from monitor.publication.shown import Shown, shown
from monitor.publication.site import pages
from monitor.publication.tables import tables
from monitor.publication.verification import MANIFEST, canonical, digest_of, read_manifest, sealed, verify

_MOST_TRIES = 100


def publish(release: ReleaseInput, out: Path, inform: Path | None = None) -> Release:
    """Write the release below `out`, or find it there; of a correction also who is to be told, below `inform`.

    Raises ReleaseRefused where a file holds what may not be published, ReleaseError where a folder cannot be written.
    """
    seen = shown(with_matches(release))
    content = _content(seen)
    check(content, release, seen)
    stem = f"{release.ranking.period.label}-{release.kind.value}-v"
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _only_publisher(out):
            path = _found(content, _versions(out, stem))
            if path is None:
                _check_replaced(seen, content, _versions(out, stem))
                path = _write(content, out, stem)
            return _with_notices(release, seen, path, _versions(out, stem), inform)
    except OSError as error:
        raise ReleaseError("The release could not be written", f"Check the folder: {error.strerror}") from error


def build(release: ReleaseInput) -> dict[str, bytes]:
    """Every file of the release by its path, manifest included: a pure function of its input."""
    return _content(shown(with_matches(release)))


def _content(seen: Shown) -> dict[str, bytes]:
    drawn, made = draw_all(seen), tables(seen)
    content = _files(seen, drawn, made)
    bare = _files(replace(seen, correction=None), drawn, made) if seen.correction else content
    return content | {MANIFEST: _manifest(seen, content, bare)}


def _files(seen: Shown, drawn: Mapping[str, bytes], made: Mapping[str, bytes]) -> dict[str, bytes]:
    content = {**pages(seen), **drawn, **made}
    return content | {PDF: document(seen, content)}


def _manifest(seen: Shown, content: Mapping[str, bytes], bare: Mapping[str, bytes]) -> bytes:
    """`content` is the digest of what the release holds apart from its correction."""
    ranking = seen.network.ranking
    manifest: dict[str, object] = {
        "code_version": seen.code_version,
        "content": sha256(canonical(_hashes(bare))).hexdigest(),
        "cutoff": ranking.cutoff.isoformat(),
        "files": _hashes(content),
        "freeze": ranking.freeze,
        "kind": seen.kind.value,
        "method": ranking.method,
        "named": seen.named,
        "period": ranking.period.label,
    }
    if seen.correction:
        manifest["supersedes"] = {"manifest": seen.correction.digest, "version": seen.correction.supersedes}
        manifest["reason"] = {"en": seen.correction.reason_en, "nl": seen.correction.reason_nl}
    return sealed(manifest)


def _hashes(content: Mapping[str, bytes]) -> dict[str, str]:
    return {name: sha256(data).hexdigest() for name, data in content.items()}


def _found(content: Mapping[str, bytes], releases: Mapping[int, Path]) -> Path | None:
    """The newest release with this manifest; for what is no correction also a correction that brought it out."""
    digest, wanted = sha256(content[MANIFEST]).hexdigest(), json.loads(content[MANIFEST])
    for number, path in sorted(releases.items(), reverse=True):
        there = read_manifest(path) or {}
        brought_out = "supersedes" in there and there.get("content") == wanted["content"]
        if digest_of(path) == digest or (brought_out and "supersedes" not in wanted):
            _must_be_whole(path, number)
            return path
    return None


def _check_replaced(seen: Shown, content: Mapping[str, bytes], releases: Mapping[int, Path]) -> None:
    """Raises ReleaseError where there is nothing to correct, or something newer is out."""
    if seen.correction is None:
        return
    version, newest = seen.correction.supersedes, max(releases)
    if version != newest:
        raise ReleaseError(
            f"Release v{version} is not the newest: v{newest} is out", f"Correct that one: --supersedes {newest}"
        )
    there = read_manifest(releases[version]) or {}
    if there.get("content") == json.loads(content[MANIFEST])["content"]:
        raise ReleaseError(
            f"Nothing differs from release v{version}, so there is nothing to correct",
            "Name the corrected dataset with --freeze, or freeze again first",
        )


def _with_notices(
    release: ReleaseInput, seen: Shown, path: Path, releases: Mapping[int, Path], inform: Path | None
) -> Release:
    """What lies beside the folders: also what a run that was stopped after the folder left out."""
    leave_notices(releases)
    manifest = (path / MANIFEST).read_bytes()
    files, digest = len(json.loads(manifest)["files"]) + 1, sha256(manifest).hexdigest()
    told = _list_of_those_to_tell(release, seen, inform, f"{path.name}-{digest[:8]}.csv") if inform else None
    return Release(path, files, digest, told, superseded_by(path, releases))


def _list_of_those_to_tell(release: ReleaseInput, seen: Shown, folder: Path, name: str) -> Path | None:
    """The digest in its name keeps releases of the same number in two folders apart."""
    if seen.correction is None:
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / name).exists():  # what a person noted in it since stays
        write_whole(folder / name, list_of_those_to_tell(release, seen), 0o600)
    return folder / name


@contextmanager
def _only_publisher(out: Path) -> Iterator[None]:
    """One at a time in a folder, so that what is unfinished there was left by a killed one, and goes."""
    handle = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for left_over in out.glob(f"{UNFINISHED}*"):
            if left_over.is_dir():
                shutil.rmtree(left_over, ignore_errors=True)
            else:
                left_over.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)


def _versions(out: Path, stem: str) -> dict[int, Path]:
    """The releases of one Period and kind by their number, in order."""
    pattern = re.compile(re.escape(stem) + r"(\d+)")
    matches = ((pattern.fullmatch(path.name), path) for path in out.iterdir())
    return dict(sorted((int(match.group(1)), path) for match, path in matches if match))


def _next_number(out: Path, stem: str) -> int:
    """A number that a release once had is not given again while a notice at it is there."""
    pattern = re.compile(re.escape(stem) + r"(\d+)(\..+)?")
    return max((int(match[1]) for path in out.iterdir() if (match := pattern.fullmatch(path.name))), default=0) + 1


def _must_be_whole(path: Path, number: int) -> None:
    if wrong := verify(path):
        raise ReleaseError(
            f"Release v{number} was changed after it was published ({len(wrong)} files differ)",
            "Run publish --verify on it, and restore it or move it away",
        )


def _write(content: Mapping[str, bytes], out: Path, stem: str) -> Path:
    """Into a folder beside the final one, to disk, then renamed: a reader never sees half a release."""
    folder = Path(mkdtemp(prefix=UNFINISHED, dir=out))
    try:
        _write_files(content, folder)
        for _ in range(_MOST_TRIES):  # another process may take a number between the look and the rename
            target = out / f"{stem}{_next_number(out, stem)}"
            try:
                folder.rename(target)
            except OSError:
                if not target.exists():
                    raise
                continue
            sync(out)
            return target
        raise ReleaseError("No free version number was found", "Another process is publishing; try again")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_files(content: Mapping[str, bytes], folder: Path) -> None:
    """All files first, then each to disk: the file system then has most of them there already."""
    folders = {folder} | {(folder / name).parent for name in content}
    for parent in sorted(folders | {p.parent for p in folders if p != folder}):
        parent.mkdir(parents=True, exist_ok=True)
        if parent.is_relative_to(folder):
            parent.chmod(0o755)
    for name, data in content.items():
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o644)  # to be read by a web server, whatever the umask
    for name in content:
        sync(folder / name)
    for parent in sorted(folders):
        sync(parent)
