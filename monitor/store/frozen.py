"""Frozen datasets: the immutable folder that every figure of a Period is made from.

In: rows, method, reference tables, a Ranking. Out: `<root>/frozen/PERIOD-DIGEST8/`, files 0600, which is there
whole or not at all. What would surprise: freezing the same facts again changes nothing, also when they were
imported in another order or under another key, except that an older freeze becomes the newest again; and "newest"
goes by the sequence number in the manifest, not by a clock.

The digest: docs/decisions/005-freeze-digest.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from monitor.errors import FreezeError
from monitor.model.episode import EpisodeTable
from monitor.model.method import Method, canonical_json
from monitor.model.period import Period
from monitor.model.provider import Provider
from monitor.model.release import ReferenceTableInfo
from monitor.model.scorecard import Ranking, TrendPoint
from monitor.model.words import EpisodeStatus, Role
from monitor.store.frozen_columns import EPISODE_COLUMNS, FrozenColumn
from monitor.store.frozen_digest import canonical_order, digest_of_sorted, freeze_digest
from monitor.store.frozen_folder import only_writer, replace_file, unfinished
from monitor.store.frozen_manifest import (
    EPISODES,
    INPUTS,
    MANIFEST,
    METHOD,
    PROVIDERS,
    RESTORE,
    SCORECARDS,
    TREND,
    folder_of,
    freezes,
    is_newest,
    manifest_bytes,
    read_manifest,
    renewed_manifest,
    verify_files,
)


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input file: by its hash, never its name."""

    kind: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class FreezeInputs:
    """Where the facts came from. No part of the digest."""

    files: tuple[InputFile, ...]
    code_version: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """A freeze that is on disk. `n_episodes` counts the rows of status `episode`, in every role."""

    path: Path
    digest: str
    n_episodes: int
    n_providers: int
    n_network: int = 0  # of the Episodes, those of role network


@dataclass(frozen=True, slots=True)
class FrozenData:
    """A freeze as it was read, verified."""

    path: Path
    digest: str
    period: Period
    cutoff: datetime
    method: Method
    tables: tuple[ReferenceTableInfo, ...]
    inputs: FreezeInputs
    providers: tuple[Provider, ...]  # with the names to show
    trend: tuple[TrendPoint, ...]
    episodes: EpisodeTable  # in canonical order


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
) -> Frozen:
    """Write the freeze into `<root>/frozen/`, or make the one with the same digest there the newest of its Period.

    `ranking` gives `scorecards.parquet` and `trend.json`; its `freeze` may be empty or the digest. `method.json` is
    written with the hashes of names, trend and dated tables, so that the digest covers all that a release shows.
    Raises FreezeError when the disk or the rows do not allow it, or when the folder that should hold this freeze is
    damaged.
    """
    beside = {
        PROVIDERS: canonical_json([_shown(provider) for provider in providers]),
        TREND: canonical_json([asdict(point) for point in ranking.trend]),
    }
    method = _with_hashes(method, {**beside, "reference_tables": canonical_json([*map(asdict, tables)])})
    episodes = episodes.take(canonical_order(episodes))
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
    beside: Mapping[str, bytes],
) -> None:
    with unfinished(frozen.path) as folder:
        from monitor.store.frozen_parquet import write_episodes, write_scorecards  # noqa: PLC0415 (it loads duckdb)

        write_episodes(folder / EPISODES, episodes)
        write_scorecards(folder / SCORECARDS, ranking)
        (folder / METHOD).write_bytes(method.to_json())
        (folder / INPUTS).write_bytes(canonical_json({**asdict(inputs), "reference_tables": [*map(asdict, tables)]}))
        for name, content in beside.items():
            (folder / name).write_bytes(content)
        manifest = manifest_bytes(
            folder,
            digest=frozen.digest,
            period=period,
            cutoff=cutoff,
            n_episodes=frozen.n_episodes,
            n_providers=frozen.n_providers,
        )
        (folder / MANIFEST).write_bytes(manifest)


