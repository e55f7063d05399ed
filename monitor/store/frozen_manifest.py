"""The manifest of a freeze: which files it has, with their SHA-256, its digest, Period, cut-off and sequence.

In: a folder. Out: the manifest, or a FreezeError that names the file at fault. What would surprise: `sequence`
counts up over every freeze of the store; it says which was made last where no clock is asked.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from monitor.errors import FreezeError
from monitor.model.method import canonical_json
from monitor.model.period import Period
from monitor.store.frozen_digest import instant

EPISODES, SCORECARDS, METHOD = "episodes.parquet", "scorecards.parquet", "method.json"
INPUTS, TREND, PROVIDERS, MANIFEST = "inputs.json", "trend.json", "providers.json", "manifest.json"
SENSITIVITY, PREVIOUS_FACTS = "sensitivity.parquet", "previous.json"
PREVIOUS, PREVIOUS_CLUSTERS = "previous.parquet", "previous_clusters.parquet"
REQUIRED = frozenset({EPISODES, SCORECARDS, METHOD, INPUTS, TREND, PROVIDERS})
OPTIONAL = frozenset({SENSITIVITY, PREVIOUS_FACTS, PREVIOUS, PREVIOUS_CLUSTERS})
"""Files that an older freeze does not have, and a new one only where there is something to say."""
_NAMED = re.compile(r"[0-9A-Z.-]+-([0-9a-f]{8})")
RESTORE = "Restore the folder from a backup, or move it away and freeze again"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`manifest.json`, as far as a reader needs it."""

    digest: str
    period: Period
    cutoff: datetime
    sequence: int
    files: dict[str, str]  # name -> SHA-256


def manifest_bytes(
    folder: Path, *, digest: str, period: Period, cutoff: datetime, n_episodes: int, n_providers: int
) -> bytes:
    """The manifest of the files in `folder`, which is still beside the finished freezes: the next in sequence."""
    record = {
        "digest": digest,
        "period": {"label": period.label, "start": instant(period.start), "end": instant(period.end)},
        "cutoff": instant(cutoff),
        "sequence": _next_sequence(folder.parent.parent),
        "n_episodes": n_episodes,
        "n_providers": n_providers,
        "files": {name: _hash(folder / name) for name in _contents(folder)},
    }
    return _checked(record)


def _contents(folder: Path) -> frozenset[str]:
    return REQUIRED | {name for name in OPTIONAL if (folder / name).exists()}


def renewed_manifest(path: Path) -> bytes:
    """The manifest of a finished freeze as the next in sequence, nothing else changed."""
    record = json.loads((path / MANIFEST).read_bytes())
    del record["check"]
    return _checked({**record, "sequence": _next_sequence(path.parent.parent)})


def is_newest(path: Path, period: Period) -> bool:
    """Whether no other freeze of that Period was made, or made the newest, after this one."""
    return _sequence(path) == max(map(_sequence, freezes(path.parent.parent, period)))


def _next_sequence(root: Path) -> int:
    return 1 + max(map(_sequence, freezes(root)), default=0)


def _checked(record: dict[str, object]) -> bytes:
    """With a hash of the rest, so that a changed byte of the manifest is not blamed on another file."""
    return canonical_json({**record, "check": sha256(canonical_json(record)).hexdigest()})


def _sequence(path: Path) -> int:
    """0 for a damaged freeze: it does not stand in the way of a new one."""
    try:
        return read_manifest(path).sequence
    except FreezeError:
        return 0


def read_manifest(path: Path) -> Manifest:
    """The manifest of the freeze in that folder. Raises FreezeError if it is missing or damaged."""
    try:
        content = (path / MANIFEST).read_bytes()
        record = json.loads(content)
        del record["check"]
        if _checked(record) != content:
            raise ValueError("changed")
        label, start, end = (str(record["period"][name]) for name in ("label", "start", "end"))
        manifest = Manifest(
            digest=str(record["digest"]),
            period=Period(label, datetime.fromisoformat(start), datetime.fromisoformat(end)),
            cutoff=datetime.fromisoformat(record["cutoff"]),
            sequence=int(record["sequence"]),
            files=dict(record["files"]),
        )
    except OSError:
        raise FreezeError(f"{MANIFEST} of {_called(path)} is missing or cannot be read", RESTORE) from None
    except (ValueError, KeyError, TypeError):
        raise FreezeError(f"{MANIFEST} of {_called(path)} is damaged", RESTORE) from None
    named = _NAMED.fullmatch(path.name)
    if named and not manifest.digest.startswith(named[1]):
        raise FreezeError(f"{MANIFEST} of {_called(path)} differs: the folder's name has another digest", RESTORE)
    return manifest


def verify_files(path: Path, manifest: Manifest) -> None:
    """Raises FreezeError naming the first file that is missing, extra or has another hash than the manifest says."""
    try:
        present = {item.name: _hash(item) for item in path.iterdir() if item.name != MANIFEST}
    except OSError:
        raise FreezeError(f"A file of {_called(path)} cannot be read", RESTORE) from None
    listed = REQUIRED | (OPTIONAL & manifest.files.keys())
    for name in sorted(REQUIRED | manifest.files.keys() | present.keys()):
        if name not in listed:  # a stray file's name is not ours to print
            raise FreezeError(f"A file that is not listed lies in {_called(path)}", RESTORE)
        if name not in present:
            raise FreezeError(f"{name} of {_called(path)} is missing", RESTORE)
        if present[name] != manifest.files.get(name):
            raise FreezeError(f"{name} of {_called(path)} differs from its manifest", RESTORE)


def _called(path: Path) -> str:
    """The folder's own name says nothing secret; any other name might."""
    return path.name if _NAMED.fullmatch(path.name) else "the freeze"


def folder_of(root: Path) -> Path:
    """Where a data folder keeps its freezes."""
    return root / "frozen"


def freezes(root: Path, period: Period | None = None) -> list[Path]:
    """The finished freezes in a data folder, of one Period or all, by name."""
    label = re.escape(period.label) if period else r"[^.].*"
    wanted = re.compile(f"{label}-[0-9a-f]{{8}}")
    folder = folder_of(root)
    return sorted(path for path in folder.iterdir() if wanted.fullmatch(path.name)) if folder.is_dir() else []


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
