"""Whether a release folder still is what was published, file by file.

In: a folder. Out: the differences from its manifest, in words by their kind. What would surprise: the manifest vouches
for itself too (its seal), and a notice that a correction replaced the release lies beside the folder, not in it.
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from monitor.errors import ReleaseError
from monitor.model.release import Difference, Problem, Superseded, Verified

MANIFEST = "manifest.json"
SEAL = "seal"  # in the manifest: SHA-256 of the manifest without this line, so that a change of it shows too
NOTICE = ".superseded.json"  # ending of the notice beside a release that was replaced


def verify(folder: Path) -> tuple[Difference, ...]:
    """What is not as the manifest says; empty when all is as published. Raises ReleaseError without a folder."""
    if not folder.is_dir():
        raise ReleaseError("There is no such folder", "Give the folder of one release")
    manifest = read_manifest(folder)
    if manifest is None:
        present = (folder / MANIFEST).exists() or (folder / MANIFEST).is_symlink()
        return (Difference(MANIFEST, Problem.DIFFERS if present else Problem.MISSING),)
    listed: Mapping[str, str] = manifest["files"]  # type: ignore[assignment]  # as read_manifest checked
    found = {path.relative_to(folder).as_posix(): path for path in _everything(folder)}
    wrong = {name: _compared(path, listed[name]) for name, path in found.items() if name in listed}
    differences = [Difference(name, problem) for name, problem in wrong.items() if problem]
    differences += _misplaced(found, listed)
    if not _is_sealed(manifest):
        differences.append(Difference(MANIFEST, Problem.DIFFERS))
    return tuple(sorted(differences, key=lambda each: each.file))


def verified(folder: Path) -> Verified:
    """The same, and whether a correction replaced the release."""
    return Verified(verify(folder), superseded(folder))


def superseded(folder: Path) -> Superseded | None:
    """What the notice beside the folder says; None without one, or where it is about something else."""
    folder = folder.resolve()
    try:
        notice = json.loads(notice_path(folder).read_bytes())
        if notice["manifest"] != digest_of(folder):
            return None
        reason = notice["reason"]
        return Superseded(int(notice["version"]), str(notice["superseded_by"]), str(reason["en"]), str(reason["nl"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def notice_path(folder: Path) -> Path:
    return folder.with_name(folder.name + NOTICE)


def read_manifest(folder: Path) -> dict[str, object] | None:
    """The manifest where it has the form of one; its seal is not looked at."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        files = manifest["files"]
        right = isinstance(files, dict) and all(isinstance(each, str) for each in files.values())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return manifest if right and not (folder / MANIFEST).is_symlink() else None


def sealed(manifest: Mapping[str, object]) -> bytes:
    """The bytes of a manifest, with its seal."""
    return canonical({**manifest, SEAL: sha256(canonical(manifest)).hexdigest()})


def canonical(document: object) -> bytes:
    return (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()


def digest_of(folder: Path) -> str | None:
    """SHA-256 of the manifest; None where there is none."""
    try:
        return sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return None


def _is_sealed(manifest: Mapping[str, object]) -> bool:
    bare = {name: value for name, value in manifest.items() if name != SEAL}
    return manifest.get(SEAL) == sha256(canonical(bare)).hexdigest()


def _everything(folder: Path) -> Iterator[Path]:
    """Files, links (never followed) and whatever else has a name, folders and the manifest apart."""
    for path in folder.rglob("*"):
        if (path.is_symlink() or not path.is_dir()) and path != folder / MANIFEST:
            yield path


def _compared(path: Path, expected: str) -> Problem | None:
    if path.is_symlink() or not path.is_file():
        return Problem.NOT_A_FILE
    return None if _hash(path) == expected else Problem.DIFFERS


def _misplaced(found: Mapping[str, Path], listed: Mapping[str, str]) -> Iterator[Difference]:
    """What is missing and what was added; an added file with the content of a missing one was renamed."""
    missing = {digest: name for name, digest in sorted(listed.items()) if name not in found}
    yield from (Difference(name, Problem.MISSING) for name in sorted(listed.keys() - found.keys()))
    for name in sorted(found.keys() - listed.keys()):
        path = found[name]
        if path.is_symlink() or not path.is_file():
            yield Difference(name, Problem.NOT_A_FILE)
        else:
            was = missing.get(_hash(path) or "", "")
            yield Difference(name, Problem.RENAMED if was else Problem.ADDED, was)


def _hash(path: Path) -> str | None:
    """None for what cannot be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
