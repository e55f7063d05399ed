"""A release as a write-once folder, and whether a folder still is what was published.

In: ReleaseInput. Out: `<out>/PERIOD-KIND-vN/`. The number N is in no file, so the same content has the same bytes and
the same manifest whatever was published before; publishing it again finds that manifest and writes nothing.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from monitor.errors import ReleaseError
from monitor.model.release import Release, ReleaseInput
from monitor.publication.charts import draw_all
from monitor.publication.shown import Shown, shown
from monitor.publication.site import pages
from monitor.publication.tables import tables

MANIFEST = "manifest.json"
SEAL = "seal"  # in the manifest: SHA-256 of the manifest without this line, so that a change of it shows too
_MOST_TRIES = 100
_UNFINISHED = ".release-"


def publish(release: ReleaseInput, out: Path) -> Release:
    """Write the release below `out`, or find it there. Raises ReleaseError where the folder cannot be written."""
    content = build(release)
    digest = sha256(content[MANIFEST]).hexdigest()
    stem = f"{release.ranking.period.label}-{release.kind.value}-v"
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _only_publisher(out):
            for number, path in _versions(out, stem):
                if _digest(path) == digest:
                    _must_be_whole(path, number)
                    return Release(path, len(content), digest)
            return Release(_write(content, out, stem), len(content), digest)
    except OSError as error:
        raise ReleaseError("The release could not be written", f"Check the folder: {error.strerror}") from error


def build(release: ReleaseInput) -> dict[str, bytes]:
    """Every file of the release by its path, manifest included: a pure function of its input."""
    seen = shown(release)
    content = pages(seen) | draw_all(seen) | tables(seen)
    content[MANIFEST] = _manifest(seen, content)
    return content


def verify(folder: Path) -> tuple[str, ...]:
    """Names of files that differ from the manifest, are missing, or are not in it; empty when all is as published."""
    if not folder.is_dir():
        raise ReleaseError("There is no such folder", "Give the folder of one release")
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        listed: dict[str, str] = dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return (MANIFEST,)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or path.is_file()}
    wrong = (found - {MANIFEST}) ^ listed.keys()
    wrong |= {name for name in found & listed.keys() if _hash(folder / name) != listed[name]}
    seal = manifest.pop(SEAL, None)
    if seal != sha256(_canonical(manifest)).hexdigest():
        wrong.add(MANIFEST)
    return tuple(sorted(wrong))


def _manifest(seen: Shown, content: Mapping[str, bytes]) -> bytes:
    ranking = seen.network.ranking
    manifest: dict[str, object] = {
        "code_version": seen.code_version,
        "cutoff": ranking.cutoff.isoformat(),
        "files": {name: sha256(data).hexdigest() for name, data in content.items()},
        "freeze": ranking.freeze,
        "kind": seen.kind.value,
        "method": ranking.method,
        "period": ranking.period.label,
    }
    return _canonical(manifest | {SEAL: sha256(_canonical(manifest)).hexdigest()})


def _canonical(document: object) -> bytes:
    return (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()


@contextmanager
def _only_publisher(out: Path) -> Iterator[None]:
    """One at a time in a folder, so that what is unfinished there was left by a killed one, and goes."""
    handle = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for left_over in out.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        yield
    finally:
        os.close(handle)


def _versions(out: Path, stem: str) -> list[tuple[int, Path]]:
    pattern = re.compile(re.escape(stem) + r"(\d+)")
    matches = ((pattern.fullmatch(path.name), path) for path in out.iterdir())
    return sorted((int(match.group(1)), path) for match, path in matches if match)


def _digest(path: Path) -> str | None:
    try:
        return sha256((path / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return None


def _must_be_whole(path: Path, number: int) -> None:
    if wrong := verify(path):
        raise ReleaseError(
            f"Release v{number} was changed after it was published ({len(wrong)} files differ)",
            "Run publish --verify on it, and restore it or move it away",
        )


def _write(content: Mapping[str, bytes], out: Path, stem: str) -> Path:
    """Into a folder beside the final one, to disk, then renamed: a reader never sees half a release."""
    folder = Path(mkdtemp(prefix=_UNFINISHED, dir=out))
    try:
        _write_files(content, folder)
        for _ in range(_MOST_TRIES):  # another process may take a number between the look and the rename
            number = max((n for n, _ in _versions(out, stem)), default=0) + 1
            target = out / f"{stem}{number}"
            try:
                folder.rename(target)
            except OSError:
                if not target.exists():
                    raise
                continue
            _sync(out)
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
    for name in content:
        _sync(folder / name)
    for parent in sorted(folders):
        _sync(parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _hash(path: Path) -> str | None:
    """None for what cannot be a published file: a link, or one that cannot be read."""
    if path.is_symlink():
        return None
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