def read_freeze(path: Path) -> FrozenData:
    """Read a freeze, every file checked against the manifest and the digest made again from the rows.

    Raises FreezeError that names the file that is missing, differs or does not belong there.
    """
    manifest = read_manifest(path)
    verify_files(path, manifest)
    try:
        record = json.loads((path / INPUTS).read_bytes())
        points = json.loads((path / TREND).read_bytes())
        named = json.loads((path / PROVIDERS).read_bytes())
        method_json = (path / METHOD).read_bytes()
        from monitor.store.frozen_parquet import read_episodes  # noqa: PLC0415 (it loads duckdb)

        episodes, scheme = read_episodes(path / EPISODES)
        tables = tuple(ReferenceTableInfo(**table) for table in record["reference_tables"])
        files = tuple(InputFile(**file) for file in record["files"])
        data = FrozenData(
            path=path,
            digest=manifest.digest,
            period=manifest.period,
            cutoff=manifest.cutoff,
            method=Method.from_json(method_json),
            tables=tables,
            inputs=FreezeInputs(files, record["code_version"]),
            providers=tuple(_provider(one) for one in named),
            trend=tuple(_trend_point(point) for point in points),
            episodes=episodes,
        )
    except (ValueError, KeyError, TypeError):
        raise FreezeError(
            f"{INPUTS}, {PROVIDERS} or {TREND} of the freeze is not one that this version reads"
        ) from None
    # The bytes as they were written: a later version writes thresholds that an earlier one did not have.
    again = freeze_digest(data.period, data.cutoff, method_json, tables, data.episodes, scheme)
    if again != data.digest:
        raise FreezeError(f"{MANIFEST} of the freeze differs: its digest is not that of the rows", RESTORE)
    _check_beside(data)
    return data


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


def _with_hashes(method: Method, beside: Mapping[str, bytes]) -> Method:
    """The method with the hash of everything that a release shows beside the rows, so that the digest covers it."""
    return replace(
        method, beside=tuple(sorted((name, sha256(content).hexdigest()) for name, content in beside.items()))
    )


def _check_beside(data: FrozenData) -> None:
    """Raises FreezeError where names, trend or tables are others than those that the digest covers."""
    said = dict(data.method.beside)
    found = {name: (data.path / name).read_bytes() for name in (PROVIDERS, TREND)}
    found["reference_tables"] = canonical_json([*map(asdict, data.tables)])
    for name, content in found.items():
        if said.get(name) != sha256(content).hexdigest():
            raise FreezeError(f"{name} of the freeze differs from {METHOD}", RESTORE)


def _is_there(frozen: Frozen) -> bool:
    """Whether this freeze is on disk. Raises FreezeError where the folder that should hold it is damaged."""
    if not frozen.path.exists():
        return False
    manifest = read_manifest(frozen.path)
    verify_files(frozen.path, manifest)
    if manifest.digest != frozen.digest:
        raise FreezeError(f"{MANIFEST} of the freeze that is there differs", RESTORE)
    return True


_SHOWN = ("provider_id", "name", "aliases", "asns", "country", "natural_person", "organisations", "group")
"""Of a Provider: no contact, no postal address, and nothing that a person claimed without the change beside it."""


def _shown(provider: Provider) -> dict[str, object]:
    return {name: getattr(provider, name) for name in _SHOWN}


def _provider(record: dict[str, Any]) -> Provider:
    """Lists are tuples again."""
    lists = {name: tuple(value) for name, value in record.items() if isinstance(value, list)}
    return Provider(**{**record, **lists})  # a wrong name is a TypeError, which the caller answers


def _trend_point(record: dict[str, object]) -> TrendPoint:
    """Shares that are whole numbers are written without a point: floats again."""
    point = TrendPoint(**record)  # type: ignore[arg-type]  # a wrong name is a TypeError, which the caller answers
    worst, best = (None if share is None else float(share) for share in (point.worst, point.best))
    return replace(point, worst=worst, best=best)


__all__ = [
    "EPISODE_COLUMNS",
    "FreezeInputs",
    "Frozen",
    "FrozenColumn",
    "FrozenData",
    "InputFile",
    "find_freeze",
    "freeze_digest",
    "newest_freeze",
    "read_freeze",
    "write_freeze",
]
