"""The straight line: intake -> resolution -> attribution -> survival -> ranking -> publication, joined to the store.

Here: files and tables into the store, addresses to Providers. The line goes on, one module a stretch, from `asking`
(resolution, registrations) over `freezing` (the cut, survival, ranking) and `frozen_figures` to `publishing`; these
know both the store and the stages, a stage gives values of `monitor.model` and never sees another. What would surprise:
from the cut on, the frozen dataset alone is read, so `rank` and `publish` give the same result for ever.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from monitor import attribution, intake, store
from monitor.clock import now
from monitor.config import Settings
from monitor.errors import MonitorError, RegistryError
from monitor.model.counts import AttributeCounts, ImportCounts, ImportedTable, ImportOptions
from monitor.model.provider import Provider, Registry, RegistryChange
from monitor.model.release import ReferenceTableInfo
from monitor.model.report import RecordedCheck, Report
from monitor.model.words import InputKind, TableKind
from monitor.store import Store

if TYPE_CHECKING:
    from monitor.attribution.matching import Proposal
    from monitor.attribution.updating import UpdateOutcome

Progress = Callable[[int, int], None]


def silent(_done: int, _total: int) -> None:
    """Nobody is watching."""


def quiet(_warning: str) -> None:
    """Nobody is listening."""


# --- intake ---------------------------------------------------------------------------------------------------


def import_file(
    db: Store, path: Path, options: ImportOptions, position: int, progress: Progress = silent
) -> tuple[ImportCounts, MonitorError | None]:
    """One input file into the store, a transaction a batch.

    What stops it half-way (a damaged file, a full disk) comes back beside the counts of what was kept before it.
    """
    sha256 = intake.sha256(path, position)
    kind = options.kind or intake.detect(path, ignore_unknown=options.ignore_unknown, position=position)[1]
    input_id = store.begin_input(db, sha256, kind, path.stat().st_size)
    counts, failure = ImportCounts(), None
    with intake.RejectsFile(db.data_dir / "rejects", sha256) as rejects, store.collection_paused():
        try:
            for batch in _batches(path, kind, options, position):
                result = _store_batch(db, input_id, kind, batch.values)
                rejected = (*batch.rejects, *result.rejects)
                rejects.add(rejected)
                done = ImportCounts(batch.n_read, result.accepted, result.waiting, result.duplicate, len(rejected))
                counts = counts.plus(done)
                progress(batch.bytes_done, batch.bytes_total)
        except MonitorError as error:
            failure = error
        rejects.close(complete=failure is None)
        written = rejects.path
    if failure is None:
        store.finish_input(db, input_id, store.InputCounts(counts.read, counts.rejected))
    return replace(counts, rejects_files=(written,) if written else ()), failure


def _batches(
    path: Path, kind: InputKind, options: ImportOptions, position: int
) -> Iterator[intake.Batch[Report]] | Iterator[intake.Batch[RecordedCheck]]:
    read = intake.read_reports if kind is InputKind.REPORTS else intake.read_checks
    return read(
        path,
        source=options.source,
        timezone=options.timezone,
        ignore_unknown=options.ignore_unknown,
        position=position,
    )


def _store_batch(
    db: Store, input_id: int, kind: InputKind, values: Sequence[Report] | Sequence[RecordedCheck]
) -> store.BatchResult:
    if kind is InputKind.REPORTS:
        return store.add_reports(db, input_id, values)  # type: ignore[arg-type]  # the kind says which
    return store.add_checks(db, input_id, values)  # type: ignore[arg-type]  # the kind says which


# --- reference tables and attribution -------------------------------------------------------------------------


def import_reference_table(
    db: Store, settings: Settings, kind: TableKind, paths: Sequence[Path], as_of: date, made_on: date
) -> ImportedTable:
    """Read, check and keep one dated table, which can lie in several files (AS names: in one)."""
    return keep_reference_table(db, kind, read_reference_table(settings, kind, paths), as_of, made_on)


def read_reference_table(settings: Settings, kind: TableKind, paths: Sequence[Path]) -> attribution.TableFile:
    """The first half of it, which needs no store. Raises ReferenceDataError."""
    return attribution.read_table(kind, *paths, fewest_peers=settings.refdata.fewest_peers)


def keep_reference_table(
    db: Store, kind: TableKind, table: attribution.TableFile, as_of: date, made_on: date
) -> ImportedTable:
    """The second half."""
    fresh = store.add_reference_table(
        db,
        kind,
        as_of=as_of,
        made_on=made_on,
        sha256=table.sha256,
        rows=table.rows,
        content=table.content,
        names=table.names,
    )
    info = ReferenceTableInfo(kind.value, as_of.isoformat(), made_on.isoformat(), table.rows, table.sha256)
    with intake.RejectsFile(db.data_dir / "rejects", table.sha256) as rejects:
        rejects.add(table.counts.rejects)
        written = rejects.path
    return ImportedTable(info, not fresh, table.counts.rejects, written)


def has_tables_to_fetch(settings: Settings) -> bool:
    """Whether the configuration names a public table."""
    from monitor.attribution.updating import configured  # noqa: PLC0415 (it loads an HTTP client)

    return bool(configured(settings.refdata))


def update_reference_tables(db: Store, settings: Settings) -> "tuple[UpdateOutcome, ...]":
    """Fetch the public tables, verify them against those that are kept, and keep each kind that stands the test."""
    from monitor.attribution.updating import update_tables  # noqa: PLC0415 (it loads an HTTP client)

    for left_behind in db.data_dir.glob("refdata-update-*"):
        shutil.rmtree(left_behind, ignore_errors=True)
    outcomes = []
    kept = partial(store.load_contents, db)
    for outcome in update_tables(settings.refdata, kept, db.data_dir, today=now().date()):
        if outcome.info is not None and outcome.table is not None:
            store.add_reference_table(
                db,
                outcome.kind,
                as_of=date.fromisoformat(outcome.info.as_of),
                made_on=date.fromisoformat(outcome.info.made_on),
                sha256=outcome.table.sha256,
                rows=outcome.table.rows,
                content=outcome.table.content,
                names=outcome.table.names,
            )
        outcomes.append(outcome)
    return tuple(outcomes)


def attribute(db: Store, *, again: bool = False, progress: Progress = silent) -> AttributeCounts:
    """Join every address with every dated table; nothing leaves the machine. Does what is missing."""
    fingerprint = store.tables_fingerprint(db)
    tables, table_ids, done = None, np.array([], np.int64), 0
    for batch in store.addresses_to_attribute(db, again=again):
        if tables is None:
            tables, table_ids = dated_tables(db)
        result = attribution.attribute(batch.address_ids, batch.addresses, tables)
        table_id = table_ids[result.table]
        store.replace_attributions(db, batch.address_ids, result.columns, result.prefix_length, table_id)
        done += len(batch.address_ids)
        progress(done, 0)
    store.ensure_providers(db, store.attributed_asns(db))
    store.mark_attributed(db, fingerprint)
    return AttributeCounts(*store.count_attributions(db))


def dated_tables(db: Store) -> tuple[attribution.DatedTables, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The tables, and the store's id of each routing table (-1 last, for "before the first one")."""
    routing = store.load_contents(db, TableKind.PREFIXES)
    fronting = store.load_contents(db, TableKind.FRONTING)
    tables = attribution.DatedTables(
        tuple((t.as_of, attribution.PrefixTable.from_bytes(t.content)) for t in routing),
        tuple((t.as_of, attribution.FrontingTable.from_bytes(t.content)) for t in fronting),
    )
    return tables, np.array([*(t.table_id for t in routing), -1], np.int64)


