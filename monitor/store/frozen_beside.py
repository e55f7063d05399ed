"""The files of a freeze beside its rows: names, trend, sensitivity, the Period before. Written, hashed, read back.

In: a `Beside`. Out: files, and one hash of each, which `method.json` holds so that the digest covers them. What would
surprise: of a JSON file the bytes are hashed, of a Parquet file the values (docs/decisions/005-freeze-digest.md); and
sensitivity and the Period before are optional: a freeze of a version that did not make them is whole without.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from monitor.errors import FreezeError
from monitor.model.method import Method, canonical_json
from monitor.model.previous import PeriodFacts, Previous, PreviousCluster, PreviousShare
from monitor.model.provider import Provider
from monitor.model.release import ReferenceTableInfo
from monitor.model.scorecard import TrendPoint
from monitor.model.sensitivity import SensitivityReading
from monitor.store.frozen_manifest import (
    METHOD,
    OPTIONAL,
    PREVIOUS,
    PREVIOUS_CLUSTERS,
    PREVIOUS_FACTS,
    PROVIDERS,
    RESTORE,
    SENSITIVITY,
    TREND,
)
from monitor.store.frozen_values import Beside

TABLES = "reference_tables"


def with_hashes(method: Method, beside: Beside, tables: Sequence[ReferenceTableInfo]) -> Method:
    """The method with the hash of everything that a release shows beside the rows, so that the digest covers it."""
    hashes = {name: sha256(content).hexdigest() for name, content in _json_files(beside).items()}
    hashes |= _hashes_of_values(beside) | {TABLES: _hash_of_tables(tables)}
    return replace(method, beside=tuple(sorted(hashes.items())))


def write_beside(folder: Path, beside: Beside) -> None:
    """Write every file that there is something for."""
    for name, content in _json_files(beside).items():
        (folder / name).write_bytes(content)
    if beside.sensitivity is None and beside.previous is None:
        return
    from monitor.store.frozen_records import write_records  # noqa: PLC0415 (it loads duckdb)

    if beside.sensitivity is not None:
        write_records(folder / SENSITIVITY, beside.sensitivity, SensitivityReading)
    if beside.previous is not None:
        write_records(folder / PREVIOUS, beside.previous.shares, PreviousShare)
        write_records(folder / PREVIOUS_CLUSTERS, beside.previous.clusters, PreviousCluster)


def read_beside(folder: Path, method: Method, tables: Sequence[ReferenceTableInfo], *, in_full: bool) -> Beside:
    """Read it back. Raises FreezeError where a file is not the one that `method.json`, and so the digest, covers.

    The values of Parquet files are only hashed `in_full`: that takes seconds where there are many clusters.
    """
    said = dict(method.beside)
    there = {name for name in OPTIONAL if (folder / name).exists()}
    json_names = [name for name in (PROVIDERS, TREND, PREVIOUS_FACTS) if name not in OPTIONAL or name in there]
    contents = {name: (folder / name).read_bytes() for name in json_names}
    found = {name: sha256(content).hexdigest() for name, content in contents.items()}
    found[TABLES] = _hash_of_tables(tables)
    _check(said, found, said.keys() - found.keys() - there)
    beside = Beside(
        providers=tuple(_provider(one) for one in json.loads(contents[PROVIDERS])),
        trend=tuple(_trend_point(point) for point in json.loads(contents[TREND])),
        sensitivity=_sensitivity(folder) if SENSITIVITY in there else None,
        previous=_previous(folder, contents[PREVIOUS_FACTS]) if PREVIOUS_FACTS in there else None,
    )
    if in_full:
        _check(said, _hashes_of_values(beside), said.keys() - found.keys())
    return beside


def _check(said: dict[str, str], found: dict[str, str], others: Iterable[str]) -> None:
    """Raises FreezeError, naming the first file whose hash is another, or that is one of the `others` and not there."""
    for name in sorted({*found, *others}):
        if said.get(name) != found.get(name):
            raise FreezeError(f"{name} of the freeze differs from {METHOD}", RESTORE)


def _json_files(beside: Beside) -> dict[str, bytes]:
    files = {
        PROVIDERS: canonical_json([_shown(provider) for provider in beside.providers]),
        TREND: canonical_json([asdict(point) for point in beside.trend]),
    }
    if beside.previous is not None:
        facts = {"now": beside.previous.now, "before": beside.previous.before}
        files[PREVIOUS_FACTS] = canonical_json({name: [*map(asdict, each)] for name, each in facts.items()})
    return files


def _hashes_of_values(beside: Beside) -> dict[str, str]:
    """Of what is kept as Parquet."""
    if beside.sensitivity is None and beside.previous is None:
        return {}
    from monitor.store.frozen_records import records_hash  # noqa: PLC0415 (it loads duckdb)

    hashes: dict[str, str] = {}
    if beside.sensitivity is not None:
        hashes[SENSITIVITY] = records_hash(beside.sensitivity, SensitivityReading)
    if beside.previous is not None:
        hashes[PREVIOUS] = records_hash(beside.previous.shares, PreviousShare)
        hashes[PREVIOUS_CLUSTERS] = records_hash(beside.previous.clusters, PreviousCluster)
    return hashes


def _hash_of_tables(tables: Sequence[ReferenceTableInfo]) -> str:
    return sha256(canonical_json([*map(asdict, tables)])).hexdigest()


def _sensitivity(folder: Path) -> tuple[SensitivityReading, ...]:
    from monitor.store.frozen_records import read_records  # noqa: PLC0415 (it loads duckdb)

    return read_records(folder / SENSITIVITY, SensitivityReading)


def _previous(folder: Path, facts: bytes) -> Previous:
    from monitor.store.frozen_records import read_records  # noqa: PLC0415 (it loads duckdb)

    record = json.loads(facts)
    return Previous(
        now=tuple(_facts(one) for one in record["now"]),
        before=tuple(_facts(one) for one in record["before"]),
        shares=read_records(folder / PREVIOUS, PreviousShare),
        clusters=read_records(folder / PREVIOUS_CLUSTERS, PreviousCluster),
    )


_SHOWN = ("provider_id", "name", "aliases", "asns", "country", "natural_person", "organisations", "group")
"""Of a Provider: no contact, no postal address, and nothing that a person claimed without the change beside it."""


def _shown(provider: Provider) -> dict[str, object]:
    return {name: getattr(provider, name) for name in _SHOWN}


def _provider(record: dict[str, Any]) -> Provider:
    """Lists are tuples again."""
    lists = {name: tuple(value) for name, value in record.items() if isinstance(value, list)}
    return Provider(**{**record, **lists})  # a wrong name is a TypeError, which the caller answers


def _trend_point(record: dict[str, Any]) -> TrendPoint:
    """What an earlier version did not write is not known."""
    return TrendPoint(**{**_floats(record, TrendPoint), "breaks": tuple(record.get("breaks", ()))})


def _facts(record: dict[str, Any]) -> PeriodFacts:
    sources = tuple((str(name), int(n)) for name, n in record["sources"])
    return PeriodFacts(**{**_floats(record, PeriodFacts), "sources": sources})


def _floats(record: dict[str, Any], kind: type[TrendPoint | PeriodFacts]) -> dict[str, Any]:
    """Numbers that are whole are written without a point: floats again."""
    names = {field.name for field in fields(kind) if "float" in str(field.type)}
    return {name: float(value) if name in names and value is not None else value for name, value in record.items()}
