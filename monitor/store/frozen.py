"""Frozen datasets: the immutable folder that every figure of a Period is made from.

In: rows, method, reference tables, a Ranking. Out: `<root>/frozen/PERIOD-DIGEST8/`, files 0600, which is there
whole or not at all. What would surprise: freezing the same facts again changes nothing, also when they were
imported in another order or under another key, except that an older freeze becomes the newest again; and "newest"
goes by the sequence number in the manifest, not by a clock.

The digest: docs/decisions/005-freeze-digest.md.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from monitor.errors import FreezeError
from monitor.model.breakdown import CorrectedFacts
from monitor.model.episode import EpisodeTable
from monitor.model.method import Method, canonical_json
from monitor.model.period import Period
from monitor.model.previous import Previous
from monitor.model.provider import Provider
from monitor.model.release import ReferenceTableInfo
from monitor.model.scorecard import Ranking, Scorecard
from monitor.model.sensitivity import SensitivityReading
from monitor.model.words import EpisodeStatus, Role
from monitor.store.frozen_beside import read_beside, with_hashes, write_beside
from monitor.store.frozen_columns import EPISODE_COLUMNS, FrozenColumn
from monitor.store.frozen_digest import digest_of_sorted, freeze_digest, in_order
from monitor.store.frozen_folder import only_writer, replace_file, unfinished
from monitor.store.frozen_manifest import (
    EPISODES,
    INPUTS,
    MANIFEST,
    METHOD,
    RESTORE,
    SCORECARDS,
    Manifest,
    folder_of,
    freezes,
    is_newest,
    manifest_bytes,
    read_manifest,
    renewed_manifest,
    verify_files,
)
from monitor.store.frozen_remeasured import read_remeasured, write_remeasured
from monitor.store.frozen_values import Beside, FreezeInputs, Frozen, FrozenData, InputFile, OpenFreeze


def write_freeze(
    root: Path,
    *,
    period: Period,
    cutoff: datetime,
    method: Method,
    tables: Sequence[ReferenceTableInfo],
    inputs: FreezeInputs,
    episodes: EpisodeTable,
    ranking: Ranking,
    providers: Sequence[Provider] = (),
    sensitivity: Sequence[SensitivityReading] | None = None,
    previous: Previous | None = None,
) -> Frozen:
    """Write the freeze into `<root>/frozen/`, or make the one with the same digest there the newest of its Period.

    `ranking` gives `scorecards.parquet` and `trend.json`; its `freeze` may be empty or the digest. `sensitivity` and
    `previous` are left out where they were not made. `method.json` is written with the hashes of all that lies beside
    the rows, and of the dated tables, so that the digest covers all that a release shows.
    Raises FreezeError when the disk or the rows do not allow it, or when the folder that should hold this freeze is
    damaged.
    """
    given = None if sensitivity is None else tuple(sensitivity)
    beside = Beside(tuple(providers), ranking.trend, given, previous)
    method = with_hashes(method, beside, tables)
    episodes = in_order(episodes)
    digest = digest_of_sorted(period, cutoff, method.to_json(), tables, episodes)
    if ranking.freeze not in ("", digest) or (ranking.period, ranking.cutoff) != (period, cutoff):
        raise FreezeError("The ranking was made from another freeze")
    is_episode = episodes.status == EpisodeStatus.EPISODE.value
    n_network = int((is_episode & (episodes.role == Role.NETWORK.value)).sum())
    path = folder_of(root) / f"{period.label}-{digest[:8]}"
    frozen = Frozen(path, digest, int(is_episode.sum()), len(ranking.scorecards), n_network)
    with only_writer(frozen.path.parent):
        if not _is_there(frozen):
            _write(frozen, period, cutoff, method, tables, inputs, episodes, ranking, beside)
        elif not is_newest(frozen.path, period):
            replace_file(frozen.path / MANIFEST, renewed_manifest(frozen.path))
    return frozen


def _write(
    frozen: Frozen,
    period: Period,
    cutoff: datetime,
    method: Method,
    tables: Sequence[ReferenceTableInfo],
    inputs: FreezeInputs,
    episodes: EpisodeTable,
    ranking: Ranking,
    beside: Beside,
) -> None:
    with unfinished(frozen.path) as folder:
        from monitor.store.frozen_parquet import write_episodes  # noqa: PLC0415 (it loads duckdb)
        from monitor.store.frozen_records import write_records  # noqa: PLC0415 (as above)

        write_episodes(folder / EPISODES, episodes)
        write_records(folder / SCORECARDS, ranking.scorecards, Scorecard)
        (folder / METHOD).write_bytes(method.to_json())
        (folder / INPUTS).write_bytes(canonical_json({**asdict(inputs), "reference_tables": [*map(asdict, tables)]}))
        write_beside(folder, beside)
        manifest = manifest_bytes(
            folder,
            digest=frozen.digest,
            period=period,
            cutoff=cutoff,
            n_episodes=frozen.n_episodes,
            n_providers=frozen.n_providers,
        )
        (folder / MANIFEST).write_bytes(manifest)


def open_freeze(path: Path) -> OpenFreeze:
    """Open a freeze for its figures: every file checked against the manifest, the rows not read yet.

    Of ten million rows the digest takes minutes to make again and the table more memory than the figures: that is
    `read_freeze`. Raises FreezeError that names the file that is missing, differs or does not belong there.
    """
    return OpenFreeze(**_parts(path, _verified(path), in_full=False))


def read_freeze(path: Path) -> FrozenData:
    """Read a freeze, every file checked against the manifest and the digest made again from the rows.

    Raises FreezeError that names the file that is missing, differs or does not belong there.
    """
    manifest = _verified(path)
    from monitor.store.frozen_parquet import read_episodes  # noqa: PLC0415 (it loads duckdb)

    parts = _parts(path, manifest, in_full=True)
    episodes, scheme = read_episodes(path / EPISODES)
    # The bytes as they were written: a later version writes thresholds that an earlier one did not have.
    again = freeze_digest(
        manifest.period, manifest.cutoff, (path / METHOD).read_bytes(), parts["tables"], episodes, scheme
    )
    if again != manifest.digest:
        raise FreezeError(f"{MANIFEST} of the freeze differs: its digest is not that of the rows", RESTORE)
    return FrozenData(**parts, episodes=episodes)


def _verified(path: Path) -> Manifest:
    manifest = read_manifest(path)
    verify_files(path, manifest)
    return manifest


class _Parts(TypedDict):
    path: Path
    digest: str
    period: Period
    cutoff: datetime
    method: Method
    tables: tuple[ReferenceTableInfo, ...]
    inputs: FreezeInputs
    beside: Beside


def _parts(path: Path, manifest: Manifest, *, in_full: bool) -> _Parts:
    """All of a freeze but its rows."""
    try:
        record = json.loads((path / INPUTS).read_bytes())
        tables = tuple(ReferenceTableInfo(**table) for table in record["reference_tables"])
        files = tuple(InputFile(**file) for file in record["files"])
        corrected = tuple(CorrectedFacts(**each) for each in record.get("corrected", ()))  # not in older freezes
        method = Method.from_json((path / METHOD).read_bytes())
        return _Parts(
            path=path,
            digest=manifest.digest,
            period=manifest.period,
            cutoff=manifest.cutoff,
            method=method,
            tables=tables,
            inputs=FreezeInputs(files, record["code_version"], corrected),
            beside=read_beside(path, method, tables, in_full=in_full),
        )
    except (ValueError, KeyError, TypeError):
        raise FreezeError("A JSON file of the freeze is not one that this version reads") from None


def read_scorecards(path: Path) -> tuple[Scorecard, ...]:
    """The Scorecards of a freeze as they were when it was cut, whatever method is in force now."""
    from monitor.store.frozen_records import read_records  # noqa: PLC0415 (it loads duckdb)

    return read_records(path / SCORECARDS, Scorecard)


def newest_freeze(root: Path, period: Period) -> Path | None:
    """The freeze of this Period that was made last, None if there is none."""
    found = freezes(root, period)
    return max(found, key=lambda path: (read_manifest(path).sequence, path.name), default=None)


def find_freeze(root: Path, period: Period, digest8: str | None = None) -> Path:
    """The freeze of this Period whose digest begins with `digest8`, the newest without it. FreezeError if none."""
    if digest8 is None:
        found = newest_freeze(root, period)
    else:
        found = next((p for p in freezes(root, period) if p.name.endswith(f"-{digest8.lower()[:8]}")), None)
    if found is None:
        which = "" if digest8 is None else " with that digest"
        raise FreezeError(f"There is no freeze of {period.label}{which}", f"Make one: monitor freeze {period.label}")
    return found


def _is_there(frozen: Frozen) -> bool:
    """Whether this freeze is on disk. Raises FreezeError where the folder that should hold it is damaged."""
    if not frozen.path.exists():
        return False
    manifest = _verified(frozen.path)
    if manifest.digest != frozen.digest:
        raise FreezeError(f"{MANIFEST} of the freeze that is there differs", RESTORE)
    return True


__all__ = [
    "EPISODE_COLUMNS",
    "Beside",
    "FreezeInputs",
    "Frozen",
    "FrozenColumn",
    "FrozenData",
    "InputFile",
    "OpenFreeze",
    "find_freeze",
    "freeze_digest",
    "newest_freeze",
    "open_freeze",
    "read_freeze",
    "read_remeasured",
    "read_scorecards",
    "write_freeze",
    "write_remeasured",
]