def reference_tables(db: Store) -> tuple[ReferenceTableInfo, ...]:
    return store.list_reference_tables(db)


def prefix_summaries(db: Store) -> dict[tuple[str, str], attribution.PrefixSummary]:
    """What each routing table holds, by its day and SHA-256."""
    return {
        (table.as_of.isoformat(), table.sha256): attribution.describe_prefixes(table.content)
        for table in store.load_contents(db, TableKind.PREFIXES)
    }


# --- the registry ---------------------------------------------------------------------------------------------


def registry(db: Store, as_of: date) -> Registry:
    return store.load_registry(db, as_of)


def provider(db: Store, name: str, as_of: date) -> tuple[Provider, tuple[RegistryChange, ...]]:
    """One Provider by id, name, alias or AS number, with every change that touched it."""
    known = store.load_registry(db, as_of)
    found = known.find(name)
    if found is None:
        raise RegistryError(
            "No provider has that id, name or AS number, or several have", "See `monitor providers list`"
        )
    return known.providers[found], store.changes(db, found)


def proposals(known: Registry, least_score: float, most: int | None) -> "tuple[Proposal, ...]":
    """Providers that may be one organisation, for a person to accept."""
    from monitor.attribution.matching import propose  # noqa: PLC0415 (it loads rapidfuzz)

    return propose(known, least_score=least_score, most=most)
